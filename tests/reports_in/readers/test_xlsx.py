"""Workbooks: what each visible sheet shows."""

import datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audits.align import align
from bench.corpus.formats.xlsx import report, saved, workbook
from bench.corpus.layouts import case
from bench.layouts import Outcome, compare
from reports_in import read_bytes
from reports_in.document import Table
from reports_in.errors import Damaged, EmptyFile, IntakeError, LimitExceeded, UnknownFormat
from reports_in.limits import LIMITS
from reports_in.readers.xlsx_formats import shown
from tests.reports_in.checks import everything, notes, ranges_fit, shape
from tests.reports_in.readers.word_files import zipped

SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def read(rows, **form):
    return read_bytes(workbook(rows, **form), "年报.xlsx")


def bare(sheet, space=SPACE, more=None):
    """A workbook whose only sheet has this markup."""
    parts = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook xmlns="{space}" xmlns:r="{RELATION}"><sheets><sheet name="表" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{RELATION}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{space}">{sheet}</worksheet>',
    }
    return zipped(parts | (more or {}))


def rows_of(*rows):
    return f"<sheetData>{''.join(f'<row>{row}</row>' for row in rows)}</sheetData>"


SHOWN = [
    ("3.0", "General", "3"),
    ("0.30000000000000004", "General", "0.3"),
    ("96171.600000000006", "General", "96171.6"),
    ("1.5E+3", "General", "1500"),
    ("-3", "General", "-3"),
    ("7", "@", "7"),
    ("2.5", "0", "3"),
    ("12.345", "0.00", "12.35"),
    ("96171.6", "0.00_ ", "96171.60"),
    ("1234567", "#,##0", "1,234,567"),
    ("0.5", "0%", "50%"),
    ("12", '0"件"', "12件"),
    ("-12", "0_);[Red]\\(0\\)", "(12)"),
    ("-5", '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', "-5"),
    ("0", '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', "-"),
    ("0", "0;-0;;@", ""),
    ("-5", "0;-0;;@", "-5"),
    ("0", "#", ""),
    ("0.5", ".00", ".50"),
    ("12000", "0.0E+00", "12000"),
    ("45306", 'yyyy"年"m"月"d"日"', "2024年1月15日"),
    ("45306", '[$-804]yyyy"年"m"月";@', "2024年1月"),
    ("45306", "yyyy-m-d", "2024-1-15"),
    ("45306", "yyyy/mm/dd", "2024/01/15"),
    ("45306.5208333333", "yyyy/m/d h:mm", "2024/1/15 12:30"),
    ("-4", "yyyy-m-d", "-4"),
    ("1e999", "0", "1e999"),
    ("nan", "0", "nan"),
    ("x", "0", "x"),
]


@pytest.mark.parametrize(("stored", "form", "text"), SHOWN)
def test_numbers_look_as_their_format_says(stored, form, text):
    assert shown(stored, form) == text


@given(st.text("0123456789.-+eE", max_size=12), st.text('0#?,.%;"-_*[]()@年月日yYmdhsGeneral\\ ', max_size=20))
def test_any_number_in_any_format_gives_some_text(stored, form):
    assert isinstance(shown(stored, form), str)


@given(st.integers(-(10**12), 10**12))
def test_whole_numbers_come_back_whole(value):
    assert (shown(str(value), "General"), shown(f"{value}.0", "0")) == (str(value), str(value))


def test_a_zero_shown_as_a_dash_is_read_as_the_zero_that_it_is():
    book = openpyxl.Workbook()
    book.active.append(["新收", 0, 5])
    book.active["B1"].number_format = '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ '
    document = read_bytes(saved(book), "a.xlsx")
    assert (shape(document), notes(document)) == ([[["新收", "0", "5"]]], ["ZERO_NOT_SHOWN"])


def test_dates_are_read_as_days():
    book = openpyxl.Workbook()
    book.active.append(["公布日期", datetime.date(2024, 1, 15)])
    assert shape(read_bytes(saved(book), "a.xlsx")) == [[["公布日期", "2024-01-15"]]]


