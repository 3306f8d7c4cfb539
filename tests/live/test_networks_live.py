"""Networks of tests/networks on real sockets: what they expect in virtual time holds there as well."""

from pathlib import Path

import pytest

from live.up import Bench, failing

NETWORKS = Path(__file__).parents[1] / "networks"
NAMES = (
    "address_pool_exhausted",
    "amf_full",
    "eap_aka_prime",
    "gnb_full",
    "identifiers_exhausted",
    "nea1_nia1",
    "nea3_nia3",
    "nia0_outside_emergency",
    "no_allowed_slice",
    "no_common_algorithm",
    "op_as_opc",
    "plmn_mismatch",
    "profile_a",
    "profile_b",
    "slice_mismatch",
    "sqn_too_old",
    "tac_mismatch",
    "tuak",
    "two_slices",
)
"""Those that end by themselves within seconds, and hang on no link's delay, fault, or action at a late time."""


@pytest.mark.parametrize("name", NAMES)
def test_the_network_ends_as_it_should_on_real_sockets(name: str, bench: Bench) -> None:
    network = str(NETWORKS / f"{name}.yaml")
    done = bench.awase("up", network, "--until-settled", "--for", "20", "--out", "run", "--json")
    assert failing(done) == []
