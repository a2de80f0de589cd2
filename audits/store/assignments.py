"""The rows of what people said of whose report it is (归属): only ever appended. Of those on one file at most one is current.

It is said of a file, by its bytes, so it holds wherever these are submitted again, in batches of that region, of those within it and of
those around it. A file that nobody could read is told by its name, too: broken files look alike. A newer version of the report has it
from the version before, unless it says itself whose it is.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

import sqlalchemy as sa

from audits.errors import AssignedMeanwhile, NoSuchAgency, NotYours, StoreError
from audits.matching import Said
from audits.regions import Scope
from audits.store import again, projection, visible
from audits.store.database import Database
from audits.store.decisions import near
from audits.store.lines import Viewer
from audits.store.models import Submission, SubmissionState
from audits.store.projection import Listed, Whereabouts
from audits.store.tables import AGENCIES, ASSIGNMENTS, AUDITS, BATCHES, SUBMISSIONS, DatabaseClock

_A = AGENCIES.c
_G = ASSIGNMENTS.c
_S = SUBMISSIONS.c
_B = BATCHES.c
OF_PLACE = ("id", "batch_id", "position", "version", "sha256", "name", "region", "state", "audit_key", "is_current", "match")
AUDITED_AGAIN = (SubmissionState.AUDITED, SubmissionState.AUDITING)
SAME_FILE, SAME_PLACE = 2, 1


class Assigned(StrEnum):
    AGENCY = "agency"
    OUTSIDE = "outside"  # of no agency of the roster
    UNDONE = "undone"  # what was said before does not count any more


@dataclass(frozen=True, slots=True)
class Assignment:
    """What somebody said. code, agency: "" unless an agency was named; assigned_at: seconds since 1970."""

    id: str
    kind: Assigned
    code: str
    agency: str
    reason: str
    account_id: str
    author: str
    assigned_at: float
    submission_id: str


@dataclass(frozen=True, slots=True)
class Holding:
    """What holds of a submission: the assignment, and its agency as the roster in force has it."""

    assignment: Assignment
    said: Said
    listed: Listed | None


Placing = Callable[[sa.Connection, sa.Row[Any], Whereabouts, Holding | None], Mapping[str, Any]]


class Assignments:
    """Reached as ``store.assignments``. Whether somebody may assign at all is for the callers to know; within which regions, is not."""

    def __init__(self, database: Database, prepare: Callable[[Iterable[str]], Placing]) -> None:
        """prepare: for batches of these regions, what says the columns of a submission by roster and assignment."""
        self._database = database
        self._prepare = prepare

    def take(
        self,
        submission_id: str,
        kind: Assigned,
        agency: tuple[str, str] | None,
        reason: str,
        account_id: str,
        author: str,
        scope: Scope,
        expected: str | None = None,
    ) -> Sequence[str]:
        """Record what somebody said; returns the ids of the submissions that wait to be audited anew by it.

        agency    id of the roster, and code.
        scope     of who says it: the agency, and where the report comes to lie by it, must be within.
        expected  id of the assignment that he saw, "" for none; None: whatever it was.

        Raises NoSuchAgency, NotYours, AssignedMeanwhile; StoreError for an unknown submission. Nothing is changed then.
        """
        with self._database.read() as db:
            regions = {batch.region for _, batch in _affected(db, row_of(db, submission_id))}
        placing = self._prepare(regions)
        with self._database.write() as db:
            row = row_of(db, submission_id)
            if db.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
                db.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(row.sha256 or row.id))))
            held = holding(db, [row], row.batch_region).get(row.id)
            if expected is not None and expected != (held.assignment.id if held else ""):
                raise AssignedMeanwhile(_words(held))
            listed = _listed_for(db, agency, scope) if kind is Assigned.AGENCY else None
            db.execute(ASSIGNMENTS.update().where(_G.is_current, _of_same_file(row)).values(is_current=False))
            taken = {
                "id": uuid.uuid4().hex,
                "is_current": True,
                "kind": kind,
                "code": listed.code if listed else "",
                "agency": listed.name if listed else "",
                "agency_region": listed.region if listed else "",
                "region": row.batch_region,
                "sha256": row.sha256,
                "name": row.name,
                "was_read": row.audit_key is not None,
                "batch_id": row.batch_id,
                "position": row.position,
                "version": row.version,
                "submission_id": row.id,
                "reason": reason,
                "account_id": account_id,
                "author": author,
                "assigned_at": DatabaseClock(),
            }
            db.execute(ASSIGNMENTS.insert().values(taken))
            return self._place(db, row, placing, scope)

    def _place(self, db: sa.Connection, row: sa.Row[Any], placing: Placing, scope: Scope) -> Sequence[str]:
        waiting: list[str] = []
        batches: set[str] = set()
        affected = _affected(db, row)
        held: dict[str, Holding] = {}
        for region in {batch.region for _, batch in affected}:
            held |= holding(db, [one for one, batch in affected if batch.region == region], region)
        for one, batch in affected:
            values = placing(db, one, batch, held.get(one.id))
            if one.id == row.id and not scope.holds(values["region"]):
                raise NotYours("这样归属以后，这份报告不在您负责的地区之内；请由上级地区的监督人员办理")
            db.execute(SUBMISSIONS.update().where(_S.id == one.id).values(dict(values)))
            if one.is_current and one.sha256 and one.state in AUDITED_AGAIN:
                waits = again.waiting() | projection.unsettled() | {"attempt": 0, "hints": 0, "settled_at": None}
                db.execute(SUBMISSIONS.update().where(_S.id == one.id).values(waits))
                waiting.append(one.id)
                batches.add(one.batch_id)
        if batches:
            again.reopen(db, sorted(batches))
        return waiting

    def said(self, submission: Submission) -> Said | None:
        """What an audit of the submission has to know."""
        with self._database.read() as db:
            if not db.scalar(PERHAPS_SAID, {"of_file": submission.sha256, "of_batch": submission.batch_id}):
                return None  # as of nearly every report: nobody has to look closer
            found = holding_of(db, submission.id)
        return found.said if found is not None else None

    def of(self, submission_id: str) -> Assignment | None:
        """What holds now of whose report it is; None if nobody has said it."""
        with self._database.read() as db:
            found = holding_of(db, submission_id)
        return found.assignment if found is not None else None

    def history(self, submission_id: str) -> Sequence[Assignment]:
        """Everything ever said of the report's file and of its earlier versions, oldest first."""
        with self._database.read() as db:
            row = row_of(db, submission_id)
            rows = db.execute(_near([row], row.batch_region).order_by(_G.assigned_at, _G.id)).all()
        return [_assignment(one) for one in rows if _fits(one, row)]


