"""UE-requested PDU session establishment (TS 24.501 clause 6.4.1).

A deviation: a slice that is not among the allowed ones is asked for all the same, so that the network's answer
is seen. Clause 5.4.5.2.2 lets a UE name allowed slices only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from awase.functions.ue import back_off, identity
from awase.functions.ue.context import PduSession
from awase.functions.ue.procedures import pdu_session_release, router_discovery
from awase.functions.ue.qos import QosError, SessionQos
from awase.functions.ue.states import SessionState
from awase.functions.ue.timers import MAX_SESSION_TRIES, T3580_S
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGSMCause
from awase.protocols.nas.codec import encode
from awase.protocols.nas.elements import PayloadContainerType, RequestType, SNssaiElement
from awase.protocols.nas.half_octets import AlwaysOnPduSessionRequested
from awase.protocols.nas.session_elements import (
    ExtendedProtocolConfigurationOptions,
    FiveGSMCapability,
    IntegrityProtectionMaximumDataRate,
    PduSessionType,
    SscMode,
)
from awase.wire.addresses import ipv4_text

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue

_IP_ADDRESS_VIA_NAS = 0x000A
DNS_SERVER_IPV4 = 0x000D
DNS_SERVER_IPV6 = 0x0003
_IPV4_LINK_MTU = 0x0010
_OPTIONS = {
    PduSessionType.ipv4: ExtendedProtocolConfigurationOptions.of(((_IP_ADDRESS_VIA_NAS, b""), (DNS_SERVER_IPV4, b""))),
    PduSessionType.ipv6: ExtendedProtocolConfigurationOptions.of(((DNS_SERVER_IPV6, b""),)),
    PduSessionType.ipv4v6: ExtendedProtocolConfigurationOptions.of(
        ((_IP_ADDRESS_VIA_NAS, b""), (DNS_SERVER_IPV4, b""), (DNS_SERVER_IPV6, b""))
    ),
}
_ALWAYS_ON = AlwaysOnPduSessionRequested.always_on_pdu_session_requested
_CAPABILITY = FiveGSMCapability(octets=b"\x01")
"""Reflective QoS is supported."""
_SLICE_CAUSES = frozenset({67, 69, 70})
_AGAIN_S = 15
"""When a session is asked for again that something passing kept away, and no back-off timer: ours, the standard's are
for upper layers to decide."""
_PASSING = frozenset({26, 31, 34, 38})
"""5GSM causes of what passes: insufficient resources, unspecified, out of order, network failure."""
_NOT_FORWARDED = 90
_ONLY_ALLOWED = {
    50: PduSessionType.ipv4,
    51: PduSessionType.ipv6,
    57: PduSessionType.ipv4v6,
    58: PduSessionType.unstructured,
    61: PduSessionType.ethernet,
}
"""The type that is allowed, by the cause that refuses another (clauses 6.4.1.3 and 6.4.1.4.3)."""


def pdu_session_establishment(ue: Ue, session: PduSession) -> Procedure[bool]:
    """PDU SESSION ESTABLISHMENT REQUEST, and again at T3580's expiry; whether the session is there."""
    session.state = SessionState.ACTIVE_PENDING
    pti = session.pti
    request = _request(session, wants_mtu=ue.app is not None)
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
    if isinstance(answer, nas.PDUSessionEstablishmentAccept):
        return _taken(ue, session, answer)
    _refused(ue, session, answer)
    ue.sm.remove(session)
    _try_otherwise(ue, session, answer)
    return False


def _options(session: PduSession, *, wants_mtu: bool) -> ExtendedProtocolConfigurationOptions | None:
    """What is asked for besides; the MTU only where programs' packets are to fit it (TS 24.008 clause 10.5.6.3)."""
    options = _OPTIONS.get(session.type)
    if not wants_mtu or options is None or session.type is PduSessionType.ipv6:
        return options
    return ExtendedProtocolConfigurationOptions.of((*options.containers(from_network=False), (_IPV4_LINK_MTU, b"")))


def _request(session: PduSession, *, wants_mtu: bool) -> nas.ULNASTransport:
    asked = session.asked
    s_nssai = None if asked.slice is None else SNssaiElement(s_nssai=identity.s_nssai(asked.slice))
    return nas.ULNASTransport(
        payload_container_type=PayloadContainerType.n1_sm_information,
        payload_container=encode(
            nas.PDUSessionEstablishmentRequest(
                pdu_session_id=session.pdu_session_id,
                pti=session.pti,
                integrity_protection_maximum_data_rate=IntegrityProtectionMaximumDataRate(),
                pdu_session_type=session.type,
                ssc_mode=SscMode(asked.ssc_mode),
                five_gsm_capability=_CAPABILITY,
                always_on_pdu_session_requested=_ALWAYS_ON if asked.always_on else None,
                extended_protocol_configuration_options=_options(session, wants_mtu=wants_mtu),
            )
        ),
        pdu_session_id=session.pdu_session_id,
        request_type=RequestType.initial_request,
        s_nssai=s_nssai,
        dnn=asked.dnn,
    )


def _taken(ue: Ue, session: PduSession, accept: nas.PDUSessionEstablishmentAccept) -> bool:
    """Check address and rules (clauses 6.4.1.3 and 6.4.1.4); what cannot be used is released again."""
    fault = _fault(session, accept)
    if fault is None:
        _accepted(ue, session, accept)
        return True
    cause, why = fault
    ue.report(
        "SessionUnusable",
        f"PDU session {session.pdu_session_id} of {ue.context.supi} cannot be used: {why}",
        level="error",
        subject=ue.context.supi,
        cause=int(cause),
    )
    session.state = SessionState.ACTIVE
    pdu_session_release.start(ue, session, cause)
    return False


