"""TS 35.208's test sets, and the tokens of TS 33.102 clause 6.3."""

import json
from pathlib import Path
from typing import Any

import pytest

from awase.security.milenage import Milenage, opc_from_op

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/security/3gpp/milenage.json").read_text(encoding="utf-8"))[
    "vectors"
]
H = bytes.fromhex
RAND = bytes(range(16))
SQN = H("0000000000a1")


@pytest.fixture
def milenage() -> Milenage:
    return Milenage(bytes(range(16)), bytes(range(16, 32)))


@pytest.mark.parametrize("v", VECTORS, ids=lambda v: v["origin"])
def test_every_function_gives_the_published_value(v: dict[str, Any]) -> None:
    assert opc_from_op(H(v["K"]), H(v["OP"])) == H(v["OPc"])
    m = Milenage(H(v["K"]), H(v["OPc"]))
    rand, sqn, amf = H(v["RAND"]), H(v["SQN"]), H(v["AMF"])
    assert m.f1(rand, sqn, amf) == H(v["f1"])
    assert m.f1_star(rand, sqn, amf) == H(v["f1*"])
    out = m.f2345(rand)
    assert (out.res, out.ck, out.ik, out.ak) == (H(v["f2"]), H(v["f3"]), H(v["f4"]), H(v["f5"]))
    assert m.f5_star(rand) == H(v["f5*"])


def test_an_autn_gives_back_its_sqn_and_amf(milenage: Milenage) -> None:
    ak = milenage.f2345(RAND).ak
    autn = milenage.build_autn(RAND, SQN, H("8000"), ak)
    assert len(autn) == 16
    assert milenage.verify_autn(RAND, autn, ak) == (SQN, H("8000"))


@pytest.mark.parametrize("octet", range(16))
def test_an_autn_with_any_octet_changed_is_refused(milenage: Milenage, octet: int) -> None:
    ak = milenage.f2345(RAND).ak
    autn = bytearray(milenage.build_autn(RAND, SQN, H("8000"), ak))
    autn[octet] ^= 1
    assert milenage.verify_autn(RAND, bytes(autn), ak) is None


def test_an_auts_gives_back_sqn_ms_and_a_changed_one_nothing(milenage: Milenage) -> None:
    auts = milenage.build_auts(RAND, SQN)
    assert len(auts) == 14
    assert milenage.verify_auts(RAND, auts) == SQN
    assert milenage.verify_auts(RAND, auts[:-1] + bytes((auts[-1] ^ 1,))) is None


def test_repr_shows_no_key(milenage: Milenage) -> None:
    out = milenage.f2345(RAND)
    text = repr(out) + str(out) + repr(milenage)
    for secret in (*out, bytes(range(16)), bytes(range(16, 32))):
        assert secret.hex() not in text
        assert repr(secret) not in text


def test_a_key_of_the_wrong_length_is_refused_without_showing_it() -> None:
    with pytest.raises(ValueError, match="K has 16 octets, not 15"):
        Milenage(bytes(15), bytes(16))
    with pytest.raises(ValueError, match="AUTS has 14 octets"):
        Milenage(bytes(16), bytes(16)).verify_auts(RAND, bytes(13))
