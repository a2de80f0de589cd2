"""Real worker processes of the service, started with the words of docker-compose.yml, over real servers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil
import redis

from audits.store import Store
from tests.servers import COMPOSE, PATIENCE, ROOT, Redis, until

BIN = Path(sys.executable).parent
SHORT_LEASE = "12"  # so that a lost worker's reports come back while a test waits, and a slow one loses none three times


class Service:
    """A data folder, a Redis, and the service's programs."""

    def __init__(self, folder: Path, url: str = "", lease_seconds: str = "") -> None:
        self.redis = Redis(folder / "redis")
        self.data = folder / "data"
        self.url = url  # of the database; "": SQLite in the data folder
        # lease_seconds "": those of the product, which no report outlives
        self.env = {
            **os.environ,
            "HECHA_DATA": str(self.data),
            "HECHA_DATABASE": url,
            "HECHA_REDIS": self.redis.url,
            "HECHA_LEASE_SECONDS": lease_seconds,
            "PYTHONPATH": str(ROOT),  # for stand-ins
        }
        self.log = folder / "log"
        self._programs: list[subprocess.Popen[bytes]] = []

    def store(self) -> Store:
        return Store(self.data, self.url)

    def hecha(self, *args: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run([BIN / "hecha", *args], env=self.env, capture_output=True, text=True, timeout=600)

    def submit(self, *args: str | Path) -> str:
        """Returns the batch's id."""
        done = self.hecha("batch", "submit", *args)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start(self, name: str, *args: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """The service of docker-compose.yml of that name, in a process group of its own."""
        command, *rest = COMPOSE["services"][name]["command"]
        with self.log.open("ab") as log:
            program = subprocess.Popen(
                [BIN / command, *rest, *args], env={**self.env, **(env or {})}, stdout=log, stderr=log, start_new_session=True
            )
        self._programs.append(program)
        return program

    def start_worker(self, processes: int = 2) -> subprocess.Popen[bytes]:
        """For reports; scans have their own."""
        return self.start("worker", "--concurrency", str(processes), "--queue", "audit")

    def start_reconciler(self) -> subprocess.Popen[bytes]:
        return self.start("reconciler")

    def wait_for(self, batch: str, seconds: float = 300.0) -> None:
        """Until the batch is done."""
        store = self.store()
        until(lambda: store.batch_status(batch).is_done, f"batch done; see {self.log}", seconds)
        store.close()

    def hint(self, job_ids: list[str]) -> None:
        """Deliver the ids, as one more message."""
        code = "import sys; from worker.tasks import hint; assert hint(sys.stdin.read().split())"
        subprocess.run([sys.executable, "-c", code], input=" ".join(job_ids).encode(), env=self.env, check=True, timeout=300)

    def wait_until_idle(self) -> None:
        """Until no message waits in Redis and none is in a worker's hands."""
        with redis.Redis.from_url(self.redis.url) as client:
            until(lambda: not client.exists("hecha.audit", "unacked"), "queue empty")
        until(lambda: self.log.read_text().count("received") <= self.log.read_text().count("succeeded"), "tasks ended")

    def processes(self) -> list[psutil.Process]:
        """All that it consists of, but for the database server."""
        roots = [program.pid for program in self._programs if program.poll() is None] + self.redis.pids()
        found = []
        for pid in roots:
            with suppress(psutil.NoSuchProcess):
                process = psutil.Process(pid)
                found += [process, *process.children(recursive=True)]
        return found

    def children(self) -> list[psutil.Process]:
        """The processes that claim and settle: the children of Celery's parents, without their jails."""
        found = []
        for program in self._programs:
            if program.poll() is None:
                with suppress(psutil.NoSuchProcess):
                    for process in psutil.Process(program.pid).children(recursive=True):
                        above = _parent(process)
                        if _is_celery(above) and _is_celery(process) and not _is_celery(_parent(above)):
                            found.append(process)
        return found

    def kill_worker(self, worker: subprocess.Popen[bytes]) -> None:
        """kill -9 of everything that belongs to it at once: no goodbye, as in a power cut."""
        doomed = psutil.Process(worker.pid).children(recursive=True) if worker.poll() is None else []
        for process in (psutil.Process(worker.pid), *doomed) if doomed else ():
            try:
                process.suspend()  # so that no parent starts a new child meanwhile
            except psutil.NoSuchProcess:
                continue
        for process in doomed:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        if worker.poll() is None:
            worker.kill()
        worker.wait()

    def stop(self) -> None:
        for program in self._programs:
            self.kill_worker(program)
        self._programs.clear()
        self.redis.kill()

    def ask_to_stop(self, program: subprocess.Popen[bytes]) -> int:
        """As a service manager does; returns the exit code."""
        program.send_signal(signal.SIGTERM)
        return program.wait(PATIENCE)


def _is_celery(process: psutil.Process | None) -> bool:
    try:
        return process is not None and "celery" in process.cmdline()
    except psutil.NoSuchProcess:
        return False


def _parent(process: psutil.Process | None) -> psutil.Process | None:
    try:
        return process.parent() if process is not None else None
    except psutil.NoSuchProcess:
        return None
