"""IPv6 at the UE: interface identifier by NAS, prefix by router advertisement, traffic (TS 23.501 clause 5.8.2.2.3)."""

from typing import Any

import pytest

from awase.protocols.ip import codec as ip
from awase.protocols.ip import icmpv6, ipv6
from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGSMCause
from awase.protocols.nas.session_elements import (
    ExtendedProtocolConfigurationOptions,
    PduAddress,
    PduSessionType,
)
from unit.functions.ue.rig import Network

IID = bytes.fromhex("0000000000000002")
PREFIX = bytes.fromhex("20010db800450001")
GATEWAY = bytes.fromhex("20010db8004500000000000000000001")
ROUTER = ipv6.link_local(bytes(7) + b"\x01")


def advertisement(**more: Any) -> icmpv6.RouterAdvertisement:
    prefix = icmpv6.PrefixInformation(PREFIX + bytes(8), **more)
    return icmpv6.RouterAdvertisement(prefixes=(prefix,), mtu_bytes=1400)


def network(kind: str = "ipv6", **more: Any) -> Network:
    made = Network(sessions=[{"dnn": "internet", "slice": {"sst": 1}, "type": kind}], **more)
    made.advertisement = advertisement()
    four = "10.45.0.2" if kind == "ipv4v6" else None
    made.session_extra = {
        "selected_pdu_session_type": PduSessionType[kind],
        "pdu_address": PduAddress(ipv4=four, interface_identifier=IID),
        "extended_protocol_configuration_options": ExtendedProtocolConfigurationOptions.of(
            ((0x0D, bytes((10, 45, 0, 1))), (0x03, GATEWAY))
        ),
    }
    return made


def test_the_ue_solicits_and_forms_its_address() -> None:
    ran = network().run(2)
    solicitation = ip.decode(ran.user_packets[0])
    assert (solicitation.source, solicitation.destination) == (ipv6.link_local(IID), ipv6.ALL_ROUTERS)
    assert ran.event("AddressConfigured").fields["address"] == "2001:db8:45:1::2"
    assert len(ran.user_packets) == 1
    books = {entry.book: entry.value for entry in ran.ue.books()}
    assert books["ue addresses"] == "2001:db8:45:1::/64"
    assert books["sessions"].endswith("ipv6")


def test_without_an_advertisement_it_solicits_three_times_and_says_so() -> None:
    silent = network()
    silent.advertisement = None
    silent.run(15)
    assert len(silent.user_packets) == 3
    assert "no IPv6 prefix" in silent.event("NoRouterAdvertisement").text


def test_ping_and_flow_go_over_ipv6_once_there_is_an_address() -> None:
    traffic = [{"ping": {"count": 3, "size_bytes": 100}}, {"udp": {"rate_mbps": 0.02, "size_bytes": 250}}]
    ran = network(traffic=traffic).run(5)
    assert ran.event("PingFinished").fields["received"] == 3
    assert "2001:db8:45::1" in ran.event("PingFinished").text
    flow = [p for p in ran.user_packets if p[6] == 17]
    assert len(flow) == 10
    assert {len(p) for p in flow} == {250}


def test_a_session_of_both_versions_uses_the_one_that_is_wanted() -> None:
    traffic = [
        {"ping": {"count": 1}},
        {"ping": {"count": 1, "family": "ipv6"}},
        {"ping": {"count": 1, "destination": "2001:db8:46::9"}},
    ]
    ran = network("ipv4v6", traffic=traffic).run(5)
    versions = sorted(p[0] >> 4 for p in ran.user_packets)
    assert versions == [4, 6, 6, 6]
    assert [e.fields["received"] for e in ran.events if e.name == "PingFinished"] == [1, 1, 1]
    books = {entry.book: entry.value for entry in ran.ue.books()}
    assert books["ue addresses"] == "10.45.0.2,2001:db8:45:1::/64"


