"""What the tests of readers look at: whether every range fits, and the short form of a document."""

from __future__ import annotations

from reports_in.document import Document, Paragraph, Table


def ranges_fit(document: Document) -> bool:
    """Whether every paragraph and every cell stands in the text where its source says."""
    return all(
        document.text[slice(*piece.source.chars)] == piece.text
        for block in document.blocks
        for piece in ([block] if isinstance(block, Paragraph) else block.cells)
    )


def shape(document: Document) -> list[object]:
    """Paragraphs as strings, tables as lists of rows of texts."""
    return [block.text if isinstance(block, Paragraph) else rows(block) for block in document.blocks]


def rows(table: Table) -> list[list[str]]:
    lines: list[list[str]] = [[] for _ in range(table.rows)]
    for cell in table.cells:
        lines[cell.row].append(cell.text)
    return lines


def notes(document: Document) -> list[str]:
    return [note.code for note in document.notes]


def everything(document: Document) -> str:
    """All that the blocks hold, in order."""
    return "\n".join(
        block.text if isinstance(block, Paragraph) else "\t".join(cell.text for cell in block.cells)
        for block in document.blocks
    )
