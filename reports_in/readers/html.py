"""Read web pages (.html, .htm): the article's paragraphs and tables, what surrounds it left out.

lexbor builds the tree as a browser does; one walk without recursion turns it into lines and tables, at any depth
(``lxml.html`` returns an empty text beyond 256 levels, without a word). Plain tables, which are most of the markup of a large page,
are read before, without the tree (``html_plain.py``). What is furniture is decided afterwards, in ``reports_in/pages.py``, on the lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from typing import TypeVar
from urllib.parse import unquote

import numpy as np
from selectolax.lexbor import LexborHTMLParser, LexborNode

from reports_in.builder import Builder, too_much
from reports_in.decoding import decode, is_utf8, visible
from reports_in.document import Document
from reports_in.errors import EmptyFile
from reports_in.limits import LIMITS
from reports_in.pages import Attachment, Grid, Image, Item, Line, article, loses_prose
from reports_in.readers.html_plain import MARK, cut_tables
from reports_in.readers.html_tables import Cell, Flow, RawTable, settle
from reports_in.readers.html_text import collapsed, span
from reports_in.rows import Rows, spaced_cells

MEDIA_TYPE = "text/html"
HEAD_BYTES = 8_192  # browsers look for the charset in the first 1,024; some pages put scripts before it

MUCH_MARKUP = 20_000  # bytes of a page; a report with bare tags has 10,000, one made with an office program 100,000 and more
LARGE_PAGE = 300_000  # bytes; below, the slowest tag takes some 3 s
SWALLOWING = (  # opening, end, and what the user calls it: unended, each hides the rest of the page
    (b"<!--", b"-->", "注释"),
    (b"<script", b"</script", "脚本"),
    (b"<style", b"</style", "样式"),
    (b"<title", b"</title", "标题标签"),
)
BOM = b"\xef\xbb\xbf"
LOWER_CASE = 0x202020  # what makes three letters small ones
HIDING = {b"display": '[style*="display" i]', b"hidden": '[hidden], [style*="hidden" i]', b"mso-hide": '[style*="mso-hide" i]'}
PREFORMATTED = ("pre", "textarea", "xmp", "plaintext")
EMBEDDING = frozenset({"iframe", "embed", "object"})
# fmt: off
BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html",
    "legend", "li", "main", "menu", "nav", "ol", "p", "section", "summary", "ul",
))
DROPPED = frozenset((
    "script", "style", "noscript", "template", "head", "svg", "math", "select", "button", "canvas", "audio",
    "video", "rt", "rp",
))
# fmt: on
CELLS = ("td", "th")
WRAPPING = ("span", "font", "strong", "b", "o:p")  # what mostly wraps the text of a cell
WRAPPED = frozenset(("-text", *WRAPPING))
LINES = ("p", "div", "center")  # and its one line
MOST_WRAPPED = 8  # elements around the text of a cell; with more it is walked through as any other
INLINE = ("span", "font", "strong", "b", "em", "i", "u", "o:p")  # the most frequent; unknown ones are treated alike
FURNITURE = frozenset({"nav", "footer", "aside"})
HEADINGS = {f"h{level}": level for level in range(1, 7)}
SAME_CHARSET = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "utf8": "utf-8"}
SAME_CHARSET |= {"utf-16": "utf-16-le", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be"}

_CHARSET = re.compile(
    rb"""<meta[^>]*?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]+)|<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9_:.-]+)""", re.IGNORECASE
)
_DOCUMENT = re.compile(r"([^/?=&#]+\.(?:pdf|docx?|wps|ofd|xlsx?|et|rtf|zip|rar))(?:$|[?#&])", re.IGNORECASE)
_INLINE_TAG = re.compile(rb"<(/?)(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s>])", re.IGNORECASE)
_LARGE_TAG = re.compile(rb"<[a-z][^<>]{10000,}", re.IGNORECASE)
_QUOTED = re.compile(rb"\"[^\"]*\"|'[^']*'")
_ATTRIBUTE = re.compile(rb"\s+[^\s=]+")
_HIDES = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\f]+")

T = TypeVar("T")


def read(data: bytes, name: str) -> Document:
    """Raises UndecodableText, UnknownFormat (bytes that are no text), EmptyFile, LimitExceeded."""
    builder = Builder(name)
    cut = _cut(data)
    page = _decoded(builder, data, cut[0])
    items, stated = _without_plain_tables(page, cut if page is data else _cut(page), partial(_items, builder))
    kept, meta, notes = article(items, stated)
    builder.notes.extend(notes)
    _write(builder, kept)
    if not builder.length:
        held = {type(item) for item in items}
        fault = "，正文在附件里" if Attachment in held else "，只有图片" if Image in held else ""
        raise EmptyFile(name, f"网页里没有文字{fault}", "请核对网页是否保存完整，或提交年报原件")
    return builder.document(data, MEDIA_TYPE, meta)


def write_fragment(builder: Builder, source: str, line: int | None) -> None:
    """Write the blocks of a piece of HTML that stands inside another text, from that line on."""
    page = source.encode("utf-8", "ignore")
    flow = _without_plain_tables(page, _cut(page), partial(_fragment, builder.name))
    _write(builder, settle(flow, builder), line)


def _cut(page: bytes) -> tuple[bytes, list[RawTable]]:
    """The page without its plain tables, and those, if it has so much markup that this takes less time than parsing it."""
    return cut_tables(page) if len(page) > MUCH_MARKUP else (page, [])


def _without_plain_tables(page: bytes, cut: tuple[bytes, list[RawTable]], read: Callable[[bytes, list[RawTable]], T]) -> T:
    """What ``read`` makes of the page and the tables that were cut out of it: of the whole page, if one of them has no place."""
    try:
        return read(*cut)
    except _Misplaced:
        return read(page, [])


class _Misplaced(Exception):
    """A table that was cut out stands where its text is more than text (a link, a heading), or none (a comment)."""


class _Tags:
    """Where a page has ``<``, and what stands there: ``words`` are the three bytes behind each, capital letters made small.

    ``page`` is without NUL, which the parser takes for nothing.
    """

    def __init__(self, page: bytes) -> None:
        self.page = page = page.replace(b"\0", b"") if b"\0" in page else page
        codes = np.frombuffer(page, np.uint8)  # found in a quarter of the time that bytes.count takes
        self.at = np.flatnonzero(codes == ord("<"))
        first, second, third = (codes.take(self.at + step, mode="clip").astype(np.int32) for step in (1, 2, 3))
        self.ends = np.count_nonzero(first == ord("/"))
        self.words = (first << 16 | second << 8 | third) | LOWER_CASE


def _refuse_bombs(tags: _Tags, name: str) -> None:
    """Raise LimitExceeded for markup on which the parser's time or memory grows with the square of the page."""
    data = tags.page
    if len(tags.at) > LIMITS.page_tags:
        raise too_much(name, "网页标签", LIMITS.page_tags, "个")
    if len(tags.at) - 2 * tags.ends > LIMITS.open_tags:  # what has no end tag: <br>, <img>, and perhaps too much else
        opened = deepest = 0
        for closing in _INLINE_TAG.findall(data):
            opened = max(0, opened - 1) if closing else opened + 1
            deepest = max(deepest, opened)
        if deepest > LIMITS.open_tags:
            raise too_much(name, "网页未关闭的标签", LIMITS.open_tags, "个")
    if len(data) > LARGE_PAGE:
        for tag in _LARGE_TAG.finditer(data):
            if len(_ATTRIBUTE.findall(_QUOTED.sub(b"x", tag[0]))) > LIMITS.tag_attributes:
                raise too_much(name, "一个标签的属性", LIMITS.tag_attributes, "个")


