"""Identifiers of TS 23.003, as everybody uses them."""

from typing import NewType

import msgspec

Supi = NewType("Supi", str)
"""A SUPI of type IMSI: "imsi-" and 6 to 15 digits (TS 23.003 clause 2.2A)."""

PduSessionId = NewType("PduSessionId", int)
"""1 to 15 (TS 24.007 clause 11.2.3.1b)."""

Teid = NewType("Teid", int)
"""1 to 2^32 - 1 (TS 29.281 clause 5.1)."""

Seid = NewType("Seid", int)
"""1 to 2^64 - 1 (TS 29.244 clause 5.6.2)."""


class Plmn(msgspec.Struct, frozen=True, order=True):
    """A PLMN: three digits of MCC, two or three of MNC (TS 23.003 clause 12.1)."""

    mcc: str
    mnc: str

    @classmethod
    def parse(cls, text: str) -> "Plmn":
        """From "001-01". Raises ValueError with the form expected."""
        mcc, dash, mnc = text.partition("-")
        digits = (mcc + mnc).isascii() and (mcc + mnc).isdigit()
        if not dash or not digits or len(mcc) != 3 or len(mnc) not in (2, 3):
            raise ValueError(f'{text!r} is no PLMN; write MCC-MNC, for example "001-01"')
        return cls(mcc, mnc)

    def __str__(self) -> str:
        return f"{self.mcc}-{self.mnc}"

    def octets(self) -> bytes:
        """The three octets of TS 24.501 clause 9.11.3.8 and TS 38.413 clause 9.3.3.5."""
        m, n = self.mcc, self.mnc
        third = n[2] if len(n) == 3 else "f"
        return bytes.fromhex(m[1] + m[0] + third + m[2] + n[1] + n[0])

    @classmethod
    def from_octets(cls, octets: bytes) -> "Plmn":
        """From its three octets. Raises ValueError where a digit is none."""
        text = octets.hex()
        if len(text) != 6:
            raise ValueError(f"a PLMN has 3 octets, not {len(octets)}")
        mcc = text[1] + text[0] + text[3]
        mnc = text[5] + text[4] + ("" if text[2] == "f" else text[2])
        if not (mcc + mnc).isdigit():
            raise ValueError(f"{text} is no PLMN: a digit is above 9")
        return cls(mcc, mnc)


class SNssai(msgspec.Struct, frozen=True, order=True):
    """A slice: SST 0 to 255, SD six hexadecimal digits or None (TS 23.003 clause 28.4)."""

    sst: int
    sd: str | None = None

    def __str__(self) -> str:
        return str(self.sst) if self.sd is None else f"{self.sst}-{self.sd}"


class Tai(msgspec.Struct, frozen=True, order=True):
    """A tracking area identity: PLMN and 24 bit TAC (TS 23.003 clause 28.6)."""

    plmn: Plmn
    tac: int


class Guami(msgspec.Struct, frozen=True, order=True):
    """An AMF's globally unique identity: PLMN, region (8 bit), set (10 bit), pointer (6 bit)."""

    plmn: Plmn
    amf_region_id: int
    amf_set_id: int
    amf_pointer: int


class FiveGGuti(msgspec.Struct, frozen=True, order=True):
    """A 5G-GUTI: GUAMI and 32 bit 5G-TMSI (TS 23.003 clause 2.10.1)."""

    guami: Guami
    five_g_tmsi: int


def snn(plmn: Plmn) -> str:
    """The serving network name (TS 24.501 clause 9.12.1): the MNC has always three digits."""
    return f"5G:mnc{plmn.mnc:0>3}.mcc{plmn.mcc}.3gppnetwork.org"
