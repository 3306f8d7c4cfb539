"""What both methods of primary authentication share at the UE: challenges that are not accepted (TS 24.501 5.4.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awase.functions.ue.timers import MAX_AUTHENTICATION_FAILURES, T3520_S
from awase.model.part import NS_PER_S
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.messages import AuthenticationFailure, AuthenticationRequest

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue

SEPARATION_BIT = 0x80
"""Of the authentication management field; set for E-UTRAN and 5G (TS 33.501 annex F, TS 33.102 annex H)."""

_WORDS = {
    FiveGMMCause.mac_failure: (
        "the MAC in AUTN is wrong: K or OPc here differs from the UDR's (OP given as OPc?)",
        "k",
    ),
    FiveGMMCause.synch_failure: ("the sequence number in AUTN has been used, or is too far ahead", "sqn"),
    FiveGMMCause.non_5g_authentication_unacceptable: (
        "the separation bit of the authentication management field is 0",
        "amf",
    ),
    FiveGMMCause.serving_network_not_authorized: (
        "the network name in the EAP challenge is not that of the serving network",
        "",
    ),
    FiveGMMCause.ngksi_already_in_use: ("the ngKSI of the challenge is that of a security context in use", ""),
    FiveGMMCause.protocol_error_unspecified: ("it holds neither RAND and AUTN nor an EAP message", ""),
}


def ngksi_in_use(ue: Ue, message: AuthenticationRequest) -> bool:
    """Whether the challenge is refused as its ngKSI names the context in use (clause 5.4.1.3.7 e)."""
    in_use = ue.context.context is not None and message.ngksi == ue.context.context.ngksi
    if in_use:
        fail(ue, FiveGMMCause.ngksi_already_in_use)
    return in_use


def challenge_taken(ue: Ue) -> None:
    """The network is authentic: failures before it count no more."""
    ue.context.authentication_failures = 0
    if ue.n1.t3520 is not None:
        ue.n1.t3520.stop()


def fail(ue: Ue, cause: FiveGMMCause, auts: bytes | None = None) -> None:
    """AUTHENTICATION FAILURE (clause 5.4.1.3.6)."""
    explain(ue, cause)
    ue.n1.send(AuthenticationFailure(five_gmm_cause=cause, authentication_failure_parameter=auts))
    await_better(ue, cause)


def explain(ue: Ue, cause: FiveGMMCause) -> None:
    """Say why a challenge is not accepted."""
    context = ue.context
    words, config = _WORDS[cause]
    ue.report(
        "AuthenticationFailure",
        f"{context.supi} does not accept the network's challenge, cause #{int(cause)} ({cause.text}): {words}",
        level="warning" if cause in (21, 71) else "error",
        subject=context.supi,
        config=config,
        cause=int(cause),
    )


def await_better(ue: Ue, cause: FiveGMMCause) -> None:
    """T3520 waits for a better challenge (clause 5.4.1.3.7)."""
    context = ue.context
    context.authentication_failures += 1
    if context.authentication_failures >= MAX_AUTHENTICATION_FAILURES:
        _network_not_authentic(ue, "three challenges in a row were wrong")
    elif cause != FiveGMMCause.ngksi_already_in_use or ue.n1.t3520 is None or not ue.n1.t3520.running:
        if ue.n1.t3520 is not None:
            ue.n1.t3520.stop()
        ue.n1.t3520 = ue.start_timer(
            T3520_S * NS_PER_S, lambda: _network_not_authentic(ue, "no better challenge came in time (T3520)")
        )


def _network_not_authentic(ue: Ue, why: str) -> None:
    """Deem the network's authentication failed: leave it (clause 5.4.1.3.7)."""
    ue.context.authentication_failures = 0
    ue.report(
        "NetworkNotAuthentic",
        f"{ue.context.supi} leaves the cell, the network has not authenticated itself: {why}",
        level="error",
        subject=ue.context.supi,
    )
    ue.uu.release()
