"""Typed elements of a few bits each (TS 24.501 clauses 9.11.3 and 9.11.4). Shapes and errors as in `elements`."""

from typing import Self

import msgspec

from awase.model.ids import Plmn
from awase.protocols.nas.elements import PduSessionIds
from awase.protocols.nas.layout import OpenEnum
from awase.wire.errors import EncodeError


class ReAttemptIndicator(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Re-attempt indicator (TS 24.501 clause 9.11.4.17, TS 24.301 clause 9.9.4.13A)."""

    ratc: bool = False
    eplmnc: bool = False

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From its octet."""
        return cls(ratc=octets[0] & 1 != 0, eplmnc=octets[0] & 2 != 0)

    def encode(self) -> bytes:
        """To its octet."""
        return bytes((self.eplmnc << 1 | self.ratc,))


class CongestionReAttemptIndicator(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """5GSM congestion re-attempt indicator (TS 24.501 clause 9.11.4.21): for all PLMNs, for both accesses."""

    abo: bool = False
    catbo: bool = False

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From its octet."""
        return cls(abo=octets[0] & 1 != 0, catbo=octets[0] & 2 != 0)

    def encode(self) -> bytes:
        """To its octet."""
        return bytes((self.catbo << 1 | self.abo,))


class ServingPlmnRateControl(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Serving PLMN rate control (TS 24.501 clause 9.11.4.20): uplink messages in 6 minutes, 0xFFFF is no limit."""

    value: int

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From two octets."""
        return cls(value=octets[0] << 8 | octets[1])

    def encode(self) -> bytes:
        """To two octets."""
        return self.value.to_bytes(2, "big")


class FiveGSMNetworkFeatureSupport(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """5GSM network feature support (TS 24.501 clause 9.11.4.18), as its octets."""

    octets: bytes = b"\x00"

    @property
    def ept_s1(self) -> bool:
        """Ethernet PDN type in S1 mode is supported."""
        return self.octets[0] & 1 != 0

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        return cls(octets=octets)

    def encode(self) -> bytes:
        """To octets."""
        return self.octets


class PagingRestrictionDecision(OpenEnum):
    """Paging restriction decision (TS 24.501 table 9.11.3.81.1)."""

    no_additional_information = 0
    accepted = 1
    rejected = 2


class PagingRestrictionType(OpenEnum):
    """Paging restriction type (TS 24.501 table 9.11.3.77.1)."""

    all_paging_is_restricted = 1
    all_paging_is_restricted_except_voice = 2
    all_paging_is_restricted_except_for_specified_sessions = 3
    all_paging_is_restricted_except_voice_and_specified_sessions = 4


class PagingRestriction(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Paging restriction (TS 24.501 clause 9.11.3.77)."""

    type: PagingRestrictionType
    sessions: PduSessionIds | None = None

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        sessions = PduSessionIds.decode(octets[1:]) if len(octets) > 2 else None
        return cls(type=PagingRestrictionType(octets[0] & 15), sessions=sessions)

    def encode(self) -> bytes:
        """To octets."""
        return bytes((self.type & 15,)) + (self.sessions.encode() if self.sessions is not None else b"")


class Rsn(OpenEnum):
    """Redundancy sequence number (TS 24.501 table 9.11.4.33.1)."""

    v1 = 0
    v2 = 1


class PduSessionPairId(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """PDU session pair ID (TS 24.501 clause 9.11.4.32)."""

    value: int

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From its octet."""
        return cls(value=octets[0])

    def encode(self) -> bytes:
        """To its octet."""
        return bytes((self.value,))


class OnePlmn(msgspec.Struct, frozen=True, gc=False):
    """PLMN identity (TS 24.501 clause 9.11.3.85)."""

    plmn: Plmn

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From three octets."""
        return cls(Plmn.from_octets(octets))

    def encode(self) -> bytes:
        """To three octets."""
        return self.plmn.octets()


class AdditionalInformationRequested(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Additional information requested (TS 24.501 clause 9.11.3.12A): ciphering keys for broadcast assistance data."""

    cipher_key: bool = False

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From its octet."""
        return cls(cipher_key=octets[0] & 1 != 0)

    def encode(self) -> bytes:
        """To its octet."""
        return bytes((self.cipher_key,))


class UeRadioCapabilityId(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """UE radio capability ID (TS 24.501 clause 9.11.3.68): hexadecimal digits, lower half octet first."""

    digits: str

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        text = "".join(pair[1] + pair[0] for pair in (f"{octet:02x}" for octet in octets))
        return cls(digits=text)

    def encode(self) -> bytes:
        """To octets."""
        if len(self.digits) % 2:
            raise EncodeError("a UE radio capability ID has an even number of digits")
        pairs = (self.digits[i + 1] + self.digits[i] for i in range(0, len(self.digits), 2))
        return bytes.fromhex("".join(pairs))
