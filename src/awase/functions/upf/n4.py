"""N4: what an SMF asks of the UPF (TS 29.244)."""

from awase.functions.upf.context import Session
from awase.functions.upf.core import Core, host
from awase.functions.upf.procedures import (
    association,
    session_deletion,
    session_establishment,
    session_modification,
)
from awase.model.part import Address, Packet
from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.elements import Cause
from awase.protocols.pfcp.entity import Request, refuse


def receive(core: Core, packet: Packet) -> None:
    """Take a datagram."""
    request = core.pfcp.receive(packet)
    if request is None:
        return
    message = request.message
    if isinstance(message, m.SessionEstablishmentRequest):
        session_establishment.establish(core, request, message)
    elif isinstance(message, m.SessionModificationRequest | m.SessionDeletionRequest):
        _in_session(core, request, message)
    elif isinstance(message, m.AssociationSetupRequest):
        association.setup(core, request, message)
    elif isinstance(message, m.AssociationUpdateRequest):
        association.update(core, request, message)
    elif isinstance(message, m.AssociationReleaseRequest):
        association.release(core, request, message)
    else:
        _refuse(core, request, Cause.SERVICE_NOT_SUPPORTED)


def _in_session(core: Core, request: Request, message: m.SessionModificationRequest | m.SessionDeletionRequest) -> None:
    session = core.context.sessions.get(request.header.seid or 0)
    if session is None or not _is_owner(core, session, request.peer):
        _refuse(core, request, Cause.SESSION_CONTEXT_NOT_FOUND)
    elif isinstance(message, m.SessionDeletionRequest):
        session_deletion.delete(core, request, session)
    else:
        session_modification.modify(core, request, session, message)


def _is_owner(core: Core, session: Session, peer: Address) -> bool:
    owner = core.context.associations.get(session.node)
    return owner is not None and host(owner.peer) == host(peer)


def _refuse(core: Core, request: Request, cause: Cause) -> None:
    header = request.header
    name = type(request.message).__name__
    refusal = refuse(core.node_id, header.message_type, cause, None, core.pfcp.recovery_time_stamp)
    text = (
        f"{request.peer} sent {name} for session {header.seid:#x}, which it does not have"
        if cause == Cause.SESSION_CONTEXT_NOT_FOUND
        else f"{request.peer} sent {name}, which a UPF does not serve"
    )
    core.report_packet("RequestRefused", text, subject=request.peer)
    if refusal is not None:
        # The SMF's own SEID is not known here, so it is 0 (clause 7.2.2.4.2).
        core.pfcp.respond(request, refusal, seid=None if header.seid is None else 0)


def peer_restarted(core: Core, peer: Address) -> None:
    """An SMF's Recovery Time Stamp has changed: it has forgotten its sessions (TS 23.527 clause 4.3.2)."""
    for known in list(core.context.associations.values()):
        if known.peer == peer:
            association.drop(core, known, f"the SMF at {peer} has restarted")


def peer_lost(core: Core, peer: Address) -> None:
    """An SMF answers no heartbeat (clause 6.2.2.2); its sessions stay, as it may come back."""
    core.report("PeerSilent", f"the SMF at {peer} answers no PFCP heartbeat", level="error", subject=peer)
    for known in core.context.associations.values():
        if known.peer == peer:
            core.pfcp.watch(peer)
