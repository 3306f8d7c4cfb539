"""What a UE can do in EPS and CS, as 5GS hands it on (TS 24.501 clauses 9.11.3.31C, 9.11.3.48, 9.11.3.48A, 9.11.3.51A).

Shapes and errors as in `elements`.
"""

from enum import IntEnum
from functools import reduce
from operator import or_
from typing import Self

import msgspec

from awase.protocols.nas.layout import OpenEnum, counted, with_length
from awase.wire.errors import DecodeError, EncodeError


def _algorithm(octets: bytes, index: int, number: int) -> bool:
    return len(octets) > index and octets[index] & 0x80 >> number != 0


def _algorithms(*lists: tuple[int, ...]) -> bytearray:
    return bytearray(reduce(or_, (0x80 >> number for number in numbers), 0) for numbers in lists)


class S1UeSecurityCapability(msgspec.Struct, frozen=True, gc=False):
    """S1 UE security capability (TS 24.501 clause 9.11.3.48A, TS 24.301 clause 9.9.3.36).

    Its octets: EEA, EIA, and where the UE has them UEA, UIA and GEA.
    """

    octets: bytes

    @classmethod
    def of(cls, *lists: tuple[int, ...]) -> Self:
        """From algorithm numbers: EEA, EIA, and if wanted UEA, UIA, GEA."""
        return cls(bytes(_algorithms(*lists)))

    def eea(self, algorithm: int) -> bool:
        """Whether EEA`algorithm` is supported."""
        return _algorithm(self.octets, 0, algorithm)

    def eia(self, algorithm: int) -> bool:
        """Whether EIA`algorithm` is supported."""
        return _algorithm(self.octets, 1, algorithm)

    def uea(self, algorithm: int) -> bool:
        """Whether UEA`algorithm` is supported."""
        return _algorithm(self.octets, 2, algorithm)

    def uia(self, algorithm: int) -> bool:
        """Whether UIA`algorithm` is supported; there is no UIA0."""
        return algorithm > 0 and _algorithm(self.octets, 3, algorithm)

    def gea(self, algorithm: int) -> bool:
        """Whether GEA`algorithm` is supported; there is no bit for GEA0."""
        return algorithm > 0 and _algorithm(self.octets, 4, algorithm)

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        if len(octets) < 2:
            raise DecodeError("an S1 UE security capability has at least 2 octets")
        return cls(octets)

    def encode(self) -> bytes:
        """To octets."""
        return self.octets


class EpsFeature(IntEnum):
    """A feature of the UE network capability: eight times its octet after the length, and its bit from 0 on.

    TS 24.301 figure 9.9.3.34.1.
    """

    nf = 32
    srvcc_to_1xcs = 33
    lcs = 34
    lpp = 35
    acc_csfb = 36
    h_245_ash = 37
    prose = 38
    prose_dd = 39
    prose_dc = 40
    prose_relay = 41
    cp_ciot = 42
    up_ciot = 43
    s1_u_data = 44
    er_w_o_pdn = 45
    hc_cp_ciot = 46
    epco = 47
    multiple_drb = 48
    v2x_pc5 = 49
    restrict_ec = 50
    cp_backoff = 51
    dcnr = 52
    n1mode = 53
    sgc = 54
    bearers_15 = 55
    racs = 56
    wusa = 57
    cp_mt_edt = 58
    up_mt_edt = 59
    v2x_nr_pc5 = 60
    ncr = 61
    piv = 62
    rpr = 63
    pr = 64
    ptcc = 65


