"""Every transfer that NGAP carries for SMF and NG-RAN, with random values: our octets and values are pycrate's."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pycrate_asn1dir import NGAP

from awase.protocols.ngap import codec
from unit.protocols.ngap.pycrate_oracle import leave_contents
from unit.tool import tool
from unit.wire.asn1_values import Values, without_empty

CODEC = codec.generic()
DRAWN = without_empty(codec.grammar())
SEEN: set[int] = set()


@pytest.mark.parametrize("name", tool("asn1").NGAP_TRANSFERS)
@settings(max_examples=20, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 1 << 32))
def test_octets_and_value_are_those_of_pycrate(name: str, seed: int) -> None:
    their: Any = getattr(NGAP.NGAP_IEs, name)
    leave_contents(their, SEEN)
    value = Values(DRAWN, seed).of(["R", name])
    their.set_val(value)
    octets = bytes(their.to_aper())
    assert CODEC.encode(name, value).hex() == octets.hex()
    assert CODEC.decode(name, octets) == value
    their.from_aper(octets)
    assert their.get_val() == value
