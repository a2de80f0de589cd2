"""The rows of decisions: only ever appended. Of those on one finding at most one is current, however many decide at once."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from audits.decision import Decided, Decision
from audits.errors import DecidedMeanwhile
from audits.store.database import Database
from audits.store.tables import DECISIONS, FINDINGS, SUBMISSIONS, DatabaseClock

IDS_AT_ONCE = 500  # in one query: SQLite has a limit on parameters
_D = DECISIONS.c


@dataclass(frozen=True, slots=True)
class About:
    """A finding as it stands while somebody decides on it."""

    finding_id: str
    region: str
    agency: str
    year: int | None
    rule: str
    message: str
    submission_id: str


class Decisions:
    """Decisions by the ids of findings; every method is one transaction. Rules of who may decide what are the callers'.

    A decision counts for reports of its region, of those within it and of those around it: agencies of different places may be
    called by the same name.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(
        self,
        about: Sequence[About],
        decided: Decided,
        reason: str,
        account_id: str,
        author: str,
        expires: date | None = None,
        expected: Mapping[str, str] | None = None,
    ) -> Sequence[Decision]:
        """Decide on all of these findings, or none; what was decided on them before stays in their history.

        expected  by finding the id of the decision that was seen to hold, "" for none. Raises DecidedMeanwhile if another one holds.
        """
        rows = [
            {
                "id": uuid.uuid4().hex,
                "finding_id": item.finding_id,
                "is_current": decided is not Decided.REOPENED,
                "region": item.region,
                "agency": item.agency,
                "year": item.year,
                "rule": item.rule,
                "decision": decided,
                "reason": reason,
                "message": item.message,
                "expires": expires.isoformat() if expires else None,
                "submission_id": item.submission_id,
                "account_id": account_id,
                "author": author,
            }
            for item in sorted(about, key=lambda item: item.finding_id)  # in one order, or two could wait for each other
        ]
        meanwhile: dict[str, Decision | None] = {}
        with self._database.write() as db:
            now = db.execute(sa.select(DatabaseClock())).scalar_one()
            for row in rows:
                if db.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
                    db.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(row["finding_id"]))))
                before = sa.and_(_D.finding_id == row["finding_id"], _D.is_current, near(_D.region, sa.literal(row["region"])))
                seen = (expected or {}).get(str(row["finding_id"]))
                held = _held_on(db, before, date.fromtimestamp(now)) if seen is not None else None
                if seen is not None and seen != (held.id if held is not None else ""):
                    meanwhile[str(row["finding_id"])] = held
                db.execute(DECISIONS.update().where(before).values(is_current=False))
            if meanwhile:
                raise DecidedMeanwhile(_who(meanwhile), meanwhile)
            if not rows:
                return []
            db.execute(DECISIONS.insert(), [row | {"decided_at": now} for row in rows])
            _count_open(db, [item.finding_id for item in about], date.fromtimestamp(now))
            taken = db.execute(sa.select(DECISIONS).where(_D.id.in_([row["id"] for row in rows])).order_by(_D.finding_id)).all()
        return [_decision(row) for row in taken]

    def end_waivers(self, day: date) -> int:
        """See to it that lists show findings as open again whose waivers ended before that day; returns how many. Safe to call at any time."""
        over = sa.and_(_D.is_current, ~_D.is_over, _D.expires < day.isoformat())
        with self._database.read() as db:
            ended = db.execute(sa.select(_D.id, _D.finding_id).where(over)).all()
        for start in range(0, len(ended), IDS_AT_ONCE):
            some = ended[start : start + IDS_AT_ONCE]
            with self._database.write() as db:
                db.execute(DECISIONS.update().where(_D.id.in_([row.id for row in some])).values(is_over=True))
                _count_open(db, [row.finding_id for row in some], day)
        return len(ended)

    def current(self, finding_ids: Collection[str], region: str) -> dict[str, Decision]:
        """What holds now for those findings in reports of that region, by finding; ended waivers too: see ``Decision.holds_on``."""
        asked = sorted(set(finding_ids))
        found: dict[str, Decision] = {}
        with self._database.read() as db:
            for start in range(0, len(asked), IDS_AT_ONCE):
                some = _D.finding_id.in_(asked[start : start + IDS_AT_ONCE])
                query = sa.select(DECISIONS).where(some, _D.is_current, near(_D.region, sa.literal(region)))
                for row in db.execute(query.order_by(_D.decided_at, _D.id)):
                    found[row.finding_id] = _decision(row)
        return found

    def of_submission(self, submission_id: str) -> dict[str, Decision]:
        """What holds now for the findings of that report's audit, by finding; ended waivers too."""
        return self._held(SUBMISSIONS.c.id == submission_id).get(submission_id, {})

    def of_batch(self, batch_id: str) -> dict[str, dict[str, Decision]]:
        """The same for every report of a batch that has any, by submission."""
        return self._held(sa.and_(SUBMISSIONS.c.batch_id == batch_id, SUBMISSIONS.c.is_current))

    def _held(self, which: sa.ColumnElement[bool]) -> dict[str, dict[str, Decision]]:
        found: dict[str, dict[str, Decision]] = {}
        joined = sa.join(SUBMISSIONS, FINDINGS, FINDINGS.c.audit_key == SUBMISSIONS.c.audit_key)
        held = sa.and_(_D.finding_id == FINDINGS.c.finding_id, _D.is_current, near(_D.region, SUBMISSIONS.c.region))
        query = sa.select(SUBMISSIONS.c.id.label("of"), DECISIONS).select_from(joined.join(DECISIONS, held)).where(which)
        with self._database.read() as db:
            for row in db.execute(query.order_by(_D.decided_at, _D.id)):
                found.setdefault(row.of, {})[row.finding_id] = _decision(row)
        return found

    def history(self, finding_id: str, region: str) -> Sequence[Decision]:
        """Everything ever decided on the finding, oldest first."""
        query = sa.select(DECISIONS).where(_D.finding_id == finding_id, near(_D.region, sa.literal(region)))
        with self._database.read() as db:
            return [_decision(row) for row in db.execute(query.order_by(_D.decided_at, _D.id))]


