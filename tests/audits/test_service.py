"""The service functions, with the audit played by a stand-in: what is claimed is recorded once or given back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

import audits.service
from audits.documents import export_batch
from audits.errors import StoreError
from audits.intake import Submitted
from audits.outcome import Outcome, Settled, Summary
from audits.service import (
    audit_again,
    audit_next,
    batch_status,
    cancel_batch,
    changes_of,
    fingerprint,
    reconcile,
    resubmit,
    submit_batch,
)
from audits.single import Asked, Captured
from audits.store import Queue, Store, SubmissionState
from rules.compile import PACKS, load_pack
from rules.errors import PackError
from tests.audits.digests import written

LONG, ENDED = 60.0, -1.0  # seconds of lease


class StandIn:
    """Plays the audit: a file's name says what it is, its text is every output. Notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def __call__(
        self,
        path: Path,
        name: str,
        forms: Sequence[str],
        year: int | None,
        pack: Path,
        previous: Submitted | None,
        *,
        scans_later: bool,
        asked: Asked,
        captured: Captured | None,
    ) -> Outcome:
        self.asked.append((name, previous.name if previous else ""))
        if name.startswith("bad"):
            return Outcome(Settled.UNREADABLE, "EMPTY_FILE", f"{name}：空文件；请重新提交")
        if name.startswith("scan"):
            return Outcome(Settled.UNREADABLE, "NEEDS_OCR", f"{name}：扫描件")
        of = 2022 if "2022" in name else 2023
        summary = Summary("甲局", of, True, "", 0, 0, 0, 0, 0, None)
        return Outcome(Settled.AUDITED, summary=summary, outputs={form: path.read_bytes() for form in forms})


