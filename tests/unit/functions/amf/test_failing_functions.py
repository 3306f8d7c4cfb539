"""SBI peers that fail, procedure by procedure: each ends with the reject that is specified, and nothing leaks."""

from collections.abc import Callable
from typing import Any

import pytest

from awase.functions.amf.states import State
from awase.model.part import Packet
from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.elements import PduSessionIds, RegistrationType
from awase.protocols.sbi import codec
from awase.protocols.sbi.messages import Response
from unit.functions.amf.bench import AUSF, SMF, UDM, Bench, Ue
from unit.functions.amf.sessions import ask, with_session
from unit.functions.amf.test_deregistration import leave

Handler = Callable[[Any], Response | None]

DEEP = b'{"a":' * 5000 + b"1" + b"}" * 5000
STATUSES = (300, 307, 400, 401, 403, 404, 405, 409, 411, 413, 415, 429, 500, 501, 502, 503, 504)

FAILURES: dict[str, Handler] = {
    "time-out": lambda request: None,
    "no body": lambda request: Response(200),
    "not json": lambda request: Response(201, (("content-type", "application/json"),), b"<html>"),
    "wrong type": lambda request: codec.json_response(200, {"authType": 7, "amData": 7, "upCnxState": 7}),
    "another object": lambda request: codec.json_response(201, {"unknown": True}),
    "an array": lambda request: codec.json_response(200, []),
    "duplicate keys": lambda request: Response(
        201, (("content-type", "application/json"),), b'{"authType":"5G_AKA","authType":"X","amData":{},"amData":1}'
    ),
    "a megabyte": lambda request: codec.json_response(201, {"authType": "x" * (1 << 20)}),
    "deep": lambda request: Response(200, (("content-type", "application/json"),), DEEP),
    "bad multipart": lambda request: Response(200, (("content-type", "multipart/related; boundary=x"),), b"--x\r\n"),
    "away": lambda request: codec.problem(504, "NETWORK_FAILURE"),
    "status 0 problem": lambda request: Response(400, (("content-type", "application/problem+json"),), b"{"),
    **{f"status {code}": lambda request, code=code: codec.problem(code, "X" * 300) for code in STATUSES},  # type: ignore[misc]
}


_WHO: dict[str, Callable[[str, Any], bool]] = {
    "authenticate": lambda peer, request: peer == AUSF and request.method == "POST",
    "confirm": lambda peer, request: peer == AUSF and request.method == "PUT",
    "udm": lambda peer, request: peer == UDM,
    "smf": lambda peer, request: peer == SMF,
}


def broken(bench: Bench, name: str, failure: str, *, only: Callable[[Any], bool] = lambda request: True) -> None:
    """One function fails from now on."""
    if failure == "reset":
        bench.resets.append(lambda peer, request: _WHO[name](peer, request) and only(request))
        return
    sound: Handler = getattr(bench.core, name)
    fails = FAILURES[failure]
    setattr(bench.core, name, lambda request: fails(request) if only(request) else sound(request))


def clean(bench: Bench) -> None:
    """No procedure hangs, nothing is half made."""
    bench.wait(120)
    assert not bench.amf._waiting  # type: ignore[attr-defined]
    for ue in bench.amf.by_supi.values():  # type: ignore[attr-defined]
        assert ue.procedure is None
        assert all(session.sm_context and not session.busy for session in ue.sessions.values())
        assert ue.state in (State.REGISTERED, State.DEREGISTERED)
    assert not bench.amf.unauthenticated  # type: ignore[attr-defined]


KINDS = [*FAILURES, "reset"]


