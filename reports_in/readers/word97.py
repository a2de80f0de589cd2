"""The file of Word 97 to 2003 (.doc, and .wps of WPS Writer): its characters, and the properties of characters and paragraphs.

The streams are an OLE file's. A table of pieces says where each character stands; pages of 512 bytes say what applies to it.
Source: [MS-DOC]. Names such as ``sprm`` (one property with its operand) and ``cp`` (place of a character) are the source's own.
"""

from __future__ import annotations

import io
import re
import struct
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

import olefile

from reports_in.builder import too_much
from reports_in.errors import Damaged, Encrypted, IntakeError
from reports_in.limits import LIMITS

IDENTITY, OLD_IDENTITY = 0xA5EC, 0xA5DC
WORD_95, WORD_97 = 0x0067, 0x00C1  # versions before 97 keep their text in other ways
# places in the file information block: character counts of the stories in their order, and pairs of offset and length
COUNTS, PAIRS = 0x4C, 0x9A
STYLES, CHARACTERS, PARAGRAPHS, PIECES, ANCHORS, BOXES, LISTS, LIST_USES = 1, 12, 13, 33, 40, 56, 73, 74
PAGE = 512
READ_STREAMS = ("WordDocument", "0Table", "1Table", "Data")
DELETED, HIDDEN, SPECIAL = 1, 2, 4  # bits of a character's marks
OPERANDS = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}  # bytes, by the top three bits of a sprm; 6 states its own

C_DELETED, C_SPECIAL, C_HIDDEN, C_SYMBOL, C_PICTURE = 0x0800, 0x0855, 0x083C, 0x6A09, 0x6A03
P_IN_TABLE, P_ROW_END, P_DEPTH, P_INNER_CELL, P_INNER_ROW_END = 0x2416, 0x2417, 0x6649, 0x244B, 0x244C
P_LIST_LEVEL, P_LIST, P_OUTLINE, P_HUGE, P_HUGE_OLD, P_TABLE = 0x260A, 0x460B, 0x2640, 0x6646, 0x6645, 0x646B
T_CELLS, T_MERGE, T_VERTICAL, T_INSERT, T_DELETE, T_SPLIT = 0xD608, 0x5624, 0xD62B, 0x7621, 0x5622, 0x5625
P_TABS = 0xC615
SHORT_SPRMS = {0x18: P_IN_TABLE, 0x19: P_ROW_END, 0x41: C_DELETED, 0x5C: C_HIDDEN}  # of a piece, where one byte names it
SURROGATE = re.compile("[\ud800-\udfff]")


class Unsure(Exception):
    """The file is whole, as far as we can tell, but not of a kind that is read here. version: 6, 7 (Word 95) or 8 (97 and on)."""

    def __init__(self, version: int = 8) -> None:
        super().__init__(version)
        self.version = version


class Piece(NamedTuple):
    """Characters ``start`` to ``end``; ``at`` is the first one's place in the stream, each takes ``width`` bytes."""

    start: int
    end: int
    at: int
    width: int
    sprms: bytes


class Run(NamedTuple):
    """What applies to a stretch of the stream; ``style`` is 0 for characters."""

    start: int
    end: int
    style: int
    sprms: bytes


