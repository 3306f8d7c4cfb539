"""What happens to a packet that a PDR has matched: its QERs, its URRs, its FAR (TS 29.244 clause 5.2)."""

from collections import deque

from awase.functions.upf.context import BUFF, FORW, NOCP, Pdr, Urr
from awase.functions.upf.core import Core
from awase.functions.upf.procedures import session_report
from awase.model.part import Packet
from awase.protocols.gtpu.codec import encode, encode_g_pdu
from awase.protocols.gtpu.messages import DlPduSessionInformation, GPdu
from awase.protocols.pfcp.elements import Interface

DEFAULT_BUFFERED_PACKETS = 64


def apply(core: Core, pdr: Pdr, payload: bytes, uplink: bool) -> None:
    """Police, count, and forward, buffer or drop a user's packet."""
    size = len(payload)
    for qer in pdr.qers:
        if not (qer.ul_open if uplink else qer.dl_open):
            core.report_packet(
                "GateClosed",
                f"a packet of {pdr.session.subject} was dropped: QER {qer.qer_id} has closed the gate",
                level="info",
                subject=pdr.session.subject,
            )
            return
        bucket = qer.ul_bucket if uplink else qer.dl_bucket
        if bucket is not None and not bucket.take(size, core.now_ns):
            core.report_packet(
                "RateExceeded",
                f"a packet of {pdr.session.subject} was dropped: above the "
                f"{bucket.rate_bps / 1e6:g} Mbit/s of QER {qer.qer_id}",
                level="info",
                subject=pdr.session.subject,
            )
            return
    for urr in pdr.urrs:
        _count(core, pdr, urr, size, uplink)
    far = pdr.far
    if far is None:
        return
    actions = far.actions
    if actions & FORW:
        forward(core, pdr, payload)
    elif actions & BUFF:
        _buffer(core, pdr, payload, bool(actions & NOCP))


def forward(core: Core, pdr: Pdr, payload: bytes) -> None:
    """Send a packet on, into the tunnel that its FAR names, or to N6."""
    far = pdr.far
    assert far is not None
    if far.teid is not None:
        qfi = pdr.qfi
        if qfi is None:
            octets = encode(GPdu(teid=far.teid, payload=payload))
        elif any(qer.rqi for qer in pdr.qers):
            octets = encode(GPdu(teid=far.teid, payload=payload, container=DlPduSessionInformation(qfi=qfi, rqi=True)))
        else:
            uplink = far.destination_interface != Interface.ACCESS
            octets = encode_g_pdu(far.teid, payload, qfi, uplink=uplink)
        core.send(Packet(port="n3", peer=far.peer, payload=octets))
    elif far.destination_interface in (Interface.CORE, Interface.SGI_LAN_N6_LAN):
        core.send(Packet(port="n6", peer="", payload=payload))


def _count(core: Core, pdr: Pdr, urr: Urr, size: int, uplink: bool) -> None:
    if uplink:
        urr.uplink_bytes += size
        urr.uplink_packets += 1
    else:
        urr.downlink_bytes += size
        urr.downlink_packets += 1
    if urr.threshold is not None and session_report.is_reached(urr):
        session_report.send_usage(core, pdr.session, urr)


def _buffer(core: Core, pdr: Pdr, payload: bytes, notify: bool) -> None:
    """Keep a packet until the FAR changes; tell the SMF of the first (clause 5.2.3.1, NOCP)."""
    session = pdr.session
    assert pdr.far is not None
    buffer = session.buffer
    if buffer is None:
        buffer = session.buffer = deque()
    suggested = session.bars.get(pdr.far.bar_id, 0) if pdr.far.bar_id is not None else 0
    if (
        len(buffer) >= (suggested or DEFAULT_BUFFERED_PACKETS)
        or core.context.buffered >= core.config.max_buffered_packets
    ):
        core.report_packet(
            "BufferFull",
            f"a downlink packet for {session.subject} was dropped: its buffer is full",
            subject=session.subject,
            config="max_buffered_packets",
        )
    else:
        buffer.append((pdr.pdr_id, payload))
        core.context.buffered += 1
    if notify and not session.notified:
        session.notified = True
        session_report.send_downlink_data(core, session, pdr.pdr_id)