def test_a_formula_is_its_stored_value_and_blank_without_one():
    cells = '<c r="A1" t="inlineStr"><is><t>合计</t></is></c><c r="B1"><f>1+2</f><v>3</v></c><c r="C1"><f>1+2</f></c><c r="D1" t="e"><v>#REF!</v></c>'
    document = read_bytes(bare(rows_of(cells)), "a.xlsx")
    assert (shape(document), notes(document)) == ([[["合计", "3", "", "#REF!"]]], ["FORMULA_WITHOUT_VALUE"])


@pytest.mark.parametrize("space", [SPACE, STRICT])
def test_both_kinds_of_namespaces_are_read_and_cells_without_names_follow_each_other(space):
    data = bare(rows_of("<c><v>1</v></c><c><v>2</v></c>", '<c r="B2"><v>3</v></c>'), space)
    assert shape(read_bytes(data, "a.xlsx")) == [[["1", "2"]], "3"]


def test_reading_aids_over_characters_are_left_out():
    cell = "<c t='inlineStr'><is><r><t>甲</t></r><r><t>乙</t></r><rPh><t>jia</t></rPh></is></c><c><v>1</v></c>"
    assert shape(read_bytes(bare(rows_of(cell)), "a.xlsx")) == [[["甲乙", "1"]]]


# what is a table


def test_lines_above_between_and_below_tables_are_paragraphs():
    rows = [
        ["2023年政府信息公开工作年度报告"],
        ["二、主动公开"],
        ["规章", 0, 1],
        ["文件", 2, 3],
        [],
        ["三、申请"],
        ["新收", 12, 3],
        ["说明文字"],
    ]
    document = read(rows)
    assert shape(document) == [
        *["2023年政府信息公开工作年度报告", "二、主动公开", [["规章", "0", "1"], ["文件", "2", "3"]], "三、申请"],
        *[[["新收", "12", "3"]], "说明文字"],
    ]


def test_ruling_lines_say_what_a_table_is():
    rows = [["题目"], ["甲项"], ["规章", 0, None], ["文件", None, None], ["注：略", "见后"]]
    assert shape(read(rows, ruled="A2:C4")) == ["题目", [["甲项", ""], ["规章", "0"], ["文件", ""]], "注：略\t见后"]


def test_merged_cells_keep_their_spans():
    rows = [["项目", "合计", None], [None, "自然人", "法人"], ["新收", 0, 12]]
    (table,) = read(rows, merged=["A1:A2", "B1:C1"]).blocks
    assert [(c.text, c.row, c.column, c.row_span, c.column_span) for c in table.cells] == [
        *[("项目", 0, 0, 2, 1), ("合计", 0, 1, 1, 2), ("自然人", 1, 1, 1, 1), ("法人", 1, 2, 1, 1)],
        *[("新收", 2, 0, 1, 1), ("0", 2, 1, 1, 1), ("12", 2, 2, 1, 1)],
    ]


def test_hidden_sheets_are_left_out_and_hidden_rows_read_and_both_are_said():
    book = openpyxl.Workbook()
    book.active.append(["新收", 12])
    book.active.row_dimensions[1].hidden = True
    other = book.create_sheet("底稿")
    other.append(["旧", 8])
    other.sheet_state = "hidden"
    document = read_bytes(saved(book), "a.xlsx")
    assert (shape(document), notes(document)) == ([[["新收", "12"]]], ["HIDDEN_TEXT", "HIDDEN_SHEET"])


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(["", "甲", "1"]), min_size=1, max_size=5), min_size=1, max_size=6),
    st.lists(st.tuples(*[st.integers(1, 6)] * 4), max_size=4),
)
def test_cells_of_any_merges_never_cover_the_same_place(rows, merges):
    cells = rows_of(*("".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in row) for row in rows))
    refs = (f"{'ABCDEF'[a - 1]}{b}:{'ABCDEF'[c - 1]}{d}" for a, b, c, d in merges)
    sheet = cells + "<mergeCells>" + "".join(f'<mergeCell ref="{ref}"/>' for ref in refs) + "</mergeCells>"
    try:
        document = read_bytes(bare(sheet), "a.xlsx")
    except EmptyFile:
        return
    for table in document.blocks:
        if isinstance(table, Table):
            places = [(c.row + i, c.column + j) for c in table.cells for i in range(c.row_span) for j in range(c.column_span)]
            assert len(places) == len(set(places)) == table.rows * table.columns
    assert ranges_fit(document)


