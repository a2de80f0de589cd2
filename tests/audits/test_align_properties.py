"""Properties of reading and aligning, over invented reports printed in many layouts (bench/corpus).

A cell is right if state, value and raw are what was printed. Where the printing lost something, ``unreadable`` or a doubt is
right too. What must never happen, in any layout, is a false reading without doubt.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audits.align import align
from bench.corpus import damage as d
from bench.corpus.damage import Damage
from bench.corpus.formats import text
from bench.corpus.formats.text import LabelThenFigures
from bench.corpus.invent import invent
from bench.corpus.layouts import LAYOUTS, Case, Layout, Writer, case, cells, pipes, print_by, tabs, web
from bench.corpus.page import Page, Words
from bench.layouts import Outcome, Reading, compare, facts_wrong, read_back
from reports_in import read_bytes
from reports_in.errors import IntakeError
from rules.filing import ABSENT_CELL, Cell, CellState, Filing

SEEDS = st.integers(0, 10**6)
FEW = settings(max_examples=3, deadline=None, derandomize=True)
SOME = settings(max_examples=20, deadline=None, derandomize=True)
MANY = settings(max_examples=100, deadline=None, derandomize=True)

WRITERS: dict[str, Writer] = {
    "tabs": tabs(),
    "tabs own": tabs(labels="own", marks="wrong"),
    "tabs gap": tabs(labels="own", gap=2, trailing="ragged", breaks=0.1),
    "tabs drift": tabs(drift=0.2),
    "cells": cells(),
    "cells tab": cells(lead="\t", covered=True),
    "cells tight": cells(ruled=False),
    "pipes": pipes(),
    "html": web(inline="split", spaces=True),
    "html blank": web(merged="blank", furniture=True),
}
DAMAGES: dict[str, Damage] = {
    "lost rows": d.lost_rows(0.1),
    "lost heads": d.lost_heads("applications"),
    "lost headings": d.lost_headings("applications", "litigation", "disclosure"),
    "lost table": d.lost_table("litigation"),
    "cut": d.cut_in_two(),
    "cut with heads": d.cut_in_two(heads=True),
    "row twice": d.cut_in_two(again=True),
    "broken labels": d.broken_labels(0.3),
    "blank cells": d.blank_cells(0.2),
    "blank rows": d.blank_cells(0.0, rows=0.3),
    "slashes": d.slashes(0.2),
    "noise": d.noisy_labels(0.03),
    "marks": d.other_marks,
    "kangxi": d.kangxi,
    "spaced": d.spaced_labels,
    "furniture": d.furnished,
    "contents": d.listed,
    "run on": d.run_on_headings,
}
HARD = {"blank cells", "blank rows", "broken labels", "noise"}  # alone they are tested above; mixed they can hide each other
ANY_WRITER = st.sampled_from(sorted(WRITERS))
ANY_DAMAGE = st.lists(st.sampled_from(sorted(DAMAGES)), max_size=3, unique=True)


def printed_with(writer: str, damages: list[str], seed: int) -> Case:
    in_turn = sorted(damages, key=lambda name: name == "row twice")  # a row printed twice is the same twice
    layout = Layout(WRITERS[writer], d.chained(*(DAMAGES[name] for name in in_turn)))
    return print_by(layout, invent(seed), name="/".join((writer, *damages)))


def unlike(readings: list[Reading], *outcomes: Outcome) -> list[str]:
    return [str(reading) for reading in readings if reading.outcome not in outcomes]


@pytest.mark.parametrize("layout", [name for name, layout in LAYOUTS.items() if layout.exact])
@given(seed=SEEDS)
@FEW
def test_a_printed_filing_is_read_back_with_exactly_the_lost_parts_absent(layout: str, seed: int) -> None:
    printed = case(layout, seed)
    assert unlike(compare(printed, read_back(printed)), Outcome.RIGHT) == []


@pytest.mark.parametrize("layout", LAYOUTS)
@given(seed=SEEDS)
@FEW
def test_year_edition_agency_and_sections_are_those_printed(layout: str, seed: int) -> None:
    printed = case(layout, seed)
    assert facts_wrong(printed, read_back(printed)) == []


def indented(page: Page, random: Random) -> Page:
    """Every line of text begins with a tab, as converters indent paragraphs."""
    return tuple(replace(block, text="\t" + block.text) if isinstance(block, Words) else block for block in page)


@pytest.mark.parametrize("writer", ["tabs", "tabs own", "cells", "cells tab", "cells tight"])
@given(seed=SEEDS)
@FEW
def test_a_tab_before_a_paragraph_or_a_heading_makes_no_cell_of_it(writer: str, seed: int) -> None:
    printed = print_by(Layout(WRITERS[writer], indented), invent(seed))
    filing = read_back(printed)
    assert (unlike(compare(printed, filing), Outcome.RIGHT), facts_wrong(printed, filing)) == ([], [])


SPARSE: dict[str, Writer] = WRITERS | {
    "tabs stripped": tabs(trailing="strip"),
    "tabs own stripped": tabs(labels="own", trailing="strip"),
    "tabs wide": tabs(gap=2),
    "tabs repeated": tabs(labels="repeat"),
    "pipes open": pipes(outer=False),
    "pipes closed": pipes(closed=True),
    "pipes repeated": pipes(covered="repeat", padded=True),
    "label then figures": partial(text.write, style=LabelThenFigures()),
}


@pytest.mark.parametrize("writer", SPARSE)
@pytest.mark.parametrize("share", [0.5, 0.85])
@given(seed=SEEDS)
@FEW
def test_a_table_of_mostly_blank_cells_gives_no_false_reading(writer: str, share: float, seed: int) -> None:
    printed = print_by(Layout(SPARSE[writer], d.blank_cells(share)), invent(seed))
    assert unlike(compare(printed, read_back(printed)), Outcome.RIGHT, Outcome.HONEST) == []


@pytest.mark.parametrize("writer", ["tabs", "tabs wide", "tabs own", "pipes", "pipes open"])
@given(seed=SEEDS)
@FEW
def test_blank_cells_keep_their_columns_where_a_dump_keeps_the_places_of_merged_cells(writer: str, seed: int) -> None:
    printed = print_by(Layout(SPARSE[writer], d.blank_cells(0.4)), invent(seed))
    assert unlike(compare(printed, read_back(printed)), Outcome.RIGHT) == []


@pytest.mark.parametrize("layout", [name for name, layout in LAYOUTS.items() if not layout.exact])
@given(seed=SEEDS)
@FEW
def test_what_cannot_be_told_for_sure_is_in_doubt_or_unreadable(layout: str, seed: int) -> None:
    printed = case(layout, seed)
    assert unlike(compare(printed, read_back(printed)), Outcome.RIGHT, Outcome.HONEST) == []


@given(writer=ANY_WRITER, damages=st.lists(st.sampled_from(sorted(DAMAGES.keys() - HARD)), max_size=4, unique=True), seed=SEEDS)
@MANY
def test_no_mix_of_damages_gives_a_false_reading_without_doubt(writer: str, damages: list[str], seed: int) -> None:
    printed = printed_with(writer, damages, seed)
    assert unlike(compare(printed, read_back(printed)), Outcome.RIGHT, Outcome.HONEST) == []


@given(writer=ANY_WRITER, damages=ANY_DAMAGE, seed=SEEDS)
@MANY
def test_no_mix_with_blanks_torn_labels_and_noise_gives_a_false_reading(writer: str, damages: list[str], seed: int) -> None:
    printed = printed_with(writer, damages, seed)
    assert unlike(compare(printed, read_back(printed)), Outcome.RIGHT, Outcome.HONEST) == []


@pytest.mark.parametrize("writer", sorted(WRITERS))
@given(seed=SEEDS, share=st.sampled_from((0.1, 0.5, 0.9, 1.0)))
@SOME
def test_a_blank_cell_is_never_read_as_a_number(writer: str, seed: int, share: float) -> None:
    printed = print_by(Layout(WRITERS[writer], d.blank_cells(share)), invent(seed), name=writer)
    filing = read_back(printed)
    blank = [spot for spot, expected in printed.expected.items() if expected.state is CellState.BLANK]
    assert [(spot, cell) for spot in blank if (cell := at(filing, spot)).value is not None and cell.doubt is None] == []


@given(writer=ANY_WRITER, seed=SEEDS, share=st.sampled_from((0.05, 0.3, 0.7)))
@MANY
def test_a_lost_row_is_never_read_as_present(writer: str, seed: int, share: float) -> None:
    printed = print_by(Layout(WRITERS[writer], d.lost_rows(share)), invent(seed), name=writer)
    filing = read_back(printed)
    lost = [spot for spot, expected in printed.expected.items() if expected.state is CellState.ABSENT]
    assert [(spot, cell) for spot in lost if (cell := at(filing, spot)).state is not CellState.ABSENT and not cell.doubt] == []


@given(writer=ANY_WRITER, damages=ANY_DAMAGE, seed=SEEDS)
@MANY
def test_a_cell_quotes_what_stands_at_its_place(writer: str, damages: list[str], seed: int) -> None:
    printed = printed_with(writer, damages, seed)
    document = read_bytes(printed.printed.data, printed.printed.name)
    filing = align(document)
    untrue = []
    for table in filing.tables.values():
        for row in table.rows.values():
            for cell in row.cells.values():
                if cell.state is CellState.FILLED and (
                    cell.at is None or bare(document.text[slice(*cell.at.chars)]) != bare(cell.raw)
                ):
                    untrue.append((table.key, row.key, cell))
    assert untrue == []


@given(
    writer=ANY_WRITER,
    seed=SEEDS,
    holes=st.lists(st.tuples(st.floats(0, 1), st.integers(1, 400)), min_size=1, max_size=6),
)
@MANY
def test_a_torn_file_is_read_or_refused_and_no_value_is_made_up(writer: str, seed: int, holes: list[tuple[float, int]]) -> None:
    printed = print_by(Layout(WRITERS[writer]), invent(seed), name=writer)
    text = printed.printed.data.decode()
    for where, length in holes:
        start = int(where * len(text))
        text = text[:start] + text[start + length :]
    try:
        document = read_bytes(text.encode(), printed.printed.name)
    except IntakeError:
        return
    filing = align(document)
    raws = [c.raw for table in filing.tables.values() for row in table.rows.values() for c in row.cells.values() if c.raw]
    words = bare(document.text)
    assert [raw for raw in raws if bare(raw) not in words] == []


def at(filing: Filing, spot: tuple[str, str, str]) -> Cell:
    table = filing.tables.get(spot[0])
    return table.cell(spot[1], spot[2]) if table else ABSENT_CELL


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)
