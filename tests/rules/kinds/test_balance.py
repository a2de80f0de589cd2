"""balance: exact sums of cells that are all there, and the reason where they are not."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.errors import FieldError
from rules.examples import cells_of, filing_of
from rules.kinds.balance import Balance
from rules.verdict import Place, State

ROW = Balance("litigation.rows", left=("upheld", "corrected", "other", "pending"), right=("total",))
RESULTS = Balance("applications.columns", ("granted", "partial", "denied_*", "other_*", "other"), ("total",), (("other_1", "other_2", "other_3"), ("other",)))  # fmt: skip
COUNT = st.integers(0, 10_000)


def ask(**cells):
    return ROW.check_cells(cells_of(cells), of="review")


@given(COUNT, COUNT, COUNT, COUNT)
def test_it_holds_exactly_where_the_figures_add_up(upheld, corrected, other, pending):
    parts = {"upheld": upheld, "corrected": corrected, "other": other, "pending": pending}
    total = sum(parts.values())
    assert [ask(**parts, total=total + off).state for off in (0, 1, -1)] == [State.HOLDS, State.BROKEN, State.BROKEN]


def test_decimals_are_added_exactly():
    cells = cells_of({"upheld": "0.1", "corrected": "0.2", "other": 0, "pending": 0, "total": "0.3"})
    assert ROW.check_cells(cells).state is State.HOLDS


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"upheld": "blank"}, "“结果维持”空白"),
        ({"upheld": "absent"}, "“结果维持”未填报"),
        ({"upheld": "unreadable"}, "“结果维持”无法辨认"),
        ({"upheld": "若干"}, "“结果维持”不是数字"),
        ({"upheld": "/", "pending": "—"}, "“结果维持”等2格不是数字"),
        ({"upheld": "blank", "pending": "absent", "total": "blank"}, "“结果维持”等2格空白、“尚未审结”未填报"),
    ],
)
def test_what_is_missing_is_said_by_its_label_and_never_taken_for_zero(cells, reason):
    verdict = ask(**{"upheld": 0, "corrected": 0, "other": 0, "pending": 0, "total": 0} | cells)
    assert (verdict.state, verdict.reason) == (State.UNDETERMINED, reason)


def test_a_finding_stands_at_the_total_and_shows_every_figure():
    verdict = ask(upheld=1, corrected=2, other=0, pending=0, total=4)
    assert (verdict.place, verdict.expected, verdict.actual, verdict.facts["gap"], [e.quote for e in verdict.evidence]) == (
        Place("litigation", "litigation", "review", "total"),
        "3",
        "4",
        1,
        ["结果维持 1", "结果纠正 2", "其他结果 0", "尚未审结 0", "总计 4"],
    )


@pytest.mark.parametrize(
    ("rule", "of", "cells", "written"),
    [
        (ROW, "review", {"upheld": 1, "corrected": 2, "other": 0, "pending": 0, "total": 4}, "1+2+0+0 ≠ 4，差1"),
        (ROW, "review", {"upheld": -1, "corrected": "0.5", "other": 0, "pending": 0, "total": 4}, "(-1)+0.5+0+0 ≠ 4，差4.5"),
        (
            RESULTS,
            "natural",
            {"granted": 7, "partial": 3, **{f"denied_{n}": int(n == 5) for n in range(1, 9)}, "total": 14},
            "7+3+1 ≠ 14，差3（另有7项为0）",
        ),
        (RESULTS, "natural", {"granted": 0, "partial": 0, **{f"denied_{n}": 0 for n in range(1, 9)}, "total": 14}, "0 ≠ 14，差14（另有10项为0）"),
    ],
)  # fmt: skip
def test_the_calculation_is_written_out_and_the_zeros_of_a_long_one_counted(rule, of, cells, written):
    assert rule.check_cells(cells_of(cells), of=of).arithmetic == written


def test_a_doubtful_cell_makes_a_doubtful_finding_but_no_finding_by_itself():
    cell = {"raw": 3, "doubt": "列位置存疑"}
    verdicts = [ask(upheld=cell, corrected=0, other=0, pending=0, total=total) for total in (4, 3)]
    assert [(verdict.state, verdict.doubt) for verdict in verdicts] == [(State.BROKEN, "列位置存疑"), (State.HOLDS, None)]


@pytest.mark.parametrize(
    "rows",
    [
        {"other_1": [1, 0, 0, 0, 0, 0, 1], "total": [1, 0, 0, 0, 0, 0, 1]},
        {"other": [1, 0, 0, 0, 0, 0, 1], "other_1": "absent", "other_2": "absent", "other_3": "absent", "total": [1, 0, 0, 0, 0, 0, 1]},
        {"other": [1, 0, 0, 0, 0, 0, 1], "other_1": [1, 0, 0, 0, 0, 0, 1], "total": [1, 0, 0, 0, 0, 0, 1]},
    ],
    ids=["three rows", "one row", "a subtotal over three rows"],
)  # fmt: skip
def test_either_form_of_the_other_results_takes_part_and_never_both(rows):
    verdicts = RESULTS.check(filing_of({"tables": {"applications": {"rows": rows}}}))
    assert {verdict.state for verdict in verdicts} == {State.HOLDS}


def test_a_table_without_figures_is_one_answer():
    verdicts = list(ROW.check(filing_of({"tables": {"litigation": {"state": "absent", "image": True}}})))
    assert [(verdict.state, verdict.reason) for verdict in verdicts] == [
        (State.UNDETERMINED, "复议诉讼情况表为图片，未取得数据")
    ]


@pytest.mark.parametrize("over", ["litigation", "litigation.cells", "lawsuits.rows", ""])
def test_what_it_is_asked_over_must_exist(over):
    with pytest.raises(FieldError):
        Balance(over, ("upheld",), ("total",))


def test_an_amount_may_be_large_and_decimal():
    cells = cells_of({"upheld": "999999999999.9999", "corrected": "0.0001", "other": 0, "pending": 0, "total": 10**12})
    assert (ROW.check_cells(cells).state, cells["upheld"].value) == (State.HOLDS, Decimal("999999999999.9999"))
