"""Every channel's messages, with random values: our octets and values are pycrate's."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pycrate_asn1dir import RRCNR

from awase.protocols.rrc import codec
from unit.protocols.ngap.pycrate_oracle import leave_contents
from unit.wire.asn1_values import Values, without_empty

CODEC = codec.generic()
DRAWN = without_empty(CODEC.grammar)


def oracle(name: str) -> Any:
    return getattr(RRCNR.NR_RRC_Definitions, name.replace("-", "_"))


leave_contents(oracle("BCCH-DL-SCH-Message"), seen := set())
for channel in codec.CHANNELS:
    leave_contents(oracle(channel + "_Message"), seen)

NAMES = [channel.replace("_", "-") + "-Message" for channel in codec.CHANNELS]
PARTS = ["SIB1", "RRCSetupComplete", "RRCRelease", "RRCSetup", "RRCReject", "Paging", "DLInformationTransfer"]


@pytest.mark.parametrize("name", NAMES + PARTS)
@settings(max_examples=25, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 1 << 32))
def test_octets_and_value_are_those_of_pycrate(name: str, seed: int) -> None:
    value = Values(DRAWN, seed).of(["R", name])
    their = oracle(name)
    their.set_val(value)
    octets = bytes(their.to_uper())
    assert CODEC.encode(name, value).hex() == octets.hex()
    their.from_uper(octets)
    assert CODEC.decode(name, octets) == their.get_val()
