"""Score a report by its pack's scoring sheet: what findings take off by themselves, and what a person has to decide."""

from __future__ import annotations

from collections.abc import Sequence

from audits.findings import Deduction, Finding, Score
from rules.scoring import Item, Sheet


def score(findings: Sequence[Finding], sheet: Sheet) -> Score:
    """The score of a report with these findings (waived ones left out). A finding with doubt is only proposed."""
    deducted: dict[str, Deduction] = {}
    proposed: list[Deduction] = []
    for name, item in sheet.items.items():
        if any(other in deducted for other in item.unless):
            continue
        counted = [finding for finding in findings if _counts(finding, item)]
        sure = [finding.id for finding in counted if finding.doubt is None and item.by_itself]
        open_ = [finding.id for finding in counted if finding.id not in sure]
        if sure:
            deducted[name] = _deduction(name, item, sure)
        if not item.rules or (open_ and (item.each or not sure)):
            proposed.append(_deduction(name, item, open_))
    return Score(sheet.full, tuple(deducted.values()), tuple(proposed))


def _counts(finding: Finding, item: Item) -> bool:
    return finding.rule in item.rules and (not item.severities or finding.severity in item.severities)


def _deduction(name: str, item: Item, findings: Sequence[str]) -> Deduction:
    points = item.points * max(1, len(findings)) if item.each else item.points
    return Deduction(name, item.title, points if item.cap is None else min(points, item.cap), tuple(findings))
