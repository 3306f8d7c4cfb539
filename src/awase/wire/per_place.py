"""Where a generated function stands while it is written, and what moves it. Used by per_decode and per_encode."""

from collections.abc import Callable
from typing import Protocol

from awase.wire.per_source import Lines, Pending, Place, raises


class Names(Protocol):
    """What the writers ask of a codec."""

    @property
    def aligned(self) -> bool:
        """Whether it is the aligned variant of PER."""


class Body:
    """The body of a function being written: its lines, and the variables in them."""

    def __init__(self, codec: "Names") -> None:
        self.codec = codec
        self.out = Lines()
        self.count = 0

    def variable(self) -> str:
        """A name not used yet."""
        self.count += 1
        return f"v{self.count}"

    def assign(self, expression: str) -> str:
        """The name of a variable that holds the expression."""
        name = self.variable()
        self.out.add(f"{name} = {expression}")
        return name


class Reading(Body):
    """A decoder being written: where it stands, and what moves it."""

    def __init__(self, codec: "Names", place: Place) -> None:
        super().__init__(codec)
        self.at = place
        self.careful = place.bit is None

    def here(self, ahead: int = 0) -> str:
        """The octet (or bit) at which it stands, and `ahead` more."""
        base, offset = "i" if self.at.bit is not None else "p", self.at.offset + ahead
        return f"{base} + {offset}" if offset else base

    def flush(self) -> None:
        """Moves i (or p) to where it stands."""
        if self.at.offset:
            self.out.add(f"{'i' if self.at.bit is not None else 'p'} += {self.at.offset}")
            self.at.offset = 0

    def go_dynamic(self) -> None:
        """From i to p."""
        if self.at.bit is None:
            self.flush()
            return
        bit = f" + {self.at.bit}" if self.at.bit else ""
        self.out.add(f"p = ({self.here()} << 3){bit}" if self.at.offset else f"p = (i << 3){bit}")
        self.at.bit, self.at.offset = None, 0

    def align(self) -> None:
        """To the next octet, where PER aligns."""
        if not self.codec.aligned or self.at.bit == 0:
            return
        if self.at.bit is None:
            self.out.add(f"i = {self.here(7)} >> 3")
            self.at.offset = 0
        else:
            self.at.offset += 1
        self.at.bit = 0

    def bits(self, n: int) -> str:
        """An expression for the next n bits; to be used before anything else is read."""
        if n == 0:
            return "0"
        if self.at.bit is None:
            expression = self.dynamic_bits(n)
            self.at.offset += n
            return expression
        octets = (self.at.bit + n + 7) >> 3
        shift = 8 * octets - self.at.bit - n
        if octets == 1:
            expression = f"b[{self.here()}]"
        elif octets == 2:
            expression = f"(b[{self.here()}] << 8 | b[{self.here(1)}])"
        else:
            expression = f"number(b[{self.here()}:{self.here(octets)}])"
        if shift:
            expression += f" >> {shift}"
        if self.at.bit:
            expression = f"{expression} & {(1 << n) - 1}"
        self.at.offset += (self.at.bit + n) >> 3
        self.at.bit = (self.at.bit + n) & 7
        return f"({expression})"

    def dynamic_bits(self, n: int) -> str:
        """The same, where only p is known."""
        here, end = self.here(), self.here(n)
        if n == 1:
            return f"(b[{here} >> 3] >> (~({here}) & 7) & 1)"
        return f"(number(b[{here} >> 3:{self.here(n + 7)} >> 3]) >> (-({end}) & 7) & {(1 << n) - 1})"

    def branches(self, conditions: list[str], bodies: list[Callable[[], None]]) -> None:
        """if, elif, else: each body written, and all brought to stand at one place."""
        start, outer = self.at, self.out
        written: list[tuple[Lines, Place]] = []
        for body in bodies:
            self.at, self.out = start.copy(), Lines(outer.depth + 1)
            body()
            written.append((self.out, self.at))
        places = [place for lines, place in written if not raises(lines)]
        same = all(place.bit == places[0].bit for place in places)
        alike = same and all(place.offset == places[0].offset for place in places)
        for condition, (lines, place) in zip(conditions, written, strict=True):
            outer.add(condition)
            self.at, self.out = place, lines
            if not raises(lines) and not alike:
                if same:
                    self.flush()
                else:
                    self.go_dynamic()
            outer.lines += lines.lines or ["    " * (outer.depth + 1) + "pass"]
        self.out = outer
        self.at = places[0].copy() if alike else Place(places[0].bit if same else None)

    def rare(self, dynamic: Callable[[], None]) -> None:
        """What an extension needs: written in functions of unknown alignment, which are called instead of others."""
        if self.careful:
            self.go_dynamic()
            dynamic()
        else:
            self.out.add("raise OtherAlignmentError")


