"""How likely a change is: what decides which of several equally small explanations comes first. None is dropped for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from rules.claims.comparable import is_comparable
from rules.compile import Pack
from rules.filing import Cell, Filing, Number
from rules.kinds.claims_against_cells import ClaimsAgainstCells
from rules.kinds.equality import Address

CHANGE = 10
DOUBTED = -5
SLIP = -3
CLAIMED = -9  # the text says the new number: more than two slips weigh
CONTRADICTED = 9  # the text says the number as printed
SHORTEST = 2  # digits: between two numbers of one digit everything is a slip


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the text states of single cells."""

    stated: Mapping[Address, frozenset[Number]]

    @classmethod
    def of(cls, filing: Filing, pack: Pack) -> Evidence:
        """From the claims that the pack's own rules hold against single cells."""
        stated: dict[Address, set[Number]] = {}
        for claim in filing.claims:
            if claim.value is not None and is_comparable(claim, filing):
                for address in _cells_of_claims(pack).get(claim.subject, ()):
                    stated.setdefault(address, set()).add(claim.value)
        return cls({address: frozenset(values) for address, values in stated.items()})

    def price(self, address: Address, cell: Cell, value: int | None) -> tuple[int, list[str]]:
        """What the change costs, and what speaks for it, in Chinese. ``value`` is None if the sums leave it open."""
        price, reasons = CHANGE, []
        if cell.doubt is not None:
            price += DOUBTED
            reasons.append("该格识读存疑")
        if value is None or cell.value is None:
            return price, reasons
        slip = slip_between(str(cell.value), str(value))
        if slip:
            price += SLIP
            reasons.append(slip)
        said = self.stated.get(address, frozenset())
        if value in said:
            price += CLAIMED
            reasons.append(f"正文所写件数为{value}")
        elif cell.value in said:
            price += CONTRADICTED
        return price, reasons


@lru_cache(maxsize=16)
def _cells_of_claims(pack: Pack) -> Mapping[str, frozenset[Address]]:
    """For each subject the cells that a claim about it is held against, each by itself."""
    cells: dict[str, set[Address]] = {}
    for rule in pack.rules.values():
        kind = rule.kind
        if isinstance(kind, ClaimsAgainstCells) and kind.compare == "equal" and not kind.money:
            for subject, choices in kind.addresses.items():
                cells.setdefault(subject, set()).update(choice[0] for choice in choices if len(choice) == 1)
    return {subject: frozenset(addresses) for subject, addresses in cells.items()}


def slip_between(printed: str, meant: str) -> str:
    """The slip of a hand that turns one number into the other, in Chinese; "" if it takes more than one."""
    if max(len(printed), len(meant)) < SHORTEST or printed == meant:
        return ""
    if len(printed) == len(meant):
        at = [index for index, (left, right) in enumerate(zip(printed, meant, strict=True)) if left != right]
        if len(at) == 1:
            return "仅一位数字不同"
        swapped = len(at) == 2 and at[1] == at[0] + 1 and printed[at[0]] == meant[at[1]] and printed[at[1]] == meant[at[0]]
        return "相邻两位数字颠倒" if swapped else ""
    longer, shorter = (printed, meant) if len(printed) > len(meant) else (meant, printed)
    if any(longer[:index] + longer[index + 1 :] == shorter for index in range(len(longer))):
        return "多写一位数字" if longer is printed else "漏写一位数字"
    return ""
