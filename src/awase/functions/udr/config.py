"""The configuration of a UDR, and the checks of its subscribers."""

from ipaddress import IPv4Address, IPv6Network
from typing import Annotated, Literal

import msgspec

from awase.model.settings import Ambr, Dnn, Peer, Slice, SubscribedDnn, Subscriber
from awase.security import authentication

# Hexadecimal digits of each attribute (TS 29.505 clause 5.4.2.2).
_DIGITS = {"amf": 4, "sqn": 12}


class Action(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the operator does, `at_s` after the start: `{at_s: 5, do: withdraw, supi: imsi-...}`.

    `change_subscription` sets what it names of `ambr`, `session_ambr`, `slices`, `dnns` and `sessions` (what the
    subscriber has in single DNNs: its default 5QI, for one).
    """

    at_s: Annotated[float, msgspec.Meta(ge=0)]
    do: Literal["withdraw", "change_subscription"]
    supi: str
    ambr: Ambr | None = None
    session_ambr: Ambr | None = None
    slices: tuple[Slice, ...] | None = None
    dnns: tuple[str, ...] | None = None
    sessions: tuple[SubscribedDnn, ...] | None = None


class Config(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`slices` and `dnns` are those of subscribers who name none."""

    subscribers: list[Subscriber] = []
    slices: list[Slice] = []
    dnns: list[Dnn] = []
    actions: tuple[Action, ...] = ()
    addresses: dict[str, str] = {}
    sbi_scheme: Literal["http", "https"] = "http"
    """Of the URIs that peers are given: https where the SBI speaks TLS, which the lab sees to."""
    peers: dict[str, list[Peer]] = {}

    def __post_init__(self) -> None:
        """Raises ValueError for a subscriber who could never be authenticated. Shows no key."""
        seen: set[str] = set()
        for index, subscriber in enumerate(self.subscribers):
            where = f"subscribers[{index}]"
            digits = subscriber.supi.removeprefix("imsi-")
            if digits == subscriber.supi or not digits.isdecimal() or not 6 <= len(digits) <= 15:
                raise ValueError(f'{where}.supi: {subscriber.supi!r} is no SUPI; write "imsi-001010000000001"')
            if subscriber.supi in seen:
                raise ValueError(f"{where}.supi: {subscriber.supi} is there twice")
            seen.add(subscriber.supi)
            _check_keys(subscriber, where)
            _check_sessions(subscriber.sessions, where)
        for index, action in enumerate(self.actions):
            _check_sessions(action.sessions or (), f"actions[{index}]")


def _check_sessions(sessions: tuple[SubscribedDnn, ...], where: str) -> None:
    for i, session in enumerate(sessions):
        try:
            if session.address is not None:
                IPv4Address(session.address)
            if session.prefix is not None and IPv6Network(session.prefix).prefixlen != 64:
                raise ValueError(f"{session.prefix} is no /64")
        except ValueError as error:
            raise ValueError(f"{where}.sessions[{i}]: {error}") from None


def _check_keys(subscriber: Subscriber, where: str) -> None:
    constants = {name: getattr(subscriber, name) for name in ("opc", "op", "topc", "top")}
    try:
        authentication.check(subscriber.algorithm, subscriber.k, constants)
    except ValueError as error:
        raise ValueError(f"{where}.{error}") from None
    for name, length in _DIGITS.items():
        text: str = getattr(subscriber, name)
        try:
            octets = bytes.fromhex(text)
        except ValueError:
            octets = b""
        if len(octets) * 2 != length or len(text) != length:
            raise ValueError(f"{where}.{name}: {length} hexadecimal digits are wanted, there are {len(text)}")
