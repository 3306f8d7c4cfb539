"""Typed elements of 5GMM and common elements (TS 24.501 clauses 9.11.2 and 9.11.3).

Each decodes from the octets after IEI and length, `decode(octets)`, and encodes to them, `encode()`. Those of
half an octet have `of_half_octet` and `half_octet`. Decoders raise ValueError or IndexError.
"""

from typing import Self

import msgspec

from awase.model.ids import FiveGGuti, Guami, Plmn, SNssai, Tai
from awase.protocols.nas.layout import OpenEnum
from awase.wire.errors import DecodeError, EncodeError


class RegistrationType(OpenEnum):
    """5GS registration type value (TS 24.501 table 9.11.3.7.1)."""

    initial_registration = 1
    mobility_registration_updating = 2
    periodic_registration_updating = 3
    emergency_registration = 4
    snpn_onboarding_registration = 5
    disaster_roaming_mobility_registration_updating = 6
    disaster_roaming_initial_registration = 7


class IdentityType(OpenEnum):
    """5GS identity type (TS 24.501 table 9.11.3.3.1) and type of identity of the 5GS mobile identity."""

    no_identity = 0
    suci = 1
    five_g_guti = 2
    imei = 3
    five_g_s_tmsi = 4
    imeisv = 5
    mac_address = 6
    eui_64 = 7


class AccessType(OpenEnum):
    """Access type (TS 24.501 table 9.11.2.1A.1)."""

    three_gpp_access = 1
    non_3gpp_access = 2


class PayloadContainerType(OpenEnum):
    """Payload container type (TS 24.501 table 9.11.3.40.1)."""

    n1_sm_information = 1
    sms = 2
    lpp_message_container = 3
    sor_transparent_container = 4
    ue_policy_container = 5
    ue_parameters_update_transparent_container = 6
    location_services_message_container = 7
    ciot_user_data_container = 8
    service_level_aa_container = 9
    event_notification = 10
    multiple_payloads = 15


class RequestType(OpenEnum):
    """Request type (TS 24.501 table 9.11.3.47.1)."""

    initial_request = 1
    existing_pdu_session = 2
    initial_emergency_request = 3
    existing_emergency_pdu_session = 4
    modification_request = 5
    ma_pdu_request = 6


class ServiceType(OpenEnum):
    """Service type (TS 24.501 table 9.11.3.50.1)."""

    signalling = 0
    data = 1
    mobile_terminated_services = 2
    emergency_services = 3
    emergency_services_fallback = 4
    high_priority_access = 5
    elevated_signalling = 6


class ProtectionScheme(OpenEnum):
    """Protection scheme id of a SUCI (TS 24.501 table 9.11.3.4.1)."""

    null_scheme = 0
    ecies_profile_a = 1
    ecies_profile_b = 2


NO_KEY = 7
"""NAS key set identifier of the UE: no key is available (TS 24.501 table 9.11.3.32.1)."""


