"""Plain text: rows by tabs, one cell a line, rows by blanks, columns set out by blanks, boxes of line characters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from bench.corpus.formats import Printed
from bench.corpus.page import Grid, Line, Page, Slot, Spot, Words, covering, expanded

Rows = tuple[list[str], set[Spot]]


@dataclass(frozen=True, slots=True)
class Tabs:
    """A row a line, cells by tabs.

    labels   "full" keeps an empty cell for every place that a merged cell covers; "own" only for those to the left of the
             row's own label; "left" drops those too, so that labels move to the first column; "repeat" fills every
             place under a merged cell with its text, as spreadsheets do when cells are unmerged.
    lead     empty columns before every row.
    aside    a merged label stands on a line of its own before its first row.
    gap      empty columns between labels and figures, the same in all rows of the table.
    drift    the share of rows whose label moves left and whose figures move with it, as after a page break.
    trailing "keep", "strip" or "ragged" (some rows get tabs too many).
    breaks   the share of rows followed by an empty line.
    glued    the fifteen figures of the litigation table in one run.
    """

    labels: str = "full"
    gap: int = 0
    drift: float = 0.0
    trailing: str = "keep"
    breaks: float = 0.0
    glued: bool = False
    lead: int = 0
    aside: bool = False

    def rows(self, grid: Grid, random: Random) -> Rows:
        lost: set[Spot] = set()
        lines = []
        table = covering(grid) if self.labels == "repeat" else expanded(grid)
        for line, places in zip(grid.lines, table, strict=True):
            if self.glued and grid.table == "litigation" and line.role == "data":
                lines.append("".join(slot.text for slot in line.slots))
                lost.update(_spots(line))
                continue
            if self.aside and line.role == "data":
                tall = [slot for slot in line.slots if slot.height > 1 and slot.spot is None]
                lines.extend("\t" * slot.column + slot.text for slot in tall)
                places = [None if slot in tall else slot for slot in places]
            cells = [*[""] * self.lead, *self._cells(grid, line, places)]
            drifted = line.role == "data" and grid.first_value > 1 and random.random() < self.drift
            if drifted:
                cells = _moved_left(cells)
            if self.trailing == "strip":
                cells = _stripped(cells)
            elif self.trailing == "ragged" and random.random() < 0.3:
                cells = [*cells, *[""] * random.randint(1, 3)]
            if (drifted or self.labels == "left") and _partly_blank(line):
                lost.update(_spots(line))
            lines.append("\t".join(cells))
            if random.random() < self.breaks:
                lines.append("")
        return lines, lost

    def _cells(self, grid: Grid, line: Line, places: list[Slot | None]) -> list[str]:
        at = grid.first_value
        if self.labels in ("full", "repeat") or at <= 1:
            cells = [slot.text if slot else "" for slot in places]
            return [*cells[:at], *[""] * self.gap, *cells[at:]] if at else cells
        left = [slot.text if slot else "" for slot in places[:at]]
        while left and left[-1] == "" and len(left) > 1 and line.role == "data":
            left.pop()
        if self.labels == "left" and line.role == "data":
            left = [cell for cell in left if cell]
        return [*left, *[""] * self.gap, *(slot.text if slot else "" for slot in places[at:])]


@dataclass(frozen=True, slots=True)
class CellPerLine:
    """One cell a line.

    lead     what begins every cell's line ("\\t" or "").
    trail    what ends every cell's line (" |" or ""), a blank cell's too.
    spaced   an empty line after every cell.
    ruled    an empty line after every row.
    covered  whether places covered by merged cells are printed as blank cells.
    blanks   whether a blank cell leaves its line; if not, or if it cannot be told from spacing, a row with a blank is lost.
    """

    lead: str = ""
    trail: str = ""
    spaced: bool = False
    ruled: bool = True
    covered: bool = False
    blanks: bool = True

    def rows(self, grid: Grid, random: Random) -> Rows:
        lines: list[str] = []
        lost: set[Spot] = set()
        marked = bool(self.lead or self.trail)
        traced = self.blanks and (marked or not (self.spaced or self.ruled))
        for line, places in zip(grid.lines, expanded(grid), strict=True):
            untold = not marked and _blank_all_over(line)
            if untold or (not traced and _blank_somewhere(line)):
                lost.update(_spots(line))
            last = max((slot.column + slot.width for slot in line.slots), default=0) if line.role != "data" else grid.columns
            for slot in places[:last]:
                if slot is None and not self.covered:
                    continue
                text = slot.text if slot else ""
                if text or (self.blanks and (marked or slot is None or slot.spot is not None)):
                    lines.append(self.lead + text + self.trail)
                    if self.spaced:
                        lines.append("")
            if self.ruled:
                lines.append("")
        return lines, lost


@dataclass(frozen=True, slots=True)
class Spaces:
    """A row a line, cells by blanks: no columns, so that a row with a blank is lost."""

    blank: str = "  "

    def rows(self, grid: Grid, random: Random) -> Rows:
        lost: set[Spot] = set()
        lines = []
        for line in grid.lines:
            if _blank_somewhere(line):
                lost.update(_spots(line))
            lines.append(self.blank.join(slot.text for slot in line.slots if slot.text))
        return lines, lost


@dataclass(frozen=True, slots=True)
class LabelThenFigures:
    """Labels on a line of their own, the row's figures on the next, as copied out of PDF viewers: a row with a blank is lost."""

    between: str = " "

    def rows(self, grid: Grid, random: Random) -> Rows:
        lost: set[Spot] = set()
        lines = []
        for line in grid.lines:
            if _blank_somewhere(line):
                lost.update(_spots(line))
            labels = [slot.text for slot in line.slots if slot.spot is None and slot.text]
            figures = [slot.text for slot in line.slots if slot.spot is not None and slot.text]
            lines.extend(labels if line.role == "data" else [self.between.join(labels)])
            lines.extend([self.between.join(figures)] if figures else [])
        return lines, lost


