"""N4: associations and sessions."""

import pytest

from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.codec import decode, encode
from awase.protocols.pfcp.elements import (
    ApplyAction,
    Cause,
    FSeid,
    FTeid,
    Interface,
    NodeId,
    RuleIdType,
    SdfFilter,
    UeIpAddress,
    UpFunctionFeature,
    has_feature,
)
from unit.functions.upf.bench import (
    CP_SEID,
    GNB_PORT,
    SMF,
    SMF_PORT,
    UPF,
    Bench,
    establishment,
    n6,
    ping,
    requests,
    to_gnb,
)


def test_an_association_is_set_up():
    bench = Bench()
    response = bench.associate()
    assert response.cause == Cause.REQUEST_ACCEPTED
    assert response.node_id == NodeId(ipv4_address=UPF)
    assert has_feature(response.up_function_features, UpFunctionFeature.FTUP)
    assert bench.names() == ["AssociationSetUp"]


def test_an_smf_that_is_no_peer_gets_no_association():
    bench = Bench(peers={"N4": [{"part": "smf1", "function": "smf", "address": "10.9.9.9:8805"}]})
    assert bench.associate().cause == Cause.REQUEST_REJECTED
    assert bench.event("AssociationRefused").config == "peers.N4"
    assert bench.ask(establishment()).cause == Cause.NO_ESTABLISHED_PFCP_ASSOCIATION


def test_heartbeats_are_answered_also_before_an_association():
    bench = Bench()
    assert isinstance(bench.ask(m.HeartbeatRequest(recovery_time_stamp=5)), m.HeartbeatResponse)


def test_a_session_without_an_association_is_refused():
    bench = Bench()
    response = bench.ask(establishment())
    assert response.cause == Cause.NO_ESTABLISHED_PFCP_ASSOCIATION
    assert bench.header.seid == CP_SEID
    assert bench.event("SessionEstablishmentRejected").subject == "imsi-001010000000001"


def test_a_session_gets_an_f_teid_that_the_upf_chose():
    bench = Bench()
    bench.associate()
    response = bench.ask(establishment())
    assert response.cause == Cause.REQUEST_ACCEPTED
    assert bench.header.seid == CP_SEID
    assert response.up_f_seid.ipv4_address == UPF
    (created,) = response.created_pdr
    assert created.pdr_id == 1
    assert created.f_teid[0].ipv4_address == UPF
    assert created.f_teid[0].teid


def test_a_session_may_have_the_f_teid_that_the_smf_gives():
    bench = Bench()
    bench.establish(f_teid=FTeid(teid=0x55, ipv4_address=UPF))
    packets = bench.give("n3", bytes.fromhex("34ff0044000000550000008501100100") + ping(), GNB_PORT)
    assert n6(packets) == [ping()]


def test_an_f_teid_with_another_address_is_refused():
    bench = Bench()
    bench.associate()
    response = bench.ask(establishment(f_teid=FTeid(teid=0x55, ipv4_address="10.0.0.1")))
    assert response.cause == Cause.INVALID_F_TEID_ALLOCATION_OPTION
    assert response.offending_ie == 21


def test_an_ipv6_only_f_teid_is_refused():
    bench = Bench()
    bench.associate()
    assert bench.ask(establishment(f_teid=FTeid(choose_ipv6=True))).cause == Cause.NO_RESOURCES_AVAILABLE


def test_a_repeated_request_gets_the_same_response_and_makes_one_session():
    bench = Bench()
    bench.associate()
    first = bench.ask(establishment(), number=100)
    assert bench.ask(establishment(), number=100) == first
    assert bench.names().count("SessionEstablished") == 1


def test_two_sessions_cannot_have_one_ue_address():
    bench = Bench()
    bench.establish()
    response = bench.ask(establishment(supi="001010000000002"))
    assert response.cause == Cause.RULE_CREATION_MODIFICATION_FAILURE
    assert response.failed_rule_id.rule_id_type == RuleIdType.PDR
    assert "10.45.0.2 of PDR 2 is that of imsi-001010000000001" in bench.events[-1].text


