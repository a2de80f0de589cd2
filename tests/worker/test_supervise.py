"""A program that ends is started again; one that keeps ending ever more rarely; all end with us."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import worker.supervise
from tests.servers import until
from worker.supervise import supervise

Start = Callable[[dict[str, list[str]]], threading.Event]


@pytest.fixture
def running() -> Iterator[Start]:
    """Starts supervising in a thread; the event ends it."""

    def start(programs: dict[str, list[str]]) -> threading.Event:
        stop = threading.Event()
        thread = threading.Thread(target=supervise, args=(programs, stop))
        thread.start()
        threads.append((stop, thread))
        return stop

    threads: list[tuple[threading.Event, threading.Thread]] = []
    yield start
    for stop, thread in threads:
        stop.set()
        thread.join(20)


def noting(path: Path, then: str) -> list[str]:
    """A program that notes when it was started and its id, and then does that."""
    code = f"import os, time; open({str(path)!r}, 'a').write(f'{{time.monotonic()}} {{os.getpid()}}\\n'); {then}"
    return [sys.executable, "-c", code]


def starts(path: Path) -> list[float]:
    return [float(line.split()[0]) for line in path.read_text().splitlines()] if path.exists() else []


def test_what_ends_is_started_again_after_a_growing_pause(tmp_path: Path, running: Start) -> None:
    note = tmp_path / "note"
    running({"it": noting(note, "raise SystemExit(1)")})

    until(lambda: len(starts(note)) >= 3, "three starts", 30)

    first, second, third = starts(note)[:3]
    assert second - first >= worker.supervise.FIRST_PAUSE
    assert third - second >= 2 * worker.supervise.FIRST_PAUSE


def test_all_are_ended_when_it_is_told_to_stop(tmp_path: Path, running: Start) -> None:
    note = tmp_path / "note"
    stop = running({"one": noting(note, "time.sleep(600)"), "two": noting(note, "time.sleep(600)")})
    until(lambda: len(starts(note)) == 2, "both started", 30)
    ids = [int(line.split()[1]) for line in note.read_text().splitlines()]

    stop.set()

    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in ids), "both ended", 20)


def test_what_does_not_end_when_asked_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, running: Start) -> None:
    monkeypatch.setattr(worker.supervise, "GRACE_SECONDS", 0.5)
    note = tmp_path / "note"
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); open(note + '.ready', 'w'); time.sleep(600)"
    stop = running({"deaf": noting(note, deaf.replace("note", repr(str(note))))})
    until(lambda: Path(f"{note}.ready").exists(), "started", 30)
    begun = time.monotonic()

    stop.set()

    pid = int(note.read_text().split()[1])
    until(lambda: not Path(f"/proc/{pid}").exists(), "killed", 20)
    assert time.monotonic() - begun < 15