@dataclass(frozen=True, slots=True)
class Columns:
    """Cells set out by blanks as ``pdftotext -layout`` does; labels wrap at ``width`` characters, their figures stand on one
    of the lines. A blank cell leaves only a wider gap: a row with a blank is lost."""

    width: int = 40
    figures: int = 8

    def rows(self, grid: Grid, random: Random) -> Rows:
        lost: set[Spot] = set()
        lines = []
        for line, places in zip(grid.lines, expanded(grid), strict=True):
            if _blank_somewhere(line):
                lost.update(_spots(line))
            cells = [_wrapped(slot.text, self.width) if slot else [""] for slot in places]
            height = max(map(len, cells))
            for at in range(height):
                row = []
                for column, cell in enumerate(cells):
                    above = (height - len(cell)) // 2
                    text = cell[at - above] if 0 <= at - above < len(cell) else ""
                    row.append(_padded(text, 2 * self.width if column < grid.first_value else self.figures))
                lines.append(" ".join(row).rstrip())
        return lines, lost


@dataclass(frozen=True, slots=True)
class Boxes:
    """Cells between line characters, as old editors and mail programs print tables."""

    bar: str = "│"

    def rows(self, grid: Grid, random: Random) -> Rows:
        rule = "├" + "┼".join(["──"] * grid.columns) + "┤"
        lines = [rule]
        for places in expanded(grid):
            lines.append(self.bar + self.bar.join(slot.text.replace("\n", "") if slot else "" for slot in places) + self.bar)
            lines.append(rule)
        return lines, set()


Style = Tabs | CellPerLine | Spaces | LabelThenFigures | Columns | Boxes


def write(
    page: Page,
    random: Random,
    style: Style,
    encoding: str = "utf-8",
    marks: str = "none",
    end: str = "\n",
    wrap: int = 0,
    indent: str = "",
) -> Printed:
    """marks: "none", "right" or "wrong" Markdown levels before headings. ``end`` is the line end.

    wrap breaks every paragraph after so many characters, without empty lines between; indent begins each.
    """
    lines: list[str] = []
    lost: set[Spot] = set()
    for block in page:
        if isinstance(block, Words):
            text = heading_marks(block, marks, random) + (block.text if block.role == "title" else indent + block.text)
            lines.extend(_wrapped(text, wrap) if wrap else (text, ""))
        else:
            rows, gone = style.rows(block, random)
            lines.extend((*rows, ""))
            lost |= gone
    return Printed(end.join(lines).encode(encoding), "report.txt", frozenset(lost))


def heading_marks(words: Words, marks: str, random: Random) -> str:
    level = {"title": 1, "heading": 2, "subheading": 3}.get(words.role)
    if level is None or marks == "none":
        return ""
    return "#" * (level if marks == "right" else random.randint(1, 6)) + " "


def _wrapped(text: str, width: int) -> list[str]:
    return [text[at : at + width] for at in range(0, len(text), width)] or [""]


def _padded(text: str, width: int) -> str:
    """To that many half-width columns, a Han character counting for two."""
    return text + " " * (width - sum(2 if char >= "\u2e80" else 1 for char in text))


def _moved_left(cells: list[str]) -> list[str]:
    """Leading empty cells dropped, as many added at the end."""
    first = next((at for at, cell in enumerate(cells) if cell), 0)
    return [*cells[first:], *[""] * first]


def _stripped(cells: list[str]) -> list[str]:
    last = max((at for at, cell in enumerate(cells) if cell), default=-1)
    return cells[: last + 1]


def _spots(line: Line) -> Iterable[Spot]:
    return (slot.spot for slot in line.slots if slot.spot is not None)


def _partly_blank(line: Line) -> bool:
    texts = [slot.text.strip() for slot in line.slots if slot.spot is not None]
    return any(texts) and not all(texts)


def _blank_somewhere(line: Line) -> bool:
    return any(slot.spot is not None and not slot.text.strip() for slot in line.slots)


def _blank_all_over(line: Line) -> bool:
    """A line of figures without a label, and nothing in it."""
    return all(slot.spot is not None and not slot.text.strip() for slot in line.slots)
