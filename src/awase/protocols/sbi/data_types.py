"""Common data types of the service based interfaces (TS 29.571), and their way to and from our own words."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec

from awase.model.ids import Plmn, SNssai
from awase.protocols.sbi.messages import BoundedText
from awase.wire.errors import DecodeError

Text = BoundedText
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
Hex16 = Annotated[str, msgspec.Meta(pattern=r"^[A-Fa-f0-9]{16}\Z")]
Hex32 = Annotated[str, msgspec.Meta(pattern=r"^[A-Fa-f0-9]{32}\Z")]
PduSessionIdentity = Annotated[int, msgspec.Meta(ge=0, le=255)]
"""PduSessionId of clause 5.4.2."""

_BIT_RATE_UNITS = {"bps": 1, "Kbps": 10**3, "Mbps": 10**6, "Gbps": 10**9, "Tbps": 10**12}


class Data(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, gc=False):
    """A structured data type: snake case here, camel case on the wire; unknown members ignored."""


class PlmnId(Data, frozen=True):
    """PlmnId (clause 5.4.4.3)."""

    mcc: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{3}\Z")]
    mnc: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{2,3}\Z")]

    @classmethod
    def of(cls, plmn: Plmn) -> "PlmnId":
        """From our PLMN."""
        return cls(mcc=plmn.mcc, mnc=plmn.mnc)

    def plmn(self) -> Plmn:
        """As our PLMN."""
        return Plmn(self.mcc, self.mnc)


class Snssai(Data, frozen=True):
    """Snssai (clause 5.4.4.2)."""

    sst: Annotated[int, msgspec.Meta(ge=0, le=255)]
    sd: Annotated[str, msgspec.Meta(pattern=r"^[A-Fa-f0-9]{6}\Z")] | None = None

    @classmethod
    def of(cls, s_nssai: SNssai) -> "Snssai":
        """From our S-NSSAI."""
        return cls(sst=s_nssai.sst, sd=s_nssai.sd)

    def s_nssai(self) -> SNssai:
        """As our S-NSSAI."""
        return SNssai(self.sst, None if self.sd is None else self.sd.lower())


class Guami(Data, frozen=True):
    """Guami (clause 5.9.4.1): `amf_id` is region, set and pointer, six hexadecimal digits."""

    plmn_id: PlmnId
    amf_id: Annotated[str, msgspec.Meta(pattern=r"^[A-Fa-f0-9]{6}\Z")]


class Tai(Data, frozen=True):
    """Tai (clause 5.4.4.4)."""

    plmn_id: PlmnId
    tac: Text


class Ncgi(Data, frozen=True):
    """Ncgi (clause 5.4.4.6): nine hexadecimal digits."""

    plmn_id: PlmnId
    nr_cell_id: Text


class NrLocation(Data, frozen=True):
    """NrLocation (clause 5.4.4.9)."""

    tai: Tai
    ncgi: Ncgi
    ue_location_timestamp: Text | None = None


class UserLocation(Data, frozen=True):
    """UserLocation (clause 5.4.4.7)."""

    nr_location: NrLocation | None = None


class Ambr(Data, frozen=True):
    """Ambr (clause 5.5.4.2): bit rates as text, "500 Mbps"."""

    uplink: Text
    downlink: Text


class Arp(Data, frozen=True):
    """Arp (clause 5.5.4.1)."""

    priority_level: Annotated[int, msgspec.Meta(ge=1, le=15)]
    preempt_cap: Text
    preempt_vuln: Text


class SubscribedDefaultQos(Data, frozen=True):
    """SubscribedDefaultQos (clause 5.5.4.5)."""

    five_qi: Annotated[int, msgspec.Meta(ge=0, le=255)] = msgspec.field(name="5qi")
    arp: Arp
    priority_level: Annotated[int, msgspec.Meta(ge=1, le=127)] | None = None


class RefToBinaryData(Data, frozen=True):
    """RefToBinaryData (clause 5.2.4.4): the Content-Id of a body part."""

    content_id: Name


class PatchItem(Data, frozen=True):
    """PatchItem (clause 5.2.4.3, RFC 6902)."""

    op: Text
    path: Text
    from_: Text | None = msgspec.field(default=None, name="from")
    value: msgspec.Raw = msgspec.Raw()


class ChangeItem(Data, frozen=True):
    """ChangeItem (clause 5.2.4.9): `op` ADD, MOVE, REMOVE or REPLACE."""

    op: Text
    path: Text
    from_: Text | None = msgspec.field(default=None, name="from")
    orig_value: msgspec.Raw = msgspec.Raw()
    new_value: msgspec.Raw = msgspec.Raw()


class NotifyItem(Data, frozen=True):
    """NotifyItem (clause 5.2.4.8): what of a resource has changed."""

    resource_id: Text
    changes: tuple[ChangeItem, ...]


class NgApCause(Data, frozen=True):
    """NgApCause (clause 5.4.4.12)."""

    group: Annotated[int, msgspec.Meta(ge=0)]
    value: Annotated[int, msgspec.Meta(ge=0)]


class LinksValue(Data, frozen=True):
    """LinksValueSchema (clause 5.2.4.7): one hypertext reference."""

    href: Text


def bit_rate(bits_per_s: float) -> str:
    """BitRate (clause 5.5.2) in the largest unit that keeps it whole."""
    rate = round(bits_per_s)
    for unit, factor in reversed(_BIT_RATE_UNITS.items()):
        if rate and rate % factor == 0:
            return f"{rate // factor} {unit}"
    return f"{rate} bps"


def bits_per_s(text: str) -> int:
    """A BitRate (clause 5.5.2) in bit/s. Raises DecodeError."""
    number, _, unit = text.partition(" ")
    factor = _BIT_RATE_UNITS.get(unit)
    if factor is None or len(number) > 24 or not number.replace(".", "", 1).isdecimal():
        raise DecodeError(f"{text[:60]!r} is no bit rate")
    whole, _, fraction = number.partition(".")
    scale: int = 10 ** len(fraction)
    return int(whole or "0") * factor + int(fraction or "0") * factor // scale


def snssai_key(s_nssai: SNssai) -> str:
    """An S-NSSAI as the key of a JSON map (TS 29.571 clause 5.4.4.2): "1" or "1-000001"."""
    return str(s_nssai.sst) if s_nssai.sd is None else f"{s_nssai.sst}-{s_nssai.sd}"


def date_time(now_ns: int) -> str:
    """DateTime (clause 5.2.2, RFC 3339), of the nanoseconds since the Unix epoch."""
    seconds, rest = divmod(now_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest // 1000:06}Z"
