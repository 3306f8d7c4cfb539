"""The message chart that a person reads: time, from, to, reference point, message, the few elements that matter."""

from typing import TextIO

from awase.lab.dissection import Sight

MAX_LINES = 5000
"""A person reads no more; the capture holds everything."""


class Ladder:
    """Writes ladder.txt."""

    def __init__(self, file: TextIO, epoch_ns: int, names: list[str]) -> None:
        self._file = file
        self._epoch_ns = epoch_ns
        self._width = max((len(name) for name in names), default=4)
        self.lines = 0
        self.full = False
        """Whether further messages are only counted."""
        self._left_out = 0

    def head(self, title: str) -> None:
        """The first lines."""
        width = self._width
        self._file.write(f"{title}\n\n")
        self._file.write(f"{'time s':>12}  {'from':<{width}}    {'to':<{width}}  {'on':<3}  message\n")

    def message(  # noqa: PLR0917
        self, time_ns: int, sender: str, receiver: str, point: str, sights: list[Sight], lost: bool
    ) -> None:
        """One message; what it carries is set below it, indented."""
        if self.full:
            self._left_out += 1
            return
        arrow = "-x" if lost else "->"
        width = self._width
        for depth, sight in enumerate(sights):
            self.lines += 1
            text = _line(f"{sight.name}  {sight.elements}".rstrip())
            if depth == 0:
                self._file.write(
                    f"{self._time(time_ns)}  {sender:<{width}} {arrow} {receiver:<{width}}  {point:<3}  {text}\n"
                )
            else:
                margin = 12 + 2 + width + 4 + width + 2 + 3 + 2
                self._file.write(f"{'':<{margin}}{'  ' * (depth - 1)}└ {text}\n")
        self.full = self.lines >= MAX_LINES

    def event(self, time_ns: int, part: str, text: str) -> None:
        """What a part wants known."""
        self.lines += 1
        self._file.write(f"{self._time(time_ns)}  {part:<{self._width}} !  {_line(text)}\n")

    def fault(self, time_ns: int, part: str, text: str) -> None:
        """What goes wrong by order of the network file."""
        self.lines += 1
        self._file.write(f"{self._time(time_ns)}  {part:<{self._width}} #  {_line(text)}\n")

    def finish(self) -> None:
        """The last line, if something was left out."""
        if self._left_out:
            self._file.write(f"\n{self._left_out} further messages are in capture.pcapng\n")
            self._left_out = 0
        self._file.flush()

    def _time(self, time_ns: int) -> str:
        since_ns = time_ns - self._epoch_ns
        return f"{since_ns // 1_000_000_000:5d}.{since_ns // 1000 % 1_000_000:06d}"


def _line(text: str) -> str:
    """Text that a peer may have chosen, as one line that no terminal takes for a command."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
