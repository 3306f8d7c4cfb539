"""N2: associations and NGAP messages of NG-RAN nodes (TS 38.413, TS 38.412)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from awase.functions.amf import n1
from awase.functions.amf.context import AccessContext, Gnb, NgConnection
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import (
    amf_configuration_update,
    an_release,
    initial_context_setup,
    ng_reset,
    ng_setup,
    overload,
    path_switch_request,
    pdu_session_resource,
    pdu_session_resource_modify_indication,
    sm_context,
    ue_context_modification,
    ue_context_release,
    ue_context_suspend,
    ue_radio_capability_check,
)
from awase.functions.amf.procedures.sm_context import Update
from awase.model.ids import Tai
from awase.model.part import Packet
from awase.protocols.ngap import codec
from awase.protocols.ngap import error_handling as errors
from awase.protocols.ngap import messages as ngap
from awase.protocols.ngap.elements import (
    Cause,
    CriticalityDiagnostics,
    CriticalityDiagnosticsIEItem,
    UserLocationInformation,
    UserLocationInformationEUTRA,
    UserLocationInformationNR,
)
from awase.wire.errors import DecodeError

_ERROR_INDICATION, _NG_SETUP, _RAN_CONFIGURATION_UPDATE = 9, 21, 35
"""Procedure codes (TS 38.413 clause 9.4.7)."""
_RADIO_CAPABILITY = 6000
"""A longer UE radio capability is not kept: the node asks the UE again."""


def handle(amf: Amf, packet: Packet) -> None:
    """One packet of an n2 port."""
    association = packet.association
    if association is None:
        return
    gnb = amf.gnbs.get(association)
    if packet.kind == "up":
        # Said twice of one association, it changes nothing: a peer that restarts has another.
        if gnb is None:
            _up(amf, packet, association)
    elif packet.kind in ("down", "abort"):
        if gnb is not None:
            _down(amf, gnb, packet.kind)
    elif gnb is not None and packet.kind == "data":
        _data(amf, gnb, packet)


def _up(amf: Amf, packet: Packet, association: int) -> None:
    if len(amf.gnbs) > amf.config.limits.gnbs:
        # Who has come and not asked for NG Setup makes room, so that nobody can shut out the nodes that do.
        idle = next((gnb for gnb in amf.gnbs.values() if not gnb.set_up), None)
        peer, refused = (idle.peer, idle.association) if idle is not None else (packet.peer, association)
        amf.report_rarely("TooManyAssociations", f"an association of {peer} is refused", config="limits.gnbs")
        amf.send(Packet("n2", peer, kind="abort", association=refused))
        if idle is None:
            return
        ng_setup.erase(amf, idle)
        del amf.gnbs[refused]
    # A transport that knows how many outbound streams were negotiated says so in `stream`.
    amf.gnbs[association] = Gnb(association, packet.peer, packet.stream or amf.config.n2_streams)


def _down(amf: Amf, gnb: Gnb, kind: str) -> None:
    ues = len(gnb.connections)
    ng_setup.erase(amf, gnb)
    del amf.gnbs[gnb.association]
    if not gnb.set_up:
        amf.report_rarely("StrangerLeft", f"the association with {gnb.peer} has ended before any NG Setup")
        return
    amf.report(
        "GnbDisconnected",
        f"the association with {gnb.name} ({gnb.peer}) is "
        f"{'shut down' if kind == 'down' else 'aborted'}, {ues} UEs lose their connection",
        level="info" if kind == "down" else "warning",
        subject=gnb.name,
        ues=ues,
    )


def _data(amf: Amf, gnb: Gnb, packet: Packet) -> None:
    payload = packet.payload
    notify: list[CriticalityDiagnosticsIEItem] = []
    try:
        if not isinstance(payload, bytes):
            raise DecodeError("a batch on an SCTP port", offset=0)
        message = codec.decode(payload, notify)
    except codec.AbstractSyntaxError as error:
        _abstract_syntax_error(amf, gnb, error)
        return
    except DecodeError as error:
        _malformed(amf, gnb, error)
        amf.send_error(gnb, errors.TRANSFER_SYNTAX)
        return
    if not gnb.set_up and not isinstance(message, ngap.NGSetupRequest | ngap.ErrorIndication):
        amf.report_rarely(
            "MessageBeforeNgSetup",
            f"{type(message).__name__} of {gnb.peer} came before its NG Setup: refused",
            subject=gnb.name,
        )
        amf.send_error(gnb, errors.WRONG_STATE)
        return
    diagnostics = CriticalityDiagnostics(ies_criticality_diagnostics=tuple(notify)) if notify else None
    answered = _ANSWERED.get(type(message))
    if answered is not None:
        answered(amf, gnb, message, diagnostics)
        return
    _dispatch(amf, gnb, message)
    if notify and amf.gnbs.get(gnb.association) is gnb:
        diagnostics = errors.of_elements(payload, notify)
        amf.send_to_gnb(gnb, ngap.ErrorIndication(cause=errors.NOTIFY, criticality_diagnostics=diagnostics))


def _dispatch(amf: Amf, gnb: Gnb, message: ngap.Message) -> None:
    own = _NODE.get(type(message))
    if own is not None:
        own(amf, gnb, message)
        return
    associated = _UE.get(type(message))
    if associated is not None:
        connection = _connection(amf, gnb, message)
        if connection is not None:
            associated(amf, connection, message)
        return
    if isinstance(message, ngap.RawMessage):
        _not_implemented(amf, gnb, message)
        return
    _report(amf, gnb, f"{type(message).__name__} is not for an AMF")
    amf.send_error(gnb, errors.SEMANTIC)


# Errors (TS 38.413 clause 10).


def _malformed(amf: Amf, gnb: Gnb, error: DecodeError) -> None:
    amf.report_rarely(
        "MalformedPacket",
        f"NGAP of {gnb.name} ({gnb.peer}): {error}",
        # Strangers are one, however often they come.
        subject=gnb.name if gnb.set_up else "",
        port="n2",
        what=error.what[:200],
        offset=error.offset or 0,
    )


def _report(amf: Amf, gnb: Gnb, what: str) -> None:
    subject = gnb.name if gnb.set_up else ""
    amf.report_rarely("ProtocolError", f"NGAP of {gnb.name} ({gnb.peer}): {what}", subject=subject)


def _abstract_syntax_error(amf: Amf, gnb: Gnb, error: codec.AbstractSyntaxError) -> None:
    """Clauses 10.3.4 and 10.3.5: the procedure's failure where it has one, else ERROR INDICATION."""
    _malformed(amf, gnb, error)
    if error.procedure_code == _ERROR_INDICATION:
        # Two nodes that answer each other's error indications would never end.
        return
    if error.triggering_message != "initiating-message":
        # An answer that cannot be used ends its procedure without another answer (clause 10.3.4.2).
        connection = amf.connections.get(error.amf_ue_ngap_id or 0)
        if connection is not None and connection.gnb is gnb:
            ue_context_release.release(amf, connection, ue_context_release.UNSPECIFIED)
        return
    cause = Cause("protocol", error.cause)
    diagnostics = errors.of_error(error)
    if error.reject and error.procedure_code == _NG_SETUP:
        amf.send_to_gnb(
            gnb,
            ngap.NGSetupFailure(
                cause=cause,
                time_to_wait=ng_setup.time_to_wait(amf),
                criticality_diagnostics=diagnostics,
            ),
        )
        return
    if error.reject and error.procedure_code == _RAN_CONFIGURATION_UPDATE and gnb.set_up:
        amf.send_to_gnb(gnb, ngap.RANConfigurationUpdateFailure(cause=cause, criticality_diagnostics=diagnostics))
        return
    amf.send_to_gnb(
        gnb,
        ngap.ErrorIndication(
            amf_ue_ngap_id=error.amf_ue_ngap_id,
            ran_ue_ngap_id=error.ran_ue_ngap_id,
            cause=cause,
            criticality_diagnostics=diagnostics,
        ),
    )


