"""What lists show and search of a submission, as columns of its row: written when it comes in, and when it is settled."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from audits.matching import Match
from audits.outcome import Found, Settled, Standing, Summary
from audits.regions import below
from audits.store.searching import searched
from audits.store.tables import SUBMISSIONS
from rules.agencies import agency_kind
from rules.verdict import Severity

_S = SUBMISSIONS.c
SEVERITIES = (*Severity, None)  # gravest first; None: doubtful
MOST_COUNTED = 99  # problems of one kind that order reports of one standing: two digits each
RANKS: Mapping[str, int] = {  # of what lists begin with; 0 is what waits
    Standing.ERRORS: 9,
    Standing.UNREADABLE: 8,
    Standing.FAILED: 7,
    Standing.WARNINGS: 6,
    Standing.NOTICES: 5,
    Standing.DOUBTFUL: 4,
    Standing.NOT_APPLICABLE: 3,
    Standing.CLEAN: 2,
    "cancelled": 1,
}
COLUMNS = (  # written when a report is audited
    *("region", "agency", "agency_code", "roster_id", "match", "told", "search", "report_year", "standing", "gravity"),
    *("errors", "warnings", "notices", "doubtful", "undecided", "published"),
)
STANDINGS: Mapping[str, str] = {Settled.UNREADABLE: Standing.UNREADABLE, Settled.FAILED: Standing.FAILED, "cancelled": ""}


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The batch that a submission belongs to, as far as lists show it."""

    title: str
    region: str


@dataclass(frozen=True, slots=True)
class Listed:
    """An agency of a roster, as the roster in force for its region has it."""

    roster_id: str
    code: str
    name: str
    others: Sequence[str]
    region: str


def received(batch: Whereabouts, name: str, year: int | None) -> dict[str, Any]:
    """Of a report that nothing is known of but its file's name, and the year if one was given."""
    return {"region": batch.region, "search": searched(batch.region, name, batch.title), "report_year": year}


WAITING: Mapping[str, Any] = {"standing": "", "gravity": 0}


def settled(state: str) -> dict[str, Any]:
    """Of a report that could not be audited."""
    return {"standing": STANDINGS[state], "gravity": gravity(STANDINGS[state] or state)}


def unless_audited(state: str) -> dict[str, Any]:
    """The same for many at once: what has an audit already is left as it is."""
    has_none = _S.audit_key.is_(None)
    return {name: sa.case((has_none, value), else_=_S[name]) for name, value in settled(state).items()}


def unsettled() -> dict[str, Any]:
    """Of a report that waits again; what has an audit keeps what it showed."""
    has_none = _S.audit_key.is_(None)
    return {name: sa.case((has_none, value), else_=_S[name]) for name, value in WAITING.items()}


def placed(
    batch: Whereabouts,
    name: str,
    agency: str | None,
    roster_id: str | None,
    match: Match | None,
    listed: Listed | None,
) -> dict[str, Any]:
    """Whose report it is. It always lies within its batch's region: who may see the batch sees all of it.

    agency     as the report gives it.
    roster_id  by which ``match`` was found, None without; listed: what a match means there.
    """
    found = match.agency if match is not None else None
    shown = found.name if found is not None else agency
    region = batch.region
    if listed is not None and listed.region.startswith(batch.region):
        region = listed.region
    elif shown is not None:
        region = below(batch.region, agency_kind(shown).region)
    names = (listed.name, *listed.others) if listed is not None else ()
    return {
        "region": region,
        "agency": shown,
        "agency_code": listed.code if listed is not None else None,
        "roster_id": listed.roster_id if listed is not None else roster_id,
        "match": match.state if match is not None else "",
        "told": asdict(match) if match is not None and found is None else None,
        "search": searched(region, shown, *names, agency, name, batch.title),
    }


def audited(summary: Summary, findings: Collection[Found]) -> dict[str, Any]:
    """The figures of an audit."""
    return {
        "report_year": summary.year,
        "standing": summary.standing,
        "gravity": gravity(summary.standing, findings),
        "errors": summary.errors,
        "warnings": summary.warnings,
        "notices": summary.notices,
        "doubtful": summary.doubtful,
        "undecided": summary.undecided,
        "published": summary.published,
    }


def gravities(standing: str) -> tuple[int, int]:
    """The least and the greatest gravity of reports of that standing."""
    least = RANKS[standing] * 100 ** len(SEVERITIES)
    return least, least + 100 ** len(SEVERITIES) - 1


def gravity(standing: str, findings: Collection[Found] = ()) -> int:
    """By standing; of one standing by what is certain, the gravest severities first, then by what is doubtful."""
    counts = dict.fromkeys(SEVERITIES, 0)
    for found in findings:
        counts[None if found.is_doubtful else found.severity] += 1
    total = RANKS[standing]
    for count in counts.values():
        total = total * 100 + min(count, MOST_COUNTED)
    return total
