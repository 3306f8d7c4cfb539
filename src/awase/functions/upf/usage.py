"""Usage reporting rules: what is measured, and when that is to be reported (TS 29.244 clause 5.2.2).

Volumes are counted after QoS enforcement, when a packet goes on its way. Time is metered from the first packet (with
ISTM: from the rule's start); with an Inactivity Detection Time it stops so long after the last packet. A quota counts
from when the SMF gave it; when it is used up, the rule's packets are dropped or go by the FAR for quota action.
"""

from awase.model.machine import Timer
from awase.model.part import NS_PER_S
from awase.protocols.pfcp.elements import (
    MeasurementInformation,
    ReportingTrigger,
    UsageReportTrigger,
    Volume,
)
from awase.protocols.pfcp.messages import CreateUrr, UpdateUrr

STOP_OF_TRAFFIC_NS = 10 * NS_PER_S
"""Without an Inactivity Detection Time, traffic has stopped after so long."""

SUPPORTED_TRIGGERS = int(
    ReportingTrigger.PERIO
    | ReportingTrigger.VOLTH
    | ReportingTrigger.TIMTH
    | ReportingTrigger.QUHTI
    | ReportingTrigger.START
    | ReportingTrigger.STOPT
    | ReportingTrigger.LIUSA
    | ReportingTrigger.VOLQU
    | ReportingTrigger.TIMQU
    | ReportingTrigger.QUVTI
)

_NEVER = 1 << 62


