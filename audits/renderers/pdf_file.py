"""Write a Book as a PDF file: pages, composite fonts, bookmarks, links, document properties.

reportlab numbers the objects and writes the file around them; the objects themselves are spelled out here: nine pages with twenty
problems take 12.6 ms, 19.5 with its canvas and annotation classes. The same book gives the same bytes: no clock, no random id.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from reportlab.pdfbase import pdfdoc

from audits.renderers import fonts
from audits.renderers.pdf_layout import HEIGHT, WIDTH, Book, Page

LANGUAGE = "zh-CN"
VERSION = (1, 7)


class _Object(pdfdoc.PDFObject):
    """An object of the file, written as spelled."""

    __RefOnly__ = 1

    def __init__(self, body: str = "", stream: bytes | None = None) -> None:
        self.body = body
        self.stream = stream

    def format(self, document: object) -> bytes:
        if self.stream is None:
            return f"<< {self.body} >>".encode("ascii")
        head = f"<< {self.body} /Filter /FlateDecode /Length {len(self.stream)} >>\nstream\n"
        return head.encode("ascii") + self.stream + b"\nendstream"


class _File:
    """The file in the making. ``add`` gives back what other objects call the new one: ``12 0 R``."""

    def __init__(self) -> None:
        self.document: Any = pdfdoc.PDFDocument(invariant=1, pdfVersion=VERSION, lang=LANGUAGE)

    def add(self, item: Any) -> str:
        reference: bytes = self.document.Reference(item).format(self.document)
        return reference.decode("ascii")

    def packed(self, body: str, plain: bytes) -> str:
        return self.add(_Object(body, zlib.compress(plain, fonts.PACKING)))


def write(book: Book, properties: Mapping[str, str]) -> bytes:
    """The book as a PDF file with these document properties (Title, Subject, Author ...)."""
    file = _File()
    document = file.document
    named = " ".join(f"/{name} {_font(file, codes)}" for name, codes in book.codes.items() if codes)
    parent = file.add(document.Pages)
    objects = [_Object() for _ in book.pages]
    references = [file.add(page) for page in objects]
    targets = {
        name: f"[{reference} /XYZ 0 {min(HEIGHT - top + 4, HEIGHT):.1f} null]"
        for page, reference in zip(book.pages, references, strict=True)
        for name, top in page.anchors
    }
    for page, leaf in zip(book.pages, objects, strict=True):
        plain = "\n".join(page.code).encode("ascii")
        document.signature.update(plain)
        leaf.body = (
            f"/Type /Page /Parent {parent} /MediaBox [0 0 {WIDTH} {HEIGHT}] /Resources << /Font << {named} >> {_pictures(file, page)}>> "
            f"/Contents {file.packed('', plain)} {_links(page, targets)}"
        )
        document.Pages.addPage(leaf)
    document.Catalog.Outlines = _outline(file, book, targets)
    document.Catalog.PageMode = "/UseOutlines"
    document.Catalog.ViewerPreferences = _Object("/DisplayDocTitle true")
    document.info = _Object(" ".join(f"/{name} {_text(value)}" for name, value in properties.items()))
    data: bytes = document.format()
    return data


def _pictures(file: _File, page: Page) -> str:
    """The page's pictures as its resources name them."""
    named = [
        f"/I{number} "
        + file.packed(
            f"/Type /XObject /Subtype /Image /Width {picture.columns} /Height {picture.lines} /ColorSpace /DeviceGray "
            "/BitsPerComponent 8",
            picture.pixels,
        )
        for number, picture in enumerate(page.pictures, 1)
    ]
    return f"/XObject << {' '.join(named)} >> " if named else ""


def _font(file: _File, codes: fonts.Codes) -> str:
    """A Type0 font with the characters used and the map back to them."""
    face = codes.face
    name = f"/{_subset_tag(codes)}+{face.name}"
    plain = fonts.font_file(codes)
    embedded = file.packed(f"/Length1 {len(plain)}", plain)
    box = " ".join(map(str, face.box))
    descriptor = file.add(
        _Object(
            f"/Type /FontDescriptor /FontName {name} /Flags 4 /FontBBox [{box}] /ItalicAngle 0 /Ascent {face.ascent} "
            f"/Descent {face.descent} /CapHeight {face.cap_height} /StemV {140 if face is fonts.bold() else 80} "
            f"/FontFile2 {embedded}"
        )
    )
    descendant = file.add(
        _Object(
            f"/Type /Font /Subtype /CIDFontType2 /BaseFont {name} /FontDescriptor {descriptor} /CIDToGIDMap /Identity "
            f"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
            f"/DW {fonts.EM} /W {fonts.widths(codes)}"
        )
    )
    unicode_map = file.packed("", fonts.to_unicode(codes).encode("ascii"))
    return file.add(
        _Object(
            f"/Type /Font /Subtype /Type0 /BaseFont {name} /Encoding /Identity-H "
            f"/DescendantFonts [{descendant}] /ToUnicode {unicode_map}"
        )
    )


def _links(page: Page, targets: Mapping[str, str]) -> str:
    """The page's links as annotations without a border; one whose target is not in the book is left out."""
    links = [
        f"<< /Type /Annot /Subtype /Link /Border [0 0 0] /F 4 /Dest {targets[target]} "
        f"/Rect [{left:.1f} {HEIGHT - bottom:.1f} {right:.1f} {HEIGHT - top:.1f}] >>"
        for left, top, right, bottom, target in page.links
        if target in targets
    ]
    return f"/Annots [{' '.join(links)}]" if links else ""


def _outline(file: _File, book: Book, targets: Mapping[str, str]) -> _Object:
    """The tree of bookmarks: chapters open, what is below them closed."""
    root = _Object()
    root_name = file.add(root)
    entries = [(_Object(), *bookmark) for bookmark in book.bookmarks]
    names = [file.add(entry) for entry, *_ in entries]
    children: dict[int, list[int]] = {}
    above: list[int] = []
    for index, (_, _, _, level) in enumerate(entries):
        del above[level:]
        children.setdefault(above[-1] if above else -1, []).append(index)
        above.append(index)
    for parent, inside in children.items():
        parent_name = root_name if parent < 0 else names[parent]
        for place, index in enumerate(inside):
            entry, title, target, _ = entries[index]
            parts = [f"/Title {_text(title)} /Parent {parent_name} /Dest {targets[target]}"]
            if place:
                parts.append(f"/Prev {names[inside[place - 1]]}")
            if place + 1 < len(inside):
                parts.append(f"/Next {names[inside[place + 1]]}")
            if index in children:
                below = children[index]
                parts.append(f"/First {names[below[0]]} /Last {names[below[-1]]} /Count {-len(below)}")
            entry.body = " ".join(parts)
    top = children.get(-1, [])
    if top:
        root.body = f"/Type /Outlines /First {names[top[0]]} /Last {names[top[-1]]} /Count {len(top)}"
    return root


def _text(value: str) -> str:
    """A text string of the file, as hexadecimal UTF-16: nothing in it can end the string."""
    return f"<feff{value.encode('utf-16-be', 'replace').hex()}>"


def _subset_tag(codes: fonts.Codes) -> str:
    """Six capital letters that differ with the characters, as the PDF standard asks."""
    value = zlib.crc32("".join(codes).encode("utf-8"))
    letters = []
    for _ in range(6):
        value, rest = divmod(value, 26)
        letters.append(chr(65 + rest))
    return "".join(letters)
