"""What a printed figure means, and what is no number at all."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.numbers import LARGEST, Figure, is_placeholder, parse_figure, parse_han

# printed: value, unit, odd
FIGURES: dict[str, tuple[object, str, str]] = {
    # plain
    "0": (0, "", ""),
    "7": (7, "", ""),
    "12": (12, "", ""),
    "00": (0, "", ""),
    "007": (7, "", ""),
    "999999999999": (999999999999, "", ""),
    "1000000000000": (10**12, "", ""),
    "0000000000000000000000000005": (5, "", ""),
    " 12 ": (12, "", ""),
    "\t12\n": (12, "", ""),
    "\u00a012": (12, "", ""),
    "12\u3000": (12, "", ""),
    "12\u200b": (12, "", ""),
    "\ufeff12": (12, "", ""),
    "\u202e12": (12, "", ""),
    "1\u200b2": (12, "", ""),
    "12\u00ad3": (123, "", ""),
    "𝟏𝟐": (12, "", ""),
    # decimals
    "0.0": (Decimal("0.0"), "", ""),
    "12.50": (Decimal("12.50"), "", ""),
    "15.9100": (Decimal("15.9100"), "", ""),
    "5949.088667": (Decimal("5949.088667"), "", ""),
    "1．5": (Decimal("1.5"), "", ""),
    "1。5": (Decimal("1.5"), "", ""),
    "5.0": (Decimal("5.0"), "", ""),
    "-0.0": (Decimal("0.0"), "", ""),
    ".5": (Decimal("0.5"), "", "stop"),
    # signs
    "+1036": (1036, "", ""),
    "减3": (-3, "", "worded"),
    "减少 2项": (-2, "项", "worded"),
    "新增5": (5, "", "worded"),
    "增减3": (None, "", ""),
    "＋1036": (1036, "", ""),
    "﹢3": (3, "", ""),
    "-18": (-18, "", ""),
    "－18": (-18, "", ""),
    "−18": (-18, "", ""),
    "–18": (-18, "", ""),
    "‐18": (-18, "", ""),
    "‑18": (-18, "", ""),
    "﹣18": (-18, "", ""),
    "- 5": (-5, "", ""),
    "−\u00a05": (-5, "", ""),
    "-0": (0, "", ""),
    "+0": (0, "", ""),
    "-1.5": (Decimal("-1.5"), "", ""),
    "(5)": (-5, "", ""),
    "（5）": (-5, "", ""),
    "（1,234）": (-1234, "", ""),
    "(1,234.5)": (Decimal("-1234.5"), "", ""),
    "-1000000000000": (-(10**12), "", ""),
    # full width
    "１２３": (123, "", "full_width"),
    "０": (0, "", "full_width"),
    "１２．５": (Decimal("12.5"), "", "full_width"),
    "１，２３４": (1234, "", "full_width"),
    "1２": (12, "", "full_width"),
    "－５": (-5, "", "full_width"),
    "１２ 件": (12, "件", "full_width"),
    "５件次": (5, "件次", "full_width"),
    "３．１４万元": (Decimal("3.14"), "万元", "full_width"),
    # thousands, in groups of three only
    "1,234": (1234, "", "thousands"),
    "1，234": (1234, "", "thousands"),
    "1, 234": (1234, "", "thousands"),
    "12,345": (12345, "", "thousands"),
    "1,234,567": (1234567, "", "thousands"),
    "1,234.5": (Decimal("1234.5"), "", "thousands"),
    "-1,234": (-1234, "", "thousands"),
    "1,234元": (1234, "元", "thousands"),
    "1,23": (None, "", ""),
    "1,2345": (None, "", ""),
    "1234,567": (None, "", ""),
    ",123": (None, "", ""),
    "1,,234": (None, "", ""),
    "(1,23)": (None, "", ""),
    # units
    "9件": (9, "件", "unit"),
    "0件": (0, "件", "unit"),
    "12 件": (12, "件", "unit"),
    "12\u00a0件": (12, "件", "unit"),
    "3份": (3, "份", "unit"),
    "3条": (3, "条", "unit"),
    "3项": (3, "项", "unit"),
    "3起": (3, "起", "unit"),
    "3宗": (3, "宗", "unit"),
    "3例": (3, "例", "unit"),
    "3个": (3, "个", "unit"),
    "3篇": (3, "篇", "unit"),
    "12人次": (12, "人次", "unit"),
    "12次": (12, "次", "unit"),
    "251000元": (251000, "元", "unit"),
    "75394432.52元": (Decimal("75394432.52"), "元", "unit"),
    "0.00元": (Decimal("0.00"), "元", "unit"),
    "976.81万元": (Decimal("976.81"), "万元", "unit"),
    "0万元": (0, "万元", "unit"),
    "12亿元": (12, "亿元", "unit"),
    "¥12": (12, "元", "unit"),
    "￥12.5元": (Decimal("12.5"), "元", "unit"),
    "¥12件": (None, "", ""),
    "3万": (None, "", ""),
    "1.5万": (None, "", ""),
    "1.2亿": (None, "", ""),
    "1千": (None, "", ""),
    "12元整": (None, "", ""),
    "件": (None, "", ""),
    "元": (None, "", ""),
    "9件件": (None, "", ""),
    "件9": (None, "", ""),
    # a stop behind
    "12。": (12, "", "stop"),
    "12.": (12, "", "stop"),
    "12、": (12, "", "stop"),
    "12；": (12, "", "stop"),
    "9件。": (9, "件", "stop"),
    # split
    "1 2": (None, "", "spaced"),
    "1\u30002": (None, "", "spaced"),
    "1\u00a02": (None, "", "spaced"),
    "1\n2": (None, "", "spaced"),
    "12 345": (None, "", "spaced"),
    "1 2件": (None, "", "spaced"),
    "1 2 3": (None, "", "spaced"),
    # Chinese numerals
    "零": (0, "", "han"),
    "〇": (0, "", "han"),
    "○": (0, "", "han"),
    "二": (2, "", "han"),
    "两": (2, "", "han"),
    "十": (10, "", "han"),
    "十二": (12, "", "han"),
    "二十": (20, "", "han"),
    "一百二十": (120, "", "han"),
    "一百零五": (105, "", "han"),
    "二百五": (250, "", "han"),
    "三千": (3000, "", "han"),
    "三万": (30000, "", "han"),
    "三万五": (35000, "", "han"),
    "二〇二三": (2023, "", "han"),
    "十二件": (12, "件", "han"),
    "零元": (0, "元", "han"),
    "万": (None, "", ""),
    "百": (None, "", ""),
    "十十": (None, "", ""),
    "廿": (None, "", ""),
    "壹": (None, "", ""),
    # no numbers
    "": (None, "", ""),
    " ": (None, "", ""),
    "\u200b": (None, "", ""),
    "/": (None, "", ""),
    "／": (None, "", ""),
    "\\": (None, "", ""),
    "-": (None, "", ""),
    "--": (None, "", ""),
    "—": (None, "", ""),
    "——": (None, "", ""),
    "－": (None, "", ""),
    "―": (None, "", ""),
    "─": (None, "", ""),
    "一": (None, "", ""),
    "无": (None, "", ""),
    "无。": (None, "", ""),
    "…": (None, "", ""),
    "N/A": (None, "", ""),
    "null": (None, "", ""),
    "NaN": (None, "", ""),
    "nan": (None, "", ""),
    "inf": (None, "", ""),
    "-inf": (None, "", ""),
    "Infinity": (None, "", ""),
    "1e5": (None, "", ""),
    "1e999": (None, "", ""),
    "1E5": (None, "", ""),
    "0x10": (None, "", ""),
    "1_000": (None, "", ""),
    "1.2.3": (None, "", ""),
    "12:30": (None, "", ""),
    "2023-01-01": (None, "", ""),
    "1-5": (None, "", ""),
    "1–5": (None, "", ""),
    "5-": (None, "", ""),
    "--5": (None, "", ""),
    "+-5": (None, "", ""),
    "—5": (None, "", ""),
    "1/2": (None, "", ""),
    "½": (None, "", ""),
    "12%": (None, "", ""),
    "100％": (None, "", ""),
    "约12": (None, "", ""),
    "12余": (None, "", ""),
    "12左右": (None, "", ""),
    "=1": (None, "", ""),
    "1+1": (None, "", ""),
    "[12]": (None, "", ""),
    "((5))": (None, "", ""),
    "(-5)": (None, "", ""),
    "“12”": (None, "", ""),
    "12?": (None, "", ""),
    "O": (None, "", ""),
    "l2": (None, "", ""),
    "٣": (None, "", ""),
    "१२": (None, "", ""),
    "Ⅷ": (None, "", ""),
    "²": (None, "", ""),
    "5²": (None, "", ""),
    "5⁴": (None, "", ""),
    "①": (None, "", ""),
    "1①": (None, "", ""),
    "⑫": (None, "", ""),
    "㈠": (None, "", ""),
    "9999999999999": (None, "", ""),
    "1000000000001": (None, "", ""),
    "9" * 5000: (None, "", ""),
    "0." + "1" * 30: (None, "", ""),
    "若干": (None, "", ""),
    "行政许可": (None, "", ""),
}  # fmt: skip
PLACEHOLDERS = [
    "/",
    "／",
    "//",
    "\\",
    "-",
    "－",
    "—",
    "——",
    "―",
    "─",
    "–",
    "一",
    "无",
    "无。",
    "（无）",
    "N/A",
    "n/a",
    "不适用",
    "…",
    "*",
    " / ",
    "-\u200b",
    "—\n—",
]
HAN = {
    "一": 1, "十": 10, "十五": 15, "二十": 20, "二十一": 21, "九十九": 99, "一百": 100, "一百零五": 105, "一百〇五": 105, "一百一十": 110, "一百二": 120,
    "二百五": 250, "两百": 200, "一千": 1000, "一千零五": 1005, "一千零五十": 1050, "一千一十": 1010, "一千二": 1200, "三万": 30_000, "三万五": 35_000,
    "三万零五": 30_005, "一万二千三百四十五": 12_345, "五十三万": 530_000, "三十三万四": 334_000, "一亿": 10**8, "一亿零五": 10**8 + 5,
    "一亿二千万": 120_000_000, "二〇二三": 2023, "二零二一": 2021, "零": 0,
}  # fmt: skip
NO_HAN = [
    "",
    "百",
    "千",
    "万",
    "亿",
    "万一",
    "十百",
    "一百一百",
    "一百零",
    "十十",
    "二三十",
    "一万万",
    "零万",
    "十五六",
    "元",
    "1",
    "〇" * 10,
    "九" * 10,
]


@pytest.mark.parametrize("printed", FIGURES)
def test_a_printed_figure_is_read_as_the_table_says(printed):
    assert parse_figure(printed) == Figure(*FIGURES[printed])


def test_the_table_of_figures_is_long_enough_to_mean_something():
    assert len(FIGURES) >= 150


@pytest.mark.parametrize("printed", PLACEHOLDERS)
def test_a_placeholder_is_printed_on_purpose_and_is_no_number(printed):
    assert (is_placeholder(printed), parse_figure(printed).value) == (True, None)


@pytest.mark.parametrize("printed", ["", " ", "0", "-1", "12", "无12", "若干", "1/2", "零", "没", "(5)"])
def test_blank_zero_and_words_are_no_placeholders(printed):
    assert not is_placeholder(printed)


@pytest.mark.parametrize("text", HAN)
def test_chinese_numerals_are_read(text):
    assert parse_han(text) == HAN[text]


@pytest.mark.parametrize("text", NO_HAN)
def test_what_spells_no_number_is_none(text):
    assert parse_han(text) is None


@given(st.text(max_size=50))
def test_any_text_is_read_without_raising_and_within_bounds(text):
    value = parse_figure(text).value
    assert value is None or (Decimal(value).is_finite() and abs(value) <= LARGEST)


@given(st.integers(min_value=-LARGEST, max_value=LARGEST))
def test_a_whole_number_survives_printing(number):
    assert parse_figure(str(number)).value == number


@given(st.decimals(min_value=-LARGEST, max_value=LARGEST, places=4, allow_nan=False, allow_infinity=False))
def test_an_amount_survives_printing_to_the_last_decimal(number):
    assert str(parse_figure(f"{number:f}").value) == f"{number if number else number.copy_abs():f}"


@given(st.integers(min_value=-LARGEST, max_value=LARGEST))
def test_width_and_thousands_change_nothing(number):
    wide = str(number).translate(str.maketrans("0123456789-", "０１２３４５６７８９－"))
    assert [parse_figure(text).value for text in (wide, f"{number:,}")] == [number, number]


@given(st.text(alphabet="0123456789 .,+-()（）件元万/一二十百零①² ", max_size=12))
def test_a_number_is_only_read_from_digits_that_are_all_there(text):
    value = parse_figure(text).value
    digits = [char for char in text if char.isascii() and char.isdigit()]
    if value is not None and digits:
        assert "".join(digits).lstrip("0") == str(abs(value)).replace(".", "").lstrip("0")


@given(st.integers(min_value=0, max_value=99_999_999))
def test_a_number_spelt_in_chinese_is_read_back(number):
    assert parse_han(_spelt(number)) == number


def _spelt(number: int) -> str:
    """The formal spelling: 10500 is 一万零五百."""
    if number == 0:
        return "零"
    high, low = divmod(number, 10_000)
    text = f"{_spelt(high)}万" if high else ""
    digits = f"{low:04d}"
    zero = False
    for digit, unit in zip(digits, ("千", "百", "十", ""), strict=True):
        if digit == "0":
            zero = bool(text)
            continue
        text += ("零" if zero else "") + "零一二三四五六七八九"[int(digit)] + unit
        zero = False
    return text