def test_an_echo_request_over_ipv6_is_answered() -> None:
    ran = network().run(2)
    ran.down(ip.echo_request(GATEWAY, PREFIX + IID, 9, 4, 80))
    assert ip.echo(ip.decode(ran.user_packets[-1])) == ip.EchoSeen(False, 9, 4)


@pytest.mark.parametrize(
    "other",
    [
        icmpv6.PrefixInformation(PREFIX + bytes(8), 56),
        icmpv6.PrefixInformation(PREFIX + bytes(8), autonomous=False),
        icmpv6.PrefixInformation(bytes.fromhex("fe80000000000000") + bytes(8)),
        icmpv6.PrefixInformation(PREFIX + bytes(8), valid_lifetime_s=0),
    ],
)
def test_a_prefix_that_is_not_for_autoconfiguration_is_not_used(other: icmpv6.PrefixInformation) -> None:
    ran = network()
    ran.advertisement = icmpv6.RouterAdvertisement(prefixes=(other,))
    ran.run(2)
    assert ran.ue.context.sessions[1].prefix == b""


def test_a_prefix_whose_lifetime_is_over_is_given_up() -> None:
    ran = network().run(2)
    ran.down(icmpv6.encode_packet(advertisement(valid_lifetime_s=0), ROUTER, ipv6.ALL_NODES))
    assert ran.ue.context.sessions[1].prefix == b""
    ran.down(icmpv6.encode_packet(advertisement(), ROUTER, ipv6.link_local(IID)))
    assert ran.ue.context.sessions[1].prefix == PREFIX


def test_the_first_dns_server_is_the_advertised_one_where_nas_names_none() -> None:
    ran = network(traffic=[{"ping": {"count": 1}}])
    del ran.session_extra["extended_protocol_configuration_options"]
    ran.session_extra["extended_protocol_configuration_options"] = None
    ran.advertisement = icmpv6.RouterAdvertisement(prefixes=advertisement().prefixes, dns=(GATEWAY,))
    ran.run(3)
    assert ran.event("PingFinished").fields["received"] == 1


def test_a_session_of_another_type_than_asked_for_is_released() -> None:
    ran = network("ipv4v6")
    ran.session_extra = {"selected_pdu_session_type": PduSessionType.unstructured, "pdu_address": None}
    ran.run(2)
    (request,) = ran.all(nas.PDUSessionReleaseRequest)
    assert request.five_gsm_cause == 95


def test_ipv4_alone_is_taken_where_both_were_asked_for() -> None:
    ran = network("ipv4v6", traffic=[{"ping": {"count": 1}}])
    ran.session_extra = {"five_gsm_cause": FiveGSMCause.pdu_session_type_ipv4_only_allowed}
    ran.run(3)
    assert ran.ue.context.sessions[1].type == PduSessionType.ipv4
    assert ran.event("PingFinished").fields["received"] == 1


def test_traffic_comes_and_goes() -> None:
    traffic = [{"ping": {"count": 1}, "at_s": 2, "every_s": 10, "until_s": 35}, {"ping": {"count": 1}, "every_s": 20}]
    ran = Network(sessions=[{"dnn": "internet"}], traffic=traffic).run(50)
    rounds = [e.fields["traffic"] for e in ran.events if e.name == "PingFinished"]
    assert rounds.count(0) == 4
    assert rounds.count(1) == 3


def test_actions_come_again() -> None:
    actions = [
        {"at_s": 5, "do": "deregister", "every_s": 20, "until_s": 60},
        {"at_s": 15, "do": "register", "every_s": 20},
    ]
    ran = Network(sessions=[{"dnn": "internet"}], actions=actions)
    ran.tolerant = True
    for _ in range(60):
        ran.run(1)
        if ran.ue.uu.connected and not ran.ue.context.registered:
            ran.release()
    assert len(ran.all(nas.DeregistrationRequestUEOriginating)) == 3
    assert ran.ue.context.registered
