"""The chapter of problems: by severity, each with where, what, the words of the report, expected and actual, basis and advice."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from itertools import groupby

from rapidfuzz import fuzz

from audits.findings import Audit, Evidence, Finding, is_doubtful
from audits.renderers.evidence import Pages, Piece
from audits.renderers.pdf_layout import BLACK, LEFT, RIGHT, Book, Colour, Picture, Row, Run, Style
from audits.renderers.pdf_pieces import (
    BODY,
    FIELD,
    GREEN,
    GREY,
    INDENT,
    INK,
    NUMERALS,
    STRONG,
    SUBHEAD,
    SYMBOLS,
    TEXT,
    VIOLET,
    changes,
    chapter,
    field,
    named,
    say,
)
from audits.renderers.pdf_reasons import draw_causes, likely_causes
from audits.wording import SEVERITIES, column_label, decision_in_words, place_in_file, quoted, row_label
from reports_in.document import Source
from rules.editions import Edition
from rules.verdict import Severity

NUMBER_COLUMN, FIELD_COLUMN = 24.0, 52.0
WHOLE_CARD = 300.0  # points; a problem lower than this is not torn over two pages
SHORT_QUOTE = 40  # characters; quotes all this short share their lines
LONG_SUM = 8  # quoted cells of a sum; of more than these the zeros are only counted
COMPARABLE = range(4, 200)  # characters of two texts shown as tracked changes
ALIKE = 60.0  # 0..100: less similar texts are clearer side by side than as changes

CellNames = Mapping[Source, list[tuple[str, str, str, str]]]  # place in the file -> table, row, column, words


def draw_problems(book: Book, audit: Audit, edition: Edition, title: str, name: str, pages: Pages | None = None) -> None:
    """The chapter, with pieces of the source where ``pages`` has them; its heading, the first severity's heading and the first problem stand on one page."""
    if not audit.standing():
        chapter(book, title, name)
        said = "没有成立或待认定的问题。" if audit.findings else "未发现问题。"
        say(book, f"{said}已核验的事项见“核查范围”，未能核验的事项见“无法核验的事项”。", BODY, INDENT)
        return
    cells = _cells_by_source(audit)
    levels = [level for level in Severity if audit.count(level)]
    shown: Severity | None = None
    for number, finding in audit.standing():
        level = finding.severity
        rows = _problem(book, number, finding, edition, cells, audit, pages)
        if level is not shown:
            heading = _level_heading(levels.index(level), level, audit.count(level))
            total = sum(row.height for row in rows)
            follow = heading.height + (total if total < WHOLE_CARD else sum(row.height for row in rows[:4]))
            if shown is None:
                chapter(book, title, name, follow)
            book.space(4)
            book.need(follow)
            book.bookmark(_level_words(level, audit.count(level)), _level_name(level), 1)
            book.flow([heading])
            shown = level
        book.flow(rows, bar=INK[level], whole=WHOLE_CARD)
        book.space(11)
        book.bookmark(book.shortened(book.clean(f"{number}. {finding.title}"), BODY, 320), f"f{number}", 2)


def _level_heading(ordinal: int, level: Severity, count: int) -> Row:
    words = f"（{NUMERALS[ordinal]}）{SYMBOLS[level]} {_level_words(level, count)}"
    return Row(22, (Run(LEFT, 14, words, SUBHEAD._replace(colour=INK[level]), anchor=_level_name(level)),), lead=True)


def _level_words(level: Severity, count: int) -> str:
    return f"{SEVERITIES[level]}（{count}处）"


def _level_name(level: Severity) -> str:
    return f"level-{level.value}"


