"""Bars to look at: drawn as vectors by our own layout, told apart by darkness and hatching, so that a grey print tells as much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from audits.renderers.pdf_layout import LEFT, MEASURE, RIGHT, Book, Colour, Style
from audits.renderers.pdf_pieces import CAPTION, GREY, HAIRLINE, RULE, SMALL, VIOLET

BAR, STEP = 9.6, 17.0  # points: height of a bar, from one bar to the next
LABEL, NOTE = 168.0, 86.0  # widths left of the bars and right of them
TICK = Style(6.8, 9.0, GREY)
STEPS = (1, 2, 5)  # times a power of ten: what an axis counts by
MOST_TICKS = 5
HATCH_GAP = 3.2


class Shade(NamedTuple):
    """How a part of a bar is filled. ``hatched`` parts are outlined too."""

    name: str
    fill: Colour
    hatched: bool = False


SURE = {
    "error": Shade("错误", "0.62 0.13 0.12"),
    "warning": Shade("警告", "0.90 0.66 0.25"),
    "notice": Shade("提示", "0.76 0.86 0.95"),
}
PLAIN = Shade("", "0.33 0.43 0.55")
DOUBTFUL = Shade("须人工核对", "1 1 1", hatched=True)


class Bar(NamedTuple):
    """One bar: its label, the length of each shade, and what is printed behind it."""

    label: str
    lengths: Sequence[float]
    note: str = ""


def draw_bars(book: Book, title: str, shades: Sequence[Shade], bars: Sequence[Bar]) -> None:
    """A chart of horizontal bars with its legend and axis. A long one goes on over pages."""
    longest = max((sum(bar.lengths) for bar in bars), default=0) or 1
    tick = _tick(longest)
    scale = (MEASURE - LABEL - NOTE) / longest
    book.need(38 + STEP * min(len(bars), 6))
    book.text(LEFT, book.y + 11, title, CAPTION)
    _legend(book, [shade for shade in shades if shade.name])
    book.y += 19
    start = 0
    while start < len(bars):
        room = max(1, int((book.room - 14) // STEP))
        _block(book, shades, bars[start : start + room], tick, scale, longest)
        start += room
        if start < len(bars):
            book.new_page()
    book.space(10)


def _block(book: Book, shades: Sequence[Shade], bars: Sequence[Bar], tick: float, scale: float, longest: float) -> None:
    """The bars that stand on one page, with grid and axis."""
    x, top, bottom = LEFT + LABEL, book.y, book.y + STEP * len(bars) + 2
    ticks = [count * tick for count in range(int(longest / tick) + 1)]
    book.stroke([(x + at * scale, top, x + at * scale, bottom) for at in ticks[1:]], HAIRLINE, 0.4)
    for bar in bars:
        label = book.shortened(book.clean(bar.label), SMALL, LABEL - 8)
        book.ranged_right(x - 6, book.y + 11.6, label, SMALL)
        at = x
        for shade, length in zip(shades, bar.lengths, strict=True):
            if length:
                _part(book, at, book.y + (STEP - BAR) / 2, length * scale, shade)
                at += length * scale
        book.text(at + 5, book.y + 11.6, book.clean(bar.note), SMALL)
        book.y += STEP
    book.stroke([(x, top, x, bottom)], RULE, 0.8)
    for at in ticks:
        book.centred(x + at * scale - 12, x + at * scale + 12, bottom + 8, f"{at:g}", TICK)
    book.y = bottom + 12


def _part(book: Book, x: float, y: float, width: float, shade: Shade) -> None:
    book.fill(x, y, width, BAR, shade.fill)
    if shade.hatched:
        lines = []
        at = x - BAR + HATCH_GAP
        while at < x + width:
            left, right = max(at, x), min(at + BAR, x + width)
            if right > left:
                lines.append((left, y + BAR - (left - at), right, y + BAR - (right - at)))
            at += HATCH_GAP
        book.stroke(lines, VIOLET, 0.5)
    book.frames([(x, y, width, BAR)], VIOLET if shade.hatched else "0.25 0.25 0.28", 0.4)


def _legend(book: Book, shades: Sequence[Shade]) -> None:
    """At the right of the title's line, from right to left."""
    x = RIGHT
    for shade in reversed(shades):
        x -= book.width(shade.name, SMALL)
        book.text(x, book.y + 11, shade.name, SMALL)
        x -= 17
        _part(book, x, book.y + 3.2, 13, shade)
        x -= 12


def _tick(longest: float) -> float:
    """The smallest of 1, 2, 5, 10, 20 ... that divides the axis into few enough parts."""
    power = 1
    while True:
        for step in STEPS:
            if longest / (step * power) <= MOST_TICKS:
                return step * power
        power *= 10
