"""PDU sessions and the user plane of a gNB."""

import pytest

from awase.model.ids import SNssai
from awase.model.part import Packet
from awase.protocols.gtpu import codec as gtpu
from awase.protocols.gtpu.messages import (
    EchoRequest,
    EchoResponse,
    EndMarker,
    ErrorIndication,
    ExtensionHeader,
    GPdu,
    SupportedExtensionHeadersNotification,
    UlPduSessionInformation,
)
from awase.protocols.ngap import codec as ngap
from awase.protocols.ngap import messages as m
from awase.protocols.ngap.elements import (
    Cause,
    GTPTunnel,
    PDUSessionResourceModifyItemModReq,
    PDUSessionResourceToReleaseItemRelCmd,
    QosFlowAddOrModifyRequestItem,
    QosFlowWithCauseItem,
    SecurityIndication,
    ULNGUUPTNLModifyItem,
)
from awase.protocols.ngap.transfers import (
    PDUSessionResourceModifyRequestTransfer,
    PDUSessionResourceModifyResponseTransfer,
    PDUSessionResourceModifyUnsuccessfulTransfer,
    PDUSessionResourceReleaseCommandTransfer,
    PDUSessionResourceSetupResponseTransfer,
    PDUSessionResourceSetupUnsuccessfulTransfer,
)
from awase.protocols.rrc.messages import DLInformationTransfer
from unit.functions.gnb.rig import (
    UPF,
    Rig,
    flow,
    initial_context_setup_request,
    session_setup_request,
    setup_transfer,
)

IP_PACKET = bytes.fromhex("45000014000000004001000a0a2d00020a2d0001")
REPLY = IP_PACKET[::-1]


def done(rig):
    """Session id -> response transfer, of the newest setup."""
    response = rig.last(m.PDUSessionResourceSetupResponse)
    return {
        item.pdu_session_id: ngap.decode_transfer(
            PDUSessionResourceSetupResponseTransfer, item.pdu_session_resource_setup_response_transfer
        )
        for item in response.pdu_session_resource_setup_list_su_res
    }


def failed(rig):
    """Session id -> cause, of the newest setup."""
    response = rig.last(m.PDUSessionResourceSetupResponse)
    return {
        item.pdu_session_id: ngap.decode_transfer(
            PDUSessionResourceSetupUnsuccessfulTransfer,
            item.pdu_session_resource_setup_unsuccessful_transfer,
        ).cause
        for item in response.pdu_session_resource_failed_to_setup_list_su_res
    }


def tunnel_of(transfer):
    return transfer.dl_qos_flow_per_tnl_information.up_transport_layer_information


def nas_of(ue):
    return [i.dedicated_nas_message for i in ue.inbox if isinstance(i, DLInformationTransfer)]


def from_upf(rig, octets):
    rig.gnb.receive(Packet("n3", f"{UPF}:2152", octets), rig.now_ns)
    rig.pump()


def test_a_session_gets_a_tunnel_with_all_its_qos_flows_and_the_ue_its_nas():
    """TP_NGAP_GNB_PDU_01."""
    rig = Rig()
    ue = rig.ue_with_session(3, flows=(flow(1), flow(5, 1)))
    transfer = done(rig)[3]
    tunnel = tunnel_of(transfer)
    assert tunnel.transport_layer_address == "10.0.0.1"
    assert tunnel.gtp_teid > 0
    flows = transfer.dl_qos_flow_per_tnl_information.associated_qos_flow_list
    assert [item.qos_flow_identifier for item in flows] == [1, 5]
    assert nas_of(ue)[-1] == b"session\x03"
    assert failed(rig) == {}


def test_user_packets_pass_both_ways():
    rig = Rig()
    ue = rig.ue_with_session(3, teid=0xABCD, flows=(flow(7),))
    ue.link.send_data("10.0.0.1:4997", 3, IP_PACKET)
    rig.pump()
    [(address, octets)] = rig.n3
    assert address == f"{UPF}:2152"
    assert gtpu.decode(octets) == GPdu(teid=0xABCD, payload=IP_PACKET, container=UlPduSessionInformation(qfi=7))
    assert octets[0] == 0x34
    teid = tunnel_of(done(rig)[3]).gtp_teid
    from_upf(rig, gtpu.encode_g_pdu(teid, REPLY, 7))
    from_upf(rig, gtpu.encode(GPdu(teid=teid, payload=REPLY)))
    from_upf(rig, gtpu.encode(GPdu(teid=teid, payload=REPLY, sequence_number=4)))
    assert ue.data == [(3, REPLY)] * 3


