"""Read Word 97 to 2003 documents (.doc, and .wps of WPS Writer): body text, tables with spans, text boxes, automatic numbers.

Tracked changes are read as accepted. Headers, footers, notes, comments, hidden text and field codes are left out. What is older,
or not laid out as Word does, is left to LibreOffice where it is installed; what it returns must hold all that we could read.
Source: [MS-DOC]; the file's inside is in word97.py.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reports_in import office, sniff
from reports_in.builder import Builder, Placed, too_much
from reports_in.decoding import visible
from reports_in.document import Document, PageMeta
from reports_in.errors import Damaged
from reports_in.limits import LIMITS
from reports_in.readers import word97 as w
from reports_in.readers.docx_parts import BODY_LEVEL, REPORT_TITLE
from reports_in.readers.docx_runs import symbol
from reports_in.readers.word97_lists import Style, read_numbering, read_styles

CELL, PARAGRAPH, PAGE_BREAK = "\x07", "\r", "\x0c"
END = re.compile("[\r\x07\x0c]")
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x28\xa0]")
FIELD_BEGINS, FIELD_RESULT, FIELD_ENDS = "\x13", "\x14", "\x15"
PRINTED = {"\x0b": "\n", "\x0e": "\n", "\x0c": "\n", "\x1e": "-", "\xa0": "\xa0"}
PICTURE, ANCHOR, FOOTNOTE, SYMBOL = "\x01", "\x08", "\x02", "("
NO_LIST = (0, 0xF801)
OF_TABLES = 5  # the group of properties that shape rows
CONTINUED = 1  # of a cell's two bits for merging down; 3 is the first cell
TOLERANCE = 60  # twips (1 mm): nearer edges of cells are one ruling line
WIDE, HIGH = 3400, 850  # twips: a smaller picture is a seal or a logo, no table
ANCHOR_SIZE, BOX_SIZE = 26, 22


@dataclass(slots=True)
class _Row:
    """Edges of the cells in twips from the left margin, and how each is merged: its flags as the file has them."""

    edges: tuple[int, ...] = ()
    flags: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Look:
    """What the properties of a paragraph make of it; depth counts the tables around it, list_of is its list and level."""

    level: int | None = None
    depth: int = 0
    row_end: bool = False
    inner_cell: bool = False
    inner_row_end: bool = False
    list_of: tuple[str, int] | None = None
    row: _Row = field(default_factory=_Row)


@dataclass(slots=True)
class _Paragraph:
    """lines of text with the number Word prints; depth counts the tables around it."""

    text: str
    level: int | None
    depth: int
    ends_cell: bool
    ends_row: bool
    deleted: bool
    row: _Row
    boxes: list[int]


@dataclass(slots=True)
class _Cell:
    """A cell of a grid; ``down`` says how it is merged with the one above."""

    row: int
    column: int
    width: int
    height: int
    down: int
    lines: list[str]


@dataclass(slots=True)
class _Table:
    rows: list[tuple[_Row, list[list[_Item]]]]

    @property
    def cells(self) -> int:
        return sum(len(cells) for _, cells in self.rows)


_Item = _Paragraph | _Table


def read(data: bytes, name: str) -> Document:
    """The document's body in reading order. Raises Damaged, Encrypted, EmptyFile, LimitExceeded; ToolMissing for older versions
    if LibreOffice is not installed."""
    known = ""
    try:
        file = w.Word97(data, name)
        known = file.text[: file.stories[0]]
        builder = Builder(name)
        _Reader(file, builder).body()
        return builder.document(data, sniff.DOC, _meta(file))
    except w.Unsure as unsure:
        kind = {6: office.WORD_6, 7: office.WORD_95}.get(unsure.version, office.WORD_97)
        document = office.read(data, name, kind, sniff.DOC)
    except (struct.error, IndexError) as error:
        raise Damaged(name, "文件已损坏：内部结构不完整", "请用 Word 或 WPS 打开核对，另存为 DOCX 后提交") from error
    if _letters(document.text) < 0.9 * _letters(known):
        raise Damaged(name, "文件已损坏：转换后文字不全", "请用 Word 或 WPS 打开核对，另存为 DOCX 后提交")
    return document


def _letters(text: str) -> int:
    return sum(1 for char in text if char.isalnum())


def _meta(file: w.Word97) -> PageMeta | None:
    """The title among the document's properties, if it is one of a report."""
    if not file.summary:
        return None
    found = re.search(rb"\x1e\0\0\0(....)", file.summary, re.DOTALL)  # the first text property is the title
    if found is None:
        return None
    length = struct.unpack("<I", found[1])[0]
    raw = file.summary[found.end() : found.end() + min(length, 300)].split(b"\0")[0]
    for encoding in ("utf-8", "gb18030"):
        try:
            title = visible(" ".join(raw.decode(encoding).split()))
        except UnicodeDecodeError:
            continue
        return PageMeta(title=title) if REPORT_TITLE.search(title) else None
    return None


