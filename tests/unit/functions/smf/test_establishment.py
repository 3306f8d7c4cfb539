"""PDU session establishment through the SMF's ports (TS 23.502 clause 4.3.2.2.1)."""

from typing import Any

import msgspec
import pytest

from awase.protocols.nas.messages import (
    FiveGSMStatus,
    PDUSessionEstablishmentAccept,
    PDUSessionEstablishmentReject,
    PDUSessionReleaseRequest,
)
from awase.protocols.nas.session_elements import (
    ExtendedProtocolConfigurationOptions,
    PduSessionType,
    SscMode,
)
from awase.protocols.ngap.codec import decode_transfer
from awase.protocols.ngap.elements import GTPTunnel
from awase.protocols.ngap.transfers import PDUSessionResourceSetupRequestTransfer
from awase.protocols.pfcp import messages as n4
from unit.functions.smf.fakes import (
    SUPI,
    UPF,
    UPF2,
    Bench,
    SNssai,
    Udm,
    Upf,
    setup_response,
    setup_unsuccessful,
    unpack,
)


def rejection(bench: Bench, exchange: int) -> tuple[int, str, int]:
    """HTTP status, application error and 5GSM cause of a refused CreateSMContext."""
    response = bench.answers[exchange]
    body, message, _ = unpack(response)
    assert isinstance(message, PDUSessionEstablishmentReject)
    return response.status, body["error"]["cause"], int(message.five_gsm_cause)


def later_rejection(bench: Bench) -> int:
    """The 5GSM cause of a reject that went by N1N2MessageTransfer, after the 201."""
    transfer = bench.amf.transfers[-1]
    assert isinstance(transfer.n1, PDUSessionEstablishmentReject)
    assert transfer.n2 is None
    return int(transfer.n1.five_gsm_cause)


def is_clean(bench: Bench) -> bool:
    """Nothing is left of any session: the next one gets the first address."""
    return not len(bench.smf.sessions) and not bench.upf.sessions and not bench.smf.pools["internet"].in_use


def test_the_accept_carries_address_rules_ambr_and_slice() -> None:
    bench = Bench()
    bench.establish(pti=9)
    accept = bench.amf.transfers[0].n1
    assert isinstance(accept, PDUSessionEstablishmentAccept)
    assert (accept.pdu_session_id, accept.pti) == (1, 9)
    assert accept.selected_pdu_session_type == PduSessionType.ipv4
    assert accept.selected_ssc_mode == SscMode.ssc_mode_1
    assert accept.pdu_address is not None
    assert accept.pdu_address.ipv4 == "10.45.0.2"
    (rule,) = accept.authorized_qos_rules
    assert (rule.default_qos_rule, rule.qfi, rule.precedence) == (True, 1, 255)
    assert [component.type for component in rule.packet_filters[0].components] == [1]
    assert accept.session_ambr.uplink_bps == 100_000_000
    assert accept.session_ambr.downlink_bps == 2_000_000_000
    assert accept.s_nssai is not None
    assert accept.s_nssai.s_nssai == SNssai(1)
    assert accept.dnn == "internet"
    (flow,) = accept.authorized_qos_flow_descriptions or ()
    assert flow.five_qi == 7
    assert accept.five_gsm_cause is None
    assert accept.extended_protocol_configuration_options is None


def test_ng_ran_is_told_tunnel_qos_and_ambr() -> None:
    bench = Bench()
    bench.establish()
    sent = bench.amf.transfers[0]
    assert sent.n2_type == "PDU_RES_SETUP_REQ"
    assert sent.n2 is not None
    transfer = decode_transfer(PDUSessionResourceSetupRequestTransfer, sent.n2)
    tunnel = transfer.ul_ngu_up_tnl_information
    assert isinstance(tunnel, GTPTunnel)
    assert (tunnel.transport_layer_address, tunnel.gtp_teid) == (UPF, 0x1000 + 101)
    (flow,) = transfer.qos_flow_setup_request_list
    parameters = flow.qos_flow_level_qos_parameters
    assert parameters.qos_characteristics.five_qi == 7
    assert parameters.allocation_and_retention_priority.priority_level_arp == 3
    assert transfer.pdu_session_type == "ipv4"