def test_two_sessions_cannot_have_one_f_teid():
    bench = Bench()
    bench.establish(f_teid=FTeid(teid=0x55, ipv4_address=UPF))
    response = bench.ask(establishment(ue="10.45.0.3", f_teid=FTeid(teid=0x55, ipv4_address=UPF)))
    assert response.cause == Cause.RULE_CREATION_MODIFICATION_FAILURE


def test_a_refused_session_leaves_nothing_behind():
    bench = Bench()
    seid, _ = bench.establish()
    for _ in range(5):
        bench.ask(establishment())
    bench.ask(m.SessionDeletionRequest(), seid)
    context = bench.upf.context
    assert (context.sessions, context.by_teid, context.spaces, context.by_remote) == ({}, {}, {"": {}}, {})
    assert bench.upf.books() == []
    assert (context.reserved, context.remote_peers) == ({}, {})


def test_the_upf_chooses_ue_addresses_until_there_are_none():
    bench = Bench()
    bench.associate()
    chosen = []
    for _ in range(6):
        request = establishment()
        pdrs = tuple(
            m.CreatePdr(
                pdr_id=pdr.pdr_id,
                precedence=255,
                pdi=m.Pdi(
                    source_interface=pdr.pdi.source_interface,
                    f_teid=pdr.pdi.f_teid,
                    network_instance="internet",
                    ue_ip_address=(UeIpAddress(choose_ipv4=True, destination=pdr.pdi.ue_ip_address[0].destination),),
                ),
                outer_header_removal=pdr.outer_header_removal,
                far_id=pdr.far_id,
            )
            for pdr in request.create_pdr
        )
        response = bench.ask(establishment(pdrs=pdrs))
        if response.cause != Cause.REQUEST_ACCEPTED:
            break
        addresses = {created.ue_ip_address[0].ipv4_address for created in response.created_pdr}
        assert len(addresses) == 1
        chosen += addresses
        seid = response.up_f_seid.seid
    # A /29 has .1 (the gateway) to .6.
    assert chosen == [f"10.45.0.{n}" for n in (2, 3, 4, 5, 6)]
    assert response.cause == Cause.ALL_DYNAMIC_ADDRESSES_ARE_OCCUPIED
    assert bench.event("SessionEstablishmentRejected").config == "dnns"
    bench.ask(m.SessionDeletionRequest(), seid)
    assert bench.ask(establishment(pdrs=pdrs)).cause == Cause.REQUEST_ACCEPTED


def test_more_sessions_than_configured_are_refused():
    bench = Bench(max_sessions=1)
    bench.establish()
    response = bench.ask(establishment(ue="10.45.0.3"))
    assert response.cause == Cause.NO_RESOURCES_AVAILABLE
    assert bench.event("SessionEstablishmentRejected").config == "max_sessions"


def test_more_rules_than_configured_are_refused():
    bench = Bench(max_rules_per_session=1)
    bench.associate()
    assert bench.ask(establishment()).cause == Cause.NO_RESOURCES_AVAILABLE


def changed(**changes):
    """The establishment with other fields in its uplink PDR."""
    request = establishment()
    up, down = request.create_pdr
    fields = {name: getattr(up, name) for name in up.__struct_fields__}
    return establishment(pdrs=(m.CreatePdr(**{**fields, **changes}), down))


