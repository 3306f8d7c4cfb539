"""N3, N9 and N4-u: G-PDUs from base stations, UPFs and SMFs, and GTP-U's own messages (TS 29.281, TS 38.415)."""

from collections.abc import Sequence

from awase.functions.upf.batch import apply_to_all, same_flow
from awase.functions.upf.core import Core, host
from awase.functions.upf.forwarding import apply
from awase.functions.upf.n6 import is_ip
from awase.functions.upf.procedures import node_report, session_report
from awase.functions.upf.rule import Pdr
from awase.functions.upf.sdf import matches
from awase.model.part import Address, Packet
from awase.protocols.gtpu import entity as gtpu
from awase.protocols.gtpu.codec import G_PDU_BYTES, decode, decode_g_pdu
from awase.protocols.gtpu.messages import PORT, EndMarker, ErrorIndication, GPdu
from awase.protocols.pfcp.elements import Interface
from awase.wire.addresses import ipv4_text, ipv6_text
from awase.wire.errors import DecodeError


def receive(core: Core, packet: Packet) -> None:
    """Take a datagram, or a batch."""
    payload = packet.payload
    entity = core.gtpu if packet.port == "n3" else core.gtpu9
    if isinstance(payload, bytes):
        _datagram(core, entity, packet.peer, payload)
        return
    first = 0
    while first < len(payload):
        count = same_flow(payload, first, G_PDU_BYTES)
        if count == 1 or not _flow(core, payload[first : first + count]):
            for octets in payload[first : first + count]:
                _datagram(core, entity, packet.peer, octets)
        first += count


def _flow(core: Core, batch: Sequence[bytes]) -> bool:
    """Packets of one flow in one tunnel; False if each needs a look."""
    plain = decode_g_pdu(batch[0])
    if plain is None or len(plain[2]) != len(batch[0]) - G_PDU_BYTES or not is_ip(plain[2]):
        return False
    teid, qfi, payload = plain
    for pdr in core.context.by_teid.get(teid, ()):
        if _is_matched(pdr, qfi, payload):
            apply_to_all(core, pdr, [octets[G_PDU_BYTES:] for octets in batch], qfi)
            return True
    return False


def _datagram(core: Core, entity: gtpu.Entity, peer: Address, octets: bytes) -> None:
    plain = decode_g_pdu(octets)
    if plain is not None:
        if not _g_pdu(core, peer, *plain):
            _unknown(core, entity, peer, plain[0])
        return
    try:
        message = decode(octets)
    except DecodeError as error:
        entity.refuse(peer, error)
        return
    if isinstance(message, GPdu):
        container = message.container
        qfi = None if container is None else container.qfi
        if not _g_pdu(core, peer, message.teid, qfi, message.payload):
            _unknown(core, entity, peer, message.teid)
    elif isinstance(message, ErrorIndication):
        _error_indication(core, peer, message)
    elif isinstance(message, EndMarker):
        _end_marker(core, peer, message.teid)
    elif not entity.receive(peer, message):
        core.report_packet("UnexpectedMessage", f"{peer} sent {type(message).__name__} on {entity.port.upper()}")


def _unknown(core: Core, entity: gtpu.Entity, peer: Address, teid: int) -> None:
    if core.leaving or core.now_ns < core.quiet_until_ns:
        return
    own = core.n3_address if entity.port == "n3" else core.own_addresses[Interface.CORE]
    entity.send_error_indication(peer, teid, own)
    core.report_packet("UnknownTeid", f"{peer} sent user data for TEID {teid:#x}, which nobody has")


def _g_pdu(core: Core, peer: Address, teid: int, qfi: int | None, payload: bytes) -> bool:
    """A user's packet; False where nobody has its TEID."""
    pdrs = core.context.by_teid.get(teid)
    if not pdrs:
        return False
    # A header that is whole is what filters and address checks rely on.
    if not is_ip(payload):
        core.report_packet(
            "MalformedPacket",
            f"{peer} sent user data for TEID {teid:#x} that is no IP packet",
            subject=pdrs[0].session.subject,
        )
        return True
    for pdr in pdrs:
        if _is_matched(pdr, qfi, payload):
            apply(core, pdr, payload, qfi)
            return True
    session = pdrs[0].session
    source = ipv4_text(payload[12:16]) if payload[0] >> 4 == 4 else ipv6_text(payload[8:24])
    core.report_packet(
        "NoMatchingRule",
        f"a packet from {source}, QFI {qfi}, fits no rule of {session.subject}",
        subject=session.subject,
    )
    return True


def _is_matched(pdr: Pdr, qfi: int | None, payload: bytes) -> bool:
    if pdr.qfis and qfi not in pdr.qfis:
        return False
    if payload[0] >> 4 == 4:
        own = payload[16:20] if pdr.destination else payload[12:16]
        wanted = pdr.address4
    else:
        own = payload[24:32] if pdr.destination else payload[8:16]
        wanted = pdr.address6
    if pdr.address4 is not None or pdr.address6 is not None:
        if own != wanted and not (pdr.to_cp and _is_link_local(payload)):
            return False
    elif pdr.uplink and pdr.addresses and own not in pdr.addresses and not (pdr.to_cp and _is_link_local(payload)):
        # A UE sends from the addresses of its session only, also where the SMF's PDI does not say so.
        return False
    return not pdr.filters or any(matches(rule, payload, pdr.uplink) for rule in pdr.filters)


def _is_link_local(payload: bytes) -> bool:
    """Whether an IPv6 packet is from a link-local or no address: a router solicitation to the SMF is."""
    return payload[0] >> 4 == 6 and (payload[8:10] == b"\xfe\x80" or not any(payload[8:24]))


def _end_marker(core: Core, peer: Address, teid: int) -> None:
    """The sender's last packet on this path; between UPFs it goes on to where packets go (TS 23.501 clause 5.8.2.9)."""
    pdrs = core.context.by_teid.get(teid)
    far = pdrs[0].far if pdrs else None
    if far is not None and far.teid is not None and not pdrs[0].uplink:  # type: ignore[index]
        core.gtpu_of(far.destination_interface).send_end_marker(far.peer, far.teid)
    core.report_packet("EndMarker", f"{peer} ended tunnel {teid:#x}", level="info")


def _error_indication(core: Core, peer: Address, message: ErrorIndication) -> None:
    """Our peer has no context for what we sent: its SMF is to know (TS 23.527 clause 5.3.2.1)."""
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
    for session in core.context.sessions.values():
        for far in session.fars.values():
            if far.teid is not None and far.peer == peer:
                core.gtpu_of(far.destination_interface).watch(peer)
                return
