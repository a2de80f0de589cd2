"""Compile rule files and packs: YAML in, ``Rule`` and ``Pack`` out. Every error names file, line, column and the allowed words."""

from __future__ import annotations

import dataclasses
import re
import string
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

from rules.agencies import Body, agency_kind
from rules.editions import editions
from rules.errors import FieldError, PackError, RuleError
from rules.filing import Filing
from rules.kinds import KINDS, Kind
from rules.strict_yaml import Key, Written, read_yaml
from rules.verdict import Severity, State, Verdict

PACKS = Path(__file__).parent / "packs"
REQUIRED_KEYS = ("id", "title", "kind", "severity", "basis", "message", "advice", "examples")
OPTIONAL_KEYS = ("editions", "years", "agencies", "default", "notes", "supersedes")
COMMON_KEYS = (*REQUIRED_KEYS, *OPTIONAL_KEYS)
PACK_KEYS = ("id", "title", "version", "extends")
EXAMPLE_KEYS = ("state", "cells", "of", "filing", "message", "messages", "reason", "doubt", "severity", "note")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, ready to ask.

    message, advice  templates: ``{name}`` is filled from the verdict's facts, nothing else is interpreted.
    supersedes       ids of rules whose findings at or inside the same place say the same fact again.
    years            first and last year of report that it is asked about; None for no bound.
    agencies         bodies (government, office, department ...) that it is asked about; empty for all.
    on               False for a rule that a pack must switch on.
    """

    id: str
    title: str
    severity: Severity
    editions: tuple[str, ...]
    basis: str
    message: str
    advice: str
    notes: str
    kind: Kind
    supersedes: tuple[str, ...] = ()
    years: tuple[int | None, int | None] = (None, None)
    agencies: tuple[Body, ...] = ()
    on: bool = True
    examples: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)

    def check(self, filing: Filing) -> tuple[Verdict, ...]:
        """One verdict per instance; a single one if the rule is not asked of this edition, year or kind of agency."""
        why_not = self.why_not_asked(filing)
        return tuple(self.kind.check(filing)) if why_not is None else (why_not,)

    def why_not_asked(self, filing: Filing) -> Verdict | None:
        """None if the rule is asked of this filing, else the one answer that it gives instead."""
        if not self.on:
            return Verdict(State.NOT_APPLICABLE, reason="本规则默认关闭")
        if filing.edition not in self.editions:
            return Verdict(State.NOT_APPLICABLE, reason=f"本规则不适用于{filing.edition or '无法判定版本的报告'}")
        if self.years != (None, None):
            year = filing.year.value
            if year is None:
                return Verdict(State.UNDETERMINED, reason="未能判定报告年度")
            first, last = self.years
            if (first is not None and year < first) or (last is not None and year > last):
                return Verdict(State.NOT_APPLICABLE, reason=f"本规则不适用于{year}年度报告")
        if self.agencies:
            body = agency_kind(filing.agency.value).body
            if body is Body.UNKNOWN:
                return Verdict(State.UNDETERMINED, reason="未能从机关名称判定机关类别")
            if body not in self.agencies:
                return Verdict(State.NOT_APPLICABLE, reason="本规则不适用于该类机关")
        return None

    def message_for(self, verdict: Verdict) -> str:
        return _fill(self.message, verdict.facts) if verdict.state is State.BROKEN else ""

    def advice_for(self, verdict: Verdict) -> str:
        return _fill(self.advice, verdict.facts)


@dataclass(frozen=True, slots=True)
class Pack:
    """A folder of rules. ``version`` is printed in every audit."""

    id: str
    title: str
    version: str
    rules: Mapping[str, Rule]

    @property
    def label(self) -> str:
        return f"{self.id} {self.version}"


@cache
def load_pack(folder: Path = PACKS / "national") -> Pack:
    """The pack in that folder, rules in the order of their ids. Raises PackError."""
    head = read_yaml(folder / "pack.yaml", _shown(folder / "pack.yaml"))
    for key in PACK_KEYS:
        if key not in _mapping(head, PACK_KEYS):
            raise head.error(f"key {key!r} is missing")
    rules = {}
    written = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.name != "pack.yaml":
            file = read_yaml(path, _shown(path))
            rule = compile_rule(file, path.stem)
            rules[rule.id], written[rule.id] = rule, file
    for rule in rules.values():
        for index, other in enumerate(rule.supersedes):
            if other not in rules:
                raise written[rule.id].error(f"no rule {other!r} in this pack", "supersedes", index)
    return Pack(head.data["id"], head.data["title"], str(head.data["version"]), rules)


def load_rule(path: Path) -> Rule:
    """The rule in that file. Raises PackError."""
    return compile_rule(read_yaml(path, _shown(path)), path.stem)


def compile_rule(file: Written, stem: str) -> Rule:
    """The rule that the file says; ``stem`` is the file's name, which must be the rule's id. Raises PackError."""
    spec = _mapping(file, None)
    for key in REQUIRED_KEYS:
        if key not in spec:
            raise file.error(f"key {key!r} is missing; a rule needs {', '.join(REQUIRED_KEYS)}")
    common = {key: _read(file, (key,), value, COMMON_TYPES[key]) for key, value in spec.items() if key in COMMON_TYPES}
    if common["kind"] not in KINDS:
        raise file.error(f"unknown kind {spec['kind']!r}; use one of {', '.join(sorted(KINDS))}", "kind")
    if common["id"] != stem:
        raise file.error(f"id {common['id']!r} must be the file's name, {stem!r}", "id")
    kind = _kind(file, KINDS[common["kind"]], {key: value for key, value in spec.items() if key not in COMMON_KEYS})
    for key in ("message", "advice"):
        _check_template(file, key, common[key], getattr(kind, "gives", None))
    _check_examples(file, common["examples"])
    known = tuple(editions())
    for index, edition in enumerate(common.get("editions", ())):
        if edition not in known:
            raise file.error(f"unknown edition {edition!r}; use one of {', '.join(known)}", "editions", index)
    years = common.get("years", Years())
    return Rule(
        id=common["id"],
        title=common["title"],
        severity=common["severity"],
        editions=common.get("editions", known),
        basis=common["basis"],
        message=common["message"],
        advice=common["advice"],
        notes=common.get("notes", ""),
        kind=kind,
        supersedes=common.get("supersedes", ()),
        years=(years.first, years.last),
        agencies=common.get("agencies", ()),
        on=common.get("default", "on") == "on",
        examples=common["examples"],
    )


@dataclass(frozen=True, slots=True)
class Years:
    """Written ``{from: 2021, to: 2023}``; either may be left out."""

    first: int | None = None
    last: int | None = None
    WRITTEN: ClassVar[Mapping[str, str]] = {"from": "first", "to": "last"}


COMMON_TYPES: dict[str, Any] = {
    "id": str,
    "title": str,
    "kind": str,
    "severity": Severity,
    "basis": str,
    "message": str,
    "advice": str,
    "notes": str,
    "editions": tuple[str, ...],
    "years": Years,
    "agencies": tuple[Body, ...],
    "default": Literal["on", "off"],
    "supersedes": tuple[str, ...],
    "examples": Mapping[str, Mapping[str, Any]],
}


def _shown(path: Path) -> str:
    """The path as an error shows it: from the packs folder on for a pack of ours, else as given."""
    return path.relative_to(PACKS.parent).as_posix() if path.is_relative_to(PACKS) else str(path)


def _mapping(file: Written, allowed: tuple[str, ...] | None) -> dict[str, Any]:
    if not isinstance(file.data, dict):
        raise file.error("must be a mapping of keys to values")
    for key in file.data:
        if allowed is not None and key not in allowed:
            raise file.key_error(f"unknown key {key!r}; use {', '.join(allowed)}", key)
    return file.data


def _kind(file: Written, kind: type[Kind], own: Mapping[str, Any]) -> Kind:
    """The kind with its fields set. Lists become tuples, so that a rule is frozen to the bottom."""
    try:
        made: Kind = _build(file, (), kind, own, COMMON_KEYS)
    except PackError:
        raise
    except FieldError as exc:
        raise file.error(str(exc), *exc.path) from exc
    except (RuleError, ValueError, re.error) as exc:  # a kind that refuses a value without saying which
        raise file.error(f"kind {kind.__name__}: {exc}", "kind") from exc
    return made


def _build(file: Written, path: Key, made: type[Any], own: Mapping[str, Any], also: tuple[str, ...] = ()) -> Any:
    """A dataclass from the keys written for it. A trailing underscore keeps a key such as ``if`` apart from Python's word."""
    fields, hints, renamed = _fields(made)  # type: ignore[arg-type]
    values = {}
    for key, value in own.items():
        if key not in fields:
            allowed = ", ".join([*sorted(fields), *also])
            raise file.key_error(f"unknown key {key!r}; {made.__name__} knows {allowed}", *path, key)
        values[renamed[key]] = _read(file, (*path, key), value, hints[renamed[key]])
    for key, needed in fields.items():
        if needed and key not in own:
            raise file.error(f"key {key!r} is missing; {made.__name__} needs it", *path)
    return made(**values)


