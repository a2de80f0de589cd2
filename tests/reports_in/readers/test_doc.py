"""Word 97 files: what is printed of them, however the pieces lie, and a refusal for what cannot be read whole."""

import re
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audits.align import align
from bench.corpus.formats.doc import (
    DELETED,
    HIDDEN,
    IN_TABLE,
    INNER_CELL,
    INNER_ROW_END,
    ROW_END,
    SPECIAL,
    Form,
    Para,
    cells,
    depth,
    ole,
    para,
    report,
    row,
    word97,
)
from bench.corpus.layouts import case
from bench.layouts import Outcome, compare
from reports_in import office, read_bytes
from reports_in.document import Table
from reports_in.errors import Damaged, EmptyFile, Encrypted, IntakeError, LimitExceeded, ToolMissing
from tests.reports_in.checks import everything, notes, ranges_fit, shape


def read(*paragraphs, form=None):
    return read_bytes(word97(paragraphs, form), "年报.doc")


def spans(document):
    (table,) = (block for block in document.blocks if isinstance(block, Table))
    return table.rows, table.columns, [(c.text, c.row, c.column, c.row_span, c.column_span) for c in table.cells]


TEXTS = {
    "paragraphs": ([para("一、总体情况"), para("收到12件。")], ["一、总体情况", "收到12件。"]),
    "line ends, tabs and hyphens": ([para("甲\x0b乙\t1\x1e2\x1f3")], ["甲", "乙\t1-23"]),
    "a page break within a paragraph": ([para("甲\x0c乙")], ["甲", "乙"]),
    "a section's end": ([Para("甲\x0c"), para("乙")], ["甲", "乙"]),
    "deleted words": ([para("收到8912件", b"", (2, 3, DELETED))], ["收到912件"]),
    "a deleted paragraph end": ([Para("政府信息\r", b"", ((4, 5, DELETED),)), para("公开")], ["政府信息公开"]),
    "hidden words": ([para("显隐示", b"", (1, 2, HIDDEN))], ["显示"]),
    "hidden switched off again": ([para("显隐示", b"", (1, 2, HIDDEN + b"\x3c\x08\x00"))], ["显隐示"]),
    "a field prints its result": ([para('\x13 HYPERLINK "x" \x14公开网\x15完')], ["公开网完"]),
    "a field in a field's code": ([para("\x13 IF \x13PAGE\x143\x15 \x14外\x15")], ["外"]),
    "a field without a result": ([para("甲\x13 XE \x15乙")], ["甲乙"]),
    "a field never closed keeps its text": ([para("\x13正文")], ["\u6b63文"]),
    "a bracket is no symbol": ([para("(一)主动公开")], ["(一)主动公开"]),
    "a symbol": ([para("(选", b"", (0, 1, SPECIAL + b"\x09\x6a\x00\x00\xfe\xf0"))], ["☑选"]),
    "a character of two units": ([para("𠮷县")], ["𠮷县"]),
}


@pytest.mark.parametrize(("paragraphs", "expected"), TEXTS.values(), ids=TEXTS.keys())
def test_paragraphs_read_as_they_print(paragraphs, expected):
    document = read(*paragraphs)
    assert (shape(document), ranges_fit(document)) == (expected, True)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(1, 60), max_size=6), st.lists(st.integers(0, 6), max_size=4), st.booleans())
def test_text_is_the_same_however_its_pieces_lie(cuts, narrow, reverse):
    paragraphs = [para("一、总体情况 2023"), *row("新收", "12 items", "3"), para("plain words, 96171.6"), para("末")]
    document = read(*paragraphs, form=Form(cuts, narrow, reverse))
    assert shape(document) == ["一、总体情况 2023", [["新收", "12 items", "3"]], "plain words, 96171.6", "末"]


def test_one_byte_characters_are_those_of_western_windows():
    assert shape(read(para("\x93a\x94 \xb7 5\x96"), form=Form(narrow=[0]))) == ["“a” · 5–"]


