import pytest

from awase.functions.upf.sdf import matches, parse
from awase.protocols.ip import ipv4, udp

UE, SERVER = bytes((10, 45, 0, 2)), bytes((192, 0, 2, 1))


def downlink(source_port, destination_port, source=SERVER):
    return udp.encode_packet(udp.Udp(source_port, destination_port, b"x"), source, UE)


def uplink(source_port, destination_port, destination=SERVER):
    return udp.encode_packet(udp.Udp(source_port, destination_port, b"x"), UE, destination)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("permit out ip from any to assigned", True),
        ("permit out 17 from any to assigned", True),
        ("permit out 6 from any to assigned", False),
        ("permit out ip from 192.0.2.0/24 to assigned", True),
        ("permit out ip from 192.0.3.0/24 to assigned", False),
        ("permit out 17 from any 53 to assigned", True),
        ("permit out 17 from any 50-52,54 to assigned", False),
        ("permit out 17 from any 53 to assigned 1000-2000", True),
        ("permit out 17 from any to assigned 2000", False),
        ("permit out ip from any to 10.45.0.2", True),
        ("permit out ip from any to 10.45.0.3/32", False),
        ("permit in ip from assigned to 192.0.2.1", True),
        ("permit out 58 from ff02::2/128 to assigned", False),
    ],
)
def test_a_rule_matches_both_directions_of_its_flow(text, expected):
    rule = parse(text)
    assert matches(rule, downlink(53, 1000), False) is expected
    assert matches(rule, uplink(1000, 53), True) is expected


def test_a_later_fragment_has_no_ports():
    rule = parse("permit out 17 from any 53 to assigned")
    fragment = ipv4.encode(ipv4.Ipv4(SERVER, UE, 17, bytes.fromhex("003503e8"), flags_and_offset=5))
    assert not matches(rule, fragment, False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "deny out ip from any to assigned",
        "permit out ip from any",
        "permit out tcp from any to assigned",
        "permit out 300 from any to assigned",
        "permit out ip from 1.2.3.4.5 to assigned",
        "permit out 17 from any 99999 to assigned",
        "permit out ip from any to assigned 5 frag",
        "permit out ip from any ٣ to assigned",
    ],
)
def test_what_is_no_rule_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        parse(text)
