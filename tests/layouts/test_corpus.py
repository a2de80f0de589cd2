"""The generator of invented reports: consistent, repeatable, and honest about what it printed."""

from __future__ import annotations

import pytest

from bench.corpus import damage
from bench.corpus.defects import DEFECTS
from bench.corpus.invent import invent
from bench.corpus.layouts import LAYOUTS, case
from bench.corpus.page import Grid, Spot, cut, expanded, grids, spots, without_line
from bench.planted import plantings
from rules.filing import CellState

SEEDS = range(12)
PEOPLE = ("natural", "business", "research", "ngo", "legal", "other")


@pytest.mark.parametrize("seed", SEEDS)
def test_every_sum_of_an_invented_filing_holds(seed: int) -> None:
    invented = invent(seed)
    rows = invented.edition.tables["applications"].rows
    count = {spot: int(n) for spot, n in invented.counts.items() if spot.table != "disclosure"}
    outcomes = [key for key in rows if key not in ("new", "carried_in", "total", "carried_out")]
    wrong = [row for row in rows if sum(_app(count, row, c) for c in PEOPLE) != _app(count, row, "total")]
    for column in (*PEOPLE, "total"):
        if sum(_app(count, row, column) for row in outcomes) != _app(count, "total", column):
            wrong.append(f"results {column}")
        if _app(count, "new", column) + _app(count, "carried_in", column) != _app(count, "total", column) + _app(
            count, "carried_out", column
        ):
            wrong.append(f"balance {column}")
    for group in ("review", "direct", "after_review"):
        parts = sum(count[Spot("litigation", group, key)] for key in ("upheld", "corrected", "other", "pending"))
        if parts != count[Spot("litigation", group, "total")]:
            wrong.append(group)
    assert wrong == []


def _app(count: dict[Spot, int], row: str, column: str) -> int:
    return count[Spot("applications", row, column)]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_and_a_seed_always_give_the_same_bytes(layout: str) -> None:
    assert case(layout, 7).printed.data == case(layout, 7).printed.data


@pytest.mark.parametrize("layout", [name for name, layout in LAYOUTS.items() if layout.clean])
def test_a_clean_layout_loses_no_cell(layout: str) -> None:
    states = {(cell.state, cell.lost) for cell in case(layout, 3).expected.values()}
    assert states == {(CellState.FILLED, False)}


@pytest.mark.parametrize("seed", SEEDS)
def test_exactly_the_lost_rows_are_expected_absent(seed: int) -> None:
    lost = case("tabs-lost-rows", seed)
    rows = {spot[:2] for spot, cell in lost.expected.items() if cell.state is CellState.ABSENT}
    text = lost.printed.data.decode()
    tables = lost.invented.edition.tables
    labels = [tables[table].rows[row].label for table, row in rows]
    assert [label for label in labels if f"\t{label}\t" in text or f"\n{label}\t" in text] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_a_grid_keeps_its_geometry_when_a_line_is_taken_out(seed: int) -> None:
    for grid in grids(invent(seed).page()):
        for at in range(len(grid.lines)):
            _assert_no_overlap(without_line(grid, at))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_grid_cut_in_two_keeps_every_figure(seed: int) -> None:
    for grid in grids(invent(seed).page()):
        for at in range(1, len(grid.lines)):
            first, second = cut(grid, at)
            _assert_no_overlap(first)
            _assert_no_overlap(second)
            assert {**spots((first,)), **spots((second,))} == spots((grid,))


def _assert_no_overlap(grid: Grid) -> None:
    """Every place is covered at most once, and no merged cell runs out of the grid."""
    seen = set()
    for at, line in enumerate(grid.lines):
        for slot in line.slots:
            places = {(at + down, slot.column + right) for down in range(slot.height) for right in range(slot.width)}
            assert not places & seen, (grid.table, slot)
            assert all(row < len(grid.lines) and column < grid.columns for row, column in places), (grid.table, slot)
            seen |= places
    assert len(expanded(grid)) == len(grid.lines)


def test_blank_cells_are_expected_blank_and_never_filled() -> None:
    printed = case("html-blank-cells", 5)
    blank = [spot for spot, text in spots(printed.page).items() if not text]
    assert blank
    assert {printed.expected[spot].state for spot in blank} == {CellState.BLANK}


def test_figures_by_blanks_cannot_be_told_where_a_cell_is_blank() -> None:
    printed = case("spaces-blanks", 5)
    rows_with_blanks = {spot[:2] for spot, text in spots(printed.page).items() if not text and spot.table == "applications"}
    lost = {spot[:2] for spot in printed.printed.lost if spot.table == "applications"}
    assert rows_with_blanks == lost


@pytest.mark.parametrize("name", DEFECTS)
def test_every_fault_can_be_planted_and_changes_the_report(name: str) -> None:
    planted = list(plantings(DEFECTS[name], range(40)))
    unchanged = [invented.seed for invented, plant in planted if plant.page == invented.page()]
    assert planted
    assert unchanged == [] or name == "edition"


def test_damages_can_be_chained_on_a_table_already_cut() -> None:
    page = invent(4).page()
    chained = damage.chained(damage.cut_in_two(), damage.blank_cells(1.0))
    from random import Random

    assert set(spots(chained(page, Random(1))).values()) == {""}
