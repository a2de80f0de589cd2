"""claims_against_cells (文表一致): a number that the prose states must be the number in the table.

Every exact total of the report's own year and scope is compared, each at its own place. A part, an estimate, another year's number
and a number of another circle of agencies are not compared: they accuse nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar, Literal

from rules.claims import SUBJECTS, Claim
from rules.claims.comparable import clipped, is_comparable
from rules.errors import FieldError
from rules.filing import Cell, Filing, Number
from rules.kinds.doubts import year_doubt
from rules.kinds.gaps import in_words
from rules.kinds.keys import split_cell
from rules.labels import cell_label, column_label, row_label
from rules.numbers import parse_figure
from rules.verdict import Evidence, Place, Severity, State, Verdict

Address = tuple[str, str, str]
IN_WAN = {"元": Decimal("0.0001"), "万元": Decimal(1), "亿元": Decimal(10_000)}  # to 万元


@dataclass(frozen=True, slots=True)
class ClaimsAgainstCells:
    """against   for each subject the cells it may equal: one of the list is enough; a sum is written ``a.b.c + d.e.f``, a cell of the
               other edition is passed over.
    zero       whether statements of none are compared too ("any"), alone ("only") or not ("skip").
    no_number  what a claim without a number comes to (全部办结: nothing carried out, 0); such claims are not compared if left out.
    compare    "equal"; "at_most": the claim must not exceed the cell; "differ": it must not equal it.
    money      claim and cell are brought to 万元; they agree within ``tolerance`` (万元), or within what the claim rounds off.
    above      claims up to this number (万元 if money) are not asked about.
    unless     subjects that, where the prose states them, leave nothing to ask about the others.
    milder     the severity of subjects for which it is not the rule's.
    Facts: quote, subject, value, unit, expected (the cells in words), gap, and each cell's value under its row's key.
    """

    against: Mapping[str, tuple[str, ...]]
    zero: Literal["any", "only", "skip"] = "any"
    no_number: int | None = None
    compare: Literal["equal", "at_most", "differ"] = "equal"
    money: bool = False
    tolerance: Decimal = Decimal(0)
    above: Decimal | None = None
    unless: tuple[str, ...] = ()
    milder: Mapping[str, Severity] = field(default_factory=dict)
    addresses: Mapping[str, tuple[tuple[Address, ...], ...]] = field(init=False, repr=False)
    gives: ClassVar[None] = None

    def __post_init__(self) -> None:
        addresses = {}
        for index, subject in enumerate(self.unless):
            if subject not in SUBJECTS:
                raise FieldError(("unless", index), f"不认识的事项 {subject!r}；可用：{', '.join(SUBJECTS)}")
        for subject, choices in self.against.items():
            if subject not in SUBJECTS:
                raise FieldError(("against", subject), f"不认识的事项 {subject!r}；可用：{', '.join(SUBJECTS)}")
            addresses[subject] = tuple(
                tuple(split_cell(("against", subject, index), cell.strip()) for cell in choice.split("+"))
                for index, choice in enumerate(choices)
            )
        object.__setattr__(self, "addresses", addresses)

    def check(self, filing: Filing) -> Iterator[Verdict]:
        asked = [claim for claim in filing.claims if claim.subject in self.addresses and self._asks(claim)]
        if self.unless and any(claim.subject in self.unless for claim in filing.claims):
            asked = [claim for claim in asked if claim.subject in self.unless]
        compared = [claim for claim in asked if is_comparable(claim, filing)]
        if not compared:
            reason = "正文相应数字系分项、约数、其他年度或其他统计范围，不与表格比对" if asked else "正文未写明相应数字"
            yield Verdict(State.NOT_APPLICABLE, reason=reason)
            return
        broken: dict[tuple[str, str], Verdict] = {}
        for claim in compared:
            verdict = self._compare(claim, filing)
            if verdict.state is not State.BROKEN:
                yield verdict
                continue
            key = (claim.section, claim.subject)
            if key in broken:
                verdict = broken[key]._replace(evidence=tuple(dict.fromkeys((*broken[key].evidence, *verdict.evidence))))
            broken[key] = verdict
        yield from broken.values()

    def _asks(self, claim: Claim) -> bool:
        if self.zero != "any" and claim.zero is not (self.zero == "only"):
            return False
        if claim.value is None:
            return self.no_number is not None
        return self.above is None or (value := self._value(claim)) is None or value > self.above

    def _compare(self, claim: Claim, filing: Filing) -> Verdict:
        edition = filing.edition or ""
        choices = [
            choice
            for choice in self.addresses[claim.subject]
            if all(
                row in filing.tables[table].rows and column in filing.tables[table].rows[row].cells
                for table, row, column in choice
            )
        ]
        place = Place(claim.section, topic=claim.subject)
        value = self._value(claim)
        if not choices or value is None:
            return Verdict(State.NOT_APPLICABLE, place, reason="表中没有相应的格" if not choices else "正文数字未写计量单位")
        place = _place(claim, choices[0])
        cells = {address: filing.tables[address[0]].cell(*address[1:]) for choice in choices for address in choice}
        figures = {address: self._figure(cell) for address, cell in cells.items()}
        sums = [_sum(figures[address] for address in choice) for choice in choices]
        found = [number for number in sums if number is not None]
        if self.compare == "differ":
            agrees = bool(found) and not any(self._same(value, number, claim) for number in found)
        elif self.compare == "at_most":
            agrees = any(value <= number + self.tolerance for number in found)
        else:
            agrees = any(self._same(value, number, claim) for number in found)
        labels = {address: cell_label(edition, *address) for address in cells}
        evidence = (
            Evidence(claim.quote, claim.at),
            *(Evidence(f"{labels[address]} {cell.raw}".strip(), cell.at) for address, cell in cells.items() if cell.at),
        )
        if agrees:
            return Verdict(State.HOLDS, place, evidence)
        if (
            len(found) < len(sums) and claim.value is None
        ):  # that there are none: beside blanks, too, any that are printed deny it
            printed = [_printed(figures[address] for address in choice) for choice in choices]
            if not any(self._same(value, number, claim) for number in printed):
                sums, found = list(printed), printed
        if len(found) < len(sums):
            missing = [(_named(edition, address), cell) for address, cell in cells.items() if figures[address] is None]
            return Verdict(State.UNDETERMINED, place, evidence, reason=in_words(missing))
        doubt = next((cell.doubt for cell in cells.values() if cell.doubt), None)
        if doubt is None and claim.year is not None:
            doubt = year_doubt(filing)
        expected = "或".join(str(number) for number in dict.fromkeys(sums))
        facts: dict[str, object] = {address[1]: figures[address] for address in reversed(cells)}
        facts |= {
            "quote": clipped(claim.clause),
            "subject": SUBJECTS[claim.subject],
            "value": "" if claim.value is None else claim.value,
            "unit": claim.unit,
            "expected": expected,
            "gap": _gap(value, found[0]),
        }
        return Verdict(
            State.BROKEN,
            place,
            evidence,
            facts,
            doubt=doubt,
            severity=self.milder.get(claim.subject),
            expected=expected if self.compare == "equal" else "",
            actual="" if claim.value is None else f"{claim.value}{claim.unit}",
        )

    def _value(self, claim: Claim) -> Number | None:
        if claim.value is None:
            return self.no_number
        if not self.money:
            return claim.value
        factor = IN_WAN.get(claim.unit)
        return None if factor is None else claim.value * factor

    def _figure(self, cell: Cell) -> Number | None:
        """The cell's number; an amount printed with its unit is brought to 万元."""
        if cell.value is None or not self.money:
            return cell.value
        return cell.value * IN_WAN.get(parse_figure(cell.raw).unit, Decimal(1))

    def _same(self, value: Number, number: Number, claim: Claim) -> bool:
        if not self.money:
            return value == number
        exponent = claim.value.as_tuple().exponent if isinstance(claim.value, Decimal) else 0
        rounded = Decimal(1).scaleb(int(exponent)) * IN_WAN[claim.unit] / 2 if exponent else Decimal(0)
        return _gap(value, number) <= max(self.tolerance, rounded)


def _gap(one: Number, other: Number) -> Number:
    return one - other if one > other else other - one


def _named(edition: str, address: Address) -> str:
    """Row and column for a reason that sets them in quotation marks itself."""
    table, row, column = address
    return f"{row_label(edition, table, row)}·{column_label(edition, table, column, row)}"


def _sum(numbers: Iterable[Number | None]) -> Number | None:
    total: Number = 0
    for number in numbers:
        if number is None:
            return None
        total += number
    return total


def _printed(numbers: Iterable[Number | None]) -> Number:
    return sum((number for number in numbers if number is not None), start=0)


def _place(claim: Claim, cells: tuple[Address, ...]) -> Place:
    """The cell compared, or what several have in common."""
    table, row, column = cells[0]
    one_row = all(cell[1] == row for cell in cells)
    one_column = all(cell[2] == column for cell in cells)
    return Place(claim.section, table, row if one_row else None, column if one_column else None, claim.subject)
