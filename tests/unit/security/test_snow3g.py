"""SNOW 3G's key stream, UEA2 and UIA2 against TS 35.217 and TS 35.218."""

import json
from pathlib import Path
from typing import Any

import pytest

from awase.security.snow3g import key_stream, uea2, uia2

FOLDER = Path(__file__).parents[2] / "vectors/security/3gpp"
STREAMS = json.loads((FOLDER / "snow3g.json").read_text(encoding="utf-8"))["vectors"]
SETS = json.loads((FOLDER / "nea1_nia1.json").read_text(encoding="utf-8"))["vectors"]
UEA2 = [v for v in SETS if "(f8)" in v["algorithm"]]
UIA2 = [v for v in SETS if "(f9)" in v["algorithm"]]
H = bytes.fromhex


def cut(octets: bytes, bits: int) -> bytes:
    unused = len(octets) * 8 - bits
    return (int.from_bytes(octets) >> unused << unused).to_bytes(len(octets))


@pytest.mark.parametrize("v", STREAMS, ids=lambda v: f"set-{v['set']}")
def test_the_key_stream_is_the_published_one(v: dict[str, Any]) -> None:
    numbers = {int(name[1:]): int(word, 16) for name, word in v["keystream"].items()}
    stream = key_stream(H(v["Key"]), H(v["IV"]), max(numbers))
    assert len(stream) == max(numbers)
    assert {number: stream[number - 1] for number in numbers} == numbers


@pytest.mark.parametrize("v", UEA2, ids=lambda v: f"set-{v['set']}")
def test_uea2_ciphers_as_published(v: dict[str, Any]) -> None:
    arguments = (H(v["Key"]), int(v["Count"], 16), int(v["Bearer"], 16), v["Direction"])
    assert cut(uea2(*arguments, H(v["Plaintext"])), v["Length"]) == H(v["Ciphertext"])


@pytest.mark.parametrize("v", UIA2, ids=lambda v: f"set-{v['set']}")
def test_uia2_gives_the_published_mac_for_any_fresh(v: dict[str, Any]) -> None:
    arguments = (H(v["IK"]), int(v["Count-I"], 16), int(v["Fresh"], 16), v["Direction"], H(v["Message"]))
    assert uia2(*arguments, v["Length"]) == H(v["MACT"])


def test_a_stream_of_no_words_is_empty() -> None:
    assert key_stream(bytes(16), bytes(16), 0) == []
