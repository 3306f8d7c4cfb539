"""How often each UE went through a procedure, and each part sent or received a message, as seen on the wire.

A procedure counts when the message that completes it reaches its receiver; of one that nobody answers, when it is sent.
"""

from collections.abc import Mapping

from awase.model.network import PROCEDURES, Bounds, Expectation
from awase.protocols.nas import messages as nas

EPD_5GMM, EPD_5GSM = 0x7E, 0x2E

_REGISTRATIONS = {
    1: "initial_registration",
    2: "mobility_registration_update",
    3: "periodic_registration_update",
    4: "emergency_registration",
}
"""5GS registration type (TS 24.501 table 9.11.3.7.1)."""

_COMPLETED: Mapping[tuple[int, bool], str] = {
    (message.message_type, uplink): name
    for message, uplink, name in (
        (nas.DeregistrationAcceptUEOriginating, False, "ue_initiated_deregistration"),
        (nas.DeregistrationAcceptUETerminated, True, "network_initiated_deregistration"),
        (nas.ServiceAccept, False, "service_request"),
        (nas.ConfigurationUpdateCommand, False, "generic_ue_configuration_update"),
        (nas.IdentityResponse, True, "identification"),
        (nas.AuthenticationResponse, True, "authentication"),
        (nas.SecurityModeComplete, True, "security_mode_control"),
        (nas.PDUSessionEstablishmentAccept, False, "pdu_session_establishment"),
        (nas.PDUSessionModificationComplete, True, "pdu_session_modification"),
        (nas.PDUSessionReleaseComplete, True, "pdu_session_release"),
    )
}
"""By message type, and whether it goes uplink, the procedure that it completes (TS 24.501 clauses 5 and 6)."""

assert set(PROCEDURES) == {*_REGISTRATIONS.values(), *_COMPLETED.values(), "rrc_release", "paging"}


class Counts:
    """What was counted of what is expected."""

    __slots__ = ("_expected", "seen", "unmet")

    def __init__(self, expected: Mapping[str, int | Bounds]) -> None:
        self._expected = expected
        self.seen = dict.fromkeys(expected, 0)
        self.unmet = sum(least(bounds) > 0 for bounds in expected.values())
        """How many have not been seen as often as they should, at the least."""

    def add(self, name: str) -> None:
        """It was seen once more."""
        if name in self.seen:
            count = self.seen[name] = self.seen[name] + 1
            if count == least(self._expected[name]):
                self.unmet -= 1

    def faults(self) -> list[tuple[str, str]]:
        """What was seen too seldom or too often, and that in words."""
        found = []
        for name, bounds in self._expected.items():
            seen = self.seen[name]
            if not within(seen, bounds):
                found.append((name, f"{name} was seen {times(seen)}, expected {words(bounds)}"))
        return found


NOTHING = Counts({})


def least(bounds: "int | Bounds") -> float:
    """The smallest count that is right."""
    return (bounds.at_least or 0) if isinstance(bounds, Bounds) else bounds


def within(value: float, bounds: "int | Bounds") -> bool:
    """Whether a count or a figure is right."""
    if not isinstance(bounds, Bounds):
        return value == bounds
    return value >= least(bounds) and (bounds.at_most is None or value <= bounds.at_most)


def times(count: int) -> str:
    """As one says it."""
    return "never" if count == 0 else "once" if count == 1 else f"{count} times"


def words(bounds: "int | Bounds") -> str:
    """What is expected, as one says it."""
    if not isinstance(bounds, Bounds):
        return times(bounds)
    limits = (("at least", bounds.at_least), ("at most", bounds.at_most))
    return " and ".join(f"{word} {limit:g}" for word, limit in limits if limit is not None)


HEARD = 8
"""So many numbers of messages are remembered each way: a radio link has fewer under way."""


class Procedures:
    """Those of one UE."""

    __slots__ = ("_heard", "_registration", "counts", "tmsi")

    def __init__(self, expected: Expectation) -> None:
        self.counts = Counts(expected.procedures)
        self._registration = ""
        self._heard: dict[bool, tuple[tuple[int, int], ...]] = {}
        """The latest messages on the radio link each way, by sender and number."""
        self.tmsi: int | None = None
        """Its 5G-S-TMSI, as paging has it."""

    def again(self, uplink: bool, sti: int, pdu_id: int) -> bool:
        """Whether a message that arrived has done so before: the radio link repeats what it thinks lost."""
        heard, own = self._heard.get(uplink, ()), (sti, pdu_id)
        if own in heard:
            return True
        if pdu_id:
            self._heard[uplink] = (*heard[1 - HEARD :], own)
        return False

    def add(self, name: str) -> bool:
        """It went through this procedure; whether that is of interest."""
        self.counts.add(name)
        return name in self.counts.seen

    def message(self, plain: bytes, uplink: bool) -> bool:
        """A NAS message that arrived, without its protection; whether it completes what is of interest."""
        if len(plain) < 3 or plain[0] != EPD_5GMM:
            return False
        kind, first = plain[2], plain[3] if len(plain) > 3 else 0
        if kind in (nas.ULNASTransport.message_type, nas.DLNASTransport.message_type):
            # Payload container type, length, then the 5GSM message: EPD, session, PTI, type (clauses 8.2.10, 9.1.1).
            if len(plain) < 10 or plain[6] != EPD_5GSM:
                return False
            kind = plain[9]
        elif kind == nas.RegistrationRequest.message_type:
            self._registration = _REGISTRATIONS.get(first & 0x07, "")
            return False
        elif kind == nas.RegistrationAccept.message_type:
            return self.add(self._registration)
        elif kind == nas.DeregistrationRequestUEOriginating.message_type:
            # Switched off, it waits for no answer (clause 5.5.2.2.1).
            return bool(first & 0x08) and self.add("ue_initiated_deregistration")
        name = _COMPLETED.get((kind, uplink))
        return name is not None and self.add(name)
