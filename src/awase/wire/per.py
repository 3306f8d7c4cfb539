"""Packed Encoding Rules of ASN.1 (ITU-T X.691): a grammar as data, and functions for its types made when first used.

A grammar file (`tools/asn1.py` writes it) holds types as arrays; sizes and ranges are lower bound, upper bound, 1 if
extensible:

    ["R", name] a named type   ["B"] BOOLEAN   ["N"] NULL   ["D"] OBJECT IDENTIFIER
    ["I", low, high, ext] INTEGER   ["E", names, additions or null] ENUMERATED
    ["b", low, high, ext] BIT STRING   ["o", low, high, ext] OCTET STRING   ["c", kind, low, high, ext] strings
    ["S", components, additions or null] SEQUENCE, with components [name, type, 0 | 1 OPTIONAL | 2 DEFAULT, default]
    ["C", alternatives, additions or null] CHOICE   ["L", type, low, high, ext] SEQUENCE OF
    ["T", table, key] an open type whose type a table gives for a sibling   ["X"] left as it comes

Without `Shapes` a value is what pycrate takes for it: SEQUENCE a dict, CHOICE (name, value), BIT STRING (value, bits),
an open type (name of its type, value), unknown additions `_ext_<index>`. With them, it is what they say.
"""

import json
from collections.abc import Callable, Mapping
from typing import cast

import msgspec

from awase.wire import bits, per_support, per_typed
from awase.wire.bits import BitString, OtherAlignmentError
from awase.wire.errors import DecodeError, EncodeError
from awase.wire.per_decode import DecoderWriter
from awase.wire.per_encode import EncoderWriter
from awase.wire.per_source import Function, Node, Pending, Place, node_of, nodes_of
from awase.wire.per_typed import Shapes, TypedMixin

__all__ = ["BitString", "Codec", "Grammar", "Shapes"]


class Row(msgspec.Struct, array_like=True, frozen=True):
    """A row of an information object set."""

    key: int
    criticality: str
    type: list[object]
    presence: str | None = None


class Grammar(msgspec.Struct, frozen=True):
    """A grammar file."""

    origin: str
    types: dict[str, list[object]]
    tables: dict[str, list[Row]]
    constants: dict[str, dict[str, int]]

    @classmethod
    def load(cls, octets: bytes) -> "Grammar":
        """From the octets of the file."""
        return msgspec.json.decode(octets, type=cls)


Decode = Callable[[bytes, int, int], object]
Encode = Callable[[object], bytearray]


def finish(o: bytearray, left: int, count: int) -> bytearray:
    """The octets of a whole encoding, at least one, with the `count` bits that are left (X.691 clause 11.1)."""
    o += (left << (-count & 7)).to_bytes((count + 7) >> 3)
    return o or bytearray(1)