def test_a_batch_of_datagrams_is_taken_as_its_members():
    rig = Rig()
    ue = rig.ue_with_session(1)
    teid = tunnel_of(done(rig)[1]).gtp_teid
    from_upf(rig, [gtpu.encode_g_pdu(teid, bytes((n,)) * 20, 1) for n in range(4)])
    assert [packet[0] for _, packet in ue.data] == [0, 1, 2, 3]


def test_a_packet_for_an_unknown_tunnel_gets_an_error_indication_on_the_gtp_u_port():
    rig = Rig()
    rig.gnb.receive(Packet("n3", "10.9.9.9:55555", gtpu.encode_g_pdu(0x1234, REPLY, 1)), rig.now_ns)
    rig.pump()
    [(address, octets)] = rig.n3
    assert address == "10.9.9.9:2152"
    error = gtpu.decode(octets)
    assert isinstance(error, ErrorIndication)
    assert error.tunnel_endpoint_identifier_data_i == 0x1234
    assert error.gtp_u_peer_address == "10.0.0.1"


def test_the_path_is_managed():
    rig = Rig()
    from_upf(rig, gtpu.encode(EchoRequest(sequence_number=9)))
    [(_, octets)] = rig.n3
    echo = gtpu.decode(octets)
    assert isinstance(echo, EchoResponse)
    assert echo.sequence_number == 9
    rig.n3.clear()
    from_upf(rig, gtpu.encode(EndMarker(teid=5)))
    from_upf(
        rig,
        gtpu.encode(ErrorIndication(tunnel_endpoint_identifier_data_i=5, gtp_u_peer_address="10.3.0.1")),
    )
    assert rig.n3 == []
    assert rig.event("GtpErrorIndication")
    required = ExtensionHeader(0xC5, b"\0\0")
    from_upf(rig, gtpu.encode(GPdu(teid=1, payload=b"x", extension_headers=(required,))))
    assert isinstance(gtpu.decode(rig.n3[-1][1]), SupportedExtensionHeadersNotification)


def test_a_ue_without_that_session_sends_nothing():
    rig = Rig()
    ue = rig.ue_with_session(1)
    ue.link.send_data("10.0.0.1:4997", 2, IP_PACKET)
    rig.pump()
    assert rig.n3 == []
    assert rig.event("NoTunnel")


def test_sessions_may_come_with_the_initial_context():
    rig = Rig()
    ue = rig.connected_ue()
    sessions = [(1, setup_transfer(11)), (2, setup_transfer(22)), (3, b"\xff")]
    rig.amf_send(initial_context_setup_request(ue.ids, sessions))
    response = rig.last(m.InitialContextSetupResponse)
    assert [i.pdu_session_id for i in response.pdu_session_resource_setup_list_cxt_res] == [1, 2]
    [item] = response.pdu_session_resource_failed_to_setup_list_cxt_res
    transfer = item.pdu_session_resource_setup_unsuccessful_transfer
    cause = ngap.decode_transfer(PDUSessionResourceSetupUnsuccessfulTransfer, transfer).cause
    assert (item.pdu_session_id, cause.group) == (3, "protocol")
    assert nas_of(ue)[-3:] == [b"\x7e\x00\x42", b"session\x01", b"session\x02"]
    ue.link.send_data("10.0.0.1:4997", 2, IP_PACKET)
    rig.pump()
    assert gtpu.decode(rig.n3[0][1]).teid == 22


