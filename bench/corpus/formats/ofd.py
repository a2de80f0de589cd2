"""OFD (GB/T 33190): the report on paper, written as office suites and scanning-free converters write it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from xml.sax.saxutils import escape

from bench.corpus.formats import Printed
from bench.corpus.formats.sheets import Box, Paper, Sheet, Text, lay, width_of
from bench.corpus.page import Page

MILLIMETRES = 25.4 / 72
NAMESPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True, slots=True)
class Marked:
    """How the sheets become objects.

    deltas   "runs" (``g 5 4.2``), "listed" (every advance for itself) or "glyphs" (an object per character).
    lines    "strokes" (every edge once), "boxes" (one closed path per cell) or "fills" (thin filled rectangles).
    scaled   coordinates are in tenths, and a CTM brings them back.
    template rules stand in a page template, as forms do.
    seal     signatures and an annotation are there.
    """

    paper: Paper = field(default_factory=Paper)
    deltas: str = "runs"
    lines: str = "strokes"
    scaled: bool = False
    template: bool = False
    seal: bool = False


def write(page: Page, random: Random, style: Marked) -> Printed:
    return Printed(package(parts(lay(page, random, style.paper), style)), "report.ofd")


def parts(sheets: list[Sheet], style: Marked) -> dict[str, str]:
    """Path and XML of every part."""
    ids = iter(range(100, 10_000_000))
    made: dict[str, str] = {}
    entries, templates = [], []
    for index, sheet in enumerate(sheets):
        rules = "".join(_rules(sheet, style, ids))
        texts = "".join(_texts(sheet, style, ids))
        area = f"<ofd:Area><ofd:PhysicalBox>0 0 {_mm(sheet.width)} {_mm(sheet.height)}</ofd:PhysicalBox></ofd:Area>"
        used = ""
        if style.template:
            number = next(ids)
            templates.append(f'<ofd:TemplatePage ID="{number}" BaseLoc="Tpls/Tpl_{index}/Content.xml"/>')
            made[f"Doc_0/Tpls/Tpl_{index}/Content.xml"] = _page("", area, rules, ids)
            used, rules = f'<ofd:Template TemplateID="{number}" ZOrder="Background"/>', ""
        made[f"Doc_0/Pages/Page_{index}/Content.xml"] = _page(used, area, rules + texts, ids)
        entries.append(f'<ofd:Page ID="{next(ids)}" BaseLoc="Pages/Page_{index}/Content.xml"/>')
    extra = "<ofd:Annotations>Annots/Annotations.xml</ofd:Annotations>" if style.seal else ""
    made["Doc_0/Document.xml"] = (
        f"{DECLARATION}<ofd:Document {NAMESPACE}><ofd:CommonData><ofd:MaxUnitID>{next(ids)}</ofd:MaxUnitID>"
        f"<ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>{''.join(templates)}</ofd:CommonData>"
        f"<ofd:Pages>{''.join(entries)}</ofd:Pages>{extra}</ofd:Document>"
    )
    signed = "<ofd:Signatures>Doc_0/Signs/Signatures.xml</ofd:Signatures>" if style.seal else ""
    made["OFD.xml"] = (
        f'{DECLARATION}<ofd:OFD {NAMESPACE} DocType="OFD" Version="1.1"><ofd:DocBody><ofd:DocInfo><ofd:DocID>0</ofd:DocID>'
        f"</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>{signed}</ofd:DocBody></ofd:OFD>"
    )
    return made


def package(made: Mapping[str, str | bytes]) -> bytes:
    """The parts zipped, always to the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for path, part in made.items():
            data = part.encode() if isinstance(part, str) else part
            file.writestr(zipfile.ZipInfo(path, (2024, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _page(used: str, area: str, objects: str, ids: object) -> str:
    return (
        f"{DECLARATION}<ofd:Page {NAMESPACE}>{used}{area}<ofd:Content>"
        f'<ofd:Layer ID="1" Type="Body">{objects}</ofd:Layer></ofd:Content></ofd:Page>'
    )


def _mm(points: float) -> str:
    return f"{points * MILLIMETRES:.4f}".rstrip("0").rstrip(".")


def _scale(style: Marked) -> tuple[float, str]:
    return (10.0, ' CTM="0.1 0 0 0.1 0 0"') if style.scaled else (1.0, "")


def _rules(sheet: Sheet, style: Marked, ids: object) -> list[str]:
    made = []
    factor, matrix = _scale(style)
    seen: set[tuple[str, ...]] = set()
    for box in sheet.boxes:
        if box.shade:
            made.append(_shape(box.left, box.top, box.right, box.bottom, "", 'Stroke="false" Fill="true"', ids, 1.0))
        if style.lines == "boxes" and box.edges == "ltrb":
            made.append(_shape(box.left, box.top, box.right, box.bottom, matrix, 'LineWidth="0.18"', ids, factor))
            continue
        for x0, y0, x1, y1 in _edges(box):
            edge = _mm(x0), _mm(y0), _mm(x1), _mm(y1)
            if edge in seen:
                continue
            seen.add(edge)
            if style.lines == "fills":
                made.append(
                    _shape(x0, y0, max(x1, x0 + 0.5), max(y1, y0 + 0.5), matrix, 'Stroke="false" Fill="true"', ids, factor)
                )
            else:
                made.append(
                    f'<ofd:PathObject ID="{_next(ids)}" Boundary="{_mm(x0)} {_mm(y0)} {_mm(x1 - x0)} {_mm(y1 - y0)}" LineWidth="0.18"{matrix}>'
                    f"<ofd:AbbreviatedData>M 0 0 L {_mm((x1 - x0) * factor)} {_mm((y1 - y0) * factor)}</ofd:AbbreviatedData></ofd:PathObject>"
                )
    return made


def _next(ids: object) -> int:
    return next(ids)  # type: ignore[call-overload, no-any-return]


def _edges(box: Box) -> list[tuple[float, float, float, float]]:
    every = {
        "t": (box.left, box.top, box.right, box.top),
        "b": (box.left, box.bottom, box.right, box.bottom),
        "l": (box.left, box.top, box.left, box.bottom),
        "r": (box.right, box.top, box.right, box.bottom),
    }
    return [every[edge] for edge in box.edges]


def _shape(left: float, top: float, right: float, bottom: float, matrix: str, drawn: str, ids: object, factor: float) -> str:
    width, height = _mm((right - left) * factor), _mm((bottom - top) * factor)
    return (
        f'<ofd:PathObject ID="{_next(ids)}" Boundary="{_mm(left)} {_mm(top)} {_mm(right - left)} {_mm(bottom - top)}" {drawn}{matrix}>'
        f"<ofd:AbbreviatedData>M 0 0 L {width} 0 L {width} {height} L 0 {height} C</ofd:AbbreviatedData></ofd:PathObject>"
    )


def _texts(sheet: Sheet, style: Marked, ids: object) -> list[str]:
    made = []
    for text in sheet.texts:
        if style.deltas == "glyphs":
            x = text.x
            for char in text.text:
                made.append(_text(Text(x, text.y, text.size, char), style, ids))
                x += width_of(char, text.size)
        else:
            made.append(_text(text, style, ids))
    return made


def _text(text: Text, style: Marked, ids: object) -> str:
    factor, matrix = _scale(style)
    advances = [width_of(char, text.size) * factor for char in text.text[:-1]]
    if style.deltas == "runs":
        stated = []
        index = 0
        while index < len(advances):
            end = index
            while end < len(advances) and advances[end] == advances[index]:
                end += 1
            stated.append(f"g {end - index} {_mm(advances[index])}" if end - index > 1 else _mm(advances[index]))
            index = end
        deltas = " ".join(stated)
    else:
        deltas = " ".join(map(_mm, advances))
    delta = f' DeltaX="{deltas}"' if deltas else ""
    return (
        f'<ofd:TextObject ID="{_next(ids)}" Boundary="{_mm(text.x)} {_mm(text.y - text.size)} {_mm(width_of(text.text, text.size))} {_mm(text.size * 1.2)}"'
        f' Font="2" Size="{_mm(text.size * factor)}"{matrix}><ofd:TextCode X="0" Y="{_mm(text.size * factor)}"{delta}>{escape(text.text)}'
        f"</ofd:TextCode></ofd:TextObject>"
    )
