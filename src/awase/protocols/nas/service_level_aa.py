"""The service-level-AA container and its parameters (TS 24.501 clauses 9.11.2.10 to 9.11.2.18).

A parameter of an unknown IEI, or whose value is not what it should be, is kept as its octets (clauses 7.6.1, 7.7.1).
Shapes and errors as in `elements`.
"""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from typing import Self

import msgspec

from awase.protocols.nas.layout import OpenEnum, counted, with_length
from awase.wire.errors import DecodeError, EncodeError

_DEVICE_ID, _SERVER_ADDRESS, _RESPONSE, _PAYLOAD_TYPE = 0x10, 0x20, 0x30, 0x40
_STATUS, _PAYLOAD, _PENDING = 0x50, 0x70, 0xA0
"""IEIs of service-level-AA parameters (TS 24.501 table 9.11.2.10.1)."""


class ServiceLevelResult(OpenEnum):
    """SLAR and C2AR of a service-level-AA response (TS 24.501 table 9.11.2.14.1)."""

    no_information = 0
    successful = 1
    not_successful_or_revoked = 2


class ServiceLevelPayloadType(OpenEnum):
    """Service-level-AA payload type (TS 24.501 table 9.11.2.15.1)."""

    uuaa_payload = 1
    c2_authorization_payload = 2


class ServiceLevelDeviceId(msgspec.Struct, frozen=True, gc=False):
    """Service-level device ID (TS 24.501 clause 9.11.2.11): UTF-8 text."""

    text: str

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        return cls(octets.decode())

    def parameter(self) -> tuple[int, bytes]:
        """Its IEI and value."""
        return _DEVICE_ID, self.text.encode()


