"""IPv6, ICMPv6 and UDP over it."""

from ipaddress import IPv6Address
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awase.protocols.ip import codec, icmp, icmpv6, ipv4, ipv6, measurement, udp
from awase.wire.errors import DecodeError, EncodeError

A, B = IPv6Address("2001:db8:45::2").packed, IPv6Address("2001:db8:46::1").packed
ROUTER, HOST = ipv6.link_local(bytes(7) + b"\x01"), ipv6.link_local(bytes(7) + b"\x02")


def test_an_echo_request_has_the_header_of_the_rfc() -> None:
    source = IPv6Address("3ffe:507:0:1:200:86ff:fe05:80da").packed
    destination = IPv6Address("3ffe:507:0:1:260:97ff:fe07:69ea").packed
    message = icmpv6.Echo(icmpv6.ECHO_REQUEST, 0x7620, 0x100, bytes.fromhex("1f93ba3ca86a0100"))
    octets = icmpv6.encode_packet(message, source, destination)
    assert octets[:8].hex() == "6000000000103a40"
    assert icmpv6.decode(ipv6.decode(octets)) == message


@settings(max_examples=200, derandomize=True)
@given(st.binary(max_size=60), st.integers(0, 65535), st.integers(0, 65535))
def test_udp_in_ipv6_survives(payload: bytes, source_port: int, destination_port: int) -> None:
    octets = udp.encode_packet(udp.Udp(source_port, destination_port, payload), A, B)
    packet = codec.decode(octets)
    assert (packet.source, packet.destination, packet.protocol) == (A, B, ipv6.UDP)
    assert udp.decode(packet) == udp.Udp(source_port, destination_port, payload)
    assert codec.ports(packet) == (source_port, destination_port)


def test_udp_over_ipv6_needs_a_checksum() -> None:
    octets = bytearray(udp.encode_packet(udp.Udp(1, 2, b"x"), A, B))
    octets[46:48] = b"\0\0"
    with pytest.raises(DecodeError, match="without a checksum"):
        udp.decode(ipv6.decode(bytes(octets)))


def test_a_wrong_checksum_is_refused() -> None:
    octets = bytearray(icmpv6.encode_packet(icmpv6.Echo(128, 1, 1, b"x"), A, B))
    octets[-1] ^= 1
    with pytest.raises(DecodeError, match="checksum"):
        icmpv6.decode(ipv6.decode(bytes(octets)))


def test_an_echo_request_is_answered() -> None:
    request = codec.echo_request(A, B, 7, 3, 100)
    assert len(request) == 100
    reply = ipv6.decode(codec.reply_to(request))
    assert (reply.source, reply.destination) == (B, A)
    assert codec.echo(reply) == codec.EchoSeen(False, 7, 3)
    assert codec.echo(codec.decode(request)) == codec.EchoSeen(True, 7, 3)
    with pytest.raises(DecodeError, match="no echo request"):
        codec.reply_to(ipv6.encode(reply))


def test_the_same_words_do_for_ipv4() -> None:
    request = codec.echo_request(bytes((10, 0, 0, 1)), bytes((10, 0, 0, 2)), 7, 3, 100)
    assert len(request) == 100
    assert codec.echo(codec.decode(codec.reply_to(request))) == codec.EchoSeen(False, 7, 3)
    assert codec.ports(codec.decode(request)) is None
    datagram = ipv4.decode(udp.encode_packet(udp.Udp(5, 6, b""), bytes(4), bytes(4)))
    assert codec.echo(datagram) is None
    assert codec.ports(datagram._replace(flags_and_offset=9)) is None


def test_a_router_solicitation_and_its_answer_survive() -> None:
    solicitation = icmpv6.encode_packet(icmpv6.RouterSolicitation(), HOST, ipv6.ALL_ROUTERS)
    assert solicitation[7] == 255
    assert icmpv6.decode(ipv6.decode(solicitation)) == icmpv6.RouterSolicitation()
    advertisement = icmpv6.RouterAdvertisement(
        prefixes=(icmpv6.PrefixInformation(A[:8] + bytes(8)),), mtu_bytes=1400, dns=(B, A)
    )
    octets = icmpv6.encode_packet(advertisement, ROUTER, ipv6.ALL_NODES)
    assert codec.echo(codec.decode(octets)) == advertisement


