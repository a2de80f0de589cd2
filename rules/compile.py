"""Compile rule files and packs: YAML in, ``Rule`` and ``Pack`` out. Every error names file, line, column and the allowed words."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, ClassVar, Literal, cast

from rules.agencies import Body
from rules.editions import editions
from rules.errors import FieldError, PackError, RuleError
from rules.filing import Filing
from rules.kinds import KINDS, Kind
from rules.scoring import Sheet
from rules.strict_yaml import Key, Written, read_yaml
from rules.typed_yaml import build, fields_of, mapping_of, read_as
from rules.verdict import Severity, State, Verdict

PACKS = Path(__file__).parent / "packs"
REQUIRED_KEYS = ("id", "title", "kind", "severity", "basis", "message", "advice", "examples")
OPTIONAL_KEYS = ("editions", "years", "agencies", "default", "waivable", "notes", "supersedes")
COMMON_KEYS = (*REQUIRED_KEYS, *OPTIONAL_KEYS)
PACK_FILE = "pack.yaml"
NEEDED_PACK_KEYS = ("id", "title", "version", "extends")
PACK_KEYS = (*NEEDED_PACK_KEYS, "years", "notes", "overrides", "scoring")
EXAMPLE_KEYS = ("state", "cells", "of", "filing", "message", "messages", "reason", "doubt", "severity", "note")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, ready to ask.

    message, advice  templates: ``{name}`` is filled from the verdict's facts, nothing else is interpreted.
    supersedes       ids of rules whose findings at or inside the same place say the same fact again.
    years            first and last year of report that it is asked about; None for no bound.
    agencies         bodies (government, office, department ...) that it is asked about; empty for all.
    on               False for a rule that a pack must switch on.
    waivable         False where no waiver is possible: what must be taken down at once.
    parameters       the keys of its kind as written, for its page; the kind holds them ready to ask.
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
    waivable: bool = True
    examples: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    parameters: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def check(self, filing: Filing) -> tuple[Verdict, ...]:
        """One verdict per instance; a single one if the rule is not asked of this edition, year or kind of agency."""
        why_not = self.why_not_asked(filing.edition, filing.year.value, filing.agency_kind.body)
        return tuple(self.kind.check(filing)) if why_not is None else (why_not,)

    def why_not_asked(self, edition: str | None, year: int | None, body: Body) -> Verdict | None:
        """None if the rule is asked of such a filing, else the one answer that it gives instead."""
        if not self.on:
            return Verdict(State.NOT_APPLICABLE, reason="本规则默认关闭")
        if edition not in self.editions:
            return Verdict(State.NOT_APPLICABLE, reason=f"本规则不适用于{edition or '无法判定版本的报告'}")
        if self.years != (None, None):
            if year is None:
                return Verdict(State.UNDETERMINED, reason="未能判定报告年度")
            first, last = self.years
            if (first is not None and year < first) or (last is not None and year > last):
                return Verdict(State.NOT_APPLICABLE, reason=f"本规则不适用于{year}年度报告")
        if self.agencies:
            if body is Body.UNKNOWN:
                return Verdict(State.UNDETERMINED, reason="未能从机关名称判定机关类别")
            if body not in self.agencies:
                return Verdict(State.NOT_APPLICABLE, reason="本规则不适用于该类机关")
        return None

    def message_for(self, verdict: Verdict) -> str:
        return _fill(self.message, verdict.facts) if verdict.state is State.BROKEN else ""

    def advice_for(self, verdict: Verdict) -> str:
        return _fill(self.advice, verdict.facts)


@dataclass(frozen=True, slots=True, eq=False)  # told by what it is: what follows from a pack is remembered by it
class Pack:
    """A folder of rules, and of changes to those of the packs that it extends. ``version`` is printed in every audit.

    rules  all of them: inherited ones, as the pack changes them, and its own.
    own    ids of the rules that stand in its own folder; changed: of the inherited ones that it changes, with the reason.
    years  first and last year of report that it is in force for; outside them the packs that it extends speak alone.
    """

    id: str
    title: str
    version: str
    rules: Mapping[str, Rule]
    bases: tuple[Pack, ...] = field(default=(), repr=False)
    own: tuple[str, ...] = ()
    changed: Mapping[str, str] = field(default_factory=dict)
    years: tuple[int | None, int | None] = (None, None)
    scoring: Sheet | None = None

    @property
    def label(self) -> str:
        return " + ".join([f"{self.id} {self.version}", *(base.label for base in self.bases)])

    def in_force(self, year: int | None) -> Pack:
        """This pack, or what it extends if it is not in force for reports of that year (or of no known year)."""
        first, last = self.years
        bounded = self.years != (None, None)
        if not self.bases or not bounded:
            return self
        if year is not None and (first is None or year >= first) and (last is None or year <= last):
            return self
        found = tuple(base.in_force(year) for base in self.bases)
        return found[0] if len(found) == 1 else _together(found)

    def asked(self, filing: Filing) -> tuple[tuple[Rule, Verdict | None], ...]:
        """Every rule, with None if it is asked of this filing, else with the one answer that it gives instead."""
        return _asked(self, filing.edition, filing.year.value, filing.agency_kind.body)


@lru_cache(maxsize=256)  # a batch is of a year or two, and of six kinds of agencies
def _asked(pack: Pack, edition: str | None, year: int | None, body: Body) -> tuple[tuple[Rule, Verdict | None], ...]:
    return tuple((rule, rule.why_not_asked(edition, year, body)) for rule in pack.rules.values())


@cache
def load_pack(folder: Path = PACKS / "national") -> Pack:
    """The pack in that folder, rules in the order of their ids. Raises PackError."""
    return _load(folder, ())


def find_pack(name: str) -> Path:
    """The folder of a pack given by its folder or by the id of one of ours. Raises PackError."""
    for folder in (Path(name), PACKS / name):
        if (folder / PACK_FILE).is_file():
            return folder
    raise PackError(f"这里没有规则包：规则包是含有 {PACK_FILE} 的文件夹；自带的有 {', '.join(shipped())}", name)


def shipped() -> tuple[str, ...]:
    """The ids of our own packs."""
    return tuple(sorted(path.parent.name for path in PACKS.glob(f"*/{PACK_FILE}")))


def _load(folder: Path, inside: tuple[Path, ...]) -> Pack:
    head = read_yaml(folder / PACK_FILE, _shown(folder / PACK_FILE))
    written_head = mapping_of(head, PACK_KEYS)
    for key in NEEDED_PACK_KEYS:
        if key not in written_head:
            raise head.error(f"缺少键 {key!r}")
    spec = {key: read_as(head, (key,), value, PACK_TYPES[key]) for key, value in written_head.items()}
    bases = tuple(_base(head, index, name, (*inside, folder.resolve())) for index, name in enumerate(spec["extends"]))
    inherited = dict(_together(bases).rules) if bases else {}
    own, written = _rules_in(folder)
    for name, file in written.items():
        if name in inherited:
            raise file.error(f"规则 {name!r} 是继承来的，要改请写在 {PACK_FILE} 的 overrides 里", "id")
    rules = dict(sorted((inherited | own).items()))
    for name, override in spec.get("overrides", {}).items():
        if name not in inherited:
            raise head.key_error(f"所扩展的规则包里没有规则 {name!r}", "overrides", name)
        rules[name] = _overridden(head, inherited[name], override)
    for name, file in written.items():
        for index, other in enumerate(own[name].supersedes):
            if other not in rules:
                raise file.error(f"本规则包里没有规则 {other!r}", "supersedes", index)
    sheet = spec.get("scoring")
    for item, line in sheet.items.items() if sheet else ():
        for index, name in enumerate(line.rules):
            if name not in rules:
                raise head.error(f"本规则包里没有规则 {name!r}", "scoring", "items", item, "rules", index)
    return Pack(
        id=spec["id"],
        title=spec["title"],
        version=str(spec["version"]),
        rules=rules,
        bases=bases,
        own=tuple(own),
        changed={name: override.reason for name, override in spec.get("overrides", {}).items()},
        years=(spec["years"].first, spec["years"].last) if "years" in spec else (None, None),
        scoring=sheet,
    )


def _base(head: Written, index: int, name: str, inside: tuple[Path, ...]) -> Pack:
    """The pack that is extended: the folder beside this one, else one of ours."""
    for folder in (inside[-1].parent / name, PACKS / name):
        if (folder / PACK_FILE).is_file():
            if folder.resolve() in inside:
                raise head.error(f"规则包 {name!r} 扩展了自己", "extends", index)
            return _load(folder, inside)
    raise head.error(f"旁边没有规则包 {name!r}，自带的规则包里也没有（自带：{', '.join(shipped())}）", "extends", index)


@lru_cache(maxsize=16)  # asked for every report of a year for which a pack is not in force
def _together(bases: tuple[Pack, ...]) -> Pack:
    """Several packs as one; where two have the same rule, the later one's counts."""
    rules: dict[str, Rule] = {}
    for base in bases:
        rules |= base.rules
    return Pack("+".join(base.id for base in bases), "", "+".join(base.version for base in bases), rules)


