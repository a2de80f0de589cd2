"""What lists of batches, reports and agencies show, line by line: frozen, and nothing of it beyond what its viewer may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Literal, TypeVar

from audits.matching import MatchState
from audits.outcome import Standing
from audits.regions import ALL, Scope
from audits.store.models import SubmissionState
from rules.verdict import Severity

Item = TypeVar("Item")
Order = Literal["worst", "name", "newest", "position"]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks. owner: id of an account that sees only what it submitted itself, within its scope all the same."""

    scope: Scope
    owner: str | None = None


EVERYBODY = Viewer(ALL)


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list; ``page`` counts from 1. is_more: there are more than ``total``, which were not counted."""

    items: tuple[Item, ...]
    total: int
    page: int
    pages: int
    is_more: bool = False


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch in a list. Counts are of the newest version of each report.

    owner       id of the account, or the user of the machine, that submitted it; owner_name as people know him.
    standings   of what is settled; without cancelled ones.
    errors, warnings, notices, doubtful  problems of all its reports, as a report's own figures count them.
    worst       the gravest standing of any of its reports, unreadable and failed ones included; None if nothing is settled.
    """

    id: str
    title: str
    owner: str
    owner_name: str
    region: str
    pack: str
    received_at: float
    is_done: bool
    counts: Mapping[SubmissionState, int]
    standings: Mapping[Standing, int]
    errors: int
    warnings: int
    notices: int
    doubtful: int
    undecided: int
    worst: Standing | None

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def settled(self) -> int:
        return sum(count for state, count in self.counts.items() if state.is_settled)


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report in a list.

    batch_title  "" if the viewer may see this report of the batch, but not the batch.
    agency       as the roster calls it, else as read; None if nothing told it. agency_code: by the roster, None without.
    match        whether the roster knew whose report it is; None without one, or before it is settled.
    standing     None until it is settled, and of a cancelled one.
    code, reason why it could not be audited.
    open         problems that nobody has decided yet.
    published    the day on which it was published, YYYY-MM-DD, if it says so.
    """

    submission_id: str
    batch_id: str
    batch_title: str
    position: int
    name: str
    agency: str | None
    agency_code: str | None
    match: MatchState | None
    region: str
    year: int | None
    state: SubmissionState
    standing: Standing | None
    errors: int
    warnings: int
    notices: int
    doubtful: int
    undecided: int
    open: int
    code: str
    reason: str
    version: int
    published: str | None
    received_at: float
    settled_at: float | None

    @property
    def problems(self) -> int:
        return self.errors + self.warnings + self.notices


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the reports a list shall show; what is None or "" does not matter. Only the newest version of each report is shown.

    severity   with a problem of that severity, doubtful or not.
    rule       with a problem by that rule.
    region     within that region.
    match      what the roster, or a person, knew of whose report it is; unplaced: neither knew, a person has to say it.
    text       words, each of which is found in agency, its other names, region, file name or title of the batch.
    doubtful   with, or without, problems that may be our misreading.
    open_only  with problems that nobody has decided yet.
    """

    batch_id: str | None = None
    state: SubmissionState | None = None
    standing: Standing | None = None
    severity: Severity | None = None
    rule: str | None = None
    region: str | None = None
    agency_code: str | None = None
    match: MatchState | None = None
    year: int | None = None
    text: str = ""
    order: Order = "worst"
    doubtful: bool | None = None
    open_only: bool = False
    unplaced: bool = False


