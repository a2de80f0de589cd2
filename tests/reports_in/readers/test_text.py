"""Plain text: lines are paragraphs, tabs and columns are rows, and every place is exact."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports_in import read_bytes
from reports_in.document import Paragraph, Table, Trust
from reports_in.errors import IntakeError
from tests.reports_in.checks import everything, notes, ranges_fit, shape


def read(text: str):
    return read_bytes(text.encode(), "a.txt")


def test_every_line_with_text_is_a_paragraph():
    document = read("\n\n青禾县水务局年度报告\n\n  一、总体情况  \r\n无。\r二\n")
    assert shape(document) == ["青禾县水务局年度报告", "一、总体情况", "无。", "二"]
    assert [block.source.line for block in document.blocks] == [3, 5, 6, 7]


def test_neighbouring_lines_with_tabs_are_rows_of_one_table():
    document = read("前\n规章\t0\t1\n 文件 \t\t 2\n后\n")
    assert shape(document) == ["前", [["规章", "0", "1"], ["文件", "", "2"]], "后"]
    table = document.blocks[1]
    assert (table.trust, table.rows, table.columns, table.source.line) == (Trust.RAGGED, 2, 3, 2)
    assert [(cell.row, cell.column, cell.source.line) for cell in table.cells] == [
        (r, c, r + 2) for r in (0, 1) for c in (0, 1, 2)
    ]


def test_an_empty_line_parts_tables():
    assert shape(read("a\tb\n\nc\td\n")) == [[["a", "b"]], [["c", "d"]]]


@pytest.mark.parametrize("tabs", [1, 3])
def test_a_line_of_tabs_is_a_row_of_blank_cells(tabs):
    assert shape(read("前\n" + "\t" * tabs + "\n后")) == ["前", [[""] * (tabs + 1)], "后"]


def test_rows_keep_surplus_and_missing_cells():
    assert shape(read("a\tb\tc\t\nd\t\n\te\n")) == [[["a", "b", "c", ""], ["d", ""], ["", "e"]]]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("一、本年新收政府信息公开申请数量    2   0   0   0   0   0   2", ["一、本年新收政府信息公开申请数量", *"2000002"]),
        ("  0    0    1    0    1    0    0", list("0010100")),
        ("（三）不予公开  1.属于国家秘密   0   0   0   0   0   0   0", ["（三）不予公开", "1.属于国家秘密", *"0000000"]),
        ("总计　12　0　/　—　1,234　-5", ["总计", "12", "0", "/", "—", "1,234", "-5"]),
    ],
)
def test_a_line_printed_in_columns_is_a_row(line, cells):
    assert shape(read(line)) == [[cells]]


@pytest.mark.parametrize(
    "line",
    [
        "总计 2 0 0 0 0 0 2",
        "规章    0    0    0",
        "自然人    商业企业   科研机构   社会公益组织   法律服务机构   其他   总计",
        "2023年  1月  2月  3月  4月  5月  6月",
        "电话：0123  4567  89  10  11  12  转  1",
        "　　2023年，全县收到申请 5 件，办结 5 件。",
    ],
)
def test_a_line_that_may_be_prose_stays_a_paragraph(line):
    assert shape(read(line)) == [line.strip()]


def test_what_nobody_sees_is_stripped_and_ranges_still_fit():
    document = read("\ufeff一、\u200b总\x00体情况\n规\u202e章\t1\u200b2\n")
    assert shape(document) == ["一、总体情况", [["规章", "12"]]]
    assert ranges_fit(document)


def test_characters_lost_on_the_way_are_noted():
    assert notes(read("一、总体情况\ufffd")) == ["LOST_CHARACTERS"]
    assert notes(read("一、总体情况")) == []


@given(st.text())
def test_any_text_is_read_whole_or_refused(text):
    try:
        document = read_bytes(text.encode("utf-8", "replace"), "a.txt")
    except IntakeError:
        return
    assert ranges_fit(document)


LINE = st.text(st.sampled_from("一二三公开申请0123 \t　，。/-"), max_size=30)


@given(st.lists(LINE, min_size=1, max_size=20), st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
def test_no_character_of_a_report_is_lost(lines, encoding):
    text = "\n".join(["青禾县水务局二〇二三年报告", *lines])
    document = read_bytes(text.encode(encoding), "a.txt")
    assert ranges_fit(document)
    assert "".join(everything(document).split()) == "".join(text.split())
    assert [block.source.line for block in document.blocks] == sorted(block.source.line for block in document.blocks)


@given(st.lists(st.lists(st.text("一0 ", max_size=4), min_size=2, max_size=6), min_size=1, max_size=6))
def test_a_table_written_with_tabs_comes_back(table):
    document = read("年报\n" + "\n".join("\t".join(row) for row in table))
    assert shape(document)[1:] == [[[cell.strip() for cell in row] for row in table]]
    assert isinstance(document.blocks[1], Table)


NOUGHTS = "\n".join(f"{number}.事项,0,0,0,0,0,0,0" for number in range(1, 9))


def test_a_text_that_parts_cells_by_commas_is_read_as_rows_its_quoted_cells_whole():
    document = read_bytes(f'"勾稽关系,第一项加第二项",,申请人情况\n行政许可,"1,234",\n{NOUGHTS}\n'.encode(), "a.csv")
    (table,) = document.blocks
    assert [cell.text for cell in table.cells[:6]] == ["勾稽关系,第一项加第二项", "", "申请人情况", "行政许可", "1,234", ""]
    assert all(document.text[slice(*cell.source.chars)] == cell.text for cell in table.cells)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('"2023年,我局公开信息12条。",,', "2023年,我局公开信息12条。"),
        ("一、总体情况,,", "一、总体情况"),
        ("2023年,我局收到申请3件,办结3件", "2023年,我局收到申请3件,办结3件"),
        ("全面推进,认真落实。", "全面推进,认真落实。"),
    ],
)
def test_prose_beside_such_rows_stays_prose(line, words):
    document = read_bytes(f"{line}\n{NOUGHTS}\n".encode(), "a.csv")
    assert [block.text for block in document.blocks if isinstance(block, Paragraph)] == [words]


def test_commas_of_a_text_without_such_rows_part_nothing():
    document = read_bytes("公开信息,0,0,条\n".encode(), "a.txt")
    assert [block.text for block in document.blocks] == ["公开信息,0,0,条"]
