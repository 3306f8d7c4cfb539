"""Typed elements that describe EPS bearers, IP, Ethernet and stand-alone networks (TS 24.501 clauses 9.11.3, 9.11.4).

Shapes and errors as in `elements`. Spare bits are sent as zero.
"""

from enum import IntEnum
from functools import reduce
from operator import or_
from typing import Self

import msgspec

from awase.protocols.nas.layout import OpenEnum
from awase.wire.errors import DecodeError, EncodeError


class Nid(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """NID of a stand-alone non-public network (TS 24.501 clause 9.11.3.79, TS 23.003 clause 12.7).

    `assignment_mode` 0 is coordinated (option 1), 1 self-assigned, 2 coordinated (option 2); `value` has 40 bits.
    """

    assignment_mode: int
    value: int

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From six octets: digits of four bits, the one in the lower half first."""
        if len(octets) != 6:
            raise DecodeError("a NID has 6 octets")
        text = "".join(pair[1] + pair[0] for pair in (f"{octet:02x}" for octet in octets))
        return cls(assignment_mode=int(text[0], 16), value=int(text[1:11], 16))

    def encode(self) -> bytes:
        """To six octets."""
        if not 0 <= self.assignment_mode <= 15 or not 0 <= self.value < 1 << 40:
            raise EncodeError("a NID has an assignment mode of 4 bits and a value of 40")
        text = f"{self.assignment_mode:x}{self.value:010x}0"
        return bytes.fromhex("".join(text[i + 1] + text[i] for i in range(0, 12, 2)))

    def __str__(self) -> str:
        return f"{self.assignment_mode:x}{self.value:010x}"


class CidLength(OpenEnum):
    """CID length (TS 24.501 table 9.11.4.28.1)."""

    not_used = 0
    seven_bits = 1
    fifteen_bits = 2


class EthernetHeaderCompression(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Ethernet header compression configuration (TS 24.501 clause 9.11.4.28)."""

    cid_length: CidLength = CidLength.not_used

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From its octet."""
        return cls(cid_length=CidLength(octets[0] & 3))

    def encode(self) -> bytes:
        """To its octet."""
        return bytes((self.cid_length & 3,))


class HeaderCompressionProfile(IntEnum):
    """A ROHC profile and its bit (TS 24.501 table 9.11.4.24.1, TS 24.301 figure 9.9.4.22.1)."""

    p0x0002 = 1
    p0x0003 = 2
    p0x0004 = 4
    p0x0006 = 8
    p0x0102 = 16
    p0x0103 = 32
    p0x0104 = 64


class HeaderCompressionContextType(OpenEnum):
    """Additional IP header compression context setup parameters type (TS 24.501 table 9.11.4.24.1)."""

    p0x0000_no_compression = 0
    p0x0002_udp_ip = 1
    p0x0003_esp_ip = 2
    p0x0004_ip = 3
    p0x0006_tcp_ip = 4
    p0x0102_udp_ip = 5
    p0x0103_esp_ip = 6
    p0x0104_ip = 7
    other = 8


class IpHeaderCompression(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """IP header compression configuration (TS 24.501 clause 9.11.4.24).

    `context_setup` is the container of additional parameters, of type `context_type`, as its octets (RFC 5795).
    """

    profiles: tuple[HeaderCompressionProfile, ...] = ()
    max_cid: int = 1
    context_type: HeaderCompressionContextType | None = None
    context_setup: bytes = b""

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        if len(octets) < 3:
            raise DecodeError("an IP header compression configuration has at least 3 octets")
        return cls(
            profiles=tuple(profile for profile in HeaderCompressionProfile if octets[0] & profile),
            max_cid=octets[1] << 8 | octets[2],
            context_type=HeaderCompressionContextType(octets[3]) if len(octets) > 3 else None,
            context_setup=octets[4:],
        )

    def encode(self) -> bytes:
        """To octets."""
        if self.context_type is None and self.context_setup:
            raise EncodeError("the parameters of a compression context have a type")
        head = bytes((reduce(or_, self.profiles, 0),)) + self.max_cid.to_bytes(2, "big")
        return head if self.context_type is None else head + bytes((self.context_type,)) + self.context_setup


class EthernetPortMacAddress(msgspec.Struct, frozen=True, gc=False):
    """DS-TT Ethernet port MAC address (TS 24.501 clause 9.11.4.25)."""

    octets: bytes

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From six octets."""
        if len(octets) != 6:
            raise DecodeError("a MAC address has 6 octets")
        return cls(octets)

    def encode(self) -> bytes:
        """To six octets."""
        if len(self.octets) != 6:
            raise EncodeError("a MAC address has 6 octets")
        return self.octets

    def __str__(self) -> str:
        return self.octets.hex(":")


class ResidenceTime(msgspec.Struct, frozen=True, gc=False):
    """UE-DS-TT residence time (TS 24.501 clause 9.11.4.26): the eight octets of an IEEE Std 1588 correctionField."""

    octets: bytes

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From eight octets."""
        if len(octets) != 8:
            raise DecodeError("a residence time has 8 octets")
        return cls(octets)

    def encode(self) -> bytes:
        """To eight octets."""
        if len(self.octets) != 8:
            raise EncodeError("a residence time has 8 octets")
        return self.octets


class EpsParameterIdentity(OpenEnum):
    """EPS parameter identity (TS 24.501 table 9.11.4.8.1)."""

    mapped_eps_qos_parameters = 1
    mapped_extended_eps_qos_parameters = 2
    traffic_flow_template = 3
    apn_ambr = 4
    extended_apn_ambr = 5


class EpsBearerOperation(OpenEnum):
    """Operation code of a mapped EPS bearer context (TS 24.501 table 9.11.4.8.1)."""

    create_new_eps_bearer = 1
    delete_existing_eps_bearer = 2
    modify_existing_eps_bearer = 3


class EpsParameter(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A parameter of an EPS bearer, whose contents are an element of TS 24.301 or TS 24.008, as its octets."""

    identity: EpsParameterIdentity
    contents: bytes


class MappedEpsBearerContext(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A mapped EPS bearer context (TS 24.501 figure 9.11.4.8.2).

    `e_bit`: the list of parameters is there (create), or replaces all parameters (modify).
    """

    eps_bearer_identity: int
    operation: EpsBearerOperation
    e_bit: bool = False
    parameters: tuple[EpsParameter, ...] = ()

    def encode(self) -> bytes:
        """To octets."""
        if not 0 <= self.eps_bearer_identity <= 15 or self.operation > 3 or len(self.parameters) > 15:
            raise EncodeError("an EPS bearer has an identity of 4 bits, an operation of 2 and at most 15 parameters")
        listed = b"".join(bytes((p.identity, len(p.contents))) + p.contents for p in self.parameters)
        value = bytes((self.operation << 6 | self.e_bit << 4 | len(self.parameters),)) + listed
        return bytes((self.eps_bearer_identity << 4,)) + len(value).to_bytes(2, "big") + value


class MappedEpsBearerContexts(msgspec.Struct, frozen=True, gc=False):
    """Mapped EPS bearer contexts (TS 24.501 clause 9.11.4.8)."""

    contexts: tuple[MappedEpsBearerContext, ...] = ()

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        found = []
        i = 0
        while i < len(octets):
            end = i + 3 + (octets[i + 1] << 8 | octets[i + 2])
            value = octets[i + 3 : end]
            if not value or end > len(octets):
                raise DecodeError("a mapped EPS bearer context is empty or ends after its list")
            found.append(
                MappedEpsBearerContext(
                    eps_bearer_identity=octets[i] >> 4,
                    operation=EpsBearerOperation(value[0] >> 6),
                    e_bit=value[0] & 16 != 0,
                    parameters=_parameters(value),
                )
            )
            i = end
        return cls(tuple(found))

    def encode(self) -> bytes:
        """To octets."""
        return b"".join(context.encode() for context in self.contexts)


def _parameters(value: bytes) -> tuple[EpsParameter, ...]:
    found = []
    i = 1
    for _ in range(value[0] & 15):
        end = i + 2 + value[i + 1]
        found.append(EpsParameter(identity=EpsParameterIdentity(value[i]), contents=value[i + 2 : end]))
        i = end
    if i != len(value):
        raise DecodeError("the parameters of an EPS bearer are longer or shorter than its length says")
    return tuple(found)
