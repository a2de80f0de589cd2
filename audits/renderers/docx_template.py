"""Fill a Word document that an office edits: ``{{单位}}`` becomes a value, ``{{#需整改}}`` ... ``{{/需整改}}`` is repeated.

Placeholders stand in paragraphs, also inside tables, headers and footers; it does not matter how a word processor has cut them into
runs. A block begins and ends with a paragraph of its own; ``{{?有需整改}}`` keeps what is in it if the value is not empty. A paragraph
all of whose placeholders are empty is left out. Values become text and nothing else: they are never read for placeholders,
fields or markup.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Union

from lxml import etree

from audits.errors import TemplateError
from audits.renderers.cells import clean

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
PARTS = re.compile(r"word/(?:document|header\d*|footer\d*)\.xml")
PLACEHOLDER = re.compile(r"\{\{\s*([#?/]?)\s*([^{}#?/]+?)\s*\}\}")
EPOCH = (1980, 1, 1, 0, 0, 0)  # no clock is read
LONGEST = 2_000  # characters of one value, as in the PDF
LARGEST = 20_000_000  # bytes of a template, unpacked

Values = Mapping[str, Union[str, "Sequence[Values]"]]


@dataclass(frozen=True, slots=True)
class Template:
    """The parts of a document by name, and those that hold placeholders parsed."""

    name: str
    parts: Mapping[str, bytes]
    trees: Mapping[str, etree._Element]

    def fill(self, values: Values) -> bytes:
        """The document with those values. Raises TemplateError for a placeholder that has none."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as package:
            for name, data in self.parts.items():
                if name in self.trees:
                    tree = deepcopy(self.trees[name])
                    self._fill(tree, values)
                    data = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)
                entry = zipfile.ZipInfo(name, EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                package.writestr(entry, data)
        return out.getvalue()

    def _fill(self, parent: etree._Element, values: Values) -> None:
        """Everything below, in place."""
        children = list(parent)
        index = 0
        while index < len(children):
            child = children[index]
            if child.tag != f"{W}p":
                self._fill(child, values)
                index += 1
                continue
            mark = PLACEHOLDER.fullmatch(_text(child).strip())
            if mark and mark[1]:
                end = self._end(children, index, mark)
                self._block(parent, children[index : end + 1], mark, values)
                index = end + 1
            else:
                self._paragraph(child, values)
                index += 1

    def _end(self, children: Sequence[etree._Element], index: int, mark: re.Match[str]) -> int:
        for end in range(index + 1, len(children)):
            found = PLACEHOLDER.fullmatch(_text(children[end]).strip()) if children[end].tag == f"{W}p" else None
            if mark[1] != "/" and found and found[1] == "/" and found[2] == mark[2]:
                return end
        raise TemplateError(f"{self.name}：{mark[0]} 没有配对；一段的开头 {{{{#名称}}}} 和结尾 {{{{/名称}}}} 要各占一个段落")

    def _block(self, parent: etree._Element, block: Sequence[etree._Element], mark: re.Match[str], values: Values) -> None:
        value = self._value(mark[2], values)
        items: Sequence[Values] = ([values] if value else []) if mark[1] == "?" else [] if isinstance(value, str) else value
        for item in items:
            holder = etree.Element(f"{W}body")
            holder.extend(deepcopy(element) for element in block[1:-1])
            self._fill(holder, {**values, **item})
            for element in list(holder):
                block[0].addprevious(element)
        for element in block:
            parent.remove(element)

    def _paragraph(self, paragraph: etree._Element, values: Values) -> None:
        texts = list(paragraph.iter(f"{W}t"))
        whole = "".join(text.text or "" for text in texts)
        found = [(mark, self._plain(mark, values)) for mark in PLACEHOLDER.finditer(whole)]
        if not found:
            return
        parent = paragraph.getparent()
        if not any(value for _, value in found) and parent is not None and paragraph.find(f".//{W}sectPr") is None:
            parent.remove(paragraph)
            return
        start = 0
        for text in texts:
            length = len(text.text or "")
            _set(text, _replaced(whole, start, start + length, found))
            start += length

    def _plain(self, mark: re.Match[str], values: Values) -> str:
        value = self._value(mark[2], values)
        if mark[1] or not isinstance(value, str):
            raise TemplateError(f"{self.name}：{mark[0]} 要独占一个段落")
        shown = clean(value).replace("\t", "  ")
        return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…（共 {len(shown)} 字）"

    def _value(self, name: str, values: Values) -> str | Sequence[Values]:
        if name not in values:
            raise TemplateError(f"{self.name}：没有叫“{name}”的占位符；可用：{'、'.join(values)}")
        return values[name]


@cache
def load(path: Path) -> Template:
    """Read the template. Raises TemplateError if it is no Word document."""
    try:
        with zipfile.ZipFile(path) as package:
            entries = package.infolist()
            if sum(entry.file_size for entry in entries) > LARGEST:
                raise TemplateError(f"{path.name}：模板太大；请去掉图片后再用")
            parts = {entry.filename: package.read(entry) for entry in entries}
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        trees = {name: etree.fromstring(data, parser) for name, data in parts.items() if PARTS.fullmatch(name)}
    except (OSError, zipfile.BadZipFile, etree.XMLSyntaxError) as exc:
        raise TemplateError(f"{path.name}：不是可用的 Word 文档（DOCX）；请用 Word 或 WPS 另存为 DOCX") from exc
    if "word/document.xml" not in trees:
        raise TemplateError(f"{path.name}：不是 Word 文档（DOCX）；请用 Word 或 WPS 另存为 DOCX")
    return Template(path.name, parts, trees)


def _text(paragraph: etree._Element) -> str:
    return "".join(text.text or "" for text in paragraph.iter(f"{W}t"))


def _replaced(whole: str, start: int, stop: int, found: Sequence[tuple[re.Match[str], str]]) -> str:
    """What stands between start and stop with placeholders replaced: the value goes where its placeholder begins."""
    out, at = [], start
    for mark, value in found:
        if mark.end() <= start or mark.start() >= stop:
            continue
        out.append(whole[at : max(mark.start(), start)])
        if mark.start() >= start:
            out.append(value)
        at = min(mark.end(), stop)
    return "".join((*out, whole[at:stop]))


def _set(text: etree._Element, value: str) -> None:
    """Give the element that text, line breaks as the format writes them."""
    first, *rest = value.split("\n")
    text.text = first
    text.set(SPACE, "preserve")
    for line in reversed(rest):
        more = etree.Element(text.tag)
        more.text = line
        more.set(SPACE, "preserve")
        text.addnext(more)
        text.addnext(etree.Element(f"{W}br"))
