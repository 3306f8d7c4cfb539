"""De-registration (TS 24.501 clause 5.5.2)."""

import pytest

from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.codec import encode
from awase.protocols.nas.elements import DeregistrationType
from awase.protocols.ngap import messages as ngap
from awase.protocols.ngap.elements import Cause
from awase.protocols.sbi import codec
from unit.functions.amf.bench import SMF, UDM, Bench, Ue
from unit.functions.amf.test_sessions import with_session


def leave(ue: Ue, *, switch_off: bool = False) -> nas.DeregistrationRequestUEOriginating:
    return nas.DeregistrationRequestUEOriginating(
        de_registration_type=DeregistrationType(switch_off=switch_off),
        ngksi=ue.security.ngksi if ue.security is not None else 7,
        five_gs_mobile_identity=ue.guti or ue.suci,
    )


def test_a_ue_deregisters_and_everything_of_it_is_released() -> None:
    bench = Bench()
    ue = with_session(bench)
    ue.uplink(leave(ue))
    assert isinstance(ue.last(), nas.DeregistrationAcceptUEOriginating)
    assert ue.released().cause == Cause("nas", "deregister")
    assert len(bench.core.bodies(SMF, "POST", "/release")) == 1
    assert bench.core.bodies(UDM, "PATCH")[0]["purgeFlag"] is True
    assert not bench.amf.connections
    assert bench.event("Deregistered").fields["switch_off"] is False


def test_a_ue_that_switches_off_is_not_answered() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ue.uplink(leave(ue, switch_off=True))
    assert isinstance(ue.last(), nas.RegistrationAccept)
    assert isinstance(ue.messages[-1], ngap.UEContextReleaseCommand)


def test_a_ue_deregisters_from_idle_and_registers_again_by_its_guti() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ue.release_requested(Cause("radioNetwork", "user-inactivity"))
    ue.released()
    ue.begin(leave(ue))
    assert isinstance(ue.last(), nas.DeregistrationAcceptUEOriginating)
    ue.released()
    ue.begin()
    assert isinstance(ue.last(), nas.RegistrationAccept)
    ue.set_up_context()
    ue.complete_registration()
    assert len(bench.core.bodies(UDM, "PUT")) == 2


def test_an_unproved_request_is_answered_only_after_authentication() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ue.release_requested(Cause("radioNetwork", "user-inactivity"))
    ue.released()
    ue.begin(octets=encode(leave(ue)))
    assert isinstance(ue.last(), nas.AuthenticationRequest)
    ue.authenticate()
    assert isinstance(ue.last(), nas.DeregistrationAcceptUEOriginating)
    assert bench.core.bodies(UDM, "PATCH")


def test_an_unproved_request_that_fails_authentication_changes_nothing() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    thief = Ue(ue.gnb, 2)
    thief.guti = ue.guti
    thief.begin(octets=encode(leave(thief)))
    thief.uplink(nas.AuthenticationResponse(authentication_response_parameter=bytes(16)))
    thief.uplink(nas.IdentityResponse(mobile_identity=ue.suci))
    assert isinstance(thief.last(), nas.AuthenticationReject)
    assert ue.amf_id in bench.amf.connections


def test_during_a_registration_the_ue_may_leave() -> None:
    bench = Bench()
    ue = Ue(bench.gnb())
    ue.begin()
    ue.authenticate()
    ue.complete_security()
    ue.uplink(leave(ue))
    assert isinstance(ue.last(), nas.DeregistrationAcceptUEOriginating)
    assert not bench.amf.connections
    bench.wait(100)
    assert isinstance(ue.last(), nas.DeregistrationAcceptUEOriginating)


def notify(bench: Bench, supi: str, reason: str) -> int:
    path = f"/namf-callback/v1/{supi}/dereg-notify"
    response = bench.call(codec.json_request("POST", path, {"deregReason": reason}), UDM)
    assert response is not None
    return response.status


@pytest.mark.parametrize(
    ("reason", "again", "cause"),
    [
        ("SUBSCRIPTION_WITHDRAWN", False, FiveGMMCause.five_gs_services_not_allowed),
        ("REREGISTRATION_REQUIRED", True, None),
    ],
)
def test_the_network_deregisters_a_connected_ue(reason: str, again: bool, cause: FiveGMMCause | None) -> None:
    bench = Bench()
    ue = with_session(bench)
    assert notify(bench, ue.supi, reason) == 204
    ue.take()
    request = ue.last()
    assert request.de_registration_type.re_registration_required is again
    assert request.five_gmm_cause == cause
    ue.uplink(nas.DeregistrationAcceptUETerminated())
    assert ue.released().cause == Cause("nas", "deregister")
    assert bench.core.bodies(SMF, "POST", "/release")


def test_deregistration_by_the_network_is_sent_five_times() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    notify(bench, ue.supi, "SUBSCRIPTION_WITHDRAWN")
    bench.wait(31)
    ue.take()
    assert sum(isinstance(m, nas.DeregistrationRequestUETerminated) for m in ue.received) == 5
    assert not bench.amf.connections
    assert "did not answer" in bench.event("DeregisteredByNetwork").text


def test_another_amf_has_the_ue_so_nothing_is_purged() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ue.release_requested(Cause("radioNetwork", "user-inactivity"))
    ue.released()
    assert notify(bench, ue.supi, "UE_INITIAL_REGISTRATION") == 204
    assert not bench.core.bodies(UDM, "PATCH")
    assert notify(bench, ue.supi, "UE_INITIAL_REGISTRATION") == 404
