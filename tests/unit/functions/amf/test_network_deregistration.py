"""De-registration that the network starts (TS 24.501 clause 5.5.2.3, TS 23.502 clause 4.2.2.3.3)."""

from typing import Any

import pytest

from awase.functions.amf.states import State
from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.elements import DeregistrationType
from awase.protocols.ngap import messages as ngap
from awase.protocols.sbi import codec
from unit.functions.amf.bench import SMF, UDM, Bench, Ue
from unit.functions.amf.sessions import with_session

SUPI = "imsi-001010000000001"


def bench_with(**action: Any) -> Bench:
    return Bench(actions=[{"at_s": 10, "do": "deregister", "supi": SUPI, **action}])


def asked(bench: Bench, ue: Ue) -> nas.DeregistrationRequestUETerminated:
    bench.wait(11)
    ue.take()
    request = ue.last()
    assert isinstance(request, nas.DeregistrationRequestUETerminated), request
    return request


@pytest.mark.parametrize(("again", "cause"), [(True, None), (False, 7), (False, None)])
def test_the_operator_deregisters_a_connected_ue(again: bool, cause: int | None) -> None:
    bench = bench_with(reregistration_required=again, cause=cause)
    ue = with_session(bench)
    request = asked(bench, ue)
    assert request.de_registration_type.re_registration_required is again
    assert request.five_gmm_cause == (None if cause is None else FiveGMMCause(cause))
    ue.uplink(nas.DeregistrationAcceptUETerminated())
    assert str(ue.released().cause) == "nas/deregister"
    assert len(bench.core.bodies(SMF, "POST", "/release")) == 1
    assert bench.core.bodies(UDM, "PATCH")[-1]["purgeFlag"] is True


def test_an_idle_ue_is_paged_for_it() -> None:
    bench = bench_with()
    ue = with_session(bench).idle(1)
    ue.gnb.take()
    bench.wait(10)
    assert [type(m) for m in ue.gnb.take()] == [ngap.Paging]
    ue.begin(ue.service())
    assert isinstance(ue.last(), nas.DeregistrationRequestUETerminated)
    ue.uplink(nas.DeregistrationAcceptUETerminated())
    ue.released()
    assert len(bench.core.bodies(SMF, "POST", "/release")) == 1


def test_an_idle_ue_that_does_not_answer_is_deregistered_all_the_same() -> None:
    bench = bench_with()
    with_session(bench).idle(1)
    bench.wait(60)
    assert bench.event("DeregisteredByNetwork").level == "warning"
    assert len(bench.core.bodies(SMF, "POST", "/release")) == 1


def test_the_loss_of_the_connection_ends_it_with_everything_released() -> None:
    """TS 24.501 clause 5.5.2.3.5 b."""
    bench = bench_with()
    ue = with_session(bench)
    asked(bench, ue)
    ue.gnb.end("abort")
    assert bench.amf.by_supi[SUPI].state is State.DEREGISTERED  # type: ignore[attr-defined]
    assert len(bench.core.bodies(SMF, "POST", "/release")) == 1
    assert bench.core.bodies(UDM, "PATCH")[-1]["purgeFlag"] is True


def test_a_ue_that_leaves_by_itself_meanwhile_is_answered() -> None:
    """Collision (TS 24.501 clause 5.5.2.3.5 c)."""
    bench = bench_with()
    ue = with_session(bench)
    asked(bench, ue)
    leave = nas.DeregistrationRequestUEOriginating(
        de_registration_type=DeregistrationType(),
        ngksi=0,
        five_gs_mobile_identity=ue.guti or ue.suci,
    )
    ue.uplink(leave)
    assert isinstance(ue.last(), nas.DeregistrationAcceptUEOriginating)
    ue.released()
    bench.wait(60)
    assert len(bench.core.bodies(SMF, "POST", "/release")) == 1


def test_who_is_not_registered_is_not_deregistered() -> None:
    bench = bench_with()
    bench.gnb()
    bench.wait(11)
    assert bench.event("ActionFailed").config == "actions[0]"


@pytest.mark.parametrize("reason", ["UE_INITIAL_REGISTRATION", "UE_REGISTRATION_AREA_CHANGE"])
@pytest.mark.parametrize("connected", [True, False])
def test_a_ue_that_another_amf_has_hears_nothing_of_it(reason: str, connected: bool) -> None:
    """TS 23.502 clause 4.2.2.2.2 step 14d."""
    bench = Bench()
    ue = with_session(bench)
    if not connected:
        ue.idle(1)
    ue.gnb.take()
    path = f"/namf-callback/v1/{ue.supi}/dereg-notify"
    answer = bench.call(codec.json_request("POST", path, {"deregReason": reason, "accessType": "3GPP_ACCESS"}), UDM)
    assert answer is not None
    assert answer.status == 204
    ue.take()
    assert not isinstance(ue.last(), nas.DeregistrationRequestUETerminated)
    if connected:
        ue.released()
    assert not ue.gnb.take()
    assert len(bench.core.bodies(SMF, "POST", "/release")) == 1
    assert not bench.core.bodies(UDM, "PATCH")