def _rules_in(folder: Path) -> tuple[dict[str, Rule], dict[str, Written]]:
    rules = {}
    written = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.name != PACK_FILE:
            file = read_yaml(path, _shown(path))
            rule = compile_rule(file, path.stem)
            rules[rule.id], written[rule.id] = rule, file
    return rules, written


def _overridden(head: Written, rule: Rule, override: Override) -> Rule:
    """The rule with the pack's changes; what is wrong in them is refused where pack.yaml says it."""
    at: Key = ("overrides", rule.id)
    changes: dict[str, Any] = {}
    if override.severity is not None:
        changes["severity"] = override.severity
    if override.default is not None:
        changes["on"] = override.default == "on"
    if override.parameters:
        changes["parameters"] = {**rule.parameters, **override.parameters}
        needed, hints, renamed = fields_of(type(rule.kind))
        values = {}
        for key, value in override.parameters.items():
            if key not in needed:
                raise head.key_error(
                    f"不认识的键 {key!r}；{rule.id} 的键有：{', '.join(sorted(needed))}", *at, "parameters", key
                )
            values[renamed[key]] = read_as(head, (*at, "parameters", key), value, hints[renamed[key]])
        try:
            changes["kind"] = replace(cast(Any, rule.kind), **values)
        except FieldError as exc:
            raise head.error(str(exc), *at, "parameters", *exc.path) from exc
        if not override.examples:
            raise head.error("改了参数（parameters）就要写自己的示例（examples）", *at)
    if override.examples:
        _check_examples(head, override.examples, (*at, "examples"))
        changes["examples"] = override.examples
    return replace(rule, **changes)