def _problem(
    book: Book,
    number: int,
    finding: Finding,
    edition: Edition,
    cells: CellNames,
    audit: Audit,
    pages: Pages | None,
) -> list[Row]:
    x = LEFT + NUMBER_COLUMN
    ink = INK[finding.severity]
    tag = book.clean(f"{SEVERITIES[finding.severity]}　{finding.rule}")
    tag_style = Style(FIELD.size, FIELD.leading, ink)
    decision = audit.decisions.get(finding.id)
    doubted = "◇人工核对　" if is_doubtful(finding, audit.decisions) else ""
    stands = "" if not audit.decisions else "待认定　" if decision is None else "已确认　"
    stands_width, doubted_width = book.width(stands, tag_style), book.width(doubted, tag_style)
    tag_width = stands_width + doubted_width + book.width(tag, tag_style)
    titles = book.rows(book.clean(finding.title), STRONG, x, RIGHT - x - tag_width - 12)
    down = titles[0].runs[0].down
    runs = (
        Run(LEFT, down, str(number), STRONG._replace(colour=ink), anchor=f"f{number}"),
        *titles[0].runs,
        Run(RIGHT - tag_width, down, stands, tag_style._replace(colour=GREY if decision is None else GREEN)),
        Run(RIGHT - tag_width + stands_width, down, doubted, tag_style._replace(colour=VIOLET)),
        Run(RIGHT - tag_width + stands_width + doubted_width, down, tag, tag_style),
    )
    rows = [Row(titles[0].height, runs, lead=True), *titles[1:]]
    rows += field(book, "位置", finding.where, x, FIELD_COLUMN, TEXT, link=_target(number, finding))
    rows += field(book, "问题", finding.message, x, FIELD_COLUMN, TEXT)
    if finding.arithmetic:
        rows += field(book, "算式", finding.arithmetic, x, FIELD_COLUMN, TEXT)
    rows += _quotes(book, finding, edition, cells, x)
    if pages is not None:
        rows += _pieces(pages.pieces(finding.evidence), x, ink)
    rows += _compared(book, finding, x)
    rows += draw_causes(book, likely_causes(audit, finding), x)
    rows += field(book, "依据", finding.basis, x, FIELD_COLUMN, TEXT)
    rows += field(book, "建议", finding.advice, x, FIELD_COLUMN, TEXT)
    if finding.doubt is not None:
        style = TEXT._replace(colour=VIOLET)
        reason = book.rows(book.clean(finding.doubt) or "可能为识读误差", style, x + FIELD_COLUMN, RIGHT - x - FIELD_COLUMN)
        rows += named(reason, "核对原因", x, FIELD.size, colour=VIOLET)
    if decision is not None:
        rows += field(book, "认定", decision_in_words(decision), x, FIELD_COLUMN, TEXT)
    return rows


def _pieces(pieces: list[Piece], x: float, ink: Colour) -> list[Row]:
    """Pieces of the source, what is quoted boxed."""
    rows: list[Row] = []
    for piece in pieces:
        left, wide = x + FIELD_COLUMN, RIGHT - x - FIELD_COLUMN
        scale = wide / piece.width
        lines, columns = piece.pixels.shape
        picture = Picture(left, 4.0, wide, piece.height * scale, columns, lines, piece.pixels.tobytes())
        frames = tuple(
            (
                left + box[0] * scale - 2,
                4.0 + box[1] * scale - 1.5,
                (box[2] - box[0]) * scale + 4,
                (box[3] - box[1]) * scale + 3,
            )
            for box in piece.boxes
        )
        caption = Run(x, 13.5, "截图" if not rows else "", FIELD)
        page = Run(x, 25.5, f"第{piece.page}页", FIELD)
        rows.append(Row(picture.height + 10, (caption, page), picture=picture, frames=frames, ink=ink))
    return rows


def _target(number: int, finding: Finding) -> str:
    if finding.place.table is not None:
        return f"c{number}"
    return f"s-{finding.place.section}" if finding.place.section else ""


def _cells_by_source(audit: Audit) -> CellNames:
    found: dict[Source, list[tuple[str, str, str, str]]] = {}
    for table in audit.filing.tables.values():
        for row in table.rows.values():
            for column, cell in row.cells.items():
                if cell.at is not None:
                    found.setdefault(cell.at, []).append((table.key, row.key, column, cell.raw.strip()))
    return found