def _not_implemented(amf: Amf, gnb: Gnb, message: ngap.RawMessage) -> None:
    """A procedure that we do not know, by its criticality (clause 10.3.4.1)."""
    _report(amf, gnb, f"procedure {message.procedure_code} is not implemented")
    answer = errors.of_procedure(message)
    if answer is not None:
        cause, diagnostics = answer
        amf.send_to_gnb(gnb, ngap.ErrorIndication(cause=cause, criticality_diagnostics=diagnostics))


def _connection(amf: Amf, gnb: Gnb, message: Any) -> NgConnection | None:
    """The connection that a message names; a wrong name is answered (clause 10.6)."""
    amf_id: int | None = message.amf_ue_ngap_id
    ran_id: int | None = message.ran_ue_ngap_id
    connection = None if amf_id is None else amf.connections.get(amf_id)
    if connection is None or connection.gnb is not gnb:
        if isinstance(message, ngap.UEContextReleaseComplete) and ue_context_release.complete(gnb, message):
            return None
        if amf_id is not None and amf_id in gnb.released:
            # It crossed our UE CONTEXT RELEASE COMMAND on the way.
            return None
        _report(amf, gnb, f"{type(message).__name__} with AMF UE NGAP ID {amf_id}, which it does not have")
        amf.send_error(gnb, errors.UNKNOWN_LOCAL, amf_ue_ngap_id=amf_id, ran_ue_ngap_id=ran_id)
        return None
    if ran_id is not None and ran_id != connection.ran_ue_ngap_id:
        _report(amf, gnb, f"{type(message).__name__} with RAN UE NGAP ID {ran_id}, not the UE's")
        amf.send_error(
            gnb,
            errors.INCONSISTENT_REMOTE,
            amf_ue_ngap_id=amf_id,
            ran_ue_ngap_id=ran_id,
            stream=connection.stream,
        )
        ue_context_release.lose(amf, connection)
        return None
    return connection


