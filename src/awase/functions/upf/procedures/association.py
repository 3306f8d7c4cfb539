"""PFCP associations: setup, update, release (TS 29.244 clauses 6.2.6 to 6.2.8)."""

from awase.functions.upf.context import MAX_ASSOCIATIONS, Association, Refusal
from awase.functions.upf.core import Core, host
from awase.functions.upf.persistence import forget_association, save_association
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S, Address
from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.elements import (
    AssociationReleaseRequestFlags,
    Cause,
    PfcpAsRspFlags,
    UpFunctionFeature,
    features,
)
from awase.protocols.pfcp.entity import Request

RETRY_NS = 5 * NS_PER_S
"""After how long an SMF that refused an association is asked again."""


def up_function_features(core: Core) -> bytes:
    """What this UPF offers (clause 8.2.25)."""
    return features(*(UpFunctionFeature[name] for name in core.config.up_features), length=3)


def setup(core: Core, request: Request, message: m.AssociationSetupRequest) -> None:
    """Clause 6.2.6.2.2. One that is about to stop leaves this to whoever comes after it at its address."""
    if core.leaving:
        return
    node = str(message.node_id)
    cause = Cause.REQUEST_ACCEPTED
    retained = False
    try:
        _check_peer(core, request, node)
    except Refusal as refusal:
        cause = refusal.cause
        core.report("AssociationRefused", refusal.text, level="warning", subject=node, config=refusal.config)
    else:
        retained = _set_up(core, request, message, node)
    core.pfcp.respond(
        request,
        m.AssociationSetupResponse(
            node_id=core.node_id,
            cause=cause,
            recovery_time_stamp=core.pfcp.recovery_time_stamp,
            up_function_features=up_function_features(core),
            pfcpas_rsp_flags=int(PfcpAsRspFlags.PSREI) if retained else None,
        ),
    )


def _set_up(core: Core, request: Request, message: m.AssociationSetupRequest, node: str) -> bool:
    """Set up an association; whether its sessions of before were retained, as the SMF asked."""
    core.pfcp.note_recovery(request.peer, message.recovery_time_stamp)
    association = Association(node, request.peer, message.recovery_time_stamp)
    old = core.context.associations.get(node)
    retained = False
    if old is not None and message.session_retention_information is not None:
        association.seids = old.seids
        retained = True
    elif old is not None:
        # A node that sets up again what it has starts anew: its sessions are gone (clause 6.2.6.2.2).
        drop(core, old, "the SMF has set up the association again")
    core.context.associations[node] = association
    core.pfcp.watch(request.peer)
    save_association(core, association)
    core.report("AssociationSetUp", f"PFCP association with {node} at {request.peer}", subject=node)
    return retained


def _check_peer(core: Core, request: Request, node: str) -> None:
    wanted = [host(peer.address) for peer in core.config.peers.get("N4", [])]
    if wanted and host(request.peer) not in wanted:
        raise Refusal(
            Cause.REQUEST_REJECTED,
            f"{node} at {request.peer} asked for an association, but is none of this UPF's SMFs",
            config="peers.N4",
        )
    if node not in core.context.associations and len(core.context.associations) >= MAX_ASSOCIATIONS:
        raise Refusal(Cause.NO_RESOURCES_AVAILABLE, f"there are {MAX_ASSOCIATIONS} associations already")


def update(core: Core, request: Request, message: m.AssociationUpdateRequest) -> None:
    """Clause 6.2.7.3: nothing that the SMF could change changes what we do."""
    known = str(message.node_id) in core.context.associations
    cause = Cause.REQUEST_ACCEPTED if known else Cause.NO_ESTABLISHED_PFCP_ASSOCIATION
    core.pfcp.respond(request, m.AssociationUpdateResponse(node_id=core.node_id, cause=cause))


def release(core: Core, request: Request, message: m.AssociationReleaseRequest) -> None:
    """Clause 6.2.8.3: the sessions go with it."""
    association = core.context.associations.get(str(message.node_id))
    if association is None or host(association.peer) != host(request.peer):
        cause = Cause.NO_ESTABLISHED_PFCP_ASSOCIATION
    else:
        cause = Cause.REQUEST_ACCEPTED
        drop(core, association, "the SMF has released the association")
    core.pfcp.respond(request, m.AssociationReleaseResponse(node_id=core.node_id, cause=cause))
    core.resume(("association released", str(message.node_id)), True)


def drop(core: Core, association: Association, why: str) -> None:
    """Forget an association and its sessions."""
    sessions = len(association.seids)
    for seid in list(association.seids):
        core.forget(core.context.sessions[seid])
    core.context.associations.pop(association.node, None)
    core.pfcp.unwatch(association.peer)
    forget_association(core, association)
    core.report(
        "AssociationEnded",
        f"PFCP association with {association.node} ended, {sessions} sessions deleted: {why}",
        level="warning" if sessions else "info",
        subject=association.node,
        sessions=sessions,
    )


def ask_for_release(core: Core, association: Association) -> Procedure[None]:
    """Have the SMF release the association, since this UPF is to stop (clause 6.2.7.2, SARR)."""
    key = ("association released", association.node)
    response = yield from core.pfcp.ask(
        association.peer,
        m.AssociationUpdateRequest(
            node_id=core.node_id, association_release_request=int(AssociationReleaseRequestFlags.SARR)
        ),
    )
    if response is not None and association.node in core.context.associations and not core.waits_for(key):
        yield Wait(key, core.pfcp.config.t1_ns * core.pfcp.config.n1)


def initiate(core: Core, peer: Address) -> Procedure[None]:
    """Clause 6.2.6.3: set up an association with an SMF, until one of the two has done so."""
    while not core.leaving and not any(known.peer == peer for known in core.context.associations.values()):
        response = yield from core.pfcp.ask(
            peer,
            m.AssociationSetupRequest(
                node_id=core.node_id,
                recovery_time_stamp=core.pfcp.recovery_time_stamp,
                up_function_features=up_function_features(core),
            ),
        )
        if not isinstance(response, m.AssociationSetupResponse):
            continue
        if response.cause == Cause.REQUEST_ACCEPTED:
            _agreed(core, peer, response)
            return
        core.report(
            "AssociationRefused",
            f"the SMF at {peer} refuses an association, cause {response.cause}",
            level="error",
            subject=peer,
            config="peers.N4",
        )
        yield Wait(("association", peer), RETRY_NS)


def _agreed(core: Core, peer: Address, response: m.AssociationSetupResponse) -> None:
    node = str(response.node_id)
    if node in core.context.associations:
        return
    core.pfcp.note_recovery(peer, response.recovery_time_stamp)
    association = Association(node, peer, response.recovery_time_stamp)
    core.context.associations[node] = association
    core.pfcp.watch(peer)
    save_association(core, association)
    core.report("AssociationSetUp", f"PFCP association with {node} at {peer}, set up by this UPF", subject=node)
