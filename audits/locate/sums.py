"""The sums of a filing: every equality that the pack's rules of sums ask about, and what each comes to as printed.

Which cell stands in which sum is the same for every report that is laid out alike: it is worked out once (``Layout``). An equality
with a cell that has no number (blank, absent, unreadable, "/") constrains nothing: what is not known is not zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Protocol, TypeGuard

from audits.locate.problem import Net, bits_of, places_in
from rules.compile import Pack, Rule
from rules.filing import Cell, Filing, Number
from rules.kinds.equality import Address, Equality
from rules.verdict import Severity

Sum = tuple[str, Equality]  # and the id of the rule that asks for it
Shape = tuple[tuple[str, str, tuple[str, ...]], ...]  # of every row of a filing: table, row, columns


class HasEqualities(Protocol):
    """A rule kind that asks for equalities: of filings laid out alike the same objects."""

    def equalities(self, filing: Filing) -> tuple[Equality, ...]: ...


def has_equalities(kind: object) -> TypeGuard[HasEqualities]:
    """Asked of every finding of every report: isinstance would compare with the whole protocol, at twenty times the cost."""
    return hasattr(kind, "equalities")


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Sums and the cells that they are about, without a number. Each is known by its place in the list; a set of them is a number's bits.

    at        where each cell stands among all of the filing.
    without   the sums with a cell that the filing's tables do not have.
    earlier   the sums with cells of last year's report.
    """

    sums: tuple[Sum, ...]
    cells: tuple[Address, ...]
    at: tuple[int, ...]
    net: Net
    without: int
    earlier: int


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums of a filing with its numbers.

    printed  every cell of the filing.
    gaps     what each sum comes to; known: the sums, as bits, of which every cell has a number, and which come to a whole one.
    """

    layout: Layout
    printed: Sequence[Cell]
    gaps: Sequence[int]
    known: int

    @property
    def is_whole(self) -> bool:
        """Whether every sum could be reckoned."""
        return self.known == (1 << len(self.gaps)) - 1

    def groups(self) -> list[int]:
        """The sums that could be reckoned, in groups that share no cell; only groups with a broken one."""
        broken = bits_of(row for row, gap in enumerate(self.gaps) if gap) & self.known
        return self.layout.net.groups(broken, self.known)


def sums_of(filing: Filing, pack: Pack) -> Sums:
    """Every equality, in the order of the pack's rules."""
    sums = tuple(_asked(filing, pack))
    rows = [(key, row) for key, table in filing.tables.items() for row in table.rows.values()]
    layout = _layout(sums, tuple([(key, row.key, tuple(row.cells)) for key, row in rows]))
    printed = [cell for _, row in rows for cell in row.cells.values()]
    gaps: list[int | Fraction] = [0] * len(sums)
    unknown, uneven = layout.without, 0
    for cell, sums_of_cell, terms in zip(printed, layout.net.rows_of, layout.net.terms_of, strict=True):
        value = cell.value
        if value is None:
            unknown |= sums_of_cell
        elif value and terms:
            exact = _exact(value)
            if exact is not value:
                uneven |= sums_of_cell
            for row, factor in terms:
                gaps[row] += factor * exact
    for row in places_in(layout.earlier & ~unknown):
        stock = _total(filing.previous, sums[row][1].before)
        if stock is None:
            unknown |= 1 << row
        else:
            uneven |= 1 << row
            gaps[row] += stock
    unknown |= bits_of(row for row in places_in(uneven) if gaps[row].denominator != 1)
    return Sums(layout, printed, [int(gap) for gap in gaps], ~unknown & ((1 << len(sums)) - 1))


def _asked(filing: Filing, pack: Pack) -> Iterator[Sum]:
    for rule in _rules_of_sums(pack):
        if rule.why_not_asked(filing.edition, filing.year.value, filing.agency_kind.body) is None and has_equalities(rule.kind):
            for equality in rule.kind.equalities(filing):
                yield rule.id, equality


@lru_cache(maxsize=16)
def _rules_of_sums(pack: Pack) -> tuple[Rule, ...]:
    """What a rule only warns of (stocks from year to year) is no arithmetic."""
    return tuple(rule for rule in pack.rules.values() if rule.severity is Severity.ERROR and has_equalities(rule.kind))


def _exact(value: Number) -> int | Fraction:
    return value if isinstance(value, int) else Fraction(value)


def _total(filing: Filing | None, terms: Mapping[Address, int]) -> int | Fraction | None:
    """Exact; None if a cell has no number."""
    total: int | Fraction = 0
    for (table, row, column), factor in terms.items():
        value = filing.tables[table].cell(row, column).value if filing is not None and table in filing.tables else None
        if value is None:
            return None
        total += factor * _exact(value)
    return total


@lru_cache(maxsize=64)
def _layout(sums: tuple[Sum, ...], shape: Shape) -> Layout:
    """Of all cells of the filing."""
    cells = tuple((table, row, column) for table, row, columns in shape for column in columns)
    index = {address: number for number, address in enumerate(cells)}
    net = Net([{index[at]: factor for at, factor in equality.terms.items() if at in index} for _, equality in sums], len(cells))
    return Layout(
        sums,
        cells,
        tuple(range(len(cells))),
        net,
        without=bits_of(number for number, (_, equality) in enumerate(sums) if not equality.terms.keys() <= index.keys()),
        earlier=bits_of(number for number, (_, equality) in enumerate(sums) if equality.before),
    )


@lru_cache(maxsize=256)
def part_of(layout: Layout, rows: int) -> Layout:
    """Those sums alone, and the cells that stand in them."""
    numbers = tuple(places_in(rows))
    at = tuple(cell for cell, theirs in enumerate(layout.net.rows_of) if theirs & rows)
    index = {cell: number for number, cell in enumerate(at)}
    factors = [{index[cell]: factor for cell, factor in layout.net.factors[row].items()} for row in numbers]
    return Layout(
        tuple(layout.sums[row] for row in numbers),
        tuple(layout.cells[cell] for cell in at),
        at,
        Net(factors, len(at)),
        without=0,
        earlier=bits_of(number for number, row in enumerate(numbers) if layout.earlier >> row & 1),
    )
