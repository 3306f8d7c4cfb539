"""What our own parts are made of: an outbox, timers, and procedures that read like a message chart.

A procedure is a generator. It yields a `Wait` and is resumed with what it waited for, or None on time-out:

    def authentication(amf, ue):
        response = yield amf.request(...)          # a Wait
        if response is None: ...
"""

import heapq
from collections.abc import Callable, Generator, Hashable, Sequence
from typing import Any, TypeVar

import msgspec

from awase.model.part import NS_PER_S, Event, Level, Packet, Services

T = TypeVar("T")

WARNINGS_PER_S = 1000
"""How many warnings or errors of one name a part raises in a second, unless it says less: no peer floods a run."""


class Wait(msgspec.Struct, frozen=True):
    """What a procedure waits for: the key that `resume` will name, and for how long (None: for ever)."""

    key: Hashable
    timeout_ns: int | None


Procedure = Generator[Wait, Any, T]
"""A passing exchange: yields Waits, is sent their answers, returns T."""


class Timer:
    """A running timer. `stop` is idempotent."""

    __slots__ = ("_machine", "action", "deadline_ns")

    def __init__(self, machine: "Machine", deadline_ns: int, action: Callable[[], None]) -> None:
        self._machine: Machine | None = machine
        self.deadline_ns = deadline_ns
        self.action: Callable[[], None] | None = action

    @property
    def running(self) -> bool:
        """Whether it has neither expired nor been stopped."""
        return self.action is not None

    def stop(self) -> None:
        """Stop the timer."""
        if self._machine is not None and self.action is not None:
            self.action = None
            self._machine._timer_stopped()
            self._machine = None


class Running:
    """A procedure under way."""

    __slots__ = ("generator", "key", "on_end", "timer")

    def __init__(self, generator: Procedure[Any], on_end: Callable[[Any], None] | None) -> None:
        self.generator: Procedure[Any] | None = generator
        self.on_end = on_end
        self.key: Hashable = None
        self.timer: Timer | None = None

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self.generator is not None


