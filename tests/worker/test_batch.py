"""A batch through real Celery and Redis: the same results as the command line, once each, whatever is doubled or missing."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from audits.service import FINISH_PAUSES, cancel_batch
from audits.single import REPORT_SECONDS
from audits.store import Queue, SubmissionState
from audits.store.tables import SUBMISSIONS
from bench.scans import scan_case
from reports_in import ocr
from reports_in.limits import LIMITS
from tests.servers import until
from tests.worker.faults import copies
from tests.worker.processes import Service
from worker.app import LEASE_SECONDS

SAMPLES = Path(__file__).parents[2] / "samples" / "reports"
REPORTS = Path(__file__).parents[3] / "shared" / "reports"
pytestmark = pytest.mark.integration


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_batch_gives_the_very_bytes_that_the_command_line_gives(service: Service, tmp_path: Path) -> None:
    service.start_worker()
    given = [SAMPLES, REPORTS] if REPORTS.exists() else [SAMPLES]

    done = service.hecha("batch", "submit", *given, "--wait")
    batch = done.stdout.strip()
    service.hecha("batch", "download", batch, "--out", tmp_path / "service")
    service.hecha("audit", *given, "--out", tmp_path / "command")

    by_service, by_command = contents(tmp_path / "service"), contents(tmp_path / "command")
    assert sorted(by_service) == sorted(by_command)
    assert [name for name in by_command if by_service[name] != by_command[name]] == []
    assert len(by_command) >= 2 * 12
    assert done.returncode == 2  # the samples hold unreadable files


def test_a_hint_delivered_twice_changes_nothing(service: Service) -> None:
    service.start_worker()
    batch = service.submit(SAMPLES)
    service.wait_for(batch)
    store = service.store()
    before = store.results(batch)

    service.hint([result.submission.id for result in before])
    service.hint([result.submission.id for result in before])
    service.wait_until_idle()

    assert store.results(batch) == before
    assert {result.submission.attempt for result in before} == {1}


def test_a_batch_submitted_while_redis_is_away_is_done_after_its_return_without_anybody_asking(service: Service) -> None:
    service.redis.kill()
    submitted = service.hecha("batch", "submit", SAMPLES)
    service.start_worker()
    service.start_reconciler()
    service.redis.start()

    assert (submitted.returncode, "连不上 Redis" in submitted.stderr) == (0, True)
    service.wait_for(submitted.stdout.strip())


def test_anothers_ten_reports_do_not_wait_for_somebodys_hundreds(service: Service, tmp_path: Path) -> None:
    """With the worker started last, so that every hint of the many is before those of the few."""
    many = service.submit(copies(tmp_path / "many", 200), "--user", "many")
    few = service.submit(copies(tmp_path / "few", 10, mark="few"), "--user", "few")
    store = service.store()
    service.start_worker()

    service.wait_for(few)

    settled = [SUBMISSIONS.c.settled_at.label("at"), SUBMISSIONS.c.batch_id]
    with store.transactions.read() as db:
        times = db.execute(sa.select(*settled).where(SUBMISSIONS.c.settled_at.is_not(None))).all()
    done = max(row.at for row in times if row.batch_id == few)
    assert sum(row.batch_id == many and row.at < done for row in times) < 60  # it is counted later than they were done


def test_a_cancelled_batch_stops_and_a_retry_completes_it(service: Service, tmp_path: Path) -> None:
    batch = service.submit(copies(tmp_path / "many", 60))
    store = service.store()
    service.start_worker()
    until(lambda: store.batch_status(batch).settled >= 5, "five reports settled")

    cancel_batch(store, batch)  # at once: until a command has started, a worker may be done
    service.wait_until_idle()
    stopped = store.batch_status(batch)
    service.hecha("batch", "retry", batch)
    service.wait_for(batch)

    assert (stopped.is_done, stopped.counts[SubmissionState.CANCELLED] > 0) == (True, True)
    assert store.batch_status(batch).counts[SubmissionState.AUDITED] == 60


def test_a_worker_asked_to_stop_finishes_what_it_holds_and_leaves_nothing_running(service: Service, tmp_path: Path) -> None:
    batch = service.submit(copies(tmp_path / "many", 60))
    store = service.store()
    worker = service.start_worker()
    until(lambda: store.batch_status(batch).settled >= 5, "five reports settled")

    code = service.ask_to_stop(worker)

    assert (code, store.batch_status(batch).counts[SubmissionState.AUDITING]) == (0, 0)


def test_a_scan_goes_to_the_worker_for_scans_and_holds_nobody_up(service: Service, tmp_path: Path) -> None:
    if not ocr.is_ready():
        pytest.skip("OCR is not installed here: pip install 'hecha[ocr]'")
    folder = copies(tmp_path / "mixed", 3)
    printed = scan_case("shadow", 3).printed
    (folder / printed.name).write_bytes(printed.data)
    batch = service.submit(folder)
    store = service.store()
    service.start("worker", "--concurrency", "1", env={"HECHA_LEASE_SECONDS": ""})  # of both queues
    service.start_reconciler()

    service.wait_for(batch)

    found = {result.submission.name: result.submission for result in store.results(batch)}
    scan = found.pop(printed.name)
    assert (scan.queue, scan.code != "NEEDS_OCR", scan.attempt) == (Queue.OCR, True, 1)
    assert {submission.state for submission in found.values()} == {SubmissionState.AUDITED}


def test_a_lease_outlives_every_worker_that_could_hold_it() -> None:
    finishing = sum(FINISH_PAUSES) + 30

    assert LEASE_SECONDS[Queue.AUDIT] >= 2 * REPORT_SECONDS + finishing
    assert LEASE_SECONDS[Queue.OCR] >= 2 * (REPORT_SECONDS + LIMITS.ocr_seconds) + finishing
