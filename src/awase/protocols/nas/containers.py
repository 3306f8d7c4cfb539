"""Containers whose inside TS 24.501 itself describes: small data, SOR, UE parameters, payloads (clause 9.11.3).

The SOR container is an element; the value parts of UE parameters update and of several payloads travel as payload
containers, whose type says what they are. Shapes and errors as in `elements`.
"""

from typing import Self

import msgspec

from awase.model.ids import Plmn
from awase.protocols.nas.elements import Nssai, PayloadContainerType, decode_nssai, encode_nssai
from awase.protocols.nas.layout import OpenEnum, counted, cut, with_length
from awase.wire.errors import DecodeError, EncodeError


class DnSpecificIdentity(msgspec.Struct, frozen=True, gc=False):
    """SM PDU DN request container (TS 24.501 clause 9.11.4.15): the UE's identity in the data network, an NAI."""

    nai: str

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        return cls(octets.decode())

    def encode(self) -> bytes:
        """To octets."""
        return self.nai.encode()


class SmallDataType(OpenEnum):
    """Data type of a CIoT small data container (TS 24.501 table 9.11.3.18B.1)."""

    control_plane_user_data = 0
    sms = 1
    location_services_message_container = 2


class DownlinkDataExpected(OpenEnum):
    """Downlink data expected, DDX (TS 24.501 table 9.11.3.18B.1)."""

    no_information_available = 0
    no_further_data_expected = 1
    only_a_single_downlink_data_transmission_expected = 2


class CiotSmallDataContainer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """CIoT small data container (TS 24.501 clause 9.11.3.18B).

    A PDU session goes with user data, additional information with location services. SMS has neither nor `ddx`.
    """

    data_type: SmallDataType = SmallDataType.control_plane_user_data
    ddx: DownlinkDataExpected = DownlinkDataExpected.no_information_available
    pdu_session_id: int = 0
    additional_information: bytes = b""
    data: bytes = b""

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        kind, ddx = SmallDataType(octets[0] >> 5), DownlinkDataExpected(octets[0] >> 3 & 3)
        if kind is SmallDataType.control_plane_user_data:
            return cls(data_type=kind, ddx=ddx, pdu_session_id=octets[0] & 7, data=octets[1:])
        if kind is SmallDataType.sms:
            return cls(data_type=kind, data=octets[1:])
        if kind is SmallDataType.location_services_message_container:
            additional, i = counted(octets, 1)
            return cls(data_type=kind, ddx=ddx, additional_information=additional, data=octets[i:])
        raise DecodeError("a data type that is reserved")

    def encode(self) -> bytes:
        """To octets."""
        location = self.data_type == SmallDataType.location_services_message_container
        if self.data_type > 2 or self.ddx > 3 or not 0 <= self.pdu_session_id <= 7:
            raise EncodeError("small data have a type up to 2, DDX up to 3 and a PDU session identity up to 7")
        if self.additional_information and not location:
            raise EncodeError("additional information goes with location services")
        head = bytes((self.data_type << 5 | self.ddx << 3 | self.pdu_session_id,))
        return head + (with_length(self.additional_information) if location else b"") + self.data


