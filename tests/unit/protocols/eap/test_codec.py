"""EAP packets and EAP-AKA' messages, octet for octet."""

import pytest

from awase.protocols.eap.codec import decode, encode, protect, verify
from awase.protocols.eap.messages import (
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
    Code,
    Failure,
    OtherMethod,
    Packet,
    Subtype,
    Success,
)
from awase.wire.errors import DecodeError, EncodeError

RAND, AUTN = bytes(range(16)), bytes(range(16, 32))
NAME = b"5G:mnc001.mcc001.3gppnetwork.org"
CHALLENGE = AkaPrime(
    code=Code.request,
    identifier=7,
    subtype=Subtype.challenge,
    attributes=(AtRand(rand=RAND), AtAutn(autn=AUTN), AtKdf(key_derivation_function=1), AtKdfInput(network_name=NAME)),
)


def response(subtype: Subtype, *attributes: object) -> AkaPrime:
    return AkaPrime(code=Code.response, identifier=9, subtype=subtype, attributes=attributes)  # type: ignore[arg-type]


# Each octet by hand from the figures of RFC 3748, RFC 4187 and RFC 5448.
PACKETS = [
    (Success(identifier=5), "03050004"),
    (Failure(identifier=255), "04ff0004"),
    (OtherMethod(code=Code.response, identifier=1, type=3, data=b"\x32"), "020100060332"),
    (OtherMethod(code=Code.request, identifier=1, type=1), "0101000501"),
    (
        CHALLENGE,
        f"01070058 32010000 01050000{RAND.hex()} 02050000{AUTN.hex()} 18010001 17090020{NAME.hex()}",
    ),
    (response(Subtype.challenge, AtRes(res=bytes(8))), "02090014 32010000 03030040" + "00" * 8),
    (response(Subtype.challenge, AtRes(res=b"abcde")), "02090014 32010000 03030028 6162636465000000"),
    (response(Subtype.authentication_reject), "02090008 32020000"),
    (
        response(Subtype.synchronization_failure, AtAuts(auts=b"\7" * 14), AtKdf(key_derivation_function=1)),
        "0209001c 32040000 0404" + "07" * 14 + "18010001",
    ),
    (response(Subtype.client_error, AtClientErrorCode(client_error_code=0)), "0209000c 320e0000 16010000"),
    (response(Subtype.notification, AtNotification(notification_code=0x4000)), "0209000c 320c0000 0c014000"),
    (response(Subtype.challenge, AtKdfInput(network_name=b"WLAN!")), "02090014 32010000 17030005 574c414e21000000"),
    (response(Subtype.challenge, AtCheckcode(checkcode=b"")), "0209000c 32010000 86010000"),
    (response(Subtype.identity, AtOther(type=14, value=b"\0\1a\0\0\0")), "02090010 32050000 0e020001 61000000"),
    (response(Subtype.challenge, AtMac(mac=b"\1" * 16)), "0209001c 32010000 0b050000" + "01" * 16),
]


@pytest.mark.parametrize(("packet", "octets"), PACKETS, ids=lambda v: v if isinstance(v, str) else type(v).__name__)
def test_a_packet_is_its_octets_and_back(packet: Packet, octets: str) -> None:
    assert encode(packet).hex() == octets.replace(" ", "")
    assert decode(bytes.fromhex(octets)) == packet


def test_octets_past_the_length_are_padding() -> None:
    assert decode(encode(CHALLENGE) + b"xyz") == CHALLENGE
    assert verify(protect(CHALLENGE, bytes(32)) + b"xyz", bytes(32))


def test_a_protected_message_is_refused_with_any_bit_changed() -> None:
    k_aut = bytes(range(32))
    octets = protect(CHALLENGE, k_aut)
    assert verify(octets, k_aut)
    assert not verify(octets, bytes(32))
    for bit in range(32, len(octets) * 8):
        changed = bytearray(octets)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            assert not verify(bytes(changed), k_aut)
        except DecodeError:
            continue


def test_a_message_without_a_mac_or_with_two_is_not_protected() -> None:
    assert not verify(encode(CHALLENGE), bytes(32))
    assert not verify(encode(Success(identifier=1)), bytes(32))
    twice = AkaPrime(
        code=Code.request,
        identifier=7,
        subtype=Subtype.challenge,
        attributes=(*CHALLENGE.attributes, AtMac(mac=bytes(16))),
    )
    assert not verify(protect(twice, bytes(32)), bytes(32))


def test_what_a_message_offers_can_be_asked() -> None:
    assert CHALLENGE.kdfs == (1,)
    assert CHALLENGE.find(AtRand) == AtRand(rand=RAND)
    assert CHALLENGE.find(AtRes) is None
    assert not CHALLENGE.has_unknown
    assert response(Subtype.challenge, AtOther(type=127, value=bytes(2))).has_unknown
    assert not response(Subtype.challenge, AtOther(type=128, value=bytes(2))).has_unknown


@pytest.mark.parametrize(
    "octets",
    [
        "",
        "010100",
        "01010003",
        "01010009 32010000",
        "01010004",
        "05010005 32",
        "03010005 00",
        "01010007 320100",
        "01010008 32030000",
        "0101000a 32010000 0105",
        "0101000c 32010000 01000000",
        "0101000c 32010000 01010000",
        "01010009 32010000 01",
        "0101000c 32010000 03010000",
        "01010010 32010000 03020021 00000000",
        "01010010 32010000 03020040 00000000",
        "01010010 32010000 17020000 00000000",
        "01010010 32010000 17020009 00000000",
        "01010010 32010000 18020001 00000000",
        "01010010 32010000 86020001 00000000",
    ],
)
def test_what_is_no_packet_is_refused(octets: str) -> None:
    with pytest.raises(DecodeError):
        decode(bytes.fromhex(octets))


@pytest.mark.parametrize(
    "packet",
    [
        Success(identifier=256),
        response(Subtype.challenge, AtRand(rand=bytes(15))),
        response(Subtype.challenge, AtRand(rand=bytes(12))),
        response(Subtype.challenge, AtRes(res=bytes(17))),
        response(Subtype.challenge, AtKdf(key_derivation_function=65536)),
        response(Subtype.challenge, AtKdfInput(network_name=b"")),
        response(Subtype.challenge, AtKdfInput(network_name=bytes(1200))),
        response(Subtype.challenge, AtOther(type=200, value=bytes(3))),
        response(Subtype.challenge, *[AtRand(rand=bytes(16))] * 80),
        OtherMethod(code=Code.request, identifier=0, type=1, data=bytes(1500)),
    ],
)
def test_what_cannot_be_carried_is_refused(packet: Packet) -> None:
    with pytest.raises(EncodeError):
        encode(packet)


def test_repr_shows_no_key_material() -> None:
    assert RAND.hex() not in repr(CHALLENGE)
    assert repr(RAND) not in repr(CHALLENGE)
