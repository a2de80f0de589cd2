"""The source text with the places of the findings marked: runs of characters, each with the numbers of the problems standing there."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from audits.digest import Digest
from audits.findings import Finding
from audits.renderers.source_form import Piece, SourceCell, SourceParagraph, SourceTable, SourceText
from rules.verdict import Severity

MOST_SHOWN = 200_000  # characters of a text shown whole; of a longer one the surroundings of what is marked
AROUND = 4  # blocks on either side
MOST_CELLS = 20_000  # of a table, its gaps filled; real ones have some 200
GRAVITY = {severity: rank for rank, severity in enumerate(Severity)}


class Spot(NamedTuple):
    """Half-open range of characters that finding ``number`` points at; empty for a blank cell."""

    start: int
    end: int
    number: int


class Run(NamedTuple):
    """Characters with the same problems.

    numbers  of the problems, ascending; none for plain text.
    first    those whose first place in the text this is: their links lead here.
    """

    text: str
    numbers: tuple[int, ...] = ()
    first: tuple[int, ...] = ()
    severity: str = ""
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True)
class ShownParagraph:
    """page is set where a new page begins."""

    runs: tuple[Run, ...]
    level: int | None
    page: int | None
    line: int | None


class ShownCell(NamedTuple):
    runs: tuple[Run, ...]
    row_span: int
    column_span: int


@dataclass(frozen=True, slots=True)
class ShownTable:
    """rows_left_out: of a table too large to be shown whole."""

    rows: tuple[tuple[ShownCell, ...], ...]
    is_ragged: bool
    page: int | None
    rows_left_out: int = 0


@dataclass(frozen=True, slots=True)
class Gap:
    """Blocks left out because the text is too long to be shown whole."""

    blocks: int


Shown = ShownParagraph | ShownTable | Gap


@dataclass(frozen=True, slots=True)
class MarkedSource:
    """found: the problems with a place in the text. pages: the numbers of its pages, none if the format has none."""

    blocks: tuple[Shown, ...]
    found: frozenset[int]
    recognised: bool
    pages: frozenset[int]

    @property
    def has_pages(self) -> bool:
        return bool(self.pages)


def marked_source(text: SourceText, digest: Digest) -> MarkedSource:
    """The text with every place marked that a finding's evidence names."""
    marker = _Marker(_spots(digest), dict(enumerate(digest.findings, 1)))
    shown: list[Shown] = []
    page: int | None = None
    for block in text.blocks:
        at = _page(block)
        new_page = at if at != page else None
        page = at or page
        shown.append(marker.table(block, new_page) if isinstance(block, SourceTable) else marker.paragraph(block, new_page))
    if sum(_length(block) for block in text.blocks) > MOST_SHOWN:
        shown = _surroundings(shown)
    pages = frozenset(number for block in text.blocks for number in _pages(block))
    return MarkedSource(tuple(shown), frozenset(marker.seen), bool(text.recognised), pages)


def _spots(digest: Digest) -> list[Spot]:
    found = {
        Spot(*item.at.chars, number)
        for number, finding in enumerate(digest.findings, 1)
        for item in finding.evidence
        if item.at is not None
    }
    return sorted(found)


