"""The Digest: an audit without its cells and prose, as lists, workbooks and notices of a whole batch need it.

Made from an Audit or, for reports audited earlier or by another process, from the JSON written then: both give the same Digest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from audits.findings import Audit, Finding, Undecided, Waived
from reports_in.document import Source
from rules.editions import editions
from rules.verdict import Evidence, Place, Severity, State


@dataclass(frozen=True, slots=True)
class Digest:
    """What one audit says. Fields are those of Audit and of the facts of its Filing; ``template`` is the edition's document number.

    score  as it is printed, "93.5/100" or "-6.5"; "" without a scoring sheet.
    """

    name: str
    sha256: str
    title: str | None
    agency: str | None
    year: int | None
    edition: str | None
    template: str | None
    published: str | None
    applicable: bool
    reason: str
    findings: tuple[Finding, ...]
    undecided: tuple[Undecided, ...]
    verdicts: Mapping[str, Mapping[State, int]]
    pack: str
    engine: str
    titles: Mapping[str, str] = field(default_factory=dict, repr=False)
    waived: tuple[Waived, ...] = ()
    score: str = ""

    def sure(self, *levels: Severity) -> tuple[Finding, ...]:
        """The findings of these severities that carry no doubt."""
        return tuple(finding for finding in self.findings if finding.severity in levels and finding.doubt is None)

    def doubtful(self) -> tuple[Finding, ...]:
        """The findings that may be our misreading (人工核对)."""
        return tuple(finding for finding in self.findings if finding.doubt is not None)


def digest_of(audit: Audit) -> Digest:
    """The same as ``digest_from`` its JSON, without writing it."""
    filing = audit.filing
    edition = editions().get(filing.edition or "")
    return Digest(
        name=audit.name,
        sha256=audit.sha256,
        title=filing.title.value,
        agency=filing.agency.value,
        year=filing.year.value,
        edition=filing.edition,
        template=edition.document if edition else None,
        published=filing.published.value,
        applicable=audit.applicable,
        reason=audit.reason,
        findings=audit.findings,
        undecided=audit.undecided,
        verdicts={rule: {state: count for state, count in counts.items() if count} for rule, counts in audit.verdicts.items()},
        pack=audit.pack,
        engine=audit.engine,
        titles={rule: audit.titles.get(rule, "") for rule in audit.verdicts},
        waived=audit.waived,
        score=_score(audit.score.full, audit.score.total, audit.score.lost) if audit.score else "",
    )


def digest_from(written: bytes) -> Digest:
    """The Digest of an audit written as JSON (audits/renderers/json_form.py)."""
    whole = json.loads(written, parse_float=Decimal)
    report = whole["report"]
    return Digest(
        name=whole["source"]["name"],
        sha256=whole["source"]["sha256"],
        title=report["title"],
        agency=report["agency"],
        year=report["year"],
        edition=report["edition"],
        template=whole["hecha"]["template"],
        published=report["published"],
        applicable=whole["applicable"],
        reason=whole["reason"],
        findings=tuple(_finding(item) for item in whole["findings"]),
        undecided=tuple(Undecided(item["rule"], item["title"], item["where"], item["reason"]) for item in whole["undecided"]),
        verdicts={item["rule"]: {state: item[state.value] for state in State if item[state.value]} for item in whole["rules"]},
        pack=whole["hecha"]["pack"],
        engine=whole["hecha"]["engine"],
        titles={item["rule"]: item["title"] for item in whole["rules"]},
        waived=tuple(_waived(item) for item in whole.get("waived", ())),
        score=_score(*(score[name] for name in ("full", "total", "lost"))) if (score := whole.get("score")) else "",
    )


def _score(full: object, total: object, lost: object) -> str:
    return f"-{lost}" if full is None else f"{total}/{full}"


def _waived(item: Mapping[str, Any]) -> Waived:
    return Waived(_finding(item["finding"]), item["reason"], item["owner"], item["expires"])


def _finding(item: Mapping[str, Any]) -> Finding:
    place = item["place"]
    return Finding(
        id=item["id"],
        rule=item["rule"],
        severity=Severity(item["severity"]),
        doubt=item["doubt"],
        title=item["title"],
        where=item["where"],
        place=Place(place["section"], place["table"], place["row"], place["column"], place["topic"]),
        message=item["message"],
        evidence=tuple(Evidence(found["quote"], _source(found["at"])) for found in item["evidence"]),
        expected=item["expected"],
        actual=item["actual"],
        basis=item["basis"],
        advice=item["advice"],
    )


def _source(at: Mapping[str, Any] | None) -> Source | None:
    if at is None:
        return None
    first, last = at["chars"]
    box = None
    if at["box"]:
        left, top, right, bottom = map(float, at["box"])
        box = (left, top, right, bottom)
    return Source(at["page"], at["line"], box, (first, last))
