"""A whole document of subscribers: found out what it is, read record by record, written."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, get_args

import msgspec

from awase.model.settings import Slice, Subscriber
from awase.suppliers.subscriber_documents import free5gc, json_documents, network_file, open5gs, table
from awase.suppliers.subscriber_documents.records import (
    Collector,
    Contents,
    DocumentError,
    Finding,
    Noted,
    RecordError,
)

Format = Literal["yaml", "csv", "open5gs", "free5gc"]
FORMATS: tuple[Format, ...] = get_args(Format)

_SUPI_KEYS = ("supi", "ueId", "imsi")

_READ: Mapping[Format, Callable[[Mapping[str, Any]], Noted]] = {
    "yaml": network_file.read,
    "csv": table.read,
    "open5gs": open5gs.read,
    "free5gc": free5gc.read,
}


def format_of(text: str) -> Format:
    """What a document looks like: JSON by its first record, a table by its first line, else YAML."""
    begin = text.lstrip()
    if begin[:1] in ("[", "{"):
        for _, record in json_documents.split(text):
            if isinstance(record, Mapping):
                if open5gs.recognises(record):
                    return "open5gs"
                if free5gc.recognises(record):
                    return "free5gc"
        raise DocumentError("JSON, but neither Open5GS's (imsi, security) nor free5GC's (ueId, ...): say --format")
    head = begin.split("\n", 1)[0].lower()
    if any(sign in head for sign in ",;\t") and ":" not in head:
        return "csv"
    return "yaml"


def read(text: str, form: Format, names: Mapping[str, str] | None = None) -> Contents:
    """The subscribers of a document that is no YAML; `names` of a table's columns. Raises DocumentError."""
    return collect(table.split(text, names) if form == "csv" else json_documents.split(text), form)


def collect(records: Iterable[tuple[int, Mapping[str, Any] | RecordError]], form: Format) -> Contents:
    """The subscribers of records, and what was found."""
    collector = Collector()
    reading = _READ[form]
    for number, record in records:
        if isinstance(record, RecordError):
            collector.refuse(number, "", record)
            continue
        try:
            collector.add(number, reading(record))
        except RecordError as error:
            collector.refuse(number, _supi(record), error)
    return collector.contents


def numbered(entries: Sequence[Any]) -> Iterator[tuple[int, Mapping[str, Any] | RecordError]]:
    """Entries of YAML with their numbers."""
    for number, entry in enumerate(entries, 1):
        what = RecordError("", "is no record", "each one is a mapping: {supi: ..., k: ...}")
        yield number, entry if isinstance(entry, Mapping) else what


def _supi(record: Mapping[str, Any]) -> str:
    """Whose record it is, as far as that can be said."""
    for key in _SUPI_KEYS:
        value = record.get(key)
        if isinstance(value, str) and value.isprintable():
            return value[:40]
    return ""


def completed(subscriber: Subscriber, slices: tuple[Slice, ...], dnns: tuple[str, ...]) -> Subscriber:
    """A subscriber with the network's slices and data networks where its record has none of its own."""
    return msgspec.structs.replace(subscriber, slices=subscriber.slices or slices, dnns=subscriber.dnns or dnns)


def write(subscribers: Sequence[Subscriber], form: Format, plmn: str) -> tuple[str, list[Finding]]:
    """A document, and who could not be written into it."""
    if form == "yaml":
        return network_file.write(subscribers), []
    findings: list[Finding] = []
    if form == "csv":
        for number, subscriber in enumerate(subscribers, 1):
            if subscriber.sessions:
                what = "what single DNNs have of their own does not fit a table, and is left out"
                findings.append(Finding(number, subscriber.supi, "sessions", what, level="note"))
        return table.write(subscribers), findings
    documents: list[dict[str, Any]] = []
    for number, subscriber in enumerate(subscribers, 1):
        try:
            written = open5gs.write(subscriber) if form == "open5gs" else free5gc.write(subscriber, plmn)
            documents.append(written)
        except RecordError as error:
            findings.append(Finding(number, subscriber.supi, error.field, error.what, error.hint))
    return json.dumps(documents, indent=1) + "\n", findings
