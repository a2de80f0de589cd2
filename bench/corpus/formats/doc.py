"""Word 97 (.doc), byte by byte: an OLE file of whole sectors, a file information block, pieces of text, pages of properties."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from bench.corpus.formats import Printed
from bench.corpus.page import Grid, Page, covering

SECTOR = 512
END_OF_CHAIN, FREE, FAT_SECTOR = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
TEXT_AT = 0x600
STYLES, CHARACTERS, PARAGRAPHS, PIECES = 1, 12, 13, 33

SOME_PARAGRAPHS = 0.2  # of them carry what ``Saved.deleted`` asks for
DELETED, HIDDEN, SPECIAL = b"\x00\x08\x01", b"\x3c\x08\x01", b"\x55\x08\x01"
IN_TABLE, ROW_END = b"\x16\x24\x01", b"\x17\x24\x01"
INNER_CELL, INNER_ROW_END = b"\x4b\x24\x01", b"\x4c\x24\x01"


@dataclass(frozen=True, slots=True)
class Saved:
    """How the file was stored.

    pieces   how many stretches the text is stored in; "fast save" leaves many, with Latin ones of one byte a character.
    reverse  the pieces stand in the file from last to first.
    deleted  some paragraphs hold deleted words, and some hidden ones, that are not printed.
    boxed    a text box beside the report.
    """

    pieces: int = 1
    reverse: bool = False
    deleted: bool = False
    boxed: bool = False


def write(page: Page, random: Random, style: Saved) -> Printed:
    paragraphs = report(page)
    if style.deleted:
        paragraphs = [_with_deletion(one, random) for one in paragraphs]
    length = sum(len(one.text) for one in paragraphs)
    cuts = sorted(random.sample(range(1, length), style.pieces - 1))
    boxes = [para("本页无正文")] if style.boxed else []
    form = Form(cuts=cuts, narrow=range(style.pieces), reverse=style.reverse, boxes=boxes)
    return Printed(word97(paragraphs, form), "report.doc")


def _with_deletion(one: Para, random: Random) -> Para:
    if random.random() > SOME_PARAGRAPHS:
        return one
    words, sprms = random.choice((("1草稿", DELETED), ("2备注", HIDDEN)))
    return Para(words + one.text, one.sprms, ((0, len(words), sprms),), one.style)


def depth(count: int) -> bytes:
    return b"\x49\x66" + struct.pack("<i", count)


def cells(edges: Sequence[int], flags: Sequence[int] = ()) -> bytes:
    """The shape of a row: edges of its cells in twips, and how each is merged."""
    count = len(edges) - 1
    flags = [*flags, *[0] * (count - len(flags))]
    defined = struct.pack(f"<B{count + 1}h", count, *edges) + b"".join(struct.pack("<H18x", flag) for flag in flags)
    return b"\x08\xd6" + struct.pack("<H", len(defined) + 1) + defined


@dataclass(frozen=True)
class Para:
    """text with its end; sprms of the paragraph; marks: start, end, sprms of characters within it."""

    text: str
    sprms: bytes = b""
    marks: tuple[tuple[int, int, bytes], ...] = ()
    style: int = 0


def para(text: str, sprms: bytes = b"", *marks: tuple[int, int, bytes], style: int = 0) -> Para:
    return Para(text + "\r", sprms, marks, style)


def row(*texts: str, edges: Sequence[int] = (), flags: Sequence[int] = ()) -> list[Para]:
    """A row of a table: its cells, then its end."""
    edges = edges or [1000 * index for index in range(len(texts) + 1)]
    made = [Para(text + "\x07", IN_TABLE) for text in texts]
    return [*made, Para("\x07", IN_TABLE + ROW_END + cells(edges, flags))]


def report(page: Page) -> list[Para]:
    """An invented report: a cell merged across is one wide cell, one merged down begins anew, empty, in every further row."""
    paragraphs: list[Para] = []
    for block in page:
        if not isinstance(block, Grid):
            paragraphs.append(para(block.text.replace("\n", "\x0b")))
            continue
        lines = covering(block)
        for at, line in enumerate(lines):
            texts, edges, flags, column = [], [0], [], 0
            while column < block.columns:
                slot = line[column]
                width, begins = (slot.width, at == 0 or lines[at - 1][column] is not slot) if slot else (1, True)
                texts.append(slot.text.replace("\n", "\x0b") if slot and begins else "")
                flags.append((0x60 if begins else 0x20) if slot and slot.height > 1 else 0)
                column += width
                edges.append(column * 600)
            paragraphs += row(*texts, edges=edges, flags=flags)
        paragraphs.append(para(""))
    return paragraphs


@dataclass
class Form:
    """How the text is stored: cuts are places where a new piece begins, narrow the pieces of one byte a character."""

    cuts: Sequence[int] = ()
    narrow: Sequence[int] = ()
    reverse: bool = False
    version: int = 0xC1
    flags: int = 0x0200
    count: int | None = None
    boxes: Sequence[Para] = ()
    streams: Mapping[str, bytes] = field(default_factory=dict)


def word97(paragraphs: Sequence[Para], form: Form | None = None) -> bytes:
    """The file with these paragraphs as its body."""
    form = form or Form()
    body = "".join(one.text for one in paragraphs)
    boxes = "".join(one.text for one in form.boxes)
    text = body + (boxes + "\r" if boxes else "")
    every = [*paragraphs, *form.boxes, *([Para("\r")] if boxes else [])]
    edges = sorted({0, len(text), *(cut for cut in form.cuts if 0 < cut < len(text))})
    order = list(range(len(edges) - 1))
    stream = bytearray(TEXT_AT)
    at: dict[int, tuple[int, int]] = {}
    for index in reversed(order) if form.reverse else order:
        piece = text[edges[index] : edges[index + 1]]
        width = 1 if index in form.narrow and all(ord(char) < 256 for char in piece) else 2
        at[index] = (len(stream), width)
        stream += piece.encode("latin-1") if width == 1 else piece.encode("utf-16-le")
        stream += b"\0" * (len(stream) % 2)

    def place(cp: int) -> int:
        index = max(index for index in order if edges[index] <= cp)
        start, width = at[index]
        return start + (cp - edges[index]) * width

    def after(cp: int) -> int:
        index = max(index for index in order if edges[index] <= cp)
        return place(cp) + at[index][1]

    def begin(start: int, last: int) -> int:
        """The part of a stretch that is stored together with its last character."""
        return place(max(start, max(edge for edge in edges if edge <= last)))

    stream += b"\0" * (-len(stream) % SECTOR)
    papx: list[tuple[int, int, bytes]] = []
    chpx: list[tuple[int, int, bytes]] = []
    cp = 0
    for one in every:
        last = cp + len(one.text) - 1
        held = struct.pack("<H", one.style) + one.sprms
        held += b"\0" * (len(held) % 2)
        papx.append((begin(cp, last), after(last), b"\0" + bytes([len(held) // 2]) + held))
        for start, end, sprms in one.marks:
            for each in range(cp + start, cp + end):
                chpx.append((place(each), after(each), bytes([len(sprms)]) + sprms))
        cp += len(one.text)
    table = bytearray()
    pairs = {}
    for index, runs, step in ((PARAGRAPHS, papx, 13), (CHARACTERS, chpx, 1)):
        runs.sort()
        pages = []
        for start, end, held in runs:
            page = bytearray(SECTOR)
            offset = SECTOR - 2 - len(held) - len(held) % 2
            page[0:8] = struct.pack("<II", start, end)
            page[8] = offset // 2
            page[offset // 2 * 2 : offset // 2 * 2 + len(held)] = held
            page[-1] = 1
            assert offset > 8 + step
            pages.append(len(stream) // SECTOR)
            stream += page
        index_part = b"".join(struct.pack("<I", run[0]) for run in runs) + struct.pack("<I", runs[-1][1] if runs else 0)
        index_part += b"".join(struct.pack("<I", number) for number in pages)
        pairs[index] = (len(table), len(index_part))
        table += index_part
    plc = struct.pack(f"<{len(edges)}I", *edges)
    for index in order:
        start, width = at[index]
        plc += struct.pack("<HIH", 0, start * 2 | 0x40000000 if width == 1 else start, 0)
    clx = b"\x02" + struct.pack("<I", len(plc)) + plc
    pairs[PIECES] = (len(table), len(clx))
    table += clx
    struct.pack_into("<HH", stream, 0, 0xA5EC, form.version)
    struct.pack_into("<H", stream, 10, form.flags)
    struct.pack_into("<i", stream, 0x4C, len(body) if form.count is None else form.count)
    struct.pack_into("<i", stream, 0x64, len(boxes))
    for index, pair in pairs.items():
        struct.pack_into("<II", stream, 0x9A + 8 * index, *pair)
    return ole({"WordDocument": bytes(stream), "1Table" if form.flags & 0x200 else "0Table": bytes(table), **form.streams})


def ole(streams: Mapping[str, bytes]) -> bytes:
    """An OLE file; every stream is made large enough for sectors of its own."""
    sectors: list[bytes] = []
    chains: list[int] = []
    entries = [_entry("Root Entry", 5, END_OF_CHAIN, 0, child=1)]

    def add(data: bytes) -> int:
        first = len(sectors)
        for start in range(0, len(data), SECTOR):
            sectors.append(data[start : start + SECTOR].ljust(SECTOR, b"\0"))
            chains.append(len(sectors))
        chains[-1] = END_OF_CHAIN
        return first

    names = sorted(streams, key=lambda name: (len(name), name.upper()))
    for number, name in enumerate(names, 1):
        data = streams[name].ljust(4096, b"\0")
        right = number + 1 if number < len(names) else FREE
        entries.append(_entry(name, 2, add(data), len(data), right=right))
    directory = add(b"".join(entries).ljust(-(-len(entries) // 4) * SECTOR, b"\0"))
    count = 1
    while (len(sectors) + count) * 4 > count * SECTOR:
        count += 1
    first = len(sectors)
    chains += [FAT_SECTOR] * count
    fat = struct.pack(f"<{len(chains)}I", *chains).ljust(count * SECTOR, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, count, directory, 0, 4096, END_OF_CHAIN, 0, END_OF_CHAIN, 0)
    header += struct.pack("<109I", *[*range(first, first + count), *[FREE] * (109 - count)])
    return header + b"".join(sectors) + fat


def _entry(name: str, kind: int, start: int, size: int, right: int = FREE, child: int = FREE) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    return (
        encoded.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(encoded), kind, 1, FREE, right, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
