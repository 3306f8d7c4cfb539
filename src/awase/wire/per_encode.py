"""Writes encoders: one Python function for a type of a grammar and the alignment at which it starts (ITU-T X.691)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from awase.wire.per_place import Writing
from awase.wire.per_source import LEAVES, NAMES, Function, Lines, Node, Pending, bound, node_of, nodes_of

if TYPE_CHECKING:
    from awase.wire.per import Codec


class EncoderWriter(Writing):
    """Writes the body of one function, which appends to the bytearray `o`."""

    codec: "Codec"

    # One method a kind of type; v is the name of a variable.

    def put(self, node: Node, v: str, name: str = "") -> None:
        """Writes the value of a type."""
        kind = node[0]
        if kind == "R":
            self.put_reference(str(node[1]), v)
            return
        method: Callable[[Node, str, str], None] = getattr(self, "put_" + NAMES[str(kind)])
        method(node, v, name)

    def put_reference(self, name: str, v: str) -> None:
        """A named type: in place if it is a leaf, else by its own function."""
        node = self.codec.types[name]
        reverse = self.codec.reverted(name, v)
        if reverse != v:
            v = self.assign(reverse)
        if node[0] in LEAVES or name in self.codec.inline:
            self.put(node, v, name)
        else:
            self.settle()
            entry = None if self.careful or self.to.dynamic else self.to.total
            self.call_function(self.codec.encoder(name, node, entry), v)

    def call_function(self, function: Function, v: str) -> None:
        """The value that a function returns."""
        if function.entry is None:
            self.go_dynamic()
        before = ", a, n" if function.entry is None else ", a" if function.entry else ""
        after = "a, n = " if function.exit is None else "a = " if function.exit else ""
        self.out.add(f"{after}{function.name}(o, {v}{before})")
        self.to = Pending(dynamic=True) if function.exit is None else self.entry(function.exit)

    @staticmethod
    def entry(bit: int) -> Pending:
        """The state of a function that starts with `bit` bits pending in a."""
        return Pending([("a", bit)], bit) if bit else Pending()

    def put_boolean(self, node: Node, v: str, name: str) -> None:
        """Clause 12."""
        self.bits(f"(1 if {v} else 0)", 1)

    def put_null(self, node: Node, v: str, name: str) -> None:
        """Clause 18: nothing."""

    def put_integer(self, node: Node, v: str, name: str) -> None:
        """Clause 13."""
        low, high = bound(node[1]), bound(node[2])

        def root() -> None:
            if low is None or high is None:
                self.free_integer(v, low)
            else:
                self.whole_number(v, low, high)

        if not node[3]:
            root()
            return

        def inside() -> None:
            self.bits(0, 1)
            root()

        def outside() -> None:
            self.bits(1, 1)
            self.free_integer(v, None)

        self.branches([f"if {low} <= {v} <= {high}:", "else:"], [inside, lambda: self.rare(outside)])

    def free_integer(self, v: str, low: int | None) -> None:
        """With a length determinant (clauses 11.7 and 11.8)."""
        if low is not None:
            self.out.add(f"if {v} < {low}: raise out_of_bounds({v}, {low}, None)")
        self.free_octets(f"integer_octets({v}{f' - {low}' if low else ''}, {low is None})")

    def whole_number(self, v: str, low: int, high: int) -> None:
        """A constrained whole number (clause 11.5)."""
        count = high - low + 1
        self.out.add(f"if not {low} <= {v} <= {high}: raise out_of_bounds({v}, {low}, {high})")
        if count == 1:
            return
        value = f"({v} - {low})" if low else v
        size = (count - 1).bit_length()
        if self.codec.aligned and count > 65536:
            octets = (size + 7) >> 3
            width = self.assign(f"({value}.bit_length() or 1) + 7 >> 3")
            self.bits(f"({width} - 1)", (octets - 1).bit_length())
            self.align()
            self.out.add(f"o += {value}.to_bytes({width})")
            return
        if self.codec.aligned and count > 255:
            self.align()
            size = 8 if count == 256 else 16
        self.bits(value, size)

    def put_enumerated(self, node: Node, v: str, name: str) -> None:
        """Clause 14."""
        root = [str(item) for item in nodes_of(node[1])]
        numbers = self.codec.constant({item: index for index, item in enumerate(root)})
        if node[2] is None:
            self.bits(self.assign(f"{numbers}[{v}]"), (len(root) - 1).bit_length())
            return
        index = self.assign(f"{numbers}.get({v}, -1)")
        additions = self.codec.constant({str(item): place for place, item in enumerate(nodes_of(node[2]))})

        def inside() -> None:
            self.bits(0, 1)
            self.bits(index, (len(root) - 1).bit_length())

        def outside() -> None:
            self.bits(1, 1)
            self.small(f"addition_index({v}, {additions})")

        self.branches([f"if {index} >= 0:", "else:"], [inside, lambda: self.rare(outside)])

    def small(self, expression: str) -> None:
        """A normally small number (clause 11.6)."""
        self.go_dynamic()
        self.out.add(f"a, n = put_small(o, (a, n), {expression}, {self.codec.aligned})")

    def sized(
        self,
        node: tuple[int | None, int | None, object],
        size: str,
        root: Callable[[], None],
        free: Callable[[], None],
    ) -> None:
        """A value whose size may be extensible."""
        low, high, extensible = node
        if not extensible:
            if low is not None and high is not None:
                self.out.add(f"if not {low} <= {size} <= {high}: raise out_of_bounds({size}, {low}, {high})")
            root()
            return

        def inside() -> None:
            self.bits(0, 1)
            root()

        def outside() -> None:
            self.bits(1, 1)
            free()

        self.branches([f"if {low} <= {size} <= {high}:", "else:"], [inside, lambda: self.rare(outside)])

    def put_bit_string(self, node: Node, v: str, name: str) -> None:
        """Clause 16."""
        low, high = bound(node[1]), bound(node[2])
        fixed = low is not None and low == high and not node[3]
        value, size = self.codec.bits_of(self, v, low if fixed else None)

        def free() -> None:
            self.align()
            whole, width = self.variable(), self.variable()
            self.out.add(f"{whole}, {width} = bit_string_bits({value}, {size})")
            self.more_bits(whole, width)

        def root() -> None:
            if low is None or high is None or high >= 65536:
                free()
            elif low == high:
                if low > 16:
                    self.align()
                self.bits(value, low)
            else:
                self.whole_number(size, low, high)
                self.align()
                self.more_bits(value, size)

        self.out.add(f"if {value} >> {size}: raise out_of_bounds({value}, 0, {size})")
        self.sized((low, high, node[3]), size, root, free)

    def octets(self, v: str, count: int, small: int = 2) -> None:
        """So many octets, aligned if there are more than `small`."""
        if self.codec.aligned and count > small:
            self.align()
        if self.codec.aligned and not self.to.dynamic and not self.to.total & 7:
            self.write()
            self.out.add(f"o += {v}")
        elif count:
            self.bits(f"number({v})", 8 * count)

    def free_octets(self, v: str) -> None:
        """Octets with their length determinant."""
        if not self.codec.aligned:
            value, size = self.variable(), self.variable()
            self.out.add(f"{value}, {size} = length_bits({v})")
            self.more_bits(value, size)
            return
        self.align()
        value = self.assign(v)
        self.out.add(f"n = len({value})")
        self.out.add("if n < 128:")
        self.out.add(f"    o.append(n); o += {value}")
        self.out.add("else:")
        self.out.add(f"    put_octets(o, {value})")

    def counted_octets(self, v: str, size: str, low: int, high: int) -> None:
        """Octets after their number, which is constrained."""
        self.whole_number(size, low, high)
        self.align()
        if self.codec.aligned:
            self.out.add(f"o += {v}")
        else:
            self.more_bits(f"number({v})", f"8 * {size}")

    def put_octet_string(self, node: Node, v: str, name: str) -> None:
        """Clause 17."""
        low, high = bound(node[1]), bound(node[2])
        v = self.codec.octets_from(self, name, v, low)
        self.put_sized_octets(v, low, high, node[3])

    def put_sized_octets(self, v: str, low: int | None, high: int | None, extensible: object) -> None:
        """Octets (or characters of an octet each) whose number is constrained, or not."""

        def free() -> None:
            self.free_octets(v)

        def root() -> None:
            if low is None or high is None or high >= 65536:
                free()
            elif low == high:
                self.octets(v, low)
            else:
                self.counted_octets(v, size, low, high)

        size = self.assign(f"len({v})")
        self.sized((low, high, extensible), size, root, free)

    def put_string(self, node: Node, v: str, name: str) -> None:
        """Clause 30, for characters of an octet each."""
        if node[1] == "UTF8String":
            self.free_octets(f"{v}.encode()")
            return
        octets = self.assign(f"{v}.encode('ascii')")
        self.put_sized_octets(octets, bound(node[2]), bound(node[3]), node[4])

    def put_object_identifier(self, node: Node, v: str, name: str) -> None:
        """Clause 24."""
        self.free_octets(f"object_identifier_octets({v})")

    def put_opaque(self, node: Node, v: str, name: str) -> None:
        """What the grammar leaves out cannot be encoded."""
        self.out.add("raise EncodeError('a type that is not in the grammar file')")

    # Types that hold others.

    def put_sequence(self, node: Node, v: str, name: str) -> None:
        """Clause 19."""
        if not self.codec.generic:
            self.codec.put_record(self, node, v, name)
            return
        self.preamble(node, v)
        for component in nodes_of(node[1]):
            field, kind = str(component[0]), node_of(component[1])

            def body(field: str = field, kind: Node = kind) -> None:
                if kind[0] == "T":
                    self.put_open(kind, f"{v}[{field!r}]", f"{v}[{str(kind[2])!r}]")
                else:
                    self.put(kind, self.assign(f"{v}[{field!r}]"))

            if component[2] == 0:
                body()
                continue
            self.branches([f"if {self.present(component, v)}:", "else:"], [body, lambda: None])
        self.additions(node, v)

    def present(self, component: Node, v: str) -> str:
        """The condition under which an optional component is encoded: a default value is not (canonical)."""
        field = str(component[0])
        if component[2] == 2:
            return f"{v}.get({field!r}, {self.codec.default(component)}) != {self.codec.default(component)}"
        return f"{field!r} in {v}"

    def preamble(self, node: Node, v: str) -> None:
        """The bits of clause 19.2."""
        if node[2] is not None:
            known = self.codec.constant(tuple(name for name, _ in self.codec.addition_names(nodes_of(node[2]))))
            flag = self.assign(f"1 if has_additions({v}, {known}) else 0")
            self.bits(flag, 1)
        for component in nodes_of(node[1]):
            if component[2] != 0:
                self.bits(self.assign(f"1 if {self.present(component, v)} else 0"), 1)

    def additions(self, node: Node, v: str) -> None:
        """The extension additions (clauses 19.7 to 19.9)."""
        if node[2] is None:
            return
        known = self.codec.additions(nodes_of(node[2]), encode=True)
        names = self.codec.constant(tuple(name for name, _ in self.codec.addition_names(nodes_of(node[2]))))

        def body() -> None:
            self.go_dynamic()
            self.out.add(f"a, n = put_additions(o, (a, n), {v}, {self.codec.aligned}, {known})")

        self.branches([f"if has_additions({v}, {names}):", "else:"], [lambda: self.rare(body), lambda: None])

    def put_choice(self, node: Node, v: str, name: str) -> None:
        """Clause 23."""
        index, value = self.codec.choice_of(self, node, v, name)
        if node[2] is None:
            self.alternatives(node, index, value)
            return
        known = self.codec.additions(nodes_of(node[2]), encode=True)

        def root() -> None:
            self.bits(0, 1)
            self.alternatives(node, index, value)

        def extension() -> None:
            self.bits(1, 1)
            content = self.variable()
            self.out.add(f"x, {content} = choice_addition({v}, {known})")
            self.small("x")
            self.align()
            self.free_octets(content)

        self.branches([f"if {index} >= 0:", "else:"], [root, lambda: self.rare(extension)])

    def alternatives(self, node: Node, index: str, value: str) -> None:
        """The index and the alternative."""
        alternatives = nodes_of(node[1])
        count = len(alternatives)
        if count > 1:
            self.out.add(f"if {index} < 0: raise EncodeError('an alternative that is not in the CHOICE')")
        if self.codec.aligned and count > 255:
            self.whole_number(index, 0, count - 1)
        else:
            self.bits(index, (count - 1).bit_length())

        def body(kind: Node) -> Callable[[], None]:
            return lambda: self.put(kind, value)

        conditions = [f"{'el' if place else ''}if {index} == {place}:" for place in range(count)]
        if count > 1:
            conditions[-1] = "else:"
        self.branches(conditions, [body(node_of(kind)) for _, kind in alternatives])

    def put_sequence_of(self, node: Node, v: str, name: str) -> None:
        """Clause 20."""
        low, high = bound(node[2]), bound(node[3])

        def free() -> None:
            self.align()
            self.more_bits_of_length(size)
            self.items(node_of(node[1]), v)

        def root() -> None:
            if low is None or high is None or high >= 65536:
                free()
                return
            self.whole_number(size, low, high)
            self.items(node_of(node[1]), v)

        size = self.assign(f"len({v})")
        self.sized((low, high, node[4]), size, root, free)

    def more_bits_of_length(self, size: str) -> None:
        """A length determinant of so many items."""
        self.out.add(f"if {size} > 16383: raise EncodeError('a list of more than 16383 items')")
        if self.codec.aligned:
            self.out.add(f"put_length(o, {size})")
            return
        self.more_bits(f"({size} if {size} < 128 else 32768 | {size})", f"(8 if {size} < 128 else 16)")

    def items(self, kind: Node, v: str) -> None:
        """The loop; each turn starts in the state in which the last left off."""
        self.settle()
        start, outer, count = self.to, self.out, self.count
        for dynamic in (start.dynamic, True):
            self.to, self.out, self.count = start.copy(), Lines(outer.depth), count
            if dynamic:
                self.go_dynamic()
            entry, before = self.to.copy(), self.out
            self.out = Lines(outer.depth + 1)
            item = self.variable()
            self.put(kind, item)
            self.settle()
            if dynamic:
                self.go_dynamic()
            if self.to.dynamic == entry.dynamic and self.to.total == entry.total:
                break
        if dynamic:
            self.out.add("if n > 4096: w = n & 7; o += (a >> w).to_bytes(n >> 3); a &= (1 << w) - 1; n = w")
        outer.lines += before.lines
        outer.add(f"for {item} in {v}:")
        outer.lines += self.out.lines or ["    " * (outer.depth + 1) + "pass"]
        self.out = outer

    def put_open(self, node: Node, v: str, key: str) -> None:
        """An open type: the content of the table's type, or octets."""
        table = self.codec.table(str(node[1]), encode=True)
        self.free_octets(f"open_octets({v}, {table}.get({key}))")
