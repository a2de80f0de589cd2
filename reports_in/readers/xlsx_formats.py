"""Number formats of Excel: what a stored number looks like in its cell.

Source: ECMA-376 part 1, section 18.8.31 (numFmts). Colours, conditions and the width of fills are of no matter here.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

GENERAL = "General"
STANDARD = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    37: "#,##0;-#,##0",
    38: "#,##0;-#,##0",
    39: "#,##0.00;-#,##0.00",
    40: "#,##0.00;-#,##0.00",
    41: '#,##0;-#,##0;"-"',
    42: '#,##0;-#,##0;"-"',
    43: '#,##0.00;-#,##0.00;"-"',
    44: '#,##0.00;-#,##0.00;"-"',
    **dict.fromkeys((14, 15, 16, 27, 28, 29, 30, 36, 50, 52, 53, 54, 57), "yyyy-m-d"),
    17: "yyyy-m",
    31: 'yyyy"年"m"月"d"日"',
    51: 'm"月"d"日"',
    58: 'm"月"d"日"',
    22: "yyyy-m-d h:mm",
    55: 'yyyy"年"m"月"',
    56: 'm"月"d"日"',
}
DIGITS = 15  # that Excel keeps of a number
TOKEN = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[[^\]]*\]|(General)|([0#?.,%/@Ee+-]+)|(.)', re.IGNORECASE | re.DOTALL)
DATE_PART = re.compile(r"y+|m+|d+|h+|s+|\.0+|[^ymdhs]", re.IGNORECASE)
EPOCH, EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # of 1900, as Excel counts: its 1900 had a 29 February
LAST_DAY = 2_958_466


class _Section(NamedTuple):
    """before and after are printed as they are; decimals is None where the section prints no number."""

    before: str
    after: str
    decimals: int | None
    grouped: bool
    percent: int
    least: int
    general: bool


def standard_format(key: int) -> str:
    """The format that Excel means by a number without a definition in the file."""
    return STANDARD.get(key, GENERAL)


def shown(stored: str, code: str, from_1904: bool = False) -> str:
    """The text of a cell that holds this number in this format. What is no number comes back as it is stored."""
    try:
        value = Decimal(stored)
    except InvalidOperation:
        return stored
    if not value.is_finite() or abs(value.adjusted()) > 300:
        return stored
    if _is_date(code):
        return _date(value, code, from_1904) or _general(value)
    sections = _sections(code)
    at = _section_of(value, len(sections))
    section = sections[at]
    if section.general:
        return section.before + _general(abs(value) if at == 1 else value) + section.after
    if section.decimals is None:
        return section.before + section.after
    size = abs(value) * 100**section.percent
    if size.adjusted() > 30:
        return _general(value)
    rounded = size.quantize(Decimal(1).scaleb(-section.decimals), ROUND_HALF_UP)
    digits = f"{rounded:,f}" if section.grouped else f"{rounded:f}"
    if section.least == 0 and rounded < 1:  # "#" prints no leading zero, and nothing at all for 0
        digits = digits[1:] if section.decimals else ""
    sign = "-" if value < 0 and at != 1 and rounded else ""
    return f"{sign}{section.before}{digits}{section.after}"


def _general(value: Decimal) -> str:
    """Without the noise of binary fractions: 0.30000000000000004 is 0.3, 3.0 is 3."""
    kept = f"{float(value):.{DIGITS}g}"
    text = f"{Decimal(kept):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _section_of(value: Decimal, count: int) -> int:
    """Positive, negative, zero, in this order; fewer sections share."""
    if value < 0:
        return 1 if count > 1 else 0
    return 2 if value == 0 and count > 2 else 0


@lru_cache(maxsize=512)
def _sections(code: str) -> tuple[_Section, ...]:
    parts = re.findall(r'(?:"[^"]*"|\\.|[^;"\\]|["\\])+|(?<=;)(?=;|$)|^(?=;)', code) or [GENERAL]
    return tuple(_section(part) for part in parts[:3])


def _section(part: str) -> _Section:
    before, after, pattern = "", "", ""
    general = False
    percent = 0
    for match in TOKEN.finditer(part):
        quoted, escaped, standard, digits, other = match.groups()
        if standard:
            general = True
        elif digits and digits.strip("@+-/") and any(sign in digits for sign in "0#?"):
            pattern += digits.replace("%", "")
            percent += digits.count("%")
            after += "%" * digits.count("%")
        elif digits and "@" in digits:
            general = True
        else:
            if digits:
                percent += digits.count("%")
            literal = quoted or escaped or digits or other or ""
            if pattern or general:
                after += literal
            else:
                before += literal
    lead = re.match(r"[+-]+", pattern)
    if lead:
        before, pattern = before + lead[0], pattern[lead.end() :]
    if "/" in pattern or "E" in pattern.upper():
        return _Section(before, after, None, False, 0, 0, True)  # fractions and powers of ten: the plain number
    whole, _, fraction = pattern.partition(".")
    decimals = sum(fraction.count(sign) for sign in "0#?") if pattern else None
    return _Section(before, after, decimals, "," in whole.rstrip(","), percent, whole.count("0"), general)


@lru_cache(maxsize=512)
def _is_date(code: str) -> bool:
    bare = re.sub(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|General', "", code, flags=re.IGNORECASE).split(";")[0]
    return bool(re.search(r"[ymdhs]", bare, re.IGNORECASE)) and not re.search(r"[0#?]{2}|#", re.sub(r"\.0+", "", bare))


def _date(value: Decimal, code: str, from_1904: bool) -> str | None:
    """Year, month, day and time as the format orders them; None for a number that is no day."""
    if not 0 <= value < LAST_DAY:
        return None
    moment = (EPOCH_1904 if from_1904 else EPOCH) + timedelta(days=float(value))
    if moment.microsecond >= 500_000:
        moment += timedelta(seconds=1)
    first = re.sub(r'"([^"]*)"|\\(.)|_.|\*.|\[[^\]]*\]', r"\1\2", re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', code)[0])
    parts = DATE_PART.findall(first)
    text = ""
    after_hours = False
    for index, part in enumerate(parts):
        sign = part[0].lower()
        if sign == "y":
            text += f"{moment.year:04}" if len(part) > 2 else f"{moment.year % 100:02}"
        elif sign == "m":
            following = next((one[0].lower() for one in parts[index + 1 :] if one[0].lower() in "ymdhs"), "")
            minutes = after_hours or following == "s"
            text += str(moment.minute if minutes else moment.month).zfill(min(len(part), 2))
        elif sign in "dhs":
            number = {"d": moment.day, "h": moment.hour, "s": moment.second}[sign]
            text += str(number).zfill(min(len(part), 2))
        elif not part.startswith(".0"):
            text += part
        after_hours = sign == "h" or (after_hours and sign not in "ymd")
    return text
