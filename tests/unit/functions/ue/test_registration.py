"""The UE registers, and what it does when it may not (TS 24.501 clause 5.5.1)."""

import pytest

from awase.functions.ue.states import RmState
from awase.model.ids import Plmn
from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.elements import (
    ConfigurationUpdateIndication,
    GprsTimer2,
    IdentityType,
    Imei,
    NoIdentity,
    Suci,
)
from awase.protocols.nas.entity import non_cleartext_ies
from awase.protocols.nas.network_elements import NetworkName
from awase.protocols.rrc.messages import MIB, RRCSetupComplete, RRCSetupRequest
from awase.security.suci import deconceal
from unit.functions.ue.rig import GNB, SUPI, Network

HOME_KEY = "c53c22208b61860b06c62e5406a7b330c2b577aa5558981510d128247d38bd1d"
HOME_PUBLIC = "5a8d38864820197c3394b92613b20b91633cbd897119273bf8e4a6f4eec0a650"


def reject(cause: int, **more: object) -> nas.RegistrationReject:
    return nas.RegistrationReject(five_gmm_cause=FiveGMMCause(cause), **more)  # type: ignore[arg-type]


def test_when_all_answer_then_the_ue_registers_and_completes() -> None:
    network = Network(slices=[{"sst": 1}]).run(2)
    assert network.names() == ["CellSelected", "Registered"]
    assert network.ue.context.state is RmState.REGISTERED
    assert network.headers == [0, 0, 4, 2]
    assert len(network.all(nas.RegistrationComplete)) == 1


def test_requested_nssai_goes_only_under_protection() -> None:
    network = Network(slices=[{"sst": 1, "sd": "0000AA"}]).run(2)
    clear, whole = network.all(nas.RegistrationRequest)
    assert non_cleartext_ies(clear) == ()
    assert [str(s.s_nssai) for s in whole.requested_nssai] == ["1-0000aa"]
    assert whole.five_gs_mobile_identity == clear.five_gs_mobile_identity


def test_keys_are_logged_when_security_is_taken_into_use_and_nowhere_else() -> None:
    network = Network().run(2)
    (record,) = network.services.keys
    assert (record["kind"], record["supi"], record["nea"], record["nia"]) == ("nas", SUPI, 2, 2)
    shown = repr(network.events) + repr(network.ue.context) + repr(network.ue.config)
    for secret in (record["k_nas_enc"], record["k_nas_int"], network.ue.config.k, network.ue.config.opc):
        assert secret not in shown


# TS 33.501 clause C.4.4: home network key pair of profile B.
P256_PUBLIC = "0272da71976234ce833a6907425867b82e074d44ef907dfb4b3e21c1c2256ebcd1"
P256_PRIVATE = bytes.fromhex("f1ab1074477ebcc7f554ea1c5fc368b1616730155e0041ac447d6301975fecda")
TWO_KEYS = [
    {"id": 3, "scheme": "profile-a", "public_key": HOME_PUBLIC},
    {"id": 4, "scheme": "profile-b", "public_key": P256_PUBLIC},
]


def test_a_suci_of_profile_b_hides_the_msin() -> None:
    network = Network(suci_scheme="profile-b", home_network_keys=TWO_KEYS).run(2)
    suci = network.all(nas.RegistrationRequest)[0].five_gs_mobile_identity
    assert isinstance(suci, Suci)
    assert (suci.protection_scheme_id, suci.home_network_public_key_identifier) == (2, 4)
    assert SUPI.endswith(deconceal(2, suci.scheme_output, P256_PRIVATE))


def test_a_suci_of_profile_a_hides_the_msin() -> None:
    network = Network(suci_scheme="profile-a", home_network_keys=TWO_KEYS).run(2)
    suci = network.all(nas.RegistrationRequest)[0].five_gs_mobile_identity
    assert isinstance(suci, Suci)
    assert (suci.protection_scheme_id, suci.home_network_public_key_identifier) == (1, 3)
    assert deconceal(1, suci.scheme_output, bytes.fromhex(HOME_KEY)) == "0000000001"


def test_the_next_registration_uses_the_guti_and_the_security_context() -> None:
    network = Network(slices=[{"sst": 1}], actions=[{"at_s": 2, "do": "deregister"}, {"at_s": 4, "do": "register"}])
    network.run(3)
    network.release()
    network.answers[nas.RegistrationRequest] = network.accept_registration
    network.run(3)
    again = network.all(nas.RegistrationRequest)[-1]
    assert again.five_gs_mobile_identity == network.guti
    assert again.ngksi == 1
    assert again.requested_nssai is not None
    assert network.headers[-2:] == [1, 2]
    setup = network.all(RRCSetupComplete)[-1]
    request = network.all(RRCSetupRequest)[-1]
    tmsi = setup.ng_five_g_s_tmsi_part2 << 39 | request.ng_five_g_s_tmsi_part1
    assert tmsi == 1 << 38 | 0xC0000001