class Urr:
    """A usage reporting rule: what it says, and what was measured since its last report."""

    __slots__ = (
        "active",
        "conditional",
        "downlink_bytes",
        "downlink_packets",
        "exhausted",
        "far_id",
        "first_packet_ns",
        "holding_ns",
        "inactivity_ns",
        "information",
        "linked",
        "metered_ns",
        "metering_ns",
        "method",
        "packet_ns",
        "period_ns",
        "quota_bytes",
        "quota_metered_ns",
        "quota_start_ns",
        "reported_ns",
        "sequence_number",
        "start_ns",
        "time_quota_ns",
        "time_threshold_ns",
        "timer",
        "triggers",
        "uplink_bytes",
        "uplink_packets",
        "urr_id",
        "validity_ns",
        "volume_quota",
        "volume_threshold",
    )

    def __init__(self, urr_id: int, now_ns: int) -> None:
        self.urr_id = urr_id
        self.method = 0
        self.triggers = 0
        self.information = 0
        self.volume_threshold: Volume | None = None
        self.volume_quota: Volume | None = None
        self.time_threshold_ns: int | None = None
        self.time_quota_ns: int | None = None
        self.period_ns: int | None = None
        self.holding_ns: int | None = None
        self.validity_ns: int | None = None
        self.inactivity_ns: int | None = None
        self.far_id: int | None = None
        self.linked: tuple[int, ...] = ()
        self.conditional = False
        """Whether there is any condition to report on."""
        self.sequence_number = 0
        self.start_ns = self.reported_ns = self.quota_start_ns = now_ns
        self.first_packet_ns: int | None = None
        self.packet_ns: int | None = None
        """When the last packet came (with ISTM, at first: when the rule was made)."""
        self.metering_ns = now_ns
        """Until when time has been metered."""
        self.metered_ns = self.quota_metered_ns = 0
        self.uplink_bytes = self.downlink_bytes = 0
        self.uplink_packets = self.downlink_packets = 0
        self.quota_bytes = [0, 0]
        """Uplink and downlink, since the quota was given."""
        self.exhausted = self.active = False
        self.timer: Timer | None = None

    def copy(self) -> "Urr":
        """Another one alike, to change."""
        other = Urr(self.urr_id, self.start_ns)
        for name in Urr.__slots__:
            setattr(other, name, getattr(self, name))
        other.quota_bytes = list(self.quota_bytes)
        other.timer = None
        return other

    def set(self, element: CreateUrr | UpdateUrr, now_ns: int) -> None:
        """Take over what Create or Update URR says."""
        self.meter(now_ns)
        if element.measurement_method is not None:
            self.method = element.measurement_method
        if element.reporting_triggers is not None:
            self.triggers = element.reporting_triggers
        if element.volume_threshold is not None:
            self.volume_threshold = element.volume_threshold
        self.time_threshold_ns = _ns(element.time_threshold, self.time_threshold_ns)
        self.period_ns = _ns(element.measurement_period, self.period_ns)
        self.holding_ns = _ns(element.quota_holding_time, self.holding_ns)
        self.validity_ns = _ns(element.quota_validity_time, self.validity_ns)
        self.inactivity_ns = _ns(element.inactivity_detection_time, self.inactivity_ns)
        if element.linked_urr_id:
            self.linked = element.linked_urr_id
        if element.far_id is not None:
            self.far_id = element.far_id
        if element.measurement_information is not None:
            self.information = element.measurement_information
            if self.information & MeasurementInformation.ISTM and self.packet_ns is None:
                self.packet_ns = self.metering_ns = now_ns
        self._set_quota(element, now_ns)
        self.conditional = bool(self.triggers & SUPPORTED_TRIGGERS) or self.has_quota

    def _set_quota(self, element: CreateUrr | UpdateUrr, now_ns: int) -> None:
        if element.volume_quota is None and element.time_quota is None:
            return
        if element.volume_quota is not None:
            self.volume_quota = element.volume_quota
        self.time_quota_ns = _ns(element.time_quota, self.time_quota_ns)
        self.quota_bytes = [0, 0]
        self.quota_metered_ns = 0
        self.quota_start_ns = now_ns
        self.exhausted = False

    @property
    def has_quota(self) -> bool:
        """Whether there is a quota."""
        return self.volume_quota is not None or self.time_quota_ns is not None

    # Measurement.

    def meter(self, now_ns: int) -> None:
        """Bring the metered time up to date."""
        if self.packet_ns is None:
            self.metering_ns = now_ns
            return
        until_ns = now_ns if self.inactivity_ns is None else min(now_ns, self.packet_ns + self.inactivity_ns)
        if until_ns > self.metering_ns:
            self.metered_ns += until_ns - self.metering_ns
            self.quota_metered_ns += until_ns - self.metering_ns
            self.metering_ns = until_ns

    def count(self, size: int, uplink: bool, now_ns: int) -> int:
        """Measure a packet; the triggers that it sets off."""
        self.meter(now_ns)
        self.packet_ns = now_ns
        # Time that passed while metering had stopped does not count.
        self.metering_ns = now_ns
        if self.first_packet_ns is None:
            self.first_packet_ns = now_ns
        if uplink:
            self.uplink_bytes += size
            self.uplink_packets += 1
        else:
            self.downlink_bytes += size
            self.downlink_packets += 1
        if not self.conditional:
            return 0
        self.quota_bytes[not uplink] += size
        started = 0
        if not self.active:
            self.active = True
            if self.triggers & ReportingTrigger.START:
                started = int(UsageReportTrigger.START)
        return started | self.due(now_ns)

    def due(self, now_ns: int) -> int:
        """The triggers that are due; a quota that is used up is marked so."""
        found = 0
        triggers = self.triggers
        if triggers & ReportingTrigger.VOLTH and _reached(
            self.volume_threshold, self.uplink_bytes, self.downlink_bytes
        ):
            found |= UsageReportTrigger.VOLTH
        for trigger, reported, at_ns in self._times():
            if at_ns <= now_ns:
                found |= reported
                if trigger == ReportingTrigger.STOPT:
                    self.active = False
        return int(found) | self._exhausted(now_ns)

    def _exhausted(self, now_ns: int) -> int:
        if self.exhausted or not self.has_quota:
            return 0
        found = 0
        if _reached(self.volume_quota, self.quota_bytes[0], self.quota_bytes[1]):
            found |= UsageReportTrigger.VOLQU
        for reported, at_ns in self._quota_times():
            if at_ns <= now_ns:
                found |= reported
        self.exhausted = bool(found)
        return int(found)

    def _metered_at_ns(self, limit_ns: int, used_ns: int) -> int:
        """When so much time will have been metered, if no other packet comes."""
        if self.packet_ns is None:
            return _NEVER
        at_ns = self.metering_ns + limit_ns - used_ns
        if self.inactivity_ns is not None and at_ns > self.packet_ns + self.inactivity_ns:
            return _NEVER
        return at_ns

    def _times(self) -> list[tuple[int, int, int]]:
        """Of each timed condition: the trigger, how it is reported, when it is due."""
        triggers = self.triggers
        times: list[tuple[int, int, int]] = []
        if triggers & ReportingTrigger.PERIO and self.period_ns is not None:
            times.append((ReportingTrigger.PERIO, UsageReportTrigger.PERIO, self.reported_ns + self.period_ns))
        if triggers & ReportingTrigger.TIMTH and self.time_threshold_ns is not None:
            at_ns = self._metered_at_ns(self.time_threshold_ns, self.metered_ns)
            times.append((ReportingTrigger.TIMTH, UsageReportTrigger.TIMTH, at_ns))
        if triggers & ReportingTrigger.STOPT and self.active and self.packet_ns is not None:
            at_ns = self.packet_ns + (self.inactivity_ns or STOP_OF_TRAFFIC_NS)
            times.append((ReportingTrigger.STOPT, UsageReportTrigger.STOPT, at_ns))
        return times

    def _quota_times(self) -> list[tuple[int, int]]:
        """When a quota ends: how it is reported, when."""
        times: list[tuple[int, int]] = []
        if self.exhausted or not self.has_quota:
            return times
        if self.time_quota_ns is not None:
            times.append((UsageReportTrigger.TIMQU, self._metered_at_ns(self.time_quota_ns, self.quota_metered_ns)))
        if self.holding_ns is not None:
            last_ns = max(self.quota_start_ns, self.packet_ns or 0)
            times.append((UsageReportTrigger.QUHTI, last_ns + self.holding_ns))
        if self.validity_ns is not None:
            times.append((UsageReportTrigger.QUVTI, self.quota_start_ns + self.validity_ns))
        return times

    def due_at_ns(self) -> int | None:
        """When the next timed condition is due, if no other packet comes."""
        times = [at_ns for _, _, at_ns in self._times()] + [at_ns for _, at_ns in self._quota_times()]
        earliest = min(times, default=_NEVER)
        return None if earliest == _NEVER else earliest

    def restart(self, now_ns: int) -> None:
        """Begin a measurement anew, after a report."""
        self.sequence_number = (self.sequence_number + 1) & 0xFFFFFFFF
        self.start_ns = self.reported_ns = now_ns
        self.first_packet_ns = None
        self.metered_ns = 0
        self.uplink_bytes = self.downlink_bytes = self.uplink_packets = self.downlink_packets = 0

    def stop(self) -> None:
        """Let no timer run any more."""
        if self.timer is not None:
            self.timer.stop()
            self.timer = None


def _ns(seconds: int | None, otherwise: int | None) -> int | None:
    return otherwise if seconds is None else seconds * NS_PER_S


def _reached(limit: Volume | None, up: int, down: int) -> bool:
    if limit is None:
        return False
    return (
        (limit.total_bytes is not None and up + down >= limit.total_bytes)
        or (limit.uplink_bytes is not None and up >= limit.uplink_bytes)
        or (limit.downlink_bytes is not None and down >= limit.downlink_bytes)
    )
