"""What the AMF starts towards nodes, and what it refuses them (TS 38.413 clauses 8.2, 8.3, 8.7 and 8.14)."""

import json
from typing import Any

import pytest

from awase.model.ids import Guami
from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.ngap import codec as ngap_codec
from awase.protocols.ngap import messages as ngap
from awase.protocols.ngap.elements import (
    Cause,
    PDUSessionResourceModifyItemModInd,
    PDUSessionResourceNotifyItem,
    PDUSessionResourceReleasedItemNot,
    UEAssociatedLogicalNGConnectionItem,
)
from awase.protocols.ngap.transfers import PDUSessionResourceModifyIndicationUnsuccessfulTransfer
from awase.protocols.sbi import codec, multipart
from unit.functions.amf.bench import PLMN, SMF, Bench, Ue, json_part, ng_setup_request
from unit.functions.amf.sessions import ask, with_session


def acting(do: str, **fields: Any) -> Bench:
    return Bench(actions=[{"at_s": 10, "do": do, **fields}])


def test_a_new_capacity_is_told_to_every_node() -> None:
    bench = acting("update_amf", relative_amf_capacity=10)
    gnbs = [bench.gnb(), bench.gnb()]
    for gnb in gnbs:
        gnb.take()
    bench.wait(10)
    for gnb in gnbs:
        (update,) = gnb.take()
        assert isinstance(update, ngap.AMFConfigurationUpdate)
        assert update.relative_amf_capacity == 10
        assert [item.guami for item in update.served_guami_list] == [Guami(PLMN, 2, 1, 0)]
        gnb.send(ngap.AMFConfigurationUpdateAcknowledge())
        assert not gnb.take()
    bench.wait(60)
    assert "AmfConfigurationUpdateFailed" not in bench.names()
    late = bench.gnb()
    assert late.take()[-1].relative_amf_capacity == 10


def test_a_node_that_refuses_is_asked_again_after_its_time_to_wait() -> None:
    bench = acting("update_amf")
    gnb = bench.gnb()
    gnb.take()
    bench.wait(10)
    gnb.take()
    cause = Cause("misc", "control-processing-overload")
    gnb.send(ngap.AMFConfigurationUpdateFailure(cause=cause, time_to_wait="v10s"))
    bench.wait(9.9)
    assert not gnb.take()
    bench.wait(0.2)
    assert [type(m) for m in gnb.take()] == [ngap.AMFConfigurationUpdate]
    gnb.send(ngap.AMFConfigurationUpdateFailure(cause=cause))
    bench.wait(60)
    assert not gnb.take()
    assert bench.names().count("AmfConfigurationUpdateFailed") == 2


def test_a_node_that_does_not_answer_is_an_event() -> None:
    bench = acting("update_amf")
    bench.gnb()
    bench.wait(16)
    assert bench.event("AmfConfigurationUpdateFailed").config == "ng_response_s"


def test_the_loss_of_a_node_while_it_is_asked_is_harmless() -> None:
    bench = acting("update_amf")
    gnb = bench.gnb()
    bench.wait(10)
    gnb.send(ngap.AMFConfigurationUpdateFailure(cause=Cause("misc", "unspecified"), time_to_wait="v1s"))
    gnb.end("abort")
    bench.wait(60)
    assert not bench.amf.gnbs  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "answer",
    [
        ngap.AMFConfigurationUpdateAcknowledge(),
        ngap.AMFConfigurationUpdateFailure(cause=Cause("misc", "unspecified")),
        ngap.NGResetAcknowledge(),
    ],
    ids=lambda message: type(message).__name__,
)
def test_an_answer_to_nothing_is_an_error(answer: Any) -> None:
    """TS 38.413 clause 10.4."""
    bench = Bench()
    gnb = bench.gnb()
    gnb.send(answer)
    assert gnb.last().cause == Cause("protocol", "message-not-compatible-with-receiver-state")


def test_the_status_indication_names_every_guami() -> None:
    bench = acting("status")
    gnb = bench.gnb()
    gnb.take()
    bench.wait(11)
    (indication,) = gnb.take()
    assert isinstance(indication, ngap.AMFStatusIndication)
    assert [item.guami for item in indication.unavailable_guami_list] == [Guami(PLMN, 2, 1, 0)]