@dataclass(frozen=True, slots=True)
class Facets:
    """How many reports each further choice would leave. Each is counted without its own filter, and with all others.

    regions    the next regions below the one looked at, by path.
    years      None: not known.
    rules      by rule, most reports first, of the first ``rules_of`` reports, worst first: not more are looked through.
    is_more    too many have the words or the rule: these are counts of only so many of them as ``total`` says.
    """

    total: int
    states: Mapping[SubmissionState, int]
    standings: Mapping[Standing, int]
    regions: Mapping[str, int]
    years: Mapping[int | None, int]
    rules: Mapping[str, int]
    rules_of: int
    is_more: bool = False


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Ids of the reports before and after one in a list; None at its ends."""

    previous: str | None
    next: str | None


@dataclass(frozen=True, slots=True)
class Totals:
    """What a dashboard shows first. Of reports, the newest versions; problems as the reports' own figures count them."""

    batches: int
    open_batches: int
    reports: int
    states: Mapping[SubmissionState, int]
    standings: Mapping[Standing, int]
    errors: int
    warnings: int
    notices: int
    doubtful: int
    undecided: int
    unplaced: int  # settled, but the roster could not tell whose report it is, and nobody has said it

    @property
    def waiting(self) -> int:
        return sum(count for state, count in self.states.items() if not state.is_settled)

    @property
    def not_audited(self) -> int:
        """The queue of what failed."""
        return self.states[SubmissionState.UNREADABLE] + self.states[SubmissionState.FAILED]


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """What a rule found: reports with a problem for certain, reports with doubtful ones at most, problems, doubtful problems,
    and how many of the problems were decided in each way."""

    rule: str
    severity: Severity
    reports: int
    doubtful_reports: int
    problems: int
    doubtful: int
    confirmed: int
    dismissed: int
    waived: int


class Coverage(StrEnum):
    """How it stands with an agency's report for a year."""

    AUDITED = "audited"
    SUBMITTED = "submitted"  # on its way
    UNREADABLE = "unreadable"
    FAILED = "failed"
    UNDATED = "undated"  # there is a report of it, of which nobody knows the year: see CoverageRow.undated
    WAITING = "waiting"  # reports are being audited of which nobody knows yet whose they are: one may be its
    MISSING = "missing"


class Lateness(StrEnum):
    PUBLISHED = "published"  # the report says that it was published after the due date
    RECEIVED = "received"  # it does not say when; we received it after the due date


@dataclass(frozen=True, slots=True)
class CoverageCell:
    """How it stands with one agency's report for one year.

    submission_id  the newest of those that stand so, if there are several; count: how many there are for the year.
    remark         where there is none, in Chinese what may explain it; "" if nothing does.
    """

    state: Coverage
    late: Lateness | None = None
    submission_id: str | None = None
    standing: Standing | None = None
    count: int = 0
    remark: str = ""


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """An agency of which a report is expected, with one cell for each year asked for.

    undated  of its reports of which nobody knows the year, the best; None if there are none.
    """

    roster_id: str
    code: str
    name: str
    above: str
    region: str
    years: Mapping[int, CoverageCell]
    undated: CoverageCell | None = None


@dataclass(frozen=True, slots=True)
class CoverageTotals:
    """Of one year: how many agencies are expected to report, and how it stands with them.

    late           those of them whose report was published late, as it says itself.
    received_late  those whose report does not say when it was published, and was received after the due date: nobody knows
                   whether it was late.
    unsettled      reports, maybe of that year, of which nobody knows yet whose they are: they are being audited.
    """

    year: int
    expected: int
    states: Mapping[Coverage, int]
    late: int
    received_late: int
    unsettled: int = 0

    @property
    def waiting(self) -> int:
        """Agencies whose report is being audited, or may be."""
        return self.states[Coverage.SUBMITTED] + self.states[Coverage.WAITING]


@dataclass(frozen=True, slots=True)
class MissingRow:
    """An agency without a report for the year. remark: in Chinese what may explain it, "" if nothing does."""

    roster_id: str
    code: str
    name: str
    above: str
    region: str
    year: int
    remark: str = ""


@dataclass(frozen=True, slots=True)
class RegionNode:
    """A region below another: how many agencies and reports lie in it, and whether regions lie below it."""

    path: str
    name: str
    agencies: int
    reports: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class RosterRow:
    """A roster that is in force for its region, or was."""

    id: str
    name: str
    region: str
    sha256: str
    author: str
    imported_at: float
    is_current: bool
    agencies: int
    expected: int


@dataclass(frozen=True, slots=True)
class AgencyChoice:
    """An agency to which a report may be assigned. score: 0..100, how well its name fits; None if nobody compared it."""

    roster_id: str
    code: str
    name: str
    above: str
    region: str
    score: float | None


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """An agency of a current roster. level, kind: as the roster says, else as the name tells; None if neither does."""

    roster_id: str
    code: str
    name: str
    others: tuple[str, ...]
    level: str | None
    kind: str | None
    parent: str | None
    above: str
    region: str
    depth: int
    reports: bool
