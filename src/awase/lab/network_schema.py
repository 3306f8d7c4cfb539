"""The JSON schema of the network file: generated from the records it is decoded into."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import msgspec

from awase.model.network import (
    CastEntry,
    Expectation,
    FaultEntry,
    LinkEntry,
    RunSettings,
    SbiSettings,
    TlsEntry,
    TunEntry,
)
from awase.model.part import PartType
from awase.model.reference_points import REFERENCE_POINTS
from awase.model.settings import Dnn, HomeNetworkKey, Slice, Subscriber
from awase.security.authentication import ALGORITHMS
from awase.security.suci import SCHEMES

_NAME = {
    "pattern": r"^[A-Za-z][A-Za-z0-9_-]{0,63}$(?!\n)",
    "description": "a name: a letter, then letters, digits, - or _",
}
_PLMN = {"pattern": r"^[0-9]{3}-[0-9]{2,3}$(?!\n)", "description": 'a PLMN; write MCC-MNC, for example "001-01"'}
_SHARE = {"minimum": 0, "maximum": 1, "description": "a share of all packets, 0 to 1"}
_NOT_NEGATIVE = {"minimum": 0}
_DEVICE = {"type": "string", "pattern": r"^[A-Za-z0-9_.-]{1,15}$(?!\n)", "description": "a device's name"}
_IPV4 = r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}"


def _hexadecimal(*digits: int) -> dict[str, Any]:
    about = f"{' or '.join(map(str, digits))} hexadecimal digits in quotes"
    forms = "|".join(f"[0-9A-Fa-f]{{{count}}}" for count in digits)
    return {"pattern": rf"^({forms})$(?!\n)" if len(digits) > 1 else rf"^{forms}$(?!\n)", "description": about}


_SUPI = {
    "pattern": r"^imsi-[0-9]{6,15}$(?!\n)",
    "description": 'a SUPI; write "imsi-" and 6 to 15 digits, MCC first',
}
FORMS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "Slice": {"sst": {"minimum": 0, "maximum": 255}, "sd": _hexadecimal(6)},
    "Dnn": {
        "pool": {
            "pattern": rf"^{_IPV4}/[0-9]{{1,2}}$(?!\n)",
            "description": "an IPv4 network such as 10.45.0.0/16",
        },
        "gateway": {"pattern": rf"^{_IPV4}$(?!\n)", "description": "an IPv4 address"},
        "mtu_bytes": {"minimum": 576, "maximum": 65535},
    },
    "Subscriber": {
        "supi": _SUPI,
        "k": _hexadecimal(32, 64),
        "opc": _hexadecimal(32),
        "op": _hexadecimal(32),
        "algorithm": {"enum": list(ALGORITHMS)},
        "topc": _hexadecimal(64),
        "top": _hexadecimal(64),
        "amf": _hexadecimal(4),
        "sqn": _hexadecimal(12),
        "authentication_method": {"enum": ["5G_AKA", "EAP_AKA_PRIME"]},
    },
    "Ambr": {"downlink_mbps": {"exclusiveMinimum": 0}, "uplink_mbps": {"exclusiveMinimum": 0}},
    "HomeNetworkKey": {
        "id": {"minimum": 1, "maximum": 255},
        "scheme": {"enum": list(SCHEMES)},
        "private_key": _hexadecimal(64),
        "public_key": _hexadecimal(64, 66),
    },
    "LinkEntry": {
        "reference_point": {"enum": list(REFERENCE_POINTS)},
        "delay_us": _NOT_NEGATIVE,
        "jitter_us": _NOT_NEGATIVE,
        "loss": _SHARE,
        "duplication": _SHARE,
        "reordering": _SHARE,
        "rate_mbps": {"exclusiveMinimum": 0},
    },
    "FaultEntry": {
        "at_s": _NOT_NEGATIVE,
        "for_s": {"exclusiveMinimum": 0},
        "restart_after_s": _NOT_NEGATIVE,
        "delay_us": _NOT_NEGATIVE,
        "jitter_us": _NOT_NEGATIVE,
        "loss": _SHARE,
        "duplication": _SHARE,
        "reordering": _SHARE,
        "rate_mbps": {"exclusiveMinimum": 0},
        "within_s": {"exclusiveMinimum": 0},
    },
    "CastEntry": {"address": {"pattern": rf"^{_IPV4}$(?!\n)", "description": "an IPv4 address"}},
    "RunSettings": {
        "seed": {"minimum": 0, "maximum": 2**63 - 1},
        "until": {"exclusiveMinimum": 0},
        "limit_s": {"exclusiveMinimum": 0},
        "ues": {"minimum": 1},
        "gnbs": {"minimum": 1},
        "books_at_s": {"items": {"type": "number", "exclusiveMinimum": 0}},
        "epoch": {
            "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$(?!\n)",
            "description": 'a time in UTC such as "2026-01-01T00:00:00Z"',
        },
    },
    "TunEntry": {"name": _DEVICE, "netns": {"pattern": r"^[^/]{1,255}$(?!\n)", "description": "a network namespace"}},
    "Bounds": {"at_least": _NOT_NEGATIVE, "at_most": _NOT_NEGATIVE},
    "Expectation": {"loss_at_most": _SHARE},
}

COMPLETED = frozenset({"addresses", "peers", "app"})
"""What the lab alone puts into a part's configuration."""