def _unended(tags: _Tags) -> Iterator[str]:
    """What of SWALLOWING the page opens and never ends."""
    page = tags.page
    for opening, end, what in SWALLOWING:
        alike = tags.at[tags.words == int.from_bytes(opening[1:4]) | LOWER_CASE].tolist()
        last = next((tag for tag in reversed(alike) if page[tag : tag + len(opening)].lower() == opening), None)
        if last is not None and page.find(end, last) < 0 and end not in page[last:].lower():
            yield what


def _decoded(builder: Builder, data: bytes, rest: bytes) -> bytes:
    """The page in UTF-8, its encoding told by its content; ``rest`` is what is not yet known to be UTF-8.

    A declaration that does not fit is noted.
    """
    found = _CHARSET.search(data[:HEAD_BYTES].replace(b"\0", b""))
    declared = (found[1] or found[2]).decode("ascii").lower() if found else None
    declared = SAME_CHARSET.get(declared, declared) if declared else None
    decoded = decode(data, builder.name, declared) if rest is data or not is_utf8(rest) else None
    encoding = decoded.encoding if decoded else "utf-8"
    if declared and declared != encoding and not data.isascii():
        builder.note("CHARSET", f"网页声明的编码是 {declared}，内容实为 {encoding}，已按 {encoding} 读取")
    if decoded is None:
        return data
    if lost := decoded.text.count("\ufffd"):
        builder.note("LOST_CHARACTERS", f"有 {lost} 处字符无法按 {encoding} 解读，显示为“\ufffd”")
    is_whole = encoding == "utf-8" and not decoded.lost and not data.startswith(BOM)
    return data if is_whole else decoded.text.encode("utf-8", "ignore")


