"""Plain tables, read from a page's markup without a tree: rows of cells that hold nothing but text and what wraps it.

Nearly every table of a published report is one, with several bytes of markup for each that it shows. What the parser would make
of it is certain, so it is cut out of the page, and only the rest is parsed. The patterns here know a small and strict part of
HTML. A table with anything else in it (a link, a picture, a table, a comment, text between its cells) stays in the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from typing import NamedTuple

from reports_in.pages import Line
from reports_in.readers.html_tables import Cell, RawTable
from reports_in.readers.html_text import collapsed, span

OPENINGS = (b"<table", b"<TABLE")  # a page writes its tags in small letters or in capitals
SHAPES = 8  # are looked for before a pattern is asked; so many that most tables have no more
LOST = "\ufffd"
NEVER = b"\0"  # what no page holds that is read here
MARK = "plain-table"  # the attribute by which an empty table in the rest of the page says which of those cut out stood there

_BLANK = r"[ \t\r\n\f]*+"
_ATTRIBUTES = r"""(?: [a-z]++="[^"<]*")*+(?:[ \t\r\n\f]+[\w:-]+(?:="[^"<]*"|='[^'<]*'|=[^\s"'=<>`]+)?)*+[ \t\r\n\f]*+"""
_INLINE = rf"</?(?:span|font|strong|b|em|i|u|o:p){_ATTRIBUTES}>"  # closed in order or not: it makes no difference to the text
_PIECES = rf"(?:[^<]++|{_INLINE}|<br{_ATTRIBUTES}/?>)*+"
_CELL_BEGINS = rf"<(?P<cell>td|th)(?P<attributes>{_ATTRIBUTES})>"
_CELL_ENDS = rf"</(?P=cell)>{_BLANK}"


def _pattern(markup: str) -> re.Pattern[bytes]:
    return re.compile(markup.encode(), re.IGNORECASE)


_TABLE = _pattern(rf"<table{_ATTRIBUTES}>{_BLANK}(?:(?:<col(?:group)?{_ATTRIBUTES}/?>|</colgroup>){_BLANK})*+")
_BETWEEN_CELLS = _pattern(
    rf"(?P<row_ends></tr>{_BLANK})?"
    rf"(?:</(?P<group_ends>tbody|thead|tfoot)>{_BLANK})?"
    rf"(?:<(?P<group>tbody|thead|tfoot){_ATTRIBUTES}>{_BLANK})?"
    rf"(?:(?P<row><tr{_ATTRIBUTES}>{_BLANK})|(?P<end></table>))"
)
_CELL_OF_ONE_LINE = _pattern(  # in up to three pieces, with tags between them
    rf"{_CELL_BEGINS}{_BLANK}(?:<(?P<block>p|div){_ATTRIBUTES}>)?(?:{_BLANK}{_INLINE})*+"
    rf"(?P<text>[^<]*+)"
    rf"(?:(?:{_INLINE})++(?:(?P<more>[^<]++)(?:(?:{_INLINE})++(?:(?P<most>[^<]++)(?:{_INLINE})*+)?)?)?)?"
    rf"(?:</(?P=block)>{_BLANK})?{_CELL_ENDS}"
)
_CELL = _pattern(
    rf"{_CELL_BEGINS}"
    rf"(?P<content>{_PIECES}(?:<(?P<block>p|div){_ATTRIBUTES}>{_PIECES}</(?P=block)>{_PIECES})*+)"
    rf"{_CELL_ENDS}"
)
_LINE_END = _pattern(rf"</?(?:p|div|br){_ATTRIBUTES}/?>")
_INLINE_TAG = _pattern(_INLINE)
_ATTRIBUTE = re.compile(r"""([\w:-]+)(?:=(?:"([^"]*)"|'([^']*)'|([^\s"']+)))?""", re.ASCII)
_REFERENCE = re.compile(r"&(?:lt|gt|amp|quot|ensp|emsp|middot|mdash|hellip|ldquo|rdquo|#(?:34|39|160|12288|x27));")
_HIDES = _pattern(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|\shidden[\s=>]")


class _Shape(NamedTuple):
    """The markup of a cell of one line: before its text, and after each piece of it; and the spans that the cell states."""

    first: bytes
    others: tuple[bytes, ...]
    spans: tuple[int, int] | None


class _NotPlain(Exception):
    """The table holds what only the parser can tell."""


def cut_tables(page: bytes) -> tuple[bytes, list[RawTable]]:
    """The page with an empty table in the place of each plain one, and those tables.

    The page may be in any encoding; what is cut out of it is UTF-8, and no character of it is lost.
    """
    if NEVER in page:  # the parser leaves it out wherever it stands
        return page, []
    opening = OPENINGS[0] if page.find(OPENINGS[0]) >= 0 else OPENINGS[1]
    rest: list[bytes] = []
    tables: list[RawTable] = []
    done = 0
    reader = _Tables(page)
    start = page.find(opening)
    while start >= 0:
        reader.at = start
        try:
            table = reader.table()
        except (_NotPlain, UnicodeDecodeError):
            start = page.find(opening, start + 1)
            continue
        rest.append(page[done:start])
        rest.append(f"<table {MARK}={len(tables)}></table>".encode())
        tables.append(table)
        done = reader.at
        start = page.find(opening, done)
    if not tables:
        return page, []
    rest.append(page[done:])
    return b"".join(rest), tables


class _Tables:
    """What is read of a page from ``at`` on."""

    def __init__(self, page: bytes) -> None:
        self.page = page
        self.at = 0
        self._last = _Shape(NEVER, (NEVER,), None)  # of the last cell of one line whose text is in one piece
        self._shapes: list[_Shape] = []
        self._known: dict[bytes, tuple[int, int] | None] = {}  # markup before a text, seen to hide nothing, and such spans

    def table(self) -> RawTable:
        table = RawTable()
        self._take(_TABLE)
        group: bytes | None = None
        in_row = False
        while True:
            between = self._take(_BETWEEN_CELLS)
            row_ends, group_ends, opened, _, end = between.groups()
            if row_ends and not in_row:
                raise _NotPlain
            if group_ends:
                if group_ends.lower() != group:
                    raise _NotPlain
                group = None
            if opened:
                group = opened.lower()
                table.groups.append(len(table.rows))
            if end:
                return table
            if group is None:  # a row outside of any group is given one
                group = b"tbody"
                table.groups.append(len(table.rows))
            table.rows.append(self._row())
            in_row = True

    def _take(self, pattern: re.Pattern[bytes]) -> re.Match[bytes]:
        found = pattern.match(self.page, self.at)
        if found is None:
            raise _NotPlain
        self._spans_stated(found[0])
        self.at = found.end()
        return found

    def _row(self) -> list[Cell | str]:
        """The cells up to something else."""
        page, at = self.page, self.at
        before, (after,), spans = self._last
        row: list[Cell | str] = []
        while True:
            while page.startswith(before, at):  # most cells are marked up as the one before
                begin = at + len(before)
                end = page.find(b"<", begin)
                if not page.startswith(after, end):
                    break
                text = page[begin:end].decode()
                if text and not text.isalnum():  # asked here, for the sake of the many that are
                    text = collapsed(_characters(text))
                row.append(Cell(*spans, [], text) if spans else text)
                at = end + len(after)
            if page.startswith(b"</", at):
                break
            if (alike := self._as_one_before(at)) is not None:
                written, shape, at = alike
            elif (cell := _CELL_OF_ONE_LINE.match(page, at)) is not None:
                written, shape, at = [*filter(None, cell.group("text", "more", "most"))], self._shape(cell), cell.end()
            elif (cell := _CELL.match(page, at)) is not None:
                spans_stated = self._spans_stated(cell[0], cell["attributes"])
                texts = (_shown(_INLINE_TAG.split(line)) for line in _LINE_END.split(cell["content"]))
                row.append(_cell([text for text in texts if text], spans_stated))
                at = cell.end()
                continue
            else:
                break
            row.append(_cell([_shown(written)], shape.spans))
            if len(shape.others) == 1:
                before, (after,), spans = self._last = shape
        self.at = at
        return row

    def _as_one_before(self, at: int) -> tuple[list[bytes], _Shape, int] | None:
        """The pieces of text of a cell that is marked up like one met before, its shape, and where it ends."""
        page = self.page
        for shape in self._shapes:
            if page.startswith(shape.first, at):
                begin = at + len(shape.first)
                written = []
                for markup in shape.others:
                    end = page.find(b"<", begin)
                    if not page.startswith(markup, end):
                        break
                    written.append(page[begin:end])
                    begin = end + len(markup)
                else:
                    return written, shape, begin
        return None

    def _shape(self, cell: re.Match[bytes]) -> _Shape:
        """How a cell of one line is marked up; the first few are kept."""
        marks = [
            cell.start(),
            *[at for name in ("text", "more", "most") if cell[name] is not None for at in cell.span(name)],
            cell.end(),
        ]
        first, *others = [self.page[begin:end] for begin, end in zip(marks[::2], marks[1::2], strict=True)]
        spans = self._spans_stated(first, cell["attributes"])
        for markup in others:
            self._spans_stated(markup)
        shape = _Shape(first, tuple(others), spans)
        if len(self._shapes) < SHAPES:
            self._shapes.append(shape)
        return shape

    def _spans_stated(self, markup: bytes, attributes: bytes = b"") -> tuple[int, int] | None:
        """Over how many columns and rows a cell with those ``attributes`` reaches; None if it does not say.

        Raises _NotPlain or UnicodeDecodeError if the ``markup``, of which they are a part, hides something or is damaged.
        """
        if markup in self._known:
            return self._known[markup]
        if LOST in markup.decode():
            raise _NotPlain
        words = markup.lower()
        if b"&#" in words:
            words = unescape(words.decode()).encode()
        if (b"display" in words or b"hid" in words) and _HIDES.search(words):
            raise _NotPlain
        spans = None
        if b"span=" in attributes.lower():
            stated: dict[str, str] = {}
            for name, *values in _ATTRIBUTE.findall(attributes.lower().decode()):
                stated.setdefault(name, unescape("".join(values)))
            spans = span(stated.get("colspan")), span(stated.get("rowspan"))
        self._known[markup] = spans
        return spans


def _cell(lines: list[str], spans: tuple[int, int] | None) -> Cell | str:
    if len(lines) > 1:
        return Cell(*(spans or (1, 1)), [Line(line) for line in lines])
    text = lines[0] if lines else ""
    return Cell(*spans, [], text) if spans else text


def _shown(pieces: Iterable[bytes]) -> str:
    """A line as the page shows it; between its pieces there are tags, over which no character and no reference goes."""
    return collapsed("".join([_characters(piece.decode()) for piece in pieces]))


def _characters(text: str) -> str:
    """The characters that a piece of text stands for."""
    if text.isalnum():  # letters and figures alone, as most cells hold
        return text
    if LOST in text:
        raise _NotPlain
    if "&" in text:
        text = text.replace("&nbsp;", "\xa0")  # by far the most frequent
        if text.count("&") != len(_REFERENCE.findall(text)):
            raise _NotPlain
        text = unescape(text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text