# Messages about a UE.


def _location(information: UserLocationInformation) -> Tai | None:
    if isinstance(information, UserLocationInformationNR | UserLocationInformationEUTRA):
        return information.tai
    return None


def _move(connection: NgConnection, information: UserLocationInformation | None) -> None:
    if isinstance(information, UserLocationInformationNR):
        connection.tai = information.tai
        connection.nr_cgi = information.nr_cgi


def _initial_ue_message(amf: Amf, gnb: Gnb, message: ngap.InitialUEMessage) -> None:
    """TS 38.413 clause 8.6.1."""
    tai = _location(message.user_location_information)
    if tai is None:
        _report(amf, gnb, "an INITIAL UE MESSAGE whose location is not of NG-RAN")
        amf.send_error(gnb, errors.SEMANTIC, ran_ue_ngap_id=message.ran_ue_ngap_id)
        return
    former = gnb.connections.get(message.ran_ue_ngap_id)
    if former is not None:
        # The node gives the identifier to another UE: it has let the former go.
        ue_context_release.lose(amf, former)
    connection = amf.connect(gnb, message.ran_ue_ngap_id, tai, amf.new_ue())
    overload.watch(amf)
    connection.rrc_establishment_cause = message.rrc_establishment_cause
    connection.context_requested = message.ue_context_request is not None
    _move(connection, message.user_location_information)
    n1.initial(amf, connection, message.nas_pdu, message.five_g_s_tmsi)


def _uplink_nas_transport(amf: Amf, connection: NgConnection, message: ngap.UplinkNASTransport) -> None:
    """TS 38.413 clause 8.6.3."""
    _move(connection, message.user_location_information)
    n1.uplink(amf, connection, message.nas_pdu)


def _context_set_up(amf: Amf, connection: NgConnection, message: ngap.InitialContextSetupResponse) -> None:
    if not initial_context_setup.response(amf, connection):
        _unexpected(amf, connection, message)
        return
    _to_smf(amf, connection, message)


def _context_not_set_up(amf: Amf, connection: NgConnection, message: ngap.InitialContextSetupFailure) -> None:
    if connection.access_context is not AccessContext.BEING_SET_UP:
        _unexpected(amf, connection, message)
        return
    _to_smf(amf, connection, message)
    initial_context_setup.failure(amf, connection, message)


def _release_complete(amf: Amf, connection: NgConnection, message: ngap.UEContextReleaseComplete) -> None:
    _unexpected(amf, connection, message)


def _unexpected(amf: Amf, connection: NgConnection, message: ngap.Message) -> None:
    """Clause 10.4: an answer to nothing."""
    _report(amf, connection.gnb, f"{type(message).__name__} answers nothing")
    amf.send_error(
        connection.gnb,
        errors.WRONG_STATE,
        amf_ue_ngap_id=connection.amf_ue_ngap_id,
        ran_ue_ngap_id=connection.ran_ue_ngap_id,
        stream=connection.stream,
    )


def _radio_capability(amf: Amf, connection: NgConnection, message: ngap.UERadioCapabilityInfoIndication) -> None:
    """TS 38.413 clause 8.14.1."""
    capability = message.ue_radio_capability
    if capability is not None and len(capability) <= _RADIO_CAPABILITY:
        connection.ue.radio_capability = capability
    if message.ue_radio_capability_for_paging is not None:
        connection.ue.radio_capability_for_paging = message.ue_radio_capability_for_paging


def _modified(
    amf: Amf,
    connection: NgConnection,
    message: ngap.UEContextModificationResponse | ngap.UEContextModificationFailure,
) -> None:
    if not ue_context_modification.answered(amf, connection, message):
        _unexpected(amf, connection, message)


