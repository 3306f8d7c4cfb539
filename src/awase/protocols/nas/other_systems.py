"""Typed elements that describe EPS bearers, Ethernet and stand-alone networks (TS 24.501 clauses 9.11.3 and 9.11.4).

Shapes and errors as in `elements`. Spare bits are sent as zero.
"""

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
