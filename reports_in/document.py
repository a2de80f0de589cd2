"""The Document: what a file says and where it says it, whatever format it came in.

Readers make it, the alignment reads it. It knows no template and no rule.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

# Source, Paragraph and TableCell are named tuples, not dataclasses: a report has hundreds of each, and a frozen dataclass costs three
# times as much to make.
Box = tuple[float, float, float, float]


class Source(NamedTuple):
    """Where a block stands in the file we were sent, so that a finding can point at it.

    page   counts from 1; None for formats without pages (txt, md, html, docx).
    line   counts from 1; None for formats without lines (html, docx, pdf).
    box    left, top, right, bottom in points from the page's top-left corner; None if unknown.
    chars  half-open range of code points: ``document.text[slice(*chars)] == block.text``.
    """

    page: int | None
    line: int | None
    box: Box | None
    chars: tuple[int, int]


class Paragraph(NamedTuple):
    """A run of prose, or one line of it where the format cannot tell paragraphs.

    level is the heading level that the format itself states (Markdown ``#``, ``<h2>``, a Word outline
    level), 1 the highest; None for body text. It is a hint: agencies set levels wrongly.
    """

    text: str
    source: Source
    level: int | None = None


class TableCell(NamedTuple):
    """One printed cell. ``row`` and ``column`` count from 0 and name its top left corner.

    text is raw: line breaks inside the cell are kept as ``\\n``, nothing is folded. Two cells never cover the same
    place. confidence is 0..1 where a machine had to guess the characters (OCR), else None.
    """

    text: str
    row: int
    column: int
    source: Source
    row_span: int = 1
    column_span: int = 1
    confidence: float | None = None


class Trust(StrEnum):
    """How far a table's columns can be relied on."""

    GRID = "grid"  # the format states rows, columns and spans (html, docx, ruled PDF)
    RAGGED = "ragged"  # tab-separated dumps: cells may have shifted, columns may be missing or surplus


@dataclass(frozen=True, slots=True)
class Table:
    """Cells in reading order. In a ragged table ``column`` is the count of tabs before the cell.

    A line of a text file that holds a tab is a row of a ragged table; a line without one is a Paragraph, even if it is
    a cell of a table dumped one cell a line: only the alignment, which knows the template, can tell.
    """

    cells: tuple[TableCell, ...]
    rows: int
    columns: int
    trust: Trust
    source: Source


Block = Paragraph | Table


@dataclass(frozen=True, slots=True)
class PageMeta:
    """What the file states about itself outside its text: ``<meta>`` tags, document properties, the source line of a page.

    Every field is as printed, None if not stated. ``published`` is ``YYYY-MM-DD``.
    """

    title: str | None = None
    publisher: str | None = None
    published: str | None = None


@dataclass(frozen=True, slots=True)
class ReadingNote:
    """Something the reader had to decide or leave out, which a person may want to know. ``code`` is stable."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file as read.

    text    the whole text in reading order; every source's ``chars`` is a range of it. Cells of a row are joined by
            tabs and rows by newlines where the format has no text of its own.
    recognised  the numbers of the pages whose characters a machine guessed (OCR).
    name    the file name as submitted, for messages; never a path to open.
    """

    text: str
    blocks: tuple[Block, ...]
    media_type: str
    name: str
    sha256: str
    meta: PageMeta = field(default_factory=PageMeta)
    notes: tuple[ReadingNote, ...] = ()
    recognised: frozenset[int] = frozenset()
