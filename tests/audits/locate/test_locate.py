"""Which cell is wrong: every smallest change that makes the sums hold, none chosen, none invented."""

from __future__ import annotations

import os
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import audits.locate
from audits.audit import audit, audit_filing
from audits.locate.likelihood import slip_between
from audits.locate.problem import Budget, Net, Problem, changes_of
from audits.locate.program import Program
from reports_in import read_bytes
from reports_in.document import Document
from rules.compile import load_pack
from rules.examples import filing_of

SHARED = Path(os.environ.get("HECHA_SHARED", Path(__file__).resolve().parents[4] / "shared"))
RIGHT = {
    "new": [20, 0, 0, 0, 0, 1, 21],
    "granted": [16, 0, 0, 0, 0, 1, 17],
    "partial": [4, 0, 0, 0, 0, 0, 4],
    "total": [20, 0, 0, 0, 0, 1, 21],
}


def explained(**spec):
    filing = filing_of(spec)
    document = Document("", (), "text/plain", "x.txt", "0" * 64)
    return audit_filing(filing, document, load_pack()).explanations


def changed(explanation):
    return [{(c.row, c.column): c.value for c in repair.changes} for repair in explanation.repairs]


def applications(**rows):
    return {"applications": {"rows": RIGHT | rows}}


def test_sums_that_hold_need_no_explanation():
    assert explained(tables=applications()) == ()


def test_a_digit_too_many_is_found_by_row_and_column():
    (found,) = explained(tables=applications(partial=[14, 0, 0, 0, 0, 0, 4]))
    assert changed(found) == [{("partial", "natural"): 4}]
    assert found.repairs[0].words == "如“（二）部分公开”自然人列为4（现为14），则全表勾稽成立"
    assert found.repairs[0].support == ("多写一位数字",)
    assert found.where == "自然人列、“（二）部分公开”行"


def test_a_row_counted_twice_has_as_many_explanations_as_rows_that_could_be_it():
    (found,) = explained(tables=applications(partial=[6, 0, 0, 0, 0, 0, 6]))
    assert changed(found) == [
        {("granted", "natural"): 14, ("granted", "total"): 15},
        {("partial", "natural"): 4, ("partial", "total"): 4},
    ]


def test_what_the_text_states_comes_first():
    (found,) = explained(
        sections={"overview": ["（二）依申请公开。收到政府信息公开申请21件，其中部分公开4件。"]},
        tables=applications(partial=[6, 0, 0, 0, 0, 0, 6]),
    )
    assert [("partial", "total") in repair for repair in changed(found)] == [True, False]
    assert "正文所写件数为4" in found.repairs[0].support


def test_faults_that_have_nothing_to_do_with_each_other_are_explained_apart():
    found = explained(tables=applications(granted=[16, 0, 0, 0, 0, 1, 18], new=[20, 3, 0, 0, 0, 1, 21]))
    assert [changed(explanation) for explanation in found] == [[{("new", "business"): 0}], [{("granted", "total"): 17}]]
    assert all("其余勾稽不受影响" in explanation.repairs[0].words for explanation in found)


def test_two_equal_faults_that_could_be_crossed_are_one():
    rows = {"denied_1": [1, 0, 0, 0, 0, 0, 0], "denied_2": [0, 1, 0, 0, 0, 0, 0]}
    found = explained(tables=applications(**rows))
    # taking 1 off each cell is the only way: the crossed cells hold 0 and cannot go below
    assert [changed(explanation) for explanation in found] == [[{("denied_1", "natural"): 0}], [{("denied_2", "business"): 0}]]


def test_faults_that_can_be_crossed_are_listed_together():
    rows = {"denied_1": [0, 0, 0, 0, 0, 0, 1], "denied_2": [0, 0, 0, 0, 0, 0, 1], "total": [21, 1, 0, 0, 0, 1, 23],
            "new": [21, 1, 0, 0, 0, 1, 23]}  # fmt: skip
    (found,) = explained(tables=applications(**rows))
    assert changed(found) == [
        {("denied_1", "natural"): 1, ("denied_2", "business"): 1},
        {("denied_1", "business"): 1, ("denied_2", "natural"): 1},
    ]