class PreferredPlmn(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A PLMN and its access technology identifier, 16 bit (TS 31.102 clause 4.2.5)."""

    plmn: Plmn
    access_technology: int


class SteeringOfRoaming(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Steering of roaming information (TS 24.501 clause 9.11.3.51).

    There is a secured packet, a list of PLMNs, or neither, if the list does not change. Where there are additional
    parameters, `parameters` is all that follows the counter, as it lies there, and the two bits tell of its list.
    """

    mac: bytes
    counter: int
    acknowledgement_requested: bool = False
    secured_packet: bytes | None = None
    plmns: tuple[PreferredPlmn, ...] | None = None
    parameters: bytes | None = None
    list_indication: bool = False
    list_type: bool = False

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        (bits, *_), mac = cut(octets, 0, 19)[0], octets[1:17]
        indication, kind, value = bits & 2 != 0, bits & 4 != 0, octets[19:]
        acknowledgement, counter = bits & 8 != 0, octets[17] << 8 | octets[18]
        if bits & 16:
            return cls(
                mac=mac,
                counter=counter,
                acknowledgement_requested=acknowledgement,
                parameters=value,
                list_indication=indication,
                list_type=kind,
            )
        return cls(
            mac=mac,
            counter=counter,
            acknowledgement_requested=acknowledgement,
            secured_packet=value if indication and not kind else None,
            plmns=_preferred(value) if indication and kind else None,
        )

    def encode(self) -> bytes:
        """To octets."""
        inside = [v for v in (self.secured_packet, self.plmns, self.parameters) if v is not None]
        if len(self.mac) != 16 or len(inside) > 1:
            raise EncodeError("steering of roaming has a MAC of 16 octets, and one packet, list or set of parameters")
        bits = self.acknowledgement_requested << 3
        value = self.secured_packet or b""
        if self.parameters is not None:
            bits, value = bits | 16 | self.list_indication << 1 | self.list_type << 2, self.parameters
        elif self.plmns is not None:
            bits |= 6
            value = b"".join(p.plmn.octets() + p.access_technology.to_bytes(2, "big") for p in self.plmns)
        elif self.secured_packet is not None:
            bits |= 2
        return bytes((bits,)) + self.mac + self.counter.to_bytes(2, "big") + value


def _preferred(octets: bytes) -> tuple[PreferredPlmn, ...]:
    if len(octets) % 5:
        raise DecodeError("a PLMN with its access technology has 5 octets")
    return tuple(
        PreferredPlmn(
            plmn=Plmn.from_octets(octets[i : i + 3]),
            access_technology=octets[i + 3] << 8 | octets[i + 4],
        )
        for i in range(0, len(octets), 5)
    )


class SteeringAcknowledgement(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The UE's acknowledgement of steering of roaming (TS 24.501 clause 9.11.3.51).

    `supported` has bits 2 to 4 of the header: what of SOR-CMCI and SOR-SNPN-SI the UE supports.
    """

    mac: bytes
    supported: int = 0

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        (bits, *_), mac = cut(octets, 0, 17)[0], octets[1:17]
        return cls(mac=mac, supported=bits >> 1 & 7)

    def encode(self) -> bytes:
        """To octets."""
        if len(self.mac) != 16 or not 0 <= self.supported <= 7:
            raise EncodeError("an acknowledgement has a MAC of 16 octets and three bits of support")
        return bytes((1 | self.supported << 1,)) + self.mac


class SorTransparentContainer(msgspec.Struct, frozen=True, gc=False):
    """SOR transparent container (TS 24.501 clause 9.11.3.51), of the network or of the UE."""

    content: SteeringOfRoaming | SteeringAcknowledgement

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets; as a payload container it is the same (clause 9.11.3.39)."""
        return cls(SteeringAcknowledgement.decode(octets) if octets[0] & 1 else SteeringOfRoaming.decode(octets))

    def encode(self) -> bytes:
        """To octets."""
        return self.content.encode()


class ParametersUpdateType(OpenEnum):
    """UE parameters update data set type (TS 24.501 table 9.11.3.53A.1)."""

    routing_indicator_update_data = 1
    default_configured_nssai_update_data = 2
    disaster_roaming_information_update_data = 3


class ParametersUpdateSet(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A UE parameters update data set: its type, and its octets (a secured packet, an NSSAI, bits)."""

    type: ParametersUpdateType
    octets: bytes

    @property
    def default_configured_nssai(self) -> Nssai | None:
        """The slices of a set that has them. Raises DecodeError."""
        if self.type != ParametersUpdateType.default_configured_nssai_update_data:
            return None
        return decode_nssai(self.octets)

    @classmethod
    def of_default_configured_nssai(cls, nssai: Nssai) -> Self:
        """The set with these slices."""
        kind = ParametersUpdateType.default_configured_nssai_update_data
        return cls(type=kind, octets=encode_nssai(nssai))


class ParametersUpdate(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """UE parameters update list (TS 24.501 clause 9.11.3.53A)."""

    mac: bytes
    counter: int
    acknowledgement_requested: bool = False
    re_registration_requested: bool = False
    sets: tuple[ParametersUpdateSet, ...] = ()

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        head, i = cut(octets, 0, 19)
        sets = []
        while i < len(octets):
            kind = ParametersUpdateType(octets[i] & 15)
            value, i = counted(octets, i + 1, 2)
            sets.append(ParametersUpdateSet(type=kind, octets=value))
        return cls(
            mac=head[1:17],
            counter=head[17] << 8 | head[18],
            acknowledgement_requested=head[0] & 2 != 0,
            re_registration_requested=head[0] & 4 != 0,
            sets=tuple(sets),
        )

    def encode(self) -> bytes:
        """To octets."""
        if len(self.mac) != 16 or any(one.type > 15 for one in self.sets):
            raise EncodeError("a UE parameters update has a MAC of 16 octets, and types of four bits")
        head = bytes((self.acknowledgement_requested << 1 | self.re_registration_requested << 2,)) + self.mac
        sets = b"".join(bytes((one.type,)) + with_length(one.octets, 2) for one in self.sets)
        return head + self.counter.to_bytes(2, "big") + sets


class ParametersUpdateAcknowledgement(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The UE's acknowledgement of a UE parameters update (TS 24.501 clause 9.11.3.53A)."""

    mac: bytes

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        return cls(mac=cut(octets, 1, 16)[0])

    def encode(self) -> bytes:
        """To octets."""
        if len(self.mac) != 16:
            raise EncodeError("an acknowledgement has a MAC of 16 octets")
        return b"\x01" + self.mac


class UpuTransparentContainer(msgspec.Struct, frozen=True, gc=False):
    """UE parameters update transparent container (TS 24.501 clause 9.11.3.53A), a payload container's value."""

    content: ParametersUpdate | ParametersUpdateAcknowledgement

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        return cls(ParametersUpdateAcknowledgement.decode(octets) if octets[0] & 1 else ParametersUpdate.decode(octets))

    def encode(self) -> bytes:
        """To octets."""
        return self.content.encode()


class PayloadOption(msgspec.Struct, frozen=True, gc=False):
    """An optional element of a payload container entry: IEI (with the lower half zero) and value."""

    iei: int
    octets: bytes


class PayloadContainerEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A payload container entry (TS 24.501 figure 9.11.3.39.3): type, optional elements and contents."""

    type: PayloadContainerType
    options: tuple[PayloadOption, ...] = ()
    contents: bytes = b""

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From the octets after its length."""
        options = []
        i = 1
        for _ in range(octets[0] >> 4):
            iei = octets[i]
            value, i = counted(octets, i + 1)
            options.append(PayloadOption(iei, value))
        return cls(type=PayloadContainerType(octets[0] & 15), options=tuple(options), contents=octets[i:])

    def encode(self) -> bytes:
        """To the octets after its length."""
        if self.type > 15 or len(self.options) > 15:
            raise EncodeError("a payload container entry has a type of four bits and at most 15 optional elements")
        options = b"".join(bytes((option.iei,)) + with_length(option.octets) for option in self.options)
        return bytes((len(self.options) << 4 | self.type,)) + options + self.contents


class MultiplePayloads(msgspec.Struct, frozen=True, gc=False):
    """The contents of a payload container of type "multiple payloads" (TS 24.501 clause 9.11.3.39)."""

    entries: tuple[PayloadContainerEntry, ...] = ()

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        found = []
        i = 1
        for _ in range(octets[0]):
            entry, i = counted(octets, i, 2)
            found.append(PayloadContainerEntry.decode(entry))
        if i != len(octets):
            raise DecodeError("a payload container goes on after its last entry")
        return cls(tuple(found))

    def encode(self) -> bytes:
        """To octets."""
        return bytes((len(self.entries),)) + b"".join(with_length(entry.encode(), 2) for entry in self.entries)