def _narrow(prop: dict[str, Any], form: Mapping[str, Any]) -> dict[str, Any]:
    """A property with a form: of alternatives, those that the form can hold for."""
    if "enum" in form:
        return {**{k: v for k, v in prop.items() if k == "default"}, **form}
    kinds = ("string",) if "pattern" in form else ("integer", "number")
    if "anyOf" in prop:
        narrowed = [{**branch, **form} if branch.get("type") in kinds else branch for branch in prop["anyOf"]]
        return {**prop, "anyOf": narrowed}
    return {**prop, **form}


@cache
def components() -> dict[str, Any]:
    """The schemas of the records of a network file, by name."""
    records = [
        Slice,
        Dnn,
        Subscriber,
        HomeNetworkKey,
        LinkEntry,
        FaultEntry,
        RunSettings,
        CastEntry,
        Expectation,
        *(SbiSettings, TlsEntry, TunEntry),
    ]
    _, found = msgspec.json.schema_components(records)
    schemas: dict[str, Any] = {}
    for name, schema in sorted(found.items()):
        forms = FORMS.get(name, {})
        properties = {
            key: _narrow(prop, forms[key]) if key in forms else prop for key, prop in schema["properties"].items()
        }
        schemas[name] = {**schema, "properties": properties}
    return schemas


