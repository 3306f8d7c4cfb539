"""NAS security at the AMF (TS 24.501 clauses 4.4 and 5.4.2): algorithms, replay, what counts without protection."""

import pytest

from awase.functions.amf.part import PART_TYPE
from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.codec import encode
from awase.protocols.nas.elements import DeregistrationType, IdentityType, Imei, UeSecurityCapability
from awase.protocols.ngap import messages as ngap
from awase.protocols.ngap.elements import Cause
from unit.functions.amf.bench import Bench, Ue


def challenged(bench: Bench) -> Ue:
    ue = Ue(bench.gnb())
    ue.begin()
    ue.authenticate()
    assert isinstance(ue.last(), nas.SecurityModeCommand)
    return ue


def test_the_security_capability_is_replayed_octet_for_octet() -> None:
    """TS 33.512 4.2.2.6.2."""
    bench = Bench()
    ue = Ue(bench.gnb())
    ue.capability = UeSecurityCapability(octets=b"\xf0\x70\xe0\x60")
    ue.begin()
    ue.authenticate()
    command = ue.last()
    assert command.replayed_ue_security_capabilities.octets == b"\xf0\x70\xe0\x60"
    assert command.imeisv_request == 1
    assert command.additional_5g_security_information.retransmission_of_initial_nas_message_requested


@pytest.mark.parametrize(
    ("ciphering", "nea", "chosen"),
    [
        (["NEA2", "NEA0"], (0, 2), 2),
        (["NEA0", "NEA2"], (0, 2), 0),
        (["NEA2", "NEA0"], (0, 1), 0),
    ],
)
def test_the_first_algorithm_that_both_have_is_chosen(ciphering: list[str], nea: tuple[int, ...], chosen: int) -> None:
    """TS 33.512 4.2.2.3.3."""
    bench = Bench(ciphering=ciphering)
    ue = Ue(bench.gnb())
    ue.capability = UeSecurityCapability.of(nea, (2,))
    ue.begin()
    ue.authenticate()
    assert ue.last().selected_nas_security_algorithms.nea == chosen
    assert ue.last().selected_nas_security_algorithms.nia == 2


@pytest.mark.parametrize("nia", [(0,), (1, 3), ()])
def test_without_a_common_algorithm_or_with_nia0_only_the_ue_is_rejected(nia: tuple[int, ...]) -> None:
    """TS 33.512 4.2.2.3.2 and 4.2.2.6.1."""
    bench = Bench()
    ue = Ue(bench.gnb())
    ue.capability = UeSecurityCapability.of((0, 2), nia)
    ue.begin()
    ue.authenticate()
    assert ue.last() == nas.RegistrationReject(five_gmm_cause=FiveGMMCause.ue_security_capabilities_mismatch)
    assert bench.event("NoCommonAlgorithm").config == "integrity"


@pytest.mark.parametrize(
    ("field", "names"), [("integrity", ["NIA0"]), ("integrity", ["NIA4"]), ("ciphering", ["NEA7"]), ("ciphering", [])]
)
def test_algorithms_that_cannot_be_offered_are_refused_at_the_start(field: str, names: list[str]) -> None:
    with pytest.raises(ValueError, match=field):
        PART_TYPE.build("amf1", {field: names}, Bench().services)


def test_security_mode_command_is_sent_five_times_under_new_counts() -> None:
    bench = Bench()
    ue = challenged(bench)
    bench.wait(31)
    ue.take()
    assert sum(isinstance(message, nas.SecurityModeCommand) for message in ue.received) == 5
    assert ue.released().cause == Cause("nas", "authentication-failure")
    assert bench.event("SecurityModeFailed").config == "t3560_s"


def test_a_security_mode_reject_ends_the_registration() -> None:
    bench = Bench()
    ue = challenged(bench)
    ue.uplink(nas.SecurityModeReject(five_gmm_cause=FiveGMMCause.ue_security_capabilities_mismatch))
    assert isinstance(ue.messages[-1], ngap.UEContextReleaseCommand)
    assert "security capabilities mismatch" in bench.event("SecurityModeFailed").text
    assert not bench.amf.by_supi


def test_the_imeisv_is_kept_and_told_to_the_node_in_part() -> None:
    bench = Bench()
    ue = challenged(bench)
    ue.secure = True
    imeisv = Imei(digits="4370816125816151", type_of_identity=IdentityType.imeisv)
    ue.uplink(nas.SecurityModeComplete(imeisv=imeisv, nas_message_container=encode(ue.request())), header=4)
    setup = ue.messages[-1]
    assert setup.masked_imeisv == bytes.fromhex("4370816125ffff51")


def test_a_plain_security_mode_complete_is_not_taken() -> None:
    bench = Bench()
    ue = challenged(bench)
    ue.uplink(nas.SecurityModeComplete(), plain=True)
    assert isinstance(ue.last(), nas.SecurityModeCommand)
    assert "SecurityModeComplete is not protected" in bench.event("ProtocolError").text


