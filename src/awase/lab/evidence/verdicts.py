"""Draws the verdicts of a run from what was seen: a pass needs the message that proves it."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from awase.lab.assembly import PlacedFault
from awase.lab.books import Audit
from awase.lab.evidence.base_stations import BaseStation
from awase.lab.evidence.procedures import Counts, within, words
from awase.lab.evidence.subscribers import Subscriber
from awase.lab.evidence.traffic import Flows, Window
from awase.model.network import Expectation
from awase.model.part import NS_PER_S
from awase.model.quirk import Quirk
from awase.model.run import Figure, RunEvent, Verdict

_STRICT = Expectation()

NAMED = 3
"""How many of those that failed a verdict names."""

LISTED = 20
"""How many disagreements of the parts' books a verdict lists."""

Explain = Callable[[str], str]
"""The event that says in words what was wrong with a UE or a gNB, or ""."""


class Fault:
    """Why one UE or gNB fails a verdict."""

    __slots__ = ("clause", "element", "message", "subject", "text")

    def __init__(self, subject: str, text: str, message: str = "", element: str = "", clause: str = "") -> None:
        self.subject = subject
        self.text = text
        self.message = message
        self.element = element
        self.clause = clause


def _verdict(  # noqa: PLR0917
    verdict_id: str,
    title: str,
    total: int,
    faults: Sequence[Fault],
    figures: dict[str, Figure],
    explain: Explain,
) -> Verdict:
    if not total:
        return Verdict(id=verdict_id, title=title, status="not applicable", text="nothing to judge")
    if not faults:
        return Verdict(id=verdict_id, title=title, status="pass", figures=figures)
    first = faults[0]
    lines = []
    for fault in faults[:NAMED]:
        why = explain(fault.subject)
        lines.append(f"{fault.subject}: {fault.text}" + (f" - {why}" if why else ""))
    if len(faults) > NAMED:
        lines.append(f"and {len(faults) - NAMED} more")
    return Verdict(
        id=verdict_id,
        title=title,
        status="fail",
        figures=figures,
        text="; ".join(lines),
        message=first.message,
        element=first.element,
        clause=first.clause,
    )


def ng_setup(stations: Iterable[BaseStation], explain: Explain) -> Verdict:
    """Every base station was accepted, or refused as it should be."""
    faults = []
    accepted = total = 0
    for station in stations:
        total += 1
        accepted += station.accepted
        fault = _ng_setup_fault(station)
        if fault is not None:
            faults.append(fault)
    figures: dict[str, Figure] = {"gNBs": total, "accepted": accepted}
    return _verdict("ng-setup", "NG Setup of each gNB", total, faults, figures, explain)


def _ng_setup_fault(station: BaseStation) -> Fault | None:
    wanted, cause = station.expected.ng_setup, station.expected.cause
    name = station.name
    if wanted == "unanswered":
        return Fault(name, "NG Setup was answered") if station.settled else None
    if wanted == "accepted":
        if station.accepted:
            return None
        if station.cause is None:
            return Fault(name, "no answer to NG Setup", "NGSetupResponse", "", "TS 38.413 clause 8.7.1.2")
        return Fault(
            name,
            f"NGSetupFailure with cause {station.cause}",
            "NGSetupFailure",
            "Cause",
            "TS 38.413 clause 8.7.1.3",
        )
    if station.cause is None:
        seen = "accepted" if station.accepted else "not answered"
        return Fault(
            name,
            f"NG Setup was {seen}, though it should be refused" + (f" with cause {cause}" if cause is not None else ""),
            "NGSetupFailure",
            "",
            "TS 38.413 clause 8.7.1.3",
        )
    if cause is not None and station.cause != cause:
        return Fault(
            name,
            f"NGSetupFailure carries cause {station.cause} where {cause} is right",
            "NGSetupFailure",
            "Cause",
            "TS 38.413 clause 9.3.1.2",
        )
    return None


def registration(subscribers: Iterable[Subscriber], explain: Explain) -> Verdict:
    """Every UE registered, or was rejected as it should be."""
    faults = []
    registered = rejected = total = 0
    for subscriber in subscribers:
        total += 1
        registered += subscriber.registered
        rejected += subscriber.rejection is not None
        fault = _registration_fault(subscriber)
        if fault is not None:
            faults.append(fault)
    figures: dict[str, Figure] = {"UEs": total, "registered": registered, "rejected": rejected}
    return _verdict("registration", "Registration of each UE", total, faults, figures, explain)


