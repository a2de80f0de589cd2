"""Write a document's text and its blocks side by side, so that every block's range fits the text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from reports_in.document import Block, Box, Document, PageMeta, Paragraph, ReadingNote, Source, Table, TableCell, Trust
from reports_in.errors import EmptyFile, LimitExceeded
from reports_in.limits import LIMITS

# A cell of a grid at its place, not yet written: text, row, column, row span, column span. Every cell is made twice, and a plain tuple
# is made in a fifth of the time that a TableCell takes.
Placed = tuple[str, int, int, int, int]


class Builder:
    """Collects what a reader finds, in reading order. The limits on characters, blocks, cells and columns are kept here.

    ``name`` is what messages call the file. A limit passed raises LimitExceeded at once.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.blocks: list[Block] = []
        self.notes: list[ReadingNote] = []
        self.recognised: frozenset[int] = frozenset()
        self._parts: list[str] = []
        self._length = 0
        self._cells = 0

    @property
    def length(self) -> int:
        """How many characters have been written: where the next one will stand."""
        return self._length

    def write(self, text: str) -> int:
        """Append text that belongs to no block yet, and say where it starts."""
        start = self._length
        self._parts.append(text)
        self._length += len(text)
        if self._length > LIMITS.text_chars:
            raise too_much(self.name, "文字", LIMITS.text_chars, "字")
        return start

    def add(self, block: Block) -> None:
        """Append a block whose ranges point at text already written."""
        self.blocks.append(block)
        if len(self.blocks) > LIMITS.blocks:
            raise too_much(self.name, "段落和表格", LIMITS.blocks, "个")
        if isinstance(block, Table):
            self._cells += len(block.cells)
            if self._cells > LIMITS.cells:
                raise too_much(self.name, "单元格", LIMITS.cells, "个")
            if block.columns > LIMITS.columns:
                raise too_much(self.name, "表格的列", LIMITS.columns, "列")

    def paragraph(
        self, text: str, *, page: int | None = None, line: int | None = None, box: Box | None = None, level: int | None = None
    ) -> None:
        """Write a paragraph and the line end after it."""
        start = self.write(f"{text}\n")
        self.add(Paragraph(text, Source(page, line, box, (start, start + len(text))), level))

    def table(
        self,
        cells: Sequence[TableCell],
        rows: int,
        columns: int,
        trust: Trust = Trust.GRID,
        *,
        page: int | None = None,
        line: int | None = None,
        box: Box | None = None,
    ) -> None:
        """Write a table: cells of a row joined by tabs, rows by line ends.

        cells stand in reading order. Their ``chars`` are set here, so any will do; the rest of their source is kept.
        """
        start = at = self._length
        parts = self._parts
        placed: list[TableCell] = []
        row = cells[0].row if cells else 0
        for cell in cells:
            if placed:
                gap = "\n" * (cell.row - row) if cell.row != row else "\t"
                parts.append(gap)
                at += len(gap)
                row = cell.row
            text = cell.text
            parts.append(text)
            end = at + len(text)
            old = cell.source
            source = Source(old.page, old.line, old.box, (at, end))
            placed.append(TableCell(text, cell.row, cell.column, source, cell.row_span, cell.column_span, cell.confidence))
            at = end
        self._length = at
        self.write("\n")
        self.add(Table(tuple(placed), rows, columns, trust, Source(page, line, box, (start, at))))

    def grid(self, cells: Sequence[Placed], rows: int, columns: int, *, line: int | None = None) -> None:
        """Write a table whose columns are trusted, as ``table`` does; its cells have no place of their own but in the text."""
        start = at = self._length
        parts = self._parts
        placed: list[TableCell] = []
        last = cells[0][1] if cells else 0
        new = tuple.__new__  # what Source(...) comes to, in half the time
        for text, row, column, row_span, column_span in cells:
            if row != last:
                parts.append("\n" * (row - last))
                at += row - last
                last = row
            elif placed:
                parts.append("\t")
                at += 1
            parts.append(text)
            end = at + len(text)
            source = new(Source, (None, None, None, (at, end)))
            placed.append(new(TableCell, (text, row, column, source, row_span, column_span, None)))
            at = end
        self._length = at
        self.write("\n")
        self.add(Table(tuple(placed), rows, columns, Trust.GRID, Source(None, line, None, (start, at))))

    def note(self, code: str, message: str) -> None:
        """Record a decision that a person may want to know; saying the same twice changes nothing."""
        note = ReadingNote(code, message)
        if note not in self.notes:
            self.notes.append(note)

    def document(
        self, data: bytes, media_type: str, meta: PageMeta | None = None, blocks: Iterable[Block] | None = None
    ) -> Document:
        """The document, its fingerprint that of the bytes as submitted. Raises EmptyFile if nothing was written."""
        text = "".join(self._parts)
        if not text or text.isspace():
            raise EmptyFile(self.name, "文件里只有空白，没有文字", "请核对后重新提交有内容的文件")
        return Document(
            text,
            tuple(self.blocks if blocks is None else blocks),
            media_type,
            self.name,
            hashlib.sha256(data).hexdigest(),
            meta or PageMeta(),
            tuple(self.notes),
            self.recognised,
        )


def too_much(name: str, what: str, limit: int, unit: str) -> LimitExceeded:
    """The error for a file with more of something than ``limit`` allows."""
    return LimitExceeded(name, f"{what}超过上限 {limit:,} {unit}", "请只提交年报本身，或拆分后重新提交")
