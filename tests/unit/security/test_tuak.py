"""TUAK against TS 35.233's test sets, and its tokens."""

import json
from pathlib import Path
from typing import Any

import pytest

from awase.security.tuak import Tuak, topc_from_top

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/security/3gpp/tuak.json").read_text(encoding="utf-8"))[
    "vectors"
]
H = bytes.fromhex
RAND = bytes(range(16))
SQN = H("0000000000a1")


@pytest.fixture(params=[16, 32], ids=["K of 128 bits", "K of 256 bits"])
def tuak(request: pytest.FixtureRequest) -> Tuak:
    return Tuak(bytes(range(request.param)), bytes(range(32, 64)))


@pytest.mark.parametrize("v", VECTORS, ids=lambda v: v["origin"])
def test_every_function_gives_the_published_value(v: dict[str, Any]) -> None:
    k, iterations = H(v["K"]), v["KeccakIterations"]
    assert topc_from_top(k, H(v["TOP"]), iterations=iterations) == H(v["TOPc"])
    tuak = Tuak(
        k,
        H(v["TOPc"]),
        mac_octets=v["MAClength"] // 8,
        res_octets=v["RESlength"] // 8,
        ck_octets=v["CKlength"] // 8,
        ik_octets=v["IKlength"] // 8,
        iterations=iterations,
    )
    rand, sqn, amf = H(v["RAND"]), H(v["SQN"]), H(v["AMF"])
    assert tuak.f1(rand, sqn, amf) == H(v["f1"])
    assert tuak.f1_star(rand, sqn, amf) == H(v["f1*"])
    assert tuple(tuak.f2345(rand)) == (H(v["f2"]), H(v["f3"]), H(v["f4"]), H(v["f5"]))
    assert tuak.f5_star(rand) == H(v["f5*"])


def test_an_autn_gives_back_its_sqn_and_amf_and_a_changed_one_nothing(tuak: Tuak) -> None:
    ak = tuak.f2345(RAND).ak
    autn = tuak.build_autn(RAND, SQN, H("8000"), ak)
    assert len(autn) == 16
    assert tuak.verify_autn(RAND, autn, ak) == (SQN, H("8000"))
    for octet in range(16):
        changed = bytearray(autn)
        changed[octet] ^= 1
        assert tuak.verify_autn(RAND, bytes(changed), ak) is None


def test_an_auts_gives_back_sqn_ms_and_a_changed_one_nothing(tuak: Tuak) -> None:
    auts = tuak.build_auts(RAND, SQN)
    assert len(auts) == 14
    assert tuak.verify_auts(RAND, auts) == SQN
    assert tuak.verify_auts(RAND, auts[:-1] + bytes((auts[-1] ^ 1,))) is None


def test_repr_shows_no_key(tuak: Tuak) -> None:
    out = tuak.f2345(RAND)
    text = repr(out) + str(out) + repr(tuak)
    for secret in (*out, bytes(range(16)), bytes(range(32, 64))):
        assert secret.hex() not in text
        assert repr(secret) not in text


def test_wrong_lengths_are_refused_without_showing_a_key() -> None:
    with pytest.raises(ValueError, match="K has 16 or 32 octets, not 24"):
        Tuak(bytes(24), bytes(32))
    with pytest.raises(ValueError, match="TOPC has 32 octets, not 16"):
        Tuak(bytes(16), bytes(16))
    with pytest.raises(ValueError, match="TOP has 32 octets, not 16"):
        topc_from_top(bytes(16), bytes(16))
    with pytest.raises(ValueError, match="RAND has 16 octets, not 15"):
        Tuak(bytes(16), bytes(32)).f2345(bytes(15))
    for wrong in ({"mac_octets": 4}, {"res_octets": 5}, {"ck_octets": 8}, {"ik_octets": 24}, {"iterations": 0}):
        with pytest.raises(ValueError, match="octets"):
            Tuak(bytes(16), bytes(32), **wrong)
