"""Compile rule files and packs: YAML in, ``Rule`` and ``Pack`` out. Every error names file, line, key and the allowed words."""

from __future__ import annotations

import dataclasses
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import yaml

from rules.editions import editions
from rules.errors import PackError
from rules.filing import Filing
from rules.kinds import KINDS, Kind
from rules.verdict import Severity, State, Verdict

PACKS = Path(__file__).parent / "packs"
COMMON_KEYS = ("id", "title", "kind", "severity", "editions", "basis", "message", "advice", "notes", "supersedes", "examples")
REQUIRED_KEYS = ("id", "title", "kind", "severity", "basis", "message", "advice", "examples")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, ready to ask.

    message, advice  templates: ``{name}`` is filled from the verdict's facts, nothing else is interpreted.
    supersedes       ids of rules whose findings at or inside the same place say the same fact again.
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
    examples: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)

    def check(self, filing: Filing) -> tuple[Verdict, ...]:
        """One verdict per instance; a single NOT_APPLICABLE if the filing's edition is not the rule's."""
        if filing.edition not in self.editions:
            return (Verdict(State.NOT_APPLICABLE, reason=f"本规则不适用于{filing.edition or '无法判定版本的报告'}"),)
        return tuple(self.kind.check(filing))

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
    head = _load(folder / "pack.yaml")
    rules = (compile_rule(_load(path), path) for path in sorted(folder.glob("*.yaml")) if path.name != "pack.yaml")
    return Pack(head["id"], head["title"], str(head["version"]), {rule.id: rule for rule in rules})


def compile_rule(spec: Mapping[str, Any], where: Path) -> Rule:
    """The rule that the file says. Raises PackError for a missing key, an unknown key, an unknown kind, a wrong type."""
    for key in REQUIRED_KEYS:
        if key not in spec:
            raise PackError(f"{where}: key {key!r} is missing")
    if spec["id"] != where.stem:
        raise PackError(f"{where}: id {spec['id']!r} must be the file's name")
    if spec["kind"] not in KINDS:
        raise PackError(f"{where}: unknown kind {spec['kind']!r}; use one of {', '.join(sorted(KINDS))}")
    kind = KINDS[spec["kind"]]
    own = {key: value for key, value in spec.items() if key not in COMMON_KEYS}
    return Rule(
        id=spec["id"],
        title=spec["title"],
        severity=Severity(spec["severity"]),
        editions=tuple(spec.get("editions", editions())),
        basis=spec["basis"],
        message=spec["message"],
        advice=spec["advice"],
        notes=spec.get("notes", ""),
        kind=_kind(kind, own, where),
        supersedes=tuple(spec.get("supersedes", ())),
        examples=spec["examples"],
    )


def _kind(kind: type[Kind], own: Mapping[str, Any], where: Path) -> Kind:
    """The kind with its fields set. Lists become tuples, so that a rule is frozen to the bottom."""
    hints = get_type_hints(kind)
    fields = {f.name: f for f in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for key in own:
        if key not in fields:
            raise PackError(f"{where}: unknown key {key!r}; kind {kind.__name__} knows {', '.join(sorted(fields))}")
    for name, f in fields.items():
        if name not in own and f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING:
            raise PackError(f"{where}: key {name!r} is missing; kind {kind.__name__} needs it")
    values = {key: _frozen(value, hints[key]) for key, value in own.items()}
    return kind(**values)


def _frozen(value: Any, hint: Any) -> Any:
    if isinstance(value, list) and get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        return tuple(_frozen(item, inner) for item in value)
    return value


def _fill(template: str, facts: Mapping[str, object]) -> str:
    """Fill ``{name}`` from facts. Attribute and index access are refused: a rule file cannot reach Python."""
    parts = []
    for text, name, _, _ in string.Formatter().parse(template):
        parts.append(text)
        if name is not None:
            parts.append(str(facts.get(name, "")))
    return "".join(parts)


def _load(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as exc:
        raise PackError(f"{path}: {exc}") from exc