# built once: it is asked for every report
PERHAPS_SAID = sa.select(
    sa.exists().where(sa.or_(_G.sha256 == sa.bindparam("of_file"), _G.batch_id == sa.bindparam("of_batch")))
)


def holding(db: sa.Connection, rows: Sequence[sa.Row[Any]], region: str) -> dict[str, Holding]:
    """What holds of these submissions of batches of that region, by their ids."""
    if not rows:
        return {}
    asked = db.execute(_near(rows, region).where(_G.is_current).order_by(_G.assigned_at, _G.id)).all()
    found = {}
    for row in rows if asked else ():
        fitting = [(fits, one.assigned_at, one) for one in asked if (fits := _fits(one, row))]
        if not fitting:
            continue
        fits, _, best = max(fitting, key=lambda item: item[:2])
        if best.kind == Assigned.UNDONE:
            continue
        listed = _in_force(db, best) if best.kind == Assigned.AGENCY else None
        if best.kind == Assigned.AGENCY and listed is None:
            continue  # the roster has no such agency any more
        said = Said((listed.code, listed.name) if listed is not None else None, is_firm=fits == SAME_FILE)
        found[row.id] = Holding(_assignment(best), said, listed)
    return found


def holding_of(db: sa.Connection, submission_id: str) -> Holding | None:
    row = row_of(db, submission_id)
    return holding(db, [row], row.batch_region).get(row.id)


def _near(rows: Sequence[sa.Row[Any]], region: str) -> sa.Select[Any]:
    """All that may be about them."""
    files = {row.sha256 for row in rows if row.sha256}
    places = sa.and_(_G.batch_id.in_({row.batch_id for row in rows}), _G.position.in_({row.position for row in rows}))
    about = sa.or_(_G.sha256.in_(files), places)
    return sa.select(ASSIGNMENTS).where(about, near(_G.region, sa.literal(region)))


