"""QoS flows in the gNB: admission, maximum rates, notifications; tunnels that change."""

import msgspec
import pytest

from awase.functions.gnb.qos import TokenBucket
from awase.model.part import Packet
from awase.protocols.gtpu import codec as gtpu
from awase.protocols.gtpu.messages import DlPduSessionInformation, ErrorIndication, GPdu
from awase.protocols.ngap import codec as ngap
from awase.protocols.ngap import messages as m
from awase.protocols.ngap.elements import (
    Cause,
    GBRQosInformation,
    GTPTunnel,
    PDUSessionAggregateMaximumBitRate,
    PDUSessionResourceModifyItemModCfm,
    PDUSessionResourceModifyItemModReq,
    PDUSessionResourceReleasedItemPSAck,
    PDUSessionResourceSwitchedItem,
    QosFlowAddOrModifyRequestItem,
    QosFlowModifyConfirmItem,
    QosFlowWithCauseItem,
    SecurityContext,
    SecurityKey,
    UEAggregateMaximumBitRate,
    UENGAPIDPair,
)
from awase.protocols.ngap.transfers import (
    PathSwitchRequestAcknowledgeTransfer,
    PathSwitchRequestTransfer,
    PathSwitchRequestUnsuccessfulTransfer,
    PDUSessionResourceModifyConfirmTransfer,
    PDUSessionResourceModifyIndicationTransfer,
    PDUSessionResourceModifyRequestTransfer,
    PDUSessionResourceModifyResponseTransfer,
    PDUSessionResourceNotifyReleasedTransfer,
    PDUSessionResourceNotifyTransfer,
    PDUSessionResourceSetupResponseTransfer,
    PDUSessionResourceSetupUnsuccessfulTransfer,
)
from awase.protocols.rls.entity import DownlinkData
from unit.functions.gnb.rig import SLICE, UPF, Rig, flow, session_setup_request, setup_transfer

NO_RADIO = Cause("radioNetwork", "radio-resources-not-available")
UPF_PORT = f"{UPF}:2152"


def gbr_flow(qfi, mbps, maximum=None, notify=None):
    item = flow(qfi, 1)
    bits, most = round(mbps * 1_000_000), round((maximum or mbps) * 1_000_000)
    gbr = GBRQosInformation(
        maximum_flow_bit_rate_dl=most,
        maximum_flow_bit_rate_ul=most,
        guaranteed_flow_bit_rate_dl=bits,
        guaranteed_flow_bit_rate_ul=bits,
        notification_control=notify,
    )
    parameters = msgspec.structs.replace(item.qos_flow_level_qos_parameters, gbr_qos_information=gbr)
    return msgspec.structs.replace(item, qos_flow_level_qos_parameters=parameters)


def response(rig):
    (item,) = rig.last(m.PDUSessionResourceSetupResponse).pdu_session_resource_setup_list_su_res
    octets = item.pdu_session_resource_setup_response_transfer
    return ngap.decode_transfer(PDUSessionResourceSetupResponseTransfer, octets)


def down(rig, qfi, size=1000, count=1):
    """Packets from the UPF in the first session's tunnel."""
    (teid,) = (int(e.key.partition("/")[2], 16) for e in rig.gnb.books() if e.book == "n3 downlink tunnels")
    for _ in range(count):
        rig.gnb.receive(packet(gtpu.encode_g_pdu(teid, b"E" * size, qfi)), rig.now_ns)
    rig.pump()


def packet(octets):
    return Packet("n3", UPF_PORT, octets)


def test_a_gbr_flow_beyond_the_cells_capacity_fails_and_the_session_stands():
    rig = Rig(gbr_capacity_mbps=10)
    ue = rig.ue_with_context()
    flows = (flow(), gbr_flow(2, 6), gbr_flow(3, 6), gbr_flow(4, 4))
    rig.amf_send(session_setup_request(ue.ids, (1, setup_transfer(flows=flows))))
    transfer = response(rig)
    assert transfer.qos_flow_failed_to_setup_list == (QosFlowWithCauseItem(qos_flow_identifier=3, cause=NO_RADIO),)
    granted = transfer.dl_qos_flow_per_tnl_information.associated_qos_flow_list
    assert [item.qos_flow_identifier for item in granted] == [1, 2, 4]


def test_a_session_of_gbr_flows_that_do_not_fit_fails():
    rig = Rig(gbr_capacity_mbps=1)
    ue = rig.ue_with_context()
    rig.amf_send(session_setup_request(ue.ids, (1, setup_transfer(flows=(gbr_flow(2, 6),)))))
    (item,) = rig.last(m.PDUSessionResourceSetupResponse).pdu_session_resource_failed_to_setup_list_su_res
    octets = item.pdu_session_resource_setup_unsuccessful_transfer
    assert ngap.decode_transfer(PDUSessionResourceSetupUnsuccessfulTransfer, octets).cause == NO_RADIO
    assert "n3 downlink tunnels" not in {entry.book for entry in rig.gnb.books()}


