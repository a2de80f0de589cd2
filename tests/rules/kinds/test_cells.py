"""cells: what stands in a data cell, told for a run of rows together or cell by cell."""

from __future__ import annotations

import pytest

from rules.examples import filing_of
from rules.kinds.cells import Cells, Sum
from rules.verdict import Place, Severity, State

SUMS = (
    Sum("applications.rows", ("natural", "business", "research", "ngo", "legal", "other"), "total"),
    Sum("applications.columns", ("granted", "denied_*"), "total"),
)


def found(asks, table, rows, **keys):
    verdicts = Cells(asks, **keys).check(filing_of({"tables": {table: {"rows": rows}}}))
    return [verdict for verdict in verdicts if verdict.state is State.BROKEN]


def test_blank_rows_below_each_other_are_one_finding_with_every_row_as_evidence():
    rows = dict.fromkeys(("denied_1", "denied_2", "denied_3"), "blank")
    (verdict,) = found("blank", "applications", rows)
    assert (verdict.place, verdict.facts["cells"], len(verdict.evidence)) == (
        Place("applications", "applications", topic="denied_1..denied_3"),
        "“1.属于国家秘密”等3行21格",
        3,
    )


def test_rows_with_a_filled_row_between_are_two_findings():
    verdicts = found("blank", "applications", {"denied_1": "blank", "denied_3": "blank"})
    assert [verdict.place.row for verdict in verdicts] == ["denied_1", "denied_3"]


def test_a_row_that_is_not_there_does_not_part_a_run():
    rows = {"denied_1": "blank", "denied_2": "absent", "denied_3": "blank"}
    assert len(found("blank", "applications", rows)) == 1


def test_one_blank_cell_is_named_with_its_column():
    (verdict,) = found("blank", "disclosure", {"norm": [1, "blank", 2]})
    assert (verdict.place.row, verdict.place.column) == ("norm", "repealed")


@pytest.mark.parametrize(
    ("rows", "severity"),
    [
        ({"granted": ["blank", 0, 0, 0, 0, 0, 0]}, None),
        ({"granted": ["blank", 0, 0, 0, 0, 0, 2]}, Severity.ERROR),
        ({"granted": ["blank", 2, 0, 0, 0, 0, 2]}, None),
        ({"granted": "blank", "total": {"natural": 1, "total": 1}}, Severity.ERROR),
        ({"granted": "blank", "denied_1": {"natural": 1, "total": 1}, "total": {"natural": 1, "total": 1}}, None),
        ({"granted": {"total": "blank"}}, None),
    ],
)
def test_a_blank_is_an_error_only_where_the_figures_around_it_show_that_it_hides_one(rows, severity):
    (verdict,) = found("blank", "applications", rows, sums=SUMS)
    assert verdict.severity is severity


def test_a_doubtful_blank_makes_a_doubtful_finding():
    (verdict,) = found("blank", "disclosure", {"norm": [1, 1, 1], "license": [{"raw": "blank", "doubt": "可能错位"}]})
    assert verdict.doubt == "可能错位"


def test_a_habit_throughout_a_table_is_one_finding():
    (verdict,) = found("number_format", "applications", dict.fromkeys(("new", "granted", "total"), "０"))
    assert (verdict.facts["cells"], len(verdict.evidence)) == ("“一、本年新收政府信息公开申请数量”等3行21格", 3)


def test_a_few_cells_are_told_one_by_one():
    verdicts = found("number_format", "applications", {"new": {"natural": "１", "total": "１"}})
    assert [verdict.place.column for verdict in verdicts] == ["natural", "total"]


def test_rows_that_are_exempt_are_passed_over():
    assert found("placeholder", "disclosure", {"rules": ["/", "/", "/"]}, except_={"disclosure": ("rules",)}) == []


@pytest.mark.parametrize(
    ("asks", "raw", "hit"),
    [
        ("placeholder", "/", True),
        ("placeholder", "无", True),
        ("placeholder", "0", False),
        ("placeholder", "若干", False),
        ("not_a_number", "若干", True),
        ("not_a_number", "1.2.3", True),
        ("not_a_number", "9件", True),
        ("not_a_number", "/", False),
        ("not_a_number", "1 2", False),
        ("not_a_number", "十二", False),
        ("not_a_number", "1,234", False),
        ("negative", "-1", True),
        ("negative", "0", False),
        ("not_an_integer", "1.5", True),
        ("not_an_integer", "1.0", False),
        ("not_an_integer", "1,234", False),
        ("number_format", "１２", True),
        ("number_format", "十二", True),
        ("number_format", "1 2", True),
        ("number_format", "1,234", False),
        ("number_format", "12", False),
    ],
)
def test_each_question_finds_its_own_fault_only(asks, raw, hit):
    assert bool(found(asks, "disclosure", {"license": [raw]})) is hit


@pytest.mark.parametrize("asks", ["negative", "not_an_integer", "not_a_number"])
def test_an_amount_with_decimals_and_unit_is_no_fault(asks):
    assert found(asks, "disclosure", {"charge": ["73802895.90元"]}) == []


@pytest.mark.parametrize(
    ("asks", "raw"),
    [
        ("not_a_number", "0行政强制"),
        ("not_a_number", "本单位没有行政许可事项故未填写"),
        ("number_format", "1 2"),
        ("not_a_number", "现行有效件数"),
    ],
)
def test_what_may_be_glued_or_split_by_the_source_is_doubted(asks, raw):
    (verdict,) = found(asks, "disclosure", {"license": [raw]})
    assert verdict.doubt is not None


@pytest.mark.parametrize("raw", ["若干", "待定", "1.2.3", "无许可"])
def test_an_entry_that_is_plainly_no_number_is_certain(raw):
    (verdict,) = found("not_a_number", "disclosure", {"license": [raw]})
    assert verdict.doubt is None


def test_what_a_figure_in_brackets_means_is_left_to_a_person():
    (verdict,) = found("negative", "disclosure", {"license": ["（5）"]})
    assert verdict.doubt is not None


def test_the_pass_over_the_cells_is_that_of_the_table_asked_about():
    """The pass is kept by identity: many tables one after another must not be taken for each other."""
    counts = [len(found("blank", "disclosure", {"norm": ["blank"] * n + [0] * (3 - n)})) for n in (0, 1, 0, 2, 3, 0) * 8]
    assert counts == [0, 1, 0, 1, 1, 0] * 8
