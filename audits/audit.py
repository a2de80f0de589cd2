"""Audit one report: Document in, Audit out. Knows no database and no clock."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from importlib.metadata import version

from audits.align import align
from audits.confirm import confirmed, with_scan_doubts
from audits.findings import Audit, Finding, Undecided
from audits.locate import locate
from audits.matching import Candidate, Match, Matcher, MatchState, Said, as_said, signs_of
from audits.score import score
from audits.waivers import Waiver, waive
from audits.wording import place_in_words
from reports_in.document import Document
from rules.agencies import ListedAgency
from rules.claims import claims_of
from rules.compile import Pack, Rule
from rules.editions import Edition, editions
from rules.filing import Filing, Publication
from rules.sensitive import LONG_FIGURE, mask
from rules.verdict import Evidence, Place, Severity, State, Verdict

ENGINE = f"hecha {version('hecha')}"
GRAVITY = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTICE: 2}


def audit(
    document: Document,
    pack: Pack,
    year: int | None = None,
    previous: Filing | None = None,
    waivers: Iterable[Waiver] = (),
    matcher: Matcher | None = None,
    publication: Publication | None = None,
    said: Said | None = None,
) -> Audit:
    """Everything the pack has to say about the document.

    year      overrides the year that the report states.
    previous  the same agency's report of the year before, laid out by ``lay_out``.
    waivers   those that have not expired.
    publication  what a sweep saw of it where it is published.
    matcher   finds whose report it is in a roster; what the roster says of the agency then goes before what its name tells.
    said      what a person said of whose report it is: it goes before what the matcher finds.
    """
    filing = _laid_out(document, year)
    found = None
    if matcher is not None:
        listed = publication.agency if publication is not None else None
        found = matcher.match(signs_of(filing, document.meta.publisher, document.name, listed))
    match = _with_own_words(as_said(found, said, matcher.roster if matcher is not None else None), filing)
    if match is not None and match.agency is not None:
        filing = replace(filing, listed=_listed(match.agency, matcher))
    filing = replace(filing, claims=claims_of(filing), previous=previous, publication=publication)
    result = audit_filing(filing, document, pack, waivers)
    return result if match is None else replace(result, match=match)


def _with_own_words(match: Match | None, filing: Filing) -> Match | None:
    """An agency that a person named is not what the report calls itself, which a roster that comes later has to know."""
    own = filing.agency
    if match is None or match.state is not MatchState.ASSIGNED or not own.value or own.rests_on not in ("title", "body"):
        return match
    rest = [item for item in match.rests_on if item[0] not in ("title", "body")]
    return replace(match, rests_on=((own.rests_on, own.value), *rest))


def _listed(agency: Candidate, matcher: Matcher | None) -> ListedAgency:
    """As the roster has it; one that a person named may be of another roster, and is known by its name alone."""
    found = matcher.roster.agencies.get(agency.code) if matcher is not None else None
    if matcher is not None and found is not None and agency.name in (found.name, matcher.roster.shown(found)):
        return found.listed
    return ListedAgency(agency.code, agency.name)


def lay_out(document: Document, year: int | None = None) -> Filing:
    """The document by the template, with what its prose claims."""
    filing = _laid_out(document, year)
    return replace(filing, claims=claims_of(filing))


def _laid_out(document: Document, year: int | None) -> Filing:
    filing = align(document, year)
    return confirmed(filing) if document.recognised else filing


def audit_filing(filing: Filing, document: Document, pack: Pack, waivers: Iterable[Waiver] = ()) -> Audit:
    """Ask every rule of the pack, as far as it is in force for the report's year, about a filing already laid out."""
    pack = pack.in_force(filing.year.value)
    edition = editions().get(filing.edition or "")
    findings: list[tuple[Rule, Finding]] = []
    undecided: list[Undecided] = []
    counts: dict[str, dict[State, int]] = {}
    broken, undetermined = State.BROKEN, State.UNDETERMINED  # to look up a member of an Enum costs as much as to count it
    if edition is not None:
        for rule, instead in pack.asked(filing):
            tally: dict[State, int] = {}  # a hundred Counters would cost as much as the cheap half of the rules
            counts[rule.id] = tally
            for verdict in rule.kind.check(filing) if instead is None else (instead,):
                state = verdict.state
                tally[state] = tally.get(state, 0) + 1
                if state is broken:
                    findings.append((rule, _finding(rule, verdict, filing, edition, document.sha256)))
                elif state is undetermined:
                    undecided.append(Undecided(rule.id, rule.title, place_in_words(verdict.place, edition), verdict.reason))
    ordered, waived = waive(_in_order(with_scan_doubts(_once(findings), filing, document), edition), filing, waivers)
    return Audit(
        name=document.name,
        sha256=document.sha256,
        media_type=document.media_type,
        filing=filing,
        applicable=edition is not None,
        reason="" if edition is not None else _why_not(filing),
        findings=ordered,
        undecided=tuple(undecided),
        verdicts=counts,
        notes=document.notes,
        pack=pack.label,
        engine=ENGINE,
        titles={rule.id: rule.title for rule in pack.rules.values()},
        explanations=locate(filing, pack, ordered),
        waived=waived,
        score=score(ordered, pack.scoring) if pack.scoring is not None and edition is not None else None,
    )


