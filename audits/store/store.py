"""Batches and submissions on their way: taken in, claimed, settled, put back, counted. Every method is one transaction."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from audits.errors import StoreError
from audits.intake import Duplicate, Submitted
from audits.matching import Match, MatchState
from audits.outcome import Found, Outcome, Settled, Summary
from audits.regions import EVERYWHERE
from audits.scanning import Entered, scanning_here
from audits.store import again, projection
from audits.store.again import FIRST_HINT_SECONDS
from audits.store.assignments import Assignments, holding_of
from audits.store.database import Database
from audits.store.decisions import Decisions, open_of
from audits.store.figures import counted
from audits.store.files import Files, FileStore
from audits.store.listing import Listing
from audits.store.models import BatchStatus, Claim, Queue, Recorded, Result, Submission, SubmissionState, Waiting
from audits.store.projection import Whereabouts
from audits.store.removal import Removal
from audits.store.rosters import InForce, Rosters, in_force, listed_in
from audits.store.rows import COLUMNS, recorded_in, result_in, results_of, submission_in, with_audits
from audits.store.sweeping import Sweeping
from audits.store.tables import AUDITS, BATCHES, FINDINGS, LEFT_OUT, SUBMISSIONS, TURNS, DatabaseClock
from reports_in.errors import FileUnavailable, Infected, IntakeError
from reports_in.system_words import in_words
from rules.verdict import Severity

MAX_ATTEMPTS = 3  # a report that took its worker down three times is not tried again
LAST_DOUBLING = 5  # up to 16 minutes
OWNERS_TRIED = 8  # of those whose turn it is: with PostgreSQL others may be taking the last submission of the first ones

Pairing = Callable[[Sequence[Result]], Mapping[str, str]]

_S = SUBMISSIONS.c
UNSETTLED = (SubmissionState.RECEIVED, SubmissionState.AUDITING)
LEASE_ENDED = sa.and_(_S.state == SubmissionState.AUDITING, _S.lease_until < DatabaseClock())


@dataclass(frozen=True, slots=True)
class AskedOfBatch:
    """What a batch's reports are held against, beside their pack. waivers: hash of their file; roster: the one in force."""

    region: str
    waivers: str | None
    evidence: bool
    roster: InForce | None