class Word97:
    """text holds one character for each cp of all stories (so a rare character of two units is two), marks their bits.

    stories are the lengths: body, footnotes, headers, macros, comments, endnotes, text boxes, text boxes of headers.
    Raises Encrypted, Damaged or LimitExceeded; Unsure for older versions.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        self._open(data)
        fib = self.main
        self.stories = struct.unpack_from("<8i", fib, COUNTS)
        if min(self.stories) < 0 or sum(self.stories) > LIMITS.text_chars * 2:
            raise too_much(name, "文字", LIMITS.text_chars, "字") if min(self.stories) >= 0 else self.damaged("文字数不对")
        self.pieces = self._pieces()
        self.text = "".join([self._decoded(piece) for piece in self.pieces])
        if not self.pieces or len(self.text) < sum(self.stories):
            raise self.damaged("正文不全")
        if "\0" in self.text[: self.stories[0]]:
            raise self.damaged("正文里有不是文字的内容")
        self._starts = [piece.start for piece in self.pieces]
        self._paragraphs = sorted(self._runs(PARAGRAPHS, paragraphs=True))
        self._paragraph_starts = [run.start for run in self._paragraphs]
        self._marks()

    def damaged(self, what: str) -> Damaged:
        return Damaged(self.name, f"文件已损坏：{what}", "请用 Word 或 WPS 打开核对，另存为 DOCX 后提交")

    def _open(self, data: bytes) -> None:
        try:
            with olefile.OleFileIO(io.BytesIO(data)) as ole:
                self.streams = frozenset("/".join(path) for path in ole.listdir(streams=True, storages=True))
                self.main = ole.openstream("WordDocument").read()
                if len(self.main) < 32:
                    raise self.damaged("文件头不全")
                identity, version = struct.unpack_from("<HH", self.main)
                if identity not in (IDENTITY, OLD_IDENTITY):
                    raise self.damaged("没有 Word 正文")
                self._check_chains(ole)
                flags = struct.unpack_from("<H", self.main, 10)[0]
                if flags & 0x0100:
                    raise Encrypted(self.name, "文件设有打开密码", "请去掉密码后重新提交")
                if version < WORD_97:
                    raise Unsure(7 if version >= WORD_95 else 6)
                if len(self.main) < PAIRS + 8 * (LIST_USES + 1):
                    raise self.damaged("文件头不全")
                self.table = ole.openstream("1Table" if flags & 0x0200 else "0Table").read()
                self.data = ole.openstream("Data").read() if ole.exists("Data") else b""
                self.summary = ole.openstream("\x05SummaryInformation").read() if ole.exists("\x05SummaryInformation") else b""
        except (Unsure, IntakeError):
            raise
        except (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, struct.error, RecursionError) as error:
            raise self.damaged("OLE 结构不完整") from error

    def _check_chains(self, ole: olefile.OleFileIO) -> None:
        """Refuse chains of sectors that run in circles or into each other: olefile reads them without a word, the wrong text."""
        seen: set[int] = set()
        for entry in ole.direntries:
            if entry is None or entry.name not in READ_STREAMS or entry.size < ole.minisectorcutoff:
                continue
            sector = entry.isectStart
            for _ in range(-(-entry.size // ole.sectorsize)):
                if sector in seen or sector >= len(ole.fat):
                    raise self.damaged("OLE 结构不完整")
                seen.add(sector)
                sector = ole.fat[sector]

    def part(self, index: int) -> bytes:
        """The bytes of the table stream that the file information block points at; empty if there are none."""
        offset, length = struct.unpack_from("<II", self.main, PAIRS + 8 * index)
        if offset + length > len(self.table):
            raise self.damaged("索引指向文件之外")
        return bytes(self.table[offset : offset + length])

    def after(self, index: int) -> bytes:
        """What follows that part in the table stream."""
        offset, length = struct.unpack_from("<II", self.main, PAIRS + 8 * index)
        return bytes(self.table[offset + length :])

    def _pieces(self) -> list[Piece]:
        index = self.part(PIECES)
        groups: list[bytes] = []
        at = 0
        try:
            while index[at] == 1:
                length = struct.unpack_from("<H", index, at + 1)[0]
                groups.append(index[at + 3 : at + 3 + length])
                at += 3 + length
            if index[at] != 2:
                raise self.damaged("文字索引不对")
            length = struct.unpack_from("<I", index, at + 1)[0]
            count = (length - 4) // 12
            if count > LIMITS.blocks:
                raise too_much(self.name, "文字片段", LIMITS.blocks, "个")
            places = struct.unpack_from(f"<{count + 1}I", index, at + 5)
            rows = [struct.unpack_from("<HIH", index, at + 5 + 4 * (count + 1) + 8 * row) for row in range(count)]
        except (IndexError, struct.error) as error:
            raise self.damaged("文字索引不对") from error
        if places[-1] > 2 * LIMITS.text_chars + 2:
            raise too_much(self.name, "文字", LIMITS.text_chars, "字")
        pieces: list[Piece] = []
        for start, end, (_, place, change) in zip(places, places[1:], rows, strict=False):
            narrow = bool(place & 0x40000000)
            place &= 0x3FFFFFFF
            width = 1 if narrow else 2
            first = place // 2 if narrow else place
            if start != (pieces[-1].end if pieces else 0) or end < start or first + (end - start) * width > len(self.main):
                raise self.damaged("文字索引指向文件之外")
            pieces.append(Piece(start, end, first, width, _changes(change, groups)))
        return pieces

    def _decoded(self, piece: Piece) -> str:
        raw = self.main[piece.at : piece.at + (piece.end - piece.start) * piece.width]
        if piece.width == 1:
            return (
                "".join([chr(byte) if byte < 0x80 else _western(byte) for byte in raw]) if _high(raw) else raw.decode("ascii")
            )
        text = raw.decode("utf-16-le", "surrogatepass")
        return text if len(text) == piece.end - piece.start else "".join(map(chr, struct.unpack(f"<{len(raw) // 2}H", raw)))

    def _runs(self, index: int, paragraphs: bool) -> Iterator[Run]:
        """The stretches that a bin table lists, in the order of the file."""
        table = self.part(index)
        count = (len(table) - 4) // 8
        if count < 1:
            return
        if count > len(self.main) // PAGE:
            raise self.damaged("格式索引不对")
        for number in struct.unpack_from(f"<{count}I", table, 4 * (count + 1)):
            at = (number & 0x3FFFFF) * PAGE
            page = self.main[at : at + PAGE]
            if len(page) < PAGE:
                raise self.damaged("格式索引指向文件之外")
            used = page[-1]
            step = 13 if paragraphs else 1
            if 4 * (used + 1) + used * step > PAGE:
                raise self.damaged("格式索引不对")
            edges = struct.unpack_from(f"<{used + 1}I", page)
            for row in range(used):
                offset = 2 * page[4 * (used + 1) + row * step]
                style, sprms = _stored(page, offset, paragraphs) if offset else (0, b"")
                yield Run(edges[row], edges[row + 1], style, sprms)

    def _marks(self) -> None:
        """Which characters are deleted, hidden or special, the code of each symbol, and where each picture is kept."""
        self.marks = bytearray(len(self.text))
        self.symbols: dict[int, int] = {}
        self.pictures: dict[int, int] = {}
        for piece in self.pieces:
            own = _bits(piece.sprms)
            if own:
                self.marks[piece.start : piece.end] = bytes([own]) * (piece.end - piece.start)
        runs = sorted(run for run in self._runs(CHARACTERS, paragraphs=False) if run.sprms)
        starts = [run.start for run in runs]
        for piece in self.pieces:
            stop = piece.at + (piece.end - piece.start) * piece.width
            for run in runs[max(bisect_right(starts, piece.at) - 1, 0) : bisect_right(starts, stop)]:
                if run.end <= piece.at or run.start >= stop:
                    continue
                bits = 0
                first = piece.start + (max(run.start, piece.at) - piece.at) // piece.width
                last = piece.start + (min(run.end, stop) - piece.at + piece.width - 1) // piece.width
                for sprm, operand in sprms_of(run.sprms):
                    bits = _with_bit(bits, sprm, operand)
                    if sprm == C_SYMBOL and len(operand) == 4:
                        self.symbols[first] = struct.unpack_from("<H", operand, 2)[0]
                    elif sprm == C_PICTURE and len(operand) == 4:
                        self.pictures[first] = struct.unpack_from("<I", operand)[0]
                if bits:
                    for cp in range(first, min(last, piece.end)):
                        self.marks[cp] |= bits

    def paragraph_at(self, cp: int) -> tuple[int, bytes, bool]:
        """Style and property list of the paragraph that this character is in, and whether it is its last character."""
        piece = self.pieces[bisect_right(self._starts, cp) - 1]
        place = piece.at + (cp - piece.start) * piece.width
        row = bisect_right(self._paragraph_starts, place) - 1
        if row < 0 or place >= self._paragraphs[row].end:
            raise self.damaged("段落格式不全")
        run = self._paragraphs[row]
        return run.style, run.sprms + piece.sprms, run.end == place + piece.width

    def properties(self, group: bytes) -> Iterator[tuple[int, bytes]]:
        """Properties, those kept in the data stream among them."""
        for sprm, operand in sprms_of(group):
            if sprm in (P_HUGE, P_HUGE_OLD, P_TABLE) and len(operand) == 4:
                at = struct.unpack("<I", operand)[0]
                if at + 2 <= len(self.data):
                    length = struct.unpack_from("<H", self.data, at)[0]
                    yield from sprms_of(self.data[at + 2 : at + 2 + length])
            else:
                yield sprm, operand


def sprms_of(group: bytes) -> Iterator[tuple[int, bytes]]:
    """The properties of a list with their operands. What is cut off at its end is left out."""
    at, size = 0, len(group)
    while at + 2 < size:
        sprm = group[at] | group[at + 1] << 8
        at += 2
        kind = sprm >> 13
        if kind != 6:
            length = OPERANDS[kind]
        elif sprm == T_CELLS:
            if at + 2 > size:
                return
            length = (group[at] | group[at + 1] << 8) + 1
        elif sprm == P_TABS and group[at] == 255:
            return  # of computed length: nothing that we ask for stands after it
        else:
            length = group[at] + 1
        if at + length > size:
            return
        yield sprm, group[at : at + length]
        at += length


def whole_characters(text: str) -> str:
    """The same text with characters of two units put together again."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace") if SURROGATE.search(text) else text


