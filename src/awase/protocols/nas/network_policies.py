"""Typed elements by which a network steers a UE: access categories, groups of slices, keys, paging (TS 24.501 9.11.3).

Shapes and errors as in `elements`. Spare bits are sent as zero.
"""

from typing import Self

import msgspec

from awase.model.ids import SNssai
from awase.protocols.nas.elements import Nssai, SNssaiElement, TaiList, decode_nssai, encode_nssai
from awase.protocols.nas.layout import OpenEnum, counted, cut, entries, with_length
from awase.protocols.nas.session_elements import decode_dnn, encode_dnn
from awase.wire.errors import DecodeError, EncodeError


class OsAppId(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An application: the UUID of the operating system (RFC 4122) and its own name for the application."""

    os_id: bytes
    os_app_id: bytes


class OtherCriteria(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Criteria of a type that table 9.11.3.38.1 reserves: their type and all octets to the end of the criteria."""

    type: int
    octets: bytes


class Criteria(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A criteria component (TS 24.501 figure 9.11.3.38.5): DNNs, applications or slices, one kind of the three."""

    dnns: tuple[str, ...] | None = None
    applications: tuple[OsAppId, ...] | None = None
    s_nssais: Nssai | None = None

    def encode(self) -> bytes:
        """To octets."""
        kinds = [kind for kind, values in enumerate(self._by_type()) if values is not None]
        if len(kinds) != 1:
            raise EncodeError("a criteria component has DNNs, applications or S-NSSAIs, and one kind of them")
        entries: list[bytes] = []
        if self.dnns is not None:
            entries = [with_length(encode_dnn(dnn)) for dnn in self.dnns]
        elif self.applications is not None:
            entries = [_application_octets(app) for app in self.applications]
        elif self.s_nssais is not None:
            entries = [encode_nssai((s_nssai,)) for s_nssai in self.s_nssais]
        return bytes((kinds[0], len(entries))) + b"".join(entries)

    def _by_type(self) -> tuple[object, object, object]:
        return self.dnns, self.applications, self.s_nssais


def _application_octets(app: OsAppId) -> bytes:
    if len(app.os_id) != 16:
        raise EncodeError("an OS Id has 16 octets")
    return app.os_id + with_length(app.os_app_id)


def _criteria(octets: bytes) -> tuple[Criteria | OtherCriteria, ...]:
    """The criteria components of a definition."""
    found: list[Criteria | OtherCriteria] = []
    i = 0
    while i < len(octets):
        kind = octets[i]
        if kind > 2:
            found.append(OtherCriteria(type=kind, octets=octets[i + 1 :]))
            break
        count, i = octets[i + 1], i + 2
        values: list[bytes] = []
        os_ids: list[bytes] = []
        for _ in range(count):
            if kind == 1:
                os_id, i = cut(octets, i, 16)
                os_ids.append(os_id)
            value, i = counted(octets, i)
            values.append(value)
        if kind == 0:
            found.append(Criteria(dnns=tuple(map(decode_dnn, values))))
        elif kind == 1:
            pairs = zip(os_ids, values, strict=True)
            found.append(Criteria(applications=tuple(OsAppId(os_id=o, os_app_id=a) for o, a in pairs)))
        else:
            found.append(Criteria(s_nssais=tuple(map(SNssaiElement.decode, values))))
    return tuple(found)


class OperatorDefinedAccessCategory(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An operator-defined access category definition (TS 24.501 figure 9.11.3.38.2).

    `number` 0 to 31 stands for the access categories 32 to 63. `standardized_access_category` is there if PSAC is 1.
    """

    precedence: int
    number: int
    criteria: tuple[Criteria | OtherCriteria, ...] = ()
    standardized_access_category: int | None = None

    @property
    def access_category(self) -> int:
        """The access category (TS 24.501 clause 4.5.3)."""
        return 32 + self.number

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From the octets after its length."""
        criteria, end = counted(octets, 2)
        psac = octets[1] > 127
        if len(octets) != end + psac:
            raise DecodeError("an access category definition is longer or shorter than what is in it")
        return cls(
            precedence=octets[0],
            number=octets[1] & 31,
            criteria=_criteria(criteria),
            standardized_access_category=octets[end] & 31 if psac else None,
        )

    def encode(self) -> bytes:
        """To the octets after its length."""
        standardized = self.standardized_access_category
        if not 0 <= self.number <= 31 or not 0 <= (standardized or 0) <= 31:
            raise EncodeError("the number of an access category has five bits")
        criteria = b"".join(
            bytes((c.type,)) + c.octets if isinstance(c, OtherCriteria) else c.encode() for c in self.criteria
        )
        head = bytes((self.precedence, (standardized is not None) << 7 | self.number))
        return head + with_length(criteria) + (b"" if standardized is None else bytes((standardized,)))


class OperatorDefinedAccessCategories(msgspec.Struct, frozen=True, gc=False):
    """Operator-defined access category definitions (TS 24.501 clause 9.11.3.38)."""

    definitions: tuple[OperatorDefinedAccessCategory, ...] = ()

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        return cls(tuple(OperatorDefinedAccessCategory.decode(entry) for entry in entries(octets)))

    def encode(self) -> bytes:
        """To octets."""
        return b"".join(with_length(definition.encode()) for definition in self.definitions)


class SliceRegistrationGroups(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The network slice simultaneous registration groups to which a slice belongs (TS 24.501 figure 9.11.3.82.2)."""

    s_nssai: SNssaiElement
    groups: tuple[int, ...]


class NssrgInformation(msgspec.Struct, frozen=True, gc=False):
    """NSSRG information (TS 24.501 clause 9.11.3.82)."""

    slices: tuple[SliceRegistrationGroups, ...] = ()

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        found = []
        for entry in entries(octets):
            s_nssai, end = counted(entry, 0)
            groups = tuple(entry[end:])
            found.append(SliceRegistrationGroups(s_nssai=SNssaiElement.decode(s_nssai), groups=groups))
        return cls(tuple(found))

    def encode(self) -> bytes:
        """To octets."""
        return b"".join(with_length(encode_nssai((s.s_nssai,)) + bytes(s.groups)) for s in self.slices)


class Nsag(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A network slice AS group (TS 24.501 figure 9.11.3.87.2); without `tai_list` it holds in the registration area."""

    identifier: int
    s_nssais: tuple[SNssai, ...]
    priority: int
    tai_list: TaiList | None = None

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From the octets after its length."""
        slices, i = counted(octets, 1)
        s_nssais = decode_nssai(slices)
        if any(s.mapped_hplmn_s_nssai is not None for s in s_nssais):
            raise DecodeError("an S-NSSAI of an NSAG has no mapped S-NSSAI")
        tai_list = None
        if len(octets) > i + 1:
            tais, end = counted(octets, i + 1)
            if end != len(octets):
                raise DecodeError("an NSAG goes on after its TAI list")
            tai_list = TaiList.decode(tais)
        return cls(
            identifier=octets[0],
            s_nssais=tuple(s.s_nssai for s in s_nssais),
            priority=octets[i],
            tai_list=tai_list,
        )

    def encode(self) -> bytes:
        """To the octets after its length."""
        slices = encode_nssai(tuple(SNssaiElement(s_nssai=s) for s in self.s_nssais))
        tais = b"" if self.tai_list is None else with_length(self.tai_list.encode())
        return bytes((self.identifier,)) + with_length(slices) + bytes((self.priority,)) + tais


class NsagInformation(msgspec.Struct, frozen=True, gc=False):
    """NSAG information (TS 24.501 clause 9.11.3.87)."""

    nsags: tuple[Nsag, ...] = ()

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        return cls(tuple(Nsag.decode(entry) for entry in entries(octets)))

    def encode(self) -> bytes:
        """To octets."""
        return b"".join(with_length(nsag.encode()) for nsag in self.nsags)


class CipheringDataSet(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A ciphering data set for broadcast assistance data (TS 24.501 figure 9.11.3.18C.2).

    The positioning SIB types are bit maps, first type in the highest bit of the first octet. The start is year of
    the century, month, day, hour and minute in semi-octets (octets 2 to 6 of TS 24.008 clause 10.5.3.9), the duration
    in minutes. Without TAIs the set holds in the whole PLMN.
    """

    ciphering_set_id: int
    ciphering_key: bytes
    c0: bytes
    eutra_positioning_sib_types: bytes = b""
    nr_positioning_sib_types: bytes = b""
    validity_start_time: bytes
    validity_duration: int
    tai_list: TaiList | None = None

    def __repr__(self) -> str:
        return f"CipheringDataSet(ciphering_set_id={self.ciphering_set_id})"  # The rest is a key and how it is used.

    @classmethod
    def take(cls, octets: bytes, i: int) -> tuple[Self, int]:
        """From the octets at `i`, and where it ends."""
        head, i = cut(octets, i, 19)
        if head[18] & 31 > 16:
            raise DecodeError("a c0 counter has at most 16 octets")
        c0, i = cut(octets, i, head[18] & 31)
        eutra, i = cut(octets, i + 1, octets[i] & 15)
        nr, i = cut(octets, i + 1, octets[i] & 15)
        time, i = cut(octets, i, 7)
        tais, i = counted(octets, i)
        found = cls(
            ciphering_set_id=head[0] << 8 | head[1],
            ciphering_key=head[2:18],
            c0=c0,
            eutra_positioning_sib_types=eutra,
            nr_positioning_sib_types=nr,
            validity_start_time=time[:5],
            validity_duration=time[5] << 8 | time[6],
            tai_list=TaiList.decode(tais) if tais else None,
        )
        return found, i

    def encode(self) -> bytes:
        """To octets."""
        eutra, nr = self.eutra_positioning_sib_types, self.nr_positioning_sib_types
        if len(self.ciphering_key) != 16 or len(self.validity_start_time) != 5 or len(self.c0) > 16:
            raise EncodeError("a ciphering data set has a key of 16, a start of 5 and a c0 of at most 16 octets")
        if max(len(eutra), len(nr)) > 15:
            raise EncodeError("the positioning SIB types have at most 15 octets")
        return (
            self.ciphering_set_id.to_bytes(2, "big")
            + self.ciphering_key
            + with_length(self.c0)
            + with_length(eutra)
            + with_length(nr)
            + self.validity_start_time
            + self.validity_duration.to_bytes(2, "big")
            + with_length(b"" if self.tai_list is None else self.tai_list.encode())
        )


class CipheringKeyData(msgspec.Struct, frozen=True, gc=False):
    """Ciphering key data (TS 24.501 clause 9.11.3.18C)."""

    sets: tuple[CipheringDataSet, ...] = ()

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        found = []
        i = 0
        while i < len(octets):
            one, i = CipheringDataSet.take(octets, i)
            found.append(one)
        return cls(tuple(found))

    def encode(self) -> bytes:
        """To octets."""
        return b"".join(one.encode() for one in self.sets)


class WusInformationType(OpenEnum):
    """Type of WUS assistance information (TS 24.301 table 9.9.3.62.1)."""

    ue_paging_probability = 0


class PeipsInformationType(OpenEnum):
    """Type of PEIPS assistance information (TS 24.501 table 9.11.3.80.1)."""

    paging_subgroup_id = 0
    ue_paging_probability = 1


class WusAssistance(msgspec.Struct, frozen=True, gc=False):
    """WUS assistance information (TS 24.501 clause 9.11.3.71, TS 24.301 clause 9.9.3.62): types and five-bit values."""

    information: tuple[tuple[WusInformationType, int], ...] = ()

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        return cls(tuple((WusInformationType(octet >> 5), octet & 31) for octet in octets))

    def encode(self) -> bytes:
        """To octets."""
        return _types_and_values(self.information)


class PeipsAssistance(msgspec.Struct, frozen=True, gc=False):
    """PEIPS assistance information (TS 24.501 clause 9.11.3.80): types and five-bit values."""

    information: tuple[tuple[PeipsInformationType, int], ...] = ()

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        return cls(tuple((PeipsInformationType(octet >> 5), octet & 31) for octet in octets))

    def encode(self) -> bytes:
        """To octets."""
        return _types_and_values(self.information)


def _types_and_values(information: tuple[tuple[OpenEnum, int], ...]) -> bytes:
    if any(kind > 7 or not 0 <= value <= 31 for kind, value in information):
        raise EncodeError("assistance information has a type of three bits and a value of five")
    return bytes(kind << 5 | value for kind, value in information)
