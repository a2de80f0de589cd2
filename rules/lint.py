"""What is worth a second look in a pack that compiles. What is wrong in one is refused by the compiler, with file, line and column."""

from __future__ import annotations

from collections.abc import Iterator

from rules.compile import Pack, Rule
from rules.verdict import State


def remarks(pack: Pack) -> list[str]:
    """One line in Chinese for each, in the order of the rules; only about what the pack itself says, not what it inherits."""
    found = [f"{rule.id}：{remark}" for name in pack.own for rule in [pack.rules[name]] for remark in _about_rule(rule)]
    found += [f"pack.yaml：{remark}" for remark in _about_changes(pack)]
    return found


def _about_rule(rule: Rule) -> Iterator[str]:
    shown = {example["state"] for example in rule.examples.values()}
    for state, words in ((State.HOLDS, "符合"), (State.BROKEN, "不符")):
        if state.value not in shown:
            yield f"没有“{words}”的例子"
    if not rule.notes.strip():
        yield "没有写误报与说明（notes）"
    for key, text in (("basis", rule.basis), ("message", rule.message), ("advice", rule.advice)):
        if not text.strip():
            yield f"{key} 是空的"


def _about_changes(pack: Pack) -> Iterator[str]:
    for name, reason in pack.changed.items():
        rule = pack.rules[name]
        base = next(base.rules[name] for base in reversed(pack.bases) if name in base.rules)
        if not reason.strip():
            yield f"overrides.{name} 没有写理由"
        if (rule.severity, rule.on, rule.kind) == (base.severity, base.on, base.kind):
            yield f"overrides.{name} 没有改变什么"
    if pack.scoring is not None:
        for item, line in pack.scoring.items.items():
            for name in line.rules:
                if not pack.rules[name].on:
                    yield f"scoring.items.{item} 用到关闭的规则 {name}，永远不会扣分"