class ServiceLevelAaServerAddress(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Service-level-AA server address (TS 24.501 clause 9.11.2.12): IPv4, IPv6, both, or an FQDN."""

    ipv4: str | None = None
    ipv6: str | None = None
    fqdn: str | None = None

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        kind, value = octets[0], octets[1:]
        if kind == 4:
            return cls(fqdn=_name(value))
        if len(value) != {1: 4, 2: 16, 3: 20}.get(kind):
            raise DecodeError("a server address of a type or length that is not defined")
        return cls(
            ipv4=str(IPv4Address(value[:4])) if kind & 1 else None,
            ipv6=str(IPv6Address(value[-16:])) if kind & 2 else None,
        )

    def parameter(self) -> tuple[int, bytes]:
        """Its IEI and value."""
        if self.fqdn is not None:
            if self.ipv4 is not None or self.ipv6 is not None:
                raise EncodeError("a server address is an FQDN or IP addresses, not both")
            labels = self.fqdn.encode("ascii").split(b".")
            if any(not 0 < len(label) < 64 for label in labels):
                raise EncodeError(f"{self.fqdn!r} is no FQDN")
            return _SERVER_ADDRESS, b"\x04" + b"".join(bytes((len(label),)) + label for label in labels)
        ipv4 = b"" if self.ipv4 is None else IPv4Address(self.ipv4).packed
        ipv6 = b"" if self.ipv6 is None else IPv6Address(self.ipv6).packed
        kind = (self.ipv4 is not None) | (self.ipv6 is not None) << 1
        if not kind:
            raise EncodeError("a server address has an IPv4 or IPv6 address or an FQDN")
        return _SERVER_ADDRESS, bytes((kind,)) + ipv4 + ipv6


def _name(octets: bytes) -> str:
    """An FQDN from its labels (TS 23.003 clause 19.4.2.1)."""
    labels = []
    i = 0
    while i < len(octets):
        label, i = counted(octets, i)
        if not 0 < len(label) < 64 or b"." in label:
            raise DecodeError("a label of the FQDN has not 1 to 63 octets, or has a dot")
        labels.append(label.decode("ascii"))
    if not labels:
        raise DecodeError("an FQDN that is empty")
    return ".".join(labels)


class ServiceLevelAaResponse(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Service-level-AA response (TS 24.501 clause 9.11.2.14): of the authentication, and of C2 authorization."""

    slar: ServiceLevelResult = ServiceLevelResult.no_information
    c2ar: ServiceLevelResult = ServiceLevelResult.no_information

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From its octet."""
        return cls(slar=ServiceLevelResult(octets[0] & 3), c2ar=ServiceLevelResult(octets[0] >> 2 & 3))

    def parameter(self) -> tuple[int, bytes]:
        """Its IEI and value."""
        return _RESPONSE, bytes((self.slar & 3 | (self.c2ar & 3) << 2,))


class ServiceLevelAaPayloadType(msgspec.Struct, frozen=True, gc=False):
    """Service-level-AA payload type (TS 24.501 clause 9.11.2.15): of the payload that comes next."""

    type: ServiceLevelPayloadType

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From its octet."""
        return cls(ServiceLevelPayloadType(octets[0]))

    def parameter(self) -> tuple[int, bytes]:
        """Its IEI and value."""
        return _PAYLOAD_TYPE, bytes((self.type,))


class ServiceLevelAaPayload(msgspec.Struct, frozen=True, gc=False):
    """Service-level-AA payload (TS 24.501 clause 9.11.2.13), which the UAS service supplier opens."""

    octets: bytes

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        return cls(octets)

    def parameter(self) -> tuple[int, bytes]:
        """Its IEI and value."""
        return _PAYLOAD, self.octets


class ServiceLevelAaPendingIndication(msgspec.Struct, frozen=True, gc=False):
    """Service-level-AA pending indication (TS 24.501 clause 9.11.2.17)."""

    slapi: bool = True

    def parameter(self) -> tuple[int, bytes]:
        """Its IEI, which has its value."""
        return _PENDING | self.slapi, b""


class ServiceLevelAaServiceStatusIndication(msgspec.Struct, frozen=True, gc=False):
    """Service-level-AA service status indication (TS 24.501 clause 9.11.2.18): UAS services enabled."""

    uas: bool

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From its octet."""
        return cls(octets[0] & 1 != 0)

    def parameter(self) -> tuple[int, bytes]:
        """Its IEI and value."""
        return _STATUS, bytes((self.uas,))


class OtherServiceLevelAaParameter(msgspec.Struct, frozen=True, gc=False):
    """A parameter that this table does not know, or that is not what it should be: IEI and octets."""

    iei: int
    octets: bytes = b""

    def parameter(self) -> tuple[int, bytes]:
        """Its IEI and value."""
        return self.iei, self.octets


ServiceLevelAaParameter = (
    ServiceLevelDeviceId
    | ServiceLevelAaServerAddress
    | ServiceLevelAaResponse
    | ServiceLevelAaPayloadType
    | ServiceLevelAaPayload
    | ServiceLevelAaPendingIndication
    | ServiceLevelAaServiceStatusIndication
    | OtherServiceLevelAaParameter
)
"""A service-level-AA parameter (TS 24.501 table 9.11.2.10.1)."""

_KINDS: dict[int, Callable[[bytes], ServiceLevelAaParameter]] = {
    _DEVICE_ID: ServiceLevelDeviceId.decode,
    _SERVER_ADDRESS: ServiceLevelAaServerAddress.decode,
    _RESPONSE: ServiceLevelAaResponse.decode,
    _PAYLOAD_TYPE: ServiceLevelAaPayloadType.decode,
    _STATUS: ServiceLevelAaServiceStatusIndication.decode,
    _PAYLOAD: ServiceLevelAaPayload.decode,
}


class ServiceLevelAaContainer(msgspec.Struct, frozen=True, gc=False):
    """Service-level-AA container (TS 24.501 clause 9.11.2.10): its parameters in order."""

    parameters: tuple[ServiceLevelAaParameter, ...] = ()

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        found: list[ServiceLevelAaParameter] = []
        i = 0
        while i < len(octets):
            iei = octets[i]
            if iei > 0x7F:
                half = iei & 0xF0 == _PENDING
                found.append(
                    ServiceLevelAaPendingIndication(iei & 1 != 0) if half else OtherServiceLevelAaParameter(iei)
                )
                i += 1
                continue
            value, i = counted(octets, i + 1, 2 if iei >> 4 == 7 else 1)
            found.append(_parameter(iei, value))
        return cls(tuple(found))

    def encode(self) -> bytes:
        """To octets."""
        out = bytearray()
        for parameter in self.parameters:
            iei, value = parameter.parameter()
            out.append(iei)
            if iei < 0x80:
                out += with_length(value, 2 if iei >> 4 == 7 else 1)
        return bytes(out)


def _parameter(iei: int, value: bytes) -> ServiceLevelAaParameter:
    decode = _KINDS.get(iei)
    if decode is None:
        return OtherServiceLevelAaParameter(iei, value)
    try:
        return decode(value)
    except (ValueError, IndexError):
        return OtherServiceLevelAaParameter(iei, value)