class _Reader:
    def __init__(self, file: w.Word97, builder: Builder) -> None:
        self.file = file
        self.builder = builder
        self.styles = read_styles(file)
        self.numbering = read_numbering(file)
        self.boxes, self.anchors = _boxes(file), _anchors(file)
        self.by_shape: dict[int, list[int]] = {}
        for box, (_, _, shape) in self.boxes.items():
            self.by_shape.setdefault(shape, []).append(box)
        self.shown: set[int] = set()
        self._looks: dict[tuple[int, bytes], _Look] = {}  # the paragraphs of a table have few among them
        for place, code, message in (
            ("Macros", "MACRO", "文件含宏，未运行，只读取文字"),
            ("ObjectPool", "EMBEDDED", "文件嵌有其他文件或控件，未读取"),
        ):
            if place in file.streams:
                builder.note(code, message)

    def body(self) -> None:
        """Emit the body, and at its end the text boxes that are anchored nowhere in it."""
        self.emit(self._story(0, self.file.stories[0]))
        for box in self.boxes:
            self._box(box)

    def _story(self, start: int, end: int) -> list[_Item]:
        """The paragraphs and tables of a stretch of characters."""
        items, rest = _nested(list(self._paragraphs(start, end)), 0, 0)
        if rest:
            raise w.Unsure
        return items

    def _paragraphs(self, start: int, end: int) -> Iterator[_Paragraph]:
        file = self.file
        begun = start
        for match in END.finditer(file.text, start, end):
            at = match.start()
            style, sprms, last = file.paragraph_at(at)
            if match[0] == PAGE_BREAK and not last:
                continue  # a page break within a paragraph
            look = self._looks.get((style, sprms))
            if look is None:
                look = self._looks[(style, sprms)] = self._look(style, sprms)
            deleted = bool(file.marks[at] & w.DELETED)
            if deleted and match[0] == PARAGRAPH and not (look.depth > 1 and (look.inner_cell or look.inner_row_end)):
                continue  # its end is deleted: the next paragraph goes on
            yield self._paragraph(look, begun, at, deleted)
            begun = match.end()
        if begun < end:
            boxes: list[int] = []
            yield _Paragraph(self._characters(begun, end, boxes), None, 0, False, False, False, _Row(), boxes)

    def _look(self, style_number: int, group: bytes) -> _Look:
        """What those properties, on top of the style's, make of a paragraph."""
        style = self.styles[style_number] if style_number < len(self.styles) else Style()
        list_use, list_level, outline = style.list_use, style.list_level, style.outline
        in_table = False
        look = _Look()
        for sprm, operand in self.file.properties(group):
            if sprm == w.P_IN_TABLE:
                in_table = bool(operand[0])
            elif sprm == w.P_ROW_END:
                look.row_end = bool(operand[0])
            elif sprm == w.P_DEPTH:
                look.depth = struct.unpack("<i", operand)[0]
            elif sprm == w.P_INNER_CELL:
                look.inner_cell = bool(operand[0])
            elif sprm == w.P_INNER_ROW_END:
                look.inner_row_end = bool(operand[0])
            elif sprm == w.P_LIST:
                list_use = struct.unpack("<H", operand)[0]
                list_level = list_level if list_level is not None else 0
            elif sprm == w.P_LIST_LEVEL:
                list_level = operand[0]
            elif sprm == w.P_OUTLINE:
                outline = operand[0]
            elif sprm >> 10 & 7 == OF_TABLES:
                _shape(look.row, sprm, operand)
        look.depth = max(look.depth, 1) if in_table else 0
        if look.depth > LIMITS.nested_tables:
            raise too_much(self.builder.name, "表格嵌套层数", LIMITS.nested_tables, "层")
        if outline is not None and outline < BODY_LEVEL:
            look.level = outline + 1
        if list_use is not None and list_use not in NO_LIST:
            look.list_of = (str(list_use), list_level or 0)
        return look

    def _paragraph(self, look: _Look, start: int, end: int, deleted: bool) -> _Paragraph:
        """The paragraph of those characters; the one at ``end`` ends it."""
        cell_mark = self.file.text[end] == CELL
        if cell_mark and not look.depth:
            raise w.Unsure
        if look.depth > 1:
            ends_row, ends_cell = look.inner_row_end, look.inner_cell and not look.inner_row_end
        else:
            ends_row, ends_cell = cell_mark and look.row_end, cell_mark and not look.row_end
        boxes: list[int] = []
        text = self._characters(start, end, boxes)
        if look.list_of is not None and not ends_row and (text or not self.file.marks[end] & (w.HIDDEN | w.DELETED)):
            text = self.numbering.label(*look.list_of) + text
        return _Paragraph(text, look.level, look.depth, ends_cell, ends_row, deleted, look.row, boxes)

    def _characters(self, start: int, end: int, boxes: list[int]) -> str:
        """What is printed of those characters. Text boxes anchored among them are appended to ``boxes``."""
        file = self.file
        text = file.text[start:end]
        marks = file.marks[start:end]
        if not CONTROL.search(text) and not any(marks):
            return visible(w.whole_characters(text))
        parts: list[str] = []
        fields: list[int | None] = []
        for cp, (char, mark) in enumerate(zip(text, marks, strict=True), start):
            if mark & w.DELETED:
                continue
            if char == FIELD_BEGINS:
                fields.append(len(parts))
            elif char in (FIELD_RESULT, FIELD_ENDS):
                code = fields.pop() if fields else None
                if code is not None:
                    del parts[code:]
                if char == FIELD_RESULT:
                    fields.append(None)
            elif mark & w.HIDDEN:
                if char.isalnum():
                    self.builder.note("HIDDEN_LEFT_OUT", "文中有设为隐藏的文字，打印时不显示，未读取")
            elif char in PRINTED:
                parts.append(PRINTED[char])
            elif mark & w.SPECIAL:
                parts.append(self._special(char, cp, boxes))
            elif char >= " " or char == "\t":
                parts.append(char)
        return visible(w.whole_characters("".join(parts)))

    def _special(self, char: str, cp: int, boxes: list[int]) -> str:
        """What a special character prints; pictures and notes are said, text boxes collected."""
        file = self.file
        if char == SYMBOL:
            return symbol(file.symbols.get(cp, 0), "") if cp in file.symbols else char
        if char == FOOTNOTE:
            self.builder.note("FOOTNOTE", "文中有脚注或尾注，注文未读取")
        elif char == ANCHOR and cp in self.anchors:
            shape, wide, high = self.anchors[cp]
            mine = self.by_shape.get(shape, [])
            boxes.extend(mine)
            if not mine and wide >= WIDE and high >= HIGH:
                self._note_picture()
        elif char == PICTURE and cp in file.pictures and _large(file.data, file.pictures[cp]):
            self._note_picture()
        return "" if char < " " else char

    def _note_picture(self) -> None:
        self.builder.note("IMAGE", "正文里有图片，图片里的文字未读取（表格可能是图片）")

    def emit(self, items: Sequence[_Item]) -> None:
        for item in items:
            if isinstance(item, _Table):
                self._emit_table(item)
                continue
            for line in item.text.split("\n"):
                if line and not line.isspace():
                    self.builder.paragraph(line, level=item.level)
            for box in item.boxes:
                self._box(box)

    def _box(self, box: int) -> None:
        if box not in self.shown:
            self.shown.add(box)
            start, end, _ = self.boxes[box]
            self.emit(self._story(start, end))

    def _emit_table(self, table: _Table) -> None:
        """A grid; a table that only lays out other tables or frames paragraphs as flow."""
        inner = sum(item.cells for _, cells in table.rows for cell in cells for item in cell if isinstance(item, _Table))
        if max(len(cells) for _, cells in table.rows) <= 1 or inner >= table.cells:
            for _, cells in table.rows:
                for cell in cells:
                    self.emit(cell)
            return
        placed, columns = self._placed(table)
        self.builder.grid(placed, len(table.rows), columns)

    def _placed(self, table: _Table) -> tuple[list[Placed], int]:
        """The cells with their spans, and how many columns there are: as many as there are gaps between ruling lines."""
        lines = _ruling_lines([row.edges for row, _ in table.rows])
        columns = max(lines.values(), default=1)
        if columns > LIMITS.columns:
            raise too_much(self.builder.name, "表格的列", LIMITS.columns, "列")
        found: list[_Cell] = []
        above: dict[tuple[int, int], _Cell] = {}
        for number, (row, cells) in enumerate(table.rows):
            begun: dict[tuple[int, int], _Cell] = {}
            for cell in self._across(number, row, cells, lines):
                place = (cell.column, cell.width)
                higher = above.get(place) if cell.down == CONTINUED else None
                if higher is None:
                    found.append(cell)
                    begun[place] = cell
                else:
                    higher.height += 1
                    begun[place] = higher
                    self._covered(cell.lines)
            above = begun
        return [("\n".join(one.lines), one.row, one.column, one.height, one.width) for one in found], columns

    def _across(self, number: int, row: _Row, cells: Sequence[list[_Item]], lines: Mapping[int, int]) -> list[_Cell]:
        """The cells of a row, those merged across as one.

        Two readings of the flag are about, 1 for the first cell and 2 for the others, and the reverse: what a run begins with
        is its first cell's.
        """
        found: list[_Cell] = []
        first = 0
        for index, items in enumerate(cells):
            left, right = lines[row.edges[index]], lines[row.edges[index + 1]]
            held = self._lines(items)
            flag = row.flags[index]
            across = flag & 3
            if across and first and across != first and found:
                found[-1].width = right - found[-1].column
                self._covered(held)
                continue
            first = across
            if right > left:
                found.append(_Cell(number, left, right - left, 1, flag >> 5 & 3, held))
            else:  # no wider than a ruling line: nothing is printed of it
                self._covered(held)
        return found

    def _covered(self, held: list[str]) -> None:
        if held:
            self.builder.note("MERGED_TEXT", "合并单元格被盖住的部分里有文字，打印时不显示，未读取")

    def _lines(self, items: Sequence[_Item]) -> list[str]:
        """The lines of a cell, those of its text boxes and of the tables inside it."""
        lines: list[str] = []
        for item in items:
            if isinstance(item, _Table):
                for _, cells in item.rows:
                    line = "\t".join(" ".join(self._lines(cell)) for cell in cells)
                    if line.strip():
                        lines.append(line)
                continue
            if item.text and not item.text.isspace():
                lines.append(item.text.strip("\n"))
            for box in item.boxes:
                if box not in self.shown:
                    self.shown.add(box)
                    start, end, _ = self.boxes[box]
                    lines.extend(self._lines(self._story(start, end)))
        return lines


