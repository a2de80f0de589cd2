"""The direct search gives what the integer program gives, in a small part of the time: compared over random faulty tables."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import audits.locate
from audits.audit import audit_filing
from audits.locate.faults import NO_WAY, TOO_LONG, faults_of
from audits.locate.problem import Budget, GaveUp, Net, OutOfSteps, Problem
from audits.locate.search import Search
from audits.locate.solver import SearchThenProgram
from reports_in.document import Document
from rules.compile import load_pack
from rules.examples import filing_of
from tests.audits.locate.plain import Plain

COLUMNS = ("natural", "business", "research", "ngo", "legal", "other", "total")
PARTS = ("granted", "partial", "denied_1", "denied_5", "unavailable_1", "other_3")
WIDE = Budget(solves=1000, steps=20_000)


def said(faults):
    return [(fault.rows, frozenset(fault.sets), fault.reason) for fault in faults]


def same(problem):
    """Compare, where the program can answer at all."""
    plain = faults_of(problem, Plain(problem))
    assume(all(fault.reason != TOO_LONG for fault in plain))
    assert said(faults_of(problem, SearchThenProgram(problem, WIDE))) == said(plain)


@st.composite
def faulty(draw):
    """Rows over a total row, columns over a total column, last year's figure for one of them; one to four errors, some cells doubted."""
    height, width = draw(st.integers(2, 4)), draw(st.integers(2, 3))
    inner = [[draw(st.integers(0, 6)) for _ in range(width)] for _ in range(height)]
    table = [[*row, sum(row)] for row in inner]
    table.append([sum(column) for column in zip(*table, strict=True)])
    printed = [value for row in table for value in row]

    def cell(row, column):
        return row * (width + 1) + column

    rows = [{cell(row, column): 1 if column < width else -1 for column in range(width + 1)} for row in range(height + 1)]
    rows += [{cell(row, column): 1 if row < height else -1 for row in range(height + 1)} for column in range(width + 1)]
    before = [0] * len(rows)
    if draw(st.booleans()):
        rows += [{cell(0, column): 1} for column in range(width + 1)]
        before += [-value for value in table[0]]
    for _ in range(draw(st.integers(1, 4))):
        row, column = draw(st.integers(0, height)), draw(st.integers(0, width))
        by = draw(st.sampled_from([1, 1, -1, 2, -2, 5, 9 * table[row][column]]))
        for at in {cell(row, column), cell(row, width) if draw(st.booleans()) else cell(row, column)}:
            printed[at] = max(0, printed[at] + by)
    gaps = [sum(sign * printed[at] for at, sign in row.items()) + known for row, known in zip(rows, before, strict=True)]
    weights = [1 if draw(st.integers(0, 9)) == 0 else 2 for _ in printed]
    if draw(st.booleans()):  # a cell without a number takes its sums with it
        blank = draw(st.integers(0, len(printed) - 1))
        kept = [index for index, row in enumerate(rows) if blank not in row]
        rows, gaps = [rows[index] for index in kept], [gaps[index] for index in kept]
    assume(any(gaps))
    return Problem(Net(rows, len(printed)), gaps, weights, printed)


@given(faulty())
@settings(max_examples=100, deadline=None)
def test_search_and_program_give_the_same_faults_and_sets(problem):
    same(problem)


def filing(seed):
    """A report with one to four errors in its tables, some cells doubted, and a text that states some of the right figures."""
    rng = Random(seed)
    rows = {key: [0] * 7 for key in ("new", "carried_in", *PARTS, "total", "carried_out")}
    for column in range(6):
        for key in PARTS:
            if rng.random() < 0.4:
                rows[key][column] = rng.choice([1, 2, 3, rng.randint(1, 30), rng.randint(10, 400)])
        rows["total"][column] = sum(rows[key][column] for key in PARTS)
        rows["carried_out"][column] = rng.choice([0, 0, 0, 1])
        rows["carried_in"][column] = min(rng.choice([0, 0, 0, 1]), rows["total"][column])
        rows["new"][column] = rows["total"][column] + rows["carried_out"][column] - rows["carried_in"][column]
    for values in rows.values():
        values[6] = sum(values)
    text = f"（二）依申请公开。收到政府信息公开申请{rows['new'][6]}件，其中部分公开{rows['partial'][6]}件。"
    previous = [value + rng.choice([0, 0, 0, 0, 0, 1]) for value in rows["carried_in"]] if rng.random() < 0.2 else None
    printed = {key: [str(value) for value in values] for key, values in rows.items()}
    for _ in range(rng.randint(1, 4)):
        key, column = rng.choice(list(rows)), rng.randrange(7)
        digits = printed[key][column]
        slips = [str(int(digits) + rng.choice([1, 1, 2, 7])), digits[::-1], digits + rng.choice(digits), digits[:-1] or "3"]
        printed[key][column] = str(int(rng.choice(slips)))
        if rng.random() < 0.3 and column < 6:
            printed[key][6] = str(int(printed[key][6]) + int(printed[key][column]) - int(digits))
    doubted = {(rng.choice(list(rows)), rng.randrange(7)) for _ in range(rng.choice([0, 0, 1, 3]))}
    cells = {
        key: [{"raw": raw, "doubt": "列位置由合计推定"} if (key, at) in doubted else raw for at, raw in enumerate(values)]
        for key, values in printed.items()
    }
    litigation = [rng.choice([0, 0, 1]), 0, 0, 0, rng.choice([0, 0, 1])]
    spec = {
        "sections": {"overview": [text]},
        "tables": {"applications": {"rows": cells}, "litigation": {"rows": {"review": litigation}}},
    }
    if previous is not None:
        spec["previous"] = {"year": 2022, "tables": {"applications": {"rows": {"carried_out": previous}}}}
    return filing_of(spec)


