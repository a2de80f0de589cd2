"""Flatten a Document into printed lines of pieces, and find the logical rows in them.

A dump can print a table row as one line (tabs, spaces, a grid) or as one cell a line. Both become the same ``PrintedRow``: the
pieces that may be its label, and the pieces after it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from audits.align.folding import fold
from audits.align.targets import is_table_word, without_note
from reports_in.document import Document, Paragraph, Source, Table, Trust
from rules.headings import read_heading, section_of
from rules.numbers import is_placeholder, parse_figure

PROSE_LENGTH = 70  # folded characters; the longest label of the template has 38
# a line of a text dump whose cells are parted by blanks only: a label, then figures
SPACED_ROW = re.compile(
    r"^(?P<label>.*?[^\s\d.,，、（(/-])\s*[ \t\u3000\xa0]+(?P<values>(?:[-+]?[\d.,，]+(?:件|万元|元)?|[/／—\-]|无)(?:[ \t\u3000\xa0]+(?:[-+]?[\d.,，]+(?:件|万元|元)?|[/／—\-]|无))*)\s*$"
)
SPACED_VALUES = re.compile(r"^\s*[-+]?[\d.,，]+(?:[ \t\u3000\xa0]+[-+]?[\d.,，]+){2,}\s*$")
BLANK = re.compile(r"[ \t\u3000\xa0]")  # without one a line has no cells
TOKEN = re.compile(r"[^ \t\u3000\xa0]+")
GAP_PARTS = re.compile(r"[^\s\u3000\xa0]+(?:[ \xa0][^\s\u3000\xa0]+)*")  # words parted by two blanks or more
LONE_ENUMERATOR = re.compile(r"\d{1,2}\s*[.、．)）]")  # the first line of a label broken after its number
DIGIT = re.compile(r"\d")  # of any script and width
SHORT_LINE = 12
WIDEST_ROW = 40
SURE_FIGURES = 5
LONGEST_DIGITS = 40
LONGEST_LINE = 200
LONGEST_HEADING = 70
SURE_HEADING = 85
EXACT_HEADING = 100


class Piece(NamedTuple):
    """A cell, or a line standing for one, its text without blanks around it.

    column is the physical column (grid, ragged), None in a stream of lines.
    """

    text: str
    source: Source
    column: int | None = None
    confidence: float | None = None

    @property
    def blank(self) -> bool:
        return not self.text


@dataclass(slots=True)
class PrintedRow:
    """One logical row.

    labels  non-blank pieces from the left, up to the first figure; the row's own label is at their end.
    words   each of the labels folded, "" for one too long to be a label: asked for again and again.
    values  everything after the labels, blanks included, in order.
    pieces  the whole row as printed, blanks included; empty for a stream.
    block   index of the block it starts in.
    stream  True if it was gathered from one-cell lines; then blanks may have vanished without a trace.
    filled  how many of the values are not blank; has_figure is True if one of them is a figure or a mark for none.
    """

    index: int
    block: int
    labels: list[Piece]
    values: list[Piece]
    pieces: list[Piece] = field(default_factory=list)
    stream: bool = False
    trust: Trust | None = None
    filled: int = 0
    has_figure: bool = False
    words: Sequence[str] = ()

    @property
    def at(self) -> Source:
        return (self.labels or self.values)[0].source


@lru_cache(maxsize=8192)
def looks_like_value(text: str) -> bool:
    """True for what a data cell may hold: a figure, a figure cut by blanks or line breaks, a placeholder."""
    compact = text.strip()
    if compact.isascii() and compact.isdigit():
        return True
    if not compact or len(compact) > LONGEST_DIGITS or LONE_ENUMERATOR.fullmatch(compact):
        return False
    if len(compact) > 24:
        return False
    if is_placeholder(compact):
        return True
    if not DIGIT.search(compact) and " " not in compact:
        return False  # no figure, but perhaps one in Chinese numerals, and those are words
    tokens = compact.split(" ")
    if len(tokens) > 1 and all(parse_figure(token).value is not None for token in tokens):
        return True
    figure = parse_figure(compact.replace("\n", ""))
    return (figure.value is not None and figure.odd != "han") or figure.odd == "spaced"


def printed_rows(document: Document) -> list[PrintedRow]:
    """Every logical row of the document in reading order; a paragraph of prose is a row with one label."""
    rows: list[PrintedRow] = []
    run: list[tuple[int, Piece, bool]] = []  # one-cell lines: block, piece, whether a tab stood before it

    def flush() -> None:
        if run:
            rows.extend(_from_tab_run(run) or _from_stream([(block, piece) for block, piece, _ in run]))
            run.clear()

    for number, block in enumerate(document.blocks):
        if isinstance(block, Paragraph):
            text = block.text.strip()
            parted = _printed_length(text) <= LONGEST_LINE and BLANK.search(text)
            pieces = (_split_spaced(block) or _split_heads(block)) if parted else None
            if pieces is None:
                if run and run[-1][2] and not _continues_cell(run[-1][1], block):
                    flush()
                run.append((number, Piece(text, block.source), False))
            else:
                flush()
                rows.append(_row(number, pieces, None))
        elif block.trust is Trust.GRID:
            flush()
            rows.extend([_row(number, cells, Trust.GRID) for cells in _table_rows(block, document.text)])
        else:
            for cells in _table_rows(block, document.text):
                few = len(cells) <= 2 and not (block.columns > 2 and _is_blank_row(cells))
                filled = [piece for piece in cells if piece.text] if few else cells
                if few and len(cells) == 1:
                    run.append((number, cells[0], False))  # one cell a line, a blank one too: no tab says where a row begins
                elif few and len(filled) == 1 and (_is_prose(filled[0].text) or _is_heading(filled[0].text)):
                    flush()  # a paragraph that begins with a tab, no cell
                    rows.extend(_from_stream([(number, filled[0])]))
                elif few and len(filled) <= 1:
                    # one cell a line: "\t0" or "\t"; a blank one is a blank cell
                    if run and not run[-1][2] and not (len(run) > 1 and run[-2][2] and _continues_cell(run[-2][1], run[-1][1])):
                        flush()
                    run.append((number, filled[0] if filled else cells[-1], True))
                else:
                    flush()
                    rows.append(_row(number, cells, block.trust))
    flush()
    for index, row in enumerate(rows):
        row.index = index
        row.words = [fold(text) if len(text) <= PROSE_LENGTH else "" for text, _, _, _ in row.labels]
    return rows


def is_section_heading(text: str) -> bool:
    """True for one of the six headings with its own number; rows of the tables are numbered alike."""
    if len(text) > LONGEST_HEADING or looks_like_value(text):
        return False
    read = read_heading(text)
    if read.number is None:
        return False
    section, score = section_of(read.title)
    return section is not None and read.number == section.number and score >= SURE_HEADING


@lru_cache(maxsize=8192)
def _is_heading(text: str) -> bool:
    """True also for a section heading without its number, if its words are exactly those."""
    return is_section_heading(text) or (not looks_like_value(text) and section_of(text)[1] == EXACT_HEADING)


def _is_blank_row(cells: list[Piece]) -> bool:
    """True for a label and the blank cell behind it."""
    return len(cells) == 2 and bool(cells[0].text) and not cells[1].text and not looks_like_value(cells[0].text)


def _is_prose(text: str) -> bool:
    return len(text) > PROSE_LENGTH or "。" in text


def _table_rows(table: Table, text: str) -> list[list[Piece]]:
    """The pieces of every row. A merged cell is a piece of its first row only."""
    rows: list[list[Piece]] = []
    last = -1
    new = tuple.__new__  # what Piece(...) comes to, in half the time
    for printed, row, column, source, _, _, confidence in table.cells:  # in reading order
        if row != last:
            pieces: list[Piece] = []
            rows.append(pieces)
            last = row
        pieces.append(new(Piece, (printed.strip(), source, column, confidence)))
    if table.trust is Trust.RAGGED:
        return [_respaced(pieces, text) if len(pieces) > 1 and _is_spaced(pieces, text) else pieces for pieces in rows]
    return rows


def _is_spaced(pieces: list[Piece], text: str) -> bool:
    """True if nothing but blanks parts the two cells or more: then a blank cell leaves no trace and the count of cells is no column."""
    for before, after in pairwise(pieces):
        gap = text[before.source.chars[1] : after.source.chars[0]]
        if "\t" in gap or "|" in gap:
            return False
    return True


def _respaced(pieces: list[Piece], text: str) -> list[Piece]:
    """The row cut anew where a single blank parts a label from its first figure; its pieces stand in no known column."""
    start, end = pieces[0].source.chars[0], pieces[-1].source.chars[1]
    line = Paragraph(text[start:end], pieces[0].source._replace(chars=(start, end)))
    return _split_spaced(line) or [piece._replace(column=None) for piece in pieces]


def _continues_cell(before: Piece, after: Piece | Paragraph) -> bool:
    """True for the second line of a cell that was dumped with its line break: short, and right below."""
    here, there = before.source.line, after.source.line
    return len(after.text) <= SHORT_LINE and here is not None and there is not None and there - here <= 2


def _from_tab_run(run: list[tuple[int, Piece, bool]]) -> list[PrintedRow] | None:
    """Rows of a dump that sets a tab before every cell and an empty line between rows; None if it is no such dump.

    Then covered and blank cells keep their place, as in a tab-separated line.
    """
    if sum(tab for _, _, tab in run) * 2 <= len(run):
        return None  # none, or a few lines that were indented by one
    groups: list[tuple[int, list[Piece]]] = []
    last_line: int | None = None
    for block, (text, source, _, confidence), tab in run:  # each becomes a new piece: _replace would take five times as long
        line = source.line
        if line is None:
            return None
        if not tab and groups and last_line is not None and line - last_line <= 2:
            before = groups[-1][1][-1]
            both = before.source._replace(chars=(before.source.chars[0], source.chars[1]))
            groups[-1][1][-1] = before._replace(text=f"{before.text}\n{text}", source=both)
        elif groups and last_line is not None and line - last_line == 1:
            groups[-1][1].append(Piece(text, source, len(groups[-1][1]), confidence))
        else:
            groups.append((block, [Piece(text, source, 0, confidence)]))
        last_line = line
    sizes = sorted(len(pieces) for _, pieces in groups)
    if sizes[len(sizes) // 2] < 2 or sizes[-1] > WIDEST_ROW:
        return None
    return [_row(block, pieces, Trust.RAGGED) for block, pieces in groups]


def _row(block: int, pieces: list[Piece], trust: Trust | None) -> PrintedRow:
    labels: list[Piece] = []
    first = 0  # of the row's values: after the last words; blanks between the label and the first figure may be cells or layout
    filled = 0
    has_figure = False
    for index, piece in enumerate(pieces):
        text = piece.text
        if not text:
            continue
        if looks_like_value(text):
            has_figure = True
            filled = len([True for piece in pieces[index:] if piece.text])
            break
        if (text[-1] in ")）" or len(text) > PROSE_LENGTH) and (label := without_note(text)) != text:
            piece = pieces[index] = piece._replace(text=label)
        labels.append(piece)
        first = index + 1
    return PrintedRow(0, block, labels, pieces[first:], pieces, False, trust, filled, has_figure)


def _from_stream(stream: list[tuple[int, Piece]]) -> list[PrintedRow]:
    """Rows of a dump with one cell a line: words, then figures and blanks until the next words."""
    rows: list[PrintedRow] = []
    current: PrintedRow | None = None
    for block, piece in stream:
        if piece.blank or looks_like_value(piece.text):
            if current is None:
                current = PrintedRow(0, block, [], [], stream=True)
            current.values.append(piece)
            if not piece.blank:
                current.filled += 1
                current.has_figure = True
        else:
            text = piece.text
            if (text[-1] in ")）" or len(text) > PROSE_LENGTH) and (label := without_note(text)) != text:
                piece = piece._replace(text=label)
            if current is not None and (current.values or not _may_continue(current.labels[-1], piece)):
                rows.append(current)
                current = None
            if current is None:
                current = PrintedRow(0, block, [], [], stream=True)
            current.labels.append(piece)
    if current is not None:
        rows.append(current)
    return rows


def _may_continue(before: Piece, piece: Piece) -> bool:
    """Words after words belong to one row only if both are short: prose is never part of a label."""
    return len(before.text) <= PROSE_LENGTH and len(piece.text) <= PROSE_LENGTH and "。" not in before.text


def _split_spaced(paragraph: Paragraph) -> list[Piece] | None:
    """The pieces of a line whose cells are parted by blanks, None if it is no such line."""
    text = paragraph.text
    if _printed_length(text) > LONGEST_LINE or not (text[-1:].isdigit() or text.rstrip()[-1:] in "件元/／—-无"):
        return None
    match = SPACED_ROW.match(text)
    start = match.start("values") if match else 0
    if match is None and not SPACED_VALUES.match(text):
        return None
    if match is not None and not _may_be_label(match["label"], len(TOKEN.findall(match["values"]))):
        return None
    line = paragraph.source
    pieces = []
    if match is not None:
        for label in GAP_PARTS.finditer(text, 0, match.end("label")):
            pieces.append(Piece(label[0], _part(line, label.start(), label.end())))
    for token in TOKEN.finditer(text, start):
        pieces.append(Piece(token[0], _part(line, token.start(), token.end())))
    return pieces


def _may_be_label(words: str, figures: int) -> bool:
    """Few figures after many words are a sentence that a line end cut, unless the words are the template's."""
    return "。" not in words and (figures >= SURE_FIGURES or len(words.strip()) <= SHORT_LINE or is_table_word(words))


def _split_heads(paragraph: Paragraph) -> list[Piece] | None:
    """The pieces of a line of column heads parted by blanks: all of them words of the template's tables, None otherwise."""
    text = paragraph.text.strip()
    if _printed_length(text) > LONGEST_LINE or (" " not in text and "\u3000" not in text and "\xa0" not in text):
        return None
    lead = len(paragraph.text) - len(paragraph.text.lstrip())
    best: tuple[int, list[Piece]] = (1, [])
    for pattern in (GAP_PARTS, TOKEN):
        parts = list(pattern.finditer(text))
        known = sum(is_table_word(part[0]) for part in parts)
        if known > best[0] and known * 5 >= len(parts) * 3:
            pieces = [Piece(part[0], _part(paragraph.source, lead + part.start(), lead + part.end())) for part in parts]
            best = known, pieces
    return best[1] or None


def _printed_length(text: str) -> int:
    """Characters without the blanks that set columns apart."""
    return len(text) - text.count(" ")


def _part(source: Source, start: int, end: int) -> Source:
    return Source(source.page, source.line, source.box, (source.chars[0] + start, source.chars[0] + end))
