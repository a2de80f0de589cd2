"""Markdown: levels, pipe tables and HTML tables, read as a reader of the page sees them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports_in import read_bytes
from reports_in.document import Trust
from tests.reports_in.checks import ranges_fit, shape


def read(text: str, name: str = "a.txt"):
    return read_bytes(text.encode(), name)


@pytest.mark.parametrize(
    ("line", "text", "level"),
    [
        ("# 年报", "年报", 1),
        ("#### 四、复议 ##", "四、复议", 4),
        ("##二、情况", "二、情况", 2),
        ("## **三、处理情况**", "三、处理情况", 2),
        ("**一、总体情况**", "一、总体情况", None),
        ("**（一）主动公开。**全年公开", "（一）主动公开。全年公开", None),
        (r"1\.属于国家秘密", "1.属于国家秘密", None),
        ("> - 一是加强领导", "- 一是加强领导", None),
        ("- 一是加强领导", "一是加强领导", None),
        ("-5", "-5", None),
        ("- 5 -", "- 5 -", None),
        ("**", "**", None),
        ("见[附件](http://a.b/c.pdf)。", "见附件。", None),
        ("办函[2019](60号)", "办函[2019](60号)", None),
        ("<center>年 报</center>", "年 报", None),
        ("A&nbsp;B &lt;条例&gt;", "A\xa0B <条例>", None),
        ("〈条例〉与<中华人民共和国条例>", "〈条例〉与<中华人民共和国条例>", None),
        ("收到____件", "收到____件", None),
        ("#1", "#1", None),
    ],
)
def test_marks_are_left_out_of_a_line(line, text, level):
    document = read(f"# 题\n\n{line}\n")
    assert (document.blocks[1].text, document.blocks[1].level, document.blocks[1].source.line) == (text, level, 3)
    assert ranges_fit(document)


def test_a_line_underlined_with_equal_signs_is_a_heading():
    document = read("年报\n====\n\n无", "a.md")
    assert [(block.text, block.level) for block in document.blocks] == [("年报", 1), ("无", None)]


def test_a_text_with_headings_is_markdown_whatever_its_name():
    assert read("# 年报\n").media_type == "text/markdown"
    assert read("年报\n").media_type == "text/plain"
    assert read("年报\n", "年报.MD").media_type == "text/markdown"


def test_a_pipe_table_is_a_grid():
    document = read("| 内容 | 件数 |\n|:--|--:|\n| 规章 | 0 |\n| a\\|b | 商业<br>企业 |\n")
    assert shape(document) == [[["内容", "件数"], ["规章", "0"], ["a|b", "商业\n企业"]]]
    table = document.blocks[0]
    assert (table.trust, table.columns, [cell.source.line for cell in table.cells]) == (Trust.GRID, 2, [1, 1, 3, 3, 4, 4])
    assert ranges_fit(document)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ("| a | b |\n|---|---|\n| 1 |\n", "fewer cells"),
        ("| a | b | c |\n|---|---|---|\n| 1 | 2 | |\n", "figures before a blank end"),
    ],
)
def test_a_pipe_table_with_shifted_rows_is_ragged(rows, why):
    assert read(rows).blocks[0].trust is Trust.RAGGED, why


def test_pipe_rows_need_neither_rule_nor_frame():
    assert shape(read("# 题\n| 规章 | 0 |\n| 文件 | 1 |\n")) == ["题", [["规章", "0"], ["文件", "1"]]]
    assert shape(read("规章 | 0\n--- | ---\n文件 | 1\n\n后")) == [[["规章", "0"], ["文件", "1"]], "后"]


def test_rows_with_a_pipe_after_every_cell_and_none_before_the_first_are_a_table():
    text = "年报\n第二十条第（五）项 | |||\n内容 | 件数 ||\n行政许可 | 3 ||\n行政处罚 | | 2 |\n行政强制 | 0 |\n后\n"
    assert shape(read(text)) == [
        "年报",
        [
            ["第二十条第（五）项"],
            ["内容", "件数", ""],
            ["行政许可", "3", ""],
            ["行政处罚", "", "2"],
            ["行政强制", "0"],
        ],
        "后",
    ]


def test_pipes_side_by_side_at_a_rows_end_fill_it_up_and_are_no_cells():
    text = "第二十条第（一）项 | |||\n内容 | 制发 | 废止 | 有效 |\n规章 |  |  |  |\n文件 | 3 |  | 5 |\n许可 |  | ||\n"
    assert shape(read(text)) == [
        [["第二十条第（一）项"], ["内容", "制发", "废止", "有效"], ["规章", "", "", ""], ["文件", "3", "", "5"], ["许可", ""]]
    ]


def test_rows_of_which_only_the_first_cell_is_filled_stay_rows_of_their_table():
    blank = "".join(f"行{number} |  |  |  |\n" for number in range(5))
    assert shape(read(f"题 | 一 | 二 | 三 |\n甲 | 1 | 2 | 3 |\n{blank}")) == [
        [["题", "一", "二", "三"], ["甲", "1", "2", "3"], *([f"行{number}", "", "", ""] for number in range(5))]
    ]


def test_a_row_keeps_the_blank_cells_at_its_ends_where_the_tables_rule_has_no_outer_pipes():
    text = "题 | 一 | 二\n--- | --- | ---\n甲 | 1 |\n | 2 |  \n乙 | 3 | 4\n"
    assert shape(read(text)) == [[["题", "一", "二"], ["甲", "1", ""], ["", "2", ""], ["乙", "3", "4"]]]


def test_lines_of_one_cell_and_its_pipe_are_rows_of_one_cell():
    text = "二、情况\n规章 |\n0 |\n|\n5 |\n||\n文件 |\n1 |\n三、情况\n"
    document = read(text)
    assert shape(document) == ["二、情况", [["规章"], ["0"], [""], ["5"], ["文件"], ["1"]], "三、情况"]
    assert [cell.source.line for cell in document.blocks[1].cells] == [2, 3, 4, 5, 7, 8]
    assert ranges_fit(document)


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u3000"])
def test_a_lone_pipe_that_opens_every_row_is_no_cell(blank):
    text = f"|\n 规章  |{blank}\n 0{blank}| \n|\n 3 |{blank}||\n|\n文件 |\n1 |\n"
    assert shape(read(text)) == [[["规章"], ["0"], [""], ["3"], ["文件"], ["1"]]]


def test_a_pipe_alone_on_its_line_closes_the_cell_above():
    document = read("二、情况\n规章\n|\n0\n|\n|\n3\n|\n文件\n|\n1\n|\n三、情况\n")
    assert shape(document) == ["二、情况", [["规章"], ["0"], [""], ["3"], ["文件"], ["1"]], "三、情况"]
    assert [cell.source.line for cell in document.blocks[1].cells] == [2, 4, 6, 7, 9, 11]


def test_a_line_of_prose_that_ends_with_a_pipe_stays_prose():
    assert shape(read("年报\n首页 |\n政务公开 |\n正文\n")) == ["年报", "首页 |", "政务公开 |", "正文"]


def test_a_table_drawn_with_box_characters_is_read():
    drawn = "┌────┬───┐\n│规章│ 0 │\n├────┼───┤\n│文件│ 1 │\n└────┴───┘\n"
    assert shape(read("年报\n" + drawn + "后\n"))[-2:] == [[["规章", "0"], ["文件", "1"]], "后"]


def test_blank_cells_of_a_pipe_table_stay():
    assert shape(read("| | 1 | |\n| | | |\n|---|---|---|\n")) == [[["", "1", ""], ["", "", ""]]]


def test_rows_with_tabs_between_headings_are_ragged_tables():
    document = read("## 二、情况\n\n规章\t0\t\n\t\t\n### 三、情况\n")
    assert shape(document) == ["二、情况", [["规章", "0", ""], ["", "", ""]], "三、情况"]


def test_an_html_table_is_a_grid_with_its_spans():
    text = "# 题\n<table>\n<tr><td rowspan=2>a</td><td>1</td></tr>\n<tr><td>2</td></tr>\n</table>\n后\n"
    document = read(text)
    assert shape(document) == ["题", [["a", "1"], ["2"]], "后"]
    assert [(c.row, c.column, c.row_span, c.source.line) for c in document.blocks[1].cells] == [
        (0, 0, 2, None),
        (0, 1, 1, None),
        (1, 1, 1, None),
    ]
    assert (document.blocks[1].trust, document.blocks[1].source.line, document.blocks[2].source.line) == (Trust.GRID, 2, 6)
    assert ranges_fit(document)


def test_nothing_after_an_unclosed_html_table_is_lost():
    assert "哨兵" in read("# 题\n<table><tr><td>1</td><td>2</td></tr>\n\n## 六、其他\n哨兵\n").text


@given(st.text(st.sampled_from("一0 |#*-\\\n\t<>[]()&=`_.table/")))
def test_any_markdown_is_read_with_fitting_ranges(text):
    document = read(f"# 题\n{text}\n末", "a.md")
    assert ranges_fit(document)
    assert document.text.rstrip().endswith("末") or "<table" in text


CELL = st.text(st.sampled_from("一二0 1"), max_size=4)


@given(
    st.integers(1, 5).flatmap(lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=2, max_size=5))
)
def test_a_table_written_with_pipes_comes_back(table):
    lines = ["| " + " | ".join(row) + " |" for row in table]
    lines.insert(1, "|" + "---|" * len(table[0]))
    document = read("年报\n\n" + "\n".join(lines) + "\n")
    assert shape(document)[1:] == [[[cell.strip() for cell in row] for row in table]]