@pytest.mark.parametrize("seed", range(10))
def test_a_report_is_explained_as_by_the_program_alone(seed, monkeypatch):
    report, document = filing(seed), Document("", (), "text/plain", "x.txt", "0" * 64)
    quick = audit_filing(report, document, load_pack()).explanations
    monkeypatch.setattr(audits.locate, "SearchThenProgram", Plain)
    plain = audit_filing(report, document, load_pack()).explanations
    if all(explanation.reason != TOO_LONG for explanation in plain):
        assert quick == plain


def test_most_reports_need_no_program(monkeypatch):
    monkeypatch.setattr(audits.locate, "SOLVES", 0)
    document = Document("", (), "text/plain", "x.txt", "0" * 64)
    found = [audit_filing(filing(seed), document, load_pack()).explanations for seed in range(40)]
    assert not any(explanation.reason == TOO_LONG for each in found for explanation in each)
    assert sum(any(explanation.repairs for explanation in each) for each in found) >= 25


def test_last_years_figures_that_do_not_add_up_leave_no_way_and_no_work():
    rows = [{0: 1, 1: 1, 2: -1}, {0: 1}, {1: 1}, {2: 1}]  # carried in, and for each cell what last year carried out
    problem = Problem(Net(rows, 3), [0, -1, 0, 0], [2] * 3, [1, 0, 1])
    assert [fault.reason for fault in faults_of(problem, Search(problem, 1))] == [NO_WAY]


RECTANGLE = [{0: 1, 1: 1}, {2: 1, 3: 1}, {0: 1, 2: 1}, {1: 1, 3: 1}]


@pytest.mark.parametrize(("lowest", "sets"), [([1, 1, 9, 9], [{0, 1, 2, 3}]), ([1, 0, 9, 9], []), ([9, 9, 9, 9], [{1, 2}])])
def test_changes_that_the_sums_leave_open_are_settled_by_the_bounds(lowest, sets):
    gaps = [2, -1, -1, 2]  # 0 and 1 lose two together
    problem = Problem(Net(RECTANGLE, 4), gaps, [2] * 4, lowest)
    assert [set(cells) for cells in Plain(problem).smallest(gaps, 9)] == sets
    if sets:
        assert [set(cells) for cells in Search(problem, 1000).smallest(gaps, 9)] == sets


def test_faults_with_many_explanations_each_are_told_apart_without_trying_every_pair():
    width, height = 4, 25  # two columns have exchanged 1, two others 2, in any of the rows
    rows = [{row * width + column: 1 for column in range(width)} for row in range(height)]
    rows += [{row * width + column: 1 for row in range(height)} for column in range(width)]
    cells = width * height
    problem = Problem(Net(rows, cells), [0] * height + [1, -1, 2, -2], [2] * cells, [5] * cells)
    faults = faults_of(problem, Search(problem, 2000))
    assert [len(fault.sets) for fault in faults] == [height, height]


def test_what_has_other_factors_than_one_is_the_programs():
    problem = Problem(Net([{0: 2, 1: -1}], 2), [4], [2, 2], [5, 5])
    with pytest.raises(GaveUp):
        Search(problem, 1000).smallest([4], 9)
    assert said(faults_of(problem, SearchThenProgram(problem, WIDE))) == said(faults_of(problem, Plain(problem)))


def test_what_is_too_much_for_the_search_is_given_up_and_not_asked_of_the_program():
    table = [{row * 7 + column: 1 for column in range(7)} for row in range(25)]
    table += [{row * 7 + column: 1 for row in range(25)} for column in range(7)]
    gaps = [1, 2, 3, 4, *[0] * 21, 1, 2, 3, 4, *[0] * 3]
    solver = SearchThenProgram(Problem(Net(table, 175), gaps, [2] * 175, [5] * 175), Budget(solves=1000, steps=3))
    with pytest.raises(OutOfSteps):
        solver.smallest(gaps, 9)
    assert "_program" not in vars(solver)
