"""From glyph boxes and rules to tables and paragraphs, without any file format."""

from __future__ import annotations

from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from reports_in.builder import Builder
from reports_in.document import Document, Table, Trust
from reports_in.geometry import Page, Rule, grids, lay_out
from tests.reports_in.checks import notes, ranges_fit, rows, shape

WIDTH, HEIGHT = 595.0, 842.0
Placed = tuple[float, float, str]


def page(
    *texts: Placed, size: float = 12, across: list[Rule] | None = None, down: list[Rule] | None = None, number: int = 1
) -> Page:
    """Texts at their left edge and baseline; a Latin character is half as wide as its size."""
    chars: list[str] = []
    boxes: list[tuple[float, float, float, float]] = []
    for x, y, text in texts:
        for char in text:
            advance = size * (0.5 if char.isascii() else 1.0)
            chars.append(char)
            boxes.append((x, y - 0.85 * size, x + advance, y + 0.15 * size))
            x += advance
    return Page(number, WIDTH, HEIGHT, "".join(chars), np.array(boxes, np.float32).reshape(-1, 4), across or [], down or [])


def read(*pages: Page) -> Document:
    builder = Builder("x.pdf")
    lay_out(pages, builder)
    return builder.document(b"", "application/pdf")


def box(left: float, top: float, right: float, bottom: float) -> tuple[list[Rule], list[Rule]]:
    """The four edges of a cell."""
    return [(top, left, right), (bottom, left, right)], [(left, top, bottom), (right, top, bottom)]


def ruled(xs: list[float], ys: list[float]) -> tuple[list[Rule], list[Rule]]:
    """Every rule of a plain grid in one piece."""
    return [(y, xs[0], xs[-1]) for y in ys], [(x, ys[0], ys[-1]) for x in xs]


@st.composite
def merged_grids(draw: st.DrawFn) -> tuple[list[float], list[float], list[tuple[int, int, int, int]]]:
    """Edges, and a partition of the places into rectangles."""
    columns, height = draw(st.integers(2, 7)), draw(st.integers(2, 7))
    xs = [50.0]
    for _ in range(columns):
        xs.append(xs[-1] + draw(st.floats(12, 90)))
    ys = [60.0]
    for _ in range(height):
        ys.append(ys[-1] + draw(st.floats(12, 60)))
    free = {(row, column) for row in range(height) for column in range(columns)}
    spans = []
    while free:
        row, column = min(free)
        wide = deep = 1
        while draw(st.booleans()) and all((row, column + wide) in free for _ in (0,)):
            wide += 1
        while draw(st.booleans()) and all((row + deep, column + at) in free for at in range(wide)):
            deep += 1
        spans.append((row, column, deep, wide))
        free -= {(row + down, column + along) for down in range(deep) for along in range(wide)}
    return xs, ys, spans


def _shown(xs: list[float], ys: list[float], spans: list[tuple[int, int, int, int]]) -> bool:
    """Whether every edge of the grid is seen somewhere: an edge that no cell has cannot be found."""
    columns = {column for _, column, _, _ in spans} | {column + wide for _, column, _, wide in spans}
    lines = {row for row, _, _, _ in spans} | {row + deep for row, _, deep, _ in spans}
    return len(columns) == len(xs) and len(lines) == len(ys) and len(spans) > 1


@settings(max_examples=300, deadline=None)
@given(merged_grids(), st.integers(0, 2**32), st.sampled_from(["edges", "doubled", "gaps", "dashes"]))
def test_merged_cells_come_back_with_their_spans(
    grid: tuple[list[float], list[float], list[tuple[int, int, int, int]]], seed: int, drawn: str
) -> None:
    xs, ys, spans = grid
    if not _shown(xs, ys, spans):
        return
    random = Random(seed)
    across: list[Rule] = []
    down: list[Rule] = []
    for row, column, deep, wide in spans:
        for rules, pieces in zip((across, down), box(xs[column], ys[row], xs[column + wide], ys[row + deep]), strict=True):
            for place, start, end in pieces:
                if drawn == "doubled":
                    rules.append((place + 1.5, start, end))
                if drawn == "dashes":
                    at = start
                    while at < end:
                        rules.append((place, at, min(at + 3, end)))
                        at += 5
                    continue
                inset = 0.8 if drawn == "gaps" else 0.0
                rules.append((place + random.uniform(-0.3, 0.3), start + inset, end - inset))
    random.shuffle(across)
    random.shuffle(down)
    found, single, complete = grids(across, down)
    assert ([sorted(grid.spans) for grid in found], single, complete) == ([sorted(spans)], [], True)


