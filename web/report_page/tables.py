"""The three tables of a report as they were read, in the official form, every fault marked where it stands: rows of HTML cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from audits.findings import Finding
from audits.wording import TABLES
from rules.editions import Edition, TemplateColumn, TemplateRow, editions
from rules.verdict import Severity
from web.report_page.recorded import Json, Recorded

NAMES = {"disclosure": "表一", "applications": "表二", "litigation": "表三"}
UNITS = 12  # columns of the grid of the first table: its blocks have one to four columns each
LABELS = 3  # columns of labels of the applications table
GRAVITY = {severity: rank for rank, severity in enumerate(Severity)}

Place = tuple[str, str | None, str | None]  # table, row, column


class Box(NamedTuple):
    """A cell of the page's table.

    state    "" of a head or label; else absent, blank, filled, unreadable.
    numbers  of the problems marked here; severity is the worst of them.
    """

    text: str
    is_head: bool = False
    row_span: int = 1
    column_span: int = 1
    state: str = ""
    doubt: str | None = None
    numbers: tuple[int, ...] = ()
    first: tuple[int, ...] = ()
    severity: str = ""
    is_label: bool = False


@dataclass(frozen=True, slots=True)
class ReadTable:
    """One of the three. ``elsewhere`` are the problems of the table that no box of it shows; ``missing`` says why there are no rows."""

    key: str
    name: str
    heading: str
    rows: tuple[tuple[Box, ...], ...]
    elsewhere: tuple[int, ...] = ()
    extra: tuple[str, ...] = ()
    missing: str = ""


def read_tables(recorded: Recorded) -> tuple[ReadTable, ...]:
    """The three tables; none if no edition covers the report."""
    edition = recorded.edition
    if edition is None or not recorded.digest.applicable:
        return ()
    return tuple(_Sheet(recorded, edition, key).drawn() for key in NAMES)


@dataclass
class _Marks:
    """Where in one table each finding is marked; what has been drawn is crossed off."""

    by_place: dict[Place, list[int]] = field(default_factory=dict)
    severities: dict[int, Severity] = field(default_factory=dict)
    drawn: set[int] = field(default_factory=set)

    def at(self, place: Place) -> tuple[tuple[int, ...], tuple[int, ...], str]:
        """The numbers at a place, those drawn for the first time, and the worst severity."""
        numbers = tuple(self.by_place.get(place, ()))
        if not numbers:
            return (), (), ""
        first = tuple(number for number in numbers if number not in self.drawn)
        self.drawn.update(numbers)
        return numbers, first, min((self.severities[number] for number in numbers), key=GRAVITY.__getitem__).value


class _Sheet:
    def __init__(self, recorded: Recorded, edition: Edition, key: str) -> None:
        self._template = edition.tables[key]
        self._edition = edition
        self._key = key
        self._cells: Json = recorded.whole["tables"].get(key) or {}
        self._layout: Json = recorded.whole["layout"].get(key) or {}
        self._marks = _marks_of(recorded, key, self._cells, self._layout)

    def drawn(self) -> ReadTable:
        heading = f"{self._edition.sections[self._template.section].heading}"
        if self._layout.get("state", "absent") == "absent":
            missing = "该部分为图片，未能读取其中的表" if self._layout.get("is_image") else "报告中没有这张表"
            elsewhere = tuple(sorted(self._marks.severities))
            return ReadTable(self._key, NAMES[self._key], heading, (), elsewhere, (), missing)
        if self._template.blocks:
            rows = list(self._disclosure())
        elif self._key == "litigation":
            rows = list(self._litigation())
        else:
            rows = list(self._applications())
        elsewhere = tuple(sorted(set(self._marks.severities) - self._marks.drawn))
        extra = tuple(_extra(row) for row in self._layout.get("extra", ()))
        return ReadTable(self._key, NAMES[self._key], heading, tuple(map(tuple, rows)), elsewhere, extra)

    # layouts

    def _disclosure(self) -> Iterator[list[Box]]:
        for block in self._template.blocks:
            yield [self._head(block.heading, block.key, column_span=UNITS + 1)]
            width = UNITS // len(block.columns)
            heads = [self._head(c.label, f"{block.key}.{c.key}", column_span=width) for c in block.columns]
            yield [Box(block.corner, is_head=True), *heads]
            for name in block.rows:
                yield [self._label(self._template.rows[name]), *self._values(name, block.columns, width)]
        for name in self._foreign():
            columns = tuple(TemplateColumn(key, key) for key in self._cells[name])
            if columns:
                label = Box(self._printed_label(name), is_head=True, is_label=True)
                yield [label, *self._values(name, columns, max(1, UNITS // len(columns)))]

    def _applications(self) -> Iterator[list[Box]]:
        columns = self._template.columns
        yield [
            self._head(self._template.corner or "", "corner", row_span=3, column_span=LABELS),
            self._head(self._template.head or "", "head", column_span=len(columns)),
        ]
        yield list(self._upper_heads(columns))
        yield [self._head(c.label, c.key) for c in columns if c.under is not None]
        rows = self._rows_in_order()
        for index, row in enumerate(rows):
            boxes = []
            for depth in range(min(len(row.under), LABELS - 1)):
                group = row.under[: depth + 1]
                if index and rows[index - 1].under[: depth + 1] == group:
                    continue  # the group's box reaches down to here
                length = _run_length(rows, index, group)
                boxes.append(Box(group[-1], is_head=True, row_span=length, is_label=True))
            label = self._label(row, column_span=LABELS - min(len(row.under), LABELS - 1))
            yield [*boxes, label, *self._values(row.key, columns)]

    def _upper_heads(self, columns: Sequence[TemplateColumn]) -> Iterator[Box]:
        seen: set[str] = set()
        for column in columns:
            if column.under is None:
                yield self._head(column.label, column.key, row_span=2)
            elif column.under not in seen:
                seen.add(column.under)
                yield Box(column.under, is_head=True, column_span=sum(other.under == column.under for other in columns))

    def _litigation(self) -> Iterator[list[Box]]:
        columns, rows = self._template.columns, list(self._template.rows.values())
        top: list[Box] = []
        seen: set[str] = set()
        for row in rows:
            if not row.under:
                top.append(self._row_head(row, row_span=2, column_span=len(columns)))
            elif row.under[0] not in seen:
                seen.add(row.under[0])
                together = sum(other.under[:1] == row.under[:1] for other in rows)
                top.append(Box(row.under[0], is_head=True, column_span=together * len(columns)))
        yield top
        yield [self._row_head(row, column_span=len(columns)) for row in rows if row.under]
        yield [self._head(c.label, f"{row.key}.{c.key}") for row in rows for c in columns]
        yield [box for row in rows for box in self._values(row.key, columns)]

    # parts

    def _rows_in_order(self) -> list[TemplateRow]:
        """The template's rows, and before its total those of the other edition that this report has."""
        rows = list(self._template.rows.values())
        at = next((index for index, row in enumerate(rows) if row.key == "total"), len(rows))
        extra = [
            TemplateRow(name, self._printed_label(name), self._template.columns, self._under(name)) for name in self._foreign()
        ]
        return rows[:at] + extra + rows[at:]

    def _foreign(self) -> list[str]:
        return [name for name in self._cells if name not in self._template.rows and self._is_present(name)]

    def _under(self, name: str) -> tuple[str, ...]:
        tables = (edition.tables[self._key].rows for edition in editions().values())
        return next((rows[name].under for rows in tables if name in rows), ())

    def _is_present(self, name: str) -> bool:
        return bool((self._layout.get("rows", {}).get(name) or {}).get("at"))

    def _printed_label(self, name: str) -> str:
        return str((self._layout.get("rows", {}).get(name) or {}).get("label") or name)

    def _head(self, text: str, place: str, *, row_span: int = 1, column_span: int = 1) -> Box:
        numbers, first, severity = self._marks.at((self._key, None, place))
        return Box(text, True, row_span, column_span, numbers=numbers, first=first, severity=severity)

    def _row_head(self, row: TemplateRow, *, row_span: int = 1, column_span: int = 1) -> Box:
        numbers, first, severity = self._marks.at((self._key, row.key, None))
        return Box(row.label, True, row_span, column_span, numbers=numbers, first=first, severity=severity)

    def _label(self, row: TemplateRow, *, column_span: int = 1) -> Box:
        return self._row_head(row, column_span=column_span)._replace(is_label=True)

    def _values(self, name: str, columns: Sequence[TemplateColumn], width: int = 1) -> list[Box]:
        found: Json = self._cells.get(name) or {}
        places: list[Place] = [(self._key, name, column.key) for column in columns]
        if not self._is_present(name) and not any(place in self._marks.by_place for place in places):
            return [Box("缺（报告中没有这一行）", column_span=width * len(columns), state="absent")]
        return [self._cell(found.get(place[2] or ""), place, width) for place in places]

    def _cell(self, cell: Json | None, place: Place, width: int) -> Box:
        numbers, first, severity = self._marks.at(place)
        state = cell["state"] if cell else "absent"
        text = {"absent": "缺", "blank": "", "unreadable": "？"}.get(state)
        if text is None:
            text = " ".join(cell["raw"].split()) if cell else ""
        doubt = cell["doubt"] if cell else None
        return Box(text, False, 1, width, state, doubt, numbers, first, severity)


