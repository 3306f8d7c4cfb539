"""SUCI scheme outputs from a hostile UE: an MSIN, or SuciError, for any octets."""

import random

import pytest

from awase.security.suci import (
    NULL_SCHEME,
    PROFILE_A,
    PROFILE_B,
    SuciError,
    conceal,
    deconceal,
    home_network_public_key,
    msin_octets,
)

PRIVATE = bytes(range(32))
EPHEMERAL = bytes(range(32, 64))


def test_any_octets_are_an_msin_or_a_suci_error() -> None:
    rng = random.Random(33)
    opened = 0
    for _ in range(20_000):
        octets = rng.randbytes(rng.randrange(8))
        try:
            msin = deconceal(NULL_SCHEME, octets)
        except SuciError:
            continue
        opened += 1
        assert msin_octets(msin) == octets
    assert opened > 100


@pytest.mark.parametrize("scheme", [PROFILE_A, PROFILE_B])
def test_a_mutated_output_of_a_profile_is_never_opened(scheme: int) -> None:
    rng = random.Random(34)
    good = conceal(scheme, "0000000001", home_network_public_key(scheme, PRIVATE), EPHEMERAL)
    assert deconceal(scheme, good, PRIVATE) == "0000000001"
    for _ in range(2_000):
        octets = bytearray(good)
        octets[rng.randrange(len(octets))] ^= 1 << rng.randrange(8)
        cut = bytes(octets[: rng.randrange(len(octets) + 1)] if rng.random() < 0.5 else octets)
        try:
            deconceal(scheme, cut, PRIVATE)
        except SuciError:
            continue
        # X25519 ignores the highest bit of a public key (RFC 7748 clause 5), but the KDF does not.
        raise AssertionError(cut.hex())
