"""share: how large a part of a total one row may be before a person should look at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar

from rules.filing import Filing
from rules.kinds.gaps import in_words, without_figures
from rules.kinds.keys import check_rows, split_cell
from rules.labels import row_label
from rules.verdict import Evidence, Place, State, Verdict


@dataclass(frozen=True, slots=True)
class Share:
    """of is the cell of the total, parts the rows asked about with the percentage each must not exceed; asked from ``least`` on.

    Facts: row, part, whole, percent, limit.
    """

    of: str
    parts: Mapping[str, int]
    least: int
    gives: ClassVar[frozenset[str]] = frozenset({"row", "part", "whole", "percent", "limit"})

    def __post_init__(self) -> None:
        table, _, _ = split_cell(("of",), self.of)
        for row in self.parts:
            check_rows(("parts", row), table, (row,))

    def check(self, filing: Filing) -> Iterator[Verdict]:
        key, total, column = self.of.split(".")
        nothing = without_figures(filing, key)
        if nothing is not None:
            yield nothing
            return
        table = filing.tables[key]
        edition = filing.edition or ""
        whole = table.cell(total, column)
        for row, limit in self.parts.items():
            if row not in table.rows:
                continue  # the other edition's row
            place = Place(key, key, row, column)
            part = table.cell(row, column)
            cells = [(row_label(edition, key, total), whole), (row_label(edition, key, row), part)]
            if whole.value is not None and whole.value < self.least:
                yield Verdict(State.NOT_APPLICABLE, place, reason=f"总数不足{self.least}件")
            elif whole.value is None or part.value is None:
                yield Verdict(State.UNDETERMINED, place, reason=in_words(cell for cell in cells if cell[1].value is None))
            elif part.value * 100 <= whole.value * limit:
                yield Verdict(State.HOLDS, place)
            else:
                percent = (Decimal(part.value) * 100 / Decimal(whole.value)).quantize(Decimal("0.1"), ROUND_HALF_UP)
                facts = {"row": cells[1][0], "part": part.value, "whole": whole.value, "percent": percent, "limit": limit}
                evidence = tuple(Evidence(f"{label} {cell.raw}", cell.at) for label, cell in cells)
                yield Verdict(State.BROKEN, place, evidence, facts, doubt=part.doubt or whole.doubt)
