"""yearly_change (同比): a change against last year that the prose states must be that of the two reports' tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar

from rules.claims import SUBJECTS
from rules.claims.comparable import clipped, is_comparable
from rules.errors import FieldError
from rules.filing import Filing
from rules.kinds.gaps import in_words
from rules.kinds.keys import split_cell
from rules.labels import row_label
from rules.verdict import Evidence, Place, State, Verdict


@dataclass(frozen=True, slots=True)
class YearlyChange:
    """subject is a claim of a change in per cent, cell what changes, tolerance in percentage points.

    Facts: percent, expected, before, after, quote.
    """

    subject: str
    cell: str
    tolerance: Decimal
    address: tuple[str, str, str] = field(init=False, repr=False)
    gives: ClassVar[frozenset[str]] = frozenset({"percent", "expected", "before", "after", "quote"})

    def __post_init__(self) -> None:
        if self.subject not in SUBJECTS:
            raise FieldError(("subject",), f"不认识的事项 {self.subject!r}；可用：{', '.join(SUBJECTS)}")
        object.__setattr__(self, "address", split_cell(("cell",), self.cell))

    def check(self, filing: Filing) -> Iterator[Verdict]:
        claims = [claim for claim in filing.claims if claim.subject == self.subject and is_comparable(claim, filing)]
        if not claims:
            yield Verdict(State.NOT_APPLICABLE, reason="正文没有可核对的同比数")
            return
        table, row, column = self.address
        now = filing.tables[table].cell(row, column)
        label = row_label(filing.edition or "", table, row)
        for claim in claims:
            place = Place(claim.section, table, row, column, claim.subject)
            if filing.previous is None:
                yield Verdict(State.UNDETERMINED, place, reason="未提供上年报告")
                continue
            before = filing.previous.tables[table].cell(row, column)
            if now.value is None or before.value is None:
                cells = [(label, now), (f"上年报告{label}", before)]
                yield Verdict(State.UNDETERMINED, place, reason=in_words(cell for cell in cells if cell[1].value is None))
                continue
            if before.value == 0 or claim.value is None:
                yield Verdict(State.NOT_APPLICABLE, place, reason="上年为0，没有同比")
                continue
            change = (Decimal(now.value) - Decimal(before.value)) * 100 / Decimal(before.value)
            stated = Decimal(claim.value)
            if abs(change - stated) <= self.tolerance:
                yield Verdict(State.HOLDS, place)
                continue
            expected = change.quantize(Decimal("0.1"), ROUND_HALF_UP)
            evidence = [Evidence(claim.quote, claim.at)]
            if now.at is not None:
                evidence.append(Evidence(f"{label} {now.raw}", now.at))
            facts = {"percent": f"{stated}%", "expected": f"{expected}%", "before": before.value, "after": now.value}
            facts["quote"] = clipped(claim.clause)
            yield Verdict(
                State.BROKEN,
                place,
                tuple(evidence),
                facts,
                doubt=now.doubt or before.doubt,
                expected=f"{expected}%",
                actual=f"{stated}%",
            )
