"""Read what a YAML file says as Python types: a dataclass says which keys there are and what each holds, errors say where and what instead."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from rules.errors import FieldError, PackError
from rules.strict_yaml import Key, Written


def mapping_of(file: Written, allowed: tuple[str, ...] | None) -> dict[str, Any]:
    """What the file holds. Raises PackError if that is no mapping, or has other keys than ``allowed`` (None: any)."""
    if not isinstance(file.data, dict):
        raise file.error("应为“键: 值”的形式")
    for key in file.data:
        if allowed is not None and key not in allowed:
            raise file.key_error(f"不认识的键 {key!r}；可用：{', '.join(allowed)}", key)
    return file.data


def build(file: Written, path: Key, made: type[Any], own: Mapping[str, Any], also: tuple[str, ...] = ()) -> Any:
    """A dataclass from the keys written for it. A trailing underscore keeps a key such as ``if`` apart from Python's word."""
    fields, hints, renamed = fields_of(made)  # type: ignore[arg-type]
    values = {}
    for key, value in own.items():
        if key not in fields:
            allowed = ", ".join([*sorted(fields), *also])
            raise file.key_error(f"不认识的键 {key!r}；{made.__name__} 的键有：{allowed}", *path, key)
        values[renamed[key]] = read_as(file, (*path, key), value, hints[renamed[key]])
    for key, needed in fields.items():
        if needed and key not in own:
            raise file.error(f"缺少键 {key!r}，{made.__name__} 必须有它", *path)
    return made(**values)


@cache
def fields_of(made: type[Any]) -> tuple[dict[str, bool], dict[str, Any], dict[str, str]]:
    """Of a dataclass: its keys as written with whether they are needed, the type hints, and the field that each key sets."""
    asked = [f for f in dataclasses.fields(made) if f.init]
    written = {name: key for key, name in getattr(made, "WRITTEN", {}).items()}
    renamed = {written.get(f.name, f.name.rstrip("_")): f.name for f in asked}
    missing = dataclasses.MISSING
    needed = {
        key: next(f.default is missing and f.default_factory is missing for f in asked if f.name == renamed[key])
        for key in renamed
    }
    return needed, get_type_hints(made), renamed


def read_as(file: Written, path: Key, value: Any, hint: Any) -> Any:
    """The value as that type, lists as tuples. Raises PackError if it is of another type."""
    return _reader(hint)(file, path, value)


Reader = Callable[[Written, Key, Any], Any]
PLAIN: dict[Any, tuple[tuple[type, ...], str]] = {
    str: ((str,), "文字"),
    bool: ((bool,), "true 或 false"),
    int: ((int,), "整数"),
    float: ((int, Decimal), "数"),
    Decimal: ((int, Decimal), "数"),
    type(None): ((type(None),), "空"),
}


@cache
def _reader(hint: Any) -> Reader:
    origin, args = get_origin(hint), get_args(hint)
    if hint in PLAIN:
        return _plain_reader(hint)
    if origin is Literal:
        return _word_reader({word: word for word in args})
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _word_reader({member.value: member for member in hint})
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
        return _list_reader(args[0], tuple)
    if origin in (frozenset, list) and len(args) == 1:
        return _list_reader(args[0], origin)
    if origin is tuple:
        return _pair_reader(args)
    if origin in (Union, types.UnionType):
        return _union_reader(args)
    if origin in (dict, Mapping) or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return _mapping_reader(args[1] if len(args) == 2 else Any)
    if dataclasses.is_dataclass(hint):
        return _dataclass_reader(hint)
    return lambda file, path, value: value


def _plain_reader(hint: Any) -> Reader:
    allowed, words = PLAIN[hint]

    def read(file: Written, path: Key, value: Any) -> Any:
        if type(value) not in allowed:
            quote = "；如果是文字，请加引号" if hint is str and value not in (None, []) else ""
            raise file.error(f"键 {_name(path)!r} 应为{words}，不是{_said(value)}{quote}", *path)
        return hint(value) if hint in (float, Decimal) else value

    return read


def _word_reader(words: Mapping[Any, Any]) -> Reader:
    def read(file: Written, path: Key, value: Any) -> Any:
        if not isinstance(value, str | int) or value not in words:
            raise file.error(f"键 {_name(path)!r}：{_said(value)} 不在可用值之内：{', '.join(map(str, words))}", *path)
        return words[value]

    return read


def _list_reader(inner: Any, made: Any) -> Reader:
    def read(file: Written, path: Key, value: Any) -> Any:
        if not isinstance(value, list):
            raise file.error(f"键 {_name(path)!r} 应为列表，不是{_said(value)}", *path)
        return made(read_as(file, (*path, index), item, inner) for index, item in enumerate(value))

    return read


def _pair_reader(inner: tuple[Any, ...]) -> Reader:
    def read(file: Written, path: Key, value: Any) -> Any:
        if not isinstance(value, list) or len(value) != len(inner):
            raise file.error(f"键 {_name(path)!r} 应为列表，项数：{len(inner)}", *path)
        return tuple(read_as(file, (*path, index), item, inner[index]) for index, item in enumerate(value))

    return read


def _union_reader(choices: tuple[Any, ...]) -> Reader:
    def read(file: Written, path: Key, value: Any) -> Any:
        refused = []
        for choice in choices:
            try:
                return read_as(file, path, value, choice)
            except PackError as exc:
                refused.append(exc)
        raise refused[0]

    return read


def _mapping_reader(inner: Any) -> Reader:
    def read(file: Written, path: Key, value: Any) -> Any:
        if not isinstance(value, dict):
            raise file.error(f"键 {_name(path)!r} 应为“键: 值”，不是{_said(value)}", *path)
        return {key: read_as(file, (*path, key), item, inner) for key, item in value.items()}

    return read


def _dataclass_reader(made: Any) -> Reader:
    def read(file: Written, path: Key, value: Any) -> Any:
        if not isinstance(value, dict):
            raise file.error(f"键 {_name(path)!r} 应为“键: 值”，不是{_said(value)}", *path)
        try:
            return build(file, path, made, value)
        except FieldError as exc:
            raise file.error(str(exc), *path, *exc.path) from exc

    return read


def _name(path: Key) -> str:
    return ".".join(map(str, path))


def _said(value: Any) -> str:
    if isinstance(value, dict | list):
        return "“键: 值”" if isinstance(value, dict) else "列表"
    return "空" if value is None else repr(str(value)) if not isinstance(value, bool) else str(value).lower()
