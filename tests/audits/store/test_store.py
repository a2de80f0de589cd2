"""The store: nothing submitted is lost, of many who claim one gets a submission, and only the holder of the token settles it."""

from __future__ import annotations

import hashlib
import os
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from audits.errors import StoreError
from audits.intake import Duplicate, Submitted
from audits.outcome import Outcome, Settled, Summary
from audits.store import FIRST_HINT_SECONDS, MAX_ATTEMPTS, Claim, Queue, Result, Store, SubmissionState
from rules.verdict import Severity

SUMMARY = Summary("甲局", 2023, True, "", 1, 0, 0, 0, 2, Severity.ERROR)
GOOD = Outcome(Settled.AUDITED, summary=SUMMARY, outputs={"pdf": b"%PDF", "json": b"{}"})
BAD = Outcome(Settled.UNREADABLE, "ENCRYPTED", "0.txt：设有密码")
LONG, ENDED = 3600.0, -1.0  # seconds of lease
NOBODY_BESIDE = lambda _: {}  # noqa: E731


def submit(store: Store, tmp_path: Path, count: int = 1, owner: str = "", first: int = 0) -> str:
    files = []
    for number in range(first, first + count):
        path = tmp_path / f"{number}.txt"
        path.write_text(f"report {number}")
        files.append(Submitted(path, path.name))
    return store.add_batch("一批", files, owner=owner)


def claimed(store: Store, lease: float = LONG, queue: Queue = Queue.AUDIT) -> Claim:
    claim = store.claim(queue, lease)
    assert claim is not None
    return claim


def finish(store: Store, claim: Claim, outcome: Outcome = GOOD, key: str = "") -> bool:
    return store.finish(claim, outcome, key or claim.submission.id, "national 1", "hecha 1")


def states(store: Store, batch: str) -> list[SubmissionState]:
    return [result.submission.state for result in store.results(batch)]


def test_a_batch_has_one_waiting_submission_for_each_file_and_its_bytes_under_their_hash(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path, 3)

    found = [result.submission for result in store.results(batch)]
    assert [(one.name, one.state, one.attempt) for one in found] == [
        (f"{n}.txt", SubmissionState.RECEIVED, 0) for n in range(3)
    ]
    assert [store.file(one.sha256).read_text() for one in found] == ["report 0", "report 1", "report 2"]
    assert store.waiting(batch) == [one.id for one in found]


def test_a_file_that_cannot_be_opened_or_was_refused_is_recorded_with_the_reason(store: Store, tmp_path: Path) -> None:
    refused = Submitted(tmp_path / "a.zip", "a.zip/x.txt", ("ENCRYPTED", "设有密码"))
    batch = store.add_batch("一批", [Submitted(tmp_path / "gone.txt", "gone.txt"), refused])

    found = [result.submission for result in store.results(batch)]
    assert [(one.state, one.code) for one in found] == [
        (SubmissionState.UNREADABLE, "FILE_UNAVAILABLE"),
        (SubmissionState.UNREADABLE, "ENCRYPTED"),
    ]
    assert (store.waiting(batch), store.claim(Queue.AUDIT, LONG)) == ([], None)


