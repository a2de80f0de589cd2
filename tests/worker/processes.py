"""A real redis-server on a free port and real worker processes, started with the words of docker-compose.yml."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml

from audits.store import Store

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
PATIENCE = 180.0  # seconds for what takes a few on an idle machine


def until(true: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Wait until it is true; fail with ``what`` if it never is."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            pytest.fail(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.05)


class Service:
    """A data folder, a Redis and workers of one test."""

    def __init__(self, folder: Path, port: int) -> None:
        self.url = f"redis://127.0.0.1:{port}/0"
        self.data = folder / "data"
        self.env = {**os.environ, "HECHA_DATA": str(self.data), "HECHA_REDIS": self.url}
        self.log = folder / "worker.log"
        self._workers: list[subprocess.Popen[bytes]] = []

    def hecha(self, *args: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run([BIN / "hecha", *args], env=self.env, capture_output=True, text=True, timeout=300)

    def start_worker(self) -> subprocess.Popen[bytes]:
        """The worker of docker-compose.yml, with two processes, in a process group of its own."""
        command, *args = COMPOSE["services"]["worker"]["command"]
        with self.log.open("ab") as log:
            worker = subprocess.Popen(
                [BIN / command, *args, "--concurrency", "2"], env=self.env, stdout=log, stderr=log, start_new_session=True
            )
        self._workers.append(worker)
        return worker

    def wait_for(self, batch: str) -> None:
        """Until every report of the batch is settled."""
        store = Store(self.data)
        until(lambda: store.batch_status(batch).is_done, f"batch done; see {self.log}")

    def hint(self, job_ids: list[str]) -> None:
        """Deliver the jobs, as one more message."""
        code = "import sys; from worker.tasks import hint; assert hint(sys.argv[1:])"
        subprocess.run([sys.executable, "-c", code, *job_ids], env=self.env, check=True, timeout=60)

    def wait_until_idle(self) -> None:
        """Until no message waits in Redis and none is in a worker's hands."""
        with redis.Redis.from_url(self.url) as client:
            until(lambda: not client.exists("hecha.audit", "unacked"), "queue empty")
        until(lambda: self.log.read_text().count("received") <= self.log.read_text().count("succeeded"), "tasks ended")

    def kill_workers(self) -> None:
        """kill -9 of parents and children at once: no goodbye, as in a power cut."""
        for worker in self._workers:
            try:
                os.killpg(worker.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            worker.wait()
        self._workers.clear()


def answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url) as client:
            return bool(client.ping())
    except redis.ConnectionError:
        return False
