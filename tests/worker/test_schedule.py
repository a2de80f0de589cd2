"""The scheduler begins what is due while other looks go on, and leaves nothing half done when it is told to stop."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from audits.store import Store
from audits.store.sweeping import RunState
from sweeps import slots
from sweeps.looking import Allowed, Course, Look, Seen
from sweeps.schedules import checked
from sweeps.sources import SOURCES
from tests.servers import PATIENCE, until
from worker import schedule

ALLOWED = Allowed(any_folder=True)


class Endless:
    """A source whose looks last until they are told to end."""

    def __init__(self) -> None:
        self.looking = threading.Event()

    def check(self, spec: Mapping[str, Any], allowed: Allowed) -> dict[str, Any]:
        return dict(spec)

    def words(self, spec: Mapping[str, Any]) -> str:
        return "没有尽头"

    def look(self, spec: Mapping[str, Any], seen: Mapping[str, Seen], into: Path, allowed: Allowed, course: Course) -> Look:
        self.looking.set()
        while True:
            course.wait_for_turn("a.example.cn", 0.02)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "data", f"sqlite:///{tmp_path / 'hecha.db'}")
    yield opened
    opened.close()


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> Endless:
    source = Endless()
    monkeypatch.setitem(SOURCES, "endless", source)
    return source


@contextmanager
def scheduler(store: Store, lease_seconds: float = 60.0) -> Iterator[threading.Thread]:
    stop = threading.Event()
    thread = threading.Thread(target=schedule.run, args=(store, ALLOWED, stop, 0.05, lease_seconds))
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def add(store: Store, source: Mapping[str, Any]) -> tuple[str, float]:
    made = checked(store, "甲", "每周一 02:00", source, ALLOWED, owner="wang")
    store.sweeping.add(made)
    return made.id, slots.open_now(store, made.id)


def test_a_schedule_that_is_due_while_others_look_at_long_lists_is_not_kept_waiting(
    store: Store, endless: Endless, tmp_path: Path
) -> None:
    long = [add(store, {"kind": "endless"}) for _ in range(5)]
    (tmp_path / "报送").mkdir()
    with scheduler(store):
        until(lambda: all(store.sweeping.run(*one).state is RunState.RUNNING for one in long), "the long looks")
        short = add(store, {"kind": "folder", "path": str(tmp_path / "报送")})
        until(lambda: store.sweeping.run(*short).state is RunState.DONE, "the short look")
        states = {store.sweeping.run(*one).state for one in long}

    assert states == {RunState.RUNNING}  # they would never have ended by themselves


def test_a_look_that_is_at_work_when_the_scheduler_stops_is_due_again_as_if_it_had_not_begun(
    store: Store, endless: Endless
) -> None:
    one = add(store, {"kind": "endless"})
    with scheduler(store):
        assert endless.looking.wait(PATIENCE)
    run = store.sweeping.run(*one)

    assert (run.state, run.attempt, run.not_before, list(store.folder.glob(".sweep-*"))) == (RunState.DUE, 0, None, [])


def test_a_look_whose_lease_has_ended_is_broken_off_and_writes_nothing(store: Store, endless: Endless) -> None:
    one = add(store, {"kind": "endless"})
    with scheduler(store, lease_seconds=1.0):
        assert endless.looking.wait(PATIENCE)
        store.sweeping.delete(one[0])  # takes the run away
        until(lambda: not list(store.folder.glob(".sweep-*")), "the end of the look")
        state = store.sweeping.run(*one).state

    assert state is RunState.SKIPPED


def test_a_run_that_cannot_be_summed_up_keeps_no_other_waiting(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sweeps.digest.summed_up", lambda *_: {}["nothing"])
    monkeypatch.setattr(Store, "batch_status", lambda *_: type("Done", (), {"is_done": True}))
    batch = store.add_batch("空", [])
    found = [add(store, {"kind": "folder", "path": "/"}) for _ in range(2)]
    for _ in found:
        run = store.sweeping.claim(60, 3)
        assert run is not None
        store.sweeping.looked(run, batch, [], {})
    with scheduler(store):
        until(lambda: all(store.sweeping.run(*one).state is RunState.DONE for one in found), "both")

    assert ["程序内部出错" in (store.sweeping.run(*one).digest or {})["fault"] for one in found] == [True, True]