def test_the_upf_gets_rules_first_and_ng_rans_tunnel_last() -> None:
    bench = Bench()
    bench.establish()
    (session,) = bench.upf.sessions.values()
    downlink, uplink = session.create_pdr
    assert downlink.pdi.ue_ip_address[0].ipv4_address == "10.45.0.2"
    assert uplink.pdi.f_teid is not None
    assert uplink.pdi.f_teid.choose_ipv4
    assert uplink.pdi.qfi == (1,)
    assert session.create_qer[0].mbr is not None
    assert session.create_qer[0].mbr.dl_kbps == 2_000_000
    (far,) = bench.upf.fars.values()
    creation = far.update_forwarding_parameters.outer_header_creation  # type: ignore[union-attr]
    assert creation is not None
    assert (creation.ipv4_address, creation.teid) == ("10.0.0.9", 7)


def test_the_created_answer_comes_before_n4_and_names_the_context() -> None:
    bench = Bench()
    order: list[str] = []
    bench.drop = lambda packet: order.append(f"{packet.port} {packet.kind}") or False  # type: ignore[func-returns-value]
    response = bench.answers[bench.create()]
    assert response.status == 201
    assert response.header("location") == "http://10.0.0.1:8080/nsmf-pdusession/v1/sm-contexts/1"
    assert order == ["sbi request", "sbi response", "n4 data", "sbi request"]


def test_the_udm_learns_who_serves_the_session_once() -> None:
    bench = Bench()
    reference = bench.establish()
    assert bench.udm.registered["1"]["dnn"] == "internet"
    bench.setup_response(reference, teid=8)
    assert sum(request.method == "PUT" for request in bench.udm.requests) == 1
    assert bench.names().count("PduSessionEstablished") == 1


def test_the_subscription_comes_with_the_answer_of_a_udm_that_reports_at_once() -> None:
    """TS 29.503 Table 6.1.8-1, feature ImmediateReport."""
    bench = Bench()
    assert bench.answers[bench.create()].status == 201
    (request,) = bench.udm.requests
    body = msgspec.json.decode(request.body)
    assert (body["immediateReport"], body["supportedFeatures"]) == (True, "2")
    assert body["plmnId"] == {"mcc": "001", "mnc": "01"}


def test_else_it_is_asked_for_with_slice_dnn_and_plmn() -> None:
    bench = Bench()
    bench.udm.reports = False
    bench.create(slice={"sst": 1, "sd": "000002"})
    path = bench.udm.requests[1].path
    assert path.startswith(f"/nudm-sdm/v2/{SUPI}/sm-data?single-nssai=%7B%22sst%22%3A1%2C%22sd%22%3A%22000002%22%7D")
    assert "&dnn=internet&plmn-id=%7B%22mcc%22%3A%22001%22%2C%22mnc%22%3A%2201%22%7D" in path


def test_two_slices_and_dnns_work_at_once() -> None:
    bench = Bench()
    bench.udm.dnns = {"internet": Udm.configuration(), "ims": Udm.configuration()}
    bench.establish()
    bench.establish(psi=2, dnn="ims", slice={"sst": 1, "sd": "000002"})
    accept = bench.amf.transfers[-1].n1
    assert accept.pdu_address.ipv4 == "10.46.0.2"
    assert accept.s_nssai.s_nssai == SNssai(1, "000002")
    assert len(bench.upf.sessions) == 2


def test_options_that_the_ue_asks_for_are_answered() -> None:
    bench = Bench()
    asked = ExtendedProtocolConfigurationOptions.of(((0x000A, b""), (0x000D, b""), (0x0010, b"")))
    bench.create(request={"extended_protocol_configuration_options": asked})
    given = bench.amf.transfers[0].n1.extended_protocol_configuration_options
    assert given.containers(from_network=True) == (
        (0x000D, bytes((10, 45, 0, 1))),
        (0x0010, (1400).to_bytes(2)),
    )


