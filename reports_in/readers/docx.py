"""Read Word documents (.docx, .docm), Microsoft's and WPS's, transitional and strict: body text, tables with spans, text boxes.

Tracked changes are read as accepted. Headers, footers, notes, comments, hidden text and field codes are left out. Numbers that
Word prints by itself are written out. Nothing outside the file is fetched, no macro is run.
Source: ECMA-376 part 1, section 17.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from reports_in import sniff
from reports_in.builder import Builder, Placed, too_much
from reports_in.decoding import visible
from reports_in.document import Document
from reports_in.errors import Damaged
from reports_in.limits import LIMITS
from reports_in.package import Package
from reports_in.readers.docx_numbering import number
from reports_in.readers.docx_parts import Parts, report_title
from reports_in.readers.docx_runs import MC, Runs, alternative

TRANSITIONAL = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
PARAGRAPH, TABLE, FOREIGN = range(3)
# children of a body, cell, table or row that hold no text of the document as accepted
NO_BLOCKS = ("del", "moveFrom", "sectPr", "sdtPr", "sdtEndPr", "tblPr", "tblGrid", "tblPrEx", "trPr", "tcPr", "customXmlPr")


@dataclass(slots=True)
class _Cell:
    """A cell being read, its top left corner at ``row`` and ``column``."""

    row: int
    column: int
    width: int
    height: int = 1
    lines: list[str] = field(default_factory=list)


def read(data: bytes, name: str) -> Document:
    """The document's body in reading order. Raises Damaged, Encrypted, EmptyFile, LimitExceeded."""
    builder = Builder(name)
    package = Package(data, name)
    parts = Parts(package, builder)
    root = package.xml(parts.main)
    w = next((space for space in (TRANSITIONAL, STRICT) if root.tag == f"{space}document"), None)
    body = None if w is None else root.find(f"{w}body")
    if w is None or body is None:
        raise Damaged(name, "文件已损坏：没有 Word 正文", "请用 Word 或 WPS 打开核对，另存为 DOCX 后提交")
    parts.read_lists(w)
    _Reader(root, w, parts, builder).flow(body)
    return builder.document(data, sniff.DOCX, report_title(package))


