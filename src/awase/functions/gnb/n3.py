"""N3: the user plane between UPF and UE (TS 29.281, TS 38.415; TS 38.413 clause 8.2)."""

from __future__ import annotations

from awase.functions.gnb.context import UeContext
from awase.functions.gnb.core import Gnb
from awase.functions.gnb.procedures import pdu_session_resource_notify, ue_context_release
from awase.functions.gnb.qos import passes
from awase.model.machine import Procedure
from awase.model.part import NS_PER_S, Packet
from awase.protocols.gtpu import codec as gtpu
from awase.protocols.gtpu.codec import decode_g_pdu, encode_g_pdu
from awase.protocols.gtpu.messages import (
    DlPduSessionInformation,
    EchoRequest,
    EchoResponse,
    ErrorIndication,
    ExtensionHeaderType,
    GPdu,
    SupportedExtensionHeadersNotification,
)
from awase.protocols.ngap.elements import Cause
from awase.wire.errors import DecodeError, EncodeError

UPF_LOST = Cause("transport", "transport-resource-unavailable")

NOT_RECONFIGURED = Cause("radioNetwork", "failure-in-radio-interface-procedure")
_RECONFIGURED_NS = NS_PER_S
"""How long RRC would need to take a session's radio bearers from a UE."""

_UNDERSTOOD = (int(ExtensionHeaderType.PDU_SESSION_CONTAINER),)


def start(gnb: Gnb) -> None:
    """Ask the UPFs at intervals whether they are there (TS 29.281 clause 7.2.1)."""
    interval_s = gnb.config.n3_echo_s
    if interval_s is not None:
        gnb.start_timer(round(interval_s * NS_PER_S), lambda: _ask_all(gnb))


def _ask_all(gnb: Gnb) -> None:
    for peer in dict.fromkeys(session.uplink_address for session in gnb.tunnels.values()):
        gnb.run(_ask(gnb, peer))
    start(gnb)


def _ask(gnb: Gnb, peer: str) -> Procedure[None]:
    if (yield from gnb.gtpu.echo(peer)):
        return
    lost = [session for session in gnb.tunnels.values() if session.uplink_address == peer]
    gnb.report(
        "PathFailure",
        f"UPF {peer} does not answer echoes: {len(lost)} sessions lose their resources",
        level="error",
        config="n3_echo_s",
        sessions=len(lost),
    )
    for session in lost:
        # As where it does not know their tunnels: what it still has of them is the SMF's to say.
        pdu_session_resource_notify.released(gnb, session, UPF_LOST)


def receive(gnb: Gnb, packet: Packet) -> None:
    """A datagram, or several."""
    payload = packet.payload
    if isinstance(payload, bytes):
        _datagram(gnb, packet.peer, payload)
    else:
        for octets in payload:
            _datagram(gnb, packet.peer, octets)


def uplink(gnb: Gnb, sti: int, pdu_session_id: int, packet: bytes, marked_qfi: int = 0) -> None:
    """A user's packet from a UE, into its session's tunnel: in the QoS flow that it is marked with, else the first."""
    ue = gnb.ue_of_sti.get(sti)
    session = ue.sessions.get(pdu_session_id) if ue is not None else None
    if ue is None or session is None:
        if ue is None:
            gnb.heard_again(sti)
        gnb.report_rarely("NoTunnel", f"a UE sent data in PDU session {pdu_session_id}, which it has not")
        if ue is not None:
            _let_know(gnb, ue, pdu_session_id)
        return
    ue.active_ns = gnb.now_ns
    qfi = marked_qfi if marked_qfi in session.qfis else session.qfis[0]
    if ue.uplink_bucket is not None and not passes(gnb, session, qfi, len(packet), True):
        return
    octets = encode_g_pdu(session.uplink_teid, packet, qfi, uplink=True)
    gnb.send(Packet("n3", session.uplink_address, octets))


def _let_know(gnb: Gnb, ue: UeContext, pdu_session_id: int) -> None:
    """A UE uses a session whose resources were released: it is let go, and asks for what it needs.

    RRC reconfiguration would have told it (TS 38.331 clause 5.3.5.6.4), but RLS has none. TS 38.413 clause 8.3.2
    leaves a node that the radio procedure fails the release of the UE.
    """
    since_ns = (ue.untold_ns or {}).get(pdu_session_id)
    if since_ns is not None and gnb.now_ns - since_ns >= _RECONFIGURED_NS:
        ue_context_release.request(gnb, ue, NOT_RECONFIGURED)


def _datagram(gnb: Gnb, peer: str, octets: bytes) -> None:
    plain = decode_g_pdu(octets)
    if plain is not None:
        _downlink(gnb, peer, *plain)
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
        container = message.container
        qfi = None if container is None else container.qfi
        rqi = isinstance(container, DlPduSessionInformation) and container.rqi
        _downlink(gnb, peer, message.teid, qfi, message.payload, rqi=rqi)
    elif isinstance(message, EchoRequest):
        response = EchoResponse(sequence_number=message.sequence_number or 0)
        gnb.send(Packet("n3", peer, gtpu.encode(response)))
    elif isinstance(message, EchoResponse):
        gnb.gtpu.receive(peer, message)
    elif isinstance(message, ErrorIndication):
        teid = message.tunnel_endpoint_identifier_data_i
        gnb.report_rarely("GtpErrorIndication", f"{peer} knows no tunnel with TEID {teid:#010x}")
        _tunnel_lost(gnb, peer, message)
    # End Marker: the path is another one now, and nothing waits for it here. Others need no answer.


def _tunnel_lost(gnb: Gnb, peer: str, message: ErrorIndication) -> None:
    """A UPF does not know a session's tunnel any more: the AMF is told (TS 23.527 clause 5.3.3)."""
    host, teid = message.gtp_u_peer_address, message.tunnel_endpoint_identifier_data_i
    if peer.rpartition(":")[0] != host:
        return
    lost = [s for s in gnb.tunnels.values() if s.uplink_teid == teid and s.uplink_address == f"{host}:2152"]
    for session in lost:
        pdu_session_resource_notify.released(gnb, session, UPF_LOST)


def _downlink(gnb: Gnb, peer: str, teid: int, qfi: int | None, packet: bytes, *, rqi: bool = False) -> None:
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
    if ue.downlink_bucket is not None and not passes(gnb, session, qfi, len(packet), False):
        return
    # What comes on the session's first flow needs no mark, unless the UE is to reflect it.
    mark = qfi if qfi is not None and (rqi or qfi != session.qfis[0]) else 0
    try:
        gnb.link.send_data(ue.sti, session.id, packet, mark, rqi=rqi)
    except EncodeError:
        gnb.report_rarely("PacketTooLarge", f"a packet of {len(packet)} octets is more than RLS carries")