class Store:
    """One data folder with ``files/``, and a database: ``hecha.db`` in it, or another by its URL. Open one per process."""

    def __init__(self, folder: Path, url: str = "") -> None:
        """Raises StoreError if they cannot be used. Creates what is missing; opening twice is safe.

        What others hand in is scanned before it is kept, if the office has a scanner: see audits/scanning.py.
        """
        self.folder = folder
        self.scanning = scanning_here()
        try:
            self._files = open_files(folder)
        except OSError as exc:
            raise StoreError(f"{folder}：无法使用数据文件夹（{in_words(exc)}）；请检查路径和权限") from exc
        self._database = Database(url or f"sqlite:///{folder / 'hecha.db'}")
        self.transactions = self._database  # for packages with tables of their own: access/, sweeps/
        self.listing = Listing(self._database)
        self.rosters = Rosters(self._database, self._files, self.scanning)
        self.decisions = Decisions(self._database)
        self.assignments = Assignments(self._database, self.rosters.placing)
        self.sweeping = Sweeping(self._database)
        self.files = self._files  # to be looked through by cleaning and backup
        self.file = self._files.path
        self.put_bytes = self._files.put_bytes
        self.copy_out = self._files.copy_out
        self.snapshot = self._database.snapshot
        self.removal = Removal(self._database, self._files, folder)

    @property
    def database(self) -> str:
        """Where the database is, without its password."""
        return self._database.shown

    def close(self) -> None:
        self._database.close()

    # what comes in

    def add_batch(
        self,
        title: str,
        files: Iterable[Submitted],
        year: int | None = None,
        skipped: Sequence[str] = (),
        duplicates: Sequence[Duplicate] = (),
        owner: str = "",
        pack: str = "",
        region: str = EVERYWHERE,
        waivers: str | None = None,
        evidence: bool = False,
        batch_id: str | None = None,
        entered: Entered = lambda found: None,
    ) -> str:
        """Take in the files and record one submission for each, all or none. Returns the batch's id.

        batch_id  of the new batch, if whoever asks has to know it beforehand.
        entered   called in the batch's own transaction with every file that the virus scanner refused.
        region    whose reports these are, see audits/regions.py.
        waivers   hash of a file in the store, see ``put_bytes``. evidence: see ``Terms``.

        A file that cannot be opened, or was refused by its archive or the scanner, is recorded as unreadable with the reason: nothing
        submitted is ever dropped. Raises ScannerUnavailable.
        """
        batch_id = batch_id or uuid.uuid4().hex
        rows, infected = [], []
        for position, submitted in enumerate(files):
            row = _new_row(batch_id, position, submitted.name, owner, year, pack)
            try:
                row |= self._taken_in(submitted)
            except IntakeError as fault:
                row |= {"state": SubmissionState.UNREADABLE, "code": fault.code, "reason": str(fault)}
                infected += [fault] if isinstance(fault, Infected) else []
            rows.append(row | {"publication": asdict(submitted.capture) if submitted.capture else None})
        with self._database.together(), self._database.write() as db:
            for found in infected:
                entered(found)
            of = {"region": region, "waivers": waivers, "evidence": evidence}
            _open_batch(db, batch_id, title, owner, pack, of)
            _insert_submissions(db, rows, Whereabouts(title, region))
            names = [(name, None) for name in skipped] + [(item.name, item.same_as) for item in duplicates]
            if names:
                left_out = [
                    {"batch_id": batch_id, "position": position, "name": name, "same_as": same_as}
                    for position, (name, same_as) in enumerate(names)
                ]
                db.execute(LEFT_OUT.insert(), left_out)
        return batch_id

    def add_again(self, batch_id: str, pack: str, owner: str = "") -> str:
        """A new batch of the same files, held against another pack; the old one stays as it is. Returns its id."""
        status = self.batch_status(batch_id)
        new_id = uuid.uuid4().hex
        rows = []
        for result in self.results(batch_id):
            old = result.submission
            row = _new_row(new_id, old.position, old.name, owner, old.year, pack) | {"sha256": old.sha256}
            row |= {"publication": asdict(old.capture) if old.capture else None}
            if not old.sha256:  # there is nothing to read again
                row |= {"state": SubmissionState.UNREADABLE, "code": old.code or "ORIGINAL_REMOVED"}
                row |= {"reason": old.reason or f"{old.name}：原件已按保存期限删除，不能再核查；需要时请重新提交"}
            rows.append(row)
        copied = sa.select(sa.literal(new_id), LEFT_OUT.c.position, LEFT_OUT.c.name, LEFT_OUT.c.same_as)
        with self._database.write() as db:
            asked = dict(db.execute(ASKED, {"of_batch": batch_id}).mappings().one())
            _open_batch(db, new_id, status.title, owner, pack, asked)
            _insert_submissions(db, rows, Whereabouts(status.title, asked["region"]))
            db.execute(
                LEFT_OUT.insert().from_select(
                    ["batch_id", "position", "name", "same_as"], copied.where(LEFT_OUT.c.batch_id == batch_id)
                )
            )
        return new_id

    def add_version(self, submission_id: str, submitted: Submitted) -> str:
        """A report submitted anew, in the place of the one before, which is kept. Returns the new submission's id.

        Raises StoreError if there is no such submission, or if it has a newer version already; Infected, NotScanned and
        ScannerUnavailable for a file that must not be kept: the one before stays as it is.
        """
        old = self.submission(submission_id)
        row = _new_row(old.batch_id, old.position, submitted.name, old.owner, old.year, old.pack) | self._taken_in(submitted)
        row |= {"version": old.version + 1, "replaces": old.id}
        retire = SUBMISSIONS.update().where(_S.id == old.id, _S.is_current, _S.state.not_in(UNSETTLED))
        with self._database.write() as db:
            if db.execute(retire.values(is_current=False)).rowcount != 1:
                raise StoreError(f"{submission_id}：这份报告还在核查，或已有更新的版本；请用最新一版的编号")
            _insert_submissions(db, [row], _whereabouts(db, old.batch_id))
            again.reopen(db, [old.batch_id])
        return str(row["id"])

    def take_bytes(self, data: bytes, name: str) -> str:
        """Store what somebody has handed in beside reports; returns its SHA-256. Raises as ``add_version``."""
        self.scanning.pass_bytes(data, name)
        return self.put_bytes(data)

    def _taken_in(self, submitted: Submitted) -> dict[str, Any]:
        """Raises Infected, NotScanned, ScannerUnavailable."""
        if submitted.refusal is not None:
            code, reason = submitted.refusal
            return {"state": SubmissionState.UNREADABLE, "code": code, "reason": reason}
        try:
            name = submitted.name
            kept = self._files.put_file(submitted.path, lambda copy, sha256: self.scanning.pass_file(copy, name, sha256))
            return {"sha256": kept}
        except OSError as exc:
            fault = FileUnavailable(submitted.name, f"文件打不开（{in_words(exc)}）", "请检查文件是否还在、权限是否足够")
            return {"state": SubmissionState.UNREADABLE, "code": fault.code, "reason": str(fault)}

    # the way of a submission

    def claim(self, queue: Queue, lease_seconds: float) -> Claim | None:
        """Take the next submission of the queue: of whoever was served longest ago, what has been tried least, then in order.

        None if nothing waits.
        """
        token = uuid.uuid4().hex
        with self._database.write() as db:
            for owner in db.scalars(IN_TURN, {"of_queue": queue}).all():
                asked = {"of_queue": queue, "of_owner": owner}
                row = db.execute(TAKE_FIRST, asked | {"new_token": token, "lease_seconds": lease_seconds}).one_or_none()
                if row is not None:
                    db.execute(SERVED, asked)
                    return Claim(submission_in(row), token)
        return None

    def asked(self, batch_id: str) -> AskedOfBatch:
        """What the batch's reports are held against. Raises StoreError for an unknown batch."""
        with self._database.read() as db:
            row = db.execute(ASKED, {"of_batch": batch_id}).one_or_none()
            if row is None:
                raise _unknown_batch(batch_id)
            return AskedOfBatch(row.region, row.waivers, row.evidence, in_force(db, row.region))

    def recorded(self, key: str) -> Recorded | None:
        """The audit of that key, if it was made before and its files are still there."""
        with self._database.read() as db:
            row = db.execute(RECORDED, {"of_key": key}).one_or_none()
        found = None if row is None else recorded_in(row)
        return found if found and all(map(self._files.has, found.outputs.values())) else None

    def finish(self, claim: Claim, outcome: Outcome, key: str, pack: str, engine: str, roster_id: str | None = None) -> bool:
        """Settle the submission and record its audit in one transaction. False, and nothing written, if the claim was lost.

        roster_id  by which its agency was told.

        The outputs are on disk, whole, before the rows that point to them. An audit under a key that is there already is the
        same one. What was audited once and could not be audited again keeps its first result.
        """
        submission = claim.submission
        if outcome.state is not Settled.AUDITED:
            values = _settled(outcome.state, outcome.code, outcome.reason) | projection.unless_audited(outcome.state)
            with suppress(_Lost), self._database.write() as db:
                if outcome.match is not None and submission.audit is None:
                    values |= _placed(db, submission, None, outcome.match, roster_id)
                return db.execute(_held(claim).values(values)).rowcount == 1
            return False
        outputs = {form: self.put_bytes(data) for form, data in outcome.outputs.items()}
        row = {
            "key": key,
            "sha256": submission.sha256,
            "pack": pack,
            "engine": engine,
            "summary": asdict(outcome.summary) if outcome.summary else None,
            "outputs": outputs,
            "match": asdict(outcome.match) if outcome.match else None,
        }
        found = [
            {"audit_key": key, "number": number, "finding_id": one.id, "rule": one.rule, "severity": one.severity}
            | {"is_doubtful": one.is_doubtful}
            for number, one in enumerate(outcome.findings, 1)
        ]
        with suppress(_Lost), self._database.write() as db:
            db.execute(INSERT_AUDIT[db.dialect.name], row)
            if found:
                db.execute(INSERT_FINDINGS, found)
            shown = _shown(db, submission, outcome.summary, outcome.findings, outcome.match, roster_id)
            _settle_held(db, claim, key, shown)
            return True
        return False

    def finish_as_recorded(self, claim: Claim, key: str, roster_id: str | None = None) -> bool:
        """Settle the submission with an audit made before. False if the claim was lost."""
        with suppress(_Lost), self._database.write() as db:
            recorded = recorded_in(db.execute(RECORDED, {"of_key": key}).one())
            found = [
                Found(row.finding_id, row.rule, Severity(row.severity), row.is_doubtful)
                for row in db.execute(FOUND, {"of_key": key})
            ]
            _settle_held(db, claim, key, _shown(db, claim.submission, recorded.summary, found, recorded.match, roster_id))
            return True
        return False

    def release(self, claim: Claim) -> None:
        """Give the submission back untouched, for somebody else to claim: what stood in the way was no fault of its own."""
        with self._database.write() as db:
            db.execute(_held(claim).values(again.waiting() | {"attempt": _S.attempt - 1}))

    def move(self, claim: Claim, queue: Queue) -> bool:
        """Hand the submission over to another queue, to be claimed there at once. False if the claim was lost."""
        with self._database.write() as db:
            _open_turn(db, queue, claim.submission.owner)
            values = again.waiting() | {"queue": queue, "attempt": _S.attempt - 1, "hints": 0, "hint_at": DatabaseClock()}
            return db.execute(_held(claim).values(values)).rowcount == 1

    # what the reconciler does; any number of them, at any time

    def fail_worn_out(self) -> int:
        """Fail the submissions whose last allowed attempt ended without a word; returns how many."""
        reason = _S.name + f"：核查进程连续{MAX_ATTEMPTS}次中断；请单独核查该文件，或排除故障后重试"
        worn_out = SUBMISSIONS.update().where(LEASE_ENDED, _S.attempt >= MAX_ATTEMPTS)
        with self._database.write() as db:
            values = _settled(Settled.FAILED, "WORKER_LOST", reason) | projection.unless_audited(Settled.FAILED)
            return db.execute(worn_out.values(values)).rowcount

    def put_back_expired(self) -> int:
        """Let the submissions of lost workers wait again, their hint due at once; returns how many."""
        lost = SUBMISSIONS.update().where(LEASE_ENDED, _S.attempt < MAX_ATTEMPTS)
        with self._database.write() as db:
            return db.execute(lost.values(again.waiting() | {"hints": 0, "hint_at": DatabaseClock()})).rowcount

    def due_hints(self, limit: int, first_seconds: float = FIRST_HINT_SECONDS) -> Mapping[Queue, Sequence[str]]:
        """Ids to hint at now, by queue; the next hint of each is due after twice as long. Of several who ask, one gets an id."""
        due = sa.select(_S.id).where(_S.state == SubmissionState.RECEIVED, _S.hint_at <= DatabaseClock())
        due = due.order_by(_S.hint_at).limit(limit).with_for_update(skip_locked=True)
        return self._hinted(due, first_seconds)

    def oldest_waiting(
        self, queue: Queue, limit: int, first_seconds: float = FIRST_HINT_SECONDS
    ) -> Mapping[Queue, Sequence[str]]:
        """Ids to hint at whether due or not: when a queue stands still, its hints were lost."""
        waiting = sa.select(_S.id).where(_S.state == SubmissionState.RECEIVED, _S.queue == queue)
        return self._hinted(waiting.order_by(_S.received_at).limit(limit).with_for_update(skip_locked=True), first_seconds)

    def _hinted(self, chosen: sa.Select[tuple[str]], first_seconds: float) -> Mapping[Queue, Sequence[str]]:
        doubled = sa.case({hints: 2 << hints for hints in range(LAST_DOUBLING)}, value=_S.hints, else_=1 << LAST_DOUBLING)
        found: dict[Queue, list[str]] = {}
        with self._database.write() as db:
            ids = db.scalars(chosen).all()
            if ids:
                later = SUBMISSIONS.update().where(_S.id.in_(ids), _S.state == SubmissionState.RECEIVED)
                later = later.values(hints=_S.hints + 1, hint_at=DatabaseClock() + first_seconds * doubled)
                for submission_id, queue in db.execute(later.returning(_S.id, _S.queue)).tuples():
                    found.setdefault(Queue(queue), []).append(submission_id)
        return found

    def unfinished(self) -> Sequence[str]:
        """Ids of the batches that are not done although each of their submissions is settled."""
        query = sa.select(BATCHES.c.id).where(BATCHES.c.closed_at.is_(None), ~_has_unsettled(BATCHES.c.id))
        with self._database.read() as db:
            return db.scalars(query).all()

    def complete(self, batch_id: str, pairs: Pairing) -> Sequence[str]:
        """What belongs to the whole batch, once, when the last of its submissions is settled. Safe to call at any time.

        pairs   of the results: id of a submission -> id of that of the same agency's report of the year before.

        Those that are now to be audited beside last year's report wait again; returns their ids. If there are none, or the
        second round is settled too, the batch is done.
        """
        this = BATCHES.update().where(BATCHES.c.id == batch_id, BATCHES.c.closed_at.is_(None), ~_has_unsettled(batch_id))
        with self._database.read() as db:
            if db.scalar(HAS_UNSETTLED, {"of_batch": batch_id}):
                return []
        with self._database.write() as db:
            if db.execute(this.where(BATCHES.c.compared_at.is_(None)).values(compared_at=DatabaseClock())).rowcount == 1:
                results = {result.submission.id: result for result in results_of(db, batch_id)}
                found = pairs(tuple(results.values()))
                changed = []
                for submission_id, result in results.items():
                    before = results[found[submission_id]].submission if submission_id in found else None
                    beside = (before.sha256, before.name) if before is not None else None
                    was = result.submission.previous
                    if was == beside or (beside is None and not (result.audit and result.submission.sha256)):
                        continue
                    sha256, name = beside or (None, None)
                    waits = {"previous_sha256": sha256, "previous_name": name, "attempt": 0, "hints": 0}
                    db.execute(SUBMISSIONS.update().where(_S.id == submission_id).values(again.waiting() | waits))
                    changed.append(submission_id)
                if changed:
                    return changed
            figures = counted(db, [batch_id])[batch_id].in_json()
            is_done = db.execute(this.values(closed_at=DatabaseClock(), figures=figures)).rowcount == 1
        if is_done and self.rosters.is_overtaken(batch_id):
            self.rosters.place_batch(batch_id)
        return []

    # what people ask for

    def cancel(self, batch_id: str) -> int:
        """Settle what is not settled yet as cancelled, whoever is at it; returns how many.

        What was audited before and was to be audited again keeps its first result.
        """
        self.batch_status(batch_id)
        unsettled = SUBMISSIONS.update().where(_S.batch_id == batch_id, _S.state.in_(UNSETTLED))
        reason = _S.name + "：批次已取消，未核查；需要时可重试"
        with self._database.write() as db:
            db.execute(BATCHES.update().where(BATCHES.c.id == batch_id).values(compared_at=DatabaseClock()))  # no second round
            values = _settled(SubmissionState.CANCELLED, "CANCELLED", reason)
            values |= projection.unless_audited(SubmissionState.CANCELLED)
            return db.execute(unsettled.values(values)).rowcount

    def retry(self, batch_id: str, states: Collection[SubmissionState], ids: Collection[str] = ()) -> Sequence[str]:
        """Let what ended in one of these states, and could be opened, wait again with all its attempts; returns the ids.

        ids  only these of the batch's submissions; all if there are none.
        """
        self.batch_status(batch_id)
        chosen = SUBMISSIONS.update().where(_S.batch_id == batch_id, _S.is_current, _S.state.in_(states), _S.sha256 != "")
        if ids:
            chosen = chosen.where(_S.id.in_(ids))
        values = again.waiting() | projection.unsettled() | {"attempt": 0, "hints": 0, "settled_at": None}
        with self._database.write() as db:
            found = db.scalars(chosen.values(values).returning(_S.id)).all()
            if found:
                again.reopen(db, [batch_id])
        return found

    def batch_status(self, batch_id: str) -> BatchStatus:
        """Raises StoreError for an unknown batch."""
        found = self.batches(batch_id=batch_id)
        if not found:
            raise _unknown_batch(batch_id)
        return found[0]

    def batches(self, owner: str | None = None, batch_id: str | None = None, limit: int | None = None) -> Sequence[BatchStatus]:
        """The batches, newest first: all, those of one owner, or one."""
        query = sa.select(BATCHES).order_by(BATCHES.c.received_at.desc(), BATCHES.c.id).limit(limit)
        if owner is not None:
            query = query.where(BATCHES.c.owner == owner)
        if batch_id is not None:
            query = query.where(BATCHES.c.id == batch_id)
        with self._database.read() as db:
            rows = db.execute(query).all()
            counts: dict[str, dict[SubmissionState, int]] = {row.id: dict.fromkeys(SubmissionState, 0) for row in rows}
            counted = sa.select(_S.batch_id, _S.state, sa.func.count()).where(_S.is_current, _S.batch_id.in_(list(counts)))
            for found_id, state, count in db.execute(counted.group_by(_S.batch_id, _S.state)).tuples():
                counts[found_id][SubmissionState(state)] = count
        return [
            BatchStatus(row.id, row.title, row.owner, row.pack, row.received_at, row.closed_at is not None, counts[row.id])
            for row in rows
        ]

    def waiting(self, batch_id: str) -> list[str]:
        """Ids of the batch's submissions that somebody could claim now, in its order."""
        query = sa.select(_S.id).where(_S.batch_id == batch_id, _S.state == SubmissionState.RECEIVED)
        with self._database.read() as db:
            return list(db.scalars(query.order_by(_S.position)))

    def clock(self) -> float:
        """Seconds since 1970 by the database: what leases are measured by."""
        with self._database.read() as db:
            return float(db.scalar(sa.select(DatabaseClock())) or 0.0)

    def queues(self) -> Sequence[Waiting]:
        """How the queues stand."""
        found = []
        with self._database.read() as db:
            now = db.scalar(sa.select(DatabaseClock())) or 0.0
            for queue in Queue:
                waits = sa.and_(_S.queue == queue, _S.state == SubmissionState.RECEIVED)
                count, first = db.execute(sa.select(sa.func.count(), sa.func.min(_S.received_at)).where(waits)).one()
                served = db.scalar(sa.select(sa.func.max(TURNS.c.served_at)).where(TURNS.c.queue == queue))
                found.append(Waiting(queue, count, now - first if count else None, now - served if served else None))
        return found

    def submission(self, submission_id: str) -> Submission:
        """Raises StoreError for an unknown one."""
        with self._database.read() as db:
            row = db.execute(sa.select(*COLUMNS).where(_S.id == submission_id)).one_or_none()
        if row is None:
            raise StoreError(f"{submission_id}：没有这份报告；请核对编号")
        return submission_in(row)

    def result(self, submission_id: str) -> Result:
        """The submission and what was recorded for it. Raises StoreError for an unknown one."""
        with self._database.read() as db:
            row = db.execute(with_audits().where(_S.id == submission_id)).one_or_none()
        if row is None:
            raise StoreError(f"{submission_id}：没有这份报告；请核对编号")
        return result_in(row)

    def region_of(self, submission_id: str) -> str:
        """Whose report it is, as a path: see audits/regions.py. Raises StoreError for an unknown one."""
        with self._database.read() as db:
            region: str | None = db.scalar(sa.select(_S.region).where(_S.id == submission_id))
        if region is None:
            raise StoreError(f"{submission_id}：没有这份报告；请核对编号")
        return region

    def results(self, batch_id: str) -> Sequence[Result]:
        """The newest version of every report of the batch, in its order; those not settled yet have nothing recorded."""
        self.batch_status(batch_id)
        with self._database.read() as db:
            return results_of(db, batch_id)

    def versions(self, submission_id: str) -> Sequence[Result]:
        """All versions of the report at that submission's place, oldest first."""
        of = self.submission(submission_id)
        query = with_audits().where(_S.batch_id == of.batch_id, _S.position == of.position).order_by(_S.version)
        with self._database.read() as db:
            return [result_in(row) for row in db.execute(query)]

    def left_out(self, batch_id: str) -> tuple[tuple[str, ...], tuple[Duplicate, ...]]:
        """What of the batch was litter, and what had the bytes of another of its files."""
        query = sa.select(LEFT_OUT.c.name, LEFT_OUT.c.same_as).where(LEFT_OUT.c.batch_id == batch_id)
        with self._database.read() as db:
            rows = db.execute(query.order_by(LEFT_OUT.c.position)).tuples().all()
        skipped = tuple(name for name, same_as in rows if same_as is None)
        return skipped, tuple(Duplicate(name, same_as) for name, same_as in rows if same_as is not None)


