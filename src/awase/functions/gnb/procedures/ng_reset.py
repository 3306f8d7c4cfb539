"""NG Reset, both ways (TS 38.413 clause 8.7.4)."""

from __future__ import annotations

from collections.abc import Sequence

from awase.functions.gnb.context import Amf, UeContext
from awase.functions.gnb.core import Gnb
from awase.functions.gnb.procedures import ue_context_release
from awase.model.machine import Procedure, ask
from awase.model.part import NS_PER_S
from awase.protocols.ngap.elements import Cause, ResetType, UEAssociatedLogicalNGConnectionItem
from awase.protocols.ngap.messages import NGReset, NGResetAcknowledge

RESET_ALL = "reset-all"
_TIMER_NS = 5 * NS_PER_S
_TRIES = 3


def ng_reset_received(gnb: Gnb, amf: Amf, message: NGReset) -> None:
    """The AMF resets: release the UEs concerned, acknowledge."""
    reset = message.reset_type
    if isinstance(reset, tuple):
        for item in reset:
            ue = _find(gnb, amf, item.amf_ue_ngap_id, item.ran_ue_ngap_id)
            if ue is not None:
                ue_context_release.leave(gnb, ue)
        # Clause 8.7.4.2.2: all that were in the request, in their order, known or not.
        gnb.send_n2(amf, NGResetAcknowledge(ue_associated_logical_ng_connection_list=reset))
    elif reset == RESET_ALL:
        forget_all(gnb, amf)
        gnb.send_n2(amf, NGResetAcknowledge())
    else:
        gnb.send_error(amf, Cause("protocol", "abstract-syntax-error-reject"))
        return
    gnb.report("NgReset", f"{amf.name} reset {'all' if reset == RESET_ALL else 'some'} UEs", subject=amf.name)


def ng_reset(gnb: Gnb, amf: Amf, ues: Sequence[UeContext] | None = None) -> Procedure[None]:
    """Reset the whole interface, or the part of these UEs: release them here, and have the AMF do the same."""
    reset_type: ResetType = RESET_ALL
    if ues is None:
        forget_all(gnb, amf)
    else:
        reset_type = tuple(
            UEAssociatedLogicalNGConnectionItem(amf_ue_ngap_id=ue.amf_ue_ngap_id, ran_ue_ngap_id=ue.ran_ue_ngap_id)
            for ue in ues
        )
        for ue in ues:
            ue_context_release.leave(gnb, ue)
    reset = NGReset(cause=Cause("misc", "om-intervention"), reset_type=reset_type)
    answer = yield from ask(lambda: gnb.send_n2(amf, reset), ("ng-reset", amf.index), _TIMER_NS, _TRIES)
    if answer is None:
        gnb.report("NgResetUnanswered", f"{amf.name} did not acknowledge NG Reset", level="error", subject=amf.name)


def forget_all(gnb: Gnb, amf: Amf) -> None:
    """Release every UE that this AMF serves."""
    for ue in [ue for ue in gnb.ues.values() if ue.amf is amf]:
        ue_context_release.leave(gnb, ue)


def _find(gnb: Gnb, amf: Amf, amf_ue_ngap_id: int | None, ran_ue_ngap_id: int | None) -> UeContext | None:
    if ran_ue_ngap_id is None:
        return None if amf_ue_ngap_id is None else amf.ues.get(amf_ue_ngap_id)
    ue = gnb.ues.get(ran_ue_ngap_id)
    if ue is None or ue.amf is not amf or amf_ue_ngap_id not in (None, ue.amf_ue_ngap_id):
        return None
    return ue