@pytest.mark.parametrize(
    ("transfer", "cause"),
    [
        ({"pdu_session_type": "ethernet"}, Cause("radioNetwork", "unspecified")),
        (
            {"ul_ngu_up_tnl_information": GTPTunnel(transport_layer_address="2001:db8::1", gtp_teid=1)},
            Cause("transport", "transport-resource-unavailable"),
        ),
        (
            {
                "security_indication": SecurityIndication(
                    integrity_protection_indication="required",
                    confidentiality_protection_indication="not-needed",
                )
            },
            Cause("radioNetwork", "up-integrity-protection-not-possible"),
        ),
        (
            {
                "security_indication": SecurityIndication(
                    integrity_protection_indication="preferred",
                    confidentiality_protection_indication="required",
                )
            },
            Cause("radioNetwork", "up-confidentiality-protection-not-possible"),
        ),
        ({"flows": (flow(1, 77),)}, Cause("radioNetwork", "not-supported-5QI-value")),
        ({"flows": (flow(1), flow(1))}, Cause("radioNetwork", "multiple-qos-flow-ID-instances")),
    ],
)
def test_a_session_that_cannot_be_has_its_cause_and_the_ue_gets_no_nas(transfer, cause):
    rig = Rig(five_qis=[9, 1])
    ue = rig.ue_with_session(4, **transfer)
    assert failed(rig) == {4: cause}
    assert done(rig) == {}
    assert b"session\x04" not in nas_of(ue)
    assert cause.name in rig.event("PduSessionRefused").text


def test_what_security_is_only_preferred_is_said_not_to_be_performed():
    rig = Rig()
    rig.ue_with_session(
        1,
        security_indication=SecurityIndication(
            integrity_protection_indication="preferred", confidentiality_protection_indication="preferred"
        ),
    )
    result = done(rig)[1].security_result
    assert (result.integrity_protection_result, result.confidentiality_protection_result) == (
        "not-performed",
        "not-performed",
    )


def test_flows_that_cannot_be_fail_alone():
    rig = Rig(five_qis=[9])
    rig.ue_with_session(1, flows=(flow(1), flow(2, 82)))
    transfer = done(rig)[1]
    assert len(transfer.dl_qos_flow_per_tnl_information.associated_qos_flow_list) == 1
    [item] = transfer.qos_flow_failed_to_setup_list
    assert (item.qos_flow_identifier, item.cause.name) == (2, "not-supported-5QI-value")


def test_a_session_id_that_is_in_use_or_comes_twice_fails_and_the_first_stays():
    rig = Rig()
    ue = rig.ue_with_session(1, teid=11)
    transfer = setup_transfer(99)
    rig.amf_send(session_setup_request(ue.ids, (1, transfer), (2, transfer), (2, transfer)))
    cause = Cause("radioNetwork", "multiple-PDU-session-ID-instances")
    assert failed(rig) == {1: cause, 2: cause}
    ue.link.send_data("10.0.0.1:4997", 1, IP_PACKET)
    rig.pump()
    assert gtpu.decode(rig.n3[-1][1]).teid == 11


def test_a_slice_that_this_gnb_has_not_fails():
    rig = Rig()
    ue = rig.ue_with_context()
    rig.amf_send(session_setup_request(ue.ids, (1, setup_transfer()), s_nssai=SNssai(2, "000001")))
    assert failed(rig) == {1: Cause("radioNetwork", "slice-not-supported")}


def test_a_released_session_is_gone_and_an_unknown_one_counts_as_released():
    rig = Rig()
    ue = rig.ue_with_session(1)
    teid = tunnel_of(done(rig)[1]).gtp_teid
    transfer = ngap.encode_transfer(PDUSessionResourceReleaseCommandTransfer(cause=Cause("nas", "normal-release")))
    rig.amf_send(
        m.PDUSessionResourceReleaseCommand(
            **ue.ids,
            nas_pdu=b"release",
            pdu_session_resource_to_release_list_rel_cmd=tuple(
                PDUSessionResourceToReleaseItemRelCmd(
                    pdu_session_id=number, pdu_session_resource_release_command_transfer=transfer
                )
                for number in (1, 9)
            ),
        )
    )
    response = rig.last(m.PDUSessionResourceReleaseResponse)
    released = response.pdu_session_resource_released_list_rel_res
    assert [item.pdu_session_id for item in released] == [1, 9]
    assert nas_of(ue)[-1] == b"release"
    from_upf(rig, gtpu.encode_g_pdu(teid, REPLY, 1))
    assert isinstance(gtpu.decode(rig.n3[-1][1]), ErrorIndication)
    assert ue.data == []


def release(rig, ue, nas_pdu=None):
    transfer = ngap.encode_transfer(PDUSessionResourceReleaseCommandTransfer(cause=Cause("nas", "unspecified")))
    item = PDUSessionResourceToReleaseItemRelCmd(
        pdu_session_id=1, pdu_session_resource_release_command_transfer=transfer
    )
    rig.amf_send(
        m.PDUSessionResourceReleaseCommand(
            **ue.ids, nas_pdu=nas_pdu, pdu_session_resource_to_release_list_rel_cmd=(item,)
        )
    )