@settings(max_examples=100, deadline=None)
@given(merged_grids(), st.integers(0, 2**32))
def test_every_cell_gets_its_own_text_whatever_the_order_in_the_file(
    grid: tuple[list[float], list[float], list[tuple[int, int, int, int]]], seed: int
) -> None:
    xs, ys, spans = grid
    if not _shown(xs, ys, spans):
        return
    across: list[Rule] = []
    down: list[Rule] = []
    texts: list[Placed] = []
    for index, (row, column, deep, wide) in enumerate(spans):
        edges = box(xs[column], ys[row], xs[column + wide], ys[row + deep])
        across += edges[0]
        down += edges[1]
        texts.append((xs[column] + 1, ys[row] + 8, str(index)))
    Random(seed).shuffle(texts)
    table = read(page(*texts, size=8, across=across, down=down)).blocks[0]
    assert isinstance(table, Table)
    got = {(cell.row, cell.column, cell.row_span, cell.column_span): cell.text for cell in table.cells}
    assert got == {span: str(index) for index, span in enumerate(spans)}


def test_a_frame_around_prose_is_no_table() -> None:
    across, down = box(50, 50, 545, 792)
    document = read(page((72, 100, "一、总体情况"), (72, 130, "没有收到申请。"), across=across, down=down))
    assert shape(document) == ["一、总体情况", "没有收到申请。"]


def test_a_table_without_outer_rules_keeps_its_outer_columns() -> None:
    across = [(y, 50.0, 350.0) for y in (100, 120, 140)]
    down = [(150.0, 100, 140), (250.0, 100, 140)]
    texts = [(x, y, f"{x}{y}") for x in (60, 160, 260) for y in (115, 135)]
    (table,) = read(page(*texts, size=8, across=across, down=down)).blocks
    assert isinstance(table, Table)
    assert rows(table) == [["60115", "160115", "260115"], ["60135", "160135", "260135"]]


def test_a_row_of_one_cell_belongs_to_the_open_table_around_it() -> None:
    across = [(y, 50.0, 350.0) for y in (80, 100, 120, 140, 160)]
    down = [(200.0, 100, 120), (200.0, 140, 160)]
    texts = [(60.0, 95.0, "甲"), (60, 115, "乙"), (210, 115, "1"), (60, 135, "丙"), (60, 155, "丁"), (210, 155, "2")]
    (table,) = read(page(*texts, across=across, down=down)).blocks
    assert isinstance(table, Table)
    assert rows(table) == [["甲"], ["乙", "1"], ["丙"], ["丁", "2"]]


def test_a_heading_between_two_open_tables_parts_them() -> None:
    across = [(y, 50.0, 350.0) for y in (80, 100, 160, 180)]
    down = [(200.0, 80, 100), (200.0, 160, 180)]
    texts = [(60.0, 95.0, "甲"), (210, 95, "1"), (60, 135, "三、标题"), (60, 175, "乙"), (210, 175, "2")]
    assert shape(read(page(*texts, across=across, down=down))) == [[["甲", "1"]], "三、标题", [["乙", "2"]]]


def test_a_number_wider_than_its_column_stays_in_one_cell() -> None:
    across, down = ruled([50, 150, 180, 210], [100, 120])
    texts = [(60.0, 115.0, "行政处罚"), (147, 115, "398575"), (190, 115, "7")]
    (table,) = read(page(*texts, across=across, down=down)).blocks
    assert isinstance(table, Table)
    assert rows(table) == [["行政处罚", "398575", "7"]]


def test_a_label_set_one_character_per_line_reads_downwards() -> None:
    across, down = ruled([50, 80, 200], [100, 200])
    texts = [(59.0, 115.0 + 14 * index, char) for index, char in enumerate("三、办理结果")]
    (table,) = read(page(*texts, (90, 115, "甲"), across=across, down=down)).blocks
    assert isinstance(table, Table)
    assert rows(table) == [["三\n、\n办\n理\n结\n果", "甲"]]


def test_overprinted_bold_is_read_once_and_doubled_digits_stay() -> None:
    document = read(page((72, 100, "总体情况1100"), (72.4, 100, "总体情况1100"), (72, 130, "正文")))
    assert shape(document) == ["总体情况1100", "正文"]


