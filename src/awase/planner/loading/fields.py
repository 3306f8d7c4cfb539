"""From trees to structs: what each field of a struct takes is read off its type; every problem is kept, none raised."""

import re
import types
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from awase.planner.loading.cells import READERS, UNIT_OF, Refusal, bounds, is_bare_number, word
from awase.planner.loading.trees import Branch, Leaf, Tree, Twigs
from awase.planner.loading.words import COLUMNS, UNITS
from awase.planner.problems import Place, Problems, choose

MISSING: Any = object()
"""What comes of a tree that could not be read: a problem has been noted."""

T = TypeVar("T")

_LIST = re.compile(r"\s*[;|]\s*")
_WORDS = re.compile(r"\s*[;|,/+]\s*")
_DEFAULTS = {Leaf: "a text", Branch: "a mapping", Twigs: "a list"}


class Field(msgspec.Struct):
    """A field of a struct: how it is named in files, what it takes, whether it must be there."""

    name: str
    type: Any
    required: bool


@lru_cache(maxsize=256)
def fields_of(struct: type) -> dict[str, Field]:
    """The fields of a struct, by name."""
    hints = get_type_hints(struct)
    return {
        field.name: Field(field.name, hints[field.name], field.required) for field in msgspec.structs.fields(struct)
    }


@lru_cache(maxsize=256)
def _required(struct: type) -> tuple[Field, ...]:
    return tuple(field for field in fields_of(struct).values() if field.required)


