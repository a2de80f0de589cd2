"""Figures go into columns only where one arrangement fits; otherwise they are unreadable, never wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.align.lines import Piece
from audits.align.values import groups_add_up, place, row_adds_up
from reports_in.document import Source
from rules.filing import Cell, CellState

AT = Source(None, 1, None, (0, 0))


def read(texts: list[str], count: int = 7, **known: object) -> list[str]:
    pieces = [Piece(text, AT, column) for column, text in enumerate(texts)]
    return [shown(cell) for cell in place(pieces, count, AT, 100.0, **known)]  # type: ignore[arg-type]


def shown(cell: Cell) -> str:
    return {CellState.BLANK: "_", CellState.UNREADABLE: "?", CellState.ABSENT: "-"}.get(cell.state, cell.raw)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ("2 0 0 0 0 0 2", "2 0 0 0 0 0 2"),  # as many figures as columns
        ("_ _ 2 0 0 0 0 0 2 _", "2 0 0 0 0 0 2"),  # layout blanks around them
        ("2 _ _ _ _ _ 2", "2 _ _ _ _ _ 2"),  # as many cells as columns: blanks are cells
        ("_ _ _ _ _", "_ _ _ _ _ _ _"),  # nothing filled in
        ("", "_ _ _ _ _ _ _"),
        ("/ / / / / / /", "/ / / / / / /"),
        ("1 0 0 1", "? ? ? ? ? ? 1"),  # blanks lost: only the total can be told, by the sum
        ("1020004", "? ? ? ? ? ? ?"),  # glued, and the sum does not bear it out
        ("1020004 4", "? ? ? ? ? ? ?"),
    ],
)
def test_a_row_is_placed_only_where_it_must_stand(texts: str, expected: str) -> None:
    printed = ["" if text == "_" else text for text in texts.split()]
    assert " ".join(read(printed, witness=row_adds_up)) == expected


def test_columns_known_from_siblings_place_a_row_with_blanks() -> None:
    assert read(["", "", "2", "", "0", "", "", "", "2", ""], columns=[(2, 3, 4, 5, 6, 7, 8)]) == [
        "2",
        "_",
        "0",
        "_",
        "_",
        "_",
        "2",
    ]


def test_columns_that_break_the_sum_are_not_believed_in_a_dump() -> None:
    texts = ["", "2", "", "", "", "", "", "2", ""]  # shifted: read by column it would have no first figure and a total of 0
    assert read(texts, columns=[(2, 3, 4, 5, 6, 7, 8)], witness=row_adds_up)[-1] != "_"


def test_a_repeated_merged_cell_is_one_cell() -> None:
    assert read(["4", "4", "9"], count=2, columns=[(0, 2)]) == ["4", "9"]


def test_glued_single_digits_are_parted_when_all_sums_hold_and_stay_in_doubt() -> None:
    cells = place([Piece("102030000012014", AT)], 15, AT, 100.0, groups_add_up)
    assert [cell.doubt is not None for cell in cells] == [True] * 15
    cells = place([Piece("102030000012024", AT)], 15, AT, 100.0, groups_add_up)
    assert {cell.state for cell in cells} == {CellState.UNREADABLE}


@given(st.lists(st.sampled_from(["", "0", "1", "2", "12"]), max_size=10))
def test_no_figure_appears_that_was_not_printed(texts: list[str]) -> None:
    filled = [text for text in read(texts, witness=row_adds_up) if text not in ("_", "?")]
    printed = [text for text in texts if text]
    assert all(filled.count(text) <= printed.count(text) for text in set(filled))


@given(st.lists(st.integers(0, 30), min_size=6, max_size=6), st.sets(st.integers(0, 6), max_size=6))
def test_a_figure_read_without_doubt_is_in_its_own_column(numbers: list[int], lost: set[int]) -> None:
    row = [str(number) for number in (*numbers, sum(numbers))]
    printed = [text for index, text in enumerate(row) if index not in lost]
    cells = place([Piece(text, AT) for text in printed], 7, AT, 100.0, row_adds_up)
    sure = [(index, cell.raw) for index, cell in enumerate(cells) if cell.state is CellState.FILLED and cell.doubt is None]
    assert all(row[index] == raw for index, raw in sure)