def _fits(one: sa.Row[Any], row: sa.Row[Any]) -> int:
    """SAME_FILE, SAME_PLACE (said of an earlier version), or 0."""
    if one.submission_id == row.id:
        return SAME_FILE
    if row.sha256 and one.sha256 == row.sha256 and (one.was_read or _base(one.name) == _base(row.name)):
        return SAME_FILE
    is_before = (one.batch_id, one.position) == (row.batch_id, row.position) and one.version < row.version
    return SAME_PLACE if is_before else 0


def _of_same_file(row: sa.Row[Any]) -> sa.ColumnElement[bool]:
    """Of ASSIGNMENTS: what the next one on that submission takes the place of."""
    alike = sa.and_(_G.sha256 == row.sha256, _G.sha256 != "", sa.or_(_G.was_read, _G.name == row.name))
    return sa.or_(_G.submission_id == row.id, sa.and_(alike, near(_G.region, sa.literal(row.batch_region))))


def _affected(db: sa.Connection, row: sa.Row[Any]) -> Sequence[tuple[sa.Row[Any], Whereabouts]]:
    """The submission, all that have its file, and the newer versions of it."""
    newer = sa.and_(_S.batch_id == row.batch_id, _S.position == row.position, _S.version > row.version)
    about = [_S.id == row.id, newer]
    if row.sha256:
        alike = _S.sha256 == row.sha256
        about.append(alike if row.audit_key is not None else sa.and_(alike, _S.name == row.name))
    query = _rows().where(sa.or_(*about), near(_B.region, sa.literal(row.batch_region)))
    return [(one, Whereabouts(one.batch_title, one.batch_region)) for one in db.execute(query.order_by(_S.id))]


def _rows() -> sa.Select[Any]:
    names = (*OF_PLACE, "agency", "agency_code", "roster_id", "told", "search", "publication")
    query = sa.select(
        *(_S[name] for name in names),
        _B.title.label("batch_title"),
        _B.region.label("batch_region"),
        AUDITS.c.summary.label("summary"),
        AUDITS.c.match.label("matched"),
    )
    return query.join_from(SUBMISSIONS, BATCHES, _B.id == _S.batch_id).outerjoin(AUDITS, AUDITS.c.key == _S.audit_key)


def row_of(db: sa.Connection, submission_id: str) -> sa.Row[Any]:
    """Raises StoreError."""
    row = db.execute(_rows().where(_S.id == submission_id)).one_or_none()
    if row is None:
        raise StoreError(f"{submission_id}：没有这份报告；请核对编号")
    return row


def _in_force(db: sa.Connection, one: sa.Row[Any]) -> Listed | None:
    """The agency that was named, by the roster in force now: by its code and name, else by its name alone."""
    query = sa.select(AGENCIES).where(_A.name == one.agency, _A.region == one.agency_region, _A.in_force, _A.reports)
    rows = db.execute(query).all()
    same = [row for row in rows if row.code == one.code] or rows
    if len(same) != 1:
        return None
    (row,) = same
    return Listed(row.roster_id, row.code, row.name, row.others, row.region)


def _listed_for(db: sa.Connection, agency: tuple[str, str] | None, scope: Scope) -> Listed:
    """Raises NoSuchAgency, also for one that he may not see."""
    if agency is not None:
        named = sa.and_(_A.roster_id == agency[0], _A.code == agency[1], _A.reports)
        row = db.execute(sa.select(AGENCIES).where(visible.agencies(Viewer(scope)), named)).one_or_none()
        if row is not None:
            return Listed(row.roster_id, row.code, row.name, row.others, row.region)
    raise NoSuchAgency("名单里没有这个单位，或不在您负责的地区之内；请刷新后重选")


def _assignment(row: sa.Row[Any]) -> Assignment:
    return Assignment(
        id=row.id,
        kind=Assigned(row.kind),
        code=row.code,
        agency=row.agency,
        reason=row.reason,
        account_id=row.account_id,
        author=row.author,
        assigned_at=row.assigned_at,
        submission_id=row.submission_id,
    )


def _words(held: Holding | None) -> str:
    if held is None:
        return "刚才有人撤销了这份报告的归属；请刷新后再看"
    one = held.assignment
    to = f"“{one.agency}”" if one.kind is Assigned.AGENCY else "名单以外的单位"
    return f"{one.author}刚才已把这份报告归到{to}；请刷新后再看，要改请重新认定"


def _base(name: str) -> str:
    return PurePosixPath(name).name