def _items(builder: Builder, page: bytes, tables: list[RawTable]) -> tuple[list[Item], dict[str, str]]:
    """What the page holds, and what it states about itself. ``tables`` have been cut out of it."""
    tags = _Tags(page)
    _refuse_bombs(tags, builder.name)
    tree = LexborHTMLParser(page)
    hidden = _hidden(tree, page)
    shown = _flow(tree, hidden, tables)
    whole = _flow(tree, frozenset(), tables) if hidden else shown
    for what in _unended(tags):
        builder.note("UNCLOSED", f"网页的{what}没有结束标记，其后的内容浏览器不显示，未读取")
    items = settle(shown, builder)
    if hidden and loses_prose(items, all_items := settle(whole, builder)):
        builder.note("HIDDEN_TEXT", "网页有大段正文或表格设为隐藏，已一并读取")
        items = all_items
    return items, _metas(tree)


def _fragment(name: str, page: bytes, tables: list[RawTable]) -> Flow:
    """The flow of a piece of HTML. ``tables`` have been cut out of it."""
    _refuse_bombs(_Tags(page), name)
    return _flow(LexborHTMLParser(page), frozenset(), tables)


def _hidden(tree: LexborHTMLParser, page: bytes) -> frozenset[int]:
    """The ids of the elements that a browser would not show, as far as the page's own markup says so."""
    lowered = (np.frombuffer(page, np.uint8) | 0x20).tobytes()  # as page.lower() for letters, in a third of the time
    selectors = [selector for word, selector in HIDING.items() if lowered.rfind(word) >= 0]  # much quicker than ``in``
    if not selectors:
        return frozenset()
    hidden = set()
    for node in tree.css(", ".join(selectors)):
        attributes = node.attributes
        if "hidden" in attributes or _HIDES.search(attributes.get("style") or ""):
            hidden.add(node.mem_id)
    return frozenset(hidden)


def _metas(tree: LexborHTMLParser) -> dict[str, str]:
    """The page's ``<meta>`` names in lower case with their contents, and its ``<title>`` and ``<h1>`` under their tags."""
    stated: dict[str, str] = {}
    for node in tree.css("meta[content]"):
        attributes = node.attributes
        key = (attributes.get("name") or attributes.get("property") or "").strip().lower()
        content = _SPACES.sub(" ", visible(attributes.get("content") or "")).strip()
        if key and content:
            stated.setdefault(key, content)
    for tag in ("title", "h1"):
        named = tree.css_first(tag)
        text = collapsed(named.text()) if named is not None else ""
        if text:
            stated[f"<{tag}>"] = text
    return stated