@dataclass(frozen=True, slots=True)
class Override:
    """What a pack changes in a rule that it inherits. parameters are keys of the rule's kind; reason is what the docs say."""

    reason: str
    severity: Severity | None = None
    default: Literal["on", "off"] | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    examples: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def compile_rule(file: Written, stem: str) -> Rule:
    """The rule that the file says; ``stem`` is the file's name, which must be the rule's id. Raises PackError."""
    spec = mapping_of(file, None)
    for key in REQUIRED_KEYS:
        if key not in spec:
            raise file.error(f"缺少键 {key!r}；规则必须有：{', '.join(REQUIRED_KEYS)}")
    common = {key: read_as(file, (key,), value, COMMON_TYPES[key]) for key, value in spec.items() if key in COMMON_TYPES}
    if common["kind"] not in KINDS:
        raise file.error(f"不认识的规则类型 kind {spec['kind']!r}；可用：{', '.join(sorted(KINDS))}", "kind")
    if common["id"] != stem:
        raise file.error(f"id {common['id']!r} 应与文件名 {stem!r} 相同", "id")
    parameters = {key: value for key, value in spec.items() if key not in COMMON_KEYS}
    kind = _kind(file, KINDS[common["kind"]], parameters)
    for key in ("message", "advice"):
        _check_template(file, key, common[key], getattr(kind, "gives", None))
    _check_examples(file, common["examples"])
    known = tuple(editions())
    for index, edition in enumerate(common.get("editions", ())):
        if edition not in known:
            raise file.error(f"不认识的格式版本 {edition!r}；可用：{', '.join(known)}", "editions", index)
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
        waivable=common.get("waivable", True),
        examples=common["examples"],
        parameters=parameters,
    )


