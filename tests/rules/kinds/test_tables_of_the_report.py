"""Over whole filings: one fact is said once, what cannot be decided is not said, and misreadings are not accusations."""

from __future__ import annotations

from collections import Counter

import pytest

from rules.compile import load_pack
from rules.examples import filing_of
from rules.verdict import State

# the rules of catalogue sections 3 and 4
OURS = [rule for rule in load_pack().rules.values() if type(rule.kind).__name__ in {"Amounts", "Balance", "Cells", "Formula", "Headers", "Idle", "Reserved", "Rows", "Share", "Tables"}]  # fmt: skip
OTHER_ROWS = {"other_1": "absent", "other_2": "absent", "other_3": "absent"}


def broken(doubt: bool | None = None, **filing) -> Counter[str]:
    """How often each rule is broken in this filing; doubt None for with and without."""
    found = ((rule.id, verdict) for rule in OURS for verdict in rule.check(filing_of(filing)) if verdict.state is State.BROKEN)
    return Counter(rule for rule, verdict in found if doubt is None or (verdict.doubt is not None) is doubt)


@pytest.mark.parametrize("edition", ["E2019", "E2021"])
def test_a_faultless_report_has_no_finding(edition):
    assert broken(edition=edition) == {}


@pytest.mark.parametrize("table", ["disclosure", "applications", "litigation"])
@pytest.mark.parametrize("edition", ["E2019", "E2021"])
def test_an_empty_table_is_one_finding(edition, table):
    assert broken(edition=edition, tables={table: {"all": "blank"}}) == {"TBL-EMPTY": 1}


@pytest.mark.parametrize("table", ["disclosure", "applications", "litigation"])
def test_a_table_left_out_is_one_finding(table):
    assert broken(tables={table: {"state": "absent"}}) == {"TBL-MISSING": 1}


def test_three_tables_not_read_are_in_doubt():
    gone = {key: {"state": "absent"} for key in ("disclosure", "applications", "litigation")}
    assert broken(doubt=False, tables=gone) == {}


def test_a_picture_of_a_table_is_no_missing_table():
    assert broken(tables={"litigation": {"state": "absent", "image": True}}) == {"TBL-AS-IMAGE": 1}


def test_a_block_left_out_is_one_finding():
    gone = {"rows": {"penalty": "absent", "coercion": "absent"}, "headers": {"item_6": "absent", "item_6.n": "absent"}}
    assert broken(tables={"disclosure": gone}) == {"TBL-SUBTABLE-MISSING": 1}


def test_one_row_for_other_results_in_2021_is_one_finding():
    assert broken(tables={"applications": {"rows": {"other": 0, **OTHER_ROWS}}}) == {"ROW-MISSING": 1}


def test_three_rows_for_other_results_in_2019_are_one_finding():
    rows = {"other": "absent", "other_1": 0, "other_2": 0, "other_3": 0}
    assert broken(edition="E2019", tables={"applications": {"rows": rows}}) == {"ROW-EXTRA": 1}


def test_a_heading_over_the_three_rows_is_no_row():
    assert broken(tables={"applications": {"rows": {"other": "blank"}}}) == {}


def test_blank_rows_are_one_finding_and_no_sum_is_judged():
    blank = dict.fromkeys(("granted", "partial", "denied_1", "denied_2"), "blank")
    filing = {"tables": {"applications": {"rows": blank}}}
    sums = Counter(verdict.state for rule in OURS if rule.id == "APP-RESULT-SUM" for verdict in rule.check(filing_of(filing)))
    assert (broken(**filing), sums) == ({"CELL-BLANK": 1}, {State.UNDETERMINED: 7})


def test_a_lost_row_leaves_the_sums_over_it_undecided():
    assert broken(tables={"applications": {"rows": {"denied_3": "absent", "granted": {"natural": 4, "total": 4}}}}) == {
        "ROW-MISSING": 1
    }


def test_one_wrong_total_is_named_in_the_row_and_in_the_column():
    found = broken(tables={"applications": {"rows": {"total": {"natural": 1}}}})
    assert found == {"APP-ROW-SUM": 1, "APP-RESULT-SUM": 1, "APP-BALANCE": 1}


def test_a_report_of_the_other_edition_is_judged_by_the_edition_it_uses():
    assert broken(edition="E2019", year=2022) == {}


def test_rows_that_the_year_calls_for_are_no_fault_of_a_report_read_by_the_other_edition():
    three = {"other": "absent", "other_1": 0, "other_2": 0, "other_3": 0}
    labels = {"norm": "行政规范性文件"}
    newer = broken(edition="E2019", year=2022, tables={"applications": {"rows": three}, "disclosure": {"labels": labels}})
    older = broken(edition="E2021", year=2020, tables={"applications": {"rows": {"other": 0, **OTHER_ROWS}}})
    assert (newer, older) == ({}, {})


def test_nothing_is_certain_where_the_source_was_torn():
    heads = ("corner", "natural", "business", "research", "ngo", "legal", "other", "total")
    torn = {"rows": {"new": "absent", "carried_in": "absent"}, "headers": dict.fromkeys(heads, "absent")}
    filing = {"tables": {"disclosure": {"state": "empty"}, "applications": torn}}
    assert (broken(doubt=False, **filing), broken(doubt=True, **filing)) == (
        {},
        {"TBL-EMPTY": 1, "ROW-MISSING": 2, "HDR-MISSING": 1},
    )


@pytest.mark.parametrize("left", [["48 0 0 53 55 56 212"], ["0\t+12\t0"], ["48", "0", "0"]])
def test_figures_left_over_beside_a_table_make_its_gaps_doubtful(left):
    spec = {"sections": {"applications": left}, "tables": {"applications": {"rows": {"granted": "blank", "partial": "absent"}}}}
    assert (broken(doubt=False, **spec), broken(doubt=True, **spec)) == ({}, {"CELL-BLANK": 1, "ROW-MISSING": 1})


@pytest.mark.parametrize("left", [["3"], ["- 3 -"], ["2023年，收到申请12件。"]])
def test_a_page_number_beside_a_table_does_not(left):
    spec = {"sections": {"applications": left}, "tables": {"applications": {"rows": {"granted": "blank"}}}}
    assert broken(doubt=False, **spec) == {"CELL-BLANK": 1}


@pytest.mark.parametrize("rule", OURS, ids=lambda rule: rule.id)
def test_every_rule_answers_whatever_is_missing(rule):
    states = [
        {"tables": {table: {"state": state} for table in ("disclosure", "applications", "litigation")}, "edition": edition}
        for state in ("absent", "empty")
        for edition in ("E2019", "E2021")
    ]
    states += [
        {"tables": {"applications": {"all": cell}, "disclosure": {"all": cell}, "litigation": {"all": cell}}}
        for cell in ("unreadable", "/", "blank", "若干")
    ]
    answers = [rule.check(filing_of(state)) for state in states]
    assert all(answers)