def test_an_always_on_session_is_answered_with_not_allowed() -> None:
    bench = Bench()
    bench.create(request={"always_on_pdu_session_requested": 1})
    assert bench.amf.transfers[0].n1.always_on_pdu_session_indication == 0


def test_ipv4v6_is_accepted_as_ipv4_with_cause_50() -> None:
    bench = Bench()
    bench.create(request={"pdu_session_type": PduSessionType.ipv4v6})
    accept = bench.amf.transfers[0].n1
    assert accept.selected_pdu_session_type == PduSessionType.ipv4
    assert accept.five_gsm_cause == 50


def test_a_qualified_dnn_is_served_by_its_network_identifier() -> None:
    bench = Bench()
    bench.create(dnn="Internet.mnc001.mcc001.gprs")
    assert bench.amf.transfers[0].n1.dnn == "internet"


REJECTED_AT_ONCE: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[int, str, int], str]] = {
    # name: wishes of the UE, configuration, (HTTP status, application error, 5GSM cause), config path
    "a DNN that is not configured": ({"dnn": "other"}, {}, (403, "DNN_NOT_SUPPORTED", 27), "dnns"),
    "no DNN at all": ({"dnn": None}, {}, (403, "DNN_NOT_SUPPORTED", 27), "dnns"),
    "a DNN of another slice": (
        {},
        {"slice_dnns": [{"sst": 1, "dnns": ["ims"]}]},
        (403, "DNN_NOT_SUPPORTED", 70),
        "slice_dnns",
    ),
    "a slice that is not served": ({"slice": {"sst": 9}}, {}, (403, "SNSSAI_DENIED", 70), "slices"),
    "a DNN that is not subscribed": ({"dnn": "ims"}, {}, (403, "DNN_DENIED", 70), ""),
    "IPv6": (
        {"request": {"pdu_session_type": PduSessionType.ipv6}},
        {},
        (403, "PDUTYPE_NOT_SUPPORTED", 50),
        "",
    ),
    "Ethernet": (
        {"request": {"pdu_session_type": PduSessionType.ethernet}},
        {},
        (403, "PDUTYPE_NOT_SUPPORTED", 28),
        "",
    ),
    "an SSC mode not served": (
        {"request": {"ssc_mode": SscMode.ssc_mode_3}},
        {},
        (403, "SSC_NOT_SUPPORTED", 68),
        "ssc_modes",
    ),
    "no PTI": ({"pti": 0}, {}, (403, "N1_SM_ERROR", 81), ""),
    "a session that does not exist": (
        {"request_type": "EXISTING_PDU_SESSION"},
        {},
        (403, "N1_SM_ERROR", 54),
        "",
    ),
    "an emergency": ({"request_type": "INITIAL_EMERGENCY_REQUEST"}, {}, (403, "REQUEST_REJECTED", 31), ""),
}


@pytest.mark.parametrize("case", REJECTED_AT_ONCE)
def test_a_request_is_rejected_with_its_cause_and_words(case: str) -> None:
    wishes, config, expected, path = REJECTED_AT_ONCE[case]
    bench = Bench(**config)
    assert rejection(bench, bench.create(**wishes)) == expected
    event = bench.event("PduSessionEstablishmentRejected")
    assert (event.level, event.config, event.fields["cause"]) == ("error", path, expected[2])
    assert SUPI in event.text
    assert is_clean(bench)


def test_the_allowed_ssc_modes_go_with_cause_68() -> None:
    bench = Bench(ssc_modes=[1, 2])
    exchange = bench.create(request={"ssc_mode": SscMode.ssc_mode_3})
    assert unpack(bench.answers[exchange])[1].allowed_ssc_mode == 0b011