def _registration_fault(subscriber: Subscriber) -> Fault | None:
    wanted, cause = subscriber.expected.registration, subscriber.expected.cause
    name, rejection = subscriber.name, subscriber.rejection
    if wanted == "accepted":
        if subscriber.registered:
            return None
        if rejection is None:
            missing = "Registration Complete" if subscriber.accepted else "Registration Accept"
            return Fault(name, f"no {missing} was seen", "RegistrationAccept", "", "TS 24.501 clause 5.5.1.2.4")
        return _rejected_fault(name, rejection, "where an accept is right")
    if wanted == "unanswered":
        answered = subscriber.registered or rejection is not None
        return Fault(name, "the registration was answered") if answered else None
    if rejection is None:
        seen = "accepted" if subscriber.registered else "not answered"
        return Fault(
            name,
            f"the registration was {seen}, though it should be rejected",
            "RegistrationReject",
            "",
            "TS 24.501 clause 5.5.1.2.5",
        )
    if cause is not None and subscriber.expected.sessions == "accepted" and rejection[1] != cause:
        return _rejected_fault(name, rejection, f"where cause {cause} is right")
    return None


def _rejected_fault(name: str, rejection: tuple[str, int | None], instead: str) -> Fault:
    message, cause = rejection
    with_cause = "" if cause is None else f" with cause #{cause}"
    return Fault(name, f"{message}{with_cause} {instead}", message, "5GMM cause", "TS 24.501 clause 5.5.1.2.5")


def sessions(subscribers: Iterable[Subscriber], explain: Explain) -> Verdict:
    """Every UE got the sessions that it asked for, or the refusal that it should get."""
    faults = []
    wanted = established = 0
    for subscriber in subscribers:
        if subscriber.expected.registration != "accepted":
            continue
        wanted += subscriber.wanted_sessions
        established += len(subscriber.sessions)
        fault = _session_fault(subscriber)
        if fault is not None:
            faults.append(fault)
    figures: dict[str, Figure] = {"wanted": wanted, "established": established}
    return _verdict("pdu-session", "PDU sessions of each UE", wanted, faults, figures, explain)


def _session_fault(subscriber: Subscriber) -> Fault | None:
    expected, name = subscriber.expected, subscriber.name
    refused = list(subscriber.refused_sessions.items())
    missing = subscriber.wanted_sessions - len(subscriber.sessions)
    if expected.sessions == "unanswered":
        return Fault(name, "a PDU session was answered") if refused or subscriber.sessions else None
    if expected.sessions == "rejected":
        if not refused:
            seen = "accepted" if subscriber.sessions else "not answered"
            return Fault(name, f"the PDU session was {seen}, though it should be rejected")
        wrong = [item for item in refused if expected.cause is not None and item[1][1] != expected.cause]
        return _session_rejected(name, *wrong[0], f"where {expected.cause} is right") if wrong else None
    if refused:
        return _session_rejected(name, *refused[0], "where an accept is right")
    if missing > 0:
        return Fault(
            name,
            f"{missing} of {subscriber.wanted_sessions} PDU sessions not established",
            "PDUSessionEstablishmentAccept",
            "",
            "TS 24.501 clause 6.4.1.3",
        )
    return None


def _session_rejected(name: str, session: int, refusal: tuple[str, int | None], instead: str) -> Fault:
    message, cause = refusal
    element = "5GMM cause" if message == "DLNASTransport" else "5GSM cause"
    text = f"PDU session {session}: {message} with cause #{cause} {instead}"
    return Fault(name, text, message, element, "TS 24.501 clause 6.4.1.4")


