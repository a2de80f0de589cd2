"""Build reports_in/fonts/blank.ttf: the font that PDFium uses for every font a PDF names and does not hold.

PDFium drops a text whose glyphs are empty, so on a machine without Chinese fonts whole labels would vanish, and on others the
reading would depend on what happens to be installed. This font gives every character the same stroke: nothing is drawn from
it, only boxes are taken, and they are the same everywhere. The stroke lies within any advance width, so that the width
stated in the PDF counts. No outline of anybody's is in it.
"""

from __future__ import annotations

from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib.tables._c_m_a_p import cmap_format_13

OUT = Path(__file__).parent.parent / "reports_in" / "fonts" / "blank.ttf"
EM = 1000
CODE_PAGES = 1 | 1 << 17 | 1 << 18 | 1 << 19 | 1 << 20 | 1 << 21  # Latin 1, JIS, GB, Korean, Big5, Johab


def build() -> None:
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((0, 600))
    pen.lineTo((50, 600))
    pen.lineTo((50, 0))
    pen.closePath()
    stroke = pen.glyph()
    builder = FontBuilder(EM, isTTF=True)
    builder.setupGlyphOrder([".notdef", "stroke"])
    builder.setupCharacterMap({0x20: "stroke"})
    builder.setupGlyf({".notdef": stroke, "stroke": stroke})
    builder.setupHorizontalMetrics({".notdef": (EM, 0), "stroke": (EM, 0)})
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": "Hecha Blank", "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=880, sTypoDescender=-120, usWinAscent=880, usWinDescent=120, ulCodePageRange1=CODE_PAGES)
    builder.setupPost(keepGlyphNames=False)
    head = builder.font["head"]
    head.created = head.modified = 0
    builder.font.recalcTimestamp = False
    every = dict.fromkeys(range(32, 196608), "stroke")
    for platform, encoding in ((0, 6), (3, 10)):
        table = cmap_format_13(13)
        table.platformID, table.platEncID, table.language, table.cmap = platform, encoding, 0, every
        builder.font["cmap"].tables.append(table)
    OUT.parent.mkdir(exist_ok=True)
    builder.save(OUT)


if __name__ == "__main__":
    build()
