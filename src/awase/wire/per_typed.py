"""What values look like: plain dicts and pairs, or the classes that `Shapes` names."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from awase.wire.bits import BitString, octet_string, put_octets
from awase.wire.errors import DecodeError
from awase.wire.per_source import Node

if TYPE_CHECKING:
    from awase.wire.per_decode import DecoderWriter
    from awase.wire.per_encode import EncoderWriter

Convert = tuple[Callable[..., object], Callable[..., object], type]

CRITICALITIES = ("reject", "ignore", "notify")


class RawIE(Struct, frozen=True, kw_only=True):
    """A protocol IE or extension kept as it came: its identifier, criticality and open type's octets."""

    id: int
    criticality: str
    octets: bytes


class Shapes(Struct, frozen=True, kw_only=True):
    """Which classes stand for which types. BIT STRINGs of fixed size are numbers, others `BitString`."""

    records: Mapping[str, type] = {}
    """SEQUENCEs; fields are the components in snake case (`snake`), absent ones None or ()."""
    fields: Mapping[str, Mapping[str, str]] = {}
    """By class name: fields that are not the snake case of their component."""
    transparent: frozenset[str] = frozenset()
    """SEQUENCEs that are their first component (and extensions that no release defines, which are dropped)."""
    numbers: frozenset[str] = frozenset()
    """OCTET STRINGs of fixed size that are numbers."""
    convert: Mapping[str, Convert] = {}
    """Functions to a value of our own from the value otherwise, and back; and the class of our own."""
    tagged: frozenset[str] = frozenset()
    """CHOICEs given to `convert` as (alternative, value); others are the value of the alternative."""
    inline: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = {}
    """Names whose snake case is not the mechanical one."""


def snake(name: str) -> str:
    """AMF-UE-NGAP-ID is amf_ue_ngap_id, pDUSessionID is pdu_session_id."""
    parts: list[str] = []
    for part in name.split("-"):
        if re.match("[a-z][A-Z]", part):
            part = part[0].upper() + part[1:]
        parts += re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+s?(?![a-z])|\d+[A-Z]*", part)
    return "_".join(part.lower() for part in parts)


def is_raw(node: Node) -> bool:
    """True for {id, criticality, open type}: a field of a container of protocol IEs or extensions."""
    components = node[1]
    return (
        node[0] == "S"
        and isinstance(components, list)
        and len(components) == 3
        and isinstance(components[2], list)
        and isinstance(components[2][1], list)
        and components[2][1][0] == "T"
    )


def is_raw_list(node: Node) -> bool:
    """True for a container of protocol IEs or extensions."""
    return node[0] == "L" and isinstance(node[1], list) and is_raw(node[1])


def read_raw(b: bytes, i: int) -> tuple[RawIE, int]:
    """One protocol IE or extension at octet i; the next octet."""
    found, after = octet_string(b, i + 3)
    if b[i + 2] > 191:
        raise DecodeError("a criticality of 3", offset=i + 2)
    return RawIE(id=b[i] << 8 | b[i + 1], criticality=CRITICALITIES[b[i + 2] >> 6], octets=found), after


def read_raws(b: bytes, i: int, least: int) -> tuple[tuple[RawIE, ...], int]:
    """A container of protocol IEs or extensions at octet i, of `least` or more; the next octet."""
    count = (b[i] << 8 | b[i + 1]) + least
    i += 2
    if count > len(b) - i:
        raise IndexError
    found: list[RawIE] = []
    for _ in range(count):
        raw, i = read_raw(b, i)
        found.append(raw)
    return tuple(found), i


def put_raw(o: bytearray, raw: RawIE) -> None:
    """One protocol IE or extension."""
    o += raw.id.to_bytes(2)
    o.append(CRITICALITIES.index(raw.criticality) << 6)
    put_octets(o, raw.octets)


def put_raws(o: bytearray, raws: tuple[RawIE, ...], least: int) -> None:
    """A container of protocol IEs or extensions."""
    o += (len(raws) - least).to_bytes(2)
    for raw in raws:
        put_raw(o, raw)


