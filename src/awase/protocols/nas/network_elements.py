"""Typed elements by which a network describes itself to a UE: names, time, DRX (TS 24.501 clause 9.11.3).

Shapes and errors as in `elements`.
"""

from typing import Self

import msgspec

from awase.protocols.nas.layout import OpenEnum
from awase.wire.errors import DecodeError

_GSM_7 = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet (TS 23.038 clause 6.2.1)."""


class NetworkName(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Network name (TS 24.501 clause 9.11.3.35, TS 24.008 clause 10.5.3.5a), as its octets."""

    octets: bytes

    @classmethod
    def of(cls, text: str) -> Self:
        """A name: in the default alphabet where it has all its letters, else in UCS2."""
        if any(letter not in _GSM_7 for letter in text):
            return cls(octets=b"\x90" + text.encode("utf-16-be"))
        bits = sum(_GSM_7.index(letter) << 7 * i for i, letter in enumerate(text))
        length = -(-7 * len(text) // 8)
        return cls(octets=bytes((0x80 | 8 * length - 7 * len(text),)) + bits.to_bytes(length, "little"))

    @property
    def text(self) -> str:
        """The name; empty where the coding scheme is not known."""
        scheme, spare, value = self.octets[0] >> 4 & 7, self.octets[0] & 7, self.octets[1:]
        if scheme == 1:
            return value.decode("utf-16-be", "replace")
        if scheme:
            return ""
        bits = int.from_bytes(value, "little")
        count = (8 * len(value) - spare) // 7
        return "".join(_GSM_7[bits >> 7 * i & 127] for i in range(max(0, count)))

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        if not octets:
            raise DecodeError("a network name has at least 1 octet")
        return cls(octets=octets)

    def encode(self) -> bytes:
        """To octets."""
        return self.octets


def _swapped(octet: int) -> int:
    return (octet & 15) * 10 + (octet >> 4)


class TimeZone(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Time zone (TS 24.501 clause 9.11.3.52, TS 24.008 clause 10.5.3.8): its octet, BCD in semi-octets with a sign."""

    octet: int

    @classmethod
    def of_minutes(cls, minutes: int) -> Self:
        """So many minutes east of Greenwich, in steps of 15."""
        quarters = abs(minutes) // 15
        return cls(octet=(quarters % 10) << 4 | quarters // 10 | (8 if minutes < 0 else 0))

    @property
    def minutes(self) -> int:
        """East of Greenwich."""
        quarters = _swapped(self.octet & 0xF7)
        return -15 * quarters if self.octet & 8 else 15 * quarters

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From its octet."""
        return cls(octet=octets[0])

    def encode(self) -> bytes:
        """To its octet."""
        return bytes((self.octet,))

    def __str__(self) -> str:
        hours, minutes = divmod(abs(self.minutes), 60)
        return f"UTC{'-' if self.minutes < 0 else '+'}{hours:02}:{minutes:02}"


class UniversalTimeAndLocalTimeZone(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Time zone and time (TS 24.501 clause 9.11.3.53, TS 24.008 clause 10.5.3.9): seven octets of semi-octets."""

    octets: bytes

    @classmethod
    def of(cls, when: tuple[int, int, int, int, int, int], zone: TimeZone) -> Self:
        """`when`: year (of two digits or more), month, day, hour, minute, second, in universal time."""
        return cls(octets=bytes((n % 10) << 4 | n // 10 for n in (when[0] % 100, *when[1:])) + zone.encode())

    @property
    def when(self) -> tuple[int, int, int, int, int, int]:
        """Year of the century, month, day, hour, minute, second, in universal time."""
        year, month, day, hour, minute, second = (_swapped(octet) for octet in self.octets[:6])
        return year, month, day, hour, minute, second

    @property
    def zone(self) -> TimeZone:
        """The local time zone."""
        return TimeZone(octet=self.octets[6])

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From seven octets."""
        if len(octets) != 7:
            raise DecodeError("a time and time zone has 7 octets")
        return cls(octets=octets)

    def encode(self) -> bytes:
        """To seven octets."""
        return self.octets

    def __str__(self) -> str:
        year, month, day, hour, minute, second = self.when
        return f"20{year:02}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC, {self.zone}"


class DaylightSavingTime(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Daylight saving time (TS 24.501 clause 9.11.3.19, TS 24.008 clause 10.5.3.12): 0, 1 or 2 hours."""

    hours: int = 0

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From its octet."""
        return cls(hours=octets[0] & 3)

    def encode(self) -> bytes:
        """To its octet."""
        return bytes((self.hours,))


class ReactivationError(msgspec.Struct, frozen=True, gc=False):
    """Why a session's user plane was not established: PDU session identity and 5GMM cause."""

    pdu_session_id: int
    cause: int


class ReactivationErrors(msgspec.Struct, frozen=True, gc=False):
    """PDU session reactivation result error cause (TS 24.501 clause 9.11.3.43)."""

    errors: tuple[ReactivationError, ...] = ()

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        if len(octets) % 2:
            raise DecodeError("a reactivation result error cause has pairs of octets")
        return cls(tuple(ReactivationError(octets[i], octets[i + 1]) for i in range(0, len(octets), 2)))

    def encode(self) -> bytes:
        """To octets."""
        return b"".join(bytes((error.pdu_session_id, error.cause)) for error in self.errors)


class DrxValue(OpenEnum):
    """DRX value (TS 24.501 table 9.11.3.2A.1)."""

    not_specified = 0
    t32 = 1
    t64 = 2
    t128 = 3
    t256 = 4


class DrxParameters(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """5GS DRX parameters (TS 24.501 clause 9.11.3.2A), and those of NB-N1 mode (clause 9.11.3.73)."""

    value: DrxValue = DrxValue.not_specified

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From its octet."""
        return cls(value=DrxValue(octets[0] & 15))

    def encode(self) -> bytes:
        """To its octet."""
        return bytes((self.value & 15,))


class ExtendedDrxParameters(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Extended DRX parameters (TS 24.501 clause 9.11.3.26A, TS 24.008 clause 10.5.5.32)."""

    paging_time_window: int = 0
    edrx_value: int = 0
    extended_paging_time_window: int | None = None

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From one or two octets."""
        extended = octets[1] if len(octets) > 1 else None
        return cls(paging_time_window=octets[0] >> 4, edrx_value=octets[0] & 15, extended_paging_time_window=extended)

    def encode(self) -> bytes:
        """To one or two octets."""
        extended = self.extended_paging_time_window
        return bytes((self.paging_time_window << 4 | self.edrx_value,)) + (
            bytes((extended,)) if extended is not None else b""
        )


class UeStatus(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """UE status (TS 24.501 clause 9.11.3.56)."""

    s1_mode_registered: bool = False
    n1_mode_registered: bool = False

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From its octet."""
        return cls(s1_mode_registered=octets[0] & 1 != 0, n1_mode_registered=octets[0] & 2 != 0)

    def encode(self) -> bytes:
        """To its octet."""
        return bytes((self.n1_mode_registered << 1 | self.s1_mode_registered,))


class UesUsageSetting(OpenEnum):
    """UE's usage setting (TS 24.501 table 9.11.3.55.1)."""

    voice_centric = 0
    data_centric = 1


class UpdateType(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """5GS update type (TS 24.501 clause 9.11.3.9A)."""

    sms_requested: bool = False
    ng_ran_radio_capability_update_needed: bool = False
    eps_pnb_ciot: int = 0
    five_gs_pnb_ciot: int = 0

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From its octet."""
        bits = octets[0]
        return cls(
            sms_requested=bits & 1 != 0,
            ng_ran_radio_capability_update_needed=bits & 2 != 0,
            five_gs_pnb_ciot=bits >> 2 & 3,
            eps_pnb_ciot=bits >> 4 & 3,
        )

    def encode(self) -> bytes:
        """To its octet."""
        low = self.sms_requested | self.ng_ran_radio_capability_update_needed << 1
        return bytes((low | self.five_gs_pnb_ciot << 2 | self.eps_pnb_ciot << 4,))


class WaitRange(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Registration wait range (TS 24.501 clause 9.11.3.84): the octets of two GPRS timers."""

    minimum: int = 0
    maximum: int = 0

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From two octets."""
        return cls(minimum=octets[0], maximum=octets[1])

    def encode(self) -> bytes:
        """To two octets."""
        return bytes((self.minimum, self.maximum))


class RequestTypeOfUe(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """UE request type (TS 24.501 clause 9.11.3.76): 1 NAS connection release, 2 rejection of paging."""

    value: int

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From its octet."""
        return cls(value=octets[0] & 15)

    def encode(self) -> bytes:
        """To its octet."""
        return bytes((self.value,))


class TruncatedFiveGSTmsiConfiguration(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Truncated 5G-S-TMSI configuration (TS 24.501 clause 9.11.3.70): bits of AMF set id and AMF pointer."""

    amf_set_id_bits: int
    amf_pointer_bits: int

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From its octet."""
        return cls(amf_set_id_bits=octets[0] >> 4, amf_pointer_bits=octets[0] & 15)

    def encode(self) -> bytes:
        """To its octet."""
        return bytes((self.amf_set_id_bits << 4 | self.amf_pointer_bits,))


class EpsBearerContextStatus(msgspec.Struct, frozen=True, gc=False):
    """EPS bearer context status (TS 24.501 clause 9.11.3.23A, TS 24.301 clause 9.9.2.1): bearers by identity."""

    ids: tuple[int, ...] = ()

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From two octets."""
        bits = octets[0] | octets[1] << 8
        return cls(tuple(i for i in range(16) if bits >> i & 1))

    def encode(self) -> bytes:
        """To two octets."""
        return sum(1 << i for i in self.ids).to_bytes(2, "little")


class EpsNasSecurityAlgorithms(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """EPS NAS security algorithms (TS 24.501 clause 9.11.3.25, TS 24.301 clause 9.9.3.23)."""

    eea: int
    eia: int

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From its octet."""
        return cls(eea=octets[0] >> 4 & 7, eia=octets[0] & 7)

    def encode(self) -> bytes:
        """To its octet."""
        return bytes((self.eea << 4 | self.eia,))
