"""Deletion: what is deleted is gone with its files, what anything else still needs stays, whatever happens in between."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from audits.errors import StoreError
from audits.intake import Capture, Submitted
from audits.outcome import Found, Outcome, Settled, Summary
from audits.store import Queue, Store
from audits.store.backup import files_named
from audits.store.files import Files
from audits.store.sweeping import Schedule
from audits.store.tables import AUDITS, FINDINGS, REMOVALS, SUBMISSIONS, SWEPT
from rules.verdict import Severity

LONG = 3600.0
FOUND = (Found("f1", "APP-BALANCE", Severity.ERROR, False),)


def audited(store: Store, folder: Path, *texts: str, title: str = "一批") -> str:
    """A batch of these reports, all settled; the outputs of a report are made of its text. Returns its id."""
    files = []
    for number, text in enumerate(texts):
        (folder / f"{number}.txt").write_text(text)
        files.append(Submitted(folder / f"{number}.txt", f"{number}.txt"))
    batch = store.add_batch(title, files)
    for _ in texts:
        claim = store.claim(Queue.AUDIT, LONG)
        assert claim is not None
        text = store.file(claim.submission.sha256).read_text()
        summary = Summary("甲局", 2023, True, "", 1, 0, 0, 0, 0, Severity.ERROR)
        outputs = {"pdf": b"%PDF" + text.encode(), "json": b"{}" + text.encode()}
        outcome = Outcome(Settled.AUDITED, summary=summary, outputs=outputs, findings=FOUND)
        assert store.finish(claim, outcome, f"key of {text}", "national 1", "hecha 1")
    store.complete(batch, lambda _: {})
    return batch


def grow_old(store: Store, seconds: float = 7200.0) -> None:
    """As if every file had been stored so long ago."""
    then = time.time() - seconds
    for path in (store.folder / "files").rglob("*"):
        if path.is_file():
            os.utime(path, (then, then))


def kept(store: Store) -> list[str]:
    """What the files hold."""
    files = (store.folder / "files").glob("??/*")
    return sorted(path.read_text() for path in files)


def count(store: Store, table: sa.Table) -> int:
    with store.transactions.read() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def of(*texts: str) -> Sequence[str]:
    return sorted(whole for text in texts for whole in (text, f"%PDF{text}", f"{{}}{text}"))


def test_a_deleted_batch_leaves_neither_rows_nor_files(store: Store, tmp_path: Path) -> None:
    gone, stays = audited(store, tmp_path, "a", "b"), audited(store, tmp_path, "c")
    grow_old(store)

    removed = store.removal.batch(gone)

    assert (removed.batches, removed.submissions, removed.audits, removed.files, removed.waiting) == (1, 2, 2, 6, 0)
    assert removed.bytes == sum(len(text.encode()) for text in of("a", "b"))
    assert kept(store) == of("c")
    assert [count(store, table) for table in (SUBMISSIONS, AUDITS, FINDINGS, REMOVALS)] == [1, 1, 1, 0]
    assert [status.id for status in store.batches()] == [stays]


def test_what_another_batch_needs_stays(store: Store, tmp_path: Path) -> None:
    first, second = audited(store, tmp_path, "a", "b"), audited(store, tmp_path, "a")
    grow_old(store)

    store.removal.batch(first)

    assert kept(store) == of("a")
    assert store.results(second)[0].summary is not None
    assert count(store, AUDITS) == 1


def test_an_output_that_two_audits_share_stays_with_the_other(store: Store, tmp_path: Path) -> None:
    batch = audited(store, tmp_path, "a", "b")
    with store.transactions.write() as db:
        pdf = db.scalar(sa.select(AUDITS.c.outputs).where(AUDITS.c.key == "key of b"))["pdf"]
        outputs = db.scalar(sa.select(AUDITS.c.outputs).where(AUDITS.c.key == "key of a")) | {"pdf": pdf}
        db.execute(AUDITS.update().where(AUDITS.c.key == "key of a").values(outputs=outputs))
    grow_old(store)

    store.removal.report(store.results(batch)[1].submission.id)

    assert "%PDFb" in kept(store)
    assert {"b", "{}b"}.isdisjoint(kept(store))


def test_a_report_goes_with_all_its_versions_and_the_others_stay(store: Store, tmp_path: Path) -> None:
    batch = audited(store, tmp_path, "a", "b")
    (tmp_path / "new.txt").write_text("a2")
    newer = store.add_version(store.results(batch)[0].submission.id, Submitted(tmp_path / "new.txt", "new.txt"))
    grow_old(store)

    removed = store.removal.report(newer)

    assert (removed.batches, removed.submissions, removed.files) == (0, 2, 4)
    assert kept(store) == of("b")
    assert [result.submission.name for result in store.results(batch)] == ["1.txt"]


@pytest.mark.parametrize("what", ["batch", "report"])
def test_printed_documents_and_packed_downloads_of_it_go_along(store: Store, tmp_path: Path, what: str) -> None:
    gone, stays = audited(store, tmp_path, "a", "b"), audited(store, tmp_path, "c")
    printed = [store.folder / "printed" / "ke" / f"key of {text}" for text in "ac"]
    packed = [store.folder / "exports" / name for name in ("1", "2", "3")]
    for folder in (*printed, *packed):
        folder.mkdir(parents=True)
        (folder / "x.pdf").write_bytes(b"%PDF")
    for folder, batch in zip(packed, (gone, stays), strict=False):
        (folder / "asked.json").write_text(json.dumps({"batch_id": batch}))
    (packed[2] / "asked.json").write_text("half")

    if what == "batch":
        store.removal.batch(gone)
    else:
        store.removal.report(store.results(gone)[0].submission.id)

    assert [folder.exists() for folder in (*printed, *packed)] == [False, True, False, True, True]


def test_older_audits_of_a_file_that_is_gone_go_too(store: Store, tmp_path: Path) -> None:
    batch = audited(store, tmp_path, "a")
    with store.transactions.write() as db:
        db.execute(SUBMISSIONS.update().values(audit_key=None))
    assert count(store, AUDITS) == 1

    store.removal.batch(batch)

    assert count(store, AUDITS) == 0


def test_asked_what_would_go_nothing_goes(store: Store, tmp_path: Path) -> None:
    batch = audited(store, tmp_path, "a", "b")
    grow_old(store)

    told = store.removal.batch(batch, only_count=True)

    assert (kept(store), count(store, SUBMISSIONS), count(store, REMOVALS)) == (of("a", "b"), 2, 0)
    assert store.removal.batch(batch) == told


def test_a_file_that_was_stored_just_now_waits(store: Store, tmp_path: Path) -> None:
    batch = audited(store, tmp_path, "a")

    removed = store.removal.batch(batch)
    assert (removed.files, removed.waiting, kept(store)) == (0, 3, of("a"))

    grow_old(store)
    with store.transactions.write() as db:
        db.execute(REMOVALS.update().values(asked_at=0.0))
    assert store.removal.finish().files == 3
    assert (kept(store), count(store, REMOVALS)) == ([], 0)


def test_what_is_submitted_again_while_it_waits_to_go_stays(store: Store, tmp_path: Path) -> None:
    store.removal.batch(audited(store, tmp_path, "a"))
    again = audited(store, tmp_path, "a")
    grow_old(store)
    with store.transactions.write() as db:
        db.execute(REMOVALS.update().values(asked_at=0.0))

    assert store.removal.finish().files == 0
    assert (kept(store), count(store, REMOVALS)) == (of("a"), 0)
    assert store.results(again)[0].summary is not None


def test_what_is_stored_again_before_its_row_is_written_is_not_taken_away(tmp_path: Path) -> None:
    files = Files(tmp_path)
    sha256 = files.put_bytes(b"a")
    os.utime(files.path(sha256), (0, 0))
    before = time.time() - 60
    files.put_bytes(b"a")  # a submission on its way

    assert files.remove(sha256, before) is None
    assert files.has(sha256)


def test_a_crash_between_rows_and_files_is_taken_up_by_the_next(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = audited(store, tmp_path, "a")
    grow_old(store)
    with monkeypatch.context() as crash:
        crash.setattr(store.removal, "finish", _killed)
        with pytest.raises(KeyboardInterrupt):
            store.removal.batch(batch)
    assert (kept(store), count(store, REMOVALS), count(store, SUBMISSIONS)) == (of("a"), 3, 0)

    with store.transactions.write() as db:
        db.execute(REMOVALS.update().values(asked_at=0.0))
    assert store.removal.finish().files == 3
    assert kept(store) == []


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_report_that_is_deleted_while_it_is_audited_is_not_recorded(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    batch = store.add_batch("一批", [Submitted(tmp_path / "a.txt", "a.txt")])
    claim = store.claim(Queue.AUDIT, LONG)
    assert claim is not None
    store.removal.batch(batch)

    assert not store.finish(claim, Outcome(Settled.AUDITED, outputs={"json": b"{}"}), "k", "national 1", "hecha 1")
    assert count(store, AUDITS) == 0


def test_originals_go_and_what_was_found_in_them_stays(store: Store, tmp_path: Path) -> None:
    batch = audited(store, tmp_path, "a")
    grow_old(store)

    pictures = store.folder / "printed" / "ke" / "key of a"
    pictures.mkdir(parents=True)
    (pictures / "page-1.png").write_bytes(b"PNG")

    removed = store.removal.originals(batch)

    assert not pictures.exists()
    result = store.results(batch)[0]
    assert (removed.submissions, removed.files, kept(store)) == (1, 1, ["%PDFa", "{}a"])
    assert (result.submission.sha256, result.summary is not None) == ("", True)
    assert store.retry(batch, list(type(result.submission.state))) == []
    again = store.results(store.add_again(batch, ""))[0].submission
    assert (again.state, again.code) == ("unreadable", "ORIGINAL_REMOVED")


def test_originals_of_a_batch_that_is_not_done_stay(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    batch = store.add_batch("一批", [Submitted(tmp_path / "a.txt", "a.txt")])
    grow_old(store)

    assert store.removal.originals(batch).submissions == 0
    assert kept(store) == ["a"]


def test_files_that_nothing_names_are_found_once_they_are_old(store: Store, tmp_path: Path) -> None:
    audited(store, tmp_path, "a")
    grow_old(store)
    lost = store.put_bytes(b"lost")
    assert store.removal.orphans(3600.0) == {}
    grow_old(store)

    assert store.removal.orphans(3600.0) == {lost: 4}
    assert store.removal.remove_orphans([lost]).bytes == 4
    assert kept(store) == of("a")


@pytest.mark.parametrize("what", ["batch", "report"])
def test_what_is_not_there_cannot_be_deleted(store: Store, what: str) -> None:
    with pytest.raises(StoreError):
        getattr(store.removal, what)("0" * 32)


def test_files_stay_as_long_as_the_transaction_of_a_caller_may_be_undone(store: Store, tmp_path: Path) -> None:
    batch = audited(store, tmp_path, "a")
    grow_old(store)
    before = kept(store)

    def delete(*, fails: bool) -> None:
        with store.transactions.together():
            assert store.removal.batch(batch).submissions == 1
            assert kept(store) == before
            if fails:
                raise KeyError

    with pytest.raises(KeyError):
        delete(fails=True)
    assert (kept(store), store.batch_status(batch).total) == (before, 1)

    delete(fails=False)
    assert (kept(store), store.batches()) == ([], [])


def test_what_a_sweep_saw_is_kept_for_its_next_look_and_goes_with_the_report_that_names_it(
    store: Store, tmp_path: Path
) -> None:
    for name in ("then", "now", "seen"):
        (tmp_path / f"{name}.txt").write_text(name)
    then, seen = (store.files.put_file(tmp_path / f"{name}.txt") for name in ("then", "seen"))
    capture = Capture("2024-02-01", before=(then, "then.txt"), before_seen="2024-01-20")
    batch = store.add_batch("巡查", [Submitted(tmp_path / "now.txt", "now.txt", capture=capture)])
    store.cancel(batch)
    store.complete(batch, lambda _: {})
    last = {"name": "a.txt", "agency": None, "sha256": seen, "seen": {}, "submission_id": None, "absent_until": None}
    schedule = Schedule("s1", "周", "0 2 * * 1", "周一", {"kind": "folder"}, "national", None, "/", "", "latest", 0.0, 0.0)
    store.sweeping.add(schedule)
    with store.transactions.write() as db:
        last |= {"first_seen_at": 1.0, "seen_at": 1.0, "gone_at": None, "is_withdrawn": False}
        db.execute(SWEPT.insert().values({"schedule_id": "s1", "address": "a.txt", **last}))
    grow_old(store)

    with store.transactions.read() as db:
        assert {then, seen} <= files_named(db)
    store.removal.remove_orphans([then, seen])
    assert kept(store) == ["now", "seen", "then"]
    store.removal.originals(batch)
    assert kept(store) == ["seen"]
    assert store.results(batch)[0].submission.capture == Capture("2024-02-01", before_seen="2024-01-20")
    store.removal.batch(batch)
    assert kept(store) == ["seen"]