def _finding(rule: Rule, verdict: Verdict, filing: Filing, edition: Edition, sha256: str) -> Finding:
    return Finding(
        id=_finding_id(rule, verdict.place, filing, sha256),
        rule=rule.id,
        severity=verdict.severity or rule.severity,
        doubt=verdict.doubt,
        title=rule.title,
        where=place_in_words(verdict.place, edition),
        place=verdict.place,
        message=mask(rule.message_for(verdict)),
        evidence=_masked(verdict.evidence),
        expected=mask(verdict.expected),
        actual=mask(verdict.actual),
        basis=rule.basis,
        advice=rule.advice_for(verdict),
        arithmetic=verdict.arithmetic,
    )


def _masked(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """The quotes with private numbers starred out: what we print must not spread them further."""
    if not any(LONG_FIGURE.search(item.quote) for item in evidence):
        return evidence
    return tuple(Evidence(mask(item.quote), item.at) for item in evidence)


def _finding_id(rule: Rule, place: Place, filing: Filing, sha256: str) -> str:
    """Made of rule, agency, year and place, so that a decision outlives the next run; no line or row number is in it.

    A report that names no agency goes by its file: what is decided on it must not count for another nameless one.
    """
    section, table, row, column, topic = place
    year = "" if filing.year.value is None else str(filing.year.value)
    told = (rule.id, filing.agency.value or sha256, year, section or "", table or "", row or "", column or "", topic or "")
    digest = hashlib.sha256("\x1f".join(told).encode()).hexdigest()
    return f"{rule.id}-{digest[:12]}"


def _once(findings: list[tuple[Rule, Finding]]) -> list[Finding]:
    """Drop what another finding at or around the same place already says (``supersedes``), and exact repeats."""
    superseded = [(other, finding.place) for rule, finding in findings for other in rule.supersedes]
    kept: dict[str, Finding] = {}
    for _, finding in findings:
        if not any(finding.rule == other and _inside(finding.place, place) for other, place in superseded):
            kept.setdefault(finding.id, finding)
    return list(kept.values())


def _inside(inner: Place, outer: Place) -> bool:
    pairs = ((inner.section, outer.section), (inner.table, outer.table), (inner.row, outer.row), (inner.column, outer.column))
    return all(theirs is None or ours == theirs for ours, theirs in pairs)


def _in_order(findings: list[Finding], edition: Edition | None) -> tuple[Finding, ...]:
    """By severity, then in the order of the template, then by rule."""
    if edition is None:
        return ()
    sections = ["title", "preamble", *edition.sections]

    def key(finding: Finding) -> tuple[int, int, int, str, str]:
        place = finding.place
        section = place.section or (edition.tables[place.table].section if place.table else "title")
        rows = list(edition.tables[place.table].rows) if place.table else []
        row = rows.index(place.row) if place.row in rows else -1
        index = sections.index(section) if section in sections else len(sections)
        return GRAVITY[finding.severity], index, row, finding.rule, finding.id

    return tuple(sorted(findings, key=key))


def _why_not(filing: Filing) -> str:
    if filing.year.value is None:
        return "未能从标题、正文或文件名判定报告年度，也没有可辨认的统计表，无法确定应适用的官方格式"
    return (
        f"{filing.year.value}年度报告适用2019年以前的旧体例，不在国办公开办函〔2019〕60号、〔2021〕30号两版格式范围内，不适用"
    )