def test_when_the_network_is_silent_then_t3510_and_t3511_pace_five_attempts_and_t3502_the_next() -> None:
    network = Network()
    network.answers[nas.RegistrationRequest] = lambda _: None
    network.run(24)
    assert len(network.all(nas.RegistrationRequest)) == 1
    network.run(2)
    assert len(network.all(nas.RegistrationRequest)) == 2
    network.run(110)
    assert len(network.all(nas.RegistrationRequest)) == 5
    assert network.names().count("RegistrationAttemptFailed") == 5
    network.run(600)
    assert len(network.all(nas.RegistrationRequest)) == 5
    network.run(110)
    assert len(network.all(nas.RegistrationRequest)) == 6


@pytest.mark.parametrize(
    ("cause", "state", "config"),
    [
        (3, RmState.DEREGISTERED_PLMN_SEARCH, "subscriber"),
        (7, RmState.DEREGISTERED_PLMN_SEARCH, "subscriber"),
        (11, RmState.DEREGISTERED_PLMN_SEARCH, "plmn"),
        (12, RmState.DEREGISTERED_PLMN_SEARCH, "plmn"),
        (15, RmState.DEREGISTERED_PLMN_SEARCH, "plmn"),
        (62, RmState.DEREGISTERED, "slices"),
    ],
)
def test_causes_that_end_it(cause: int, state: RmState, config: str) -> None:
    network = Network(slices=[{"sst": 9}])
    network.answers[nas.RegistrationRequest] = lambda _: network.send(reject(cause))
    network.run(120)
    assert len(network.all(nas.RegistrationRequest)) == 1
    assert network.ue.context.state is state
    event = network.event("RegistrationRejected")
    assert (event.fields["cause"], event.config, event.level) == (cause, config, "error")
    assert f"cause #{cause}" in event.text


@pytest.mark.parametrize(
    ("cause", "state"),
    [
        (3, RmState.DEREGISTERED_NO_SUPI),
        (6, RmState.DEREGISTERED_NO_SUPI),
        (7, RmState.DEREGISTERED_NO_SUPI),
        (11, RmState.DEREGISTERED_PLMN_SEARCH),
        (13, RmState.DEREGISTERED_PLMN_SEARCH),
        (27, RmState.DEREGISTERED_PLMN_SEARCH),
        (62, RmState.DEREGISTERED),
        (73, RmState.DEREGISTERED_PLMN_SEARCH),
    ],
)
def test_under_protection_a_cause_is_believed_for_good(cause: int, state: RmState) -> None:
    network = Network()
    network.answers[nas.SecurityModeComplete] = lambda _: network.send(reject(cause))
    network.run(4000)
    assert len(network.all(nas.RegistrationRequest)) == 1
    assert network.ue.context.state is state


def test_without_protection_a_cause_is_doubted_and_tried_again_after_t3247_until_it_is_believed() -> None:
    network = Network()
    network.answers[nas.RegistrationRequest] = lambda _: network.send(reject(3))
    network.run(1790)
    assert len(network.all(nas.RegistrationRequest)) == 1
    network.run(1820)
    assert len(network.all(nas.RegistrationRequest)) == 2
    network.answers[nas.RegistrationRequest] = network.challenge
    network.run(3700)
    assert network.ue.context.state is RmState.REGISTERED


def test_the_same_suci_is_used_until_t3519_expires() -> None:
    network = Network(suci_scheme="profile-a", home_network_keys=TWO_KEYS)
    network.answers[nas.RegistrationRequest] = lambda _: None
    network.run(110)
    sucis = [request.five_gs_mobile_identity.scheme_output for request in network.all(nas.RegistrationRequest)]
    # One attempt every 25 s, for 60 s with the same SUCI.
    assert len(sucis) == 5
    assert sucis[0] == sucis[1] == sucis[2] != sucis[3] == sucis[4]


def test_a_connection_that_the_network_does_not_release_after_a_reject_ends_with_t3540() -> None:
    network = Network(slices=[{"sst": 9}])
    network.answers[nas.RegistrationRequest] = lambda _: network.send(reject(62))
    network.run(9)
    assert network.ue.uu.connected
    network.run(2)
    assert not network.ue.uu.connected