@pytest.mark.parametrize(
    ("request_", "cause", "offending_ie"),
    [
        (changed(far_id=9), Cause.RULE_CREATION_MODIFICATION_FAILURE, None),
        (changed(qer_id=(9,)), Cause.RULE_CREATION_MODIFICATION_FAILURE, None),
        (changed(urr_id=(9,)), Cause.RULE_CREATION_MODIFICATION_FAILURE, None),
        (changed(outer_header_removal=None), Cause.RULE_CREATION_MODIFICATION_FAILURE, None),
        (changed(activate_predefined_rules=(b"x",)), Cause.UNKNOWN_PRE_DEFINED_RULE, None),
        (
            changed(pdi=m.Pdi(source_interface=0, application_id=b"x")),
            Cause.UNKNOWN_APPLICATION_ID,
            24,
        ),
        (changed(pdi=m.Pdi(source_interface=0)), Cause.CONDITIONAL_IE_MISSING, 93),
        (
            changed(
                pdi=m.Pdi(
                    source_interface=0,
                    ue_ip_address=(UeIpAddress(ipv6_address="2001:db8::", ipv6_prefix_length=56),),
                )
            ),
            Cause.SERVICE_NOT_SUPPORTED,
            93,
        ),
        (
            changed(
                pdi=m.Pdi(
                    source_interface=0,
                    f_teid=FTeid(choose_ipv4=True),
                    sdf_filter=(SdfFilter(flow_description="permit everything"),),
                )
            ),
            Cause.RULE_CREATION_MODIFICATION_FAILURE,
            23,
        ),
        (
            establishment(fars=(m.CreateFar(far_id=1, apply_action=ApplyAction.FORW),)),
            Cause.CONDITIONAL_IE_MISSING,
            4,
        ),
        (
            establishment(
                fars=(
                    m.CreateFar(
                        far_id=1,
                        apply_action=ApplyAction.FORW,
                        forwarding_parameters=m.ForwardingParameters(destination_interface=0),
                    ),
                )
            ),
            Cause.CONDITIONAL_IE_MISSING,
            84,
        ),
        (establishment(fars=(m.CreateFar(far_id=1, apply_action=3),)), Cause.MANDATORY_IE_INCORRECT, 44),
        *(
            (
                changed(pdi=m.Pdi(source_interface=0, f_teid=FTeid(choose_ipv4=True), **{name: value})),
                Cause.SERVICE_NOT_SUPPORTED,
                number,
            )
            for name, value, number in (
                ("framed_route", (b"10.99.0.0/24",), 153),
                ("framed_ipv6_route", (b"2001:db8:99::/56",), 153),
                ("framed_routing", bytes(4), 153),
                ("ethernet_packet_filter", (b"\0\x8a\0\0",), 132),
                ("ip_multicast_addressing_info", (b"",), 188),
            )
        ),
        (
            establishment(create_traffic_endpoint=(m.CreateTrafficEndpoint(traffic_endpoint_id=1),)),
            Cause.SERVICE_NOT_SUPPORTED,
            127,
        ),
    ],
)
def test_rules_that_lead_nowhere_are_refused_whole(request_, cause, offending_ie):
    bench = Bench()
    bench.associate()
    response = bench.ask(request_)
    assert (response.cause, response.offending_ie) == (cause, offending_ie)
    assert bench.upf.context.sessions == {}
    assert bench.upf.context.by_teid == {}
    assert bench.events[-1].name == "SessionEstablishmentRejected"


def test_a_refused_modification_changes_nothing():
    bench = Bench()
    seid, teid = bench.establish()
    request = m.SessionModificationRequest(remove_pdr=(m.RemovePdr(pdr_id=1),), update_qer=(m.UpdateQer(qer_id=9),))
    response = bench.ask(request, seid)
    assert response.cause == Cause.RULE_CREATION_MODIFICATION_FAILURE
    assert (response.failed_rule_id.rule_id_type, response.failed_rule_id.rule_id) == (RuleIdType.QER, 9)
    octets = bytes.fromhex("34ff0044") + teid.to_bytes(4, "big") + bytes.fromhex("0000008501100100")
    assert n6(bench.give("n3", octets + ping(), GNB_PORT)) == [ping()]


