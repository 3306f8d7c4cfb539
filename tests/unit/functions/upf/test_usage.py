"""Usage reporting rules (TS 29.244 clause 5.2.2): thresholds, quotas, periods, starts and stops, links."""

import pytest

from awase.protocols.gtpu.codec import encode_g_pdu
from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.codec import decode
from awase.protocols.pfcp.elements import (
    Cause,
    MeasurementInformation,
    MeasurementMethod,
    ReportingTrigger,
    UsageReportTrigger,
    Volume,
)
from unit.functions.upf.bench import GNB_PORT, SERVER, UE, Bench, establishment, gtpu, n6, ping

BOTH = int(MeasurementMethod.VOLUM | MeasurementMethod.DURAT)
SIZE = len(ping())


def urr(number=1, triggers=0, **elements):
    return m.CreateUrr(urr_id=number, measurement_method=BOTH, reporting_triggers=int(triggers), **elements)


def measured(bench, *urrs):
    """A session whose two PDRs are measured by these rules: UP SEID and uplink TEID."""
    pdrs = []
    for pdr in establishment().create_pdr:
        fields = {name: getattr(pdr, name) for name in pdr.__struct_fields__}
        pdrs.append(m.CreatePdr(**{**fields, "urr_id": tuple(u.urr_id for u in urrs)}))
    return bench.establish(pdrs=tuple(pdrs), create_urr=urrs)


def reports(packets):
    found = [decode(p.payload)[1] for p in packets if p.port == "n4"]
    requests = [message for message in found if isinstance(message, m.SessionReportRequest)]
    return [report for message in requests for report in message.usage_report]


def up(bench, teid, count=1):
    packets = []
    for _ in range(count):
        packets += bench.give("n3", encode_g_pdu(teid, ping(), 1, uplink=True), GNB_PORT)
    return packets


def test_a_volume_threshold_of_one_direction_is_reported():
    bench = Bench()
    _, teid = measured(bench, urr(1, ReportingTrigger.VOLTH, volume_threshold=Volume(uplink_bytes=2 * SIZE)))
    assert reports(bench.give("n6", ping(SERVER, UE)) * 1) == []
    (report,) = reports(up(bench, teid, 2))
    assert report.usage_report_trigger == UsageReportTrigger.VOLTH
    assert (report.volume_measurement.uplink_bytes, report.volume_measurement.downlink_bytes) == (2 * SIZE, SIZE)
    assert report.ur_seqn == 0
    (again,) = reports(up(bench, teid, 2))
    assert (again.ur_seqn, again.volume_measurement.downlink_packets) == (1, 0)


def test_a_time_threshold_counts_from_the_first_packet():
    bench = Bench()
    _, teid = measured(bench, urr(1, ReportingTrigger.TIMTH, time_threshold=5))
    assert reports(bench.pass_s(20)) == []
    up(bench, teid)
    assert reports(bench.pass_s(4.9)) == []
    (report,) = reports(bench.pass_s(0.2))
    assert (report.usage_report_trigger, report.duration_measurement) == (UsageReportTrigger.TIMTH, 5)


def test_metering_starts_at_once_where_that_is_asked():
    bench = Bench()
    measured(
        bench,
        urr(1, ReportingTrigger.TIMTH, time_threshold=5, measurement_information=int(MeasurementInformation.ISTM)),
    )
    assert {r.usage_report_trigger for r in reports(bench.pass_s(6))} == {UsageReportTrigger.TIMTH}


def test_time_is_not_metered_while_there_is_no_traffic():
    bench = Bench()
    _, teid = measured(bench, urr(1, ReportingTrigger.TIMTH, time_threshold=5, inactivity_detection_time=2))
    up(bench, teid)
    assert reports(bench.pass_s(60)) == []
    up(bench, teid)
    assert reports(bench.pass_s(60)) == []
    up(bench, teid)
    found = reports(bench.pass_s(60))
    assert {(report.duration_measurement, report.ur_seqn) for report in found} == {(5, 0)}


def test_a_period_is_reported_with_or_without_traffic():
    bench = Bench()
    measured(bench, urr(1, ReportingTrigger.PERIO, measurement_period=10))
    found = reports(bench.pass_s(35))
    # Unanswered reports are sent again, so each is seen more than once.
    assert [r.ur_seqn for r in found if r.usage_report_trigger == UsageReportTrigger.PERIO]
    assert sorted({r.ur_seqn for r in found}) == [0, 1, 2]


def test_a_used_up_volume_quota_is_reported_once_and_drops_what_follows():
    bench = Bench()
    seid, teid = measured(bench, urr(1, ReportingTrigger.VOLQU, volume_quota=Volume(total_bytes=3 * SIZE)))
    packets = up(bench, teid, 5)
    assert len(n6(packets)) == 3
    assert [r.usage_report_trigger for r in reports(packets)] == [UsageReportTrigger.VOLQU]
    assert "QuotaExhausted" in bench.names()
    more = m.SessionModificationRequest(update_urr=(m.UpdateUrr(urr_id=1, volume_quota=Volume(total_bytes=SIZE)),))
    assert bench.ask(more, seid).cause == 1
    assert len(n6(up(bench, teid, 5))) == 1


