"""Faults done to the running service in the middle of a batch, and what is held against the service afterwards.

The database itself keeps the record: a trigger notes every settling of a submission, whoever did it, so that "once" is counted
and not believed. Small in tests/worker/test_faults.py, at full size in bench/faults.py.
"""

from __future__ import annotations

import errno
import hashlib
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import sqlalchemy as sa

from audits.errors import StoreError
from audits.store import Result, Store, SubmissionState
from tests.servers import Postgres, until
from tests.worker.processes import Service

SAMPLES = Path(__file__).parents[2] / "samples" / "reports"
GOOD = (
    "青禾县教育局2023年报.txt",
    "石盘乡2020年.txt",
    "青禾县民政局2023年报.txt",
    "澜汀区卫健局2023年报.txt",
    "青禾县水务局2022.html",
)
SETTLED = "('audited', 'unreadable', 'failed', 'cancelled')"
TRIGGERS = {
    "sqlite": (
        "create table if not exists settlings (submission_id varchar(32))",
        f"create trigger if not exists noted after update of state on submissions when new.state in {SETTLED} "
        "begin insert into settlings values (new.id); end",
    ),
    "postgresql": (
        "create table if not exists settlings (submission_id varchar(32))",
        "create or replace function note_settling() returns trigger language plpgsql as "
        "'begin insert into settlings values (new.id); return null; end'",
        "create or replace trigger noted after update of state on submissions for each row "
        f"when (new.state in {SETTLED}) execute function note_settling()",
    ),
}


def copies(folder: Path, count: int, mark: str = "") -> Path:
    """A folder of so many reports that can be audited, no two of the same bytes."""
    folder.mkdir()
    given = [SAMPLES / name for name in GOOD]
    for number in range(count):
        path = given[number % len(given)]
        bytes_of_its_own = path.read_bytes() + b"\n" * (1 + number // len(given))
        (folder / f"{mark}{number:04}-{path.name}").write_bytes(bytes_of_its_own)
    return folder


@dataclass
class Rig:
    """The service with a worker and a reconciler, and what a fault can lay its hands on."""

    service: Service
    postgres: Postgres | None = None
    random: random.Random = field(default_factory=lambda: random.Random(1))
    worker: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Tables and the record first, then the programs."""
        self.service.store().close()
        url = self.service.url.replace("postgresql:", "postgresql+pg8000:") or f"sqlite:///{self.service.data / 'hecha.db'}"
        engine = sa.create_engine(url, pool_pre_ping=True)
        with engine.begin() as db:
            for statement in TRIGGERS[engine.dialect.name]:
                db.exec_driver_sql(statement)
        engine.dispose()
        self.engine = engine
        self.service.start_reconciler()
        self.worker = self.service.start_worker()

    def settlings(self, ids: Sequence[str]) -> Counter[str]:
        with self.engine.connect() as db:
            found = Counter(db.exec_driver_sql("select submission_id from settlings").scalars())
        return Counter({key: found[key] for key in ids})


Hurt = Callable[[Rig, float], None]


def kill_a_child(rig: Rig, _: float) -> None:
    until(lambda: bool(rig.service.children()), "a child to kill")
    try:
        rig.random.choice(rig.service.children()).kill()
    except (psutil.NoSuchProcess, IndexError):
        return


def kill_the_worker(rig: Rig, _: float) -> None:
    """All of it at once, as in a power cut; then it is started again, as compose does."""
    assert rig.worker is not None
    rig.service.kill_worker(rig.worker)
    time.sleep(1)
    rig.worker = rig.service.start_worker()


def restart_redis(rig: Rig, _: float) -> None:
    rig.service.redis.kill()
    time.sleep(1)
    rig.service.redis.start()


def restart_redis_empty(rig: Rig, _: float) -> None:
    rig.service.redis.kill(forget=True)
    time.sleep(1)
    rig.service.redis.start()


def take_the_database_away(rig: Rig, seconds: float) -> None:
    """PostgreSQL is stopped as by a power cut. SQLite cannot be away: somebody holds its lock instead."""
    if rig.postgres is not None:
        rig.postgres.stop()
        time.sleep(seconds)
        rig.postgres.start()
        return
    with closing(sqlite3.connect(rig.service.data / "hecha.db", timeout=60, isolation_level=None)) as db:
        db.execute("begin exclusive")
        time.sleep(seconds)
        db.execute("rollback")


def fill_the_disk(rig: Rig, seconds: float) -> None:
    """Files, and SQLite's database where it is used, lie on a small disk that is now filled to the last byte."""
    ballast = rig.service.data / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError as fault:
                if fault.errno != errno.ENOSPC:
                    raise
    try:
        time.sleep(seconds)
    finally:
        ballast.unlink()


@dataclass(frozen=True)
class Fault:
    """seconds: how long it lasts, where it lasts; times: how often in one batch, small and at full size."""

    name: str
    hurt: Hurt
    times: int
    many_times: int
    seconds: float = 0.0
    many_seconds: float = 0.0


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("child killed", kill_a_child, 2, 10),
        Fault("worker killed", kill_the_worker, 1, 3),
        Fault("redis restarted", restart_redis, 1, 3),
        Fault("redis restarted empty", restart_redis_empty, 1, 3),
        Fault("database away", take_the_database_away, 1, 2, 10.0, 10.0),
        Fault("disk full", fill_the_disk, 1, 2, 5.0, 30.0),
    )
}


