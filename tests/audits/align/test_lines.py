"""A table printed in lines becomes the same rows, whatever parts its cells; prose stays prose."""

import pytest

from audits.align.lines import printed_rows
from reports_in import read_bytes

CARRIED = "四、结转下年度继续办理"
LONG = "本机关认真落实各项要求，全年工作平稳有序，公开信息及时准确，未出现差错和投诉，群众满意度较高。"


def rows(text: str) -> list[tuple[list[str], list[str]]]:
    document = read_bytes(f"{LONG}\n{text}\n{LONG}".encode(), "x.txt")
    found = [([piece.text for piece in row.labels], [piece.text for piece in row.values]) for row in printed_rows(document)]
    return [row for row in found if row[0] != [LONG]]


@pytest.mark.parametrize(
    "text",
    [
        f"{CARRIED}\t1\t0\t0\t0\t0\t0\t1",
        f"{CARRIED} 1 0 0 0 0 0 1",
        f"{CARRIED}    1    0  0  0  0  0  1",
        f"{CARRIED}\u30001\u30000\u30000\u30000\u30000\u30000\u30001",
        f"{CARRIED}\n1\n0\n0\n0\n0\n0\n1",
        f"{CARRIED}\n\n1\n\n0\n\n0\n\n0\n\n0\n\n0\n\n1",
        f"\t{CARRIED}\n\t1\n\t0\n\t0\n\t0\n\t0\n\t0\n\t1",
    ],
)
def test_a_row_is_the_same_however_its_cells_are_parted(text: str) -> None:
    assert rows(text) == [([CARRIED], ["1", "0", "0", "0", "0", "0", "1"])]


def test_blank_cells_keep_their_place_between_tabs() -> None:
    assert rows(f"{CARRIED}\t1\t\t\t\t\t\t1") == [([CARRIED], ["1", "", "", "", "", "", "1"])]


def test_merged_cells_to_the_left_are_labels() -> None:
    assert rows("三、本年度办理结果\t（一）予以公开\t2\t0")[0][0] == ["三、本年度办理结果", "（一）予以公开"]


@pytest.mark.parametrize(
    "text",
    [
        "全年收到申请 12 件，办结 12 件。",
        "主动公开政府信息条数比上年增加了 3",
        "一、总体情况",
        "2023年1月12日",
    ],
)
def test_prose_with_figures_is_no_row(text: str) -> None:
    assert [values for _, values in rows(text)] == [[]]


def test_a_short_heading_right_above_a_table_of_tabbed_cells_is_no_cell() -> None:
    found = rows("二、主动公开政府信息情况\n\t第二十条第（一）项\n\n\t信息内容\n\t本年制发件数\n\n\t规章\n\t0\n\t0\n\t0")
    assert found[0] == (["二、主动公开政府信息情况"], [])


def test_a_line_of_heads_is_cut_into_heads() -> None:
    assert rows("结果维持 结果纠正 其他结果 尚未审结 总计")[0][0] == ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]


def test_a_figure_of_any_length_is_a_figure() -> None:
    assert rows("规章\t" + "9" * 60 + "\t0\t0")[0][1] == ["9" * 60, "0", "0"]


def test_cells_closed_by_pipes_keep_their_blanks_however_short_the_table_is() -> None:
    text = "行政许可 |\n0 |\n|\n3 |\n行政处罚 |\n|\n2 |\n|\n"
    assert rows(text) == [(["行政许可"], ["0", "", "3"]), (["行政处罚"], ["", "2", ""])]
