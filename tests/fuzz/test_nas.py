"""The NAS decoder and both ends of NAS security: a message or DecodeError, whatever the octets."""

import contextlib
import json
import random
from pathlib import Path

from msgspec.structs import replace

from awase.model.ids import Plmn
from awase.protocols.nas.codec import NasDecodeError, decode, encode
from awase.protocols.nas.elements import FiveGSRegistrationType, RegistrationType, Suci, UeSecurityCapability
from awase.protocols.nas.entity import SecurityContext, open_container
from awase.protocols.nas.messages import (
    FIVE_GMM_MESSAGES,
    FIVE_GSM_MESSAGES,
    DLNASTransport,
    RegistrationRequest,
    SecurityModeComplete,
    ULNASTransport,
)
from awase.wire.errors import DecodeError
from unit.protocols.nas.every_element import KINDS, whole

VECTORS = Path(__file__).parents[1] / "vectors" / "nas" / "open5gs-2.8-ueransim-3.3"


SENTENCES = [encode(whole(message_type)) for message_type in sorted(KINDS)]
"""Every message with every element; then messages with forms of elements that those have not."""

RARE = (
    # REGISTRATION ACCEPT: access categories, a key, NSSRG, NSAG, WUS and PEIPS; the NID of a REGISTRATION REQUEST; the
    # EPS bearers and Ethernet header compression of a PDU SESSION MODIFICATION COMMAND.
    "7e00420101760019 140a8310000104 03696d73 0202 04010000aa 0102 07 03141f00",
    "7e00420101740026 0102 101112131415161718191a1b1c1d1e1f 01c0 0180 00 6211223264 05a0 07 0000f110000007",
    "7e00420101700008 0704010000aa0109 7c0013 12050704010000aa0102c8070000f110000007 1c0114 3302073f",
    "7e004179 000bf200f110020040c0000001 3206012143658709",
    "2e0501cb 75000f 5000085201010904 02fefe 60000180 1f0102",
    # Extended CAG information with validity; service-level-AA parameters; MBS information; remote UEs; small data.
    "7e00420101 710018 0016 00f110 0d 0004 00000007 000a 0008 00000008 01 00 0102",
    "2e0501c1ffff 72001c 1004 55415637 20050402 756b 4001 01 700002 0102 a1 5001 01 300105",
    "2e0501cb 710023 19 05 06 010203 00f110 0a000001 e8000007 07 00 00f110 000007 08 1234567890 00f110 21",
    "2e0501da 76001c 01 1a 09 08 0001020304050607 19 0a000001 03e807d0 005001bb 00f110",
    "7e004f01 6f06 50 01 07 010203",
)


def seeds() -> list[bytes]:
    """The plain messages of the captures, what they carry, and messages of elements that are not in them."""
    found: list[bytes] = [*SENTENCES, *(bytes.fromhex(message) for message in RARE)]
    for packet in json.loads((VECTORS / "nea0-kernel-sctp.json").read_text()):
        octets = bytes.fromhex(packet["octets"])
        plain = octets if octets[1] == 0 else octets[7:]
        found.append(plain)
        message = decode(plain)
        if isinstance(message, ULNASTransport | DLNASTransport):
            found.append(message.payload_container)
        if isinstance(message, SecurityModeComplete) and message.nas_message_container:
            found.append(message.nas_message_container)
    return found


SEEDS = seeds()
IEIS = sorted({octet for seed in SEEDS for octet in seed} | set(range(0x10, 0x80)))


def mutated(rng: random.Random) -> bytes:
    octets = bytearray(rng.choice(SEEDS))
    kind = rng.randrange(6)
    if kind == 0:
        octets = bytearray((0x7E, 0, rng.choice(list(FIVE_GMM_MESSAGES)))) + rng.randbytes(rng.randrange(40))
    elif kind == 1:
        octets = bytearray((0x2E, 1, 1, rng.choice(list(FIVE_GSM_MESSAGES)))) + rng.randbytes(rng.randrange(40))
    for _ in range(rng.randint(1, 4)):
        kind = rng.randrange(4)
        if kind == 0 and octets:
            octets[rng.randrange(len(octets))] = rng.randrange(256)
        elif kind == 1 and octets:
            del octets[rng.randrange(len(octets)) :]
        elif kind == 2:
            value = rng.randbytes(rng.randint(0, 12))
            octets += bytes((rng.choice(IEIS), len(value))) + value
        elif octets:
            octets[rng.randrange(len(octets))] ^= 1 << rng.randrange(8)
    return bytes(octets)


def test_20000_mutations_give_a_message_that_comes_back_equal_or_a_decode_error() -> None:
    rng = random.Random(1)
    good = 0
    for _ in range(20_000):
        octets = mutated(rng)
        try:
            message = decode(octets)
        except NasDecodeError:
            continue
        good += 1
        again = decode(encode(message))
        # A wrong element that precedes a right one of its kind is kept behind it, where it is a repetition.
        assert replace(again, unknown_ies=()) == replace(message, unknown_ies=()), octets.hex()
    assert 5_000 < good < 19_000


def test_5000_mutations_of_protected_messages_are_refused_and_change_nothing() -> None:
    rng = random.Random(2)
    ue = SecurityContext("ue", ngksi=1, k_amf=bytes(32), nea=2, nia=2)
    amf = SecurityContext("amf", ngksi=1, k_amf=bytes(32), nea=2, nia=2)
    sent = [ue.protect(seed) for seed in SEEDS]
    for _ in range(5_000):
        octets = bytearray(rng.choice(sent))
        octets[rng.randrange(2, len(octets))] ^= 1 << rng.randrange(8)
        try:
            amf.unprotect(bytes(octets))
        except DecodeError:
            continue
        raise AssertionError(octets.hex())
    assert amf.uplink_count == 0


def test_2000_random_containers_give_the_message_or_a_decode_error() -> None:
    rng = random.Random(3)
    amf = SecurityContext("amf", ngksi=1, k_amf=bytes(32), nea=0, nia=2)
    for _ in range(2_000):
        request = RegistrationRequest(
            five_gs_registration_type=FiveGSRegistrationType(value=RegistrationType(1)),
            ngksi=7,
            five_gs_mobile_identity=Suci.null(Plmn("001", "01"), "1"),
            ue_security_capability=UeSecurityCapability.of((0,), (2,)),
            nas_message_container=mutated(rng),
        )
        with contextlib.suppress(DecodeError):
            assert isinstance(open_container(request, amf, 0), RegistrationRequest)
