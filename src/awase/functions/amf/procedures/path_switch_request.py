"""Xn based handover within one AMF: path switch (TS 38.413 clause 8.4.4, TS 23.502 clause 4.9.1.2.2)."""

from __future__ import annotations

from awase.functions.amf.context import Gnb, NgConnection, Ue
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import initial_context_setup, sm_context, ue_context_release
from awase.functions.amf.procedures.sm_context import Update, Updated
from awase.functions.amf.states import State
from awase.model.machine import Procedure
from awase.protocols.ngap import codec as ngap
from awase.protocols.ngap import error_handling as errors
from awase.protocols.ngap.elements import (
    Cause,
    PDUSessionResourceReleasedItemPSAck,
    PDUSessionResourceReleasedItemPSFail,
    PDUSessionResourceSwitchedItem,
    SecurityContext,
    SecurityKey,
    UESecurityCapabilities,
    UserLocationInformationNR,
)
from awase.protocols.ngap.messages import (
    PathSwitchRequest,
    PathSwitchRequestAcknowledge,
    PathSwitchRequestFailure,
)
from awase.protocols.ngap.transfers import PathSwitchRequestUnsuccessfulTransfer
from awase.security import kdf

_ACKNOWLEDGED = "PATH_SWITCH_REQ_ACK"
_NOT_SWITCHED = Cause("radioNetwork", "ho-failure-in-target-5GC-ngran-node-or-target-system")
_SUCCESS = Cause("radioNetwork", "successful-handover")


def path_switch_request(amf: Amf, gnb: Gnb, message: PathSwitchRequest) -> None:
    """The UE is at another node, which names it by the identifier that its former node had from us."""
    connection = amf.connections.get(message.source_amf_ue_ngap_id)
    former = gnb.connections.get(message.ran_ue_ngap_id)
    if connection is None or former not in (None, connection):
        _refuse(amf, gnb, message, errors.UNKNOWN_LOCAL)
        return
    ue = connection.ue
    if ue.state is not State.REGISTERED or ue.connection is not connection or connection.holding:
        _refuse(amf, gnb, message, _NOT_SWITCHED)
        return
    amf.run(_switch(amf, ue, connection, gnb, message))


def _switch(amf: Amf, ue: Ue, connection: NgConnection, gnb: Gnb, message: PathSwitchRequest) -> Procedure[None]:
    source = connection.gnb
    _move(connection, gnb, message)
    answers = yield from sm_context.update_each(amf, ue, _changes(ue, message))
    if amf.connections.get(connection.amf_ue_ngap_id) is not connection:
        return
    switched = tuple(
        PDUSessionResourceSwitchedItem(pdu_session_id=psi, path_switch_request_acknowledge_transfer=answer.n2)
        for psi, answer in answers.items()
        if not answer.refusal and answer.n2 and answer.n2_type == _ACKNOWLEDGED
    )
    done = {item.pdu_session_id for item in switched}
    lost = [i.pdu_session_id for i in message.pdu_session_resource_to_be_switched_dl_list]
    released = {psi: _unsuccessful(answers.get(psi)) for psi in lost if psi not in done}
    for psi in released:
        if psi in ue.sessions:
            ue.sessions[psi].active = False
    if not switched:
        _refuse(amf, gnb, message, _NOT_SWITCHED, released)
        ue_context_release.lose(amf, connection, _NOT_SWITCHED)
        return
    _acknowledge(amf, ue, connection, (switched, released), _corrected(amf, ue, gnb, message))
    amf.report(
        "PathSwitched", f"{ue.name()} has moved from {source.name} to {gnb.name}", subject=ue.subject, gnb=gnb.name
    )


def _changes(ue: Ue, message: PathSwitchRequest) -> dict[int, Update]:
    """To each SMF what the node says of its session; those that it does not name have lost their user plane."""
    changes = {
        item.pdu_session_id: Update(
            n2=item.path_switch_request_transfer, n2_type="PATH_SWITCH_REQ", to_be_switched=True
        )
        for item in message.pdu_session_resource_to_be_switched_dl_list
    }
    for failed in message.pdu_session_resource_failed_to_setup_list_ps_req:
        changes.setdefault(
            failed.pdu_session_id,
            Update(
                n2=failed.path_switch_request_setup_failed_transfer,
                n2_type="PATH_SWITCH_SETUP_FAIL",
                failed_to_be_switched=True,
            ),
        )
    for psi, session in ue.sessions.items():
        if session.active and psi not in changes:
            session.active = False
            changes[psi] = Update(up_cnx_state="DEACTIVATED", cause=_SUCCESS)
    return changes


