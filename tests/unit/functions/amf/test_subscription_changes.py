"""A subscription that changes while its UE is registered (TS 23.502 clause 4.5.1, TS 29.503 clauses 5.2.2.3 to 5)."""

import pytest

from awase.functions.amf.states import State
from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.ngap import messages as ngap
from awase.protocols.ngap.elements import Cause
from awase.protocols.sbi import codec
from awase.protocols.sbi.messages import Request, Response
from unit.functions.amf.bench import UDM, Bench, Ue
from unit.functions.amf.sessions import with_session
from unit.functions.amf.test_deregistration import leave

SUBSCRIPTION = "/nudm-sdm/v2/imsi-001010000000001/sdm-subscriptions/7"


def subscribed(**config: object) -> tuple[Bench, Ue]:
    """A bench whose UDM tells of changes, and a UE with a session."""
    bench = Bench(**config)
    given = bench.core.udm

    def udm(request: Request) -> Response | None:
        if request.method == "POST":
            return codec.json_response(201, {}, location=f"http://{UDM}{SUBSCRIPTION}")
        return Response(204) if request.method == "DELETE" else given(request)

    bench.core.udm = udm
    return bench, with_session(bench)


def notify(bench: Bench, supi: str | None) -> Response:
    body = {"notifyItems": [{"resourceId": f"/nudm-sdm/v2/{supi}/am-data", "changes": []}]}
    answer = bench.call(codec.json_request("POST", f"/namf-callback/v1/{supi}/sdmsubscription-notify", body), UDM)
    assert answer is not None
    return answer


def deleted(bench: Bench) -> list[str]:
    return [request.path for _, request in bench.core.requests if request.method == "DELETE"]


def test_the_udm_is_asked_to_tell_what_changes_and_no_more_once_the_ue_has_left() -> None:
    bench, ue = subscribed()
    (body,) = bench.core.bodies(UDM, "POST", "/sdm-subscriptions")
    assert body["callbackReference"].endswith(f"/namf-callback/v1/{ue.supi}/sdmsubscription-notify")
    assert body["monitoredResourceUris"] == [
        f"/nudm-sdm/v2/{ue.supi}/{name}" for name in ("am-data", "smf-select-data")
    ]
    ue.uplink(leave(ue, switch_off=True))
    assert deleted(bench) == [SUBSCRIPTION]


def test_a_ue_that_registers_again_is_not_subscribed_to_twice() -> None:
    bench, ue = subscribed()
    again = Ue(ue.gnb).register()
    assert bench.amf.by_supi[again.supi].sdm_subscription == SUBSCRIPTION  # type: ignore[index]
    assert len(bench.core.bodies(UDM, "POST", "/sdm-subscriptions")) == 1


def test_a_udm_that_tells_nothing_keeps_nobody_away() -> None:
    bench = Bench()
    with_session(bench)
    assert [event.level for event in bench.events if event.name == "NotSubscribed"] == ["warning"]


@pytest.mark.parametrize("answer", ["response", "failure", "silence"])
def test_another_ue_ambr_is_told_to_the_node_and_the_ue_stays_whatever_it_says(answer: str) -> None:
    bench, ue = subscribed()
    before = bench.core.udm

    def udm(request: Request) -> Response | None:
        if request.method != "GET":
            return before(request)
        nssai = {"defaultSingleNssais": [{"sst": 1}], "singleNssais": [{"sst": 1}]}
        ambr = {"uplink": "10 Mbps", "downlink": "20 Mbps"}
        return codec.json_response(200, {"amData": {"subscribedUeAmbr": ambr, "nssai": nssai}})

    bench.core.udm = udm
    ue.gnb.take()
    assert notify(bench, ue.supi).status == 204
    (message,) = ue.gnb.take()
    assert isinstance(message, ngap.UEContextModificationRequest)
    assert message.ue_aggregate_maximum_bit_rate is not None
    assert message.ue_aggregate_maximum_bit_rate.ue_aggregate_maximum_bit_rate_dl == 20_000_000
    ids = {"amf_ue_ngap_id": ue.amf_id or 0, "ran_ue_ngap_id": ue.ran_id}
    if answer == "response":
        ue.gnb.send(ngap.UEContextModificationResponse(**ids))
    elif answer == "failure":
        ue.gnb.send(ngap.UEContextModificationFailure(**ids, cause=Cause("misc", "unspecified")))
    bench.wait(6)
    assert ("UeContextModificationFailed" in bench.names()) == (answer != "response")
    assert ue.gnb.take() == []


