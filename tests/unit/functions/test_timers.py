"""The timers of TS 24.501 clauses 10.2 and 10.3 that our functions have: their values, and the test that shows each."""

import ast
from pathlib import Path

import pytest

from awase.functions.amf.config import Config as AmfConfig
from awase.functions.smf.config import Config as SmfConfig
from awase.functions.ue import timers as ue
from awase.functions.ue.qos import RQ_TIMER_S

HERE = Path(__file__).parent
AMF, SMF = AmfConfig(), SmfConfig()

UE_SIDE = {
    "T3247": (ue.T3247_S, (1800, 3600), "ue/test_authentication.py", "doubted_until_t3247_expires"),
    "T3346": (
        ue.T3346_DEFAULT_S,
        (900, 1800),
        "ue/test_registration.py",
        "congestion_is_believed_only_under_protection",
    ),
    "T3502": (ue.T3502_S, 720, "ue/test_registration.py", "a_protocol_error_waits_for_t3502"),
    "T3510": (ue.T3510_S, 15, "ue/test_registration.py", "then_t3510_and_t3511_pace_five_attempts"),
    "T3511": (ue.T3511_S, 10, "ue/test_registration.py", "a_cause_that_passes_is_tried_again_after_t3511"),
    "T3512": (ue.T3512_S, 3240, "ue/test_sessions.py", "after_t3512_the_registration_is_renewed"),
    "T3516": (ue.T3516_S, 30, "ue/test_authentication.py", "is_forgotten_when_t3516_expires"),
    "T3517": (ue.T3517_S, 15, "ue/test_sessions.py", "is_given_up_at_t3517"),
    "T3519": (ue.T3519_S, 60, "ue/test_registration.py", "the_same_suci_is_used_until_t3519_expires"),
    "T3520": (ue.T3520_S, 15, "ue/test_authentication.py", "then_t3520_ends_it"),
    "T3521": (ue.T3521_S, 15, "ue/test_sessions.py", "then_t3521_repeats_it"),
    "T3525": (ue.T3525_S, 60, "ue/test_sessions.py", "while_t3525_runs"),
    "T3540": (ue.T3540_S, 10, "ue/test_registration.py", "ends_with_t3540"),
    "T3580": (ue.T3580_S, 16, "ue/test_sessions.py", "then_t3580_repeats_the_request_five_times"),
    "T3581": (ue.T3581_S, 16, "ue/test_qos.py", "then_t3581_repeats_it_five_times"),
    "T3582": (ue.T3582_S, 16, "ue/test_sessions.py", "then_t3582_repeats_it_and_it_ends_locally"),
    "T3583": (RQ_TIMER_S, 60, "ue/test_qos.py", "until_the_rq_timer_expires"),
}
"""TS 24.501 tables 10.2.1 and 10.3.1; T3396, T3584 and T3585 are the network's to say."""

GIVEN = {
    "T3396, T3584, T3585": ("ue/test_qos.py", "t3396_is_for_a_dnn_t3584_for_a_dnn_in_a_slice_t3585_for_a_slice"),
    "T3513": ("amf/test_paging.py", "is_paged_four_times_and_the_smf_is_told"),
    "implicit de-registration": ("amf/test_registration_update.py", "is_first_not_paged_and_then_deregistered"),
}
"""Timers whose value the tables leave to the network."""

NETWORK_SIDE = {
    "T3522": (AMF.t3522_s, 6, "amf/test_deregistration.py", "deregistration_by_the_network_is_sent_five_times"),
    "T3550": (AMF.t3550_s, 6, "amf/test_registration.py", "until_t3550_has_expired_five_times"),
    "T3555": (AMF.t3555_s, 6, "amf/test_configuration_update.py", "without_an_answer_it_is_sent_five_times"),
    "T3560, authentication": (AMF.t3560_s, 6, "amf/test_authentication.py", "the_request_is_sent_five_times"),
    "T3560, EAP": (AMF.t3560_s, 6, "amf/test_eap_based_authentication.py", "the_request_is_sent_five_times"),
    "T3560, security mode": (AMF.t3560_s, 6, "amf/test_security.py", "security_mode_command_is_sent_five_times"),
    "T3570": (AMF.t3570_s, 6, "amf/test_registration.py", "an_identity_request_is_repeated_four_times"),
    "T3512": (AMF.t3512_s, 3240, "amf/test_registration_update.py", "is_first_not_paged_and_then_deregistered"),
    "mobile reachable": (AMF.mobile_reachable_s, 240, "amf/test_paging.py", "after_the_mobile_reachable_timer"),
    "T3591": (SMF.t3591_s, 16, "smf/test_modification.py", "given_up_at_the_fifth_expiry"),
    "T3592": (SMF.t3592_s, 16, "smf/test_release.py", "at_each_expiry_of_t3592"),
}
"""TS 24.501 tables 10.2.2 and 10.3.2; the mobile reachable timer is what it is longer than T3512 (clause 5.3.7)."""


def named_in(path: str) -> list[str]:
    tree = ast.parse((HERE / path).read_text(encoding="utf-8"))
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


@pytest.mark.parametrize("name", [*UE_SIDE, *NETWORK_SIDE])
def test_a_timer_has_the_value_of_the_table(name: str) -> None:
    for table in (UE_SIDE, NETWORK_SIDE):
        if name in table:
            assert table[name][0] == table[name][1]


@pytest.mark.parametrize(
    ("path", "words"), [*(row[2:] for row in (*UE_SIDE.values(), *NETWORK_SIDE.values())), *GIVEN.values()]
)
def test_what_a_timer_does_is_tested(path: str, words: str) -> None:
    assert any(words in name for name in named_in(path))


def test_no_timer_of_the_ue_is_left_out() -> None:
    named = {name.removesuffix("_S").removesuffix("_DEFAULT") for name in vars(ue) if name.startswith("T3")}
    assert named - {"T300_TRIES"} == UE_SIDE.keys() - {"T3583"}
