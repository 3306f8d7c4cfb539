"""PDU sessions through the AMF (TS 24.501 clause 5.4.5, TS 23.502 clauses 4.3.2 and 4.3.4, TS 29.518 5.2.2.3)."""

import json
from typing import Any

import pytest

from awase.model.ids import SNssai
from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGMMCause, FiveGSMCause
from awase.protocols.nas.codec import encode
from awase.protocols.nas.elements import FiveGSTmsi as NasFiveGSTmsi
from awase.protocols.nas.elements import PayloadContainerType, PduSessionIds, ServiceType, SNssaiElement, nssai
from awase.protocols.ngap import messages as ngap
from awase.protocols.ngap.elements import (
    Cause,
    PDUSessionResourceFailedToSetupItemSURes,
    PDUSessionResourceReleasedItemRelRes,
    PDUSessionResourceSetupItemSURes,
)
from awase.protocols.sbi import codec, multipart
from awase.protocols.sbi.messages import Request
from unit.functions.amf.bench import SLICE, SMF, Bench, Ue, json_part
from unit.functions.amf.sessions import N1, N2, ask, notify_released, status_uris, transfer, with_session

REFUSAL = encode(
    nas.PDUSessionEstablishmentReject(pdu_session_id=1, pti=1, five_gsm_cause=FiveGSMCause.insufficient_resources)
)


def test_a_request_reaches_the_smf_with_all_that_it_needs() -> None:
    """UPE_ACC: the AMF's part of a PDU session establishment."""
    bench = Bench()
    with_session(bench)
    request = next(r for a, r in bench.core.requests if a == SMF)
    body, parts = json_part(request)
    data = json.loads(body)
    assert parts[data["n1SmMsg"]["contentId"]] == N1
    assert data["supi"] == "imsi-001010000000001"
    assert (data["dnn"], data["sNssai"], data["pduSessionId"]) == ("internet", {"sst": 1}, 1)
    assert "/namf-callback/v1/imsi-001010000000001/sm-context-status/1/" in data["smContextStatusUri"]
    assert data["ueLocation"]["nrLocation"]["tai"]["tac"] == "000001"
    assert data["requestType"] == "INITIAL_REQUEST"


def test_n1_and_n2_of_the_smf_reach_ue_and_node_and_their_answer_the_smf() -> None:
    """TP_NGAP_AMF_PDU_01."""
    bench = Bench()
    ue = with_session(bench)
    assert json.loads(transfer(bench, ue.supi).body) == {"cause": "N1_N2_TRANSFER_INITIATED"}
    ue.take()
    setup = ue.messages[-1]
    (item,) = setup.pdu_session_resource_setup_list_su_req
    assert (item.pdu_session_id, item.s_nssai) == (1, SLICE)
    assert item.pdu_session_resource_setup_request_transfer == N2
    assert setup.ue_aggregate_maximum_bit_rate.ue_aggregate_maximum_bit_rate_ul == 1_000_000_000
    assert ue.last().payload_container == N1
    assert ue.last().pdu_session_id == 1
    ue.gnb.send(
        ngap.PDUSessionResourceSetupResponse(
            amf_ue_ngap_id=ue.amf_id,
            ran_ue_ngap_id=ue.ran_id,
            pdu_session_resource_setup_list_su_res=(
                PDUSessionResourceSetupItemSURes(pdu_session_id=1, pdu_session_resource_setup_response_transfer=b"ok"),
            ),
            pdu_session_resource_failed_to_setup_list_su_res=(
                PDUSessionResourceFailedToSetupItemSURes(
                    pdu_session_id=9, pdu_session_resource_setup_unsuccessful_transfer=b"no"
                ),
            ),
        )
    )
    address, update = bench.core.requests[-1]
    body, parts = json_part(update)
    assert (address, update.path) == (SMF, "/nsmf-pdusession/v1/sm-contexts/1/modify")
    assert json.loads(body)["n2SmInfoType"] == "PDU_RES_SETUP_RSP"
    assert list(parts.values()) == [b"ok"]


def test_session_resources_wait_for_the_ues_context_in_the_node() -> None:
    bench = Bench()
    ue = Ue(bench.gnb())
    ue.begin()
    ue.authenticate()
    ue.complete_security()
    ue.complete_registration()
    ask(ue)
    transfer(bench, ue.supi)
    ue.take()
    assert not isinstance(ue.messages[-1], ngap.PDUSessionResourceSetupRequest)
    ue.set_up_context()
    assert isinstance(ue.messages[-1], ngap.PDUSessionResourceSetupRequest)