def _flow(tree: LexborHTMLParser, hidden: frozenset[int], plain: list[RawTable]) -> Flow:
    """The page as lines, images and raw tables, in reading order. Elements in ``hidden`` are left out.

    Raises _Misplaced if the ``plain`` tables, which were cut out of the page, do not all have a place in the whole of it.
    """
    walk = _Walk(tree, plain, whole=not hidden)
    parts = walk.parts
    stack: list[tuple[LexborNode | None, Leave | None]] = []
    node: LexborNode | None = tree.root.child if tree.root is not None else None
    while True:
        if node is None:
            if not stack:
                break
            node, leave = stack.pop()
            if leave is not None:
                leave(walk)
            continue
        tag = node.tag or "-"
        if tag == "-text":
            if text := node.text_content:
                if walk.special:
                    walk.special_text(text)
                elif parts or not text.isspace():  # blanks at the start of a line show nowhere
                    parts.append(text)
            node = node.next
            continue
        if hidden and node.mem_id in hidden:
            node = node.next
            continue
        actions = AROUND.get(tag)
        if actions is None:  # a rare tag
            if (act := ALONE.get(tag)) is not None:
                act(walk, node)
            elif tag not in DROPPED and tag[0] not in "-!":
                actions = NOTHING
        if actions is None:
            node = node.next
            continue
        enter, leave = actions
        if enter is not None and enter(walk, node):
            node = node.next
            continue
        following = node.next
        if following is not None or leave is not None:  # else there is nothing to come back for, as after most inline tags
            stack.append((following, leave))
        node = node.child
    walk.end_line()
    if walk.plain and not hidden:  # in a comment or the like
        raise _Misplaced
    return walk.flow


