"""Writes the functions of a message of an elementary procedure: its fields by IE, in the standard's order."""

from collections.abc import Callable, Sequence
from typing import Protocol

from awase.wire.bits import OtherAlignmentError
from awase.wire.containers import Kind, long_content, merged
from awase.wire.criticality import AbstractSyntaxError, Diagnostics
from awase.wire.errors import DecodeError
from awase.wire.per import Codec, Row
from awase.wire.per_decode import DecoderWriter
from awase.wire.per_encode import EncoderWriter
from awase.wire.per_source import Node, Pending, Place
from awase.wire.per_typed import CRITICALITIES, RawIE

ReadMessage = Callable[[bytes, int, int, Diagnostics | None], object]
WriteMessage = Callable[[object], bytearray]


class Rules(Protocol):
    """What the writer asks of a protocol."""

    codec: Codec
    identifiers: tuple[str, ...]

    def field_of(self, kind: Kind, row: Row) -> str:
        """The field of an IE, "" if the class has none."""

    def misplaced(self, kind: Kind, number: int) -> AbstractSyntaxError:
        """The error for an IE in the wrong order, or there too often."""

    def judge(
        self,
        kind: Kind,
        unknown: Sequence[RawIE],
        missing: Sequence[int],
        identifiers: dict[str, int | None],
        notify: Diagnostics | None,
    ) -> None:
        """Raises if IEs that are not understood, or missing, reject the procedure."""

    def located(self, error: Exception, kind: Kind, number: int, end: int) -> DecodeError:
        """The error, with the IE in which it came up."""


