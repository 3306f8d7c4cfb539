"""New keys for a UE that is connected, before a NAS COUNT wraps (TS 33.501 clause 6.4.3.1, TS 24.501 4.4.3.5)."""

from __future__ import annotations

from awase.functions.amf.context import AccessContext, NgConnection, Ue
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import (
    authentication,
    deregistration,
    n1_n2_message_transfer,
    paging,
    ue_context_modification,
    ue_context_release,
)
from awase.functions.amf.procedures.challenge import Authenticated, Rejection
from awase.functions.amf.procedures.security_mode_control import take_into_use
from awase.functions.amf.states import State
from awase.model.machine import Procedure
from awase.protocols.nas.messages import SecurityModeComplete
from awase.protocols.ngap.elements import SecurityKey


def start(amf: Amf, ue: Ue) -> bool:
    """Begin, unless something else runs for the UE; its state stays, and what comes for it waits."""
    connection = ue.connection
    if connection is None or ue.state is not State.REGISTERED or ue.procedure is not None or connection.holding:
        return False
    amf.run_for(ue, _again(amf, ue, connection))
    return True


def _again(amf: Amf, ue: Ue, connection: NgConnection) -> Procedure[None]:
    connection.holding = True
    outcome = yield from authentication.authentication(amf, ue)
    complete = None
    if isinstance(outcome, Authenticated) and outcome.supi == ue.supi:
        complete = yield from take_into_use(amf, ue, outcome, repeat=False)
    ue.procedure = None
    connection.holding = False
    if isinstance(complete, SecurityModeComplete):
        _take_over(amf, ue, connection)
        n1_n2_message_transfer.follow(amf, ue, paging.take(ue), ())
        return
    amf.report(
        "ReAuthenticationFailed",
        f"{ue.name()} has no new keys: its connection is released",
        level="warning",
        subject=ue.subject,
    )
    if outcome is Rejection.AUTHENTICATION_REJECT:
        authentication.reject(amf, ue)
        deregistration.forget(amf, ue)
    if ue.security is None or ue.security.exhausted or ue.state is State.DEREGISTERED:
        # Keys that could wrap are not used again: its next message is that of a stranger.
        ue.security = None
    ue_context_release.release(amf, connection, ue_context_release.UNSPECIFIED)


def _take_over(amf: Amf, ue: Ue, connection: NgConnection) -> None:
    """The node's keys follow (TS 33.501 clause 6.9.2.2): K_gNB of the new K_AMF."""
    connection.k_gnb_count, connection.nh, connection.ncc = ue.uplink_count, b"", 0
    if connection.access_context is AccessContext.SET_UP:
        ue_context_modification.modify(amf, connection, security_key=SecurityKey(amf.k_gnb(ue)))
    amf.report("KeysRefreshed", f"{ue.name()} has new keys", subject=ue.subject)
