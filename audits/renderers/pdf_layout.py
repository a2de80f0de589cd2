"""Pages of Chinese text: break lines, flow rows over pages, draw, link, and write the file. Knows nothing of audits.

Places are points from the top left corner of an A4 page. What is printed is drawn as strings, never as markup: nothing in a
report can become a font, a picture or a link. reportlab writes the file; the text operators are ours, one composite font for each
face (audits/renderers/fonts.py) instead of reportlab's many of 256 characters.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from audits.renderers import fonts

WIDTH, HEIGHT = 595.28, 841.89  # A4
LEFT, RIGHT, TOP, BOTTOM = 62.0, 533.28, 74.0, 772.0  # the type area
MEASURE = RIGHT - LEFT
LONGEST = 2_000  # characters of one text; what is cut off is counted (one of 200,000 takes reportlab's own layout 86 s)
STRETCH = 0.12  # of the type size: a line is spread to the margin only if every gap grows by less
NO_START = frozenset("，。、；：？！…—·％%‰℃°′″）〕】》〉」』”’〗｝］)]},.;:!?～~々")
NO_END = frozenset("（〔【《〈「『“‘〖｛［([{￥$№§")
IN_WORDS = frozenset("._-+/@%,:=&'~#°")
UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))

Colour = str
BLACK = "0.13 0.13 0.15"


class Style(NamedTuple):
    """How a text is set. size and leading in points."""

    size: float
    leading: float
    colour: Colour = BLACK
    bold: bool = False


class Run(NamedTuple):
    """A string of a row: ``x`` from the page's left edge, ``down`` from the row's top to the baseline, ``spread`` between characters.

    decoration  "strike" or "under": a line through or below it.
    """

    x: float
    down: float
    text: str
    style: Style
    spread: float = 0.0
    link: str = ""
    anchor: str = ""
    decoration: str = ""


class Picture(NamedTuple):
    """Grey pixels, row by row from the top, and where they are drawn in a row: from ``x``, ``down`` below its top."""

    x: float
    down: float
    width: float
    height: float
    columns: int
    lines: int
    pixels: bytes


class Row(NamedTuple):
    """A strip of a page as high as ``height``, which is never torn. ``lead`` rows keep the next one on their page.

    frames  boxes (x, down, width, height) stroked over its picture in ``ink``.
    """

    height: float
    runs: tuple[Run, ...] = ()
    lead: bool = False
    picture: Picture | None = None
    frames: tuple[tuple[float, float, float, float], ...] = ()
    ink: Colour = ""


@dataclass(slots=True)
class Page:
    """The operators of one page, its links (left, top, right, bottom, target) and what may be linked to (name, top)."""

    code: list[str] = field(default_factory=list)
    links: list[tuple[float, float, float, float, str]] = field(default_factory=list)
    anchors: list[tuple[str, float]] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    font: str = ""
    colour: Colour = ""

    def fill(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        self.code.append(f"{colour} rg {x:.2f} {HEIGHT - y - height:.2f} {width:.2f} {height:.2f} re f")
        self.colour = ""


class Advances(dict[str, int]):
    """Advance of every character in 1/1000 em; what the everyday font lacks is measured in the rare one."""

    def __missing__(self, char: str) -> int:
        advance: int = fonts.rare().advance.get(char, fonts.EM)
        return advance


class Book:
    """One document in the making: pages, bookmarks, and the characters it uses of each font."""

    def __init__(self) -> None:
        regular, bold = fonts.regular(), fonts.bold()
        self.codes = {"R": fonts.Codes(regular), "B": fonts.Codes(bold)}
        self.advances = {False: Advances(regular.advance), True: Advances(bold.advance)}
        self.pages: list[Page] = []
        self.bookmarks: list[tuple[str, str, int]] = []
        self.missing: dict[str, None] = {}
        self.y = BOTTOM

    # text, before it is placed

    def clean(self, text: str, longest: int = LONGEST) -> str:
        """The text that can be printed: cut at ``longest``; a character that no font has or nobody could see becomes 〔U+20BB7〕."""
        if len(text) > longest:
            text = f"{text[:longest]}…（共 {len(text)} 字）"
        if self.codes["R"].face.characters.issuperset(text):
            return text
        return "".join(self._spelled(char) for char in text.replace("\r\n", "\n").replace("\t", "  "))

    def _spelled(self, char: str) -> str:
        if char == "\n" or char in self.codes["R"].face.characters:
            return char
        if unicodedata.category(char) not in UNSEEN and char in fonts.rare().characters:
            return char
        self.missing[char] = None
        return f"〔U+{ord(char):04X}〕"

    def width(self, text: str, style: Style) -> float:
        return sum(map(self.advances[style.bold].__getitem__, text)) * style.size / fonts.EM

    def lines(self, text: str, style: Style, limit: float, indent: float = 0.0) -> list[tuple[str, float]]:
        """Break clean text into lines no wider than ``limit`` points: each with the space between characters that fills it.

        No line starts or ends with what may not stand there, and no number or Latin word is torn unless it is longer than a line.
        """
        room, gap = limit * fonts.EM / style.size, STRETCH * fonts.EM
        advances = self.advances[style.bold]
        if not indent and "\n" not in text and sum(map(advances.__getitem__, text)) <= room:
            return [(text, 0.0)]  # most texts, at a third of the time
        broken = []
        for part in text.split("\n"):
            ends = list(accumulate(map(advances.__getitem__, part), initial=0))
            start, length, free = 0, len(part), room - indent * fonts.EM / style.size
            while (end := bisect_right(ends, ends[start] + free, start + 1) - 1) < length:
                end = _break_before(part, start, max(end, start + 1))
                line = part[start:end].rstrip(" ")
                left_over = (free - ends[start + len(line)] + ends[start]) / max(len(line) - 1, 1)
                broken.append((line, left_over * style.size / fonts.EM if 0 < left_over < gap else 0.0))
                while end < length and part[end] == " ":
                    end += 1
                start, free = end, room
            broken.append((part[start:], 0.0))
        return broken

    def rows(self, text: str, style: Style, x: float, limit: float, indent: float = 0.0) -> list[Row]:
        """The lines of clean text as rows, the first one indented."""
        down = _down(style)
        rows = []
        for index, (line, spread) in enumerate(self.lines(text, style, limit, indent)):
            rows.append(Row(style.leading, (Run(x if index else x + indent, down, line, style, spread),)))
        return rows

    def shortened(self, text: str, style: Style, limit: float) -> str:
        """As much of clean text as fits on one line, with … where it was cut."""
        text = text.replace("\n", " ")
        if self.width(text, style) <= limit:
            return text
        room = (limit * fonts.EM / style.size) - fonts.EM
        ends = list(accumulate(map(self.advances[style.bold].__getitem__, text)))
        return text[: bisect_right(ends, room)] + "…"

    # pages

    @property
    def page(self) -> Page:
        return self.pages[-1]

    @property
    def room(self) -> float:
        """What is free below on this page."""
        return BOTTOM - self.y

    def new_page(self) -> None:
        self.pages.append(Page())
        self.y = TOP

    def need(self, height: float) -> None:
        """Go to a new page if that height is no longer free on this one."""
        if self.y + height > BOTTOM or not self.pages:
            self.new_page()

    def space(self, height: float) -> None:
        """Free space, none at a page's top."""
        if self.y > TOP:
            self.y += height

    def flow(self, rows: Sequence[Row], *, bar: Colour = "", whole: float = 0.0) -> None:
        """Place rows under each other. Rows lower than ``whole`` in all stay together; a ``lead`` row stays with the next two.

        bar  a coloured stroke along the left margin, beside all of them.
        """
        total = sum(row.height for row in rows)
        if total <= whole:
            self.need(total)
        reach: dict[int, tuple[float, float]] = {}
        for index, row in enumerate(rows):
            self.need(_kept_height(rows, index))
            self.draw(row, self.y)
            top, _ = reach.setdefault(len(self.pages) - 1, (self.y, self.y))
            self.y += row.height
            reach[len(self.pages) - 1] = (top, self.y)
        if bar:
            for page, (top, bottom) in reach.items():
                self.pages[page].fill(LEFT - 9, top, 2.4, bottom - top, bar)

    def draw(self, row: Row, top: float) -> None:
        """Draw the runs of a row with its top there."""
        for run in row.runs:
            self.text(run.x, top + run.down, run.text, run.style, run.spread)
            if run.link:
                self.link(run.x, top, run.x + self.width(run.text, run.style), top + row.height, run.link)
            if run.decoration:
                y = top + run.down + (1.6 if run.decoration == "under" else -0.33 * run.style.size)
                self.stroke([(run.x, y, run.x + self.width(run.text, run.style), y)], run.style.colour, 0.7)
            if run.anchor:
                self.anchor(run.anchor, top)
        if row.picture is not None:
            self._picture(row.picture, top)
            self.frames([(x, top + down, width, height) for x, down, width, height in row.frames], row.ink, 1.1)

    # marks on the page

    def text(self, x: float, y: float, text: str, style: Style, spread: float = 0.0) -> None:
        """Draw clean text, its baseline at y."""
        font = "B" if style.bold else "R"
        try:
            shown = "".join(map(self.codes[font].__getitem__, text))
        except KeyError:
            self._text_in_pieces(x, y, text, style)
            return
        self._show(font, x, y, shown, style, spread)

    def _text_in_pieces(self, x: float, y: float, text: str, style: Style) -> None:
        everyday = "B" if style.bold else "R"
        self.codes.setdefault("X", fonts.Codes(fonts.rare()))
        pieces: list[tuple[str, str]] = []
        for char in text.replace("\n", " "):
            font = everyday if char in self.codes[everyday].face.characters else "X"
            if pieces and pieces[-1][0] == font:
                pieces[-1] = (font, pieces[-1][1] + char)
            else:
                pieces.append((font, char))
        for font, piece in pieces:
            self._show(font, x, y, "".join(map(self.codes[font].__getitem__, piece)), style, 0.0)
            x += self.width(piece, style)

    def _show(self, font: str, x: float, y: float, shown: str, style: Style, spread: float) -> None:
        page = self.page
        state = ""
        if page.colour != style.colour:
            page.colour = style.colour
            state = f"{style.colour} rg "
        wanted = f"/{font} {style.size} Tf"
        if page.font != wanted:
            page.font = wanted
            state += f"{wanted} "
        if spread:
            page.code.append(f"{state}BT {spread:.3f} Tc {x:.2f} {HEIGHT - y:.2f} Td <{shown}> Tj 0 Tc ET")
        else:
            page.code.append(f"{state}BT {x:.2f} {HEIGHT - y:.2f} Td <{shown}> Tj ET")

    def centred(self, left: float, right: float, y: float, text: str, style: Style) -> None:
        self.text((left + right - self.width(text, style)) / 2, y, text, style)

    def ranged_right(self, right: float, y: float, text: str, style: Style) -> None:
        self.text(right - self.width(text, style), y, text, style)

    def fill(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        self.page.fill(x, y, width, height, colour)

    def _picture(self, picture: Picture, top: float) -> None:
        page = self.page
        page.pictures.append(picture)
        x, y = picture.x, HEIGHT - top - picture.down - picture.height
        page.code.append(f"q {picture.width:.2f} 0 0 {picture.height:.2f} {x:.2f} {y:.2f} cm /I{len(page.pictures)} Do Q")
        self.frames([(x, top + picture.down, picture.width, picture.height)], "0.62 0.62 0.64", 0.4)

    def frames(self, boxes: Iterable[tuple[float, float, float, float]], colour: Colour, weight: float) -> None:
        """Outlines of boxes (x, y, width, height)."""
        paths = " ".join([f"{x:.2f} {HEIGHT - y - height:.2f} {width:.2f} {height:.2f} re" for x, y, width, height in boxes])
        self.page.code.append(f"{colour} RG {weight} w {paths} S")

    def stroke(self, lines: Iterable[tuple[float, float, float, float]], colour: Colour, weight: float, dash: str = "") -> None:
        """Lines (x, y, to x, to y)."""
        paths = " ".join([f"{x:.2f} {HEIGHT - y:.2f} m {to_x:.2f} {HEIGHT - to_y:.2f} l" for x, y, to_x, to_y in lines])
        before, after = (f"[{dash}] 0 d ", " [] 0 d") if dash else ("", "")
        self.page.code.append(f"{before}{colour} RG {weight} w {paths} S{after}")

    def link(self, left: float, top: float, right: float, bottom: float, target: str) -> None:
        self.page.links.append((left, top, right, bottom, target))

    def anchor(self, name: str, y: float) -> None:
        self.page.anchors.append((name, y))

    def bookmark(self, title: str, name: str, level: int) -> None:
        """An entry of the outline that leads to the anchor of that name. Level 0 is a chapter."""
        self.bookmarks.append((title, name, level))


def _down(style: Style) -> float:
    """From the top of a line to its baseline, so that the characters stand in its middle."""
    return (style.leading + 0.76 * style.size) / 2


def _kept_height(rows: Sequence[Row], index: int) -> float:
    """The height that must be free to begin this row: a lead row wants its followers, the last but one row wants the last."""
    height = rows[index].height
    reach = 2 if rows[index].lead else 1 if index == len(rows) - 2 else 0
    for row in rows[index + 1 : index + 1 + reach]:
        height += row.height
        if row.lead and index + reach + 1 < len(rows):
            height += rows[index + reach + 1].height
    return height


def _break_before(text: str, start: int, end: int) -> int:
    """The last place not after ``end`` where a line may end; ``end`` itself if there is none."""
    for index in range(end, start, -1):
        before, after = text[index - 1], text[index]
        if after == " " or after in NO_START or before in NO_END or (_in_word(before) and _in_word(after)):
            continue
        return index
    return end


def _in_word(char: str) -> bool:
    return char < "\u2e80" and (char.isalnum() or char in IN_WORDS)
