"""Read Word documents (.docx, .docm), Microsoft's and WPS's, transitional and strict: body text, tables with spans, text boxes.

Tracked changes are read as accepted. Headers, footers, comments, hidden text and field codes are left out. Numbers that Word prints by
itself are written out. Nothing outside the file is fetched, no macro is run.
Source: ECMA-376 part 1, section 17.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from reports_in import sniff
from reports_in.builder import Builder, too_much
from reports_in.document import Document, PageMeta, Source, TableCell
from reports_in.errors import Damaged
from reports_in.limits import LIMITS
from reports_in.package import Package
from reports_in.readers.docx_numbering import Numbering, read_numbering

TRANSITIONAL = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
DUBLIN = "{http://purl.org/dc/elements/1.1/}"
OFFICE_DOCUMENT = ("/officeDocument", "/strictOfficeDocument")
NOWHERE = Source(None, None, None, (0, 0))
# children whose text is not part of the document as accepted and printed
DROPPED = frozenset(
    [
        "del",
        "moveFrom",
        "delText",
        "delInstrText",
        "instrText",
        "rPr",
        "pPr",
        "tblPr",
        "trPr",
        "tcPr",
        "sectPr",
        "tblGrid",
        "sdtPr",
        "sdtEndPr",
        "rt",
        "fldData",
        "commentReference",
        "annotationRef",
        "footnoteReference",
        "endnoteReference",
        "footnoteRef",
        "endnoteRef",
    ]
)


@dataclass(slots=True)
class _Style:
    level: int | None = None
    numbering: tuple[str, int] | None = None


@dataclass(slots=True)
class _Cell:
    """A cell being read: its text, and what in it is a table of its own."""

    row: int
    column: int
    width: int
    height: int = 1
    lines: list[str] = field(default_factory=list)
    parts: list[etree._Element] = field(default_factory=list)
    nested: int = 0


def read(data: bytes, name: str) -> Document:
    """The document's body in reading order. Raises Damaged, Encrypted, EmptyFile, LimitExceeded."""
    package = Package(data, name)
    main = _main_part(package)
    root = package.xml(main)
    w = root.tag[: root.tag.index("}") + 1] if "}" in root.tag else ""
    body = root.find(f"{w}body")
    if w not in (TRANSITIONAL, STRICT) or body is None:
        raise Damaged(name, "文件已损坏：没有 Word 正文", "请用 Word 或 WPS 打开核对，另存为 DOCX 后提交")
    reader = _Reader(package, main, w, Builder(name))
    reader.flow(body)
    return reader.builder.document(data, sniff.DOCX, _meta(package))


def _main_part(package: Package) -> str:
    """The path of the main document part, by the package's relations or by its usual name."""
    relations = package.find("_rels/.rels")
    if relations is not None:
        for relation in package.xml(relations).iterfind(f"{RELATIONS}Relationship"):
            if str(relation.get("Type", "")).endswith(OFFICE_DOCUMENT):
                found = package.find(str(relation.get("Target", "")))
                if found is not None:
                    return found
    found = package.find("word/document.xml")
    if found is None:
        raise Damaged(package.name, "文件已损坏：找不到正文部件", "请用 Word 或 WPS 打开核对，另存为 DOCX 后提交")
    return found


def _meta(package: Package) -> PageMeta | None:
    core = package.find("docProps/core.xml")
    title = package.xml(core).findtext(f"{DUBLIN}title") if core is not None else None
    return PageMeta(title=title.strip()) if title and title.strip() else None


