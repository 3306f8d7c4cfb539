"""AMF status indication (TS 38.413 clause 8.7.6; TS 23.501 clause 5.21.2.2)."""

from __future__ import annotations

from awase.functions.gnb.context import Amf
from awase.functions.gnb.core import Gnb
from awase.protocols.ngap.messages import AMFStatusIndication


def amf_status_indication(gnb: Gnb, amf: Amf, message: AMFStatusIndication) -> None:
    """AMF STATUS INDICATION: UEs of these GUAMIs go to another AMF with their next first message.

    Those that are connected stay until the AMF releases them or is gone.
    """
    gone = [item.guami for item in message.unavailable_guami_list]
    amf.unavailable = tuple(dict.fromkeys((*amf.unavailable, *gone)))
    left = [guami for guami in amf.guamis if guami not in amf.unavailable]
    gnb.report(
        "AmfUnavailable",
        f"{amf.name} will not serve {len(gone)} of its GUAMIs any more, {len(left)} are left",
        level="warning",
        subject=amf.name,
    )