def _held_on(db: sa.Connection, current: sa.ColumnElement[bool], day: date) -> Decision | None:
    """What holds on that day, of the current ones: the newest."""
    row = db.execute(sa.select(DECISIONS).where(current).order_by(_D.decided_at.desc(), _D.id.desc()).limit(1)).one_or_none()
    found = _decision(row) if row is not None else None
    return found if found is not None and found.holds_on(day) else None


def _who(meanwhile: Mapping[str, Decision | None]) -> str:
    names = "、".join(dict.fromkeys(one.author for one in meanwhile.values() if one is not None))
    several = f"其中 {len(meanwhile)} 个问题" if len(meanwhile) > 1 else "这个问题"
    if not names:
        return f"您打开页面以后，{several}的认定被撤销了；没有记下您的认定，请看过再定"
    return f"您打开页面以后，{names}认定过{several}；没有记下您的认定，请看过再定"


def near(one: sa.ColumnElement[str], other: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether one of the two regions lies within the other."""
    return sa.or_(
        sa.func.substr(one, 1, sa.func.length(other)) == other,
        sa.func.substr(other, 1, sa.func.length(one)) == one,
    )


def _count_open(db: sa.Connection, finding_ids: Sequence[str], day: date) -> None:
    """Of every report that has one of these findings, how many of its findings nobody has decided."""
    for start in range(0, len(finding_ids), IDS_AT_ONCE):
        some = sa.select(FINDINGS.c.audit_key).where(FINDINGS.c.finding_id.in_(finding_ids[start : start + IDS_AT_ONCE]))
        left = open_of(SUBMISSIONS.c.audit_key, SUBMISSIONS.c.region, day.isoformat()).correlate(SUBMISSIONS)
        db.execute(SUBMISSIONS.update().where(SUBMISSIONS.c.audit_key.in_(some)).values(open=left.scalar_subquery()))


def open_of(
    audit_key: sa.ColumnElement[Any], region: sa.ColumnElement[str], day: str | sa.ColumnElement[str]
) -> sa.Select[tuple[int]]:
    """How many findings of that audit nobody has decided, for a report of that region."""
    return sa.select(sa.func.count()).where(FINDINGS.c.audit_key == audit_key, ~settles(FINDINGS.c.finding_id, region, day))


def settles(
    finding_id: sa.ColumnElement[str], region: sa.ColumnElement[str], day: str | sa.ColumnElement[str]
) -> sa.ColumnElement[bool]:
    """For queries: whether a decision holds on that day for the finding, in a report of that region."""
    return sa.exists().where(holding(finding_id, region, day)).correlate_except(DECISIONS)


def holding(
    finding_id: sa.ColumnElement[str], region: sa.ColumnElement[str], day: str | sa.ColumnElement[str]
) -> sa.ColumnElement[bool]:
    """For joins: of DECISIONS, those that hold on that day (YYYY-MM-DD) for the finding, in a report of that region."""
    in_force = sa.or_(_D.expires.is_(None), _D.expires >= day)
    return sa.and_(_D.finding_id == finding_id, _D.is_current, in_force, near(_D.region, region))


def _decision(row: sa.Row[Any]) -> Decision:
    return Decision(
        id=row.id,
        finding_id=row.finding_id,
        decided=Decided(row.decision),
        reason=row.reason,
        account_id=row.account_id,
        author=row.author,
        decided_at=row.decided_at,
        message=row.message,
        expires=date.fromisoformat(row.expires) if row.expires else None,
        submission_id=row.submission_id,
        region=row.region,
        agency=row.agency,
        year=row.year,
        rule=row.rule,
    )
