"""The measure itself: what counts as right, honest and wrong. A measure that cannot fail measures nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.corpus.formats import Printed
from bench.corpus.invent import invent
from bench.corpus.layouts import Case, case
from bench.corpus.page import ExpectedCell, Spot
from bench.layouts import Outcome, compare, facts_wrong, read_back
from rules.filing import Cell, CellState, Filing, Stated

SPOT = Spot("applications", "granted", "natural")


def asked(expected: ExpectedCell) -> Case:
    """A case that asks for one cell only."""
    return Case("made", 0, invent(0), (), Printed(b"", "made.txt"), {SPOT: expected})


def holding(cell: Cell) -> Filing:
    """A filing whose only cell is that one."""
    whole = read_back(case("html", 0))
    table = whole.tables["applications"]
    row = table.rows["granted"]._replace(cells={"natural": cell})
    return replace(whole, tables={"applications": replace(table, rows={"granted": row})})


BLANK = ExpectedCell(CellState.BLANK)
SEVEN = ExpectedCell(CellState.FILLED, "7")
GONE = ExpectedCell(CellState.ABSENT)


@pytest.mark.parametrize(
    ("expected", "got", "outcome"),
    [
        (SEVEN, Cell(CellState.FILLED, "7", 7), Outcome.RIGHT),
        (SEVEN, Cell(CellState.FILLED, "\u200b7 ", 7), Outcome.RIGHT),
        (SEVEN, Cell(CellState.FILLED, "8", 8), Outcome.WRONG),
        (SEVEN, Cell(CellState.FILLED, "8", 8, doubt="列位置推定"), Outcome.HONEST),
        (SEVEN, Cell(CellState.FILLED, "7", 7, doubt="列位置推定"), Outcome.HONEST),
        (SEVEN, Cell(CellState.UNREADABLE), Outcome.HONEST),
        (SEVEN, Cell(CellState.BLANK), Outcome.WRONG),
        (SEVEN, Cell(CellState.ABSENT), Outcome.WRONG),
        (BLANK, Cell(CellState.BLANK), Outcome.RIGHT),
        (BLANK, Cell(CellState.FILLED, "0", 0), Outcome.WRONG),
        (BLANK, Cell(CellState.ABSENT), Outcome.WRONG),
        (GONE, Cell(CellState.ABSENT), Outcome.RIGHT),
        (GONE, Cell(CellState.FILLED, "7", 7), Outcome.WRONG),
        (GONE, Cell(CellState.BLANK), Outcome.WRONG),
        (replace(SEVEN, lost=True), Cell(CellState.UNREADABLE), Outcome.RIGHT),
        (replace(SEVEN, lost=True), Cell(CellState.FILLED, "7", 7), Outcome.RIGHT),
        (replace(SEVEN, lost=True), Cell(CellState.FILLED, "8", 8), Outcome.WRONG),
        (replace(BLANK, lost=True), Cell(CellState.FILLED, "8", 8, doubt="列位置推定"), Outcome.RIGHT),
    ],
)
def test_a_false_reading_is_wrong_unless_it_says_so(expected: ExpectedCell, got: Cell, outcome: Outcome) -> None:
    assert [reading.outcome for reading in compare(asked(expected), holding(got))] == [outcome]


def test_a_cell_of_the_other_edition_is_wrong() -> None:
    printed = replace(case("html", 0), expected={})
    assert {reading.outcome for reading in compare(printed, holding(Cell(CellState.FILLED, "7", 7)))} == {Outcome.WRONG}


def test_a_wrong_year_agency_or_section_is_a_wrong_fact() -> None:
    printed = case("html", 3)
    filing = read_back(printed)
    doctored = replace(filing, year=Stated(1999), agency=Stated("别处"), edition="E0", sections={})
    assert facts_wrong(printed, filing) == []
    assert [line.split(":")[0] for line in facts_wrong(printed, doctored)] == ["year", "edition", "agency", "sections"]
