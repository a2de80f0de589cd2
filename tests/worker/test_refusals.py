"""What a sweep finds is scanned like everything else; what is refused is in the log of actions though nobody handed it in."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import audits.scanning
from access import Access, Action, LogWanted
from audits.store import Store
from audits.store.backup import write
from audits.store.sweeping import Run, RunState
from sweeps import slots
from sweeps.digest import close_done
from sweeps.looking import Allowed
from sweeps.run import run_next
from sweeps.schedules import checked
from sweeps.sources import folder
from tests.clamd import EICAR, SIGNATURE, FakeClamd, fake_clamd
from tests.servers import until
from worker import schedule
from worker.refusals import entering

SAMPLES = Path(__file__).parents[2] / "samples" / "reports"
CLEAN, OTHER, HIT = "青禾县教育局2023年报.txt", "青禾县民政局2023年报.txt", "青禾县司法局2023年报.txt"
ALLOWED = Allowed(any_folder=True)


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeClamd]:
    monkeypatch.setattr(audits.scanning, "PAUSES", (0.01,) * 4)
    monkeypatch.setattr(folder, "SETTLED_AFTER", 0.02)
    monkeypatch.setattr("sweeps.run.PAUSES", (0.0, 0.0))
    with fake_clamd(tmp_path) as found:
        monkeypatch.setenv("HECHA_CLAMD", found.address)
        yield found


@pytest.fixture
def place(tmp_path: Path) -> Path:
    found = tmp_path / "报送"
    found.mkdir()
    shutil.copy(SAMPLES / CLEAN, found / CLEAN)
    (found / HIT).write_bytes(EICAR)
    return found


@pytest.fixture
def store(fake: FakeClamd, tmp_path: Path) -> Iterator[Store]:
    found = Store(tmp_path / "data")
    yield found
    found.close()


def added(store: Store, place: Path) -> str:
    made = checked(
        store, "每周看一遍", "每周一 02:00", {"kind": "folder", "path": str(place)}, ALLOWED, owner="wang", region="/青禾县/"
    )
    store.sweeping.add(made)
    return made.id


def swept(store: Store, schedule_id: str) -> Run:
    slot = slots.open_now(store, schedule_id)
    while run_next(store, ALLOWED, lambda ids: None, entered=entering(store)):
        pass
    return store.sweeping.run(schedule_id, slot)


def test_a_hit_is_refused_entered_and_told_once_until_the_file_changes(store: Store, place: Path) -> None:
    schedule_id = added(store, place)
    first, again = swept(store, schedule_id), swept(store, schedule_id)
    shutil.copy(SAMPLES / CLEAN, place / HIT)
    with (place / HIT).open("a") as file:
        file.write("\n")
    os.utime(place / HIT, ns=(1, 1))
    mended = swept(store, schedule_id)

    assert first.batch_id is not None
    assert mended.batch_id is not None
    assert [(result.submission.name, result.submission.code) for result in store.results(first.batch_id)] == [
        (HIT, "INFECTED"),
        (CLEAN, ""),
    ]
    assert again.batch_id is None
    assert [result.submission.code for result in store.results(mended.batch_id)] == [""]
    (entry,) = Access(store).log.entries(LogWanted(action=Action.FILE_INFECTED))
    assert (entry.who, entry.object, entry.region) == ("巡查", HIT, "/青禾县/")
    assert json.loads(entry.details) == {
        "sha256": hashlib.sha256(EICAR).hexdigest(),
        "signature": SIGNATURE,
        "sweep": schedule_id,
        "title": "每周看一遍",
    }


def test_a_backup_misses_nothing_that_was_never_kept(store: Store, place: Path, tmp_path: Path) -> None:
    """Neither what was refused nor an archive, whose files were kept in its place."""
    with zipfile.ZipFile(place / "青禾县.zip", "w") as packed:
        packed.write(SAMPLES / OTHER, OTHER)
    swept(store, added(store, place))

    assert write(store, tmp_path / "backup.tar").missing == []


def test_without_the_scanner_a_sweep_is_tried_again_and_the_next_one_finds_everything(
    store: Store, place: Path, fake: FakeClamd
) -> None:
    schedule_id = added(store, place)
    fake.pong, fake.drops_over = b"", b""
    failed = swept(store, schedule_id)
    fake.pong, fake.drops_over = b"PONG", None
    after = swept(store, schedule_id)

    assert (failed.state, failed.code, failed.attempt) == (RunState.FAILED, "SCANNER_UNAVAILABLE", 3)
    assert after.batch_id is not None
    assert len(store.results(after.batch_id)) == 2


def test_the_scheduler_enters_what_it_refuses(store: Store, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "hint", lambda ids: None)
    schedule_id = added(store, place)
    slots.open_now(store, schedule_id)
    stop = threading.Event()
    thread = threading.Thread(target=schedule.run, args=(store, ALLOWED, stop, 0.05))
    thread.start()
    try:
        until(lambda: store.batches(), "handed in", 30)
        until(lambda: Access(store).log.entries(LogWanted(action=Action.FILE_INFECTED)), "entered", 30)
    finally:
        stop.set()
        thread.join()
    close_done(store)

    assert len(Access(store).log.entries(LogWanted(action=Action.FILE_INFECTED))) == 1
