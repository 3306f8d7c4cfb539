"""Elements of a UE that relays others (TS 24.501 clauses 9.11.3.89, 9.11.3.90 and 9.11.4.29).

Shapes and errors as in `elements`.
"""

from typing import Self

import msgspec

from awase.model.ids import Plmn
from awase.protocols.nas.elements import FiveGSMobileIdentity, decode_mobile_identity, encode_mobile_identity
from awase.protocols.nas.layout import OpenEnum, counted, cut, with_length
from awase.wire.errors import DecodeError, EncodeError


class RemoteUeIdType(OpenEnum):
    """Remote UE ID type (TS 24.501 table 9.11.4.29.1)."""

    up_pruk_id = 1
    cp_pruk_id = 2


class RemoteUeProtocol(OpenEnum):
    """Protocol used by remote UE (TS 24.501 table 9.11.4.29.1)."""

    no_ip_info = 0
    ipv4 = 1
    ipv6 = 2
    unstructured = 4
    ethernet = 5


_ADDRESS_LENGTH = {
    RemoteUeProtocol.no_ip_info: 0,
    RemoteUeProtocol.ipv4: 4,
    RemoteUeProtocol.ipv6: 8,
    RemoteUeProtocol.unstructured: 0,
    RemoteUeProtocol.ethernet: 6,
}
"""Octets of the address information: an IPv4 address, an IPv6 prefix, a MAC address (TS 24.501 table 9.11.4.29.1)."""

_WITH_HPLMN = (RemoteUeIdType.up_pruk_id, RemoteUeIdType.cp_pruk_id)
"""The types of a remote UE ID that need the HPLMN ID where the ID is a 64-bit string (TS 24.501 table 9.11.4.29.1)."""


class RemoteUeContext(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A remote UE context (TS 24.501 figure 9.11.4.29.2).

    `identity` is a network access identifier, or the octets of a 64-bit string. Ranges of ports are of IPv4 only.
    `rest` is what follows in the context, of later releases or of a protocol that is not known.
    """

    type: RemoteUeIdType
    identity: str | bytes
    protocol: RemoteUeProtocol = RemoteUeProtocol.no_ip_info
    address: bytes = b""
    udp_ports: tuple[int, int] | None = None
    tcp_ports: tuple[int, int] | None = None
    hplmn: Plmn | None = None
    rest: bytes = b""

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From the octets after its length."""
        kind, string = RemoteUeIdType(octets[0] & 7), octets[0] & 8 != 0
        identity, i = counted(octets, 1)
        flags, i = octets[i], i + 1
        protocol = RemoteUeProtocol(flags & 7)
        address, i = cut(octets, i, _ADDRESS_LENGTH.get(protocol, 0))
        ipv4 = protocol is RemoteUeProtocol.ipv4
        udp, i = _ports(octets, i) if ipv4 and flags & 16 else (None, i)
        tcp, i = _ports(octets, i) if ipv4 and flags & 8 else (None, i)
        hplmn = None
        if string and kind in _WITH_HPLMN and protocol in _ADDRESS_LENGTH:
            plmn, i = cut(octets, i, 3)
            hplmn = Plmn.from_octets(plmn)
        return cls(
            type=kind,
            identity=identity if string else identity.decode(),
            protocol=protocol,
            address=address,
            udp_ports=udp,
            tcp_ports=tcp,
            hplmn=hplmn,
            rest=octets[i:],
        )

    def encode(self) -> bytes:
        """To the octets after its length."""
        string = isinstance(self.identity, bytes)
        known = self.protocol in _ADDRESS_LENGTH
        if self.type > 7 or self.protocol > 7 or len(self.address) != _ADDRESS_LENGTH.get(self.protocol, 0):
            raise EncodeError("a remote UE context has an address of another length than its protocol's")
        if (self.udp_ports or self.tcp_ports) and self.protocol != RemoteUeProtocol.ipv4:
            raise EncodeError("ranges of ports go with an IPv4 address only")
        if (self.hplmn is not None) != (string and self.type in _WITH_HPLMN and known):
            raise EncodeError("an HPLMN goes with a PRUK ID that is a 64-bit string, and only with that")
        flags = self.protocol | (self.tcp_ports is not None) << 3 | (self.udp_ports is not None) << 4
        identity = self.identity if isinstance(self.identity, bytes) else self.identity.encode()
        ports = b"".join(port.to_bytes(2, "big") for ports in (self.udp_ports, self.tcp_ports) for port in ports or ())
        hplmn = b"" if self.hplmn is None else self.hplmn.octets()
        head = bytes((self.type | string << 3,)) + with_length(identity) + bytes((flags,))
        return head + self.address + ports + hplmn + self.rest


def _ports(octets: bytes, i: int) -> tuple[tuple[int, int], int]:
    value, i = cut(octets, i, 4)
    return (value[0] << 8 | value[1], value[2] << 8 | value[3]), i


class RemoteUeContextList(msgspec.Struct, frozen=True, gc=False):
    """Remote UE context list (TS 24.501 clause 9.11.4.29)."""

    contexts: tuple[RemoteUeContext, ...] = ()

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        found = []
        i = 1
        for _ in range(octets[0]):
            context, i = counted(octets, i)
            found.append(RemoteUeContext.decode(context))
        if i != len(octets):
            raise DecodeError("a list of remote UE contexts goes on after the last one")
        return cls(tuple(found))

    def encode(self) -> bytes:
        """To octets."""
        return bytes((len(self.contexts),)) + b"".join(with_length(c.encode()) for c in self.contexts)


class RelayKeyRequestParameters(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Relay key request parameters (TS 24.501 clause 9.11.3.89), of a remote UE known by SUCI or by CP-PRUK ID."""

    relay_service_code: int
    nonce_1: bytes
    suci: FiveGSMobileIdentity | None = None
    cp_pruk_id: bytes | None = None

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        head, i = cut(octets, 0, 20)
        pruk = head[19] & 1 != 0
        return cls(
            relay_service_code=int.from_bytes(head[:3], "big"),
            nonce_1=head[3:19],
            suci=None if pruk else decode_mobile_identity(octets[i:]),
            cp_pruk_id=octets[i:] if pruk else None,
        )

    def encode(self) -> bytes:
        """To octets."""
        if len(self.nonce_1) != 16 or (self.suci is None) == (self.cp_pruk_id is None):
            raise EncodeError("relay key request parameters have a nonce of 16 octets, and a SUCI or a CP-PRUK ID")
        head = self.relay_service_code.to_bytes(3, "big") + self.nonce_1 + bytes((self.cp_pruk_id is not None,))
        return head + (encode_mobile_identity(self.suci) if self.suci is not None else self.cp_pruk_id or b"")


class RelayKeyResponseParameters(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Relay key response parameters (TS 24.501 clause 9.11.3.90)."""

    knr_prose: bytes
    nonce_2: bytes
    cp_pruk_id: bytes

    def __repr__(self) -> str:
        return f"RelayKeyResponseParameters(cp_pruk_id={self.cp_pruk_id!r})"  # The rest is a key and its nonce.

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        head, i = cut(octets, 0, 48)
        return cls(knr_prose=head[:32], nonce_2=head[32:], cp_pruk_id=octets[i:])

    def encode(self) -> bytes:
        """To octets."""
        if len(self.knr_prose) != 32 or len(self.nonce_2) != 16:
            raise EncodeError("relay key response parameters have a key of 32 and a nonce of 16 octets")
        return self.knr_prose + self.nonce_2 + self.cp_pruk_id
