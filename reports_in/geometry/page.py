"""What a page shows, and what of it is understood: glyphs and rules, runs, lines, parts of tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from reports_in.document import Box, Trust

Floats = NDArray[np.float32]
Columns = list[tuple[float, float]]  # left and right of what stands in each, from left to right
Rule = tuple[float, float, float]  # place across, start, end along: (y, x0, x1) or (x, y0, y1)


@dataclass(frozen=True, slots=True)
class Page:
    """What one page shows, turned upright.

    text   one code point per glyph, in the file's own order.
    boxes  one row per glyph: left, top, right, bottom of its advance width and font height (not of its ink).
    """

    number: int
    width: float
    height: float
    text: str
    boxes: Floats
    horizontal: Sequence[Rule] = ()
    vertical: Sequence[Rule] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled table without its text. ``spans`` holds row, column, row span, column span; ``owner`` their index by place."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    spans: tuple[tuple[int, int, int, int], ...]
    owner: NDArray[np.int32]

    @property
    def box(self) -> Box:
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]


@dataclass(slots=True)
class Run:
    """Glyphs that stand side by side in one line of one cell.

    size  the height of its smallest glyph: figures in a line of Han characters often come from a taller font.
    cell  -1 outside all tables.
    """

    left: float
    top: float
    right: float
    bottom: float
    text: str
    size: float
    cell: int = -1


@dataclass(slots=True)
class Line:
    page: int
    left: float
    top: float
    right: float
    bottom: float
    runs: list[Run]
    text: str

    @property
    def size(self) -> float:
        """The height of its type."""
        return max(self.runs, key=_length).size

    @property
    def box(self) -> Box:
        return self.left, self.top, self.right, self.bottom


@dataclass(slots=True)
class PartCell:
    row: int
    column: int
    row_span: int
    column_span: int
    text: str
    page: int
    box: Box


@dataclass(slots=True)
class Part:
    """A table, or the part of one that stands on one page.

    ruled   upright rules part its columns, whose edges are ``xs``; else ``xs`` holds only its own edges, and ``columns``
            where its figures stand, if that is known.
    framed  the lines inside a frame of one cell: a row of one cell if a table goes on from it over the page, else prose.
    """

    page: int
    last_page: int
    xs: list[float]
    rows: int
    cells: list[PartCell]
    box: Box
    trust: Trust = Trust.GRID
    ruled: bool = True
    columns: Columns | None = None
    framed: list[Line] = field(default_factory=list)

    @property
    def top(self) -> float:
        return self.box[1]

    @property
    def bottom(self) -> float:
        return self.box[3]


Item = Line | Part


@dataclass(slots=True)
class Sheet:
    """A page as far as it has been understood."""

    number: int
    width: float
    height: float
    items: list[Item]
    open_rules: list[Rule] = field(default_factory=list)


def by_left(run: Run) -> float:
    return run.left


def _length(run: Run) -> int:
    return len(run.text)