def send_in_session_1(rig, ue):
    ue.link.send_data("10.0.0.1:4997", 1, IP_PACKET)
    rig.pump()


def test_a_ue_that_uses_a_session_whose_release_nobody_told_it_is_let_go():
    """RLS has no RRC reconfiguration, which would tell it (TS 38.331 clause 5.3.5.6.4)."""
    rig = Rig()
    ue = rig.ue_with_session(1)
    release(rig, ue)
    send_in_session_1(rig, ue)
    assert rig.last(m.UEContextReleaseRequest) is None
    rig.advance(2)
    send_in_session_1(rig, ue)
    request = rig.last(m.UEContextReleaseRequest)
    assert request.cause == Cause("radioNetwork", "failure-in-radio-interface-procedure")


@pytest.mark.parametrize("how", ["told by NAS", "set up again", "set up again and released by NAS"])
def test_a_ue_that_knows_of_the_release_is_not_let_go_for_a_late_packet(how):
    rig = Rig()
    ue = rig.ue_with_session(1)
    release(rig, ue, b"release" if how == "told by NAS" else None)
    if how != "told by NAS":
        rig.amf_send(session_setup_request(ue.ids, (1, setup_transfer())))
        if "released" in how:
            release(rig, ue, b"release")
    rig.advance(2)
    send_in_session_1(rig, ue)
    assert rig.last(m.UEContextReleaseRequest) is None


def modify(rig, ue, number, **elements):
    transfer = ngap.encode_transfer(PDUSessionResourceModifyRequestTransfer(**elements))
    item = PDUSessionResourceModifyItemModReq(
        pdu_session_id=number, nas_pdu=b"modify", pdu_session_resource_modify_request_transfer=transfer
    )
    rig.amf_send(m.PDUSessionResourceModifyRequest(**ue.ids, pdu_session_resource_modify_list_mod_req=(item,)))
    return rig.last(m.PDUSessionResourceModifyResponse)


def modify_cause(response):
    [item] = response.pdu_session_resource_failed_to_modify_list_mod_res
    return ngap.decode_transfer(
        PDUSessionResourceModifyUnsuccessfulTransfer, item.pdu_session_resource_modify_unsuccessful_transfer
    ).cause.name


def test_a_session_is_modified_flow_by_flow():
    rig = Rig(five_qis=[9])
    ue = rig.ue_with_session(1)
    other = flow(3, 9).qos_flow_level_qos_parameters
    refused = flow(4, 82).qos_flow_level_qos_parameters
    response = modify(
        rig,
        ue,
        1,
        qos_flow_add_or_modify_request_list=(
            QosFlowAddOrModifyRequestItem(qos_flow_identifier=3, qos_flow_level_qos_parameters=other),
            QosFlowAddOrModifyRequestItem(qos_flow_identifier=4, qos_flow_level_qos_parameters=refused),
            QosFlowAddOrModifyRequestItem(qos_flow_identifier=5),
        ),
        qos_flow_to_release_list=(QosFlowWithCauseItem(qos_flow_identifier=1, cause=Cause("nas", "normal-release")),),
        ul_ngu_up_tnl_modify_list=(
            ULNGUUPTNLModifyItem(
                ul_ngu_up_tnl_information=GTPTunnel(transport_layer_address="10.3.0.2", gtp_teid=55),
                dl_ngu_up_tnl_information=tunnel_of(done(rig)[1]),
            ),
        ),
    )
    [item] = response.pdu_session_resource_modify_list_mod_res
    transfer = ngap.decode_transfer(
        PDUSessionResourceModifyResponseTransfer, item.pdu_session_resource_modify_response_transfer
    )
    assert [i.qos_flow_identifier for i in transfer.qos_flow_add_or_modify_response_list] == [3]
    assert [i.cause.name for i in transfer.qos_flow_failed_to_add_or_modify_list] == [
        "not-supported-5QI-value",
        "invalid-qos-combination",
    ]
    assert nas_of(ue)[-1] == b"modify"
    ue.link.send_data("10.0.0.1:4997", 1, IP_PACKET)
    rig.pump()
    address, octets = rig.n3[-1]
    assert address == "10.3.0.2:2152"
    assert gtpu.decode_g_pdu(octets[:13] + b"\0" + octets[14:])[:2] == (55, 3)


