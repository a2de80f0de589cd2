"""The store: nothing submitted is lost, of many who claim one gets the job, and only the holder of the token settles it."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import pytest

from audits.errors import StoreError
from audits.intake import Submitted
from audits.outcome import Outcome, Settled, Summary
from audits.store import MAX_ATTEMPTS, Claim, JobState, Store
from rules.verdict import Severity

GOOD = Outcome(
    Settled.AUDITED,
    summary=Summary("甲局", 2023, True, "", 1, 0, 0, 0, 2, Severity.ERROR),
    outputs={"pdf": b"%PDF", "json": b"{}"},
)
LONG, ENDED = 3600.0, -1.0  # seconds of lease


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data")


def submit(store: Store, tmp_path: Path, count: int = 1) -> str:
    files = []
    for number in range(count):
        path = tmp_path / f"{number}.txt"
        path.write_text(f"report {number}")
        files.append(Submitted(path, path.name))
    return store.add_batch("一批", files)


def claimed(store: Store, job_id: str, lease: float = LONG) -> Claim:
    claim = store.claim(job_id, lease)
    assert claim is not None
    return claim


def finish(store: Store, claim: Claim, outcome: Outcome = GOOD) -> bool:
    return store.finish(claim, outcome, "national 1", "hecha 1")


def test_a_batch_has_one_waiting_job_for_each_file_and_its_bytes_under_their_hash(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path, 3)

    jobs = [result.job for result in store.results(batch)]
    assert [(job.name, job.state, job.attempt) for job in jobs] == [(f"{n}.txt", JobState.RECEIVED, 0) for n in range(3)]
    assert [store.file(job.sha256).read_text() for job in jobs] == ["report 0", "report 1", "report 2"]
    assert store.waiting(batch) == [job.id for job in jobs]


def test_a_file_that_cannot_be_opened_is_recorded_with_the_reason(store: Store, tmp_path: Path) -> None:
    batch = store.add_batch("一批", [Submitted(tmp_path / "gone.txt", "gone.txt")])

    (result,) = store.results(batch)
    assert (result.job.state, result.job.code) == (JobState.UNREADABLE, "FILE_UNAVAILABLE")
    assert store.batch_status(batch).is_done


def test_a_batch_that_fails_half_way_leaves_no_rows(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    bad_name = Submitted(tmp_path / "a.txt", "\ud800")  # no database takes a lone surrogate

    with pytest.raises((StoreError, UnicodeEncodeError)):
        store.add_batch("一批", [Submitted(tmp_path / "a.txt", "a.txt"), bad_name])

    with store._transaction() as db:
        assert db.exec_driver_sql("select (select count(*) from batches), (select count(*) from jobs)").one() == (0, 0)


def test_of_many_who_claim_a_job_one_gets_it(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path, 20)
    jobs = store.waiting(batch)
    got: list[str] = []

    def grab() -> None:
        own = Store(store.folder)
        for job_id in jobs:
            claim = own.claim(job_id, LONG)
            if claim is not None:
                got.append(claim.job.id)
        own.close()

    threads = [threading.Thread(target=grab) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(got) == sorted(jobs)


def test_a_finished_job_has_its_result_and_its_files(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path)
    claim = claimed(store, store.waiting(batch)[0])

    assert finish(store, claim)

    (result,) = store.results(batch)
    assert (result.job.state, result.summary, result.pack) == (JobState.AUDITED, GOOD.summary, "national 1")
    assert {form: store.file(sha256).read_bytes() for form, sha256 in result.outputs.items()} == GOOD.outputs


def test_a_settled_job_cannot_be_claimed_or_settled_again(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path)
    claim = claimed(store, store.waiting(batch)[0])
    finish(store, claim)
    before = store.results(batch)

    assert (store.claim(claim.job.id, LONG), finish(store, claim), store.waiting(batch)) == (None, False, [])
    assert store.results(batch) == before


def test_a_job_is_claimed_again_only_when_its_lease_has_ended(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path, 2)
    held, lost = store.waiting(batch)
    store.claim(held, LONG)
    store.claim(lost, ENDED)

    assert store.waiting(batch) == [lost]
    assert (store.claim(held, LONG), claimed(store, lost).job.attempt) == (None, 2)


def test_who_finishes_after_losing_the_lease_is_fenced_out(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path)
    job_id = store.waiting(batch)[0]
    late = claimed(store, job_id, ENDED)
    holder = claimed(store, job_id)
    failed = Outcome(Settled.FAILED, "INTERNAL", "late")

    assert (finish(store, late, failed), finish(store, holder)) == (False, True)
    assert store.results(batch)[0].job.state is JobState.AUDITED


def test_a_released_job_waits_again(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path)
    claim = claimed(store, store.waiting(batch)[0])

    store.release(claim)

    assert store.waiting(batch) == [claim.job.id]


def test_a_job_that_lost_its_worker_too_often_is_failed_with_a_reason(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path)
    job_id = store.waiting(batch)[0]
    for _ in range(MAX_ATTEMPTS):
        claimed(store, job_id, ENDED)

    assert (store.claim(job_id, LONG), store.quarantine(batch)) == (None, 1)

    job = store.results(batch)[0].job
    assert (job.state, job.code, job.reason[:6]) == (JobState.FAILED, "WORKER_LOST", "0.txt：")


def test_an_unknown_batch_is_said(store: Store) -> None:
    with pytest.raises(StoreError, match="没有这个批次"):
        store.batch_status("nope")


def test_storing_the_same_bytes_twice_keeps_one_file(store: Store) -> None:
    first, second = store.put_bytes(b"same"), store.put_bytes(b"same")

    assert first == second == hashlib.sha256(b"same").hexdigest()
    assert [path.name for path in (store.folder / "files").rglob("*") if path.is_file()] == [first]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_disk_that_fails_leaves_no_half_file_and_the_job_unsettled(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    batch = submit(store, tmp_path)
    claim = claimed(store, store.waiting(batch)[0])
    before = sorted((store.folder / "files").rglob("*"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(StoreError, match="No space left"):
        finish(store, claim)
    monkeypatch.undo()

    left = [path for path in (store.folder / "files").rglob("*") if path.is_file() and path not in before]
    assert (left, store.results(batch)[0].job.state) == ([], JobState.AUDITING)


def test_a_data_folder_that_cannot_be_used_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").touch()

    with pytest.raises(StoreError, match="无法使用数据文件夹"):
        Store(tmp_path / "data")
