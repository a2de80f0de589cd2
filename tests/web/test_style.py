"""Colours that everybody can tell apart: the contrasts of WCAG 2.2 AA, by day and by night."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[2] / "web" / "static" / "hecha.css").read_text("utf-8")
TEXT, LARGE = 4.5, 3.0
PAIRS = [  # what is written on what
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("paper", "card", "sunk")),
    *((tone, f"{tone}-soft") for tone in ("error", "warning", "notice", "doubt", "good")),
    *((tone, "card") for tone in ("error", "warning", "notice", "doubt", "good", "accent", "accent-strong", "signal")),
    ("accent", "paper"),
    ("accent-strong", "accent-soft"),
    ("ink-2", "quiet-soft"),
    ("top-ink", "top"),
]
ON_PAPER = (".drawn-page", ".place")
EDGES = [("line-2", "card"), ("accent", "card"), ("signal", "paper")]  # of fields, of the focus, of what is current


def tokens(night: bool) -> dict[str, str]:
    day, dark = re.findall(r":root \{(.*?)\}", CSS, re.S)[:2]
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", day))
    return found | (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark)) if night else {})


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_contrast_is_reckoned_as_the_standard_does() -> None:
    assert (round(contrast("#000000", "#ffffff"), 1), round(contrast("#767676", "#ffffff"), 2)) == (21.0, 4.54)


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
def test_what_is_written_can_be_read(night: bool) -> None:
    found = tokens(night)
    weak = {f"{ink} on {ground}": round(contrast(found[ink], found[ground]), 2) for ink, ground in PAIRS}

    assert {pair: value for pair, value in weak.items() if value < TEXT} == {}


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
def test_edges_of_fields_and_of_the_focus_can_be_seen(night: bool) -> None:
    found = tokens(night)
    weak = {f"{ink} on {ground}": round(contrast(found[ink], found[ground]), 2) for ink, ground in EDGES}

    assert {pair: value for pair, value in weak.items() if value < LARGE} == {}


def test_no_colour_stands_outside_the_tokens_of_other_areas() -> None:
    """A plain colour in an area's own style would not follow into the night; what is drawn on a picture of paper need not."""
    plain = {}
    for path in sorted((Path(__file__).parents[2] / "web" / "static").glob("*.css")):
        if path.name != "hecha.css":
            rules = re.findall(r"([^{}]+)\{([^{}]*#[0-9a-fA-F]{3,8}\b[^{}]*)\}", path.read_text("utf-8"))
            plain[path.name] = [selector.strip() for selector, _ in rules if not selector.strip().startswith(ON_PAPER)]

    assert {name: found for name, found in plain.items() if found} == {}
