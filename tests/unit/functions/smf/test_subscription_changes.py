"""What the UDM tells of a session in use: its subscription has changed, its registration is lost (TS 29.503)."""

from typing import Any

import pytest

from awase.protocols.nas.messages import PDUSessionModificationCommand, PDUSessionReleaseCommand
from awase.protocols.nas.session_elements import FlowOperation
from awase.protocols.ngap.codec import decode_transfer
from awase.protocols.ngap.transfers import PDUSessionResourceModifyRequestTransfer
from awase.protocols.sbi import codec
from unit.functions.smf.fakes import SUPI, Bench, MemoryStore

NOTIFY = f"/nsmf-callback/v1/{SUPI}/sdm-notify"
CHANGED = {"notifyItems": [{"resourceId": f"/nudm-sdm/v2/{SUPI}/sm-data", "changes": [{"op": "REPLACE", "path": ""}]}]}
ARP = {"priorityLevel": 3, "preemptCap": "NOT_PREEMPT", "preemptVuln": "PREEMPTABLE"}


def notify(bench: Bench, path: str = NOTIFY) -> int:
    return bench.answers[bench.ask("POST", path, CHANGED)].status


def subscriptions(bench: Bench) -> list[Any]:
    found = [r for r in bench.udm.requests if r.method == "POST" and r.path.endswith("/sdm-subscriptions")]
    return [codec.decode(dict[str, Any], request.body) for request in found]


def test_the_subscription_of_a_ue_is_watched_from_its_first_session_to_the_end_of_its_last() -> None:
    """TS 23.502 clause 4.3.2.2.1 step 4."""
    bench = Bench()
    first = bench.establish()
    second = bench.establish(psi=6)
    (wanted,) = subscriptions(bench)
    assert wanted["callbackReference"].endswith(NOTIFY)
    assert wanted["monitoredResourceUris"] == [f"/nudm-sdm/v2/{SUPI}/sm-data"]
    bench.release(first)
    assert len(bench.udm.subscribed) == 1
    bench.release(second)
    assert bench.udm.subscribed == []
    bench.establish()
    assert len(subscriptions(bench)) == 2


def test_another_session_ambr_and_5qi_reach_the_ue_ng_ran_and_the_upf() -> None:
    bench = Bench()
    bench.establish()
    profile = {"5qi": 8, "arp": ARP}
    ambr = {"uplink": "10 Mbps", "downlink": "20 Mbps"}
    bench.udm.dnns = {"internet": bench.udm.configuration(**{"5gQosProfile": profile, "sessionAmbr": ambr})}
    assert notify(bench) == 204
    transfer = bench.amf.transfers[-1]
    assert isinstance(transfer.n1, PDUSessionModificationCommand)
    assert transfer.n1.session_ambr is not None
    assert (transfer.n1.session_ambr.uplink_bps, transfer.n1.session_ambr.downlink_bps) == (10_000_000, 20_000_000)
    (description,) = transfer.n1.authorized_qos_flow_descriptions or ()
    assert (description.qfi, description.operation) == (1, FlowOperation.modify_existing_qos_flow_description)
    assert description.five_qi == 8
    modify = decode_transfer(PDUSessionResourceModifyRequestTransfer, transfer.n2 or b"")
    (flow,) = modify.qos_flow_add_or_modify_request_list
    assert flow.qos_flow_level_qos_parameters.qos_characteristics.five_qi == 8
    assert modify.pdu_session_aggregate_maximum_bit_rate.pdu_session_aggregate_maximum_bit_rate_ul == 10_000_000


def test_where_only_the_session_ambr_changes_no_flow_is_touched_and_where_nothing_does_nobody_is_told() -> None:
    bench = Bench()
    bench.establish()
    told = len(bench.amf.transfers)
    assert notify(bench) == 204
    assert len(bench.amf.transfers) == told
    bench.udm.dnns = {"internet": bench.udm.configuration(sessionAmbr={"uplink": "1 Mbps", "downlink": "1 Mbps"})}
    notify(bench)
    modify = decode_transfer(PDUSessionResourceModifyRequestTransfer, bench.amf.transfers[-1].n2 or b"")
    assert modify.qos_flow_add_or_modify_request_list == ()
    assert bench.amf.transfers[-1].n1.authorized_qos_flow_descriptions is None


