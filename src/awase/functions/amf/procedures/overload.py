"""UEs that never authenticate: a bound on how many, for how long, so that the others are not touched (24.501 5.3.9)."""

from __future__ import annotations

from functools import cache

from awase.functions.amf.context import NgConnection
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import ue_context_release
from awase.functions.amf.states import State
from awase.model.part import NS_PER_S
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.codec import encode
from awase.protocols.nas.elements import GprsTimer2
from awase.protocols.nas.messages import RegistrationReject


def turns_away(amf: Amf, connection: NgConnection) -> bool:
    """Whether a stranger that begins to register is one too many, and was told so.

    Of too many, through the node that brings most, the one that waits longest goes if it has had the time for an
    answer (T3560); else the newcomer does. So the UDM is asked for no more vectors than there are places in that time.
    """
    limits, gnb = amf.config.limits, connection.gnb
    if len(gnb.unauthenticated) > limits.unauthenticated_ues_per_gnb:
        fullest, config = gnb, "limits.unauthenticated_ues_per_gnb"
    elif len(amf.unauthenticated) > limits.unauthenticated_ues:
        fullest = max(amf.gnbs.values(), key=lambda other: len(other.unauthenticated))
        config = "limits.unauthenticated_ues"
    else:
        return False
    oldest = next(iter(fullest.unauthenticated.values()))
    had_time = oldest.started_ns + int(amf.config.t3560_s * NS_PER_S) <= amf.now_ns
    turned_away = oldest if had_time or fullest is not gnb else connection
    _turn_away(amf, turned_away, config)
    return turned_away is connection


def watch(amf: Amf) -> None:
    """One timer for all: it runs to when the oldest stranger has had its time."""
    if amf.stranger_timer is None and amf.unauthenticated:
        oldest = next(iter(amf.unauthenticated.values()))
        due_ns = oldest.started_ns + int(amf.config.authentication_s * NS_PER_S)
        amf.stranger_timer = amf.start_timer(max(due_ns - amf.now_ns, 0), lambda: _due(amf))


def _due(amf: Amf) -> None:
    amf.stranger_timer = None
    before_ns = amf.now_ns - int(amf.config.authentication_s * NS_PER_S)
    while amf.unauthenticated:
        connection = next(iter(amf.unauthenticated.values()))
        if connection.started_ns > before_ns:
            break
        amf.report_rarely(
            "NotAuthenticatedInTime",
            f"a UE through {connection.gnb.name} did not authenticate within {amf.config.authentication_s:g} s",
            config="authentication_s",
        )
        connection.ue.state = State.DEREGISTERED
        ue_context_release.release(amf, connection, ue_context_release.AUTHENTICATION_FAILURE)
    watch(amf)


@cache
def _congestion(t3346_s: int) -> bytes:
    """REGISTRATION REJECT, plain (TS 24.501 clause 5.5.1.2.5)."""
    return encode(
        RegistrationReject(
            five_gmm_cause=FiveGMMCause.congestion,
            t3346_value=GprsTimer2.of_seconds(t3346_s),
        )
    )


def _turn_away(amf: Amf, connection: NgConnection, config: str) -> None:
    amf.report_rarely(
        "TooManyUnauthenticatedUes",
        f"{len(connection.gnb.unauthenticated)} UEs through {connection.gnb.name} have not authenticated, "
        f"{len(amf.unauthenticated)} in all: one is turned away with cause 22 (congestion)",
        config=config,
        subject=connection.gnb.name,
    )
    ue = connection.ue
    # A stranger has no keys, so that all are told the same: a flood costs no encoding.
    amf.send_nas(connection, _congestion(amf.config.t3346_s))
    ue.state = State.DEREGISTERED
    ue_context_release.release(amf, connection, ue_context_release.OVERLOAD)
