"""The numbers that Word prints before a paragraph and does not store in its text: 一、 （一） 1. ① ...

A heading whose number is automatic would otherwise read 总体情况, and a gap in the numbers could not be seen.
Source: ECMA-376 part 1, section 17.9 (numbering).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from lxml import etree

PLACEHOLDER = re.compile(r"%([1-9])")
HAN = "零一二三四五六七八九"
FORMAL = str.maketrans("一二三四五六七八九十百千", "壹贰叁肆伍陆柒捌玖拾佰仟")
DEEPEST = 9
LARGEST = 32_767  # Word's own; a larger start value in a file is no number to print
ROMAN = tuple(
    zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ["M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"],
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class Level:
    """text holds ``%1`` for the counter of level 0, and so on; form is Word's ``numFmt``.

    spaced    a tab or a blank parts number and text in print.
    restart   the number of levels above that restart this one: None for all, 0 for none.
    legal     every counter is printed in Arabic digits.
    style     the paragraph style that stands for this level, "" if none.
    """

    form: str
    text: str
    start: int = 1
    spaced: bool = False
    restart: int | None = None
    legal: bool = False
    style: str = ""


@dataclass(slots=True)
class Numbering:
    """Counts the numbered paragraphs of a document in reading order. Call ``label`` once for each of them."""

    levels: dict[str, dict[int, Level]] = field(default_factory=dict)  # numId -> level -> form
    shared: dict[str, str] = field(default_factory=dict)  # numId -> abstractNumId: lists of one kind count on
    restarting: dict[str, frozenset[int]] = field(default_factory=dict)  # numId -> levels that start anew at its first use
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _begun: set[str] = field(default_factory=set)

    def level_of(self, num_id: str, style: str) -> int | None:
        """The level of a list that a paragraph style stands for."""
        return next((index for index, level in self.levels.get(num_id, {}).items() if style and level.style == style), None)

    def label(self, num_id: str, level: int) -> str:
        """The number printed before this paragraph; "" for bullets and unknown lists."""
        found = self.levels.get(num_id, {})
        own = found.get(level)
        if own is None:
            return ""
        counts = self._counts.setdefault(self.shared.get(num_id, num_id), {})
        if num_id not in self._begun:
            self._begun.add(num_id)
            for index in self.restarting.get(num_id, ()):
                counts.pop(index, None)
        counts[level] = counts.get(level, own.start - 1) + 1
        for deeper in [key for key in counts if key > level]:
            restart = found[deeper].restart if deeper in found else None
            if restart is None or level < restart:
                del counts[deeper]
        if own.form == "bullet":
            return ""

        def counter(match: re.Match[str]) -> str:
            index = int(match[1]) - 1
            form = found.get(index, own)
            return in_form(counts.get(index, form.start), "decimal" if own.legal else form.form)

        label = PLACEHOLDER.sub(counter, own.text)
        return label + " " if own.spaced and label[-1:].isalnum() else label


def read_numbering(root: etree._Element | None, w: str) -> Numbering:
    """The lists of ``numbering.xml``; ``w`` is the namespace in braces."""
    numbering = Numbering()
    if root is None:
        return numbering
    abstract: dict[str, dict[int, Level]] = {}
    named: dict[str, str] = {}  # list style -> the abstract list that defines it
    linked: dict[str, str] = {}  # abstract list -> the list style that it takes its levels from
    for node in root.iterfind(f"{w}abstractNum"):
        key = node.get(f"{w}abstractNumId", "")
        abstract[key] = _levels(node, w)
        if style := _value(node.find(f"{w}styleLink"), w):
            named[style] = key
        if style := _value(node.find(f"{w}numStyleLink"), w):
            linked[key] = style
    for key, style in linked.items():
        if not abstract[key]:
            abstract[key] = abstract.get(named.get(style, ""), {})
    for node in root.iterfind(f"{w}num"):
        num_id = node.get(f"{w}numId", "")
        base = _value(node.find(f"{w}abstractNumId"), w)
        levels = dict(abstract.get(base, {}))
        restarting = set()
        for override in node.iterfind(f"{w}lvlOverride"):
            index = number(override.get(f"{w}ilvl"), 0)
            level = override.find(f"{w}lvl")
            start = override.find(f"{w}startOverride")
            if level is not None and index < DEEPEST:
                levels[index] = _level(level, w)
            if start is not None and index in levels:
                levels[index] = replace(levels[index], start=number(_value(start, w), 0))
                restarting.add(index)
        numbering.levels[num_id] = levels
        numbering.shared[num_id] = base
        numbering.restarting[num_id] = frozenset(restarting)
    return numbering


def _levels(node: etree._Element, w: str) -> dict[int, Level]:
    found = {number(level.get(f"{w}ilvl"), 0): _level(level, w) for level in node.iterfind(f"{w}lvl")}
    return {index: level for index, level in found.items() if index < DEEPEST}


def _level(node: etree._Element, w: str) -> Level:
    restart = node.find(f"{w}lvlRestart")
    legal = node.find(f"{w}isLgl")
    return Level(
        form=_value(node.find(f"{w}numFmt"), w) or "decimal",
        text=_value(node.find(f"{w}lvlText"), w),
        start=number(_value(node.find(f"{w}start"), w), 0),  # ECMA-376: 0 if not stated
        spaced=_value(node.find(f"{w}suff"), w) != "nothing",
        restart=None if restart is None else number(_value(restart, w), 0),
        legal=legal is not None and _value(legal, w) not in ("0", "false", "off"),
        style=_value(node.find(f"{w}pStyle"), w),
    )


def _value(node: etree._Element | None, w: str) -> str:
    return "" if node is None else str(node.get(f"{w}val", ""))


def number(text: str | None, otherwise: int) -> int:
    """The count that an attribute states, at most 9 digits long; ``otherwise`` if it states none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else otherwise