class Machine:
    """A part's engine. A function subclasses it, and implements `handle`."""

    def __init__(self, name: str, services: Services) -> None:
        self.name = name
        self.services = services
        self.now_ns = 0
        self._packets: list[Packet] = []
        self._events: list[Event] = []
        self._timers: list[tuple[int, int, Timer]] = []
        self._timer_count = 0
        self._stopped_timers = 0
        self._waiting: dict[Hashable, Running] = {}
        self._current: Running | None = None
        self._started = False
        self._warned: dict[str, list[int]] = {}
        """Of each kind of warning: the second, how many in it, how many were left unsaid since."""

    # The contract of a part.

    def receive(self, packet: Packet, now_ns: int) -> None:
        """Take one packet from a port."""
        self.now_ns = now_ns
        if not self._started:
            self._started = True
            self.start()
        self.handle(packet)

    def wake(self, now_ns: int) -> None:
        """Let every timer expire whose time has come."""
        self.now_ns = now_ns
        if not self._started:
            self._started = True
            self.start()
        last = self._timer_count
        # A timer that is started here waits for the next call, even with no time to run: who wakes us sees each round.
        while self._timers and self._timers[0][0] <= now_ns and self._timers[0][1] <= last:
            timer = heapq.heappop(self._timers)[2]
            action = timer.action
            if action is None:
                self._stopped_timers -= 1
                continue
            timer.action = None
            action()

    def wake_at_ns(self) -> int | None:
        """When the next timer expires."""
        timers = self._timers
        while timers and timers[0][2].action is None:
            heapq.heappop(timers)
            self._stopped_timers -= 1
        return timers[0][0] if timers else None

    def take_packets(self) -> Sequence[Packet]:
        """The packets to send, in order."""
        packets = self._packets
        if packets:
            self._packets = []
        return packets

    def take_events(self) -> Sequence[Event]:
        """The events since the last call."""
        events = self._events
        if events:
            self._events = []
        return events

    def start(self) -> None:
        """What the part does first, once, when the clock is known; the subclass's."""

    def handle(self, packet: Packet) -> None:
        """Act on one packet; the subclass's."""
        raise NotImplementedError

    # What a function uses.

    def send(self, packet: Packet) -> None:
        """Hand a packet to a port."""
        self._packets.append(packet)

    def report(
        self,
        name: str,
        text: str,
        *,
        level: Level = "info",
        subject: str = "",
        config: str = "",
        at_most_per_s: int | None = None,
        **fields: str | int | bool,
    ) -> None:
        """Raise an event, at most so often a second under one name (None: WARNINGS_PER_S, information always)."""
        if at_most_per_s is not None or level != "info":
            unsaid = self._unsaid_before(name, WARNINGS_PER_S if at_most_per_s is None else at_most_per_s)
            if unsaid is None:
                return
            if unsaid:
                text += f" ({unsaid} more of these since the last report)"
        self._events.append(Event(name=name, text=text, level=level, subject=subject, config=config, fields=fields))

    def _unsaid_before(self, name: str, at_most_per_s: int) -> int | None:
        """How many events of a name were left unsaid before this one; None if this one is, too."""
        second = self.now_ns // NS_PER_S
        known = self._warned.get(name)
        if known is None:
            self._warned[name] = [second, 1, 0]
            return 0
        if known[0] != second:
            known[0], known[1] = second, 0
        known[1] += 1
        if known[1] > at_most_per_s:
            known[2] += 1
            return None
        unsaid, known[2] = known[2], 0
        return unsaid

    def start_timer(self, after_ns: int, action: Callable[[], None]) -> Timer:
        """Call `action` once, `after_ns` from now, unless stopped."""
        timer = Timer(self, self.now_ns + after_ns, action)
        self._timer_count += 1
        heapq.heappush(self._timers, (timer.deadline_ns, self._timer_count, timer))
        return timer

    def run(self, procedure: Procedure[T], on_end: Callable[[T], None] | None = None) -> Running:
        """Start a procedure; `on_end` is called with what it returns."""
        running = Running(procedure, on_end)
        self._advance(running, None)
        return running

    def waits_for(self, key: Hashable) -> bool:
        """Whether a procedure waits for this key."""
        return key in self._waiting

    def resume(self, key: Hashable, value: object) -> bool:
        """Hand a procedure what it waits for; False if none waits for that key."""
        running = self._waiting.pop(key, None)
        if running is None:
            return False
        if running.timer is not None:
            running.timer.stop()
            running.timer = None
        self._advance(running, value)
        return True

    def cancel(self, running: Running) -> None:
        """End a procedure where it stands, without a result."""
        generator, running.generator = running.generator, None
        if generator is None:
            return
        if self._waiting.get(running.key) is running:
            del self._waiting[running.key]
        if running.timer is not None:
            running.timer.stop()
            running.timer = None
        if running is not self._current:
            generator.close()

    def _advance(self, running: Running, value: object) -> None:
        generator = running.generator
        if generator is None:
            return
        outer, self._current = self._current, running
        try:
            wait = generator.send(value)
        except StopIteration as end:
            running.generator = None
            self._current = outer
            if running.on_end is not None:
                running.on_end(end.value)
            return
        self._current = outer
        if running.generator is None:
            # It was cancelled by what it did itself.
            generator.close()
            return
        if wait.key in self._waiting:
            raise RuntimeError(f"{self.name}: two procedures wait for {wait.key!r}")
        running.key = wait.key
        self._waiting[wait.key] = running
        if wait.timeout_ns is not None:
            running.timer = self.start_timer(wait.timeout_ns, lambda: self._expire(running))

    def _expire(self, running: Running) -> None:
        if self._waiting.get(running.key) is running:
            del self._waiting[running.key]
            running.timer = None
            self._advance(running, None)

    def _timer_stopped(self) -> None:
        self._stopped_timers += 1
        # Stopped timers stay in the heap until their time, unless they are most of it: so it is bounded.
        if self._stopped_timers > 64 and self._stopped_timers * 2 > len(self._timers):
            self._timers = [entry for entry in self._timers if entry[2].action is not None]
            heapq.heapify(self._timers)
            self._stopped_timers = 0


def ask(send: Callable[[], None], key: Hashable, timer_ns: int, tries: int) -> Procedure[Any]:
    """Send, and again at each expiry of the timer, at most `tries` times; the answer, or None."""
    for _ in range(tries):
        send()
        answer = yield Wait(key, timer_ns)
        if answer is not None:
            return answer
    return None
