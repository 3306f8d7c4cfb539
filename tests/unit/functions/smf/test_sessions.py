"""Types and addresses, selection, congestion, quotas, restarts of the SMF, and the books."""

from typing import Any

import pytest

from awase.functions.smf.context import ANCHOR_SEID
from awase.model.part import Packet
from awase.protocols.gtpu import codec as gtpu
from awase.protocols.gtpu.messages import GPdu
from awase.protocols.ip import icmpv6, ipv6
from awase.protocols.nas.messages import (
    PDUSessionEstablishmentAccept,
    PDUSessionEstablishmentReject,
    PDUSessionReleaseCommand,
)
from awase.protocols.nas.session_elements import PduSessionType
from awase.protocols.pfcp import messages as n4
from awase.protocols.pfcp.elements import (
    ApplyAction,
    Interface,
    PdnType,
    PfcpAsRspFlags,
    ReportType,
    UsageReportTrigger,
    Volume,
)
from unit.functions.smf.fakes import SUPI, UPF, UPF2, Bench, MemoryStore, Udm, Upf, unpack

BOTH = {"name": "internet", "pool": "10.45.0.0/29", "pool6": "2001:db8:45::/62", "dns": ["2001:db8::53"]}


def with_types(bench: Bench, *names: str, **more: Any) -> None:
    types = {"defaultSessionType": names[0], "allowedSessionTypes": list(names)}
    bench.udm.dnns = {"internet": Udm.configuration(pduSessionTypes=types, **more)}


def ipv6_bench(kind: PduSessionType = PduSessionType.ipv6) -> tuple[Bench, str]:
    bench = Bench(dnns=[BOTH])
    with_types(bench, "IPV4", "IPV6", "IPV4V6")
    return bench, bench.establish(request={"pdu_session_type": kind})


def accept_of(bench: Bench) -> PDUSessionEstablishmentAccept:
    message = bench.amf.transfers[0].n1
    assert isinstance(message, PDUSessionEstablishmentAccept)
    return message


# IPv6 (TS 23.501 clause 5.8.2.2).


def test_an_ipv6_session_has_a_prefix_and_an_interface_identifier() -> None:
    bench, _ = ipv6_bench()
    accept = accept_of(bench)
    assert accept.selected_pdu_session_type == PduSessionType.ipv6
    assert accept.pdu_address is not None
    assert accept.pdu_address.ipv4 is None
    assert accept.pdu_address.interface_identifier == (0x101).to_bytes(8)
    (session,) = bench.upf.sessions.values()
    assert session.pdn_type == PdnType.IPV6
    assert session.create_pdr[0].pdi.ue_ip_address[0].ipv6_address == "2001:db8:45:1::"
    assert bench.event("PduSessionEstablished").fields["address"] == "2001:db8:45:1::/64"


def test_ipv4v6_has_both() -> None:
    bench, _ = ipv6_bench(PduSessionType.ipv4v6)
    address = accept_of(bench).pdu_address
    assert address is not None
    assert address.ipv4 == "10.45.0.2"
    assert address.interface_identifier is not None
    assert accept_of(bench).five_gsm_cause is None