def test_wrapped_lines_are_one_paragraph_and_headings_stay_alone() -> None:
    full = "本机关按照条例规定主动公开政府信息并及时答复群众提出的公开申请共三十八字其中"
    document = read(
        page(
            (96, 100, "一、总体情况"),
            (96, 120, full[:36]),
            (72, 140, full + "一"),
            (72, 160, "收到12件。"),
            (96, 180, "二是另起一段。"),
        )
    )
    assert shape(document) == ["一、总体情况", f"{full[:36]}{full}一收到12件。", "二是另起一段。"]


def test_a_sentence_goes_on_over_the_page() -> None:
    full = "本机关按照条例规定主动公开政府信息并及时答复群众提出的公开申请共三十八字其中"
    first = page((96, 100, full[:36]), (72, 120, full), (290, 810, "- 1 -"))
    second = page((72, 100, "办结12件。"), (290, 810, "- 2 -"), number=2)
    assert shape(read(first, second)) == [f"{full[:36]}{full}办结12件。"]


def test_latin_words_keep_their_blanks_and_han_gets_none() -> None:
    document = read(
        page((72, 100, "访问 Open Data 平台"), (72, 130, "年"), (96, 130, "度"), (120, 130, "报"), (144, 130, "告"))
    )
    assert shape(document) == ["访问 Open Data 平台", "年度报告"]


def _numbered(shape_of_number: str, count: int = 3) -> Document:
    return read(
        *(
            page((72, 200, f"第{index}段。"), (280, 810, shape_of_number.format(index, count)), number=index)
            for index in range(1, count + 1)
        )
    )


def test_page_numbers_of_every_form_are_dropped_and_said_so() -> None:
    for form in ("- {} -", "—{}—", "第{}页 共{}页", "{}/{}", "{}", "－ {} －"):
        document = _numbered(form)
        assert (shape(document), notes(document)) == (["第1段。", "第2段。", "第3段。"], ["PAGE_FURNITURE"])


def test_running_heads_are_dropped_and_body_lines_in_their_place_are_not() -> None:
    heads = read(*(page((72, 50, "某某局年度报告"), (72, 200, f"第{n}段。"), number=n) for n in (1, 2, 3)))
    bodies = read(*(page((72, 80, "一、总体情况"), (72, 100, f"第{n}段。"), number=n) for n in (1, 2, 3)))
    assert (shape(heads), len(shape(bodies))) == (["第1段。", "第2段。", "第3段。"], 6)


def test_a_lone_figure_at_the_foot_that_does_not_count_pages_stays() -> None:
    document = read(page((72, 100, "甲。"), (290, 800, "7")), page((72, 100, "乙。"), (290, 800, "7"), number=2))
    assert shape(document) == ["甲。", "7", "乙。", "7"]


def test_a_table_row_at_the_foot_is_no_page_number() -> None:
    across, down = ruled([50, 150, 250], [780, 800, 820])
    texts = [(60.0, 795.0, "甲"), (160, 795, "1"), (60, 815, "乙"), (160, 815, "2")]
    assert shape(read(page(*texts, across=across, down=down))) == [[["甲", "1"], ["乙", "2"]]]


def _halves(upper: list[list[str]], lower: list[list[str]], xs: list[float] | None = None) -> Document:
    """A table whose rows stand at the foot of one page and at the head of the next."""
    edges = xs or [50, 250, 350, 450]
    pages = []
    for number, (lines, top) in enumerate(((upper, 700.0), (lower, 80.0)), 1):
        ys = [top + 40 * index for index in range(len(lines) + 1)]
        across, down = ruled(edges, ys)
        texts = [
            (edges[column] + 4, ys[row] + 14 + 14 * at, piece)
            for row, line in enumerate(lines)
            for column, text in enumerate(line)
            for at, piece in enumerate(text.split("\n"))
        ]
        pages.append(page(*texts, across=across, down=down, number=number))
    return read(*pages)


def test_a_table_over_two_pages_is_one_table() -> None:
    document = _halves([["甲", "1", "2"]], [["乙", "3", "4"]])
    assert shape(document) == [[["甲", "1", "2"], ["乙", "3", "4"]]]


def test_every_cell_of_a_joined_table_knows_its_page() -> None:
    (table,) = _halves([["甲", "1", "2"]], [["乙", "3", "4"]]).blocks
    assert isinstance(table, Table)
    assert [cell.source.page for cell in table.cells] == [1, 1, 1, 2, 2, 2]


