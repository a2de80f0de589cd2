"""What compares a report with the one of the year before: sums that go on, tables that repeat, figures that jump."""

from __future__ import annotations

import pytest

from rules.compile import load_pack
from rules.examples import filing_of
from rules.verdict import State

NEEDS_LAST_YEAR = ("CARRYOVER-MISMATCH", "STOCK-FLOW", "DUP-TABLE", "YOY-SPIKE", "DUP-YEAR", "PROBLEMS-COPIED")


def ask(rule: str, **spec):
    return load_pack().rules[rule].check(filing_of(spec))


@pytest.mark.parametrize("rule", NEEDS_LAST_YEAR)
def test_without_last_years_report_it_is_one_answer_about_the_whole_report(rule):
    (verdict,) = ask(rule)
    assert (verdict.state, verdict.reason, verdict.place.table) == (State.UNDETERMINED, "未提供上年报告", None)


@pytest.mark.parametrize("nothing", ["blank", "absent", "unreadable", "/"])
def test_a_figure_that_is_not_there_on_either_side_leaves_it_undetermined(nothing):
    rows = {"carried_in": {"natural": nothing}}
    now = ask("CARRYOVER-MISMATCH", tables={"applications": {"rows": rows}}, previous={"year": 2022})
    before = {"year": 2022, "tables": {"applications": {"rows": {"carried_out": {"natural": nothing}}}}}
    then = ask("CARRYOVER-MISMATCH", previous=before)
    assert [v.state for v in (*now, *then)].count(State.UNDETERMINED) == 2
    assert State.BROKEN not in {v.state for v in (*now, *then)}


def test_a_figure_that_may_be_misread_makes_the_finding_doubtful():
    before = {
        "year": 2022,
        "tables": {"applications": {"rows": {"carried_out": {"natural": {"raw": 3, "doubt": "列位置存疑"}}}}},
    }
    broken = [v for v in ask("CARRYOVER-MISMATCH", previous=before) if v.state is State.BROKEN]
    assert [v.doubt for v in broken] == ["列位置存疑"]


def test_every_column_that_differs_is_named_with_both_figures():
    before = {"year": 2022, "tables": {"applications": {"rows": {"carried_out": [2, 0, 0, 0, 0, 1, 3]}}}}
    broken = [v for v in ask("CARRYOVER-MISMATCH", previous=before) if v.state is State.BROKEN]
    assert [(v.place.column, v.expected, v.actual) for v in broken] == [
        ("natural", "2", "0"),
        ("other", "1", "0"),
        ("total", "3", "0"),
    ]


def test_last_years_table_without_figures_leaves_it_undetermined():
    (verdict,) = ask("CARRYOVER-MISMATCH", previous={"year": 2022, "tables": {"applications": {"state": "absent"}}})
    assert (verdict.state, verdict.reason) == (State.UNDETERMINED, "上年报告申请情况表缺失")


def test_stocks_of_different_editions_are_not_compared():
    (verdict,) = ask("STOCK-FLOW", year=2021, previous={"year": 2020})
    assert verdict.state is State.NOT_APPLICABLE


@pytest.mark.parametrize(("before", "after", "state"), [
    (10, 100, State.HOLDS),
    (10, 101, State.BROKEN),
    (9, 900, State.NOT_APPLICABLE),
    (10, 0, State.BROKEN),
    (10, 1, State.HOLDS),
    (0, 0, State.NOT_APPLICABLE),
])  # fmt: skip
def test_a_jump_is_more_than_tenfold_or_to_nothing_from_ten_on(before, after, state):
    tables = [{"disclosure": {"rows": {"license": figure}}} for figure in (after, before)]
    verdicts = ask("YOY-SPIKE", tables=tables[0], previous={"year": 2022, "tables": tables[1]})
    assert next(v.state for v in verdicts if v.place.row == "license") is state


def test_tables_that_are_blank_in_other_cells_are_not_the_same():
    filled = {"norm": [1, 2, 3], "license": 4, "penalty": 5, "coercion": 6}
    now, then = {"disclosure": {"rows": filled}}, {"disclosure": {"rows": {**filled, "rules": "blank"}}}
    (verdict,) = ask("DUP-TABLE", tables=now, previous={"year": 2022, "tables": then})
    assert verdict.state is State.HOLDS
