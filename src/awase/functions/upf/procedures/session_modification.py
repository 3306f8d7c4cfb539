"""PFCP Session Modification (TS 29.244 clauses 6.3.3 and 7.5.4, 7.5.5)."""

from awase.functions.upf import buffering
from awase.functions.upf.context import Refusal, Session
from awase.functions.upf.core import Core, tunnel_peers
from awase.functions.upf.forwarding import forward
from awase.functions.upf.persistence import save
from awase.functions.upf.procedures.session_establishment import watch_peers
from awase.functions.upf.procedures.session_report import usage_report, watch_all
from awase.functions.upf.rule import DROP, FORW
from awase.functions.upf.rules import Edit
from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.elements import (
    PORT,
    Cause,
    FailedRuleId,
    PfcpSmReqFlags,
    RuleIdType,
    UsageReportTrigger,
)
from awase.protocols.pfcp.entity import Request


def modify(core: Core, request: Request, session: Session, message: m.SessionModificationRequest) -> None:
    """Clause 6.3.3.3."""
    edit = Edit(
        core.context,
        session,
        own_addresses=core.own_addresses,
        max_rules=core.config.max_rules_per_session,
        now_ns=core.now_ns,
    )
    try:
        _check_queries(session, message)
        edit.modify(message)
        edit.check()
    except Refusal as refusal:
        edit.release()
        _refuse(core, request, session, refusal)
        return
    reports = _removed(core, session, message)
    _commit(core, session, edit)
    if message.cp_f_seid is not None:
        session.cp_seid = message.cp_f_seid.seid
        if message.cp_f_seid.ipv4_address is not None:
            session.cp_peer = f"{message.cp_f_seid.ipv4_address}:{PORT}"
    reports += _queried(core, session, message)
    core.pfcp.respond(
        request,
        m.SessionModificationResponse(
            cause=Cause.REQUEST_ACCEPTED,
            created_pdr=tuple(edit.created_pdrs),
            usage_report_modification=tuple(reports),
        ),
        seid=session.cp_seid,
    )
    for interface, peer, teid in edit.end_markers:
        core.gtpu_of(interface).send_end_marker(peer, teid)
    _release_buffer(core, session, message)
    watch_all(core, session)
    save(core, session)


def _refuse(core: Core, request: Request, session: Session, refusal: Refusal) -> None:
    core.report(
        "SessionModificationRejected",
        f"change of the PFCP session of {session.subject} refused: {refusal.text}",
        level="error",
        subject=session.subject,
        config=refusal.config,
        cause=int(refusal.cause),
    )
    core.pfcp.respond(
        request,
        m.SessionModificationResponse(
            cause=refusal.cause,
            offending_ie=refusal.offending_ie,
            failed_rule_id=refusal.failed_rule_id,
        ),
        seid=session.cp_seid,
    )


def _commit(core: Core, session: Session, edit: Edit) -> None:
    old_peers = tunnel_peers(session)
    edit.commit()
    core.unwatch(old_peers)
    watch_peers(core, session)


def _check_queries(session: Session, message: m.SessionModificationRequest) -> None:
    for query in message.query_urr:
        if query.urr_id not in session.urrs:
            raise Refusal(
                Cause.RULE_CREATION_MODIFICATION_FAILURE,
                f"there is no URR {query.urr_id} to query",
                failed_rule_id=FailedRuleId(rule_id_type=RuleIdType.URR, rule_id=query.urr_id),
            )


def _removed(core: Core, session: Session, message: m.SessionModificationRequest) -> list[m.UsageReport]:
    """A URR that goes reports for the last time (clause 5.2.2.3.1)."""
    return [
        usage_report(core, session.urrs[removed.urr_id], UsageReportTrigger.TERMR) for removed in message.remove_urr
    ]


def _queried(core: Core, session: Session, message: m.SessionModificationRequest) -> list[m.UsageReport]:
    """Query URR, or all by QAURR (clause 5.2.2.3.1)."""
    if (message.pfcpsm_req_flags or 0) & PfcpSmReqFlags.QAURR:
        wanted = list(session.urrs)
    else:
        wanted = [query.urr_id for query in message.query_urr if query.urr_id in session.urrs]
    return [usage_report(core, session.urrs[number], UsageReportTrigger.IMMER) for number in wanted]


def _release_buffer(core: Core, session: Session, message: m.SessionModificationRequest) -> None:
    """Send on what waited for a FAR that forwards now; drop what the SMF says (DROBU) or no rule wants."""
    if message.update_far or message.update_bar is not None:
        buffering.settle(session)
    if (message.pfcpsm_req_flags or 0) & PfcpSmReqFlags.DROBU:
        core.context.drop_buffer(session)
        buffering.settle(session)
    buffer = session.buffer
    if buffer is None:
        return
    for _ in range(len(buffer)):
        pdr_id, qfi, payload = buffer.popleft()
        pdr = session.pdrs.get(pdr_id)
        far = pdr.far if pdr is not None else None
        if pdr is not None and far is not None and far.actions & FORW:
            forward(core, pdr, far, payload, qfi)
        elif far is not None and not far.actions & DROP:
            buffer.append((pdr_id, qfi, payload))
            continue
        core.context.buffered -= 1
    if not buffer:
        session.buffer = None