def test_without_a_ue_context_request_the_context_is_set_up_when_a_session_needs_it() -> None:
    bench = Bench()
    ue = with_session(bench)
    ue.release_requested(Cause("radioNetwork", "user-inactivity"))
    ue.released()
    ue.begin(service(ue), ue_context_request=None)
    assert isinstance(ue.messages[-1], ngap.DownlinkNASTransport)
    transfer(bench, ue.supi)
    ue.take()
    assert isinstance(ue.messages[-1], ngap.InitialContextSetupRequest)
    ue.set_up_context()
    assert isinstance(ue.messages[-1], ngap.PDUSessionResourceSetupRequest)


def test_a_release_by_the_ue_goes_through_both_ways() -> None:
    """TP_NGAP_AMF_PDU_02."""
    bench = Bench()
    ue = with_session(bench)
    answer = {
        "n1SmMsg": {"contentId": "a"},
        "n2SmInfo": {"contentId": "b"},
        "n2SmInfoType": "PDU_RES_REL_CMD",
    }
    parts = (multipart.n1_part(N1, "a"), multipart.n2_part(N2, "b"))
    bench.core.update_answers.append(codec.json_response(200, answer, parts=parts))
    ask(ue, request_type=None)
    command = ue.messages[-1]
    assert isinstance(command, ngap.PDUSessionResourceReleaseCommand)
    assert ue.last().payload_container == N1
    ue.gnb.send(
        ngap.PDUSessionResourceReleaseResponse(
            amf_ue_ngap_id=ue.amf_id,
            ran_ue_ngap_id=ue.ran_id,
            pdu_session_resource_released_list_rel_res=(
                PDUSessionResourceReleasedItemRelRes(
                    pdu_session_id=1, pdu_session_resource_release_response_transfer=b"\x00"
                ),
            ),
        )
    )
    assert json.loads(json_part(bench.core.requests[-1][1])[0])["n2SmInfoType"] == "PDU_RES_REL_RSP"
    assert notify_released(bench, *status_uris(bench)) == 204
    assert not bench.amf.by_supi[ue.supi].sessions  # type: ignore[index]


def test_that_the_session_before_is_released_does_not_release_the_one_that_is_being_created() -> None:
    """5GSM cause 39: the UE asks again at once, and the SMF's notification crosses the request."""
    bench = Bench()
    ue = with_session(bench)
    bench.core.smf = lambda _request: None
    ask(ue)
    first, second = status_uris(bench)
    assert notify_released(bench, first) == notify_released(bench, second) == 404
    assert bench.amf.by_supi[ue.supi].sessions  # type: ignore[index]


def test_each_sm_context_has_a_callback_of_its_own_and_no_other_releases_it() -> None:
    """TS 29.502 clause 5.2.2.2.1: of the context before it, of another session, or guessed."""
    bench = Bench()
    ue = with_session(bench)
    ask(ue)
    ask(ue, 2)
    first, second, other = status_uris(bench)
    assert len({first, second, other}) == 3
    token = other.rpartition("/")[2]
    for wrong in (first, f"{second.rpartition('/')[0]}/{token}", second[:-1], f"{second}%00", f"{second[:-16]}zz"):
        assert notify_released(bench, wrong) == 404
    assert list(bench.amf.by_supi[ue.supi].sessions) == [1, 2]  # type: ignore[index]
    assert notify_released(bench, second) == 204
    assert list(bench.amf.by_supi[ue.supi].sessions) == [2]  # type: ignore[index]


@pytest.mark.parametrize(
    ("fields", "cause", "words"),
    [
        ({"dnn": "nowhere"}, FiveGMMCause.dnn_not_supported_or_not_subscribed_in_the_slice, "DNN nowhere"),
        (
            {"s_nssai": SNssaiElement(s_nssai=SNssai(2))},
            FiveGMMCause.payload_was_not_forwarded,
            "slice 2 is not among",
        ),
        ({"request_type": None}, FiveGMMCause.payload_was_not_forwarded, "no PDU session 1"),
        ({"psi": 0}, FiveGMMCause.payload_was_not_forwarded, "PDU session ID 0"),
        ({"psi": None}, FiveGMMCause.payload_was_not_forwarded, "PDU session ID None"),
    ],
)
def test_what_cannot_be_routed_comes_back_with_a_cause(fields: dict[str, Any], cause: FiveGMMCause, words: str) -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ask(ue, **fields)
    assert ue.last().five_gmm_cause == cause
    assert ue.last().payload_container == N1
    assert words in bench.event("PayloadNotForwarded").text
    assert not bench.core.bodies(SMF, "POST")


