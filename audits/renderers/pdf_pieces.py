"""The pieces that the chapters of a report are made of: headings, paragraphs, named fields, ledgers, tracked changes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from typing import NamedTuple

from rapidfuzz.distance import Indel

from audits.renderers.pdf_layout import BLACK, BOTTOM, LEFT, LONGEST, MEASURE, RIGHT, TOP, Book, Colour, Page, Row, Run, Style
from audits.wording import SEVERITIES
from rules.verdict import Severity

SYMBOLS = {Severity.ERROR: "■", Severity.WARNING: "▲", Severity.NOTICE: "○"}
INK = {Severity.ERROR: "0.70 0.10 0.10", Severity.WARNING: "0.66 0.38 0.02", Severity.NOTICE: "0.16 0.34 0.56"}
TINT = {Severity.ERROR: "0.985 0.87 0.86", Severity.WARNING: "0.995 0.93 0.80", Severity.NOTICE: "0.88 0.93 0.98"}
GRAVITY = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTICE: 2}
GREY, PALE, RULE, HAIRLINE = "0.45 0.45 0.47", "0.945 0.947 0.952", "0.62 0.62 0.64", "0.85 0.85 0.87"
RED, VIOLET, GREEN = "0.70 0.10 0.10", "0.36 0.20 0.50", "0.05 0.40 0.25"
VIOLET_TINT = "0.94 0.92 0.97"

TITLE = Style(21, 30, BLACK, bold=True)
TILE_COUNT, TILE_NAME = Style(17, 20, BLACK, bold=True), Style(8.6, 11)
RUNNING = Style(7.8, 10, GREY)
CHAPTER = Style(13.5, 22, BLACK, bold=True)
SUBHEAD = Style(11, 18, BLACK, bold=True)
CAPTION = Style(10.0, 15.0, BLACK, bold=True)
BODY = Style(10.5, 17.5)
TEXT = Style(9.4, 14.6)
STRONG = Style(10.2, 15.6, BLACK, bold=True)
SMALL = Style(8.0, 12.2)
SMALL_GREY = Style(8.0, 12.2, GREY)
SMALL_BOLD = Style(8.0, 12.2, BLACK, bold=True)
FIELD = Style(8.6, 14.6, GREY)
INDENT = 21.0  # two characters of BODY
IN_LEDGER = 160  # characters shown of one cell of a ledger
LEDGER_HEAD, WHOLE_LEDGER = 17.0, 260.0  # points
NUMERALS = "一二三四五六七八九"


class Words(NamedTuple):
    """The text of a ledger's cell; with ``official`` its differences from that are shown as tracked changes."""

    text: str
    style: Style = SMALL
    official: str = ""


class Entry(NamedTuple):
    """A line of a ledger: its cells, what the line links to, and the name by which it is linked to."""

    cells: Sequence[Words]
    link: str = ""
    anchor: str = ""


class Column(NamedTuple):
    """x counts from the ledger's left edge."""

    x: float
    width: float
    head: str


class Tile(NamedTuple):
    """A count in a box: its sign, name, number, and the colours that it has unless the count is 0."""

    symbol: str
    name: str
    number: int
    ink: Colour
    tint: Colour


def masthead(book: Book, heading: str) -> None:
    """The first page with the document's name over a double red rule."""
    book.new_page()
    book.y = TOP + 6
    book.centred(LEFT, RIGHT, book.y + 18, heading, TITLE)
    book.y += 34
    book.stroke([(LEFT, book.y, RIGHT, book.y)], RED, 1.8)
    book.stroke([(LEFT, book.y + 3.4, RIGHT, book.y + 3.4)], RED, 0.6)
    book.y += 16


def severity_tile(level: Severity, count: int) -> Tile:
    return Tile(SYMBOLS[level], SEVERITIES[level], count, INK[level], TINT[level])


def other_tiles(doubtful: int, undecided: int) -> list[Tile]:
    return [Tile("◇", "人工核对", doubtful, VIOLET, VIOLET_TINT), Tile("—", "无法核验", undecided, GREY, PALE)]


