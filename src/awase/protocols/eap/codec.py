"""EAP packets to and from octets (RFC 3748 clause 4, RFC 4187 clauses 8.1 and 10, RFC 5448 clause 3)."""

import hmac
from collections.abc import Callable, Iterator

from awase.protocols.eap.messages import (
    TYPE_AKA_PRIME,
    AkaPrime,
    AtAutn,
    AtAuts,
    AtCheckcode,
    AtClientErrorCode,
    AtKdf,
    AtKdfInput,
    AtMac,
    AtNotification,
    AtOther,
    AtRand,
    AtRes,
    Attribute,
    Code,
    Failure,
    OtherMethod,
    Packet,
    Subtype,
    Success,
)
from awase.wire.errors import DecodeError, EncodeError

_SUCCESS, _FAILURE = 3, 4
_HEADER_OCTETS = 8
"""Code, identifier, length, type, subtype and two reserved octets."""
_MAC_OCTETS = 16
_MAX_OCTETS = 1500
"""As much as a NAS EAP message holds (TS 24.501 clause 9.11.2.2)."""

_CODES = {int(code): code for code in Code}
_SUBTYPES = {int(subtype): subtype for subtype in Subtype}


def encode(packet: Packet) -> bytes:
    """A packet's octets. Raises EncodeError."""
    if not 0 <= packet.identifier <= 255:
        raise EncodeError(f"an EAP identifier is one octet, not {packet.identifier}")
    if isinstance(packet, Success | Failure):
        return bytes((_SUCCESS if isinstance(packet, Success) else _FAILURE, packet.identifier, 0, 4))
    if isinstance(packet, OtherMethod):
        content = bytes((packet.type,)) + packet.data
    else:
        attributes = b"".join(map(_attribute, packet.attributes))
        content = bytes((TYPE_AKA_PRIME, packet.subtype, 0, 0)) + attributes
    length = len(content) + 4
    if length > _MAX_OCTETS:
        raise EncodeError(f"an EAP packet of {length} octets is too long")
    return bytes((packet.code, packet.identifier)) + length.to_bytes(2) + content


def decode(octets: bytes) -> Packet:
    """The packet; octets past its length are padding (RFC 3748 clause 4.1). Raises DecodeError only."""
    if len(octets) < 4:
        raise DecodeError("an EAP packet has at least 4 octets", offset=len(octets))
    code, identifier, length = octets[0], octets[1], int.from_bytes(octets[2:4])
    if not 4 <= length <= len(octets):
        raise DecodeError(f"the EAP packet's length is {length}, there are {len(octets)} octets", offset=2)
    if code in (_SUCCESS, _FAILURE):
        if length != 4:
            raise DecodeError("EAP-Success and EAP-Failure have no data", offset=2)
        return Success(identifier=identifier) if code == _SUCCESS else Failure(identifier=identifier)
    if code not in _CODES:
        raise DecodeError(f"{code} is no EAP code", offset=0)
    if length < 5:
        raise DecodeError("an EAP request or response has a type", offset=4)
    if octets[4] != TYPE_AKA_PRIME:
        return OtherMethod(code=_CODES[code], identifier=identifier, type=octets[4], data=octets[5:length])
    return _aka_prime(_CODES[code], identifier, octets[:length])


def _aka_prime(code: Code, identifier: int, octets: bytes) -> AkaPrime:
    if len(octets) < _HEADER_OCTETS:
        raise DecodeError("an EAP-AKA' packet has at least 8 octets", offset=len(octets))
    if octets[5] not in _SUBTYPES:
        raise DecodeError(f"{octets[5]} is no subtype of EAP-AKA'", offset=5)
    attributes = []
    for start, kind, value in _split(octets):
        row = _DECODERS.get(kind)
        try:
            attributes.append(AtOther(type=kind, value=value) if row is None else row(value))
        except _Malformed as error:
            raise DecodeError(str(error), offset=start, path=f"attribute {kind}") from None
    return AkaPrime(code=code, identifier=identifier, subtype=_SUBTYPES[octets[5]], attributes=tuple(attributes))