def _unknown_batch(batch_id: str) -> StoreError:
    return StoreError(f"{batch_id}：没有这个批次；请核对批次号")


def open_files(folder: Path) -> FileStore:
    """Where HECHA_FILES says, or beside the database. Raises StoreError, OSError."""
    where = os.environ.get("HECHA_FILES", "")
    if not where:
        return Files(folder / "files")
    if not where.startswith("s3://"):
        raise StoreError(f"HECHA_FILES={where}：应为 s3://存储桶/前缀；不设则存在数据文件夹里")
    from audits.store.s3 import S3Files  # what it needs is large, and few offices have such a store

    return S3Files(where, folder / "cache")


def _new_row(batch_id: str, position: int, name: str, owner: str, year: int | None, pack: str) -> dict[str, Any]:
    """A submission that waits; whoever adds it hints at it himself, and the reconciler after a while."""
    return {
        "id": uuid.uuid4().hex,
        "batch_id": batch_id,
        "position": position,
        "version": 1,
        "is_current": True,
        "replaces": None,
        "owner": owner,
        "name": name,
        "sha256": "",
        "year": year,
        "pack": pack,
        "publication": None,
        "queue": Queue.AUDIT,
        "state": SubmissionState.RECEIVED,
        "attempt": 0,
        "hints": 0,
        "code": "",
        "reason": "",
    }