class _Marker:
    def __init__(self, spots: Sequence[Spot], findings: Mapping[int, Finding]) -> None:
        self._spots = spots
        self._starts = [spot.start for spot in spots]
        self._longest = max((spot.end - spot.start for spot in spots), default=0)
        self._findings = findings
        self.seen: set[int] = set()

    def paragraph(self, block: SourceParagraph, page: int | None) -> ShownParagraph:
        return ShownParagraph(self.runs(block.piece), block.level, page, block.piece.line)

    def table(self, block: SourceTable, page: int | None) -> ShownTable:
        rows = [tuple(self._cell(cell) for cell in row) for row in _filled(block)]
        return ShownTable(tuple(rows), block.is_ragged, page, block.rows - len(rows))

    def _cell(self, cell: SourceCell | None) -> ShownCell:
        if cell is None:
            return ShownCell((), 1, 1)
        return ShownCell(self.runs(cell.piece), cell.row_span, cell.column_span)

    def runs(self, piece: Piece) -> tuple[Run, ...]:
        """The piece cut where what is marked begins or ends; one empty run for a blank cell that is marked."""
        start, end = piece.start, piece.start + len(piece.text)
        first = bisect_left(self._starts, start - self._longest)
        last = bisect_right(self._starts, end)
        here = [spot for spot in self._spots[first:last] if _touches(spot, start, end)]
        if not here:
            return (Run(piece.text),) if piece.text else ()
        if start == end:
            return (self._run("", {spot.number for spot in here}),)
        cuts = {start, end}
        for spot in here:
            cuts.update((max(start, spot.start), min(end, spot.end)))
        return tuple(
            self._run(
                piece.text[left - start : right - start],
                {spot.number for spot in here if spot.start < right and spot.end > left},
            )
            for left, right in pairwise(sorted(cuts))
        )

    def _run(self, text: str, numbers: set[int]) -> Run:
        if not numbers:
            return Run(text)
        first = tuple(sorted(numbers - self.seen))
        self.seen |= numbers
        findings = [self._findings[number] for number in numbers]
        worst = min((finding.severity for finding in findings), key=GRAVITY.__getitem__)
        is_doubtful = all(finding.doubt is not None for finding in findings)
        return Run(text, tuple(sorted(numbers)), first, worst.value, is_doubtful)


def _touches(spot: Spot, start: int, end: int) -> bool:
    if spot.start == spot.end or start == end:  # a blank cell has no characters; what points at it, none or its separators
        return spot.start <= start and end <= spot.end if start == end else False
    return spot.start < end and spot.end > start


def _filled(table: SourceTable) -> Iterable[list[SourceCell | None]]:
    """The table row by row as HTML wants it: cells where they begin, None for places that no cell covers."""
    by_row: dict[int, list[SourceCell]] = {}
    for cell in table.cells:
        by_row.setdefault(cell.row, []).append(cell)
    above: dict[int, tuple[int, int]] = {}  # of cells that reach down, by their first column: the column and the row after them
    shown = 0
    for row in range(table.rows):
        found: list[SourceCell | None] = []
        column = 0
        for cell in sorted(by_row.get(row, ()), key=lambda cell: cell.column):
            while column < cell.column and len(found) <= MOST_CELLS:
                end, until = above.get(column, (0, 0))
                if until > row and end > column:
                    column = end
                else:
                    found.append(None)
                    column += 1
            found.append(cell)
            column = max(column, cell.column + cell.column_span)
            if cell.row_span > 1:
                above[cell.column] = (cell.column + cell.column_span, row + cell.row_span)
        shown += max(1, len(found))
        yield found
        if shown > MOST_CELLS:
            return


def _page(block: SourceParagraph | SourceTable) -> int | None:
    return block.page if isinstance(block, SourceTable) else block.piece.page


def _pages(block: SourceParagraph | SourceTable) -> set[int]:
    if isinstance(block, SourceTable):
        return {cell.piece.page for cell in block.cells if cell.piece.page is not None}
    return set() if block.piece.page is None else {block.piece.page}


def _length(block: SourceParagraph | SourceTable) -> int:
    return sum(len(cell.piece.text) for cell in block.cells) if isinstance(block, SourceTable) else len(block.piece.text)


def _surroundings(shown: Sequence[Shown]) -> list[Shown]:
    """What is marked with some blocks around it, and how many are left out between."""
    kept: set[int] = set(range(AROUND))
    for index, block in enumerate(shown):
        if _is_marked(block):
            kept.update(range(index - AROUND, index + AROUND + 1))
    found: list[Shown] = []
    left_out = 0
    for index, block in enumerate(shown):
        if index in kept:
            if left_out:
                found.append(Gap(left_out))
            left_out = 0
            found.append(block)
        else:
            left_out += 1
    if left_out:
        found.append(Gap(left_out))
    return found


def _is_marked(block: Shown) -> bool:
    if isinstance(block, ShownParagraph):
        return any(run.numbers for run in block.runs)
    return isinstance(block, ShownTable) and any(run.numbers for row in block.rows for cell in row for run in cell.runs)