@pytest.mark.parametrize("released", [True, False])
def test_after_cause_9_the_next_registration_has_a_connection_of_its_own(released: bool) -> None:
    network = Network()
    network.answers[nas.RegistrationRequest] = lambda _: network.send(reject(9))
    network.run(1)
    network.answers[nas.RegistrationRequest] = network.challenge
    assert len(network.all(nas.RegistrationRequest)) == 1
    if released:
        network.release()
        network.run(1)
        assert network.ue.context.state is RmState.REGISTERED
    # Else T3540 releases it; and it does not touch the connection that comes after.
    network.run(20)
    assert network.ue.context.state is RmState.REGISTERED
    assert network.ue.uu.connected
    assert len(network.all(RRCSetupRequest)) == 2


def test_a_rejection_for_slices_names_those_asked_for() -> None:
    network = Network(slices=[{"sst": 9, "sd": "00000f"}])
    network.answers[nas.RegistrationRequest] = lambda _: network.send(reject(62))
    network.run(2)
    assert "9-00000f" in network.event("RegistrationRejected").text


def test_the_tracking_area_is_named_and_the_ue_says_why_it_stays_without_a_cell() -> None:
    network = Network()
    network.answers[nas.RegistrationRequest] = lambda _: network.send(reject(12))
    network.run(20)
    assert "TAC 1" in network.event("RegistrationRejected").text
    assert "forbidden" in network.event("NoSuitableCell").text


def test_a_cause_that_passes_is_tried_again_after_t3511() -> None:
    network = Network()
    network.answers[nas.RegistrationRequest] = lambda _: network.send(reject(90))
    network.run(15)
    assert len(network.all(nas.RegistrationRequest)) == 2


def test_a_protocol_error_waits_for_t3502() -> None:
    network = Network()
    network.answers[nas.RegistrationRequest] = lambda _: network.send(reject(111))
    network.run(719)
    assert len(network.all(nas.RegistrationRequest)) == 1
    network.run(10)
    assert len(network.all(nas.RegistrationRequest)) == 2


def test_congestion_is_believed_only_under_protection() -> None:
    network = Network()
    network.answers[nas.RegistrationRequest] = lambda _: network.send(reject(22, t3346_value=GprsTimer2(0, 10)))
    network.run(800)
    assert len(network.all(nas.RegistrationRequest)) == 1
    network = Network()
    network.answers[nas.SecurityModeComplete] = lambda _: network.send(reject(22, t3346_value=GprsTimer2(0, 10)))
    network.run(19)
    before = len(network.headers)
    network.run(3)
    assert network.headers[before] == 1


@pytest.mark.parametrize("value", [None, GprsTimer2(0, 0), GprsTimer2(7, 0)])
def test_congestion_without_a_time_is_a_failed_attempt(value: GprsTimer2 | None) -> None:
    """TS 24.501 clauses 5.5.1.2.5 and 5.5.1.2.7 d."""
    network = Network()
    network.answers[nas.RegistrationRequest] = lambda _: network.send(reject(22, t3346_value=value))
    network.run(9)
    assert len(network.all(nas.RegistrationRequest)) == 1
    network.run(3)
    assert len(network.all(nas.RegistrationRequest)) == 2


@pytest.mark.parametrize(("value", "seconds"), [(GprsTimer2(1, 2), 120), (GprsTimer2(7, 0), 720)])
def test_a_reject_may_say_how_long_t3502_is(value: GprsTimer2, seconds: int) -> None:
    """TS 24.501 clause 5.3.8."""
    network = Network()
    network.answers[nas.RegistrationRequest] = lambda _: network.send(reject(111, t3502_value=value))
    network.run(seconds - 1)
    assert len(network.all(nas.RegistrationRequest)) == 1
    network.run(3)
    assert len(network.all(nas.RegistrationRequest)) == 2


def test_a_reject_that_needs_protection_is_not_believed_without() -> None:
    network = Network()
    network.answers[nas.RegistrationRequest] = lambda _: network.send(reject(76))
    network.run(2)
    assert network.ue.context.state is RmState.REGISTERED_INITIATED
    assert "not integrity protected" in network.event("NasMessageDiscarded").text


def test_an_unprotected_accept_is_discarded() -> None:
    network = Network()
    network.answers[nas.RegistrationRequest] = lambda _: network.send(network.registration_accept())
    network.run(2)
    assert network.ue.context.state is RmState.REGISTERED_INITIATED


def test_when_the_cell_is_of_another_plmn_then_an_event_says_which() -> None:
    network = Network()
    network.plmn = Plmn("999", "70")
    network.run(10)
    event = network.event("NoSuitableCell")
    assert "PLMN 001-01" in event.text
    assert "999-70" in event.text
    assert event.config == "plmn"
    assert network.all(RRCSetupRequest) == []