def _nested(paragraphs: Sequence[_Paragraph], at: int, depth: int) -> tuple[list[_Item], int]:
    """The items from ``at`` on that are at least as deep, and how many paragraphs are left over. Raises Unsure."""
    items: list[_Item] = []
    while at < len(paragraphs):
        paragraph = paragraphs[at]
        if paragraph.depth > depth:
            table, at = _table(paragraphs, at, depth + 1)
            if table.rows:
                items.append(table)
        elif paragraph.depth < depth:
            break
        else:
            items.append(paragraph)
            at += 1
    return items, len(paragraphs) - at


def _table(paragraphs: Sequence[_Paragraph], at: int, depth: int) -> tuple[_Table, int]:
    """The table that starts at that paragraph, and where the text goes on. Its last row must be closed, else Unsure."""
    table = _Table([])
    cells: list[list[_Item]] = []
    cell: list[_Item] = []
    while at < len(paragraphs) and paragraphs[at].depth >= depth:
        paragraph = paragraphs[at]
        if paragraph.depth > depth:
            inner, at = _table(paragraphs, at, depth + 1)
            if inner.rows:
                cell.append(inner)
            continue
        at += 1
        if paragraph.ends_row:
            row = paragraph.row
            if len(row.flags) != len(cells) or cell:
                raise w.Unsure
            if not paragraph.deleted and cells:
                table.rows.append((row, cells))
            cells = []
            continue
        cell.append(paragraph)
        if paragraph.ends_cell:
            cells.append(cell)
            cell = []
    if cells or cell:
        raise w.Unsure
    return table, at


