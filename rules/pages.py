"""The manual of the rules: a page for each, an index, and the schemas for editors; all made from the rule files themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import yaml

from rules.compile import Pack, Rule
from rules.kinds import KINDS
from rules.schema import pack_schema, rule_schema
from rules.verdict import Severity, State

SEVERITIES = {Severity.ERROR: "错误", Severity.WARNING: "警告", Severity.NOTICE: "提示"}
STATES = {
    State.HOLDS: "符合",
    State.BROKEN: "不符",
    State.UNDETERMINED: "无法核验",
    State.NOT_APPLICABLE: "不适用",
}
EDITIONS = {"E2019": "2019版格式（2019、2020年度）", "E2021": "2021版格式（2021年度起）"}
LONGEST = 160  # characters of a line of an example: a sample text of a thousand characters teaches nothing more
KIND_NAMES = {made: name for name, made in KINDS.items()}


def pages(pack: Pack) -> dict[str, str]:
    """File name -> text, of everything that ``hecha rules docs`` writes for a pack."""
    found = {f"{rule.id}.md": page(rule, pack) for rule in pack.rules.values()}
    found["README.md"] = index(pack)
    found["rule.schema.json"] = json.dumps(rule_schema(), ensure_ascii=False, indent=1) + "\n"
    found["pack.schema.json"] = json.dumps(pack_schema(), ensure_ascii=False, indent=1) + "\n"
    return found


def index(pack: Pack) -> str:
    """All rules of the pack in one table."""
    lines = [
        f"# {pack.title}（{pack.id} {pack.version}）",
        "",
        f"共 {len(pack.rules)} 条规则。本页和各规则页由 `hecha rules docs` 从规则文件生成，请改规则文件，不要改这里。",
        "怎么改规则、写规则、豁免和评分，见 [编写规则.md](编写规则.md)。",
        "",
        "尚未实现的规则及原因见 [not-implemented.md](not-implemented.md)；编辑器用的 JSON Schema："
        "[rule.schema.json](rule.schema.json)（规则文件）、[pack.schema.json](pack.schema.json)（pack.yaml）。",
        "",
        "| 规则 | 名称 | 程度 | 适用 | 默认 |",
        "|---|---|---|---|---|",
    ]
    for rule in pack.rules.values():
        editions = "两版" if len(rule.editions) == len(EDITIONS) else "、".join(rule.editions)
        state = "开" if rule.on else "关"
        lines.append(f"| [{rule.id}]({rule.id}.md) | {rule.title} | {SEVERITIES[rule.severity]} | {editions} | {state} |")
    return "\n".join(lines) + "\n"


def page(rule: Rule, pack: Pack) -> str:
    """What the rule asks, why, what it says, when it is wrong, and its examples."""
    return "\n".join(_page(rule, pack)) + "\n"


def _page(rule: Rule, pack: Pack) -> Iterator[str]:
    yield f"# {rule.id} {rule.title}"
    yield ""
    yield f"- 程度：{SEVERITIES[rule.severity]}"
    yield f"- 适用：{'；'.join(EDITIONS.get(edition, edition) for edition in rule.editions)}{_years(rule)}"
    if rule.agencies:
        yield f"- 机关类别：{'、'.join(body.value for body in rule.agencies)}"
    yield f"- 默认：{'开启' if rule.on else '关闭，由地方规则包启用'}"
    if not rule.waivable:
        yield "- 不得豁免"
    if rule.id in pack.changed:
        yield f"- 本规则包作了改动：{pack.changed[rule.id]}"
    if rule.supersedes:
        yield f"- 同一处不再报：{'、'.join(f'[{other}]({other}.md)' for other in rule.supersedes)}"
    yield from ("", "## 报什么", "", f"> {rule.message}", "", f"整改建议：{rule.advice}")
    yield from ("", "## 依据", "", rule.basis)
    yield from ("", "## 误报与说明", "", rule.notes or "无。")
    yield from ("", "## 怎么判", "", f"规则类型 `{KIND_NAMES[type(rule.kind)]}`，参数：", "", "```yaml")
    yield from _dumped(rule.parameters)
    yield from ("```", "", "## 例子")
    for name, example in rule.examples.items():
        yield from ("", f"### {name}：{STATES[State(example['state'])]}", "")
        said = [example["message"]] if "message" in example else example.get("messages", [])
        for message in said:
            yield f"> {message}"
        if "reason" in example:
            yield f"原因：{example['reason']}"
        if example.get("doubt"):
            yield "附“人工核对”。"
        body = {key: example[key] for key in ("of", "cells", "filing") if key in example}
        yield from (("",) if said or "reason" in example or example.get("doubt") else ())
        yield from ("```yaml", *_dumped(body), "```")


def _years(rule: Rule) -> str:
    first, last = rule.years
    if first is None and last is None:
        return ""
    return f"；{first or ''}至{last or '今'}年度"


def _dumped(data: Any) -> list[str]:
    text = yaml.dump(_plain(data), allow_unicode=True, sort_keys=False, default_flow_style=None, width=110)
    return [line if len(line) <= LONGEST else f"{line[:LONGEST]}…" for line in text.rstrip().splitlines()]


def _plain(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    return float(data) if isinstance(data, Decimal) else data
