"""Read Excel workbooks (.xlsx, .xlsm), Microsoft's and WPS's, transitional and strict: what each visible sheet shows.

Figures are read as displayed, by the cell's number format; a formula's value is the one that was stored with it, and a formula
without one is blank, never 0. Rows inside ruling lines are tables, lines above and between them paragraphs. Nothing is calculated,
nothing outside the file is fetched, no macro is run.
Source: ECMA-376 part 1, section 18.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from reports_in import sniff
from reports_in.builder import Builder, Placed, too_much
from reports_in.decoding import lines_of
from reports_in.document import Document
from reports_in.errors import Damaged, UnknownFormat
from reports_in.limits import LIMITS
from reports_in.package import Package
from reports_in.readers.docx_numbering import number
from reports_in.readers.docx_parts import REPORT_TITLE, relations, report_title
from reports_in.readers.xlsx_formats import GENERAL, shown, standard_format

SPACES = (
    "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}",
    "{http://purl.oclc.org/ooxml/spreadsheetml/main}",
)
REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
DIGIT, ZERO = re.compile(r"\d"), re.compile(r"-?0+(?:\.0*)?")
MOST_MERGES, MOST_OVERLAPPING = 20_000, 100
LONGEST_LABEL = 40  # characters; a longer line between two rows is prose
SIDES = ("left", "right", "top", "bottom")


@dataclass(frozen=True, slots=True)
class _Look:
    """How cells of one style are shown."""

    format: str = GENERAL
    ruled: bool = False


@dataclass(slots=True)
class _Sheet:
    """rows: row -> column -> text, both counted from 0, blank cells of a style of their own included; ruled: how many
    cells of a row have ruling lines; merged: top, left, bottom, right."""

    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    ruled: dict[int, int] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


def read(data: bytes, name: str) -> Document:
    """The workbook's visible sheets in order. Raises Damaged, Encrypted, EmptyFile, LimitExceeded, UnknownFormat."""
    builder = Builder(name)
    package = Package(data, name)
    _Reader(package, builder).workbook()
    return builder.document(data, sniff.XLSX, report_title(package))


