"""Python source being written: lines, names, and where in the octets it stands. Used by per_decode and per_encode."""

from dataclasses import dataclass, field

Node = list[object]
"""A type, as the grammar file has it."""


class Lines:
    """Lines of a function body, with indentation."""

    def __init__(self, depth: int = 1) -> None:
        self.lines: list[str] = []
        self.depth = depth

    def add(self, line: str) -> None:
        """One more line."""
        self.lines.append("    " * self.depth + line)


@dataclass
class Place:
    """Where a generated decoder stands, as far as is known when it is written.

    At octet `i + offset`, bit `bit` of it; or, if `bit` is None, at bit `p + offset`.
    """

    bit: int | None = 0
    offset: int = 0

    def copy(self) -> "Place":
        """Another that stands at the same place."""
        return Place(self.bit, self.offset)


@dataclass
class Pending:
    """Bits that a generated encoder has still to write.

    `bits` are (expression, how many), `total` of them after the last octet of `o`; or, if `dynamic`, after the `n` bits
    of `a` that stand there.
    """

    bits: list[tuple[str, int]] = field(default_factory=list)
    total: int = 0
    dynamic: bool = False

    def copy(self) -> "Pending":
        """Another with the same bits."""
        return Pending(list(self.bits), self.total, self.dynamic)


@dataclass
class Function:
    """A generated function, and the bit of an octet at which it starts and leaves off (None: known when it runs)."""

    name: str
    entry: int | None
    exit: int | None = None


LEAVES = frozenset("BNIEboc")
NAMES = {
    "B": "boolean",
    "N": "null",
    "I": "integer",
    "E": "enumerated",
    "b": "bit_string",
    "o": "octet_string",
    "c": "string",
    "D": "object_identifier",
    "S": "sequence",
    "C": "choice",
    "L": "sequence_of",
    "X": "opaque",
}


def raises(lines: Lines) -> bool:
    """True if what was written never falls through."""
    return bool(lines.lines) and lines.lines[-1].startswith("    " * lines.depth + "raise ")


def bound(value: object) -> int | None:
    """A bound of a constraint; None if there is none."""
    return value if isinstance(value, int) else None


def node_of(value: object) -> Node:
    """A type inside another."""
    assert isinstance(value, list)
    return value


def nodes_of(value: object) -> list[Node]:
    """Components, alternatives or additions."""
    assert isinstance(value, list)
    return value
