"""The parts of a Word file beside its body: where they are, the styles and lists that the body uses, what is left unread."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from lxml import etree

from reports_in.builder import Builder
from reports_in.decoding import visible
from reports_in.document import PageMeta
from reports_in.errors import Damaged
from reports_in.package import Package
from reports_in.readers.docx_numbering import Numbering, number, read_numbering

RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
DUBLIN = "{http://purl.org/dc/elements/1.1/}"
OUTSIDE = ("attachedTemplate", "oleObject", "frame", "subDocument", "image", "aFChunk")  # what a file may fetch when opened
REPORT_TITLE = re.compile(r"信息公开.*(?:报告|年报)")
BODY_LEVEL = 9  # Word's outline levels 0 to 8 are headings


class Relation(NamedTuple):
    """What a part refers to: kind is the last word of its type; ``outside`` the file or within."""

    id: str
    kind: str
    target: str
    outside: bool


@dataclass(slots=True)
class _Style:
    """num_id is the list, list_level the level in it; None where the style it is based on decides."""

    based_on: str = ""
    level: int | None = None
    num_id: str | None = None
    list_level: int | None = None


class Parts:
    """main is the path of the body's part. ``numbered`` is False if no paragraph can have an automatic number.

    ``read_lists`` must have been called before ``label`` and ``level``.
    """

    def __init__(self, package: Package, builder: Builder) -> None:
        self.package = package
        self.main = self._main()
        self.beside = relations(package, self.main)
        self.numbering = Numbering()
        self.numbered = False
        self._styles: dict[str, _Style] = {}
        self._numbered_styles: set[str] = set()
        self._note(builder)

    def read_lists(self, w: str) -> None:
        """Styles and lists; ``w`` is the namespace in braces of the body."""
        self.w = w
        self.style_tag, self.numbers_tag, self.outline_tag = f"{w}pStyle", f"{w}numPr", f"{w}outlineLvl"
        self.numbering = read_numbering(self._part("numbering"), w)
        self.numbered = bool(self.numbering.levels)
        self._styles = _settled(_styles(self._part("styles"), w))
        self._numbered_styles = {key for key, style in self._styles.items() if style.num_id not in (None, "0")}

    def label(self, properties: etree._Element) -> str:
        """The number that Word prints before a paragraph with these properties. Counts on: call it once for each."""
        w = self.w
        own: etree._Element | None = None
        style_id = ""
        for child in properties:
            tag = child.tag
            if tag == self.style_tag:
                style_id = _value(child, w)
            elif tag == self.numbers_tag:
                own = child
                break
        if own is None and style_id not in self._numbered_styles:
            return ""
        style = self._styles.get(style_id)
        num_id = None if style is None else style.num_id
        level = None if style is None else style.list_level
        if own is not None:
            stated, at = own.find(f"{w}numId"), own.find(f"{w}ilvl")
            if stated is not None:
                num_id, level = _value(stated, w), 0
            if at is not None:
                level = number(_value(at, w), 0)
        if not num_id or num_id == "0":
            return ""
        if level is None:
            level = self.numbering.level_of(num_id, style_id)
        return self.numbering.label(num_id, level or 0)

    def level(self, properties: etree._Element) -> int | None:
        """The heading level of a paragraph with these properties; None for body text."""
        own = properties.find(self.outline_tag)
        if own is not None:
            return _outline(_value(own, self.w))
        style = self._styles.get(_value(properties.find(self.style_tag), self.w))
        return None if style is None else style.level

    def _main(self) -> str:
        """The path of the body, by the package's relations or by its usual name."""
        targets = [one.target for one in relations(self.package, "") if one.kind == "officeDocument"]
        found = (self.package.find(target) for target in [*targets, "word/document.xml"])
        path = next((path for path in found if path is not None), None)
        if path is None:
            raise Damaged(self.package.name, "文件已损坏：找不到正文部件", "请用 Word 或 WPS 打开核对，另存为 DOCX 后提交")
        return path

    def _part(self, kind: str) -> etree._Element | None:
        """The root of the part of that kind; None if the file has none."""
        targets = [one.target for one in self.beside if one.kind == kind and not one.outside]
        found = (self.package.find(target, self.main) for target in [*targets, f"{kind}.xml"])
        path = next((path for path in found if path is not None), None)
        return None if path is None else self.package.xml(path)

    def _note(self, builder: Builder) -> None:
        names = [path.lower() for path in self.package.names()]
        if any(path.endswith("vbaproject.bin") for path in names):
            builder.note("MACRO", "文件含宏，未运行，只读取文字")
        settings = self.package.find("settings.xml", self.main)
        referred = self.beside + ([] if settings is None else relations(self.package, settings))
        if any(one.outside and one.kind in OUTSIDE for one in referred):
            builder.note("EXTERNAL", "文件引用了外部文件（模板、图片等），未读取")
        if any("/embeddings/" in path or "/activex/" in path for path in names):
            builder.note("EMBEDDED", "文件嵌有其他文件或控件，未读取")