def _shape(row: _Row, sprm: int, operand: bytes) -> None:
    """Take what a property says of the row's cells. Raises Unsure for changes that no reader needs unless cells were moved."""
    if sprm == w.T_CELLS:
        defined = operand[2:]  # after its size
        count = defined[0] if defined else 0
        start = 1 + 2 * (count + 1)
        if len(defined) < start:
            raise w.Unsure
        row.edges = struct.unpack_from(f"<{count + 1}h", defined, 1)
        # flags of cells at the end may be left out
        flags = (defined[start + 20 * cell : start + 20 * cell + 2] for cell in range(count))
        row.flags = [struct.unpack("<H", flag)[0] if len(flag) == 2 else 0 for flag in flags]
    elif sprm == w.T_MERGE and len(operand) == 2:
        for cell in range(operand[0], min(operand[1], len(row.flags))):
            row.flags[cell] = row.flags[cell] & ~3 | (1 if cell == operand[0] else 2)
    elif sprm == w.T_VERTICAL and len(operand) >= 3 and operand[1] < len(row.flags):
        row.flags[operand[1]] = row.flags[operand[1]] & ~0x60 | (operand[2] & 3) << 5
    elif sprm in (w.T_INSERT, w.T_DELETE, w.T_SPLIT):
        raise w.Unsure


