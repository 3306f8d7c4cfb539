"""ZUC's key stream against TS 35.223."""

import json
from pathlib import Path
from typing import Any

import pytest

from awase.security.zuc import key_stream

FOLDER = Path(__file__).parents[2] / "vectors/security/3gpp"
STREAMS = json.loads((FOLDER / "zuc.json").read_text(encoding="utf-8"))["vectors"]
H = bytes.fromhex


@pytest.mark.parametrize("v", STREAMS, ids=lambda v: f"set-{v['set']}")
def test_the_key_stream_is_the_published_one(v: dict[str, Any]) -> None:
    numbers = {int(name[1:]): int(word, 16) for name, word in v["keystream"].items()}
    stream = key_stream(H(v["Key"]), H(v["IV"]), max(numbers))
    assert len(stream) == max(numbers)
    assert {number: stream[number - 1] for number in numbers} == numbers


def test_a_stream_of_no_words_is_empty() -> None:
    assert key_stream(bytes(16), bytes(16), 0) == []
