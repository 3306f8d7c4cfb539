"""The IP decoders give a packet or DecodeError, whatever the octets."""

import contextlib
import random

from awase.protocols.ip import icmp, ipv4, measurement, udp
from awase.wire.errors import DecodeError

A, B = bytes((10, 45, 0, 2)), bytes((10, 45, 0, 1))
DATA = measurement.encode_data(measurement.Data(1, 2, 3, 4), 80)
REQUEST = measurement.encode_request(measurement.Request(1, 2, 100, 4))
SEEDS = [
    icmp.encode_packet(icmp.Echo(8, 1, 2, b"abc"), A, B),
    udp.encode_packet(udp.Udp(1, measurement.PORT, DATA), A, B),
    udp.encode_packet(udp.Udp(1, measurement.PORT, REQUEST), A, B),
]


def open_all(octets: bytes) -> None:
    packet = ipv4.decode(octets)
    if packet.protocol == ipv4.ICMP:
        icmp.decode(packet)
    else:
        measurement.decode(udp.decode(packet).payload)


def test_mutated_packets_are_packets_or_decode_errors():
    rng = random.Random(1)
    for _ in range(20_000):
        octets = bytearray(rng.choice(SEEDS))
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(octets))
            octets[at] = rng.randrange(256)
        if rng.random() < 0.3:
            del octets[rng.randrange(len(octets)) :]
        if rng.random() < 0.8 and len(octets) >= 20:
            octets[10:12] = b"\0\0"
            octets[10:12] = ipv4.checksum(bytes(octets[: (octets[0] & 15) * 4])).to_bytes(2, "big")
        if rng.random() < 0.5 and len(octets) >= 28:
            octets[26:28] = b"\0\0"
        with contextlib.suppress(DecodeError):
            open_all(bytes(octets))