def test_headings_are_told_by_their_built_in_styles():
    document = read(para("题", style=1), para("文"), para("节", b"\x40\x26\x01"))
    assert [block.level for block in document.blocks] == [None, None, 2]  # this file has no style sheet


# tables


def test_columns_are_the_gaps_between_ruling_lines():
    rows = [
        *row("项目", "合计", edges=[0, 1000, 3000]),
        *row("", "自然人", "法人", edges=[5, 1010, 1990, 3020]),
        *row("新收", "0", "12", edges=[0, 1000, 2000, 3100]),
    ]
    assert spans(read(*rows)) == (
        3,
        3,
        [
            *[("项目", 0, 0, 1, 1), ("合计", 0, 1, 1, 2), ("", 1, 0, 1, 1), ("自然人", 1, 1, 1, 1), ("法人", 1, 2, 1, 1)],
            *[("新收", 2, 0, 1, 1), ("0", 2, 1, 1, 1), ("12", 2, 2, 1, 1)],
        ],
    )


def test_cells_merged_down_are_one():
    rows = [*row("项目", "a", flags=[0x60]), *row("", "b", flags=[0x20]), *row("", "c", flags=[0x20]), *row("末", "d")]
    assert spans(read(*rows))[2] == [
        *[("项目", 0, 0, 3, 1), ("a", 0, 1, 1, 1), ("b", 1, 1, 1, 1), ("c", 2, 1, 1, 1)],
        *[("末", 3, 0, 1, 1), ("d", 3, 1, 1, 1)],
    ]


@pytest.mark.parametrize("flags", [[0, 1, 2], [0, 2, 1], [0, 3, 1]], ids=["old order", "new order", "both bits"])
def test_cells_merged_across_are_one_in_both_readings_of_the_flag(flags):
    assert spans(read(*row("甲", "乙", "", flags=flags), *row("1", "2", "3")))[2][:2] == [
        ("甲", 0, 0, 1, 1),
        ("乙", 0, 1, 1, 2),
    ]


def test_later_properties_merge_too():
    shape_of_row = cells([0, 1000, 2000, 3000]) + b"\x24\x56\x00\x02" + b"\x2b\xd6\x02\x02\x03"
    first = [*(Para(f"{n}\x07", IN_TABLE) for n in ("甲", "", "丙")), Para("\x07", IN_TABLE + ROW_END + shape_of_row)]
    second = row("1", "2", "", flags=[0, 0, 0x20])
    assert spans(read(*first, *second))[2] == [("甲", 0, 0, 1, 2), ("丙", 0, 2, 2, 1), ("1", 1, 0, 1, 1), ("2", 1, 1, 1, 1)]


def test_several_paragraphs_of_a_cell_are_its_lines():
    rows = [Para("商业\r", IN_TABLE), *row("企业", "1")]
    assert shape(read(*rows)) == [[["商业\n企业", "1"]]]


def inner_table(*texts):
    made = [Para(f"{text}\r", IN_TABLE + depth(2) + INNER_CELL) for text in texts]
    end = IN_TABLE + depth(2) + INNER_ROW_END + cells([1000 * n for n in range(len(texts) + 1)])
    return [*made, Para("\r", end)]


def test_a_table_inside_a_frame_is_a_table_of_its_own():
    frame = [Para("题\r", IN_TABLE), *inner_table("新收", "12"), *inner_table("结转", "0"), *row("")]
    assert shape(read(*frame)) == ["题", [["新收", "12"], ["结转", "0"]]]


def test_a_small_table_inside_a_cell_stays_in_its_cell():
    rows = [*row("1", "2", "3"), *inner_table("a", "b"), *row("4", "5", "6")]
    assert shape(read(*rows)) == [[["1", "2", "3"], ["a\tb\n4", "5", "6"]]]


