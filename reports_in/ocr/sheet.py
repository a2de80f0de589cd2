"""A scanned page made fit to be read: 200 dpi, evenly lit, upright, its ruling lines found. Pictures in, pictures out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reports_in.geometry import Rule
from reports_in.ocr.engine import Gray

DPI = 200
POINTS = 72.0 / DPI  # of one pixel
LONGEST_RULE_GAP = 7  # pixels, between dashes
SHORTEST_LEVEL, SHORTEST_UPRIGHT = 60, 34  # pixels; a stroke of a title's character may be as long, and stands alone
THICKEST = 9  # pixels, of a rule after it was thickened by two
TABLE_WIDTH = 250  # pixels
TOUCHES = 9  # pixels between a rule's end and the rule it must reach
MOST_SKEW = 6.0  # degrees
INK = 0.80  # of the paper's brightness: darker is ink

Mask = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page at 200 dpi, upright.

    gray   0 black .. 255 paper, the light evened out.
    ink    255 where there is ink that is no rule; lines  255 where there is a rule, a little widened.
    horizontal, vertical  the rules in points, as reports_in.geometry wants them.
    """

    gray: Gray
    ink: Mask
    lines: Mask
    horizontal: list[Rule]
    vertical: list[Rule]


def even_light(gray: Gray) -> Gray:
    """Every place divided by the paper's brightness around it, so that shadows and yellowed paper become white."""
    import cv2

    height, width = gray.shape
    small = cv2.resize(gray, (max(1, width // 8), max(1, height // 8)), interpolation=cv2.INTER_AREA)
    paper = cv2.dilate(small, np.ones((7, 7), np.uint8))
    paper = cv2.GaussianBlur(cv2.medianBlur(paper, 15), (0, 0), 6)
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    even: Gray = cv2.divide(gray, np.maximum(paper, 24), scale=250)
    return even


def skew(gray: Gray) -> float:
    """By how many degrees the page leans, found where its rows of ink are sharpest; turning by it sets the page upright."""
    import cv2

    ink = (gray < 255 * INK).astype(np.uint8) * 255
    small = cv2.resize(ink, (max(1, ink.shape[1] // 4), max(1, ink.shape[0] // 4)), interpolation=cv2.INTER_AREA)
    half = cv2.resize(ink, (max(1, ink.shape[1] // 2), max(1, ink.shape[0] // 2)), interpolation=cv2.INTER_AREA)
    angle = _sharpest(small, np.arange(-MOST_SKEW, MOST_SKEW + 0.01, 0.4))
    angle = _sharpest(small, np.arange(angle - 0.4, angle + 0.41, 0.1))
    return _sharpest(half, np.arange(angle - 0.1, angle + 0.11, 0.025))


def _sharpest(ink: Mask, angles: NDArray[np.float64]) -> float:
    scores: list[tuple[float, float, float]] = []
    for angle in angles.tolist():
        profile = turned(ink, angle, 0).sum(axis=1, dtype=np.float64)
        scores.append((float(((profile[1:] - profile[:-1]) ** 2).sum()), -abs(angle), angle))
    return max(scores)[2]


def turned(gray: Gray, degrees: float, paper: int = 255) -> Gray:
    """Turned about its middle, its size kept."""
    import cv2

    height, width = gray.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    result: Gray = cv2.warpAffine(gray, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=paper)
    return result


def sheet_of(gray: Gray) -> Sheet:
    """The page with its rules found. ``gray`` is upright and evenly lit."""
    import cv2

    soft = cv2.GaussianBlur(gray, (3, 3), 0)
    dark = (soft < 255 * INK).astype(np.uint8) * 255
    local = cv2.adaptiveThreshold(soft, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 41, 14)
    level, upright = _rules(dark | local, 1)
    if not upright:
        level, upright = _rules(dark | local, LONGEST_RULE_GAP)
    lines = np.zeros_like(dark)
    for stroke in (*level, *upright):
        lines[stroke.top : stroke.bottom, stroke.left : stroke.right] |= stroke.mask
    lines = cv2.dilate(lines, np.ones((5, 5), np.uint8))
    ink = dark & ~lines
    return Sheet(
        gray,
        ink,
        lines,
        [(stroke.place * POINTS, stroke.left * POINTS, stroke.right * POINTS) for stroke in level],
        [(stroke.place * POINTS, stroke.top * POINTS, stroke.bottom * POINTS) for stroke in upright],
    )


@dataclass(frozen=True, slots=True)
class Stroke:
    """A straight line of ink: its box in pixels, its middle across, its pixels."""

    left: int
    top: int
    right: int
    bottom: int
    place: float
    mask: Mask


def _rules(dark: Mask, bridged: int) -> tuple[list[Stroke], list[Stroke]]:
    """Level and upright rules. Gaps shorter than ``bridged`` pixels are closed: strokes of neighbouring characters, too, become
    lines by it, so it is done only where no whole rules are."""
    return _connected(
        _strokes(dark, SHORTEST_LEVEL, bridged, across=True), _strokes(dark, SHORTEST_UPRIGHT, bridged, across=False)
    )


def _strokes(dark: Mask, shortest: int, bridged: int, across: bool) -> list[Stroke]:
    """Lines of ink of at least that length."""
    import cv2

    def bar(length: int) -> Mask:
        return np.ones((1, length) if across else (length, 1), np.uint8)

    # thickened across first: a line that still leans a little stays whole
    thick = cv2.dilate(dark, np.ones((3, 1) if across else (1, 3), np.uint8))
    whole = cv2.morphologyEx(thick, cv2.MORPH_CLOSE, bar(bridged)) if bridged > 1 else thick
    found = cv2.morphologyEx(whole, cv2.MORPH_OPEN, bar(shortest))
    count, labels, stats, middles = cv2.connectedComponentsWithStats(found, connectivity=8)
    strokes = []
    for index in range(1, count):
        left, top, width, height, area = (int(value) for value in stats[index])
        long, thin = (width, height) if across else (height, width)
        if area / long > THICKEST or long < 3 * thin:  # shading, a picture, strokes of neighbouring characters run together
            continue
        mask = (labels[top : top + height, left : left + width] == index).astype(np.uint8) * 255
        strokes.append(Stroke(left, top, left + width, top + height, float(middles[index][1 if across else 0]), mask))
    return strokes


def _connected(level: list[Stroke], upright: list[Stroke]) -> tuple[list[Stroke], list[Stroke]]:
    """Without strokes of characters and underlines: an upright rule ends at level ones, a short level one at upright ones, and
    all that hang together are as wide as a table."""
    while True:
        uprights = [
            stroke
            for stroke in upright
            if any(_meets(stroke.place, stroke.top, other) for other in level)
            and any(_meets(stroke.place, stroke.bottom, other) for other in level)
        ]
        levels = [
            stroke
            for stroke in level
            if stroke.right - stroke.left > TABLE_WIDTH
            or all(any(_reaches(stroke.place, end, other) for other in uprights) for end in (stroke.left, stroke.right))
        ]
        if len(uprights) == len(upright) and len(levels) == len(level):
            break
        level, upright = levels, uprights
    return _wide(level, upright)


def _wide(level: list[Stroke], upright: list[Stroke]) -> tuple[list[Stroke], list[Stroke]]:
    """The rules that hang together with others over the width of a table."""
    group = list(range(len(level)))
    meeting = [[index for index, other in enumerate(level) if _crosses(stroke, other)] for stroke in upright]
    for met in meeting:
        for index in met[1:]:
            old, new = group[index], group[met[0]]
            group = [new if one == old else one for one in group]
    width = {
        one: max(level[k].right for k, g in enumerate(group) if g == one)
        - min(level[k].left for k, g in enumerate(group) if g == one)
        for one in set(group)
    }
    return (
        [stroke for stroke, one in zip(level, group, strict=True) if width[one] > TABLE_WIDTH],
        [stroke for stroke, met in zip(upright, meeting, strict=True) if met and width[group[met[0]]] > TABLE_WIDTH],
    )


def _crosses(upright: Stroke, level: Stroke) -> bool:
    return (
        level.left - TOUCHES <= upright.place <= level.right + TOUCHES
        and level.top - TOUCHES <= upright.bottom
        and level.bottom + TOUCHES >= upright.top
    )


def _meets(x: float, y: float, level: Stroke) -> bool:
    return level.left - TOUCHES <= x <= level.right + TOUCHES and level.top - TOUCHES <= y <= level.bottom + TOUCHES


def _reaches(y: float, x: float, upright: Stroke) -> bool:
    return upright.top - TOUCHES <= y <= upright.bottom + TOUCHES and upright.left - TOUCHES <= x <= upright.right + TOUCHES
