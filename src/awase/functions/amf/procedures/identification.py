"""Identification (TS 24.501 clause 5.4.3): which SUCI a UE has, when its 5G-GUTI says nothing."""

from __future__ import annotations

from awase.functions.amf.context import Ue
from awase.functions.amf.core import Amf
from awase.model.machine import Procedure, ask
from awase.model.part import NS_PER_S
from awase.protocols.nas.elements import IdentityType, OtherSuci, Suci
from awase.protocols.nas.messages import IdentityRequest, IdentityResponse

TRIES = 5
"""Sent once and again at four expiries of T3570; the fifth ends it (clause 5.4.3.6 b)."""


def identification(amf: Amf, ue: Ue) -> Procedure[Suci | None]:
    """IDENTITY REQUEST for the SUCI; None where the UE gives none."""
    ue.expects = (IdentityResponse,)
    answer = yield from ask(
        lambda: amf.send_to_ue(ue, IdentityRequest(identity_type=IdentityType.suci)),
        ("n1", ue.number),
        int(amf.config.t3570_s * NS_PER_S),
        TRIES,
    )
    ue.expects = ()
    if answer is None:
        amf.report(
            "IdentificationFailed",
            f"{ue.name()} did not answer {TRIES} identity requests",
            level="warning",
            subject=ue.subject,
            config="t3570_s",
        )
        return None
    identity = answer.mobile_identity
    if not isinstance(identity, Suci):
        what = "a SUCI that holds no IMSI" if isinstance(identity, OtherSuci) else type(identity).__name__
        amf.report("IdentificationFailed", f"{ue.name()} was asked for its SUCI and gave {what}", level="warning")
        return None
    ue.identity = identity
    return identity