def test_a_payload_of_another_kind_comes_back() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ue.uplink(nas.ULNASTransport(payload_container_type=PayloadContainerType.sms, payload_container=b"sms"))
    assert ue.last().five_gmm_cause == FiveGMMCause.payload_was_not_forwarded


def test_the_default_dnn_is_taken_where_the_ue_names_none() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ask(ue, dnn=None)
    assert json.loads(json_part(bench.core.requests[-1][1])[0])["dnn"] == "internet"


def test_the_smfs_own_refusal_reaches_the_ue() -> None:
    """Establishment reject with the SMF's 5GSM cause."""
    bench = Bench()
    error = {"error": {"status": 403, "cause": "DNN_DENIED"}, "n1SmMsg": {"contentId": "x"}}
    bench.core.smf = lambda request: codec.json_response(403, error, parts=(multipart.n1_part(REFUSAL, "x"),))
    ue = Ue(bench.gnb()).register()
    ask(ue)
    assert ue.last().payload_container == REFUSAL
    assert ue.last().five_gmm_cause is None
    assert "DNN_DENIED" in bench.event("PduSessionRefused").text


@pytest.mark.parametrize(
    ("status", "cause", "expected"),
    [
        (403, "DNN_DENIED", FiveGMMCause.dnn_not_supported_or_not_subscribed_in_the_slice),
        (
            500,
            "INSUFFICIENT_RESOURCES_SLICE_DNN",
            FiveGMMCause.insufficient_resources_for_specific_slice_and_dnn,
        ),
        (500, "SYSTEM_FAILURE", FiveGMMCause.payload_was_not_forwarded),
    ],
)
def test_a_refusal_without_a_5gsm_message_becomes_a_5gmm_cause(status: int, cause: str, expected: FiveGMMCause) -> None:
    bench = Bench()
    bench.core.smf = lambda request: codec.problem(status, cause)
    ue = Ue(bench.gnb()).register()
    ask(ue)
    assert ue.last().five_gmm_cause == expected


def test_a_silent_smf_means_that_the_payload_was_not_forwarded() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    bench.core.smf = lambda request: None
    ask(ue)
    ask(ue)
    assert len(bench.core.bodies(SMF, "POST")) == 1
    bench.wait(5)
    ue.take()
    assert ue.last().five_gmm_cause == FiveGMMCause.payload_was_not_forwarded
    assert bench.event("PduSessionRefused").config == "peers.N11"
    bench.core.smf = bench.core._smf
    ask(ue)
    bench.core.smf = lambda request: None
    ask(ue, request_type=None)
    bench.wait(5)
    ue.take()
    assert bench.event("SmfSilent").config == "peers.N11"


def test_an_sm_context_that_the_smf_has_lost_is_forgotten() -> None:
    bench = Bench()
    ue = with_session(bench)
    bench.core.update_answers.append(codec.problem(404, "CONTEXT_NOT_FOUND"))
    ask(ue, request_type=None)
    assert ue.last().five_gmm_cause == FiveGMMCause.payload_was_not_forwarded
    assert not bench.amf.by_supi[ue.supi].sessions  # type: ignore[index]


def test_a_new_request_for_a_session_that_exists_replaces_it() -> None:
    bench = Bench()
    ue = with_session(bench)
    ask(ue)
    paths = [request.path for address, request in bench.core.requests if address == SMF]
    assert paths == [
        "/nsmf-pdusession/v1/sm-contexts",
        "/nsmf-pdusession/v1/sm-contexts/1/release",
        "/nsmf-pdusession/v1/sm-contexts",
    ]


def test_more_sessions_than_allowed_are_refused() -> None:
    bench = Bench(limits={"sessions_per_ue": 1})
    ue = with_session(bench)
    ask(ue, 2)
    assert ue.last().five_gmm_cause == FiveGMMCause.maximum_number_of_pdu_sessions_reached


