"""Build a Filing from the few lines of a rule's own example.

An example says only what differs from a complete, faultless report: all six sections, all cells 0.

``cells``   one group of cells, for rules of kind balance and formula: {new: 12, carried_in: blank}; ``of`` names their column or row
``filing``  edition, year, agency, title, published, preamble, headings, sections, tables, previous:
            headings: [一、总体情况, ...] replaces all headings (and with them which sections are there)
            sections: {problems: [无。], other_matters: absent, litigation: empty}
            tables:   {applications: {all: 0, rows: {new: [2, 0, 0, 0, 0, 0, 2], granted: {natural: blank}, partial: absent},
                       labels: {denied_2: 其他法律法规禁止公开}, headers: {natural: 个人, total: absent},
                       extra: [{label: 小计, cells: [1], after: new, repeats: null, same: false}], order: [...], state: absent, image: true}}
            year_from: body, where the year was read (title, unless said otherwise)
            others: {agency: {title: 临江区水利局}, year: {body: 2022}}, what other places of the report state
            evidence: [{edition: E2019, printed: 本年新制作数量, table: disclosure}], suspect: [applications]
            publication: {first_seen: 2024-02-01, absent_until: 2024-01-25, gone_since: 2024-05-06,
                          before: {the earlier capture, as a filing}, before_seen: 2024-04-01}, days in quotes
A row of the other edition (other in a 2021 table) may be given too. A cell is a number, a string as printed, blank, absent,
unreadable, or {raw: ..., doubt: ...}.

``state`` is the gravest answer among all instances: broken, then undetermined, then holds. ``message`` is the one message that the
rule gives, ``messages`` the list of all; ``reason``, ``doubt`` (true or false) and ``severity`` are compared where they are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from typing import TYPE_CHECKING, Any

from reports_in.document import Paragraph, Source
from rules.claims import claims_of
from rules.editions import Edition, TemplateRow, TemplateTable, edition_for, editions
from rules.errors import RuleError
from rules.filing import (
    Cell,
    CellState,
    EditionEvidence,
    ExtraRow,
    Filing,
    FilingTable,
    Header,
    Heading,
    PartState,
    Publication,
    Row,
    Section,
    Stated,
)
from rules.headings import read_heading, section_of
from rules.numbers import parse_figure
from rules.verdict import State, Verdict

if TYPE_CHECKING:
    from rules.compile import Rule

GRAVEST = (State.BROKEN, State.UNDETERMINED, State.HOLDS, State.NOT_APPLICABLE)
FILING_KEYS = frozenset(
    [
        "edition",
        "year",
        "agency",
        "title",
        "published",
        "preamble",
        "headings",
        "sections",
        "tables",
        "previous",
        "evidence",
        "suspect",
        "others",
        "year_from",
        "publication",
    ]
)
PUBLICATION_KEYS = frozenset(["first_seen", "absent_until", "gone_since", "before", "before_seen"])
TABLE_KEYS = frozenset(["all", "rows", "labels", "headers", "extra", "order", "state", "image"])
NAMES = "一二三四五六七八九十"
PROSE = {
    "overview": (
        "（一）主动公开。本机关通过门户网站主动公开政府信息120条。",
        "（二）依申请公开。本机关严格办理政府信息公开申请，未收到政府信息公开申请。",
        "（三）政府信息管理。本机关严格执行公开前审查制度，及时清理失效信息。",
        "（四）政府信息公开平台建设。本机关维护门户网站公开专栏和政务新媒体。",
        "（五）监督保障。本机关组织培训2次，开展工作考核和社会评议，未发生责任追究情形。",
    ),
    "problems": ("一是解读形式单一，图解类解读仅占两成。", "针对上述问题，本机关已制定解读计划，下一步将增加图解和视频解读。"),
    "other_matters": ("本机关本年度收取信息处理费0元。",),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a rule says of an example: the gravest state, the message of every broken verdict, and all verdicts."""

    state: State
    messages: tuple[str, ...]
    verdicts: tuple[Verdict, ...]


def answer(rule: Rule, example: Mapping[str, Any]) -> Answer:
    """What the rule says of one of its examples."""
    if "cells" in example:
        check = getattr(rule.kind, "check_cells", None)
        if check is None:
            raise RuleError(f"{rule.id}：这类规则的示例应写 filing，不是 cells")
        verdicts: tuple[Verdict, ...] = (check(cells_of(example["cells"]), example.get("of")),)
    else:
        verdicts = replace(rule, on=True).check(filing_of(example["filing"]))  # a rule that is off shows what it does when on
    state = min((verdict.state for verdict in verdicts), key=GRAVEST.index, default=State.HOLDS)
    broken = [verdict for verdict in verdicts if verdict.state is State.BROKEN]
    return Answer(state, tuple(rule.message_for(verdict) for verdict in broken), verdicts)