def test_a_router_advertisement_tells_the_prefix_at_once_and_at_each_solicitation() -> None:
    bench, _ = ipv6_bench()
    (session,) = bench.upf.sessions.values()
    far = session.create_far[-1]
    assert far.forwarding_parameters is not None
    assert far.forwarding_parameters.destination_interface == Interface.CP_FUNCTION
    creation = far.forwarding_parameters.outer_header_creation
    assert creation is not None
    assert creation.teid is not None
    ue = ipv6.link_local((0x101).to_bytes(8))
    solicitation = icmpv6.encode_packet(icmpv6.RouterSolicitation(), ue, ipv6.ALL_ROUTERS)
    bench.receive(Packet("n4u", f"{UPF}:2152", gtpu.encode(GPdu(teid=creation.teid, payload=solicitation))))
    bench.pump()
    assert len(bench.user_packets) == 2
    for packet in bench.user_packets:
        message = gtpu.decode(packet.payload)  # type: ignore[arg-type]
        assert isinstance(message, GPdu)
        assert message.teid == 0x3065
        advertisement = icmpv6.decode(ipv6.decode(message.payload))
        assert isinstance(advertisement, icmpv6.RouterAdvertisement)
        (prefix,) = advertisement.prefixes
        assert message.payload[24:40] == ipv6.ALL_NODES
        assert (prefix.prefix.hex(), prefix.prefix_length, prefix.autonomous) == (
            "20010db8004500010000000000000000",
            64,
            True,
        )
        assert len(advertisement.dns) == 1


def test_prefixes_run_out_and_come_back() -> None:
    bench, reference = ipv6_bench()
    for psi in (2, 3):
        bench.establish(psi=psi, request={"pdu_session_type": PduSessionType.ipv6})
    exchange = bench.create(psi=4, request={"pdu_session_type": PduSessionType.ipv6})
    reject = unpack(bench.answers[exchange])[1]
    assert reject.five_gsm_cause == 26
    assert bench.event("PduSessionEstablishmentRejected").config == "dnns[0].pool6"
    bench.release(reference)
    bench.establish(psi=4, request={"pdu_session_type": PduSessionType.ipv6})


@pytest.mark.parametrize(
    ("subscribed", "dnn", "asked", "cause"),
    [
        (("IPV4",), BOTH, PduSessionType.ipv6, 50),
        (("IPV6",), BOTH, PduSessionType.ipv4, 51),
        (("IPV6",), {**BOTH, "types": ["ipv4"]}, PduSessionType.ipv4v6, 28),
        (("IPV4",), {**BOTH, "types": ["ipv6"]}, PduSessionType.ipv4, 51),
        (("IPV4", "IPV6"), BOTH, PduSessionType.ethernet, 28),
        (("IPV4", "IPV6"), BOTH, PduSessionType.unstructured, 28),
    ],
)
def test_a_type_that_cannot_be_is_rejected(
    subscribed: tuple[str, ...], dnn: dict[str, Any], asked: PduSessionType, cause: int
) -> None:
    bench = Bench(dnns=[dnn])
    with_types(bench, *subscribed)
    reject = unpack(bench.answers[bench.create(request={"pdu_session_type": asked})])[1]
    assert isinstance(reject, PDUSessionEstablishmentReject)
    assert reject.five_gsm_cause == cause
    assert len(bench.smf.sessions) == 0


@pytest.mark.parametrize(("subscribed", "selected", "cause"), [("IPV4", 1, 50), ("IPV6", 2, 51)])
def test_who_asks_for_both_may_get_one(subscribed: str, selected: int, cause: int) -> None:
    bench = Bench(dnns=[BOTH])
    with_types(bench, subscribed)
    bench.establish(request={"pdu_session_type": PduSessionType.ipv4v6})
    assert (accept_of(bench).selected_pdu_session_type, accept_of(bench).five_gsm_cause) == (selected, cause)


def test_static_addresses_are_those_subscribed_to_and_given_once() -> None:
    bench = Bench(dnns=[BOTH])
    static = [{"ipv4Addr": "10.45.0.5"}, {"ipv6Prefix": "2001:db8:45:3::/64"}]
    with_types(bench, "IPV4V6", staticIpAddress=static)
    bench.establish(request={"pdu_session_type": PduSessionType.ipv4v6})
    assert bench.event("PduSessionEstablished").fields["address"] == "10.45.0.5,2001:db8:45:3::/64"
    assert bench.answers[bench.create(psi=2)].status == 500
    with_types(bench, "IPV4")
    addresses = set()
    for psi in (2, 3, 4, 5):
        bench.establish(psi=psi)
        addresses.add(next(c.address for c in bench.smf.sessions.all() if c.pdu_session_id == psi))
    assert addresses == {"10.45.0.2", "10.45.0.3", "10.45.0.4", "10.45.0.6"}