class _Walk:
    """What has been met so far. ``flow`` receives lines; inside a cell it is the cell's own.

    special is not 0 where text needs more than being collected in ``parts``: inside links and preformatted text. whole is True if
    nothing of the page is left out as hidden.
    """

    def __init__(self, tree: LexborHTMLParser, plain: list[RawTable], *, whole: bool) -> None:
        self.plain = {str(number): table for number, table in enumerate(plain)}
        self.tree = tree
        self.whole = whole
        self._mixed: dict[str, set[int]] = {}
        self.flow: Flow = []
        self.parts: list[str] = []
        self.special = 0
        self._outer: list[Flow] = []
        self._tables: list[RawTable] = []
        self._linked = 0
        self._links = 0
        self._anchors: list[bool] = []
        self._link_depth = 0
        self._level: int | None = None
        self._furniture = 0
        self._preformatted = 0

    @cached_property
    def spanning(self) -> frozenset[int]:
        """The ids of the elements that state a span: asking every cell for its attributes costs as much as its text."""
        return frozenset([node.mem_id for node in self.tree.css("[colspan], [rowspan]")])

    def special_text(self, text: str) -> None:
        if self._link_depth:
            self._linked += len(text.strip())
        if self._preformatted:  # its line ends count, and a tab in it parts cells
            first, *others = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            self.parts.append(first)
            for line in others:
                self.end_line()
                self.parts.append(line)
        else:
            self.parts.append(text)

    def end_line(self) -> None:
        """Whatever has been collected is a line of its own."""
        if not self.parts:
            return
        parts = self.parts
        text = parts[0] if len(parts) == 1 else "".join(parts)
        parts.clear()
        if not self._preformatted:
            text = collapsed(text)
        elif (text := visible(text)) and not text.isspace():
            text = text.strip(" \u3000" if "\t" in text else None)
        if text:
            self.flow.append(Line(text, self._linked, self._links, self._level, self._furniture > 0))
            self._linked = 0
            self._links = 1 if self._link_depth else 0

    def block(self, node: LexborNode) -> None:
        self.end_line()

    def heading(self, node: LexborNode) -> None:
        self.end_line()
        self._level = HEADINGS[node.tag or ""]

    def leave_heading(self) -> None:
        self.end_line()
        self._level = None

    def enter_furniture(self, node: LexborNode) -> None:
        self.end_line()
        self._furniture += 1

    def leave_furniture(self) -> None:
        self.end_line()
        self._furniture -= 1

    def enter_preformatted(self, node: LexborNode) -> None:
        self.end_line()
        self._preformatted += 1
        self.special += 1

    def leave_preformatted(self) -> None:
        self.end_line()
        self._preformatted -= 1
        self.special -= 1

    def link(self, node: LexborNode) -> None:
        address = node.attributes.get("href")
        self._attach(address)
        linked = bool(address)  # a bookmark has a name only
        self._anchors.append(linked)
        self._link_depth += linked
        self.special += linked
        self._links += linked

    def leave_link(self) -> None:
        linked = self._anchors.pop()
        self._link_depth -= linked
        self.special -= linked

    def table(self, node: LexborNode) -> bool:
        self.end_line()
        if self.plain and (number := node.attributes.get(MARK)) is not None:
            if number not in self.plain or not self._is_plain():
                raise _Misplaced
            self.flow.append(self.plain.pop(number))
            return True
        self._tables.append(RawTable())
        return False

    def leave_table(self) -> None:
        self.end_line()
        self.flow.append(self._tables.pop())  # after its caption

    def row_group(self, node: LexborNode) -> None:
        if self._tables:
            self._tables[-1].groups.append(len(self._tables[-1].rows))

    def row(self, node: LexborNode) -> bool:
        """True if the row has been taken: each of its cells holds one line."""
        if not self._tables:
            return False
        row: list[Cell | str] = []
        self._tables[-1].rows.append(row)
        child = node.child if self.whole and self._is_plain() else None
        while child is not None:
            tag = child.tag
            if tag in CELLS:
                text = self._sole_text(child, tag)
                if text is None:
                    break
                if not text.isalnum():  # asked here too, for the sake of the many that are
                    text = collapsed(text)
                row.append(Cell(*_spans(child), [], text) if child.mem_id in self.spanning else text)
            elif not child.is_empty_text_node:
                break
            child = child.next
        else:
            return bool(row)
        row.clear()
        return False

    def _is_plain(self) -> bool:
        """Whether a line that starts here would be text alone: no link, no heading, nothing of it met before."""
        started = self.parts or self._links or self._linked
        return not (started or self.special or self._furniture or self._level)

    def _sole_text(self, node: LexborNode, tag: str) -> str | None:
        """The text of a cell that holds one line and what merely wraps it; None if it holds more."""
        alone = True  # nothing stands beside the element
        for _ in range(MOST_WRAPPED):
            child = node.child
            if child is None:
                return ""
            within = child.tag or ""
            following = child.next
            if following is not None:
                if within in WRAPPED and following.tag in WRAPPED:
                    mixed = self._mixed.get(tag)
                    if node.mem_id not in (self._find_mixed(tag) if mixed is None else mixed):
                        return node.text()
                child = _only_child(node) if alone else None
                if child is None:
                    return None
                within = child.tag or ""
            if within == "-text":
                return child.text_content or ""
            alone = alone and within in LINES
            if not alone and within not in WRAPPING:
                return None
            node, tag = child, within
        return None

    def _find_mixed(self, tag: str) -> set[int]:
        """The ids of the elements of that name, and of those around them, that hold more than text and what merely wraps it."""
        mixed = self._mixed[tag] = set()
        for other in self.tree.css(tag.replace(":", r"\:") + f" :not({WRAPPING[0]})"):  # nearly all of them; the rest by name
            if other.tag in WRAPPING:
                continue
            around = other.parent
            while around is not None and around.mem_id not in mixed:
                mixed.add(around.mem_id)
                around = around.parent
        return mixed

    def cell(self, node: LexborNode) -> bool:
        self.end_line()
        spans = _spans(node) if node.mem_id in self.spanning else None
        plain = self._tables and self.whole and self._is_plain()
        if plain and (text := self._sole_text(node, node.tag or "")) is not None:
            text = collapsed(text)
            self._tables[-1].add(Cell(*spans, [], text) if spans else text)
            return True
        self._outer.append(self.flow)
        if self._tables:
            cell = Cell(*(spans or (1, 1)), [])
            self._tables[-1].add(cell)
            self.flow = cell.flow
        return False

    def leave_cell(self) -> None:
        self.end_line()
        self.flow = self._outer.pop()

    def image(self, node: LexborNode) -> None:
        attributes = node.attributes
        self.flow.append(Image(attributes.get("src") or "", attributes.get("alt") or "", attributes.get("width") or ""))

    def input(self, node: LexborNode) -> None:
        """A form field inside a table shows its value as a cell does."""
        attributes = node.attributes
        if self._tables and (attributes.get("type") or "text").lower() in ("text", "number"):
            self.parts.append(attributes.get("value") or "")

    def embedded(self, node: LexborNode) -> None:
        self._attach(node.attributes.get("src") or node.attributes.get("data"))

    def _attach(self, address: str | None) -> None:
        if address and (found := _DOCUMENT.search(address)):
            self.flow.append(Attachment(visible(unquote(found[1]))))


