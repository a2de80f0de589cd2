"""The report as a clerk sees it: words and grids of merged cells, in reading order. Writers print it, damages change it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from rules.editions import Edition, TemplateTable
from rules.filing import CellState

HAN = "一二三四五六"


class Spot(NamedTuple):
    """A data cell by the template's keys."""

    table: str
    row: str
    column: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A printed cell; ``column`` counts from 0 and is its left edge. spot is None for labels and heads."""

    text: str
    column: int
    width: int = 1
    height: int = 1
    spot: Spot | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a grid: the slots that begin in it, left to right. role is "block", "head" or "data"."""

    slots: tuple[Slot, ...]
    role: str
    row: str | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """A printed table. ``first_value`` is the column where figures begin (0 in litigation)."""

    table: str
    lines: tuple[Line, ...]
    columns: int
    first_value: int


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text. role is "title", "heading", "subheading", "prose" or "furniture"."""

    text: str
    role: str
    section: str | None = None


Block = Words | Grid
Page = tuple[Block, ...]


def grids(page: Page) -> Iterator[Grid]:
    return (block for block in page if isinstance(block, Grid))


def published(page: Page) -> str:
    """The day its web page is dated: within the time allowed, 20 January after the report's year."""
    year = next((found[0] for b in page if isinstance(b, Words) and (found := re.search(r"20\d\d(?=年)", b.text))), "2024")
    return f"{int(year) + 1}-01-20"


def map_grids(page: Page, change: Callable[[Grid], Grid]) -> Page:
    """The page with every grid changed."""
    return tuple(change(block) if isinstance(block, Grid) else block for block in page)


def spots(page: Page) -> dict[Spot, str]:
    """What is printed at every data cell that is left on the page."""
    return {slot.spot: slot.text for grid in grids(page) for line in grid.lines for slot in line.slots if slot.spot}


def laid_out(edition: Edition, title: str, prose: Mapping[str, tuple[Words, ...]], figures: Mapping[Spot, str]) -> Page:
    """The whole report by the official template."""
    blocks: list[Block] = [Words(title, "title"), *prose.get("preamble", ())]
    for key, section in edition.sections.items():
        blocks.append(Words(f"{HAN[section.number - 1]}、{section.heading}", "heading", key))
        blocks.extend(prose.get(key, ()))
        for table in edition.tables.values():
            if table.section == key:
                blocks.append(_grid(table, edition.id, figures))
    return tuple(blocks)


def _grid(table: TemplateTable, edition: str, figures: Mapping[Spot, str]) -> Grid:
    if table.key == "disclosure":
        return _disclosure(table, figures)
    if table.key == "applications":
        return _applications(table, figures)
    return _litigation(table, figures)


def _disclosure(table: TemplateTable, figures: Mapping[Spot, str]) -> Grid:
    """Four columns in 2021, where a single figure spans three; five in 2019 (templates.md 4.2)."""
    wide = any(len(block.columns) == 2 for block in table.blocks)
    lines = []
    for block in table.blocks:
        widths = {1: (4,), 2: (2, 2), 3: (1, 2, 1)}[len(block.columns)] if wide else {1: (3,), 3: (1, 1, 1)}[len(block.columns)]
        starts = [1 + sum(widths[:index]) for index in range(len(widths))]
        lines.append(Line((Slot(block.heading, 0, 1 + sum(widths)),), "block"))
        heads = (Slot(c.label, at, w) for c, at, w in zip(block.columns, starts, widths, strict=True))
        lines.append(Line((Slot(block.corner, 0), *heads), "head"))
        for key in block.rows:
            row = table.rows[key]
            cells = []
            for column, at, width in zip(block.columns, starts, widths, strict=True):
                spot = Spot(table.key, key, column.key)
                cells.append(Slot(figures[spot], at, width, 1, spot))
            lines.append(Line((Slot(row.label, 0), *cells), "data", key))
    return Grid(table.key, tuple(lines), 5 if wide else 4, 1)


def _applications(table: TemplateTable, figures: Mapping[Spot, str]) -> Grid:
    """Three label columns and seven of figures; three lines of heads."""
    columns = table.columns
    plain = [3 + i for i, c in enumerate(columns) if c.under is None]
    group = [3 + i for i, c in enumerate(columns) if c.under is not None]
    under = next(c.under for c in columns if c.under) or ""
    lines = [
        Line((Slot(table.corner or "", 0, 3, 3), Slot(table.head or "", 3, len(columns))), "head"),
        Line(
            tuple(
                sorted(
                    [*(Slot(columns[at - 3].label, at, 1, 2) for at in plain), Slot(under, group[0], len(group))],
                    key=lambda slot: slot.column,
                )
            ),
            "head",
        ),
        Line(tuple(Slot(columns[at - 3].label, at) for at in group), "head"),
    ]
    rows = list(table.rows.values())
    for index, row in enumerate(rows):
        labels = []
        for depth, label in enumerate(row.under):
            path = row.under[: depth + 1]
            if index == 0 or rows[index - 1].under[: depth + 1] != path:
                height = sum(1 for other in rows[index:] if other.under[: depth + 1] == path)
                labels.append(Slot(label, depth, 1, height))
        labels.append(Slot(row.label, len(row.under), 3 - len(row.under)))
        cells = (
            Slot(figures[spot], 3 + at, 1, 1, spot)
            for at, spot in enumerate(Spot(table.key, row.key, column.key) for column in columns)
        )
        lines.append(Line((*labels, *cells), "data", row.key))
    return Grid(table.key, tuple(lines), 3 + len(columns), 3)


