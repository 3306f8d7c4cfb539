"""Downlink packets that wait for an idle UE (TS 29.244 clauses 5.2.4 and 8.2.26; TS 23.501 clause 5.8.3)."""

from collections import deque

from awase.functions.upf.context import Session
from awase.functions.upf.core import Core
from awase.functions.upf.procedures import session_report
from awase.functions.upf.rule import Pdr
from awase.model.part import NS_PER_S
from awase.protocols.pfcp.elements import DownlinkDataServiceInformation, timer_s
from awase.protocols.pfcp.messages import UpdateBar

DEFAULT_BUFFERED_PACKETS = 64


def hold(core: Core, pdr: Pdr, payload: bytes, qfi: int | None, notify: bool) -> None:
    """Keep a packet until the FAR changes; tell the SMF of the first of each QoS flow (NOCP)."""
    session = pdr.session
    assert pdr.far is not None
    bar = session.bars.get(pdr.far.bar_id) if pdr.far.bar_id is not None else None
    most = session.packets
    if most is None:
        most = bar.packets if bar is not None and bar.packets is not None else DEFAULT_BUFFERED_PACKETS
    buffer = session.buffer
    if (
        (buffer is not None and len(buffer) >= most)
        or not most
        or (core.context.buffered >= core.config.max_buffered_packets)
    ):
        core.report_packet(
            "BufferFull",
            f"a downlink packet for {session.subject} was dropped: its buffer is full",
            subject=session.subject,
            config="max_buffered_packets",
        )
    else:
        if buffer is None:
            buffer = session.buffer = deque()
        buffer.append((pdr.pdr_id, qfi, payload))
        core.context.buffered += 1
    flow = pdr.qfi if pdr.qfi is not None else qfi
    if notify and flow not in session.notified:
        session.notified[flow] = None
        information = _service_information(payload, flow)
        if bar is None or not bar.delay_ns:
            session_report.send_downlink_data(core, session, pdr.pdr_id, information)
        elif session.delay is None or not session.delay.running:
            session.delay = core.start_timer(
                bar.delay_ns,
                lambda: session_report.send_downlink_data(core, session, pdr.pdr_id, information),
            )


def _service_information(packet: bytes, qfi: int | None) -> DownlinkDataServiceInformation:
    """The packet's DSCP and its QoS flow, by which the AMF may page (TS 23.501 clause 5.4.3.2)."""
    octet = packet[1] if packet[0] >> 4 == 4 else (packet[0] << 8 | packet[1]) >> 4 & 0xFF
    return DownlinkDataServiceInformation(paging_policy_indication=octet >> 2, qfi=qfi)


def told(core: Core, session: Session, update: UpdateBar | None, drop: bool) -> None:
    """What the SMF answered to a report: how long and how much to buffer (table 7.5.9.2-1), or to drop it."""
    if drop:
        core.context.drop_buffer(session)
        session.notified.clear()
    if update is None:
        return
    count = update.dl_buffering_suggested_packet_count
    if count is None:
        count = update.suggested_buffering_packets_count
    if count is not None:
        session.packets = count
    bar = session.bars.get(update.bar_id)
    if bar is not None and update.downlink_data_notification_delay is not None:
        bar.delay_ns = update.downlink_data_notification_delay * 50_000_000
    if update.dl_buffering_duration is not None:
        if session.duration is not None:
            session.duration.stop()
        seconds = timer_s(update.dl_buffering_duration)
        session.duration = (
            None if seconds is None else core.start_timer(seconds * NS_PER_S, lambda: _expire(core, session))
        )


def _expire(core: Core, session: Session) -> None:
    """DL Buffering Duration is over: what waits is dropped, and the next packet is told of anew."""
    session.duration = None
    session.packets = None
    session.notified.clear()
    dropped = core.context.drop_buffer(session)
    if dropped:
        core.report(
            "BufferExpired",
            f"{dropped} downlink packets for {session.subject} were dropped: the SMF's buffering duration is over",
            level="warning",
            subject=session.subject,
            at_most_per_s=20,
        )


def settle(session: Session) -> None:
    """The rules have changed: what was said of buffering before counts no more."""
    session.notified.clear()
    session.packets = None
    for timer in (session.delay, session.duration):
        if timer is not None:
            timer.stop()
    session.delay = session.duration = None
