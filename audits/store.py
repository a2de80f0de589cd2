"""The store: batches, their jobs and results in a database, files by content hash in a folder beside it.

The database is the truth; a queue carries only job ids, and a message lost or doubled changes nothing:
1. ``add_batch`` writes the batch and all its jobs in one transaction, before anybody is told (outbox);
2. ``claim`` is one conditional UPDATE: of many who try, one gets the job, with a token and a lease;
3. ``finish`` is one transaction that only the holder of the token can complete; a late finisher is fenced out.

A job is what design.md calls a submission: one report of a batch on its way. Rows stay in this file; callers get the
frozen models below. SQLite in WAL mode now; nothing here but ``DatabaseClock`` and ``_pragmas`` knows which database it is.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

from audits.errors import StoreError
from audits.intake import Duplicate, Submitted
from audits.outcome import Outcome, Settled, Summary
from reports_in.errors import FileUnavailable

MAX_ATTEMPTS = 3  # a report that took its worker down three times is not tried again
CHUNK_BYTES = 1 << 20


class JobState(StrEnum):
    RECEIVED = "received"
    AUDITING = "auditing"  # held by a token until the lease ends
    AUDITED = Settled.AUDITED
    UNREADABLE = Settled.UNREADABLE
    FAILED = Settled.FAILED


@dataclass(frozen=True, slots=True)
class Job:
    """One report of a batch. ``sha256`` is that of the file submitted, "" if it could not be opened at all."""

    id: str
    batch_id: str
    name: str
    sha256: str
    year: int | None
    state: JobState
    attempt: int
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to settle a job, as long as nobody else has claimed it since."""

    job: Job
    token: str