def test_a_repeated_head_counts_once() -> None:
    document = _halves([["名称", "件数", "总计"], ["甲", "1", "2"]], [["名称", "件数", "总计"], ["乙", "3", "4"]])
    assert (shape(document), notes(document)) == (
        [[["名称", "件数", "总计"], ["甲", "1", "2"], ["乙", "3", "4"]]],
        ["REPEATED_HEAD"],
    )


def test_a_row_of_figures_printed_again_is_not_taken_for_a_head() -> None:
    document = _halves([["甲", "1", "2"], ["乙", "3", "4"]], [["甲", "1", "2"], ["丙", "5", "6"]])
    assert shape(document) == [[["甲", "1", "2"], ["乙", "3", "4"], ["甲", "1", "2"], ["丙", "5", "6"]]]


def test_a_row_cut_by_the_page_is_put_together() -> None:
    document = _halves([["（二）部分公开（区分处理的，只", "447", "454"]], [["计这一情形，不计其他情形）", "", ""]])
    assert shape(document) == [[["（二）部分公开（区分处理的，只\n计这一情形，不计其他情形）", "447", "454"]]]


def test_a_row_cut_with_its_figures_below_is_put_together() -> None:
    document = _halves([["3.补正后申请内容", "", ""]], [["仍不明确", "4", "5"]])
    assert shape(document) == [[["3.补正后申请内容\n仍不明确", "4", "5"]]]


def test_a_blank_row_before_the_page_break_stays_a_row() -> None:
    document = _halves([["5.属于内部事务信息", "", ""]], [["6.属于过程性信息", "1", "1"]])
    assert shape(document) == [[["5.属于内部事务信息", "", ""], ["6.属于过程性信息", "1", "1"]]]


def test_an_empty_edge_of_a_row_over_the_page_is_no_row() -> None:
    document = _halves([["1.甲", "1", "2"]], [["", "", ""], ["2.乙", "3", "4"]])
    assert shape(document) == [[["1.甲", "1", "2"], ["2.乙", "3", "4"]]]


def test_an_empty_last_row_over_the_page_stays_a_row() -> None:
    document = _halves([["结果维持", "结果纠正", "总计"]], [["", "", ""]])
    assert shape(document) == [[["结果维持", "结果纠正", "总计"], ["", "", ""]]]


def test_a_row_cut_beside_a_tall_label_is_put_together() -> None:
    edges = [50.0, 100.0, 300.0, 400.0]
    pages = []
    for number, top, label, item, figure in ((1, 740.0, "（六）其", "1.甲", "5"), (2, 80.0, "他处理", "3.丙", "7")):
        across = [(top, 50.0, 400.0), (top + 40, 100.0, 400.0), (top + 80, 50.0, 400.0)]
        down = [(x, top, top + 80) for x in edges]
        cut = ["2.乙的很长的", "名称"][number - 1]
        rows_ = [(item, figure), (cut, "6")] if number == 1 else [(cut, ""), (item, figure)]
        texts = [(52.0, top + 20, label)]
        for row, (text, value) in enumerate(rows_):
            texts += [(104.0, top + 20 + 40 * row, text), (304.0, top + 20 + 40 * row, value)]
        pages.append(page(*texts, across=across, down=down, number=number))
    (table,) = read(*pages).blocks
    assert isinstance(table, Table)
    assert ([row[-2:] for row in rows(table)], table.cells[0].row_span, table.cells[0].text) == (
        [["1.甲", "5"], ["2.乙的很长的\n名称", "6"], ["3.丙", "7"]],
        3,
        "（六）其\n他处理",
    )


def test_heads_cut_by_the_page_are_put_together() -> None:
    edges = [50.0, 150.0, 250.0, 350.0]
    upper_across = [(700.0, 50.0, 350.0), (740.0, 50.0, 350.0)]
    upper = page((60, 720, "结果"), (160, 720, "行政诉讼"), across=upper_across, down=[(x, 700, 740) for x in (50, 150, 350)])
    across, down = ruled(edges, [80, 120, 160])
    lower = page(
        (60, 100, "维持"), (160, 100, "其他"), (260, 100, "总计"), (60, 140, "1"), (160, 140, "2"), (260, 140, "3"),
        across=across, down=down, number=2,
    )  # fmt: skip
    assert shape(read(upper, lower)) == [[["结果\n维持", "行政诉讼"], ["其他", "总计"], ["1", "2", "3"]]]


def test_two_rows_of_figures_are_never_glued() -> None:
    document = _halves([["1.甲", "1", "2"]], [["乙", "3", "4"]])
    assert shape(document) == [[["1.甲", "1", "2"], ["乙", "3", "4"]]]


