"""What became of one report: the few figures that lists show, and its finished outputs. The full answer is the Audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from audits.findings import Audit
from rules.verdict import Severity


class Settled(StrEnum):
    """How a report ends. The values are those of ``store.JobState``, of index.json and of the docs."""

    AUDITED = "audited"
    UNREADABLE = "unreadable"  # the file: IntakeError says why
    FAILED = "failed"  # we: a crash or a defect of ours


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of a list of reports.

    errors, warnings, notices  findings without doubt; doubtful counts those with doubt (人工核对) of every severity.
    undecided                  instances of rules that could not be decided (无法核验).
    applicable                 False with ``reason`` for a report that no edition covers: nothing was asked.
    """

    agency: str | None
    year: int | None
    applicable: bool
    reason: str
    errors: int
    warnings: int
    notices: int
    doubtful: int
    undecided: int

    def worst(self) -> Severity | None:
        """The gravest severity found without doubt; None if there is none."""
        counts = ((Severity.ERROR, self.errors), (Severity.WARNING, self.warnings), (Severity.NOTICE, self.notices))
        return next((severity for severity, count in counts if count), None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One report, done with.

    code, reason  why it could not be audited: the stable code of an error class and one line in Chinese; "" if audited.
    summary       None unless audited.
    outputs       the rendered bytes by form ("pdf", "json").
    """

    state: Settled
    code: str = ""
    reason: str = ""
    summary: Summary | None = None
    outputs: Mapping[str, bytes] = field(default_factory=dict, repr=False)


def summary_of(audit: Audit) -> Summary:
    """The figures of an audit that lists show."""
    sure = [finding.severity for finding in audit.findings if finding.doubt is None]
    return Summary(
        agency=audit.filing.agency.value,
        year=audit.filing.year.value,
        applicable=audit.applicable,
        reason=audit.reason,
        errors=sure.count(Severity.ERROR),
        warnings=sure.count(Severity.WARNING),
        notices=sure.count(Severity.NOTICE),
        doubtful=len(audit.findings) - len(sure),
        undecided=len(audit.undecided),
    )
