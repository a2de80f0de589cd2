"""The text of a report as it was read, kept beside its audit: pages show it with the places of the findings marked.

Ranges of characters are those of the audit's evidence. Numbers that belong to a person are starred out, character for character, so
that what lists and pages show spreads them no further; the file as submitted stays what it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

from reports_in.document import Document, Table
from reports_in.limits import LIMITS
from rules.sensitive import LONG_FIGURE, mask

FORM = "source"
FORMAT = "hecha-source/1"


class Piece(NamedTuple):
    """Words that stand together: a paragraph, a line, or what one cell holds. start is that of the whole text."""

    text: str
    start: int
    page: int | None
    line: int | None


class SourceCell(NamedTuple):
    """row and column count from 0, as in ``TableCell``."""

    piece: Piece
    row: int
    column: int
    row_span: int
    column_span: int


@dataclass(frozen=True, slots=True)
class SourceTable:
    """Cells in reading order. is_ragged: columns are counts of tabs, not to be relied on."""

    cells: tuple[SourceCell, ...]
    rows: int
    columns: int
    is_ragged: bool
    page: int | None


@dataclass(frozen=True, slots=True)
class SourceParagraph:
    """level as the format states it, None for body text."""

    piece: Piece
    level: int | None


@dataclass(frozen=True, slots=True)
class SourceText:
    """recognised: the pages whose characters a machine guessed."""

    media_type: str
    blocks: tuple[SourceParagraph | SourceTable, ...]
    recognised: frozenset[int] = frozenset()


def render(document: Document) -> bytes:
    """The document's blocks as compact JSON."""
    has_figures = LONG_FIGURE.search(document.text) is not None
    masked = mask if has_figures else str
    blocks: list[Any] = []
    for block in document.blocks:
        if isinstance(block, Table):
            cells = [
                [masked(cell.text), cell.source.chars[0], cell.source.page, cell.source.line, *cell[1:3], *cell[4:6]]
                for cell in block.cells
            ]
            blocks.append([cells, block.rows, block.columns, block.trust, block.source.page])
        else:
            source = block.source
            blocks.append([masked(block.text), source.chars[0], source.page, source.line, block.level])
    whole = {
        "format": FORMAT,
        "media_type": document.media_type,
        "recognised": sorted(document.recognised),
        "blocks": blocks,
    }
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def source_from(written: bytes) -> SourceText:
    """The text that ``render`` wrote. Raises ValueError for anything else."""
    try:
        whole = json.loads(written)
        if whole["format"] != FORMAT:
            raise ValueError(f"not {FORMAT}")
        return SourceText(whole["media_type"], tuple(map(_block, whole["blocks"])), frozenset(whole["recognised"]))
    except (KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise ValueError(f"not {FORMAT}") from error


def _block(written: list[Any]) -> SourceParagraph | SourceTable:
    if isinstance(written[0], str):
        return SourceParagraph(_piece(written), _number(written[4]))
    cells = tuple(SourceCell(_piece(cell), *map(_place, cell[4:8])) for cell in written[0])
    return SourceTable(cells, _place(written[1]), _place(written[2]), written[3] == "ragged", _number(written[4]))


def _piece(written: list[Any]) -> Piece:
    text, start, page, line = written[:4]
    if type(text) is not str:
        raise TypeError("not a text")
    return Piece(text, _place(start), _number(page), _number(line))


def _number(written: Any) -> int | None:
    return None if written is None else _place(written)


def _place(written: Any) -> int:
    """A jailed process wrote it, which may have been taken over by the file it read: whoever counts so far must come to an end."""
    if type(written) is not int or written < 0:
        raise ValueError(f"not {FORMAT}")
    return min(written, LIMITS.text_chars)
