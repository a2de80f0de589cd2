"""The characters of a Word paragraph: what is printed of its runs, fields, symbols and changes.

Source: ECMA-376 part 1, sections 17.3.3 (run content) and 17.16 (fields).
"""

from __future__ import annotations

import re

from lxml import etree

from reports_in.builder import Builder, too_much
from reports_in.limits import LIMITS

MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
STRICT_DRAWING = "{http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing}"
VML = "{urn:schemas-microsoft-com:vml}"
MATHS = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/math}",
    "{http://purl.oclc.org/ooxml/officeDocument/math}",
)
# children that hold no text of the paragraph as accepted and printed
DROPPED = (
    *("del", "moveFrom", "delText", "delInstrText", "instrText", "fldData", "rt", "rubyPr", "rPr", "pPr", "sdtPr", "sdtEndPr"),
    *("commentReference", "annotationRef", "footnoteRef", "endnoteRef", "softHyphen", "lastRenderedPageBreak", "customXmlPr"),
    *("smartTagPr", "fldSimplePr", "bookmarkStart", "bookmarkEnd", "proofErr", "tblPr", "tblGrid", "trPr", "tcPr", "sectPr"),
)
(
    TEXT,
    RUN,
    DROP,
    BREAK,
    TAB,
    HYPHEN,
    SYMBOL,
    BOX,
    ALTERNATIVE,
    FIELD,
    REFERENCE,
    PICTURE,
    WORD_ART,
    DENOMINATOR,
) = range(14)
WIDE_CM, HIGH_CM = 6.0, 1.5  # a smaller picture is a seal, a logo or a character, no table
EMU = 360_000  # of DrawingML in a centimetre
LENGTH = re.compile(r"(?:^|;)\s*(width|height)\s*:\s*([\d.]{1,9})\s*(pt|in|cm|mm|px)?", re.IGNORECASE)
CENTIMETRES = {"pt": 2.54 / 72, "in": 2.54, "cm": 1.0, "mm": 0.1, "px": 2.54 / 96, "": 2.54 / 72}
TICKS = {0xFE: "☑", 0x52: "☑", 0xA3: "□", 0x6F: "□", 0xA8: "□", 0xFC: "√", 0xFB: "×", 0xB7: "·"}
PICTURE_FONTS = ("wingdings", "webdings")


class Runs:
    """Reads paragraphs of one document. ``w`` is the namespace in braces of its tags."""

    def __init__(self, root: etree._Element, w: str, builder: Builder) -> None:
        self.w = w
        self.builder = builder
        self.text_tag, self.run_properties = f"{w}t", f"{w}rPr"
        self.hides = next(root.iter(f"{w}vanish"), None) is not None
        self.kinds: dict[str, int] = dict.fromkeys((f"{w}{tag}" for tag in DROPPED), DROP)
        for kind, tags in (
            (TEXT, ("t",)),
            (RUN, ("r",)),
            (BREAK, ("br", "cr")),
            (TAB, ("tab", "ptab")),
            (HYPHEN, ("noBreakHyphen",)),
            (SYMBOL, ("sym",)),
            (BOX, ("txbxContent",)),
            (FIELD, ("fldChar",)),
            (REFERENCE, ("footnoteReference", "endnoteReference")),
            (PICTURE, ("drawing", "pict", "object")),
        ):
            self.kinds |= dict.fromkeys((f"{w}{tag}" for tag in tags), kind)
        self.kinds |= {f"{m}t": TEXT for m in MATHS} | {f"{m}den": DENOMINATOR for m in MATHS}
        self.kinds |= {f"{MC}AlternateContent": ALTERNATIVE, f"{VML}textpath": WORD_ART}

    def text(self, paragraph: etree._Element, boxes: list[etree._Element]) -> str:
        """What is printed in the paragraph. Text boxes met on the way are appended to ``boxes``, not entered."""
        kinds = self.kinds
        parts: list[str] = []
        for node in paragraph:  # nearly every paragraph holds runs of plain text and nothing else
            kind = kinds.get(node.tag)
            if kind == RUN and not self.hides:
                for child in node:
                    kind = kinds.get(child.tag)
                    if kind == TEXT:
                        parts.append(child.text or "")
                    elif kind != DROP:
                        return self._any_text(paragraph, boxes)
            elif kind != DROP:
                return self._any_text(paragraph, boxes)
        return parts[0] if len(parts) == 1 else "".join(parts)

    def _any_text(self, paragraph: etree._Element, boxes: list[etree._Element]) -> str:
        kinds = self.kinds
        parts: list[str] = []
        fields: list[int | None] = []  # where the code of each open field began; None once its result has begun
        stack = [iter(paragraph)]
        while stack:
            for node in stack[-1]:
                tag = node.tag
                kind = kinds.get(tag)
                if kind == TEXT:
                    if text := node.text:
                        parts.append(text)
                elif kind == RUN:
                    if not (self.hides and self._hidden(node)):
                        stack.append(iter(node))
                        break
                elif kind == DROP:
                    continue
                elif kind is None:
                    if isinstance(tag, str):
                        stack.append(iter(node))
                        break
                elif kind == FIELD:
                    self._field(node, parts, fields)
                elif kind == BOX:
                    boxes.append(node)
                elif kind == REFERENCE:
                    self.builder.note("FOOTNOTE", "文中有脚注或尾注，注文未读取")
                elif kind in (PICTURE, ALTERNATIVE, DENOMINATOR):
                    if kind == PICTURE:
                        self._picture(node)
                    elif kind == DENOMINATOR:
                        parts.append("/")
                    stack.append(iter(alternative(node, self.w) if kind == ALTERNATIVE else node))
                    break
                else:
                    parts.append(_sign(kind, node, self.w))
            else:
                stack.pop()
            if len(stack) > LIMITS.nesting:
                raise too_much(self.builder.name, "内容嵌套层数", LIMITS.nesting, "层")
        return "".join(parts)

    def note_hidden(self) -> None:
        self.builder.note("HIDDEN_LEFT_OUT", "文中有设为隐藏的文字，打印时不显示，未读取")

    def _field(self, node: etree._Element, parts: list[str], fields: list[int | None]) -> None:
        """Drop what stands in a field's code. A code that is never closed in its paragraph is kept: nothing is lost by it."""
        kind = node.get(f"{self.w}fldCharType")
        if kind == "begin":
            fields.append(len(parts))
        elif fields:
            start = fields.pop()
            if start is not None:
                del parts[start:]
            if kind == "separate":
                fields.append(None)

    def _hidden(self, run: etree._Element) -> bool:
        properties = run.find(self.run_properties)
        vanish = None if properties is None else properties.find(f"{self.w}vanish")
        hidden = vanish is not None and vanish.get(f"{self.w}val") not in ("0", "false", "off")
        if hidden and any(text.text and not text.text.isspace() for text in run.iter(self.text_tag)):
            self.note_hidden()
        return hidden

    def _picture(self, node: etree._Element) -> None:
        """Note a picture large enough to be one of a table or of text."""
        pictured = any(isinstance(child.tag, str) and child.tag.endswith(("}blip", "}imagedata")) for child in node.iter())
        if pictured and _large(node):
            self.builder.note("IMAGE", "正文里有图片，图片里的文字未读取（表格可能是图片）")


