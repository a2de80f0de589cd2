"""The Audit and its Findings: the answer to one report. Renderers print it and compute nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from audits.decision import Decided, Decision
from audits.matching import Match
from reports_in.document import ReadingNote, Source
from rules.filing import Filing
from rules.verdict import Evidence, Place, Severity, State


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken rule at a place.

    id       made of rule, agency, year and place: the same fault keeps its id through re-runs and resubmissions.
    title    the rule's name in Chinese; where is the place in plain Chinese.
    doubt    why it may be our misreading (人工核对), None if it is not.
    arithmetic  the calculation written out, "29+0 ≠ 28+0，差1"; "" where nothing was calculated.
    """

    id: str
    rule: str
    severity: Severity
    doubt: str | None
    title: str
    where: str
    place: Place
    message: str
    evidence: tuple[Evidence, ...]
    expected: str
    actual: str
    basis: str
    advice: str
    arithmetic: str = ""


@dataclass(frozen=True, slots=True)
class Undecided:
    """A rule that could not be decided at a place (无法核验), with the reason. It accuses nobody."""

    rule: str
    title: str
    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Change:
    """A cell that a repair changes. raw as printed; value is what it would be, None if the sums leave a choice."""

    table: str
    row: str
    column: str
    where: str
    raw: str
    value: int | None


@dataclass(frozen=True, slots=True)
class Repair:
    """One smallest change that makes the sums hold again, in plain words; support is what speaks for it, in Chinese."""

    changes: tuple[Change, ...]
    words: str
    support: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Broken sums that belong together, and every smallest change that mends them: which cell may be wrong, and what it should be.

    findings  ids of the findings that it explains; where names their columns or rows.
    repairs   all of them, likelier ones first; none if it could not be said, with the reason.
    """

    findings: tuple[str, ...]
    where: str
    repairs: tuple[Repair, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Waived:
    """A finding that an office has waived (豁免): it is counted apart, and said wherever findings are. expires is YYYY-MM-DD."""

    finding: Finding
    reason: str
    owner: str
    expires: str


@dataclass(frozen=True, slots=True)
class Deduction:
    """What an item of the scoring sheet takes off. findings are ids; none for an item that only a person can judge."""

    item: str
    title: str
    points: Decimal
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """A report by the pack's scoring sheet (考核评分).

    full      what a report without a fault gets; None if only deductions are counted.
    deducted  what findings take off by themselves; proposed what is put before a person, and is in no total.
    """

    full: Decimal | None
    deducted: tuple[Deduction, ...]
    proposed: tuple[Deduction, ...]

    @property
    def lost(self) -> Decimal:
        return sum((deduction.points for deduction in self.deducted), Decimal(0))

    @property
    def total(self) -> Decimal | None:
        """Never below zero; None if there is no full mark."""
        return None if self.full is None else max(Decimal(0), self.full - self.lost)


def standing(findings: Sequence[Finding], decisions: Mapping[str, Decision]) -> tuple[tuple[int, Finding], ...]:
    """Numbered from 1, without those that a decision sets aside."""
    return tuple(item for item in enumerate(findings, 1) if not _is_set_aside(item[1], decisions))


def set_aside(findings: Sequence[Finding], decisions: Mapping[str, Decision]) -> tuple[tuple[int, Finding], ...]:
    """The others."""
    return tuple(item for item in enumerate(findings, 1) if _is_set_aside(item[1], decisions))


def is_doubtful(finding: Finding, decisions: Mapping[str, Decision]) -> bool:
    """Whether it may be our misreading and nobody has confirmed it as it stands."""
    decision = decisions.get(finding.id)
    confirmed = decision is not None and decision.decided is Decided.CONFIRMED and not decision.said_otherwise
    return finding.doubt is not None and not confirmed


def _is_set_aside(finding: Finding, decisions: Mapping[str, Decision]) -> bool:
    decision = decisions.get(finding.id)
    return decision is not None and decision.decided in (Decided.DISMISSED, Decided.WAIVED)


@dataclass(frozen=True, slots=True)
class Audit:
    """Everything that is said about one report.

    applicable   False with ``reason`` for a report outside the two editions (2018 and before): nothing was asked.
    verdicts     how many instances each rule answered, by state.
    findings     by severity, then in the order of the template.
    titles       name of every rule in ``verdicts``.
    explanations which cells may be wrong where sums are broken.
    match        whose report it is by the roster; None if none was given.
    waived       findings that a waiver takes out of ``findings``; they are in no other count.
    score        by the pack's scoring sheet; None if it has none.
    decisions    what supervisors have decided, by the ids of findings; no ended waiver is among them.
    """

    name: str
    sha256: str
    media_type: str
    filing: Filing
    applicable: bool
    reason: str
    findings: tuple[Finding, ...]
    undecided: tuple[Undecided, ...]
    verdicts: Mapping[str, Mapping[State, int]]
    notes: tuple[ReadingNote, ...]
    pack: str
    engine: str
    titles: Mapping[str, str] = field(default_factory=dict)
    explanations: tuple[Explanation, ...] = ()
    waived: tuple[Waived, ...] = ()
    score: Score | None = None
    match: Match | None = None
    decisions: Mapping[str, Decision] = field(default_factory=dict)

    def count(self, severity: Severity) -> int:
        """Of the findings that stand."""
        return sum(finding.severity is severity for _, finding in self.standing())

    def standing(self) -> tuple[tuple[int, Finding], ...]:
        """The findings that were not set aside by a decision, each with its number: that does not change when others are."""
        return standing(self.findings, self.decisions)

    def set_aside(self) -> tuple[tuple[int, Finding], ...]:
        """The findings that were dismissed or waived, with their numbers."""
        return set_aside(self.findings, self.decisions)


__all__ = [
    "Audit",
    "Change",
    "Deduction",
    "Evidence",
    "Explanation",
    "Finding",
    "Place",
    "Repair",
    "Score",
    "Severity",
    "Source",
    "Undecided",
    "Waived",
]
