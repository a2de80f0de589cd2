"""The sums of a filing: every equality that the pack's rules of sums ask about, as terms over cells.

An equality with a cell that has no number (blank, absent, unreadable, "/") constrains nothing: what is not known is not zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol, TypeGuard

from rules.compile import Rule
from rules.filing import Filing
from rules.verdict import Place, Severity

Address = tuple[str, str, str]  # table, row, column


@dataclass(frozen=True, slots=True)
class Sum:
    """``sum(factor * cell for terms) + constant == 0``, the constant being cells of last year's report if ``earlier``.

    gap is what the left side comes to as printed: 0 if it holds, None if a cell has no (whole) number.
    """

    rule: str
    place: Place
    terms: Mapping[Address, int]
    gap: int | None
    earlier: bool = False


class HasEqualities(Protocol):
    """A rule kind that asks for equalities: for each its place, the cells with their factors, and cells of last year's report."""

    def equalities(self, filing: Filing) -> Iterator[tuple[Place, Mapping[Address, int], Mapping[Address, int]]]: ...


def has_equalities(kind: object) -> TypeGuard[HasEqualities]:
    """Asked of every finding of every report: isinstance would compare with the whole protocol, at twenty times the cost."""
    return hasattr(kind, "equalities")


def sums_of(filing: Filing, rules: Iterable[Rule]) -> list[Sum]:
    """Every equality, in the order of the rules. What a rule only warns of (stocks from year to year) is no arithmetic."""
    found = []
    values = _values(filing)
    earlier = _values(filing.previous) if filing.previous is not None else {}
    for rule in rules:
        if rule.severity is Severity.ERROR and has_equalities(rule.kind) and rule.why_not_asked(filing) is None:
            for place, terms, before in rule.kind.equalities(filing):
                gap = _total(values, terms)
                if gap is not None and before:
                    stock = _total(earlier, before)
                    gap = None if stock is None else gap + stock
                whole = int(gap) if gap is not None and gap.denominator == 1 else None
                found.append(Sum(rule.id, place, terms, whole, bool(before)))
    return found


def _values(filing: Filing) -> dict[Address, int | Fraction]:
    """The exact number of every cell that has one."""
    return {
        (key, row, column): value if isinstance(value, int) else Fraction(value)
        for key, table in filing.tables.items()
        for row, found in table.rows.items()
        for column, cell in found.cells.items()
        if (value := cell.value) is not None
    }


def _total(values: Mapping[Address, int | Fraction], terms: Mapping[Address, int]) -> int | Fraction | None:
    """Exact; None if a cell has no number."""
    total: int | Fraction = 0
    for address, factor in terms.items():
        value = values.get(address)
        if value is None:
            return None
        total += factor * value
    return total


def components(sums: Sequence[Sum]) -> list[list[Sum]]:
    """The sums that can be reckoned, in groups that share no cell, in their order; groups without a broken one left out."""
    groups: list[tuple[set[Address], list[int]]] = []
    for index, asked in enumerate(sums):
        if asked.gap is None:
            continue
        cells, members = set(asked.terms), [index]
        apart = []
        for others, theirs in groups:
            if cells.isdisjoint(others):
                apart.append((others, theirs))
            else:
                cells |= others
                members += theirs
        groups = [*apart, (cells, members)]
    found = [[sums[index] for index in sorted(members)] for _, members in groups]
    return [group for group in found if any(asked.gap for asked in group)]