# Always-on, LADN, secondary authentication, congestion.


@pytest.mark.parametrize(
    ("rule", "asked", "granted"),
    [("never", 1, 0), ("never", None, None), ("allowed", 1, 1), ("allowed", None, None), ("required", None, 1)],
)
def test_always_on_is_granted_as_the_dnn_has_it(rule: str, asked: int | None, granted: int | None) -> None:
    bench = Bench(dnns=[{"name": "internet", "pool": "10.45.0.0/29", "always_on": rule}])
    bench.establish(request={} if asked is None else {"always_on_pdu_session_requested": asked})
    assert accept_of(bench).always_on_pdu_session_indication == granted


@pytest.mark.parametrize(
    ("config", "cause", "status"),
    [
        ({"ladn_dnns": ["internet"]}, 46, 403),
        ({"authenticated_dnns": ["internet"]}, 29, 403),
        ({"congestion": [{"dnn": "internet", "back_off_s": 300}]}, 26, 500),
        ({"congestion": [{"dnn": "internet", "slice": {"sst": 1}, "cause": 67, "back_off_s": 300}]}, 67, 500),
        ({"congestion": [{"slice": {"sst": 1}, "cause": 69, "back_off_s": 300}]}, 69, 500),
    ],
)
def test_a_session_is_refused_with_its_cause_and_back_off(config: dict[str, Any], cause: int, status: int) -> None:
    bench = Bench(**config)
    answer = bench.answers[bench.create()]
    assert answer.status == status
    reject = unpack(answer)[1]
    assert isinstance(reject, PDUSessionEstablishmentReject)
    assert reject.five_gsm_cause == cause
    seconds = None if reject.back_off_timer_value is None else reject.back_off_timer_value.seconds
    assert seconds == (300 if "congestion" in config else None)
    assert bench.event("PduSessionEstablishmentRejected").config == next(iter(config))
    assert len(bench.smf.sessions) == 0


def test_congestion_of_another_dnn_or_slice_is_none() -> None:
    bench = Bench(congestion=[{"dnn": "ims"}, {"slice": {"sst": 1, "sd": "000002"}, "cause": 69}])
    bench.establish()


def test_the_operator_congests_and_relieves() -> None:
    actions = [{"at_s": 1, "do": "congest", "dnn": "internet", "cause": 26}, {"at_s": 5, "do": "relieve"}]
    bench = Bench(actions=actions)
    bench.advance(2)
    assert bench.answers[bench.create()].status == 500
    bench.advance(4)
    bench.establish()


# Selection and chains.


def two_upfs(**config: Any) -> Bench:
    return Bench(upfs=(Upf(UPF), Upf(UPF2)), **config)


def test_dnn_and_slice_choose_the_upf() -> None:
    bench = two_upfs(
        selection=[{"slice": {"sst": 1, "sd": "000002"}, "upfs": ["upf2"]}, {"dnn": "internet", "upfs": ["upf1"]}]
    )
    bench.establish()
    bench.establish(psi=2, slice={"sst": 1, "sd": "000002"})
    assert [len(upf.sessions) for upf in bench.upfs.values()] == [1, 1]


def test_the_second_choice_serves_where_the_first_is_not_associated() -> None:
    first, second = Upf(UPF), Upf(UPF2)
    first.silent = True
    bench = Bench(upfs=(first, second), selection=[{"dnn": "internet", "upfs": ["upf1", "upf2"]}])
    bench.advance(1)
    bench.establish()
    assert len(second.sessions) == 1


def test_a_upf_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match=r"selection\[0\]"):
        Bench(start=False, selection=[{"upfs": ["upf9"]}])