def _radio_capability_checked(amf: Amf, connection: NgConnection, message: ngap.UERadioCapabilityCheckResponse) -> None:
    if not ue_radio_capability_check.response(amf, connection, message):
        _unexpected(amf, connection, message)


def _not_delivered(amf: Amf, connection: NgConnection, message: ngap.NASNonDeliveryIndication) -> None:
    """TS 38.413 clause 8.6.4: the procedure's own timer repeats what matters."""
    amf.report(
        "NasNotDelivered",
        f"{connection.gnb.name} could not deliver a NAS message to {connection.ue.name()}: {message.cause}",
        level="warning",
        subject=connection.ue.subject,
        cause=str(message.cause),
    )


def _to_smf(amf: Amf, connection: NgConnection, message: ngap.Message) -> None:
    """Each part of what a node says about sessions to the SMF of each."""
    ue = connection.ue
    for psi, n2_type, octets in pdu_session_resource.outcomes(message):
        session = ue.sessions.get(psi)
        if session is None:
            what = f"{n2_type} of PDU session {psi}, which {ue.name()} does not have"
            _report(amf, connection.gnb, what)
            continue
        sm_context.update(amf, ue, session, Update(n2=octets, n2_type=n2_type))


def _error_indication(amf: Amf, gnb: Gnb, message: ngap.ErrorIndication) -> None:
    """TS 38.413 clause 8.7.5: never answered; a UE that the node does not know is let go."""
    amf.report_rarely(
        "ErrorIndication", f"{gnb.name} reports {message.cause or 'an error without a cause'}", subject=gnb.name
    )
    connection = amf.connections.get(message.amf_ue_ngap_id or 0)
    if connection is not None and connection.gnb is gnb and message.cause == errors.UNKNOWN_LOCAL:
        ue_context_release.lose(amf, connection)


def _answer(take: Callable[[Amf, Gnb, Any], bool]) -> Callable[[Amf, Gnb, Any], None]:
    """An answer goes to what asked; one to nothing is an error (clause 10.4)."""

    def handler(amf: Amf, gnb: Gnb, message: ngap.Message) -> None:
        if not take(amf, gnb, message):
            _report(amf, gnb, f"{type(message).__name__} answers nothing")
            amf.send_error(gnb, errors.WRONG_STATE)

    return handler


_ANSWERED: dict[type, Callable[[Amf, Gnb, Any, CriticalityDiagnostics | None], None]] = {
    ngap.NGSetupRequest: ng_setup.ng_setup,
    ngap.RANConfigurationUpdate: ng_setup.ran_configuration_update,
    ngap.NGReset: ng_reset.ng_reset,
}
"""Messages whose answer can hold criticality diagnostics."""

_NODE: dict[type, Callable[[Amf, Gnb, Any], None]] = {
    ngap.ErrorIndication: _error_indication,
    ngap.InitialUEMessage: _initial_ue_message,
    ngap.PathSwitchRequest: path_switch_request.path_switch_request,
    ngap.AMFConfigurationUpdateAcknowledge: _answer(amf_configuration_update.answer),
    ngap.AMFConfigurationUpdateFailure: _answer(amf_configuration_update.answer),
    ngap.NGResetAcknowledge: _answer(ng_reset.acknowledge),
}

_UE: dict[type, Callable[[Amf, NgConnection, Any], None]] = {
    ngap.UplinkNASTransport: _uplink_nas_transport,
    ngap.InitialContextSetupResponse: _context_set_up,
    ngap.InitialContextSetupFailure: _context_not_set_up,
    ngap.UEContextReleaseRequest: an_release.request,
    ngap.UEContextReleaseComplete: _release_complete,
    ngap.UERadioCapabilityInfoIndication: _radio_capability,
    ngap.NASNonDeliveryIndication: _not_delivered,
    ngap.PDUSessionResourceSetupResponse: _to_smf,
    ngap.PDUSessionResourceReleaseResponse: _to_smf,
    ngap.PDUSessionResourceModifyResponse: _to_smf,
    ngap.PDUSessionResourceNotify: _to_smf,
    ngap.PDUSessionResourceModifyIndication: pdu_session_resource_modify_indication.indication,
    ngap.UEContextSuspendRequest: ue_context_suspend.suspend,
    ngap.UEContextResumeRequest: ue_context_suspend.resume,
    ngap.RRCInactiveTransitionReport: ue_context_suspend.inactive,
    ngap.UEContextModificationResponse: _modified,
    ngap.UEContextModificationFailure: _modified,
    ngap.UERadioCapabilityCheckResponse: _radio_capability_checked,
}
