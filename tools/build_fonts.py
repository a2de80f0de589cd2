"""Build the fonts that the PDF renderer ships, from Noto Sans SC (SIL Open Font License 1.1).

Source: the npm package ``@expo-google-fonts/noto-sans-sc`` (0.4.3). In an empty folder outside the repository run
``npm pack @expo-google-fonts/noto-sans-sc``, unpack the archive, then

    python tools/build_fonts.py <unpacked>/package

writes into audits/renderers/fonts:

    regular.ttf, bold.ttf   the everyday characters: GB 2312, Latin, punctuation and signs of office texts
    rare.ttf                every other character that the source has, Regular only; the renderer opens it when it must

No character is in both regular and rare. Composite glyphs are decomposed and hints dropped, so that the renderer
can cut a subset by copying outlines, without knowing anything else of TrueType.
"""

from __future__ import annotations

import argparse
import shutil
import unicodedata
from pathlib import Path

from fontTools import subset
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))  # left out: a reader must see that they are there, as 〔U+200B〕
FONTS = Path(__file__).parent.parent / "audits" / "renderers" / "fonts"
REGULAR, BOLD = "400Regular/NotoSansSC_400Regular.ttf", "700Bold/NotoSansSC_700Bold.ttf"
SIGNS = (
    (0x20, 0x7F),  # ASCII
    (0xA0, 0x180),  # Latin letters with marks
    (0x2B0, 0x2DE),  # tone marks of pinyin
    (0x370, 0x460),  # Greek, Cyrillic
    (0x2000, 0x2070),  # dashes, quotation marks, ellipses
    (0x2070, 0x20D0),  # superscripts, currencies
    (0x2100, 0x2400),  # letterlike signs, Roman numerals, arrows, mathematics
    (0x2460, 0x2670),  # circled numbers, boxes, blocks, geometric shapes, stars
    (0x2700, 0x27C0),  # ticks and crosses
    (0x3000, 0x3130),  # CJK punctuation, kana, bopomofo
    (0x3200, 0x3400),  # bracketed and squared signs
    (0xFE10, 0xFE70),  # vertical and small forms
    (0xFF00, 0xFFF0),  # full-width forms
)


def main() -> None:
    """Write the three fonts and the licence."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("package", type=Path, help="the unpacked npm package")
    package: Path = parser.parse_args().package
    everyday = _everyday()
    has = {code for code in TTFont(package / REGULAR).getBestCmap() if unicodedata.category(chr(code)) not in UNSEEN}
    for source, name, wanted in (
        (REGULAR, "regular.ttf", everyday & has),
        (BOLD, "bold.ttf", everyday & has),
        (REGULAR, "rare.ttf", has - everyday),
    ):
        _build(package / source, FONTS / name, wanted)
    shutil.copyfile(package / "LICENSE_FONT", FONTS / "OFL.txt")


def _everyday() -> set[int]:
    hanzi = {
        ord(bytes((high, low)).decode("gb2312"))
        for high in range(0xB0, 0xF8)
        for low in range(0xA1, 0xFF)
        if _in_gb2312(high, low)
    }
    return hanzi | {code for start, stop in SIGNS for code in range(start, stop)}


def _in_gb2312(high: int, low: int) -> bool:
    return not (high == 0xD7 and low > 0xF9)


def _build(source: Path, target: Path, wanted: set[int]) -> None:
    options = subset.Options(
        hinting=False,
        layout_features=[],
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
        notdef_outline=True,
        recalc_timestamp=False,
        drop_tables=["GDEF", "GPOS", "GSUB", "BASE", "VORG", "vhea", "vmtx", "STAT", "DSIG", "gasp", "meta"],
        glyph_names=False,
    )
    font = TTFont(source, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted)
    cutter.subset(font)
    _decompose(font)
    font.save(target)
    print(f"{target.name}: {len(wanted)} characters, {target.stat().st_size / 1e6:.1f} MB")


def _decompose(font: TTFont) -> None:
    glyphs = font.getGlyphSet()
    outlines = font["glyf"]
    for name in font.getGlyphOrder():
        if outlines[name].isComposite():
            recorded = DecomposingRecordingPen(glyphs)
            glyphs[name].draw(recorded)
            pen = TTGlyphPen(None)
            recorded.replay(pen)
            outlines[name] = pen.glyph()


if __name__ == "__main__":
    main()