def differences(rule: Rule, example: Mapping[str, Any]) -> list[str]:
    """In what the rule's answer differs from what its example says; empty if in nothing."""
    got = answer(rule, example)
    broken = [verdict for verdict in got.verdicts if verdict.state is State.BROKEN]
    wanted: dict[str, tuple[object, object]] = {
        "state": (example["state"], got.state.value),
        "messages": (tuple(example.get("messages", [example["message"]] if "message" in example else [])), got.messages),
    }
    if "reason" in example:
        wanted["reason"] = (example["reason"], next((v.reason for v in got.verdicts if v.state is got.state), ""))
    if "doubt" in example:
        wanted["doubt"] = (example["doubt"], any(verdict.doubt is not None for verdict in broken))
    if "severity" in example:
        wanted["severity"] = (example["severity"], next((v.severity or rule.severity for v in broken), ""))
    return [f"{name}：示例写的是 {said!r}，规则的结果是 {found!r}" for name, (said, found) in wanted.items() if said != found]


def cells_of(spec: Mapping[str, Any]) -> dict[str, Cell]:
    """The cells of a ``cells`` example."""
    lines = count(1)
    return {key: _cell(value, next(lines)) for key, value in spec.items()}


def filing_of(spec: Mapping[str, Any]) -> Filing:
    """The filing of a ``filing`` example, claims of its prose taken."""
    _only(spec, FILING_KEYS, "a filing")
    lines = count(1)
    year = spec.get("year", 2020 if spec.get("edition") == "E2019" else 2023)
    fitting = edition_for(year) if year else None
    edition = editions()[spec.get("edition") or (fitting.id if fitting else "E2021")]
    due = edition_for(year) if year else None
    agency = spec.get("agency", "青川市临江区人民政府办公室")
    title = spec.get("title", f"{agency}{year}年政府信息公开工作年度报告")
    title_at = _source(next(lines), title)
    others = spec.get("others", {})
    preamble = tuple(_paragraph(text, lines) for text in spec.get("preamble", ()))
    headings, sections = _parts(spec, edition, lines)
    _only(spec.get("tables", {}), edition.tables, "tables")
    tables = {key: _table(table, edition, spec.get("tables", {}).get(key, {}), lines) for key, table in edition.tables.items()}
    filing = Filing(
        title=Stated(title or None, "body", title, title_at if title else None),
        agency=Stated(agency, "body", agency or "", title_at, tuple(others.get("agency", {}).items())),
        year=Stated(year, spec.get("year_from", "title"), title, title_at, tuple(others.get("year", {}).items())),
        published=Stated(spec.get("published")),
        edition=edition.id,
        edition_due=due.id if due else None,
        evidence=tuple(
            EditionEvidence(item["edition"], item["printed"], _source(next(lines), item["printed"]), item["table"])
            for item in spec.get("evidence", ())
        ),
        sections=sections,
        headings=headings,
        tables=tables,
        preamble=preamble,
        suspect=tuple((tables[key].at or title_at, "表格前后内容不连续") for key in spec.get("suspect", ())),
        previous=filing_of(spec["previous"]) if "previous" in spec else None,
        publication=_publication(spec["publication"]) if "publication" in spec else None,
    )
    return replace(filing, claims=claims_of(filing))


def _publication(spec: Mapping[str, Any]) -> Publication:
    _only(spec, PUBLICATION_KEYS, "publication")
    days: dict[str, Any] = {key: date.fromisoformat(value) for key, value in spec.items() if key != "before"}
    return Publication(**days, before=filing_of(spec["before"]) if "before" in spec else None)


def _only(spec: Mapping[str, Any], known: Iterable[str], what: str) -> None:
    """An example that sets what nobody reads would show nothing."""
    for key in spec:
        if key not in known:
            raise RuleError(f"示例：{what}里没有 {key!r}；可用：{', '.join(sorted(known))}")


def _parts(spec: Mapping[str, Any], edition: Edition, lines: count[int]) -> tuple[tuple[Heading, ...], dict[str, Section]]:
    asked = spec.get("sections", {})
    printed = spec.get("headings")
    if printed is None:
        printed = [
            f"{NAMES[section.number - 1]}、{section.heading}"
            for section in edition.sections.values()
            if asked.get(section.key) != "absent"
        ]
    headings = []
    sections = {key: Section(key, PartState.ABSENT) for key in edition.sections}
    for text in printed:
        read = read_heading(text)
        section, score = section_of(read.title)
        key = section.key if section is not None and score >= 60 else None
        at = _source(next(lines), text)
        headings.append(Heading(text, read.title, read.number, key, score, at, read.dirty))
        if key is not None and sections[key].state is PartState.ABSENT:
            prose = asked.get(key, PROSE.get(key, ()))
            paragraphs = () if prose == "empty" else tuple(_paragraph(line, lines) for line in prose)
            state = PartState.EMPTY if prose == "empty" or prose == [] else PartState.PRESENT
            sections[key] = Section(key, state, text, at, paragraphs)
    return tuple(headings), sections