HEADS = [(72.0, 100.0, "信息内容"), (272.0, 100.0, "制发件数"), (372.0, 100.0, "废止件数"), (472.0, 100.0, "有效件数")]


def test_a_table_without_rules_is_a_grid_where_every_figure_stands_under_one_head() -> None:
    texts = [*HEADS, (72, 120, "规章"), (290, 120, "1"), (490, 120, "0"), (72, 140, "规范性文件"), (390, 140, "26")]
    (table,) = read(page(*texts)).blocks
    assert isinstance(table, Table)
    assert (table.trust, rows(table)) == (
        Trust.GRID,
        [["信息内容", "制发件数", "废止件数", "有效件数"], ["规章", "1", "", "0"], ["规范性文件", "", "26", ""]],
    )


def test_a_figure_between_two_heads_leaves_the_table_ragged() -> None:
    texts = [*HEADS, (72, 120, "规章"), (340, 120, "1"), (490, 120, "0"), (72, 140, "规范性文件"), (290, 140, "26")]
    (table,) = read(page(*texts)).blocks
    assert isinstance(table, Table)
    assert (table.trust, rows(table)[1:]) == (Trust.RAGGED, [["规章", "1", "0"], ["规范性文件", "26"]])


def test_heads_of_several_lines_and_levels_are_put_together() -> None:
    texts = [
        (122.0, 100.0, "行政复议"), (72, 118, "结果"), (132, 118, "其他"), (192, 118, "总计"), (252, 118, "尚未"),
        (72, 131, "维持"), (132, 131, "结果"), (252, 131, "审结"), (80, 150, "1"), (140, 150, "2"), (200, 150, "3"), (260, 150, "4"),
    ]  # fmt: skip
    table = read(page(*texts)).blocks[-1]
    assert isinstance(table, Table)
    assert rows(table) == [["结果\n维持", "其他\n结果", "总计", "尚未\n审结"], ["1", "2", "3", "4"]]


def test_one_row_of_figures_over_the_page_goes_on_in_the_same_columns() -> None:
    first = page(*HEADS, (72, 120, "规章"), (290, 120, "1"), (390, 120, "2"), (490, 120, "0"))
    second = page((72, 100, "规范性文件"), (290, 100, "5"), (490, 100, "6"), (72, 160, "正文。"), number=2)
    assert shape(read(first, second))[1:] == [[["规范性文件", "5", "", "6"]], "正文。"]


def test_level_rules_alone_tell_rows_of_several_lines() -> None:
    across = [(y, 60.0, 520.0) for y in (80, 100, 140, 160)]
    texts = [
        (72.0, 95.0, "名称"), (272, 95, "件数"), (372, 95, "总计"),
        (72, 115, "一个写了两行的"), (72, 133, "名称"), (272, 124, "1"), (372, 124, "2"),
        (72, 155, "乙"), (272, 155, "3"), (372, 155, "4"),
    ]  # fmt: skip
    (table,) = read(page(*texts, across=across)).blocks
    assert isinstance(table, Table)
    assert rows(table) == [["名称", "件数", "总计"], ["一个写了两行的\n名称", "1", "2"], ["乙", "3", "4"]]


def test_prose_with_wide_gaps_is_no_table() -> None:
    document = read(page((72, 100, "单位：某某局"), (372, 100, "日期：2024年1月5日"), (72, 130, "正文如下。")))
    assert shape(document) == ["单位：某某局 日期：2024年1月5日", "正文如下。"]


def test_a_drawing_of_many_rules_costs_little_and_loses_no_text() -> None:
    random = Random(1)
    across = [(random.uniform(0, 842), x := random.uniform(0, 500), x + 60) for _ in range(4000)]
    down = [(random.uniform(0, 595), y := random.uniform(0, 700), y + 60) for _ in range(4000)]
    document = read(page((72, 100, "正文"), across=across, down=down))
    assert "正文" in document.text.replace("\n", "").replace("\t", "")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 560), st.floats(15, 830), st.text("公开信息件数12.,（）一二", min_size=1, max_size=12)),
        min_size=1,
        max_size=30,
    )
)
def test_no_character_is_lost_wherever_it_stands(texts: list[Placed]) -> None:
    document = read(page(*texts, (72, 400, "尾"), size=10))
    got = sorted(char for char in document.text if not char.isspace())
    dropped = "".join(note.message for note in document.notes)
    want = [*sorted(char for _, _, text in texts for char in text), "尾"]
    assert ranges_fit(document)
    assert "略去" in dropped or set(want) == set(got)
