"""N3: the user plane between UPF and UE (TS 29.281, TS 38.415; TS 38.413 clause 8.2)."""

from __future__ import annotations

from awase.functions.gnb.core import Gnb
from awase.model.part import Packet
from awase.protocols.gtpu import codec as gtpu
from awase.protocols.gtpu.codec import decode_g_pdu, encode_g_pdu
from awase.protocols.gtpu.messages import (
    EchoRequest,
    EchoResponse,
    ErrorIndication,
    ExtensionHeaderType,
    GPdu,
    SupportedExtensionHeadersNotification,
)
from awase.wire.errors import DecodeError, EncodeError

_UNDERSTOOD = (int(ExtensionHeaderType.PDU_SESSION_CONTAINER),)


def receive(gnb: Gnb, packet: Packet) -> None:
    """A datagram, or several."""
    payload = packet.payload
    if isinstance(payload, bytes):
        _datagram(gnb, packet.peer, payload)
    else:
        for octets in payload:
            _datagram(gnb, packet.peer, octets)


def uplink(gnb: Gnb, sti: int, pdu_session_id: int, packet: bytes) -> None:
    """A user's packet from a UE, into its session's tunnel.

    Without SDAP there is nothing to tell QoS flows by: all goes in the session's first, the default one.
    """
    ue = gnb.ue_of_sti.get(sti)
    session = ue.sessions.get(pdu_session_id) if ue is not None else None
    if ue is None or session is None:
        gnb.report_rarely("NoTunnel", f"a UE sent data in PDU session {pdu_session_id}, which it has not")
        return
    ue.active_ns = gnb.now_ns
    octets = encode_g_pdu(session.uplink_teid, packet, session.qfis[0], uplink=True)
    gnb.send(Packet("n3", session.uplink_address, octets))


def _datagram(gnb: Gnb, peer: str, octets: bytes) -> None:
    plain = decode_g_pdu(octets)
    if plain is not None:
        _downlink(gnb, peer, plain[0], plain[2])
        return
    try:
        message = gtpu.decode(octets)
    except gtpu.UnsupportedExtensionHeaderError as error:
        gnb.malformed("n3", str(error), error.offset)
        # TS 29.281 clause 7.2.3.
        notification = SupportedExtensionHeadersNotification(extension_header_types=_UNDERSTOOD)
        gnb.send(Packet("n3", peer, gtpu.encode(notification)))
        return
    except DecodeError as error:
        gnb.malformed("n3", str(error), error.offset)
        return
    if isinstance(message, GPdu):
        _downlink(gnb, peer, message.teid, message.payload)
    elif isinstance(message, EchoRequest):
        response = EchoResponse(sequence_number=message.sequence_number or 0)
        gnb.send(Packet("n3", peer, gtpu.encode(response)))
    elif isinstance(message, ErrorIndication):
        teid = message.tunnel_endpoint_identifier_data_i
        gnb.report_rarely("GtpErrorIndication", f"{peer} knows no tunnel with TEID {teid:#010x}")
    # End Marker: the path is another one now, and nothing waits for it here. Others need no answer.


def _downlink(gnb: Gnb, peer: str, teid: int, packet: bytes) -> None:
    session = gnb.tunnels.get(teid)
    if session is None:
        # TS 29.281 clause 7.3.1; to the GTP-U port, whatever the source port.
        host = peer.rpartition(":")[0] or peer
        error = ErrorIndication(
            sequence_number=0, tunnel_endpoint_identifier_data_i=teid, gtp_u_peer_address=gnb.n3_address
        )
        gnb.send(Packet("n3", f"{host}:2152", gtpu.encode(error)))
        gnb.report_rarely("UnknownTeid", f"{peer} sent to TEID {teid:#010x}, which is no tunnel of this gNB")
        return
    ue = session.ue
    ue.active_ns = gnb.now_ns
    if gnb.ue_of_sti.get(ue.sti) is not ue:
        # Its radio link is lost, its release under way.
        return
    try:
        gnb.link.send_data(ue.sti, session.id, packet)
    except EncodeError:
        gnb.report_rarely("PacketTooLarge", f"a packet of {len(packet)} octets is more than RLS carries")
