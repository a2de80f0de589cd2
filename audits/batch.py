"""A batch as a whole: its reports with what became of each, and the counts that workbook and summary print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from audits.decision import Decided
from audits.digest import Digest
from audits.findings import Finding, is_doubtful
from audits.outcome import Outcome, Standing
from rules.agencies import agency_kind
from rules.verdict import Severity, State

OFTEN = 0.8  # of the reports that a rule could be asked about: a rule broken by more of them deserves a look itself
REGION_UNKNOWN = "名称未体现地区"


@dataclass(frozen=True, slots=True)
class Report:
    """One report of the batch.

    name    as submitted.
    digest  None unless audited.
    json    where its JSON form is, None unless audited.
    files   its published outputs by form, named relative to the folder of the batch.
    """

    name: str
    outcome: Outcome
    digest: Digest | None = None
    json: Path | None = None
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def standing(self) -> Standing:
        return self.outcome.standing

    @property
    def agency(self) -> str:
        """As the roster calls it, else as read; the file's name in brackets where no agency was."""
        if self.outcome.match is not None and self.outcome.match.agency is not None:
            return self.outcome.match.agency.name
        agency = " ".join((self.digest.called or "").split()) if self.digest else ""
        return agency or f"（{self.name}）"

    @property
    def year(self) -> int | None:
        return self.digest.year if self.digest else None


@dataclass(frozen=True, slots=True)
class RuleCount:
    """What a rule answered in a batch. The first four count reports: broken for certain, broken with doubt at most, asked
    with an answer, and undetermined without any answer; then those it did not apply to; then findings, sure and doubtful.
    Findings that a decision set aside are in ``set_aside`` alone."""

    rule: str
    title: str
    severity: Severity | None
    broken: int
    doubtful: int
    answered: int
    undetermined: int
    not_applicable: int
    findings: int
    doubtful_findings: int
    set_aside: int = 0

    @property
    def skipped(self) -> bool:
        """Not one report of the batch got an answer from it."""
        return not self.answered

    @property
    def never(self) -> bool:
        """It answered, and never fired."""
        return bool(self.answered) and not self.broken + self.doubtful

    @property
    def often(self) -> bool:
        """It fired on more of the reports than a rule should."""
        return self.broken + self.doubtful > OFTEN * self.answered and self.answered > 1

    @property
    def remark(self) -> str:
        """In Chinese what a rule author should look at; "" if nothing stands out."""
        if not self.answered and not self.undetermined:
            return "本批均不适用"
        if not self.answered:
            return "本批均无法核验"
        if self.never:
            return "本批从未触发"
        return f"触发超过{OFTEN:.0%}，请复核规则" if self.often else ""


@dataclass(frozen=True, slots=True)
class Group:
    """Reports of one region or one year: how many were audited, how many of them have an error, and the
    findings; nothing that carries doubt is counted."""

    name: str
    audited: int
    with_errors: int
    errors: int
    warnings: int
    notices: int


