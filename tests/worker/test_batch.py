"""A batch through real Celery and Redis: the same results as the command line, once each, whatever is killed or doubled."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from audits.store import BatchStatus, JobState, Store
from tests.worker.processes import Service, until
from worker.app import LEASE_SECONDS, TASK_SECONDS

SAMPLES = Path(__file__).parents[2] / "samples" / "reports"
REPORTS = Path(__file__).parents[3] / "shared" / "reports"
pytestmark = pytest.mark.integration


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_batch_gives_the_very_bytes_that_the_command_line_gives(service: Service, tmp_path: Path) -> None:
    service.start_worker()
    given = [SAMPLES, REPORTS] if REPORTS.exists() else [SAMPLES]

    batch = service.hecha("batch", "submit", *given).stdout.strip()
    service.wait_for(batch)
    service.hecha("batch", "download", batch, "--out", tmp_path / "service")
    service.hecha("audit", *given, "--out", tmp_path / "command")

    (tmp_path / "command" / "index.json").unlink()  # names the litter skipped, of which a batch keeps no list
    (tmp_path / "service" / "index.json").unlink()
    by_service, by_command = contents(tmp_path / "service"), contents(tmp_path / "command")
    assert sorted(by_service) == sorted(by_command)
    assert [name for name in by_command if by_service[name] != by_command[name]] == []
    assert len(by_command) >= 2 * 12


def test_a_job_delivered_twice_changes_nothing(service: Service) -> None:
    service.start_worker()
    batch = service.hecha("batch", "submit", SAMPLES).stdout.strip()
    service.wait_for(batch)
    store = Store(service.data)
    before = store.results(batch)

    service.hint([result.job.id for result in before])
    service.hint([result.job.id for result in before])
    service.wait_until_idle()

    assert store.results(batch) == before
    assert {result.job.attempt for result in before} == {1}


def test_jobs_submitted_while_redis_is_away_wait_in_the_store(service: Service) -> None:
    service.env["HECHA_REDIS"] = "redis://127.0.0.1:1/0"
    submitted = service.hecha("batch", "submit", SAMPLES)
    service.env["HECHA_REDIS"] = service.url
    service.start_worker()

    batch = submitted.stdout.strip()
    assert (submitted.returncode, "连不上 Redis" in submitted.stderr) == (0, True)
    assert service.hecha("batch", "status", batch).returncode == 1

    service.hecha("batch", "resume", batch)
    service.wait_for(batch)


def test_after_a_killed_worker_another_completes_the_batch_and_no_report_is_settled_twice(
    service: Service, tmp_path: Path
) -> None:
    """What the dead worker held waits for its lease, which the test moves to its end; nothing asks by itself yet: `resume`."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(15):
        for path in SAMPLES.iterdir():
            shutil.copy(path, folder / f"{number:02}-{path.name}")
    batch = service.hecha("batch", "submit", folder).stdout.strip()
    store = Store(service.data)

    def status() -> BatchStatus:
        return store.batch_status(batch)

    service.start_worker()
    until(lambda: status().settled >= 20, "twenty reports settled")
    service.kill_workers()
    held = status().counts[JobState.AUDITING]
    settled = [result for result in store.results(batch) if result.outputs]
    assert 0 < status().settled < status().total
    assert held <= 2

    service.start_worker()
    service.hecha("batch", "resume", batch)
    until(lambda: status().settled == status().total - held, "all settled but what the dead worker held")

    with sqlite3.connect(service.data / "hecha.db") as db:
        db.execute("UPDATE jobs SET lease_until = 0 WHERE state = 'auditing'")
    service.hecha("batch", "resume", batch)
    service.wait_for(batch)

    results = store.results(batch)
    assert [result for result in results if result.job.id in {s.job.id for s in settled}] == settled
    assert sorted(result.job.attempt for result in results if result.job.sha256) == [1] * (len(results) - held) + [2] * held


def test_a_lease_outlives_every_worker_that_could_hold_it() -> None:
    assert LEASE_SECONDS >= TASK_SECONDS + 30
