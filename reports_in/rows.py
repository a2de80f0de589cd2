"""Rows of tables that a text file states only by tabs or by wide spaces."""

from __future__ import annotations

import re

from reports_in.builder import Builder
from reports_in.document import Source, Table, TableCell, Trust

FIGURES_IN_A_ROW = 5  # fewer numbers side by side occur in prose and in dates

LONGEST_LABEL = 60  # characters of a cell in a line of commas; more is a sentence
LONGEST_HEAD = 14  # characters of a column head in a line without figures
SEPARATED = 20  # so many noughts between commas are a table written with commas; prose prints none

_NUMBERED = re.compile("[一二三四五六七八九十]{1,2}、|[（(][一二三四五六七八九十]")
_COMMA_CELL = re.compile(r'(?:"([^"]*)"|([^,"]*))(,|$)')
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


def is_comma_separated(text: str) -> bool:
    """Whether a text writes its tables with commas (CSV)."""
    return text.count(",0,") >= SEPARATED


def comma_cells(line: str) -> list[tuple[str, int]] | None:
    """The cells of a line of a comma-separated text, each with its offset in the line; None if the line may be prose.

    A sentence or a numbered heading with blank cells behind it is no row: it stands alone.
    """
    cells: list[tuple[str, int]] = []
    more, at = True, 0
    while more:
        match = _COMMA_CELL.match(line, at)
        if match is None:
            return None  # a quotation mark that nothing closes
        group = 1 if match[1] is not None else 2
        text = match[group].strip()
        cells.append((text, match.start(group) + (match[group].index(text[0]) if text else 0)))
        more, at = bool(match[3]), match.end()
    filled = [cell for cell in cells if cell[0]]
    if len(filled) == 1 and (len(cells) > 1 or line.startswith('"')):
        words = filled[0][0]
        return filled if len(words) > LONGEST_LABEL or "。" in words or _NUMBERED.match(words) else cells
    if len(cells) < 2 or any(len(text) > LONGEST_LABEL or "。" in text for text, _ in filled):
        return None
    if len(filled) < len(cells) or any(is_figure(text) for text, _ in filled):
        return cells
    heads = all(len(text) <= LONGEST_HEAD and not any(map(str.isdigit, text)) for text, _ in filled)
    return cells if heads and len(cells) > 2 else None