def _table(template: TemplateTable, edition: Edition, spec: Mapping[str, Any], lines: count[int]) -> FilingTable:
    _only(spec, TABLE_KEYS, "表")
    default = spec.get("all", 0)
    state = PartState(spec.get("state", "present"))
    gone = state is PartState.ABSENT
    asked = spec.get("rows", {})
    labels = spec.get("labels", {})
    first = next(lines)
    shape = dict(template.rows)
    foreign = tuple(key for key in asked if key not in template.rows)
    for key in foreign:
        shape[key] = _foreign_row(template.key, key)
    _only(labels, shape, "labels")
    rows = {}
    for key, row in shape.items():
        values = "absent" if gone else asked.get(key, "blank" if state is PartState.EMPTY else default)
        rows[key] = _row(row, values, labels.get(key, row.label), next(lines))
    shown = _template_headers(template)
    _only(spec.get("headers", {}), dict(shown), "headers")
    headers = tuple(_header(key, label, spec.get("headers", {}), first) for key, label in shown)
    extra = tuple(_extra(item, rows, next(lines)) for item in spec.get("extra", ()))
    order = tuple(spec.get("order", (key for key, row in rows.items() if row.present)))
    at = None if gone else Source(None, first, None, (first * 10_000, next(lines) * 10_000))
    return FilingTable(
        template.key, state, rows, headers if at else (), extra, order, foreign, at=at, is_image=spec.get("image", False)
    )


def _foreign_row(table: str, key: str) -> TemplateRow:
    for edition in editions().values():
        if key in edition.tables[table].rows:
            return edition.tables[table].rows[key]
    raise RuleError(f"示例：{table} 表在各版格式里都没有 {key!r} 行")


def _extra(spec: Mapping[str, Any], rows: Mapping[str, Row], line: int) -> ExtraRow:
    """A row outside the template, standing after the row named by ``after``, else at the end."""
    before = rows[spec["after"]].at if "after" in spec else None
    at = _source(line, spec["label"])
    if before is not None:
        start = before.chars[0] + 5_000
        at = at._replace(line=before.line, chars=(start, start + len(spec["label"])))
    cells = tuple(_cell(value, line) for value in spec.get("cells", ()))
    return ExtraRow(spec["label"], cells, at, spec.get("repeats"), spec.get("same", False))


def _row(template: TemplateRow, values: Any, label: str, line: int) -> Row:
    columns = [column.key for column in template.columns]
    if values == "absent":
        return Row(template.key, {key: Cell(CellState.ABSENT) for key in columns})
    if isinstance(values, Mapping):
        _only(values, columns, f"row {template.key}")
        values = [values.get(key, 0) for key in columns]
    elif not isinstance(values, list):
        values = [values] * len(columns)
    cells = {key: _cell(value, line) for key, value in zip(columns, values, strict=True)}
    return Row(template.key, cells, label, _source(line, label), 100.0)


def _cell(value: Any, line: int) -> Cell:
    doubt = None
    if isinstance(value, Mapping):
        value, doubt = value["raw"], value.get("doubt")
    if value in ("absent", "blank", "unreadable"):
        state = CellState(value)
        return Cell(state, at=None if state is CellState.ABSENT else _source(line, ""), doubt=doubt)
    raw = str(value)
    return Cell(CellState.FILLED, raw, parse_figure(raw).value, _source(line, raw), 100.0, doubt)


def _header(key: str, label: str, asked: Mapping[str, Any], line: int) -> Header:
    printed = asked.get(key, label)
    if printed == "absent":
        return Header(key, label)
    return Header(key, label, printed, _source(line, printed), 100.0)


def _template_headers(template: TemplateTable) -> list[tuple[str, str]]:
    """Every heading of the table that a Filing reports on: (key, label), keys as rules.filing.Header says."""
    if template.blocks:
        return [
            pair
            for block in template.blocks
            for pair in ((block.key, block.heading), *((f"{block.key}.{c.key}", c.label) for c in block.columns))
        ]
    if template.key == "litigation":
        groups = [(row.key, row.label) for row in template.rows.values()]
        return [
            pair
            for group, label in groups
            for pair in ((group, label), *((f"{group}.{c.key}", c.label) for c in template.columns))
        ]
    return [("corner", template.corner or ""), *((column.key, column.label) for column in template.columns)]


def _paragraph(text: str, lines: count[int]) -> Paragraph:
    return Paragraph(text, _source(next(lines), text))


def _source(line: int, text: str) -> Source:
    return Source(None, line, None, (line * 10_000, line * 10_000 + len(text)))
