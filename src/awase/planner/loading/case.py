"""Reads a case: a folder of files, one file, or the name of an example that ships.

A file `sites.csv`, `sites.yaml` or `sites.geojson` holds the section `sites`; any other YAML file may hold several
sections under their names. One CSV file alone is an inventory: a row for each piece of equipment, with its site.
"""

from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import msgspec

from awase.model.calendar import Quarter
from awase.model.rules import Case
from awase.planner.loading.assembling import assemble
from awase.planner.loading.fields import Converter
from awase.planner.loading.importing import from_json, from_junit, is_evidence
from awase.planner.loading.sections import SECTIONS, Sections
from awase.planner.loading.trees import Branch, Tree, Twigs, read_csv, read_geojson, read_yaml
from awase.planner.problems import Place, PlanInputError, Problem, Problems, choose

_READ = (".csv", ".yaml", ".yml", ".geojson", ".json", ".xml")
_NOT_OURS = ("plan.json",)
"""Files that may lie beside an estate and are not read with it."""


def examples() -> dict[str, str]:
    """The examples that ship, and their titles."""
    titles = {}
    for folder in sorted(_shipped().iterdir(), key=lambda one: one.name):
        if folder.is_dir() and (folder / "estate.yaml").is_file():
            text = (folder / "estate.yaml").read_text(encoding="utf-8")
            titles[folder.name] = text.split("\n", 1)[0].lstrip("# ").rstrip()
    return titles


def load_case(name: str, *, as_of: str | None = None, sets: tuple[str, ...] = ()) -> Case:
    """A case, by the path of a file or folder, or an example's name. Raises PlanInputError.

    An example's name is the example, whatever lies here under that name: write `./NAME` for that. `as_of` takes the
    place of the estate's own quarter; `sets` are rule sets besides those it names.
    """
    path = Path(name)
    if name in examples() or (not path.exists() and "/" not in name):
        return read_case(_example(name), as_of=as_of, sets=sets)
    if not path.exists():
        raise PlanInputError([Problem(Place(name), "is not there", "name a file, a folder or an example that ships")])
    files = [path] if path.is_file() else sorted(path.iterdir())
    octets = {one.name: one.read_bytes() for one in files if one.is_file() and (one is path or _is_read(one.name))}
    return read_case(octets, as_of=as_of, sets=sets)


def _is_read(name: str) -> bool:
    return name.endswith(_READ) and name not in _NOT_OURS and not name.startswith(".")


def _shipped() -> Traversable:
    return resources.files("awase.planner") / "examples"


def _example(name: str) -> dict[str, bytes]:
    if name not in examples():
        what = "is neither a file, a folder nor an example that ships"
        raise PlanInputError([Problem(Place(name), what, choose(name, examples()))])
    folder = _shipped() / name
    return {
        one.name: one.read_bytes()
        for one in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if _is_read(one.name)
    }


def read_case(files: Mapping[str, bytes], *, as_of: str | None = None, sets: tuple[str, ...] = ()) -> Case:
    """A case from files' octets by name. Raises PlanInputError with all that is wrong in all of them."""
    problems = Problems()
    sections = Sections(Converter(problems), problems)
    if not files:
        problems.add(Place("."), "there is no CSV, YAML or GeoJSON file", "see `awase plan --help`")
    for file, octets in files.items():
        _take(file, octets, sections, len(files) == 1)
    case = assemble(sections, as_of=Quarter(as_of) if as_of else None, sets=sets)
    problems.check()
    assert case is not None, "without problems there is a case"
    return case


def _take(file: str, octets: bytes, sections: Sections, alone: bool) -> None:
    stem, _, ending = file.rpartition(".")
    problems = sections.problems
    if ending.lower() == "csv":
        rows = read_csv(octets, file, problems)
        if rows is not None:
            section = stem if stem in SECTIONS else "inventory" if alone else ""
            if stem == "estate" and not _is_head(rows):
                section = "inventory"
            _named(section, stem, rows, sections)
        return
    if ending.lower() == "xml" or (ending.lower() == "json" and is_evidence(octets)):
        _import(file, octets, sections)
    elif ending.lower() == "geojson":
        rows = read_geojson(octets, file, problems)
        if rows is not None:
            _named("sites" if alone else stem, stem, rows, sections)
    else:
        _take_sections(file, octets, sections)


def _is_head(rows: Tree) -> bool:
    """Whether estate.csv is what is known of the estate as a whole; many call their inventory so, too."""
    first = rows.items[0] if isinstance(rows, Twigs) and rows.items else None
    return isinstance(first, Branch) and not {"site", "supplier", "vendor"} & {name.lower() for name in first.items}


def _import(file: str, octets: bytes, sections: Sections) -> None:
    """Records of laboratories, as rows of the section `evidence`."""
    read = from_junit if file.lower().endswith(".xml") else from_json
    records = read(octets, file, sections.problems)
    rows = [_told(msgspec.to_builtins(record)) for record in records]
    tree = read_yaml(msgspec.json.encode(rows), file, sections.problems)
    if records and tree is not None:
        sections.take("evidence", tree)


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """What a record says: cells that are empty are left out, as a person would."""
    inner = {key: _told(value) if isinstance(value, dict) else value for key, value in row.items()}
    return {key: value for key, value in inner.items() if value not in ("", None)}


def _take_sections(file: str, octets: bytes, sections: Sections) -> None:
    stem, problems = file.rpartition(".")[0], sections.problems
    tree = read_yaml(octets, file, problems)
    if isinstance(tree, Branch) and "features" in tree.items:
        rows = read_geojson(octets, file, Problems())
        if rows is not None:
            sections.take("sites", rows)
    elif isinstance(tree, Branch) and (stem not in SECTIONS or any(key in SECTIONS for key in tree.items)):
        for key, inner in tree.items.items():
            _named(key, key, inner, sections)
    elif tree is not None:
        _named(stem, stem, tree, sections)


def _named(section: str, said: str, tree: Tree, sections: Sections) -> None:
    if section in SECTIONS:
        sections.take(section, tree)
    elif not said.startswith("x_"):
        sections.problems.add(tree.place, f"{said} is no section", choose(said, SECTIONS))