class _Reader:
    """Walks the body. ``w`` is the namespace in braces, with which every tag of the format starts."""

    def __init__(self, package: Package, main: str, w: str, builder: Builder) -> None:
        self.w = w
        self.builder = builder
        self.depth = 0
        self.styles = self._styles(package, main)
        self.numbering: Numbering = read_numbering(self._part(package, main, "numbering.xml"), w)
        self.tags = {f"{w}{tag}" for tag in DROPPED} | {f"{w}rubyPr"}
        self._notes(package, main)

    # blocks

    def flow(self, parent: etree._Element) -> None:
        """Emit the paragraphs and tables below ``parent`` in reading order."""
        w = self.w
        for node in self._blocks(parent):
            if node.tag == f"{w}tbl":
                self.table(node)
            elif node.tag == f"{w}p":
                self.paragraph(node)
            else:
                self.builder.note("ALT_CHUNK", "文中嵌有另一份文档的内容，未读取，请转为普通文字后核对")

    def _blocks(self, parent: etree._Element) -> Iterator[etree._Element]:
        """Paragraphs and tables of a body, cell or text box; wrappers (content controls, insertions, custom XML) are opened."""
        w = self.w
        stack = [iter(parent)]
        while stack:
            node = next(stack[-1], None)
            if node is None:
                stack.pop()
                continue
            tag = node.tag
            if tag in (f"{w}p", f"{w}tbl", f"{w}altChunk"):
                yield node
            elif tag == f"{MC}AlternateContent":
                stack.append(iter(_alternative(node)))
            elif isinstance(tag, str) and tag not in self.tags:
                if len(stack) > LIMITS.nesting:
                    raise too_much(self.builder.name, "内容嵌套层数", LIMITS.nesting, "层")
                stack.append(iter(node))

    def paragraph(self, node: etree._Element) -> None:
        """Emit a paragraph, and after it the text boxes anchored in it."""
        boxes: list[etree._Element] = []
        pictures: list[str] = []
        text = self._label(node) + self._text(node, boxes, pictures)
        if text.strip():
            self.builder.paragraph(text, level=self._level(node))
        elif pictures:
            self.builder.note("IMAGE", "文中有图片，图片里的文字和表格没有读取")
        for box in boxes:
            self._deeper()
            self.flow(box)
            self.depth -= 1

    def table(self, node: etree._Element) -> None:
        """Emit a table; one that only lays out other tables and paragraphs is read as flow."""
        self._deeper()
        cells, rows, columns = self._cells(node)
        nested = sum(cell.nested for cell in cells)
        own = sum(len(line) for cell in cells for line in cell.lines)
        if nested > own or (nested and len(cells) == 1):
            for cell in cells:
                for part in cell.parts:
                    self.flow(part)
        else:
            placed = [
                TableCell("\n".join(cell.lines), cell.row, cell.column, NOWHERE, cell.height, cell.width) for cell in cells
            ]
            if placed:
                self.builder.table(placed, rows, columns)
        self.depth -= 1

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > LIMITS.nested_tables:
            raise too_much(self.builder.name, "表格嵌套层数", LIMITS.nested_tables, "层")

    def _cells(self, table: etree._Element) -> tuple[list[_Cell], int, int]:
        """The cells with their spans, and how many rows and columns there are. Vertical merges are one cell."""
        w = self.w
        cells: list[_Cell] = []
        above: dict[int, _Cell] = {}  # column -> the cell that a vertical merge may go on
        row = -1
        columns = 0
        for tr in self._children(table, f"{w}tr"):
            properties = tr.find(f"{w}trPr")
            if properties is not None and properties.find(f"{w}del") is not None:
                continue
            row += 1
            column = self._skipped(properties, "gridBefore")
            for tc in self._children(tr, f"{w}tc"):
                shape = tc.find(f"{w}tcPr")
                if shape is not None and shape.find(f"{w}cellDel") is not None:
                    continue
                width = self._width(shape)
                cell = self._continued(shape, above.get(column), row, column)
                if cell is None:
                    cell = _Cell(row, column, width)
                    cells.append(cell)
                self._fill(cell, tc)
                for covered in range(column, column + width):
                    above[covered] = cell
                column += width
            columns = max(columns, column + self._skipped(properties, "gridAfter"))
            if len(cells) > LIMITS.cells:
                raise too_much(self.builder.name, "单元格", LIMITS.cells, "个")
        return cells, row + 1, min(columns, LIMITS.columns)

    def _children(self, parent: etree._Element, tag: str) -> Iterator[etree._Element]:
        """Children of that tag, also inside content controls and other wrappers, not inside what is not a wrapper."""
        w = self.w
        blocks = (f"{w}tr", f"{w}tc", f"{w}p", f"{w}tbl")
        stack = [iter(parent)]
        while stack:
            node = next(stack[-1], None)
            if node is None:
                stack.pop()
            elif node.tag == tag:
                yield node
            elif (
                isinstance(node.tag, str)
                and node.tag not in blocks
                and node.tag not in self.tags
                and len(stack) < LIMITS.nesting
            ):
                stack.append(iter(node))

    def _continued(self, shape: etree._Element | None, above: _Cell | None, row: int, column: int) -> _Cell | None:
        """The cell above that this one goes on; None if it is a cell of its own."""
        merge = None if shape is None else shape.find(f"{self.w}vMerge")
        if merge is None or merge.get(f"{self.w}val") == "restart" or above is None or above.column != column:
            return None
        if above.row + above.height != row:
            return None
        above.height += 1
        return above

    def _fill(self, cell: _Cell, tc: etree._Element) -> None:
        w = self.w
        cell.parts.append(tc)
        for node in self._blocks(tc):
            if node.tag == f"{w}p":
                boxes: list[etree._Element] = []
                text = self._label(node) + self._text(node, boxes, [])
                if text.strip():
                    cell.lines.append(text.strip("\n"))
                for box in boxes:
                    self._deeper()
                    self._fill(cell, box)
                    cell.parts.pop()
                    self.depth -= 1
            elif node.tag == f"{w}tbl":
                self._deeper()
                inner, _, _ = self._cells(node)
                lines = ["\t".join(part.lines) for part in inner]
                cell.lines.extend(line for line in lines if line)
                cell.nested += sum(len(line) for line in lines)
                self.depth -= 1

    def _width(self, shape: etree._Element | None) -> int:
        span = None if shape is None else shape.find(f"{self.w}gridSpan")
        width = _count(None if span is None else span.get(f"{self.w}val"), 1)
        if width > LIMITS.columns:
            self.builder.note("SPAN_CLAMPED", f"合并列数异常（{width}），按{LIMITS.columns}列读取")
            return LIMITS.columns
        return max(width, 1)

    def _skipped(self, properties: etree._Element | None, what: str) -> int:
        node = None if properties is None else properties.find(f"{self.w}{what}")
        return min(_count(None if node is None else node.get(f"{self.w}val"), 0), LIMITS.columns)

    # text

    def _text(self, paragraph: etree._Element, boxes: list[etree._Element], pictures: list[str]) -> str:
        """The characters of a paragraph. Text boxes and pictures met on the way are collected, not entered."""
        w = self.w
        parts: list[str] = []
        stack = [iter(paragraph)]
        while stack:
            node = next(stack[-1], None)
            if node is None:
                stack.pop()
                continue
            tag = node.tag
            if tag == f"{w}t" or (tag.endswith("}t") and tag.startswith("{http://schemas.openxmlformats.org/officeDocument")):
                parts.append(node.text or "")
            elif tag == f"{w}r":
                if not self._hidden(node):
                    stack.append(iter(node))
            elif tag in self.tags:
                continue
            elif tag in (f"{w}br", f"{w}cr"):
                parts.append("\n" if node.get(f"{w}type") in (None, "textWrapping") else "")
            elif tag in (f"{w}tab", f"{w}ptab"):
                parts.append("\t")
            elif tag in (f"{w}noBreakHyphen", f"{w}softHyphen"):
                parts.append("-" if tag == f"{w}noBreakHyphen" else "")
            elif tag == f"{w}sym":
                parts.append(_symbol(node.get(f"{w}char", "")))
            elif tag == f"{w}txbxContent":
                boxes.append(node)
            elif tag == f"{MC}AlternateContent":
                stack.append(iter(_alternative(node)))
            elif isinstance(tag, str):
                if tag.endswith(("}blip", "}imagedata")):
                    pictures.append(tag)
                if len(stack) > LIMITS.nesting:
                    raise too_much(self.builder.name, "内容嵌套层数", LIMITS.nesting, "层")
                stack.append(iter(node))
        return "".join(parts)

    def _hidden(self, run: etree._Element) -> bool:
        properties = run.find(f"{self.w}rPr")
        if properties is None:
            return False
        vanish = properties.find(f"{self.w}vanish")
        hidden = vanish is not None and vanish.get(f"{self.w}val") not in ("0", "false", "off")
        if hidden:
            self.builder.note("HIDDEN_TEXT", "文中有隐藏文字，未读取")
        return hidden

    def _label(self, paragraph: etree._Element) -> str:
        """The number that Word prints before the paragraph."""
        w = self.w
        properties = paragraph.find(f"{w}pPr")
        if properties is None:
            return ""
        own = properties.find(f"{w}numPr")
        style = self.styles.get(_value(properties.find(f"{w}pStyle"), w))
        if own is not None:
            num_id = _value(own.find(f"{w}numId"), w)
            level = _count(_value(own.find(f"{w}ilvl"), w) or None, 0)
            if not num_id and style is not None and style.numbering is not None:
                num_id = style.numbering[0]
            return self.numbering.label(num_id, level) if num_id not in ("", "0") else ""
        if style is not None and style.numbering is not None and style.numbering[0] != "0":
            return self.numbering.label(*style.numbering)
        return ""

    def _level(self, paragraph: etree._Element) -> int | None:
        w = self.w
        properties = paragraph.find(f"{w}pPr")
        if properties is None:
            return None
        own = properties.find(f"{w}outlineLvl")
        if own is not None:
            return _outline(_value(own, w))
        style = self.styles.get(_value(properties.find(f"{w}pStyle"), w))
        return None if style is None else style.level

    # other parts

    def _styles(self, package: Package, main: str) -> dict[str, _Style]:
        """Outline level and list of every paragraph style, with what it takes from the styles it is based on."""
        root = self._part(package, main, "styles.xml")
        if root is None:
            return {}
        w = self.w
        based: dict[str, str] = {}
        styles: dict[str, _Style] = {}
        for node in root.iterfind(f"{w}style"):
            style_id = str(node.get(f"{w}styleId", ""))
            based[style_id] = _value(node.find(f"{w}basedOn"), w)
            style = styles[style_id] = _Style()
            properties = node.find(f"{w}pPr")
            if properties is None:
                continue
            outline = properties.find(f"{w}outlineLvl")
            style.level = None if outline is None else _outline(_value(outline, w))
            numbers = properties.find(f"{w}numPr")
            if numbers is not None:
                num_id = _value(numbers.find(f"{w}numId"), w)
                style.numbering = (num_id, _count(_value(numbers.find(f"{w}ilvl"), w) or None, 0)) if num_id else None
        for style_id, style in styles.items():
            parent, seen = based[style_id], {style_id}
            while parent in styles and parent not in seen:
                seen.add(parent)
                style.level = styles[parent].level if style.level is None else style.level
                style.numbering = style.numbering or styles[parent].numbering
                parent = based[parent]
        return styles

    def _part(self, package: Package, main: str, name: str) -> etree._Element | None:
        path = package.find(name, main)
        return None if path is None else package.xml(path)

    def _notes(self, package: Package, main: str) -> None:
        names = [path.lower() for path in package.names()]
        if any(path.endswith("vbaproject.bin") for path in names):
            self.builder.note("MACRO", "文件含宏，未运行，只读取文字")
        settings = package.find("_rels/settings.xml.rels", main)
        if settings is not None and b'TargetMode="External"' in package.read(settings):
            self.builder.note("EXTERNAL", "文件引用了外部模板，未读取")
        if any("/embeddings/" in path or "/activex/" in path for path in names):
            self.builder.note("EMBEDDED", "文件嵌有其他文件或控件，未读取")


def _alternative(node: etree._Element) -> etree._Element:
    """The branch of an AlternateContent to read: the first with text, for the others say the same again."""
    branches = [child for child in node if isinstance(child.tag, str)]
    return next(
        (branch for branch in branches if any(text.strip() for text in branch.itertext())), branches[0] if branches else node
    )


def _symbol(code: str) -> str:
    """A character set in a symbol font. Its code is the font's own; only the ballot boxes and ticks have a plain meaning."""
    return {"F0FE": "☑", "F052": "☑", "F0A3": "□", "F06F": "□", "F0FC": "√"}.get(code.upper(), "□")


def _value(node: etree._Element | None, w: str) -> str:
    return "" if node is None else str(node.get(f"{w}val", ""))


def _outline(value: str) -> int | None:
    level = _count(value, 9)
    return level + 1 if level < 9 else None


def _count(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 12 else otherwise