def test_when_the_cell_is_barred_then_the_ue_stays_away() -> None:
    network = Network()
    network.mib = MIB(cell_barred="barred")
    network.run(10)
    assert "barred" in network.event("NoSuitableCell").text


def test_when_no_cell_answers_then_an_event_says_so() -> None:
    network = Network()
    network.silent = True
    network.run(10)
    assert network.event("NoSuitableCell").config == "peers.Uu"


def test_when_rrc_is_not_answered_then_it_is_asked_again_after_t300() -> None:
    network = Network()
    network.deaf_to_rrc = True
    network.run(2.5)
    assert len(network.all(RRCSetupRequest)) == 3
    network.deaf_to_rrc = False
    network.run(2)
    assert network.ue.context.state is RmState.REGISTERED


def test_when_rrc_is_rejected_then_the_wait_time_is_kept() -> None:
    network = Network()
    network.answers[RRCSetupRequest] = network.reject_rrc
    network.run(1.9)
    assert len(network.all(RRCSetupRequest)) == 1
    del network.answers[RRCSetupRequest]
    network.run(1)
    assert network.ue.context.state is RmState.REGISTERED


def test_a_cell_is_lost_after_two_seconds_of_silence_and_found_again() -> None:
    network = Network().run(2)
    network.silent = True
    network.run(3)
    assert "RadioLinkFailure" in network.names()
    assert not network.ue.uu.connected


@pytest.mark.parametrize(
    ("kind", "identity"),
    [
        (IdentityType.imei, Imei(digits="356938035643803")),
        (IdentityType.imeisv, Imei(digits="3569380356438091", type_of_identity=IdentityType.imeisv)),
        (IdentityType.eui_64, NoIdentity()),
    ],
)
def test_identities_are_told_under_protection(kind: IdentityType, identity: object) -> None:
    network = Network().run(2)
    network.send(nas.IdentityRequest(identity_type=kind))
    network.deliver()
    assert network.all(nas.IdentityResponse)[-1].mobile_identity == identity
    assert network.headers[-1] == 2


def test_only_the_suci_is_told_without_protection() -> None:
    network = Network()
    network.answers[nas.RegistrationRequest] = lambda _: (
        network.send(nas.IdentityRequest(identity_type=IdentityType.imei)),
        network.send(nas.IdentityRequest(identity_type=IdentityType.suci)),
    )
    network.run(1)
    (response,) = network.all(nas.IdentityResponse)
    assert isinstance(response.mobile_identity, Suci)
    assert response.mobile_identity == network.all(nas.RegistrationRequest)[0].five_gs_mobile_identity


def test_a_configuration_update_is_acknowledged_if_asked() -> None:
    network = Network().run(2)
    asked = ConfigurationUpdateIndication(acknowledgement_requested=True)
    network.send(nas.ConfigurationUpdateCommand(configuration_update_indication=asked))
    network.send(nas.ConfigurationUpdateCommand(full_name_for_network=NetworkName.of("Awase")))
    network.deliver()
    assert len(network.all(nas.ConfigurationUpdateComplete)) == 1
    assert "'Awase'" in network.events[-1].text


def test_an_accept_that_is_repeated_is_completed_again() -> None:
    network = Network().run(2)
    network.send(network.registration_accept())
    network.deliver()
    assert len(network.all(nas.RegistrationComplete)) == 2


def test_a_message_that_does_not_fit_the_state_is_answered_by_status_98() -> None:
    network = Network().run(2)
    network.send(nas.ServiceAccept())
    network.deliver()
    assert network.all(nas.FiveGMMStatus)[-1].five_gmm_cause == 98


def test_a_message_type_that_does_not_exist_is_answered_by_status_97() -> None:
    network = Network().run(2)
    assert network.context is not None
    network.send_octets(network.context.protect(bytes.fromhex("7e00ff")))
    network.deliver()
    assert network.all(nas.FiveGMMStatus)[-1].five_gmm_cause == 97
    assert "MalformedPacket" in network.names()


def test_two_cells_are_tried_one_after_the_other_when_the_first_never_answers() -> None:
    peers = {
        "Uu": [
            {"part": "gnb0", "function": "gnb", "address": "10.0.0.9:4997"},
            {"part": "gnb1", "function": "gnb", "address": GNB},
        ]
    }
    network = Network(peers=peers).run(2)
    assert network.ue.context.state is RmState.REGISTERED


def test_the_ue_starts_when_told() -> None:
    network = Network(start_at_ms=5000).run(4)
    assert network.events == []
    assert network.received == []
    network.run(2)
    assert network.ue.context.state is RmState.REGISTERED
