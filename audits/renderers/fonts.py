"""The shipped fonts: measure text with them, and cut from them just the characters that a document uses.

A document gets one composite font (Type0, Identity-H) for each face it uses. Its codes are given out per character in the order
of first use, so that text is found and copied exactly, even where a font draws two characters with one glyph.
"""

from __future__ import annotations

import struct
import sys
from array import array
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "fonts"
EM = 1000  # units of every font here, checked when it is opened
NOTDEF = 0
BLOCK = 100  # entries allowed in one bfrange block of a ToUnicode map
PACKING = 1  # of zlib: 622 characters take 2.3 ms and 102 kB; level 6 takes 4.3 ms for 97 kB


class Outline(NamedTuple):
    """One glyph as it goes into a document's font: its curves, padded to four bytes, and its hmtx entry."""

    curves: bytes
    checksum: int
    metrics: bytes


class Face:
    """One font file of ours (tools/build_fonts.py): simple outlines, no hints, 1,000 units to the em."""

    def __init__(self, path: Path) -> None:
        self.name = "NotoSansSC-" + path.stem.capitalize()
        data = path.read_bytes()
        count = struct.unpack_from(">H", data, 4)[0]
        entries = (struct.unpack_from(">4sLLL", data, 12 + 16 * index) for index in range(count))
        tables = {tag: data[offset : offset + length] for tag, _, offset, length in entries}
        self.head, self.hhea, self.maxp = tables[b"head"], tables[b"hhea"], tables[b"maxp"]
        units, long_loca = struct.unpack_from(">H", self.head, 18)[0], struct.unpack_from(">H", self.head, 50)[0]
        if units != EM:
            raise ValueError(f"{path.name}: {units} units to the em, not {EM}; build it with tools/build_fonts.py")
        self.box = struct.unpack_from(">4h", self.head, 36)
        self.ascent, self.descent = struct.unpack_from(">2h", self.hhea, 4)
        self.cap_height = struct.unpack_from(">h", tables[b"OS/2"], 88)[0]
        self._outlines = tables[b"glyf"]
        self._offsets = _numbers("I" if long_loca else "H", tables[b"loca"])
        self._offset_unit = 1 if long_loca else 2
        full = struct.unpack_from(">H", self.hhea, 34)[0]
        metrics = _numbers("H", tables[b"hmtx"])
        self._advances, self._bearings = metrics[: 2 * full : 2], metrics[1 : 2 * full : 2] + metrics[2 * full :]
        self.glyphs = _character_map(tables[b"cmap"])
        self.advance = {char: self._advances[min(glyph, full - 1)] for char, glyph in self.glyphs.items()}
        self.characters = frozenset(self.glyphs)
        self._cut: dict[int, Outline] = {}

    def outline(self, glyph: int) -> Outline:
        """Cut once in a process."""
        found = self._cut.get(glyph)
        if found is None:
            start, stop = (self._offsets[index] * self._offset_unit for index in (glyph, glyph + 1))
            curves = self._outlines[start:stop]
            curves += bytes(-len(curves) % 4)
            advance = self._advances[min(glyph, len(self._advances) - 1)]
            metrics = struct.pack(">HH", advance, self._bearings[glyph])
            found = self._cut[glyph] = Outline(curves, _checksum(curves), metrics)
        return found


class Codes(dict[str, str]):
    """What one document writes for each character of a face: four hex digits. Raises KeyError for one that the face lacks."""

    def __init__(self, face: Face) -> None:
        super().__init__()
        self.face = face
        self.glyphs = [NOTDEF]

    def __missing__(self, char: str) -> str:
        glyph = self.face.glyphs[char]
        code = self[char] = f"{len(self.glyphs):04x}"
        self.glyphs.append(glyph)
        return code


@cache
def regular() -> Face:
    return Face(FOLDER / "regular.ttf")


@cache
def bold() -> Face:
    return Face(FOLDER / "bold.ttf")


@cache
def rare() -> Face:
    """Every character that the two small fonts lack and Noto Sans SC has. 8 MB: opened when the first such character comes."""
    return Face(FOLDER / "rare.ttf")


def load() -> None:
    """Open the everyday fonts: call it before forking, so that all workers share them."""
    regular()
    bold()