class S1UeNetworkCapability(msgspec.Struct, frozen=True, gc=False):
    """S1 UE network capability (TS 24.501 clause 9.11.3.48, TS 24.301 clause 9.9.3.34), as its octets."""

    octets: bytes

    @classmethod
    def of(
        cls,
        eea: tuple[int, ...],
        eia: tuple[int, ...],
        *,
        uea: tuple[int, ...] = (),
        uia: tuple[int, ...] = (),
        features: tuple[EpsFeature, ...] = (),
    ) -> Self:
        """From algorithm numbers and features, as short as it can be."""
        octets = _algorithms(eea, eia, uea, uia)
        for feature in features:
            octets.extend(bytes(max(0, feature // 8 + 1 - len(octets))))
            octets[feature // 8] |= 1 << feature % 8
        while len(octets) > 2 and not octets[-1]:
            octets.pop()
        return cls(bytes(octets))

    def eea(self, algorithm: int) -> bool:
        """Whether EEA`algorithm` is supported."""
        return _algorithm(self.octets, 0, algorithm)

    def eia(self, algorithm: int) -> bool:
        """Whether EIA`algorithm` is supported."""
        return _algorithm(self.octets, 1, algorithm)

    def uea(self, algorithm: int) -> bool:
        """Whether UEA`algorithm` is supported."""
        return _algorithm(self.octets, 2, algorithm)

    def uia(self, algorithm: int) -> bool:
        """Whether UIA`algorithm` is supported; there is no UIA0."""
        return algorithm > 0 and _algorithm(self.octets, 3, algorithm)

    @property
    def ucs2(self) -> bool:
        """The UE has no preference between the default alphabet and UCS2."""
        return _algorithm(self.octets, 3, 0)

    def has(self, feature: EpsFeature) -> bool:
        """Whether a feature is supported."""
        index, bit = divmod(feature, 8)
        return len(self.octets) > index and self.octets[index] >> bit & 1 != 0

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        if len(octets) < 2:
            raise DecodeError("an S1 UE network capability has at least 2 octets")
        return cls(octets)

    def encode(self) -> bytes:
        """To octets."""
        return self.octets


class MobileStationClassmark2(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Mobile station classmark 2 (TS 24.501 clause 9.11.3.31C, TS 24.008 clause 10.5.1.6)."""

    revision_level: int = 2
    es_ind: bool = False
    a5_1: bool = True
    rf_power_capability: int = 7
    ps_capability: bool = False
    ss_screening_indicator: int = 0
    sm_capability: bool = False
    vbs: bool = False
    vgcs: bool = False
    fc: bool = False
    cm3: bool = False
    lcsva_cap: bool = False
    ucs2: bool = False
    solsa: bool = False
    cmsp: bool = False
    a5_3: bool = False
    a5_2: bool = False

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From three octets."""
        one, two, three = octets[0], octets[1], octets[2]
        return cls(
            revision_level=one >> 5 & 3,
            es_ind=one & 16 != 0,
            a5_1=one & 8 == 0,
            rf_power_capability=one & 7,
            ps_capability=two & 64 != 0,
            ss_screening_indicator=two >> 4 & 3,
            sm_capability=two & 8 != 0,
            vbs=two & 4 != 0,
            vgcs=two & 2 != 0,
            fc=two & 1 != 0,
            cm3=three & 128 != 0,
            lcsva_cap=three & 32 != 0,
            ucs2=three & 16 != 0,
            solsa=three & 8 != 0,
            cmsp=three & 4 != 0,
            a5_3=three & 2 != 0,
            a5_2=three & 1 != 0,
        )

    def encode(self) -> bytes:
        """To three octets."""
        if max(self.revision_level, self.ss_screening_indicator) > 3 or self.rf_power_capability > 7:
            raise EncodeError("a number of the classmark has more bits than two (revision, screening) or three (power)")
        one = self.revision_level << 5 | self.es_ind << 4 | (not self.a5_1) << 3 | self.rf_power_capability
        two = self.ps_capability << 6 | self.ss_screening_indicator << 4 | self.sm_capability << 3
        two |= self.vbs << 2 | self.vgcs << 1 | self.fc
        three = self.cm3 << 7 | self.lcsva_cap << 5 | self.ucs2 << 4 | self.solsa << 3
        return bytes((one, two, three | self.cmsp << 2 | self.a5_3 << 1 | self.a5_2))


class AccessSystem(OpenEnum):
    """System identification of a codec bitmap (TS 24.008 clause 10.5.4.32, TS 26.103 table 4.2)."""

    gsm = 0
    umts = 4


class SpeechCodec(IntEnum):
    """A codec of TS 26.103 table 6.3.1: its bit in a codec bitmap, the first octet's lowest bit being 0."""

    gsm_fr = 0
    gsm_hr = 1
    gsm_efr = 2
    fr_amr = 3
    hr_amr = 4
    umts_amr = 5
    umts_amr_2 = 6
    tdma_efr = 7
    pdc_efr = 8
    fr_amr_wb = 9
    umts_amr_wb = 10
    ohr_amr = 11
    ofr_amr_wb = 12
    ohr_amr_wb = 13
    umts_evs = 14


class CodecBitmap(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The codecs that a UE supports in one access system."""

    system: AccessSystem
    bitmap: bytes

    @classmethod
    def of(cls, system: AccessSystem, codecs: tuple[SpeechCodec, ...]) -> Self:
        """From codecs, in two octets."""
        return cls(system=system, bitmap=reduce(or_, (1 << codec for codec in codecs), 0).to_bytes(2, "little"))

    @property
    def codecs(self) -> tuple[SpeechCodec, ...]:
        """Those of them that have a name."""
        bits = int.from_bytes(self.bitmap, "little")
        return tuple(codec for codec in SpeechCodec if bits >> codec & 1)


class SupportedCodecList(msgspec.Struct, frozen=True, gc=False):
    """Supported codec list (TS 24.501 clause 9.11.3.51A, TS 24.008 clause 10.5.4.32)."""

    bitmaps: tuple[CodecBitmap, ...] = ()

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        found = []
        i = 0
        while i < len(octets):
            system = AccessSystem(octets[i])
            bitmap, i = counted(octets, i + 1)
            found.append(CodecBitmap(system=system, bitmap=bitmap))
        return cls(tuple(found))

    def encode(self) -> bytes:
        """To octets."""
        return b"".join(bytes((b.system,)) + with_length(b.bitmap) for b in self.bitmaps)
