"""The scoring sheet: what findings take off by themselves, and what a person has to decide."""

from __future__ import annotations

from decimal import Decimal

import pytest

from audits.findings import Finding
from audits.score import score
from rules.errors import FieldError
from rules.scoring import Item, Sheet
from rules.verdict import Place, Severity


def finding(number: int, rule: str = "TYPO", doubt: str | None = None, severity: Severity = Severity.WARNING) -> Finding:
    return Finding(f"{rule}-{number}", rule, severity, doubt, "", "", Place(), "", (), "", "", "", "")


def sheet(full: int | None = 10, **items: Item) -> Sheet:
    return Sheet(items, None if full is None else Decimal(full))


def item(points: str = "0.5", rules: tuple[str, ...] = ("TYPO",), **more) -> Item:
    return Item("项目", Decimal(points), rules, **more)


def test_an_item_deducts_once_whatever_the_number_of_findings():
    found = score([finding(1), finding(2)], sheet(typos=item()))
    assert (found.total, found.deducted[0].findings) == (Decimal("9.5"), ("TYPO-1", "TYPO-2"))


def test_an_item_for_each_finding_deducts_up_to_its_cap():
    findings = [finding(number) for number in range(5)]
    assert score(findings[:2], sheet(typos=item(each=True, cap=Decimal("1.5")))).lost == Decimal("1.0")
    assert score(findings, sheet(typos=item(each=True, cap=Decimal("1.5")))).lost == Decimal("1.5")


def test_a_finding_with_doubt_is_only_proposed():
    found = score([finding(1, doubt="列位置由合计推定")], sheet(typos=item()))
    assert (found.lost, [deduction.findings for deduction in found.proposed]) == (Decimal(0), [("TYPO-1",)])


def test_one_fault_is_not_punished_twice():
    both = [finding(1, "DUP-YEAR"), finding(2, "PROBLEMS-COPIED")]
    whole = item("5", ("DUP-YEAR",))
    part = item("2", ("PROBLEMS-COPIED",), unless=("whole",))
    assert score(both, sheet(whole=whole, part=part)).lost == 5
    assert score(both[1:], sheet(whole=whole, part=part)).lost == 2


def test_only_the_severities_named_count():
    assert score([finding(1)], sheet(typos=item(severities=(Severity.ERROR,)))).lost == 0


def test_what_only_a_person_can_judge_is_always_proposed():
    found = score([], sheet(late=item(rules=(), by_itself=False)))
    assert (found.lost, [deduction.item for deduction in found.proposed]) == (Decimal(0), ["late"])


def test_a_score_is_never_below_zero_and_none_without_a_full_mark():
    assert score([finding(1)], sheet(1, typos=item("5"))).total == 0
    assert score([finding(1)], sheet(None, typos=item("5"))).total is None


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"points": "0"}, "应大于 0"),
        ({"cap": Decimal(1)}, "each: true"),
        ({"rules": ()}, "by_itself: false"),
    ],
)
def test_a_sheet_that_makes_no_sense_is_refused(fields, message):
    with pytest.raises(FieldError, match=message):
        item(**fields)


def test_an_item_may_only_give_way_to_one_above_it():
    with pytest.raises(FieldError, match="上面没有项目 'later'"):
        sheet(first=item(unless=("later",)), later=item())
