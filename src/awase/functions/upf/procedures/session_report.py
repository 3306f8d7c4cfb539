"""PFCP Session Report: downlink data, usage, error indications (TS 29.244 clauses 6.3.5 and 7.5.8)."""

from collections.abc import Sequence

from awase.functions.upf.context import Session
from awase.functions.upf.core import Core
from awase.functions.upf.rule import Pdr
from awase.functions.upf.usage import Urr
from awase.model.machine import Procedure
from awase.model.part import NS_PER_S
from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.elements import (
    Cause,
    DownlinkDataServiceInformation,
    FTeid,
    MeasurementMethod,
    PfcpSrRspFlags,
    ReportingTrigger,
    ReportType,
    UsageReportTrigger,
    Volume,
)
from awase.protocols.pfcp.entity import NTP_EPOCH_S

_UNKNOWN = Cause.SESSION_CONTEXT_NOT_FOUND


def send_downlink_data(core: Core, session: Session, pdr_id: int, information: DownlinkDataServiceInformation) -> None:
    """Downlink data waits for an idle UE (clause 5.2.3.1)."""
    session.delay = None
    if not session.notified:
        return
    report = m.SessionReportRequest(
        report_type=ReportType.DLDR,
        downlink_data_report=m.DownlinkDataReport(pdr_id=(pdr_id,), downlink_data_service_information=(information,)),
    )
    core.run(_report(core, session, report))


def send_error_indication(core: Core, session: Session, address: str, teid: int) -> None:
    """A GTP-U peer does not know a tunnel."""
    report = m.SessionReportRequest(
        report_type=ReportType.ERIR,
        error_indication_report=m.ErrorIndicationReport(f_teid=(FTeid(teid=teid, ipv4_address=address),)),
    )
    core.run(_report(core, session, report))


# Usage.


def count(core: Core, pdr: Pdr, size: int) -> None:
    """Measure a packet by each URR of its PDR, and report what that sets off."""
    due: list[tuple[Urr, int]] = []
    for urr in pdr.urrs:
        triggers = urr.count(size, pdr.uplink, core.now_ns)
        if triggers:
            due.append((urr, triggers))
        elif urr.conditional and urr.timer is None:
            watch(core, pdr.session, urr)
    if due:
        send_usage(core, pdr.session, due)


def watch(core: Core, session: Session, urr: Urr) -> None:
    """Look again when the next timed condition of a URR is due."""
    urr.stop()
    at_ns = urr.due_at_ns()
    if at_ns is not None:
        urr.timer = core.start_timer(max(0, at_ns - core.now_ns), lambda: _expire(core, session, urr))


def watch_all(core: Core, session: Session) -> None:
    """Have the timed conditions of a session's URRs looked after."""
    for urr in session.urrs.values():
        if urr.conditional and urr.timer is None:
            watch(core, session, urr)


def _expire(core: Core, session: Session, urr: Urr) -> None:
    urr.timer = None
    urr.meter(core.now_ns)
    triggers = urr.due(core.now_ns)
    if triggers:
        send_usage(core, session, [(urr, triggers)])
    else:
        # Packets came since.
        watch(core, session, urr)


def send_usage(core: Core, session: Session, due: Sequence[tuple[Urr, int]]) -> None:
    """Report URRs whose conditions are met, and those that are linked to them (LIUSA, clause 5.2.2.4)."""
    triggers: dict[int, int] = {urr.urr_id: found for urr, found in due}
    for urr in session.urrs.values():
        if urr.triggers & ReportingTrigger.LIUSA and any(number in triggers for number in urr.linked):
            triggers[urr.urr_id] = triggers.get(urr.urr_id, 0) | UsageReportTrigger.LIUSA
    reports = tuple(
        usage_report(core, session.urrs[number], found) for number, found in triggers.items() if number in session.urrs
    )
    for number in triggers:
        if number in session.urrs:
            watch(core, session, session.urrs[number])
    core.run(_report(core, session, m.SessionReportRequest(report_type=ReportType.USAR, usage_report=reports)))


def usage_report(core: Core, urr: Urr, trigger: int) -> m.UsageReport:
    """What a URR has measured; it measures from zero again."""
    now_ns = core.now_ns
    urr.meter(now_ns)
    up, down = urr.uplink_bytes, urr.downlink_bytes
    up_packets, down_packets = urr.uplink_packets, urr.downlink_packets
    volume = Volume(
        total_bytes=up + down,
        uplink_bytes=up,
        downlink_bytes=down,
        total_packets=up_packets + down_packets,
        uplink_packets=up_packets,
        downlink_packets=down_packets,
    )
    seen = urr.first_packet_ns is not None and urr.packet_ns is not None
    report = m.UsageReport(
        urr_id=urr.urr_id,
        ur_seqn=urr.sequence_number,
        usage_report_trigger=trigger,
        start_time=_ntp(urr.start_ns),
        end_time=_ntp(now_ns),
        volume_measurement=volume if urr.method & MeasurementMethod.VOLUM else None,
        duration_measurement=urr.metered_ns // NS_PER_S if urr.method & MeasurementMethod.DURAT else None,
        time_of_first_packet=_ntp(urr.first_packet_ns) if urr.first_packet_ns is not None else None,
        time_of_last_packet=_ntp(urr.packet_ns) if seen and urr.packet_ns is not None else None,
    )
    urr.restart(now_ns)
    return report


def _ntp(now_ns: int) -> int:
    return (now_ns // NS_PER_S + NTP_EPOCH_S) & 0xFFFFFFFF


# The exchange.


def _report(core: Core, session: Session, request: m.SessionReportRequest) -> Procedure[None]:
    response = yield from core.pfcp.ask(session.cp_peer, request, seid=session.cp_seid)
    if core.context.sessions.get(session.up_seid) is not session:
        return
    if response is None:
        core.report(
            "ReportUnanswered",
            f"the SMF {session.cp_peer} did not answer a report about {session.subject}",
            level="warning",
            subject=session.subject,
        )
        # The next downlink packet may try again.
        session.notified.clear()
    elif isinstance(response, m.SessionReportResponse):
        if response.cause == _UNKNOWN:
            _forget(core, session)
        elif request.report_type & ReportType.DLDR:
            drop = bool((response.pfcpsr_rsp_flags or 0) & PfcpSrRspFlags.DROBU)
            core.told_of_downlink_data(session, response.update_bar_report, drop)


def _forget(core: Core, session: Session) -> None:
    """The SMF does not know the session, so neither need we (table 7.5.9.1-1)."""
    core.forget(session)
    core.report(
        "SessionForgotten",
        f"the SMF {session.cp_peer} has no session of {session.subject}, so it was deleted here",
        level="warning",
        subject=session.subject,
    )
