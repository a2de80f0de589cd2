"""Say whose report it is (归属): a supervisor chooses among the candidates, takes another agency of the roster, or none of it.

Who, when and why stays on record. What is said of a file counts for its coverage at once; the report is then audited anew, so that rules,
documents and the comparison with last year's report know its agency. Decisions on its findings stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audits.errors import NoSuchAgency, ReasonMissing
from audits.matching import Match
from audits.regions import Scope
from audits.service import complete
from audits.store import Store
from audits.store.assignments import Assigned, Assignment
from audits.store.lines import AgencyChoice, Viewer

LONGEST_REASON = 2_000  # characters
MOST_NAMED = 8  # agencies of one code, in a message


@dataclass(frozen=True, slots=True)
class Belonging:
    """Whose report it is, as far as one may see it.

    match    what the roster in force finds; None without a roster.
    choices  its candidates, best first; beyond: how many more there are in regions that one may not see.
    held     what a person said that holds; history: everything ever said, oldest first.
    """

    match: Match | None
    choices: Sequence[AgencyChoice]
    beyond: int
    held: Assignment | None
    history: Sequence[Assignment]


def belonging_of(store: Store, viewer: Viewer, submission_id: str) -> Belonging:
    """Raises StoreError for an unknown one."""
    match, choices, beyond = store.rosters.choices(viewer, submission_id)
    found = store.assignments
    return Belonging(match, choices, beyond, found.of(submission_id), found.history(submission_id))


def assign(
    store: Store,
    submission_id: str,
    agency: tuple[str, str] | None,
    reason: str = "",
    *,
    account_id: str,
    author: str,
    scope: Scope,
    expected: str | None = None,
) -> Sequence[str]:
    """Say that it is that agency's report (roster id and code), or with None that it is of no agency of the roster.

    expected  id of the assignment that was seen, "" for none; None: whatever holds now.

    Returns the ids of what waits to be audited anew by it, to be hinted at. A reason has to be given unless the agency is one of the
    candidates. Raises ReasonMissing, NoSuchAgency, NotYours, AssignedMeanwhile; StoreError.
    """
    reason = reason.strip()[:LONGEST_REASON]
    if not reason and not _is_candidate(store, scope, submission_id, agency):
        raise ReasonMissing("不在候选里的单位、名单以外的单位，要写明理由")
    kind = Assigned.AGENCY if agency is not None else Assigned.OUTSIDE
    return _taken(store, submission_id, kind, agency, reason, account_id, author, scope, expected)


def unassign(
    store: Store,
    submission_id: str,
    reason: str = "",
    *,
    account_id: str,
    author: str,
    scope: Scope,
    expected: str | None = None,
) -> Sequence[str]:
    """Take back what was said: it is whose the roster finds, or nobody's again. Otherwise as ``assign``."""
    reason = reason.strip()[:LONGEST_REASON]
    if store.assignments.of(submission_id) is None:
        raise NoSuchAgency("这份报告没有经人工认定的归属，不用撤销")
    return _taken(store, submission_id, Assigned.UNDONE, None, reason, account_id, author, scope, expected)


def agency_named(store: Store, viewer: Viewer, code: str, roster_id: str | None = None) -> AgencyChoice:
    """The agency of that code. Raises NoSuchAgency if there is none that one may see, or if rosters of several regions have the code."""
    found = [one for one in store.rosters.named(viewer, code) if roster_id in (None, one.roster_id)]
    if not found:
        raise NoSuchAgency(f"名单里没有编码为 {code} 的应报送单位，或不在您负责的地区之内")
    if len(found) > 1:
        names = "；".join(f"{one.name}（名单 {one.roster_id}）" for one in found[:MOST_NAMED])
        raise NoSuchAgency(f"几个地区的名单都有编码 {code}，请同时写明名单：{names}")
    return found[0]


def _is_candidate(store: Store, scope: Scope, submission_id: str, agency: tuple[str, str] | None) -> bool:
    _, choices, _ = store.rosters.choices(Viewer(scope), submission_id)
    return agency in [(one.roster_id, one.code) for one in choices]


def _taken(
    store: Store,
    submission_id: str,
    kind: Assigned,
    agency: tuple[str, str] | None,
    reason: str,
    account_id: str,
    author: str,
    scope: Scope,
    expected: str | None,
) -> Sequence[str]:
    waiting = store.assignments.take(submission_id, kind, agency, reason, account_id, author, scope, expected)
    complete(store, store.submission(submission_id).batch_id)
    return waiting
