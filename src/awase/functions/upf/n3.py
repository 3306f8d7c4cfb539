"""N3: G-PDUs from base stations, and GTP-U's own messages (TS 29.281, TS 38.415)."""

from awase.functions.upf.context import Pdr
from awase.functions.upf.core import Core, host
from awase.functions.upf.forwarding import apply
from awase.functions.upf.procedures import node_report, session_report
from awase.functions.upf.sdf import matches
from awase.model.part import Address, Packet
from awase.protocols.gtpu.codec import decode, decode_g_pdu
from awase.protocols.gtpu.messages import PORT, EndMarker, ErrorIndication, GPdu
from awase.wire.addresses import ipv4_text
from awase.wire.errors import DecodeError


def receive(core: Core, packet: Packet) -> None:
    """Take a datagram, or a batch."""
    payload = packet.payload
    if isinstance(payload, bytes):
        _datagram(core, packet.peer, payload)
        return
    for octets in payload:
        _datagram(core, packet.peer, octets)


def _datagram(core: Core, peer: Address, octets: bytes) -> None:
    plain = decode_g_pdu(octets)
    if plain is not None:
        _g_pdu(core, peer, plain[0], plain[1], plain[2])
        return
    try:
        message = decode(octets)
    except DecodeError as error:
        core.gtpu.refuse(peer, error)
        return
    if isinstance(message, GPdu):
        container = message.container
        _g_pdu(core, peer, message.teid, None if container is None else container.qfi, message.payload)
    elif isinstance(message, ErrorIndication):
        _error_indication(core, peer, message)
    elif isinstance(message, EndMarker):
        core.report_packet("EndMarker", f"{peer} ended tunnel {message.teid:#x}", level="info")
    elif not core.gtpu.receive(peer, message):
        core.report_packet("UnexpectedMessage", f"{peer} sent {type(message).__name__} on N3")


def _g_pdu(core: Core, peer: Address, teid: int, qfi: int | None, payload: bytes) -> None:
    pdrs = core.context.by_teid.get(teid)
    if not pdrs:
        core.gtpu.send_error_indication(peer, teid, core.n3_address)
        core.report_packet("UnknownTeid", f"{peer} sent user data for TEID {teid:#x}, which nobody has")
        return
    # A header that is whole is what filters and address checks rely on.
    if len(payload) < 20 or payload[0] >> 4 != 4 or not 20 <= int.from_bytes(payload[2:4], "big") <= len(payload):
        core.report_packet(
            "MalformedPacket",
            f"{peer} sent user data for TEID {teid:#x} that is no IPv4 packet",
            subject=pdrs[0].session.subject,
        )
        return
    for pdr in pdrs:
        if _is_matched(pdr, qfi, payload):
            apply(core, pdr, payload, True)
            return
    session = pdrs[0].session
    source = ipv4_text(payload[12:16])
    core.report_packet(
        "NoMatchingRule",
        f"an uplink packet from {source}, QFI {qfi}, fits no rule of {session.subject}",
        subject=session.subject,
    )


def _is_matched(pdr: Pdr, qfi: int | None, payload: bytes) -> bool:
    if pdr.qfis and qfi not in pdr.qfis:
        return False
    ue_address = pdr.ue_address
    if ue_address is not None:
        if payload[pdr.address_at : pdr.address_at + 4] != ue_address:
            return False
    elif not _is_own_source(pdr, payload):
        return False
    return not pdr.filters or any(matches(rule, payload, True) for rule in pdr.filters)


def _is_own_source(pdr: Pdr, payload: bytes) -> bool:
    """A UE sends from the addresses of its session only, also where the SMF's PDI does not say so."""
    source = payload[12:16]
    has_address = False
    for other in pdr.session.pdrs.values():
        if other.ue_address is not None:
            has_address = True
            if other.ue_address == source:
                return True
    return not has_address


def _error_indication(core: Core, peer: Address, message: ErrorIndication) -> None:
    """Our peer has no context for what we sent: its SMF is to know (TS 23.527 clause 5.3.3.1)."""
    remote = f"{message.gtp_u_peer_address}:{PORT}"
    teid = message.tunnel_endpoint_identifier_data_i
    session = core.context.by_remote.get((remote, teid))
    # Only whoever owns the tunnel may say that it is gone.
    if session is None or host(peer) != message.gtp_u_peer_address:
        core.report_packet("UnexpectedMessage", f"{peer} sent an Error Indication for a tunnel not its own")
        return
    core.report_packet(
        "ErrorIndication",
        f"{peer} does not know tunnel {teid:#x} of {session.subject}",
        subject=session.subject,
    )
    session_report.send_error_indication(core, session, message.gtp_u_peer_address, teid)


def path_lost(core: Core, peer: Address) -> None:
    """A base station answers no echo (TS 23.527 clause 5.4): every SMF is to know."""
    core.report("PathFailure", f"GTP-U peer {peer} does not answer echoes", level="error", subject=peer)
    for association in list(core.context.associations.values()):
        core.run(node_report.user_plane_path_failure(core, association, host(peer)))
    if peer in core.context.remote_peers:
        core.gtpu.watch(peer)
