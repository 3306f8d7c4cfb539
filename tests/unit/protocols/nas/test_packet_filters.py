"""Packet filters between text and components (TS 24.501 table 9.11.4.13.1)."""

import random

import pytest

from awase.protocols.nas.packet_filters import packet_filter, text_of
from awase.protocols.nas.session_elements import PacketFilter, PacketFilterComponent
from awase.wire.errors import DecodeError, EncodeError


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        ("permit out 17 from 1.2.3.4/32 5 to assigned", "310e 1001020304ffffffff 3011 500005"),
        ("uplink permit out ip from any to assigned", "2101 01"),
        ("downlink permit out 6 from 10.0.0.0/8 7 to assigned 80-90", "1113 100a000000ff000000 3006 410050005a 500007"),
        ("permit out 17 from 2001:db8::/32 to assigned", "3114 2120010db800000000000000000000000020 3011"),
    ],
)
def test_a_text_and_its_octets(text: str, octets: str) -> None:
    filter_ = packet_filter(1, text)
    assert filter_.encode() == bytes.fromhex(octets)
    assert text_of(filter_) == text


def test_a_rule_from_the_ue_is_turned_round() -> None:
    assert text_of(packet_filter(1, "permit in 6 from assigned 80 to 10.0.0.1 7")) == (
        "permit out 6 from 10.0.0.1/32 7 to assigned 80"
    )


@pytest.mark.parametrize(
    "text",
    ["", "deny out ip from any to assigned", "permit out ip from any", "permit out udp from any to assigned"]
    + [f"permit out 17 from {end} to assigned" for end in ("1.2.3", "any 70000", "any 5,6", "any 1 2", "x::y")],
)
def test_what_is_no_filter_is_an_encode_error(text: str) -> None:
    with pytest.raises(EncodeError):
        packet_filter(1, text)


def test_any_components_are_a_text_or_a_decode_error() -> None:
    draw = random.Random(5)
    kinds = {1: 0, 16: 8, 17: 8, 33: 17, 35: 17, 48: 1, 64: 2, 65: 4, 80: 2, 81: 4, 96: 4, 112: 2, 128: 3, 200: 5}
    for _ in range(5000):
        chosen = draw.choices(list(kinds), k=draw.randrange(4))
        components = tuple(PacketFilterComponent(type=kind, value=draw.randbytes(kinds[kind])) for kind in chosen)
        try:
            text = text_of(PacketFilter(identifier=1, components=components))
        except DecodeError:
            continue
        assert text_of(packet_filter(1, text)) == text
