"""The shipped fonts and the subsets cut from them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

import audits.renderers
import rules
from audits.renderers import fonts

SOURCES = [
    *Path(audits.renderers.__file__).parent.glob("*.py"),
    *(path for path in Path(rules.__file__).parent.rglob("*.yaml") if path.parent.name != "build"),
]


@pytest.mark.parametrize("face", [fonts.regular, fonts.bold], ids=["regular", "bold"])
def test_every_character_of_our_own_texts_is_in_the_everyday_fonts(face):
    used = {char for path in SOURCES for char in path.read_text("utf-8")} - set("\n\r\t")
    assert used - face().characters == set()


@pytest.mark.parametrize("name", ["regular", "bold", "rare"])
def test_a_shipped_font_is_read_as_fonttools_reads_it(name):
    face = getattr(fonts, name)()
    font = TTFont(fonts.FOLDER / f"{name}.ttf")
    order = {glyph: index for index, glyph in enumerate(font.getGlyphOrder())}
    assert {ord(char): glyph for char, glyph in face.glyphs.items()} == {
        code: order[glyph] for code, glyph in font.getBestCmap().items()
    }
    assert {ord(char): width for char, width in face.advance.items()} == {
        code: font["hmtx"][glyph][0] for code, glyph in font.getBestCmap().items()
    }


def test_no_character_is_in_both_the_everyday_and_the_rare_font():
    assert not fonts.regular().characters & fonts.rare().characters
    assert fonts.regular().characters == fonts.bold().characters


def test_digits_and_latin_letters_are_in_the_everyday_fonts():
    assert fonts.regular().characters.issuperset(map(chr, range(0x20, 0x7F)))


def test_rarer_characters_of_agency_names_are_in_the_rare_font():
    assert fonts.rare().characters.issuperset("㴔堃䶮鄠堽")
    assert "𠮷" not in fonts.rare().characters | fonts.regular().characters


def test_characters_that_nobody_sees_are_in_no_font():
    invisible = set("\u00ad\u200b\u200e\u202e\u2060\ufeff\ue000")
    assert not invisible & (fonts.regular().characters | fonts.rare().characters)


def test_a_subset_is_a_sound_font_with_the_outlines_of_its_characters():
    codes = fonts.Codes(fonts.regular())
    text = "年报2024㎡é—"
    used = [int(codes[char], 16) for char in text]
    cut = TTFont(io.BytesIO(fonts.font_file(codes)), checkChecksums=2)
    whole = TTFont(fonts.FOLDER / "regular.ttf")
    glyphs = [whole["glyf"][whole.getBestCmap()[ord(char)]] for char in text]
    assert [cut["glyf"][cut.getGlyphName(code)].getCoordinates(cut["glyf"])[0] for code in used] == [
        glyph.getCoordinates(whole["glyf"])[0] for glyph in glyphs
    ]
    assert [cut["hmtx"][cut.getGlyphName(code)][0] for code in used] == [fonts.regular().advance[char] for char in text]


def test_two_characters_drawn_alike_keep_codes_of_their_own():
    codes = fonts.Codes(fonts.rare())
    twins = [char for char in fonts.rare().glyphs if fonts.regular().glyphs.get(char)]
    assert twins == []
    shared: dict[int, list[str]] = {}
    for char, glyph in fonts.rare().glyphs.items():
        shared.setdefault(glyph, []).append(char)
    pair = next(chars for chars in shared.values() if len(chars) > 1)
    assert codes[pair[0]] != codes[pair[1]]


def test_a_character_that_a_font_lacks_is_refused():
    with pytest.raises(KeyError):
        fonts.Codes(fonts.regular())["𠮷"]


def test_the_map_to_characters_never_crosses_a_page_of_codes():
    codes = fonts.Codes(fonts.regular())
    for char in sorted(fonts.regular().characters)[:700]:
        codes[char]
    lines = [line for line in fonts.to_unicode(codes).splitlines() if line.startswith("<") and "[" in line]
    ends = [(line[1:5], line[8:12]) for line in lines]
    counted = [int(last, 16) - int(first, 16) + 1 for first, last in ends]
    assert all(first[:2] == last[:2] for first, last in ends)
    assert (sum(counted), max(counted)) == (700, 100)
    assert [line.count("<") - 2 for line in lines] == counted
