"""Read Markdown: headings, pipe tables, HTML tables, and the rows with tabs that converters leave between them.

What is written is what a reader of the page would see: marks of emphasis, escapes, link targets and inline tags are left
out, as zero-width characters are; every line of the file stays one line, so numbers of lines hold.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from reports_in.builder import Builder, too_much
from reports_in.document import Paragraph, Source, Table, TableCell, Trust
from reports_in.limits import LIMITS
from reports_in.rows import Rows, is_figure, spaced_cells

MEDIA_TYPE = "text/markdown"

_EVIDENCE = re.compile(
    r"^ {0,3}(?:#{1,6}[ \t]*[^\s#!\d]|#{1,6}[ \t]+\S|\|?[ \t]*+:?-{3,}:?[ \t]*\|[ \t|:-]*$|[|│┃｜].*[|│┃｜][ \t]*$)|<table[\s>]",
    re.MULTILINE | re.IGNORECASE,
)
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(?=[^\s#!])|(?=[^\s#!\d]))")
_UNDERLINE = re.compile(r" {0,3}(?:={3,}|-{3,})[ \t]*$")
_RULE = re.compile(r"[ \t]*(?:[*_=-][ \t]*){3,}$|[ \t]*(?:```|~~~)")
_PIPE_RULE = re.compile(r"[ \t]*+\|?[ \t]*+:?-+:?[ \t]*+(?:\|[ \t]*+:?-*+:?[ \t]*+)*$")
_BOX_RULE = re.compile(r"[ \t]*[+|┌┬┐├┼┤└┴┘╔╦╗╠╬╣╚╩╝─━═=:\- \t│┃]+$")
_BOX_EDGE = re.compile(r"[ \t]*[+┌├└╔╠╚][-─━═=┬┼┴╦╬╩+ ]+[+┐┤┘╗╣╝][ \t]*$")
_PIPE = re.compile(r"(?<!\\)[|│┃｜]")
_QUOTE_OR_BULLET = re.compile(r"[ \t]*(?:>[ \t]*)+|[ \t]*[*+-][ \t]+(?=[^\s\d])")  # "- 5 -" is the number of a page
_TAGS = "font|span|b|strong|i|em|u|s|sup|sub|center|p|div|a|small|big|label|mark|ins"
_INLINE = re.compile(
    r"\\([!-/:-@\[-`{-~])"  # an escaped mark: the mark itself
    r"|!\[[^\[\]\n]*\]\([^()\n]*\)"  # an image
    r"|\[([^\[\]\n]*)\]\((?=[^()\n./#:]*[./#:])[^()\n]*\)"  # a link: its text
    r"|\*{2,3}(?=[^\s*])|(?<=[^\s*])\*{2,3}"  # emphasis; stars alone may stand for a figure
    rf"|</?(?:{_TAGS})(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_MARK = re.compile(r"[\\\[*<&]")  # every mark that _inline looks for holds one of these; most rows of a table hold none
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TABLE_TAG = re.compile(r"<(/?)table[\s>]", re.IGNORECASE)
_FIGURE = re.compile(r"\d")
_CLOSED = re.compile(r"[|│┃｜][ \t\u00a0\u3000]*$", re.MULTILINE)
FEWEST_CLOSED = 5  # lines that end with a pipe, before a text without any other mark is taken for Markdown
FEWEST_ROWS = 3  # neighbouring lines that end with a pipe, before they are taken for a table
LONGEST_CELL = 80  # characters of a line before a pipe that stands alone; the longest label of the template has 38
_BLANK_CELLS = re.compile(r"[|│┃｜](?:[ \t\u00a0\u3000]+[|│┃｜]){3}")  # a row of which only the first cell is filled
# pipes side by side at a row's end fill it up where merged cells have shortened it; between blanks they stand for a blank cell
_PADDING = re.compile(r"([|│┃｜])[ \t\u00a0\u3000]+[|│┃｜]{2,}[ \t]*$")
_BLANK_AS_PADDING = re.compile(r"[|│┃｜]{2,}[ \t\u00a0\u3000]*[^\s|│┃｜]")
_MARKS = "|│┃｜ \t\u00a0\u3000"
_BARS = frozenset("|│┃｜")


def is_markdown(text: str, name: str) -> bool:
    """Whether a text uses Markdown, by its headings or tables; a file named .md needs no proof."""
    if name.lower().endswith((".md", ".markdown")) or _EVIDENCE.search(text) is not None:
        return True
    return len(_CLOSED.findall(text)) >= FEWEST_CLOSED


def write(builder: Builder, text: str) -> None:
    """Write the blocks of a Markdown text."""
    lines = text.split("\n")
    rows = Rows(builder)
    index = 0
    while index < len(lines):
        line = lines[index]
        if len(line) > LIMITS.line_chars:
            raise too_much(builder.name, "一行的文字", LIMITS.line_chars, "字")
        if "\t" in line and not _HEADING.match(line):
            shown = _inline(builder, line, " ")
            rows.add(shown.split("\t"), builder.write(shown), index + 1)
            builder.write("\n")
            index += 1
            continue
        rows.close()
        if "<table" in line.lower():
            index = _html_table(builder, lines, index)
        elif end := _end_of_cell_lines(lines, index) or _end_of_barred_lines(lines, index):
            _cell_lines(builder, lines, index, end)
            index = end
        elif end := _end_of_pipe_table(lines, index):
            _pipe_table(builder, lines, index, end)
            index = end
        else:
            level = _level(lines, index)
            _paragraphs(builder, line, index + 1, level)
            index += 1
    rows.close()


def _level(lines: list[str], index: int) -> int | None:
    if heading := _HEADING.match(lines[index]):
        return len(heading[1])
    if lines[index].strip() and index + 1 < len(lines) and _UNDERLINE.match(lines[index + 1]):
        return 1 if "=" in lines[index + 1] else None  # a line of dashes is a rule as often as an underline
    return None


def _paragraphs(builder: Builder, line: str, number: int, level: int | None) -> None:
    """Write one line; a ``<br>`` in it parts paragraphs. Rules and fences leave an empty line."""
    if heading := _HEADING.match(line):
        line = line[heading.end() :].rstrip()
        closed = line.rstrip("#")
        line = closed if closed.endswith((" ", "\t")) else line
    elif _RULE.match(line) or _BOX_EDGE.match(line) or line.strip() in _BARS:
        line = ""
    elif bullet := _QUOTE_OR_BULLET.match(line):
        line = line[bullet.end() :]
    if (cells := spaced_cells(line)) is not None:
        rows = Rows(builder)
        rows.add_at(cells, builder.write(line), number)
        rows.close()
        builder.write("\n")
        return
    for piece in _inline(builder, line, "\n").split("\n"):
        if shown := piece.strip():
            at = builder.write(shown)
            builder.add(Paragraph(shown, Source(None, number, None, (at, at + len(shown))), level))
        builder.write("\n")


def _inline(builder: Builder, text: str, line_break: str) -> str:
    """The text without its marks. A ``<br>`` becomes ``line_break``."""
    if "<" in text:
        text = _LINE_BREAK.sub(line_break, text)
    if "![" in text or "<img" in text.lower():
        builder.note("IMAGE", "文中有图片，图片里的文字未读取")
    if "&" in text:
        text = html.unescape(text)
    return _INLINE.sub(lambda mark: mark[1] or mark[2] or "", text)


def _end_of_pipe_table(lines: list[str], index: int) -> int:
    """One past the last line of the pipe table that starts here; 0 if none does."""
    framed = _is_framed(lines[index]) or _are_closed(lines, index)
    headed = "|" in lines[index] and index + 1 < len(lines) and "|" in lines[index + 1] and _PIPE_RULE.match(lines[index + 1])
    if not framed and not headed:
        return 0
    end = index + 1
    while end < len(lines) and (
        _is_framed(lines[end])
        or _is_rule(lines[end])
        or (framed and _is_closed(lines[end]) and not _end_of_cell_lines(lines, end))
        or (headed and _PIPE.search(lines[end]))
    ):
        end += 1
    if _RULE.match(lines[end - 1]):  # the rule below a table is not part of it
        end -= 1
    return end


def _is_framed(line: str) -> bool:
    """Whether a line starts and ends with a pipe and holds at least one cell between them."""
    body = line.strip()
    return len(body) > 2 and body[0] in "|│┃｜" and body[-1] in "|│┃｜" and not body.endswith("\\|")


def _is_closed(line: str) -> bool:
    """Whether a line ends with a pipe: the outer pipe on the left is left out by some converters."""
    body = line.rstrip()
    return len(body) > 1 and body[-1] in "|│┃｜" and not body.endswith("\\|")


def _are_closed(lines: list[str], index: int) -> bool:
    """Whether rows start here that have a pipe after every cell, and none before the first."""
    rows = lines[index : index + FEWEST_ROWS]
    return len(rows) == FEWEST_ROWS and all(map(_is_closed, rows)) and any(_filled(row) > 1 for row in rows)


def _filled(line: str) -> int:
    return sum(1 for piece in _PIPE.split(line) if piece.strip())


def _end_of_cell_lines(lines: list[str], index: int) -> int:
    """One past the last of the lines from here on that hold one cell each with its closing pipe; 0 if they are too few.

    Converters that keep the line breaks of a page's source print a table so.
    """
    if not _is_cell_line(lines[index]):
        return 0
    end = index + 1
    while end < len(lines) and _is_cell_line(lines[end]):
        end += 1
    return end if end - index > FEWEST_ROWS else 0


def _end_of_barred_lines(lines: list[str], index: int) -> int:
    """The same for cells whose closing pipe stands on the next line, alone; each further one closes a blank cell."""
    cells = 0
    at = index
    while at + 1 < len(lines) and _is_bare(lines[at]) and lines[at + 1].strip() in _BARS:
        cells += 1
        at += 2
        while at < len(lines) and lines[at].strip() in _BARS:
            at += 1
    return at if cells > FEWEST_ROWS else 0


def _is_bare(line: str) -> bool:
    return bool(line.strip()) and len(line) <= LONGEST_CELL and not _PIPE.search(line)


def _is_cell_line(line: str) -> bool:
    """Whether a line is one cell and its closing pipe, or pipes only (a blank cell, or what is left of a merged one)."""
    body = line.strip()
    if not body or body[-1] not in "|│┃｜" or body.endswith("\\|"):
        return False
    words = body.rstrip(_MARKS)
    return not words or not (_PIPE.search(words) or _BLANK_CELLS.search(body, len(words)))


def _cell_lines(builder: Builder, lines: list[str], index: int, end: int) -> None:
    """Write one-cell lines as rows of one cell. A lone pipe is a blank cell; more pipes only pad a row with merged cells.

    Where the first line is a lone pipe, rows open with one: then a lone pipe right before words is no cell.
    """
    opened = not lines[index].strip(_MARKS)
    rows = Rows(builder)
    for number in range(index, end):
        if number > index and lines[number].strip() in _BARS and _is_bare(lines[number - 1]):
            builder.write("\n")  # the pipe of the cell above
            continue
        words = _inline(builder, lines[number].strip().rstrip(_MARKS), " ").strip()
        if words:
            rows.add([words], builder.write(words), number + 1)
        elif len(lines[number].strip()) == 1 and not (opened and _opens_row(lines, number + 1, end)):
            rows.add([""], builder.length, number + 1)
        builder.write("\n")
    rows.close()


def _opens_row(lines: list[str], after: int, end: int) -> bool:
    words = lines[after].strip().rstrip(_MARKS) if after < end else ""
    return bool(words) and not is_figure(words)


def _is_rule(line: str) -> bool:
    return bool(line.strip()) and (_PIPE_RULE.match(line) is not None or _BOX_RULE.match(line) is not None)


def _pipe_table(builder: Builder, lines: list[str], index: int, end: int) -> None:
    """Write a pipe table. Its columns are trusted if all rows have as many cells and none that holds figures ends blank.

    Converters pad the rows that a merged cell has shortened: figures before a blank end have been shifted.
    """
    table_rows: list[tuple[int, list[str]]] = []
    outer = _outer_pipes(lines[index:end])
    padding = _PADDING if not any(map(_BLANK_AS_PADDING.search, lines[index:end])) else None
    for number, line in enumerate(lines[index:end], index + 1):
        if not _parts_rows(line):
            pieces = _split(padding.sub(r"\1", line) if padding else line, *outer)
            if _MARK.search(line):
                pieces = [_inline(builder, cell, "\n") for cell in pieces]
            table_rows.append((number, pieces))
    cells: list[TableCell] = []
    start = at = builder.length
    for row, (number, pieces) in enumerate(table_rows):
        written: list[str] = []
        for column, piece in enumerate(pieces):
            shown = piece.strip()
            if "\n" in shown:
                shown = "\n".join(filter(None, (part.strip() for part in shown.split("\n"))))
            written.append(shown)
            end = at + len(shown)
            cells.append(TableCell(shown, row, column, Source(None, number, None, (at, end))))
            at = end + 1
        builder.write("\t".join(written) + "\n")
    if not cells:
        return
    widths = {len(pieces) for _, pieces in table_rows}
    padded = any(not pieces[-1].strip() and any(map(_FIGURE.fullmatch, map(str.strip, pieces))) for _, pieces in table_rows)
    trust = Trust.GRID if len(widths) == 1 and not padded else Trust.RAGGED
    source = Source(None, cells[0].source.line, None, (start, cells[-1].source.chars[1]))
    builder.add(Table(tuple(cells), len(table_rows), max(widths), trust, source))


def _parts_rows(line: str) -> bool:
    return _is_rule(line) and re.search(r"[-─━═=]", line) is not None


def _outer_pipes(lines: list[str]) -> tuple[bool, bool]:
    """Whether the table's rows begin, and whether they end, with a pipe that parts no cells: as its rule does, else as its rows do.

    Where they do not, a row that begins or ends with a pipe has a blank cell there.
    """
    rows = [line for line in lines if not _parts_rows(line)]
    rule = next((line.strip() for line in lines if _parts_rows(line) and _PIPE.search(line)), None)
    if rule is not None:
        return rule[0] in _BARS, rule[-1] in _BARS
    return sum(row.strip()[:1] in _BARS for row in rows) * 2 > len(rows), all(map(_is_closed, rows))


def _split(line: str, opened: bool, closed: bool) -> list[str]:
    """The cells between the pipes, the outer pipes left out."""
    pieces = _PIPE.split(line.strip())
    if not pieces[0] and opened:
        del pieces[0]
    if len(pieces) > 1 and not pieces[-1] and closed:
        del pieces[-1]
    return pieces


def _html_table(builder: Builder, lines: list[str], index: int) -> int:
    """Write the HTML table that starts on this line, with what stands around it on its lines; one past its last line."""
    from reports_in.readers import html as html_reader

    depth = 0
    end = index
    for tag in _table_tags(lines, index):
        end, closing = tag
        depth += -1 if closing else 1
        if depth <= 0:
            break
    else:
        end = len(lines) - 1
    html_reader.write_fragment(builder, "\n".join(lines[index : end + 1]), index + 1)
    return end + 1


def _table_tags(lines: list[str], index: int) -> Iterator[tuple[int, bool]]:
    for number in range(index, len(lines)):
        for tag in _TABLE_TAG.finditer(lines[number]):
            yield number, bool(tag[1])