def modify(rig, ue, **elements):
    transfer = ngap.encode_transfer(PDUSessionResourceModifyRequestTransfer(**elements))
    item = PDUSessionResourceModifyItemModReq(pdu_session_id=1, pdu_session_resource_modify_request_transfer=transfer)
    rig.amf_send(m.PDUSessionResourceModifyRequest(**ue.ids, pdu_session_resource_modify_list_mod_req=(item,)))
    answer = rig.last(m.PDUSessionResourceModifyResponse)
    if not answer.pdu_session_resource_modify_list_mod_res:
        return None
    octets = answer.pdu_session_resource_modify_list_mod_res[0].pdu_session_resource_modify_response_transfer
    return ngap.decode_transfer(PDUSessionResourceModifyResponseTransfer, octets)


def addition(item):
    return QosFlowAddOrModifyRequestItem(
        qos_flow_identifier=item.qos_flow_identifier,
        qos_flow_level_qos_parameters=item.qos_flow_level_qos_parameters,
    )


def test_capacity_comes_back_with_flows_that_are_released_or_lowered():
    rig = Rig(gbr_capacity_mbps=10)
    ue = rig.ue_with_session(flows=(flow(), gbr_flow(2, 8)))
    refused = modify(rig, ue, qos_flow_add_or_modify_request_list=(addition(gbr_flow(3, 4)),))
    assert refused is None
    lowered = modify(rig, ue, qos_flow_add_or_modify_request_list=(addition(gbr_flow(2, 6)),))
    assert lowered.qos_flow_failed_to_add_or_modify_list == ()
    released = modify(
        rig,
        ue,
        qos_flow_add_or_modify_request_list=(addition(gbr_flow(3, 10)),),
        qos_flow_to_release_list=(QosFlowWithCauseItem(qos_flow_identifier=2, cause=NO_RADIO),),
    )
    assert [i.qos_flow_identifier for i in released.qos_flow_add_or_modify_response_list] == [3]


def test_the_ue_ambr_bounds_what_is_not_guaranteed():
    """TS 23.501 clause 5.7.2.6: the sum of the session AMBRs, at most the UE-AMBR."""
    rig = Rig()
    ambr = PDUSessionAggregateMaximumBitRate(
        pdu_session_aggregate_maximum_bit_rate_dl=1_000_000, pdu_session_aggregate_maximum_bit_rate_ul=2_000_000
    )
    ue = rig.ue_with_session(flows=(flow(), gbr_flow(2, 1, 8)), pdu_session_aggregate_maximum_bit_rate=ambr)
    down(rig, 1, count=40)
    assert len(ue.data) == 15
    rig.advance(0.08)
    down(rig, 1, count=40)
    assert len(ue.data) == 25
    assert rig.event("RateExceeded") is not None
    ue.data.clear()
    down(rig, 2, count=120)
    assert len(ue.data) == 100
    for _ in range(60):
        ue.link.send_data("10.0.0.1:4997", 1, b"E" * 1000)
    rig.pump()
    assert len(rig.n3) == 25


def test_another_ue_ambr_counts_at_once():
    rig = Rig()
    ue = rig.ue_with_session()
    lower = UEAggregateMaximumBitRate(ue_aggregate_maximum_bit_rate_dl=80_000, ue_aggregate_maximum_bit_rate_ul=1)
    rig.amf_send(m.UEContextModificationRequest(**ue.ids, ue_aggregate_maximum_bit_rate=lower))
    down(rig, 1, count=40)
    assert len(ue.data) == 15


@pytest.mark.parametrize("fulfilled", [False, True])
def test_a_guarantee_that_is_not_met_is_told_where_that_is_asked_for(fulfilled):
    rig = Rig(actions=[{"at_s": 3, "do": "notify", "ue": 1, "fulfilled": fulfilled}])
    rig.ue_with_session(flows=(flow(), gbr_flow(2, 1, notify="notification-requested"), gbr_flow(3, 1)))
    rig.advance(3.1)
    (item,) = rig.last(m.PDUSessionResourceNotify).pdu_session_resource_notify_list
    transfer = ngap.decode_transfer(PDUSessionResourceNotifyTransfer, item.pdu_session_resource_notify_transfer)
    (told,) = transfer.qos_flow_notify_list
    assert told.qos_flow_identifier == 2
    assert told.notification_cause == ("fulfilled" if fulfilled else "not-fulfilled")


