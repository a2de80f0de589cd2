"""What an audit says once supervisors have decided on its findings: what was dismissed or waived weighs nothing any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from audits.decision import Decision
from audits.digest import Digest
from audits.findings import Audit, is_doubtful
from audits.outcome import Summary
from audits.score import score
from rules.scoring import Sheet
from rules.verdict import Severity


def decided(audit: Audit, decisions: Mapping[str, Decision], sheet: Sheet | None = None) -> Audit:
    """The audit with these decisions, by the ids of findings.

    sheet  of the pack that the audit was made by, to score it again; None leaves the score as it is.
    """
    held = {finding.id: decisions[finding.id] for finding in audit.findings if finding.id in decisions}
    whole = replace(audit, decisions=held)
    if sheet is None or audit.score is None:
        return whole
    counted = [finding if is_doubtful(finding, held) else replace(finding, doubt=None) for _, finding in whole.standing()]
    return replace(whole, score=score(counted, sheet))


def summary_after(summary: Summary, digest: Digest) -> Summary:
    """The figures that lists show, counted anew from a digest with decisions."""
    counts = {level: sum(finding.severity is level for _, finding in digest.standing()) for level in Severity}
    return replace(
        summary,
        errors=counts[Severity.ERROR],
        warnings=counts[Severity.WARNING],
        notices=counts[Severity.NOTICE],
        doubtful=len(digest.doubtful()),
        worst_sure=next((level for level in Severity if digest.sure(level)), None),
    )