class MessageWriter:
    """Writes the functions of a message: fields by IE, in the standard's order."""

    def __init__(self, protocol: Rules, kind: Kind) -> None:
        self.protocol = protocol
        self.codec = protocol.codec
        self.kind = kind
        self.fields = [(place, row, protocol.field_of(kind, row)) for place, row in enumerate(kind.rows)]
        names = self.codec.names
        names.update(merged=merged, long_content=long_content, RawIE=RawIE, CRITICALITIES=CRITICALITIES)
        names["located"] = protocol.located
        self.prefix = f"{kind.name.replace('-', '_')}_"
        names[self.prefix + "kind"] = kind
        names[self.prefix + "class"] = kind.cls
        names[self.prefix + "order"] = {row.key: place for place, row, _ in self.fields}
        names["misplaced"], names["judge"] = protocol.misplaced, protocol.judge

    def reader(self) -> ReadMessage:
        """A function from (octets, first, end, diagnostics) to the message."""
        usual = self.compiled_reader(safe=False)
        safe: list[ReadMessage] = []

        def read(octets: bytes, first: int, end: int, notify: Diagnostics | None) -> object:
            try:
                return usual(octets, first, end, notify)
            except OtherAlignmentError:
                if not safe:
                    safe.append(self.compiled_reader(safe=True))
                return safe[0](octets, first, end, notify)

        return read

    def is_list(self, row: Row) -> bool:
        """True for an IE whose absence is an empty tuple."""
        node: Node = row.type
        return (self.codec.types[str(node[1])] if node[0] == "R" else node)[0] == "L"

    def compiled_reader(self, *, safe: bool) -> ReadMessage:
        """The generated function; `safe` is for values that are not at the usual alignment."""
        writer = DecoderWriter(self.codec, Place())
        add, prefix = writer.out.add, self.prefix
        for place, row, field in self.fields:
            if field:
                add(f"f{place} = {'()' if self.is_list(row) else None}")
        add("u = None; q = d = -1")
        add("try:")
        add("    n = B[z + 1] << 8 | B[z + 2]; z += 3")
        add("    for _ in range(n):")
        add("        d = B[z] << 8 | B[z + 1]; c = B[z + 2]; e = B[z + 3]")
        add("        if e < 128: b = B; i = j = z + 4; z = e = i + e")
        add("        else: b, i, e, z = open_type(B, z + 3); j = i")
        add("        if z > end: raise IndexError")
        writer.out.depth = 3
        word = "if"
        for place, row, field in self.fields:
            if field:
                add(f"{word} d == {row.key}:")
                add(f"    if q >= {place}: raise misplaced({prefix}kind, d)")
                add(f"    q = {place}")
                writer.out.depth += 1
                self.read_field(writer, row, f"f{place}", safe)
                writer.out.depth -= 1
                word = "elif"
        self.read_unknown(writer, word)
        writer.out.depth = 1
        add("    if z != end and not B[first] & 128: raise DecodeError('octets too many', offset=z)")
        add("except (OtherAlignmentError, AbstractSyntaxError): raise")
        add("except (ValueError, LookupError, OverflowError, RecursionError) as x:")
        add(f"    raise located(x, {prefix}kind, d, end) from None")
        self.check(writer)
        keyword = "".join(f"{field}=f{place}, " for place, _, field in self.fields if field)
        add(f"return {prefix}class({keyword}unknown=() if u is None else tuple(u))")
        self.codec.names["AbstractSyntaxError"] = AbstractSyntaxError
        lines = ["    first = z", *writer.out.lines]
        return self.codec.compile(f"read_{prefix}", "B, z, end, notify", lines)  # type: ignore[return-value]

    def read_field(self, writer: DecoderWriter, row: Row, name: str, safe: bool) -> None:
        """The value of one IE, which fills its content."""
        node: Node = row.type
        if safe:
            whole = self.codec.keep(f"whole {node!r}", lambda: self.codec.decoder_of(node))
            writer.out.add(f"{name} = {whole}(b, j, e)")
            return
        writer.at = Place()
        writer.out.add(f"{name} = {writer.read(node)}")
        writer.flush()
        if writer.at.bit is None:
            writer.out.add("i = p + 7 >> 3")
        elif writer.at.bit:
            writer.out.add("i += 1")
        writer.out.add("if i != e: surplus(j, i, e)")

    def read_unknown(self, writer: DecoderWriter, word: str) -> None:
        """An IE without a field is kept; if the standard has it in this message, its place is checked too."""
        add = writer.out.add
        if word == "elif":
            add("else:")
        else:
            add("if True:")
        add(f"    t = {self.prefix}order.get(d)")
        add("    if t is not None:")
        add(f"        if q >= t: raise misplaced({self.prefix}kind, d)")
        add("        q = t")
        add("    if c > 191: raise DecodeError('a criticality of 3', offset=j)")
        add("    if u is None: u = []")
        add("    u.append(RawIE(id=d, criticality=CRITICALITIES[c >> 6], octets=b[j:e]))")

    def check(self, writer: DecoderWriter) -> None:
        """What is missing or was not understood."""
        add = writer.out.add
        must = [
            (place, row, "not f{}" if self.is_list(row) else "f{} is None")
            for place, row, field in self.fields
            if field and row.presence == "mandatory" and row.criticality != "ignore"
        ]
        absent = [condition.format(place) for place, _, condition in must]
        add(f"if {' or '.join(['u is not None', *absent])}:")
        missing = " + ".join(
            f"([{row.key}] if {condition} else [])" for (_, row, _), condition in zip(must, absent, strict=True)
        )
        known = ", ".join(
            f"{field!r}: f{place}" for place, _, field in self.fields if field in self.protocol.identifiers
        )
        add(f"    judge({self.prefix}kind, u or (), {missing or '()'}, {{{known}}}, notify)")

    def writer(self) -> WriteMessage:
        """A function from the message to its content."""
        usual = self.compiled_writer(safe=False)
        safe: list[WriteMessage] = []

        def write(message: object) -> bytearray:
            try:
                return usual(message)
            except OtherAlignmentError:
                if not safe:
                    safe.append(self.compiled_writer(safe=True))
                return safe[0](message)

        return write

    def compiled_writer(self, *, safe: bool) -> WriteMessage:
        """The generated function; `safe` is for values that are not at the usual alignment."""
        writer = EncoderWriter(self.codec, Pending())
        add = writer.out.add
        add("o = bytearray(3); count = 0")
        for place, row, field in self.fields:
            if field:
                value = f"f{place}"
                add(f"{value} = m.{field}")
                if row.presence == "mandatory" and row.criticality == "reject":
                    absent = f"not {value}" if self.is_list(row) else f"{value} is None"
                    add(f"if {absent}: raise EncodeError({field + ' is missing'!r})")
                add(f"if {value}:" if self.is_list(row) else f"if {value} is not None:")
                writer.out.depth += 1
                self.write_field(writer, row, value, safe)
                writer.out.depth -= 1
        add("o[2] = count")
        add(f"if m.unknown: o = merged(o, m.unknown, {self.prefix}order)")
        add("return o")
        return self.codec.compile(f"write_{self.prefix}", "m", writer.out.lines)  # type: ignore[return-value]

    def write_field(self, writer: EncoderWriter, row: Row, value: str, safe: bool) -> None:
        """One IE: identifier, criticality, length, content."""
        node: Node = row.type
        head = row.key.to_bytes(2) + bytes((CRITICALITIES.index(row.criticality) << 6, 0))
        writer.out.add(f"o += {head!r}; k = len(o); count += 1")
        if safe:
            whole = self.codec.keep(f"whole encode {node!r}", lambda: self.codec.encoder_of(node))
            writer.out.add(f"o += {whole}({value})")
        else:
            writer.to = Pending()
            writer.put(node, value)
            writer.align()
        writer.out.add("w = len(o) - k")
        writer.out.add("if 0 < w < 128: o[k - 1] = w")
        writer.out.add("else: long_content(o, k)")
