"""Each public test purpose of N1 and N2 is named by a network, or by a test of a function.

The identifiers are those of ETSI TC INT's test purposes for the 5G core, as far as they are public, and the names of
Osmocom's C5G_Tests. A network names them in its comment, a test in its docstring.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
SHIPPED = TESTS.parent / "src" / "awase" / "networks"

ETSI = (
    *(f"TP_NGAP_AMF_PDU_0{number}" for number in range(1, 6)),
    "TP_NGAP_AMF_CMP_03_x",
    *("TP_NGAP_AMF_IMP_01", "TP_NGAP_AMF_IMP_01_2"),
    *(f"TP_NGAP_AMF_IMP_0{number}" for number in range(2, 7)),
    "TP_NGAP_GNB_PDU_01",
    "TP_5GAP_ICS_01",
    *("TP_5GNAS_AMF_AUT_REQ_01", "TP_5GNAS_AMF_AUT_REQ_02", "TP_5GNAS_AMF_AUT_REQ_03"),
    *("TP_5GNAS_AMF_AUT_REQ_04", "TP_5GNAS_AMF_AUT_REQ_05"),
    *("AUT_ABN_01", "AUT_ABN_02", "AUT_ABN_03"),
    "TP_NGNAS_AMF_AUT_SEQ_01",
    *("REG_REJ_01", "REG_REJ_02", "REG_ACC_01", "REG_ACC_02", "REG_ACC_03"),
    *("UPA_ACC", "UPA_ABN", "UPE_ACC", "UPN_REJ"),
)
"""NGAP and NAS, the AMF under test, and the gNB; in the form in which they are public, some without their prefix."""

OSMOCOM = (
    "ng_setup",
    "ng_setup_wrong_tac",
    "ng_setup_unknown_global_gnb_id_plmn",
    "ng_register",
    "periodic_registration_updating",
    "ue_context_release_no_pdu_session",
    "ue_context_release_with_pdu_session",
    "pdu_sess_modification",
    "ng_register_ping4",
    "ng_register_ping4_256",
    "ue_service_request_cm_idle_ul_data",
    "ue_service_request_cm_idle_inact_sess",
    "ue_service_request_cm_idle_unknown_sess_active",
    "ue_service_request_cm_connected",
    "net_triggered_service_req",
    "connection_inactive",
    "connection_suspend",
    "handover_inter_ngran_xn",
)
"""C5G_Tests, named as Osmocom's."""


def _docstrings(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield ast.get_docstring(node) or ""


def _comments(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            yield line


@pytest.fixture(scope="module")
def words() -> set[str]:
    """What networks say in comments and tests in docstrings, word by word; Osmocom's names only where it is named."""
    found: set[str] = set()
    for path in (*TESTS.glob("networks/*.yaml"), *SHIPPED.glob("*.yaml")):
        found.update(*map(_words, _comments(path)))
    for path in (*(TESTS / "unit" / "functions").rglob("test_*.py"), *TESTS.glob("networks/test_*.py")):
        found.update(*map(_words, _docstrings(path)))
    return found


def _words(text: str) -> list[str]:
    _, osmocom, names = text.partition("Osmocom ")
    said = re.findall(r"[A-Z0-9]+(?:_[A-Za-z0-9]+)+", text)
    # Some are named with the prefix, some without.
    said += [name.removeprefix("TP_5GNAS_AMF_") for name in said]
    return said + re.findall(r"[a-z0-9_]+", names) if osmocom else said


@pytest.mark.parametrize("purpose", [*ETSI, *OSMOCOM])
def test_each_purpose_has_a_network_or_a_test_that_names_it(purpose: str, words: set[str]) -> None:
    assert purpose in words
