"""RRC connection establishment (TS 38.331 clause 5.3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awase.functions.ue.access import AccessCategory, establishment_cause
from awase.functions.ue.states import RrcState
from awase.functions.ue.timers import T300_TRIES
from awase.model.ids import FiveGGuti
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_MS, NS_PER_S
from awase.protocols.nas.elements import FiveGSTmsi
from awase.protocols.rrc.messages import RegisteredAMF, RRCReject, RRCSetup, RRCSetupComplete, RRCSetupRequest

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue

_PART_1_BITS = 39


def rrc_connection_establishment(ue: Ue, nas: bytes, category: AccessCategory) -> Procedure[bool]:
    """From RRC_IDLE to RRC_CONNECTED, with an initial NAS message; whether it got there."""
    uu, address = ue.uu, ue.uu.serving
    cause = establishment_cause(ue, category)
    if uu.state is not RrcState.IDLE:
        # Another procedure asks for a connection, or has one.
        return uu.send_nas(nas)
    guti = ue.context.guti
    tmsi = None if guti is None else FiveGSTmsi.of(guti).value
    if tmsi is None:
        random_value = int.from_bytes(ue.services.random_bytes(5, "rrc"), "big") >> 1
        request = RRCSetupRequest(random_value=random_value, establishment_cause=cause)
    else:
        part_1 = tmsi & (1 << _PART_1_BITS) - 1
        request = RRCSetupRequest(ng_five_g_s_tmsi_part1=part_1, establishment_cause=cause)
    uu.state = RrcState.SETUP
    setup = yield from _setup(ue, request, address)
    if setup is None or uu.serving != address or uu.state is not RrcState.SETUP:
        uu.give_up()
        return False
    uu.state = RrcState.CONNECTED
    ue.n1.connected()
    return uu.send(
        RRCSetupComplete(
            rrc_transaction_identifier=setup.rrc_transaction_identifier,
            registered_amf=None if guti is None else _registered_amf(guti),
            guami_type=None if guti is None else "native",
            dedicated_nas_message=nas,
            ng_five_g_s_tmsi_part2=None if tmsi is None else tmsi >> _PART_1_BITS,
        )
    )


def _setup(ue: Ue, request: RRCSetupRequest, address: str) -> Procedure[RRCSetup | None]:
    """The answer of the cell, asked again at T300's expiry and after the wait time of a rejection."""
    uu, t300_ns = ue.uu, int(ue.config.t300_ms * NS_PER_MS)
    for _ in range(T300_TRIES):
        if uu.serving != address or uu.state is not RrcState.SETUP or not uu.send(request):
            return None
        answer = yield Wait("rrc-setup", t300_ns)
        if isinstance(answer, RRCSetup):
            return answer
        if isinstance(answer, RRCReject):
            seconds = answer.wait_time or 1
            uu.t302_until_ns = ue.now_ns + seconds * NS_PER_S
            ue.report(
                "RrcRejected",
                f"the base station rejected the connection; it is to be asked again after {seconds} s",
                level="warning",
                subject=ue.context.supi,
            )
            yield Wait("t302", seconds * NS_PER_S)
        elif answer is not None:
            return None
    return None


def _registered_amf(guti: FiveGGuti) -> RegisteredAMF:
    guami = guti.guami
    identifier = guami.amf_region_id << 16 | guami.amf_set_id << 6 | guami.amf_pointer
    return RegisteredAMF(plmn_identity=guami.plmn, amf_identifier=identifier)