def test_litigation_totals_are_explained_with_every_cell_that_could_be_wrong():
    (found,) = explained(tables={"litigation": {"rows": {"review": [1, 0, 1, 0, 3]}}})
    assert {cell for repair in changed(found) for cell in repair} == {
        ("review", column) for column in ("upheld", "corrected", "other", "pending", "total")
    }
    assert changed(found)[0] in [{("review", "upheld"): 2}, {("review", "total"): 2}]


def test_a_repair_keeps_the_carry_over_from_last_year():
    rows = {"carried_in": [1, 0, 0, 0, 0, 0, 1]}
    (alone,) = explained(tables=applications(**rows))
    (beside,) = explained(
        tables=applications(**rows),
        previous={"year": 2022, "tables": {"applications": {"rows": {"carried_out": [1, 0, 0, 0, 0, 0, 1]}}}},
    )
    assert {("carried_in", "natural"): 0, ("carried_in", "total"): 0} in changed(alone)
    assert changed(beside) == [repair for repair in changed(alone) if ("carried_in", "natural") not in repair]


def test_a_repair_that_rests_on_last_years_report_says_so():
    (found,) = explained(
        tables=applications(),
        previous={"year": 2022, "tables": {"applications": {"rows": {"carried_out": [1, 0, 0, 0, 0, 0, 1]}}}},
    )
    assert all(repair.words.startswith("以上年报告无误为前提，如") for repair in found.repairs)
    assert len(found.repairs[0].changes) == 4


def test_where_sums_could_not_be_reckoned_no_more_is_promised():
    rows = {"partial": [14, 0, 0, 0, 0, 0, 4], "denied_1": [0, 0, 0, "blank", 0, 0, 0]}
    (found,) = explained(tables=applications(**rows))
    assert found.repairs[0].words.endswith("则能够核验的勾稽全部成立")


@pytest.mark.parametrize("nothing", ["blank", "absent", "unreadable", "/"])
def test_a_cell_without_a_number_is_unknown_and_not_zero(nothing):
    cells = {"natural": 16, "business": nothing, "other": 1, "total": 19}
    rows = RIGHT | {"granted": cells, "total": [20, 0, 0, 0, 0, 1, 22]}
    found = explained(tables={"applications": {"rows": rows}})
    assert found
    for explanation in found:
        assert all(("granted", "business") not in repair for repair in changed(explanation))


def test_a_cell_that_we_may_have_misread_is_changed_before_two_that_we_have_not():
    doubtful = {"raw": "14", "doubt": "列位置由合计推定"}
    (found,) = explained(tables=applications(partial=[doubtful, 0, 0, 0, 0, 0, 4]))
    assert changed(found) == [{("partial", "natural"): 4}]
    assert "该格识读存疑" in found.repairs[0].support


def test_what_takes_more_than_four_cells_is_left_to_a_person():
    wild = {"new": [9, 8, 7, 6, 5, 4, 3], "granted": [3, 1, 4, 1, 5, 9, 2], "denied_1": [2, 7, 1, 8, 2, 8, 1]}
    found = explained(tables=applications(**wild))
    assert found
    assert all(explanation.repairs or explanation.reason.endswith("请人工核对") for explanation in found)
    assert any(not explanation.repairs for explanation in found)


def test_the_same_filing_gives_the_same_explanations():
    tables = applications(partial=[6, 0, 0, 0, 0, 0, 6], carried_out=[0, 2, 0, 0, 0, 0, 2])
    assert explained(tables=tables) == explained(tables=tables)


def test_search_and_program_keep_to_the_work_they_are_given(monkeypatch):
    monkeypatch.setattr(audits.locate, "STEPS", 1)
    monkeypatch.setattr(audits.locate, "SOLVES", 1)
    (found,) = explained(tables=applications(partial=[14, 0, 0, 0, 0, 0, 4]))
    assert (found.repairs, found.reason) == ((), "在限定的计算量内未能列全可能的原因，请人工核对")


