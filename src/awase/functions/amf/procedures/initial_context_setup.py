"""Initial Context Setup, the AMF's side (TS 38.413 clause 8.3.1): before any PDU session resource is set up."""

from __future__ import annotations

from awase.functions.amf.context import AccessContext, NgConnection, SmMessage, Ue
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import pdu_session_resource, ue_context_release
from awase.model.part import NS_PER_S
from awase.protocols.nas.elements import UeSecurityCapability
from awase.protocols.ngap.elements import SecurityKey, UESecurityCapabilities
from awase.protocols.ngap.messages import InitialContextSetupFailure, InitialContextSetupRequest


def security_capabilities(capability: UeSecurityCapability) -> UESecurityCapabilities:
    """UE Security Capabilities (TS 38.413 clause 9.3.1.86): 16 bits, algorithm 1 first; NAS starts at 0."""
    octets = capability.octets + bytes(4)
    return UESecurityCapabilities(
        nr_encryption_algorithms=_bits(octets[0]),
        nr_integrity_protection_algorithms=_bits(octets[1]),
        eutra_encryption_algorithms=_bits(octets[2]),
        eutra_integrity_protection_algorithms=_bits(octets[3]),
    )


def masked_imeisv(digits: str) -> bytes | None:
    """Masked IMEISV (TS 38.413 clause 9.3.1.54): the last four digits of the SNR are ones."""
    if len(digits) != 16:
        return None
    return bytes.fromhex(digits[:10] + "ffff" + digits[14:])


def start(
    amf: Amf, ue: Ue, connection: NgConnection, nas_pdu: bytes | None, messages: tuple[SmMessage, ...] = ()
) -> None:
    """Ask the node to set up the UE's context and sessions, with the NAS message that goes along."""
    security, capability = ue.security, ue.security_capability
    if security is None or capability is None:
        return
    connection.access_context = AccessContext.BEING_SET_UP
    connection.k_gnb_count, connection.nh, connection.ncc = ue.uplink_count, b"", 0
    guami = ue.guti.guami if ue.guti is not None else amf.served.guami
    amf.send_to_ran(
        connection,
        InitialContextSetupRequest(
            amf_ue_ngap_id=connection.amf_ue_ngap_id,
            ran_ue_ngap_id=connection.ran_ue_ngap_id,
            # Mandatory where sessions are in the list (clause 9.2.2.1); radio needs it before the first one.
            ue_aggregate_maximum_bit_rate=ue.ambr,
            guami=guami,
            pdu_session_resource_setup_list_cxt_req=pdu_session_resource.context_items(amf, ue, messages),
            allowed_nssai=ue.allowed,
            ue_security_capabilities=security_capabilities(capability),
            security_key=SecurityKey(amf.k_gnb(ue)),
            ue_radio_capability=ue.radio_capability,
            masked_imeisv=masked_imeisv(ue.pei.digits) if ue.pei is not None else None,
            nas_pdu=nas_pdu,
        ),
    )
    after_ns = int(amf.config.ng_response_s * NS_PER_S)
    connection.timer = amf.start_timer(after_ns, lambda: _silent(amf, connection))


def response(amf: Amf, connection: NgConnection) -> bool:
    """INITIAL CONTEXT SETUP RESPONSE: what waited for it follows; False where none was awaited."""
    if connection.access_context is not AccessContext.BEING_SET_UP:
        return False
    _stop_timer(connection)
    connection.access_context = AccessContext.SET_UP
    waiting, connection.waiting = connection.waiting, []
    for send in waiting:
        send()
    return True


def failure(amf: Amf, connection: NgConnection, message: InitialContextSetupFailure) -> None:
    """INITIAL CONTEXT SETUP FAILURE: without a context the UE cannot stay connected."""
    _stop_timer(connection)
    amf.report(
        "InitialContextSetupFailed",
        f"{connection.gnb.name} could not set up the context of {connection.ue.name()}: {message.cause}",
        level="error",
        subject=connection.ue.subject,
        cause=str(message.cause),
    )
    ue_context_release.release(amf, connection, message.cause or ue_context_release.UNSPECIFIED)


def _silent(amf: Amf, connection: NgConnection) -> None:
    connection.timer = None
    amf.report(
        "InitialContextSetupFailed",
        f"{connection.gnb.name} did not answer the INITIAL CONTEXT SETUP REQUEST for "
        f"{connection.ue.name()} within {amf.config.ng_response_s:g} s",
        level="error",
        subject=connection.ue.subject,
        config="ng_response_s",
    )
    ue_context_release.release(amf, connection, ue_context_release.UNSPECIFIED)


def _stop_timer(connection: NgConnection) -> None:
    if connection.timer is not None:
        connection.timer.stop()
        connection.timer = None


def _bits(octet: int) -> int:
    """One NAS octet as NGAP's bit string: bit 1 of NGAP is algorithm 1, the null algorithm is left out."""
    return (octet & 0x7F) << 9
