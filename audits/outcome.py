"""What became of one report: the few figures that lists show, and its finished outputs. The full answer is the Audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from audits.findings import Audit
from audits.matching import Match
from rules.verdict import Severity


class Settled(StrEnum):
    """How a report ends. The values are those of ``store.JobState``, of index.json and of the docs."""

    AUDITED = "audited"
    UNREADABLE = "unreadable"  # the file: IntakeError says why
    FAILED = "failed"  # we: a crash or a defect of ours


class Standing(StrEnum):
    """What lists say of a report in one word, gravest first. What is certain decides: a report whose problems may all be our
    misreading is doubtful, not faulty."""

    ERRORS = "errors"
    WARNINGS = "warnings"
    NOTICES = "notices"
    DOUBTFUL = "doubtful"  # every problem found carries doubt (人工核对)
    CLEAN = "clean"
    NOT_APPLICABLE = "not_applicable"  # no edition covers it: nothing was asked
    UNREADABLE = "unreadable"
    FAILED = "failed"


SURE = {Severity.ERROR: Standing.ERRORS, Severity.WARNING: Standing.WARNINGS, Severity.NOTICE: Standing.NOTICES}


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of a list of reports.

    agency                     as the roster calls it if one was given and it is listed there, else as read.
    errors, warnings, notices  findings by severity, as the PDF counts them; doubtful says how many of them carry doubt (人工核对).
    undecided                  instances of rules that could not be decided (无法核验).
    worst_sure                 the gravest severity found without doubt; None if there is none.
    applicable                 False with ``reason`` for a report that no edition covers: nothing was asked.
    waived                     findings that a waiver takes out of all other figures (豁免).
    published                  the day on which it was published by what it says itself, YYYY-MM-DD; None if it does not say.
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
    worst_sure: Severity | None
    waived: int = 0
    published: str | None = None

    def worst(self) -> Severity | None:
        """The gravest severity found, doubtful or not; None if there is none."""
        counts = ((Severity.ERROR, self.errors), (Severity.WARNING, self.warnings), (Severity.NOTICE, self.notices))
        return next((severity for severity, count in counts if count), None)

    @property
    def standing(self) -> Standing:
        if not self.applicable:
            return Standing.NOT_APPLICABLE
        if self.worst_sure is not None:
            return SURE[self.worst_sure]
        return Standing.DOUBTFUL if self.doubtful else Standing.CLEAN


@dataclass(frozen=True, slots=True)
class Found:
    """A finding as lists count and search it. id: see Finding."""

    id: str
    rule: str
    severity: Severity
    is_doubtful: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """One report, done with.

    code, reason  why it could not be audited: the stable code of an error class and one line in Chinese; "" if audited.
    summary       None unless audited.
    outputs       the rendered bytes by form ("pdf", "json").
    match         whose report it is by the roster; None without one. Of a report that was not audited: by its file's name.
    findings      what was found, in the order of the report's PDF.
    """

    state: Settled
    code: str = ""
    reason: str = ""
    summary: Summary | None = None
    outputs: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    match: Match | None = None
    findings: tuple[Found, ...] = ()

    @property
    def standing(self) -> Standing:
        if self.summary is not None:
            return self.summary.standing
        return Standing.UNREADABLE if self.state is Settled.UNREADABLE else Standing.FAILED


def summary_of(audit: Audit) -> Summary:
    """The figures of an audit that lists show."""
    sure = [finding.severity for finding in audit.findings if finding.doubt is None]  # gravest first, as findings are
    listed = audit.match.agency if audit.match is not None else None
    return Summary(
        agency=listed.name if listed is not None else audit.filing.agency.value,
        year=audit.filing.year.value,
        applicable=audit.applicable,
        reason=audit.reason,
        errors=audit.count(Severity.ERROR),
        warnings=audit.count(Severity.WARNING),
        notices=audit.count(Severity.NOTICE),
        doubtful=len(audit.findings) - len(sure),
        undecided=len(audit.undecided),
        worst_sure=sure[0] if sure else None,
        waived=len(audit.waived),
        published=audit.filing.published.value,
    )


def found_in(audit: Audit) -> tuple[Found, ...]:
    """The findings of an audit as lists count them."""
    return tuple(Found(one.id, one.rule, one.severity, one.doubt is not None) for one in audit.findings)