def test_a_session_that_is_not_there_is_told():
    bench = Bench()
    bench.associate()
    for message in (m.SessionModificationRequest(), m.SessionDeletionRequest()):
        assert bench.ask(message, 12345).cause == Cause.SESSION_CONTEXT_NOT_FOUND
        assert bench.header.seid == 0


def test_another_smf_cannot_touch_a_session():
    bench = Bench()
    seid, _ = bench.establish()
    bench.associate(peer="10.101.0.99:8805", node="10.101.0.99")
    response = bench.ask(m.SessionDeletionRequest(), seid, peer="10.101.0.99:8805")
    assert response.cause == Cause.SESSION_CONTEXT_NOT_FOUND
    assert seid in bench.upf.context.sessions


def test_deletion_reports_usage():
    bench = Bench()
    bench.associate()
    request = establishment(create_urr=(m.CreateUrr(urr_id=1, measurement_method=2, reporting_triggers=0),))
    up, down = request.create_pdr
    fields = {name: getattr(up, name) for name in up.__struct_fields__}
    pdrs = (m.CreatePdr(**{**fields, "urr_id": (1,)}), down)
    response = bench.ask(
        establishment(pdrs=pdrs, create_urr=(m.CreateUrr(urr_id=1, measurement_method=2, reporting_triggers=0),))
    )
    seid, teid = response.up_f_seid.seid, response.created_pdr[0].f_teid[0].teid
    octets = bytes.fromhex("34ff0044") + teid.to_bytes(4, "big") + bytes.fromhex("0000008501100100")
    bench.give("n3", octets + ping(), GNB_PORT)
    queried = bench.ask(m.SessionModificationRequest(query_urr=(m.QueryUrr(urr_id=1),)), seid)
    assert queried.usage_report_modification[0].volume_measurement.uplink_bytes == 60
    bench.give("n3", [octets + ping()] * 2, GNB_PORT)
    (report,) = bench.ask(m.SessionDeletionRequest(), seid).usage_report_deletion
    assert (report.ur_seqn, report.volume_measurement.total_packets) == (1, 2)
    assert bench.header.seid == CP_SEID


def test_an_smf_that_restarts_loses_its_sessions():
    bench = Bench()
    bench.establish()
    bench.ask(m.HeartbeatRequest(recovery_time_stamp=2))
    assert bench.upf.context.sessions == {}
    assert bench.upf.context.associations == {}
    assert bench.event("AssociationEnded").fields["sessions"] == 1


def test_an_smf_that_restarts_is_not_answered_from_its_former_life():
    bench = Bench()
    bench.establish()
    bench.number = 0
    assert bench.associate(recovery=2).cause == Cause.REQUEST_ACCEPTED
    assert bench.upf.context.sessions == {}
    assert len(bench.upf.context.associations) == 1
    bench.establish()
    assert len(bench.upf.context.sessions) == 1


def test_release_of_the_association_deletes_its_sessions():
    bench = Bench()
    bench.establish()
    response = bench.ask(m.AssociationReleaseRequest(node_id=NodeId(ipv4_address=SMF)))
    assert response.cause == Cause.REQUEST_ACCEPTED
    assert bench.upf.context.sessions == {}
    response = bench.ask(m.AssociationReleaseRequest(node_id=NodeId(ipv4_address=SMF)))
    assert response.cause == Cause.NO_ESTABLISHED_PFCP_ASSOCIATION


def test_a_silent_smf_is_reported_and_asked_again():
    bench = Bench(heartbeat_interval_s=10, n1=3)
    bench.associate()
    sent = requests(bench.pass_s(13.5))
    assert [type(message).__name__ for _, message in sent] == ["HeartbeatRequest"] * 3
    assert bench.event("PeerSilent").level == "error"
    assert len(requests(bench.pass_s(10))) >= 1


