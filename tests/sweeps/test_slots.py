"""Moments become runs: none is missed by the schedule's policy, none is there twice, whoever looks and however often."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from audits.regions import ALL
from audits.store import Store
from audits.store.sweeping import RunState, Schedule
from sweeps import slots
from tests.sweeps.racing import race

HOUR = 3600.0
DAY = 24 * HOUR
ENDED = -1.0  # seconds of lease
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
    first = store.sweeping.claim(ENDED, 3)
    assert first is not None
    second = store.sweeping.claim(60, 3)
    assert second is not None

    assert (second.slot, second.attempt) == (first.slot, 2)
    assert (store.sweeping.looked(first, None, [], {}), store.sweeping.looked(second, None, [], {})) == (False, True)


def test_a_run_that_takes_its_scheduler_down_three_times_is_failed(store: Store) -> None:
    store.sweeping.add(schedule())
    slots.open_now(store, "s")
    for _ in range(3):
        assert store.sweeping.claim(ENDED, 3) is not None

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


@pytest.mark.integration
def test_schedulers_that_race_freeze_and_die_under_wrong_clocks_do_every_moment_once(
    tmp_path: Path, store: Store, url: str
) -> None:
    """Small; at full size with a frozen time of 10 s in bench/faults.py."""
    raced = race(tmp_path, url, moments=40, step=0.25, frozen=6.0, lease=3.0)

    assert (raced.moments, raced.missed, raced.twice) == (40, (), ())
