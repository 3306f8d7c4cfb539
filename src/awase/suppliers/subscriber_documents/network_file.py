"""Subscribers as the network file has them: one record of `subscribers`, as plain data."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from awase.model.settings import Subscriber
from awase.suppliers.subscriber_documents.records import Noted, RecordError, checked


def read(record: Mapping[str, Any]) -> Noted:
    """A subscriber from its section. Raises RecordError."""
    try:
        subscriber = msgspec.convert(record, Subscriber)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$.")
        known = ", ".join(Subscriber.__struct_fields__)
        raise RecordError(where.rstrip("`"), what, f"known: {known}" if "unknown field" in what else "") from None
    return Noted(checked(subscriber))


def write(subscribers: Iterable[Subscriber]) -> str:
    """The `subscribers` of a network file, as text."""
    lines = ["subscribers:"]
    for subscriber in subscribers:
        section = msgspec.to_builtins(subscriber)
        defaults = msgspec.to_builtins(Subscriber(supi="", k=""))
        said = [key for key in section if section[key] != defaults[key] or key in ("supi", "k")]
        for place, key in enumerate(said):
            lines.append(f"  {'-' if not place else ' '} {key}: {_flow(section[key])}")
    return "\n".join(lines if len(lines) > 1 else ["subscribers: []"]) + "\n"


def _flow(value: Any) -> str:
    """A value in YAML's flow style; every text in quotes, so that none is taken for a number."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        said = {key: inner for key, inner in value.items() if inner is not None and inner not in ([], ())}
        return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in said.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str):
        return msgspec.json.encode(value).decode()
    if isinstance(value, float):
        return f"{value:.10f}".rstrip("0").rstrip(".")
    return str(value)
