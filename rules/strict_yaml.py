"""Read the YAML of packs and rules strictly, and remember where everything stands.

What YAML allows beyond plain data is refused: tags, anchors, aliases, merge keys, a key written twice, several documents, deep
nesting, huge files. Scalars are read as YAML 1.2's core schema reads them, and more narrowly: ``no``, ``010``, ``12:30``,
``0x10``, ``1e5``, ``2024-02-30`` are text; a number with decimals is a Decimal, so that version 2026.10 stays 2026.10.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from reports_in.system_words import in_words
from rules.errors import PackError

MAX_DEPTH = 20
MAX_NODES = 50_000
MAX_BYTES = 1_000_000
Loader = getattr(
    yaml, "CLoader", yaml.Loader
)  # libyaml's parser where it is built in: ten times faster; only its events are used
WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
WORDS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}  # type: ignore[dict-item]
NUMBER = re.compile(r"[-+]?(?:0|[1-9]\d{0,17})(\.\d{1,18})?", re.ASCII)

Key = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A file as read.

    data    dict, list, str, int, Decimal, bool or None.
    values  where the value at a path begins, keys where its key does: (line, column), both from 1.
    """

    file: str
    data: Any
    values: Mapping[Key, tuple[int, int]]
    keys: Mapping[Key, tuple[int, int]]

    def error(self, message: str, *path: str | int) -> PackError:
        """An error about the value at that path, or about the nearest one around it that is written."""
        return self._error(message, self.values, path)

    def key_error(self, message: str, *path: str | int) -> PackError:
        """An error about the key at the end of that path."""
        return self._error(message, self.keys, path)

    def _error(self, message: str, marks: Mapping[Key, tuple[int, int]], path: Key) -> PackError:
        while path and path not in marks:
            path = path[:-1]
        line, column = marks.get(path) or self.values.get(path, (1, 1))
        return PackError(message, self.file, line, column)


def read_yaml(path: Path, shown_as: str = "") -> Written:
    """The file's data with its places. Raises PackError with file, line and column."""
    file = shown_as or str(path)
    try:
        raw = path.read_bytes()
    except OSError as exc:
        raise PackError(f"读不了：{in_words(exc)}", file) from exc
    if len(raw) > MAX_BYTES:
        raise PackError(f"超过 {MAX_BYTES} 字节；一个规则文件不过一页", file)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise PackError(f"不是 UTF-8 编码（第 {exc.start} 字节）；请另存为 UTF-8", file) from exc
    return parse_yaml(text, file)


def parse_yaml(text: str, file: str = "") -> Written:
    """The text's data with its places. Raises PackError."""
    builder = _Builder(file)
    try:
        events = iter(yaml.parse(text, Loader=Loader))
        data = builder.document(events)
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (None, None)
        raise PackError(f"不是正确的 YAML: {exc.problem or exc.context}", file, line, column) from exc
    except yaml.YAMLError as exc:
        raise PackError(f"不是正确的 YAML: {' '.join(str(exc).split())}", file) from exc
    except RecursionError as exc:  # the pure Python parser, before our own bound is reached
        raise PackError(f"嵌套超过 {MAX_DEPTH} 层", file) from exc
    return Written(file, data, builder.values, builder.keys)


class _Builder:
    """Builds plain data from parser events, refusing what is not plain."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.values: dict[Key, tuple[int, int]] = {}
        self.keys: dict[Key, tuple[int, int]] = {}
        self.nodes = 0

    def document(self, events: Iterator[Any]) -> Any:
        data: Any = None
        documents = 0
        for event in events:
            kind = type(event)
            if kind is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    raise self.refused("第二个文档；一个文件只写一个", event)
            elif kind in NODES:
                data = self.node(event, events, (), 1)
        return data

    def node(self, event: Any, events: Iterator[Any], path: Key, depth: int) -> Any:
        self.nodes += 1
        mark = event.start_mark
        self.values[path] = (mark.line + 1, mark.column + 1)
        if self.nodes > MAX_NODES:
            raise self.refused(f"超过 {MAX_NODES} 个值", event)
        if depth > MAX_DEPTH:
            raise self.refused(f"嵌套超过 {MAX_DEPTH} 层", event)
        kind = type(event)
        if kind is yaml.AliasEvent:
            raise self.refused(f"别名 *{event.anchor}；请把值直接写出来", event)
        if event.anchor is not None:
            raise self.refused(f"锚点 &{event.anchor}；请在用到的地方把值直接写出来", event)
        if event.tag is not None:
            raise self.refused(f"标签 {event.tag}；值只能是文字、数、列表和“键: 值”", event)
        if kind is yaml.ScalarEvent:
            return _scalar(event.value) if event.implicit[0] else event.value
        if kind is yaml.SequenceStartEvent:
            items: list[Any] = []
            while type(child := next(events)) is not yaml.SequenceEndEvent:
                items.append(self.node(child, events, (*path, len(items)), depth + 1))
            return items
        return self.mapping(events, path, depth)

    def mapping(self, events: Iterator[Any], path: Key, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while type(child := next(events)) is not yaml.MappingEndEvent:
            if type(child) is not yaml.ScalarEvent or child.anchor is not None or child.tag is not None:
                raise self.refused("键不是普通文字", child)
            key = child.value
            if key == "<<" and child.implicit[0]:
                raise self.refused("合并键 <<；请把各键直接写出来", child)
            if key in found:
                raise self.refused(f"键 {key!r} 重复出现", child)
            inner = (*path, key)
            mark: Any = child.start_mark
            self.keys[inner] = (mark.line + 1, mark.column + 1)
            found[key] = self.node(next(events), events, inner, depth + 1)
        return found

    def refused(self, what: str, event: Any) -> PackError:
        return PackError(f"不接受：{what}", self.file, event.start_mark.line + 1, event.start_mark.column + 1)


NODES = frozenset({yaml.ScalarEvent, yaml.SequenceStartEvent, yaml.MappingStartEvent, yaml.AliasEvent})


def _scalar(text: str) -> Any:
    if text in WORDS:
        return WORDS[text]
    first = text[0]
    if not ("0" <= first <= "9" or first in "+-"):
        return text
    match = NUMBER.fullmatch(text)
    if match is None:
        return text
    return Decimal(text) if match[1] else int(text)