def test_flows_that_the_cell_can_no_longer_guarantee_are_told_and_when_it_can_again():
    changes = [
        {"at_s": at, "do": "change_capacity", "gbr_capacity_mbps": most} for at, most in ((3, 7), (4, 2), (5, 10))
    ]
    rig = Rig(gbr_capacity_mbps=10, actions=changes)
    asked = "notification-requested"
    rig.ue_with_session(flows=(flow(), gbr_flow(2, 2, notify=asked), gbr_flow(3, 5, notify=asked), gbr_flow(4, 2)))
    rig.advance(6)
    told = []
    for message in rig.all(m.PDUSessionResourceNotify):
        (item,) = message.pdu_session_resource_notify_list
        transfer = ngap.decode_transfer(PDUSessionResourceNotifyTransfer, item.pdu_session_resource_notify_transfer)
        told.append([(f.qos_flow_identifier, f.notification_cause) for f in transfer.qos_flow_notify_list])
    # Flow 4, which is the first that does not fit, asked for no notification.
    assert told == [[(3, "not-fulfilled")], [(3, "fulfilled")]]


def test_an_action_that_concerns_nobody_is_said():
    rig = Rig(actions=[{"at_s": 3, "do": "notify", "ue": 1}])
    rig.ue_with_session()
    rig.advance(3.1)
    assert rig.last(m.PDUSessionResourceNotify) is None
    assert rig.event("ActionWithoutEffect").config == "actions"


def test_a_tunnel_that_the_upf_does_not_know_is_released():
    """TS 23.527 clause 5.3.3."""
    rig = Rig()
    rig.ue_with_session(teid=0x1001)
    stranger = ErrorIndication(
        sequence_number=0, tunnel_endpoint_identifier_data_i=0x1001, gtp_u_peer_address="10.66.0.1"
    )
    rig.gnb.receive(packet(gtpu.encode(stranger)), rig.now_ns)
    assert len(rig.gnb.books()) == 4
    lost = msgspec.structs.replace(stranger, gtp_u_peer_address=UPF)
    rig.gnb.receive(packet(gtpu.encode(lost)), rig.now_ns)
    rig.pump()
    (item,) = rig.last(m.PDUSessionResourceNotify).pdu_session_resource_released_list_not
    octets = item.pdu_session_resource_notify_released_transfer
    transfer = ngap.decode_transfer(PDUSessionResourceNotifyReleasedTransfer, octets)
    assert (item.pdu_session_id, transfer.cause.group) == (1, "transport")
    assert len(rig.gnb.books()) == 2


# Tunnels that change.


def tunnel(teid, address=UPF):
    return GTPTunnel(transport_layer_address=address, gtp_teid=teid)


def downlink_teids(rig):
    return {int(e.key.partition("/")[2], 16) for e in rig.gnb.books() if e.book == "n3 downlink tunnels"}


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_modify_indication_gives_a_session_another_tunnel_once_it_is_confirmed(confirmed):
    rig = Rig(actions=[{"at_s": 3, "do": "modify_indication", "ue": 1}])
    ue = rig.ue_with_session()
    before = downlink_teids(rig)
    rig.advance(3.1)
    (item,) = rig.last(m.PDUSessionResourceModifyIndication).pdu_session_resource_modify_list_mod_ind
    indicated = ngap.decode_transfer(
        PDUSessionResourceModifyIndicationTransfer, item.pdu_session_resource_modify_indication_transfer
    )
    new = indicated.dl_qos_flow_per_tnl_information.up_transport_layer_information.gtp_teid
    transfer = PDUSessionResourceModifyConfirmTransfer(
        qos_flow_modify_confirm_list=(QosFlowModifyConfirmItem(qos_flow_identifier=1),),
        ulngu_up_tnl_information=tunnel(0x7777),
    )
    done = PDUSessionResourceModifyItemModCfm(
        pdu_session_id=1, pdu_session_resource_modify_confirm_transfer=ngap.encode_transfer(transfer)
    )
    rig.amf_send(
        m.PDUSessionResourceModifyConfirm(
            **ue.ids, pdu_session_resource_modify_list_mod_cfm=(done,) if confirmed else ()
        )
    )
    assert downlink_teids(rig) == ({new} if confirmed else before)
    rig.advance(2)
    assert set(rig.gnb.tunnels) == downlink_teids(rig)
    uplink = {e.key for e in rig.gnb.books() if e.book == "n3 uplink tunnels"}
    assert uplink == {f"{UPF}/{0x7777 if confirmed else 0x1001:08x}"}


