"""What a document of subscribers holds: records, and what is wrong with those that cannot be taken."""

import re
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv6Network
from typing import Any, Literal

import msgspec

from awase.model.settings import Ambr, Arp, Slice, SubscribedDnn, Subscriber
from awase.security import authentication

MAX_OCTETS = 64 * 1024 * 1024
MAX_RECORDS = 1_000_000

_SUPI = re.compile(r"imsi-[0-9]{6,15}\Z")
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]*\Z")
_DNN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,98}[A-Za-z0-9])?\Z")
FIVE_QI = 9
"""That of a session whose record says none."""
METHODS = ("5G_AKA", "EAP_AKA_PRIME")


class Finding(msgspec.Struct, frozen=True):
    """What is wrong with a record, and what to do; no finding shows a key. A "note" is about a record that is taken."""

    number: int
    """Of the record, from 1."""
    supi: str
    field: str
    what: str
    hint: str = ""
    level: Literal["error", "note"] = "error"

    def __str__(self) -> str:
        whose = f" ({self.supi})" if self.supi else ""
        where = f"record {self.number}{whose}"
        return ": ".join(text for text in (where, self.field, self.what) if text) + (
            f"\n  {self.hint}" if self.hint else ""
        )


class RecordError(ValueError):
    """A record cannot be taken: its field, what is wrong, what to do."""

    def __init__(self, field: str, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.field = field
        self.what = what
        self.hint = hint


class DocumentError(ValueError):
    """A document cannot be read at all."""


class Noted(msgspec.Struct):
    """A subscriber, and what of its record cannot be kept: field, what, what that means."""

    subscriber: Subscriber
    notes: list[tuple[str, str, str]] = []

    def __repr__(self) -> str:
        return f"Noted({self.subscriber.supi})"


class Contents(msgspec.Struct):
    """The records of a document that can be taken, and what was found."""

    subscribers: list[Subscriber] = []
    findings: list[Finding] = []

    def __repr__(self) -> str:
        return f"Contents({len(self.subscribers)} subscribers, {len(self.findings)} findings)"

    @property
    def errors(self) -> int:
        """How many findings keep a record out."""
        return sum(finding.level == "error" for finding in self.findings)


class Collector:
    """Takes records one by one, each SUPI once."""

    def __init__(self) -> None:
        self.contents = Contents()
        self._numbers: dict[str, int] = {}

    def add(self, number: int, noted: Noted) -> None:
        """A record that was read."""
        subscriber = noted.subscriber
        first = self._numbers.setdefault(subscriber.supi, number)
        if first != number:
            hint = "remove one of the two; the first is taken"
            self.refuse(number, subscriber.supi, RecordError("supi", f"has a record already, number {first}", hint))
            return
        self.contents.subscribers.append(subscriber)
        for field, what, hint in noted.notes:
            self.contents.findings.append(Finding(number, subscriber.supi, field, what, hint, "note"))

    def refuse(self, number: int, supi: str, error: RecordError) -> None:
        """A record that cannot be taken."""
        self.contents.findings.append(Finding(number, supi, error.field, error.what, error.hint))


def checked(subscriber: Subscriber) -> Subscriber:
    """A subscriber that a UDR can keep. Raises RecordError."""
    if not _SUPI.match(subscriber.supi):
        raise RecordError("supi", f"{subscriber.supi[:40]!r} is no SUPI", 'write "imsi-" and 6 to 15 digits, MCC first')
    constants = {name: getattr(subscriber, name) for name in ("opc", "op", "topc", "top")}
    try:
        authentication.check(subscriber.algorithm, subscriber.k, constants)
    except ValueError as error:
        field, _, what = str(error).partition(": ")
        raise RecordError(field, what, "") from None
    if sum(text is not None for text in constants.values()) != 1:
        given = " and ".join(name for name, text in constants.items() if text is not None)
        raise RecordError(given.split(" ")[0], f"{given} at once", "keep the one that the SIM card was made with")
    for name, digits in (("amf", 4), ("sqn", 12)):
        text = getattr(subscriber, name)
        if len(text) != digits or not _HEXADECIMAL.match(text):
            raise RecordError(name, f"{text[:40]!r} is not {digits} hexadecimal digits", "zeros in front count")
    if subscriber.authentication_method not in METHODS:
        what = f"{subscriber.authentication_method[:40]!r} is unknown"
        raise RecordError("authentication_method", what, f"known: {', '.join(METHODS)}")
    _check_slices(subscriber.slices)
    _check_dnns(subscriber.dnns)
    for field in ("ambr", "session_ambr"):
        _check_ambr(field, getattr(subscriber, field))
    for session in subscriber.sessions:
        _check_session(session)
    return subscriber


def _check_dnns(names: Iterable[str]) -> None:
    for name in names:
        if not _DNN.match(name):
            raise RecordError("dnns", f"{name[:100]!r} is no DNN", "letters, digits, - and . (TS 23.003 clause 9.1)")


def _check_session(session: SubscribedDnn) -> None:
    _check_dnns((session.dnn,))
    if session.session_ambr is not None:
        _check_ambr("sessions.session_ambr", session.session_ambr)
    try:
        if session.address is not None:
            IPv4Address(session.address)
        if session.prefix is not None and IPv6Network(session.prefix).prefixlen != 64:
            raise ValueError
    except ValueError:
        what = f"{(session.address or '')[:40]!r} and {(session.prefix or '')[:60]!r} are no static address and prefix"
        raise RecordError("sessions", what, "an IPv4 address, and an IPv6 prefix of 64 bits") from None


def common(session: SubscribedDnn, session_ambr: Ambr) -> SubscribedDnn | None:
    """What a session has of its own beside the common; None where that is nothing."""
    own = SubscribedDnn(
        dnn=session.dnn,
        session_ambr=None if session.session_ambr == session_ambr else session.session_ambr,
        five_qi=None if session.five_qi == FIVE_QI else session.five_qi,
        arp=None if session.arp == Arp() else session.arp,
        types=session.types,
        ssc_modes=session.ssc_modes,
        address=session.address,
        prefix=session.prefix,
    )
    return None if own == SubscribedDnn(dnn=session.dnn) else own


def own_sessions(sessions: Iterable[SubscribedDnn], session_ambr: Ambr) -> tuple[SubscribedDnn, ...]:
    """What of the sessions is not common to all, each DNN once."""
    first = {session.dnn: session for session in reversed(list(sessions))}
    return tuple(own for session in reversed(first.values()) if (own := common(session, session_ambr)) is not None)


def session_of(subscriber: Subscriber, dnn: str) -> SubscribedDnn:
    """All that a subscriber has in a DNN."""
    own = next((session for session in subscriber.sessions if session.dnn == dnn), SubscribedDnn(dnn=dnn))
    return msgspec.structs.replace(
        own,
        session_ambr=own.session_ambr or subscriber.session_ambr,
        five_qi=own.five_qi or FIVE_QI,
        arp=own.arp or Arp(),
    )


def _check_slices(slices: Iterable[Slice]) -> None:
    for item in slices:
        if not 0 <= item.sst <= 255:
            raise RecordError("slices", f"SST {item.sst} is not between 0 and 255")
        if item.sd is not None and (len(item.sd) != 6 or not _HEXADECIMAL.match(item.sd)):
            raise RecordError("slices", f"SD {item.sd[:40]!r} is not 6 hexadecimal digits", "zeros in front count")


def _check_ambr(field: str, ambr: Ambr) -> None:
    for name in ("downlink_mbps", "uplink_mbps"):
        if not 0 < getattr(ambr, name) <= 4e6:
            what = f"{getattr(ambr, name):g} is no rate"
            raise RecordError(f"{field}.{name}", what, "more than 0, at most 4,000,000 Mbit/s (TS 24.501 9.11.4.14)")


# What readers of JSON share.

_WRAPPED = ("$numberInt", "$numberLong", "$numberDouble")


def plain(value: Any) -> Any:
    """A value of MongoDB's extended JSON without its wrapping."""
    if isinstance(value, Mapping):
        if len(value) == 1 and (key := next(iter(value))) in _WRAPPED:
            try:
                return float(value[key]) if key == "$numberDouble" else int(value[key])
            except (TypeError, ValueError):
                return value
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value


def table(record: Mapping[str, Any], key: str, field: str) -> Mapping[str, Any]:
    """An object within a record; an empty one where there is none. Raises RecordError."""
    value = record.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise RecordError(field, f"is {_kind(value)}, not an object")
    return value


def items(record: Mapping[str, Any], key: str, field: str) -> list[Mapping[str, Any]]:
    """A list of objects within a record. Raises RecordError."""
    value = record.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        raise RecordError(field, f"is {_kind(value)}, not a list of objects")
    return value


def text(record: Mapping[str, Any], key: str, field: str, default: str | None = None) -> str:
    """Text within a record; an empty one counts as none. Raises RecordError, which shows no value."""
    value = record.get(key)
    if value is None or value == "":
        if default is None:
            raise RecordError(field, "is missing")
        return default
    if not isinstance(value, str):
        raise RecordError(field, f"is {_kind(value)}, not text", "put it into quotes, with the zeros in front")
    return value


def digits(record: Mapping[str, Any], key: str, field: str, default: str | None = None) -> str:
    """Hexadecimal digits; blanks between them, as some cores write and print keys, count for nothing."""
    return "".join(text(record, key, field, default).split())


def whole(value: Any, field: str, least: int, most: int) -> int:
    """A whole number. Raises RecordError."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise RecordError(field, f"is {_kind(value)} that is no whole number from {least} to {most}")
    return value


def sd_of(text: str | None) -> str | None:
    """An SD; "no SD value associated with the SST" is none (TS 23.003 clause 28.4.2)."""
    return None if not text or text.lower() == "ffffff" else text


def _kind(value: object) -> str:
    if value is None:
        return "null"
    names = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return names.get(type(value), "an object")