def test_a_security_mode_complete_with_a_wrong_mac_is_not_taken() -> None:
    """TS 33.512 4.2.2.1.4."""
    bench = Bench()
    ue = challenged(bench)
    assert ue.security is not None
    octets = ue.security.protect(encode(nas.SecurityModeComplete()), 4)
    ue.uplink_octets(octets[:2] + bytes(4) + octets[6:])
    assert isinstance(ue.last(), nas.SecurityModeCommand)
    ue.uplink_octets(octets)
    assert isinstance(ue.last(), nas.RegistrationAccept)


def test_an_unreadable_container_leaves_the_first_request_in_force() -> None:
    bench = Bench()
    ue = challenged(bench)
    ue.secure = True
    ue.uplink(nas.SecurityModeComplete(nas_message_container=b"\x7e\x00"), header=4)
    assert isinstance(ue.last(), nas.RegistrationAccept)


def test_a_replayed_message_is_discarded() -> None:
    """TS 33.512 4.2.2.3.1."""
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    assert ue.security is not None
    status = nas.FiveGMMStatus(five_gmm_cause=FiveGMMCause.protocol_error_unspecified)
    octets = ue.security.protect(encode(status))
    ue.uplink_octets(octets)
    ue.uplink_octets(octets)
    assert bench.names().count("FiveGMMStatus") == 1
    assert "its NAS COUNT has been used" in bench.event("NasIntegrityFailure").text


@pytest.mark.parametrize("plain", [True, False])
def test_nothing_unprotected_is_processed_once_security_is_in_use(plain: bool) -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    message = nas.DeregistrationRequestUEOriginating(
        de_registration_type=DeregistrationType(), ngksi=0, five_gs_mobile_identity=ue.suci
    )
    octets = encode(message)
    ue.uplink_octets(octets if plain else b"\x7e\x01" + bytes(5) + octets)
    assert ue.amf_id in bench.amf.connections
    assert isinstance(ue.last(), nas.RegistrationAccept)
    assert "discarded" in bench.event("NasIntegrityFailure").text


def test_another_ue_cannot_end_a_connection_with_a_stolen_5g_guti() -> None:
    bench = Bench()
    gnb = bench.gnb()
    victim = Ue(gnb).register()
    thief = Ue(gnb, 2)
    thief.guti = victim.guti
    for message in (
        thief.request(),
        nas.DeregistrationRequestUEOriginating(
            de_registration_type=DeregistrationType(switch_off=True),
            ngksi=0,
            five_gs_mobile_identity=victim.guti or victim.suci,
        ),
    ):
        thief.begin(octets=b"\x7e\x01" + bytes(5) + encode(message))
        thief.begin(octets=encode(message))
    assert bench.amf.by_supi[victim.supi].connection.amf_ue_ngap_id == victim.amf_id  # type: ignore[index,union-attr]


def test_an_unknown_message_type_is_answered_with_status_97_under_protection() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    assert ue.security is not None
    ue.uplink_octets(ue.security.protect(b"\x7e\x00\xfe"))
    assert ue.last().five_gmm_cause == FiveGMMCause.message_type_non_existent_or_not_implemented


def test_a_message_that_does_not_fit_the_state_is_answered_with_status_98() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ue.uplink(nas.AuthenticationResponse(authentication_response_parameter=bytes(16)))
    cause = FiveGMMCause.message_type_not_compatible_with_the_protocol_state
    assert ue.last() == nas.FiveGMMStatus(five_gmm_cause=cause)


def test_a_request_with_invalid_mandatory_information_is_rejected_with_cause_96() -> None:
    bench = Bench()
    ue = Ue(bench.gnb())
    ue.begin(octets=b"\x7e\x00\x41\x79\x00\x01\x05")
    assert ue.last().five_gmm_cause == FiveGMMCause.invalid_mandatory_information
    assert isinstance(ue.messages[-1], ngap.UEContextReleaseCommand)


@pytest.mark.parametrize("octets", [b"", b"\x2e\x01\x01\xc1", b"\x7e\x0f\x00", b"\x7e\x00\x5c\x00\x01\x01"])
def test_what_is_no_initial_nas_message_ends_the_connection(octets: bytes) -> None:
    bench = Bench()
    ue = Ue(bench.gnb())
    ue.begin(octets=octets)
    assert isinstance(ue.messages[-1], ngap.UEContextReleaseCommand)
    assert not bench.amf.connections
    assert "MalformedPacket" in bench.names()


def test_k_gnb_of_a_service_request_is_derived_from_its_count() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    first = ue.messages[2].security_key
    ue.release_requested(Cause("radioNetwork", "user-inactivity"))
    ue.released()
    ue.begin()
    second = next(m for m in reversed(ue.messages) if isinstance(m, ngap.InitialContextSetupRequest))
    assert bytes(second.security_key) != bytes(first)
