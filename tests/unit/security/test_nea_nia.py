"""128-NEA1 to 3 and 128-NIA1 to 3 against TS 33.401 annex C and TS 35.223, to the bit."""

import json
from pathlib import Path
from typing import Any

import pytest

from awase.security.nea import UnsupportedAlgorithm, nea
from awase.security.nia import nia, same_mac

FOLDER = Path(__file__).parents[2] / "vectors/security/3gpp"
VECTORS = [
    vector
    for name in ("nea1_nia1", "nea2_nia2", "nea3_nia3")
    for vector in json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))["vectors"]
]
NEA = [v for v in VECTORS if "NEA" in v["algorithm"]]
NIA = [v for v in VECTORS if "NIA" in v["algorithm"]]
H = bytes.fromhex


def identity(v: dict[str, Any]) -> int:
    return int(v["algorithm"][7])


def named(v: dict[str, Any]) -> str:
    return f"{v['algorithm'][4:8]}-{v['set']}"


def cut(octets: bytes, bits: int) -> bytes:
    unused = len(octets) * 8 - bits
    return (int.from_bytes(octets) >> unused << unused).to_bytes(len(octets))


def test_all_sets_are_here() -> None:
    assert [sum(identity(v) == n for v in NEA) for n in (1, 2, 3)] == [6, 6, 5]
    assert [sum(identity(v) == n for v in NIA) for n in (1, 2, 3)] == [7, 8, 5]


@pytest.mark.parametrize("v", NEA, ids=named)
def test_nea_ciphers_and_deciphers_as_published(v: dict[str, Any]) -> None:
    arguments = (identity(v), H(v["Key"]), int(v["Count"], 16), int(v["Bearer"], 16), v["Direction"])
    plain, ciphered, bits = H(v["Plaintext"]), H(v["Ciphertext"]), v["Length"]
    assert cut(nea(*arguments, plain), bits) == ciphered
    assert cut(nea(*arguments, ciphered), bits) == plain


@pytest.mark.parametrize("v", NIA, ids=named)
def test_nia_gives_the_published_mac(v: dict[str, Any]) -> None:
    arguments = (identity(v), H(v["IK"]), int(v["Count-I"], 16), int(v["Bearer"], 16), v["Direction"], H(v["Message"]))
    assert nia(*arguments, bit_length=v["Length"]) == H(v["MACT"])
    if v["Length"] % 8 == 0:
        assert nia(*arguments) == H(v["MACT"])


@pytest.mark.parametrize("algorithm", [1, 2, 3])
@pytest.mark.parametrize("length", [0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 64, 65])
def test_every_length_is_ciphered_back_and_every_bit_is_in_the_mac(algorithm: int, length: int) -> None:
    key, data = bytes(range(16)), bytes(range(100, 100 + length))
    ciphered = nea(algorithm, key, 7, 1, 1, data)
    assert len(ciphered) == length
    assert nea(algorithm, key, 7, 1, 1, ciphered) == data
    macs = [nia(algorithm, key, 7, 1, 1, data)]
    for bit in range(length * 8):
        changed = int.from_bytes(data) ^ 1 << bit
        macs.append(nia(algorithm, key, 7, 1, 1, changed.to_bytes(length)))
    assert len(dict.fromkeys(macs)) == len(macs)
    assert all(len(mac) == 4 for mac in macs)


@pytest.mark.parametrize("algorithm", [1, 2, 3])
def test_key_count_bearer_and_direction_each_change_stream_and_mac(algorithm: int) -> None:
    inputs = [
        (bytes(16), 0, 0, 0),
        (bytes(15) + b"\1", 0, 0, 0),
        (bytes(16), 1, 0, 0),
        (bytes(16), 0, 1, 0),
        (bytes(16), 0, 0, 1),
    ]
    assert len({nea(algorithm, *each, bytes(8)) for each in inputs}) == 5
    assert len({nia(algorithm, *each, bytes(8)) for each in inputs}) == 5


def test_the_null_algorithms_change_nothing_and_give_a_zero_mac() -> None:
    assert nea(0, bytes(16), 1, 1, 0, b"abc") == b"abc"
    assert nia(0, bytes(16), 1, 1, 0, b"abc") == bytes(4)


@pytest.mark.parametrize("algorithm", [4, 7])
def test_an_algorithm_without_a_row_is_named_in_the_error(algorithm: int) -> None:
    with pytest.raises(UnsupportedAlgorithm, match=f"NEA{algorithm} is not supported, only NEA0, NEA1, NEA2, NEA3"):
        nea(algorithm, bytes(16), 0, 1, 0, b"")
    with pytest.raises(UnsupportedAlgorithm, match=f"NIA{algorithm} is not supported, only NIA0, NIA1, NIA2, NIA3"):
        nia(algorithm, bytes(16), 0, 1, 0, b"")


def test_a_mac_is_compared_whole() -> None:
    assert same_mac(b"abcd", b"abcd")
    assert not same_mac(b"abcd", b"abce")
    assert not same_mac(b"abcd", b"abc")