def _quotes(book: Book, finding: Finding, edition: Edition, cells: CellNames, x: float) -> list[Row]:
    """The words of the report in quotation marks, each with its place; short ones share their lines, those of one place its name.

    Of a long sum the parts printed as zero are only counted: what is to be seen are the others.
    """
    given = [item for item in finding.evidence if item.at is not None or item.quote.strip()]
    is_long_sum = bool(finding.arithmetic) and len(given) > LONG_SUM
    evidence = [item for item in given if not item.quote.endswith(" 0")] if is_long_sum else given
    quotes = [
        (_cell_name(item, finding, edition, cells) + quoted(book.clean(item.quote.strip())), place_in_file(item.at))
        for item in evidence
    ]
    if all(len(item.quote) <= SHORT_QUOTE for item in evidence):
        grouped = [("、".join(text for text, _ in group), place) for place, group in groupby(quotes, lambda quote: quote[1])]
        texts = ["；".join(f"{text}（{place}）" if place else text for text, place in grouped)] if grouped else []
    else:
        texts = [f"{text}（{place}）" if place else text for text, place in quotes]
    if len(evidence) < len(given):
        texts = [*texts[:-1], f"{texts[-1] if texts else ''}；其余{len(given) - len(evidence)}项均印为0".lstrip("；")]
    rows: list[Row] = []
    for index, text in enumerate(texts):
        rows += field(
            book, "" if index else "原文", text, x, FIELD_COLUMN, TEXT, longest=sys.maxsize
        )  # each quote is cut above
    return rows


def _cell_name(item: Evidence, finding: Finding, edition: Edition, cells: CellNames) -> str:
    """What tells a quoted cell from the others of its finding: its row, its column, or both; "" if it is no single cell."""
    place = finding.place
    here = [
        (table, row, column)
        for table, row, column, words in (cells.get(item.at, []) if item.at is not None else [])
        if words == item.quote.strip()
        and place.table in (None, table)
        and place.row in (None, row)
        and place.column in (None, column)
    ]
    if len(here) != 1 or (place.row is not None and place.column is not None):
        return ""
    table, row, column = here[0]
    template = edition.tables[table]
    names = [] if place.row is not None else [row_label(template, row)]
    if place.column is None:
        names.append(column_label(template, row, column))
    return "·".join(names)


def _compared(book: Book, finding: Finding, x: float) -> list[Row]:
    """Expected and actual, on one line if they are short; words of the report also with the differing characters marked."""
    expected, actual = finding.expected, finding.actual
    half = (RIGHT - x) / 2
    shown = [book.clean(text) for text in (expected, actual)]
    if all(text and "\n" not in text and book.width(text, TEXT) < half - FIELD_COLUMN - 8 for text in shown):
        left = field(book, "应为", expected, x, FIELD_COLUMN, TEXT)
        right = field(book, "实为", actual, x + half, FIELD_COLUMN, TEXT)
        rows = [Row(left[0].height, left[0].runs + right[0].runs)]
    else:
        rows = field(book, "应为", expected, x, FIELD_COLUMN, TEXT) + field(book, "实为", actual, x, FIELD_COLUMN, TEXT)
    if any(actual in item.quote for item in finding.evidence):
        rows += _changes(book, shown[1], shown[0], x)
    return rows


def _changes(book: Book, actual: str, expected: str, x: float) -> list[Row]:
    words = all(len(text) in COMPARABLE and "\n" not in text and not text.isascii() for text in (actual, expected))
    if not words or actual == expected or fuzz.ratio(actual, expected) < ALIKE:
        return []
    style = TEXT._replace(colour=BLACK)
    return named(changes(book, actual, expected, style, x + FIELD_COLUMN, RIGHT - x - FIELD_COLUMN), "改动", x, FIELD.size)
