"""Moments become runs: none is missed by the schedule's policy, none is there twice, whoever looks and however often."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from audits.regions import ALL
from audits.store import Store
from audits.store.sweeping import RunState, Schedule
from audits.store.tables import RUNS
from sweeps import slots
from tests.servers import until

HOUR = 3600.0
DAY = 24 * HOUR
NOON = 1_795_233_600.0  # 2026-11-21 12:00 in Shanghai


def schedule(**changes: object) -> Schedule:
    plain = Schedule(
        id="s",
        title="每小时",
        when="0 * * * *",
        words="每小时",
        source={"kind": "folder", "path": "/nowhere"},
        pack="national",
        year=None,
        region="/",
        owner="wang",
        missed="latest",
        created_at=NOON,
        starts_at=NOON,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def at(monkeypatch: pytest.MonkeyPatch, store: Store, moment: float) -> None:
    monkeypatch.setattr(store.sweeping, "now", lambda: moment)


def runs(store: Store) -> list[tuple[float, str]]:
    """Hours since noon, and how each stands."""
    return sorted(((run.slot - NOON) / HOUR, run.state.value) for run in store.sweeping.runs("s", 1000))


@pytest.mark.parametrize(
    ("missed", "found"),
    [
        ("latest", [(1, "skipped"), (2, "skipped"), (3, "due")]),
        ("all", [(1, "due"), (2, "due"), (3, "due")]),
        ("1", [(1, "skipped"), (2, "skipped"), (3, "due")]),
    ],
)
def test_what_was_missed_is_made_up_for_as_the_schedule_says(
    store: Store, monkeypatch: pytest.MonkeyPatch, missed: str, found: list[tuple[float, str]]
) -> None:
    store.sweeping.add(schedule(missed=missed))
    at(monkeypatch, store, NOON + 3.5 * HOUR)

    assert (slots.open_due(store), slots.open_due(store), runs(store)) == (3, 0, found)


def test_a_moment_longer_ago_than_is_made_up_for_is_left(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.sweeping.add(schedule(when="0 2 * * *", missed="3"))
    at(monkeypatch, store, NOON + DAY)
    slots.open_due(store)

    assert [state for _, state in runs(store)] == ["skipped"]


def test_a_clock_set_back_makes_nothing_due_twice(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.sweeping.add(schedule())
    for hours in (1.2, 0.2, 1.2, 2.2, 1.2, 2.2):
        at(monkeypatch, store, NOON + hours * HOUR)
        slots.open_due(store)

    assert runs(store) == [(1, "due"), (2, "due")]


def test_what_passed_while_a_schedule_was_paused_was_not_missed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.sweeping.add(schedule(paused_at=NOON))
    at(monkeypatch, store, NOON + 5.5 * HOUR)
    opened = slots.open_due(store)
    store.sweeping.change(replace(store.sweeping.schedule("s"), paused_at=None, starts_at=NOON + 5.5 * HOUR))

    assert (opened, slots.open_due(store), runs(store)) == (0, 0, [])


def test_a_run_belongs_to_one_of_many_who_ask(store: Store) -> None:
    store.sweeping.add(schedule())
    slots.open_now(store, "s")

    claimed = [store.sweeping.claim(60, 3) for _ in range(3)]
    assert [run is not None for run in claimed] == [True, False, False]


def test_a_run_that_was_lost_is_done_by_another_and_its_first_holder_can_write_nothing(store: Store) -> None:
    store.sweeping.add(schedule())
    slots.open_now(store, "s")
    first = store.sweeping.claim(0.01, 3)
    assert first is not None
    time.sleep(0.05)
    second = store.sweeping.claim(60, 3)
    assert second is not None

    assert (second.slot, second.attempt) == (first.slot, 2)
    assert (store.sweeping.looked(first, None, [], {}), store.sweeping.looked(second, None, [], {})) == (False, True)


def test_a_run_that_takes_its_scheduler_down_three_times_is_failed(store: Store) -> None:
    store.sweeping.add(schedule())
    slots.open_now(store, "s")
    for _ in range(3):
        assert store.sweeping.claim(0.01, 3) is not None
        time.sleep(0.03)

    assert store.sweeping.claim(60, 3) is None
    assert [run.state for run in store.sweeping.runs("s")] == [RunState.FAILED]


def test_two_runs_of_one_schedule_are_not_at_work_at_once(store: Store) -> None:
    store.sweeping.add(schedule(missed="all"))
    store.sweeping.open_slots("s", {NOON + 1: RunState.DUE, NOON + 2: RunState.DUE})
    first, second = store.sweeping.claim(60, 3), store.sweeping.claim(60, 3)
    assert first is not None
    store.sweeping.looked(first, None, [], {})
    third = store.sweeping.claim(60, 3)

    assert (second, third and third.slot) == (None, NOON + 2)


def test_a_deleted_schedule_is_due_no_more(store: Store) -> None:
    store.sweeping.add(schedule())
    slots.open_now(store, "s")
    store.sweeping.delete("s")

    assert (store.sweeping.claim(60, 3), store.sweeping.schedules(ALL)) == (None, [])
    assert [run.state for run in store.sweeping.runs("s")] == [RunState.SKIPPED]


RACER = """
import sys, threading, time
from pathlib import Path
from audits.store import Store
from sweeps import slots, when
step = float(sys.argv[3])
slots.times = lambda cron, after: (n * step for n in range(int(after // step) + 1, 1 << 60))
store = Store(Path(sys.argv[1]), sys.argv[2])
log = open(sys.argv[4], "a")
while True:
    slots.open_due(store)
    run = store.sweeping.claim(2.0, 50)
    if run is not None:
        time.sleep(0.01)
        if store.sweeping.looked(run, None, [], {"complete": True}):
            log.write(f"{run.slot!r}\\n"); log.flush()
    else:
        time.sleep(0.02)
"""


@pytest.mark.integration
def test_schedulers_that_race_freeze_and_die_do_every_moment_once(tmp_path: Path, store: Store, url: str) -> None:
    """Three real processes, a moment each quarter of a second; one is killed and replaced, one frozen for longer than its lease."""
    step = 0.25
    store.sweeping.add(schedule(missed="all", starts_at=store.sweeping.now()))
    began = store.sweeping.now()
    logs = [tmp_path / f"{number}.log" for number in range(4)]

    def racer(number: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", RACER, str(store.folder), url, str(step), str(logs[number])]
        return subprocess.Popen(command, cwd=Path(__file__).parents[2])

    racers = [racer(number) for number in range(3)]
    try:
        until(lambda: all(log.exists() and log.stat().st_size for log in logs[:1]), "the first runs")
        racers[1].send_signal(signal.SIGSTOP)
        time.sleep(1)
        racers[0].kill()
        racers.append(racer(3))
        time.sleep(3)
        racers[1].send_signal(signal.SIGCONT)
        time.sleep(2)
        ended = store.sweeping.now()
        until(lambda: _last(logs) > ended + 1, "the moments that had come")
    finally:
        for process in racers:
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()
    done = Counter(float(line) for log in logs if log.exists() for line in log.read_text().split())
    due = [n * step for n in range(int(began // step) + 2, int(ended // step))]
    with store.transactions.read() as db:
        states = dict(db.execute(sa.select(RUNS.c.slot, RUNS.c.state)).tuples().all())

    assert [slot for slot in due if states.get(slot) != "done"] == []
    assert [slot for slot, times in done.items() if times > 1] == []
    assert len(due) > 20


def _last(logs: list[Path]) -> float:
    return max((float(line) for log in logs if log.exists() for line in log.read_text().split()), default=0.0)
