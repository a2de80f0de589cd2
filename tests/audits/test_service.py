"""The service functions, with the audit played by a stand-in: what is claimed is recorded once or given back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

import audits.service
from audits.errors import StoreError
from audits.intake import Submitted
from audits.outcome import Outcome, Settled, Summary
from audits.service import batch_status, run_job, submit_batch, take_up, write_results
from audits.store import JobState, Store

SUMMARY = Summary("甲局", 2023, True, "", 0, 0, 0, 0, 0, None)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    def stand_in(path: Path, name: str, forms: Sequence[str], year: int | None) -> Outcome:
        if name.startswith("bad"):
            return Outcome(Settled.UNREADABLE, "EMPTY_FILE", f"{name}：空文件；请重新提交")
        return Outcome(Settled.AUDITED, summary=SUMMARY, outputs={form: path.read_bytes() for form in forms})

    monkeypatch.setattr(audits.service, "audit_in_jail", stand_in)
    return Store(tmp_path / "data")


def submit(store: Store, folder: Path, *names: str) -> str:
    for name in names:
        (folder / name).write_text(name)
    return submit_batch(store, "一批", [Submitted(folder / name, name) for name in names])


def run_all(store: Store, batch: str) -> list[bool]:
    return [run_job(store, job_id, 60.0) for job_id in store.waiting(batch)]


def test_every_job_of_a_batch_is_settled(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path, "good.txt", "bad.txt")

    assert run_all(store, batch) == [True, True]

    status = batch_status(store, batch)
    assert (status.is_done, status.counts[JobState.AUDITED], status.counts[JobState.UNREADABLE]) == (True, 1, 1)


def test_a_job_run_twice_is_done_once(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path, "good.txt")
    (job_id,) = store.waiting(batch)

    assert (run_job(store, job_id, 60.0), run_job(store, job_id, 60.0)) == (True, False)


def test_an_unknown_job_is_nobodys(store: Store) -> None:
    assert run_job(store, "nope", 60.0) is False


def test_a_job_whose_result_cannot_be_stored_is_given_back(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = submit(store, tmp_path, "good.txt")
    (job_id,) = store.waiting(batch)

    def full(_: bytes) -> str:
        raise StoreError("disk full")

    monkeypatch.setattr(store, "put_bytes", full)
    with pytest.raises(StoreError, match="disk full"):
        run_job(store, job_id, 60.0)

    assert store.waiting(batch) == [job_id]


def test_taking_up_names_what_waits_and_what_lost_its_worker(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path, "a.txt", "b.txt", "c.txt")
    waits, lost, held = store.waiting(batch)
    store.claim(lost, -1.0)
    store.claim(held, 60.0)

    assert take_up(store, batch) == [waits, lost]


def test_results_are_written_under_the_names_of_the_command_line(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path, "a.txt", "bad.txt", "b.txt")
    run_all(store, batch)

    published = write_results(store, batch, tmp_path / "out", ["pdf"])

    assert [(line.name, dict(line.files)) for line in published] == [
        ("a.txt", {"pdf": "甲局-2023.pdf"}),
        ("bad.txt", {}),
        ("b.txt", {"pdf": "甲局-2023-2.pdf"}),
    ]
    assert (tmp_path / "out" / "甲局-2023-2.pdf").read_text() == "b.txt"


def test_what_is_not_settled_yet_is_left_for_later(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path, "a.txt", "b.txt")
    run_job(store, store.waiting(batch)[0], 60.0)

    assert [line.name for line in write_results(store, batch, tmp_path / "out")] == ["a.txt"]
