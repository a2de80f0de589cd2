"""The Digest: an audit without its cells and prose, as lists, workbooks and notices of a whole batch need it.

Made from an Audit or, for reports audited earlier or by another process, from the JSON written then: both give the same Digest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from audits.decision import Decided, Decision
from audits.findings import Audit, Finding, Undecided, Waived, is_doubtful, set_aside, standing
from reports_in.document import Source
from rules.editions import editions
from rules.verdict import Evidence, Place, Severity, State

MOST_DIGITS = 40  # of a number that an audit holds


@dataclass(frozen=True, slots=True)
class Digest:
    """What one audit says. Fields are those of Audit and of the facts of its Filing; ``template`` is the edition's document number.

    score   as it is printed, "93.5/100" or, without a full mark, "-6.5" or "0"; "" without a scoring sheet.
    listed  the agency as the roster calls it; None without a roster, or if it is not in it.
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
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    listed: str | None = None

    @property
    def called(self) -> str | None:
        """The agency as the roster calls it, else as read."""
        return self.listed or self.agency

    def standing(self) -> tuple[tuple[int, Finding], ...]:
        """The findings that no decision has set aside, with their numbers."""
        return standing(self.findings, self.decisions)

    def set_aside(self) -> tuple[tuple[int, Finding], ...]:
        """The findings that were dismissed or waived, with their numbers."""
        return set_aside(self.findings, self.decisions)

    def sure(self, *levels: Severity) -> tuple[Finding, ...]:
        """The findings of these severities that stand and carry no doubt."""
        return tuple(item for _, item in self.standing() if item.severity in levels and not is_doubtful(item, self.decisions))

    def doubtful(self) -> tuple[Finding, ...]:
        """The findings that stand and may be our misreading (人工核对)."""
        return tuple(item for _, item in self.standing() if is_doubtful(item, self.decisions))


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
        decisions=audit.decisions,
        listed=audit.match.agency.name if audit.match is not None and audit.match.agency is not None else None,
    )


def whole_from(written: bytes) -> dict[str, Any]:
    """The JSON of an audit, its amounts as Decimals. Raises ValueError for what is none.

    A jailed process wrote it, which may have been taken over by the file it read: a number that takes for ever to write out (1e999999999)
    is none of ours.
    """
    try:
        whole = json.loads(written, parse_float=_amount, parse_int=_count, parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError("nested without an end") from error
    if not isinstance(whole, dict):
        raise ValueError("not the JSON of an audit")
    return whole


def _amount(written: str) -> Decimal:
    found = Decimal(written)
    if len(written) > MOST_DIGITS or abs(found.adjusted()) > MOST_DIGITS:
        raise ValueError(f"{written[:MOST_DIGITS]}: not a number of ours")
    return found


def _count(written: str) -> int:
    if len(written) > MOST_DIGITS:
        raise ValueError(f"{written[:MOST_DIGITS]}: not a number of ours")
    return int(written)


def _no_number(written: str) -> float:
    raise ValueError(f"{written}: not a number")


def digest_from(written: bytes) -> Digest:
    """The Digest of an audit written as JSON (audits/renderers/json_form.py)."""
    whole = whole_from(written)
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
        findings=tuple(finding_from(item) for item in whole["findings"]),
        undecided=tuple(Undecided(item["rule"], item["title"], item["where"], item["reason"]) for item in whole["undecided"]),
        verdicts={item["rule"]: {state: item[state.value] for state in State if item[state.value]} for item in whole["rules"]},
        pack=whole["hecha"]["pack"],
        engine=whole["hecha"]["engine"],
        titles={item["rule"]: item["title"] for item in whole["rules"]},
        waived=tuple(waived_from(item) for item in whole.get("waived", ())),
        score=_score(*(score[name] for name in ("full", "total", "lost"))) if (score := whole.get("score")) else "",
        decisions={decision.finding_id: decision for decision in map(decision_from, whole.get("decisions", ()))},
        listed=(whole.get("roster") or {}).get("name"),
    )


def _score(full: object, total: object, lost: object) -> str:
    return f"{total}/{full}" if full is not None else f"-{lost}" if lost else "0"


def waived_from(item: Mapping[str, Any]) -> Waived:
    """A waived finding as the JSON tells it."""
    return Waived(finding_from(item["finding"]), item["reason"], item["owner"], item["expires"])


def finding_from(item: Mapping[str, Any]) -> Finding:
    """A finding as the JSON tells it."""
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
        evidence=tuple(Evidence(found["quote"], source_from(found["at"])) for found in item["evidence"]),
        expected=item["expected"],
        actual=item["actual"],
        basis=item["basis"],
        advice=item["advice"],
        arithmetic=item.get("arithmetic", ""),  # results of earlier versions have none
    )


def decision_from(item: Mapping[str, Any]) -> Decision:
    """A decision as the JSON tells it: whose account it was is not in it."""
    return Decision(
        id=item["id"],
        finding_id=item["finding"],
        decided=Decided(item["decided"]),
        reason=item["reason"],
        account_id="",
        author=item["author"],
        decided_at=datetime.fromisoformat(item["decided_at"]).timestamp(),
        message="",
        expires=date.fromisoformat(item["expires"]) if item["expires"] else None,
        said_otherwise=item["said_otherwise"],
    )


def source_from(at: Mapping[str, Any] | None) -> Source | None:
    """A place in the file as the JSON tells it, its numbers as they were."""
    if at is None:
        return None
    first, last = at["chars"]
    box = None
    if at["box"]:
        left, top, right, bottom = map(plain_number, at["box"])
        box = (left, top, right, bottom)
    return Source(at["page"], at["line"], box, (first, last))


def plain_number(value: int | Decimal) -> float:
    """A measure that was read as Decimal, because amounts are, as the float that it was."""
    return float(value) if isinstance(value, Decimal) else value