class Converter:
    """Turns trees into values of given types, and remembers cells that it has seen."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self._cells: dict[tuple[Any, str], Any] = {}
        self._seen: dict[tuple[type, str], dict[tuple[str, str, bool], tuple[str, Any]]] = {}
        self._strange: set[tuple[Place, str]] = set()
        self._columns: dict[tuple[type, str, str], tuple[str, float] | None] = {}

    def refuse(self, place: Place, what: str, hint: str = "") -> Any:
        """Note a problem; MISSING."""
        self.problems.add(place, what, hint)
        return MISSING

    def convert(self, tree: Tree, wanted: Any, what: str = "") -> Any:
        """A value of the type `wanted`, or MISSING; `what` says which names of columns hold (words.COLUMNS)."""
        origin = get_origin(wanted)
        if wanted is Any:
            return tree
        if origin is tuple:
            return self._many(tree, get_args(wanted)[0], what)
        if origin in (Union, types.UnionType):
            return self._either(tree, get_args(wanted), what)
        if origin in (dict, Mapping) or (isinstance(origin, type) and issubclass(origin, Mapping)):
            return self._mapping(tree, *get_args(wanted))
        if isinstance(wanted, type) and issubclass(wanted, msgspec.Struct):
            return self._struct(tree, wanted, what)
        return self._cell(tree, wanted)

    def _cell(self, tree: Tree, wanted: Any) -> Any:
        if not isinstance(tree, Leaf):
            return self.refuse(tree.place, f"is {_DEFAULTS[type(tree)]}", "write one value")
        key = (wanted, tree.text)
        value = self._cells.get(key, MISSING)
        if value is MISSING:
            value = _read(tree.text, wanted)
            if not isinstance(value, Refusal):
                self._cells[key] = value
        if isinstance(value, Refusal):
            return self.refuse(tree.place, value.what, value.hint)
        return value

    def _many(self, tree: Tree, wanted: Any, what: str) -> Any:
        if isinstance(tree, Leaf):
            if tree.absent:
                return ()
            splitter = _WORDS if get_origin(wanted) is Literal else _LIST
            texts = [text for text in splitter.split(tree.text) if text]
            items: list[Tree] = [Leaf(text, tree.place) for text in texts]
        else:
            items = tree.items if isinstance(tree, Twigs) else [tree]
        values = [self.convert(item, wanted, what) for item in items]
        return MISSING if any(value is MISSING for value in values) else tuple(values)

    def _either(self, tree: Tree, kinds: tuple[Any, ...], what: str) -> Any:
        if isinstance(tree, Leaf) and tree.absent and type(None) in kinds:
            return None
        rest = [kind for kind in kinds if kind is not type(None)]
        structs = [kind for kind in rest if isinstance(kind, type) and issubclass(kind, msgspec.Struct)]
        if len(rest) == 1:
            return self.convert(tree, rest[0], what)
        if isinstance(tree, Branch) and structs:
            return self._tagged(tree, structs, what)
        for kind in rest:
            if kind not in structs:
                value = _read(tree.text, kind) if isinstance(tree, Leaf) else MISSING
                if not isinstance(value, Refusal) and value is not MISSING:
                    return value
        return self._cell(tree, next(kind for kind in rest if kind not in structs))

    def _tagged(self, tree: Branch, structs: list[Any], what: str) -> Any:
        """One of several structs, told apart by their tag."""
        if len(structs) == 1:
            return self._struct(tree, structs[0], what)
        field = structs[0].__struct_config__.tag_field
        by_tag = {struct.__struct_config__.tag: struct for struct in structs}
        tag = tree.items.get(field)
        if not isinstance(tag, Leaf) or tag.text not in by_tag:
            place = tag.place if tag is not None else tree.place
            said = f"{tag.text!r} is no {field}" if isinstance(tag, Leaf) else f"{field} is missing"
            return self.refuse(place, said, choose(tag.text if isinstance(tag, Leaf) else "", by_tag))
        inner = Branch({key: value for key, value in tree.items.items() if key != field}, tree.place)
        return self._struct(inner, by_tag[tag.text], what)

    def _mapping(self, tree: Tree, key_type: Any, value_type: Any) -> Any:
        if isinstance(tree, Leaf):
            if tree.absent:
                return {}
            pairs: dict[str, Tree] = {}
            for text in _LIST.split(tree.text):
                key, equals, value = text.partition("=")
                if not equals:
                    return self.refuse(tree.place, f"{text!r} is no pair", "write NAME=VALUE;NAME=VALUE")
                pairs[key.strip()] = Leaf(value.strip(), tree.place)
            tree = Branch(pairs, tree.place)
        if not isinstance(tree, Branch):
            return self.refuse(tree.place, "is a list", "write NAME: VALUE")
        found: dict[Any, Any] = {}
        for name, item in tree.items.items():
            key = self._cell(Leaf(name, item.place), key_type)
            value = self.convert(item, value_type)
            if key is MISSING or value is MISSING:
                return MISSING
            found[key] = value
        return found

    def _struct(self, tree: Tree, struct: type, what: str) -> Any:
        if not isinstance(tree, Branch):
            names = ", ".join(fields_of(struct))
            return self.refuse(tree.place, f"is {_DEFAULTS[type(tree)]}", f"write a mapping of: {names}")
        values: dict[str, Any] = {}
        nested: dict[str, Branch] = {}
        seen = self._seen.setdefault((struct, what), {})
        for column, item in tree.items.items():
            if type(item) is not Leaf:
                self._fill(values, nested, (column, item), struct, what)
                continue
            # A column's texts are mostly few: what came of one before comes of it again.
            known = seen.get((column, item.text, item.absent))
            if known is not None and known[0] not in values:
                values[known[0]] = known[1]
                continue
            name = self._fill(values, nested, (column, item), struct, what)
            if name and values[name] is not MISSING:
                seen[column, item.text, item.absent] = (name, values[name])
        for name, branch in nested.items():
            values[name] = self.convert(branch, fields_of(struct)[name].type)
        for field in _required(struct):
            if field.name not in values:
                values[field.name] = self._missing(tree, field)
        return MISSING if any(value is MISSING for value in values.values()) else struct(**values)

    def _fill(
        self, values: dict[str, Any], nested: dict[str, Branch], cell: tuple[str, Tree], struct: type, what: str
    ) -> str:
        """Put one cell where it belongs; the name of the field that it filled, "" if none."""
        column, item = cell
        target = self.column(struct, column, what)
        is_absent = isinstance(item, Leaf) and item.absent
        if column.startswith("x_") or (is_absent and target):
            return ""
        if target is None:
            inner = _nested(column, fields_of(struct))
            if inner is None:
                self._unknown(column, item, struct)
            elif not is_absent:
                nested.setdefault(inner[0], Branch({}, item.place)).items[inner[1]] = item
            return ""
        name, factor = target
        if name in values:
            values[name] = self.refuse(item.place, f"{name} is there twice", f"{column} is the same")
            return name
        value = self.convert(item, fields_of(struct)[name].type, _rows_of(name))
        # A column's unit is for bare numbers; a cell that names its own unit has been converted.
        bare = isinstance(item, Leaf) and is_bare_number(item.text)
        value = value * factor if factor != 1.0 and bare and value is not MISSING else value
        wrong = bounds(name, value) if type(value) in (int, float) else None
        values[name] = value if wrong is None else self.refuse(item.place, wrong.what, wrong.hint)
        return name

    def _unknown(self, column: str, item: Tree, struct: type) -> None:
        """A column that is nothing: of a table it is said once, at the header. The rest of the row counts."""
        place = item.place
        if isinstance(item, Leaf) and item.column:
            place = Place(place.file, 1, column)
        if (place, column) not in self._strange:
            self._strange.add((place, column))
            hints = (choose(_plain(column), fields_of(struct)), "a column named x_ANYTHING is not read")
            self.refuse(place, f"{column} is not known here", "; ".join(text for text in hints if text))

    def _missing(self, tree: Branch, field: Field) -> Any:
        column = tree.place.column or field.name
        return self.refuse(
            Place(tree.place.file, tree.place.row, column), f"{field.name} is missing", _wanted(field.type)
        )

    def column(self, struct: type, column: str, what: str) -> tuple[str, float] | None:
        """The field that a column is, and by what its numbers are multiplied; None if it is none."""
        key = (struct, column, what)
        if key not in self._columns:
            self._columns[key] = _find_column(fields_of(struct), _plain(column), COLUMNS.get(what, {}))
        return self._columns[key]


def _plain(column: str) -> str:
    return re.sub(r"[^0-9a-z]+", "_", column.strip().lower()).strip("_")


def _find_column(fields: dict[str, Field], plain: str, aliases: dict[str, str]) -> tuple[str, float] | None:
    for name in (plain, aliases.get(plain, "")):
        if name in fields:
            return name, 1.0
    stem, _, unit = plain.rpartition("_")
    for name, field in fields.items():
        own = UNIT_OF.get(_bare(field.type))
        if own and unit in UNITS[own] and stem in (name.rpartition("_")[0], *_stems(aliases, name)):
            return name, UNITS[own][unit]
    return None


def _stems(aliases: dict[str, str], name: str) -> list[str]:
    return [alias for alias, target in aliases.items() if target == name]


def _bare(wanted: Any) -> Any:
    """The type without None."""
    if get_origin(wanted) in (Union, types.UnionType):
        return next((kind for kind in get_args(wanted) if kind is not type(None)), wanted)
    return wanted


def _nested(column: str, fields: dict[str, Field]) -> tuple[str, str] | None:
    """A column of a field that is a struct itself: price_low, price.low."""
    plain = column.strip().lower().replace(".", "_").replace(" ", "_")
    for name, field in fields.items():
        inner = _bare(field.type)
        if plain.startswith(f"{name}_") and isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            rest = plain[len(name) + 1 :]
            if rest in fields_of(inner):
                return name, rest
    return None


def _rows_of(name: str) -> str:
    return {"equipment": "equipment"}.get(name, "")


def _read(text: str, wanted: Any) -> Any:
    if get_origin(wanted) is Literal:
        return word(text, get_args(wanted))
    while wanted not in READERS and isinstance(wanted, NewType):
        wanted = wanted.__supertype__
    if wanted is str and not text:
        return Refusal("is empty", "write a text")
    return READERS[wanted](text)


def _wanted(wanted: Any) -> str:
    """A hint: what a missing field takes."""
    kind = _bare(wanted)
    if get_origin(kind) is Literal:
        return f"one of: {', '.join(get_args(kind))}"
    return {"Quarter": "such as 2027Q4", "Date": "such as 2027-12-31", "Currency": "such as GBP"}.get(
        getattr(kind, "__name__", ""), ""
    )