@pytest.mark.parametrize("layout", ["docx", "docx-paragraphs", "docx-cut", "docx-blank-cells", "docx-lost-rows"])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("ruled", [True, False], ids=["ruled", "plain"])
@pytest.mark.parametrize("sheets", [True, False], ids=["sheets", "one sheet"])
def test_every_cell_of_an_invented_report_is_read(layout, seed, ruled, sheets):
    printed = case(layout, seed)
    filing = align(read_bytes(report(printed.page, ruled, sheets), "report.xlsx"))
    assert {reading.outcome for reading in compare(printed, filing)} == {Outcome.RIGHT}


# what is refused

MERGED = '<mergeCell ref="A1:B2"/>'
HOSTILE = {
    "merges over each other": (
        bare(rows_of("<c><v>1</v></c><c><v>2</v></c>") + f"<mergeCells>{MERGED * 200}</mergeCells>"),
        Damaged,
    ),
    "merges without end": (
        bare(rows_of("<c><v>1</v></c><c><v>2</v></c>") + f"<mergeCells>{MERGED * 20_001}</mergeCells>"),
        LimitExceeded,
    ),
    "a merge of everything": (
        bare(rows_of("<c><v>1</v></c><c><v>2</v></c>") + '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
        None,
    ),
    "two cells far apart": (bare(rows_of('<c r="A1"><v>1</v></c><c r="XFD1"><v>2</v></c>')), LimitExceeded),
    "cells beyond the limit": (bare(rows_of("<c/>" * (LIMITS.cells + 1))), LimitExceeded),
    "text that is not there": (bare(rows_of('<c t="s"><v>7</v></c>')), Damaged),
    "a sheet that is not there": (
        zipped(
            {
                "[Content_Types].xml": "<Types/>",
                "xl/workbook.xml": f'<workbook xmlns="{SPACE}" xmlns:r="{RELATION}"><sheets><sheet name="表" r:id="rId9"/></sheets></workbook>',
            }
        ),
        Damaged,
    ),
    "another root": (zipped({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<a/>"}), Damaged),
    "no workbook": (zipped({"[Content_Types].xml": "<Types/>", "xl/styles.xml": "<a/>"}), Damaged),
    "an entity": (
        bare(rows_of("<c><v>1</v></c>"), more={"xl/sharedStrings.xml": '<!DOCTYPE x [<!ENTITY e "x">]><sst>&e;</sst>'}),
        Damaged,
    ),
    "a binary workbook": (
        zipped(
            {
                "[Content_Types].xml": "<Types/>",
                "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" Type="{RELATION}/officeDocument" Target="xl/workbook.bin"/></Relationships>',
                "xl/workbook.bin": b"x",
            }
        ),
        UnknownFormat,
    ),
}


@pytest.mark.parametrize(("data", "error"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_workbooks_end_in_their_class(data, error):
    if error is None:
        assert "1" in everything(read_bytes(data, "a.xlsx"))
    else:
        with pytest.raises(error):
            read_bytes(data, "a.xlsx")


@pytest.mark.parametrize("count", [1_000, 60_000, LIMITS.cells // 2 + 1])
def test_the_last_cell_is_read_or_the_workbook_refused(count):
    data = bare(rows_of(*["<c><v>1</v></c><c><v>2</v></c>"] * count, '<c t="inlineStr"><is><t>哨兵末字</t></is></c>'))
    try:
        document = read_bytes(data, "a.xlsx")
    except IntakeError:
        assert count * 2 > LIMITS.cells
        return
    assert everything(document).endswith("哨兵末字")
