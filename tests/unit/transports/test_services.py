"""What a part gets from outside in real time."""

import pytest

from awase.transports.services import RealServices
from awase.transports.store import MemoryStore


def test_randomness_is_fresh_whatever_the_label():
    services = RealServices(MemoryStore(), lambda record: None)
    drawn = {services.random_bytes(16, "rand") for _ in range(100)}
    assert len(drawn) == 100
    assert {len(octets) for octets in drawn} == {16}


def test_keys_are_handed_on_and_what_is_no_record_is_refused():
    logged = []
    services = RealServices(MemoryStore(), logged.append)
    services.key_log({"kind": "kamf", "count": 1})
    assert logged == [{"kind": "kamf", "count": 1}]
    for wrong in ({"key": b"octets"}, {1: "x"}, ["kamf"], None):
        with pytest.raises(TypeError):
            services.key_log(wrong)
    assert len(logged) == 1