class Codec(TypedMixin):
    """Encoders and decoders for the types of a grammar, made when first used."""

    def __init__(self, grammar: Grammar, *, aligned: bool, shapes: Shapes | None = None) -> None:
        self.grammar = grammar
        self.types: Mapping[str, Node] = grammar.types
        self.aligned = aligned
        self.generic = shapes is None
        self.shapes = shapes or Shapes()
        self.inline = self.shapes.inline
        self.names: dict[str, object] = {
            **vars(bits),
            **vars(per_support),
            **vars(per_typed),
            "EncodeError": EncodeError,
            "DecodeError": DecodeError,
        }
        self.count = 0
        self.functions: dict[tuple[str, str, int | None], Function] = {}
        self.open: set[tuple[str, str, int | None]] = set()
        self.constants: dict[str, str] = {}
        self.decoders: dict[str, Decode] = {}
        self.encoders: dict[str, Encode] = {}

    # Public: a value of a named type, from and to octets.

    def decode(self, name: str, octets: bytes) -> object:
        """The value of a type. Raises DecodeError."""
        try:
            decode = self.decoders.get(name)
            if decode is None:
                decode = self.decoders[name] = self.decoder_of(["R", name])
            return decode(bytes(octets), 0, len(octets))
        except DecodeError:
            raise
        except IndexError:
            raise DecodeError("cut off, or a number out of range", offset=len(octets), path=name) from None
        except (ValueError, OverflowError, RecursionError) as error:
            raise DecodeError(str(error), path=name) from None

    def encode(self, name: str, value: object) -> bytes:
        """The octets of a value of a type. Raises EncodeError."""
        try:
            encode = self.encoders.get(name)
            if encode is None:
                encode = self.encoders[name] = self.encoder_of(["R", name])
            return bytes(encode(value))
        except EncodeError:
            raise
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise EncodeError(f"{name}: {error!r}") from error

    # For the generated functions: whole values, as open types hold them.

    def decoder_of(self, node: Node) -> Decode:
        """A function from (octets, first, end) to a value that fills them."""
        key = str(node)
        if key not in self.decoders:
            self.decoders[key] = self._aligned_decoder(node) if self.aligned else self._unaligned_decoder(node)
        return self.decoders[key]

    def _unaligned_decoder(self, node: Node) -> Decode:
        call, names = self.decoder(*self.resolve(node), None).name, self.names

        def decode(b: bytes, first: int, end: int) -> object:
            value, at = names[call](b, first << 3)  # type: ignore[operator]
            at = at + 7 >> 3
            if at != end:
                bits.surplus(first, at, end)
            return value

        return decode

    def _aligned_decoder(self, node: Node) -> Decode:
        name, kind = self.resolve(node)
        function, names = self.decoder(name, kind, 0), self.names
        usual, leaves = cast(Callable[[bytes, int], tuple[object, int]], names[function.name]), function.exit

        def decode(b: bytes, first: int, end: int) -> object:
            try:
                value, at = usual(b, first)
                at = at + 7 >> 3 if leaves is None else at + 1 if leaves else at
            except OtherAlignmentError:
                other = self.decoder(name, kind, None)
                value, at = names[other.name](b, first << 3)  # type: ignore[operator]
                at = at + 7 >> 3
            if at != end:
                bits.surplus(first, at, end)
            return value

        return decode

    def encoder_of(self, node: Node) -> Encode:
        """A function from a value to its octets, at least one."""
        key = str(node)
        if key not in self.encoders:
            self.encoders[key] = self._aligned_encoder(node) if self.aligned else self._unaligned_encoder(node)
        return self.encoders[key]

    def _unaligned_encoder(self, node: Node) -> Encode:
        call, names = self.encoder(*self.resolve(node), None).name, self.names

        def encode(value: object) -> bytearray:
            o = bytearray()
            return finish(o, *names[call](o, value, 0, 0))  # type: ignore[operator]

        return encode

    def _aligned_encoder(self, node: Node) -> Encode:
        name, kind = self.resolve(node)
        function = self.encoder(name, kind, 0)
        usual = cast(Callable[[bytearray, object], object], self.names[function.name])
        other = self._other_encoder(name, kind)

        def encode(value: object) -> bytearray:
            o = bytearray()
            try:
                left = usual(o, value)
            except OtherAlignmentError:
                return other(value)
            if function.exit is None:
                return finish(o, *cast(tuple[int, int], left))
            return finish(o, cast(int, left), function.exit) if function.exit else (o or bytearray(1))

        return encode

    def _other_encoder(self, name: str, kind: Node) -> Encode:
        def encode(value: object) -> bytearray:
            o = bytearray()
            return finish(o, *self.names[self.encoder(name, kind, None).name](o, value, 0, 0))  # type: ignore[operator]

        return encode

    def resolve(self, node: Node) -> tuple[str, Node]:
        """The name under which the functions of a type are kept, and the type."""
        if node[0] == "R":
            return str(node[1]), ["=", *node]
        return json.dumps(node), node

    # For the writers: functions, and names for what the functions refer to.

    def decoder(self, name: str, node: Node, entry: int | None) -> Function:
        """The decoder of a type that starts at a bit of an octet."""
        return self._function("d", name, node, entry)

    def encoder(self, name: str, node: Node, entry: int | None) -> Function:
        """The encoder of a type that starts at a bit of an octet."""
        return self._function("e", name, node, entry)

    def _function(self, way: str, name: str, node: Node, entry: int | None) -> Function:
        whole = node[0] == "="
        key = (way, name + "=" * whole, entry)
        known = self.functions.get(key)
        if known is not None:
            return known
        if key in self.open:
            return self._function(way, name, node, None)
        self.count += 1
        function = Function(f"{way}{self.count}", entry)
        make = self._write_decoder if way == "d" else self._write_encoder
        body_node = node_of(node[1:]) if whole else node
        if entry is None:
            self.functions[key] = function
            self.names[function.name] = self._later(function, make, name, body_node)
            return function
        self.open.add(key)
        self.names[function.name] = make(function, name, body_node)
        self.open.discard(key)
        self.functions[key] = function
        return function

    def _later(
        self, function: Function, make: Callable[[Function, str, Node], object], name: str, node: Node
    ) -> object:
        """Stands for a function that nobody has called yet."""

        def first(*arguments: object) -> object:
            made = make(function, name, node)
            self.names[function.name] = made
            return made(*arguments)  # type: ignore[operator]

        return first

    def _write_decoder(self, function: Function, name: str, node: Node) -> object:
        writer = DecoderWriter(self, Place(function.entry))
        value = writer.read(node, name)
        result = writer.assign(value) if not value.isidentifier() else value
        if function.entry is None:
            writer.go_dynamic()
        writer.flush()
        function.exit = writer.at.bit
        writer.out.add(f"return {result}, {'p' if function.exit is None else 'i'}")
        return self.compile(function.name, f"b, {'p' if function.entry is None else 'i'}", writer.out.lines)

    def _write_encoder(self, function: Function, name: str, node: Node) -> object:
        entry = function.entry
        writer = EncoderWriter(self, Pending(dynamic=True) if entry is None else EncoderWriter.entry(entry))
        writer.put(node, "v", name)
        writer.settle()
        if entry is None:
            writer.go_dynamic()
        function.exit = None if writer.to.dynamic else writer.to.total
        writer.out.add("return " + ("a, n" if function.exit is None else "a" if function.exit else "None"))
        arguments = "o, v" + (", a, n" if entry is None else ", a" if entry else "")
        return self.compile(function.name, arguments, writer.out.lines)

    def compile(self, name: str, arguments: str, lines: list[str]) -> object:
        """A function from its source."""
        source = "\n".join([f"def {name}({arguments}):", *lines])
        space: dict[str, object] = {}
        exec(compile(source, f"<per {name}>", "exec"), self.names, space)  # noqa: S102 (our own source)
        return space[name]

    def constant(self, value: object) -> str:
        """A name for a value that does not change."""
        key = repr(value)
        if key not in self.constants:
            self.constants[key] = f"c{len(self.constants)}"
            self.names[self.constants[key]] = value
        return self.constants[key]

    def keep(self, key: str, make: Callable[[], object]) -> str:
        """A name for a thing that is made once for a key."""
        if key not in self.constants:
            name = self.constants[key] = f"k{len(self.constants)}"
            self.names[name] = make()
        return self.constants[key]

    def default(self, component: Node) -> str:
        """A name for a DEFAULT value."""
        value = component[3]
        kind = node_of(component[1])
        if kind[0] == "R":
            kind = self.types[str(kind[1])]
        if kind[0] == "o":
            return self.constant(bytes.fromhex(str(value)))
        return self.constant(tuple(value) if isinstance(value, list) else value)

    def addition_names(self, items: list[Node]) -> list[tuple[str, Node]]:
        """The names in the additions, with their types; those of a group too."""
        found: list[tuple[str, Node]] = []
        for item in items:
            if item[0] == "":
                found += [(str(part[0]), part) for part in nodes_of(item[1])]
            else:
                found.append((str(item[0]), item))
        return found

    def additions(self, items: list[Node], *, encode: bool = False) -> str:
        """A name for [(component or "" for a group, function)] or, to encode, [(names, whether a group, function)]."""
        return self.keep(
            f"additions {encode} {json.dumps(items)}", lambda: [self._addition(item, encode) for item in items]
        )

    def _addition(self, item: Node, encode: bool) -> tuple[object, ...]:
        if item[0] == "":
            node: Node = ["S", item[1], None]
            names: tuple[str, ...] = tuple(str(part[0]) for part in nodes_of(item[1]))
        else:
            node, names = node_of(item[1]), (str(item[0]),)
        if encode:
            return names, item[0] == "", per_support.Later(lambda: self.encoder_of(node))
        return ("" if item[0] == "" else names[0]), per_support.Later(lambda: self.decoder_of(node))

    def table(self, name: str, *, encode: bool = False) -> str:
        """A name for {key: [name of the type, function]}."""
        return self.keep(f"table {encode} {name}", lambda: self._table(name, encode))

    def _table(self, name: str, encode: bool) -> dict[int, tuple[str, object]]:
        found: dict[int, tuple[str, object]] = {}
        for row in self.grammar.tables.get(name, ()):
            node: Node = row.type
            found[row.key] = (self.label(node), per_support.Later(self._maker(node, encode)))
        return found

    def _maker(self, node: Node, encode: bool) -> Callable[[], object]:
        return lambda: self.encoder_of(node) if encode else self.decoder_of(node)

    def label(self, node: Node) -> str:
        """What an open type's value calls its type."""
        return str(node[1]) if node[0] == "R" else per_support.LABELS[str(node[0])]
