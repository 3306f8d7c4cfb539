"""What a UE may be told, and in which words it refuses the rest."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from awase.functions.ue.part import PART_TYPE
from unit.functions.ue.rig import Services, config


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"k": "00"}, "k: 32 hexadecimal digits"),
        ({"opc": "zz" * 16}, "opc: 32 hexadecimal digits"),
        ({"op": "00" * 16}, "either opc or op"),
        ({"opc": None}, "neither opc nor op"),
        ({"algorithm": "tuak"}, "opc: tuak takes topc or top"),
        ({"algorithm": "tuak", "opc": None, "topc": "00" * 16}, "topc: 64 hexadecimal digits"),
        ({"topc": "00" * 32}, "topc: milenage takes opc or op"),
        ({"k": "00" * 32}, "k: 32 hexadecimal digits"),
        ({"sqn": "0"}, "sqn is 12 hexadecimal digits"),
        ({"traffic": [{}]}, "either ping or udp"),
        ({"sesions": []}, "sesions"),
        ({"subscriber": "001010000000001"}, "subscriber"),
        ({"integrity": [4]}, "integrity"),
        ({"suci_scheme": "profile-c"}, "suci_scheme"),
        ({"suci_scheme": "profile-b"}, "no home network key is one of profile-b"),
    ],
)
def test_a_configuration_that_cannot_be_is_refused_in_words(more: dict[str, Any], words: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=words):
        PART_TYPE.build("ue1", config(**more), Services())  # type: ignore[arg-type]


def test_op_is_turned_into_opc() -> None:
    # TS 35.208 test set 1.
    known = {"k": "465b5ce8b199b49faa5f0a2ee238a6bc", "op": "cdc202d5123e20f62b6d676ac72cb318"}
    one = PART_TYPE.build("ue1", config(**known, opc=None), Services())  # type: ignore[arg-type]
    other = PART_TYPE.build("ue1", config(k=known["k"]), Services())  # type: ignore[arg-type]
    rand = bytes(16)
    assert one.context.usim.functions.f2345(rand) == other.context.usim.functions.f2345(rand)  # type: ignore[attr-defined]


def test_top_is_turned_into_topc() -> None:
    # TS 35.233 test sets 1 and 2: a K of 128 bits and one of 256.
    vectors = Path(__file__).parents[3] / "vectors/security/3gpp/tuak.json"
    for vector in json.loads(vectors.read_text(encoding="utf-8"))["vectors"][:2]:
        tuak = {"algorithm": "tuak", "opc": None, "k": vector["K"]}
        one = PART_TYPE.build("ue1", config(**tuak, top=vector["TOP"]), Services())  # type: ignore[arg-type]
        other = PART_TYPE.build("ue1", config(**tuak, topc=vector["TOPc"]), Services())  # type: ignore[arg-type]
        rand = bytes.fromhex(vector["RAND"])
        outs = [each.context.usim.functions.f2345(rand) for each in (one, other)]  # type: ignore[attr-defined]
        assert outs[0] == outs[1]


def test_the_schema_names_every_key() -> None:
    assert "sessions" in str(PART_TYPE.config_schema)
    assert PART_TYPE.ports == ("uu", "app")