def test_a_session_whose_data_network_is_subscribed_to_no_more_is_released() -> None:
    bench = Bench()
    bench.establish()
    bench.udm.dnns = {"ims": bench.udm.configuration()}
    notify(bench)
    assert isinstance(bench.amf.transfers[-1].n1, PDUSessionReleaseCommand)


@pytest.mark.parametrize("how", ["silent", "status"])
def test_a_udm_that_does_not_say_what_has_changed_changes_nothing(how: str) -> None:
    bench = Bench()
    bench.establish()
    told = len(bench.amf.transfers)
    setattr(bench.udm, how, True if how == "silent" else 503)
    notify(bench)
    bench.advance(30)
    assert len(bench.amf.transfers) == told


def test_a_notification_waits_for_a_modification_under_way() -> None:
    bench = Bench(
        actions=[
            {"at_s": 1, "do": "modify_session", "supi": SUPI, "session_ambr": {"downlink_mbps": 3, "uplink_mbps": 3}}
        ]
    )
    bench.establish()
    bench.advance(2)
    bench.udm.dnns = {"internet": bench.udm.configuration(sessionAmbr={"uplink": "1 Mbps", "downlink": "1 Mbps"})}
    notify(bench)
    notify(bench)
    assert bench.amf.transfers[-1].n1.session_ambr.uplink_bps == 3_000_000
    # Nobody answers the first, which is given up after five times T3591.
    for _ in range(30):
        bench.advance(5)
        if bench.amf.transfers[-1].n1 is not None and bench.amf.transfers[-1].n1.session_ambr.uplink_bps == 1_000_000:
            return
    pytest.fail("the change was forgotten")


def test_of_a_ue_without_a_session_here_the_udm_is_told_so() -> None:
    bench = Bench()
    assert notify(bench) == 404
    assert notify(bench, "/nsmf-callback/v1/x/sdm-notify") == 404


def test_a_udm_that_takes_no_subscription_is_asked_again_with_the_next_session() -> None:
    bench = Bench()
    answer = bench.udm.answer
    bench.udm.answer = lambda request: (  # type: ignore[method-assign]
        codec.problem(501) if "/sdm-subscriptions" in request.path else answer(request)
    )
    bench.establish()
    assert bench.event("NotSubscribed").level == "warning"
    bench.udm.answer = answer  # type: ignore[method-assign]
    bench.establish(psi=6)
    assert len(bench.udm.subscribed) == 1


def test_after_a_restart_with_its_store_it_is_still_watched_and_ends_with_the_last_session() -> None:
    store = MemoryStore()
    first = Bench(store=store, persist=True)
    reference = first.establish()
    second = Bench(store=store, persist=True)
    second.udm.subscribed = first.udm.subscribed
    second.release(reference)
    assert second.udm.subscribed == []
    assert not [key for key in store.kept if key.startswith("watch/")]


def test_every_session_is_registered_again_when_the_udm_has_lost_data() -> None:
    """TS 29.503 clause 5.3.2.12."""
    bench = Bench(dnns=[{"name": "internet", "pool": "10.45.0.0/24"}], slices=[{"sst": 1}])
    for number in range(20):
        bench.establish(supi=f"imsi-0010100000000{number:02}")
    (uri,) = {body["dataRestorationCallbackUri"] for body in bench.udm.registered.values()}
    puts = len([request for request in bench.udm.requests if request.method == "PUT"])
    bench.udm.subscribed.clear()
    path = "/" + uri.partition("://")[2].partition("/")[2]
    assert bench.answers[bench.ask("POST", path, {"recoveryTime": "2026-01-01T00:00:00Z"})].status == 204
    assert len([request for request in bench.udm.requests if request.method == "PUT"]) == puts + 20
    # What was subscribed to is lost in the same way.
    assert sorted(path.split("/")[3] for path in bench.udm.subscribed) == [
        f"imsi-0010100000000{number:02}" for number in range(20)
    ]