@pytest.mark.parametrize(
    ("udm", "expected"),
    [
        ({"status": 404}, (403, "SUBSCRIPTION_DENIED", 33)),
        ({"slices": ()}, (403, "SUBSCRIPTION_DENIED", 33)),
        ({"slices": ({"sst": 2},)}, (403, "SUBSCRIPTION_DENIED", 33)),
        ({"status": 503}, (504, "NETWORK_FAILURE", 38)),
    ],
)
def test_what_the_udm_says_decides_the_cause(udm: dict[str, Any], expected: tuple[int, str, int]) -> None:
    bench = Bench()
    for name, value in udm.items():
        setattr(bench.udm, name, value)
    assert rejection(bench, bench.create()) == expected
    assert is_clean(bench)


def test_when_the_udm_is_silent_the_session_fails_with_cause_38() -> None:
    bench = Bench()
    bench.udm.silent = True
    exchange = bench.create()
    assert exchange not in bench.answers
    bench.advance(5)
    assert rejection(bench, exchange) == (504, "PEER_NOT_RESPONDING", 38)
    assert is_clean(bench)


def test_when_the_pool_is_exhausted_the_cause_is_26_and_the_pool_is_named() -> None:
    bench = Bench()
    for psi in range(1, 6):
        bench.establish(psi=psi)
    assert rejection(bench, bench.create(psi=6)) == (500, "INSUFFICIENT_RESOURCES_SLICE_DNN", 26)
    event = bench.event("PduSessionEstablishmentRejected")
    assert event.config == "dnns[0].pool"
    assert "10.45.0.0/29" in event.text
    assert len(bench.smf.sessions) == 5


@pytest.mark.parametrize("limits", [{"sessions": 1}, {"sessions_per_ue": 1}])
def test_sessions_are_bounded(limits: dict[str, int]) -> None:
    bench = Bench(limits=limits)
    bench.establish()
    assert rejection(bench, bench.create(psi=2))[2] == 26
    assert bench.event("PduSessionEstablishmentRejected").config == "limits"


def test_when_the_upf_is_silent_the_ue_is_told_after_n1_tries_and_the_amf_notified() -> None:
    bench = Bench()
    bench.upf.silent = True
    assert bench.answers[bench.create()].status == 201
    bench.advance(8)
    tries = [m for m in bench.upf.received if isinstance(m, n4.SessionEstablishmentRequest)]
    assert len(tries) == 4
    assert later_rejection(bench) == 38
    assert bench.amf.notified[0][1] == {"statusInfo": {"resourceStatus": "RELEASED"}}
    assert is_clean(bench)


@pytest.mark.parametrize(("cause", "expected"), [(64, 38), (75, 26), (200, 38)])
def test_when_the_upf_refuses_the_cause_follows(cause: int, expected: int) -> None:
    bench = Bench()
    bench.upf.cause = cause
    bench.create()
    assert later_rejection(bench) == expected
    assert f"cause {cause}" in bench.event("PduSessionEstablishmentRejected").text
    assert is_clean(bench)


def test_when_no_upf_is_associated_in_time_the_cause_is_38() -> None:
    bench = Bench(start=False)
    bench.upf.silent = True
    bench.smf.wake(bench.now_ns)
    bench.create()
    bench.advance(11)
    assert later_rejection(bench) == 38
    assert "no UPF is associated (upf1)" in bench.event("PduSessionEstablishmentRejected").text


def test_a_session_waits_for_the_association_that_comes_in_time() -> None:
    bench = Bench(start=False)
    bench.upf.silent = True
    bench.smf.wake(bench.now_ns)
    bench.pump()
    bench.create()
    bench.upf.silent = False
    bench.advance(3)
    assert isinstance(bench.amf.transfers[0].n1, PDUSessionEstablishmentAccept)


def test_a_second_upf_takes_over_when_the_first_is_not_there() -> None:
    first, second = Upf(UPF), Upf(UPF2)
    first.silent = True
    bench = Bench(upfs=(first, second))
    bench.establish()
    assert len(second.sessions) == 1