def _insert_submissions(db: sa.Connection, rows: Sequence[dict[str, Any]], batch: Whereabouts) -> None:
    now = db.execute(sa.select(DatabaseClock())).scalar_one()
    for row in rows:
        waits = row["state"] is SubmissionState.RECEIVED
        row |= {
            "received_at": now,
            "hint_at": now + FIRST_HINT_SECONDS if waits else None,
            "settled_at": None if waits else now,
        }
        row.update(projection.received(batch, row["name"], row["year"]))
        row.update(projection.WAITING if waits else projection.settled(row["state"]))
    if rows:
        db.execute(SUBMISSIONS.insert(), rows)


def _open_batch(db: sa.Connection, batch_id: str, title: str, owner: str, pack: str, asked: Mapping[str, Any]) -> None:
    row = {"id": batch_id, "title": title, "owner": owner, "pack": pack, "received_at": DatabaseClock()}
    db.execute(BATCHES.insert().values({**row, **asked}))
    _open_turn(db, Queue.AUDIT, owner)


def _open_turn(db: sa.Connection, queue: Queue, owner: str) -> None:
    row = {"queue": queue, "owner": owner, "served_at": 0.0}
    db.execute(_insert(db, TURNS).values(row).on_conflict_do_nothing())


class _Lost(Exception):
    """Somebody else has claimed the submission since, or deleted it: what was begun in its name is undone."""