def _fault(session: PduSession, accept: nas.PDUSessionEstablishmentAccept) -> tuple[FiveGSMCause, str] | None:
    kind, address = accept.selected_pdu_session_type, accept.pdu_address
    ipv4 = address.ipv4 if address is not None else None
    identifier = address.interface_identifier if address is not None else None
    regular = FiveGSMCause.regular_deactivation
    if kind in (PduSessionType.ipv4, PduSessionType.ipv4v6) and ipv4 is None:
        return regular, "it has no IPv4 address"
    if kind in (PduSessionType.ipv6, PduSessionType.ipv4v6) and identifier is None:
        return regular, "it has no IPv6 interface identifier"
    both = session.type is PduSessionType.ipv4v6
    if kind != session.type and not (both and kind in (PduSessionType.ipv4, PduSessionType.ipv6)):
        return FiveGSMCause.semantically_incorrect_message, f"it is of type {kind.name}, {session.type.name} was asked"
    if any(rule.operation != 1 for rule in accept.authorized_qos_rules):
        return FiveGSMCause.semantic_error_in_the_qos_operation, "a QoS rule of a new session is not created"
    qos = SessionQos()
    try:
        qos.take(accept.authorized_qos_rules, accept.authorized_qos_flow_descriptions)
    except QosError as error:
        return error.cause, str(error)
    session.qos = qos
    return None


def _accepted(ue: Ue, session: PduSession, accept: nas.PDUSessionEstablishmentAccept) -> None:
    session.state = SessionState.ACTIVE
    session.type = accept.selected_pdu_session_type
    session.user_plane = True
    session.always_on = accept.always_on_pdu_session_indication == 1
    if session.qos is not None and accept.rq_timer_value is not None:
        session.qos.rq_timer_s = accept.rq_timer_value.seconds
    address = accept.pdu_address
    if address is not None and address.ipv4 is not None:
        session.address = bytes(map(int, address.ipv4.split(".")))
    if address is not None and address.interface_identifier is not None:
        session.interface_identifier = address.interface_identifier
    take_options(session, accept.extended_protocol_configuration_options)
    session.uplink_bps = accept.session_ambr.uplink_bps
    session.dnn = accept.dnn or session.dnn
    if accept.s_nssai is not None:
        session.s_nssai = accept.s_nssai.s_nssai
    elif session.asked.slice is not None:
        session.s_nssai = identity.s_nssai(session.asked.slice)
    text = ipv4_text(session.address) if session.address else "none"
    ue.report(
        "SessionEstablished",
        f"PDU session {session.pdu_session_id} of {ue.context.supi} to {session.dnn or 'the default DNN'} is there,"
        f" address {text}",
        subject=ue.context.supi,
        pdu_session_id=session.pdu_session_id,
        address=text,
    )
    if session.interface_identifier:
        ue.run(router_discovery.router_solicitation(ue, session))
    ue.session_usable(session)


def take_options(session: PduSession, options: ExtendedProtocolConfigurationOptions | None) -> None:
    """The DNS servers, of which the first of each kind is used, and the MTU of IPv4."""
    for identifier, contents in options.containers(from_network=True) if options is not None else ():
        if identifier == DNS_SERVER_IPV4 and len(contents) == 4 and not session.dns:
            session.dns = contents
        elif identifier == DNS_SERVER_IPV6 and len(contents) == 16 and not session.dns6:
            session.dns6 = contents
        elif identifier == _IPV4_LINK_MTU and len(contents) == 2:
            session.mtu_bytes = int.from_bytes(contents, "big")


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


def _try_otherwise(ue: Ue, session: PduSession, answer: object) -> None:
    """Ask for the type that is allowed, or start what keeps the UE from asking again (clause 6.4.1.4)."""
    passing = answer is None
    until_ns = 0
    if isinstance(answer, nas.DLNASTransport) and answer.five_gmm_cause is not None:
        cause, value = int(answer.five_gmm_cause), answer.back_off_timer_value
        if cause == 65:
            ue.sm.no_room = True
            return
        passing = cause == _NOT_FORWARDED
        until_ns = back_off.refused(ue, session.asked, cause, value, by_amf=True)
    elif isinstance(answer, nas.PDUSessionEstablishmentReject):
        cause = int(answer.five_gsm_cause)
        allowed = _ONLY_ALLOWED.get(cause)
        if allowed in (PduSessionType.ipv4, PduSessionType.ipv6) and allowed is not session.type:
            # IPv4v6, or the other version, was asked for: what is allowed serves as well.
            ue.sm.establish(session.config_index, kind=allowed)
            return
        passing = cause in _PASSING
        until_ns = back_off.refused(ue, session.asked, cause, answer.back_off_timer_value)
    if passing and not until_ns:
        until_ns = ue.now_ns + _AGAIN_S * NS_PER_S
    if until_ns and until_ns != back_off.FOR_EVER:
        ue.sm.retry_at(session.config_index, until_ns)


def _slice(session: PduSession) -> str:
    return "" if session.asked.slice is None else f" in slice {identity.s_nssai(session.asked.slice)}"
