"""jumps (同比异动): a figure is many times what it was last year, a small part of it, or gone. Asked once for every cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from rules.errors import FieldError
from rules.filing import Filing
from rules.kinds.doubts import year_doubt
from rules.kinds.gaps import NO_PREVIOUS, in_words
from rules.kinds.keys import split_cell
from rules.labels import cell_label
from rules.verdict import Evidence, Place, State, Verdict

Address = tuple[str, str, str]  # table, row, column


@dataclass(frozen=True, slots=True)
class Jumps:
    """cells: those asked about. Broken where this year's is more than ``times`` last year's, or 0 where last year's was not.

    base  the least figure of last year that is compared: small numbers jump by nature.
    Facts: label, before, after, previous (the year before).
    """

    cells: tuple[str, ...]
    times: int
    base: int
    addresses: Mapping[str, Address] = field(init=False, repr=False)
    gives: ClassVar[frozenset[str]] = frozenset({"label", "before", "after", "previous"})

    def __post_init__(self) -> None:
        if self.times < 2 or self.base < 1:
            raise FieldError("times" if self.times < 2 else "base", "times 应不小于 2，base 应不小于 1")
        found = {cell: split_cell(("cells", index), cell) for index, cell in enumerate(self.cells)}
        object.__setattr__(self, "addresses", found)

    def check(self, filing: Filing) -> Iterator[Verdict]:
        earlier = filing.previous
        if earlier is None:
            yield Verdict(State.UNDETERMINED, reason=NO_PREVIOUS)
            return
        for address in self.addresses.values():
            yield self._ask(filing, earlier, address)

    def _ask(self, filing: Filing, earlier: Filing, address: Address) -> Verdict:
        table, row, column = address
        place = Place(table, table, row, column)
        now, then = filing.tables[table].cell(row, column), earlier.tables[table].cell(row, column)
        label = cell_label(filing.edition or "", *address)
        if now.value is None or then.value is None:
            cells = ((label, now), (f"上年报告{label}", then))
            return Verdict(State.UNDETERMINED, place, reason=in_words(cell for cell in cells if cell[1].value is None))
        if then.value < self.base:
            return Verdict(State.NOT_APPLICABLE, place, reason=f"上年不足{self.base}，不作同比")
        if 0 < now.value <= self.times * then.value:
            return Verdict(State.HOLDS, place)
        facts = {"label": label, "before": then.value, "after": now.value, "previous": earlier.year.value or "上"}
        doubt = now.doubt or then.doubt or year_doubt(filing) or year_doubt(earlier)
        return Verdict(State.BROKEN, place, (Evidence(f"{label} {now.raw}", now.at),), facts, doubt=doubt)
