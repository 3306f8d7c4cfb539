"""What a file says before anybody knows what it means: texts with their places, in mappings and lists.

YAML, JSON and CSV all become these. Texts stay as they are written: `no`, `010` and `1:30` are not turned into
anything; what a text means is decided by the field that it fills.
"""

import csv
import io
from typing import Any

import msgspec
import yaml

from awase.planner.problems import Place, Problems

MAX_OCTETS = 256 * 1024 * 1024
MAX_DEPTH = 30


class Leaf(msgspec.Struct, frozen=True, gc=False):
    """A text; `absent` if the file says that there is none. `within` is its own place, or its row's."""

    text: str
    within: Place
    absent: bool = False
    column: str = ""

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.within.file, self.within.row, self.column) if self.column else self.within


class Branch(msgspec.Struct, gc=False):
    """Keys and what stands under them."""

    items: dict[str, "Tree"]
    place: Place


class Twigs(msgspec.Struct, gc=False):
    """A list."""

    items: list["Tree"]
    place: Place


Tree = Leaf | Branch | Twigs


def text_of(octets: bytes, file: str, problems: Problems) -> str | None:
    """A file's text; a byte order mark is left out. None, and a problem, if it is not UTF-8 or too large."""
    if len(octets) > MAX_OCTETS:
        problems.add(Place(file), f"more than {MAX_OCTETS} octets", "split the estate")
        return None
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = octets[: error.start].count(b"\n") + 1
        problems.add(Place(file, row), "an octet that is not UTF-8", "save the file as UTF-8")
        return None


class _Stop(Exception):
    """The rest of the file is not read: a problem has been noted."""


class _Yaml:
    """Turns the events of a YAML file into trees; aliases, keys that are there twice and great depth are refused.

    Events, since a composer follows the file's depth with its own stack, and a hostile file would exhaust it.
    """

    def __init__(self, file: str, problems: Problems) -> None:
        self.file = file
        self.problems = problems
        self.root: Tree | None = None
        self.open: list[Branch | Twigs] = []
        self.keys: list[tuple[str, int] | None] = []

    def stop(self, place: Place, what: str, hint: str) -> None:
        self.problems.add(place, what, hint)
        raise _Stop

    def take(self, event: Any) -> None:
        kind = type(event)
        if kind in (yaml.MappingEndEvent, yaml.SequenceEndEvent):
            self.open.pop()
            self.keys.pop()
            return
        if kind not in (yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent, yaml.AliasEvent):
            if kind is yaml.DocumentStartEvent and self.root is not None:
                self.stop(Place(self.file, event.start_mark.line + 1), "a second document", "one file is one document")
            return
        line = event.start_mark.line + 1
        if kind is yaml.AliasEvent:
            self.stop(Place(self.file, line, self.path()), "an alias", "write the value out where it is used")
        if self.open and isinstance(self.open[-1], Branch) and self.keys[-1] is None:
            self.key(event, line)
            return
        place = Place(self.file, line, self.path())
        if kind is yaml.ScalarEvent:
            is_absent = event.implicit[0] and event.value in ("", "~", "null")
            self.put(Leaf(event.value, place, absent=is_absent))
            return
        if len(self.open) >= MAX_DEPTH:
            self.stop(place, f"more than {MAX_DEPTH} levels deep", "no estate needs that")
        inner: Branch | Twigs = Branch({}, place) if kind is yaml.MappingStartEvent else Twigs([], place)
        self.put(inner)
        self.open.append(inner)
        self.keys.append(None)

    def path(self) -> str:
        """The path of the value that comes next."""
        if not self.open:
            return ""
        frame = self.open[-1]
        if isinstance(frame, Twigs):
            return f"{frame.place.column}[{len(frame.items)}]"
        key = self.keys[-1]
        if key is None:
            return frame.place.column
        return f"{frame.place.column}.{key[0]}" if frame.place.column else key[0]

    def key(self, event: Any, line: int) -> None:
        frame = self.open[-1]
        place = Place(self.file, line, frame.place.column)
        if not isinstance(event, yaml.ScalarEvent) or event.value == "<<":
            self.stop(place, "a key that is no plain text", "write KEY: VALUE")
        if event.value in frame.items:
            self.problems.add(place, f"{event.value} is there twice", "remove one of the two")
        self.keys[-1] = (event.value, line)

    def put(self, tree: Tree) -> None:
        if not self.open:
            self.root = tree
            return
        frame = self.open[-1]
        if isinstance(frame, Twigs):
            frame.items.append(tree)
            return
        key = self.keys[-1]
        assert key is not None, "a value follows its key"
        frame.items.setdefault(key[0], tree)
        self.keys[-1] = None