class TypedMixin(ABC):
    """How a codec's generated functions read and make values; expressions in, expressions out."""

    shapes: Shapes
    generic: bool
    types: Mapping[str, Node]
    names: dict[str, object]

    @abstractmethod
    def keep(self, key: str, make: Callable[[], object]) -> str:
        """A name for a thing that is made once for a key."""

    @abstractmethod
    def constant(self, value: object) -> str:
        """A name for a value that does not change."""

    # Leaves.

    def converted(self, name: str, expression: str) -> str:
        """The value of a named type, decoded."""
        if name not in self.shapes.convert:
            return expression
        return f"{self.keep(f'to {name}', lambda: self.shapes.convert[name][0])}({expression})"

    def reverted(self, name: str, v: str) -> str:
        """What is to be encoded for the value of a named type."""
        if name not in self.shapes.convert:
            return v
        return f"{self.keep(f'from {name}', lambda: self.shapes.convert[name][1])}({v})"

    def bit_string(self, value: str, size: str, fixed: bool) -> str:
        """A BIT STRING, decoded."""
        if self.generic:
            return f"({value}, {size})"
        return value if fixed else f"BitString({value}, {size})"

    def bits_of(self, writer: "EncoderWriter", v: str, size: int | None) -> tuple[str, str]:
        """Variables for the value and the size of a BIT STRING to be encoded."""
        if not self.generic:
            return (v, str(size)) if size is not None else (writer.assign(f"{v}.value"), writer.assign(f"{v}.length"))
        value, length = writer.variable(), writer.variable()
        writer.out.add(f"{value}, {length} = {v}")
        if size is not None:
            writer.out.add(f"if {length} != {size}: raise out_of_bounds({length}, {size}, {size})")
        return value, length

    def octets_of(self, name: str, expression: str, size: int) -> str:
        """An OCTET STRING of fixed size, decoded."""
        return f"number({expression})" if name in self.shapes.numbers else expression

    def octets_from(self, writer: "EncoderWriter", name: str, v: str, size: int | None) -> str:
        """The octets of an OCTET STRING to be encoded."""
        return writer.assign(f"{v}.to_bytes({size})") if name in self.shapes.numbers else v

    # CHOICE.

    def chosen(self, name: str, field: str, expression: str) -> str:
        """The value of a CHOICE, decoded."""
        return f"({field!r}, {expression})" if self.generic or name in self.shapes.tagged else expression

    def choice_of(self, writer: "EncoderWriter", node: Node, v: str, name: str) -> tuple[str, str]:
        """Variables for the index (-1: not in the root) and the value of a CHOICE to be encoded."""
        alternatives = node[1]
        assert isinstance(alternatives, list)
        if self.generic or name in self.shapes.tagged:
            field, value = writer.variable(), writer.variable()
            writer.out.add(f"{field}, {value} = {v}")
            index = {alternative[0]: place for place, alternative in enumerate(alternatives)}
            return writer.assign(f"{self.constant(index)}.get({field}, -1)"), value
        classes = self.keep(f"classes {name} {node!r}", lambda: self.classes(node, name))
        return writer.assign(f"{classes}.get({v}.__class__, -1)"), v

    def classes(self, node: Node, name: str) -> dict[type, int]:
        """The alternatives of a CHOICE by the class of their value."""
        found: dict[type, int] = {}
        alternatives = node[1]
        assert isinstance(alternatives, list)
        for place, alternative in enumerate(alternatives):
            cls = self.class_of(alternative[1])
            if cls in found:
                raise TypeError(f"two alternatives of {name} are of class {cls.__name__}")
            found[cls] = place
        return found

    def class_of(self, node: Node) -> type:
        """The class of a type's values."""
        if is_raw(node):
            return RawIE
        if node[0] == "R":
            name = str(node[1])
            if name in self.shapes.records:
                return self.shapes.records[name]
            if name in self.shapes.convert:
                return self.shapes.convert[name][2]
            return int if name in self.shapes.numbers else self.class_of(self.types[name])
        if node[0] == "b":
            return int if node[1] == node[2] and not node[3] else BitString
        return {"I": int, "E": str, "o": bytes, "c": str, "L": tuple, "B": bool}[str(node[0])]

    # SEQUENCE.

    def members(self, node: Node, name: str) -> list[tuple[str, "list[object]"]]:
        """The fields of a record with their components; one that the class has no field for has ""."""
        cls = self.shapes.records.get(name)
        if cls is None:
            raise TypeError(f"no class for {name}")
        own = self.shapes.fields.get(cls.__name__, {})
        known = cls.__struct_fields__  # type: ignore[attr-defined]
        found: list[tuple[str, list[object]]] = []
        components = node[1]
        assert isinstance(components, list)
        for component in components:
            field = own.get(component[0]) or self.shapes.renamed.get(component[0]) or snake(component[0])
            if field not in known and component[0] != "iE-Extensions":
                raise TypeError(f"{cls.__name__} has no field {field}")
            found.append((field if field in known else "", component))
        return found

    def read_record(self, writer: "DecoderWriter", node: Node, name: str) -> str:
        """A SEQUENCE, decoded."""
        if is_raw(node):
            writer.align()
            writer.flush()
            raw = writer.variable()
            writer.out.add(f"{raw}, i = read_raw(b, i)")
            return raw
        if name in self.shapes.transparent:
            members = [("first", component) for component in node[1][:1]]  # type: ignore[index]
            members += [("", component) for component in node[1][1:]]  # type: ignore[index]
        else:
            members = self.members(node, name)
        flags, present = writer.preamble(node)
        values: dict[str, str] = {}
        for field, component in members:
            values[field] = self._read_member(writer, component, flags, present)
        writer.additions(node, flags, present, "")
        if name in self.shapes.transparent:
            return values["first"]
        cls = self.keep(f"class {name}", lambda: self.shapes.records[name])
        keyword = ", ".join(f"{field}={value}" for field, value in values.items() if field)
        return f"{cls}({keyword})"

    def _read_member(
        self, writer: "DecoderWriter", component: "list[object]", flags: str, present: dict[str, int]
    ) -> str:
        value = writer.variable()
        kind: Node = component[1]  # type: ignore[assignment]
        resolved = self.types[str(kind[1])] if kind[0] == "R" else kind

        def body() -> None:
            if is_raw_list(resolved):
                writer.align()
                writer.flush()
                writer.out.add(f"{value}, i = read_raws(b, i, {resolved[2]})")
            else:
                writer.out.add(f"{value} = {writer.read(kind)}")

        def absent() -> None:
            if component[2] == 2:
                writer.out.add(f"{value} = {component[3]!r}")
            else:
                writer.out.add(f"{value} = {'()' if resolved[0] == 'L' else None}")

        if component[2] == 0:
            body()
        else:
            writer.branches([f"if {flags} & {present[str(component[0])]}:", "else:"], [body, absent])
        return value

    def put_record(self, writer: "EncoderWriter", node: Node, v: str, name: str) -> None:
        """A SEQUENCE, to be encoded."""
        if is_raw(node):
            writer.align()
            writer.out.add(f"put_raw(o, {v})")
            return
        if name in self.shapes.transparent:
            components: list[list[object]] = node[1]  # type: ignore[assignment]
            members = [("first", components[0]), *(("", component) for component in components[1:])]
            values = {"first": v}
        else:
            members = self.members(node, name)
            values = {field: writer.assign(f"{v}.{field}") for field, _ in members if field}
        if node[2] is not None:
            writer.bits(0, 1)
        for field, component in members:
            if component[2] != 0:
                writer.bits(self._presence(writer, component, values.get(field)), 1)
        for field, component in members:
            self._put_member(writer, component, values.get(field))

    def _condition(self, component: "list[object]", value: str) -> str:
        kind: Node = component[1]  # type: ignore[assignment]
        resolved = self.types[str(kind[1])] if kind[0] == "R" else kind
        if component[2] == 2:
            return f"{value} != {component[3]!r}"
        return value if resolved[0] == "L" else f"{value} is not None"

    def _presence(self, writer: "EncoderWriter", component: "list[object]", value: str | None) -> str:
        if value is None:
            return "0"
        return f"(1 if {self._condition(component, value)} else 0)"

    def _put_member(self, writer: "EncoderWriter", component: "list[object]", value: str | None) -> None:
        if value is None:
            return
        kind: Node = component[1]  # type: ignore[assignment]
        resolved = self.types[str(kind[1])] if kind[0] == "R" else kind

        def body() -> None:
            if is_raw_list(resolved):
                writer.align()
                writer.out.add(f"put_raws(o, {value}, {resolved[2]})")
            else:
                writer.put(kind, value)

        if component[2] == 0:
            writer.out.add(f"if {value} is None: raise EncodeError({component[0]!r} ' is missing')")
            body()
        else:
            writer.branches([f"if {self._condition(component, value)}:", "else:"], [body, lambda: None])