def test_a_deleted_row_is_gone():
    gone = row("旧", "8")
    gone[-1] = Para("\x07", gone[-1].sprms, ((0, 1, DELETED),))
    assert shape(read(*row("新收", "12"), *gone, *row("结转", "0"))) == [[["新收", "12"], ["结转", "0"]]]


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(1, 3), st.sampled_from([0, 1, 2, 3, 0x20, 0x60, 0x61, 0x22])), min_size=2, max_size=5),
        min_size=1,
        max_size=5,
    )
)
def test_cells_of_any_merges_never_cover_the_same_place(lines):
    paragraphs = []
    for line in lines:
        edges = [0]
        for width, _ in line:
            edges.append(edges[-1] + 700 * width)
        paragraphs += row(*(f"{n}" for n in range(len(line))), edges=edges, flags=[flag for _, flag in line])
    document = read(*paragraphs)
    count, columns, found = spans(document)
    places = [(r + i, c + j) for _, r, c, height, width in found for i in range(height) for j in range(width)]
    assert (len(places), ranges_fit(document)) == (len(set(places)), True)
    assert all(r < count and c < columns for r, c in places)


FORMS = {"one piece": Form(), "pieces out of order": Form(cuts=range(0, 5_000, 37), narrow=range(0, 200, 3), reverse=True)}
REPORTS = (
    "docx",
    "docx-paragraphs",
    "docx-split",
    "docx-cut",
    "docx-cut-heads",
    "docx-blank-cells",
    "docx-lost-rows",
    "docx-slashes",
)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
@pytest.mark.parametrize("layout", REPORTS)
@pytest.mark.parametrize("seed", range(4))
def test_every_cell_of_an_invented_report_is_read(layout, seed, form):
    printed = case(layout, seed)
    filing = align(read_bytes(word97(report(printed.page), form), "report.doc"))
    assert {reading.outcome for reading in compare(printed, filing)} == {Outcome.RIGHT}


def test_properties_kept_in_the_data_stream_are_read():
    kept = IN_TABLE + ROW_END + cells([0, 1000, 2000])
    rows = [Para("1\x07", IN_TABLE), Para("2\x07", IN_TABLE), Para("\x07", b"\x46\x66" + struct.pack("<I", 6))]
    data = bytes(6) + struct.pack("<H", len(kept)) + kept
    assert shape(read(*rows, form=Form(streams={"Data": data}))) == [[["1", "2"]]]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize(("title", "kept"), [("青禾县2023年政府信息公开工作年度报告", True), ("会议通知", False)])
def test_the_files_own_title_counts_if_it_is_a_reports(title, kept, encoding):
    raw = title.encode(encoding) + b"\0"
    summary = bytes(60) + b"\x1e\0\0\0" + struct.pack("<I", len(raw)) + raw
    document = read(para("文"), form=Form(streams={"\x05SummaryInformation": summary}))
    assert document.meta.title == (title if kept else None)


PAGE = "<html><head><meta charset=utf-8></head><body><p>一、总体情况</p><table><tr><td>1<td>2</table></body></html>"
ARCHIVED = f"MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{PAGE}"


@pytest.mark.parametrize("text", [PAGE, ARCHIVED], ids=["page", "archived page"])
def test_a_web_page_saved_under_the_suffix_of_word_is_read_as_the_page_that_it_is(text):
    document = read_bytes(text.encode(), "年报.doc")
    assert shape(document) == ["一、总体情况", [["1", "2"]]]


# what is said, and what is refused

BOXED = Form(boxes=[para("框中题")])


def test_a_note_says_what_is_left_out():
    document = read(
        para("文隐\x02", b"", (1, 2, HIDDEN), (2, 3, SPECIAL)), form=Form(streams={"ObjectPool": b"x", "Macros": b"x"})
    )
    assert sorted(notes(document)) == ["EMBEDDED", "FOOTNOTE", "HIDDEN_LEFT_OUT", "MACRO"]


@pytest.fixture
def without_office(monkeypatch):
    monkeypatch.setattr(office, "available", lambda: None)


WHOLE = word97([para("一、总体情况"), *row("新收", "12"), *row("结转", "0"), para("哨兵末字")])
STREAM = 512 + 4096  # WordDocument follows the shorter name 1Table


def patched(offset, form, *values):
    data = bytearray(WHOLE)
    at = data.index(b"\xec\xa5\xc1\x00")
    struct.pack_into(form, data, at + offset, *values)
    return bytes(data)


