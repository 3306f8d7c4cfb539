"""Ethernet, IPv4 and UDP around what passed a port (IEEE 802.3, RFC 791, RFC 768), with stable addresses."""

import struct
from functools import lru_cache

from awase.model.part import Address

IP_TCP, IP_UDP, IP_SCTP = 6, 17, 132

MAX_IP_PAYLOAD = 65_000
"""Octets of payload that go into one IP packet; more is split by whoever frames a byte stream."""

_HEAD = struct.Struct("!16sHHHBBH8s")
"""Ethernet and IPv4 headers: the first 16 octets and the addresses are always the same."""

_UDP_HEAD = struct.Struct("!16sHHHBBH8sHHHH")


def _sum(octets: bytes) -> int:
    """The sum of 16 bit words, by 65535: the octets as one big number have the same remainder (RFC 1071)."""
    number = int.from_bytes(octets, "big")
    return (number << 8 if len(octets) & 1 else number) % 0xFFFF


@lru_cache(maxsize=1024)
def host_port(address: Address) -> tuple[bytes, int]:
    """The octets of an IPv4 address, and the port, of "host:port"."""
    host, _, port = address.rpartition(":")
    return bytes(map(int, host.split("."))), int(port)


class Flow:
    """The frames of one direction between two ports."""

    __slots__ = (
        "_addresses", "_count", "_ethernet", "_head", "_ip_sum", "_pseudo_sum", "_udp_sum", "destination",
        "destination_port", "source", "source_port",
    )  # fmt: skip

    def __init__(self, source: bytes, source_port: int, destination: bytes, destination_port: int) -> None:
        self.source, self.source_port = source, source_port
        self.destination, self.destination_port = destination, destination_port
        # Locally administered MAC addresses, from the IP addresses.
        self._ethernet = b"\x02\x00" + destination + b"\x02\x00" + source + b"\x08\x00"
        self._head = self._ethernet + b"\x45\x00"
        self._addresses = source + destination
        self._pseudo_sum = _sum(self._addresses)
        # What is the same in each header checksum of IP and of UDP.
        self._ip_sum = 0x4500 + 0x4000 + (64 << 8) + self._pseudo_sum
        self._udp_sum = self._pseudo_sum + IP_UDP + source_port + destination_port
        self._count = 0

    @classmethod
    def of_link(cls, index: int, to_server: bool) -> "Flow":
        """Between ports that have no addresses, only frames: MAC addresses from the link's number."""
        client, server = index.to_bytes(3, "big") + b"\x01", index.to_bytes(3, "big") + b"\x02"
        return cls(client, 0, server, 0) if to_server else cls(server, 0, client, 0)

    @classmethod
    def between(cls, source: Address, target: Address) -> "Flow":
        """From two addresses "host:port"."""
        return cls(*host_port(source), *host_port(target))

    def ethernet(self, ip_packet: bytes) -> tuple[bytes, bytes]:
        """An IP packet as it is, in a frame."""
        return self._ethernet, ip_packet

    def ip(self, protocol: int, *payload: bytes) -> tuple[bytes, ...]:
        """A frame with an IPv4 header of ours."""
        self._count = count = (self._count + 1) & 0xFFFF
        length = 20 + sum(map(len, payload))
        total = self._ip_sum + protocol + length + count
        checksum = 0xFFFF ^ (total % 0xFFFF or 0xFFFF)
        return _HEAD.pack(self._head, length, count, 0x4000, 64, protocol, checksum, self._addresses), *payload

    def udp(self, payload: bytes) -> tuple[bytes, bytes]:
        """A UDP datagram in a frame."""
        self._count = count = (self._count + 1) & 0xFFFF
        length = 8 + len(payload)
        number = int.from_bytes(payload, "big")
        total = self._udp_sum + 2 * length + (number << 8 if length & 1 else number) % 0xFFFF
        udp_checksum = 0xFFFF ^ (total % 0xFFFF or 0xFFFF) or 0xFFFF
        total = self._ip_sum + IP_UDP + 20 + length + count
        checksum = 0xFFFF ^ (total % 0xFFFF or 0xFFFF)
        head = _UDP_HEAD.pack(
            self._head, 20 + length, count, 0x4000, 64, IP_UDP, checksum, self._addresses,
            self.source_port, self.destination_port, length, udp_checksum,
        )  # fmt: skip
        return head, payload

    def transport_checksum(self, protocol: int, length: int, header_sum: int, payload: bytes) -> int:
        """The checksum over pseudo header, the words of the header (their sum) and the payload."""
        total = self._pseudo_sum + protocol + length + header_sum + _sum(payload)
        return 0xFFFF ^ (total % 0xFFFF or 0xFFFF)