@pytest.mark.parametrize("who", ["imsi-001019999999999", "idle", "psi", "kind", "skip"])
def test_a_transfer_that_cannot_be_made_is_answered_as_specified(who: str) -> None:
    bench = Bench()
    ue = with_session(bench)
    if who in ("idle", "skip"):
        ue.release_requested(Cause("radioNetwork", "user-inactivity"))
        ue.released()
    answers = {
        "idle": lambda: transfer(bench, ue.supi),
        "skip": lambda: transfer(bench, ue.supi, skipInd=True),
        "psi": lambda: transfer(bench, ue.supi, 7),
        "kind": lambda: transfer(bench, ue.supi, kind="SOMETHING"),
    }
    response = answers.get(who, lambda: transfer(bench, who))()
    body = json.loads(response.body)
    assert (response.status, body.get("cause") or body["error"]["cause"]) == {
        "idle": (202, "ATTEMPTING_TO_REACH_UE"),
        "skip": (200, "N1_MSG_NOT_TRANSFERRED"),
        "psi": (403, "UNSPECIFIED"),
        "kind": (400, "MANDATORY_IE_INCORRECT"),
    }.get(who, (404, "CONTEXT_NOT_FOUND"))


def test_a_transfer_during_a_registration_is_put_off() -> None:
    bench = Bench()
    ue = with_session(bench)
    ue.uplink(ue.request())
    assert transfer(bench, ue.supi).status == 409


def test_a_modification_reaches_the_node() -> None:
    """TP_NGAP_AMF_PDU_03; Osmocom pdu_sess_modification."""
    bench = Bench()
    ue = with_session(bench)
    transfer(bench, ue.supi, kind="PDU_RES_MOD_REQ")
    ue.take()
    assert isinstance(ue.messages[-1], ngap.PDUSessionResourceModifyRequest)


def service(ue: Ue, **fields: Any) -> nas.ServiceRequest:
    assert ue.guti is not None
    ksi = ue.security.ngksi if ue.security is not None else 7
    return nas.ServiceRequest(
        ngksi=ksi, service_type=ServiceType.data, five_g_s_tmsi=NasFiveGSTmsi.of(ue.guti), **fields
    )


def test_user_planes_sleep_and_wake_with_the_connection() -> None:
    """TS 23.502 clauses 4.2.6 and 4.2.3.2."""
    bench = Bench()
    ue = with_session(bench)
    ue.release_requested(Cause("radioNetwork", "user-inactivity"))
    ue.released()
    assert json.loads(bench.core.requests[-1][1].body)["upCnxState"] == "DEACTIVATED"
    answer = {"upCnxState": "ACTIVATING", "n2SmInfo": {"contentId": "b"}, "n2SmInfoType": "PDU_RES_SETUP_REQ"}
    bench.core.update_answers.append(codec.json_response(200, answer, parts=(multipart.n2_part(N2, "b"),)))
    ue.begin(service(ue, uplink_data_status=PduSessionIds((1,)), pdu_session_status=PduSessionIds((1,))))
    accept = ue.last()
    assert isinstance(accept, nas.ServiceAccept)
    assert accept.pdu_session_status == PduSessionIds((1,))
    assert accept.pdu_session_reactivation_result == PduSessionIds(())
    request = ue.messages[-1]
    assert isinstance(request, ngap.InitialContextSetupRequest)
    (item,) = request.pdu_session_resource_setup_list_cxt_req
    assert (item.pdu_session_id, item.pdu_session_resource_setup_request_transfer) == (1, N2)
    assert request.ue_aggregate_maximum_bit_rate is not None
    ue.set_up_context(1)
    body = json.loads(json_part(bench.core.requests[-1][1])[0])
    assert body["n2SmInfoType"] == "PDU_RES_SETUP_RSP"


def test_a_service_request_that_nobody_knows_is_rejected_with_cause_9() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ue.release_requested(Cause("radioNetwork", "user-inactivity"))
    ue.released()
    bench.amf.by_tmsi.clear()
    ue.begin(service(ue))
    assert ue.last().five_gmm_cause == FiveGMMCause.ue_identity_cannot_be_derived_by_the_network
    assert isinstance(ue.messages[-1], ngap.UEContextReleaseCommand)


def test_a_service_request_with_a_wrong_mac_is_rejected_and_the_context_kept() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ue.release_requested(Cause("radioNetwork", "user-inactivity"))
    ue.released()
    ue.begin(octets=b"\x7e\x01" + bytes(5) + encode(service(ue)))
    assert ue.last().five_gmm_cause == FiveGMMCause.ue_identity_cannot_be_derived_by_the_network
    ue.begin(service(ue))
    assert isinstance(ue.last(), nas.ServiceAccept)