@pytest.mark.parametrize("failure", KINDS)
def test_a_vector_that_is_not_to_be_had_rejects_the_registration(failure: str) -> None:
    bench = Bench()
    broken(bench, "authenticate", failure)
    ue = Ue(bench.gnb())
    ue.begin()
    bench.wait(20)
    ue.take()
    reject = ue.last()
    assert isinstance(reject, nas.RegistrationReject)
    assert reject.five_gmm_cause == FiveGMMCause.congestion
    # Without protection the UE would not believe it, and wait for 15 to 30 minutes (TS 24.501 clause 5.5.1.2.5).
    assert reject.t3346_value is None
    clean(bench)
    assert not bench.amf.by_supi  # type: ignore[attr-defined]


@pytest.mark.parametrize("failure", KINDS)
def test_a_confirmation_that_is_not_to_be_had_rejects_the_registration(failure: str) -> None:
    bench = Bench()
    broken(bench, "confirm", failure)
    ue = Ue(bench.gnb())
    ue.begin()
    # An AUSF that is away, or has forgotten the challenge, is asked for two others.
    for _ in range(3 if failure in ("status 404", "away", "reset") else 1):
        ue.authenticate()
        bench.wait(3)
        ue.take()
    bench.wait(17)
    ue.take()
    assert isinstance(ue.last(), nas.RegistrationReject | nas.AuthenticationReject)
    clean(bench)
    assert not bench.amf.by_supi  # type: ignore[attr-defined]


@pytest.mark.parametrize("failure", KINDS)
@pytest.mark.parametrize("method", ["PUT", "GET"])
def test_a_udm_that_fails_rejects_the_registration(failure: str, method: str) -> None:
    bench = Bench()
    answers = failure in ("no body", "not json", "wrong type", "another object", "an array", "duplicate keys")
    answers = answers or failure in ("a megabyte", "deep", "bad multipart")
    broken(bench, "udm", failure, only=lambda request: request.method == method)
    ue = Ue(bench.gnb())
    ue.begin()
    ue.authenticate()
    ue.complete_security()
    bench.wait(20)
    ue.take()
    if method == "PUT" and answers:
        # Its status says all that is needed: the body of the answer is not looked at.
        assert isinstance(ue.last(), nas.RegistrationAccept)
        return
    reject = ue.last()
    assert isinstance(reject, nas.RegistrationReject)
    assert reject.five_gmm_cause in (FiveGMMCause.congestion, FiveGMMCause.no_network_slices_available)
    bench.resets.clear()
    clean(bench)
    assert not [ue for ue in bench.amf.by_supi.values() if ue.registered_at_udm]  # type: ignore[attr-defined]


@pytest.mark.parametrize("failure", KINDS)
def test_an_smf_that_does_not_create_a_session_returns_the_payload(failure: str) -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    broken(bench, "smf", failure)
    ask(ue)
    bench.wait(20)
    ue.take()
    assert ue.last().five_gmm_cause == FiveGMMCause.payload_was_not_forwarded
    clean(bench)
    assert not bench.amf.by_supi[ue.supi].sessions  # type: ignore[attr-defined]


def test_an_smf_that_restarts_is_asked_again_for_the_session() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    broken(bench, "smf", "reset")
    ask(ue)
    bench.wait(1)
    bench.resets.clear()
    bench.wait(2)
    ue.take()
    assert not [m for m in ue.received if isinstance(m, nas.DLNASTransport) and m.five_gmm_cause is not None]
    assert bench.amf.by_supi[ue.supi].sessions[1].sm_context  # type: ignore[attr-defined]
    clean(bench)


@pytest.mark.parametrize("failure", KINDS)
def test_an_smf_that_does_not_take_a_message_returns_it_or_says_nothing(failure: str) -> None:
    bench = Bench()
    ue = with_session(bench)
    broken(bench, "smf", failure)
    before = len(ue.received)
    ask(ue, request_type=None)
    bench.wait(20)
    ue.take()
    returned = [m for m in ue.received[before:] if isinstance(m, nas.DLNASTransport)]
    assert all(m.five_gmm_cause == FiveGMMCause.payload_was_not_forwarded for m in returned)
    if failure in ("time-out", "reset") or failure.startswith("status"):
        assert len(returned) == 1
    clean(bench)
    gone = failure == "status 404"
    assert bool(bench.amf.by_supi[ue.supi].sessions) is not gone  # type: ignore[attr-defined]


