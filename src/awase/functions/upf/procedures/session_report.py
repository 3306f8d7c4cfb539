"""PFCP Session Report (TS 29.244 clauses 6.3.5 and 7.5.8): what the UPF tells the SMF of a session."""

from awase.functions.upf.context import Session, Urr
from awase.functions.upf.core import Core
from awase.model.machine import Procedure
from awase.model.part import NS_PER_S
from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.elements import (
    Cause,
    FTeid,
    MeasurementMethod,
    ReportingTrigger,
    ReportType,
    UsageReportTrigger,
    Volume,
)
from awase.protocols.pfcp.entity import NTP_EPOCH_S


def send_downlink_data(core: Core, session: Session, pdr_id: int) -> None:
    """Downlink data waits for an idle UE."""
    report = m.SessionReportRequest(
        report_type=ReportType.DLDR, downlink_data_report=m.DownlinkDataReport(pdr_id=(pdr_id,))
    )
    core.run(_report(core, session, report))


def send_error_indication(core: Core, session: Session, address: str, teid: int) -> None:
    """A GTP-U peer does not know a tunnel."""
    report = m.SessionReportRequest(
        report_type=ReportType.ERIR,
        error_indication_report=m.ErrorIndicationReport(f_teid=(FTeid(teid=teid, ipv4_address=address),)),
    )
    core.run(_report(core, session, report))


def send_usage(core: Core, session: Session, urr: Urr) -> None:
    """A volume threshold is reached."""
    report = m.SessionReportRequest(
        report_type=ReportType.USAR,
        usage_report=(usage_report(core, urr, UsageReportTrigger.VOLTH),),
    )
    core.run(_report(core, session, report))


def is_reached(urr: Urr) -> bool:
    """Whether the volume since the last report has come to the threshold."""
    threshold = urr.threshold
    if threshold is None or not urr.triggers & ReportingTrigger.VOLTH:
        return False
    up, down = urr.uplink_bytes, urr.downlink_bytes
    return (
        (threshold.total_bytes is not None and up + down >= threshold.total_bytes)
        or (threshold.uplink_bytes is not None and up >= threshold.uplink_bytes)
        or (threshold.downlink_bytes is not None and down >= threshold.downlink_bytes)
    )


def usage_report(core: Core, urr: Urr, trigger: int) -> m.UsageReport:
    """What a URR has counted; it counts from zero again."""
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
    duration_s = (core.now_ns - urr.start_ns) // NS_PER_S
    report = m.UsageReport(
        urr_id=urr.urr_id,
        ur_seqn=urr.sequence_number,
        usage_report_trigger=trigger,
        start_time=_ntp(urr.start_ns),
        end_time=_ntp(core.now_ns),
        volume_measurement=volume if urr.method & MeasurementMethod.VOLUM else None,
        duration_measurement=duration_s if urr.method & MeasurementMethod.DURAT else None,
    )
    urr.sequence_number = (urr.sequence_number + 1) & 0xFFFFFFFF
    urr.start_ns = core.now_ns
    urr.uplink_bytes = urr.downlink_bytes = urr.uplink_packets = urr.downlink_packets = 0
    return report


def _ntp(now_ns: int) -> int:
    return (now_ns // NS_PER_S + NTP_EPOCH_S) & 0xFFFFFFFF


def _report(core: Core, session: Session, request: m.SessionReportRequest) -> Procedure[None]:
    response = yield from core.pfcp.ask(session.cp_peer, request, seid=session.cp_seid)
    if response is None:
        core.report(
            "ReportUnanswered",
            f"the SMF {session.cp_peer} did not answer a report about {session.subject}",
            level="warning",
            subject=session.subject,
        )
        # The next downlink packet may try again.
        session.notified = False
    elif isinstance(response, m.SessionReportResponse) and response.cause == _UNKNOWN:
        _forget(core, session)


_UNKNOWN = Cause.SESSION_CONTEXT_NOT_FOUND


def _forget(core: Core, session: Session) -> None:
    """The SMF does not know the session, so neither need we (table 7.5.9.1-1)."""
    if core.context.sessions.get(session.up_seid) is not session:
        return
    core.forget(session)
    core.report(
        "SessionForgotten",
        f"the SMF {session.cp_peer} has no session of {session.subject}, so it was deleted here",
        level="warning",
        subject=session.subject,
    )
