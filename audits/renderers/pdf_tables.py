"""Draw the three tables of a report again as we read them, in the official form, with every fault marked where it stands.

A marked cell is tinted and carries the numbers of its problems, so that a grey print tells as much as a colour screen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from audits.findings import Audit, Finding
from audits.renderers.pdf_layout import LEFT, MEASURE, RIGHT, Book, Colour, Style
from audits.renderers.pdf_pieces import CAPTION, GRAVITY, GREY, INK, PALE, RULE, TINT
from audits.wording import place_in_file
from rules.editions import Edition, TemplateColumn, TemplateRow, TemplateTable, editions
from rules.filing import ABSENT_CELL, Cell, CellState, FilingTable, PartState, Row
from rules.verdict import Severity

CELL = Style(7.6, 10.0)
LABEL = Style(7.4, 9.6)
FAINT = Style(6.8, 9.0, GREY)
TIGHT = Style(6.8, 8.4)  # heads of four characters on one line of a narrow column
SHORT_HEAD, NARROW = 6, 40.0
ROW_HEIGHT, PAD = 15.4, 3.0
LABEL_COLUMNS = (44.0, 48.0, 148.0)  # of the applications table: 三、本年度办理结果 / （三）不予公开 / 1.属于国家秘密
LONGEST_LABEL = 80  # characters shown of a row's printed label, where the template has none for it
SMALLEST = 4.6  # type size down to which a long figure is set smaller to fit its cell
BASELINE = 3.0  # below the middle of a line, so that characters of the sizes above stand in it
NUMBER_SIZE, NARROW_NUMBER_SIZE = 6.4, 5.3
NUMBER_ROOM = 5.5  # kept free of a wide figure for the problem's number
MOST_NUMBERS = 3  # problem numbers in one cell; more end in …
LEGEND = "缺：报告中没有这一格　斜线：有格未填　？：无法辨认　◇：识读存疑，须人工核对　加框的格右上角为问题序号，可点击"

Place = tuple[str, str | None, str | None]  # table, row, column
NOWHERE: Place = ("", None, None)


class Mark(NamedTuple):
    """Finding number ``number`` stands here; ``first`` if this is the place its link leads to."""

    number: int
    severity: Severity
    first: bool


Marks = Mapping[Place, list[Mark]]


def marks_of(audit: Audit) -> dict[Place, list[Mark]]:
    """Where in the tables each finding that stands is marked: at its cell, else at the cells and rows it quotes, else at its row, column or table."""
    marks: dict[Place, list[Mark]] = {}
    for number, finding in audit.standing():
        for index, place in enumerate(_places(finding, audit)):
            marks.setdefault(place, []).append(Mark(number, finding.severity, index == 0))
    return marks


def _places(finding: Finding, audit: Audit) -> list[Place]:
    place = finding.place
    table = audit.filing.tables.get(place.table or "")
    if table is None or place.table is None:
        return []
    if place.row is not None and place.column is not None:
        return [(place.table, place.row, place.column)]
    quoted = {item.at: item.quote for item in finding.evidence if item.at is not None}
    found: list[Place] = []
    for name, row in table.rows.items():
        if place.row in (None, name):
            cells = [
                (table.key, name, column)
                for column, cell in row.cells.items()
                if place.column in (None, column) and cell.at in quoted and quotes_cell(quoted[cell.at], cell)
            ]
            found += cells or ([(table.key, name, None)] if place.column is None and row.at in quoted else [])
    return found or [(table.key, place.row, place.column)]


def quotes_cell(quote: str, cell: Cell) -> bool:
    """Are these words of the cell's place the cell itself, perhaps with its name before it? A row's label may stand at the same place."""
    raw = cell.raw.strip()
    return quote.strip().endswith(raw) if raw else not quote.strip()


def draw_tables(book: Book, audit: Audit, edition: Edition, marks: Marks) -> None:
    """The three tables with captions and the legend."""
    names = ("表一", "表二", "表三")
    for name, (key, template) in zip(names, edition.tables.items(), strict=True):
        table = audit.filing.tables.get(key)
        heading = edition.sections[template.section].heading
        sheet = _Sheet(book, table, template, marks)
        book.need(22 + sheet.height)
        _caption(book, f"{name}　{heading}", table, key, sheet.marks_elsewhere())
        sheet.draw()
        book.space(14)
    rows = book.rows(book.clean(LEGEND), FAINT, LEFT, MEASURE)
    book.flow(rows, whole=60)


def _caption(book: Book, text: str, table: FilingTable | None, key: str, found: list[Mark]) -> None:
    book.anchor(f"t-{key}", book.y)
    book.text(LEFT, book.y + 11, text, CAPTION)
    if found:
        left = LEFT + book.width(text, CAPTION) + 6
        right = left + book.width(_number_list(found), Style(6.5, 8, bold=True))
        _numbers(book, right, book.y + 8.5, found, 6.5, (left, book.y, right, book.y + 12))
    if table is not None and table.at is not None and (where := place_in_file(table.at)):
        book.ranged_right(RIGHT, book.y + 11, f"原文{where}", FAINT)
    book.y += 19


class _Box(NamedTuple):
    """A cell on the sheet. ``top`` counts from the sheet's top."""

    x: float
    top: float
    width: float
    height: float
    text: str
    place: Place
    cell: Cell | None = None
    head: bool = False
    left: bool = False


