"""Paper: a report laid out on sheets, as strings of text and rules at their places. The PDF and OFD writers print it.

Places are points from the sheet's top left corner; a text stands on its baseline.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from bench.corpus.page import Grid, Page, Slot, Words

LEADING = 1.5  # line pitch of prose, in type sizes
TIGHT = 1.25  # line pitch inside cells
PADDING = 3.0


@dataclass(frozen=True, slots=True)
class Text:
    x: float
    y: float
    size: float
    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """The edges of a printed cell that are drawn: "l", "t", "r", "b" or fewer. shade fills it first."""

    left: float
    top: float
    right: float
    bottom: float
    edges: str = "ltrb"
    shade: bool = False


@dataclass(slots=True)
class Sheet:
    width: float
    height: float
    texts: list[Text] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Paper:
    """How a report is put on paper.

    stacked   tall labels are set one character per line.
    repeated  a table that goes on over the page prints its heads again.
    split     a row may be broken by the page: some of its lines on each side.
    rules     "all", "open" (no outer upright rules), "level" (no upright rules), "none".
    head      a line on top of every page; number  how pages count: "dashes", "of", "plain" or "".
    spread    labels of one line are spread over their cell, as 分散对齐 does.
    first_page  where the text of the first page begins: moves every page break.
    """

    width: float = 595.0
    height: float = 842.0
    margin: float = 72.0
    size: float = 12.0
    cell_size: float = 9.0
    stacked: bool = True
    repeated: bool = False
    split: bool = False
    rules: str = "all"
    head: str = ""
    number: str = "dashes"
    spread: bool = False
    shade: bool = False
    first_page: float = 90.0


def lay(page: Page, random: Random, paper: Paper) -> list[Sheet]:
    """The report on sheets."""
    press = _Press(paper)
    press.y = paper.first_page + random.uniform(0, 40)
    for block in page:
        if isinstance(block, Words):
            press.words(block)
        else:
            press.grid(block)
    press.number()
    return press.sheets


def width_of(text: str, size: float) -> float:
    return sum(0.5 if char.isascii() else 1.0 for char in text) * size


def wrap(text: str, size: float, width: float) -> list[str]:
    """Lines no wider than that; no closing mark begins a line, no word or figure is torn unless it is wider than a line."""
    lines: list[str] = []
    for piece in text.split("\n"):
        line = ""
        for token in _tokens(piece):
            if line and width_of(line + token, size) > width + 0.01 and token not in "，。、；：！？”）》】":
                lines.append(line)
                line = ""
            while width_of(token, size) > width + 0.01 and len(token) > 1:
                fits = max(1, int(width / (0.5 * size)))
                lines.append(token[:fits])
                token = token[fits:]
            line += token
        lines.append(line)
    return lines


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    for char in text:
        if tokens and char.isascii() and not char.isspace() and tokens[-1][-1].isascii() and not tokens[-1][-1].isspace():
            tokens[-1] += char
        else:
            tokens.append(char)
    return tokens


@dataclass(frozen=True, slots=True)
class _Band:
    """The part of a row on one page: its lines of text from ``start`` to ``end``."""

    row: int
    start: int
    end: int
    height: float
    again: bool = False


class _Press:
    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.sheets = [Sheet(paper.width, paper.height)]
        self.y = paper.margin

    @property
    def sheet(self) -> Sheet:
        return self.sheets[-1]

    def turn(self) -> None:
        self.sheets.append(Sheet(self.paper.width, self.paper.height))
        self.y = self.paper.margin + 12

    @property
    def room(self) -> float:
        return self.paper.height - self.paper.margin - self.y

    def words(self, words: Words) -> None:
        paper = self.paper
        size = {"title": 1.5, "heading": 1.1}.get(words.role, 1.0) * paper.size
        width = paper.width - 2 * paper.margin
        indent = 0.0 if words.role == "title" else 2 * size
        lines = wrap("\0" * round(indent / size) + words.text, size, width)
        for index, line in enumerate(lines):
            if self.room < size * LEADING:
                self.turn()
            line = line.replace("\0", "")
            x = paper.margin + (indent if index == 0 else 0.0)
            if words.role == "title":
                x = (paper.width - width_of(line, size)) / 2
            if line:
                self.sheet.texts.append(Text(x, self.y + size, size, line, words.role in ("title", "heading")))
            self.y += size * LEADING
        if words.role in ("title", "heading"):
            self.y += 6

    def grid(self, grid: Grid) -> None:
        paper = self.paper
        xs = self._columns(grid)
        texts: dict[tuple[int, int], list[str]] = {}
        needed = [1] * len(grid.lines)
        for row, line in enumerate(grid.lines):
            for slot in line.slots:
                lines = self._cell_lines(slot, xs)
                texts[row, slot.column] = lines
                if slot.height == 1:
                    needed[row] = max(needed[row], len(lines))
        for row, line in enumerate(grid.lines):
            for slot in line.slots:
                last = row + slot.height - 1
                have = sum(needed[row : last + 1])
                needed[last] += max(0, len(texts[row, slot.column]) - have)
        pitch = paper.cell_size * TIGHT
        heads = 0
        while heads < len(grid.lines) and grid.lines[heads].role == "head":
            heads += 1
        self.y += 4
        bands: list[_Band] = []
        used = 0.0
        left = dict(texts)
        row, done = 0, 0
        while row < len(grid.lines):
            height = (needed[row] - done) * pitch + 2 * PADDING
            if used + height <= self.room:
                bands.append(_Band(row, done, needed[row], height))
                used += height
                row, done = row + 1, 0
                continue
            fit = int((self.room - used - 2 * PADDING) / pitch)
            if paper.split and fit >= 1 and needed[row] - done > 1 and row >= heads:
                fit = min(fit, needed[row] - done - 1)
                bands.append(_Band(row, done, done + fit, fit * pitch + 2 * PADDING))
                done += fit
            self._print(grid, bands, xs, texts, left)
            self.turn()
            bands, used = [], 0.0
            if paper.repeated and row >= heads:
                bands = [_Band(at, 0, needed[at], needed[at] * pitch + 2 * PADDING, True) for at in range(heads)]
                used = sum(band.height for band in bands)
        self._print(grid, bands, xs, texts, left)
        self.y += 10

    def _columns(self, grid: Grid) -> list[float]:
        paper = self.paper
        width = paper.width - 2 * paper.margin + 24
        if grid.first_value == 3:
            shares = [1.0, 2.0, 5.5, *[1.6] * (grid.columns - 3)]
        else:
            shares = [2.0] * grid.first_value + [1.4] * (grid.columns - grid.first_value)
        xs = [paper.margin - 12]
        for share in shares:
            xs.append(xs[-1] + width * share / sum(shares))
        return xs

    def _cell_lines(self, slot: Slot, xs: list[float]) -> list[str]:
        if not slot.text:
            return []
        if self.paper.stacked and slot.height > 9:
            return list(slot.text.replace("\n", ""))
        return wrap(slot.text, self.paper.cell_size, xs[slot.column + slot.width] - xs[slot.column] - 2 * PADDING)

    def _print(
        self,
        grid: Grid,
        bands: list[_Band],
        xs: list[float],
        texts: dict[tuple[int, int], list[str]],
        left: dict[tuple[int, int], list[str]],
    ) -> None:
        """Draw the bands as one part of the table and move below it."""
        tops = {}
        y = self.y
        for band in bands:
            tops[band.row] = y, y + band.height, band
            y += band.height
        for row, line in enumerate(grid.lines):
            for slot in line.slots:
                rows = [at for at in range(row, row + slot.height) if at in tops]
                if not rows:
                    continue
                top, bottom = tops[rows[0]][0], tops[rows[-1]][1]
                band = tops[rows[0]][2]
                every = texts[row, slot.column]
                if slot.height == 1:
                    shown = every[band.start : band.end]
                elif band.again:
                    shown = every
                else:
                    last = rows[-1] == row + slot.height - 1
                    fit = (
                        len(left[row, slot.column])
                        if last
                        else int((bottom - top - 2 * PADDING) / (self.paper.cell_size * TIGHT))
                    )
                    shown, left[row, slot.column] = left[row, slot.column][:fit], left[row, slot.column][fit:]
                x0, x1 = xs[slot.column], xs[slot.column + slot.width]
                self._box(x0, top, x1, bottom, xs, line.role)
                broken = shown != every and slot.height == 1
                self._cell(slot, shown, x0, top, x1, bottom, slot.column >= grid.first_value, broken)
        self.y = y

    def _box(self, x0: float, top: float, x1: float, bottom: float, xs: list[float], role: str) -> None:
        rules = self.paper.rules
        edges = {"all": "ltrb", "level": "tb", "none": ""}.get(rules, "ltrb")
        if rules == "open":
            edges = "tb" + ("l" if x0 > xs[0] else "") + ("r" if x1 < xs[-1] else "")
        self.sheet.boxes.append(Box(x0, top, x1, bottom, edges, self.paper.shade and role != "data"))

    def _cell(
        self, slot: Slot, lines: list[str], x0: float, top: float, x1: float, bottom: float, centred: bool, broken: bool
    ) -> None:
        size = self.paper.cell_size
        pitch = size * TIGHT
        y = top + PADDING if broken else (top + bottom - len(lines) * pitch) / 2
        for line in lines:
            width = width_of(line, size)
            foot = y + size * 0.95
            y += pitch
            if self.paper.spread and len(lines) == 1 and 1 < len(line) <= 6 and not line.isascii():
                step = (x1 - x0 - 2 * PADDING - size) / (len(line) - 1)
                for index, char in enumerate(line):
                    self.sheet.texts.append(Text(x0 + PADDING + index * step, foot, size, char))
                continue
            x = x0 + (x1 - x0 - width) / 2 if centred or slot.height > 9 else x0 + PADDING
            self.sheet.texts.append(Text(x, foot, size, line))

    def number(self) -> None:
        paper = self.paper
        for index, sheet in enumerate(self.sheets, 1):
            shape = {"dashes": "- {} -", "of": "第{}页 共{}页", "plain": "{}", "slash": "{}/{}"}.get(paper.number, "")
            text = shape.format(index, len(self.sheets))
            if text:
                sheet.texts.append(Text((paper.width - width_of(text, 9)) / 2, paper.height - 40, 9, text))
            if paper.head:
                sheet.texts.append(Text(paper.margin, 45, 9, paper.head))