def font_file(codes: Codes) -> bytes:
    """A TrueType file of the characters used, with the tables that a viewer needs of an embedded font and no others."""
    face = codes.face
    outlines = [face.outline(glyph) for glyph in codes.glyphs]
    curves = [outline.curves for outline in outlines]
    offsets = array("I", accumulate(map(len, curves), initial=0))
    count = struct.pack(">H", len(outlines))
    tables = {
        b"head": face.head[:8] + bytes(4) + face.head[12:50] + b"\0\1" + face.head[52:54],
        b"hhea": face.hhea[:34] + count,
        b"hmtx": b"".join([outline.metrics for outline in outlines]),
        b"loca": _big_endian(offsets),
        b"maxp": face.maxp[:4] + count + face.maxp[6:],
    }
    sizes = [(b"glyf", offsets[-1], sum([outline.checksum for outline in outlines]) & 0xFFFFFFFF)]
    padded = [table + bytes(-len(table) % 4) for table in tables.values()]
    sizes += [(tag, len(table), _checksum(full)) for (tag, table), full in zip(tables.items(), padded, strict=True)]
    return b"".join([_directory(sizes), *curves, *padded])


def widths(codes: Codes) -> str:
    """The W array: the advances of the codes from 1."""
    advance = codes.face.advance
    return "[1 [" + " ".join([str(advance[char]) for char in codes]) + "]]"


def to_unicode(codes: Codes) -> str:
    """The map from a document's codes back to its characters."""
    targets = ["", *(f"<{char.encode('utf-16-be').hex()}>" for char in codes)]
    blocks = []
    for page in range(0, len(targets), 0x100):  # a range may not cross a change of the code's first byte
        for first in range(max(page, 1), min(page + 0x100, len(targets)), BLOCK):
            last = min(first + BLOCK, page + 0x100, len(targets)) - 1
            blocks.append(f"1 beginbfrange\n<{first:04x}> <{last:04x}> [{' '.join(targets[first : last + 1])}]\nendbfrange")
    return UNICODE_MAP.replace("BLOCKS", "\n".join(blocks))


UNICODE_MAP = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <ffff>
endcodespacerange
BLOCKS
endcmap
CMapName currentdict /CMap defineresource pop
end
end"""


def _directory(sizes: list[tuple[bytes, int, int]]) -> bytes:
    """The head of a TrueType file whose tables (tag, length, checksum) follow in that order, each padded to four bytes."""
    entries = []
    offset = 12 + 16 * len(sizes)
    for tag, length, checksum in sizes:
        entries.append(struct.pack(">4sLLL", tag, checksum, offset, length))
        offset += length + -length % 4
    return struct.pack(">LHHHH", 0x00010000, len(sizes), 64, 2, 32) + b"".join(entries)


def _character_map(table: bytes) -> dict[str, int]:
    """Character -> glyph, from the map that reaches beyond the basic plane (format 12), else the one that does not (format 4)."""
    count = struct.unpack_from(">H", table, 2)[0]
    starts = {struct.unpack_from(">L", table, 8 + 8 * index)[0] for index in range(count)}
    formats = {struct.unpack_from(">H", table, start)[0]: start for start in starts}
    if 12 in formats:
        start = formats[12]
        groups = struct.unpack_from(">L", table, start + 12)[0]
        ranges = struct.iter_unpack(">LLL", table[start + 16 : start + 16 + 12 * groups])
        return {chr(code): glyph + code - first for first, last, glyph in ranges for code in range(first, last + 1)}
    start = formats[4]
    twice = struct.unpack_from(">H", table, start + 6)[0]
    words = _numbers("H", table[start : start + struct.unpack_from(">H", table, start + 2)[0]])
    segments = twice // 2
    lasts, firsts, deltas = (words[at : at + segments] for at in (7, 8 + segments, 8 + 2 * segments))
    shifts_at = 8 + 3 * segments
    found = {}
    for index, (first, last, delta) in enumerate(zip(firsts, lasts, deltas, strict=True)):
        shift = words[shifts_at + index]
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = words[shifts_at + index + shift // 2 + code - first] if shift else code
            if glyph:
                found[chr(code)] = (glyph + delta) & 0xFFFF
    return found


def _checksum(padded: bytes) -> int:
    return sum(_numbers("I", padded)) & 0xFFFFFFFF


def _numbers(kind: str, data: bytes) -> array[int]:
    numbers = array(kind, data)
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def _big_endian(numbers: array[int]) -> bytes:
    if sys.byteorder == "little":
        numbers = array(numbers.typecode, numbers)
        numbers.byteswap()
    return numbers.tobytes()