def _settle_held(db: sa.Connection, claim: Claim, key: str, shown: Mapping[str, Any]) -> None:
    """Raises _Lost."""
    asked = {"of_id": claim.submission.id, "held_by": claim.token, "of_key": key}
    asked |= {"of_day": datetime.now(UTC).astimezone().date().isoformat()}
    if db.execute(SETTLE_HELD, {**asked, **{f"new_{name}": value for name, value in shown.items()}}).rowcount != 1:
        raise _Lost


def _shown(
    db: sa.Connection,
    submission: Submission,
    summary: Summary | None,
    findings: Collection[Found],
    match: Match | None,
    roster_id: str | None,
) -> dict[str, Any]:
    """What lists show of an audited submission."""
    summary = summary or NO_SUMMARY
    return _placed(db, submission, summary.agency, match, roster_id) | projection.audited(summary, findings)


def _placed(
    db: sa.Connection, submission: Submission, agency: str | None, match: Match | None, roster_id: str | None
) -> dict[str, Any]:
    listed = listed_in(db, roster_id, match)
    if match is not None and match.state is MatchState.ASSIGNED:
        held = holding_of(db, submission.id)
        listed = held.listed if held is not None else None
    return projection.placed(_whereabouts(db, submission.batch_id), submission.name, agency, roster_id, match, listed)