def test_a_used_up_quota_may_send_packets_another_way():
    bench = Bench()
    _, teid = measured(bench, urr(1, ReportingTrigger.VOLQU, volume_quota=Volume(total_bytes=SIZE), far_id=2))
    packets = up(bench, teid, 2)
    assert (len(n6(packets)), len(gtpu(packets))) == (1, 1)


def test_a_time_quota_ends():
    bench = Bench()
    _, teid = measured(bench, urr(1, ReportingTrigger.TIMQU, time_quota=3))
    assert len(n6(up(bench, teid))) == 1
    assert {r.usage_report_trigger for r in reports(bench.pass_s(4))} == {UsageReportTrigger.TIMQU}
    assert n6(up(bench, teid)) == []


def test_a_quota_that_nobody_uses_is_given_back_after_its_holding_time():
    bench = Bench()
    _, teid = measured(
        bench, urr(1, ReportingTrigger.QUHTI, volume_quota=Volume(total_bytes=10**9), quota_holding_time=5)
    )
    up(bench, teid)
    assert {r.usage_report_trigger for r in reports(bench.pass_s(6))} == {UsageReportTrigger.QUHTI}
    assert n6(up(bench, teid)) == []


def test_the_start_and_the_stop_of_traffic_are_reported():
    bench = Bench()
    _, teid = measured(bench, urr(1, ReportingTrigger.START | ReportingTrigger.STOPT, inactivity_detection_time=3))
    assert [r.usage_report_trigger for r in reports(up(bench, teid, 2))] == [UsageReportTrigger.START]
    assert UsageReportTrigger.STOPT in {r.usage_report_trigger for r in reports(bench.pass_s(4))}
    assert [r.usage_report_trigger for r in reports(up(bench, teid))] == [UsageReportTrigger.START]


def test_a_linked_rule_reports_with_the_other():
    bench = Bench()
    _, teid = measured(
        bench,
        urr(1, ReportingTrigger.VOLTH, volume_threshold=Volume(total_bytes=SIZE)),
        urr(2, ReportingTrigger.LIUSA, linked_urr_id=(1,)),
    )
    assert [(r.urr_id, r.usage_report_trigger) for r in reports(up(bench, teid))] == [
        (1, UsageReportTrigger.VOLTH),
        (2, UsageReportTrigger.LIUSA),
    ]


def test_a_query_a_removal_and_a_deletion_report_what_is_left():
    bench = Bench()
    seid, teid = measured(bench, urr(1), urr(2))
    up(bench, teid)
    queried = bench.ask(m.SessionModificationRequest(query_urr=(m.QueryUrr(urr_id=1),)), seid)
    (report,) = queried.usage_report_modification
    assert (report.usage_report_trigger, report.volume_measurement.total_bytes) == (UsageReportTrigger.IMMER, SIZE)
    deleted = bench.ask(m.SessionDeletionRequest(), seid)
    assert [(r.urr_id, r.volume_measurement.total_bytes) for r in deleted.usage_report_deletion] == [(1, 0), (2, SIZE)]
    assert {r.usage_report_trigger for r in deleted.usage_report_deletion} == {UsageReportTrigger.TERMR}
    assert [p for p in bench.pass_s(50) if p.port == "n4" and decode(p.payload)[0].seid is not None] == []


@pytest.mark.parametrize(
    ("elements", "offending_ie"),
    [
        ({"reporting_triggers": int(ReportingTrigger.EVETH)}, 37),
        ({"measurement_method": int(MeasurementMethod.EVENT)}, 62),
        ({"monitoring_time": 1}, 33),
        ({"aggregated_urrs": (b"x",)}, 118),
    ],
)
def test_what_is_not_measured_here_is_refused(elements, offending_ie):
    bench = Bench()
    bench.associate()
    rule = m.CreateUrr(**{"urr_id": 7, "measurement_method": BOTH, "reporting_triggers": 0, **elements})
    response = bench.ask(establishment(create_urr=(rule,)))
    assert (response.cause, response.offending_ie) == (Cause.SERVICE_NOT_SUPPORTED, offending_ie)
    assert response.failed_rule_id.rule_id == 7


def test_bits_without_a_name_ask_for_nothing():
    """TS 29.244 clause 8.2.19: spare ones; those with a name that is not served are refused."""
    bench = Bench()
    bench.associate()
    spare = 0xFFFFFF & ~sum(ReportingTrigger)
    assert spare
    rule = m.CreateUrr(urr_id=7, measurement_method=BOTH, reporting_triggers=spare | int(ReportingTrigger.VOLTH))
    assert bench.ask(establishment(create_urr=(rule,))).cause == Cause.REQUEST_ACCEPTED
