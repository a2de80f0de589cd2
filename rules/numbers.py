"""Take a number out of a printed figure: ``１，２３４``, ``9件``, ``251000元``, ``+1036``, ``（5）``, ``一百二十``.

Blank, "/" and "无" are no numbers and not zero. Nothing is guessed: ``1 2``, ``1.2.3`` and ``1e5`` are no numbers either.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from rules.filing import Number

LARGEST = 10**12  # beyond it a count or an amount in a report is a slip of the reader or a bomb
UNITS = "件次|件|份|条|项|起|宗|例|个|人次|人|次|篇|家|亿元|万元|元|万"
PLACEHOLDERS = frozenset("/／\\-－—–―─一无") | {"——", "--", "//", "―", "无。", "／", "N/A", "n/a", "不适用"}
INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")
MINUS = str.maketrans(
    {"−": "-", "－": "-", "﹣": "-", "‐": "-", "‑": "-", "–": "-", "＋": "+", "﹢": "+", "，": ",", "．": ".", "。": "."}
)
FIGURE = re.compile(rf"([+-]?)(\d+|\d{{1,3}}(?:,\d{{3}})+)(\.\d+)?({UNITS})?")
BRACKETED = re.compile(r"[(（](\d[\d,]*(?:\.\d+)?)[)）]")
HAN_DIGITS = {
    "零": 0,
    "〇": 0,
    "○": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
HAN_TENS = {"十": 10, "百": 100, "千": 1000}


@dataclass(frozen=True, slots=True)
class Figure:
    """value is None if the text is no number. unit is as printed, "" if none.

    odd says what a careful clerk would not have written: "full_width", "thousands", "spaced" (``1 2``: value None), "han", "unit", "".
    """

    value: Number | None
    unit: str = ""
    odd: str = ""


@lru_cache(maxsize=8192)  # a report prints few different figures, most of them 0
def parse_figure(raw: str) -> Figure:
    """The number that a table cell prints. Never raises."""
    text = INVISIBLE.sub("", raw).strip()
    if not text or len(text) > 40:
        return Figure(None)
    folded = unicodedata.normalize("NFKC", text).translate(MINUS).strip()
    full_width = any("０" <= char <= "９" for char in text)
    if any(not ("0" <= char <= "9") and char.isdigit() for char in folded) or any(char in "²³¹" for char in text):
        return Figure(None)
    bracketed = BRACKETED.fullmatch(folded)
    if bracketed:
        return Figure(_number("-", bracketed[1], ""))
    compact = re.sub(r"\s+", "", folded)
    match = FIGURE.fullmatch(compact)
    if match is None:
        han = parse_han(compact) if compact not in PLACEHOLDERS else None
        return Figure(han, odd="han") if han is not None else Figure(None)
    if re.search(r"\d\s+\d", folded):
        return Figure(None, odd="spaced")
    value = _number(match[1], match[2], match[3] or "")
    unit = match[4] or ""
    odd = "full_width" if full_width else "thousands" if "," in match[2] else "unit" if unit else ""
    return Figure(value, unit, odd)


def parse_han(text: str) -> int | None:
    """The whole number that Chinese numerals spell (一百二十, 一千零五, 二〇二三, 三万), None if they spell none."""
    if not text or any(char not in HAN_DIGITS and char not in HAN_TENS and char not in "万亿" for char in text):
        return None
    if all(char in HAN_DIGITS for char in text):
        return int("".join(str(HAN_DIGITS[char]) for char in text)) if len(text) <= 9 else None
    total = section = digit = 0
    for char in text:
        if char in HAN_DIGITS:
            digit = HAN_DIGITS[char]
        elif char in HAN_TENS:
            section += (digit or 1) * HAN_TENS[char]
            digit = 0
        else:
            total = (total + section + digit) * (10_000 if char == "万" else 100_000_000)
            section = digit = 0
    value = total + section + digit
    return value if value <= LARGEST else None


def is_placeholder(raw: str) -> bool:
    """True for "/", "—", "无" and their like: printed on purpose, and no number."""
    return INVISIBLE.sub("", raw).strip() in PLACEHOLDERS


def _number(sign: str, whole: str, fraction: str) -> Number | None:
    digits = whole.replace(",", "")
    if len(digits) > 13:
        return None
    value: Number = Decimal(sign + digits + fraction) if fraction else int(sign + digits)
    return value if abs(value) <= LARGEST else None