@dataclass(frozen=True, slots=True)
class Result:
    """What was recorded for a job. ``outputs`` holds the hash of each form's bytes, see ``Store.file``."""

    job: Job
    summary: Summary | None
    pack: str
    engine: str
    outputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BatchStatus:
    """counts has every state, zeros included. A batch is done when nothing is received or auditing."""

    id: str
    title: str
    counts: Mapping[JobState, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def settled(self) -> int:
        return self.total - self.counts[JobState.RECEIVED] - self.counts[JobState.AUDITING]

    @property
    def is_done(self) -> bool:
        return self.settled == self.total


class DatabaseClock(FunctionElement[float]):
    """Seconds since 1970 by the database's clock: workers on several machines must agree on when a lease ends."""

    type = sa.Float()
    inherit_cache = True


@compiles(DatabaseClock, "sqlite")
def _sqlite_clock(*_: object, **__: object) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(DatabaseClock, "postgresql")
def _postgresql_clock(*_: object, **__: object) -> str:
    return "extract(epoch from clock_timestamp())"


METADATA = sa.MetaData()
BATCHES = sa.Table(
    "batches",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("received_at", sa.Float, nullable=False),
)
JOBS = sa.Table(
    "jobs",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("batch_id", sa.ForeignKey("batches.id"), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("year", sa.Integer),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False, default=0),
    sa.Column("token", sa.String(32)),
    sa.Column("lease_until", sa.Float),
    sa.Column("code", sa.String(40), nullable=False, default=""),
    sa.Column("reason", sa.String, nullable=False, default=""),
    sa.Column("settled_at", sa.Float),
    sa.UniqueConstraint("batch_id", "position"),
    sa.Index("jobs_by_batch_and_state", "batch_id", "state"),
)
RESULTS = sa.Table(
    "results",
    METADATA,
    sa.Column("job_id", sa.ForeignKey("jobs.id"), primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("pack", sa.String, nullable=False),
    sa.Column("engine", sa.String, nullable=False),
    sa.Column("summary", sa.JSON(none_as_null=True)),
    sa.Column("outputs", sa.JSON, nullable=False),
)
LEFT_OUT = sa.Table(
    "left_out",
    METADATA,
    sa.Column("batch_id", sa.ForeignKey("batches.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("same_as", sa.String),  # of a duplicate; NULL: litter
)
JOB_COLUMNS = [JOBS.c[name] for name in Job.__dataclass_fields__]


class Store:
    """One data folder: ``hecha.db`` and ``files/``. Open one per process: connections do not survive a fork."""

    def __init__(self, folder: Path) -> None:
        """Raises StoreError if the folder cannot be used. Creates what is missing; opening twice is safe."""
        self.folder = folder
        self._files = folder / "files"
        try:
            self._files.mkdir(parents=True, exist_ok=True)
            self._engine = sa.create_engine(f"sqlite:///{folder / 'hecha.db'}", connect_args={"timeout": 30})
            sa.event.listen(self._engine, "connect", _pragmas)
            with self._transaction() as db:
                METADATA.create_all(db)
        except OSError as exc:
            raise StoreError(f"{folder}：无法使用数据文件夹（{exc.strerror}）；请检查路径和权限") from exc

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as db:
                yield db
        except sa.exc.DBAPIError as exc:
            raise StoreError(f"{self.folder}：数据库出错（{exc.orig}）；请检查磁盘空间和权限后重试") from exc

    def add_batch(
        self,
        title: str,
        files: Iterable[Submitted],
        year: int | None = None,
        skipped: Sequence[str] = (),
        duplicates: Sequence[Duplicate] = (),
    ) -> str:
        """Take in the files and record one job for each, all or none. Returns the batch's id.

        A file that cannot be opened, or was refused by its archive, is recorded as unreadable with the reason: nothing
        submitted is ever dropped.
        """
        batch_id = uuid.uuid4().hex
        rows = [self._row(batch_id, position, submitted, year) for position, submitted in enumerate(files)]
        with self._transaction() as db:
            db.execute(BATCHES.insert().values(id=batch_id, title=title, received_at=DatabaseClock()))
            if rows:
                db.execute(JOBS.insert(), rows)
            names = [(name, None) for name in skipped] + [(item.name, item.same_as) for item in duplicates]
            if names:
                left_out = [
                    {"batch_id": batch_id, "position": position, "name": name, "same_as": same_as}
                    for position, (name, same_as) in enumerate(names)
                ]
                db.execute(LEFT_OUT.insert(), left_out)
        return batch_id

    def _row(self, batch_id: str, position: int, submitted: Submitted, year: int | None) -> dict[str, Any]:
        row = {
            "id": uuid.uuid4().hex,
            "batch_id": batch_id,
            "position": position,
            "name": submitted.name,
            "sha256": "",
            "year": year,
            "state": JobState.RECEIVED,
            "code": "",
            "reason": "",
        }
        if submitted.refusal is not None:
            code, reason = submitted.refusal
            return row | {"state": JobState.UNREADABLE, "code": code, "reason": reason}
        try:
            row["sha256"] = self.put_file(submitted.path)
        except OSError as exc:
            fault = FileUnavailable(submitted.name, f"文件打不开（{exc.strerror}）", "请检查文件是否还在、权限是否足够")
            row |= {"state": JobState.UNREADABLE, "code": fault.code, "reason": str(fault)}
        return row

    def waiting(self, batch_id: str) -> list[str]:
        """Ids of the jobs that somebody could claim now, in the batch's order."""
        query = sa.select(JOBS.c.id).where(JOBS.c.batch_id == batch_id, _claimable()).order_by(JOBS.c.position)
        with self._transaction() as db:
            return list(db.scalars(query))

    def claim(self, job_id: str, lease_seconds: float) -> Claim | None:
        """Take the job if it waits, or if its holder's lease has ended. None if somebody else has it or it is settled."""
        token = uuid.uuid4().hex
        taken = (
            JOBS.update()
            .where(JOBS.c.id == job_id, _claimable())
            .values(
                state=JobState.AUDITING,
                token=token,
                attempt=JOBS.c.attempt + 1,
                lease_until=DatabaseClock() + lease_seconds,
            )
            .returning(*JOB_COLUMNS)
        )
        with self._transaction() as db:
            row = db.execute(taken).one_or_none()
        return None if row is None else Claim(_job(row), token)

    def finish(self, claim: Claim, outcome: Outcome, pack: str, engine: str) -> bool:
        """Settle the job and record its result in one transaction. False, and nothing written, if the claim was lost.

        The outputs are on disk, whole, before the rows that point to them.
        """
        outputs = {form: self.put_bytes(data) for form, data in outcome.outputs.items()}
        settle = (
            JOBS.update()
            .where(JOBS.c.id == claim.job.id, JOBS.c.token == claim.token, JOBS.c.state == JobState.AUDITING)
            .values(
                state=JobState(outcome.state),
                code=outcome.code,
                reason=outcome.reason,
                token=None,
                lease_until=None,
                settled_at=DatabaseClock(),
            )
        )
        result = {
            "job_id": claim.job.id,
            "sha256": claim.job.sha256,
            "pack": pack,
            "engine": engine,
            "summary": asdict(outcome.summary) if outcome.summary else None,
            "outputs": outputs,
        }
        with self._transaction() as db:
            if db.execute(settle).rowcount != 1:
                return False
            db.execute(RESULTS.insert().values(result))
        return True

    def release(self, claim: Claim) -> None:
        """Give the job back untouched, for somebody else to claim."""
        back = JOBS.update().where(JOBS.c.id == claim.job.id, JOBS.c.token == claim.token)
        with self._transaction() as db:
            db.execute(back.values(state=JobState.RECEIVED, token=None, lease_until=None))

    def quarantine(self, batch_id: str) -> int:
        """Fail the jobs whose last allowed attempt ended without a word; returns how many."""
        worn_out = (
            JOBS.update()
            .where(
                JOBS.c.batch_id == batch_id,
                JOBS.c.state == JobState.AUDITING,
                JOBS.c.lease_until < DatabaseClock(),
                JOBS.c.attempt >= MAX_ATTEMPTS,
            )
            .values(
                state=JobState.FAILED,
                code="WORKER_LOST",
                reason=JOBS.c.name + f"：核查进程连续{MAX_ATTEMPTS}次中断；请单独核查该文件或联系维护人员",
                token=None,
                lease_until=None,
                settled_at=DatabaseClock(),
            )
        )
        with self._transaction() as db:
            return db.execute(worn_out).rowcount

    def batch_status(self, batch_id: str) -> BatchStatus:
        """Raises StoreError for an unknown batch."""
        counted = sa.select(JOBS.c.state, sa.func.count()).where(JOBS.c.batch_id == batch_id).group_by(JOBS.c.state)
        with self._transaction() as db:
            title = db.scalar(sa.select(BATCHES.c.title).where(BATCHES.c.id == batch_id))
            counts = {JobState(state): count for state, count in db.execute(counted).tuples()}
        if title is None:
            raise StoreError(f"{batch_id}：没有这个批次；请核对批次号")
        return BatchStatus(batch_id, title, {state: counts.get(state, 0) for state in JobState})

    def results(self, batch_id: str) -> Sequence[Result]:
        """Every job of the batch in its order; those not settled yet have no summary and no outputs."""
        self.batch_status(batch_id)
        query = (
            sa.select(*JOB_COLUMNS, RESULTS.c.summary, RESULTS.c.pack, RESULTS.c.engine, RESULTS.c.outputs)
            .outerjoin(RESULTS, RESULTS.c.job_id == JOBS.c.id)
            .where(JOBS.c.batch_id == batch_id)
            .order_by(JOBS.c.position)
        )
        with self._transaction() as db:
            rows = db.execute(query).all()
        return [
            Result(
                _job(row), Summary(**row.summary) if row.summary else None, row.pack or "", row.engine or "", row.outputs or {}
            )
            for row in rows
        ]

    def left_out(self, batch_id: str) -> tuple[tuple[str, ...], tuple[Duplicate, ...]]:
        """What of the batch was litter, and what had the bytes of another of its files."""
        query = sa.select(LEFT_OUT.c.name, LEFT_OUT.c.same_as).where(LEFT_OUT.c.batch_id == batch_id)
        with self._transaction() as db:
            rows = db.execute(query.order_by(LEFT_OUT.c.position)).tuples().all()
        skipped = tuple(name for name, same_as in rows if same_as is None)
        return skipped, tuple(Duplicate(name, same_as) for name, same_as in rows if same_as is not None)

    def file(self, sha256: str) -> Path:
        """Where the bytes with that hash are, or would be."""
        return self._files / sha256[:2] / sha256

    def put_bytes(self, data: bytes) -> str:
        """Store the bytes; returns their SHA-256. Storing the same bytes again changes nothing. Raises StoreError."""
        sha256 = hashlib.sha256(data).hexdigest()
        if not self.file(sha256).exists():
            temporary = self._temporary()
            try:
                temporary.write_bytes(data)
                self._settle_file(temporary, sha256)
            except OSError as exc:
                temporary.unlink(missing_ok=True)
                raise StoreError(f"{self.folder}：写不进数据文件夹（{exc.strerror}）；请检查磁盘空间") from exc
        return sha256

    def put_file(self, path: Path) -> str:
        """Store a copy of the file; returns its SHA-256. Hash and copy are of one reading: a file still growing is no matter."""
        digest = hashlib.sha256()
        temporary = self._temporary()
        with path.open("rb") as source:
            try:
                with temporary.open("wb") as copy:
                    while chunk := source.read(CHUNK_BYTES):
                        digest.update(chunk)
                        copy.write(chunk)
                self._settle_file(temporary, digest.hexdigest())
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
        return digest.hexdigest()

    def _temporary(self) -> Path:
        return self._files / f".{uuid.uuid4().hex}"

    def _settle_file(self, temporary: Path, sha256: str) -> None:
        """Force the bytes to disk, then give them their name: under that name there are all of them or none."""
        place = self.file(sha256)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        place.parent.mkdir(exist_ok=True)
        os.replace(temporary, place)
        _sync_folder(place.parent)

    def copy_out(self, sha256: str, to: Path) -> None:
        shutil.copyfile(self.file(sha256), to)


def _claimable() -> sa.ColumnElement[bool]:
    lease_ended = sa.and_(JOBS.c.state == JobState.AUDITING, JOBS.c.lease_until < DatabaseClock())
    return sa.or_(JOBS.c.state == JobState.RECEIVED, sa.and_(lease_ended, JOBS.c.attempt < MAX_ATTEMPTS))


def _job(row: sa.Row[Any]) -> Job:
    values = {name: getattr(row, name) for name in Job.__dataclass_fields__}
    return Job(**values | {"state": JobState(row.state)})


def _pragmas(connection: Any, _: object) -> None:
    """WAL lets readers read while one writes; FULL: what we said is stored survives a power cut."""
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