def pings(subscribers: Sequence[Subscriber], wanted: dict[str, int], explain: Explain) -> Verdict:
    """Echo requests that left the UEs came back, as many as expected."""
    faults = []
    replies = requests = rtt_sum_ns = 0
    rtts_ns: list[tuple[int, int]] = []
    for subscriber in subscribers:
        count = wanted.get(subscriber.name, 0)
        seen = subscriber.pings
        replies += seen.replies
        requests += max(seen.requests, count)
        rtt_sum_ns += seen.rtt_sum_ns
        if seen.replies:
            rtts_ns.append((seen.rtt_min_ns, seen.rtt_max_ns))
        expected = subscriber.expected
        text = _traffic_text(expected.traffic, seen.replies, max(seen.requests, count), expected.loss_at_most)
        if count and text and expected.registration == expected.sessions == "accepted":
            faults.append(Fault(subscriber.name, text, "ICMP echo reply", "", "RFC 792"))
    figures: dict[str, Figure] = {"requests": requests, "replies": replies}
    if replies:
        figures |= {
            "RTT min ms": round(min(low for low, _ in rtts_ns) / 1e6, 3),
            "RTT mean ms": round(rtt_sum_ns / replies / 1e6, 3),
            "RTT max ms": round(max(high for _, high in rtts_ns) / 1e6, 3),
        }
    if requests:
        figures["loss %"] = round(100 * (requests - replies) / requests, 3)
    return _verdict("ping", "Echoes through the user plane", requests, faults, figures, explain)


def _traffic_text(traffic: str, arrived: int, sent: int, loss_at_most: float) -> str:
    if traffic == "none":
        return f"{arrived} of {sent} arrived, though none should" if arrived else ""
    allowed = loss_at_most * sent if traffic == "some" else 0
    return f"{arrived} of {sent} arrived" if sent - arrived > allowed else ""


def flows(seen: Flows, wanted: int, owners: Mapping[bytes, Subscriber], explain: Explain) -> Verdict:
    """Measured UDP flows arrived whole, or as their UE's expectation has it; `owners` are the UEs by address."""
    results = [sink.result() for sink in seen.sinks.values()]
    faults = []
    for (source, destination, flow_id), result in zip(seen.sinks, results, strict=True):
        owner = owners.get(source) or owners.get(destination)
        expected = _STRICT if owner is None else owner.expected
        text = _traffic_text(expected.traffic, result.received, result.expected, expected.loss_at_most)
        rate_mbps = result.throughput_bps / 1e6
        if expected.flow_mbps is not None and not within(rate_mbps, expected.flow_mbps):
            text = f"{text + ' ' if text else ''}at {rate_mbps:.3f} Mbit/s, expected {words(expected.flow_mbps)}"
        if text:
            name = ".".join(map(str, source)) if owner is None else owner.name
            faults.append(Fault(name, f"of the datagrams of flow {flow_id}, {text}", "UDP", "", "RFC 768"))
    if len(results) < wanted:
        faults.append(Fault("flows", f"{len(results)} of {wanted} flows were seen", "UDP", "", "RFC 768"))
    figures: dict[str, Figure] = {
        "flows": max(wanted, len(results)),
        "complete": sum(not r.lost for r in results),
    }
    received = sum(result.received for result in results)
    if received:
        figures |= {
            "throughput Mbit/s": round(sum(r.throughput_bps for r in results) / 1e6, 3),
            "one-way delay ms": round(sum(r.delay_mean_ns * r.received for r in results) / received / 1e6, 3),
            "jitter ms": round(max(r.jitter_ns for r in results) / 1e6, 3),
            "loss %": round(100 * sum(r.lost for r in results) / sum(r.expected for r in results), 3),
        }
    return _verdict("flow", "Measured UDP flows", max(wanted, len(results)), faults, figures, explain)


def procedures(subscribers: Iterable[Subscriber], explain: Explain) -> Verdict:
    """Every UE went through its procedures as often as expected."""
    faults = []
    figures: dict[str, Figure] = {}
    total = 0
    for subscriber in subscribers:
        if subscriber.procedures is None:
            continue
        total += 1
        counts = subscriber.procedures.counts
        faults += [Fault(subscriber.name, text) for _, text in counts.faults()]
        for name, count in counts.seen.items():
            figures[name] = int(figures.get(name, 0)) + count
    return _verdict("procedures", "Procedures of each UE", total, faults, figures, explain)


def messages(counts: Mapping[str, tuple[Counts, Counts]], explain: Explain) -> Verdict:
    """Every part sent and received messages as often as expected."""
    faults = []
    figures: dict[str, Figure] = {}
    for part, directions in counts.items():
        for verb, counted in zip(("sends", "receives"), directions, strict=True):
            faults += [Fault(part, f"{verb}: {text}", name) for name, text in counted.faults()]
            figures |= {f"{part} {verb} {name}": count for name, count in counted.seen.items()}
    return _verdict("messages", "Messages of each part", len(counts), faults, figures, explain)


