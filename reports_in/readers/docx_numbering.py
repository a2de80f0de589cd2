"""The numbers that Word prints before a paragraph and does not store in its text: 一、 （一） 1. ① ...

A heading whose number is automatic would otherwise read 总体情况, and a gap in the numbers could not be seen.
Source: ECMA-376 part 1, section 17.9 (numbering).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

PLACEHOLDER = re.compile(r"%([1-9])")
HAN = "零一二三四五六七八九"
DEEPEST = 9
ROMAN = tuple(
    zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ["M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"],
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class Level:
    """text holds ``%1`` for the counter of level 0, and so on; form is Word's ``numFmt``."""

    form: str
    text: str
    start: int


@dataclass(slots=True)
class Numbering:
    """Counts the numbered paragraphs of a document in reading order. Call ``label`` once for each of them."""

    levels: dict[str, dict[int, Level]] = field(default_factory=dict)  # numId -> level -> form
    shared: dict[str, str] = field(default_factory=dict)  # numId -> abstractNumId: lists of one kind count on
    _counts: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    _begun: set[str] = field(default_factory=set)
    restarting: set[str] = field(default_factory=set)  # numIds that start anew

    def label(self, num_id: str, level: int) -> str:
        """The number printed before this paragraph; "" for bullets and unknown lists."""
        found = self.levels.get(num_id, {})
        own = found.get(level)
        if own is None or not 0 <= level < DEEPEST:
            return ""
        counts = self._counts[self.shared.get(num_id, num_id)]
        if num_id in self.restarting and num_id not in self._begun:
            counts.clear()
        self._begun.add(num_id)
        counts[level] = counts.get(level, own.start - 1) + 1
        for deeper in [key for key in counts if key > level]:
            del counts[deeper]
        if own.form in ("bullet", "none"):
            return "" if own.form == "bullet" else own.text if "%" not in own.text else ""

        def counter(match: re.Match[str]) -> str:
            index = int(match[1]) - 1
            form = found.get(index, own)
            return in_form(counts.get(index, form.start), form.form)

        return PLACEHOLDER.sub(counter, own.text)


def read_numbering(root: etree._Element | None, w: str) -> Numbering:
    """The lists of ``numbering.xml``; ``w`` is the namespace in braces."""
    numbering = Numbering()
    if root is None:
        return numbering
    abstract: dict[str, dict[int, Level]] = {}
    for node in root.iterfind(f"{w}abstractNum"):
        abstract[node.get(f"{w}abstractNumId", "")] = {
            int(level.get(f"{w}ilvl", "0") or 0): _level(level, w) for level in node.iterfind(f"{w}lvl")
        }
    for node in root.iterfind(f"{w}num"):
        num_id = node.get(f"{w}numId", "")
        reference = node.find(f"{w}abstractNumId")
        base = "" if reference is None else reference.get(f"{w}val", "")
        levels = dict(abstract.get(base, {}))
        for override in node.iterfind(f"{w}lvlOverride"):
            index = int(override.get(f"{w}ilvl", "0") or 0)
            level = override.find(f"{w}lvl")
            start = override.find(f"{w}startOverride")
            if level is not None:
                levels[index] = _level(level, w)
            if start is not None and index in levels:
                levels[index] = Level(levels[index].form, levels[index].text, _number(start.get(f"{w}val")))
                numbering.restarting.add(num_id)
        numbering.levels[num_id] = levels
        numbering.shared[num_id] = base
    return numbering


def _level(node: etree._Element, w: str) -> Level:
    values = {name: node.find(f"{w}{name}") for name in ("numFmt", "lvlText", "start")}
    form, text, start = ("" if child is None else child.get(f"{w}val", "") for child in values.values())
    return Level(form or "decimal", text, _number(start))


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.lstrip("-").isdigit() else 1


def in_form(number: int, form: str) -> str:
    """The number as Word prints it in that ``numFmt``; Arabic digits for forms that no report uses."""
    return FORMS.get(form, str)(number)


def _han(number: int) -> str:
    """一, 十, 十一, 二十, 一百零一; Arabic digits above 9999."""
    if not 0 < number < 10_000:
        return str(number)
    parts: list[str] = []
    zero = False
    for unit, mark in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            parts.append(
                ("零" if zero and parts else "") + ("" if mark == "十" and digit == 1 and not parts else HAN[digit]) + mark
            )
            zero = False
        else:
            zero = True
    return "".join(parts)


def _letters(number: int) -> str:
    return chr(ord("A") + (number - 1) % 26) * ((number - 1) // 26 + 1) if number > 0 else str(number)


def _roman(number: int) -> str:
    text = ""
    for value, mark in ROMAN:
        while number >= value and len(text) < 20:
            text, number = text + mark, number - value
    return text


FORMS: dict[str, Callable[[int], str]] = {
    "chineseCounting": _han,
    "chineseCountingThousand": _han,
    "japaneseCounting": _han,
    "taiwaneseCounting": _han,
    "taiwaneseCountingThousand": _han,
    "ideographDigital": lambda number: "".join(HAN[int(digit)] for digit in str(abs(number))),
    "chineseLegalSimplified": _han,
    "decimalFullWidth": lambda number: "".join(chr(0xFF10 + int(digit)) for digit in str(abs(number))),
    "decimalEnclosedCircle": lambda number: chr(0x2460 + number - 1) if 0 < number <= 20 else str(number),
    "decimalEnclosedCircleChinese": lambda number: chr(0x2460 + number - 1) if 0 < number <= 20 else str(number),
    "upperLetter": _letters,
    "lowerLetter": lambda number: _letters(number).lower(),
    "upperRoman": _roman,
    "lowerRoman": lambda number: _roman(number).lower(),
    "decimalZero": lambda number: f"{number:02}",
}
