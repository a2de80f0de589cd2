"""The sums of a filing: which cells they are about is worked out once for all reports laid out alike, what they come to for each."""

from __future__ import annotations

from dataclasses import replace

from audits.locate.problem import Net, bits_of, places_in
from audits.locate.sums import part_of, sums_of
from rules.compile import load_pack
from rules.examples import filing_of

PACK = load_pack()
ROWS = {"new": [20, 0, 0, 0, 0, 1, 21], "granted": [20, 0, 0, 0, 0, 1, 21], "total": [20, 0, 0, 0, 0, 1, 21]}


def filing(year=2023, previous=None, **rows):
    spec = {"year": year, "tables": {"applications": {"rows": ROWS | rows}}}
    return filing_of(spec | ({"previous": previous} if previous else {}))


def broken(sums):
    return {
        (rule, sum_.place.row, sum_.place.column): gap
        for (rule, sum_), gap in zip(sums.layout.sums, sums.gaps, strict=True)
        if gap
    }


def test_reports_laid_out_alike_share_the_layout_and_not_the_numbers():
    right, wrong = sums_of(filing(), PACK), sums_of(filing(granted=[21, 0, 0, 0, 0, 1, 21]), PACK)
    assert right.layout is wrong.layout
    assert broken(right) == {}
    assert broken(wrong) == {("APP-RESULT-SUM", "total", "natural"): 1, ("APP-ROW-SUM", "granted", "total"): 1}


def test_a_row_of_the_other_edition_and_last_years_report_make_another_layout():
    plain = sums_of(filing(), PACK)
    own = filing().tables["applications"]
    foreign = replace(own, rows={**own.rows, "other": own.rows["new"]._replace(key="other")}, foreign=("other",))
    layouts = [
        plain.layout,
        sums_of(replace(filing(), tables={**filing().tables, "applications": foreign}), PACK).layout,
        sums_of(filing(previous={"year": 2022, "tables": {"applications": {"rows": ROWS}}}), PACK).layout,
        sums_of(filing(year=2020), PACK).layout,
    ]
    assert len({layout.sums for layout in layouts}) == len(layouts)


def test_a_sum_with_an_empty_cell_or_a_fraction_is_not_known():
    assert sums_of(filing(), PACK).is_whole
    for cell in ("blank", "/", "3.5"):
        sums = sums_of(filing(granted=[cell, 0, 0, 0, 0, 1, 21]), PACK)
        unknown = [sums.layout.sums[row][1].place for row in range(len(sums.gaps)) if not sums.known >> row & 1]
        assert [(place.row, place.column) for place in unknown] == [("total", "natural"), ("granted", "total")]
        assert not sums.is_whole


def test_last_years_cells_are_part_of_what_a_sum_comes_to():
    before = {"year": 2022, "tables": {"applications": {"rows": ROWS | {"carried_out": [2, 0, 0, 0, 0, 0, 2]}}}}
    assert broken(sums_of(filing(previous=before), PACK)) == {
        ("CARRYOVER-MISMATCH", "carried_in", "natural"): -2,
        ("CARRYOVER-MISMATCH", "carried_in", "total"): -2,
    }
    before["tables"]["applications"]["rows"]["carried_out"] = ["blank", 0, 0, 0, 0, 0, 0]
    sums = sums_of(filing(previous=before), PACK)
    assert broken(sums) == {}
    assert len(sums.gaps) - sums.known.bit_count() == 1


def test_sums_that_share_no_cell_are_apart_and_come_in_the_order_of_their_last():
    net = Net([{0: 1, 1: -1}, {2: 1, 3: -1}, {4: 1, 5: -1}, {1: 1, 6: -1}], 7)
    every = 0b1111
    assert [list(places_in(group)) for group in net.groups(bits_of([0, 1]), every)] == [[1], [0, 3]]
    assert [list(places_in(group)) for group in net.groups(bits_of([0]), every & ~bits_of([3]))] == [[0]]


def test_a_part_has_its_own_cells_in_the_order_of_the_template():
    layout = sums_of(filing(), PACK).layout
    rows = [row for row, (_, asked) in enumerate(layout.sums) if asked.place.table == "litigation"]
    part = part_of(layout, bits_of(rows))
    assert part.sums == tuple(layout.sums[row] for row in rows)
    assert {table for table, *_ in part.cells} == {"litigation"}
    assert [layout.cells[at] for at in part.at] == list(part.cells)
    named = [{part.cells[cell]: factor for cell, factor in row.items()} for row in part.net.factors]
    assert named == [asked.terms for _, asked in part.sums]
