"""Restoration after a failure of a UPF, of a tunnel, and of the SMF itself (TS 23.527 clauses 4.2, 4.3 and 5)."""

from collections import deque

from awase.functions.smf import n2
from awase.functions.smf.context import SmContext, Upf
from awase.functions.smf.procedures.pdu_session_release import release_by_network
from awase.functions.smf.procedures.user_plane import hold, is_up, reach, release_resources
from awase.functions.smf.smf import Smf
from awase.functions.smf.states import Input, UserPlane
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.ngap.elements import Cause
from awase.protocols.sbi import codec
from awase.protocols.sbi.messages import Response
from awase.wire.errors import DecodeError

REACTIVATION_REQUESTED = 39
_TUNNEL_LOST = Cause("transport", "transport-resource-unavailable")
_LANES = 32
"""How many sessions are made anew at the same time."""


def upf_absent(smf: Smf, upf: Upf) -> None:
    """A UPF has lost its sessions; where it does not come back in time they go."""
    smf.start_timer(round(smf.config.restoration_wait_s * NS_PER_S), lambda: _give_up(smf, upf))


def _give_up(smf: Smf, upf: Upf) -> None:
    if upf.associated:
        return
    for context in smf.sessions.on(upf):
        _release(smf, context, f"UPF {upf.name} did not come back")


def upf_lost(smf: Smf, upf: Upf) -> None:
    """A UPF answers no more: its sessions wait for it, for a while where another UPF can have them (clause 4.3.3)."""
    smf.start_timer(round(smf.config.restoration_wait_s * NS_PER_S), lambda: _move(smf, upf))


def _move(smf: Smf, upf: Upf) -> None:
    if upf.associated:
        return
    for context in smf.sessions.on(upf):
        choices = smf.n4.choices(context)
        if any(upf not in choice and all(other.associated for other in choice) for choice in choices):
            _release(smf, context, f"UPF {upf.name} did not come back, and there is another")


def upf_returned(smf: Smf, upf: Upf) -> None:
    """Make all its sessions anew, with the addresses and F-TEIDs that they had (TS 23.527 clause 4.3.2)."""
    waiting = deque(context for context in smf.sessions.on(upf) if context.may(Input.RELEASE_BY_NETWORK))
    for context in smf.sessions.on(upf):
        smf.n4.lost(context, upf)
    if not waiting:
        return
    smf.report(
        "SessionsRestored",
        f"{len(waiting)} PDU sessions are made anew at UPF {upf.name}, as they were",
        subject=upf.name,
        sessions=len(waiting),
    )
    for _ in range(min(_LANES, len(waiting))):
        smf.run(_restore_all(smf, upf, waiting))


def _restore_all(smf: Smf, upf: Upf, waiting: deque[SmContext]) -> Procedure[None]:
    while waiting and upf.associated:
        context = waiting.popleft()
        if not context.may(Input.RELEASE_BY_NETWORK):
            continue
        refused = yield from smf.n4.restore_if_lost(context)
        smf.resume_later(("restored", context.reference))
        if refused is None:
            smf.keep(context)
        elif context.may(Input.RELEASE_BY_NETWORK):
            _release(smf, context, f"UPF {upf.name} restarted, and did not take it again: {refused.text}")


def _release(smf: Smf, context: SmContext, why: str) -> None:
    if context.may(Input.RELEASE_BY_NETWORK):
        smf.n4.abandon(context)
        smf.run(release_by_network(smf, context, REACTIVATION_REQUESTED, why))


# Tunnels whose other end is not known there (clause 5.3).


def error_indication(smf: Smf, context: SmContext, peer: Upf | None) -> None:
    """A UPF was told that the other end of its tunnel is not known: at NG-RAN, or at a UPF of a chain."""
    smf.report(
        "GtpErrorIndication",
        f"{context}: {'NG-RAN' if peer is None else peer.name} answers its packets with GTP-U Error Indication",
        level="warning",
        subject=context.supi,
    )
    if not is_up(context):
        return
    if peer is not None:
        smf.run(_of_chain_lost(smf, context, peer))
    elif context.user_plane is UserPlane.ACTIVATED:
        smf.run(_downlink_lost(smf, context))


def _downlink_lost(smf: Smf, context: SmContext) -> Procedure[None]:
    """Clause 5.3.3.1, steps 4 and 5: packets wait in the UPF, and NG-RAN lets go of what it may still have."""
    _without_tunnel(context)
    yield from hold(smf, context)
    if is_up(context):
        yield from release_resources(smf, context, _TUNNEL_LOST)


def _without_tunnel(context: SmContext) -> None:
    context.user_plane = UserPlane.DEACTIVATED
    context.downlink = None
    context.notifying = 0


def _of_chain_lost(smf: Smf, context: SmContext, peer: Upf) -> Procedure[None]:
    """Clause 5.3.2: where it has not restarted, and so lost all, it gets this one session again."""
    yield from smf.n4.check(peer)
    if peer.associated and is_up(context):
        refused = yield from smf.n4.restore(context, peer)
        if refused is not None:
            _release(smf, context, f"UPF {peer.name} did not take it again: {refused.text}")


def resource_notify_released(smf: Smf, context: SmContext, octets: bytes) -> Response:
    """NG-RAN has released the session's resources (TS 23.502 clause 4.3.4.2, step 1d)."""
    try:
        cause = n2.released_cause(octets)
    except DecodeError as error:
        return codec.problem(403, "N2_SM_ERROR", f"the notify released transfer: {error}")
    if not is_up(context):
        return Response(204)
    _without_tunnel(context)
    why = f"NG-RAN released its resources: {cause}"
    if cause.group == "transport":
        # Its packets found no tunnel at the UPF: what that has lost it gets again, and so does NG-RAN.
        smf.report("TunnelLost", f"{context}: {why}", level="warning", subject=context.supi)
        smf.defer(_uplink_lost(smf, context))
    elif context.may(Input.RELEASE_BY_NETWORK):
        smf.defer(release_by_network(smf, context, n2.five_gsm_cause(cause), why))
    return Response(204)


def _uplink_lost(smf: Smf, context: SmContext) -> Procedure[None]:
    """Clause 5.3.3: the session stays, with its addresses."""
    upf = context.upf
    assert upf is not None
    yield from smf.n4.check(upf)
    if not upf.associated:
        yield Wait(("restored", context.reference), round(smf.config.restoration_wait_s * NS_PER_S))
    if not is_up(context) or context.user_plane is not UserPlane.DEACTIVATED:
        return
    yield from hold(smf, context)
    if is_up(context) and context.user_plane is UserPlane.DEACTIVATED and not context.notifying:
        context.notifying = smf.now_ns
        yield from reach(smf, context)
