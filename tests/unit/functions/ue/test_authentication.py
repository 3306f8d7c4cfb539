"""Authentication and security mode: whom the UE believes (TS 24.501 clauses 5.4.1.3 and 5.4.2)."""

from typing import Any

import msgspec
import pytest

from awase.functions.ue.states import RmState
from awase.protocols.nas import messages as nas
from awase.protocols.nas.codec import encode
from awase.protocols.nas.elements import SelectedNasSecurityAlgorithms, UeSecurityCapability
from awase.security.milenage import Milenage
from unit.functions.ue.rig import OPC, K, Network


def failures(network: Network) -> list[int]:
    return [int(m.five_gmm_cause) for m in network.all(nas.AuthenticationFailure)]


def test_a_wrong_k_is_cause_20_and_the_event_names_it() -> None:
    network = Network()
    network.k = bytes(16)
    network.run(2)
    assert failures(network) == [20]
    event = network.event("AuthenticationFailure")
    assert event.config == "k"
    assert "OPc" in event.text


def test_after_a_mac_failure_a_right_challenge_is_answered() -> None:
    network = Network()
    network.k = bytes(16)
    network.run(1)
    network.k = K
    network.challenge()
    network.run(1)
    assert network.ue.context.state is RmState.REGISTERED


def test_when_no_better_challenge_comes_then_t3520_ends_it() -> None:
    network = Network()
    network.k = bytes(16)
    network.run(16)
    assert "NetworkNotAuthentic" in network.names()
    assert not network.ue.uu.connected


def test_after_three_wrong_challenges_the_ue_leaves() -> None:
    network = Network()
    network.k = bytes(16)
    network.answers[nas.AuthenticationFailure] = network.challenge
    network.run(5)
    assert failures(network) == [20, 20, 20]
    assert network.names().count("NetworkNotAuthentic") == 1


def test_an_old_sequence_number_is_cause_21_and_auts_tells_the_right_one() -> None:
    network = Network(sqn="000000001000")
    network.run(1)
    (failure,) = network.all(nas.AuthenticationFailure)
    assert int(failure.five_gmm_cause) == 21
    sqn_ms = Milenage(K, OPC).verify_auts(network.rand, failure.authentication_failure_parameter)
    assert sqn_ms == bytes.fromhex("000000001000")
    network.sqn = int.from_bytes(sqn_ms, "big")
    network.challenge()
    network.run(1)
    assert network.ue.context.state is RmState.REGISTERED


def test_a_sequence_number_is_accepted_once_and_not_too_far_ahead() -> None:
    usim = Network().ue.context.usim
    assert usim.accept((33).to_bytes(6, "big"))
    assert not usim.accept((33).to_bytes(6, "big"))
    assert usim.accept((32 * 5 + 2).to_bytes(6, "big"))
    assert usim.accept((32 * 3 + 3).to_bytes(6, "big"))
    assert not usim.accept((32 * 3 + 2).to_bytes(6, "big"))
    assert not usim.accept(((1 << 28) + 10 << 5).to_bytes(6, "big"))
    assert usim.sqn_ms == (32 * 5 + 2).to_bytes(6, "big")


def test_without_the_separation_bit_it_is_cause_26() -> None:
    network = Network()
    network.management_field = bytes.fromhex("0000")
    network.run(1)
    assert failures(network) == [26]
    assert network.event("AuthenticationFailure").config == "amf"


def test_an_ng_ksi_in_use_is_cause_71() -> None:
    network = Network(actions=[{"at_s": 2, "do": "deregister"}, {"at_s": 4, "do": "register"}]).run(3)
    network.release()
    network.ngksi = 0
    # The registration comes under the context in use; the network asks for another authentication.
    network.run(3)
    assert failures(network) == [71]


def test_the_answer_to_a_challenge_is_forgotten_when_t3516_expires() -> None:
    network = Network()
    network.answers[nas.RegistrationRequest] = lambda _: network.challenge() if network.sqn == 0 else None
    network.answers[nas.AuthenticationResponse] = lambda _: None
    network.run(14)
    assert network.ue.context.res_star
    # The UE stays on its connection, and T3510 is out of the way.
    network.run(17)
    assert network.ue.context.res_star == b""
    assert network.ue.context.rand == b""


def test_a_repeated_challenge_has_the_same_answer() -> None:
    network = Network()
    repeated: list[Any] = []

    def repeat(message: Any) -> None:
        repeated.append(message)
        if len(repeated) == 1:
            network.sqn -= 33
            network.ngksi -= 1
            network.challenge()

    network.answers[nas.AuthenticationResponse] = repeat
    network.run(1)
    assert failures(network) == []
    assert repeated[0] == repeated[1]