@dataclass(frozen=True)
class Batch:
    """What the forms for a whole batch are rendered from.

    title          as the batch is called; "" if it has no name.
    skipped        files left out as litter.
    not_submitted  agencies of the roster without a report; None if no roster was given.
    not_known      how many more agencies have none of which that cannot be said: reports are still being audited, or there is one of
                   an unknown year.
    """

    reports: tuple[Report, ...]
    title: str = ""
    skipped: tuple[str, ...] = ()
    not_submitted: tuple[str, ...] | None = None
    not_known: int = 0

    @cached_property
    def audited(self) -> tuple[Report, ...]:
        """Reports that rules were asked about, worst first: by what is certain, then by all that was found."""
        asked = [report for report in self.reports if report.digest is not None and report.digest.applicable]
        return tuple(sorted(asked, key=_gravity))

    @cached_property
    def not_applicable(self) -> tuple[Report, ...]:
        return tuple(report for report in self.reports if report.standing is Standing.NOT_APPLICABLE)

    @cached_property
    def left_out(self) -> tuple[Report, ...]:
        """Reports that could not be audited: unreadable, failed."""
        return tuple(report for report in self.reports if report.digest is None)

    @cached_property
    def standings(self) -> Mapping[Standing, int]:
        """Every standing, in its order, with the number of its reports."""
        counts = Counter(report.standing for report in self.reports)
        return {standing: counts[standing] for standing in Standing}

    def findings(self) -> Iterable[tuple[Report, int, Finding]]:
        """Every finding, those set aside too, with its report and its number in the report's own PDF."""
        for report in self.audited:
            assert report.digest is not None
            for number, finding in enumerate(report.digest.findings, 1):
                yield report, number, finding

    def count(self, level: Severity, *, sure: bool | None = None) -> int:
        """Findings of that severity that stand; with ``sure`` only those without doubt, or only those with."""
        digests = [report.digest for report in self.audited if report.digest]
        certain = sum(len(digest.sure(level)) for digest in digests)
        if sure:
            return certain
        every = sum(finding.severity is level for digest in digests for _, finding in digest.standing())
        return every if sure is None else every - certain

    @cached_property
    def doubtful(self) -> int:
        return sum(len(report.digest.doubtful()) for report in self.audited if report.digest)

    @cached_property
    def decided(self) -> Mapping[Decided | None, int]:
        """How many findings were decided how; under None those that are open. Empty if nothing was decided in the batch."""
        counts: Counter[Decided | None] = Counter()
        for report, _, finding in self.findings():
            decision = report.digest.decisions.get(finding.id) if report.digest else None
            counts[decision.decided if decision else None] += 1
        return counts if set(counts) - {None} else {}

    @cached_property
    def has_scores(self) -> bool:
        """Whether a scoring sheet was on."""
        return any(report.digest.score for report in self.audited if report.digest)

    @cached_property
    def undecided(self) -> int:
        return sum(len(report.digest.undecided) for report in self.audited if report.digest)

    @cached_property
    def packs(self) -> tuple[str, ...]:
        """Rule pack and engine of every audit, each pair once."""
        digests = [report.digest for report in self.reports if report.digest]
        return tuple(dict.fromkeys(f"规则包 {digest.pack}，引擎 {digest.engine}" for digest in digests))

    @cached_property
    def rules(self) -> tuple[RuleCount, ...]:
        """Every rule that was asked, those broken in most reports first."""
        told: dict[str, list[Digest]] = {}
        for report in self.audited:
            assert report.digest is not None
            for rule in dict.fromkeys((*report.digest.verdicts, *(found.rule for found in report.digest.findings))):
                told.setdefault(rule, []).append(report.digest)
        counts = [_rule_count(rule, digests) for rule, digests in told.items()]
        return tuple(sorted(counts, key=lambda c: (-c.broken, -c.doubtful, -c.findings, c.rule)))

    @cached_property
    def by_year(self) -> tuple[Group, ...]:
        found: dict[str, list[Report]] = {}
        for report in sorted(self.audited, key=lambda report: report.year or 0):
            found.setdefault(f"{report.year}年度" if report.year else "年度不明", []).append(report)
        return tuple(_group(name, reports) for name, reports in found.items())

    @cached_property
    def by_region(self) -> tuple[Group, ...]:
        """By the first part of the regions' names in which they differ: cities of a province, counties of a city.

        Most errors for each report first; agencies whose name tells no region last.
        """
        regions = {report.agency: agency_kind(report.agency).region for report in self.audited}
        shared = _shared([region for region in regions.values() if region])
        found: dict[str, list[Report]] = {}
        for report in self.audited:
            region = regions[report.agency]
            name = region[len(shared)] if len(region) > len(shared) else f"{shared[-1]}本级" if region else REGION_UNKNOWN
            found.setdefault(name, []).append(report)
        groups = [_group(name, reports) for name, reports in found.items()]
        return tuple(sorted(groups, key=lambda g: (g.name == REGION_UNKNOWN, -g.errors / g.audited, -g.audited, g.name)))


def _gravity(report: Report) -> tuple[int, ...]:
    summary = report.outcome.summary
    assert summary is not None
    sure = [len(report.digest.sure(level)) for level in Severity] if report.digest else []
    found = (summary.errors, summary.warnings, summary.notices, summary.doubtful, summary.undecided)
    return tuple(-count for count in (*sure, *found))


def _rule_count(rule: str, digests: Sequence[Digest]) -> RuleCount:
    broken = doubtful = answered = undetermined = not_applicable = set_aside = 0
    sure: list[Finding] = []
    unsure: list[Finding] = []
    for digest in digests:
        here = [finding for _, finding in digest.standing() if finding.rule == rule]
        certain = [finding for finding in here if not is_doubtful(finding, digest.decisions)]
        sure += certain
        unsure += [finding for finding in here if finding not in certain]
        broken += bool(certain)
        doubtful += bool(here) and not certain
        set_aside += sum(finding.rule == rule for _, finding in digest.set_aside())
        states = digest.verdicts.get(rule, {})
        if here or states.get(State.HOLDS) or states.get(State.BROKEN):
            answered += 1
        elif states.get(State.UNDETERMINED):
            undetermined += 1
        else:
            not_applicable += 1
    found = (*sure, *unsure, *(finding for digest in digests for _, finding in digest.set_aside() if finding.rule == rule))
    severities = [finding.severity for finding in found]
    return RuleCount(
        rule=rule,
        title=digests[0].titles.get(rule) or next((finding.title for finding in found), ""),
        severity=min(severities, key=list(Severity).index) if severities else None,
        broken=broken,
        doubtful=doubtful,
        answered=answered,
        undetermined=undetermined,
        not_applicable=not_applicable,
        findings=len(sure),
        doubtful_findings=len(unsure),
        set_aside=set_aside,
    )


def _group(name: str, reports: Sequence[Report]) -> Group:
    sure = Counter(finding.severity for report in reports if report.digest for finding in report.digest.sure(*Severity))
    return Group(
        name=name,
        audited=len(reports),
        with_errors=sum(report.standing is Standing.ERRORS for report in reports),
        errors=sure[Severity.ERROR],
        warnings=sure[Severity.WARNING],
        notices=sure[Severity.NOTICE],
    )


def _shared(regions: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The parts that all of them begin with."""
    shared: list[str] = []
    for parts in zip(*regions, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return tuple(shared)
