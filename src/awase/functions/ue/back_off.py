"""When a session may be asked for again: T3396, T3584, T3585 and the like (TS 24.501 clauses 6.2.7, 6.2.8, 6.4.1.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awase.functions.ue.config import Session
from awase.model.part import NS_PER_S
from awase.protocols.nas.elements import GprsTimer3

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue

FOR_EVER = 1 << 63
"""Until the UE is switched off or the network says otherwise."""

_DEFAULT_S = 720
"""Where the network gives no back-off value with these causes (TS 24.501 clause 6.4.1.4.3)."""

_TWELVE_MINUTES = frozenset({8, 27, 29, 32, 33, 70})
_NEVER_AGAIN = frozenset({28, 46, 50, 51, 54, 57, 58, 61, 66, 68})
"""The same request has no use: the user, another type, another mode or another place must come first."""
_LADN = 46
"""Out of LADN service area: until the UE is in it (TS 24.501 clause 6.4.1.4.3)."""
_NAMES = {26: "T3396", 67: "T3584", 69: "T3585", _LADN: "LADN"}
_OF_5GMM = {22: 26, 67: 67, 69: 69, 91: 70}
"""Which 5GSM cause a message that the AMF did not forward amounts to (TS 24.501 clause 5.4.5.3.3)."""

Key = tuple[str, str, str]
"""The timer, the DNN and the slice that it is for; "" where it is for the UE's default."""


class BackOff:
    """The back-off timers of a UE, by their ends."""

    __slots__ = ("_until_ns",)

    def __init__(self) -> None:
        self._until_ns: dict[Key, int] = {}

    def __bool__(self) -> bool:
        return bool(self._until_ns)

    def until_ns(self, asked: Session, now_ns: int) -> int:
        """Until when a request for this session is held back; 0 where it is not."""
        keys = (_key(26, asked), _key(67, asked), _key(69, asked), _key(_LADN, asked), _key(0, asked))
        until_ns = max((self._until_ns.get(key, 0) for key in keys), default=0)
        return until_ns if until_ns > now_ns else 0

    def start(self, cause: int, asked: Session, value: GprsTimer3 | None, now_ns: int) -> int:
        """A request was refused: hold back the like of it; until when (0: at once).

        Zero stops the timer and allows another try at once; "deactivated" holds for ever (clause 6.4.1.4.2).
        """
        key = _key(cause, asked)
        if cause in _NEVER_AGAIN:
            until_ns = FOR_EVER
        elif value is None:
            until_ns = now_ns + _DEFAULT_S * NS_PER_S if cause in _TWELVE_MINUTES else 0
        elif value.seconds is None:
            until_ns = FOR_EVER
        else:
            until_ns = now_ns + value.seconds * NS_PER_S if value.seconds else 0
        if until_ns:
            self._until_ns[key] = until_ns
        else:
            self._until_ns.pop(key, None)
        return until_ns

    def stop(self, asked: Session) -> None:
        """The network asks for something itself: nothing is held back for this DNN (clause 6.2.7)."""
        for number in (26, 67, 69):
            self._until_ns.pop(_key(number, asked), None)

    def moved(self) -> None:
        """The UE is registered elsewhere: what was out of its service area may be in it."""
        self._until_ns = {key: ns for key, ns in self._until_ns.items() if key[0] != "LADN"}


def _key(cause: int, asked: Session) -> Key:
    s_nssai = "" if asked.slice is None else f"{asked.slice.sst}-{asked.slice.sd or ''}".lower()
    name = _NAMES.get(cause)
    if name == "T3396":
        return (name, asked.dnn or "", "")
    if name == "T3585":
        return (name, "", s_nssai)
    return (name or "other", asked.dnn or "", s_nssai)


def held_back(ue: Ue, asked: Session) -> int:
    """Until when a request for this session waits; 0 where it need not."""
    found = ue.sm.back_off
    return 0 if found is None else found.until_ns(asked, ue.now_ns)


def refused(ue: Ue, asked: Session, cause: int, value: GprsTimer3 | None, *, by_amf: bool = False) -> int:
    """Start the timer of a refusal; until when nothing like it is asked for."""
    number = _OF_5GMM.get(cause, 0) if by_amf else cause
    if ue.sm.back_off is None:
        ue.sm.back_off = BackOff()
    until_ns = ue.sm.back_off.start(number, asked, value, ue.now_ns)
    if until_ns:
        name = "its back-off timer" if number == _LADN else _NAMES.get(number, "its back-off timer")
        how_long = "until the UE is switched off" if until_ns == FOR_EVER else f"{(until_ns - ue.now_ns) // NS_PER_S} s"
        ue.report(
            "SessionBackOff",
            f"{ue.context.supi} asks for no session to {asked.dnn or 'the default DNN'} like this one: {name},"
            f" {how_long}",
            subject=ue.context.supi,
            cause=cause,
        )
    return until_ns