class Writing(Body):
    """An encoder being written: what is pending, and what writes it."""

    def __init__(self, codec: "Names", pending: Pending) -> None:
        super().__init__(codec)
        self.to = pending
        self.careful = pending.dynamic

    def bits(self, expression: str | int, n: int) -> None:
        """The next n bits: an expression whose variables are not assigned again, or a number."""
        if n:
            self.to.bits.append((str(expression), n))
            self.to.total += n

    def joined(self) -> str:
        """The pending bits as one expression."""
        fixed, shift, terms = 0, self.to.total, []
        for expression, n in self.to.bits:
            shift -= n
            if expression.isdigit():
                fixed |= int(expression) << shift
            else:
                terms.append(f"{expression} << {shift}" if shift else expression)
        if fixed or not terms:
            terms.append(str(fixed))
        return " | ".join(terms)

    def write(self) -> None:
        """Writes the pending bits, which end an octet, to `o`."""
        if self.to.dynamic or not self.to.total:
            return
        size = self.to.total >> 3
        self.out.add(f"o.append({self.joined()})" if size == 1 else f"o += ({self.joined()}).to_bytes({size})")
        self.to.bits, self.to.total = [], 0

    def align(self) -> None:
        """To the next octet, where PER aligns; what was pending is written."""
        if not self.codec.aligned:
            return
        if self.to.dynamic:
            self.settle()
            self.out.add("w = -n & 7; o += (a << w).to_bytes((n + w) >> 3)")
            self.to = Pending()
            return
        self.bits(0, -self.to.total & 7)
        self.write()

    def settle(self) -> None:
        """Puts the pending bits into variables: `a` (less than an octet), or `a` and `n` if dynamic."""
        if self.to.dynamic:
            if self.to.total:
                self.out.add(f"a = a << {self.to.total} | {self.joined()}; n += {self.to.total}")
            self.to.bits, self.to.total = [], 0
            return
        if self.to.bits in ([], [("a", self.to.total)]):
            return
        left = self.to.total & 7
        if not left:
            self.write()
            return
        if self.to.total > 8:
            self.out.add(f"a = {self.joined()}; o += (a >> {left}).to_bytes({self.to.total >> 3})")
            self.out.add(f"a &= {(1 << left) - 1}")
        else:
            self.out.add(f"a = {self.joined()}")
        self.to.bits, self.to.total = [("a", left)], left

    def go_dynamic(self) -> None:
        """To a and n."""
        self.settle()
        if not self.to.dynamic:
            self.out.add(f"n = {self.to.total}" if self.to.total else "a = n = 0")
            self.to = Pending(dynamic=True)

    def more_bits(self, value: str, size: str) -> None:
        """Bits whose number is known when it runs."""
        self.go_dynamic()
        self.out.add(f"a = a << {size} | {value}; n += {size}")

    def branches(self, conditions: list[str], bodies: list[Callable[[], None]]) -> None:
        """if, elif, else: each body written, and all brought to one state."""
        self.settle()
        start, outer = self.to, self.out
        written: list[tuple[Lines, Pending]] = []
        for body in bodies:
            self.to, self.out = start.copy(), Lines(outer.depth + 1)
            body()
            self.settle()
            written.append((self.out, self.to))
        states = [state for lines, state in written if not raises(lines)]
        first = states[0]
        alike = all(state.dynamic == first.dynamic and state.total == first.total for state in states)
        for condition, (lines, state) in zip(conditions, written, strict=True):
            outer.add(condition)
            self.to, self.out = state, lines
            if not alike and not raises(lines):
                self.go_dynamic()
            outer.lines += lines.lines or ["    " * (outer.depth + 1) + "pass"]
        self.out = outer
        self.to = first.copy() if alike else Pending(dynamic=True)

    def rare(self, dynamic: Callable[[], None]) -> None:
        """What an extension needs: written in functions of unknown alignment, which are called instead of others."""
        if self.careful:
            dynamic()
        else:
            self.out.add("raise OtherAlignmentError")