def _stored(page: bytes, offset: int, paragraphs: bool) -> tuple[int, bytes]:
    """Style and property list at an offset of a page."""
    size = page[offset]
    if not paragraphs:
        return 0, page[offset + 1 : offset + 1 + size]
    start, length = (offset + 1, 2 * size - 1) if size else (offset + 2, 2 * page[offset + 1] if offset + 1 < PAGE else 0)
    held = page[start : start + length]
    return (held[0] | held[1] << 8, held[2:]) if len(held) >= 2 else (0, b"")


def _changes(change: int, groups: list[bytes]) -> bytes:
    """The properties that a piece adds to those of its characters."""
    if change & 1:
        index = change >> 1
        return groups[index] if index < len(groups) else b""
    sprm = SHORT_SPRMS.get((change >> 1) & 0x7F)
    return struct.pack("<HB", sprm, change >> 8) if sprm else b""


def _bits(group: bytes) -> int:
    bits = 0
    for sprm, operand in sprms_of(group):
        bits = _with_bit(bits, sprm, operand)
    return bits


def _with_bit(bits: int, sprm: int, operand: bytes) -> int:
    bit = {C_DELETED: DELETED, C_HIDDEN: HIDDEN, C_SPECIAL: SPECIAL}.get(sprm, 0)
    if not bit or not operand:
        return bits
    return bits | bit if operand[0] in (1, 0x81) else bits & ~bit


def _high(raw: bytes) -> bool:
    return not raw.isascii()


def _western(byte: int) -> str:
    return bytes([byte]).decode("cp1252", "replace") if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(byte)
