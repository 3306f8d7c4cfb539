"""AN release, from the node and by its loss (TS 23.502 clause 4.2.6, TS 38.413 clauses 8.3.2 and 8.3.3)."""

import json
from typing import Any

import pytest

from awase.protocols.nas import messages as nas
from awase.protocols.nas.elements import PduSessionIds
from awase.protocols.ngap import messages as ngap
from awase.protocols.ngap.elements import (
    Cause,
    PDUSessionResourceFailedToSetupItemCxtFail,
    PDUSessionResourceFailedToSetupItemCxtRes,
)
from unit.functions.amf.bench import SMF, Bench, Ue, json_part
from unit.functions.amf.sessions import activating, ask, n2_alone, with_session

INACTIVE = Cause("radioNetwork", "user-inactivity")


def states(bench: Bench) -> list[Any]:
    return [body["upCnxState"] for body in bench.core.bodies(SMF, "POST", "/modify") if "upCnxState" in body]


def test_user_planes_sleep_before_the_node_is_told_to_release_the_ue() -> None:
    """TP_NGAP_AMF_CMP_03_x; Osmocom ue_context_release_with_pdu_session."""
    bench = Bench()
    ue = with_session(bench)
    bench.core.smf = lambda request: None
    ue.release_requested(INACTIVE, 1)
    assert states(bench) == ["DEACTIVATED"]
    assert not isinstance(ue.messages[-1], ngap.UEContextReleaseCommand)
    bench.wait(5)
    ue.take()
    assert ue.released().cause == INACTIVE
    assert states(bench) == ["DEACTIVATED"]
    body = bench.core.bodies(SMF, "POST", "/modify")[-1]
    assert body["ngApCause"] == {"group": 0, "value": 20}


def test_a_wish_that_is_repeated_is_granted_once() -> None:
    bench = Bench()
    ue = with_session(bench)
    bench.core.smf = lambda request: None
    ue.release_requested(INACTIVE, 1)
    ue.release_requested(INACTIVE, 1)
    bench.wait(5)
    ue.take()
    assert [type(m) for m in ue.messages].count(ngap.UEContextReleaseCommand) == 1


@pytest.mark.parametrize(
    "cause",
    [
        INACTIVE,
        Cause("radioNetwork", "radio-connection-with-ue-lost"),
        Cause("radioNetwork", "failure-in-radio-interface-procedure"),
        Cause("radioNetwork", "release-due-to-ngran-generated-reason"),
        Cause("transport", "transport-resource-unavailable"),
        Cause("misc", "om-intervention"),
    ],
    ids=str,
)
def test_without_sessions_the_ue_is_released_at_once_with_the_cause_of_the_node(cause: Cause) -> None:
    """TP_NGAP_AMF_CMP_03_x; Osmocom ue_context_release_no_pdu_session."""
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ue.release_requested(cause)
    assert ue.released().cause == cause
    assert not bench.amf.connections  # type: ignore[attr-defined]
    assert not states(bench)


def test_sessions_that_the_node_does_not_list_sleep_as_well() -> None:
    bench = Bench()
    ue = with_session(bench)
    ask(ue, 2)
    ue.release_requested(INACTIVE, 2)
    ue.released()
    assert states(bench) == ["DEACTIVATED", "DEACTIVATED"]


def test_a_transfer_during_the_release_is_paged_for_after_it() -> None:
    bench = Bench()
    ue = with_session(bench)
    bench.core.smf = lambda request: None
    ue.gnb.take()
    ue.release_requested(INACTIVE, 1)
    assert n2_alone(bench, ue.supi).status == 200
    bench.wait(5)
    ue.take()
    ue.released()
    assert [type(m) for m in ue.gnb.take()] == [ngap.Paging]


def test_the_loss_of_the_association_puts_every_ue_to_sleep() -> None:
    """TS 23.527 clause 5, TS 38.413 clause 8.7.1.1: UEs stay registered and CM-IDLE."""
    bench = Bench()
    gnb = bench.gnb()
    ues = [Ue(gnb, number).register() for number in (1, 2)]
    for ue in ues:
        ask(ue)
    gnb.end("abort")
    assert states(bench) == ["DEACTIVATED"] * 2
    assert not bench.amf.connections  # type: ignore[attr-defined]
    ue = ues[0]
    ue.gnb = bench.gnb()
    bench.core.update_answers.append(activating())
    ue.begin(ue.service(uplink_data_status=PduSessionIds((1,))))
    assert isinstance(ue.last(), nas.ServiceAccept)


def test_sessions_that_the_node_cannot_set_up_are_told_to_their_smf() -> None:
    bench = Bench()
    ue = with_session(bench).idle(1)
    bench.core.update_answers.append(activating())
    ue.begin(ue.service(uplink_data_status=PduSessionIds((1,))))
    failed = PDUSessionResourceFailedToSetupItemCxtRes(
        pdu_session_id=1, pdu_session_resource_setup_unsuccessful_transfer=b"no"
    )
    ue.gnb.send(
        ngap.InitialContextSetupResponse(
            amf_ue_ngap_id=ue.amf_id,
            ran_ue_ngap_id=ue.ran_id,
            pdu_session_resource_failed_to_setup_list_cxt_res=(failed,),
        )
    )
    body, parts = json_part(bench.core.requests[-1][1])
    assert (json.loads(body)["n2SmInfoType"], list(parts.values())) == ("PDU_RES_SETUP_FAIL", [b"no"])


def test_a_context_that_the_node_cannot_set_up_ends_in_cm_idle_with_the_smf_told() -> None:
    bench = Bench()
    ue = with_session(bench).idle(1)
    bench.core.update_answers.append(activating())
    ue.begin(ue.service(uplink_data_status=PduSessionIds((1,))))
    failed = PDUSessionResourceFailedToSetupItemCxtFail(
        pdu_session_id=1, pdu_session_resource_setup_unsuccessful_transfer=b"no"
    )
    ue.gnb.send(
        ngap.InitialContextSetupFailure(
            amf_ue_ngap_id=ue.amf_id,
            ran_ue_ngap_id=ue.ran_id,
            pdu_session_resource_failed_to_setup_list_cxt_fail=(failed,),
            cause=Cause("radioNetwork", "no-radio-resources-available-in-target-cell"),
        )
    )
    ue.take()
    ue.released()
    types = [body.get("n2SmInfoType") for body in bench.core.bodies(SMF, "POST", "/modify")]
    assert "PDU_RES_SETUP_FAIL" in types
    assert states(bench)[-1] == "DEACTIVATED"
    assert bench.amf.by_supi[ue.supi].sessions  # type: ignore[attr-defined]