def test_a_reset_of_a_node_puts_its_ues_to_sleep() -> None:
    bench = acting("reset", gnb="gnb1")
    ue = with_session(bench)
    ue.gnb.take()
    bench.wait(10)
    (reset,) = ue.gnb.take()
    assert isinstance(reset, ngap.NGReset)
    assert reset.reset_type == "reset-all"
    assert not bench.amf.connections  # type: ignore[attr-defined]
    assert bench.core.bodies(SMF, "POST", "/modify")[-1]["upCnxState"] == "DEACTIVATED"
    ue.gnb.send(ngap.NGResetAcknowledge())
    bench.wait(10)
    assert "NgResetUnanswered" not in bench.names()
    ue.begin(ue.service())
    assert isinstance(ue.last(), nas.ServiceAccept)


def test_a_reset_of_a_part_names_the_connections() -> None:
    bench = acting("reset", gnb="gnb1", supis=["imsi-001010000000002"])
    gnb = bench.gnb()
    one, two = Ue(gnb, 1).register(), Ue(gnb, 2).register()
    gnb.take()
    bench.wait(16)
    (reset,) = gnb.take()
    assert reset.reset_type == (
        UEAssociatedLogicalNGConnectionItem(amf_ue_ngap_id=two.amf_id, ran_ue_ngap_id=two.ran_id),
    )
    assert list(bench.amf.connections) == [one.amf_id]  # type: ignore[attr-defined]
    assert bench.event("NgResetUnanswered").subject == "gnb1"


@pytest.mark.parametrize(
    "fields",
    [
        {"do": "reset", "gnb": "nobody"},
        {"do": "reset", "gnb": "gnb1", "supis": ["imsi-9"]},
        {"do": "check_radio_capability", "supi": "imsi-9"},
        {"do": "reauthenticate", "supi": "imsi-9"},
    ],
)
def test_what_cannot_be_done_is_an_event(fields: dict[str, Any]) -> None:
    bench = Bench(actions=[{"at_s": 1, **fields}])
    bench.gnb()
    bench.wait(2)
    assert bench.event("ActionFailed").config == "actions[0]"


def test_a_configuration_update_of_a_node_changes_where_it_is_paged() -> None:
    """TP_NGAP_AMF_IMP_05."""
    bench = Bench(tais=[{"plmn": "001-01", "tacs": [1, 2]}])
    gnb = bench.gnb(tac=1)
    update = ng_setup_request(tac=2)
    gnb.send(ngap.RANConfigurationUpdate(supported_ta_list=update.supported_ta_list, ran_node_name="renamed"))
    assert isinstance(gnb.last(), ngap.RANConfigurationUpdateAcknowledge)
    (known,) = bench.amf.gnbs.values()  # type: ignore[attr-defined]
    assert [tai.tac for tai in known.tais] == [2]
    assert known.name == "renamed"


def test_a_configuration_that_does_not_match_is_refused_with_a_time_to_wait() -> None:
    """TP_NGAP_AMF_IMP_06."""
    bench = Bench()
    gnb = bench.gnb()
    gnb.send(ngap.RANConfigurationUpdate(supported_ta_list=ng_setup_request(tac=99).supported_ta_list))
    failure = gnb.last()
    assert isinstance(failure, ngap.RANConfigurationUpdateFailure)
    assert failure.time_to_wait == "v10s"
    (known,) = bench.amf.gnbs.values()  # type: ignore[attr-defined]
    assert [tai.tac for tai in known.tais] == [1]


def test_the_radio_capability_is_checked_with_what_is_kept() -> None:
    bench = acting("check_radio_capability", supi="imsi-001010000000001")
    ue = Ue(bench.gnb()).register()
    ue.gnb.send(
        ngap.UERadioCapabilityInfoIndication(
            amf_ue_ngap_id=ue.amf_id or 0, ran_ue_ngap_id=ue.ran_id, ue_radio_capability=b"radio"
        )
    )
    bench.wait(10)
    ue.take()
    request = ue.messages[-1]
    assert isinstance(request, ngap.UERadioCapabilityCheckRequest)
    assert request.ue_radio_capability == b"radio"
    answer = ngap.UERadioCapabilityCheckResponse(
        amf_ue_ngap_id=ue.amf_id, ran_ue_ngap_id=ue.ran_id, ims_voice_support_indicator="supported"
    )
    ue.gnb.send(answer)
    assert bench.event("RadioCapabilityChecked").fields["ims_voice_support_indicator"] == "supported"
    ue.gnb.send(answer)
    assert isinstance(ue.gnb.last(), ngap.ErrorIndication)


def test_a_capability_check_without_an_answer_is_an_event() -> None:
    bench = acting("check_radio_capability", supi="imsi-001010000000001")
    Ue(bench.gnb()).register()
    bench.wait(16)
    assert bench.event("RadioCapabilityCheckFailed").config == "ng_response_s"


