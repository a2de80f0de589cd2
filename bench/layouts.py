"""Read invented reports back, layout by layout: ``python -m bench.layouts --seeds 20 [--only tabs] [--show 3]``."""

from __future__ import annotations

import argparse
import re
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bench.corpus.layouts import LAYOUTS, Case, case
from bench.corpus.page import ExpectedCell, Spot, Words
from reports_in import read_bytes
from rules.filing import ABSENT_CELL, Cell, CellState, Filing, PartState
from rules.numbers import INVISIBLE, parse_figure


class Outcome(StrEnum):
    """right; honest: not what is printed, but said to be unreadable or in doubt; wrong: a false reading without doubt."""

    RIGHT = "right"
    HONEST = "honest"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Reading:
    """How one cell was read against how it must be."""

    spot: Spot
    expected: ExpectedCell
    got: Cell
    outcome: Outcome

    def __str__(self) -> str:
        want = f"{self.expected.state} {self.expected.raw!r}" + (" (lost)" if self.expected.lost else "")
        return f"{'.'.join(self.spot)}: want {want}, got {self.got.state} {self.got.raw!r} doubt={self.got.doubt}"


def read_back(printed: Case) -> Filing:
    from audits.align import align  # here, so that --print works while the alignment does not

    return align(read_bytes(printed.printed.data, printed.printed.name))


def compare(printed: Case, filing: Filing) -> list[Reading]:
    """Every data cell of the edition, and every cell that the filing holds beyond them."""
    readings = [_reading(spot, expected, _got(filing, spot)) for spot, expected in printed.expected.items()]
    absent = ExpectedCell(CellState.ABSENT)
    for spot, cell in _all_cells(filing):
        if spot not in printed.expected and cell.state is not CellState.ABSENT:
            readings.append(_reading(spot, absent, cell))
    return readings


def _got(filing: Filing, spot: Spot) -> Cell:
    table = filing.tables.get(spot.table)
    return table.cell(spot.row, spot.column) if table else ABSENT_CELL


def _all_cells(filing: Filing) -> Iterator[tuple[Spot, Cell]]:
    for table in filing.tables.values():
        for row in table.rows.values():
            for column, cell in row.cells.items():
                yield Spot(table.key, row.key, column), cell


def _reading(spot: Spot, expected: ExpectedCell, got: Cell) -> Reading:
    same = got.state is expected.state and _bare(got.raw) == _bare(expected.raw)
    same = same and got.value == parse_figure(expected.raw).value
    if same and (got.doubt is None or expected.lost):
        return Reading(spot, expected, got, Outcome.RIGHT)
    unlabelled = spot.table == "litigation"  # its line of figures has no label: wholly blank, it may as well be absent
    if expected.lost and expected.state is CellState.BLANK and got.state is CellState.ABSENT and unlabelled:
        return Reading(spot, expected, got, Outcome.RIGHT)
    open_about_it = got.doubt is not None or got.state is CellState.UNREADABLE
    if open_about_it and expected.lost:
        return Reading(spot, expected, got, Outcome.RIGHT)
    return Reading(spot, expected, got, Outcome.HONEST if open_about_it else Outcome.WRONG)


def _bare(text: str) -> str:
    """Without blanks and characters that nobody sees."""
    return INVISIBLE.sub("", re.sub(r"\s+", "", text))


def facts_wrong(printed: Case, filing: Filing) -> list[str]:
    """What the filing says of year, edition, agency and sections against what was printed."""
    invented = printed.invented
    told = {
        "year": (filing.year.value, invented.year),
        "edition": (filing.edition, invented.edition.id),
        "agency": (filing.agency.value, invented.agency),
        "sections": (
            [key for key, section in filing.sections.items() if section.state is not PartState.ABSENT],
            [key for key in invented.edition.sections if _heading_printed(printed, key)],
        ),
    }
    return [f"{name}: want {want}, got {got}" for name, (got, want) in told.items() if got != want]


def _heading_printed(printed: Case, section: str) -> bool:
    return any(isinstance(b, Words) and b.role == "heading" and b.section == section for b in printed.page)


@dataclass(slots=True)
class Tally:
    """What came of one layout over all seeds. ``facts`` counts reports with a wrong year, edition, agency or section list,
    ``crashes`` those that raised."""

    cells: Counter[Outcome]
    reports: int
    perfect: int
    crashes: int
    facts: int
    examples: list[str]


def measure(layout: str, seeds: Iterable[int], show: int = 3) -> Tally:
    tally = Tally(Counter(), 0, 0, 0, 0, [])
    for seed in seeds:
        printed = case(layout, seed)
        tally.reports += 1
        try:
            filing = read_back(printed)
            readings, facts = compare(printed, filing), facts_wrong(printed, filing)
        except Exception:  # a crash on one report is a result to print, not the end of the run
            tally.crashes += 1
            tally.cells[Outcome.WRONG] += len(printed.expected)
            if len(tally.examples) < show:
                tally.examples.append(f"seed {seed}: " + traceback.format_exc(limit=-1).strip().replace("\n", " | "))
            continue
        if facts:
            tally.facts += 1
            if len(tally.examples) < show:
                tally.examples.append(f"seed {seed} (facts): {'; '.join(facts)}")
        counted = Counter(reading.outcome for reading in readings)
        tally.cells += counted
        tally.perfect += counted[Outcome.RIGHT] == len(readings)
        bad = [reading for reading in readings if reading.outcome is not Outcome.RIGHT]
        bad.sort(key=lambda reading: reading.outcome is not Outcome.WRONG)
        if bad and len(tally.examples) < show:
            kind = "wrong" if bad[0].outcome is Outcome.WRONG else "honest"
            tally.examples.append(f"seed {seed} ({kind}, {len(bad)} cells): {bad[0]}")
    return tally


def main(argv: list[str] | None = None) -> int:
    """Print the table. Returns 1 if any cell was read wrong, else 0."""
    parser = argparse.ArgumentParser(prog="python -m bench.layouts", description="read invented reports back")
    parser.add_argument("--seeds", type=int, default=10, help="reports per layout")
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--only", default="", help="layouts whose name holds this word")
    parser.add_argument("--show", type=int, default=3, help="examples per layout")
    parser.add_argument("--print", dest="dump", action="store_true", help="print the first report of each layout instead")
    arguments = parser.parse_args(argv)
    names = [name for name in LAYOUTS if arguments.only in name]
    if arguments.dump:
        for name in names:
            print(f"==== {name}\n{case(name, arguments.first).printed.data.decode('utf-8', 'replace')}")
        return 0
    total: Counter[Outcome] = Counter()
    print(f"{'layout':26}{'reports':>8}{'whole':>7}{'cells':>8}{'right':>8}{'honest':>8}{'wrong':>7}{'facts':>6}{'crash':>6}")
    for name in names:
        tally = measure(name, range(arguments.first, arguments.first + arguments.seeds), arguments.show)
        total += tally.cells
        print(
            f"{name:26}{tally.reports:8}{tally.perfect:7}{tally.cells.total():8}{tally.cells[Outcome.RIGHT]:8}"
            f"{tally.cells[Outcome.HONEST]:8}{tally.cells[Outcome.WRONG]:7}{tally.facts:6}{tally.crashes:6}"
        )
        for example in tally.examples:
            print(f"    {example}")
    print(
        f"all layouts: {total[Outcome.RIGHT]}/{total.total()} right, {total[Outcome.HONEST]} honest, {total[Outcome.WRONG]} wrong"
    )
    return 1 if total[Outcome.WRONG] else 0


if __name__ == "__main__":
    raise SystemExit(main())
