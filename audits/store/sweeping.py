"""The rows of sweeps: schedules, a row for each moment at which one is due, and what was last seen at each address.

Any number of schedulers write the rows of moments that have come; the key makes a doubled one impossible. One of many who claim a run
gets it, with a token and a lease; who comes back after its lease has ended can write nothing. A clock that is set back can hold up
nothing for longer than a lease or a pause lasts: one that ends later than any that is given counts as ended.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from audits.decision import Decided
from audits.errors import StoreError
from audits.regions import Scope
from audits.store.database import Database
from audits.store.decisions import holding
from audits.store.tables import DECISIONS, FINDINGS, HOSTS, RUNS, SCHEDULES, SUBMISSIONS, SWEPT, DatabaseClock

LONGEST_PAUSE = 3600.0  # seconds before a run that failed is tried again
LONGEST_TURN = 600.0  # seconds until a host may be asked, however many wait for it
SET_ASIDE = (Decided.DISMISSED, Decided.WAIVED)
_S = SCHEDULES.c
_R = RUNS.c
_W = SWEPT.c


class RunState(StrEnum):
    DUE = "due"
    RUNNING = "running"  # held by a token until the lease ends
    AUDITING = "auditing"  # the look is done, its batch is not
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"  # its moment passed while nobody was there, and is not made up for

    @property
    def is_settled(self) -> bool:
        return self in (RunState.DONE, RunState.FAILED, RunState.SKIPPED)


@dataclass(frozen=True, slots=True)
class Schedule:
    """when is cron, words as it was written; source is what sweeps/sources/ keeps of it; times are seconds since 1970.

    missed  what becomes of moments that passed while nobody was there: "all", "latest", or hours after which one is left.
    """

    id: str
    title: str
    when: str
    words: str
    source: Mapping[str, Any]
    pack: str
    year: int | None
    region: str
    owner: str
    missed: str
    created_at: float
    starts_at: float
    paused_at: float | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """digest is what sweeps/digest.py made of it; None before it is done. code and reason say why a look failed; not_before, when
    it is tried again.
    """

    schedule_id: str
    slot: float
    state: RunState
    attempt: int
    batch_id: str | None
    digest: Mapping[str, Any] | None
    reason: str
    started_at: float | None
    ended_at: float | None
    token: str | None = field(default=None, repr=False)
    code: str = ""
    not_before: float | None = None


@dataclass(frozen=True, slots=True)
class SweptAt:
    """What a schedule last saw at an address.

    sha256        of the file as it was last audited; seen: as it was last looked at.
    submission    where it was last audited.
    absent_until  when somebody had looked, the last time before it was there; None if nobody had.
    gone_at       when it was not there any more; withdrawn if not the time after either.
    """

    address: str
    name: str
    agency: str | None
    sha256: str
    seen: Mapping[str, Any]
    submission_id: str | None
    absent_until: float | None
    first_seen_at: float
    seen_at: float
    gone_at: float | None
    is_withdrawn: bool


@dataclass(frozen=True, slots=True)
class Known:
    """A report that a schedule knows, in its newest version.

    first       the id of its first version: what a look handed in.
    position    of its batch, in order; see ``places`` of the run's digest.
    open        findings that nobody has dismissed or waived.
    code        why it could not be audited, with the reason; "" if it could.
    """

    submission_id: str
    first: str
    batch_id: str
    position: int
    name: str
    agency: str | None
    open: tuple[str, ...]
    code: str
    reason: str


class Sweeping:
    """Reached as ``store.sweeping``; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, schedule: Schedule) -> None:
        with self._database.write() as db:
            db.execute(SCHEDULES.insert().values(asdict(schedule)))

    def change(self, schedule: Schedule) -> None:
        """Keep it as it is given; its id says which."""
        with self._database.write() as db:
            values = {name: value for name, value in asdict(schedule).items() if name not in ("id", "created_at")}
            db.execute(SCHEDULES.update().where(_S.id == schedule.id).values(values))

    def delete(self, schedule_id: str) -> None:
        """It runs no more, and what it saw is forgotten; its runs and their digests stay."""
        waiting = sa.and_(_R.schedule_id == schedule_id, _R.state.in_([RunState.DUE, RunState.RUNNING]))
        with self._database.write() as db:
            db.execute(SCHEDULES.update().where(_S.id == schedule_id).values(deleted_at=DatabaseClock()))
            skipped = {"state": RunState.SKIPPED, "reason": "巡查已删除", "token": None, "ended_at": DatabaseClock()}
            db.execute(RUNS.update().where(waiting).values(skipped))
            db.execute(SWEPT.delete().where(_W.schedule_id == schedule_id))

    def schedules(self, scope: Scope) -> Sequence[Schedule]:
        """Those of the regions in scope, by title."""
        query = sa.select(SCHEDULES).where(_S.deleted_at.is_(None)).order_by(_S.title, _S.id)
        with self._database.read() as db:
            found = [_schedule(row) for row in db.execute(query)]
        return [schedule for schedule in found if scope.holds(schedule.region)]

    def schedule(self, schedule_id: str) -> Schedule:
        """Raises StoreError if there is none, or no more."""
        query = sa.select(SCHEDULES).where(_S.id == schedule_id, _S.deleted_at.is_(None))
        with self._database.read() as db:
            row = db.execute(query).one_or_none()
        if row is None:
            raise StoreError(f"{schedule_id}：没有这个巡查；请核对编号")
        return _schedule(row)

    def now(self) -> float:
        """By the database's clock, which is everybody's."""
        with self._database.read() as db:
            return float(db.scalar(sa.select(DatabaseClock())) or 0.0)

    # moments and runs

    def last_slots(self) -> Mapping[str, float]:
        """The latest moment of each schedule that has a row, made by hand or not."""
        query = sa.select(_R.schedule_id, sa.func.max(_R.slot)).group_by(_R.schedule_id)
        with self._database.read() as db:
            return {schedule_id: float(slot) for schedule_id, slot in db.execute(query).tuples()}

    def open_slots(self, schedule_id: str, slots: Mapping[float, RunState], reason: str = "") -> int:
        """Write the rows of these moments, unless they are there; returns how many were new."""
        with self._database.write() as db:
            now = db.scalar(sa.select(DatabaseClock()))
            rows = [
                {
                    "schedule_id": schedule_id,
                    "slot": slot,
                    "state": state,
                    "attempt": 0,
                    "reason": reason if state is RunState.SKIPPED else "",
                    "ended_at": now if state is RunState.SKIPPED else None,
                }
                for slot, state in slots.items()
            ]
            insert = postgresql.insert(RUNS) if db.dialect.name == "postgresql" else sqlite.insert(RUNS)
            added = 0
            for row in rows:
                added += db.execute(insert.values(row).on_conflict_do_nothing()).rowcount
            return added

    def hasten(self, schedule_id: str) -> float | None:
        """Let the first run that waits be tried now; returns its moment, None if none waits."""
        waiting = sa.and_(_R.schedule_id == schedule_id, _R.state == RunState.DUE)
        with self._database.write() as db:
            slot: float | None = db.scalar(sa.select(sa.func.min(_R.slot)).where(waiting))
            if slot is not None:
                db.execute(RUNS.update().where(waiting, _R.slot == slot).values(not_before=None))
        return slot

    def claim(self, lease_seconds: float, attempts: int) -> Run | None:
        """The next run to be done, for whoever asks first. None if nothing is due.

        The runs of a schedule are done one after the other, in the order of their moments: one that waits to be tried again is
        not overtaken. A run whose holder did not come back in ``attempts`` tries is failed.
        """
        now, token = DatabaseClock(), uuid.uuid4().hex
        over = sa.or_(_R.lease_until < now, _R.lease_until > now + 2 * lease_seconds)
        lost = sa.and_(_R.state == RunState.RUNNING, over)
        is_due = sa.and_(
            _R.state == RunState.DUE, sa.or_(_R.not_before.is_(None), ~_R.not_before.between(now, now + LONGEST_PAUSE))
        )
        alive = sa.and_(_S.paused_at.is_(None), _S.deleted_at.is_(None))
        earlier = RUNS.alias()
        overtaken = sa.exists().where(
            earlier.c.schedule_id == _R.schedule_id,
            earlier.c.slot < _R.slot,
            earlier.c.state.in_([RunState.DUE, RunState.RUNNING]),
        )
        with self._database.write() as db:
            worn = {"state": RunState.FAILED, "token": None, "ended_at": now, "reason": f"巡查进程连续{attempts}次中断"}
            db.execute(RUNS.update().where(lost, _R.attempt >= attempts).values(worn))
            busy = sa.select(_R.schedule_id).where(_R.state == RunState.RUNNING, ~over)
            first = (
                sa.select(_R.schedule_id, _R.slot)
                .join(SCHEDULES, _S.id == _R.schedule_id)
                .where(sa.or_(is_due, lost), alive, _R.schedule_id.not_in(busy), ~overtaken)
                .order_by(_R.slot)
                .limit(1)
                .with_for_update(skip_locked=True, of=RUNS)
            )
            key = db.execute(first).one_or_none()
            if key is None:
                return None
            taken = (
                RUNS.update()
                .where(_R.schedule_id == key.schedule_id, _R.slot == key.slot, sa.or_(is_due, lost))
                .values(
                    state=RunState.RUNNING,
                    token=token,
                    attempt=_R.attempt + 1,
                    started_at=now,
                    lease_until=now + lease_seconds,
                    not_before=None,
                )
                .returning(RUNS)
            )
            row = db.execute(taken).one_or_none()
            return None if row is None else _run(row)

    def renew(self, run: Run, lease_seconds: float) -> bool:
        """Ask for more time. False if the run is somebody else's by now."""
        with self._database.write() as db:
            return db.execute(_held(run).values(lease_until=DatabaseClock() + lease_seconds)).rowcount == 1

    def looked(self, run: Run, batch_id: str | None, swept: Sequence[SweptAt], digest: Mapping[str, Any]) -> bool:
        """The look is done: keep what was seen, and which batch audits it. False, and nothing written, if the run was lost."""
        settled = batch_id is None
        state = RunState.DONE if settled else RunState.AUDITING
        values = {"state": state, "batch_id": batch_id, "digest": dict(digest), "token": None, "lease_until": None}
        values |= {"code": "", "reason": ""}  # of a try that failed
        with self._database.write() as db:
            ended = {"ended_at": DatabaseClock()} if settled else {}
            if db.execute(_held(run).values({**values, **ended})).rowcount != 1:
                return False
            if swept:
                insert = postgresql.insert(SWEPT) if db.dialect.name == "postgresql" else sqlite.insert(SWEPT)
                key = ("schedule_id", "address")
                seen = {column.name: insert.excluded[column.name] for column in SWEPT.c if column.name not in key}
                rows = [{"schedule_id": run.schedule_id, **asdict(item)} for item in swept]
                # one statement for all: 20 times as fast in SQLite, where everybody else waits meanwhile
                db.execute(insert.on_conflict_do_update(index_elements=key, set_=seen), rows)
        return True

    def fail(self, run: Run, code: str, reason: str, *, again_after: float | None = None) -> bool:
        """The look failed. With ``again_after`` it is tried once more when so many seconds have passed. False if the run was lost."""
        values: dict[str, Any] = {"code": code, "reason": reason, "token": None, "lease_until": None}
        if again_after is None:
            values |= {"state": RunState.FAILED, "ended_at": DatabaseClock()}
        else:
            values |= {"state": RunState.DUE, "not_before": DatabaseClock() + min(again_after, LONGEST_PAUSE)}
        with self._database.write() as db:
            return db.execute(_held(run).values(values)).rowcount == 1

    def give_back(self, run: Run) -> bool:
        """The look was broken off by whoever holds it: it is due again at once, as if nobody had begun. False if it was lost."""
        values = {"state": RunState.DUE, "attempt": _R.attempt - 1, "token": None, "lease_until": None, "started_at": None}
        with self._database.write() as db:
            return db.execute(_held(run).values(values)).rowcount == 1

    def being_audited(self) -> Sequence[Run]:
        """Runs whose batch is at work, or done and not summed up yet."""
        query = sa.select(RUNS).where(_R.state == RunState.AUDITING).order_by(_R.slot)
        with self._database.read() as db:
            return [_run(row) for row in db.execute(query)]

    def close(self, run: Run, digest: Mapping[str, Any]) -> bool:
        """The run's batch is done and summed up; of several who find that out, one writes it."""
        this = sa.and_(_R.schedule_id == run.schedule_id, _R.slot == run.slot, _R.state == RunState.AUDITING)
        values = {"state": RunState.DONE, "digest": dict(digest), "ended_at": DatabaseClock()}
        with self._database.write() as db:
            return db.execute(RUNS.update().where(this).values(values)).rowcount == 1

    def runs(self, schedule_id: str, limit: int = 50) -> Sequence[Run]:
        """Newest first."""
        query = sa.select(RUNS).where(_R.schedule_id == schedule_id).order_by(_R.slot.desc()).limit(limit)
        with self._database.read() as db:
            return [_run(row) for row in db.execute(query)]

    def run(self, schedule_id: str, slot: float) -> Run:
        """Raises StoreError if there is none."""
        query = sa.select(RUNS).where(_R.schedule_id == schedule_id, sa.func.abs(_R.slot - slot) < 0.001)
        with self._database.read() as db:
            row = db.execute(query).one_or_none()
        if row is None:
            raise StoreError("没有这次巡查；请在巡查页面核对")
        return _run(row)

    # the pace

    def turn(self, host: str, pause: float) -> float:
        """Take the host's next turn, for which all wait who ask it; returns in how many seconds it is. The one after it comes
        ``pause`` seconds later."""
        now = DatabaseClock()
        free_at = sa.case((HOSTS.c.next_at.between(now, now + LONGEST_TURN), HOSTS.c.next_at), else_=now)
        with self._database.write() as db:
            insert = postgresql.insert(HOSTS) if db.dialect.name == "postgresql" else sqlite.insert(HOSTS)
            taken = insert.values(host=host, next_at=now + pause)
            taken = taken.on_conflict_do_update(index_elements=["host"], set_={"next_at": free_at + pause})
            wait = db.execute(taken.returning((HOSTS.c.next_at - pause - now).label("seconds"))).scalar_one()
        return max(0.0, float(wait))

    # what was seen

    def known(self, schedule_id: str) -> Sequence[Known]:
        """Every report of the batches in which something that the schedule knows was last audited, in its newest version."""
        at, first, newest = (SUBMISSIONS.alias() for _ in range(3))
        batches = sa.select(at.c.batch_id).join(SWEPT, _W.submission_id == at.c.id).where(_W.schedule_id == schedule_id)
        day = datetime.now(UTC).astimezone().date().isoformat()
        aside = sa.exists().where(holding(FINDINGS.c.finding_id, newest.c.region, day), DECISIONS.c.decision.in_(SET_ASIDE))
        query = (
            sa.select(
                *(newest.c[name] for name in ("id", "batch_id", "position", "name", "agency", "code", "reason")),
                first.c.id.label("first"),
                FINDINGS.c.finding_id,
            )
            .join(first, sa.and_(first.c.batch_id == newest.c.batch_id, first.c.position == newest.c.position))
            .outerjoin(FINDINGS, sa.and_(FINDINGS.c.audit_key == newest.c.audit_key, ~aside.correlate_except(DECISIONS)))
            .where(newest.c.is_current, first.c.version == 1, newest.c.batch_id.in_(batches))
            .order_by(newest.c.batch_id, newest.c.position, FINDINGS.c.number)
        )
        found: dict[str, Known] = {}
        with self._database.read() as db:
            for row in db.execute(query):
                ids = (*found[row.id].open, row.finding_id) if row.id in found else (row.finding_id,)
                known = Known(
                    submission_id=row.id,
                    first=row.first,
                    batch_id=row.batch_id,
                    position=row.position,
                    name=row.name,
                    agency=row.agency,
                    open=tuple(filter(None, ids)),
                    code=row.code,
                    reason=row.reason,
                )
                found[row.id] = known
        return list(found.values())

    def places(self, schedule_id: str, batch_ids: Collection[str]) -> Mapping[str, Sequence[str]]:
        """The addresses of the reports of those batches of the schedule, in the order of their positions."""
        query = sa.select(_R.batch_id, _R.digest).where(_R.schedule_id == schedule_id, _R.batch_id.in_(batch_ids))
        with self._database.read() as db:
            return {batch_id: (digest or {}).get("places", ()) for batch_id, digest in db.execute(query).tuples()}

    def swept(self, schedule_id: str) -> Mapping[str, SweptAt]:
        """By address."""
        query = sa.select(SWEPT).where(_W.schedule_id == schedule_id)
        with self._database.read() as db:
            return {row.address: _swept(row) for row in db.execute(query)}

    def forget(self, schedule_id: str, addresses: Collection[str]) -> None:
        """Addresses that the source names no more."""
        with self._database.write() as db:
            for address in addresses:
                db.execute(SWEPT.delete().where(_W.schedule_id == schedule_id, _W.address == address))


def _held(run: Run) -> sa.Update:
    return RUNS.update().where(
        _R.schedule_id == run.schedule_id, _R.slot == run.slot, _R.token == run.token, _R.state == RunState.RUNNING
    )


def _schedule(row: sa.Row[Any]) -> Schedule:
    values = dict(row._mapping)
    del values["deleted_at"]
    return Schedule(**values)


def _run(row: sa.Row[Any]) -> Run:
    values = dict(row._mapping)
    del values["lease_until"]
    return Run(**values | {"state": RunState(values["state"])})


def _swept(row: sa.Row[Any]) -> SweptAt:
    values = dict(row._mapping)
    del values["schedule_id"]
    return SweptAt(**values)