class _Sheet:
    """One table laid out: boxes first, so that its height is known before it is placed."""

    def __init__(self, book: Book, table: FilingTable | None, template: TemplateTable, marks: Marks) -> None:
        self.book = book
        self.table = table
        self.template = template
        self.marks = marks
        self.boxes: list[_Box] = []
        self.height = 0.0
        if table is None or table.state is PartState.ABSENT:
            self._absent()
        elif template.blocks:
            self._disclosure(table)
        elif template.key == "litigation":
            self._litigation()
        else:
            self._applications(table)

    # layouts

    def _absent(self) -> None:
        picture = self.table is not None and self.table.is_image
        text = "该部分为图片，未能读取其中的表" if picture else "报告中没有这张表"
        self.boxes.append(_Box(LEFT, 0, MEASURE, 30, text, NOWHERE))
        self.height = 30

    def _disclosure(self, table: FilingTable) -> None:
        key, top, label_width = self.template.key, 0.0, 151.0
        foreign = [row for name, row in table.rows.items() if name not in self.template.rows and row.present]
        for block in self.template.blocks:
            self._head(LEFT, top, MEASURE, ROW_HEIGHT, block.heading, (key, None, block.key))
            top += ROW_HEIGHT
            self._head(LEFT, top, label_width, ROW_HEIGHT, block.corner, NOWHERE)
            self._heads(LEFT + label_width, top, (MEASURE - label_width) / len(block.columns), block.columns, f"{block.key}.")
            top += ROW_HEIGHT
            for name in block.rows:
                top = self._row(table.rows.get(name), self.template.rows[name], LEFT, label_width, top)
        self.height = top
        for row in foreign:
            self.height = self._foreign(row, self.height)

    def _applications(self, table: FilingTable) -> None:
        first, second, _ = LABEL_COLUMNS
        labels_width = sum(LABEL_COLUMNS)
        width = (MEASURE - labels_width) / len(self.template.columns)
        key, columns = self.template.key, self.template.columns
        self._head(LEFT, 0, labels_width, 3 * ROW_HEIGHT + 4, self.template.corner or "", (key, None, "corner"))
        x = LEFT + labels_width
        self._head(x, 0, RIGHT - x, ROW_HEIGHT, self.template.head or "", (key, None, "head"))
        self._grouped_heads(x, ROW_HEIGHT, width, ROW_HEIGHT, ROW_HEIGHT + 4, columns)
        top = 3 * ROW_HEIGHT + 4
        groups: dict[tuple[str, ...], tuple[float, float]] = {}
        for name, row in self._rows_in_order(table):
            indent = (0.0, first, first + second)[min(len(row.under), 2)]
            bottom = self._row(table.rows.get(name), row, LEFT + indent, labels_width - indent, top)
            for depth in range(1, len(row.under) + 1):
                group = row.under[:depth]
                groups[group] = (groups.get(group, (top, top))[0], bottom)
            top = bottom
        for group, (start, stop) in groups.items():
            x, wide = ((LEFT, first), (LEFT + first, second))[min(len(group), 2) - 1]
            self.boxes.append(_Box(x, start, wide, stop - start, group[-1], (key, group[-1], None)))
        self.height = top

    def _litigation(self) -> None:
        key, columns = self.template.key, self.template.columns
        width = MEASURE / (len(columns) * len(self.template.rows))
        x = LEFT
        over: dict[str, tuple[float, float]] = {}
        for name, row in self.template.rows.items():
            wide = width * len(columns)
            if row.under:
                over[row.under[0]] = (over.get(row.under[0], (x, x))[0], x + wide)
                self._head(x, ROW_HEIGHT, wide, ROW_HEIGHT, row.label, (key, name, None))
                self._heads(x, 2 * ROW_HEIGHT, width, columns, f"{name}.")
            else:
                self._head(x, 0, wide, ROW_HEIGHT, row.label, (key, name, None))
                self._heads(x, ROW_HEIGHT, width, columns, f"{name}.", 2 * ROW_HEIGHT)
            found = self.table.rows.get(name) if self.table else None
            self._cells(found, name, columns, x, 3 * ROW_HEIGHT, wide, ROW_HEIGHT + 2)
            x += wide
        for label, (left, right) in over.items():
            self._head(left, 0, right - left, ROW_HEIGHT, label, NOWHERE)
        self.height = 4 * ROW_HEIGHT + 2

    def _rows_in_order(self, table: FilingTable) -> list[tuple[str, TemplateRow]]:
        """The template's rows, and before its total those of the other edition that this report has."""
        rows = list(self.template.rows.items())
        foreign = [name for name in table.rows if name not in self.template.rows and table.rows[name].present]
        at = next((index for index, (name, _) in enumerate(rows) if name == "total"), len(rows))
        extra = []
        for name in foreign:
            label = self.book.clean(table.rows[name].label, LONGEST_LABEL) or name
            under = next(
                (e.tables[table.key].rows[name].under for e in editions().values() if name in e.tables[table.key].rows), ()
            )
            extra.append((name, TemplateRow(name, label, self.template.columns, under)))
        return rows[:at] + extra + rows[at:]

    def _foreign(self, row: Row, top: float) -> float:
        columns = tuple(TemplateColumn(name, name) for name in row.cells)
        template = TemplateRow(row.key, self.book.clean(row.label, LONGEST_LABEL) or row.key, columns)
        return self._row(row, template, LEFT, 151.0, top) if columns else top

    # parts of a layout

    def _row(self, row: Row | None, template: TemplateRow, x: float, label_width: float, top: float) -> float:
        lines = len(self.book.lines(template.label, LABEL, label_width - 2 * PAD))
        height = max(ROW_HEIGHT, lines * LABEL.leading + 5)
        self.boxes.append(_Box(x, top, label_width, height, template.label, (self.template.key, template.key, None), left=True))
        values = x + label_width
        self._cells(row, template.key, template.columns, values, top, RIGHT - values, height)
        return top + height

    def _cells(
        self, row: Row | None, name: str, columns: tuple[TemplateColumn, ...], x: float, top: float, wide: float, height: float
    ) -> None:
        key = self.template.key
        if (row is None or not row.present) and wide / len(columns) < wide:
            marked = any((key, name, column.key) in self.marks for column in columns)
            if not marked:
                text = "缺（报告中没有这一行）" if wide > 130 else "缺"
                self.boxes.append(_Box(x, top, wide, height, text, (key, name, ""), ABSENT_CELL))
                return
        width = wide / len(columns)
        for index, column in enumerate(columns):
            cell = row.cells.get(column.key, ABSENT_CELL) if row else ABSENT_CELL
            self.boxes.append(_Box(x + index * width, top, width, height, "", (key, name, column.key), cell))

    def _head(self, x: float, top: float, width: float, height: float, text: str, place: Place) -> None:
        self.boxes.append(_Box(x, top, width, height, text, place, head=True))

    def _heads(
        self, x: float, top: float, width: float, columns: tuple[TemplateColumn, ...], prefix: str, height: float = ROW_HEIGHT
    ) -> None:
        for index, column in enumerate(columns):
            self._head(x + index * width, top, width, height, column.label, (self.template.key, None, prefix + column.key))

    def _grouped_heads(
        self, x: float, top: float, width: float, upper: float, lower: float, columns: tuple[TemplateColumn, ...]
    ) -> None:
        """Column heads in two levels: those under one group share a head above, the others are as high as both."""
        groups: dict[str, tuple[float, float]] = {}
        for index, column in enumerate(columns):
            left = x + index * width
            place = (self.template.key, None, column.key)
            if column.under is None:
                self._head(left, top, width, upper + lower, column.label, place)
            else:
                groups[column.under] = (groups.get(column.under, (left, left))[0], left + width)
                self._head(left, top + upper, width, lower, column.label, place)
        for label, (left, right) in groups.items():
            self._head(left, top, right - left, upper, label, NOWHERE)

    # drawing

    def draw(self) -> None:
        """At the book's place, which moves below the sheet."""
        book, y = self.book, self.book.y
        for box in self.boxes:
            colour = self._colour(box)
            if colour:
                book.fill(box.x, y + box.top, box.width, box.height, colour)
        hatched = [box for box in self.boxes if box.cell is not None and box.cell.state is CellState.BLANK]
        if hatched:
            book.stroke([line for box in hatched for line in _hatch(box, y)], RULE, 0.4)
        book.frames([(box.x, y + box.top, box.width, box.height) for box in self.boxes], RULE, 0.5)
        book.frames([(LEFT, y, MEASURE, self.height)], "0.25 0.25 0.28", 0.9)
        for box in self.boxes:
            self._write(box, y)
        for box in self.boxes:
            self._mark(box, y)
        book.y = y + self.height

    def _mark(self, box: _Box, y: float) -> None:
        """Frame a faulted box and print the numbers of its problems in its corner: both outlast a grey print."""
        found = self._marks(box)
        if not found:
            return
        top = y + box.top
        size = NUMBER_SIZE if box.width > NARROW else NARROW_NUMBER_SIZE
        self.book.frames([(box.x + 0.6, top + 0.6, box.width - 1.2, box.height - 1.2)], INK[_worst(found)], 0.9)
        area = (box.x, top, box.x + box.width, top + box.height)
        _numbers(self.book, area[2] - 2.0, top + 0.85 * size + 1.4, found, size, area)

    def marks_elsewhere(self) -> list[Mark]:
        """The marks of this table that no box of it shows: of the table as a whole, or of a place that the template does not draw."""
        shown = {box.place for box in self.boxes}
        key = self.template.key
        return [mark for place, found in self.marks.items() if place[0] == key and place not in shown for mark in found]

    def _marks(self, box: _Box) -> list[Mark]:
        return self.marks.get(box.place, [])

    def _colour(self, box: _Box) -> Colour:
        found = self._marks(box)
        if found:
            return TINT[_worst(found)]
        if box.head or (box.cell is not None and box.cell.state is CellState.ABSENT):
            return PALE
        return ""

    def _write(self, box: _Box, y: float) -> None:
        if box.cell is not None:
            self._write_cell(box, box.cell, y)
            return
        style, pad = LABEL, PAD
        if box.head and len(box.text) <= SHORT_HEAD and box.width < NARROW:
            style, pad = TIGHT, 1.5
        lines = self.book.lines(box.text, style, box.width - 2 * pad)
        top = y + box.top + (box.height - len(lines) * style.leading) / 2 + style.leading / 2 + BASELINE
        for index, (line, _) in enumerate(lines):
            baseline = top + index * style.leading
            if box.left:
                self.book.text(box.x + PAD, baseline, line, style)
            else:
                self.book.centred(box.x, box.x + box.width, baseline, line, style)

    def _write_cell(self, box: _Box, cell: Cell, y: float) -> None:
        book, middle = self.book, y + box.top + box.height / 2
        left, right = box.x, box.x + box.width
        if cell.doubt is not None:
            book.text(left + 1.4, y + box.top + 5.4, "◇", Style(4.9, 6.0))
        if cell.state is CellState.ABSENT:
            book.centred(left, right, middle + BASELINE, box.text or "缺", FAINT)
        elif cell.state is CellState.UNREADABLE:
            book.centred(left, right, middle + BASELINE, "？", CELL)
        elif cell.state is CellState.FILLED:
            text = " ".join(book.clean(cell.raw).split())
            wide = book.width(text, CELL)
            if self._marks(box) and wide + 2 * NUMBER_ROOM > box.width:
                right -= NUMBER_ROOM
            room = right - left - 2 * 1.5
            style = CELL if wide <= room else Style(max(SMALLEST, CELL.size * room / wide), 6.0)
            book.centred(left, right, middle + BASELINE, book.shortened(text, style, room + 0.1), style)


def _numbers(book: Book, x: float, y: float, found: list[Mark], size: float, area: tuple[float, float, float, float]) -> None:
    """The numbers of the problems at a place, ending at x; the area links to the first and is what their links lead to."""
    shown = _number_list(found)
    book.ranged_right(x, y, shown, Style(size, size + 1, INK[_worst(found)], bold=True))
    book.link(*area, f"f{found[0].number}")
    for mark in found:
        if mark.first:
            book.anchor(f"c{mark.number}", max(area[1] - 60, 0))


def _worst(found: list[Mark]) -> Severity:
    return min((mark.severity for mark in found), key=GRAVITY.__getitem__)


def _number_list(found: list[Mark]) -> str:
    return ",".join(str(mark.number) for mark in found[:MOST_NUMBERS]) + ("…" if len(found) > MOST_NUMBERS else "")


def _hatch(box: _Box, y: float) -> list[tuple[float, float, float, float]]:
    """Two thin slanting strokes across an empty cell."""
    top, bottom, run = y + box.top, y + box.top + box.height, box.height
    middle = box.x + box.width / 2
    return [(middle - run / 2 + shift, bottom - 1.5, middle + run / 2 + shift, top + 1.5) for shift in (-4.0, 4.0)]
