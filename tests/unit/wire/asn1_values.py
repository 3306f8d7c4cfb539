"""Random values of the types of a grammar, in the shapes that pycrate and `wire.per` share."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from awase.wire.per import Grammar
from awase.wire.per_support import LABELS

ALPHABET = "0123456789 ABCXYZabcxyz'()+,-./:=?"
Node = Sequence[Any]


class Values:
    """Draws values; the deeper, the fewer optional components, so that values stay small."""

    def __init__(self, grammar: Grammar, seed: int) -> None:
        self.grammar = grammar
        self.random = random.Random(seed)
        self.depth = 0

    def of(self, node: Node) -> Any:
        """A value of a type."""
        return getattr(self, f"of_{node[0]}")(node)

    def number(self, low: int | None, high: int | None) -> int:
        """Within bounds, and often at one."""
        low = -(1 << 40) if low is None else low
        high = low + (1 << 40) if high is None else high
        near = (low, high, min(low + 1, high), min(low + 127, high), min(low + 128, high), min(low + 256, high))
        return self.random.choice(near) if self.random.random() < 0.5 else self.random.randint(low, high)

    def size(self, low: int | None, high: int | None, ext: int, most: int) -> int:
        """A size within bounds, small; sometimes beyond, if it is extensible."""
        if ext and high is not None and high < 400 and self.random.random() < 0.1:
            return high + self.random.randint(1, 3)
        low = low or 0
        return min(low + self.random.randint(0, most), low + most if high is None else high)

    def of_R(self, node: Node) -> Any:
        self.depth += 1
        try:
            return self.of(self.grammar.types[node[1]])
        finally:
            self.depth -= 1

    def of_I(self, node: Node) -> int:
        if list(node) == ["I", 1, 181, 1]:  # ExpectedActivityPeriod: 1..30 | 40 | 50 ...; the grammar has the range
            return self.random.randint(1, 30)
        if node[3] and self.random.random() < 0.1:
            return node[2] + self.random.choice((1, 127, 128, 100000))
        return self.number(node[1], node[2])

    def of_B(self, node: Node) -> bool:
        return self.random.random() < 0.5

    def of_N(self, node: Node) -> int:
        return 0

    def of_D(self, node: Node) -> tuple[int, ...]:
        return (1, 3, 6, self.random.randint(0, 100000))

    def of_E(self, node: Node) -> str:
        if node[2] is not None and self.random.random() < 0.15:
            return str(self.random.choice([*node[2], f"_ext_{len(node[2]) + self.random.randint(0, 3)}"]))
        return str(self.random.choice(node[1]))

    def of_b(self, node: Node) -> tuple[int, int]:
        size = self.size(*node[1:4], 40)
        return self.random.getrandbits(size) if size else 0, size

    def of_o(self, node: Node) -> bytes:
        return self.random.randbytes(self.size(*node[1:4], self.random.choice((4, 4, 4, 200))))

    def of_c(self, node: Node) -> str:
        size = self.size(*node[2:5], 12)
        alphabet = ALPHABET + "äß" * (node[1] == "UTF8String")
        return "".join(self.random.choice(alphabet) for _ in range(size))

    def present(self, component: Node) -> bool:
        return component[2] == 0 or self.random.random() < (0.5, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05)[min(self.depth, 6)]

    def of_S(self, node: Node) -> dict[str, Any]:
        value: dict[str, Any] = {}
        for component in node[1]:
            if component[1][0] == "T":
                row = self.random.choice(self.grammar.tables[component[1][1]])
                value.update(self.field(component, row))
            elif self.present(component):
                value[component[0]] = self.of(component[1])
        for item in node[2] or ():
            if self.random.random() < 0.3:
                for component in item[1] if item[0] == "" else [item]:
                    if self.present(component) or item[0] != "":
                        value[component[0]] = self.of(component[1])
        return {
            name: content
            for name, content in value.items()
            if not any(part[0] == name and part[2] == 2 and part[3] == content for part in node[1])
        } | {part[0]: part[3] for part in node[1] if part[2] == 2 and value.get(part[0], part[3]) == part[3]}

    def field(self, component: Node, row: Any) -> dict[str, Any]:
        """A field of a container: identifier, criticality, and a value of the type that the table has."""
        label = row.type[1] if row.type[0] == "R" else LABELS[row.type[0]]
        return {component[1][2]: row.key, "criticality": row.criticality, component[0]: (label, self.of(row.type))}

    def of_C(self, node: Node) -> tuple[str, Any]:
        usable = [alternative for alternative in node[1] if not self.empty(alternative[1])]
        if node[2] and self.random.random() < 0.2:
            usable = node[2]
        name, kind = self.random.choice(usable)
        return name, self.of(kind)

    def empty(self, node: Node) -> bool:
        """True for a field of a container whose table has no rows, and for what the grammar leaves out."""
        if node[0] == "X":
            return True
        if node[0] == "L":
            return self.empty(node[1])
        if node[0] == "C":
            return all(self.empty(alternative[1]) for alternative in node[1])
        return node[0] == "S" and any(
            component[1][0] == "T" and not self.grammar.tables.get(component[1][1]) for component in node[1]
        )

    def of_L(self, node: Node) -> list[Any]:
        table = [c[1][1] for c in node[1][1] if c[1][0] == "T"] if node[1][0] == "S" else []
        if table == [""]:
            return []
        if table:
            return self.container(node, self.grammar.tables[table[0]])
        return [self.of(node[1]) for _ in range(self.size(*node[2:5], 2))]

    def container(self, node: Node, rows: Sequence[Any]) -> list[Any]:
        """A container of IEs, in the order of the table."""
        chosen = [
            row for row in rows if (row.presence == "mandatory" or self.random.random() < 0.3) or len(rows) == 1
        ] or [self.random.choice(rows)]
        self.depth += 1
        component = next(c for c in node[1][1] if c[1][0] == "T")
        found = [self.field(component, row) for row in chosen]
        self.depth -= 1
        return found


def without_empty(grammar: Grammar) -> Grammar:
    """A grammar without the optional components that no value can have (containers without rows)."""
    values = Values(grammar, 0)

    def cut(node: Any) -> Any:
        if not isinstance(node, list):
            return node
        if node and node[0] == "S":
            kept = [c for c in node[1] if not (c[2] == 1 and values.empty(c[1]))]
            return ["S", [[cut(part) for part in c] for c in kept], cut(node[2])]
        return [cut(part) for part in node]

    types: Mapping[str, Any] = {name: cut(node) for name, node in grammar.types.items()}
    return Grammar(grammar.origin, dict(types), grammar.tables, grammar.constants)