def test_a_upf_without_ftup_gets_the_smfs_f_teid() -> None:
    bench = Bench(upfs=(Upf(UPF, ftup=False),), n3_addresses={"upf1": "10.9.9.9"})
    bench.establish()
    (session,) = bench.upf.sessions.values()
    f_teid = session.create_pdr[1].pdi.f_teid
    assert f_teid is not None
    assert f_teid.ipv4_address == "10.9.9.9"
    assert f_teid.teid
    transfer = decode_transfer(PDUSessionResourceSetupRequestTransfer, bench.amf.transfers[0].n2 or b"")
    assert transfer.ul_ngu_up_tnl_information.gtp_teid == f_teid.teid  # type: ignore[union-attr]


def test_a_upf_without_ftup_whose_n3_address_is_unknown_is_named() -> None:
    bench = Bench(upfs=(Upf(UPF, ftup=False),))
    bench.create()
    assert later_rejection(bench) == 38
    assert bench.event("PduSessionEstablishmentRejected").config == "n3_addresses"
    assert is_clean(bench)


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (("radioNetwork", "radio-resources-not-available"), 26),
        (("transport", "transport-resource-unavailable"), 38),
    ],
)
def test_when_ng_ran_has_no_resources_the_n4_session_goes_and_the_ue_is_told(
    cause: tuple[str, str], expected: int
) -> None:
    bench = Bench()
    bench.create()
    answer = bench.answers[bench.modify("1", n2=setup_unsuccessful(*cause), kind="PDU_RES_SETUP_FAIL")]
    assert answer.status == 200
    reject = unpack(answer)[1]
    assert isinstance(reject, PDUSessionEstablishmentReject)
    assert reject.five_gsm_cause == expected
    assert bench.amf.notified
    assert cause[1] in bench.event("PduSessionEstablishmentRejected").text
    assert is_clean(bench)


def test_when_ng_ran_did_not_take_the_flow_the_answer_is_n2_sm_error() -> None:
    bench = Bench()
    bench.create()
    answer = bench.answers[bench.modify("1", n2=setup_response(qfi=5), kind="PDU_RES_SETUP_RSP")]
    assert answer.status == 403
    assert b"N2_SM_ERROR" in answer.body


def test_when_the_upf_refuses_ng_rans_tunnel_the_session_goes() -> None:
    bench = Bench()
    bench.create()
    bench.upf.cause = 73
    answer = bench.answers[bench.setup_response("1")]
    assert int(unpack(answer)[1].five_gsm_cause) == 38
    assert not len(bench.smf.sessions)


@pytest.mark.parametrize("fault", ["silent", "refuses"])
def test_when_the_amf_does_not_pass_the_accept_on_the_session_goes(fault: str) -> None:
    bench = Bench()
    bench.amf.silent = fault == "silent"
    bench.amf.status = 504
    bench.create()
    bench.advance(10)
    assert "N1N2MessageTransferFailed" in bench.names()
    assert is_clean(bench)


def test_a_request_for_an_identity_in_use_replaces_the_session() -> None:
    bench = Bench()
    bench.establish()
    second = bench.establish(pti=2)
    assert second == "2"
    assert len(bench.upf.sessions) == 1
    assert len(bench.smf.sessions) == 1
    assert bench.event("PduSessionReplaced").level == "warning"
    assert not bench.amf.notified


def test_another_amf_is_told_that_its_context_is_gone() -> None:
    bench = Bench()
    bench.establish()
    bench.establish(pti=2, uri="http://10.0.0.3:8080/namf-callback/v1/other")
    assert bench.amf.notified[0][0].endswith("/sm-context-status/1")


def test_a_request_repeated_while_the_upf_is_asked_leaves_one_session() -> None:
    bench = Bench()
    bench.drop = lambda packet: packet.port == "n4"
    bench.create()
    bench.create(pti=2)
    bench.drop = lambda packet: False
    bench.advance(3)
    assert len(bench.smf.sessions) == 1
    assert len(bench.upf.sessions) == 1
    assert [transfer.n1.pti for transfer in bench.amf.transfers] == [2]
    assert bench.smf.pools["internet"].in_use == 1