def test_an_authentication_reject_without_protection_is_doubted_until_t3247_expires() -> None:
    network = Network()
    network.answers[nas.AuthenticationResponse] = lambda _: network.send(nas.AuthenticationReject())
    network.run(100)
    assert network.ue.context.state is RmState.DEREGISTERED_PLMN_SEARCH
    assert network.event("AuthenticationRejected").config == "subscriber"
    assert len(network.all(nas.RegistrationRequest)) == 1
    network.answers[nas.AuthenticationResponse] = network.command_security
    network.run(3700)
    assert network.ue.context.state is RmState.REGISTERED


def test_an_authentication_reject_under_protection_bars_the_subscription() -> None:
    network = Network().run(2)
    network.send(nas.AuthenticationReject())
    network.run(4000)
    assert network.ue.context.state is RmState.DEREGISTERED_NO_SUPI
    assert len(network.all(nas.RegistrationRequest)) == 2


def test_a_request_with_neither_vector_nor_eap_message_is_a_protocol_error() -> None:
    network = Network()
    network.answers[nas.RegistrationRequest] = lambda _: network.send(nas.AuthenticationRequest(ngksi=1, abba=b"\0\0"))
    network.run(1)
    assert failures(network) == [111]


@pytest.mark.parametrize(("nea", "nia", "cause"), [(2, 0, 24), (1, 2, 24), (2, 1, 24)])
def test_algorithms_that_are_not_acceptable_are_rejected(nea: int, nia: int, cause: int) -> None:
    network = Network(ciphering=[0, 2], integrity=[2])
    network.replayed = UeSecurityCapability.of((0, 2), (2,))
    network.nea, network.nia = nea, nia

    def command(_message: Any) -> None:
        chosen = SelectedNasSecurityAlgorithms(nea=nea, nia=nia)
        octets = encode(
            nas.SecurityModeCommand(
                selected_nas_security_algorithms=chosen,
                ngksi=network.ngksi,
                replayed_ue_security_capabilities=network.replayed,
            )
        )
        network.send_octets(bytes.fromhex("7e030000000000") + octets)

    network.answers[nas.AuthenticationResponse] = command
    network.run(1)
    assert [int(m.five_gmm_cause) for m in network.all(nas.SecurityModeReject)] == [cause]
    assert network.headers[-1] == 0
    assert network.services.keys == []


def test_capabilities_that_differ_from_those_sent_are_cause_23() -> None:
    network = Network()
    network.replayed = UeSecurityCapability.of((0,), (2,))
    network.context = None
    network.run(1)
    assert [int(m.five_gmm_cause) for m in network.all(nas.SecurityModeReject)] == [23]


def test_nia0_is_taken_in_an_emergency() -> None:
    network = Network(emergency=True)
    network.nea = network.nia = 0
    network.run(1)
    assert network.all(nas.SecurityModeReject) == []
    assert network.ue.context.state is RmState.REGISTERED


def test_a_command_with_a_wrong_mac_is_rejected() -> None:
    network = Network()

    def command(message: Any) -> None:
        network.k_amf = bytes(32)
        network.command_security(message)

    network.answers[nas.AuthenticationResponse] = command
    network.run(1)
    assert [int(m.five_gmm_cause) for m in network.all(nas.SecurityModeReject)] == [24]


def test_a_repeated_command_is_answered_again() -> None:
    network = Network()
    network.answers[nas.SecurityModeComplete] = lambda _: None
    network.run(1)
    assert network.context is not None
    again = nas.SecurityModeCommand(
        selected_nas_security_algorithms=SelectedNasSecurityAlgorithms(nea=2, nia=2),
        ngksi=network.ngksi,
        replayed_ue_security_capabilities=network.replayed,
    )
    network.send(again, 3)
    network.deliver()
    assert len(network.all(nas.SecurityModeComplete)) == 2
    assert len(network.services.keys) == 1


def test_a_replayed_message_is_discarded() -> None:
    network = Network().run(1)
    assert network.context is not None
    octets = network.context.protect(encode(nas.ConfigurationUpdateCommand()))
    network.send_octets(octets)
    network.send_octets(octets)
    network.deliver()
    assert "has been used" in network.event("NasMessageDiscarded").text


def test_a_new_authentication_while_registered_brings_a_new_context() -> None:
    network = Network().run(1)
    old = network.context
    assert old is not None
    network.challenge()
    challenge = network.all(nas.AuthenticationRequest)
    assert challenge == []
    network.context = old
    network.deliver()
    # It came without protection on a connection that has it.
    assert network.all(nas.AuthenticationResponse)[1:] == []
    assert msgspec.structs.asdict(network.events[-1])["name"] == "NasMessageDiscarded"