def alternative(node: etree._Element, w: str) -> etree._Element:
    """The branch of an AlternateContent to read: the first with text, for the others say the same again."""
    branches = [child for child in node if isinstance(child.tag, str)]
    with_text = (branch for branch in branches if any(text.text for text in branch.iter(f"{w}t")))
    return next(with_text, branches[0] if branches else node)


def _sign(kind: int, node: etree._Element, w: str) -> str:
    if kind == BREAK:
        return "\n"
    if kind == TAB:
        return "\t"
    if kind == HYPHEN:
        return "-"
    if kind == WORD_ART:
        return str(node.get("string", ""))
    code = str(node.get(f"{w}char", ""))
    return symbol(int(code, 16) if re.fullmatch("[0-9A-Fa-f]{1,4}", code) else 0, str(node.get(f"{w}font", "")))


def symbol(point: int, font: str) -> str:
    """A character set by its code in a symbol font; "□" where its meaning is the font's own."""
    if 0xF000 <= point <= 0xF0FF:
        low = point - 0xF000
        if font.lower().startswith(PICTURE_FONTS):
            return chr(0x2460 + low - 0x81) if 0x81 <= low <= 0x8A else TICKS.get(low, "□")
        return chr(low) if 0x20 <= low <= 0x40 else TICKS.get(low, "□")  # digits and marks stand at their ASCII places
    return "□" if 0xD800 <= point <= 0xF8FF or point < 0x20 else chr(point)


def _large(node: etree._Element) -> bool:
    """Whether a picture is at least as large as a table would be; True if its size is not stated."""
    extent = next(node.iter(f"{DRAWING}extent", f"{STRICT_DRAWING}extent"), None)
    if extent is not None:
        sides = [extent.get(side, "") for side in ("cx", "cy")]
        if all(side.isascii() and side.isdigit() and len(side) < 12 for side in sides):
            return int(sides[0]) >= WIDE_CM * EMU and int(sides[1]) >= HIGH_CM * EMU
        return True
    for shape in node.iter():
        style = shape.get("style") if isinstance(shape.tag, str) else None
        if style and "width" in style:
            found = {name.lower(): _centimetres(size, unit) for name, size, unit in LENGTH.findall(style)}
            return found.get("width", WIDE_CM) >= WIDE_CM and found.get("height", HIGH_CM) >= HIGH_CM
    return True


def _centimetres(size: str, unit: str) -> float:
    try:
        return float(size) * CENTIMETRES[unit.lower()]
    except ValueError:
        return WIDE_CM