class _Reader:
    """Walks the body. ``w`` is the namespace in braces with which every tag of the format starts."""

    def __init__(self, root: etree._Element, w: str, parts: Parts, builder: Builder) -> None:
        self.w = w
        self.parts = parts
        self.builder = builder
        self.runs = Runs(root, w, builder)
        self.depth = 0
        self.kinds = {f"{w}p": PARAGRAPH, f"{w}tbl": TABLE, f"{w}altChunk": FOREIGN}
        self.no_blocks = frozenset(f"{w}{tag}" for tag in NO_BLOCKS)
        self.row, self.cell = f"{w}tr", f"{w}tc"
        self.properties, self.paragraph_tag = f"{w}pPr", f"{w}p"
        self.joining = tuple(f"{w}rPr/{w}{tag}" for tag in ("del", "moveFrom", "specVanish") if _has(root, f"{w}{tag}"))
        self.hides = _has(root, f"{w}vanish")

    def flow(self, parent: etree._Element) -> None:
        """Emit the paragraphs and tables below ``parent`` in reading order."""
        begun: list[etree._Element] = []  # paragraphs whose end is deleted: the next one goes on
        for kind, node in self._blocks(parent):
            if kind == PARAGRAPH:
                begun.append(node)
                if not (self.joining and self._goes_on(node)):
                    self.paragraph(begun)
                    begun = []
                continue
            if begun:
                self.paragraph(begun)
                begun = []
            if kind == TABLE:
                self.table(node)
            else:
                self.builder.note("ALT_CHUNK", "文中嵌有另一份文档的内容，未读取，请转为普通文字后核对")
        if begun:
            self.paragraph(begun)

    def _blocks(self, parent: Iterable[etree._Element]) -> Iterator[tuple[int, etree._Element]]:
        """Paragraphs and tables of a body, cell or text box; wrappers (content controls, insertions, custom XML) are opened."""
        kinds, no_blocks = self.kinds, self.no_blocks
        stack = [iter(parent)]
        while stack:
            for node in stack[-1]:
                tag = node.tag
                kind = kinds.get(tag)
                if kind is not None:
                    yield kind, node
                elif tag == f"{MC}AlternateContent":
                    stack.append(iter(alternative(node, self.w)))
                    break
                elif isinstance(tag, str) and tag not in no_blocks:
                    stack.append(iter(node))
                    break
            else:
                stack.pop()
            if len(stack) > LIMITS.nesting:
                raise too_much(self.builder.name, "内容嵌套层数", LIMITS.nesting, "层")

    def _goes_on(self, node: etree._Element) -> bool:
        """Whether the end of this paragraph is deleted or hidden, so that the next stands on the same line."""
        properties = node.find(self.properties)
        return properties is not None and any(properties.find(path) is not None for path in self.joining)

    def paragraph(self, nodes: Sequence[etree._Element]) -> None:
        """Emit what stands between two paragraph ends, a block per line, and after it the text boxes anchored in it."""
        text, boxes = self._text(nodes)
        level = self._level(nodes) if text else None
        for line in text.split("\n"):
            if line and not line.isspace():
                self.builder.paragraph(line, level=level)
        for box in boxes:
            self._deeper()
            self.flow(box)
            self.depth -= 1

    def _text(self, nodes: Sequence[etree._Element]) -> tuple[str, list[etree._Element]]:
        """Number and characters of the paragraph, and its text boxes."""
        boxes: list[etree._Element] = []
        text = self.runs.text(nodes[0], boxes)
        if len(nodes) > 1:
            text += "".join([self.runs.text(node, boxes) for node in nodes[1:]])
        if self.parts.numbered:
            last = _leading(nodes[-1], self.properties)
            if last is not None and (text or not self._unseen(last)):
                text = self.parts.label(last) + text
        return (visible(text) if text else text), boxes

    def _unseen(self, properties: etree._Element) -> bool:
        return bool(self.hides) and properties.find(f"{self.w}rPr/{self.w}vanish") is not None

    def _level(self, nodes: Sequence[etree._Element]) -> int | None:
        found = (_leading(node, self.properties) for node in nodes)
        return next((level for one in found if one is not None and (level := self.parts.level(one)) is not None), None)

    def table(self, node: etree._Element) -> None:
        """Emit a table; one that only lays out other tables or frames paragraphs is read as flow."""
        self._deeper()
        rows = [(properties, tuple(self._children(tr, self.cell))) for properties, tr in self._rows(node)]
        if self._lays_out(node, rows):
            for _, cells in rows:
                for tc in cells:
                    self.flow(tc)
        else:
            placed, columns = self._placed(node, rows)
            self.builder.grid(placed, len(rows), columns)
        self.depth -= 1

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > LIMITS.nested_tables:
            raise too_much(self.builder.name, "表格嵌套层数", LIMITS.nested_tables, "层")

    def _rows(self, table: etree._Element) -> Iterator[tuple[etree._Element | None, etree._Element]]:
        """Rows with their properties, without deleted and hidden ones."""
        w = self.w
        for tr in self._children(table, self.row):
            properties = tr.find(f"{w}trPr")
            if properties is not None:
                if properties.find(f"{w}del") is not None:
                    continue
                hidden = properties.find(f"{w}hidden")
                if hidden is not None and hidden.get(f"{w}val") not in ("0", "false", "off"):
                    self.runs.note_hidden()
                    continue
            yield properties, tr

    def _children(self, parent: etree._Element, wanted: str) -> Iterator[etree._Element]:
        """Children of that tag, also inside content controls and other wrappers."""
        stack = [iter(parent)]
        while stack:
            for node in stack[-1]:
                tag = node.tag
                if tag == wanted:
                    yield node
                elif isinstance(tag, str) and tag not in self.no_blocks and tag not in self.kinds:
                    stack.append(iter(node))
                    break
            else:
                stack.pop()
            if len(stack) > LIMITS.nesting:
                raise too_much(self.builder.name, "内容嵌套层数", LIMITS.nesting, "层")

    def _lays_out(self, table: etree._Element, rows: Sequence[tuple[object, Sequence[etree._Element]]]) -> bool:
        """Whether the cells of a table stand one below the other, or the tables inside it have more cells than itself."""
        if max((len(cells) for _, cells in rows), default=0) <= 1:
            return True
        inside = table.iter(f"{self.w}tbl")
        next(inside)
        if next(inside, None) is None:
            return False
        own = sum(len(cells) for _, cells in rows)
        return sum(1 for _ in table.iter(self.cell)) >= 2 * own

    def _placed(
        self, table: etree._Element, rows: Sequence[tuple[etree._Element | None, Sequence[etree._Element]]]
    ) -> tuple[list[Placed], int]:
        """The cells with their spans, and how many columns there are. A vertical merge is one cell."""
        w = self.w
        shape_tag, span_tag, value = f"{w}tcPr", f"{w}gridSpan", f"{w}val"
        merge_tag, hmerge_tag, deleted_tag = f"{w}vMerge", f"{w}hMerge", f"{w}cellDel"
        declared = sum(1 for _ in table.iterfind(f"{w}tblGrid/{w}gridCol"))
        cells: list[_Cell] = []
        above: dict[int, _Cell] = {}  # column -> the cell whose left edge is there and which a vertical merge may go on
        columns = 0
        for row, (properties, tcs) in enumerate(rows):
            column = self._skipped(properties, "gridBefore")
            left: _Cell | None = None
            begun: dict[int, _Cell] = {}
            for tc in tcs:
                width, merge, across = 1, None, None
                shape = _leading(tc, shape_tag)
                if shape is not None:
                    deleted = False
                    for child in shape:
                        tag = child.tag
                        if tag == span_tag:
                            width = self._width(child, declared - column)
                        elif tag == merge_tag:
                            merge = child.get(value) or "continue"
                        elif tag == hmerge_tag:
                            across = child.get(value) or "continue"
                        elif tag == deleted_tag:
                            deleted = True
                    if deleted:
                        continue
                    if left is not None and across == "continue":
                        left.width += width
                        column = self._advanced(column, width)
                        self._hidden_below(tc)
                        continue
                cell = None
                if merge == "continue":
                    cell = above.get(column)
                    if cell is not None and cell.width != width:
                        cell = None  # two cells never cover the same place
                if cell is None:
                    cell = _Cell(row, column, width)
                    cells.append(cell)
                    self._fill(cell.lines, tc)
                    left = cell
                else:
                    cell.height += 1
                    left = None
                    self._hidden_below(tc)
                begun[column] = cell
                column = self._advanced(column, width)
            above = begun
            columns = max(columns, self._advanced(column, self._skipped(properties, "gridAfter")))
            if len(cells) > LIMITS.cells:
                raise too_much(self.builder.name, "单元格", LIMITS.cells, "个")
        return [("\n".join(cell.lines), cell.row, cell.column, cell.height, cell.width) for cell in cells], columns

    def _advanced(self, column: int, width: int) -> int:
        column += width
        if column > LIMITS.columns:
            raise too_much(self.builder.name, "表格的列", LIMITS.columns, "列")
        return column

    def _hidden_below(self, tc: etree._Element) -> None:
        """Word prints of a merge only the first cell's text; what stands in the others is said, not read."""
        lines: list[str] = []
        self._fill(lines, tc)
        if lines:
            self.builder.note("MERGED_TEXT", "合并单元格被盖住的部分里有文字，打印时不显示，未读取")

    def _fill(self, lines: list[str], tc: etree._Element) -> None:
        """Append the lines of a cell, those of its text boxes and of the tables inside it."""
        if self.joining:
            self._fill_blocks(lines, tc)
            return
        paragraph_tag, no_blocks = self.paragraph_tag, self.no_blocks
        for node in tc:  # nearly every cell holds paragraphs and nothing else
            tag = node.tag
            if tag == paragraph_tag:
                self._fill_paragraph(lines, (node,))
            elif tag not in no_blocks:
                self._fill_blocks(lines, (node,))

    def _fill_blocks(self, lines: list[str], parent: Iterable[etree._Element]) -> None:
        begun: list[etree._Element] = []
        for kind, node in self._blocks(parent):
            if kind == PARAGRAPH:
                begun.append(node)
                if self.joining and self._goes_on(node):
                    continue
                self._fill_paragraph(lines, begun)
                begun = []
            elif kind == TABLE:
                self._deeper()
                for _, tr in self._rows(node):
                    parts: list[str] = []
                    for inner in self._children(tr, self.cell):
                        held: list[str] = []
                        self._fill(held, inner)
                        parts.append(" ".join(held))
                    if any(parts):
                        lines.append("\t".join(parts))
                self.depth -= 1
            else:
                self.builder.note("ALT_CHUNK", "文中嵌有另一份文档的内容，未读取，请转为普通文字后核对")
        if begun:
            self._fill_paragraph(lines, begun)

    def _fill_paragraph(self, lines: list[str], nodes: Sequence[etree._Element]) -> None:
        text, boxes = self._text(nodes)
        if text and not text.isspace():
            lines.append(text.strip("\n"))
        for box in boxes:
            self._deeper()
            self._fill(lines, box)
            self.depth -= 1

    def _width(self, span: etree._Element, left: int) -> int:
        """How many columns the cell covers; ``left`` is how many the table states from here on."""
        width = number(span.get(f"{self.w}val"), LIMITS.columns + 1)
        if width > LIMITS.columns:
            self.builder.note("SPAN_CLAMPED", "单元格声明合并的列数不可能，已按实际列数读取")
            return min(max(left, 1), LIMITS.columns)
        return max(width, 1)

    def _skipped(self, properties: etree._Element | None, what: str) -> int:
        """Columns that the row leaves out before its first cell or after its last."""
        node = None if properties is None else properties.find(f"{self.w}{what}")
        if node is None:
            return 0
        skipped = number(node.get(f"{self.w}val"), LIMITS.columns + 1)
        if skipped > LIMITS.columns:
            self.builder.note("SPAN_CLAMPED", "单元格声明合并的列数不可能，已按实际列数读取")
            return 0
        return skipped


def _leading(node: etree._Element, tag: str) -> etree._Element | None:
    """The properties of an element: its first child by the format; anywhere among its children in files of careless writers."""
    if not len(node):
        return None
    first = node[0]
    return first if first.tag == tag else node.find(tag)


def _has(root: etree._Element, tag: str) -> bool:
    """Whether the document has such an element at all: most have none, and need not be asked paragraph by paragraph."""
    return next(root.iter(tag), None) is not None
