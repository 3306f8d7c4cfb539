"""SUCI schemes against TS 33.501 clause C.4."""

import json
import re
from hashlib import shake_128
from pathlib import Path
from typing import Any

import pytest

from awase.security.suci import (
    NULL_SCHEME,
    PROFILE_A,
    PROFILE_B,
    SuciError,
    conceal,
    conceal_octets,
    deconceal,
    deconceal_octets,
    home_network_public_key,
    msin_from_octets,
    msin_octets,
)

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/security/3gpp/suci.json").read_text(encoding="utf-8"))[
    "vectors"
]
H = bytes.fromhex
NULL = [v for v in VECTORS if v["protection_scheme"] == "null-scheme"]
A = [v for v in VECTORS if v["protection_scheme"] == "ECIES Profile A"]
B = [v for v in VECTORS if v["protection_scheme"] == "ECIES Profile B"]
BY_SCHEME = [*((PROFILE_A, v) for v in A), *((PROFILE_B, v) for v in B)]


def scheme_output(v: dict[str, Any]) -> bytes:
    if v["SUPI"] == "imsi":
        return H(v["Scheme Output"])
    return H("".join(re.findall("[0-9A-F]{2,}", v["Scheme Output"])))


@pytest.mark.parametrize(("scheme", "v"), BY_SCHEME, ids=[v["clause"] for _, v in BY_SCHEME])
def test_a_profile_conceals_and_deconceals_as_published(scheme: int, v: dict[str, Any]) -> None:
    plain, output = H(v["Scheme Input"]), scheme_output(v)
    public, private = H(v["Home Network Public Key"]), H(v["Home Network Private Key"])
    assert home_network_public_key(scheme, private) == public
    assert conceal_octets(scheme, plain, public, H(v["Eph. Private Key"])) == output
    assert deconceal_octets(scheme, output, private) == plain


def test_an_imsi_is_concealed_under_every_scheme_as_published() -> None:
    for scheme, v in BY_SCHEME:
        if v["SUPI"] == "imsi":
            output = conceal(scheme, v["MSIN"], H(v["Home Network Public Key"]), H(v["Eph. Private Key"]))
            assert output == H(v["Scheme Output"])
            assert deconceal(scheme, output, H(v["Home Network Private Key"])) == v["MSIN"]
    n = next(v for v in NULL if v["SUPI"] == "imsi")
    assert conceal(NULL_SCHEME, n["MSIN"]) == H(n["Scheme Output"])
    assert deconceal(NULL_SCHEME, H(n["Scheme Output"])) == n["MSIN"]


@pytest.mark.parametrize("scheme", [PROFILE_A, PROFILE_B])
def test_a_scheme_output_with_any_bit_changed_is_refused(scheme: int) -> None:
    v = next(v for known, v in BY_SCHEME if known == scheme and v["SUPI"] == "imsi")
    right = H(v["Scheme Output"])
    for bit in range(len(right) * 8):
        # X25519 does not look at the highest bit of a public key (RFC 7748 clause 5); the KDF does.
        output = bytearray(right)
        output[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SuciError):
            deconceal(scheme, bytes(output), H(v["Home Network Private Key"]))


@pytest.mark.parametrize(("scheme", "most"), [(PROFILE_A, 40), (PROFILE_B, 41)])
def test_a_short_scheme_output_is_refused(scheme: int, most: int) -> None:
    for length in (0, 1, 33, most):
        with pytest.raises(SuciError, match=f"more than {most} octets"):
            deconceal(scheme, bytes(length), bytes(range(32)))


def test_what_is_no_point_of_secp256r1_is_refused() -> None:
    for point in (bytes(33), b"\2" + b"\xff" * 32, b"\4" + bytes(32)):
        with pytest.raises(SuciError, match="no point of the curve"):
            deconceal(PROFILE_B, point + bytes(13), bytes(range(32)))
        with pytest.raises(SuciError, match="no point of the curve"):
            conceal(PROFILE_B, "0000000001", point, bytes(range(32)))


@pytest.mark.parametrize("octets", [bytes(32), b"\xff" * 32])
def test_any_32_octets_will_do_as_an_ephemeral_private_key(octets: bytes) -> None:
    v = next(v for v in B if v["SUPI"] == "imsi")
    output = conceal(PROFILE_B, "0000000001", H(v["Home Network Public Key"]), octets)
    assert deconceal(PROFILE_B, output, H(v["Home Network Private Key"])) == "0000000001"


@pytest.mark.parametrize("scheme", [PROFILE_A, PROFILE_B])
def test_any_octets_are_opened_or_refused(scheme: int) -> None:
    private = bytes(range(1, 33))
    for seed in range(500):
        octets = shake_128(seed.to_bytes(2)).digest(seed % 80)
        with pytest.raises(SuciError):
            deconceal(scheme, octets, private)


def test_a_point_of_low_order_is_refused() -> None:
    with pytest.raises(SuciError, match="low order"):
        deconceal(PROFILE_A, bytes(45), bytes(range(32)))
    with pytest.raises(SuciError, match="low order"):
        conceal(PROFILE_A, "0000000001", bytes(32), bytes(range(32)))


def test_missing_or_short_keys_and_unknown_schemes_are_named() -> None:
    with pytest.raises(SuciError, match="home network private key"):
        deconceal(PROFILE_A, bytes(45), None)
    with pytest.raises(SuciError, match="ephemeral private key"):
        conceal(PROFILE_A, "0000000001", bytes(32), bytes(31))
    with pytest.raises(SuciError, match="scheme 3"):
        conceal(3, "0000000001")
    with pytest.raises(SuciError, match="scheme 3"):
        deconceal(3, bytes(45))


@pytest.mark.parametrize("msin", ["1", "12", "0000000001", "001002086"])
def test_an_msin_survives_bcd(msin: str) -> None:
    assert msin_from_octets(msin_octets(msin)) == msin


@pytest.mark.parametrize("octets", [b"", b"\xff", b"\x1f", b"\xa0", bytes(6), b"\xf1\x00"])
def test_octets_that_are_no_bcd_msin_are_refused(octets: bytes) -> None:
    with pytest.raises(SuciError, match="no BCD MSIN"):
        msin_from_octets(octets)


@pytest.mark.parametrize("msin", ["", "12a", "12345678901", "１２"])
def test_a_text_that_is_no_msin_is_refused(msin: str) -> None:
    with pytest.raises(SuciError, match="1 to 10 decimal digits"):
        msin_octets(msin)