Enter = Callable[
    [_Walk, LexborNode], bool | None
]  # what to do before an element's content; True says that the content is taken
Leave = Callable[[_Walk], None]  # and after it
NOTHING: tuple[Enter | None, Leave | None] = (None, None)
# at elements whose content does not count, and at any others that are not just inline
ALONE: Mapping[str, Enter] = {
    "br": _Walk.block,
    "img": _Walk.image,
    "input": _Walk.input,
    **dict.fromkeys(EMBEDDING, _Walk.embedded),
}
AROUND: Mapping[str, tuple[Enter | None, Leave | None]] = {
    **dict.fromkeys(INLINE, NOTHING),
    **dict.fromkeys(BLOCKS, (_Walk.block, _Walk.end_line)),
    **dict.fromkeys(HEADINGS, (_Walk.heading, _Walk.leave_heading)),
    **dict.fromkeys(FURNITURE, (_Walk.enter_furniture, _Walk.leave_furniture)),
    **dict.fromkeys(PREFORMATTED, (_Walk.enter_preformatted, _Walk.leave_preformatted)),
    **dict.fromkeys(CELLS, (_Walk.cell, _Walk.leave_cell)),
    **dict.fromkeys(("tbody", "thead", "tfoot"), (_Walk.row_group, None)),
    "tr": (_Walk.row, None),
    "table": (_Walk.table, _Walk.leave_table),
    "a": (_Walk.link, _Walk.leave_link),
}


def _only_child(node: LexborNode) -> LexborNode | None:
    """What the element holds between blanks; None if that is nothing, or more than one thing."""
    child = node.child
    if child is not None and child.is_empty_text_node:
        child = child.next
    after = child.next if child is not None else None
    return child if after is None or (after.is_empty_text_node and after.next is None) else None


def _spans(cell: LexborNode) -> tuple[int, int]:
    """Over how many columns and rows a cell says that it reaches."""
    attributes = cell.attributes
    return span(attributes.get("colspan")), span(attributes.get("rowspan"))


def _write(builder: Builder, items: list[Item], line: int | None = None) -> None:
    rows = Rows(builder)
    last = ""
    for item in items:
        if isinstance(item, Line):
            if "\t" in item.text:
                rows.add(item.text.split("\t"), builder.write(item.text), line)
                builder.write("\n")
                continue
            if (cells := spaced_cells(item.text)) is not None:
                rows.add_at(cells, builder.write(item.text), line)
                builder.write("\n")
                continue
            rows.close()
            builder.paragraph(item.text, line=line, level=item.level)
            last = item.text
        elif isinstance(item, Grid):
            rows.close()
            builder.grid(item.cells, item.rows, item.columns, line=line)
        elif isinstance(item, Attachment):
            builder.note("ATTACHMENT", f"页面附有文档“{item.name[:60]}”，附件未读取")
        elif item.may_hold_text:
            place = f"“{last[:30]}”之后" if last else "正文开头"
            builder.note("IMAGE", f"{place}有图片{f'（{item.alt[:30]}）' if item.alt else ''}，图片里的文字未读取")
    rows.close()
