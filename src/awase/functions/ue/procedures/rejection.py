"""What a 5GMM cause does to the UE, in whichever message it comes (TS 24.501 clauses 5.5.1.2.5, 5.5.1.3.5, 5.6.1.5).

A cause that nobody vouched for, in a message without integrity protection, is doubted a few times: clause 5.3.20.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from awase.functions.ue.states import RmState
from awase.functions.ue.timers import MAX_UNPROTECTED_REJECTS, T3247_S, T3346_DEFAULT_S, T3502_S
from awase.model.part import NS_PER_S
from awase.protocols.nas.elements import GprsTimer2

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue


class Outcome(Enum):
    """What follows from a cause."""

    NO_SUPI = "the USIM is invalid until switched off"
    BEGIN_ANEW = "5G-GUTI and keys are deleted, and the UE registers anew"
    IMPLICITLY_DEREGISTERED = "the UE registers anew"
    PLMN_FORBIDDEN = "the UE looks for another PLMN"
    TAI_FORBIDDEN = "the UE looks for another tracking area, and is deregistered"
    TAI_FORBIDDEN_FOR_ROAMING = "the UE looks for another tracking area"
    CONGESTION = "the UE comes back after T3346"
    RESTRICTED_AREA = "the UE may not ask for services here"
    NO_SLICES = "there is no slice for the UE"
    PROTOCOL_ERROR = "the message was not understood"
    DOUBTED = "it is not believed, but the UE tries elsewhere, or after T3247"
    OTHER = "the attempt failed"


OUTCOMES: dict[int, Outcome] = {
    3: Outcome.NO_SUPI,
    5: Outcome.NO_SUPI,
    6: Outcome.NO_SUPI,
    7: Outcome.NO_SUPI,
    9: Outcome.BEGIN_ANEW,
    10: Outcome.IMPLICITLY_DEREGISTERED,
    11: Outcome.PLMN_FORBIDDEN,
    12: Outcome.TAI_FORBIDDEN,
    13: Outcome.TAI_FORBIDDEN_FOR_ROAMING,
    15: Outcome.TAI_FORBIDDEN_FOR_ROAMING,
    22: Outcome.CONGESTION,
    # N1 mode is all that this UE has: the PLMN is of no use to it.
    27: Outcome.PLMN_FORBIDDEN,
    28: Outcome.RESTRICTED_AREA,
    62: Outcome.NO_SLICES,
    73: Outcome.PLMN_FORBIDDEN,
    74: Outcome.PLMN_FORBIDDEN,
    75: Outcome.PLMN_FORBIDDEN,
    76: Outcome.TAI_FORBIDDEN_FOR_ROAMING,
    78: Outcome.PLMN_FORBIDDEN,
    **dict.fromkeys((95, 96, 97, 99, 111), Outcome.PROTOCOL_ERROR),
}
"""By 5GMM cause (TS 24.501 clauses 5.5.1.2.5, 5.5.1.3.5, 5.5.2.3.2, 5.6.1.5); those left out are OTHER."""

_DOUBTABLE = frozenset({3, 6, 7, 11, 12, 13, 15, 27, 73})
"""TS 24.501 clause 5.3.20.2."""
_AT_ONCE = frozenset({12, 13, 15})
"""Of these only the tracking area is left, until T3247 expires."""


def take(ue: Ue, cause: int, *, protected: bool) -> Outcome:
    """Do what a cause demands of the UE's lists, identities and states; the caller goes on by the outcome."""
    outcome = OUTCOMES.get(cause, Outcome.OTHER)
    if not protected and cause in _DOUBTABLE and not ue.config.emergency:
        return _doubted(ue, cause, outcome)
    _ACTIONS.get(outcome, _nothing)(ue)
    return outcome


def _doubted(ue: Ue, cause: int, outcome: Outcome) -> Outcome:
    """TS 24.501 clause 5.3.20.2."""
    context, tai = ue.context, ue.uu.tai
    _start_t3247(ue)
    if cause in _AT_ONCE:
        _ACTIONS[outcome](ue)
        return outcome
    context.unprotected_rejects += 1
    if context.unprotected_rejects >= MAX_UNPROTECTED_REJECTS:
        _ACTIONS[outcome](ue)
        return outcome
    deregister_locally(ue, forget=True)
    context.state = RmState.DEREGISTERED_PLMN_SEARCH
    if tai is not None:
        context.forbidden_tais = (*context.forbidden_tais, tai)
    return Outcome.DOUBTED