REFUSED = {
    "a password": (word97([para("文")], Form(flags=0x0300)), Encrypted),
    "Word 6": (word97([para("文")], Form(version=0x65)), ToolMissing),
    "Word 95": (word97([para("文")], Form(version=0x68)), ToolMissing),
    "Word 95 by its identity": (patched(0, "<HH", 0xA5DC, 0x68), ToolMissing),
    "another identity": (patched(0, "<H", 0xA5DB), Damaged),
    "a row that is never closed": (word97([para("文"), *row("1", "2")[:-1], para("完")]), ToolMissing),
    "more cells than the row has": (word97([*row("1", "2", "3", edges=[0, 1000, 2000])]), ToolMissing),
    "cells inserted by a later property": (
        word97([Para("1\x07", IN_TABLE), Para("\x07", IN_TABLE + ROW_END + cells([0, 900]) + b"\x21\x76\0\x01\0\x01")]),
        ToolMissing,
    ),
    "a cell outside any table": (word97([para("甲\x07乙")]), IntakeError),
    "fewer characters than are counted": (word97([para("文")], Form(count=50)), Damaged),
    "a negative count": (word97([para("文")], Form(count=-3)), Damaged),
    "a monstrous count": (word97([para("文")], Form(count=2_000_000_000)), LimitExceeded),
    "an index outside the file": (patched(0x9A + 8 * 33, "<I", 99_999_999), Damaged),
    "no index": (patched(0x9A + 8 * 33, "<II", 0, 0), Damaged),
    "no paragraph properties": (patched(0x9A + 8 * 13, "<II", 0, 0), Damaged),
    "more pages of properties than the file has": (patched(0x9A + 8 * 12, "<II", 0, 1_000), Damaged),
    "no table stream": (ole({"WordDocument": b"\xec\xa5\xc1\x00" + bytes(2000)}), Damaged),
    "a stream of nothing": (ole({"WordDocument": b"\xec\xa5"}), IntakeError),
    "blank": (word97([para(" ")]), EmptyFile),
}


@pytest.mark.parametrize(("data", "error"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_read_whole_is_refused_in_its_class(data, error, without_office):
    with pytest.raises(error):
        read_bytes(data, "年报.doc")


def test_a_file_for_libreoffice_says_what_to_do_where_there_is_none(without_office):
    with pytest.raises(ToolMissing, match=r"LibreOffice.*DOCX"):
        read_bytes(word97([para("文")], Form(version=0x65)), "年报.doc")


@pytest.mark.parametrize("at", [600, 1_500, 4_000, len(WHOLE) - 700, len(WHOLE) - 10])
def test_a_file_cut_off_anywhere_is_refused_or_whole(at, without_office):
    try:
        document = read_bytes(WHOLE[:at], "年报.doc")
    except IntakeError:
        return
    assert "哨兵末字" in everything(document)


def test_an_allocation_table_that_runs_in_circles_is_refused_at_once(without_office):
    data = bytearray(WHOLE)
    fat = len(data) - 512
    assert struct.unpack_from("<I", data, fat)[0] == 1
    for entry in range(8, 14):  # the first sectors of the text's stream
        struct.pack_into("<I", data, fat + 4 * entry, 8)
    with pytest.raises(IntakeError):
        read_bytes(bytes(data), "年报.doc")


@settings(max_examples=250, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_damaged_files_are_read_with_fitting_ranges_or_refused(damages):
    data = bytearray(WHOLE)
    for at, byte in damages:
        data[at] = byte
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(office, "available", lambda: None)
        try:
            document = read_bytes(bytes(data), "年报")
        except IntakeError:
            return
    assert ranges_fit(document)


@pytest.mark.parametrize("count", [10, 400, 4_000])
def test_the_last_word_of_a_long_file_is_read(count):
    paragraphs = [para("收到申请12件。" * 20) for _ in range(count // 10)]
    document = read(*paragraphs, *row("1", "哨兵末字"), form=Form(cuts=range(0, 100_000, 997), reverse=True))
    assert re.search("哨兵末字$", everything(document))
