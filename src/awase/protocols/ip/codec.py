"""An IP packet of either version (RFC 791, RFC 8200): whose address is of 4 octets goes by IPv4, of 16 by IPv6."""

from typing import NamedTuple

from awase.protocols.ip import icmp, icmpv6, ipv4, ipv6

IpPacket = ipv4.Ipv4 | ipv6.Ipv6


class EchoSeen(NamedTuple):
    """An echo request or reply, over either version."""

    is_request: bool
    identifier: int
    sequence_number: int


def decode(octets: bytes) -> IpPacket:
    """A packet taken apart. Raises DecodeError."""
    return ipv6.decode(octets) if octets and octets[0] >> 4 == 6 else ipv4.decode(octets)


def echo(packet: IpPacket) -> EchoSeen | icmpv6.Message | None:
    """The echo in a packet; what else ICMPv6 brought; None where it is not ICMP. Raises DecodeError."""
    if isinstance(packet, ipv4.Ipv4):
        if packet.protocol != ipv4.ICMP:
            return None
        found = icmp.decode(packet)
        return EchoSeen(found.type == icmp.ECHO_REQUEST, found.identifier, found.sequence_number)
    if packet.protocol != ipv6.ICMPV6:
        return None
    message = icmpv6.decode(packet)
    if isinstance(message, icmpv6.Echo):
        return EchoSeen(message.type == icmpv6.ECHO_REQUEST, message.identifier, message.sequence_number)
    return message


def echo_request(source: bytes, destination: bytes, identifier: int, sequence_number: int, size_bytes: int) -> bytes:
    """An echo request that is a packet of `size_bytes`, or of the least that a header needs."""
    if len(source) == 4:
        data = bytes(max(0, size_bytes - 28))
        return icmp.encode_packet(icmp.Echo(icmp.ECHO_REQUEST, identifier, sequence_number, data), source, destination)
    data = bytes(max(0, size_bytes - 48))
    request = icmpv6.Echo(icmpv6.ECHO_REQUEST, identifier, sequence_number, data)
    return icmpv6.encode_packet(request, source, destination)


def reply_to(octets: bytes) -> bytes:
    """The echo reply to a packet that carries an echo request. Raises DecodeError."""
    return icmpv6.reply_to(octets) if octets and octets[0] >> 4 == 6 else icmp.reply_to(octets)


def ports(packet: IpPacket) -> tuple[int, int] | None:
    """Source and destination port, where the packet has them (TCP, UDP, SCTP) and is a first fragment."""
    if packet.protocol not in (6, 17, 132) or len(packet.payload) < 4:
        return None
    if isinstance(packet, ipv4.Ipv4) and packet.flags_and_offset & 0x1FFF:
        return None
    return int.from_bytes(packet.payload[:2], "big"), int.from_bytes(packet.payload[2:4], "big")
