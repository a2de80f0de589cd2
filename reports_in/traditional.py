"""Traditional characters to simplified ones, for copies of reports that some sites keep in traditional script.

Official reports are printed in simplified characters, and the templates and rules are written in them. ``traditional.txt`` pairs
the traditional forms of what reports print, after kSimplifiedVariant of Unicode's Unihan database: one character for one, so that
every place in the text stays where it is.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from reports_in.document import Block, Document, Paragraph, ReadingNote

PAIRS = Path(__file__).with_suffix(".txt")
TOLD_BY = ("開", "开")  # of 公開: a text in traditional characters prints the first, and not the second
NOTE = ReadingNote("TRADITIONAL", "原文为繁体字，已按简体字读取，引文也用简体字")


def simplified(document: Document) -> Document:
    """The document as it would read in simplified characters; itself if it is printed in them."""
    text = document.text
    if TOLD_BY[0] not in text or text.count(TOLD_BY[0]) <= text.count(
        TOLD_BY[1]
    ):  # nearly every text is asked no more than this
        return document
    pairs = _pairs()
    meta = document.meta
    return replace(
        document,
        text=text.translate(pairs),
        blocks=tuple(_block(block, pairs) for block in document.blocks),
        meta=replace(
            meta,
            title=meta.title and meta.title.translate(pairs),
            publisher=meta.publisher and meta.publisher.translate(pairs),
        ),
        notes=(*document.notes, NOTE),
    )


def _block(block: Block, pairs: dict[int, str]) -> Block:
    if isinstance(block, Paragraph):
        return block._replace(text=block.text.translate(pairs))
    return replace(block, cells=tuple(cell._replace(text=cell.text.translate(pairs)) for cell in block.cells))


@cache
def _pairs() -> dict[int, str]:
    return {ord(pair[0]): pair[1] for pair in PAIRS.read_text("utf-8").split()}