def test_suspend_and_resume_are_refused_with_their_failures() -> None:
    """Osmocom connection_suspend."""
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    both = {"amf_ue_ngap_id": ue.amf_id or 0, "ran_ue_ngap_id": ue.ran_id}
    ue.gnb.send(ngap.UEContextSuspendRequest(**both))
    ue.take()
    assert isinstance(ue.messages[-1], ngap.UEContextSuspendFailure)
    assert ue.messages[-1].cause == Cause("misc", "unspecified")
    ue.gnb.send(ngap.UEContextResumeRequest(rrc_resume_cause="mo-Data", **both))
    ue.take()
    assert isinstance(ue.messages[-1], ngap.UEContextResumeFailure)
    ask(ue)
    assert bench.core.bodies(SMF, "POST")


def test_a_ue_in_rrc_inactive_stays_connected() -> None:
    """Osmocom connection_inactive."""
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ue.gnb.send(
        ngap.RRCInactiveTransitionReport(
            amf_ue_ngap_id=ue.amf_id or 0,
            ran_ue_ngap_id=ue.ran_id,
            rrc_state="inactive",
            user_location_information=ue.gnb.location(),
        )
    )
    assert bench.event("RrcState").fields["rrc_state"] == "inactive"
    assert ue.amf_id in bench.amf.connections  # type: ignore[attr-defined]


def test_a_notification_of_the_node_reaches_the_smf() -> None:
    """TP_NGAP_AMF_PDU_04."""
    bench = Bench()
    ue = with_session(bench)
    ask(ue, 2)
    ue.gnb.send(
        ngap.PDUSessionResourceNotify(
            amf_ue_ngap_id=ue.amf_id or 0,
            ran_ue_ngap_id=ue.ran_id,
            pdu_session_resource_notify_list=(
                PDUSessionResourceNotifyItem(pdu_session_id=1, pdu_session_resource_notify_transfer=b"notify"),
            ),
            pdu_session_resource_released_list_not=(
                PDUSessionResourceReleasedItemNot(
                    pdu_session_id=2, pdu_session_resource_notify_released_transfer=b"released"
                ),
            ),
        )
    )
    updates = [json_part(r) for a, r in bench.core.requests if a == SMF and r.path.endswith("/modify")]
    assert [(json.loads(body)["n2SmInfoType"], list(parts.values())) for body, parts in updates] == [
        ("PDU_RES_NTY", [b"notify"]),
        ("PDU_RES_NTY_REL", [b"released"]),
    ]


def test_an_indication_of_the_node_is_confirmed_session_by_session() -> None:
    """TP_NGAP_AMF_PDU_05."""
    bench = Bench()
    ue = with_session(bench)
    ask(ue, 2)
    answer = {"n2SmInfo": {"contentId": "b"}, "n2SmInfoType": "PDU_RES_MOD_CFM"}
    bench.core.update_answers += [
        codec.json_response(200, answer, parts=(multipart.n2_part(b"confirmed", "b"),)),
        codec.problem(403, "N2_SM_ERROR"),
    ]
    items = tuple(
        PDUSessionResourceModifyItemModInd(
            pdu_session_id=psi, pdu_session_resource_modify_indication_transfer=b"indication"
        )
        for psi in (1, 2)
    )
    ue.gnb.send(
        ngap.PDUSessionResourceModifyIndication(
            amf_ue_ngap_id=ue.amf_id or 0,
            ran_ue_ngap_id=ue.ran_id,
            pdu_session_resource_modify_list_mod_ind=items,
        )
    )
    ue.take()
    confirm = ue.messages[-1]
    assert isinstance(confirm, ngap.PDUSessionResourceModifyConfirm)
    (done,) = confirm.pdu_session_resource_modify_list_mod_cfm
    assert (done.pdu_session_id, done.pdu_session_resource_modify_confirm_transfer) == (1, b"confirmed")
    (failed,) = confirm.pdu_session_resource_failed_to_modify_list_mod_cfm
    transfer = ngap_codec.decode_transfer(
        PDUSessionResourceModifyIndicationUnsuccessfulTransfer,
        failed.pdu_session_resource_modify_indication_unsuccessful_transfer,
    )
    assert (failed.pdu_session_id, transfer.cause) == (2, Cause("misc", "unspecified"))