def tiles(book: Book, shown: Sequence[Tile]) -> None:
    """A row of tiles as wide as the type area."""
    gap, height = 8.0, 50.0
    width = (MEASURE - gap * (len(shown) - 1)) / len(shown)
    book.need(height)
    for index, tile in enumerate(shown):
        x = LEFT + index * (width + gap)
        book.fill(x, book.y, width, height, tile.tint if tile.number else PALE)
        book.fill(x, book.y, width, 2.2, tile.ink if tile.number else RULE)
        colour = tile.ink if tile.number else GREY
        book.centred(x, x + width, book.y + 26, str(tile.number), TILE_COUNT._replace(colour=colour))
        book.centred(x, x + width, book.y + 41, f"{tile.symbol} {tile.name}", TILE_NAME._replace(colour=colour))
    book.y += height + 12


def running_heads(book: Book, words: str) -> None:
    """Running heads and page numbers, when it is known how many pages there are."""
    pages = book.pages
    running = book.shortened(words, RUNNING, MEASURE)
    for number, page in enumerate(pages, 1):
        book.pages = [Page()]
        if number > 1:
            book.text(LEFT, TOP - 26, running, RUNNING)
            book.stroke([(LEFT, TOP - 19, RIGHT, TOP - 19)], RULE, 0.4)
        page.code[:0] = book.page.code  # read first, as it is printed first
        book.pages = [page]
        book.centred(LEFT, RIGHT, BOTTOM + 30, f"第 {number} 页　共 {len(pages)} 页", RUNNING)
    book.pages = pages


def chapter(book: Book, title: str, name: str, follow: float = 60.0) -> None:
    """A chapter's heading, with at least ``follow`` points of the page left below it."""
    book.space(16)
    book.need(CHAPTER.leading + 3 + follow)
    book.anchor(name, book.y)
    book.bookmark(title, name, 0)
    book.text(LEFT, book.y + 15, title, CHAPTER)
    book.y += CHAPTER.leading + 3


def subhead(book: Book, title: str, follow: float = 48.0) -> None:
    book.space(8)
    book.need(SUBHEAD.leading + 1 + follow)
    book.text(LEFT, book.y + 13, title, SUBHEAD)
    book.y += SUBHEAD.leading + 1


def say(book: Book, text: str, style: Style = BODY, indent: float = 0.0) -> None:
    book.flow(paragraph(book, text, style, LEFT, indent))


def paragraph(book: Book, text: str, style: Style, x: float, indent: float = 0.0) -> list[Row]:
    return book.rows(book.clean(text), style, x, RIGHT - x, indent)


def field(
    book: Book, name: str, value: str, x: float, column: float, style: Style, *, link: str = "", longest: int = LONGEST
) -> list[Row]:
    """A name in grey and beside it the value, wrapped in a column of its own. Nothing if there is no value."""
    if not value:
        return []
    rows = book.rows(book.clean(value, longest), style, x + column, RIGHT - x - column)
    return named(rows, name, x, min(style.size, FIELD.size), link)


def named(rows: list[Row], name: str, x: float, size: float, link: str = "", colour: Colour = GREY) -> list[Row]:
    """The rows with a name in front of the first one, and a link on it."""
    first = rows[0]
    runs = tuple(run._replace(link=link) for run in first.runs) if link else first.runs
    if name:
        runs = (Run(x, first.runs[0].down, name, Style(size, first.height, colour)), *runs)
    return [Row(first.height, runs, first.lead), *rows[1:]]