def in_form(count: int, form: str) -> str:
    """The number as Word prints it in that ``numFmt``; Arabic digits for forms that no report uses."""
    return FORMS.get(form, str)(count) if 0 <= count <= LARGEST else str(count)


def _han(count: int) -> str:
    """一, 十, 十一, 二十, 一百零一; Arabic digits for 0 and above 9999."""
    if not 0 < count < 10_000:
        return str(count)
    parts: list[str] = []
    zero = False
    for unit, mark in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, count = divmod(count, unit)
        if digit:
            one = mark == "十" and digit == 1 and not parts
            parts.append(("零" if zero and parts else "") + ("" if one else HAN[digit]) + mark)
            zero = False
        else:
            zero = True
    return "".join(parts)


def _digits(first: int) -> Callable[[int], str]:
    return lambda count: "".join(chr(first + int(digit)) for digit in str(count))


def _signs(first: int, last: int) -> Callable[[int], str]:
    """A form with a character of its own for each of the numbers 1 to ``last``."""
    return lambda count: chr(first + count - 1) if 0 < count <= last else str(count)


def _letters(count: int) -> str:
    return chr(ord("A") + (count - 1) % 26) * min((count - 1) // 26 + 1, 50) if count > 0 else str(count)


def _roman(count: int) -> str:
    text = ""
    for value, mark in ROMAN:
        while count >= value:
            text, count = text + mark, count - value
    return text


def _cycle(signs: str) -> Callable[[int], str]:
    return lambda count: signs[(count - 1) % len(signs)] if count > 0 else str(count)


FORMS: dict[str, Callable[[int], str]] = {
    "none": lambda count: "",
    **dict.fromkeys(
        (
            "chineseCounting",
            "chineseCountingThousand",
            "japaneseCounting",
            "taiwaneseCounting",
            "taiwaneseCountingThousand",
        ),
        _han,
    ),
    **dict.fromkeys(
        ("ideographDigital", "japaneseDigitalTenThousand"),
        lambda n: "".join("〇一二三四五六七八九"[int(digit)] for digit in str(n)),
    ),
    "chineseLegalSimplified": lambda count: _han(count).translate(FORMAL),
    "ideographTraditional": _cycle("甲乙丙丁戊己庚辛壬癸"),
    "ideographZodiac": _cycle("子丑寅卯辰巳午未申酉戌亥"),
    "decimalFullWidth": _digits(0xFF10),
    "decimalFullWidth2": _digits(0xFF10),
    "decimalEnclosedCircle": _signs(0x2460, 20),
    "decimalEnclosedCircleChinese": _signs(0x2460, 20),
    "decimalEnclosedParen": _signs(0x2474, 20),
    "decimalEnclosedFullstop": _signs(0x2488, 20),
    "ideographEnclosedCircle": _signs(0x3280, 10),
    "upperLetter": _letters,
    "lowerLetter": lambda count: _letters(count).lower(),
    "upperRoman": _roman,
    "lowerRoman": lambda count: _roman(count).lower(),
    "decimalZero": lambda count: f"{count:02}",
}
