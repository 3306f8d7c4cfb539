"""State that outlives the part, the goodbye, and the books (TS 23.527, TS 23.501 clause 5.21.2, model/books.py)."""

from collections.abc import Sequence
from typing import Any

import pytest

from awase.model.books import BookEntry, Bookkeeper
from awase.model.part import Stoppable
from awase.protocols.nas import messages as nas
from awase.protocols.nas.elements import PduSessionIds, RegistrationType
from awase.protocols.nas.entity import protect_initial
from awase.protocols.ngap import messages as ngap
from unit.functions.amf.bench import SMF, UDM, Bench, Ue
from unit.functions.amf.sessions import activating, ask, n2_alone, with_session
from unit.functions.amf.test_deregistration import leave


class Store:
    """A store that knows what was committed."""

    def __init__(self) -> None:
        self.pending: dict[str, bytes | None] = {}
        self.durable: dict[str, bytes] = {}
        self.full = False

    def get(self, key: str) -> bytes | None:
        return self.durable.get(key)

    def keys(self, prefix: str = "") -> Sequence[str]:
        return sorted(key for key in self.durable if key.startswith(prefix))

    def put(self, key: str, value: bytes) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.pending[key] = value

    def delete(self, key: str) -> None:
        self.pending[key] = None

    def commit(self) -> None:
        for key, value in self.pending.items():
            if value is None:
                self.durable.pop(key, None)
            else:
                self.durable[key] = value
        self.pending.clear()


def keeping(store: Store, **config: Any) -> Bench:
    bench = Bench(persist=True, **config)
    bench.services.store = store
    return bench


def moved(ue: Ue, bench: Bench) -> None:
    """The UE and its node find the AMF restarted."""
    bench.now_ns += 10**9
    ue.gnb = bench.gnb()


def test_after_a_restart_the_ue_is_registered_idle_and_keeps_its_sessions() -> None:
    store = Store()
    bench = keeping(store)
    ue = with_session(bench)
    assert ue.security is not None
    after = keeping(store)
    moved(ue, after)
    assert after.event("StateRestored").fields["ues"] == 1
    assert after.core.bodies(SMF, "POST", "/modify")[-1]["upCnxState"] == "DEACTIVATED"
    assert n2_alone(after, ue.supi).status == 202
    after.core.update_answers.append(activating())
    ue.begin(ue.service(uplink_data_status=PduSessionIds((1,))))
    assert any(isinstance(m, nas.ServiceAccept) for m in ue.received)
    assert not after.core.bodies(UDM, "PUT")


@pytest.mark.parametrize("asleep", [True, False])
def test_no_nas_count_is_used_twice_over_a_restart(asleep: bool) -> None:
    store = Store()
    bench = keeping(store)
    ue = with_session(bench)
    if asleep:
        ue.idle(1)
    after = keeping(store)
    moved(ue, after)
    ue.begin(ue.request(RegistrationType.mobility_registration_updating))
    assert isinstance(ue.last(), nas.RegistrationAccept)


def test_a_message_of_an_earlier_life_is_not_taken_again() -> None:
    store = Store()
    bench = keeping(store)
    ue = with_session(bench).idle(1)
    once = protect_initial(ue.service(), ue.security)
    ue.begin(octets=once)
    assert isinstance(ue.last(), nas.ServiceAccept)
    after = keeping(store)
    moved(ue, after)
    ue.begin(octets=once)
    assert isinstance(ue.last(), nas.ServiceReject)


def test_without_persistence_nothing_is_written() -> None:
    bench = Bench()
    bench.services.store = store = Store()
    with_session(bench)
    assert not store.durable


def test_who_has_deregistered_is_not_registered_after_a_restart() -> None:
    store = Store()
    bench = keeping(store)
    ue = with_session(bench)
    ue.uplink(leave(ue))
    after = keeping(store)
    moved(ue, after)
    assert n2_alone(after, ue.supi).status == 404
    ue.begin()
    assert isinstance(ue.last(), nas.RegistrationAccept)


def test_a_full_store_is_an_event_and_what_could_not_be_kept_is_kept_later() -> None:
    store = Store()
    store.full = True
    bench = keeping(store)
    ue = with_session(bench)
    assert bench.event("StoreFailed").config == "persist"
    assert not store.durable
    store.full = False
    ask(ue, 2)
    assert store.keys("ue/") == [f"ue/{ue.supi}"]


def test_a_record_that_cannot_be_read_is_dropped() -> None:
    store = Store()
    store.durable["ue/imsi-001010000000001"] = b"\xff\xff"
    bench = keeping(store)
    bench.gnb()
    assert bench.event("StoreFailed").level == "warning"
    assert not bench.amf.by_supi  # type: ignore[attr-defined]


def test_the_kept_timers_run_on_after_a_restart() -> None:
    store = Store()
    times = {"t3512_s": 60, "mobile_reachable_s": 20, "implicit_deregistration_s": 20}
    bench = keeping(store, **times)
    ue = with_session(bench).idle(1)
    after = keeping(store, **times)
    moved(ue, after)
    after.wait(101)
    assert "ImplicitlyDeregistered" in after.names()


def test_an_amf_that_leaves_says_so_and_gives_back_what_nobody_could_take_up() -> None:
    bench = Bench()
    ue = with_session(bench)
    Ue(bench.gnb(), 2).register()
    ue.gnb.take()
    assert isinstance(bench.amf, Stoppable)
    bench.amf.stop(bench.now_ns)
    bench.pump()
    assert [type(m) for m in ue.gnb.take()] == [ngap.AMFStatusIndication]
    assert bench.ended == [("down", 1), ("down", 2)]
    assert len(bench.core.bodies(SMF, "POST", "/release")) == 1
    assert len(bench.core.bodies(UDM, "PATCH")) == 2
    assert bench.amf.wake_at_ns() is None
    assert isinstance(bench.amf, Bookkeeper)
    assert not bench.amf.books()


def test_an_amf_that_leaves_waits_for_its_last_answers() -> None:
    bench = Bench()
    with_session(bench)
    bench.core.smf = lambda request: None
    bench.amf.stop(bench.now_ns)  # type: ignore[attr-defined]
    bench.pump()
    assert bench.amf.wake_at_ns() is not None
    bench.wait(10)
    assert bench.amf.wake_at_ns() is None


def test_an_amf_that_keeps_its_state_leaves_it_to_its_next_life() -> None:
    store = Store()
    bench = keeping(store)
    ue = with_session(bench)
    bench.amf.stop(bench.now_ns)  # type: ignore[attr-defined]
    bench.pump()
    assert not bench.core.bodies(SMF, "POST", "/release")
    after = keeping(store)
    moved(ue, after)
    assert n2_alone(after, ue.supi).status == 202


def test_the_books_name_what_is_held_with_others() -> None:
    bench = Bench()
    ue = with_session(bench)
    assert isinstance(bench.amf, Bookkeeper)
    assert ue.guti is not None
    tmsi = f"{ue.guti.five_g_tmsi:08x}"
    assert sorted(bench.amf.books()) == [
        BookEntry("amf registrations", ue.supi, "020040"),
        BookEntry("n2 contexts", f"{ue.gnb.peer}/10.0.0.1:38412/{ue.ran_id}/{ue.amf_id}"),
        BookEntry("periodic registration", ue.supi, "3600"),
        BookEntry("registrations", ue.supi, "00f110" + "020040" + tmsi),
        BookEntry("sm contexts", f"{ue.supi}/1", "1"),
    ]
    ue.idle(1)
    assert "n2 contexts" not in {entry.book for entry in bench.amf.books()}