def recovery(subscribers: Sequence[Subscriber], faults_end_ns: int, explain: Explain) -> Verdict:
    """Every UE that should has user traffic again after the last fault."""
    expected = [subscriber for subscriber in subscribers if subscriber.expected.recovered]
    text = "no echo request that left it after the last fault was answered"
    faults = [Fault(s.name, text, "ICMP echo reply") for s in expected if s.pings.answered_ns < faults_end_ns]
    figures: dict[str, Figure] = {"UEs": len(expected), "recovered": len(expected) - len(faults)}
    return _verdict("recovery", "Traffic after the last fault", len(expected), faults, figures, explain)


class Restoration:
    """A fault of the network file, and each UE that is to have traffic again after it."""

    def __init__(self, fault: PlacedFault, epoch_ns: int, subscribers: Mapping[str, Subscriber]) -> None:
        self.fault = fault
        entry = fault.entry
        begin_ns = epoch_ns + round(entry.end_s * NS_PER_S)
        within_s = entry.within_s
        end_ns = None if within_s is None else begin_ns + round(within_s * NS_PER_S)
        self.windows = {name: Window(begin_ns, end_ns) for name in entry.recovers if name in subscribers}
        for name, window in self.windows.items():
            subscribers[name].pings.windows.append(window)


def restoration(scene: Restoration, number: int, explain: Explain) -> Verdict:
    """After one fault its UEs have user traffic again, in time."""
    entry, windows = scene.fault.entry, scene.windows
    within = "" if entry.within_s is None else f" within {entry.within_s:g} s"
    text = f"no echo request that left it{within} after the fault was answered"
    faults = [
        Fault(name, text, "ICMP echo reply", "", entry.clause) for name, window in windows.items() if not window.met
    ]
    store = ", its store lost" if entry.store == "lost" else ""
    title = f"Traffic again{within} after: {scene.fault.text} at {entry.at_s:g} s{store}"
    if entry.clause:
        title += f" ({entry.clause})"
    figures: dict[str, Figure] = {"UEs": len(windows), "recovered": len(windows) - len(faults)}
    drawn = _verdict(f"restoration-{number}", title, len(windows), faults, figures, explain)
    return msgspec.structs.replace(drawn, clause=entry.clause)


def parts(total: int, failed: Sequence[RunEvent], malformed: Sequence[RunEvent]) -> Verdict:
    """No part stopped, and none received octets that it could not read."""
    faults = [Fault(event.part, event.text) for event in (*failed, *malformed)]
    figures: dict[str, Figure] = {"parts": total, "stopped": len(failed), "malformed packets": len(malformed)}
    return _verdict("parts", "Parts run, and understand each other", total, faults, figures, lambda _: "")


def books(audit: Audit) -> Verdict:
    """What each part holds together with another, the other holds too."""
    found = audit.disagreements
    figures: dict[str, Figure] = {"entries": audit.entries, "disagreements": len(found)}
    lines = [str(disagreement) for disagreement in found]
    for at_s, seen in audit.during:
        figures |= {f"entries at {at_s:g} s": seen.entries, f"disagreements at {at_s:g} s": len(seen.disagreements)}
        lines += [f"at {at_s:g} s {disagreement}" for disagreement in seen.disagreements]
    title = "The parts' books agree: nothing is kept at one end only"
    if not audit.parts:
        return Verdict(id="books", title=title, status="not applicable", text="no part shows its books")
    if not lines:
        return Verdict(id="books", title=title, status="pass", figures=figures)
    if len(lines) > LISTED:
        lines[LISTED:] = [f"and {len(lines) - LISTED} more"]
    return Verdict(id="books", title=title, status="fail", figures=figures, text="; ".join(lines))


def with_reports(verdicts: Sequence[Verdict], quirks: Sequence[Quirk]) -> tuple[Verdict, ...]:
    """The verdicts; one that fails in a message and element that a cast quirk changes names its report."""
    named = []
    for verdict in verdicts:
        for quirk in quirks:
            fits = verdict.message == quirk.message and verdict.element == quirk.element
            if verdict.status == "fail" and fits:
                verdict = msgspec.structs.replace(verdict, clause=quirk.clause, report=quirk.report)
        named.append(verdict)
    return tuple(named)