def _split(octets: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Offset, type and value of each attribute (RFC 4187 clause 8.1): a length counts four octets."""
    start = _HEADER_OCTETS
    while start < len(octets):
        length = octets[start + 1] * 4 if start + 1 < len(octets) else 0
        if not length or start + length > len(octets):
            raise DecodeError("an attribute ends behind its packet or has no length", offset=start)
        yield start, octets[start], octets[start + 2 : start + length]
        start += length


def protect(message: AkaPrime, k_aut: bytes) -> bytes:
    """A message's octets with AT_MAC as its last attribute (RFC 5448 clause 3.4.2)."""
    octets = encode(
        AkaPrime(
            code=message.code,
            identifier=message.identifier,
            subtype=message.subtype,
            attributes=(*message.attributes, AtMac(mac=bytes(_MAC_OCTETS))),
        )
    )
    return octets[:-_MAC_OCTETS] + _mac(octets, k_aut)


def verify(octets: bytes, k_aut: bytes) -> bool:
    """Whether a packet of EAP-AKA' has one AT_MAC, and it is right. Raises DecodeError."""
    packet = decode(octets)
    if not isinstance(packet, AkaPrime):
        return False
    octets = octets[: int.from_bytes(octets[2:4])]
    places = [start + 4 for start, kind, _ in _split(octets) if kind == AtMac.attribute_type]
    if len(places) != 1:
        return False
    place = places[0]
    zeroed = octets[:place] + bytes(_MAC_OCTETS) + octets[place + _MAC_OCTETS :]
    return hmac.compare_digest(_mac(zeroed, k_aut), octets[place : place + _MAC_OCTETS])


def _mac(octets: bytes, k_aut: bytes) -> bytes:
    """HMAC-SHA-256-128 of the whole packet, its MAC being zero (RFC 5448 clause 3.4.2)."""
    return hmac.digest(k_aut, octets, "sha256")[:_MAC_OCTETS]


class _Malformed(Exception):
    """Why a value is none of its attribute; `decode` adds where it stands."""


def _fixed(kind: str, length: int, make: Callable[[bytes], Attribute]) -> Callable[[bytes], Attribute]:
    """Two reserved octets, then a value of one length."""

    def read(value: bytes) -> Attribute:
        if len(value) != length + 2:
            raise _Malformed(f"{kind} has {length} octets")
        return make(value[2:])

    return read


def _number(make: Callable[[int], Attribute]) -> Callable[[bytes], Attribute]:
    def read(value: bytes) -> Attribute:
        if len(value) != 2:
            raise _Malformed("it has one number of two octets")
        return make(int.from_bytes(value))

    return read


def _res(value: bytes) -> Attribute:
    # RFC 4187 clause 10.8: the length of RES is in bits; TS 33.102 clause 6.3.7 has it 32 to 128.
    bits = int.from_bytes(value[:2])
    octets = bits // 8
    if bits % 8 or not 4 <= octets <= 16 or len(value) != 2 + (octets + 3) // 4 * 4:
        raise _Malformed("RES has 32 to 128 bits, and is padded to four octets")
    return AtRes(res=value[2 : 2 + octets])


def _auts(value: bytes) -> Attribute:
    if len(value) != 14:
        raise _Malformed("AUTS has 14 octets")
    return AtAuts(auts=value)


def _kdf_input(value: bytes) -> Attribute:
    length = int.from_bytes(value[:2])
    if not length or len(value) != 2 + (length + 3) // 4 * 4:
        raise _Malformed("the network name is not as long as its length says")
    return AtKdfInput(network_name=value[2 : 2 + length])


def _checkcode(value: bytes) -> Attribute:
    if len(value) not in (2, 34):
        raise _Malformed("a checkcode is empty or has 32 octets")
    return AtCheckcode(checkcode=value[2:])


_DECODERS: dict[int, Callable[[bytes], Attribute]] = {
    AtRand.attribute_type: _fixed("RAND", 16, lambda value: AtRand(rand=value)),
    AtAutn.attribute_type: _fixed("AUTN", 16, lambda value: AtAutn(autn=value)),
    AtRes.attribute_type: _res,
    AtAuts.attribute_type: _auts,
    AtMac.attribute_type: _fixed("MAC", 16, lambda value: AtMac(mac=value)),
    AtNotification.attribute_type: _number(lambda value: AtNotification(notification_code=value)),
    AtClientErrorCode.attribute_type: _number(lambda value: AtClientErrorCode(client_error_code=value)),
    AtKdfInput.attribute_type: _kdf_input,
    AtKdf.attribute_type: _number(lambda value: AtKdf(key_derivation_function=value)),
    AtCheckcode.attribute_type: _checkcode,
}


def _attribute(attribute: Attribute) -> bytes:
    kind, value = attribute.attribute_type, _value(attribute)
    if isinstance(attribute, AtOther):
        kind = attribute.type
    length = (len(value) + 2) // 4
    if (len(value) + 2) % 4 or not 1 <= length <= 255:
        raise EncodeError(f"attribute {kind} has {len(value) + 2} octets")
    octets = bytes((kind, length)) + value
    read = _DECODERS.get(kind)
    try:
        right = read is None or read(value) == attribute
    except _Malformed:
        right = False
    if not right:
        raise EncodeError(f"{attribute!r} holds what it cannot carry")
    return octets


def _value(attribute: Attribute) -> bytes:
    match attribute:
        case AtRand(rand=octets) | AtAutn(autn=octets) | AtMac(mac=octets) | AtCheckcode(checkcode=octets):
            return bytes(2) + octets
        case AtRes(res=res):
            return (len(res) * 8).to_bytes(2) + res + bytes(-len(res) % 4)
        case AtAuts(auts=auts):
            return auts
        case AtKdfInput(network_name=name):
            return len(name).to_bytes(2) + name + bytes(-len(name) % 4)
        case AtNotification(notification_code=number) | AtClientErrorCode(client_error_code=number):
            return _two_octets(number)
        case AtKdf(key_derivation_function=number):
            return _two_octets(number)
        case AtOther(value=octets):
            return octets
        case _:
            raise EncodeError(f"{type(attribute).__name__} is no attribute of EAP-AKA'")


def _two_octets(number: int) -> bytes:
    if not 0 <= number <= 0xFFFF:
        raise EncodeError(f"{number} does not fit into two octets")
    return number.to_bytes(2)
