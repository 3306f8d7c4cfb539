"""Writes decoders: one Python function for a type of a grammar and the alignment at which it starts (ITU-T X.691)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from awase.wire.per_place import Reading
from awase.wire.per_source import LEAVES, NAMES, Function, Lines, Node, bound, node_of, nodes_of

if TYPE_CHECKING:
    from awase.wire.per import Codec


class DecoderWriter(Reading):
    """Writes the body of one function."""

    codec: "Codec"

    # One method a kind of type. Each returns an expression, to be used before anything else is read.

    def read(self, node: Node, name: str = "") -> str:
        """An expression for a value of a type."""
        kind = node[0]
        if kind == "R":
            return self.read_reference(str(node[1]))
        method: Callable[[Node, str], str] = getattr(self, "read_" + NAMES[str(kind)])
        return method(node, name)

    def read_reference(self, name: str) -> str:
        """A named type: in place if it is a leaf, else by its own function."""
        node = self.codec.types[name]
        if node[0] in LEAVES or name in self.codec.inline:
            return self.codec.converted(name, self.read(node, name))
        return self.codec.converted(name, self.call(name, node))

    def call(self, name: str, node: Node) -> str:
        """The value that the function of a type returns."""
        return self.call_function(self.codec.decoder(name, node, None if self.careful else self.at.bit))

    def call_function(self, function: Function) -> str:
        """The value that a function returns."""
        value = self.variable()
        after = "p" if function.exit is None else "i"
        if function.entry is None:
            self.go_dynamic()
        self.out.add(f"{value}, {after} = {function.name}(b, {self.here()})")
        self.at.bit, self.at.offset = function.exit, 0
        return value

    def read_boolean(self, node: Node, name: str) -> str:
        """Clause 12."""
        return f"{self.bits(1)} == 1"

    def read_null(self, node: Node, name: str) -> str:
        """Clause 18: nothing."""
        return "0"

    def read_integer(self, node: Node, name: str) -> str:
        """Clause 13."""
        low, high = bound(node[1]), bound(node[2])
        if not node[3]:
            return self.read_root_integer(low, high)
        value = self.variable()

        def root() -> None:
            self.out.add(f"{value} = {self.read_root_integer(low, high)}")

        def extension() -> None:
            self.align()
            self.go_dynamic()
            self.out.add(f"{value}, p = integer_at(b, p, True)")

        flag = self.assign(self.bits(1))
        self.branches([f"if not {flag}:", "else:"], [root, lambda: self.rare(extension)])
        return value

    def read_root_integer(self, low: int | None, high: int | None) -> str:
        """An integer of the root: constrained, semi-constrained or not."""
        if low is None or high is None:
            self.align()
            self.go_dynamic()
            value = self.variable()
            self.out.add(f"{value}, p = integer_at(b, p, {low is None})")
            if self.codec.aligned:
                self.align()
            return f"{value} + {low}" if low else value
        return self.whole_number(low, high)

    def whole_number(self, low: int, high: int) -> str:
        """A constrained whole number (clause 11.5)."""
        count = high - low + 1
        if count == 1:
            return str(low)
        size = (count - 1).bit_length()
        if self.codec.aligned and count > 255:
            if count > 65536:
                return self.long_number(low, high, (size + 7) >> 3)
            self.align()
            size = 8 if count == 256 else 16
        expression = self.bits(size)
        if low:
            expression = f"{expression} + {low}"
        if count == 1 << size:
            return expression
        value = self.assign(expression)
        self.out.add(f"if {value} > {high}: out_of_range({value}, {low}, {high})")
        return value

    def long_number(self, low: int, high: int, octets: int) -> str:
        """The indefinite length case (clause 11.5.7.4)."""
        size = self.assign(f"{self.bits((octets - 1).bit_length())} + 1")
        self.align()
        self.flush()
        value = self.assign(f"number(b[i:i + {size}])" + (f" + {low}" if low else ""))
        self.out.add(f"i += {size}")
        self.out.add(f"if {value} > {high}: out_of_range({value}, {low}, {high})")
        return value

    def read_enumerated(self, node: Node, name: str) -> str:
        """Clause 14."""
        names = self.codec.constant(tuple(nodes_of(node[1])))
        count = len(nodes_of(node[1]))
        if node[2] is None:
            return f"{names}[{self.whole_number(0, count - 1)}]"
        value = self.variable()
        additions = self.codec.constant(tuple(nodes_of(node[2])))

        def root() -> None:
            self.out.add(f"{value} = {names}[{self.whole_number(0, count - 1)}]")

        def extension() -> None:
            self.flush()
            self.out.add(f"{value}, p = small_at(b, p, {self.codec.aligned})")
            self.out.add(
                f"{value} = {additions}[{value}] if {value} < {len(nodes_of(node[2]))} else f'_ext_{{{value}}}'"
            )

        flag = self.assign(self.bits(1))
        self.branches([f"if not {flag}:", "else:"], [root, lambda: self.rare(extension)])
        return value

    def sized(self, extensible: object, value: str, root: Callable[[], None], free: Callable[[], None]) -> str:
        """A value whose size may be extensible: as the root says, or (as `free`) with a length determinant."""
        if not extensible:
            root()
            return value
        flag = self.assign(self.bits(1))
        self.branches([f"if not {flag}:", "else:"], [root, lambda: self.rare(free)])
        return value

    def read_bit_string(self, node: Node, name: str) -> str:
        """Clause 16."""
        low, high = bound(node[1]), bound(node[2])
        value = self.variable()
        make = self.codec.bit_string

        def free() -> None:
            self.align()
            self.go_dynamic()
            self.out.add(f"{value}, n, p = bit_string_at(b, p)")
            self.out.add(f"{value} = {make(value, 'n', False)}")

        def root() -> None:
            if low is None or high is None or high >= 65536:
                free()
            elif low == high:
                if low > 16:
                    self.align()
                self.out.add(f"{value} = {make(self.bits(low), str(low), not node[3])}")
            else:
                self.variable_bits(value, low, high)

        return self.sized(node[3], value, root, free)

    def variable_bits(self, value: str, low: int, high: int) -> None:
        """Bits after their number, which is constrained."""
        self.out.add(f"n = {self.whole_number(low, high)}")
        self.align()
        self.go_dynamic()
        self.out.add(f"{value} = {self.codec.bit_string('take(b, p, n)', 'n', False)}")
        self.out.add("p += n")

    def octets(self, count: int, small: int = 2) -> str:
        """An expression for so many octets, aligned if there are more than `small`."""
        if count > small:
            self.align()
        if self.at.bit == 0:
            expression = f"b[{self.here()}:{self.here(count)}]"
            self.at.offset += count
            return expression
        return f"{self.bits(8 * count)}.to_bytes({count})" if count else "b''"

    def free_octets(self, value: str) -> None:
        """Octets with their length determinant."""
        if not self.codec.aligned:
            self.flush()
            self.out.add(f"{value}, p = octet_string_at(b, p)")
            return
        self.align()
        self.flush()
        self.out.add("n = b[i]")
        self.out.add("if n < 128:")
        self.out.add(f"    {value} = b[i + 1:i + 1 + n]")
        self.out.add("    i += n + 1")
        self.out.add("else:")
        self.out.add(f"    {value}, i = octet_string(b, i)")

    def counted_octets(self, value: str, low: int, high: int) -> None:
        """Octets after their number, which is constrained."""
        self.out.add(f"n = {self.whole_number(low, high)}")
        self.align()
        self.flush()
        if self.at.bit is None:
            self.out.add(f"{value} = octets_at(b, p, n)")
            self.out.add("p += 8 * n")
        else:
            self.out.add(f"{value} = b[i:i + n]")
            self.out.add("i += n")

    def read_octet_string(self, node: Node, name: str) -> str:
        """Clause 17."""
        low, high = bound(node[1]), bound(node[2])
        if low is not None and low == high and not node[3] and low < 65536:
            return self.codec.octets_of(name, self.octets(low), low)
        return self.sized_octets(self.variable(), node[3], low, high)

    def read_string(self, node: Node, name: str) -> str:
        """Clause 30, for characters of an octet each."""
        low, high = bound(node[2]), bound(node[3])
        value = self.variable()
        if node[1] == "UTF8String":
            self.free_octets(value)
            return f"{value}.decode()"
        if not self.codec.aligned:
            raise NotImplementedError("strings of known characters in the unaligned variant")

        return f"{self.sized_octets(value, node[4], low, high)}.decode('ascii')"

    def sized_octets(self, value: str, extensible: object, low: int | None, high: int | None) -> str:
        """Octets whose number has bounds, or is free beyond its extension mark."""

        def free() -> None:
            self.free_octets(value)

        def root() -> None:
            if low is None or high is None or high >= 65536:
                free()
            elif low == high:
                self.out.add(f"{value} = {self.octets(low)}")
            else:
                self.counted_octets(value, low, high)

        return self.sized(extensible, value, root, free)

    def read_object_identifier(self, node: Node, name: str) -> str:
        """Clause 24."""
        value = self.variable()
        self.free_octets(value)
        return f"object_identifier({value})"

    def read_opaque(self, node: Node, name: str) -> str:
        """What is left of the PDU is not looked into."""
        value = self.assign("b''")
        self.go_dynamic()
        self.out.add("p = len(b) << 3")
        return value

    # Types that hold others.

    def read_sequence(self, node: Node, name: str) -> str:
        """Clause 19."""
        if not self.codec.generic:
            return self.codec.read_record(self, node, name)
        result = self.assign("{}")
        flags, present = self.preamble(node)
        for component in nodes_of(node[1]):
            field, kind = str(component[0]), node_of(component[1])

            def body(field: str = field, kind: Node = kind) -> None:
                self.out.add(f"{result}[{field!r}] = {self.field(kind, result)}")

            if component[2] == 0:
                body()
                continue

            def absent(field: str = field, component: Node = component) -> None:
                if component[2] == 2:
                    self.out.add(f"{result}[{field!r}] = {self.codec.default(component)}")

            self.branches([f"if {flags} & {present[field]}:", "else:"], [body, absent])
        self.additions(node, flags, present, result)
        return result

    def field(self, kind: Node, result: str) -> str:
        """A component; that of an open type depends on a sibling."""
        if kind[0] == "T":
            return self.read_open(kind, f"{result}[{str(kind[2])!r}]")
        return self.read(kind)

    def preamble(self, node: Node) -> tuple[str, dict[str, int]]:
        """The bits of clause 19.2: the variable that holds them, and the mask of each component ("": extension)."""
        names = [str(component[0]) for component in nodes_of(node[1]) if component[2] != 0]
        if node[2] is not None:
            names.insert(0, "")
        masks = {name: 1 << (len(names) - 1 - place) for place, name in enumerate(names)}
        if not names:
            return "", masks
        return self.assign(self.bits(len(names))), masks

    def additions(self, node: Node, flags: str, present: dict[str, int], result: str) -> None:
        """The extension additions (clauses 19.7 to 19.9)."""
        if node[2] is None:
            return
        known = self.codec.additions(nodes_of(node[2]))

        def body() -> None:
            self.flush()
            self.out.add(f"x, p = additions_at(b, p, {self.codec.aligned}, {known})")
            if self.codec.generic:
                self.out.add(f"{result}.update(x)")

        self.branches([f"if {flags} & {present['']}:", "else:"], [lambda: self.rare(body), lambda: None])

    def read_choice(self, node: Node, name: str) -> str:
        """Clause 23."""
        value = self.variable()
        if node[2] is None:
            self.alternatives(node, value, name)
            return value

        def extension() -> None:
            self.flush()
            known = self.codec.additions(nodes_of(node[2]))
            self.out.add(f"n, p = small_at(b, p, {self.codec.aligned})")
            if self.codec.aligned:
                self.out.add("p = p + 7 & -8")
            self.out.add("s, p = octet_string_at(b, p)")
            self.out.add(f"if n < {len(nodes_of(node[2]))}: {value} = ({known}[n][0], {known}[n][1](s, 0, len(s)))")
            self.out.add(f"else: {value} = (f'_ext_{{n}}', s)")

        flag = self.assign(self.bits(1))
        self.branches(
            [f"if not {flag}:", "else:"], [lambda: self.alternatives(node, value, name), lambda: self.rare(extension)]
        )
        return value

    def alternatives(self, node: Node, value: str, name: str) -> None:
        """The index and the alternative."""
        alternatives = nodes_of(node[1])
        chosen = self.whole_number(0, len(alternatives) - 1)
        if len(alternatives) > 1:
            chosen = self.assign(chosen)

        def body(field: str, kind: Node) -> Callable[[], None]:
            return lambda: self.out.add(f"{value} = {self.codec.chosen(name, field, self.read(kind))}")

        conditions = [f"{'el' if place else ''}if {chosen} == {place}:" for place in range(len(alternatives))]
        bodies = [body(str(field), node_of(kind)) for field, kind in alternatives]
        if len(alternatives) > 1:
            conditions[-1] = "else:"
        self.branches(conditions, bodies)

    def read_sequence_of(self, node: Node, name: str) -> str:
        """Clause 20."""
        low, high = bound(node[2]), bound(node[3])
        result = self.assign("[]")

        def free() -> None:
            self.align()
            self.go_dynamic()
            self.out.add("more = True")
            self.out.add("while more:")
            self.out.depth += 1
            self.out.add("n, more, p = length_at(b, p)")
            self.items(node_of(node[1]), result, dynamic=True)
            if self.codec.aligned:
                self.out.add("p = p + 7 & -8")
            self.out.depth -= 1

        def root() -> None:
            if low is None or high is None or high >= 65536:
                free()
                return
            self.out.add(f"n = {self.whole_number(low, high)}")
            self.items(node_of(node[1]), result)

        self.sized(node[4], result, root, free)
        return result if self.codec.generic else f"tuple({result})"

    def items(self, kind: Node, result: str, dynamic: bool = False) -> None:
        """The loop; it starts each turn at the place at which it ended the last."""
        self.flush()
        if self.at.bit is None:
            self.out.add("if n > (len(b) << 3) - p: raise IndexError")
        else:
            self.out.add("if n > (len(b) - i) << 3: raise IndexError")
        start, outer, count = self.at.copy(), self.out, self.count
        for bit in (start.bit, None) if not dynamic else (None,):
            self.at, self.out, self.count = start.copy(), Lines(outer.depth), count
            if bit is None:
                self.go_dynamic()
            before = self.out
            self.out = Lines(outer.depth + 1)
            self.out.add(f"{result}.append({self.read(kind)})")
            if bit is None:
                self.go_dynamic()
            self.flush()
            if self.at.bit == bit:
                break
        outer.lines += before.lines
        outer.add("for _ in range(n):")
        outer.lines += self.out.lines
        self.out = outer

    def read_open(self, node: Node, key: str) -> str:
        """An open type: by the table if the key is in it, else its octets."""
        value = self.variable()
        table = self.codec.table(str(node[1]))
        self.open_content()
        self.out.add(f"t = {table}.get({key})")
        self.out.add(f"{value} = ('_unk_004', s[j:e]) if t is None else (t[0], t[1](s, j, e))")
        return value

    def open_content(self) -> None:
        """Sets s, j, e to where the content of an open type is, and moves behind it."""
        if not self.codec.aligned:
            self.flush()
            self.out.add("s, p = octet_string_at(b, p)")
            self.out.add("j = 0; e = len(s)")
            return
        self.align()
        self.flush()
        self.out.add("n = b[i]")
        self.out.add("if n < 128:")
        self.out.add("    s = b; j = i + 1; i = e = j + n")
        self.out.add("    if e > len(b): raise IndexError")
        self.out.add("else:")
        self.out.add("    s, j, e, i = open_type(b, i)")