def test_a_batch_is_recorded_whole_or_not_at_all(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    bad_name = Submitted(tmp_path / "a.txt", None)  # type: ignore[arg-type]  # the database refuses a NULL

    with pytest.raises(StoreError):
        store.add_batch("一批", [Submitted(tmp_path / "a.txt", "a.txt"), bad_name])

    assert (store.batches(), store.queues()[0].count) == ([], 0)


def test_what_is_no_report_of_its_own_is_kept_with_the_batch(store: Store) -> None:
    batch = store.add_batch("一批", [], skipped=["~$a.docx"], duplicates=[Duplicate("b.txt", "a.txt")])

    assert store.left_out(batch) == (("~$a.docx",), (Duplicate("b.txt", "a.txt"),))


def test_of_many_who_claim_each_gets_another_submission(store: Store, tmp_path: Path, url: str) -> None:
    batch = submit(store, tmp_path, 20)
    got: list[str] = []

    def grab() -> None:
        own = Store(store.folder, url)
        while (claim := own.claim(Queue.AUDIT, LONG)) is not None:
            got.append(claim.submission.id)
        own.close()

    threads = [threading.Thread(target=grab) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    got += [claim.submission.id for claim in iter(lambda: store.claim(Queue.AUDIT, LONG), None)]

    assert sorted(got) == sorted(result.submission.id for result in store.results(batch))


def test_owners_take_turns_however_much_one_of_them_submitted_first(store: Store, tmp_path: Path) -> None:
    submit(store, tmp_path, 50, owner="many")
    submit(store, tmp_path, 3, owner="few", first=50)

    assert "".join(claimed(store).submission.owner[0] for _ in range(10)) in ("fmfmfmmmmm", "mfmfmfmmmm")


def test_what_was_tried_least_comes_first_so_that_a_poisonous_report_delays_nobody(store: Store, tmp_path: Path) -> None:
    submit(store, tmp_path, 3)
    claimed(store, ENDED)
    store.put_back_expired()

    assert [claimed(store).submission.name for _ in range(3)] == ["1.txt", "2.txt", "0.txt"]


def test_a_finished_submission_has_its_audit_and_its_files(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path)

    assert finish(store, claimed(store))

    (result,) = store.results(batch)
    assert result.audit is not None
    assert (result.submission.state, result.summary, result.audit.pack) == (SubmissionState.AUDITED, SUMMARY, "national 1")
    assert {form: store.file(sha256).read_bytes() for form, sha256 in result.outputs.items()} == GOOD.outputs


def test_a_settled_submission_cannot_be_claimed_or_settled_again(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path)
    claim = claimed(store)
    finish(store, claim)
    before = store.results(batch)

    assert (store.claim(Queue.AUDIT, LONG), finish(store, claim), finish(store, claim, BAD)) == (None, False, False)
    assert store.results(batch) == before


def test_the_same_question_has_one_audit_however_many_ask(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path, 3)
    finish(store, claimed(store), key="k")
    finish(store, claimed(store), key="k")

    assert store.finish_as_recorded(claimed(store), "k")
    assert [result.audit for result in store.results(batch)] == [store.recorded("k")] * 3
    assert states(store, batch) == [SubmissionState.AUDITED] * 3


def test_an_audit_whose_files_are_gone_is_not_offered_again(store: Store, tmp_path: Path) -> None:
    submit(store, tmp_path)
    finish(store, claimed(store), key="k")
    found = store.recorded("k")
    assert found is not None
    store.file(found.outputs["pdf"]).unlink()

    assert (store.recorded("k"), store.recorded("other")) == (None, None)


def test_a_lost_workers_submission_waits_again_only_when_its_lease_has_ended(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path, 2)
    held, lost = claimed(store, LONG), claimed(store, ENDED)

    assert (store.put_back_expired(), store.put_back_expired()) == (1, 0)
    assert store.waiting(batch) == [lost.submission.id]
    assert claimed(store).submission.attempt == 2
    assert store.submission(held.submission.id).state is SubmissionState.AUDITING


def test_who_finishes_after_losing_the_lease_is_fenced_out(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path)
    late = claimed(store, ENDED)
    store.put_back_expired()
    holder = claimed(store)

    assert (finish(store, late, BAD), finish(store, late), finish(store, holder)) == (False, False, True)
    assert states(store, batch) == [SubmissionState.AUDITED]


def test_a_released_submission_waits_again_and_has_lost_no_attempt(store: Store, tmp_path: Path) -> None:
    submit(store, tmp_path)
    for _ in range(MAX_ATTEMPTS + 1):
        store.release(claimed(store))

    assert claimed(store).submission.attempt == 1


def test_a_submission_that_lost_its_worker_too_often_is_failed_with_a_reason(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path)
    for _ in range(MAX_ATTEMPTS):
        store.put_back_expired()
        claimed(store, ENDED)

    assert (store.put_back_expired(), store.fail_worn_out(), store.fail_worn_out()) == (0, 1, 0)

    submission = store.results(batch)[0].submission
    assert (submission.state, submission.code, submission.reason[:6]) == (SubmissionState.FAILED, "WORKER_LOST", "0.txt：")


def test_a_scan_is_handed_over_to_the_slow_queue_and_loses_no_attempt(store: Store, tmp_path: Path) -> None:
    submit(store, tmp_path)

    assert store.move(claimed(store), Queue.OCR)

    assert store.claim(Queue.AUDIT, LONG) is None
    assert [len(ids) for ids in store.due_hints(10).values()] == [1]
    assert claimed(store, queue=Queue.OCR).submission.attempt == 1


def test_a_submission_nobody_was_told_of_is_hinted_at_when_due_and_then_ever_more_rarely(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path, 2)
    first, second = store.waiting(batch)
    _hint_at(store, first, "0")

    assert store.due_hints(10) == {Queue.AUDIT: [first]}
    assert store.due_hints(10) == {}
    waits = []
    for _ in range(7):
        waits.append(round(float(_hint_at(store, first)) - float(_hint_at(store, second)) + FIRST_HINT_SECONDS))
        _hint_at(store, first, "0")
        store.due_hints(10)
    assert [round(seconds / 30) for seconds in waits] == [2, 4, 8, 16, 32, 32, 32]


def _hint_at(store: Store, submission_id: str, new: str = "") -> str:
    with store._database.write() as db:
        if new:
            db.exec_driver_sql(f"update submissions set hint_at = {new} where id = '{submission_id}'")
        return str(db.exec_driver_sql(f"select hint_at from submissions where id = '{submission_id}'").scalar())


def test_a_queue_that_stands_still_is_woken_whatever_is_due(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path, 5)

    assert store.due_hints(10) == {}
    woken = store.oldest_waiting(Queue.AUDIT, 3)[Queue.AUDIT]
    assert (len(woken), set(woken) <= set(store.waiting(batch))) == (3, True)
    assert store.oldest_waiting(Queue.OCR, 3) == {}


def test_how_long_the_queue_waits_and_rests_is_told(store: Store, tmp_path: Path) -> None:
    empty = store.queues()[0]
    submit(store, tmp_path, 2)
    waiting = store.queues()[0]
    claimed(store)
    served = store.queues()[0]

    assert (empty.count, empty.oldest, waiting.count, waiting.idle, served.count) == (0, None, 2, None, 1)
    assert waiting.oldest is not None
    assert served.idle is not None
    assert max(waiting.oldest, served.idle) < 60


def test_a_cancelled_batch_keeps_what_is_audited_and_takes_nothing_more(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path, 3)
    finish(store, claimed(store))
    at_work = claimed(store)

    assert store.cancel(batch) == 2
    assert (finish(store, at_work), store.claim(Queue.AUDIT, LONG)) == (False, None)
    assert states(store, batch) == [SubmissionState.AUDITED, SubmissionState.CANCELLED, SubmissionState.CANCELLED]


def test_a_retry_takes_up_what_ended_in_the_states_named_and_nothing_else(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path, 4)
    finish(store, claimed(store))
    finish(store, claimed(store), BAD)
    finish(store, claimed(store), replace(BAD, state=Settled.FAILED))
    store.cancel(batch)
    store.complete(batch, NOBODY_BESIDE)
    unreadable = store.results(batch)[1].submission.id

    failed = store.retry(batch, (SubmissionState.FAILED, SubmissionState.CANCELLED))

    assert (len(failed), store.batch_status(batch).is_done) == (2, False)
    assert store.retry(batch, [SubmissionState.UNREADABLE], ["nope"]) == []
    assert store.retry(batch, [SubmissionState.UNREADABLE], [unreadable]) == [unreadable]
    received = SubmissionState.RECEIVED
    assert states(store, batch) == [SubmissionState.AUDITED, received, received, received]
    assert claimed(store).submission.attempt == 1


def test_what_could_never_be_opened_is_not_retried(store: Store, tmp_path: Path) -> None:
    batch = store.add_batch("一批", [Submitted(tmp_path / "gone.txt", "gone.txt")])

    assert store.retry(batch, [SubmissionState.UNREADABLE]) == []


def test_a_batch_is_done_when_all_is_settled_and_what_belongs_to_the_whole_was_seen_to_once(
    store: Store, tmp_path: Path
) -> None:
    batch = submit(store, tmp_path, 2)
    asked: list[int] = []

    def pairs(results: Sequence[Result]) -> dict[str, str]:
        asked.append(len(results))
        return {results[1].submission.id: results[0].submission.id}

    finish(store, claimed(store))
    store.complete(batch, pairs)
    finish(store, claimed(store))
    assert store.unfinished() == [batch]
    second_round = store.complete(batch, pairs)
    again = claimed(store)
    store.complete(batch, pairs)
    between = store.batch_status(batch).is_done
    finish(store, again, key="beside")
    store.complete(batch, pairs)
    store.complete(batch, pairs)

    first, second = store.results(batch)
    assert (asked, second_round, between, store.batch_status(batch).is_done) == ([2], [second.submission.id], False, True)
    assert again.submission.previous == (first.submission.sha256, "0.txt")
    assert second.audit is not None
    assert second.audit.key == "beside"
    assert store.unfinished() == []


@pytest.mark.parametrize("end", ["unreadable", "worker lost", "cancelled"])
def test_a_second_round_that_fails_keeps_the_first_result(store: Store, tmp_path: Path, end: str) -> None:
    batch = submit(store, tmp_path, 2)
    for _ in range(2):
        finish(store, claimed(store))
    store.complete(batch, lambda results: {results[1].submission.id: results[0].submission.id})
    before = store.results(batch)[1].audit

    match end:
        case "unreadable":
            finish(store, claimed(store), BAD)
        case "worker lost":
            for _ in range(MAX_ATTEMPTS):
                claimed(store, ENDED)
                store.put_back_expired()
            store.fail_worn_out()
        case "cancelled":
            store.cancel(batch)

    result = store.results(batch)[1]
    assert (result.submission.state, result.submission.code, result.audit) == (SubmissionState.AUDITED, "", before)


def test_a_corrected_report_takes_the_place_of_the_one_before_which_is_kept(store: Store, tmp_path: Path) -> None:
    batch = submit(store, tmp_path, 2)
    old = claimed(store)
    finish(store, old)
    (tmp_path / "new.txt").write_text("corrected")

    new_id = store.add_version(old.submission.id, Submitted(tmp_path / "new.txt", "new.txt"))

    assert [result.submission.name for result in store.results(batch)] == ["new.txt", "1.txt"]
    assert [(result.submission.version, result.submission.id) for result in store.versions(new_id)] == [
        (1, old.submission.id),
        (2, new_id),
    ]
    assert store.batch_status(batch).total == 2
    with pytest.raises(StoreError, match="更新的版本"):
        store.add_version(old.submission.id, Submitted(tmp_path / "new.txt", "new.txt"))


def test_a_batch_audited_again_is_a_new_one_of_the_same_files_and_the_old_one_stays(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    files = [Submitted(tmp_path / "a.txt", "a.txt"), Submitted(tmp_path / "gone.txt", "gone.txt")]
    batch = store.add_batch("一批", files, skipped=["litter"])
    finish(store, claimed(store))

    again = store.add_again(batch, "/packs/ours", "somebody")

    assert [(result.submission.name, result.submission.pack) for result in store.results(again)] == [
        ("a.txt", "/packs/ours"),
        ("gone.txt", "/packs/ours"),
    ]
    assert states(store, again) == [SubmissionState.RECEIVED, SubmissionState.UNREADABLE]
    assert states(store, batch) == [SubmissionState.AUDITED, SubmissionState.UNREADABLE]
    assert (store.left_out(again), store.batch_status(again).owner) == ((("litter",), ()), "somebody")


def test_batches_are_listed_newest_first_with_their_counts(store: Store, tmp_path: Path) -> None:
    old, new = submit(store, tmp_path, 2, "甲"), submit(store, tmp_path, 1, "乙")
    finish(store, claimed(store))

    assert [(found.id, found.total) for found in store.batches()] == [(new, 1), (old, 2)]
    assert [found.id for found in store.batches(owner="甲")] == [old]
    counted = Counter(found.settled for found in store.batches())
    assert counted == {0: 1, 1: 1}


def test_what_is_unknown_is_said(store: Store) -> None:
    with pytest.raises(StoreError, match="没有这个批次"):
        store.batch_status("nope")
    with pytest.raises(StoreError, match="没有这份报告"):
        store.submission("nope")


def test_storing_the_same_bytes_twice_keeps_one_file(store: Store) -> None:
    first, second = store.put_bytes(b"same"), store.put_bytes(b"same")

    assert first == second == hashlib.sha256(b"same").hexdigest()
    assert [path.name for path in (store.folder / "files").rglob("*") if path.is_file()] == [first]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_disk_that_fails_leaves_no_half_file_and_the_submission_unsettled(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    batch = submit(store, tmp_path)
    claim = claimed(store)
    before = sorted((store.folder / "files").rglob("*"))

    monkeypatch.setattr(os, call, _full)
    with pytest.raises(StoreError, match="磁盘已满"):
        finish(store, claim)
    monkeypatch.undo()

    left = [path for path in (store.folder / "files").rglob("*") if path.is_file() and path not in before]
    assert (left, states(store, batch)) == ([], [SubmissionState.AUDITING])


def test_a_full_disk_at_submission_records_nothing_rather_than_calling_the_report_unreadable(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("a")
    monkeypatch.setattr(os, "fsync", _full)

    with pytest.raises(StoreError, match="磁盘已满"):
        store.add_batch("一批", [Submitted(tmp_path / "a.txt", "a.txt")])

    assert store.batches() == []


def _full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_data_folder_that_cannot_be_used_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").touch()

    with pytest.raises(StoreError, match="无法使用数据文件夹"):
        Store(tmp_path / "data")