def test_router_discovery_that_was_forwarded_or_comes_from_afar_is_refused() -> None:
    octets = bytearray(icmpv6.encode_packet(icmpv6.RouterSolicitation(), HOST, ipv6.ALL_ROUTERS))
    octets[7] = 254
    with pytest.raises(DecodeError, match="a router has forwarded"):
        icmpv6.decode(ipv6.decode(bytes(octets)))
    with pytest.raises(DecodeError, match="not from a link-local"):
        icmpv6.decode(ipv6.decode(icmpv6.encode_packet(icmpv6.RouterAdvertisement(), A, ipv6.ALL_NODES)))


def test_an_option_without_length_is_refused() -> None:
    body = bytes((134, 0, 0, 0)) + bytes(12) + bytes((3, 0))
    head = ipv6.pseudo_header(ROUTER, ipv6.ALL_NODES, 58, len(body))
    body = body[:2] + ipv4.checksum(head + body).to_bytes(2, "big") + body[4:]
    with pytest.raises(DecodeError, match="an option of no length"):
        icmpv6.decode(ipv6.Ipv6(ROUTER, ipv6.ALL_NODES, 58, body, 255))


def test_extension_headers_are_skipped_and_a_fragment_is_refused() -> None:
    datagram = udp.encode(udp.Udp(5, 6, b"hello"), A, B)
    for header in (0, 43, 60):
        packet = ipv6.Ipv6(A, B, header, bytes((60, 0)) + bytes(6) + bytes((17, 1)) + bytes(14) + datagram)
        assert udp.decode(ipv6.decode(ipv6.encode(packet))).payload == b"hello"
    with pytest.raises(DecodeError, match="fragment"):
        ipv6.decode(ipv6.encode(ipv6.Ipv6(A, B, 44, bytes(16))))
    with pytest.raises(DecodeError, match="extension header"):
        ipv6.decode(ipv6.encode(ipv6.Ipv6(A, B, 0, bytes((17, 9)) + bytes(6))))
    with pytest.raises(DecodeError, match="extension header"):
        ipv6.decode(ipv6.encode(ipv6.Ipv6(A, B, 0, bytes(2))))


def test_flow_label_and_class_survive_and_too_much_payload_is_refused() -> None:
    packet = ipv6.Ipv6(A, B, 17, b"x", 3, 0xB8, 0xABCDE)
    assert ipv6.decode(ipv6.encode(packet)) == packet
    with pytest.raises(EncodeError):
        ipv6.encode(packet._replace(payload=bytes(65536)))


def test_a_flow_fills_the_packets_that_it_says() -> None:
    source = measurement.FlowSource(measurement.Request(1, 2, 200, 8000), measurement.overhead_bytes(A))
    octets = udp.encode_packet(udp.Udp(1, 2, source.next_payload(0)), A, B)
    assert len(octets) == 200
    assert measurement.overhead_bytes(bytes(4)) == measurement.OVERHEAD_BYTES


def test_20000_mutations_give_a_message_or_an_error() -> None:
    rng = Random(1)
    advertisement = icmpv6.RouterAdvertisement(prefixes=(icmpv6.PrefixInformation(A),), mtu_bytes=1400, dns=(B,))
    seeds = [
        icmpv6.encode_packet(advertisement, ROUTER, ipv6.ALL_NODES),
        codec.echo_request(A, B, 1, 1, 80),
        udp.encode_packet(udp.Udp(1, 2, b"abc"), A, B),
        icmp.encode_packet(icmp.Echo(8, 1, 1), bytes(4), bytes(4)),
    ]
    outcomes = set()
    for _ in range(20_000):
        octets = bytearray(rng.choice(seeds))
        for _ in range(rng.randint(1, 3)):
            octets[rng.randrange(len(octets))] = rng.randrange(256)
        cut = bytes(octets[: rng.randint(0, len(octets))] if rng.random() < 0.3 else octets)
        try:
            packet = codec.decode(cut)
            codec.ports(packet)
            outcomes.add(type(codec.echo(packet)))
            # Also without a checksum in the way.
            if isinstance(packet, ipv6.Ipv6) and packet.protocol == 58 and len(packet.payload) > 8:
                body = packet.payload[:2] + b"\0\0" + packet.payload[4:]
                head = ipv6.pseudo_header(packet.source, packet.destination, 58, len(body))
                body = body[:2] + ipv4.checksum(head + body).to_bytes(2, "big") + body[4:]
                outcomes.add(type(icmpv6.decode(packet._replace(payload=body))))
        except DecodeError:
            outcomes.add(DecodeError)
    assert {DecodeError, icmpv6.RouterAdvertisement, codec.EchoSeen} <= outcomes
