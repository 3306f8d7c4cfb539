"""Checks plain data against a JSON schema, and says in words what is wrong, where, and what to write."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from awase.lab.problems import Problems, choose
from awase.lab.schema_fit import fits
from awase.lab.strict_yaml import SECRETS, Document, Path, quoted, show
from awase.lab.units import base_of, quantity, respelled, unit_of

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "keys and values",
    "null": "null",
}


class _Fault(msgspec.Struct, frozen=True):
    """A rule of the schema that a value breaks."""

    rule: str
    limit: Any
    value: Any
    schema: Mapping[str, Any]
    path: Path
    message: str


class SchemaCheck:
    """A schema that data is held against."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema

    def check(self, data: object, at: Path, document: Document, problems: Problems) -> None:
        """Add what is wrong with `data`, which stands at path `at` of the document."""
        if fits(self._schema, data):
            return
        # The library takes time to start, and memory in every process that is forked later: only where it is needed.
        from jsonschema.validators import Draft202012Validator

        for error in Draft202012Validator(self._schema).iter_errors(data):
            for leaf in _leaves(error):
                _explain(_fault(leaf, at), document, problems)


def _fault(error: "ValidationError", at: Path) -> _Fault:
    path = (*at, *error.absolute_path)
    if "propertyNames" in error.absolute_schema_path:
        path = (*path, str(error.instance))
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    rule = str(error.validator)
    return _Fault(rule, error.validator_value, error.instance, schema, path, error.message)


def _leaves(error: "ValidationError") -> Iterator["ValidationError"]:
    """The errors that tell: of alternatives, those of the one that was meant."""
    if error.validator not in ("anyOf", "oneOf") or not error.context:
        yield error
        return
    branches: dict[object, list[ValidationError]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    meant = [
        inner
        for inner in branches.values()
        if not any(e.validator in ("type", "enum") and len(e.path) == 0 for e in inner)
    ]
    if not meant:
        yield error
        return
    for inner in min(meant, key=len):
        yield from _leaves(inner)


def _explain(fault: _Fault, document: Document, problems: Problems) -> None:
    path = fault.path
    if fault.rule in ("additionalProperties", "unevaluatedProperties") and isinstance(fault.value, dict):
        _explain_unknown(fault, document, problems)
        return
    place = document.place(path)
    if fault.rule == "required":
        for name in fault.limit:
            if name not in fault.value:
                about = fault.schema.get("properties", {}).get(name, {}).get("description", "")
                problems.add(place, show(path), f"{name} is missing", str(about))
        return
    what, hint = _value(fault, document)
    problems.add(place, show(path), what, hint)


def _explain_unknown(fault: _Fault, document: Document, problems: Problems) -> None:
    known = sorted(fault.schema.get("properties", {}))
    for key in fault.value:
        if key not in known:
            here = (*fault.path, key)
            hint = unknown_key_hint(key, fault.value[key], known)
            problems.add(document.place(here), show(here), f"unknown key {key}", hint)


def unknown_key_hint(key: str, value: object, known: Sequence[str]) -> str:
    """What to write for a key that is not known."""
    for name in known:
        text = respelled(key, value, name)
        if text is not None:
            return f"the unit is {unit_of(name)}: write {name}: {text}"
    for name in known:
        if base_of(key) == base_of(name):
            return f"write {name}"
    return choose(key, known)


_LIMITS = {
    "minimum": "is below",
    "maximum": "is above",
    "exclusiveMinimum": "is not above",
    "exclusiveMaximum": "is not below",
}


def _value(fault: _Fault, document: Document) -> tuple[str, str]:
    value, schema, rule = fault.value, fault.schema, fault.rule
    key = next((step for step in reversed(fault.path) if isinstance(step, str)), "")
    shown = _show(value, key, document.texts.get(fault.path))
    about = str(schema.get("description", ""))
    if rule in ("type", "anyOf", "oneOf"):
        wanted = _wanted(schema)
        return f"{shown} is not {wanted}", _type_hint(fault, key, document, wanted)
    if rule in ("enum", "const"):
        options = [str(option) for option in schema.get("enum", [fault.limit])]
        return f"{shown} is not known here", choose(str(value), options)
    if rule == "pattern":
        return f"{shown} is not {about or f'of the form {fault.limit}'}", ""
    if rule in _LIMITS:
        return f"{shown} {_LIMITS[rule]} {fault.limit}", about
    if rule in ("minItems", "maxItems", "items"):
        return f"a list of {len(value)}", f"write {_count(schema)}"
    return (f"{shown}: {fault.message}" if key not in SECRETS else "the value does not fit"), about


def _show(value: object, key: str, text: str | None) -> str:
    if key in SECRETS:
        return "the value"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    return text if text is not None else f'"{value}"' if isinstance(value, str) else str(value)


def _wanted(schema: Mapping[str, Any]) -> str:
    """In words, what a schema takes."""
    if "enum" in schema:
        return " or ".join(f'"{option}"' for option in schema["enum"])
    if "$ref" in schema:
        return "keys and values"
    kinds = schema.get("type")
    if kinds is not None:
        names = [kinds] if isinstance(kinds, str) else kinds
        return " or ".join(_TYPES.get(name, name) for name in names if name != "null" or len(names) == 1)
    branches = schema.get("anyOf", schema.get("oneOf", []))
    return " or ".join(_wanted(branch) for branch in branches if branch.get("type") != "null") or "allowed here"


def _type_hint(fault: _Fault, key: str, document: Document, wanted: str) -> str:
    value = fault.value
    if isinstance(value, int | float) and not isinstance(value, bool) and "text" in wanted:
        return f"write {quoted(fault.path, document.texts.get(fault.path, str(value)))}, in quotes"
    if isinstance(value, str) and "number" in wanted:
        text = quantity(value, key)
        unit = unit_of(key)
        if text is not None:
            return f"the unit is {unit}: write {text}" if unit else f"write {text}"
        return f"write a plain number{f' of {unit}' if unit else ''}"
    if "a list" in wanted and not isinstance(value, list):
        return "write [a, b], or one value a line after a dash"
    return ""


def _count(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minItems", 0), schema.get("maxItems")
    return f"{low}" if low == high else f"{low} or more" if high is None else f"{low} to {high}"
