"""Every message of the grammar, with random values: our octets and values are pycrate's."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from awase.protocols.ngap import codec
from awase.wire.elementary import OUTCOMES
from unit.protocols.ngap import pycrate_oracle
from unit.wire.asn1_values import Values, without_empty

CODEC = codec.generic()
DRAWN = without_empty(codec.grammar())


def messages() -> Iterator[tuple[str, str, int, str]]:
    """Outcome, name, procedure code and criticality of each message."""
    for outcome, alternative in zip(OUTCOMES, DRAWN.types["NGAP-PDU"][1], strict=True):
        node = alternative[1]
        fields = DRAWN.types[node[1]][1] if node[0] == "R" else node[1]
        for row in DRAWN.tables[fields[2][1][1]]:
            if row.type[1] != "PrivateMessage":  # its IEs are defined by whoever sends it
                yield outcome, str(row.type[1]), row.key, row.criticality


@pytest.mark.parametrize(("outcome", "name", "code", "criticality"), list(messages()), ids=str)
@settings(max_examples=6, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 1 << 32))
def test_octets_and_value_are_those_of_pycrate(outcome: str, name: str, code: int, criticality: str, seed: int) -> None:
    content = Values(DRAWN, seed).of(["R", name])
    value = (outcome, {"procedureCode": code, "criticality": criticality, "value": (name, content)})
    octets = pycrate_oracle.encode(value)
    assert CODEC.encode("NGAP-PDU", value).hex() == octets.hex()
    assert CODEC.decode("NGAP-PDU", octets) == value
    assert pycrate_oracle.decode(octets) == value
