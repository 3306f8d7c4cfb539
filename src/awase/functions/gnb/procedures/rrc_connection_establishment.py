"""RRC connection establishment (TS 38.331 clause 5.3.3) and the initial UE message (TS 38.413 clause 8.6.1)."""

from __future__ import annotations

from awase.functions.gnb.context import UeContext
from awase.functions.gnb.core import RADIO_CONNECTION_LOST, Gnb
from awase.functions.gnb.nas import without_requested_nssai
from awase.functions.gnb.procedures import ue_context_release
from awase.functions.gnb.procedures.amf_selection import select_amf
from awase.functions.gnb.procedures.overload import refuses, refuses_slices
from awase.functions.gnb.states import AmfState, UeState
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.ngap.elements import FiveGSTMSI
from awase.protocols.ngap.messages import InitialUEMessage
from awase.protocols.rls.messages import RrcChannel
from awase.protocols.rrc.messages import RRCReject, RRCSetupComplete, RRCSetupRequest

_SAME_REQUEST_NS = NS_PER_S
_MAX_TMSIS = 100_000


def rrc_setup_request(gnb: Gnb, sti: int, request: RRCSetupRequest, octets: bytes) -> None:
    """A UE wants a connection: accept it, reject it, or answer a repetition again."""
    old = gnb.ue_of_sti.get(sti)
    if old is not None:
        if old.setup_request == octets and gnb.now_ns - old.created_ns < _SAME_REQUEST_NS:
            # A datagram that came twice, or a UE that missed our answer.
            if old.state is UeState.RRC_SETUP:
                gnb.link.send_rrc(sti, RrcChannel.DL_CCCH, gnb.rrc_setup, gnb.now_ns)
            return
        _leave_old_connection(gnb, old)
    amfs = [amf for amf in gnb.amfs if amf.state is AmfState.SERVING]
    if gnb.stopping:
        _reject(gnb, sti, "this gNB is about to stop")
    elif not amfs:
        _reject(gnb, sti, "no AMF serves this gNB")
    elif len(gnb.ues) >= gnb.config.max_ues:
        _reject(gnb, sti, f"all {gnb.config.max_ues} UE contexts are in use", "max_ues")
    elif all(refuses(amf, request.establishment_cause) for amf in amfs):
        _reject(gnb, sti, f"the AMF is overloaded and takes no {request.establishment_cause}")
    else:
        ue = gnb.connect(sti)
        ue.setup_request = octets
        ue.running = gnb.run(rrc_connection_establishment(gnb, ue, request))


def rrc_connection_establishment(gnb: Gnb, ue: UeContext, request: RRCSetupRequest) -> Procedure[None]:
    """RRCSetup, RRCSetupComplete, INITIAL UE MESSAGE, the AMF's first answer."""
    ue.rrc_transaction = 1
    gnb.link.send_rrc(ue.sti, RrcChannel.DL_CCCH, gnb.rrc_setup, gnb.now_ns)
    complete = yield Wait(("rrc-setup", ue.ran_ue_ngap_id), int(gnb.config.rrc_setup_s * NS_PER_S))
    if complete is None:
        gnb.report_rarely("RrcSetupIncomplete", "a UE did not complete its RRC connection")
        ue.running = None
        gnb.forget(ue)
        return
    if not initial_ue_message(gnb, ue, request, complete):
        return
    answered = yield Wait(("first-answer", ue.ran_ue_ngap_id), int(gnb.config.initial_answer_s * NS_PER_S))
    ue.running = None
    if answered is None:
        name = ue.amf.name if ue.amf is not None else "the AMF"
        gnb.report_rarely("InitialUeMessageUnanswered", f"{name} did not answer an initial UE message")
        gnb.release_rrc(ue)


def initial_ue_message(gnb: Gnb, ue: UeContext, request: RRCSetupRequest, complete: RRCSetupComplete) -> bool:
    """Choose an AMF and send it the UE's first NAS message; False where there is none."""
    tmsi, part1 = complete.ng_five_g_s_tmsi, request.ng_five_g_s_tmsi_part1
    if complete.ng_five_g_s_tmsi_part2 is not None and part1 is not None:
        # TS 38.331 clause 6.2.2: part 1 is the rightmost 39 bits.
        tmsi = complete.ng_five_g_s_tmsi_part2 << 39 | part1
    plmn = gnb.plmn
    amf = select_amf(gnb, plmn, complete, tmsi)
    if amf is None:
        gnb.report_rarely("NoAmf", f"no AMF that serves PLMN {plmn} is there for a UE", config="peers.N2")
        ue.running = None
        gnb.release_rrc(ue)
        return False
    if refuses_slices(amf, request.establishment_cause, complete.s_nssai_list):
        gnb.report_rarely("RrcRelease", f"a UE's connection was released: {amf.name} is overloaded in its slices")
        ue.running = None
        gnb.release_rrc(ue)
        return False
    ue.amf = amf
    ue.five_g_s_tmsi = tmsi
    ue.state = UeState.SIGNALLING
    ue.active_ns = gnb.now_ns
    gnb.ues_connected += 1
    ue.number = gnb.ues_connected
    if tmsi is not None:
        gnb.sti_of_tmsi.pop(tmsi, None)
        gnb.sti_of_tmsi[tmsi] = ue.sti
        if len(gnb.sti_of_tmsi) > _MAX_TMSIS:
            del gnb.sti_of_tmsi[next(iter(gnb.sti_of_tmsi))]
    ue_context_release.watch_inactivity(gnb, ue)
    nas_pdu = complete.dedicated_nas_message
    if gnb.config.strip_requested_nssai:
        nas_pdu = without_requested_nssai(nas_pdu)
    gnb.send_ue_n2(
        ue,
        InitialUEMessage(
            ran_ue_ngap_id=ue.ran_ue_ngap_id,
            nas_pdu=nas_pdu,
            user_location_information=gnb.user_location_information,
            rrc_establishment_cause=_cause(request.establishment_cause),
            five_g_s_tmsi=None
            if tmsi is None
            else FiveGSTMSI(amf_set_id=tmsi >> 38, amf_pointer=tmsi >> 32 & 0x3F, five_g_tmsi=tmsi & 0xFFFFFFFF),
            ue_context_request="requested",
        ),
    )
    return True


def _cause(establishment_cause: str) -> str:
    """TS 38.413 clause 9.3.1.111 has the causes of RRC, and one for those that RRC keeps for later."""
    return "notAvailable" if establishment_cause.startswith("spare") else establishment_cause


def _leave_old_connection(gnb: Gnb, old: UeContext) -> None:
    """A UE that asks anew has left its old connection (TS 38.331 clause 5.3.3.2: it is in RRC_IDLE)."""
    del gnb.ue_of_sti[old.sti]
    ue_context_release.request(gnb, old, RADIO_CONNECTION_LOST)


def _reject(gnb: Gnb, sti: int, why: str, config: str = "") -> None:
    gnb.send_rrc(sti, RrcChannel.DL_CCCH, RRCReject(wait_time=gnb.config.reject_wait_s))
    gnb.report_rarely("RrcReject", f"a UE's connection was rejected: {why}", config=config)