def _run_length(rows: Sequence[TemplateRow], start: int, group: tuple[str, ...]) -> int:
    end = start
    while end < len(rows) and rows[end].under[: len(group)] == group:
        end += 1
    return end - start


def _extra(row: Json) -> str:
    """A row that the template does not have, or has once."""
    cells = "、".join(cell["raw"] or "（空白）" for cell in row["cells"])
    said = "重复出现的行" if row["repeats"] else "模板以外的行"
    return f"{said}：{row['label'] or '（无标签）'}　{cells}"


def _marks_of(recorded: Recorded, key: str, cells: Json, layout: Json) -> _Marks:
    marks = _Marks()
    for finding in recorded.digest.findings:
        if finding.place.table != key:
            continue
        number = recorded.numbers[finding.id]
        marks.severities[number] = finding.severity
        for place in _places(finding, key, cells, layout):
            marks.by_place.setdefault(place, []).append(number)
    return marks


def _places(finding: Finding, key: str, cells: Json, layout: Json) -> list[Place]:
    """At its cell, else at the cells and rows it quotes, else at its row, column or table: as the PDF marks them."""
    place = finding.place
    if place.row is not None and place.column is not None:
        return [(key, place.row, place.column)]
    quoted = {item.at.chars: item.quote for item in finding.evidence if item.at is not None}
    found: list[Place] = []
    for name, row in cells.items():
        if place.row in (None, name):
            here = [
                (key, name, column)
                for column, cell in row.items()
                if place.column in (None, column) and _is_quoted(cell, quoted)
            ]
            at = (layout.get("rows", {}).get(name) or {}).get("at")
            is_label = place.column is None and at is not None and tuple(at["chars"]) in quoted
            found += here or ([(key, name, None)] if is_label else [])
    return found or [(key, place.row, place.column)]


def _is_quoted(cell: Mapping[str, Any], quoted: Mapping[tuple[int, int], str]) -> bool:
    """A row's label may stand at the same place: the words must be the cell's, perhaps with its name before them."""
    if cell["at"] is None:
        return False
    quote = quoted.get(tuple(cell["at"]["chars"]))
    if quote is None:
        return False
    raw = cell["raw"].strip()
    return quote.strip().endswith(raw) if raw else not quote.strip()


def table_name(key: str) -> str:
    """Short, for links: 表二 申请情况表."""
    return f"{NAMES[key]} {TABLES[key]}"


def numbers_in(tables: Iterable[ReadTable]) -> frozenset[int]:
    """The problems that the tables show."""
    found = {number for table in tables for row in table.rows for box in row for number in box.numbers}
    return frozenset(found | {number for table in tables for number in table.elsewhere})