@pytest.mark.parametrize("failure", KINDS)
@pytest.mark.parametrize("by_registration", [True, False])
def test_an_smf_that_does_not_bring_the_user_plane_back_holds_nobody_up(failure: str, by_registration: bool) -> None:
    bench = Bench()
    ue = with_session(bench).idle(1)
    broken(bench, "smf", failure)
    uplink = PduSessionIds((1,))
    kind = RegistrationType.mobility_registration_updating
    ue.begin(ue.request(kind, uplink_data_status=uplink) if by_registration else ue.service(uplink_data_status=uplink))
    bench.wait(5)
    ue.take()
    accept = ue.last()
    assert isinstance(accept, nas.RegistrationAccept if by_registration else nas.ServiceAccept)
    if failure in ("time-out", "reset") or failure.startswith("status"):
        assert accept.pdu_session_reactivation_result == uplink
    if by_registration:
        ue.complete_registration()
    clean(bench)


@pytest.mark.parametrize("failure", KINDS)
def test_a_release_goes_through_whatever_smf_and_udm_say(failure: str) -> None:
    bench = Bench()
    ue = with_session(bench)
    for name in ("smf", "udm"):
        broken(bench, name, failure)
    ue.release_requested(None, 1)
    bench.wait(20)
    ue.take()
    ue.released()
    ue.begin(leave(ue))
    assert isinstance(ue.last(), nas.DeregistrationAcceptUEOriginating)
    ue.released()
    bench.resets.clear()
    clean(bench)
    assert not bench.amf.books()  # type: ignore[attr-defined]


def test_what_may_come_twice_is_asked_again_once_after_a_reset() -> None:
    bench = Bench()
    broken(bench, "udm", "reset", only=lambda request: request.method == "PUT" and len(seen(bench)) < 1)
    ue = Ue(bench.gnb())
    ue.begin()
    ue.authenticate()
    ue.complete_security()
    bench.wait(1)
    ue.take()
    ue.set_up_context()
    ue.complete_registration()
    assert len(seen(bench)) == 2
    assert bench.amf.by_supi[ue.supi].registered_at_udm  # type: ignore[attr-defined]


@pytest.mark.parametrize("failure", ["reset", "away"])
@pytest.mark.parametrize("step", ["authenticate", "confirm"])
def test_a_ue_registers_though_the_ausf_was_away_for_a_moment(step: str, failure: str) -> None:
    """TS 24.501 clause 5.4.1.3.2: the network may challenge it at any time, and so again."""
    bench = Bench()
    failures: list[Any] = []

    def first(request: Any) -> bool:
        failures.append(request)
        return len(failures) == 1

    broken(bench, step, failure, only=first)
    ue = Ue(bench.gnb())
    ue.begin()
    if step == "confirm":
        ue.authenticate()
    bench.wait(1)
    ue.take()
    if (step, failure) != ("confirm", "reset"):
        # A confirmation that was not taken goes again; the rest takes another challenge.
        ue.authenticate()
    ue.complete_security()
    ue.set_up_context()
    ue.complete_registration()
    assert len(failures) == 2
    assert ue.supi in bench.amf.by_supi  # type: ignore[attr-defined]


def seen(bench: Bench) -> list[Any]:
    return bench.core.bodies(UDM, "PUT")


def test_a_late_answer_changes_nothing() -> None:
    bench = Bench()
    bench.core.smf = lambda request: None
    ue = Ue(bench.gnb()).register()
    ask(ue)
    bench.wait(5)
    bench.receive(Packet("sbi", SMF, b"", "response", exchange=99))
    bench.receive(Packet("sbi", AUSF, b"", "abort", exchange=1))
    clean(bench)
    assert not bench.amf.by_supi[ue.supi].sessions  # type: ignore[attr-defined]
