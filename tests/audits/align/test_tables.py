"""Cells of the tables, where a dump makes it hard to say what is in them."""

from audits.align import align
from reports_in import read_bytes
from rules.editions import editions
from rules.filing import CellState

HEAD = "临江区水务局2020年政府信息公开工作年度报告\n二、主动公开政府信息情况\n第二十条第（一）项\n信息内容\n本年新制作数量\n本年新公开数量\n对外公开总数量\n"


def test_words_written_into_cells_of_a_one_cell_a_line_dump_are_never_blank_cells() -> None:
    text = HEAD + "规章\n我局没有制作过任何规章的权限\n我局没有制作过任何规章的权限\n6\n规范性文件\n1\n2\n3\n"
    rows = align(read_bytes(text.encode(), "a.txt")).tables["disclosure"].rows
    assert {cell.state for cell in rows["rules"].cells.values()} == {CellState.UNREADABLE}
    assert all("我局没有制作" in (cell.doubt or "") for cell in rows["rules"].cells.values())
    assert [cell.raw for cell in rows["norm"].cells.values()] == ["1", "2", "3"]


def test_a_row_without_any_figure_above_another_row_is_blank() -> None:
    text = HEAD + "规章\n规范性文件\n1\n2\n3\n"
    rows = align(read_bytes(text.encode(), "a.txt")).tables["disclosure"].rows
    assert {cell.state for cell in rows["rules"].cells.values()} == {CellState.BLANK}
    assert [cell.raw for cell in rows["norm"].cells.values()] == ["1", "2", "3"]


def test_words_of_a_table_are_no_picture_of_it_though_the_page_has_an_icon() -> None:
    heading = "三、收到和处理政府信息公开申请情况"
    words = "一、本年新收政府信息公开申请数量 二、上年结转政府信息公开申请数量 见下"
    text = "# 某县某局2023年政府信息公开工作年度报告\n\n![](icon.png)\n\n## 一、总体情况\n\n2023年，工作有序。\n\n## {}\n\n{}\n"

    printed = align(read_bytes(text.format(heading, words).encode(), "a.md")).tables["applications"]
    bare = align(read_bytes(text.format(heading, "如图。").encode(), "a.md")).tables["applications"]

    assert (printed.is_image, bare.is_image) == (False, True)


def test_a_row_printed_twice_is_known_as_one_though_its_label_is_not_quite_the_templates() -> None:
    row = "1.本单位不掌握相关政府信息\t3\t0\t0\t0\t0\t0\t3\n"
    before = "8.属于行政查询事项\t0\t0\t0\t0\t0\t0\t0\n"
    after = "2.没有现成信息需要另行制作\t1\t0\t0\t0\t0\t0\t1\n3.补正后申请内容仍不明确\t0\t0\t0\t0\t0\t0\t0\n"
    text = f"某县某局2023年政府信息公开工作年度报告\n三、收到和处理政府信息公开申请情况\n{before}{row}{row}{after}"

    table = align(read_bytes(text.encode(), "a.txt")).tables["applications"]

    assert [(extra.repeats, extra.same) for extra in table.extra] == [("unavailable_1", True)]


def test_where_no_line_stands_twice_what_seems_blank_may_have_been_dropped() -> None:
    cells = [*HEAD.splitlines(), "规章", "0", "0", "0", "规范性文件", "4", "4", "19", "三、收到和处理政府信息公开申请情况"]
    for label in (
        "一、本年新收政府信息公开申请数量",
        "二、上年结转政府信息公开申请数量",
        "（七）总计",
        "四、结转下年度继续办理",
    ):
        cells += [label, *"0000000"]
    cells += [label.label for label in editions()["E2019"].tables["applications"].rows.values() if label.under]

    whole = align(read_bytes("\n".join(cells).encode(), "a.txt"))
    thinned = align(read_bytes("\n".join(dict.fromkeys(cells)).encode(), "a.txt"))

    assert whole.suspect == ()
    assert {reason for _, reason in thinned.suspect} == {"各行文字均只出现一次，相同的数字可能已被采集程序略去"}


def test_a_note_in_brackets_behind_a_label_is_no_part_of_it() -> None:
    note = "（本机关制定发布的决定、公告、通告、意见、通知，以及标题中有“规定”“办法”“细则”“规范”“规程”等字样的公文，一般都是）"
    rules = "规章：指有权的人民政府根据法律和行政法规制定的规范性文件，名称一般称“规定”“办法”，但不得称“条例”。" * 2
    rows = {rules: "0 0 0", f"规范性文件{note}": "2 2 19", "行政许可（办件量）": "8 5 93"}
    lines = HEAD + "".join(f"{label}\n{chr(10).join(figures.split())}\n" for label, figures in rows.items())
    tabs = HEAD + "".join(f"{label}\t{chr(9).join(figures.split())}\n" for label, figures in rows.items())

    for text in (lines, tabs):
        table = align(read_bytes(text.encode(), "a.txt")).tables["disclosure"]
        assert [" ".join(cell.raw for cell in table.rows[row].cells.values()) for row in ("rules", "norm", "license")] == [
            "0 0 0",
            "2 2 19",
            "8 5 93",
        ]


def test_the_rows_with_the_longest_labels_are_known_by_the_short_ones_that_agencies_give_them() -> None:
    lines = [
        "（六）其他处理\t1.逾期不补正\t2\t0\t0\t0\t0\t0\t2",
        "\t2.逾期不缴费\t1\t0\t0\t0\t0\t0\t1",
        "\t3.其他\t0\t0\t0\t0\t0\t0\t0",
    ]
    text = "某县某局2023年政府信息公开工作年度报告\n三、收到和处理政府信息公开申请情况\n" + "\n".join(lines)
    rows = align(read_bytes(text.encode(), "a.txt")).tables["applications"].rows
    cells = [rows[key].cells["natural"] for key in ("other_1", "other_2", "other_3")]
    assert [(cell.value, cell.doubt) for cell in cells] == [(2, None), (1, None), (0, None)]


def test_a_section_heading_is_not_taken_for_words_in_the_blank_cell_above_it_nor_the_heads_below_it_for_lost() -> None:
    heads = ["申请人情况", "自然人", "法人或其他组织", "总计", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"]
    rows = ["一、本年新收政府信息公开申请数量", *"3000003", "二、上年结转政府信息公开申请数量", *"1000001"]
    lines = [*HEAD.splitlines(), "行政事业性收费", "三、收到和处理政府信息公开申请情况", *heads, *rows]
    filing = align(read_bytes("\n".join(lines).encode(), "a.txt"))
    charge = filing.tables["disclosure"].rows["charge"].cells
    assert {cell.state for cell in charge.values()} == {CellState.BLANK}
    assert all(header.present for header in filing.tables["applications"].headers if header.key != "corner")


def test_words_that_stand_in_a_cell_begin_no_row_of_their_own() -> None:
    text = HEAD + "规章\n0\n0\n0\n规范性文件\n4\n与上年持平\n19\n行政许可\n8\n5\n93\n"
    table = align(read_bytes(text.encode(), "a.txt")).tables["disclosure"]
    assert [cell.raw for cell in table.rows["norm"].cells.values()] == ["4", "与上年持平", "19"]
    assert table.extra == ()