def test_a_service_request_after_implicit_deregistration_is_rejected_with_cause_10() -> None:
    bench = Bench(t3512_s=60, implicit_deregistration_s=10)
    ue = with_session(bench)
    ue.release_requested(Cause("radioNetwork", "user-inactivity"))
    ue.released()
    bench.wait(300 + 10 + 1)
    assert bench.event("ImplicitlyDeregistered").subject == ue.supi
    assert bench.core.bodies(SMF, "POST", "/release")
    ue.begin(service(ue))
    assert ue.last().five_gmm_cause == FiveGMMCause.implicitly_de_registered


def test_a_ue_that_moves_to_another_node_leaves_its_old_connection() -> None:
    bench = Bench()
    ue = with_session(bench)
    old = ue.gnb
    ue.gnb = bench.gnb()
    ue.begin(service(ue))
    assert isinstance(ue.last(), nas.ServiceAccept)
    assert isinstance(old.last(), ngap.UEContextReleaseCommand)


def test_requests_of_strangers_are_answered_with_problems() -> None:
    bench = Bench()
    assert (bench.call(Request("GET", "/")) or Request("", "")).status in (400, 404)  # type: ignore[union-attr]
    answer = bench.call(
        codec.json_request(
            "POST", "/namf-callback/v1/x/sm-context-status/zz/0", {"statusInfo": {"resourceStatus": "RELEASED"}}
        )
    )
    assert answer is not None
    assert answer.status == 404


@pytest.mark.parametrize(
    "message",
    [
        nas.PDUSessionAuthenticationCommand(pdu_session_id=1, pti=0, eap_message=bytes(4)),
        nas.PDUSessionEstablishmentReject(
            pdu_session_id=1, pti=1, five_gsm_cause=FiveGSMCause.user_authentication_or_authorization_failed
        ),
        nas.PDUSessionModificationReject(
            pdu_session_id=1, pti=1, five_gsm_cause=FiveGSMCause.requested_service_option_not_subscribed
        ),
    ],
    ids=lambda message: type(message).__name__,
)
def test_what_an_smf_says_reaches_the_ue_unchanged(message: nas.FiveGSMMessage) -> None:
    """The AMF's part of TP_5GNAS_AMF purposes UPA_ACC, UPA_ABN, establishment reject #29 and UPN_REJ."""
    bench = Bench()
    ue = with_session(bench)
    octets = encode(message)
    body = {
        "n1MessageContainer": {"n1MessageClass": "SM", "n1MessageContent": {"contentId": "n1"}},
        "pduSessionId": 1,
    }
    path = f"/namf-comm/v1/ue-contexts/{ue.supi}/n1-n2-messages"
    answer = bench.call(codec.json_request("POST", path, body, (multipart.n1_part(octets, "n1"),)))
    assert answer is not None
    assert answer.status == 200
    ue.take()
    assert ue.last().payload_container == octets


def test_what_a_ue_answers_to_an_authentication_of_its_session_reaches_the_smf_unchanged() -> None:
    """The AMF's part of UPA_ACC."""
    bench = Bench()
    ue = with_session(bench)
    octets = encode(nas.PDUSessionAuthenticationComplete(pdu_session_id=1, pti=0, eap_message=bytes(4)))
    ue.uplink(
        nas.ULNASTransport(
            payload_container_type=PayloadContainerType.n1_sm_information, payload_container=octets, pdu_session_id=1
        )
    )
    _, parts = json_part(bench.core.requests[-1][1])
    assert list(parts.values()) == [octets]


def test_the_default_slice_is_taken_where_the_ue_names_none() -> None:
    """TS 23.501 clause 5.15.5.3: of its default slices, not just any that is allowed."""
    bench = Bench(slices=[{"sst": 1}, {"sst": 2}])
    bench.core.slices = ({"sst": 1}, {"sst": 2})
    bench.core.dnns = {"1": ["internet"], "2": ["internet"]}
    both = (SNssai(1), SNssai(2))
    ue = Ue(bench.gnb(slices=both), requested_nssai=nssai((SNssai(2), SNssai(1)))).register()
    assert bench.amf.by_supi[ue.supi].allowed == (SNssai(2), SNssai(1))  # type: ignore[attr-defined]
    ask(ue)
    assert json.loads(json_part(bench.core.requests[-1][1])[0])["sNssai"] == {"sst": 1}
