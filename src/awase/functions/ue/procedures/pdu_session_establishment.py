"""UE-requested PDU session establishment (TS 24.501 clause 6.4.1).

A deviation: a slice that is not among the allowed ones is asked for all the same, so that the network's answer
is seen. Clause 5.4.5.2.2 lets a UE name allowed slices only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from awase.functions.ue import identity
from awase.functions.ue.context import PduSession
from awase.functions.ue.procedures import pdu_session_release
from awase.functions.ue.states import SessionState
from awase.functions.ue.timers import MAX_SESSION_TRIES, T3580_S
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.nas import messages as nas
from awase.protocols.nas.codec import encode
from awase.protocols.nas.elements import PayloadContainerType, RequestType, SNssaiElement
from awase.protocols.nas.session_elements import (
    ExtendedProtocolConfigurationOptions,
    FiveGSMCapability,
    IntegrityProtectionMaximumDataRate,
    PduSessionType,
    SscMode,
)

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue

_IP_ADDRESS_VIA_NAS = 0x000A
_DNS_SERVER_IPV4 = 0x000D
_OPTIONS = ExtendedProtocolConfigurationOptions.of(((_IP_ADDRESS_VIA_NAS, b""), (_DNS_SERVER_IPV4, b"")))
_SLICE_CAUSES = frozenset({67, 69, 70})


def pdu_session_establishment(ue: Ue, session: PduSession) -> Procedure[bool]:
    """PDU SESSION ESTABLISHMENT REQUEST, and again at T3580's expiry; whether the session is there."""
    session.state = SessionState.ACTIVE_PENDING
    pti = session.pti
    request = _request(session)
    answer: object = None
    for _ in range(MAX_SESSION_TRIES):
        connected = yield from ue.n1.connection(("establishment", pti))
        if not connected:
            break
        ue.n1.send(request)
        answer = yield Wait(("pti", pti), T3580_S * NS_PER_S)
        if answer is not None:
            break
    ue.sm.free_pti(pti)
    if isinstance(answer, nas.PDUSessionEstablishmentAccept) and _usable(ue, session, answer):
        _accepted(ue, session, answer)
        return True
    if isinstance(answer, nas.PDUSessionEstablishmentAccept):
        # Clause 6.4.1.3: a session that cannot be used is released again.
        return False
    _refused(ue, session, answer)
    ue.sm.remove(session)
    return False


def _request(session: PduSession) -> nas.ULNASTransport:
    asked = session.asked
    s_nssai = None if asked.slice is None else SNssaiElement(s_nssai=identity.s_nssai(asked.slice))
    return nas.ULNASTransport(
        payload_container_type=PayloadContainerType.n1_sm_information,
        payload_container=encode(
            nas.PDUSessionEstablishmentRequest(
                pdu_session_id=session.pdu_session_id,
                pti=session.pti,
                integrity_protection_maximum_data_rate=IntegrityProtectionMaximumDataRate(),
                pdu_session_type=PduSessionType[asked.type],
                ssc_mode=SscMode.ssc_mode_1,
                five_gsm_capability=FiveGSMCapability(),
                extended_protocol_configuration_options=_OPTIONS,
            )
        ),
        pdu_session_id=session.pdu_session_id,
        request_type=RequestType.initial_request,
        s_nssai=s_nssai,
        dnn=asked.dnn,
    )


def _usable(ue: Ue, session: PduSession, accept: nas.PDUSessionEstablishmentAccept) -> bool:
    """Check address and rules (clauses 6.4.1.3 and 6.4.1.4); release what cannot be used."""
    default = [rule for rule in accept.authorized_qos_rules if rule.default_qos_rule]
    address = accept.pdu_address.ipv4 if accept.pdu_address is not None else None
    ip = accept.selected_pdu_session_type in (PduSessionType.ipv4, PduSessionType.ipv4v6)
    if len(default) == 1 and (address is not None or not ip):
        return True
    why = "it has no IPv4 address" if len(default) == 1 else f"it has {len(default)} default QoS rules"
    ue.report(
        "SessionUnusable",
        f"PDU session {session.pdu_session_id} of {ue.context.supi} cannot be used: {why}",
        level="error",
        subject=ue.context.supi,
    )
    session.state = SessionState.ACTIVE
    pdu_session_release.start(ue, session)
    return False


def _accepted(ue: Ue, session: PduSession, accept: nas.PDUSessionEstablishmentAccept) -> None:
    session.state = SessionState.ACTIVE
    if accept.pdu_address is not None and accept.pdu_address.ipv4 is not None:
        session.address = bytes(map(int, accept.pdu_address.ipv4.split(".")))
    options = accept.extended_protocol_configuration_options
    for identifier, contents in options.containers(from_network=True) if options is not None else ():
        if identifier == _DNS_SERVER_IPV4 and len(contents) == 4 and not session.dns:
            session.dns = contents
    session.uplink_bps = accept.session_ambr.uplink_bps
    session.dnn = accept.dnn or session.dnn
    if accept.s_nssai is not None:
        session.s_nssai = accept.s_nssai.s_nssai
    address = ".".join(map(str, session.address)) or "none"
    ue.report(
        "SessionEstablished",
        f"PDU session {session.pdu_session_id} of {ue.context.supi} to {session.dnn or 'the default DNN'} is there,"
        f" address {address}",
        subject=ue.context.supi,
        pdu_session_id=session.pdu_session_id,
        address=address,
    )
    ue.traffic.session_established(session)


def _refused(ue: Ue, session: PduSession, answer: object) -> None:
    path = f"sessions[{session.config_index}]"
    cause = 0
    if isinstance(answer, nas.PDUSessionEstablishmentReject | nas.FiveGSMStatus):
        cause = int(answer.five_gsm_cause)
        words = f"was rejected with cause #{cause} ({answer.five_gsm_cause.text})"
        path += ".slice" if cause in _SLICE_CAUSES else ".dnn"
    elif isinstance(answer, nas.DLNASTransport) and answer.five_gmm_cause is not None:
        cause = int(answer.five_gmm_cause)
        words = f"was not forwarded by the AMF, cause #{cause} ({answer.five_gmm_cause.text})"
    elif answer is None:
        words = "got no answer"
    else:
        words = "was released by the network at once"
    ue.report(
        "SessionRejected",
        f"the request of {ue.context.supi} for PDU session {session.pdu_session_id} to"
        f" {session.asked.dnn or 'the default DNN'}{_slice(session)} {words}",
        level="error",
        subject=ue.context.supi,
        config=path,
        cause=cause,
        pdu_session_id=session.pdu_session_id,
    )


def _slice(session: PduSession) -> str:
    return "" if session.asked.slice is None else f" in slice {identity.s_nssai(session.asked.slice)}"
