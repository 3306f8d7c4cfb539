"""Generic UE configuration update (TS 24.501 clause 5.4.4)."""

from typing import Any

from awase.model.ids import SNssai
from awase.protocols.nas import messages as nas
from awase.protocols.nas.elements import RegistrationType
from awase.protocols.ngap import messages as ngap
from unit.functions.amf.bench import START_NS, Bench, Ue
from unit.functions.amf.sessions import with_session

SUPI = "imsi-001010000000001"


def bench_with(**action: Any) -> Bench:
    return Bench(actions=[{"at_s": 10, "do": "update_configuration", "supi": SUPI, **action}])


def commanded(bench: Bench, ue: Ue) -> nas.ConfigurationUpdateCommand:
    bench.wait(11)
    ue.take()
    command = ue.last()
    assert isinstance(command, nas.ConfigurationUpdateCommand), command
    return command


def test_a_new_guti_is_confirmed_and_the_old_one_freed() -> None:
    bench = bench_with(guti=True)
    ue = Ue(bench.gnb()).register()
    command = commanded(bench, ue)
    assert command.configuration_update_indication is not None
    assert command.configuration_update_indication.acknowledgement_requested
    assert command.tai_list is not None
    assert len(bench.amf.by_tmsi) == 2  # type: ignore[attr-defined]
    ue.uplink(nas.ConfigurationUpdateComplete())
    assert list(bench.amf.by_tmsi) == [command.five_g_guti.five_g_tmsi]  # type: ignore[attr-defined,union-attr]
    bench.wait(60)
    assert bench.names().count("ConfigurationUpdated") == 1


def test_without_an_answer_it_is_sent_five_times_and_both_gutis_stay_valid() -> None:
    """TS 24.501 clause 5.4.4.6 a: T3555."""
    bench = bench_with(guti=True)
    ue = Ue(bench.gnb()).register()
    commanded(bench, ue)
    bench.wait(60)
    ue.take()
    assert [type(m) for m in ue.received].count(nas.ConfigurationUpdateCommand) == 5
    assert bench.event("ConfigurationUpdateFailed").config == "t3555_s"
    assert len(bench.amf.by_tmsi) == 2  # type: ignore[attr-defined]
    ue.idle()
    ue.begin(ue.service())
    assert isinstance(ue.last(), nas.ServiceAccept)
    assert ue.guti is not None
    assert list(bench.amf.by_tmsi) == [ue.guti.five_g_tmsi]  # type: ignore[attr-defined]


def test_the_loss_of_the_connection_ends_it() -> None:
    """TS 24.501 clause 5.4.4.6 b."""
    bench = bench_with(guti=True)
    ue = Ue(bench.gnb()).register()
    commanded(bench, ue)
    ue.idle()
    bench.wait(60)
    ue.take()
    assert "ConfigurationUpdateFailed" not in bench.names()
    assert bench.amf.by_supi[SUPI].update is None  # type: ignore[attr-defined]


def test_a_registration_takes_its_place() -> None:
    """TS 24.501 clause 5.4.4.6 d."""
    bench = bench_with(guti=True)
    ue = Ue(bench.gnb()).register()
    commanded(bench, ue)
    ue.uplink(ue.request(RegistrationType.mobility_registration_updating))
    ue.complete_registration()
    bench.wait(60)
    ue.take()
    assert [type(m) for m in ue.received].count(nas.ConfigurationUpdateCommand) == 1


def test_names_and_time_need_no_answer() -> None:
    bench = bench_with(network_name="Awase", time_zone_minutes=540)
    ue = Ue(bench.gnb()).register()
    command = commanded(bench, ue)
    assert command.configuration_update_indication is not None
    assert not command.configuration_update_indication.acknowledgement_requested
    assert command.full_name_for_network is not None
    assert command.full_name_for_network.text == "Awase"
    moment = command.universal_time_and_local_time_zone
    assert moment is not None
    # 1_700_000_010 s is 14 November 2023, 22:13:30 UTC.
    assert START_NS == 1_700_000_000 * 10**9
    assert moment.when == (23, 11, 14, 22, 13, 30)
    assert moment.zone.minutes == 540
    bench.wait(60)
    ue.take()
    assert [type(m) for m in ue.received].count(nas.ConfigurationUpdateCommand) == 1


def test_new_slices_with_a_registration_requested_end_the_connection() -> None:
    """TS 24.501 clause 5.4.4.3."""
    bench = bench_with(
        slices=[{"sst": 1}], configured_slices=[{"sst": 1}, {"sst": 2, "sd": "000001"}], registration_requested=True
    )
    ue = Ue(bench.gnb()).register()
    command = commanded(bench, ue)
    assert command.configuration_update_indication is not None
    assert command.configuration_update_indication.registration_requested
    assert [item.s_nssai for item in command.configured_nssai or ()] == [SNssai(1), SNssai(2, "000001")]
    ue.uplink(nas.ConfigurationUpdateComplete())
    assert isinstance(ue.messages[-1], ngap.UEContextReleaseCommand)


def test_an_idle_ue_is_paged_for_it() -> None:
    bench = bench_with(guti=True)
    ue = with_session(bench).idle(1)
    ue.gnb.take()
    bench.wait(10)
    assert [type(m) for m in ue.gnb.take()] == [ngap.Paging]
    ue.begin(ue.service())
    assert isinstance(ue.last(), nas.ConfigurationUpdateCommand)


def test_who_is_not_registered_is_not_configured() -> None:
    bench = bench_with(guti=True)
    bench.gnb()
    bench.wait(11)
    assert bench.event("ActionFailed").config == "actions[0]"


def test_a_completion_that_nobody_waits_for_changes_nothing() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    before = len(ue.received)
    ue.uplink(nas.ConfigurationUpdateComplete())
    assert len(ue.received) == before