def switched(rig, ue, *, kept=(1,), released=(), **ids):
    request = rig.last(m.PathSwitchRequest)
    transfer = PathSwitchRequestAcknowledgeTransfer(ul_ngu_up_tnl_information=tunnel(0x8888))
    unsuccessful = PathSwitchRequestUnsuccessfulTransfer(cause=NO_RADIO)
    ids = {"amf_ue_ngap_id": ue.ids["amf_ue_ngap_id"], "ran_ue_ngap_id": request.ran_ue_ngap_id, **ids}
    return m.PathSwitchRequestAcknowledge(
        **ids,
        security_context=SecurityContext(next_hop_chaining_count=1, next_hop_nh=SecurityKey(bytes(32))),
        pdu_session_resource_switched_list=tuple(
            PDUSessionResourceSwitchedItem(
                pdu_session_id=number, path_switch_request_acknowledge_transfer=ngap.encode_transfer(transfer)
            )
            for number in kept
        ),
        pdu_session_resource_released_list_ps_ack=tuple(
            PDUSessionResourceReleasedItemPSAck(
                pdu_session_id=number, path_switch_request_unsuccessful_transfer=ngap.encode_transfer(unsuccessful)
            )
            for number in released
        ),
        allowed_nssai=(SLICE,),
    )


def test_a_path_is_switched_to_new_tunnels_under_a_new_identifier():
    rig = Rig(actions=[{"at_s": 3, "do": "path_switch", "ue": 1}])
    ue = rig.ue_with_session()
    rig.amf_send(session_setup_request(ue.ids, (2, setup_transfer(teid=0x1002))))
    before = downlink_teids(rig)
    rig.advance(3.1)
    request = rig.last(m.PathSwitchRequest)
    assert request.source_amf_ue_ngap_id == ue.ids["amf_ue_ngap_id"]
    assert request.ran_ue_ngap_id != ue.ids["ran_ue_ngap_id"]
    transfers = [
        ngap.decode_transfer(PathSwitchRequestTransfer, item.path_switch_request_transfer)
        for item in request.pdu_session_resource_to_be_switched_dl_list
    ]
    new = {transfer.dl_ngu_up_tnl_information.gtp_teid for transfer in transfers}
    assert new.isdisjoint(before)
    # The old tunnels serve until the path is switched, and a little longer.
    assert set(rig.gnb.tunnels) == before | new
    rig.amf_send(switched(rig, ue, kept=(1,), released=(2,)))
    rig.advance(2)
    assert set(rig.gnb.tunnels) == downlink_teids(rig)
    assert downlink_teids(rig) < new
    assert rig.event("PathSwitched") is not None
    ids = {"amf_ue_ngap_id": ue.ids["amf_ue_ngap_id"], "ran_ue_ngap_id": request.ran_ue_ngap_id}
    rig.amf_send(m.UEContextReleaseCommand(ue_ngap_ids=UENGAPIDPair(**ids), cause=NO_RADIO))
    assert rig.gnb.books() == []
    assert rig.gnb.tunnels == {}


@pytest.mark.parametrize("answered", [True, False])
def test_a_path_that_is_not_switched_ends_the_connection(answered):
    rig = Rig(actions=[{"at_s": 3, "do": "path_switch", "ue": 1}])
    ue = rig.ue_with_session()
    rig.advance(3.1)
    request = rig.last(m.PathSwitchRequest)
    ids = {"amf_ue_ngap_id": ue.ids["amf_ue_ngap_id"], "ran_ue_ngap_id": request.ran_ue_ngap_id}
    if answered:
        rig.amf_send(m.PathSwitchRequestFailure(**ids))
    rig.advance(5.1)
    assert rig.last(m.UEContextReleaseRequest).ran_ue_ngap_id == request.ran_ue_ngap_id
    rig.amf_send(m.UEContextReleaseCommand(ue_ngap_ids=UENGAPIDPair(**ids), cause=NO_RADIO))
    rig.advance(2)
    assert rig.gnb.tunnels == {}


def test_a_ue_is_told_the_flow_and_the_reflection_of_a_packet():
    """TS 37.324 clause 6.2.2.2: QFI and RQI of the downlink SDAP header."""
    rig = Rig()
    ue = rig.ue_with_session(flows=(flow(), flow(5)))
    seen = []
    take = ue.take
    ue.take = lambda indications: (seen.extend(indications), take(indications))
    (teid,) = downlink_teids(rig)
    for rqi in (False, True):
        container = DlPduSessionInformation(qfi=5, rqi=rqi)
        octets = gtpu.encode(GPdu(teid=teid, payload=b"E" * 100, container=container))
        rig.gnb.receive(packet(octets), rig.now_ns)
    rig.pump()
    data = [indication for indication in seen if isinstance(indication, DownlinkData)]
    assert [(d.qfi, d.rqi) for d in data] == [(5, False), (5, True)]


def test_a_clock_that_is_set_back_takes_no_tokens_away():
    hour_ns = 3600 * 10**9
    bucket = TokenBucket(1_000_000, 0)
    assert bucket.take(100, hour_ns)
    assert bucket.take(100, 5)
    assert bucket.take(100, 10)
