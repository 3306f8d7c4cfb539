"""The 5GSM messages that an SMF sends (TS 24.501 clause 8.3), and what it reads from the UE's options."""

from functools import lru_cache

from awase.functions.smf.context import QFI, Qos, SmContext
from awase.model.settings import Dnn
from awase.protocols.nas import codec
from awase.protocols.nas.causes import FiveGSMCause
from awase.protocols.nas.elements import SNssaiElement
from awase.protocols.nas.messages import (
    FiveGSMStatus,
    PDUSessionEstablishmentAccept,
    PDUSessionEstablishmentReject,
    PDUSessionEstablishmentRequest,
    PDUSessionModificationReject,
    PDUSessionReleaseCommand,
)
from awase.protocols.nas.session_elements import (
    ExtendedProtocolConfigurationOptions,
    PduAddress,
    PduSessionType,
    QosFlowDescription,
    QosFlowDescriptions,
    SessionAmbr,
    SscMode,
    default_qos_rule,
)
from awase.wire.addresses import ipv4_octets

_DNS_SERVER_IPV4_ADDRESS = 0x000D
_IPV4_LINK_MTU = 0x0010
"""Containers of TS 24.008 table 10.5.154, in both directions."""


_DEFAULT_RULES = (default_qos_rule(QFI),)


@lru_cache(maxsize=256)
def _of_qos(qos: Qos) -> tuple[SessionAmbr, QosFlowDescriptions]:
    """Few QoS serve many sessions."""
    ambr = SessionAmbr.of_bps(downlink_bps=qos.downlink_bps, uplink_bps=qos.uplink_bps)
    return ambr, (QosFlowDescription.create(QFI, qos.five_qi),)


def options(
    asked: ExtendedProtocolConfigurationOptions | None, dnn: Dnn
) -> ExtendedProtocolConfigurationOptions | None:
    """The answer to the UE's options: what it asked for and we know (TS 24.008 clause 10.5.6.3)."""
    if asked is None:
        return None
    wanted = [identifier for identifier, _ in asked.containers(from_network=False)]
    found = []
    if _DNS_SERVER_IPV4_ADDRESS in wanted:
        found += [(_DNS_SERVER_IPV4_ADDRESS, ipv4_octets(server)) for server in dnn.dns]
    if _IPV4_LINK_MTU in wanted:
        found.append((_IPV4_LINK_MTU, dnn.mtu_bytes.to_bytes(2)))
    return ExtendedProtocolConfigurationOptions.of(tuple(found)) if found else None


def establishment_accept(context: SmContext, request: PDUSessionEstablishmentRequest, dnn: Dnn, ssc_mode: int) -> bytes:
    """PDU SESSION ESTABLISHMENT ACCEPT for an IPv4 session (TS 24.501 clause 6.4.1.3)."""
    qos = context.qos
    assert qos is not None
    session_ambr, flows = _of_qos(qos)
    both = request.pdu_session_type == PduSessionType.ipv4v6
    return codec.encode(
        PDUSessionEstablishmentAccept(
            pdu_session_id=context.pdu_session_id,
            pti=context.pti,
            selected_pdu_session_type=PduSessionType.ipv4,
            selected_ssc_mode=SscMode(ssc_mode),
            authorized_qos_rules=_DEFAULT_RULES,
            session_ambr=session_ambr,
            five_gsm_cause=FiveGSMCause.pdu_session_type_ipv4_only_allowed if both else None,
            pdu_address=PduAddress(ipv4=context.address),
            s_nssai=SNssaiElement(s_nssai=context.s_nssai),
            # An always-on session was asked for: the answer is due, and it is "not allowed" (9.11.4.3).
            always_on_pdu_session_indication=None if request.always_on_pdu_session_requested is None else 0,
            authorized_qos_flow_descriptions=flows,
            extended_protocol_configuration_options=options(request.extended_protocol_configuration_options, dnn),
            dnn=context.dnn,
        )
    )


def establishment_reject(pdu_session_id: int, pti: int, cause: int, ssc_modes: tuple[int, ...] = ()) -> bytes:
    """PDU SESSION ESTABLISHMENT REJECT (TS 24.501 clause 6.4.1.4); the modes go with cause 68 only."""
    allowed = sum(1 << (mode - 1) for mode in ssc_modes) if cause == FiveGSMCause.not_supported_ssc_mode else None
    return codec.encode(
        PDUSessionEstablishmentReject(
            pdu_session_id=pdu_session_id,
            pti=pti,
            five_gsm_cause=FiveGSMCause(cause),
            allowed_ssc_mode=allowed,
        )
    )


def release_command(context: SmContext, pti: int, cause: int) -> bytes:
    """PDU SESSION RELEASE COMMAND (TS 24.501 clause 6.3.3.2)."""
    return codec.encode(
        PDUSessionReleaseCommand(pdu_session_id=context.pdu_session_id, pti=pti, five_gsm_cause=FiveGSMCause(cause))
    )


def modification_reject(pdu_session_id: int, pti: int, cause: int) -> bytes:
    """PDU SESSION MODIFICATION REJECT (TS 24.501 clause 6.4.2.4)."""
    return codec.encode(
        PDUSessionModificationReject(pdu_session_id=pdu_session_id, pti=pti, five_gsm_cause=FiveGSMCause(cause))
    )


def status(pdu_session_id: int, pti: int, cause: int) -> bytes:
    """5GSM STATUS (TS 24.501 clause 6.5)."""
    return codec.encode(FiveGSMStatus(pdu_session_id=pdu_session_id, pti=pti, five_gsm_cause=FiveGSMCause(cause)))