def _start_t3247(ue: Ue) -> None:
    n1 = ue.n1
    if n1.t3247 is None or not n1.t3247.running:
        seconds = between(ue, *T3247_S, label="t3247")
        n1.t3247 = ue.start_timer(seconds * NS_PER_S, lambda: _t3247_expired(ue))


def _t3247_expired(ue: Ue) -> None:
    """What was only doubted is forgotten, and the UE tries again."""
    context = ue.context
    context.forbidden_tais = ()
    context.unprotected_rejects = 0
    ue.uu.look_again()
    if context.state is RmState.DEREGISTERED_PLMN_SEARCH:
        ue.n1.register()


def between(ue: Ue, low: int, high: int, *, label: str) -> int:
    """A number that is drawn from a range."""
    return low + int.from_bytes(ue.services.random_bytes(4, label), "big") % (high - low)


def t3346_s(ue: Ue, value: GprsTimer2 | None, *, protected: bool) -> int | None:
    """How long T3346 runs; a value that is not protected is not believed (TS 24.501 clause 5.5.1.2.5).

    None where there is no value, or one that is zero or deactivated: then the UE is not held off.
    """
    if value is None or not value.seconds:
        return None
    return value.seconds if protected else between(ue, *T3346_DEFAULT_S, label="t3346")


def t3502_s(value: GprsTimer2 | None) -> int:
    """T3502 from now on; its default where the network gives none or deactivates it (TS 24.501 clause 5.3.8)."""
    return T3502_S if value is None else value.seconds or T3502_S


def deregister_locally(ue: Ue, *, forget: bool) -> None:
    """Be registered no more; `forget`: 5G-GUTI, TAI list and keys go, too (TS 24.501 clause 5.5.1.2.5)."""
    context = ue.context
    ue.traffic.stop()
    ue.sm.forget_all()
    ue.user_plane.forget()
    context.registered = False
    context.state = RmState.DEREGISTERED
    if forget:
        context.forget_registration()


def _no_supi(ue: Ue) -> None:
    deregister_locally(ue, forget=True)
    ue.context.state = RmState.DEREGISTERED_NO_SUPI


def _begin_anew(ue: Ue) -> None:
    deregister_locally(ue, forget=True)


def _implicitly_deregistered(ue: Ue) -> None:
    deregister_locally(ue, forget=False)


def _forbid_plmn(ue: Ue) -> None:
    deregister_locally(ue, forget=True)
    context = ue.context
    if ue.uu.plmn not in context.forbidden_plmns:
        context.forbidden_plmns = (*context.forbidden_plmns, ue.uu.plmn)
    context.state = RmState.DEREGISTERED_PLMN_SEARCH


def _forbid_tai(ue: Ue) -> None:
    deregister_locally(ue, forget=True)
    _note_tai(ue)
    ue.context.state = RmState.DEREGISTERED_PLMN_SEARCH


def _forbid_tai_for_roaming(ue: Ue) -> None:
    """A UE that is registered remains so, and updates its registration where it may."""
    context = ue.context
    _note_tai(ue)
    context.tais = ()
    if context.registered:
        context.state = RmState.REGISTERED_LIMITED
    else:
        context.forget_registration()
        context.state = RmState.DEREGISTERED_PLMN_SEARCH


def _note_tai(ue: Ue) -> None:
    context, tai = ue.context, ue.uu.tai
    if tai is not None and tai not in context.forbidden_tais:
        # TS 23.122 clause 3.1: a list of at least 40; the oldest makes room.
        context.forbidden_tais = (*context.forbidden_tais, tai)[-40:]


def _nothing(_ue: Ue) -> None:
    """The caller counts the attempt."""


_ACTIONS = {
    Outcome.NO_SUPI: _no_supi,
    Outcome.BEGIN_ANEW: _begin_anew,
    Outcome.IMPLICITLY_DEREGISTERED: _implicitly_deregistered,
    Outcome.PLMN_FORBIDDEN: _forbid_plmn,
    Outcome.TAI_FORBIDDEN: _forbid_tai,
    Outcome.TAI_FORBIDDEN_FOR_ROAMING: _forbid_tai_for_roaming,
}