def _whereabouts(db: sa.Connection, batch_id: str) -> Whereabouts:
    """Raises _Lost if the batch was deleted meanwhile."""
    found = db.execute(WHEREABOUTS, {"of_batch": batch_id}).one_or_none()
    if found is None:
        raise _Lost
    return Whereabouts(*found)


def _held(claim: Claim) -> sa.Update:
    return SUBMISSIONS.update().where(
        _S.id == claim.submission.id, _S.token == claim.token, _S.state == SubmissionState.AUDITING
    )


def _audited() -> dict[Any, Any]:
    settled = {_S.state: SubmissionState.AUDITED, _S.code: "", _S.reason: "", _S.audit_key: sa.bindparam("of_key")}
    return settled | {_S.token: None, _S.lease_until: None, _S.hint_at: None, _S.settled_at: DatabaseClock()}


def _settled(state: str, code: str, reason: str | sa.ColumnElement[str]) -> dict[str, Any]:
    """Not audited; but what has an audit already is left with it."""
    kept = _S.audit_key.is_not(None)
    return {
        "state": sa.case((kept, SubmissionState.AUDITED), else_=state),
        "code": sa.case((kept, ""), else_=code),
        "reason": sa.case((kept, ""), else_=reason),
        "token": None,
        "lease_until": None,
        "hint_at": None,
        "settled_at": DatabaseClock(),
    }


