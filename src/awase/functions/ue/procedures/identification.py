"""Identification (TS 24.501 clause 5.4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awase.functions.ue import identity
from awase.protocols.nas.elements import FiveGSMobileIdentity, FiveGSTmsi, IdentityType, Imei, NoIdentity
from awase.protocols.nas.messages import IdentityRequest, IdentityResponse

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue


def identity_request(ue: Ue, message: IdentityRequest, _protected: bool) -> None:
    """Answer with the identity asked for; an identity that there is not is "no identity"."""
    ue.n1.send(IdentityResponse(mobile_identity=_identity(ue, message.identity_type)))


def _identity(ue: Ue, kind: IdentityType) -> FiveGSMobileIdentity:
    guti = ue.context.guti
    if kind == IdentityType.suci:
        return identity.suci(ue)
    if kind == IdentityType.imei:
        return Imei(digits=ue.config.imei)
    if kind == IdentityType.imeisv:
        return Imei(digits=ue.config.imeisv, type_of_identity=IdentityType.imeisv)
    if kind == IdentityType.five_g_guti and guti is not None:
        return guti
    if kind == IdentityType.five_g_s_tmsi and guti is not None:
        return FiveGSTmsi.of(guti)
    return NoIdentity()
