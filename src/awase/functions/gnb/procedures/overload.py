"""Overload Start and Stop (TS 38.413 clauses 8.7.7 and 8.7.8), as far as RRC connections are concerned."""

from __future__ import annotations

from collections.abc import Sequence

from awase.functions.gnb.context import Amf
from awase.functions.gnb.core import Gnb
from awase.model.ids import SNssai
from awase.protocols.ngap.messages import OverloadStart, OverloadStop

_EMERGENCY = ("emergency",)
_HIGH_PRIORITY = ("emergency", "highPriorityAccess", "mps-PriorityAccess", "mcs-PriorityAccess")
_TERMINATED = ("mt-Access",)

REFUSED: dict[str, tuple[str, ...]] = {
    "reject-non-emergency-mo-dt": ("mo-Data", "mo-VideoCall", "mo-VoiceCall", "mo-SMS"),
    "reject-rrc-cr-signalling": ("mo-Signalling", "mo-Data", "mo-VideoCall", "mo-VoiceCall", "mo-SMS"),
}
"""Establishment causes refused, by Overload Action (TS 38.413 clause 9.3.1.105)."""

PERMITTED: dict[str, tuple[str, ...]] = {
    "permit-emergency-sessions-and-mobile-terminated-services-only": (*_EMERGENCY, *_TERMINATED),
    "permit-high-priority-sessions-and-mobile-terminated-services-only": (*_HIGH_PRIORITY, *_TERMINATED),
}
"""Establishment causes that alone are accepted, by Overload Action."""


def overload_start(gnb: Gnb, amf: Amf, message: OverloadStart) -> None:
    """The AMF wants less, of all or of single slices; what it said before is replaced (clause 8.7.7.2)."""
    action = message.amf_overload_response
    percent = message.amf_traffic_load_reduction_indication
    amf.overload_action = action if isinstance(action, str) else None
    amf.overload_percent = 100 if percent is None else percent
    amf.overloaded_slices = {}
    for item in message.overload_start_nssai_list:
        response = item.slice_overload_response
        reduction = item.slice_traffic_load_reduction_indication
        for overloaded in item.slice_overload_list:
            amf.overloaded_slices[overloaded.s_nssai] = (
                response if isinstance(response, str) else None,
                100 if reduction is None else reduction,
            )
    slices = ", ".join(map(str, amf.overloaded_slices))
    gnb.report(
        "OverloadStart",
        f"{amf.name} is overloaded: {amf.overload_action or 'no action named'}"
        + (f"; slices {slices}" if slices else ""),
        subject=amf.name,
    )


def overload_stop(gnb: Gnb, amf: Amf, message: OverloadStop) -> None:
    """The AMF takes all again."""
    del message
    stop(amf)
    gnb.report("OverloadStop", f"{amf.name} is no longer overloaded", subject=amf.name)


def stop(amf: Amf) -> None:
    """Forget what an AMF said of its load."""
    amf.overload_action = None
    amf.overloaded_slices = {}


def refuses(amf: Amf, establishment_cause: str) -> bool:
    """Whether a connection for this cause is to be kept from an overloaded AMF."""
    action = amf.overload_action
    return action is not None and _concerns(action, establishment_cause) and _turn(amf, amf.overload_percent)


def refuses_slices(amf: Amf, establishment_cause: str, slices: Sequence[SNssai]) -> bool:
    """Whether a connection is for overloaded slices only, and to be kept from the AMF (clause 8.7.7.2).

    A slice of which no action is named has the one of the AMF; without that only traffic for it is reduced.
    """
    if not amf.overloaded_slices or not slices or any(item not in amf.overloaded_slices for item in slices):
        return False
    action, percent = amf.overloaded_slices[slices[0]]
    action = action or amf.overload_action or "reject-rrc-cr-signalling"
    return _concerns(action, establishment_cause) and _turn(amf, percent)


def _concerns(action: str, establishment_cause: str) -> bool:
    if action in PERMITTED:
        return establishment_cause not in PERMITTED[action]
    return establishment_cause in REFUSED.get(action, ())


def _turn(amf: Amf, percent: int) -> bool:
    """Of each hundred, as many are refused as the AMF asked for, evenly."""
    amf.overloaded_requests += 1
    done = amf.overloaded_requests
    return done * percent // 100 != (done - 1) * percent // 100