@dataclass(frozen=True)
class Verdict:
    """What is left after a batch with a fault in it: of so many reports, how many are lost (not settled), twice (settled more than
    once), failed (settled without an audit), broken (outputs are not whole). again: audited more than once, which is allowed.

    recovered  seconds from the end of the last fault to the next settled report.
    left       reports that were not settled yet when the last fault had been done: with none it came too late to do harm.
    """

    reports: int
    lost: int
    twice: int
    failed: int
    broken: int
    again: int
    seconds: float
    recovered: float
    left: int

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.twice or self.failed or self.broken)


def endure(rig: Rig, folder: Path, hurt: Hurt, times: int, seconds: float, patience: float = 400.0) -> Verdict:
    """Submit the folder, do the fault so many times while it is worked on, wait for the end, and count."""
    batch = rig.service.submit(folder, "--user", folder.name)
    store = rig.service.store()
    total = store.batch_status(batch).total
    begun = time.monotonic()
    for turn in range(times):
        due = (turn + 1) * total // (2 * times + 1)
        until(lambda due=due: settled(store, batch) >= due, f"{due} of {total} settled; see {rig.service.log}", patience)  # type: ignore[misc]
        hurt(rig, seconds)
    before, ended = settled(store, batch), time.monotonic()
    if before < total:
        until(lambda: settled(store, batch) > before, f"anything more than {before} settled; see {rig.service.log}", patience)
    recovered = time.monotonic() - ended
    until(lambda: is_done(store, batch), f"batch done; see {rig.service.log}", patience)
    results = store.results(batch)
    times_settled = rig.settlings([result.submission.id for result in results])
    store.close()
    return Verdict(
        reports=total,
        lost=sum(count == 0 for count in times_settled.values()) + (total - len(results)),
        twice=sum(count > 1 for count in times_settled.values()),
        failed=sum(result.submission.state is not SubmissionState.AUDITED for result in results),
        broken=sum(not is_whole(store, result) for result in results),
        again=sum(result.submission.attempt > 1 for result in results),
        seconds=time.monotonic() - begun,
        recovered=recovered,
        left=total - before,
    )


def settled(store: Store, batch: str) -> int:
    """How many are; asked again while the database is away."""
    while True:
        try:
            return store.batch_status(batch).settled
        except StoreError:
            time.sleep(0.2)


def is_done(store: Store, batch: str) -> bool:
    try:
        return store.batch_status(batch).is_done
    except StoreError:
        return False


def is_whole(store: Store, result: Result) -> bool:
    """Every output is there, and is what its name says."""
    files = {form: store.file(sha256) for form, sha256 in result.outputs.items()}
    return set(files) == {"pdf", "json", "source"} and all(
        path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == path.name for path in files.values()
    )


class SmallDisk:
    """A file system of so many bytes at the folder: a tmpfs of its own. Needs root; ``is_possible`` says whether it works here."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
        self.is_possible = (
            sys.platform == "linux" and os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0
        )

    def remove(self) -> None:
        if self.is_possible:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=False)
