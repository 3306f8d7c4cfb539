"""Typed elements that are lists of areas, data networks, numbers and slices (TS 24.501 clause 9.11.3).

Shapes and errors as in `elements`.
"""

from typing import Self

import msgspec

from awase.model.ids import Plmn, SNssai
from awase.protocols.nas.elements import SNssaiElement, TaiList, bcd, digits_of
from awase.protocols.nas.layout import counted, cut, entries, with_length
from awase.protocols.nas.session_elements import decode_dnn, encode_dnn
from awase.wire.errors import DecodeError, EncodeError


class PartialServiceAreaList(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A partial service area list: a partial TAI list, allowed or not; type 3 is the whole PLMN."""

    allowed: bool = True
    plmn: Plmn | None = None
    tais: TaiList | None = None


class ServiceAreaList(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Service area list (TS 24.501 clause 9.11.3.49)."""

    partial_lists: tuple[PartialServiceAreaList, ...]

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        found = []
        i = 0
        while i < len(octets):
            head = octets[i]
            kind, n = head >> 5 & 3, (head & 31) + 1
            size = {0: 3 + 3 * n, 1: 6, 2: 6 * n, 3: 3}[kind]
            value = octets[i + 1 : i + 1 + size]
            if len(value) != size:
                raise DecodeError("the list ends too early")
            if kind == 3:
                found.append(PartialServiceAreaList(allowed=head < 0x80, plmn=Plmn.from_octets(value)))
            else:
                tais = TaiList.decode(bytes((head & 0x7F,)) + value)
                found.append(PartialServiceAreaList(allowed=head < 0x80, tais=tais))
            i += 1 + size
        return cls(partial_lists=tuple(found))

    def encode(self) -> bytes:
        """To octets."""
        out = b""
        for partial in self.partial_lists:
            if partial.tais is not None:
                value = partial.tais.encode()
            elif partial.plmn is not None:
                value = b"\x60" + partial.plmn.octets()
            else:
                raise EncodeError("a partial service area list has TAIs or a PLMN")
            out += bytes((value[0] | (0 if partial.allowed else 0x80),)) + value[1:]
        return out


class Ladn(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A LADN: its DNN and the tracking areas where it is (TS 24.501 figure 9.11.3.30.2)."""

    dnn: str
    tai_list: TaiList


class LadnInformation(msgspec.Struct, frozen=True, gc=False):
    """LADN information (TS 24.501 clause 9.11.3.30)."""

    ladns: tuple[Ladn, ...] = ()

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        found = []
        i = 0
        while i < len(octets):
            dnn, i = counted(octets, i)
            tais, i = counted(octets, i)
            found.append(Ladn(dnn=decode_dnn(dnn), tai_list=TaiList.decode(tais)))
        return cls(tuple(found))

    def encode(self) -> bytes:
        """To octets."""
        return b"".join(with_length(encode_dnn(ladn.dnn)) + with_length(ladn.tai_list.encode()) for ladn in self.ladns)


class LadnIndication(msgspec.Struct, frozen=True, gc=False):
    """LADN indication: the DNNs of which the UE asks (TS 24.501 clause 9.11.3.29)."""

    dnns: tuple[str, ...] = ()

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        found = []
        i = 0
        while i < len(octets):
            dnn, i = counted(octets, i)
            found.append(decode_dnn(dnn))
        return cls(tuple(found))

    def encode(self) -> bytes:
        """To octets."""
        return b"".join(with_length(encode_dnn(dnn)) for dnn in self.dnns)


class EmergencyNumber(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An emergency number and its category bits (TS 24.008 clause 10.5.4.33)."""

    digits: str
    category: int = 0


class EmergencyNumberList(msgspec.Struct, frozen=True, gc=False):
    """Emergency number list (TS 24.501 clause 9.11.3.23, TS 24.008 clause 10.5.3.13)."""

    numbers: tuple[EmergencyNumber, ...] = ()

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        return cls(tuple(EmergencyNumber(digits=digits_of(entry[1:]), category=entry[0]) for entry in entries(octets)))

    def encode(self) -> bytes:
        """To octets."""
        return b"".join(with_length(bytes((n.category,)) + bcd(n.digits)) for n in self.numbers)


class ExtendedEmergencyNumber(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An emergency number with its sub-services field (TS 24.301 figure 9.9.3.37A.1), each as it lies there."""

    digits: str
    sub_services: bytes = b""


class ExtendedEmergencyNumberList(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Extended emergency number list (TS 24.501 clause 9.11.3.26, TS 24.301 clause 9.9.3.37A)."""

    only_in_plmn: bool = False
    numbers: tuple[ExtendedEmergencyNumber, ...] = ()

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        found = []
        i = 1
        while i < len(octets):
            number, i = counted(octets, i)
            services, i = counted(octets, i)
            found.append(ExtendedEmergencyNumber(digits=digits_of(number), sub_services=services))
        return cls(only_in_plmn=octets[0] & 1 != 0, numbers=tuple(found))

    def encode(self) -> bytes:
        """To octets."""
        entries = (with_length(bcd(n.digits)) + with_length(n.sub_services) for n in self.numbers)
        return bytes((self.only_in_plmn,)) + b"".join(entries)


class MappedSNssai(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An S-NSSAI of the HPLMN (TS 24.501 clause 9.11.3.31)."""

    s_nssai: SNssai


class MappedNssai(msgspec.Struct, frozen=True, gc=False):
    """Mapped NSSAI (TS 24.501 clause 9.11.3.31B)."""

    slices: tuple[MappedSNssai, ...] = ()

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        found = []
        for entry in entries(octets):
            if len(entry) not in (1, 4):
                raise DecodeError("a mapped S-NSSAI has 1 or 4 octets")
            found.append(MappedSNssai(s_nssai=SNssaiElement.decode(entry).s_nssai))
        return cls(tuple(found))

    def encode(self) -> bytes:
        """To octets."""
        return b"".join(with_length(SNssaiElement(s_nssai=s.s_nssai).encode()) for s in self.slices)


class ExtendedRejectedSNssai(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A rejected S-NSSAI with its mapped one and cause (TS 24.501 figure 9.11.3.75.4)."""

    s_nssai: SNssaiElement
    cause: int = 0


class PartialExtendedRejectedNssai(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A partial extended rejected NSSAI list; `back_off_timer` (GPRS timer 3, its octet) with type 1 only."""

    back_off_timer: int | None = None
    rejected: tuple[ExtendedRejectedSNssai, ...] = ()


class ExtendedRejectedNssai(msgspec.Struct, frozen=True, gc=False):
    """Extended rejected NSSAI (TS 24.501 clause 9.11.3.75)."""

    partial_lists: tuple[PartialExtendedRejectedNssai, ...] = ()

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        lists = []
        i = 0
        while i < len(octets):
            kind, number = octets[i] >> 4 & 7, (octets[i] & 15) + 1
            i += 1
            if kind > 1:
                raise DecodeError("a type of list that is not defined")
            timer, i = (octets[i], i + 1) if kind else (None, i)
            rejected = []
            for _ in range(number):
                length, cause = octets[i] >> 4, octets[i] & 15
                value = octets[i + 1 : i + 1 + length]
                if len(value) != length:
                    raise DecodeError("a rejected S-NSSAI ends after its list")
                rejected.append(ExtendedRejectedSNssai(s_nssai=SNssaiElement.decode(value), cause=cause))
                i += 1 + length
            lists.append(PartialExtendedRejectedNssai(back_off_timer=timer, rejected=tuple(rejected)))
        return cls(tuple(lists))

    def encode(self) -> bytes:
        """To octets."""
        out = bytearray()
        for partial in self.partial_lists:
            timer = partial.back_off_timer
            out.append((0 if timer is None else 1) << 4 | len(partial.rejected) - 1)
            if timer is not None:
                out.append(timer)
            for rejected in partial.rejected:
                value = rejected.s_nssai.encode()
                out.append(len(value) << 4 | rejected.cause)
                out += value
        return bytes(out)


class ClosedAccessGroup(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The CAG entry of a PLMN (TS 24.501 figure 9.11.3.18A.2): identities of 32 bit."""

    plmn: Plmn
    only_through_cag_cells: bool = False
    cag_ids: tuple[int, ...] = ()


class CagInformationList(msgspec.Struct, frozen=True, gc=False):
    """CAG information list (TS 24.501 clause 9.11.3.18A)."""

    entries: tuple[ClosedAccessGroup, ...] = ()

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        found = []
        for entry in entries(octets):
            if len(entry) < 4 or len(entry) % 4:
                raise DecodeError("a CAG entry has 4 octets and 4 for each CAG-ID")
            ids = tuple(int.from_bytes(entry[j : j + 4], "big") for j in range(4, len(entry), 4))
            only = entry[3] & 1 != 0
            found.append(ClosedAccessGroup(plmn=Plmn.from_octets(entry[:3]), only_through_cag_cells=only, cag_ids=ids))
        return cls(tuple(found))

    def encode(self) -> bytes:
        """To octets."""
        return b"".join(
            with_length(
                entry.plmn.octets()
                + bytes((entry.only_through_cag_cells,))
                + b"".join(cag_id.to_bytes(4, "big") for cag_id in entry.cag_ids)
            )
            for entry in self.entries
        )


class CagWithValidity(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A CAG-ID with additional information (TS 24.501 clause 9.11.3.86): when it is valid.

    `time_periods` are of 16 octets each, or there is no time validity information. `other` has bits 2 to 7 of the
    validity information, of which a later release makes use, and `rest` what follows.
    """

    cag_id: int
    time_periods: tuple[bytes, ...] | None = None
    other: int = 0
    rest: bytes = b""

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From the octets after its length."""
        head, i = cut(octets, 0, 5)
        periods = None
        if head[4] & 1:
            value, end = cut(octets, i + 1, 16 * octets[i])
            periods, i = tuple(value[j : j + 16] for j in range(0, len(value), 16)), end
        return cls(
            cag_id=int.from_bytes(head[:4], "big"),
            time_periods=periods,
            other=head[4] >> 1 & 63,
            rest=octets[i:],
        )

    def encode(self) -> bytes:
        """To the octets after its length."""
        periods = self.time_periods
        if not 0 <= self.other <= 63 or any(len(period) != 16 for period in periods or ()):
            raise EncodeError("a time period has 16 octets, and the other bits are six")
        head = self.cag_id.to_bytes(4, "big") + bytes((self.other << 1 | (periods is not None),))
        return head + (b"" if periods is None else bytes((len(periods),)) + b"".join(periods)) + self.rest


class ExtendedClosedAccessGroup(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The entry of a PLMN in an extended CAG information list (TS 24.501 clause 9.11.3.86)."""

    plmn: Plmn
    only_through_cag_cells: bool = False
    cag_ids: tuple[int, ...] = ()
    with_validity: tuple[CagWithValidity, ...] | None = None

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From the octets after its length."""
        head, i = cut(octets, 0, 4)
        lci, caili = head[3] & 4 != 0, head[3] & 8 != 0
        if lci:
            ids, i = counted(octets, i, 2)
        else:
            ids, i = (b"", i) if caili else cut(octets, i, len(octets) - i)
        if len(ids) % 4:
            raise DecodeError("a CAG-ID has 4 octets")
        return cls(
            plmn=Plmn.from_octets(head[:3]),
            only_through_cag_cells=head[3] & 1 != 0,
            cag_ids=tuple(int.from_bytes(ids[j : j + 4], "big") for j in range(0, len(ids), 4)),
            with_validity=_with_validity(octets, i) if caili else None,
        )

    def encode(self) -> bytes:
        """To the octets after its length."""
        ids = b"".join(cag_id.to_bytes(4, "big") for cag_id in self.cag_ids)
        if self.with_validity is None:
            return self.plmn.octets() + bytes((self.only_through_cag_cells,)) + ids
        listed = b"".join(with_length(one.encode(), 2) for one in self.with_validity)
        head = self.plmn.octets() + bytes((self.only_through_cag_cells | 12,))
        return head + with_length(ids, 2) + with_length(listed, 2)


def _with_validity(octets: bytes, i: int) -> tuple[CagWithValidity, ...]:
    listed, _ = counted(octets, i, 2)
    found = []
    i = 0
    while i < len(listed):
        one, i = counted(listed, i, 2)
        found.append(CagWithValidity.decode(one))
    return tuple(found)


class ExtendedCagInformationList(msgspec.Struct, frozen=True, gc=False):
    """Extended CAG information list (TS 24.501 clause 9.11.3.86)."""

    entries: tuple[ExtendedClosedAccessGroup, ...] = ()

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        found = []
        i = 0
        while i < len(octets):
            entry, i = counted(octets, i, 2)
            found.append(ExtendedClosedAccessGroup.decode(entry))
        return cls(tuple(found))

    def encode(self) -> bytes:
        """To octets."""
        return b"".join(with_length(entry.encode(), 2) for entry in self.entries)