class _Reader:
    def __init__(self, package: Package, builder: Builder) -> None:
        self.package = package
        self.builder = builder
        self.path = self._workbook_path()
        self.root = package.xml(self.path)
        space = next((space for space in SPACES if self.root.tag == f"{space}workbook"), None)
        if space is None:
            raise self._damaged("没有工作簿")
        self.s = space
        self.beside = relations(package, self.path)
        self.strings = self._strings()
        self.looks = self._looks()
        properties = self.root.find(f"{space}workbookPr")
        self.from_1904 = properties is not None and properties.get("date1904") in ("1", "true")

    def workbook(self) -> None:
        self._notes()
        targets = {relation.id: relation for relation in self.beside}
        for sheet in self.root.iterfind(f"{self.s}sheets/{self.s}sheet"):
            title = sheet.get("name", "")
            if sheet.get("state") in ("hidden", "veryHidden"):
                self.builder.note("HIDDEN_SHEET", f"工作表“{title[:30]}”是隐藏的，未读取")
                continue
            identity = next((str(value) for key, value in sheet.items() if str(key).endswith("}id")), "")
            relation = targets.get(identity)
            if relation is None or relation.outside:
                raise self._damaged(f"找不到工作表“{title[:30]}”")
            if relation.kind == "worksheet":
                path = self.package.find(relation.target, self.path)
                if path is None:
                    raise self._damaged(f"找不到工作表“{title[:30]}”")
                self._emit(self._sheet(self.package.xml(path)))

    def _workbook_path(self) -> str:
        package = self.package
        targets = [one.target for one in relations(package, "") if one.kind == "officeDocument"]
        found = (package.find(target) for target in [*targets, "xl/workbook.xml"])
        path = next((path for path in found if path is not None), None)
        if path is None:
            raise self._damaged("找不到工作簿")
        if path.lower().endswith(".bin"):
            raise UnknownFormat(package.name, "是 Excel 二进制工作簿（XLSB）", "请另存为 XLSX 后重新提交")
        return path

    def _damaged(self, what: str) -> Damaged:
        return Damaged(self.package.name, f"文件已损坏：{what}", "请用 Excel 或 WPS 打开核对，另存为 XLSX 后提交")

    def _notes(self) -> None:
        names = [path.lower() for path in self.package.names()]
        if any(path.endswith("vbaproject.bin") for path in names):
            self.builder.note("MACRO", "文件含宏，未运行，只读取文字")
        if any("/externallinks/" in path for path in names):
            self.builder.note("EXTERNAL", "文件引用了外部工作簿，未读取，采用保存时的数值")
        if any("/embeddings/" in path or "/activex/" in path for path in names):
            self.builder.note("EMBEDDED", "文件嵌有其他文件或控件，未读取")
        if any("xl/media/" in path for path in names):
            self.builder.note("IMAGE", "工作表里有图片，图片里的文字未读取（表格可能是图片）")

    def _part(self, kind: str) -> etree._Element | None:
        target = next((one.target for one in self.beside if one.kind == kind and not one.outside), f"{kind}.xml")
        path = self.package.find(target, self.path)
        return None if path is None else self.package.xml(path)

    def _strings(self) -> list[str]:
        root = self._part("sharedStrings")
        return [] if root is None else [self._rich(item) for item in root.iterfind(f"{self.s}si")]

    def _rich(self, item: etree._Element) -> str:
        """Text of a string with its runs, without the reading aids of Asian scripts."""
        s = self.s
        return "".join(node.text or "" for node in item.iter(f"{s}t") if _tag(node.getparent()) != f"{s}rPh")

    def _looks(self) -> list[_Look]:
        """Styles of cells by their number."""
        root = self._part("styles")
        if root is None:
            return []
        s = self.s
        formats = {node.get("numFmtId"): node.get("formatCode", "") for node in root.iterfind(f"{s}numFmts/{s}numFmt")}
        ruled = [
            any((line := border.find(f"{s}{side}")) is not None and line.get("style", "none") != "none" for side in SIDES)
            for border in root.iterfind(f"{s}borders/{s}border")
        ]
        looks = []
        for node in root.iterfind(f"{s}cellXfs/{s}xf"):
            key, border = node.get("numFmtId", "0"), number(node.get("borderId"), 0)
            code = formats.get(key) or standard_format(number(key, 0))
            looks.append(_Look(code, border < len(ruled) and ruled[border]))
        return looks

    def _sheet(self, root: etree._Element) -> _Sheet:
        """What a sheet shows, cell by cell."""
        s = self.s
        sheet = _Sheet()
        row_at, cells = -1, 0
        plain = _Look()
        for row in root.iterfind(f"{s}sheetData/{s}row"):
            row_at = number(row.get("r"), row_at + 2) - 1
            if row.get("hidden") in ("1", "true"):
                self._note_hidden()
            texts: dict[int, str] = {}
            ruled = 0
            column = -1
            for cell in row.iterfind(f"{s}c"):
                place = REFERENCE.fullmatch(cell.get("r", ""))
                column = _column(place[1]) if place else column + 1
                style = number(cell.get("s"), 0)
                look = self.looks[style] if style < len(self.looks) else plain
                ruled += look.ruled
                texts[column] = self._text(cell, look)
                cells += 1
                if cells > LIMITS.cells:
                    raise too_much(self.builder.name, "单元格", LIMITS.cells, "个")
            sheet.rows[row_at] = texts
            sheet.ruled[row_at] = ruled
        for column_node in root.iterfind(f"{s}cols/{s}col"):
            if column_node.get("hidden") in ("1", "true"):
                self._note_hidden()
        for merge in root.iterfind(f"{s}mergeCells/{s}mergeCell"):
            corners = [REFERENCE.fullmatch(corner) for corner in merge.get("ref", "").split(":")]
            if len(sheet.merged) >= MOST_MERGES:
                raise too_much(self.builder.name, "合并单元格", MOST_MERGES, "处")
            if len(corners) == 2 and corners[0] and corners[1]:
                (left, top), (right, bottom) = ((_column(corner[1]), int(corner[2]) - 1) for corner in corners if corner)
                sheet.merged.append((top, left, bottom, right))
        return sheet

    def _note_hidden(self) -> None:
        self.builder.note("HIDDEN_TEXT", "工作表有隐藏的行或列，已一并读取")

    def _text(self, cell: etree._Element, look: _Look) -> str:
        """What a cell shows."""
        s = self.s
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            held = cell.find(f"{s}is")
            return "" if held is None else lines_of(self._rich(held)).strip("\n")
        value = cell.findtext(f"{s}v")
        if value is None:
            if cell.find(f"{s}f") is not None:
                self.builder.note(
                    "FORMULA_WITHOUT_VALUE", "有公式没有保存计算结果，按空白读取，请用 Excel 或 WPS 打开后保存再提交"
                )
            return ""
        if kind == "s":
            index = number(value.strip(), len(self.strings))
            if index >= len(self.strings):
                raise self._damaged("共享文字不全")
            return lines_of(self.strings[index]).strip("\n")
        if kind == "b":
            return "TRUE" if value.strip() == "1" else "FALSE"
        if kind in ("str", "e", "d"):
            return lines_of(value).strip("\n")
        text = shown(value.strip(), look.format, self.from_1904)
        if not DIGIT.search(text) and ZERO.fullmatch(value.strip()):
            self.builder.note("ZERO_NOT_SHOWN", "有单元格填的是0、按格式显示为空白或横线，按0读取")
            return "0"
        return text

    def _emit(self, sheet: _Sheet) -> None:
        """Tables and the lines between them, top to bottom."""
        for is_table, rows in _stretches(sheet):
            if is_table:
                self._table(sheet, rows)
                continue
            for row in rows:
                texts = sheet.rows[row]
                line = "\t".join(texts[column] for column in sorted(texts) if texts[column].strip())
                for part in line.split("\n"):
                    if part.strip():
                        self.builder.paragraph(part)

    def _table(self, sheet: _Sheet, rows: Sequence[int]) -> None:
        """A run of rows as a grid, as wide as what stands in it."""
        top, bottom = rows[0], rows[-1]
        filled = [column for row in rows for column, text in sheet.rows[row].items() if text.strip()]
        left, right = min(filled), max(filled)
        if right - left >= LIMITS.columns:
            raise too_much(self.builder.name, "表格的列", LIMITS.columns, "列")
        if (bottom - top + 1) * (right - left + 1) > LIMITS.cells:
            raise too_much(self.builder.name, "单元格", LIMITS.cells, "个")
        spans: dict[tuple[int, int], tuple[int, int]] = {}
        covered: set[tuple[int, int]] = set()
        overlapping = 0
        for merge in sheet.merged:
            first, begins = max(merge[0], top), max(merge[1], left)
            last, ends = min(merge[2], bottom), min(merge[3], right)
            if first > last or begins > ends:
                continue
            places = {(row, column) for row in range(first, last + 1) for column in range(begins, ends + 1)}
            if places & covered or any(place in spans for place in places):
                overlapping += 1  # Excel itself takes such a file for damaged
                if overlapping > MOST_OVERLAPPING:
                    raise self._damaged("合并单元格互相重叠")
                continue
            spans[(first, begins)] = (last - first + 1, ends - begins + 1)
            covered |= places - {(first, begins)}
        placed: list[Placed] = []
        for row in rows:
            texts = sheet.rows[row]
            for column in range(left, right + 1):
                text = texts.get(column, "")
                if (row, column) in covered:
                    if text.strip():
                        self.builder.note("MERGED_TEXT", "合并单元格被盖住的部分里有文字，打印时不显示，未读取")
                    continue
                height, width = spans.get((row, column), (1, 1))
                placed.append((text, row - top, column - left, height, width))
        self.builder.grid(placed, bottom - top + 1, right - left + 1)


