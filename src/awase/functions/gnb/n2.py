"""N2: NGAP over SCTP, as a client of each AMF (TS 38.412, TS 38.413)."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from awase.functions.gnb.context import Amf, UeContext
from awase.functions.gnb.core import Gnb
from awase.functions.gnb.procedures import (
    error_indication,
    overload,
    path_switch_request,
    pdu_session_resource_modify_indication,
    ran_configuration_update,
    ue_context_release,
    ue_radio_capability,
)
from awase.functions.gnb.procedures.amf_configuration_update import amf_configuration_update
from awase.functions.gnb.procedures.amf_status_indication import amf_status_indication
from awase.functions.gnb.procedures.initial_context_setup import initial_context_setup
from awase.functions.gnb.procedures.nas_transport import downlink_nas_transport, reroute_nas_request
from awase.functions.gnb.procedures.ng_reset import forget_all, ng_reset_received
from awase.functions.gnb.procedures.ng_setup import DOWN, UP, keep_connected
from awase.functions.gnb.procedures.paging import paging
from awase.functions.gnb.procedures.pdu_session_resource_modify import pdu_session_resource_modify
from awase.functions.gnb.procedures.pdu_session_resource_release import pdu_session_resource_release
from awase.functions.gnb.procedures.pdu_session_resource_setup import pdu_session_resource_setup
from awase.functions.gnb.procedures.ue_context_modification import ue_context_modification
from awase.functions.gnb.states import RECEIVABLE, AmfState, UeState
from awase.model.part import Packet
from awase.protocols.ngap import codec as ngap
from awase.protocols.ngap import error_handling as errors
from awase.protocols.ngap import messages as m
from awase.protocols.ngap.elements import CriticalityDiagnosticsIEItem, UENGAPIDPair
from awase.wire.errors import DecodeError

_FROM_AMF: dict[type, Callable[[Gnb, Amf, Any], None]] = {
    m.AMFConfigurationUpdate: amf_configuration_update,
    m.AMFStatusIndication: amf_status_indication,
    m.ErrorIndication: error_indication.error_indication_received,
    m.NGReset: ng_reset_received,
    m.OverloadStart: overload.overload_start,
    m.OverloadStop: overload.overload_stop,
    m.Paging: paging,
}
"""Messages that are not UE-associated (or may be none), once NG Setup is done."""

_FOR_UE: dict[type, Callable[[Gnb, UeContext, Any], None]] = {
    m.DownlinkNASTransport: downlink_nas_transport,
    m.InitialContextSetupRequest: initial_context_setup,
    m.PDUSessionResourceModifyRequest: pdu_session_resource_modify,
    m.PDUSessionResourceReleaseCommand: pdu_session_resource_release,
    m.PDUSessionResourceSetupRequest: pdu_session_resource_setup,
    m.RerouteNASRequest: reroute_nas_request,
    m.UEContextModificationRequest: ue_context_modification,
    m.UERadioCapabilityCheckRequest: ue_radio_capability.check,
    m.UEContextReleaseCommand: ue_context_release.ue_context_release_command,
}


def start(gnb: Gnb) -> None:
    """Go to every AMF."""
    for amf in gnb.amfs:
        amf.running = gnb.run(keep_connected(gnb, amf))


def receive(gnb: Gnb, packet: Packet) -> None:
    """A packet of the N2 port."""
    amf = next((amf for amf in gnb.amfs if amf.address == packet.peer), None)
    if amf is None:
        gnb.report_rarely("UnknownPeer", f"a packet on n2 from {packet.peer}, which is no AMF of this gNB")
    elif packet.kind == "data":
        if amf.association is not None and packet.association == amf.association:
            _data(gnb, amf, packet)
    elif packet.kind == "up":
        _up(gnb, amf, packet)
    elif packet.kind in ("down", "abort"):
        _down(gnb, amf, packet)


def _up(gnb: Gnb, amf: Amf, packet: Packet) -> None:
    if amf.state is AmfState.CONNECTING and packet.association is not None:
        amf.association = packet.association
        gnb.resume(amf.key, UP)
    elif packet.association is not None and packet.association != amf.association:
        # It came after we stopped waiting for it.
        gnb.send(Packet("n2", packet.peer, kind="abort", association=packet.association))


def _down(gnb: Gnb, amf: Amf, packet: Packet) -> None:
    if packet.association is not None and packet.association != amf.association:
        return
    if packet.association is None and amf.state is not AmfState.CONNECTING:
        return
    serving = amf.state is AmfState.SERVING
    amf.association = None
    overload.stop(amf)
    if serving:
        gnb.report("AmfLost", f"the association with {amf.name} is lost", level="error", subject=amf.name)
    forget_all(gnb, amf)
    gnb.resume(amf.key, DOWN)


def _data(gnb: Gnb, amf: Amf, packet: Packet) -> None:
    payload = packet.payload if isinstance(packet.payload, bytes) else b"".join(packet.payload)
    stream = packet.stream or 0
    notes: list[CriticalityDiagnosticsIEItem] = []
    try:
        message = ngap.decode(payload, notes)
    except ngap.AbstractSyntaxError as error:
        error_indication.abstract_syntax_error(gnb, amf, error, stream)
        return
    except DecodeError as error:
        gnb.malformed("n2", str(error), error.offset)
        gnb.send_error(amf, errors.TRANSFER_SYNTAX, stream=stream)
        return
    kind = type(message)
    if kind in _FOR_UE:
        _for_ue(gnb, amf, message, stream)
    elif kind in _FROM_AMF:
        if amf.state is AmfState.SERVING or kind is m.ErrorIndication:
            _FROM_AMF[kind](gnb, amf, message)
        else:
            gnb.send_error(amf, errors.WRONG_STATE, stream=stream)
    else:
        _answer(gnb, amf, message, stream)
    if notes and kind is not m.ErrorIndication:
        error_indication.notify(gnb, amf, message, errors.of_elements(payload, notes), stream)


def _answer(gnb: Gnb, amf: Amf, message: m.Message, stream: int) -> None:
    """The answer to a procedure of ours, or what this gNB does not have."""
    if isinstance(message, m.NGSetupResponse | m.NGSetupFailure):
        if amf.state is AmfState.SETTING_UP and gnb.resume(amf.key, message):
            return
        gnb.send_error(amf, errors.WRONG_STATE, stream=stream)
    elif isinstance(message, m.NGResetAcknowledge):
        _resume(gnb, amf, ("ng-reset", amf.index), message, stream)
    elif isinstance(message, m.RANConfigurationUpdateAcknowledge | m.RANConfigurationUpdateFailure):
        _resume(gnb, amf, ran_configuration_update.key(amf), message, stream)
    elif isinstance(message, m.PathSwitchRequestAcknowledge | m.PathSwitchRequestFailure):
        _resume(gnb, amf, path_switch_request.key(message.ran_ue_ngap_id or 0), message, stream)
    elif isinstance(message, m.PDUSessionResourceModifyConfirm):
        ue = gnb.ues.get(message.ran_ue_ngap_id or 0)
        key = ("", 0) if ue is None or ue.amf is not amf else pdu_session_resource_modify_indication.key(ue)
        _resume(gnb, amf, key, message, stream)
    elif isinstance(message, m.RawMessage):
        error_indication.not_comprehended(gnb, amf, message, stream)
    else:
        # A message that only NG-RAN sends, or an answer to what this gNB never asks.
        gnb.report_rarely("UnexpectedMessage", f"{amf.name} sent {type(message).__name__}", subject=amf.name)
        gnb.send_error(amf, errors.WRONG_STATE, stream=stream)


def _resume(gnb: Gnb, amf: Amf, key: Hashable, message: m.Message, stream: int) -> None:
    if not gnb.resume(key, message):
        gnb.send_error(amf, errors.WRONG_STATE, stream=stream)


def _for_ue(gnb: Gnb, amf: Amf, message: Any, stream: int) -> None:
    amf_id: int | None
    ran_id: int | None
    if isinstance(message, m.UEContextReleaseCommand):
        ids = message.ue_ngap_ids
        if isinstance(ids, UENGAPIDPair):
            amf_id, ran_id = ids.amf_ue_ngap_id, ids.ran_ue_ngap_id
        else:
            amf_id = ids if isinstance(ids, int) else None
            known = amf.ues.get(amf_id) if amf_id is not None else None
            ran_id = known.ran_ue_ngap_id if known is not None else None
    else:
        amf_id, ran_id = message.amf_ue_ngap_id, message.ran_ue_ngap_id
    ue = _find(gnb, amf, amf_id, ran_id, stream)
    if ue is None:
        return
    if type(message) not in RECEIVABLE[ue.state]:
        gnb.send_error(amf, errors.WRONG_STATE, amf_ue_ngap_id=amf_id, ran_ue_ngap_id=ran_id, stream=stream)
        return
    ue.active_ns = gnb.now_ns
    gnb.resume(("first-answer", ue.ran_ue_ngap_id), True)
    _FOR_UE[type(message)](gnb, ue, message)


def _find(gnb: Gnb, amf: Amf, amf_id: int | None, ran_id: int | None, stream: int) -> UeContext | None:
    """The UE that a message names, by the rules of TS 38.413 clause 10.6."""
    ue = gnb.ues.get(ran_id) if ran_id is not None else None
    if ue is None or ue.amf is not amf or ue.state is UeState.RRC_SETUP:
        gnb.send_error(amf, errors.UNKNOWN_LOCAL, amf_ue_ngap_id=amf_id, ran_ue_ngap_id=ran_id, stream=stream)
        gnb.report_rarely("UnknownUe", f"{amf.name} names a UE that this gNB does not know", subject=amf.name)
        return None
    if ue.amf_ue_ngap_id == amf_id:
        return ue
    if ue.amf_ue_ngap_id is None and amf_id is not None and amf_id not in amf.ues:
        ue.amf_ue_ngap_id = amf_id
        amf.ues[amf_id] = ue
        return ue
    gnb.send_error(amf, errors.INCONSISTENT_REMOTE, amf_ue_ngap_id=amf_id, ran_ue_ngap_id=ran_id, stream=stream)
    gnb.report_rarely(
        "InconsistentUe", f"{amf.name} names a UE by another AMF UE NGAP ID than before", subject=amf.name
    )
    ue_context_release.leave(gnb, ue)
    return None
