"""Subscribers as CSV (RFC 4180): a header, then one record a line; what spreadsheets do to numbers is found."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from awase.model.settings import Ambr, Slice, Subscriber
from awase.suppliers.subscriber_documents.records import DocumentError, Noted, RecordError, checked

COLUMNS = (
    "supi", "k", "opc", "op", "algorithm", "topc", "top", "amf", "sqn", "authentication_method", "slices", "dnns",
    "ambr_downlink_mbps", "ambr_uplink_mbps", "session_ambr_downlink_mbps", "session_ambr_uplink_mbps",
)  # fmt: skip
"""The columns as written. Of those read, only the SUPI and K are needed, in any order."""

ALIASES = {"imsi": "supi", "ki": "k", "key": "k", "slice": "slices", "dnn": "dnns", "apn": "dnns", "nssai": "slices"}
_DIGITS = ("k", "opc", "op", "topc", "top", "amf", "sqn")
_DELIMITERS = ",;\t"


def split(text: str, names: Mapping[str, str] | None = None) -> Iterator[tuple[int, dict[str, Any] | RecordError]]:
    """Each record by its number, from 1; `names` says what columns of other names are. Raises DocumentError."""
    head = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = _header(next(reader, []), names or {})
    except csv.Error as error:
        raise DocumentError(f"the header cannot be read: {error}") from None
    number = 1
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            yield number, RecordError("", f"cannot be read: {error}")
            number += 1
            continue
        if row is None:
            return
        if row:
            yield number, _record(header, row)
            number += 1


def _header(given: Sequence[str], names: Mapping[str, str]) -> list[str]:
    meant = {name.strip().lower(): column for name, column in names.items()}
    missing = [name for name in meant if name not in {column.strip().lower() for column in given}]
    if missing:
        raise DocumentError(f"there is no column {missing[0][:40]!r}")
    header = [meant.get(name.strip().lower(), _column(name)) for name in given]
    for needed in ("supi", "k"):
        if needed not in header:
            what = f"no column {needed}: the first line names the columns, {', '.join(COLUMNS)}"
            raise DocumentError(f"{what}; for one of another name say --column NAME={needed}")
    unknown = [name for name in header if name and name not in COLUMNS]
    if unknown:
        what = f"unknown column {unknown[0][:40]!r}: known are {', '.join(COLUMNS)}"
        raise DocumentError(f"{what}; say --column NAME=COLUMN what it is, or --column NAME= to leave it out")
    if len({name for name in header if name}) < sum(map(bool, header)):
        raise DocumentError("a column is there twice")
    return header


def _record(header: Sequence[str], row: Sequence[str]) -> dict[str, Any] | RecordError:
    if len(row) != len(header):
        return RecordError("", f"has {len(row)} fields, the header {len(header)}", "quote what holds commas")
    return dict(zip(header, (field.strip() for field in row), strict=True))


def _column(name: str) -> str:
    plain = name.strip().lower().replace(" ", "_")
    return ALIASES.get(plain, plain)


def read(record: Mapping[str, Any]) -> Noted:
    """A subscriber from its fields. Raises RecordError."""
    given = {name: text for name, text in record.items() if text}
    for name in _DIGITS:
        given[name] = "".join(given.get(name, "").split())
        if not given[name]:
            del given[name]
    for name in (*_DIGITS, "supi"):
        if "E+" in given.get(name, "").upper():
            raise RecordError(name, "is a number that a spreadsheet has rounded", "format its column as text")
    supi = given.get("supi", "")
    defaults = Ambr()
    rates = {
        name: _rate(given, name, getattr(defaults, name.removeprefix("session_").removeprefix("ambr_")))
        for name in COLUMNS
        if name.endswith("_mbps")
    }
    subscriber = Subscriber(
        supi=f"imsi-{supi}" if supi.isdigit() else supi,
        slices=tuple(_slice(word) for word in given.get("slices", "").split()),
        dnns=tuple(given.get("dnns", "").split()),
        ambr=Ambr(rates["ambr_downlink_mbps"], rates["ambr_uplink_mbps"]),
        session_ambr=Ambr(rates["session_ambr_downlink_mbps"], rates["session_ambr_uplink_mbps"]),
        k=given.get("k", ""),
        **{name: given[name] for name in COLUMNS[2:10] if name in given},
    )
    return Noted(checked(subscriber))


def _slice(word: str) -> Slice:
    sst, dash, sd = word.partition("-")
    if not sst.isdecimal() or len(sst) > 3 or (dash and not sd):
        raise RecordError(
            "slices", f"{word[:40]!r} is no slice", "write SST or SST-SD, with blanks between: 1-000001 2"
        )
    return Slice(sst=int(sst), sd=sd or None)


def _rate(given: Mapping[str, str], name: str, default: float) -> float:
    try:
        return float(given.get(name, default))
    except ValueError:
        raise RecordError(
            name, f"{given[name][:40]!r} is no number", "write Mbit/s with a point, not a comma"
        ) from None


def write(subscribers: Iterable[Subscriber]) -> str:
    """The whole table."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for subscriber in subscribers:
        fields = {name: getattr(subscriber, name) for name in COLUMNS[:10]}
        fields["slices"] = " ".join(f"{s.sst}-{s.sd}" if s.sd is not None else str(s.sst) for s in subscriber.slices)
        fields["dnns"] = " ".join(subscriber.dnns)
        for which in ("ambr", "session_ambr"):
            ambr = getattr(subscriber, which)
            fields[f"{which}_downlink_mbps"] = repr(ambr.downlink_mbps)
            fields[f"{which}_uplink_mbps"] = repr(ambr.uplink_mbps)
        writer.writerow(["" if fields[name] is None else fields[name] for name in COLUMNS])
    return out.getvalue()
