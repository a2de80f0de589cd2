"""Rows of tables that a text file states only by tabs or by wide spaces."""

from __future__ import annotations

import re

from reports_in.builder import Builder
from reports_in.document import Source, Table, TableCell, Trust

FIGURES_IN_A_ROW = 5  # fewer numbers side by side occur in prose and in dates

_SPACED = re.compile(r"[ \u00a0]{2,}|[ \u00a0]*\u3000[\s\u3000]*")
_FIGURE = re.compile(r"[+-]?\d[\d,.，]*|[/／\-—－–无]+")


def is_figure(text: str) -> bool:
    """Whether a cell holds a number or a mark for "nothing"."""
    return _FIGURE.fullmatch(text) is not None


class Rows:
    """Gathers neighbouring rows of a text that has been written, and adds them as one ragged Table when the run ends."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._cells: list[TableCell] = []
        self._rows = 0
        self._columns = 0
        self._first: Source | None = None

    def add(self, pieces: list[str], start: int, line: int | None) -> None:
        """A row whose pieces stand one character apart from ``start`` on."""
        row, cells = self._rows, self._cells
        new = tuple.__new__  # what Source(...) comes to, in half the time
        at = start
        for column, piece in enumerate(pieces):
            text = piece.strip()
            begin = at if not text or text[0] == piece[0] else at + piece.index(text[0])
            source = new(Source, (None, line, None, (begin, begin + len(text))))
            cells.append(new(TableCell, (text, row, column, source, 1, 1, None)))
            at += len(piece) + 1
        self._end_row(len(pieces))

    def add_at(self, pieces: list[tuple[str, int]], start: int, line: int | None) -> None:
        """A row whose pieces stand at their offsets from ``start``."""
        row, cells = self._rows, self._cells
        for column, (text, offset) in enumerate(pieces):
            at = start + offset
            cells.append(TableCell(text, row, column, Source(None, line, None, (at, at + len(text)))))
        self._end_row(len(pieces))

    def _end_row(self, columns: int) -> None:
        if self._first is None:
            self._first = self._cells[0].source
        self._rows += 1
        if columns > self._columns:
            self._columns = columns

    def close(self) -> None:
        """The run has ended. Calling it between runs changes nothing."""
        if self._first is None:
            return
        span = (self._first.chars[0], self._cells[-1].source.chars[1])
        source = Source(None, self._first.line, None, span)
        self._builder.add(Table(tuple(self._cells), self._rows, self._columns, Trust.RAGGED, source))
        self._cells, self._rows, self._columns, self._first = [], 0, 0, None


def spaced_cells(line: str) -> list[tuple[str, int]] | None:
    """The cells of a row printed in columns, each with its offset in the line; None if the line may be prose.

    A row is: pieces parted by two or more spaces, or by a full-width space, of which the last five or more are figures or
    marks for "nothing" (/ — 无), and before them at most three labels.
    """
    body = line.strip()
    if len(body) < 2 * FIGURES_IN_A_ROW or ("  " not in body and "\u3000" not in body and "\u00a0" not in body):
        return None
    pieces: list[tuple[str, int]] = []
    at = line.index(body[0])
    begin = 0
    for gap in _SPACED.finditer(body):
        pieces.append((body[begin : gap.start()], at + begin))
        begin = gap.end()
    pieces.append((body[begin:], at + begin))
    figures = 0
    for text, _ in reversed(pieces):
        if not _FIGURE.fullmatch(text):
            break
        figures += 1
    if figures < FIGURES_IN_A_ROW or len(pieces) - figures > 3:
        return None
    return pieces