def test_an_answered_heartbeat_keeps_the_peace():
    bench = Bench(heartbeat_interval_s=10)
    bench.associate()
    ((header, _),) = requests(bench.pass_s(10))
    answer = encode(m.HeartbeatResponse(recovery_time_stamp=1), sequence_number=header.sequence_number)
    assert bench.give("n4", answer, SMF_PORT) == []
    assert requests(bench.pass_s(9)) == []
    assert "PeerSilent" not in bench.names()


def test_another_version_is_answered():
    bench = Bench()
    octets = bytearray(encode(m.HeartbeatRequest(recovery_time_stamp=1), sequence_number=9))
    octets[0] = 0x40
    (packet,) = bench.give("n4", bytes(octets), SMF_PORT)
    header, message = decode(packet.payload)
    assert isinstance(message, m.VersionNotSupportedResponse)
    assert header.sequence_number == 9


def test_a_missing_element_is_named_in_the_response():
    bench = Bench()
    bench.associate()
    octets = bytes.fromhex("21320015") + bytes(8) + bytes.fromhex("00001100") + bytes.fromhex("003c0005000a650002")
    (packet,) = bench.give("n4", octets, SMF_PORT)
    header, response = decode(packet.payload)
    assert (response.cause, response.offending_ie) == (Cause.MANDATORY_IE_MISSING, 57)
    assert (header.sequence_number, header.seid) == (0x11, 0)


def test_an_element_of_wrong_length_is_named_in_the_response():
    bench = Bench()
    seid, _ = bench.establish()
    head = bytes.fromhex("21340014") + seid.to_bytes(8, "big") + bytes.fromhex("00001200")
    (packet,) = bench.give("n4", head + bytes.fromhex("000a0004" + "006c0000"), SMF_PORT)
    header, response = decode(packet.payload)
    assert (response.cause, response.offending_ie) == (Cause.INVALID_LENGTH, 108)
    assert header.seid == CP_SEID


@pytest.mark.parametrize("octets", [b"", b"\x20", bytes(200), bytes.fromhex("2001ffff00000900")])
def test_malformed_octets_are_an_event(octets):
    bench = Bench()
    bench.give("n4", octets, SMF_PORT)
    assert bench.names() == ["MalformedPacket"]


def test_the_cp_f_seid_can_change():
    bench = Bench()
    seid, _ = bench.establish()
    change = m.SessionModificationRequest(cp_f_seid=FSeid(seid=99, ipv4_address="10.101.0.8"))
    bench.ask(change, seid)
    assert bench.header.seid == 99


def test_rules_can_be_removed_and_created_again():
    bench = Bench()
    seid, _ = bench.establish()
    request = establishment()
    change = m.SessionModificationRequest(
        remove_pdr=(m.RemovePdr(pdr_id=1),),
        remove_far=(m.RemoveFar(far_id=1),),
        create_pdr=(request.create_pdr[0],),
        create_far=(request.create_far[0],),
    )
    response = bench.ask(change, seid)
    assert response.cause == Cause.REQUEST_ACCEPTED
    teid = response.created_pdr[0].f_teid[0].teid
    assert list(bench.upf.context.by_teid) == [teid]
    assert bench.ask(to_gnb(), seid).cause == Cause.REQUEST_ACCEPTED


def test_a_router_solicitation_rule_for_the_smf_is_accepted():
    bench = Bench()
    bench.associate()
    request = establishment()
    extra = m.CreatePdr(
        pdr_id=3,
        precedence=255,
        pdi=m.Pdi(source_interface=Interface.CP_FUNCTION, f_teid=FTeid(choose_ipv4=True, choose_ipv6=True)),
        outer_header_removal=request.create_pdr[0].outer_header_removal,
        far_id=2,
    )
    response = bench.ask(establishment(pdrs=(*request.create_pdr, extra)))
    assert response.cause == Cause.REQUEST_ACCEPTED
    assert len({created.f_teid[0].teid for created in response.created_pdr}) == 2