def read_yaml(octets: bytes, file: str, problems: Problems) -> Tree | None:
    """A YAML or JSON file as a tree; None, and a problem, if it cannot be read at all."""
    text = text_of(octets, file, problems)
    if text is None:
        return None
    reader = _Yaml(file, problems)
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            reader.take(event)
    except _Stop:
        return None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read as YAML")
        problems.add(Place(file, mark.line + 1 if mark else 1), what, "the rest of the file was not read")
        return None
    return reader.root


def read_csv(octets: bytes, file: str, problems: Problems) -> Twigs | None:
    """A CSV file as a list of rows; commas, semicolons or tabs, as its header has them."""
    text = text_of(octets, file, problems)
    if text is None:
        return None
    header_line = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = Twigs([], Place(file, 1))
    header: list[str] = []
    start = 1
    try:
        for cells in reader:
            row, start = start, reader.line_num + 1
            if not header:
                header = _header(cells, Place(file, row), problems)
            elif any(cell.strip() for cell in cells) and not cells[0].startswith("#"):
                rows.items.append(_row(header, cells, Place(file, row), problems))
    except csv.Error as error:
        problems.add(Place(file, start), str(error), "the rest of the file was not read")
    if not header:
        problems.add(Place(file, 1), "there is no header", "write the columns' names in the first row")
    return rows


def _header(cells: list[str], place: Place, problems: Problems) -> list[str]:
    names: list[str] = []
    for number, cell in enumerate(cells, 1):
        name = cell.strip()
        if not name or name in names:
            what = f"column {number} has no name" if not name else f"{name} is there twice"
            problems.add(Place(place.file, place.row, name), what, "name each column once; x_ANYTHING is not read")
            name = f"x_{number}"
        names.append(name)
    return names


def _row(header: list[str], cells: list[str], place: Place, problems: Problems) -> Branch:
    if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
        what = f"{len(cells)} cells, but {len(header)} columns"
        problems.add(place, what, "a cell with a comma in it stands in quotes")
    texts = zip(header, map(str.strip, cells), strict=False)
    return Branch({name: Leaf(text, place, not text, name) for name, text in texts}, place)


def read_geojson(octets: bytes, file: str, problems: Problems) -> Twigs | None:
    """The points of a GeoJSON FeatureCollection (RFC 7946) as rows: properties, `longitude_deg`, `latitude_deg`."""
    tree = read_yaml(octets, file, problems)
    if tree is None:
        return None
    features = tree.items.get("features") if isinstance(tree, Branch) else None
    if not isinstance(features, Twigs):
        problems.add(Place(file, 1), "is no FeatureCollection", 'GeoJSON of sites has "features": [...] (RFC 7946)')
        return None
    rows = Twigs([], features.place)
    for feature in features.items:
        row = _feature(feature, problems)
        if row is not None:
            rows.items.append(row)
    return rows


def _feature(feature: Tree, problems: Problems) -> Branch | None:
    geometry = feature.items.get("geometry") if isinstance(feature, Branch) else None
    where = geometry.items.get("coordinates") if isinstance(geometry, Branch) else None
    kind = geometry.items.get("type") if isinstance(geometry, Branch) else None
    is_point = isinstance(kind, Leaf) and kind.text == "Point" and isinstance(where, Twigs) and len(where.items) >= 2
    if not is_point or not isinstance(feature, Branch) or not isinstance(where, Twigs):
        hint = 'write "geometry": {"type": "Point", "coordinates": [LONGITUDE, LATITUDE]}'
        problems.add(feature.place, "a feature that is no point", hint)
        return None
    row = Branch({}, feature.place)
    properties = feature.items.get("properties")
    if isinstance(properties, Branch):
        row.items.update(properties.items)
    if "id" in feature.items and "id" not in row.items:
        row.items["id"] = feature.items["id"]
    row.items["longitude_deg"], row.items["latitude_deg"] = where.items[:2]
    return row