def test_keys_are_refreshed_at_the_operators_wish_and_the_node_gets_its_own() -> None:
    """TS 33.501 clauses 6.4.3.1 and 6.9.2.2."""
    bench = acting("reauthenticate", supi="imsi-001010000000001")
    ue = with_session(bench)
    assert ue.security is not None
    before = ue.security.k_amf
    bench.wait(10)
    ue.take()
    assert isinstance(ue.last(), nas.AuthenticationRequest)
    ue.authenticate()
    command = ue.last()
    assert isinstance(command, nas.SecurityModeCommand)
    assert command.additional_5g_security_information is None
    ue.uplink(nas.SecurityModeComplete(), header=4)
    request = ue.messages[-1]
    assert isinstance(request, ngap.UEContextModificationRequest)
    assert request.security_key is not None
    assert ue.security.k_amf != before
    ue.gnb.send(
        ngap.UEContextModificationResponse(amf_ue_ngap_id=ue.amf_id or 0, ran_ue_ngap_id=ue.ran_id),
    )
    ask(ue, 2)
    assert len(bench.core.bodies(SMF, "POST", "/sm-contexts")) == 2
    ue.idle(1, 2)
    ue.begin(ue.service())
    assert isinstance(ue.last(), nas.ServiceAccept)


def test_a_node_that_does_not_take_new_keys_loses_the_ue() -> None:
    bench = acting("reauthenticate", supi="imsi-001010000000001")
    ue = Ue(bench.gnb()).register()
    bench.wait(10)
    ue.take()
    ue.authenticate()
    ue.uplink(nas.SecurityModeComplete(), header=4)
    cause = Cause("radioNetwork", "failure-in-radio-interface-procedure")
    ue.gnb.send(ngap.UEContextModificationFailure(amf_ue_ngap_id=ue.amf_id or 0, ran_ue_ngap_id=ue.ran_id, cause=cause))
    ue.take()
    assert ue.released().cause == cause


def test_a_node_that_says_nothing_of_new_keys_loses_the_ue() -> None:
    bench = acting("reauthenticate", supi="imsi-001010000000001")
    ue = Ue(bench.gnb()).register()
    bench.wait(10)
    ue.take()
    ue.authenticate()
    ue.uplink(nas.SecurityModeComplete(), header=4)
    bench.wait(4.9)
    ue.take()
    assert isinstance(ue.messages[-1], ngap.UEContextModificationRequest)
    bench.wait(0.2)
    ue.take()
    ue.released()
    assert bench.event("UeContextModificationFailed").config == "ng_response_s"


@pytest.mark.parametrize("refusal", ["silence", "wrong answer", "rejected mode", "no vector"])
def test_a_nas_count_never_wraps(refusal: str) -> None:
    """TS 33.501 clause 6.4.3.1, TS 24.501 clause 4.4.3.5: new keys in time, or no connection and no old keys."""
    bench = Bench()
    ue = with_session(bench)
    context = bench.amf.by_supi[ue.supi]  # type: ignore[attr-defined]
    assert ue.security is not None
    context.security.take_up((1 << 24) - 200, context.security.downlink_count)
    ue.security.uplink_count = (1 << 24) - 200
    if refusal == "no vector":
        bench.core.authenticate = lambda request: codec.problem(503, "NF_CONGESTION")
    ue.uplink(nas.FiveGMMStatus(five_gmm_cause=FiveGMMCause.protocol_error_unspecified))
    if refusal == "wrong answer":
        ue.uplink(nas.AuthenticationResponse(authentication_response_parameter=bytes(16)))
    elif refusal == "rejected mode":
        ue.authenticate()
        ue.uplink(nas.SecurityModeReject(five_gmm_cause=FiveGMMCause.security_mode_rejected_unspecified), plain=True)
    bench.wait(60)
    ue.take()
    assert any(isinstance(m, ngap.UEContextReleaseCommand) for m in ue.messages)
    assert bench.event("ReAuthenticationFailed").subject == ue.supi
    assert context.security is None or not context.security.exhausted
    assert context.connection is None


def test_new_keys_come_before_a_nas_count_wraps() -> None:
    bench = Bench()
    ue = with_session(bench)
    context = bench.amf.by_supi[ue.supi]  # type: ignore[attr-defined]
    assert ue.security is not None
    context.security.take_up((1 << 24) - 200, context.security.downlink_count)
    ue.security.uplink_count = (1 << 24) - 200
    ue.uplink(nas.FiveGMMStatus(five_gmm_cause=FiveGMMCause.protocol_error_unspecified))
    ue.authenticate()
    ue.uplink(nas.SecurityModeComplete(), header=4)
    assert not context.security.exhausted
    assert "KeysRefreshed" in bench.names()
    ask(ue, 2)
    assert len(bench.core.bodies(SMF, "POST", "/sm-contexts")) == 2
