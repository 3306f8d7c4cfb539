"""Overload Start and Stop (TS 38.413 clauses 8.7.7 and 8.7.8), as far as RRC connections are concerned."""

from __future__ import annotations

from awase.functions.gnb.context import Amf
from awase.functions.gnb.core import Gnb
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
    """The AMF wants less."""
    action = message.amf_overload_response
    amf.overload_action = action if isinstance(action, str) else None
    percent = message.amf_traffic_load_reduction_indication
    amf.overload_percent = 100 if percent is None else percent
    gnb.report(
        "OverloadStart", f"{amf.name} is overloaded: {amf.overload_action or 'no action named'}", subject=amf.name
    )


def overload_stop(gnb: Gnb, amf: Amf, message: OverloadStop) -> None:
    """The AMF takes all again."""
    del message
    amf.overload_action = None
    gnb.report("OverloadStop", f"{amf.name} is no longer overloaded", subject=amf.name)


def refuses(amf: Amf, establishment_cause: str) -> bool:
    """Whether a connection for this cause is to be kept from an overloaded AMF."""
    action = amf.overload_action
    if action is None:
        return False
    if action in PERMITTED:
        concerned = establishment_cause not in PERMITTED[action]
    else:
        concerned = establishment_cause in REFUSED.get(action, ())
    if not concerned:
        return False
    # Of each hundred, as many are refused as the AMF asked for, evenly.
    amf.overloaded_requests += 1
    done, percent = amf.overloaded_requests, amf.overload_percent
    return done * percent // 100 != (done - 1) * percent // 100
