"""Write a Book as a PDF file with reportlab: pages, composite fonts, bookmarks, links, document properties.

The same book gives the same bytes: no clock, no random id.
"""

from __future__ import annotations

import io
from collections.abc import Mapping

from reportlab import rl_config
from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from audits.renderers import fonts
from audits.renderers.pdf_layout import HEIGHT, WIDTH, Book

LANGUAGE = "zh-CN"
PROPERTIES = ("title", "subject", "author", "creator", "keywords")
rl_config.useA85 = 0  # streams stay binary: ASCII85 adds a quarter to the size and nothing else


class CompositeFont:
    """One face of one document, in the form that reportlab asks of a font whose characters are known at the end only."""

    def __init__(self, name: str, codes: fonts.Codes) -> None:
        self.name = name
        self.codes = codes

    def addObjects(self, document: pdfdoc.PDFDocument) -> None:  # noqa: N802  # reportlab's name
        """The five objects of a Type0 font, under the page operators' name for it."""
        face = self.codes.face
        name = pdfdoc.PDFName(f"{_subset_tag(self.codes)}+{face.name}")
        plain = fonts.font_file(self.codes)
        file = pdfdoc.PDFStream(content=fonts.packed(plain), filters=[])
        file.dictionary["Filter"] = pdfdoc.PDFName("FlateDecode")
        file.dictionary["Length1"] = len(plain)
        unicode_map = pdfdoc.PDFStream(content=fonts.packed(fonts.to_unicode(self.codes).encode("ascii")), filters=[])
        unicode_map.dictionary["Filter"] = pdfdoc.PDFName("FlateDecode")
        descriptor = pdfdoc.PDFDictionary(
            {
                "Type": "/FontDescriptor",
                "FontName": name,
                "Flags": 4,
                "FontBBox": pdfdoc.PDFArray(face.box),
                "ItalicAngle": 0,
                "Ascent": face.ascent,
                "Descent": face.descent,
                "CapHeight": face.cap_height,
                "StemV": 140 if face is fonts.bold() else 80,
                "FontFile2": document.Reference(file),
            }
        )
        descendant = pdfdoc.PDFDictionary(
            {
                "Type": "/Font",
                "Subtype": "/CIDFontType2",
                "BaseFont": name,
                "CIDSystemInfo": "<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>",
                "FontDescriptor": document.Reference(descriptor),
                "CIDToGIDMap": "/Identity",
                "DW": fonts.EM,
                "W": fonts.widths(self.codes),
            }
        )
        font = pdfdoc.PDFDictionary(
            {
                "Type": "/Font",
                "Subtype": "/Type0",
                "BaseFont": name,
                "Encoding": "/Identity-H",
                "DescendantFonts": pdfdoc.PDFArray([document.Reference(descendant)]),
                "ToUnicode": document.Reference(unicode_map),
            }
        )
        document.idToObject["BasicFonts"].dict[self.name] = document.Reference(font)


class _Canvas(Canvas):
    def _make_preamble(self) -> None:
        """Begin a page with nothing: reportlab's own beginning names Helvetica, which would then be in the file, not embedded."""
        self._preamble = ""


def write(book: Book, properties: Mapping[str, str]) -> bytes:
    """The book as a PDF file. ``properties`` are some of PROPERTIES."""
    out = io.BytesIO()
    canvas = _Canvas(out, pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=1, lang=LANGUAGE)
    canvas.setTitle(properties.get("title", ""))
    canvas.setSubject(properties.get("subject", ""))
    canvas.setAuthor(properties.get("author", ""))
    canvas.setCreator(properties.get("creator", ""))
    canvas.setKeywords(properties.get("keywords", ""))
    canvas.setViewerPreference("DisplayDocTitle", "true")
    anchors = {name for page in book.pages for name, _ in page.anchors}
    for page in book.pages:
        canvas._code.extend(page.code)
        for name, top in page.anchors:
            canvas.bookmarkHorizontalAbsolute(name, HEIGHT - top + 4, left=0)
        for left, top, right, bottom, target in page.links:
            if target in anchors:
                canvas.linkRect("", target, (left, HEIGHT - bottom, right, HEIGHT - top), relative=0, Border="[0 0 0]")
        canvas.showPage()
    for title, name, level in book.bookmarks:
        canvas.addOutlineEntry(title, name, level)
    canvas.showOutline()
    canvas._doc.delayedFonts = [CompositeFont(name, codes) for name, codes in book.codes.items() if codes]
    canvas.save()
    return out.getvalue()


def _subset_tag(codes: fonts.Codes) -> str:
    """Six capital letters that differ with the characters, as the PDF standard asks."""
    value = fonts.fingerprint(codes)
    letters = []
    for _ in range(6):
        value, rest = divmod(value, 26)
        letters.append(chr(65 + rest))
    return "".join(letters)