def _stretches(sheet: _Sheet) -> Iterator[tuple[bool, list[int]]]:
    """Runs of rows, each a table or lines of text. In a sheet with ruling lines they say what a table is."""
    lined = any(count >= 2 for count in sheet.ruled.values())
    rows = [row for row in sorted(sheet.rows) if _filled(sheet, row) or (lined and sheet.ruled[row] >= 2)]
    tall = {
        inner for top, left, bottom, right in sheet.merged if bottom > top for inner in range(top, min(bottom, top + 1000) + 1)
    }
    kinds = {}
    for row in rows:
        filled = _filled(sheet, row)
        title = filled == 1 and any(REPORT_TITLE.search(text) for text in sheet.rows[row].values())
        kinds[row] = not title and (filled >= 3 or row in tall or (sheet.ruled[row] >= 2 if lined else filled >= 2))
    if not lined:  # a line between two rows of a table without a gap is a row of it
        for above, row, below in zip(rows, rows[1:], rows[2:], strict=False):
            if kinds[above] and kinds[below] and below - above == 2 and not kinds[row]:
                kinds[row] = max(map(len, sheet.rows[row].values())) <= LONGEST_LABEL
    run: list[int] = []
    for row in rows:
        if run and (kinds[row] != kinds[run[-1]] or (kinds[row] and row != run[-1] + 1)):
            yield _checked(sheet, kinds[run[0]], run), run
            run = []
        run.append(row)
    if run:
        yield _checked(sheet, kinds[run[0]], run), run


def _checked(sheet: _Sheet, is_table: bool, run: Sequence[int]) -> bool:
    """A table must show something: ruling lines around nothing are none."""
    return is_table and any(_filled(sheet, row) for row in run)


def _filled(sheet: _Sheet, row: int) -> int:
    return sum(1 for text in sheet.rows[row].values() if text.strip())


def _column(letters: str) -> int:
    """The column that letters name, from 0 for A."""
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


def _tag(node: etree._Element | None) -> str:
    return "" if node is None else str(node.tag)
