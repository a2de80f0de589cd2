"""Word (.docx), written as bare OOXML: what Word and WPS write, and what they are rarely asked to."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from random import Random
from xml.sax.saxutils import escape

from bench.corpus.formats import Printed
from bench.corpus.page import Grid, Page, Slot, Words, covering

TRANSITIONAL = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
OFFICE = {
    TRANSITIONAL: "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    STRICT: "http://purl.oclc.org/ooxml/officeDocument/relationships",
}
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
DATED = (2025, 1, 20, 9, 30, 0)  # every entry, so that the same report gives the same bytes
EDITOR = 'w:id="7" w:author="审核" w:date="2025-01-10T09:00:00Z"'


@dataclass(frozen=True, slots=True)
class Word:
    """How the file is made.

    runs      "one" or "split": words and figures torn over runs with their own fonts.
    headings  "plain" or "styles" (Heading 1..3).
    numbered  section numbers come from an automatic list and stand nowhere in the text.
    controls  tables and some paragraphs stand in content controls.
    changes   figures and prose carry deleted and inserted words; as accepted they read as the page says.
    furniture page header and footer with numbers.
    boxed     the title stands in a text box.
    nested    every table stands in a cell of a layout table.
    strict    the namespaces of strict OOXML.
    gridless  no tblGrid, as some converters write.
    paragraphs  every line break inside a cell is a paragraph of its own instead of a w:br.
    """

    runs: str = "one"
    headings: str = "plain"
    numbered: bool = False
    controls: bool = False
    changes: bool = False
    furniture: bool = False
    boxed: bool = False
    nested: bool = False
    strict: bool = False
    gridless: bool = False
    paragraphs: bool = False


def write(page: Page, random: Random, style: Word) -> Printed:
    space = STRICT if style.strict else TRANSITIONAL
    body = "".join(_block(block, random, style) for block in page)
    section = '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr>'
    if style.furniture:
        section = (
            '<w:sectPr><w:headerReference w:type="default" r:id="rId3"/><w:footerReference w:type="default" r:id="rId4"/>'
            '<w:pgSz w:w="11906" w:h="16838"/></w:sectPr>'
        )
    root = f'xmlns:w="{space}" xmlns:r="{OFFICE[space]}"'
    document = f'<w:document {root} xmlns:v="urn:schemas-microsoft-com:vml"><w:body>{body}{section}</w:body></w:document>'
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relations({"rId1": ("officeDocument", "word/document.xml")}, space),
        "word/_rels/document.xml.rels": _relations(
            {
                "rId1": ("styles", "styles.xml"),
                "rId2": ("numbering", "numbering.xml"),
                "rId3": ("header", "header1.xml"),
                "rId4": ("footer", "footer1.xml"),
            },
            space,
        ),
        "word/document.xml": document,
        "word/styles.xml": _styles(root),
        "word/numbering.xml": _numbering(root),
        "word/header1.xml": f"<w:hdr {root}>{_paragraph('政府信息公开工作年度报告')}</w:hdr>",
        "word/footer1.xml": f"<w:ftr {root}>{_paragraph('— 1 —')}</w:ftr>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            info = zipfile.ZipInfo(name, DATED)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{text}')
    return Printed(out.getvalue(), "report.docx")


def _block(block: Words | Grid, random: Random, style: Word) -> str:
    if isinstance(block, Grid):
        table = _table(block, random, style)
        if style.nested:
            table = f"<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/></w:tblGrid><w:tr><w:tc>{table}<w:p/></w:tc></w:tr></w:tbl>"
        # a paragraph between two tables keeps them apart, as in Word itself
        return (f"<w:sdt><w:sdtContent>{table}</w:sdtContent></w:sdt>" if style.controls else table) + "<w:p/>"
    paragraph = _words(block, random, style)
    wrapped = style.controls and random.random() < 0.3
    return f"<w:sdt><w:sdtPr/><w:sdtContent>{paragraph}</w:sdtContent></w:sdt>" if wrapped else paragraph


def _words(words: Words, random: Random, style: Word) -> str:
    level = {"title": 1, "heading": 1, "subheading": 2}.get(words.role)
    properties, text = "", words.text
    if style.headings == "styles" and level is not None and words.role != "title":
        properties += f'<w:pStyle w:val="{level}"/>'
    if style.numbered and words.role == "heading" and "、" in text:
        text = text.split("、", 1)[1]
        properties += '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    runs = _runs(text, random, style)
    if style.changes and words.role == "prose":
        runs = f"<w:del {EDITOR}><w:r><w:delText>初稿：</w:delText></w:r></w:del>{runs}"
    if style.boxed and words.role == "title":
        inner = f"<w:p>{_runs(text, random, style)}</w:p>"
        runs = f"<w:r><w:pict><v:shape><v:textbox><w:txbxContent>{inner}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{runs}</w:p>"


def _table(grid: Grid, random: Random, style: Word) -> str:
    """Merged cells as Word has them: gridSpan across, vMerge down with an empty cell in every further row."""
    covered = covering(grid)
    rows = []
    for at, line in enumerate(covered):
        cells = []
        column = 0
        while column < grid.columns:
            slot = line[column]
            if slot is None:
                cells.append("<w:tc><w:tcPr/><w:p/></w:tc>")
                column += 1
                continue
            begins = at == 0 or covered[at - 1][column] is not slot
            cells.append(_cell(slot, begins, random, style))
            column += slot.width
        rows.append(f"<w:tr>{''.join(cells)}</w:tr>")
    widths = '<w:gridCol w:w="900"/>' * grid.columns
    columns = "" if style.gridless else f"<w:tblGrid>{widths}</w:tblGrid>"
    return f"<w:tbl><w:tblPr/>{columns}{''.join(rows)}</w:tbl>"


def _cell(slot: Slot, begins: bool, random: Random, style: Word) -> str:
    properties = f'<w:gridSpan w:val="{slot.width}"/>' if slot.width > 1 else ""
    if slot.height > 1:
        properties += '<w:vMerge w:val="restart"/>' if begins else "<w:vMerge/>"
    if not begins:
        return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p/></w:tc>"
    pieces = slot.text.split("\n") if style.paragraphs else [slot.text]
    paragraphs = "".join(f"<w:p>{_changed(piece, slot, random, style)}</w:p>" for piece in pieces)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraphs}</w:tc>"


def _changed(text: str, slot: Slot, random: Random, style: Word) -> str:
    runs = _runs(text, random, style)
    if style.changes and slot.spot is not None and text and random.random() < 0.3:
        old = f"<w:del {EDITOR}><w:r><w:delText>8</w:delText></w:r></w:del>"
        return f"{old}<w:ins {EDITOR}>{runs}</w:ins>"
    return runs


def _runs(text: str, random: Random, style: Word) -> str:
    pieces = [text]
    if style.runs == "split" and len(text) > 1:
        at = random.randint(1, len(text) - 1)
        pieces = [text[:at], text[at:]]
    return "".join(_run(piece) for piece in pieces if piece)


def _run(text: str) -> str:
    inner = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(piece)}</w:t>' for piece in text.split("\n"))
    return f'<w:r><w:rPr><w:rFonts w:eastAsia="仿宋_GB2312"/></w:rPr>{inner}</w:r>'


def _paragraph(text: str) -> str:
    return f"<w:p>{_run(text)}</w:p>"


def _content_types() -> str:
    overrides = "".join(
        f'<Override PartName="/word/{part}.xml" ContentType="{WORD}.{kind}+xml"/>'
        for part, kind in (
            ("document", "document.main"),
            ("styles", "styles"),
            ("numbering", "numbering"),
            ("header1", "header"),
            ("footer1", "footer"),
        )
    )
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _relations(targets: dict[str, tuple[str, str]], space: str) -> str:
    items = "".join(
        f'<Relationship Id="{key}" Type="{OFFICE[space]}/{kind}" Target="{target}"/>' for key, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{items}</Relationships>'


def _styles(root: str) -> str:
    levels = "".join(
        f'<w:style w:type="paragraph" w:styleId="{n}"><w:name w:val="heading {n}"/><w:pPr><w:outlineLvl w:val="{n - 1}"/></w:pPr></w:style>'
        for n in (1, 2, 3)
    )
    return f"<w:styles {root}>{levels}</w:styles>"


def _numbering(root: str) -> str:
    level = (
        '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:suff w:val="nothing"/>'
        '<w:lvlText w:val="%1、"/></w:lvl>'
    )
    abstract = f'<w:abstractNum w:abstractNumId="0">{level}</w:abstractNum>'
    return f'<w:numbering {root}>{abstract}<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
