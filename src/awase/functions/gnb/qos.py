"""QoS in the gNB: admission of GBR flows and the UE-AMBR (TS 23.501 clauses 5.7.2.5 and 5.7.2.6).

NGAP tells NG-RAN no packet filters: the flow of an uplink packet is the UE's to say. UEs of ours mark it as SDAP would,
in bits that RLS leaves unused; what others send goes on the first flow of its session, and the UPF's filters decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from awase.model.part import NS_PER_S
from awase.protocols.ngap.elements import Cause, GBRQosInformation, QosFlowLevelQosParameters

if TYPE_CHECKING:
    from awase.functions.gnb.context import PduSession, UeContext
    from awase.functions.gnb.core import Gnb

NO_RADIO_RESOURCES = Cause("radioNetwork", "radio-resources-not-available")

Rates = tuple[int, int]
"""Downlink and uplink, in bit/s."""


class TokenBucket:
    """Polices a bit rate: as much as 100 ms of it, at least 15,000 octets, may come at once."""

    __slots__ = ("_burst", "_last_ns", "_tokens", "rate_bps")

    def __init__(self, rate_bps: int, now_ns: int) -> None:
        self.rate_bps = rate_bps
        # Counted in bits times 10^9, so that no rate and no interval is rounded.
        self._burst = max(rate_bps // 10, 120_000) * NS_PER_S
        self._tokens = self._burst
        self._last_ns = now_ns

    def take(self, size_bytes: int, now_ns: int) -> bool:
        """Whether a packet conforms."""
        # A clock that is set back takes nothing away.
        tokens = min(self._burst, self._tokens + max(0, now_ns - self._last_ns) * self.rate_bps)
        self._last_ns = now_ns
        cost = size_bytes * 8 * NS_PER_S
        conforms = tokens >= cost
        self._tokens = tokens - cost if conforms else tokens
        return conforms


def guaranteed(parameters: QosFlowLevelQosParameters | None) -> GBRQosInformation | None:
    """What is guaranteed to a flow."""
    return None if parameters is None else parameters.gbr_qos_information


def admits(gnb: Gnb, wanted: GBRQosInformation | None, before: GBRQosInformation | None = None) -> bool:
    """Whether the cell has the rates for a GBR flow, in place of those that it had before."""
    capacity = gnb.gbr_capacity_mbps
    if wanted is None or capacity is None:
        return True
    downlink, uplink = committed(gnb)
    if before is not None:
        downlink -= before.guaranteed_flow_bit_rate_dl
        uplink -= before.guaranteed_flow_bit_rate_ul
    most = round(capacity * 1_000_000)
    return downlink + wanted.guaranteed_flow_bit_rate_dl <= most and uplink + wanted.guaranteed_flow_bit_rate_ul <= most


def committed(gnb: Gnb) -> Rates:
    """The rates that are guaranteed to all flows."""
    flows = [gbr for session in gnb.tunnels.values() for gbr in session.gbr.values()]
    return sum(gbr.guaranteed_flow_bit_rate_dl for gbr in flows), sum(gbr.guaranteed_flow_bit_rate_ul for gbr in flows)


def unmet(gnb: Gnb) -> dict[tuple[int, int], PduSession]:
    """The GBR flows that the cell has no rates for since its capacity fell, by tunnel and QFI: the newest go first."""
    found: dict[tuple[int, int], PduSession] = {}
    if gnb.gbr_capacity_mbps is None:
        return found
    most = round(gnb.gbr_capacity_mbps * 1_000_000)
    downlink = uplink = 0
    for teid, session in gnb.tunnels.items():
        if session.downlink_teid != teid:
            continue
        for qfi, gbr in session.gbr.items():
            one, other = gbr.guaranteed_flow_bit_rate_dl, gbr.guaranteed_flow_bit_rate_ul
            if downlink + one > most or uplink + other > most:
                found[teid, qfi] = session
            else:
                downlink, uplink = downlink + one, uplink + other
    return found


def set_ue_ambr(gnb: Gnb, ue: UeContext) -> None:
    """Set what all non-GBR flows of a UE may have: the sum of its session AMBRs, at most its UE-AMBR."""
    ambr = ue.ambr
    sessions = [session.ambr for session in ue.sessions.values() if session.ambr is not None]
    if ambr is None or not ue.sessions:
        ue.downlink_bucket = ue.uplink_bucket = None
        return
    downlink, uplink = ambr.ue_aggregate_maximum_bit_rate_dl, ambr.ue_aggregate_maximum_bit_rate_ul
    if len(sessions) == len(ue.sessions):
        downlink = min(downlink, sum(a.pdu_session_aggregate_maximum_bit_rate_dl for a in sessions))
        uplink = min(uplink, sum(a.pdu_session_aggregate_maximum_bit_rate_ul for a in sessions))
    ue.downlink_bucket = _bucket(ue.downlink_bucket, downlink, gnb.now_ns)
    ue.uplink_bucket = _bucket(ue.uplink_bucket, uplink, gnb.now_ns)


def _bucket(old: TokenBucket | None, rate_bps: int, now_ns: int) -> TokenBucket:
    return old if old is not None and old.rate_bps == rate_bps else TokenBucket(rate_bps, now_ns)


def passes(gnb: Gnb, session: PduSession, qfi: int | None, size_bytes: int, uplink: bool) -> bool:
    """Whether a packet is within its UE's AMBR, or its GBR flow's maximum."""
    gbr = session.gbr.get(qfi) if qfi is not None and session.gbr else None
    ue = session.ue
    if gbr is None:
        bucket = ue.uplink_bucket if uplink else ue.downlink_bucket
        what = "UE-AMBR"
    else:
        bucket = session.flow_bucket(qfi or 0, uplink, gbr, gnb.now_ns)
        what = f"maximum flow bit rate of QFI {qfi}"
    if bucket is None or bucket.take(size_bytes, gnb.now_ns):
        return True
    gnb.report_rarely(
        "RateExceeded",
        f"a packet of UE {ue.number} was dropped: above the {what}, {bucket.rate_bps / 1e6:g} Mbit/s",
    )
    return False