def _insert(db: sa.Connection, table: sa.Table) -> Any:
    """An INSERT that knows what to do on a conflict: the two databases spell it alike, SQLAlchemy does not."""
    return (postgresql if db.dialect.name == "postgresql" else sqlite).insert(table)


def _has_unsettled(batch_id: str | sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    return sa.exists().where(_S.batch_id == batch_id, _S.is_current, _S.state.in_(UNSETTLED))


# What every report costs, built once: SQLAlchemy takes longer to build a statement than SQLite to run it.

_QUEUE: sa.BindParameter[str] = sa.bindparam("of_queue")
_ID: sa.BindParameter[str] = sa.bindparam("of_id")
_KEY: sa.BindParameter[str] = sa.bindparam("of_key")
_RECEIVED_IN_QUEUE = (_S.queue == _QUEUE, _S.state == SubmissionState.RECEIVED)
IN_TURN = (
    sa.select(TURNS.c.owner)
    .where(TURNS.c.queue == _QUEUE, sa.exists().where(*_RECEIVED_IN_QUEUE, _S.owner == TURNS.c.owner))
    .order_by(TURNS.c.served_at, TURNS.c.owner)
    .limit(OWNERS_TRIED)
)
_FIRST_OF_OWNER = (
    sa.select(_S.id)
    .where(*_RECEIVED_IN_QUEUE, _S.owner == sa.bindparam("of_owner"))
    .order_by(_S.attempt, _S.received_at, _S.position)
    .limit(1)
    .with_for_update(skip_locked=True)
)
TAKE_FIRST = (
    SUBMISSIONS.update()
    .where(_S.id == _FIRST_OF_OWNER.scalar_subquery(), _S.state == SubmissionState.RECEIVED)
    .values(
        state=SubmissionState.AUDITING,
        token=sa.bindparam("new_token"),
        attempt=_S.attempt + 1,
        lease_until=DatabaseClock() + sa.bindparam("lease_seconds", type_=sa.Double()),
        hint_at=None,
    )
    .returning(*COLUMNS)
)
_T = TURNS.alias()
_LAST_SERVED = sa.select(sa.func.max(_T.c.served_at)).where(_T.c.queue == _QUEUE).scalar_subquery()
SERVED = (  # later than everybody else, also within the millisecond that SQLite's clock tells
    TURNS.update()
    .where(TURNS.c.queue == _QUEUE, TURNS.c.owner == sa.bindparam("of_owner"))
    .values(served_at=sa.case((DatabaseClock() <= _LAST_SERVED, _LAST_SERVED + 1e-5), else_=DatabaseClock()))
)
RECORDED = sa.select(AUDITS).where(AUDITS.c.key == _KEY)
FOUND = sa.select(FINDINGS).where(FINDINGS.c.audit_key == _KEY)
ASKED = sa.select(BATCHES.c.region, BATCHES.c.waivers, BATCHES.c.evidence).where(BATCHES.c.id == sa.bindparam("of_batch"))
WHEREABOUTS = sa.select(BATCHES.c.title, BATCHES.c.region).where(BATCHES.c.id == sa.bindparam("of_batch"))
NO_SUMMARY = Summary(None, None, True, "", 0, 0, 0, 0, 0, None)
SETTLE_HELD = (
    SUBMISSIONS.update()
    .where(_S.id == _ID, _S.token == sa.bindparam("held_by"), _S.state == SubmissionState.AUDITING)
    .values(
        _audited()
        | {_S[name]: sa.bindparam(f"new_{name}", type_=_S[name].type) for name in projection.COLUMNS}
        | {_S.open: open_of(_KEY, sa.bindparam("new_region"), sa.bindparam("of_day")).scalar_subquery()}
    )
)
HAS_UNSETTLED = sa.select(_has_unsettled(sa.bindparam("of_batch")))


def _insert_as_text(table: sa.Table, on_conflict: str, computed: Mapping[str, object]) -> sa.TextClause:
    """SQLAlchemy would build an INSERT that knows what to do on a conflict anew for every report. computed: what the database
    fills in itself."""
    given = [column for column in table.c if column.name not in computed]
    columns = ", ".join(f'"{name}"' for name in (*(column.name for column in given), *computed))
    values = ", ".join((*(f":{column.name}" for column in given), *map(str, computed.values())))
    text = f"insert into {table.name} ({columns}) values ({values}) on conflict {on_conflict}"  # noqa: S608
    return sa.text(text).bindparams(*(sa.bindparam(column.name, type_=column.type) for column in given))


INSERT_FINDINGS = _insert_as_text(FINDINGS, "do nothing", {})
INSERT_AUDIT = {  # same key, same answer; only where its files are may have to be said again, if somebody had removed them
    dialect.name: _insert_as_text(
        AUDITS,
        "(key) do update set outputs = excluded.outputs",
        {"audited_at": DatabaseClock().compile(dialect=dialect)},
    )
    for dialect in (sqlite.dialect(), postgresql.dialect())  # type: ignore[no-untyped-call]
}