@cache
def _fields(made: type[Any]) -> tuple[dict[str, bool], dict[str, Any], dict[str, str]]:
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


def _read(file: Written, path: Key, value: Any, hint: Any) -> Any:
    """The value as that type, lists as tuples. Raises PackError if it is of another type."""
    return _reader(hint)(file, path, value)


Reader = Callable[[Written, Key, Any], Any]
PLAIN: dict[Any, tuple[tuple[type, ...], str]] = {
    str: ((str,), "text"),
    bool: ((bool,), "true or false"),
    int: ((int,), "a whole number"),
    float: ((int, Decimal), "a number"),
    Decimal: ((int, Decimal), "a number"),
    type(None): ((type(None),), "empty"),
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
            quote = "; put it in quotes if it is meant as text" if hint is str and value not in (None, []) else ""
            raise file.error(f"key {_name(path)!r} must be {words}, not {_said(value)}{quote}", *path)
        return hint(value) if hint in (float, Decimal) else value

    return read


def _word_reader(words: Mapping[Any, Any]) -> Reader:
    def read(file: Written, path: Key, value: Any) -> Any:
        if not isinstance(value, str | int) or value not in words:
            raise file.error(f"key {_name(path)!r}: {_said(value)} is not one of {', '.join(map(str, words))}", *path)
        return words[value]

    return read


def _list_reader(inner: Any, made: Any) -> Reader:
    def read(file: Written, path: Key, value: Any) -> Any:
        if not isinstance(value, list):
            raise file.error(f"key {_name(path)!r} must be a list, not {_said(value)}", *path)
        return made(_read(file, (*path, index), item, inner) for index, item in enumerate(value))

    return read


def _pair_reader(inner: tuple[Any, ...]) -> Reader:
    def read(file: Written, path: Key, value: Any) -> Any:
        if not isinstance(value, list) or len(value) != len(inner):
            raise file.error(f"key {_name(path)!r} must be a list of {len(inner)}", *path)
        return tuple(_read(file, (*path, index), item, inner[index]) for index, item in enumerate(value))

    return read


def _union_reader(choices: tuple[Any, ...]) -> Reader:
    def read(file: Written, path: Key, value: Any) -> Any:
        refused = []
        for choice in choices:
            try:
                return _read(file, path, value, choice)
            except PackError as exc:
                refused.append(exc)
        raise refused[0]

    return read


def _mapping_reader(inner: Any) -> Reader:
    def read(file: Written, path: Key, value: Any) -> Any:
        if not isinstance(value, dict):
            raise file.error(f"key {_name(path)!r} must be a mapping, not {_said(value)}", *path)
        return {key: _read(file, (*path, key), item, inner) for key, item in value.items()}

    return read


def _dataclass_reader(made: Any) -> Reader:
    def read(file: Written, path: Key, value: Any) -> Any:
        if not isinstance(value, dict):
            raise file.error(f"key {_name(path)!r} must be a mapping, not {_said(value)}", *path)
        try:
            return _build(file, path, made, value)
        except FieldError as exc:
            raise file.error(str(exc), *path, *exc.path) from exc

    return read


def _name(path: Key) -> str:
    return ".".join(map(str, path))


def _said(value: Any) -> str:
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return "nothing" if value is None else repr(str(value)) if not isinstance(value, bool) else str(value).lower()


def _check_examples(file: Written, examples: Mapping[str, Mapping[str, Any]]) -> None:
    states = [state.value for state in State]
    for name, example in examples.items():
        for key in example:
            if key not in EXAMPLE_KEYS:
                raise file.key_error(f"unknown key {key!r}; an example knows {', '.join(EXAMPLE_KEYS)}", "examples", name, key)
        if example.get("state") not in states:
            raise file.error(f"an example's state is one of {', '.join(states)}", "examples", name, "state")
        if ("cells" in example) == ("filing" in example):
            raise file.error("an example has either cells or filing", "examples", name)


def _check_template(file: Written, key: str, template: str, gives: frozenset[str] | None) -> None:
    """Refuse a placeholder that is no plain name, or that the kind never gives (where the kind says what it gives)."""
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as exc:
        raise file.error(f"key {key!r}: {exc}; write {{{{ for a bracket", key) from exc
    for _, name, form, conversion in parts:
        if name is None:
            continue
        if not name.isidentifier() or form or conversion:
            raise file.error(f"key {key!r}: a placeholder is a plain {{name}}", key)
        if gives is not None and name not in gives:
            raise file.error(f"key {key!r}: no fact {name!r}; this kind gives {', '.join(sorted(gives))}", key)


def _fill(template: str, facts: Mapping[str, object]) -> str:
    """Fill ``{name}`` from facts. Attribute and index access are refused: a rule file cannot reach Python."""
    parts = []
    for text, name, _, _ in string.Formatter().parse(template):
        parts.append(text)
        if name is not None:
            parts.append(str(facts.get(name, "")))
    return "".join(parts)