def _ruling_lines(rows: Sequence[Sequence[int]]) -> dict[int, int]:
    """The upright ruling line that each edge is of, counted from the left. Edges that are nearly the same are one line.

    Rows may end unevenly: the lines beyond the last one at which a cell begins are all the table's right border.
    """
    lines: dict[int, int] = {}
    number, last = -1, None
    last_begun = max((edges[-2] for edges in rows if len(edges) > 1), default=0)
    for edge in sorted({edge for edges in rows for edge in edges}):
        begun = last is None or last <= last_begun
        if last is None or (edge - last > TOLERANCE and begun):
            number += 1
        last = edge
        lines[edge] = number
    return lines


def _boxes(file: w.Word97) -> dict[int, tuple[int, int, int]]:
    """Start, end and shape of every text box, by its place in the list. The last entry of the list closes it."""
    table = file.part(w.BOXES)
    count = (len(table) - 4) // (4 + BOX_SIZE)
    if count < 1 or not file.stories[6]:
        return {}
    base = sum(file.stories[:6])
    places = struct.unpack_from(f"<{count + 1}I", table)
    boxes = {}
    for index in range(count):
        record = 4 * (count + 1) + BOX_SIZE * index
        shape = struct.unpack_from("<i", table, record + 14)[0]
        start, end = places[index], min(places[index + 1], file.stories[6])
        if start < end:
            boxes[index] = (base + start, base + end, shape)
    if list(places) != sorted(places):
        raise file.damaged("文本框的文字互相重叠")
    return boxes


def _anchors(file: w.Word97) -> dict[int, tuple[int, int, int]]:
    """Shape, width and height in twips of what is drawn at a character of the body."""
    table = file.part(w.ANCHORS)
    count = (len(table) - 4) // (4 + ANCHOR_SIZE)
    anchors = {}
    for index in range(max(count, 0)):
        cp = struct.unpack_from("<I", table, 4 * index)[0]
        shape, left, top, right, bottom = struct.unpack_from("<5i", table, 4 * (count + 1) + ANCHOR_SIZE * index)
        if cp < file.stories[0]:
            anchors[cp] = (shape, right - left, bottom - top)
    return anchors


def _large(data: bytes, at: int) -> bool:
    """Whether the picture kept there is as large as a table; True if it does not say."""
    if at + 36 > len(data):
        return True
    wide, high, scale_x, scale_y = struct.unpack_from("<hhHH", data, at + 28)
    return bool(wide * (scale_x or 1000) / 1000 >= WIDE and high * (scale_y or 1000) / 1000 >= HIGH)