def test_an_explanation_names_the_findings_that_it_explains():
    filing = filing_of({"tables": applications(partial=[14, 0, 0, 0, 0, 0, 4])})
    result = audit_filing(filing, Document("", (), "text/plain", "x.txt", "0" * 64), load_pack())
    sums = [finding.id for finding in result.findings if finding.rule.startswith("APP-R")]
    assert sorted(result.explanations[0].findings) == sorted(sums)


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_one_wrong_cell_is_always_among_its_explanations(data):
    rows = {key: list(values) for key, values in RIGHT.items()}
    row = data.draw(st.sampled_from(sorted(rows)))
    column = data.draw(st.integers(0, 6))
    meant = rows[row][column]
    rows[row][column] = data.draw(st.integers(0, 40).filter(lambda value: value != meant))
    (found,) = explained(tables={"applications": {"rows": rows}})
    columns = ("natural", "business", "research", "ngo", "legal", "other", "total")
    assert {(row, columns[column]): meant} in changed(found)


@given(st.lists(st.lists(st.integers(0, 6), min_size=3, max_size=3), min_size=3, max_size=3), st.integers(1, 3))
@settings(max_examples=30, deadline=None)
def test_the_program_finds_what_trying_everything_finds(figures, extra):
    figures[2][2] += extra
    flat = [value for row in figures for value in row]
    rows = [{3 * r: 1, 3 * r + 1: 1, 3 * r + 2: -1} for r in range(3)]
    rows += [{c: 1, 3 + c: 1, 6 + c: -1} for c in range(3)]
    gaps = [sum(factor * flat[cell] for cell, factor in row.items()) for row in rows]
    net = Net(rows, 9)
    tried: list[frozenset[int]] = []
    for size in range(1, 5):
        for cells in combinations(range(9), size):
            known = changes_of(net, gaps, cells)
            if known is None or not all(known) or any(flat[cell] + by < 0 for cell, by in zip(cells, known, strict=True)):
                continue
            if _mends(rows, gaps, dict(zip(cells, known, strict=True))):
                tried.append(frozenset(cells))
        if tried or not any(gaps):
            break
    program = Program(Problem(net, gaps, [2] * 9, flat), Budget(solves=1000, steps=0))
    first = program.smallest(gaps)
    found = program.all_smallest(gaps, 2 * len(first[0]), 100) if first else []
    if any(gaps) and tried:
        assert set(tried) <= set(found)
        assert {len(cells) for cells in found} == {len(tried[0])}


def _mends(rows, gaps, changes):
    return all(
        gap + sum(factor * changes.get(cell, 0) for cell, factor in row.items()) == 0
        for row, gap in zip(rows, gaps, strict=True)
    )


@pytest.mark.parametrize(
    ("printed", "meant", "slip"),
    [
        ("14", "4", "多写一位数字"),
        ("4", "14", "漏写一位数字"),
        ("12", "21", "相邻两位数字颠倒"),
        ("18", "17", "仅一位数字不同"),
        ("6", "0", ""),
        ("18", "27", ""),
        ("100", "1", ""),
        ("123", "321", ""),
    ],
)
def test_slips_of_the_hand_are_known(printed, meant, slip):
    assert slip_between(printed, meant) == slip


@pytest.mark.skipif(not (SHARED / "reports" / "pingtan-2020.html").is_file(), reason="the report is not on this machine")
def test_the_report_with_26_against_20_has_both_rows_among_its_explanations():
    path = SHARED / "reports" / "pingtan-2020.html"
    (found,) = audit(read_bytes(path.read_bytes(), path.name), load_pack()).explanations
    assert "自然人列" in found.where
    assert [next(iter(repair))[0] for repair in changed(found)] == ["granted", "partial"]
    assert [name in words for name, words in zip(("予以公开", "部分公开"), [r.words for r in found.repairs], strict=True)] == [
        True,
        True,
    ]
