import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema.validators import Draft202012Validator

from awase.lab.catalogue import installed
from awase.lab.completion import completed_keys
from awase.lab.network_file import load_network
from awase.lab.network_schema import document_schema, section_schema
from awase.lab.schema_fit import fits
from awase.lab.strict_yaml import read

NETWORKS = sorted((Path(__file__).parents[2] / "networks").glob("*.yaml"))
RULES: dict[str, Any] = {
    "text": {"type": "string", "pattern": "^a+$"},
    "number": {"type": "number", "minimum": 1, "exclusiveMaximum": 9},
    "whole": {"type": "integer", "exclusiveMinimum": 0, "maximum": 5},
    "choice": {"enum": ["a", 1, None, False]},
    "list": {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 2},
    "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
    "either": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/named"}]},
    "names": {"type": "object", "propertyNames": {"pattern": "^a"}, "minProperties": 1},
    "others": {"type": "object", "additionalProperties": {"type": "boolean"}, "properties": {"a": {"type": "string"}}},
    "anything": True,
}
SCHEMA: dict[str, Any] = {
    "$defs": {"named": {"type": "object", "required": ["a"], "additionalProperties": False, "properties": {"a": {}}}},
    "type": "object",
    "properties": RULES,
    "additionalProperties": False,
}
SCALARS = st.sampled_from(("a", "aa", "b", "", 0, 1, 2, 5, 9, -1, 1.0, 1.5, 8.9, math.pi, True, False, None))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("a", "b", "ab")), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=2000, deadline=None)
@given(st.sampled_from(sorted(RULES)), VALUES)
def test_what_fits_is_what_the_library_finds_nothing_wrong_with(name: str, value: Any) -> None:
    valid = Draft202012Validator(SCHEMA).is_valid({name: value})
    if fits(SCHEMA, {name: value}):
        assert valid
    elif valid:
        # Left to the library: a whole number that is written as a decimal.
        assert any(type(each) is float and each.is_integer() for each in leaves(value))


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in leaves(inner)]
    return [leaf for inner in value for leaf in leaves(inner)] if isinstance(value, list) else [value]


@pytest.mark.parametrize("file", NETWORKS, ids=lambda file: file.stem)
def test_a_network_that_is_right_needs_no_library(file: Path) -> None:
    assert fits(document_schema(), read(file.read_bytes(), file.name).data)
    for part in load_network(str(file)).network.parts.values():
        part_type = installed().part_type("awase", part.function)
        assert part_type is not None
        assert fits(section_schema(part_type, completed_keys(part_type)), part.section)


@pytest.mark.parametrize(
    ("schema", "data"),
    [
        ({"oneOf": [{}]}, "a"),
        ({"$ref": "#/$defs/absent"}, "a"),
        ({"$ref": "elsewhere.json"}, "a"),
        ({"$defs": {"loop": {"$ref": "#/$defs/loop"}}, "$ref": "#/$defs/loop"}, "a"),
        ({"type": ["string", "null"]}, "a"),
        ({"type": "text"}, "a"),
        ({"pattern": "("}, "a"),
        ({"properties": 3}, {"a": "a"}),
        ({"properties": {"a": 3}}, {"a": "a"}),
    ],
)
def test_nothing_plainly_fits_a_schema_that_is_not_understood(schema: dict[str, Any], data: Any) -> None:
    assert not fits(schema, data)
