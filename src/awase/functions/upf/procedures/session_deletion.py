"""PFCP Session Deletion (TS 29.244 clauses 6.3.4 and 7.5.6, 7.5.7)."""

from awase.functions.upf.context import Session
from awase.functions.upf.core import Core
from awase.functions.upf.procedures.session_report import usage_report
from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.elements import Cause, UsageReportTrigger
from awase.protocols.pfcp.entity import Request


def delete(core: Core, request: Request, session: Session) -> None:
    """Clause 6.3.4.3."""
    reports = tuple(usage_report(core, urr, UsageReportTrigger.TERMR) for urr in session.urrs.values())
    core.forget(session)
    core.report("SessionDeleted", f"PFCP session of {session.subject} deleted", subject=session.subject)
    core.pfcp.respond(
        request,
        m.SessionDeletionResponse(cause=Cause.REQUEST_ACCEPTED, usage_report_deletion=reports),
        seid=session.cp_seid,
    )