def _move(connection: NgConnection, gnb: Gnb, message: PathSwitchRequest) -> None:
    source = connection.gnb
    if source.connections.get(connection.ran_ue_ngap_id) is connection:
        del source.connections[connection.ran_ue_ngap_id]
    connection.gnb = gnb
    connection.ran_ue_ngap_id = message.ran_ue_ngap_id
    connection.stream = gnb.stream()
    gnb.connections[message.ran_ue_ngap_id] = connection
    location = message.user_location_information
    if isinstance(location, UserLocationInformationNR):
        connection.tai, connection.nr_cgi = location.tai, location.nr_cgi


def _corrected(amf: Amf, ue: Ue, gnb: Gnb, message: PathSwitchRequest) -> UESecurityCapabilities | None:
    """The UE's true capabilities, where the node has others: nobody bids them down (TS 33.501 clause 6.7.3.1)."""
    if ue.security_capability is None:
        return None
    own = initial_context_setup.security_capabilities(ue.security_capability)
    if message.ue_security_capabilities == own:
        return None
    amf.report(
        "UeSecurityCapabilitiesMismatch",
        f"{gnb.name} has other security capabilities of {ue.name()} than the UE gave: they are put right",
        level="warning",
        subject=ue.subject,
    )
    return own


def next_hop(amf: Amf, ue: Ue, connection: NgConnection) -> SecurityContext:
    """Another next hop, and its chaining counter (TS 33.501 clauses 6.9.2.1.1 and 6.9.2.3.2)."""
    if ue.security is None:
        raise ValueError("no security context")
    k_amf = ue.security.k_amf
    if not connection.nh:
        # NH with NCC 1 comes with the K_gNB, and no node is told of it.
        connection.nh = kdf.nh(k_amf, kdf.k_gnb(k_amf, connection.k_gnb_count))
        connection.ncc = 1
    connection.nh = kdf.nh(k_amf, connection.nh)
    connection.ncc = (connection.ncc + 1) % 8
    return SecurityContext(next_hop_chaining_count=connection.ncc, next_hop_nh=SecurityKey(connection.nh))


def _acknowledge(
    amf: Amf,
    ue: Ue,
    connection: NgConnection,
    accepted: tuple[tuple[PDUSessionResourceSwitchedItem, ...], dict[int, bytes]],
    capabilities: UESecurityCapabilities | None,
) -> None:
    switched, released = accepted
    amf.send_to_ran(
        connection,
        PathSwitchRequestAcknowledge(
            amf_ue_ngap_id=connection.amf_ue_ngap_id,
            ran_ue_ngap_id=connection.ran_ue_ngap_id,
            ue_security_capabilities=capabilities,
            security_context=next_hop(amf, ue, connection),
            pdu_session_resource_switched_list=switched,
            pdu_session_resource_released_list_ps_ack=tuple(
                PDUSessionResourceReleasedItemPSAck(
                    pdu_session_id=psi, path_switch_request_unsuccessful_transfer=transfer
                )
                for psi, transfer in released.items()
            ),
            allowed_nssai=ue.allowed,
        ),
    )


def _unsuccessful(answer: Updated | None, cause: Cause = _NOT_SWITCHED) -> bytes:
    if answer is not None and answer.n2 and answer.n2_type == "PATH_SWITCH_REQ_FAIL":
        return answer.n2
    return ngap.encode_transfer(PathSwitchRequestUnsuccessfulTransfer(cause=cause))


def _refuse(
    amf: Amf, gnb: Gnb, message: PathSwitchRequest, cause: Cause, released: dict[int, bytes] | None = None
) -> None:
    """PATH SWITCH REQUEST FAILURE, with every session (clause 8.4.4.3)."""
    sessions = [item.pdu_session_id for item in message.pdu_session_resource_to_be_switched_dl_list]
    given = released or {}
    amf.send_to_gnb(
        gnb,
        PathSwitchRequestFailure(
            amf_ue_ngap_id=message.source_amf_ue_ngap_id,
            ran_ue_ngap_id=message.ran_ue_ngap_id,
            pdu_session_resource_released_list_ps_fail=tuple(
                PDUSessionResourceReleasedItemPSFail(
                    pdu_session_id=psi,
                    path_switch_request_unsuccessful_transfer=given.get(psi) or _unsuccessful(None, cause),
                )
                for psi in sessions
            ),
        ),
        1,
    )
    amf.report_rarely("PathSwitchRefused", f"a path switch of {gnb.name} is refused: {cause}", subject=gnb.name)
