"""Who the UE says that it is, and what it can (TS 24.501 clauses 5.3.2 and 5.3.3, TS 33.501 clause 6.12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awase.functions.ue.timers import T3519_S
from awase.model.ids import Plmn, SNssai
from awase.model.part import NS_PER_S
from awase.model.settings import Slice
from awase.protocols.nas.elements import (
    NO_KEY,
    FiveGMMCapability,
    FiveGSRegistrationType,
    PduSessionIds,
    RegistrationType,
    Suci,
    UeSecurityCapability,
    nssai,
)
from awase.protocols.nas.messages import RegistrationRequest
from awase.security.suci import SCHEMES, conceal

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue


def home_plmn(supi: str, serving: Plmn, configured: str | None) -> Plmn:
    """The PLMN that the IMSI begins with: as configured, the serving one if it fits, else an MNC of two digits."""
    if configured is not None:
        return Plmn.parse(configured)
    digits = supi.removeprefix("imsi-")
    return serving if digits.startswith(serving.mcc + serving.mnc) else Plmn(digits[:3], digits[3:5])


def suci(ue: Ue) -> Suci:
    """The SUCI, the same one while T3519 runs (TS 24.501 clause 5.5.1.2.2)."""
    context, config = ue.context, ue.config
    if context.suci is not None and ue.now_ns < context.suci_until_ns:
        return context.suci
    plmn = home_plmn(config.subscriber, ue.uu.plmn, config.home_plmn)
    msin = config.subscriber.removeprefix("imsi-")[len(plmn.mcc + plmn.mnc) :]
    key = next((k for k in config.home_network_keys if k.scheme == config.suci_scheme), None)
    if config.suci_scheme == "null" or key is None or key.public_key is None:
        made = Suci.null(plmn, msin, config.routing_indicator)
    else:
        ephemeral = ue.services.random_bytes(32, "suci")
        scheme = SCHEMES[key.scheme]
        made = Suci(
            plmn=plmn,
            routing_indicator=config.routing_indicator,
            protection_scheme_id=scheme,
            home_network_public_key_identifier=key.id,
            scheme_output=conceal(scheme, msin, bytes.fromhex(key.public_key), ephemeral),
        )
    context.suci = made
    context.suci_until_ns = ue.now_ns + T3519_S * NS_PER_S
    return made


def security_capability(ue: Ue) -> UeSecurityCapability:
    """The algorithms that the UE supports."""
    return UeSecurityCapability.of(ue.config.ciphering, ue.config.integrity, eps=ue.config.eps_algorithms)


def s_nssai(value: Slice) -> SNssai:
    """A configured slice."""
    return SNssai(value.sst, value.sd.lower() if value.sd is not None else None)


def requested_nssai(ue: Ue) -> tuple[SNssai, ...]:
    """At most eight slices (TS 24.501 clause 9.11.3.37): those configured, else those of the sessions."""
    config = ue.config
    if config.requested_nssai is not None:
        slices = config.requested_nssai
    else:
        slices = tuple(s.slice for s in config.sessions if s.slice is not None) or config.slices
    return tuple(dict.fromkeys(s_nssai(s) for s in slices))[:8]


def registration_request(ue: Ue, kind: RegistrationType) -> RegistrationRequest:
    """All elements; 5GMM sends in clear only what may go so."""
    context = ue.context
    wanted = requested_nssai(ue)
    update = kind in (
        RegistrationType.mobility_registration_updating,
        RegistrationType.periodic_registration_updating,
    )
    periodic = kind == RegistrationType.periodic_registration_updating
    waiting = ue.user_plane.waiting() if update else ()
    return RegistrationRequest(
        five_gs_registration_type=FiveGSRegistrationType(value=kind, follow_on_request=ue.sm.more_to_ask(update)),
        ngksi=NO_KEY if context.context is None else context.context.ngksi,
        five_gs_mobile_identity=suci(ue) if context.guti is None else context.guti,
        five_gmm_capability=None if periodic else FiveGMMCapability(),
        ue_security_capability=None if periodic else security_capability(ue),
        requested_nssai=nssai(wanted) if wanted and not periodic else None,
        last_visited_registered_tai=ue.uu.tai if context.tais and ue.uu.tai in context.tais else None,
        pdu_session_status=PduSessionIds(ue.sm.established()) if update else None,
        uplink_data_status=PduSessionIds(waiting) if waiting else None,
    )
