"""Paging, and what waits for a UE that is CM-IDLE (TS 24.501 clause 5.6.2, TS 23.502 clause 4.2.3.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from awase.functions.amf.context import SmMessage, Ue
from awase.functions.amf.core import Amf, uri_authority, uri_path
from awase.model.ids import FiveGGuti
from awase.model.machine import Procedure, Timer
from awase.model.part import NS_PER_S
from awase.protocols.ngap import messages as ngap
from awase.protocols.ngap.elements import FiveGSTMSI
from awase.protocols.sbi import codec
from awase.protocols.sbi.entity import Failure
from awase.protocols.sbi.namf_communication import UE_NOT_RESPONDING, N1N2MsgTxfrFailureNotification

_PRIORITIES = 8
"""PagingPriority has eight levels (TS 38.413 clause 9.3.1.78)."""


class Pending(NamedTuple):
    """What is to follow once the UE is connected, and whom to tell where it never is."""

    message: SmMessage | None = None
    failure_uri: str = ""
    message_uri: str = ""
    priority: int = 15
    """The ARP's priority level, 1 is the highest (TS 23.501 clause 5.7.2.2)."""
    lost: Callable[[], None] | None = None
    reached: Callable[[], None] | None = None


class Paging:
    """A paging procedure; its T3513 runs until the UE answers."""

    __slots__ = ("pending", "sent", "timer")

    def __init__(self) -> None:
        self.pending: list[Pending] = []
        self.sent = 0
        self.timer: Timer | None = None

    @property
    def priority(self) -> int:
        """The most urgent of what waits."""
        return min((one.priority for one in self.pending), default=15)


def page(amf: Amf, ue: Ue, pending: Pending) -> bool:
    """Page a UE that is CM-IDLE; more to send while it is paged waits with the rest. False where too much waits."""
    paging = ue.paging
    if paging is None:
        paging = ue.paging = Paging()
    if len(paging.pending) >= amf.config.limits.waiting_transfers_per_ue:
        return False
    urgent = pending.priority < paging.priority
    paging.pending.append(pending)
    if ue.connection is None and (paging.timer is None or urgent):
        _send(amf, ue, paging)
    return True


def answered(ue: Ue) -> None:
    """The UE is back: T3513 stops (clause 5.6.2.2.1); what waits goes when its request is accepted."""
    if ue.paging is not None and ue.paging.timer is not None:
        ue.paging.timer.stop()
        ue.paging.timer = None


def again(amf: Amf, ue: Ue) -> None:
    """The UE has left before what waits for it could follow: it is paged for the rest of the tries."""
    paging = ue.paging
    if paging is None or paging.timer is not None:
        return
    if paging.sent < amf.config.paging_tries:
        _send(amf, ue, paging)
    else:
        fail(amf, ue)


def take(ue: Ue) -> list[Pending]:
    """What waited for the UE, which is now to follow."""
    paging, ue.paging = ue.paging, None
    return [] if paging is None else paging.pending


def fail(amf: Amf, ue: Ue) -> None:
    """The UE was not reached, or was lost again: whoever waits is told (TS 29.518 clause 5.2.2.3.2)."""
    answered(ue)
    for pending in take(ue):
        if pending.lost is not None:
            pending.lost()
        if pending.failure_uri:
            amf.run(_notify(amf, pending))


def _send(amf: Amf, ue: Ue, paging: Paging) -> None:
    if paging.timer is not None:
        paging.timer.stop()
    guti = _identity(amf, ue, paging)
    if guti is None:
        fail(amf, ue)
        return
    paging.sent += 1
    guami, area = guti.guami, ue.registration_area
    message = ngap.Paging(
        ue_paging_identity=FiveGSTMSI(
            amf_set_id=guami.amf_set_id, amf_pointer=guami.amf_pointer, five_g_tmsi=guti.five_g_tmsi
        ),
        paging_drx=ue.drx,
        tai_list_for_paging=area,
        paging_priority=f"priolevel{paging.priority}" if paging.priority <= _PRIORITIES else None,
        ue_radio_capability_for_paging=ue.radio_capability_for_paging,
    )
    for gnb in amf.gnbs.values():
        if gnb.set_up and any(tai in gnb.tais for tai in area):
            amf.send_to_gnb(gnb, message)
    paging.timer = amf.start_timer(int(amf.config.t3513_s * NS_PER_S), lambda: _expired(amf, ue, paging))


def _identity(amf: Amf, ue: Ue, paging: Paging) -> FiveGGuti | None:
    """Of two that are valid the older first, then the newer (clauses 5.4.4.6 b and 5.5.1.2.8 c)."""
    if ue.old_guti is not None and paging.sent < (amf.config.paging_tries + 1) // 2:
        return ue.old_guti
    return ue.guti


def _expired(amf: Amf, ue: Ue, paging: Paging) -> None:
    """T3513 expired (clause 5.6.2.2.1): again, up to the number of tries."""
    paging.timer = None
    if ue.paging is not paging:
        return
    if paging.sent < amf.config.paging_tries:
        _send(amf, ue, paging)
        return
    amf.report(
        "UeNotReached",
        f"{ue.name()} did not answer {paging.sent} pages in its registration area",
        level="warning",
        subject=ue.subject,
        config="paging_tries",
    )
    fail(amf, ue)


def _notify(amf: Amf, pending: Pending) -> Procedure[None]:
    peer, path = uri_authority(pending.failure_uri), uri_path(pending.failure_uri)
    if not peer or not path:
        return
    body = N1N2MsgTxfrFailureNotification(cause=UE_NOT_RESPONDING, n1n2_msg_data_uri=pending.message_uri)
    answer = yield from amf.client.exchange(peer, codec.json_request("POST", path, body), amf.sbi_timeout_ns)
    if isinstance(answer, Failure) or not answer.ok:
        why = answer.value if isinstance(answer, Failure) else str(answer.status)
        amf.report_rarely("NotificationFailed", f"{peer} was not told that a UE is not reached: {why}")