@pytest.fixture
def audited(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    stand_in = StandIn()
    monkeypatch.setattr(audits.service, "audit_in_jail", stand_in)
    monkeypatch.setattr(audits.service, "FINISH_PAUSES", (0.0, 0.0))
    return stand_in


@pytest.fixture
def store(tmp_path: Path, audited: StandIn) -> Store:
    return Store(tmp_path / "data")


def submit(store: Store, folder: Path, *names: str, owner: str = "") -> str:
    for name in names:
        (folder / name).write_text(name)
    return submit_batch(store, "一批", [Submitted(folder / name, name) for name in names], owner=owner)


def run_all(store: Store, queue: Queue = Queue.AUDIT) -> int:
    """How many were audited."""
    return sum(1 for _ in iter(lambda: audit_next(store, queue, LONG), False))


def test_every_submission_of_a_batch_is_settled(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path, "good.txt", "bad.txt")

    assert run_all(store) == 2

    status = batch_status(store, batch)
    assert (status.is_done, status.counts[SubmissionState.AUDITED], status.counts[SubmissionState.UNREADABLE]) == (True, 1, 1)


def test_a_batch_without_anything_to_audit_is_done_at_once(store: Store, tmp_path: Path) -> None:
    batch = submit_batch(store, "一批", [Submitted(tmp_path / "gone.txt", "gone.txt")])

    assert batch_status(store, batch).is_done


def test_the_same_file_under_the_same_name_is_audited_once_whoever_submits_it(
    store: Store, tmp_path: Path, audited: StandIn
) -> None:
    first, second = submit(store, tmp_path, "a.txt", owner="甲"), submit(store, tmp_path, "a.txt", owner="乙")
    other = submit_batch(store, "一批", [Submitted(tmp_path / "a.txt", "b.txt")])

    run_all(store)

    assert audited.asked == [("b.txt", ""), ("a.txt", "")]
    assert store.results(first)[0].audit == store.results(second)[0].audit != store.results(other)[0].audit


def test_an_unreadable_file_is_read_again_when_it_is_submitted_again(store: Store, tmp_path: Path, audited: StandIn) -> None:
    submit(store, tmp_path, "bad.txt")
    run_all(store)
    submit(store, tmp_path, "bad.txt")
    run_all(store)

    assert len(audited.asked) == 2


def test_a_report_whose_last_years_is_in_the_batch_is_audited_again_beside_it(
    store: Store, tmp_path: Path, audited: StandIn
) -> None:
    batch = submit(store, tmp_path, "a2023.txt", "a2022.txt", "bad.txt")

    run_all(store)

    assert audited.asked == [("a2023.txt", ""), ("a2022.txt", ""), ("bad.txt", ""), ("a2023.txt", "a2022.txt")]
    assert batch_status(store, batch).is_done


def test_what_cannot_be_stored_is_given_back_and_nothing_is_lost(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = submit(store, tmp_path, "good.txt")
    with monkeypatch.context() as disk:
        disk.setattr(store, "put_bytes", _full)
        with pytest.raises(StoreError, match="disk full"):
            audit_next(store, Queue.AUDIT, LONG)
    waiting = store.waiting(batch)

    assert (len(waiting), run_all(store), batch_status(store, batch).is_done) == (1, 1, True)


def test_a_finished_audit_outlasts_a_database_that_is_away_for_a_moment(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, audited: StandIn
) -> None:
    batch = submit(store, tmp_path, "good.txt")
    faults = iter([True, True, False])
    put = store.put_bytes
    monkeypatch.setattr(store, "put_bytes", lambda data: _full(data) if next(faults, False) else put(data))

    assert audit_next(store, Queue.AUDIT, LONG)
    assert (len(audited.asked), batch_status(store, batch).is_done) == (1, True)


def _full(_: bytes) -> str:
    raise StoreError("disk full")


def test_a_scan_goes_to_its_own_queue_where_scans_are_read_and_is_unreadable_elsewhere(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audits.service, "recognises_scans", lambda: True)
    moved = submit(store, tmp_path, "scan1.pdf")
    run_all(store)
    monkeypatch.setattr(audits.service, "recognises_scans", lambda: False)
    here = submit(store, tmp_path, "scan2.pdf")
    run_all(store)

    assert store.results(moved)[0].submission.queue is Queue.OCR
    assert store.results(here)[0].submission.code == "NEEDS_OCR"
    assert (run_all(store, Queue.OCR), batch_status(store, moved).is_done) == (1, True)


def test_reconciling_takes_up_what_lost_its_worker_and_ends_what_nobody_ended(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path, "a.txt", "b.txt")
    other = submit(store, tmp_path, "c.txt")
    lost = store.claim(Queue.AUDIT, ENDED)
    held = store.claim(Queue.AUDIT, LONG)
    last = store.claim(Queue.AUDIT, LONG)
    assert lost is not None
    assert held is not None
    assert last is not None
    last_key = "k"
    store.finish(last, Outcome(Settled.AUDITED, summary=None, outputs={}), last_key, "p", "e")

    hinted = reconcile(store, 30.0)

    assert hinted == {Queue.AUDIT: [lost.submission.id]}
    assert (batch_status(store, batch).is_done, batch_status(store, other).is_done) == (False, True)


def test_a_queue_that_stands_still_is_woken(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path, "a.txt")

    assert reconcile(store, 30.0) == {}
    assert reconcile(store, 30.0, [Queue.AUDIT]) == {Queue.AUDIT: store.waiting(batch)}


def test_a_cancelled_batch_is_done_and_its_audited_reports_are_handed_out(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path, "a.txt", "b.txt")
    audit_next(store, Queue.AUDIT, LONG)

    assert cancel_batch(store, batch) == 1
    assert batch_status(store, batch).is_done
    assert [line.name for line in export_batch(store, batch, tmp_path / "out", ["pdf"])] == ["a.txt"]


def test_audited_again_with_another_pack_it_is_another_audit(store: Store, tmp_path: Path, audited: StandIn) -> None:
    batch = submit(store, tmp_path, "a.txt")
    run_all(store)
    again = audit_again(store, batch, PACKS / "suqian")
    run_all(store)
    third = audit_again(store, batch, PACKS / "suqian")
    run_all(store)

    packs = [store.results(one)[0].audit.pack for one in (batch, again, third)]  # type: ignore[union-attr]
    assert packs == [load_pack().label, load_pack(PACKS / "suqian").label, load_pack(PACKS / "suqian").label]
    assert len(audited.asked) == 2


def test_a_pack_that_is_gone_when_its_turn_comes_is_that_reports_reason(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    batch = submit_batch(store, "一批", [Submitted(tmp_path / "a.txt", "a.txt")], pack=tmp_path / "gone")

    run_all(store)

    submission = store.results(batch)[0].submission
    assert (submission.state, submission.code) == (SubmissionState.FAILED, PackError.code)


def test_an_edited_rule_is_another_measure_whatever_its_version_says(tmp_path: Path) -> None:
    pack = tmp_path / "ours"
    pack.mkdir()
    (pack / "pack.yaml").write_text("id: ours\ntitle: 本地\nversion: 1\nextends: [national]\n")
    before = fingerprint(pack)
    (pack / "pack.yaml").write_text("id: ours\ntitle: 本地（改）\nversion: 1\nextends: [national]\n")
    fingerprint.cache_clear()
    load_pack.cache_clear()

    assert before != fingerprint(pack)


def test_a_corrected_report_says_what_it_mends_and_what_it_does_not(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(written("甲局", 2023, "APP-BALANCE", "FEE-NOT-REPORTED", "PROBLEMS-EMPTY"))
    (tmp_path / "b.txt").write_bytes(written("甲局", 2023, "FEE-NOT-REPORTED", "TXT-ALL-DONE", undecided=["PROBLEMS-EMPTY"]))
    batch = submit_batch(store, "一批", [Submitted(tmp_path / "a.txt", "a.txt")])
    run_all(store)
    new_id = resubmit(store, store.results(batch)[0].submission.id, Submitted(tmp_path / "b.txt", "b.txt"))
    waiting = batch_status(store, batch).is_done
    run_all(store)

    found = changes_of(store, new_id)
    rules = [[item.rule for item in items] for items in (found.fixed, found.still_open, found.new, found.unsure)]
    assert rules == [["APP-BALANCE"], ["FEE-NOT-REPORTED"], ["TXT-ALL-DONE"], ["PROBLEMS-EMPTY"]]
    assert (waiting, batch_status(store, batch).is_done) == (False, True)


def test_results_are_written_under_the_names_of_the_command_line(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path, "a.txt", "bad.txt", "b.txt")
    run_all(store)

    published = export_batch(store, batch, tmp_path / "out", ["pdf"])

    assert [(line.name, dict(line.files)) for line in published] == [
        ("a.txt", {"pdf": "甲局-2023.pdf"}),
        ("bad.txt", {}),
        ("b.txt", {"pdf": "甲局-2023-2.pdf"}),
    ]
    assert (tmp_path / "out" / "甲局-2023-2.pdf").read_text() == "b.txt"


def test_what_is_not_settled_yet_is_left_for_later(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path, "a.txt", "b.txt")
    audit_next(store, Queue.AUDIT, LONG)

    assert [line.name for line in export_batch(store, batch, tmp_path / "out")] == ["a.txt"]
