"""N6: IP packets from the data network."""

from awase.functions.upf.core import Core
from awase.functions.upf.forwarding import apply
from awase.functions.upf.sdf import matches
from awase.model.part import Packet
from awase.wire.addresses import ipv4_text


def receive(core: Core, packet: Packet) -> None:
    """Take an IP packet, or a batch."""
    payload = packet.payload
    if isinstance(payload, bytes):
        _packet(core, payload)
        return
    for octets in payload:
        _packet(core, octets)


def _packet(core: Core, octets: bytes) -> None:
    # RFC 1812 clause 5.2.2: a header that is whole, of a packet that is.
    if len(octets) < 20 or octets[0] >> 4 != 4 or not 20 <= int.from_bytes(octets[2:4], "big") <= len(octets):
        core.report_packet("MalformedPacket", f"N6 brought {len(octets)} octets that are no IPv4 packet")
        return
    pdrs = core.context.by_ue.get(octets[16:20])
    if pdrs is None:
        core.report_packet(
            "UnknownUeAddress", f"N6 brought a packet for {ipv4_text(octets[16:20])}, which no session has"
        )
        return
    for pdr in pdrs:
        if pdr.address_at == 16 and (not pdr.filters or any(matches(rule, octets, False) for rule in pdr.filters)):
            apply(core, pdr, octets, False)
            return
    session = pdrs[0].session
    core.report_packet(
        "NoMatchingRule",
        f"a downlink packet for {ipv4_text(octets[16:20])} fits no rule of {session.subject}",
        subject=session.subject,
    )
