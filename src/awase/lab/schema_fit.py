"""Whether plain data plainly fits a JSON schema (draft 2020-12), without the library that can say why it does not."""

import re
from collections.abc import Callable, Mapping
from typing import Any

Schema = Mapping[str, Any] | bool

_KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}
_ANNOTATIONS = frozenset({"$defs", "$schema", "default", "description", "title"})


def fits(schema: Schema, data: object) -> bool:
    """False also where it is not plain: a rule or a value that this does not know, or a schema that is none."""
    try:
        return _Fit(schema).fits(schema, data)
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError, re.error):
        return False


class _Fit:
    def __init__(self, schema: Schema) -> None:
        self.definitions = {} if isinstance(schema, bool) else schema.get("$defs", {})

    def fits(self, schema: Schema, data: object) -> bool:
        if isinstance(schema, bool):
            return schema
        rules = dict.fromkeys(_RULES[keyword] for keyword in schema if keyword not in _ANNOTATIONS)
        return all(rule(self, schema, data) for rule in rules)

    def reference(self, schema: Mapping[str, Any], data: object) -> bool:
        path, _, name = schema["$ref"].rpartition("/")
        return path == "#/$defs" and self.fits(self.definitions[name], data)

    def kind(self, schema: Mapping[str, Any], data: object) -> bool:
        return type(data) in _KINDS[schema["type"]]

    def choice(self, schema: Mapping[str, Any], data: object) -> bool:
        return any(type(option) is type(data) and option == data for option in schema["enum"])

    def alternatives(self, schema: Mapping[str, Any], data: object) -> bool:
        return any(self.fits(branch, data) for branch in schema["anyOf"])

    def pattern(self, schema: Mapping[str, Any], data: object) -> bool:
        return not isinstance(data, str) or re.search(schema["pattern"], data) is not None

    def limits(self, schema: Mapping[str, Any], data: object) -> bool:
        if isinstance(data, bool) or not isinstance(data, int | float):
            return True
        return (
            data >= schema.get("minimum", data)
            and data <= schema.get("maximum", data)
            and ("exclusiveMinimum" not in schema or data > schema["exclusiveMinimum"])
            and ("exclusiveMaximum" not in schema or data < schema["exclusiveMaximum"])
        )

    def counts(self, schema: Mapping[str, Any], data: object) -> bool:
        count = len(data) if isinstance(data, list) else 0
        return not isinstance(data, list) or schema.get("minItems", 0) <= count <= schema.get("maxItems", count)

    def items(self, schema: Mapping[str, Any], data: object) -> bool:
        if not isinstance(data, list):
            return True
        first = schema.get("prefixItems", ())
        rest = schema.get("items", True)
        return all(self.fits(each, item) for each, item in zip(first, data, strict=False)) and all(
            self.fits(rest, item) for item in data[len(first) :]
        )

    def members(self, schema: Mapping[str, Any], data: object) -> bool:
        if not isinstance(data, dict):
            return True
        known = schema.get("properties", {})
        others = schema.get("additionalProperties", True)
        names = schema.get("propertyNames", True)
        return (
            len(data) >= schema.get("minProperties", 0)
            and all(name in data for name in schema.get("required", ()))
            and all(
                self.fits(names, name) and self.fits(known.get(name, others), value) for name, value in data.items()
            )
        )


_RULES: dict[str, Callable[[_Fit, Mapping[str, Any], object], bool]] = {
    "$ref": _Fit.reference,
    "type": _Fit.kind,
    "enum": _Fit.choice,
    "anyOf": _Fit.alternatives,
    "pattern": _Fit.pattern,
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _Fit.limits),
    **dict.fromkeys(("minItems", "maxItems"), _Fit.counts),
    **dict.fromkeys(("items", "prefixItems"), _Fit.items),
    **dict.fromkeys(("properties", "additionalProperties", "propertyNames", "required", "minProperties"), _Fit.members),
}
