"""PFCP Session Establishment (TS 29.244 clauses 6.3.2 and 7.5.2, 7.5.3)."""

from awase.functions.upf.context import Association, Refusal, Session
from awase.functions.upf.core import EVENTS_PER_S, Core, host
from awase.functions.upf.persistence import save
from awase.functions.upf.procedures.session_report import watch_all
from awase.functions.upf.rule import FORW
from awase.functions.upf.rules import Edit
from awase.model.part import Address
from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.elements import PORT, Cause, FSeid, PdnType
from awase.protocols.pfcp.entity import Request


def establish(core: Core, request: Request, message: m.SessionEstablishmentRequest) -> None:
    """Clause 6.3.2.3."""
    cp_seid = message.cp_f_seid.seid
    try:
        session, edit = _established(core, request, message)
    except Refusal as refusal:
        supi = _supi(message)
        core.report(
            "SessionEstablishmentRejected",
            f"PFCP session of {supi or message.node_id} refused: {refusal.text}",
            level="error",
            subject=supi,
            config=refusal.config,
            at_most_per_s=EVENTS_PER_S,
            cause=int(refusal.cause),
        )
        core.pfcp.respond(
            request,
            m.SessionEstablishmentResponse(
                node_id=core.node_id,
                cause=refusal.cause,
                offending_ie=refusal.offending_ie,
                failed_rule_id=refusal.failed_rule_id,
            ),
            seid=cp_seid,
        )
        return
    core.report(
        "SessionEstablished",
        f"PFCP session of {session.subject} with {len(session.pdrs)} PDRs, data network {session.dnn or 'unnamed'}",
        subject=session.subject,
    )
    core.pfcp.respond(
        request,
        m.SessionEstablishmentResponse(
            node_id=core.node_id,
            cause=Cause.REQUEST_ACCEPTED,
            up_f_seid=FSeid(seid=session.up_seid, ipv4_address=core.node_id.ipv4_address),
            created_pdr=tuple(edit.created_pdrs),
        ),
        seid=cp_seid,
    )


def _supi(message: m.SessionEstablishmentRequest) -> str:
    imsi = message.user_id.imsi if message.user_id is not None else None
    return f"imsi-{imsi}" if imsi else ""


def _established(core: Core, request: Request, message: m.SessionEstablishmentRequest) -> tuple[Session, Edit]:
    association = _association(core, request, message)
    context = core.context
    if len(context.sessions) >= context.max_sessions:
        raise Refusal(
            Cause.NO_RESOURCES_AVAILABLE,
            f"there are {context.max_sessions} sessions already",
            config="max_sessions",
        )
    if message.pdn_type not in (None, PdnType.IPV4, PdnType.IPV6, PdnType.IPV4V6):
        raise Refusal(Cause.SERVICE_NOT_SUPPORTED, f"PDN type {message.pdn_type} is not supported", offending_ie=113)
    cp = message.cp_f_seid
    session = Session(context.new_seid(), cp.seid, _cp_peer(request.peer, cp), association.node)
    session.supi, session.dnn = _supi(message), message.apn_dnn or ""
    edit = Edit(
        context,
        session,
        own_addresses=core.own_addresses,
        max_rules=core.config.max_rules_per_session,
        now_ns=core.now_ns,
    )
    try:
        edit.create(message)
        edit.check()
    except Refusal:
        edit.release()
        raise
    edit.commit()
    context.add(session)
    watch_peers(core, session)
    watch_all(core, session)
    save(core, session)
    return session, edit


def _association(core: Core, request: Request, message: m.SessionEstablishmentRequest) -> Association:
    association = core.context.associations.get(str(message.node_id))
    if association is None or host(association.peer) != host(request.peer):
        raise Refusal(
            Cause.NO_ESTABLISHED_PFCP_ASSOCIATION,
            f"there is no PFCP association with {message.node_id} at {request.peer}",
        )
    return association


def _cp_peer(peer: Address, f_seid: FSeid) -> Address:
    """Our own requests go to the address in the CP F-SEID (clause 8.2.37), at PFCP's port."""
    return f"{f_seid.ipv4_address}:{PORT}" if f_seid.ipv4_address else peer


def watch_peers(core: Core, session: Session) -> None:
    """Send echoes to the base stations that a session's tunnels lead to."""
    for far in session.fars.values():
        if far.teid is not None and far.actions & FORW:
            core.gtpu_of(far.destination_interface).watch(far.peer)
