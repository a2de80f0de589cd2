"""A program that ends is started again; one that keeps ending ever more rarely; all end with us."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

import worker.supervise
from tests.servers import PATIENCE, until
from worker.supervise import Program, supervise

Start = Callable[[Mapping[str, Sequence[str] | Program]], threading.Event]


@pytest.fixture
def running() -> Iterator[Start]:
    """Starts supervising in a thread; the event ends it."""

    def start(programs: Mapping[str, Sequence[str] | Program]) -> threading.Event:
        stop = threading.Event()
        thread = threading.Thread(target=supervise, args=(programs, stop))
        thread.start()
        threads.append((stop, thread))
        return stop

    threads: list[tuple[threading.Event, threading.Thread]] = []
    yield start
    for stop, thread in threads:
        stop.set()
        thread.join(PATIENCE)


def noting(path: Path, then: str) -> list[str]:
    """A program that notes when it was started and its id, and then does that."""
    code = f"import os, time; open({str(path)!r}, 'a').write(f'{{time.monotonic()}} {{os.getpid()}}\\n'); {then}"
    return [sys.executable, "-c", code]


def starts(path: Path) -> list[float]:
    return [float(line.split()[0]) for line in path.read_text().splitlines()] if path.exists() else []


def test_what_ends_is_started_again_after_a_growing_pause(tmp_path: Path, running: Start) -> None:
    note = tmp_path / "note"
    running({"it": noting(note, "raise SystemExit(1)")})

    until(lambda: len(starts(note)) >= 3, "three starts")

    first, second, third = starts(note)[:3]
    assert second - first >= worker.supervise.FIRST_PAUSE
    assert third - second >= 2 * worker.supervise.FIRST_PAUSE


def test_all_are_ended_when_it_is_told_to_stop(tmp_path: Path, running: Start) -> None:
    note = tmp_path / "note"
    stop = running({"one": noting(note, "time.sleep(600)"), "two": noting(note, "time.sleep(600)")})
    until(lambda: len(starts(note)) == 2, "both started")
    ids = [int(line.split()[1]) for line in note.read_text().splitlines()]

    stop.set()

    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in ids), "both ended")


def test_what_does_not_end_when_asked_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, running: Start) -> None:
    monkeypatch.setattr(worker.supervise, "GRACE_SECONDS", 0.5)
    note = tmp_path / "note"
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); open(note + '.ready', 'w'); time.sleep(600)"
    stop = running({"deaf": noting(note, deaf.replace("note", repr(str(note))))})
    until(lambda: Path(f"{note}.ready").exists(), "started")

    stop.set()

    pid = int(note.read_text().split()[1])
    until(lambda: not Path(f"/proc/{pid}").exists(), "killed")


def test_every_line_of_every_program_arrives_with_its_name_and_an_end_is_told() -> None:
    lines: list[tuple[str, str]] = []
    ends: list[tuple[str, int, float]] = []
    stop = threading.Event()
    both = "import sys; print('out', flush=True); print('错', file=sys.stderr); raise SystemExit(3)"
    programs = {"it": Program([sys.executable, "-c", both], {"PYTHONIOENCODING": "utf-8"})}
    thread = threading.Thread(
        target=supervise, args=(programs, stop, lambda *line: lines.append(line), lambda *end: ends.append(end))
    )
    thread.start()
    until(lambda: bool(ends) and len(lines) >= 2, "lines and end")
    stop.set()
    thread.join(PATIENCE)

    assert (lines[:2], ends[0]) == ([("it", "out"), ("it", "错")], ("it", 3, worker.supervise.FIRST_PAUSE))


def test_what_the_others_need_to_the_end_is_ended_last(tmp_path: Path, running: Start) -> None:
    note = tmp_path / "note"
    slow = (
        "import signal, sys, time\n"
        f"def end(*_): time.sleep(1); open({str(note)!r}, 'a').write('{{}} '); sys.exit()\n"
        f"signal.signal(signal.SIGTERM, end); open({str(note)!r} + '.{{}}', 'w'); time.sleep(600)"
    )
    stop = running(
        {
            "needed": Program(
                [sys.executable, "-c", slow.format("needed", "needed").replace("sleep(1)", "sleep(0)")], last=True
            ),
            "needs": Program([sys.executable, "-c", slow.format("needs", "needs")]),
        }
    )
    until(lambda: len(list(tmp_path.iterdir())) == 2, "both started")

    stop.set()

    until(lambda: note.exists() and len(note.read_text().split()) == 2, "both ended")
    assert note.read_text().split() == ["needs", "needed"]