class FiveGSRegistrationType(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """5GS registration type (TS 24.501 clause 9.11.3.7)."""

    value: RegistrationType
    follow_on_request: bool = False

    @classmethod
    def of_half_octet(cls, bits: int) -> Self:
        """From four bits."""
        return cls(value=RegistrationType(bits & 7), follow_on_request=bits > 7)

    def half_octet(self) -> int:
        """As four bits."""
        return self.follow_on_request << 3 | self.value & 7


class DeregistrationType(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """De-registration type (TS 24.501 clause 9.11.3.20)."""

    switch_off: bool = False
    re_registration_required: bool = False
    access_type: int = 1

    @classmethod
    def of_half_octet(cls, bits: int) -> Self:
        """From four bits."""
        return cls(switch_off=bits > 7, re_registration_required=bits & 4 != 0, access_type=bits & 3)

    def half_octet(self) -> int:
        """As four bits."""
        return self.switch_off << 3 | self.re_registration_required << 2 | self.access_type & 3


class ConfigurationUpdateIndication(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Configuration update indication (TS 24.501 clause 9.11.3.18)."""

    acknowledgement_requested: bool = False
    registration_requested: bool = False

    @classmethod
    def of_half_octet(cls, bits: int) -> Self:
        """From four bits."""
        return cls(acknowledgement_requested=bits & 1 != 0, registration_requested=bits & 2 != 0)

    def half_octet(self) -> int:
        """As four bits."""
        return self.registration_requested << 1 | self.acknowledgement_requested


class FiveGSRegistrationResult(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """5GS registration result (TS 24.501 clause 9.11.3.6); `value` 1 is 3GPP access."""

    value: int = 1
    sms_allowed: bool = False
    nssaa_to_be_performed: bool = False
    emergency_registered: bool = False
    disaster_roaming_bits: int = 0

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From its octet."""
        bits = octets[0]
        return cls(
            value=bits & 7,
            sms_allowed=bits & 8 != 0,
            nssaa_to_be_performed=bits & 16 != 0,
            emergency_registered=bits & 32 != 0,
            disaster_roaming_bits=bits >> 6,
        )

    def encode(self) -> bytes:
        """To its octet."""
        bits = self.value & 7 | self.sms_allowed << 3 | self.nssaa_to_be_performed << 4
        return bytes((bits | self.emergency_registered << 5 | (self.disaster_roaming_bits & 3) << 6,))


def bcd(digits: str, first_bits: int | None = None) -> bytes:
    """Digits, two an octet, lower half first, filled with 1111; the first one above `first_bits` if given."""
    if not digits.isdecimal() or not digits.isascii():
        raise EncodeError(f"{digits!r} is not made of digits")
    if first_bits is None:
        text = digits if len(digits) % 2 == 0 else digits + "f"
        return bytes(int(text[i + 1], 16) << 4 | int(text[i], 16) for i in range(0, len(text), 2))
    first = bytes((int(digits[0]) << 4 | len(digits) % 2 << 3 | first_bits,))
    return first + bcd(digits[1:]) if digits[1:] else first


def digits_of(octets: bytes) -> str:
    """The digits of BCD octets; the filler 1111 only in the last half. Raises DecodeError."""
    text = "".join(pair[1] + pair[0] for pair in (f"{octet:02x}" for octet in octets))
    text = text[:-1] if text.endswith("f") else text
    if text and not text.isdecimal():
        raise DecodeError("a digit is above 9")
    return text


class Suci(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A SUCI of SUPI format IMSI (TS 24.501 figure 9.11.3.4.3).

    `scheme_output` is the MSIN in BCD for the null scheme, the ECIES output for the others.
    """

    plmn: Plmn
    routing_indicator: str = "0"
    protection_scheme_id: int = 0
    home_network_public_key_identifier: int = 0
    scheme_output: bytes

    @property
    def msin(self) -> str:
        """The MSIN of the null scheme. Raises DecodeError where a digit is none."""
        return digits_of(self.scheme_output)

    @classmethod
    def null(cls, plmn: Plmn, msin: str, routing_indicator: str = "0") -> Self:
        """The SUCI of the null scheme (TS 33.501 clause C.2)."""
        return cls(plmn=plmn, routing_indicator=routing_indicator, scheme_output=bcd(msin))

    def encode(self) -> bytes:
        """To octets."""
        routing = self.routing_indicator.ljust(4, "f")
        return (
            b"\x01"
            + self.plmn.octets()
            + bytes.fromhex(routing[1] + routing[0] + routing[3] + routing[2])
            + bytes((self.protection_scheme_id & 15, self.home_network_public_key_identifier & 255))
            + self.scheme_output
        )

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        if len(octets) < 9:
            raise DecodeError("a SUCI with an IMSI has at least 9 octets")
        pairs = octets[4:6].hex()
        routing = (pairs[1] + pairs[0] + pairs[3] + pairs[2]).rstrip("f")
        if not routing.isdecimal():
            raise DecodeError("the routing indicator has a digit above 9, or none")
        return cls(
            plmn=Plmn.from_octets(octets[1:4]),
            routing_indicator=routing,
            protection_scheme_id=octets[6] & 15,
            home_network_public_key_identifier=octets[7],
            scheme_output=octets[8:],
        )


class OtherSuci(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A SUCI of another SUPI format (NAI, GCI, GLI: TS 24.501 figure 9.11.3.4.4): the whole identity."""

    octets: bytes

    def encode(self) -> bytes:
        """To octets."""
        return self.octets


class Imei(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An IMEI (15 digits), or IMEISV (16) with `type_of_identity` imeisv (TS 24.501 figure 9.11.3.4.2)."""

    digits: str
    type_of_identity: IdentityType = IdentityType.imei

    def encode(self) -> bytes:
        """To octets."""
        return bcd(self.digits, self.type_of_identity & 7)


class FiveGSTmsi(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A 5G-S-TMSI: AMF set (10 bit), pointer (6 bit), 5G-TMSI (TS 24.501 figure 9.11.3.4.5)."""

    amf_set_id: int
    amf_pointer: int
    five_g_tmsi: int

    @property
    def value(self) -> int:
        """The 48 bits."""
        return self.amf_set_id << 38 | self.amf_pointer << 32 | self.five_g_tmsi

    @classmethod
    def of(cls, guti: FiveGGuti) -> Self:
        """The 5G-S-TMSI within a 5G-GUTI (TS 23.003 clause 2.11)."""
        guami = guti.guami
        return cls(amf_set_id=guami.amf_set_id, amf_pointer=guami.amf_pointer, five_g_tmsi=guti.five_g_tmsi)

    def encode(self) -> bytes:
        """To octets."""
        return b"\xf4" + self.value.to_bytes(6, "big")


class NoIdentity(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """No identity (TS 24.501 figure 9.11.3.4.6)."""

    def encode(self) -> bytes:
        """To octets."""
        return b"\x00"


class OtherIdentity(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A MAC address, EUI-64 or odd form of no identity (TS 24.501 clause 9.11.3.4): the whole identity."""

    octets: bytes

    def encode(self) -> bytes:
        """To octets."""
        return self.octets


FiveGSMobileIdentity = Suci | OtherSuci | FiveGGuti | Imei | FiveGSTmsi | NoIdentity | OtherIdentity
"""5GS mobile identity (TS 24.501 clause 9.11.3.4)."""


def decode_mobile_identity(octets: bytes) -> FiveGSMobileIdentity:
    """A 5GS mobile identity from its octets."""
    kind = octets[0] & 7
    if kind == IdentityType.suci:
        return Suci.decode(octets) if octets[0] >> 4 & 7 == 0 else OtherSuci(octets=octets)
    if kind == IdentityType.five_g_guti:
        if len(octets) != 11:
            raise DecodeError("a 5G-GUTI has 11 octets")
        set_and_pointer = octets[5] << 8 | octets[6]
        guami = Guami(Plmn.from_octets(octets[1:4]), octets[4], set_and_pointer >> 6, set_and_pointer & 63)
        return FiveGGuti(guami, int.from_bytes(octets[7:], "big"))
    if kind == IdentityType.five_g_s_tmsi:
        if len(octets) != 7:
            raise DecodeError("a 5G-S-TMSI has 7 octets")
        value = int.from_bytes(octets[1:], "big")
        return FiveGSTmsi(amf_set_id=value >> 38, amf_pointer=value >> 32 & 63, five_g_tmsi=value & 0xFFFFFFFF)
    if kind in (IdentityType.imei, IdentityType.imeisv):
        return Imei(digits=_device_digits(octets), type_of_identity=IdentityType(kind))
    return NoIdentity() if octets == b"\x00" else OtherIdentity(octets=octets)


def _device_digits(octets: bytes) -> str:
    first = octets[0] >> 4
    if first > 9:
        raise DecodeError("a digit is above 9")
    digits = str(first) + digits_of(octets[1:])
    if len(digits) % 2 != octets[0] >> 3 & 1:
        raise DecodeError("the number of digits is not what the odd/even indication says")
    return digits


def encode_mobile_identity(identity: FiveGSMobileIdentity) -> bytes:
    """A 5GS mobile identity to its octets."""
    if isinstance(identity, FiveGGuti):
        guami = identity.guami
        return (
            b"\xf2"
            + guami.plmn.octets()
            + bytes((guami.amf_region_id,))
            + (guami.amf_set_id << 6 | guami.amf_pointer).to_bytes(2, "big")
            + identity.five_g_tmsi.to_bytes(4, "big")
        )
    return identity.encode()


class UeSecurityCapability(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """UE security capability (TS 24.501 clause 9.11.3.54), as its octets: 5G-EA, 5G-IA, EEA, EIA, others."""

    octets: bytes

    @classmethod
    def of(cls, nea: tuple[int, ...], nia: tuple[int, ...], *, eps: bool = False) -> Self:
        """From algorithm numbers; `eps` gives the same ones as EEA and EIA."""
        pair = bytes((sum(0x80 >> n for n in nea), sum(0x80 >> n for n in nia)))
        return cls(octets=pair + pair if eps else pair)

    def nea(self, algorithm: int) -> bool:
        """Whether 5G-EA`algorithm` is supported."""
        return self.octets[0] & 0x80 >> algorithm != 0

    def nia(self, algorithm: int) -> bool:
        """Whether 5G-IA`algorithm` is supported."""
        return self.octets[1] & 0x80 >> algorithm != 0

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        if len(octets) < 2:
            raise DecodeError("a UE security capability has at least 2 octets")
        return cls(octets=octets)

    def encode(self) -> bytes:
        """To octets."""
        return self.octets


class FiveGMMCapability(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """5GMM capability (TS 24.501 clause 9.11.3.1), as its octets."""

    octets: bytes = b"\x00"

    @property
    def s1_mode(self) -> bool:
        """S1 mode is supported."""
        return self.octets[0] & 1 != 0

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        return cls(octets=octets)

    def encode(self) -> bytes:
        """To octets."""
        return self.octets


class FiveGSNetworkFeatureSupport(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """5GS network feature support (TS 24.501 clause 9.11.3.5), as its octets."""

    octets: bytes = b"\x00"

    @property
    def ims_voice_over_3gpp_access(self) -> bool:
        """IMS voice over PS session is supported over 3GPP access."""
        return self.octets[0] & 1 != 0

    @property
    def emergency_service(self) -> int:
        """EMC, two bits."""
        return self.octets[0] >> 2 & 3

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        return cls(octets=octets)

    def encode(self) -> bytes:
        """To octets."""
        return self.octets


class SNssaiElement(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An S-NSSAI as NAS carries it, with the mapped one of the HPLMN (TS 24.501 clause 9.11.2.8)."""

    s_nssai: SNssai
    mapped_hplmn_s_nssai: SNssai | None = None

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        n = len(octets)
        if n not in (1, 2, 4, 5, 8):
            raise DecodeError(f"an S-NSSAI has 1, 2, 4, 5 or 8 octets, not {n}")
        s_nssai = SNssai(octets[0], octets[1:4].hex() if n >= 4 else None)
        if n in (1, 4):
            return cls(s_nssai=s_nssai)
        if n == 2:
            return cls(s_nssai=s_nssai, mapped_hplmn_s_nssai=SNssai(octets[1]))
        return cls(s_nssai=s_nssai, mapped_hplmn_s_nssai=SNssai(octets[4], octets[5:].hex() if n == 8 else None))

    def encode(self) -> bytes:
        """To octets."""
        mapped = self.mapped_hplmn_s_nssai
        if mapped is None:
            return _slice_octets(self.s_nssai)
        if self.s_nssai.sd is None and mapped.sd is not None:
            # An SD of all ones is "no SD" (TS 23.003 clause 28.4.2): no shorter form has a mapped SD.
            return bytes((self.s_nssai.sst, 255, 255, 255)) + _slice_octets(mapped)
        return _slice_octets(self.s_nssai) + _slice_octets(mapped)


def _slice_octets(s_nssai: SNssai) -> bytes:
    return bytes((s_nssai.sst,)) + (bytes.fromhex(s_nssai.sd) if s_nssai.sd is not None else b"")


Nssai = tuple[SNssaiElement, ...]
"""NSSAI (TS 24.501 clause 9.11.3.37)."""


def nssai(slices: tuple[SNssai, ...]) -> Nssai:
    """An NSSAI of slices without mapping."""
    return tuple(SNssaiElement(s_nssai=s) for s in slices)


def decode_nssai(octets: bytes) -> Nssai:
    """An NSSAI from its octets."""
    found = []
    i = 0
    while i < len(octets):
        end = i + 1 + octets[i]
        if end > len(octets):
            raise DecodeError("an S-NSSAI ends after its NSSAI")
        found.append(SNssaiElement.decode(octets[i + 1 : end]))
        i = end
    return tuple(found)


def encode_nssai(value: Nssai) -> bytes:
    """An NSSAI to its octets."""
    return b"".join(bytes((len(octets),)) + octets for octets in (s.encode() for s in value))


class RejectedSNssai(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A rejected S-NSSAI (TS 24.501 table 9.11.3.46.1).

    `cause` 0 is "not available in the current PLMN", 1 "in the current registration area", 2 "NSSAA failed".
    """

    s_nssai: SNssai
    cause: int = 0


RejectedNssai = tuple[RejectedSNssai, ...]
"""Rejected NSSAI (TS 24.501 clause 9.11.3.46)."""


def decode_rejected_nssai(octets: bytes) -> RejectedNssai:
    """A rejected NSSAI from its octets."""
    found = []
    i = 0
    while i < len(octets):
        length, cause = octets[i] >> 4, octets[i] & 15
        value = octets[i + 1 : i + 1 + length]
        if length not in (1, 4) or len(value) != length:
            raise DecodeError("a rejected S-NSSAI has 1 or 4 octets")
        found.append(RejectedSNssai(s_nssai=SNssai(value[0], value[1:].hex() if length == 4 else None), cause=cause))
        i += 1 + length
    return tuple(found)


def encode_rejected_nssai(value: RejectedNssai) -> bytes:
    """A rejected NSSAI to its octets."""
    return b"".join(
        bytes((len(octets) << 4 | rejected.cause,)) + octets
        for rejected, octets in ((r, _slice_octets(r.s_nssai)) for r in value)
    )


class PartialTaiList(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A partial tracking area identity list: type 0 one PLMN, 1 consecutive TACs, 2 several PLMNs."""

    type_of_list: int = 0
    tais: tuple[Tai, ...]

    def encode(self) -> bytes:
        """To octets."""
        head = bytes((self.type_of_list << 5 | len(self.tais) - 1,))
        if self.type_of_list == 2:
            return head + b"".join(t.plmn.octets() + t.tac.to_bytes(3, "big") for t in self.tais)
        tais = self.tais if self.type_of_list == 0 else self.tais[:1]
        return head + self.tais[0].plmn.octets() + b"".join(t.tac.to_bytes(3, "big") for t in tais)


class TaiList(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """5GS tracking area identity list (TS 24.501 clause 9.11.3.9): at most 16 in all."""

    partial_lists: tuple[PartialTaiList, ...]

    @property
    def tais(self) -> tuple[Tai, ...]:
        """All of them."""
        return tuple(tai for partial in self.partial_lists for tai in partial.tais)

    @classmethod
    def of(cls, tais: tuple[Tai, ...]) -> Self:
        """The shortest list of the kinds 0 and 2."""
        one_plmn = all(tai.plmn == tais[0].plmn for tai in tais)
        return cls(partial_lists=(PartialTaiList(type_of_list=0 if one_plmn else 2, tais=tais),))

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        lists = []
        i = 0
        while i < len(octets):
            kind, n = octets[i] >> 5 & 3, (octets[i] & 31) + 1
            if kind == 3 or n > 16:
                raise DecodeError("a type of list or number of elements that is not defined")
            size = {0: 3 + 3 * n, 1: 6, 2: 6 * n}[kind]
            value = octets[i + 1 : i + 1 + size]
            if len(value) != size:
                raise DecodeError("the list ends too early")
            lists.append(PartialTaiList(type_of_list=kind, tais=_tais(kind, n, value)))
            i += 1 + size
        return cls(partial_lists=tuple(lists))

    def encode(self) -> bytes:
        """To octets."""
        return b"".join(partial.encode() for partial in self.partial_lists)


def _tais(kind: int, n: int, value: bytes) -> tuple[Tai, ...]:
    if kind == 2:
        return tuple(decode_tai(value[i : i + 6]) for i in range(0, 6 * n, 6))
    plmn = Plmn.from_octets(value[:3])
    if kind == 0:
        return tuple(Tai(plmn, int.from_bytes(value[i : i + 3], "big")) for i in range(3, 3 + 3 * n, 3))
    first = int.from_bytes(value[3:], "big")
    if first + n > 1 << 24:
        raise DecodeError("consecutive TACs beyond 24 bits")
    return tuple(Tai(plmn, first + i) for i in range(n))


def decode_tai(octets: bytes) -> Tai:
    """A 5GS tracking area identity (TS 24.501 clause 9.11.3.8) from its octets."""
    return Tai(Plmn.from_octets(octets[:3]), int.from_bytes(octets[3:6], "big"))


def encode_tai(tai: Tai) -> bytes:
    """A 5GS tracking area identity to its octets."""
    return tai.plmn.octets() + tai.tac.to_bytes(3, "big")


def decode_plmns(octets: bytes) -> tuple[Plmn, ...]:
    """A PLMN list (TS 24.501 clauses 9.11.3.45 and 9.11.3.83) from its octets."""
    if len(octets) % 3:
        raise DecodeError("a PLMN has 3 octets")
    return tuple(Plmn.from_octets(octets[i : i + 3]) for i in range(0, len(octets), 3))


def encode_plmns(plmns: tuple[Plmn, ...]) -> bytes:
    """A PLMN list to its octets."""
    return b"".join(plmn.octets() for plmn in plmns)


_SECONDS_2 = {0: 2, 1: 60, 2: 360}
"""GPRS timer 2: seconds a unit (TS 24.008 table 10.5.163); any other unit but 7 counts as a minute."""

_SECONDS_3 = {0: 600, 1: 3600, 2: 36000, 3: 2, 4: 30, 5: 60, 6: 1152000}
"""GPRS timer 3: seconds a unit (TS 24.008 table 10.5.163a)."""


class GprsTimer2(msgspec.Struct, frozen=True, gc=False):
    """GPRS timer and GPRS timer 2 (TS 24.501 clauses 9.11.2.3, 9.11.2.4, TS 24.008 clauses 10.5.7.3, 10.5.7.4)."""

    unit: int
    value: int

    @property
    def seconds(self) -> int | None:
        """How long; None where the timer is deactivated."""
        return None if self.unit == 7 else self.value * _SECONDS_2.get(self.unit, 60)

    @classmethod
    def of_seconds(cls, seconds: int) -> Self:
        """The shortest time that this timer can express and is not less."""
        return cls(*_unit_and_value(seconds, _SECONDS_2))

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From its octet."""
        return cls(octets[0] >> 5, octets[0] & 31)

    def encode(self) -> bytes:
        """To its octet."""
        return bytes((self.unit << 5 | self.value,))


class GprsTimer3(msgspec.Struct, frozen=True, gc=False):
    """GPRS timer 3 (TS 24.501 clause 9.11.2.5, TS 24.008 clause 10.5.7.4a)."""

    unit: int
    value: int

    @property
    def seconds(self) -> int | None:
        """How long; None where the timer is deactivated."""
        return None if self.unit == 7 else self.value * _SECONDS_3[self.unit]

    @classmethod
    def of_seconds(cls, seconds: int) -> Self:
        """The shortest time that this timer can express and is not less."""
        return cls(*_unit_and_value(seconds, _SECONDS_3))

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From its octet."""
        return cls(octets[0] >> 5, octets[0] & 31)

    def encode(self) -> bytes:
        """To its octet."""
        return bytes((self.unit << 5 | self.value,))


def _unit_and_value(seconds: int, units: dict[int, int]) -> tuple[int, int]:
    fits = [
        (-(-seconds // size) * size, unit, -(-seconds // size))
        for unit, size in units.items()
        if -(-seconds // size) <= 31
    ]
    if not fits:
        raise EncodeError(f"{seconds} s is longer than this timer can express")
    _, unit, value = min(fits)
    return unit, value


class PduSessionIds(msgspec.Struct, frozen=True, gc=False):
    """PDU sessions by identity (TS 24.501 clauses 9.11.3.44, 9.11.3.57, 9.11.3.13, 9.11.3.42)."""

    ids: tuple[int, ...] = ()

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        if len(octets) < 2:
            raise DecodeError("a PDU session status has at least 2 octets")
        bits = octets[0] | octets[1] << 8
        return cls(tuple(i for i in range(16) if bits >> i & 1))

    def encode(self) -> bytes:
        """To octets."""
        return sum(1 << i for i in self.ids).to_bytes(2, "little")


class SelectedNasSecurityAlgorithms(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """NAS security algorithms (TS 24.501 clause 9.11.3.34)."""

    nea: int
    nia: int

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From its octet."""
        return cls(nea=octets[0] >> 4, nia=octets[0] & 15)

    def encode(self) -> bytes:
        """To its octet."""
        return bytes((self.nea << 4 | self.nia,))


class Additional5GSecurityInformation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Additional 5G security information (TS 24.501 clause 9.11.3.12)."""

    retransmission_of_initial_nas_message_requested: bool = False
    horizontal_derivation_parameter: bool = False

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From its octet."""
        return cls(
            retransmission_of_initial_nas_message_requested=octets[0] & 2 != 0,
            horizontal_derivation_parameter=octets[0] & 1 != 0,
        )

    def encode(self) -> bytes:
        """To its octet."""
        rinmr = self.retransmission_of_initial_nas_message_requested
        return bytes((rinmr << 1 | self.horizontal_derivation_parameter,))