@dataclass(frozen=True, slots=True)
class Years:
    """Written ``{from: 2021, to: 2023}``; either may be left out."""

    first: int | None = None
    last: int | None = None
    WRITTEN: ClassVar[Mapping[str, str]] = {"from": "first", "to": "last"}


PACK_TYPES: dict[str, Any] = {
    "id": str,
    "title": str,
    "version": str | int | Decimal,
    "extends": tuple[str, ...],
    "years": Years,
    "notes": str,
    "overrides": Mapping[str, Override],
    "scoring": Sheet,
}
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
    "waivable": bool,
    "supersedes": tuple[str, ...],
    "examples": Mapping[str, Mapping[str, Any]],
}


def _shown(path: Path) -> str:
    """The path as an error shows it: from the packs folder on for a pack of ours, else as given."""
    return path.relative_to(PACKS.parent).as_posix() if path.is_relative_to(PACKS) else str(path)


def _kind(file: Written, kind: type[Kind], own: Mapping[str, Any]) -> Kind:
    """The kind with its fields set. Lists become tuples, so that a rule is frozen to the bottom."""
    try:
        made: Kind = build(file, (), kind, own, COMMON_KEYS)
    except PackError:
        raise
    except FieldError as exc:
        raise file.error(str(exc), *exc.path) from exc
    except (RuleError, ValueError, re.error) as exc:  # a kind that refuses a value without saying which
        raise file.error(f"kind {kind.__name__}: {exc}", "kind") from exc
    return made


def _check_examples(file: Written, examples: Mapping[str, Mapping[str, Any]], at: Key = ("examples",)) -> None:
    states = [state.value for state in State]
    for name, example in examples.items():
        for key in example:
            if key not in EXAMPLE_KEYS:
                raise file.key_error(f"不认识的键 {key!r}；示例的键有：{', '.join(EXAMPLE_KEYS)}", *at, name, key)
        if example.get("state") not in states:
            raise file.error(f"示例的 state 应为：{', '.join(states)}", *at, name, "state")
        if ("cells" in example) == ("filing" in example):
            raise file.error("示例里 cells 与 filing 只写一种", *at, name)


def _check_template(file: Written, key: str, template: str, gives: frozenset[str] | None) -> None:
    """Refuse a placeholder that is no plain name, or that the kind never gives (where the kind says what it gives)."""
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as exc:
        raise file.error(f"键 {key!r}：{exc}；要印花括号请写 {{{{", key) from exc
    for _, name, form, conversion in parts:
        if name is None:
            continue
        if not name.isidentifier() or form or conversion:
            raise file.error(f"键 {key!r}：占位符只写 {{name}} 这样的名字", key)
        if gives is not None and name not in gives:
            raise file.error(f"键 {key!r}：没有 {name!r} 这一项；这类规则给出：{', '.join(sorted(gives))}", key)


def _fill(template: str, facts: Mapping[str, object]) -> str:
    """Fill ``{name}`` from facts. Attribute and index access are refused: a rule file cannot reach Python."""
    return "".join([text if name is None else f"{text}{facts.get(name, '')!s}" for text, name in _parts(template)])


@cache  # as many as the rules have messages and advice
def _parts(template: str) -> tuple[tuple[str, str | None], ...]:
    """The template as words, each with the name of the fact that follows them; None after the last."""
    return tuple((text, name) for text, name, _, _ in string.Formatter().parse(template))