def test_a_chain_joins_two_upfs_over_n9() -> None:
    bench = two_upfs(chains=[{"dnn": "internet", "upfs": ["upf1", "upf2"]}])
    reference = bench.establish()
    (intermediate,), (anchor,) = (upf.sessions.values() for upf in bench.upfs.values())
    assert anchor.cp_f_seid.seid == intermediate.cp_f_seid.seid | ANCHOR_SEID
    up = intermediate.create_far[1].forwarding_parameters
    assert up is not None
    assert up.outer_header_creation is not None
    assert (up.outer_header_creation.ipv4_address, up.outer_header_creation.teid) == (UPF2, 0x1065)
    far = bench.upfs[UPF2].fars[101].update_forwarding_parameters
    assert far is not None
    assert far.outer_header_creation is not None
    assert (far.outer_header_creation.ipv4_address, far.outer_header_creation.teid) == (UPF, 0x2065)
    assert intermediate.create_qer == ()
    assert anchor.create_qer[0].mbr is not None
    bench.release(reference)
    assert not any(upf.sessions for upf in bench.upfs.values())


def test_when_the_second_of_a_chain_refuses_the_first_is_let_go() -> None:
    bench = two_upfs(chains=[{"dnn": "internet", "upfs": ["upf1", "upf2"]}])
    bench.upfs[UPF].cause = 75
    bench.create()
    assert not any(upf.sessions for upf in bench.upfs.values())
    assert isinstance(bench.amf.transfers[-1].n1, PDUSessionEstablishmentReject)
    assert len(bench.smf.sessions) == 0


# Usage.

MEASURED = {
    "name": "internet",
    "pool": "10.45.0.0/29",
    "volume_threshold_mb": 1,
    "quota_mb": 10,
    "time_quota_s": 600,
}


def usage(trigger: int) -> n4.SessionReportRequest:
    report = n4.UsageReport(
        urr_id=1, ur_seqn=0, usage_report_trigger=trigger, volume_measurement=Volume(total_bytes=1_000_000)
    )
    return n4.SessionReportRequest(report_type=ReportType.USAR, usage_report=(report,))


def test_a_measured_dnn_has_a_urr_with_thresholds_and_quotas() -> None:
    bench = Bench(dnns=[MEASURED])
    bench.establish()
    (session,) = bench.upf.sessions.values()
    (urr,) = session.create_urr
    assert urr.volume_quota == Volume(total_bytes=10_000_000)
    assert (urr.time_quota, urr.far_id) == (600, 3)
    assert [pdr.urr_id for pdr in session.create_pdr] == [(1,), (1,)]
    assert session.create_far[2].apply_action == ApplyAction.DROP
    bench.report(usage(UsageReportTrigger.VOLTH))
    assert bench.event("SessionUsage").fields["total_bytes"] == 1_000_000
    assert "QuotaExhausted" not in bench.names()


def test_a_quota_that_is_used_up_blocks_or_releases() -> None:
    for action, transfers in (("block", 1), ("release", 2)):
        bench = Bench(dnns=[{**MEASURED, "on_exhaustion": action}])
        bench.establish()
        bench.report(usage(UsageReportTrigger.VOLQU))
        assert bench.event("QuotaExhausted").config == "dnns[0].quota_mb"
        assert len(bench.amf.transfers) == transfers
    command = bench.amf.transfers[-1].n1
    assert isinstance(command, PDUSessionReleaseCommand)
    assert command.five_gsm_cause == 26


# Restart of the SMF (TS 23.527 clause 4.2).


