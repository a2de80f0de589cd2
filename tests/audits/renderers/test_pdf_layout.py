"""Breaking lines, cutting and spelling out text, keeping rows together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.renderers.pdf_layout import BOTTOM, LEFT, LONGEST, NO_END, NO_START, TOP, Book, Row, Run, Style
from audits.renderers.pdf_pieces import changes, number_ranges

STYLE = Style(10.0, 15.0)
PROSE = st.text(st.sampled_from("核查报告政府信息公开工作年度，。、；：”）》“（《ab12 3.5%—…"), max_size=120)


@given(text=PROSE, limit=st.integers(60, 300))
def test_broken_lines_hold_the_whole_text_within_the_width(text, limit):
    book = Book()
    lines = book.lines(text, STYLE, limit)
    assert "".join(line for line, _ in lines).replace(" ", "") == text.replace(" ", "")
    assert all(book.width(line, STYLE) + spread * max(len(line) - 1, 0) <= limit + 0.01 for line, spread in lines)


@given(words=st.lists(st.text("核查报告信息公开", min_size=2, max_size=9), min_size=1, max_size=30), limit=st.integers(80, 300))
def test_no_line_begins_or_ends_with_what_may_not_stand_there(words, limit):
    text = "（" + "），“".join(words) + "”。"
    lines = [line for line, _ in Book().lines(text, STYLE, limit)]
    assert not [line for line in lines[1:] if line[0] in NO_START]
    assert not [line for line in lines[:-1] if line[-1] in NO_END]


@pytest.mark.parametrize("word", ["2021", "73802895.90", "APP-BALANCE", "hecha", "1,234"])
def test_a_number_or_word_is_not_torn(word):
    book = Book()
    for before in range(20):
        lines = [line for line, _ in book.lines("核" * before + word + "查" * 20, STYLE, 120)]
        assert any(word in line for line in lines)


def test_a_string_longer_than_a_line_is_wrapped():
    lines = Book().lines("x" * 500, STYLE, 120)
    assert "".join(line for line, _ in lines) == "x" * 500
    assert len(lines) > 5


def test_line_breaks_of_the_text_are_kept():
    assert [line for line, _ in Book().lines("甲\n\n乙", STYLE, 120)] == ["甲", "", "乙"]


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("吉林𠮷", "吉林〔U+20BB7〕"),
        ("12\u200b", "12〔U+200B〕"),
        ("a\u202eb", "a〔U+202E〕b"),
        ("\ue123", "〔U+E123〕"),
        ("\ud800", "〔U+D800〕"),
        ("㴔堃䶮", "㴔堃䶮"),
        ("一\t二\r\n三", "一  二\n三"),
    ],
)
def test_what_no_font_has_or_nobody_sees_is_spelled_out(text, printed):
    assert Book().clean(text) == printed


def test_what_was_spelled_out_is_remembered_once():
    book = Book()
    book.clean("𠮷𠮷\u200b")
    assert list(book.missing) == ["𠮷", "\u200b"]


def test_long_text_is_cut_and_what_was_cut_is_counted():
    assert Book().clean("长" * 200_000) == "长" * LONGEST + "…（共 200000 字）"
    assert Book().clean("长" * LONGEST) == "长" * LONGEST


@given(heights=st.lists(st.integers(5, 60), min_size=1, max_size=80), leads=st.sets(st.integers(0, 79)))
def test_rows_stay_on_the_page_and_a_lead_row_is_never_last_on_one(heights, leads):
    book = Book()
    rows = [
        Row(height, (Run(LEFT, 4, str(index), STYLE, anchor=str(index)),), lead=index in leads and index % 3 == 0)
        for index, height in enumerate(heights)
    ]
    book.flow(rows, bar="0 0 0")
    placed = [[(int(name), top) for name, top in page.anchors] for page in book.pages]
    assert [index for page in placed for index, _ in page] == list(range(len(rows)))
    assert all(top >= TOP and top + rows[index].height <= BOTTOM for page in placed for index, top in page)
    assert not [page for page in placed[:-1] if rows[page[-1][0]].lead]


def test_rows_lower_than_asked_are_not_torn():
    book = Book()
    book.new_page()
    book.y = BOTTOM - 50
    book.flow([Row(20.0, (Run(LEFT, 4, "甲", STYLE),))] * 4, whole=100)
    assert (len(book.pages), book.y) == (2, TOP + 80)


def test_tracked_changes_strike_what_goes_and_underline_what_comes():
    rows = changes(Book(), "其他法律法规禁止公开", "其他法律行政法规禁止公布", STYLE, LEFT, 400)
    assert [(run.text, run.decoration) for row in rows for run in row.runs] == [
        ("其他法律", ""),
        ("行政", "under"),
        ("法规禁止公", ""),
        ("开", "strike"),
        ("布", "under"),
    ]


@given(actual=st.text("甲乙丙丁", min_size=1, max_size=40), expected=st.text("甲乙丙丁", min_size=1, max_size=40))
def test_tracked_changes_hold_both_texts(actual, expected):
    runs = [run for row in changes(Book(), actual, expected, STYLE, LEFT, 150) for run in row.runs]
    assert "".join(run.text for run in runs if run.decoration != "under") == actual
    assert "".join(run.text for run in runs if run.decoration != "strike") == expected


@pytest.mark.parametrize(("numbers", "shown"), [([1], "1"), ([1, 2], "1、2"), ([1, 2, 3, 5, 8, 9, 10], "1—3、5、8—10")])
def test_numbers_in_a_row_are_shown_as_a_range(numbers, shown):
    assert number_ranges(numbers) == shown
