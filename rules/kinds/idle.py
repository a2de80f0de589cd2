"""idle: an agency with powers reports not one decision made under them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from rules.claims import SUBJECTS, Claim
from rules.errors import FieldError
from rules.filing import Filing
from rules.kinds.gaps import in_words, without_figures
from rules.kinds.keys import split_cell
from rules.labels import row_label
from rules.verdict import Evidence, Place, State, Verdict


@dataclass(frozen=True, slots=True)
class Idle:
    """The cells are all 0 although the agency has the power (its name ends in one of ``names``) or its text tells of decisions.

    claims  subjects of number claims in the prose that show such decisions.
    Facts: agency, what (the rows in words), quote.
    """

    cells: tuple[str, ...]
    names: tuple[str, ...]
    claims: tuple[str, ...] = ()
    gives: ClassVar[frozenset[str]] = frozenset({"agency", "what", "quote"})

    def __post_init__(self) -> None:
        for index, cell in enumerate(self.cells):
            split_cell(("cells", index), cell)
        for index, subject in enumerate(self.claims):
            if subject not in SUBJECTS:
                raise FieldError(("claims", index), f"不认识的事项 {subject!r}；可用：{', '.join(SUBJECTS)}")

    def check(self, filing: Filing) -> Iterator[Verdict]:
        table = self.cells[0].split(".")[0]
        nothing = without_figures(filing, table)
        yield nothing if nothing is not None else self._answer(filing, table)

    def _answer(self, filing: Filing, table: str) -> Verdict:
        addresses = [address.split(".") for address in self.cells]
        place = Place(table, table)
        labels = [row_label(filing.edition or "", table, row) for _, row, _ in addresses]
        cells = [filing.tables[table].cell(row, column) for _, row, column in addresses]
        if any(cell.value for cell in cells):
            return Verdict(State.HOLDS, place)
        gaps = [(label, cell) for label, cell in zip(labels, cells, strict=True) if cell.value is None]
        if gaps:
            return Verdict(State.UNDETERMINED, place, reason=in_words(gaps))
        agency = filing.agency.value or ""
        told = next((claim for claim in filing.claims if self._tells(claim, filing)), None)
        if told is None and not agency.endswith(self.names):
            return Verdict(State.UNDETERMINED, place, reason="没有机关职权表，不能判断该机关有无许可、处罚、强制职权")
        facts = {"agency": agency, "what": "、".join(labels), "quote": f"，正文写有“{told.quote}”" if told else ""}
        evidence = [Evidence(f"{label} {cell.raw}", cell.at) for label, cell in zip(labels, cells, strict=True)]
        if told is not None:
            evidence.append(Evidence(told.quote, told.at))
        return Verdict(State.BROKEN, place, tuple(evidence), facts, doubt=next((c.doubt for c in cells if c.doubt), None))

    def _tells(self, claim: Claim, filing: Filing) -> bool:
        """Whether the sentence tells of decisions that the agency itself made in the report's year."""
        own = claim.scope != "all" and claim.year in (None, filing.year.value)
        return own and claim.subject in self.claims and bool(claim.value)