def test_what_is_as_before_is_told_to_nobody() -> None:
    bench, ue = subscribed()
    ue.gnb.take()
    assert notify(bench, ue.supi).status == 204
    assert ue.gnb.take() == []


def test_a_ue_whose_last_slice_is_taken_is_deregistered() -> None:
    bench, ue = subscribed()
    bench.core.slices = ({"sst": 9},)
    ue.take()
    notify(bench, ue.supi)
    ue.take()
    request = ue.last()
    assert isinstance(request, nas.DeregistrationRequestUETerminated)
    assert request.five_gmm_cause == FiveGMMCause.no_network_slices_available


def test_a_change_that_cannot_be_fetched_changes_nothing() -> None:
    bench, ue = subscribed()
    bench.core.udm = lambda request: codec.problem(503, "NF_CONGESTION")
    ue.gnb.take()
    assert notify(bench, ue.supi).status == 204
    assert ue.gnb.take() == []
    assert bench.amf.by_supi[ue.supi].state is State.REGISTERED  # type: ignore[index]


def test_a_udm_that_reports_at_once_is_not_asked_for_the_data() -> None:
    """TS 29.503 Table 6.1.8-1, feature ImmediateReport."""
    bench = Bench()
    given = bench.core.udm
    report = {
        "amData": {
            "nssai": {"defaultSingleNssais": [{"sst": 1}]},
            "subscribedUeAmbr": {"uplink": "3 Mbps", "downlink": "7 Mbps"},
        },
        "smfSelData": {"subscribedSnssaiInfos": {"1": {"dnnInfos": [{"dnn": "internet"}]}}},
    }

    def udm(request: Request) -> Response | None:
        if request.method != "POST":
            return given(request)
        body = codec.decode(dict[str, object], request.body)
        assert (body["immediateReport"], body["supportedFeatures"]) == (True, "2")
        return codec.json_response(201, body | {"report": report}, location=f"http://{UDM}{SUBSCRIPTION}")

    bench.core.udm = udm
    ue = Ue(bench.gnb()).register()
    assert not [request for address, request in bench.core.requests if (address, request.method) == (UDM, "GET")]
    context = bench.amf.by_supi[ue.supi]  # type: ignore[index]
    assert context.ambr.ue_aggregate_maximum_bit_rate_dl == 7_000_000
    assert list(context.dnns.values()) == [("internet",)]


def test_a_report_that_cannot_be_read_is_asked_for() -> None:
    bench = Bench()
    given = bench.core.udm

    def udm(request: Request) -> Response | None:
        if request.method != "POST":
            return given(request)
        return codec.json_response(201, b'{"report": 7}', location=f"http://{UDM}{SUBSCRIPTION}")

    bench.core.udm = udm
    Ue(bench.gnb()).register()
    assert [request for address, request in bench.core.requests if (address, request.method) == (UDM, "GET")]


def test_who_watched_watches_again_when_the_udm_has_lost_data() -> None:
    bench, _ = subscribed()
    answer = bench.call(
        codec.json_request("POST", "/namf-callback/v1/data-restoration", {"recoveryTime": "2026-01-01T00:00:00Z"}), UDM
    )
    assert answer is not None
    assert answer.status == 204
    assert len(bench.core.bodies(UDM, "POST", "/sdm-subscriptions")) == 2


@pytest.mark.parametrize("supi", ["imsi-001010000000009", "nobody"])
def test_a_change_of_a_stranger_is_not_found(supi: str) -> None:
    bench, _ = subscribed()
    assert notify(bench, supi).status == 404


def test_every_ue_is_registered_again_when_the_udm_has_lost_data_and_none_that_has_left() -> None:
    """TS 29.503 clause 5.3.2.12."""
    bench = Bench()
    stays, leaves = Ue(bench.gnb()).register(), Ue(bench.gnb(), number=2).register()
    registrations = bench.core.bodies(UDM, "PUT", "/amf-3gpp-access")
    (uri,) = {body["dataRestorationCallbackUri"] for body in registrations}
    leaves.uplink(leave(leaves, switch_off=True))
    path = "/" + uri.partition("://")[2].partition("/")[2]
    answer = bench.call(codec.json_request("POST", path, {"recoveryTime": "2026-01-01T00:00:00Z"}), UDM)
    assert answer is not None
    assert answer.status == 204
    puts = [request for address, request in bench.core.requests if address == UDM and request.method == "PUT"]
    assert len(puts) == 3
    assert stays.supi is not None
    assert stays.supi in puts[-1].path
    # Nobody comes from another AMF: none is to be deregistered for it.
    assert not bench.core.bodies(UDM, "PUT", "/amf-3gpp-access")[-1].get("initialRegistrationInd")
