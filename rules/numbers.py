"""Take a number out of a printed figure: ``１，２３４``, ``9件``, ``251000元``, ``+1036``, ``（5）``, ``一百二十``.

Blank, "/" and "无" are no numbers and not zero. Nothing is guessed: ``1 2``, ``1.2.3``, ``1e5``, ``①`` and ``3万`` are no numbers either.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from rules.filing import Number

LARGEST = 10**12  # beyond it a count or an amount in a report is a slip of the reader or a bomb
LONGEST = 40  # characters; no figure is longer
UNITS = "件次|件|份|条|项|起|宗|例|个|人次|人|次|篇|家|亿元|万元|元"
PLACEHOLDER = re.compile(r"[/／\\\-‐‑－—–―─━−﹣一*＊…]+|[\[（(]?(?:无|空|没有|不适用|N/?A)[\]）)]?[。.]?", re.IGNORECASE)
INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")
MINUS = str.maketrans(
    {"−": "-", "－": "-", "﹣": "-", "‐": "-", "‑": "-", "–": "-", "＋": "+", "﹢": "+", "，": ",", "．": ".", "。": "."}
)
WORDED_SIGN = re.compile(r"(新增|增加?|减少?)(?:了)?(?=\d)")  # 减3 in the column 本年增/减
FIGURE = re.compile(rf"([+-]?)(¥?)(\d+|\d{{1,3}}(?:,\d{{3}})+)?(\.\d+)?({UNITS})?([.、;]?)", re.ASCII)
BRACKETED = re.compile(r"\((\d+|\d{1,3}(?:,\d{3})+)(\.\d+)?\)", re.ASCII)
HAN_FIGURE = re.compile(rf"([零〇○一二两三四五六七八九十百千万亿]+)({UNITS})?")
HAN_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
HAN_TENS = {"十": 10, "百": 100, "千": 1000}


@dataclass(frozen=True, slots=True)
class Figure:
    """value is None if the text is no number. unit is as printed, "" if none.

    odd says what a careful clerk would not have written: "full_width", "thousands", "spaced" (``1 2``: value None), "han", "unit",
    "stop" (``12。``, ``.5``), "worded" (``减3``, ``增加 5``), "".
    """

    value: Number | None
    unit: str = ""
    odd: str = ""


NOTHING = Figure(None)


@lru_cache(maxsize=8192)
def parse_figure(raw: str) -> Figure:
    """The number that a table cell prints. Never raises."""
    text = INVISIBLE.sub("", raw).strip()
    if not text or len(text) > LONGEST:
        return NOTHING
    if text.isdigit() and text.isascii():
        return Figure(_number("", text, ""))
    if any(_folds_to_digits(char) for char in text):
        return NOTHING
    folded = unicodedata.normalize("NFKC", text).translate(MINUS).strip()
    bracketed = BRACKETED.fullmatch(folded)
    if bracketed:
        return Figure(_number("-", bracketed[1], bracketed[2] or ""))
    compact = re.sub(r"\s+", "", folded)
    worded = WORDED_SIGN.match(compact)
    if worded is not None:
        compact = ("-" if worded[1].startswith("减") else "+") + compact[worded.end() :]
    match = FIGURE.fullmatch(compact)
    if match is None or not (match[3] or match[4]):
        return _han_figure(compact)
    if re.search(r"\d\s+\d", folded):
        return Figure(None, odd="spaced")
    sign, currency, whole, fraction, unit, stop = (group or "" for group in match.groups())
    value = _number(sign, whole or "0", fraction)
    if value is None or (currency and unit not in ("", "元")):
        return NOTHING
    if worded is not None:
        odd = "worded"
    elif stop or not whole:
        odd = "stop"
    else:
        full_width = any("０" <= char <= "９" for char in text)
        odd = "full_width" if full_width else "thousands" if "," in whole else "unit" if unit or currency else ""
    return Figure(value, unit or ("元" if currency else ""), odd)


def _folds_to_digits(char: str) -> bool:
    """True for ``²``, ``①``, ``½``: marks that folding would turn into digits and glue to the figure beside them."""
    if char.isascii() or unicodedata.category(char) == "Nd":
        return False
    return any("0" <= part <= "9" for part in unicodedata.normalize("NFKC", char))


def _han_figure(text: str) -> Figure:
    """十二, 十二件, 零元; a lone 一 is a dash that lost its way."""
    match = None if PLACEHOLDER.fullmatch(text) else HAN_FIGURE.fullmatch(text)
    value = parse_han(match[1]) if match is not None else None
    return NOTHING if match is None or value is None else Figure(value, match[2] or "", "han")


def parse_han(text: str) -> int | None:
    """The whole number that Chinese numerals spell (一百二十, 一千零五, 二百五, 二〇二三, 三万), None if they spell none."""
    if not text or len(text) > LONGEST:
        return None
    if all(char in HAN_DIGITS for char in text):
        return int("".join(str(HAN_DIGITS[char]) for char in text)) if len(text) <= 9 else None
    total = 0
    above = 0  # the myriad read last: the next must be smaller
    rest = text
    for myriad, worth in (("亿", 100_000_000), ("万", 10_000)):
        head, mark, tail = rest.partition(myriad)
        if mark:
            value = _below_myriad(head)
            if value is None or value == 0:
                return None
            total, above, rest = total + value * worth, worth, tail
    if rest:
        value = _below_myriad(rest, after=above)
        if value is None:
            return None
        total += value
    return total if total <= LARGEST else None


def _below_myriad(text: str, after: int = 0) -> int | None:
    """A number up to 9999. A digit that follows its unit without 零 counts tenths of it: 二百五 is 250, 三万五 is 35000."""
    total = 0
    unit = after or 10_000
    digit: int | None = None
    zero = False
    for index, char in enumerate(text):
        if char in HAN_TENS:
            worth = HAN_TENS[char]
            if worth >= unit or (digit is None and not (char == "十" and index == 0)):
                return None
            total, unit, digit, zero = total + (1 if digit is None else digit) * worth, worth, None, False
        elif char in HAN_DIGITS:
            if digit is not None:
                return None
            if HAN_DIGITS[char] == 0:
                zero = True
            else:
                digit = HAN_DIGITS[char]
        else:
            return None
    if digit is None:
        return total if text[-1:] in HAN_TENS else None
    tenths = unit >= 100 and not zero and (total > 0 or after > 0)
    return total + digit * (unit // 10 if tenths else 1)


def is_placeholder(raw: str) -> bool:
    """True for "/", "—", "无" and their like: printed on purpose, and no number."""
    return PLACEHOLDER.fullmatch("".join(INVISIBLE.sub("", raw).split())) is not None


def _number(sign: str, whole: str, fraction: str) -> Number | None:
    digits = whole.replace(",", "").lstrip("0") or "0"
    if len(digits) > 13 or len(fraction) > 19:
        return None
    value: Number = Decimal(sign + digits + fraction) if fraction else int(sign + digits)
    if isinstance(value, Decimal) and not value:
        return value.copy_abs()  # no minus zero
    return value if -LARGEST <= value <= LARGEST else None