def ledger(book: Book, title: str, columns: Sequence[Column], entries: Sequence[Entry]) -> None:
    """A table of lines, its title kept with the first one, its head printed again on every page. A low one is not torn."""
    cell = cache(partial(_ledger_cell, book))  # most cells of a column of counts are alike
    laid = [[cell(words, column) for words, column in zip(entry.cells, columns, strict=True)] for entry in entries]
    heights = [max(map(len, cells)) * SMALL.leading + 3.6 for cells in laid]
    before = (18.0 if title else 4.0) + LEDGER_HEAD
    total = before + sum(heights)
    book.need(total if total <= WHOLE_LEDGER else before + sum(heights[:2]))
    if title:
        book.text(LEFT, book.y + 11, title, CAPTION)
    book.y += 18 if title else 4
    _ledger_head(book, columns)
    for entry, cells, height in zip(entries, laid, heights, strict=True):
        pages = len(book.pages)
        book.need(height)
        if len(book.pages) != pages:
            _ledger_head(book, columns)
        if entry.anchor:
            book.anchor(entry.anchor, book.y - 40)
        if entry.link:
            book.link(LEFT, book.y, RIGHT, book.y + height, entry.link)
        for rows in cells:
            for index, row in enumerate(rows):
                book.draw(row, book.y + 1.6 + index * SMALL.leading)
        book.y += height
        book.stroke([(LEFT, book.y, RIGHT, book.y)], HAIRLINE, 0.4)
    book.space(10)


def _ledger_cell(book: Book, words: Words, column: Column) -> list[Row]:
    x, width = LEFT + column.x + 3, column.width - 6
    text = book.clean(words.text, IN_LEDGER)
    if words.official and text != words.official:
        return changes(book, text, words.official, words.style, x, width)
    return book.rows(text, words.style, x, width)


def _ledger_head(book: Book, columns: Sequence[Column]) -> None:
    bottom = book.y + LEDGER_HEAD
    book.fill(LEFT, book.y, MEASURE, LEDGER_HEAD, PALE)
    book.stroke([(LEFT, book.y, RIGHT, book.y), (LEFT, bottom, RIGHT, bottom)], RULE, 0.6)
    for column in columns:
        book.text(LEFT + column.x + 3, book.y + 11.6, column.head, SMALL_BOLD)
    book.y = bottom


def changes(book: Book, actual: str, expected: str, style: Style, x: float, limit: float) -> list[Row]:
    """Both texts in one, as tracked changes: what should go struck out, what should come underlined."""
    pieces = _pieces(actual, expected)
    whole = "".join(text for text, _ in pieces)
    decorations = [decoration for text, decoration in pieces for _ in text]
    inks = {"": style, "strike": style._replace(colour=RED), "under": style._replace(colour=GREEN)}
    rows, start = [], 0
    for line, _ in book.lines(whole, style, limit):
        start = whole.index(line, start)
        runs: list[Run] = []
        at = x
        for text, decoration in _grouped(line, decorations[start : start + len(line)]):
            down = (style.leading + 0.76 * style.size) / 2
            runs.append(Run(at, down, text, inks[decoration], decoration=decoration))
            at += book.width(text, style)
        rows.append(Row(style.leading, tuple(runs)))
        start += len(line)
    return rows


def _pieces(actual: str, expected: str) -> list[tuple[str, str]]:
    """Both texts cut into (characters, decoration); where both differ, what goes stands before what comes."""
    pieces: list[tuple[str, str]] = []
    gone = come = ""
    for step in Indel.opcodes(actual, expected):
        if step.tag == "delete":
            gone += actual[step.src_start : step.src_end]
        elif step.tag == "insert":
            come += expected[step.dest_start : step.dest_end]
        else:
            pieces += [(gone, "strike"), (come, "under"), (actual[step.src_start : step.src_end], "")]
            gone = come = ""
    return [(text, decoration) for text, decoration in (*pieces, (gone, "strike"), (come, "under")) if text]


def _grouped(text: str, kinds: Sequence[str]) -> list[tuple[str, str]]:
    groups: list[tuple[str, str]] = []
    for char, kind in zip(text, kinds, strict=True):
        if groups and groups[-1][1] == kind:
            groups[-1] = (groups[-1][0] + char, kind)
        else:
            groups.append((char, kind))
    return groups


def number_ranges(numbers: Sequence[int]) -> str:
    """1、3—5、9"""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][-1] == number - 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return "、".join(f"{part[0]}—{part[-1]}" if len(part) > 2 else "、".join(map(str, part)) for part in parts)