def test_with_its_state_a_restarted_smf_goes_on_and_gives_no_address_twice() -> None:
    store = MemoryStore()
    first = Bench(store=store, persist=True, dnns=[BOTH])
    reference = first.establish()
    upf = first.upf
    upf.flags = PfcpAsRspFlags.PSREI
    second = Bench(store=store, persist=True, dnns=[BOTH], upfs=(upf,))
    assert second.event("SessionsTakenUp").fields["sessions"] == 1
    setups = [message for message in upf.received if isinstance(message, n4.AssociationSetupRequest)]
    assert setups[0].recovery_time_stamp == setups[1].recovery_time_stamp
    assert setups[1].session_retention_information is not None
    assert len(upf.sessions) == 1
    other = second.establish(psi=2)
    assert other != reference
    assert [context.address for context in second.smf.sessions.all()] == ["10.45.0.2", "10.45.0.3"]
    assert second.answers[second.modify(reference, upCnxState="DEACTIVATED")].status == 200
    second.release(reference)
    assert len(upf.sessions) == 1
    assert [key for key in store.kept if key.startswith("session/")] == [f"session/{other}"]


def test_a_upf_that_did_not_keep_them_gets_the_sessions_of_a_restarted_smf_again() -> None:
    store = MemoryStore()
    first = Bench(store=store, persist=True)
    first.establish()
    first.upf.sessions.clear()
    second = Bench(store=store, persist=True, upfs=(first.upf,))
    assert second.event("SessionsRestored").fields["sessions"] == 1
    assert len(first.upf.sessions) == 1


def test_what_a_killed_smf_was_making_is_taken_from_the_upf_which_gets_every_other_session_again() -> None:
    store = MemoryStore()
    first = Bench(store=store, persist=True)
    kept = first.establish()
    first.upf.silent = True
    first.create(psi=2)
    first.upf.silent = False
    second = Bench(store=store, persist=True, upfs=(first.upf,))
    setups = [message for message in first.upf.received if isinstance(message, n4.AssociationSetupRequest)]
    assert setups[1].session_retention_information is None
    assert second.event("SessionsRestored").fields["sessions"] == 1
    assert [context.reference for context in second.smf.sessions.all()] == [kept]
    third = Bench(store=store, persist=True, upfs=(first.upf,))
    setups = [message for message in first.upf.received if isinstance(message, n4.AssociationSetupRequest)]
    assert setups[2].session_retention_information is not None
    assert len(third.smf.sessions.all()) == 1


def test_without_its_state_a_restarted_smf_knows_no_context() -> None:
    first = Bench()
    reference = first.establish()
    assert not first.store.kept
    second = Bench()
    assert second.answers[second.modify(reference, upCnxState="ACTIVATING")].status == 404


def test_numbers_of_before_a_restart_are_not_given_again() -> None:
    first = Bench()
    reference = first.establish()
    second = Bench(start=False)
    second.now_ns += 5_000_000_000
    second.smf.wake(second.now_ns)
    second.pump()
    assert second.establish() != reference


def test_a_full_store_is_reported_and_sessions_go_on() -> None:
    bench = Bench(persist=True)
    bench.store.full = True
    bench.establish()
    assert bench.event("StoreFailed").config == "persist"


# Leaving, and the books.


def test_an_smf_that_stops_releases_its_associations() -> None:
    bench = Bench()
    bench.smf.stop(bench.now_ns)
    bench.pump()
    assert isinstance(bench.upf.received[-1], n4.AssociationReleaseRequest)
    bench.advance(60)
    assert bench.smf.wake_at_ns() is None


def test_the_books_show_what_is_held_with_whom() -> None:
    bench = Bench()
    bench.establish()
    rows = {(entry.book, entry.key): entry.value for entry in bench.smf.books()}
    session = f"{SUPI}/1"
    assert rows == {
        ("sm contexts", session): "1",
        ("sessions", session): "internet 1 ipv4",
        ("ue addresses", session): "10.45.0.2",
        ("smf registrations", session): "internet",
        ("n4 sessions", f"10.0.0.1/{1:016x}/{UPF}/{101:016x}"): "",
        ("routed addresses", "internet/10.45.0.2"): f"10.0.0.1/{1:016x}",
    }
    bench.release("1")
    assert bench.smf.books() == []
