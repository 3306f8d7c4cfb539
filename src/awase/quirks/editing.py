"""A part behind glass: what it sends passes an edit, all else is untouched."""

from collections.abc import Callable, Sequence

from awase.model.books import Bookkeeper
from awase.model.part import Acquainted, Event, Packet, Part, Stoppable

Edit = Callable[[Packet], Packet]


class Edited:
    """A part whose outgoing packets are edited."""

    def __init__(self, part: Part, edit: Edit) -> None:
        self._part = part
        self._edit = edit
        # What the part does not offer, its wrapping does not either.
        if isinstance(part, Stoppable):
            self.stop = part.stop
        if isinstance(part, Bookkeeper):
            self.books = part.books
        if isinstance(part, Acquainted):
            self.familiar = part.familiar

    def receive(self, packet: Packet, now_ns: int) -> None:
        """As the part does."""
        self._part.receive(packet, now_ns)

    def wake(self, now_ns: int) -> None:
        """As the part does."""
        self._part.wake(now_ns)

    def wake_at_ns(self) -> int | None:
        """As the part does."""
        return self._part.wake_at_ns()

    def take_packets(self) -> Sequence[Packet]:
        """The part's packets, edited."""
        return [self._edit(packet) for packet in self._part.take_packets()]

    def take_events(self) -> Sequence[Event]:
        """As the part does."""
        return self._part.take_events()