def _litigation(table: TemplateTable, figures: Mapping[Spot, str]) -> Grid:
    """One line of fifteen figures under three lines of heads."""
    rows = list(table.rows.values())
    n = len(table.columns)
    top = Line((Slot(rows[0].label, 0, n), Slot(rows[1].under[0], n, 2 * n)), "head")
    outcomes = [Slot(c.label, at, 1, 2) for at, c in enumerate(table.columns)]
    middle = Line((*outcomes, Slot(rows[1].label, n, n), Slot(rows[2].label, 2 * n, n)), "head")
    bottom = Line(tuple(Slot(c.label, n + at + k * n) for k in (0, 1) for at, c in enumerate(table.columns)), "head")
    cells = tuple(
        Slot(figures[spot], at, 1, 1, spot)
        for at, spot in enumerate(Spot(table.key, row.key, c.key) for row in rows for c in table.columns)
    )
    return Grid(table.key, (top, middle, bottom, Line(cells, "data", "figures")), 3 * n, 0)


def without_line(grid: Grid, index: int) -> Grid:
    """The grid without that line. Merged cells that run over it shrink; those that begin in it begin one line lower."""
    lines = list(grid.lines)
    gone = lines.pop(index)
    for above in range(index):
        slots = (replace(slot, height=slot.height - 1) if above + slot.height > index else slot for slot in lines[above].slots)
        lines[above] = replace(lines[above], slots=tuple(slots))
    moved = [replace(slot, height=slot.height - 1) for slot in gone.slots if slot.height > 1]
    if moved and index < len(lines):
        merged = sorted([*moved, *lines[index].slots], key=lambda slot: slot.column)
        lines[index] = replace(lines[index], slots=tuple(merged))
    return replace(grid, lines=tuple(lines))


def cut(grid: Grid, index: int) -> tuple[Grid, Grid]:
    """Two grids, the second beginning at that line. A merged cell cut through is printed in the first; its place stays empty
    in the second."""
    first, second = list(grid.lines[:index]), list(grid.lines[index:])
    hanging = []
    for above, line in enumerate(first):
        slots = []
        for slot in line.slots:
            if above + slot.height > index:
                hanging.append(replace(slot, text="", height=above + slot.height - index))
                slot = replace(slot, height=index - above)
            slots.append(slot)
        first[above] = replace(line, slots=tuple(slots))
    if second and hanging:
        merged = sorted([*hanging, *second[0].slots], key=lambda slot: slot.column)
        second[0] = replace(second[0], slots=tuple(merged))
    return replace(grid, lines=tuple(first)), replace(grid, lines=tuple(second))


def expanded(grid: Grid) -> list[list[Slot | None]]:
    """Every line with all its columns: the slot that begins at a place, None where a merged cell covers it."""
    return [[next((s for s in line.slots if s.column == c), None) for c in range(grid.columns)] for line in grid.lines]


def covering(grid: Grid) -> list[list[Slot | None]]:
    """Every line with all its columns: the slot that covers a place, merged ones repeated; None where there is nothing."""
    table: list[list[Slot | None]] = [[None] * grid.columns for _ in grid.lines]
    for at, line in enumerate(grid.lines):
        for slot in line.slots:
            for row in range(at, min(at + slot.height, len(table))):
                for column in range(slot.column, min(slot.column + slot.width, grid.columns)):
                    table[row][column] = slot
    return table


@dataclass(frozen=True, slots=True)
class ExpectedCell:
    """What must be read at a data cell.

    lost  the printing destroyed it (no trace of blank cells, no columns): ``unreadable`` or a doubt is the honest answer, the
          very value is right too, any other value without doubt is wrong.
    """

    state: CellState
    raw: str = ""
    lost: bool = False


def expectation(edition: Edition, page: Page, lost: frozenset[Spot]) -> dict[Spot, ExpectedCell]:
    """Every data cell of the edition: absent if it is no longer on the page, else blank or filled as printed."""
    printed = spots(page)
    expected = {}
    for table in edition.tables.values():
        for row in table.rows.values():
            for column in row.columns:
                spot = Spot(table.key, row.key, column.key)
                if spot not in printed:
                    expected[spot] = ExpectedCell(CellState.ABSENT)
                else:
                    raw = printed[spot].strip()
                    expected[spot] = ExpectedCell(CellState.FILLED if raw else CellState.BLANK, raw, spot in lost)
    return expected