def test_a_modification_that_cannot_be_is_refused_and_changes_nothing():
    rig = Rig()
    ue = rig.ue_with_session(1)
    assert modify_cause(modify(rig, ue, 2)) == "unknown-PDU-session-ID"
    gone = (QosFlowWithCauseItem(qos_flow_identifier=1, cause=Cause("nas", "normal-release")),)
    assert modify_cause(modify(rig, ue, 1, qos_flow_to_release_list=gone)) == "invalid-qos-combination"
    assert b"modify" not in nas_of(ue)
    ue.link.send_data("10.0.0.1:4997", 1, IP_PACKET)
    rig.pump()
    assert gtpu.decode(rig.n3[-1][1]).container.qfi == 1


def test_what_comes_for_a_lost_ue_is_dropped():
    rig = Rig()
    ue = rig.ue_with_session(1)
    teid = tunnel_of(done(rig)[1]).gtp_teid
    ue.silent = True
    rig.advance(3)
    from_upf(rig, gtpu.encode_g_pdu(teid, REPLY, 1))
    assert rig.n3 == []


def test_a_packet_that_rls_cannot_carry_is_dropped_with_an_event():
    rig = Rig()
    rig.ue_with_session(1)
    teid = tunnel_of(done(rig)[1]).gtp_teid
    from_upf(rig, gtpu.encode_g_pdu(teid, bytes(17_000), 1))
    assert rig.event("PacketTooLarge")


def test_a_session_for_a_lost_ue_fails():
    rig = Rig()
    ue = rig.ue_with_context()
    ue.silent = True
    rig.advance(3)
    rig.amf_send(session_setup_request(ue.ids, (1, setup_transfer())))
    assert failed(rig) == {1: Cause("radioNetwork", "radio-connection-with-ue-lost")}
    assert done(rig) == {}


def echoes(rig):
    return [message for _, octets in rig.n3 if isinstance(message := gtpu.decode(octets), EchoRequest)]


def test_upfs_are_asked_whether_they_are_there_and_without_the_interval_never():
    """TS 29.281 clause 7.2.1."""
    quiet = Rig()
    quiet.ue_with_session(1)
    quiet.advance(200)
    assert quiet.n3 == []
    rig = Rig(n3_echo_s=60)
    rig.advance(61)
    assert rig.n3 == []
    rig.ue_with_session(1)
    for asked in (1, 2):
        rig.advance(60)
        assert len(echoes(rig)) == asked
        from_upf(rig, gtpu.encode(EchoResponse(sequence_number=echoes(rig)[-1].sequence_number)))
    assert rig.all(m.PDUSessionResourceNotify) == []


def test_the_sessions_of_a_upf_that_answers_no_echo_are_released_and_the_amf_is_told():
    """TS 23.527 clause 5.4: after N3-REQUESTS times T3-RESPONSE."""
    rig = Rig(n3_echo_s=60)
    rig.ue_with_session(1)
    rig.advance(68)
    assert len(echoes(rig)) == 3
    assert rig.all(m.PDUSessionResourceNotify) == []
    rig.advance(2)
    [item] = rig.last(m.PDUSessionResourceNotify).pdu_session_resource_released_list_not
    assert item.pdu_session_id == 1
    assert rig.event("PathFailure").config == "n3_echo_s"
    assert not rig.gnb.tunnels


def test_a_gnb_knows_its_amfs_the_upfs_of_its_tunnels_and_the_ues_that_are_connected():
    rig = Rig()
    assert rig.gnb.familiar("n2") == rig.amf_addresses
    assert rig.gnb.familiar("n3") == rig.gnb.familiar("uu") == []
    ue = rig.ue_with_session()
    rig.gnb.receive(Packet("uu", "10.66.0.1:1", b"rubbish"), rig.now_ns)
    rig.gnb.receive(Packet("n3", "10.66.0.1:2152", b"rubbish"), rig.now_ns)
    assert rig.gnb.familiar("uu") == [ue.address]
    assert rig.gnb.familiar("n3") == [f"{UPF}:2152"]