def test_the_amf_may_release_a_context_while_the_upf_is_asked() -> None:
    bench = Bench()
    bench.drop = lambda packet: packet.port == "n4"
    bench.create()
    assert bench.answers[bench.release("1")].status == 204
    bench.drop = lambda packet: False
    bench.advance(3)
    assert not bench.amf.transfers
    assert is_clean(bench)


def test_the_amf_may_release_nothing_while_the_udm_is_asked_but_a_repetition_wins() -> None:
    bench = Bench()
    bench.udm.silent = True
    first = bench.create()
    bench.udm.silent = False
    second = bench.create(pti=2)
    bench.advance(6)
    assert bench.answers[first].status == 404
    assert bench.answers[second].status == 201
    assert len(bench.smf.sessions) == 1


def test_a_message_that_opens_no_session_is_answered_with_5gsm_status() -> None:
    bench = Bench()
    answer = bench.answers[bench.create(n1=PDUSessionReleaseRequest(pdu_session_id=1, pti=3))]
    body, status, _ = unpack(answer)
    assert (answer.status, body["error"]["cause"]) == (403, "N1_SM_ERROR")
    assert isinstance(status, FiveGSMStatus)
    assert (status.pti, status.five_gsm_cause) == (3, 43)


def test_a_truncated_request_is_rejected_with_cause_96() -> None:
    bench = Bench()
    assert rejection(bench, bench.create(n1=bytes.fromhex("2e0101c1ff"))) == (403, "N1_SM_ERROR", 96)
    assert "MalformedPacket" in bench.names()
    assert is_clean(bench)


def test_an_unknown_5gsm_message_is_answered_with_status_97() -> None:
    bench = Bench()
    status = unpack(bench.answers[bench.create(n1=bytes.fromhex("2e0101fe"))])[1]
    assert isinstance(status, FiveGSMStatus)
    assert status.five_gsm_cause == 97


@pytest.mark.parametrize(
    ("wishes", "status"),
    [
        ({"supi": "imsi-no/digits\r\n"}, 201),
        ({"supi": None}, 400),
        ({"slice": None}, 400),
        ({"psi": 200}, 403),
        ({"uri": "http://10.0.0.3:8080/a\r\nb"}, 400),
        ({"uri": "http://10.0.0.3:8080/" + "a" * 600}, 400),
        ({"uri": "nonsense"}, 201),
    ],
)
def test_a_strange_body_is_answered_and_changes_nothing(wishes: dict[str, Any], status: int) -> None:
    bench = Bench()
    exchange = bench.create(**wishes)
    assert bench.answers[exchange].status == status
    if status == 201:
        assert bench.answers[bench.release("1")].status == 204
    assert is_clean(bench)


def test_an_ambr_beyond_all_measure_is_the_largest_that_can_be_said() -> None:
    bench = Bench()
    bench.udm.dnns = {"internet": Udm.configuration(sessionAmbr={"uplink": "9" * 20 + " Tbps", "downlink": "x"})}
    bench.establish()
    bench.udm.dnns = {"internet": Udm.configuration(sessionAmbr={"uplink": "9" * 20 + " Tbps", "downlink": "0 bps"})}
    bench.establish(psi=2)
    assert bench.amf.transfers[0].n1.session_ambr.uplink_bps == 500_000_000
    # In its units a session-AMBR is rounded up: here to multiples of 256 Mbit/s.
    assert 0 <= bench.amf.transfers[1].n1.session_ambr.uplink_bps - 4_000_000_000_000 < 256_000_000
    assert bench.event("MalformedPacket").text.startswith("session-AMBR")


def test_without_a_udm_the_session_fails_with_cause_38() -> None:
    bench = Bench(peers={})
    assert rejection(bench, bench.create())[2] == 38


def test_a_registration_that_the_udm_refuses_leaves_the_session_up() -> None:
    bench = Bench()
    bench.create()
    bench.udm.status = 503
    assert bench.answers[bench.setup_response("1")].status == 204
    assert bench.event("UdmRegistrationFailed").level == "warning"
    assert len(bench.upf.sessions) == 1
