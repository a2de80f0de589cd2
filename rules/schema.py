"""JSON Schemas of rule files and of pack.yaml, for editors: made from the very types that the compiler reads by.

Draft 7, which every editor with YAML support knows. ``hecha rules docs`` writes them to docs/rules/; a test keeps them true.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

from rules.compile import COMMON_KEYS, COMMON_TYPES, EXAMPLE_KEYS, NEEDED_PACK_KEYS, PACK_KEYS, PACK_TYPES, REQUIRED_KEYS
from rules.kinds import KINDS
from rules.typed_yaml import fields_of
from rules.verdict import State

Json = dict[str, Any]

DRAFT = "http://json-schema.org/draft-07/schema#"
PLAIN: dict[Any, Json] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    Decimal: {"type": "number"},
    type(None): {"type": "null"},
}


def rule_schema() -> Json:
    """Of a rule file: the keys of every rule, and for each kind its own."""
    common = {key: schema_of(COMMON_TYPES[key]) for key in COMMON_KEYS}
    common["kind"] = {"enum": sorted(KINDS)}
    common["examples"] = {"type": "object", "minProperties": 1, "additionalProperties": _example()}
    of_kind = [
        {"if": {"properties": {"kind": {"const": name}}}, "then": _of_kind(kind)} for name, kind in sorted(KINDS.items())
    ]
    return {
        "$schema": DRAFT,
        "title": "Hecha rule",
        "type": "object",
        "required": list(REQUIRED_KEYS),
        "properties": common,
        "allOf": of_kind,
    }


def pack_schema() -> Json:
    """Of pack.yaml."""
    properties = {key: schema_of(PACK_TYPES[key]) for key in PACK_KEYS}
    override = properties["overrides"]["additionalProperties"]["properties"]
    override["examples"] = {"type": "object", "additionalProperties": _example()}
    return {
        "$schema": DRAFT,
        "title": "Hecha rule pack",
        "type": "object",
        "required": list(NEEDED_PACK_KEYS),
        "properties": properties,
        "additionalProperties": False,
    }


def schema_of(hint: Any) -> Json:
    """What the compiler accepts for a value of that type."""
    origin, args = get_origin(hint), get_args(hint)
    if hint in PLAIN:
        return dict(PLAIN[hint])
    if origin is Literal:
        return {"enum": list(args)}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"enum": [member.value for member in hint]}
    if (origin is tuple and len(args) == 2 and args[1] is Ellipsis) or origin in (frozenset, list):
        return {"type": "array", "items": schema_of(args[0])}
    if origin is tuple:
        return {"type": "array", "items": [schema_of(arg) for arg in args], "minItems": len(args), "maxItems": len(args)}
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(arg) for arg in args]}
    if origin is dict or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return {"type": "object", "additionalProperties": schema_of(args[1])}
    if dataclasses.is_dataclass(hint):
        needed, properties = _keys(hint)
        return {"type": "object", "required": needed, "properties": properties, "additionalProperties": False}
    return {}


def _of_kind(kind: type[Any]) -> Json:
    needed, properties = _keys(kind)
    allowed = dict.fromkeys(COMMON_KEYS, True) | properties
    return {"required": needed, "properties": allowed, "additionalProperties": False}


def _keys(made: Any) -> tuple[list[str], dict[str, Json]]:
    needed, hints, renamed = fields_of(made)
    return [key for key, must in needed.items() if must], {key: schema_of(hints[renamed[key]]) for key in needed}


def _example() -> Json:
    properties: Json = dict.fromkeys(EXAMPLE_KEYS, True)
    properties["state"] = {"enum": [state.value for state in State]}
    return {
        "type": "object",
        "required": ["state"],
        "properties": properties,
        "additionalProperties": False,
        "oneOf": [{"required": ["cells"]}, {"required": ["filing"]}],
    }
