"""What happens to a packet that a PDR has matched: its QERs, its URRs, its FAR (TS 29.244 clause 5.2)."""

from awase.functions.upf import buffering
from awase.functions.upf.core import Core
from awase.functions.upf.procedures import session_report
from awase.functions.upf.rule import BUFF, FORW, NOCP, Far, Pdr
from awase.model.part import Packet
from awase.protocols.gtpu.codec import encode, encode_g_pdu
from awase.protocols.gtpu.messages import DlPduSessionInformation, GPdu
from awase.protocols.pfcp.elements import Interface

N6 = (Interface.CORE, Interface.SGI_LAN_N6_LAN)
"""The destination interfaces of packets that go to the data network."""


def apply(core: Core, pdr: Pdr, payload: bytes, qfi: int | None) -> None:
    """Police, and forward, buffer or drop a user's packet; `qfi` is the one that it came with."""
    uplink = pdr.uplink
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
        if bucket is not None and not bucket.take(len(payload), core.now_ns):
            core.report_packet(
                "RateExceeded",
                f"a packet of {pdr.session.subject} was dropped: above the "
                f"{bucket.rate_bps / 1e6:g} Mbit/s of QER {qer.qer_id}",
                level="info",
                subject=pdr.session.subject,
            )
            return
    far = pdr.far
    if far is None:
        return
    if far.actions & FORW:
        forward(core, pdr, far, payload, qfi)
    elif far.actions & BUFF:
        buffering.hold(core, pdr, payload, qfi, bool(far.actions & NOCP))


def forward(core: Core, pdr: Pdr, far: Far, payload: bytes, qfi: int | None) -> None:
    """Count a packet and send it on, into the tunnel that its FAR names, or to N6."""
    if pdr.urrs:
        used_up = next((urr for urr in pdr.urrs if urr.exhausted), None)
        if used_up is not None:
            other = pdr.session.fars.get(used_up.far_id) if used_up.far_id is not None else None
            if other is None or not other.actions & FORW:
                core.report_packet(
                    "QuotaExhausted",
                    f"a packet of {pdr.session.subject} was dropped: the quota of URR {used_up.urr_id} is used up",
                    level="info",
                    subject=pdr.session.subject,
                )
                return
            far = other
        else:
            session_report.count(core, pdr, len(payload))
    teid = far.teid
    if teid is None:
        if far.destination_interface in N6:
            core.send(Packet(port="n6", peer=core.n6_peer(pdr, far), payload=payload))
        return
    if pdr.qfi is not None:
        qfi = pdr.qfi
    interface = far.destination_interface
    downlink = interface == Interface.ACCESS
    if qfi is None:
        octets = encode(GPdu(teid=teid, payload=payload))
    elif downlink and (pdr.rqi or pdr.ppi is not None):
        information = DlPduSessionInformation(qfi=qfi, rqi=pdr.rqi, ppi=pdr.ppi)
        octets = encode(GPdu(teid=teid, payload=payload, container=information))
    else:
        # Between UPFs, and to the SMF, a packet keeps its direction (TS 38.415 clause 5.5.2).
        octets = encode_g_pdu(teid, payload, qfi, uplink=pdr.uplink and not downlink)
    core.send(Packet(port=core.tunnel_port(interface), peer=far.peer, payload=octets))