def relations(package: Package, part: str) -> list[Relation]:
    """What a part refers to; those of the package itself for ""."""
    folder, _, name = part.rpartition("/")
    path = package.find(f"/{folder}/_rels/{name}.rels")
    if path is None:
        return []
    return [
        Relation(
            node.get("Id", ""),
            node.get("Type", "").rpartition("/")[2],
            node.get("Target", ""),
            node.get("TargetMode") == "External",
        )
        for node in package.xml(path).iterfind(RELATION)
    ]


def report_title(package: Package) -> PageMeta | None:
    """The title among the file's properties, if it is one of a report: most are of the file this one was made from."""
    core = package.find("docProps/core.xml")
    title = package.xml(core).findtext(f"{DUBLIN}title") if core is not None else None
    title = visible(" ".join((title or "").split()))
    return PageMeta(title=title) if REPORT_TITLE.search(title) else None


def _styles(root: etree._Element | None, w: str) -> dict[str, _Style]:
    """Outline level and list of every style, as the style itself states them."""
    styles: dict[str, _Style] = {}
    for node in () if root is None else root.iterfind(f"{w}style"):
        style = styles[node.get(f"{w}styleId", "")] = _Style(_value(node.find(f"{w}basedOn"), w))
        properties = node.find(f"{w}pPr")
        if properties is None:
            continue
        outline, numbers = properties.find(f"{w}outlineLvl"), properties.find(f"{w}numPr")
        if outline is not None:
            style.level = _outline(_value(outline, w)) or BODY_LEVEL + 1
        if numbers is not None:
            num_id, level = numbers.find(f"{w}numId"), numbers.find(f"{w}ilvl")
            style.num_id = None if num_id is None else _value(num_id, w)
            style.list_level = None if level is None else number(_value(level, w), 0)
    return styles


def _settled(styles: dict[str, _Style]) -> dict[str, _Style]:
    """The styles with what they take from those they are based on. Styles based on each other take nothing."""
    settled: dict[str, _Style] = {}
    for style_id, own in styles.items():
        style = _Style(level=own.level, num_id=own.num_id, list_level=own.list_level)
        parent, seen = own.based_on, {style_id}
        while parent in styles and parent not in seen and len(seen) < 20:
            seen.add(parent)
            base = styles[parent]
            style.level = base.level if style.level is None else style.level
            if style.num_id is None:
                style.num_id = base.num_id
                style.list_level = base.list_level if style.list_level is None else style.list_level
            parent = base.based_on
        style.level = None if style.level is not None and style.level > BODY_LEVEL else style.level
        settled[style_id] = style
    return settled


def _value(node: etree._Element | None, w: str) -> str:
    return "" if node is None else str(node.get(f"{w}val", ""))


def _outline(value: str) -> int | None:
    """The heading level that an outline level means; None for body text."""
    level = number(value, BODY_LEVEL)
    return level + 1 if level < BODY_LEVEL else None
