"""TS 33.501 annex A against RFC 5448's and public implementations' numbers (tests/vectors/security)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from awase.security import kdf

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/security/3gpp/kdf.json").read_text(encoding="utf-8"))[
    "vectors"
]
H = bytes.fromhex


def algorithm(text: str) -> int:
    return int(text.split("(id ")[1][0])


def sqn_xor_ak(i: dict[str, str], o: dict[str, str]) -> bytes:
    if "SQN xor AK" in i:
        return H(i["SQN xor AK"])
    if "SQN xor AK" in o:
        return H(o["SQN xor AK"])
    if "AUTN" in i:
        return H(i["AUTN"])[:6]
    return bytes(a ^ b for a, b in zip(H(i["SQN"]), H(i["AK"]), strict=True))


def k(i: dict[str, str], o: dict[str, str], name: str) -> bytes:
    return H(i.get(name) or o[name])


def eap(i: dict[str, str], o: dict[str, str]) -> kdf.EapAkaPrimeKeys:
    return kdf.eap_aka_prime_keys(H(o["CK'"]), H(o["IK'"]), i["Identity"])


RULES: dict[str, Callable[[dict[str, str], dict[str, str]], bytes]] = {
    "CK'": lambda i, o: kdf.ck_prime_ik_prime(H(i["CK"]), H(i["IK"]), i["Network name"], sqn_xor_ak(i, o))[0],
    "IK'": lambda i, o: kdf.ck_prime_ik_prime(H(i["CK"]), H(i["IK"]), i["Network name"], sqn_xor_ak(i, o))[1],
    "K_encr": lambda i, o: eap(i, o).k_encr,
    "K_aut": lambda i, o: eap(i, o).k_aut,
    "K_re": lambda i, o: eap(i, o).k_re,
    "MSK": lambda i, o: eap(i, o).msk,
    "EMSK": lambda i, o: eap(i, o).emsk,
    "K_AUSF": lambda i, o: kdf.k_ausf(H(i["CK"]), H(i["IK"]), i["SNN"], sqn_xor_ak(i, o)),
    "XRES*": lambda i, o: kdf.res_star(H(i["CK"]), H(i["IK"]), i["SNN"], H(i["RAND"]), H(i["RES"])),
    "RES*": lambda i, o: kdf.res_star(H(i["CK"]), H(i["IK"]), i["SNN"], H(i["RAND"]), H(i["RES"])),
    "HXRES*": lambda i, o: kdf.hres_star(H(i["RAND"]), H(o["XRES*"])),
    "K_SEAF": lambda i, o: kdf.k_seaf(k(i, o, "K_AUSF"), i["SNN"]),
    "K_AMF": lambda i, o: kdf.k_amf(k(i, o, "K_SEAF"), i["SUPI"], H(i["ABBA"])),
    "K_NASenc": lambda i, o: kdf.k_nas_enc(k(i, o, "K_AMF"), algorithm(i["NAS ciphering algorithm"])),
    "K_NASint": lambda i, o: kdf.k_nas_int(k(i, o, "K_AMF"), algorithm(i["NAS integrity algorithm"])),
    "K_gNB": lambda i, o: kdf.k_gnb(k(i, o, "K_AMF"), int(i["uplink NAS COUNT"], 16)),
    "NH": lambda i, o: kdf.nh(k(i, o, "K_AMF"), k(i, o, "K_gNB")),
    "K_RRCenc": lambda i, o: kdf.k_rrc_enc(H(i["K_gNB"]), algorithm(i["RRC/UP ciphering algorithm"])),
    "K_RRCint": lambda i, o: kdf.k_rrc_int(H(i["K_gNB"]), algorithm(i["RRC/UP integrity algorithm"])),
    "K_UPenc": lambda i, o: kdf.k_up_enc(H(i["K_gNB"]), algorithm(i["RRC/UP ciphering algorithm"])),
    "K_UPint": lambda i, o: kdf.k_up_int(H(i["K_gNB"]), algorithm(i["RRC/UP integrity algorithm"])),
}
# Mapping to EPS belongs to procedures that are not here.
NOT_OURS = {"SQN xor AK"}
CASES = [
    pytest.param(v["inputs"], v["outputs"], name, id=f"{n}-{name}")
    for n, v in enumerate(VECTORS)
    for name in v["outputs"]
    if name not in NOT_OURS and "K_ASME'" not in name
]


@pytest.mark.parametrize(("inputs", "outputs", "name"), CASES)
def test_a_key_is_derived_as_published(inputs: dict[str, Any], outputs: dict[str, Any], name: str) -> None:
    expected = H(outputs[name])
    got = RULES[name.removesuffix(" (256 bits)")](inputs, outputs)
    assert got == (expected[16:] if "256 bits" in name else expected)


def test_a_supi_enters_k_amf_without_its_type() -> None:
    key = bytes(32)
    assert kdf.k_amf(key, "imsi-001010000000001", b"\0\0") == kdf.k_amf(key, "001010000000001", b"\0\0")


def test_the_keys_of_eap_aka_prime_show_none_of_them_and_give_k_ausf() -> None:
    keys = kdf.eap_aka_prime_keys(bytes(16), bytes(range(16)), "001010000000001")
    assert repr(keys) == str(keys) == "EapAkaPrimeKeys(...)"
    assert keys.k_ausf == keys.emsk[:32]