def _part(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def _list(name: str) -> dict[str, Any]:
    return {"type": "array", "items": _part(name)}


_LISTS = {
    "slices": "Slice", "dnns": "Dnn", "subscribers": "Subscriber", "home_network_keys": "HomeNetworkKey",
    "links": "LinkEntry", "faults": "FaultEntry",
}  # fmt: skip


def document_schema() -> dict[str, Any]:
    """The schema of a network file, but for the sections of its parts, which are their suppliers'."""
    part = {
        "type": "object",
        "properties": {
            "function": {"type": "string"},
            "address": {"type": "string", "pattern": rf"^{_IPV4}$(?!\n)", "description": "an IPv4 address"},
            "addresses": {
                "type": "object",
                "additionalProperties": {
                    "type": "string",
                    "pattern": rf"^{_IPV4}:[0-9]{{1,5}}$(?!\n)",
                    "description": 'an address and a port, such as "10.0.0.1:2152"',
                },
            },
            "restart": {"enum": ["never", "always"]},
            "tls": _part("TlsEntry"),
            "tun": {"anyOf": [{"type": "boolean"}, _DEVICE, _part("TunEntry")]},
        },
        "required": ["function"],
    }
    cast = {"anyOf": [{"type": "string"}, _part("CastEntry")]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A network of Awase",
        "type": "object",
        "properties": {
            "name": {"type": "string", **_NAME},
            "title": {"type": "string"},
            "plmn": {"type": "string", **_PLMN},
            "tac": {"type": "integer", "minimum": 0, "maximum": 0xFFFFFF},
            **{key: _list(record) for key, record in _LISTS.items()},
            "parts": {
                "type": "object",
                "additionalProperties": part,
                "propertyNames": _NAME,
                "minProperties": 1,
            },
            "cast": {"type": "object", "additionalProperties": cast},
            "run": _part("RunSettings"),
            "sbi": _part("SbiSettings"),
            "expect": {"type": "object", "additionalProperties": _part("Expectation")},
        },
        "required": ["name", "parts"],
        "additionalProperties": False,
        "$defs": dict(components()),
    }


def resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A part type's schema with the reference at its root followed."""
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/$defs/"):
        target = schema["$defs"][reference.removeprefix("#/$defs/")]
        return target if isinstance(target, Mapping) else {}
    return schema


def section_schema(part_type: PartType, completed: Iterable[str]) -> dict[str, Any]:
    """The schema of a part's section: nothing is required of what the lab completes."""
    schema = part_type.config_schema
    root = resolved(schema)
    properties = {key: prop for key, prop in root.get("properties", {}).items() if key not in COMPLETED}
    done = {*completed, *COMPLETED}
    required = [key for key in root.get("required", []) if key not in done]
    definitions = {name: _with_forms(name, inner) for name, inner in schema.get("$defs", {}).items()}
    root_keys = ("$ref", "$defs", "properties", "required")
    rest = {key: value for key, value in root.items() if key not in root_keys}
    return {**rest, "properties": properties, "required": required, "$defs": definitions}


def _with_forms(name: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A shared record in a part's schema, if it is ours, with the forms of its fields."""
    ours = components().get(name)
    if ours is not None and set(ours["properties"]) == set(schema.get("properties", {})):
        return dict(ours)
    return schema


def full_schema(part_types: Mapping[str, Iterable[tuple[str, PartType, Iterable[str]]]]) -> dict[str, Any]:
    """With the sections of part types: by function, (supplier, part type, what the lab completes)."""
    schema = document_schema()
    definitions = schema["$defs"]
    base = schema["properties"]["parts"]["additionalProperties"]
    own = base["properties"]
    cases = []
    for function in sorted(part_types):
        references = []
        for supplier, part_type, completed in part_types[function]:
            section = section_schema(part_type, completed)
            prefix = f"{supplier}.{function}"
            definitions[prefix] = _renamed(
                {
                    **{key: value for key, value in section.items() if key != "$defs"},
                    "properties": {**section["properties"], **own, "function": {"const": function}},
                },
                prefix,
            )
            for name, inner in section["$defs"].items():
                definitions[f"{prefix}.{name}"] = _renamed(inner, prefix)
            references.append(_part(prefix))
        condition = {"properties": {"function": {"const": function}}, "required": ["function"]}
        then = references[0] if len(references) == 1 else {"anyOf": references}
        cases.append({"if": condition, "then": then})
    if cases:
        schema["properties"]["parts"]["additionalProperties"] = {**base, "allOf": cases}
        own["function"]["enum"] = sorted(part_types)
    return schema


def _renamed(value: Any, prefix: str) -> Any:
    """A schema whose references point into the definitions of one part type."""
    if isinstance(value, Mapping):
        return {
            key: f"#/$defs/{prefix}.{inner.removeprefix('#/$defs/')}"
            if key == "$ref" and isinstance(inner, str)
            else _renamed(inner, prefix)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_renamed(inner, prefix) for inner in value]
    return value
