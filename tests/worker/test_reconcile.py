"""The reconciler wakes a queue that stands still, ever more rarely, and no other."""

from __future__ import annotations

import threading
from itertools import pairwise
from pathlib import Path

import pytest

import worker.reconcile
from audits.errors import StoreError
from audits.store import Queue, Store, Waiting
from worker.reconcile import STILL_SECONDS, Alarm


def waiting(oldest: float | None, idle: float | None) -> Waiting:
    return Waiting(Queue.AUDIT, 0 if oldest is None else 5, oldest, idle)


@pytest.mark.parametrize(
    ("oldest", "idle", "rings"),
    [
        (None, None, False),
        (None, 900.0, False),
        (1.0, 900.0, False),
        (900.0, 1.0, False),
        (900.0, None, True),
        (900.0, 900.0, True),
    ],
    ids=["nothing ever", "nothing waits", "it just came", "work goes on", "never begun", "hints lost"],
)
def test_only_a_queue_in_which_something_waits_and_nothing_moves_is_woken(
    oldest: float | None, idle: float | None, rings: bool
) -> None:
    assert Alarm().rings(waiting(oldest, idle), now=1000.0) is rings


def test_without_workers_it_is_woken_ever_more_rarely_and_at_once_again_after_it_moved() -> None:
    alarm = Alarm()
    rung = [now for now in range(0, 300, 2) if alarm.rings(waiting(900.0, 900.0), float(now))]
    gaps = [later - earlier for earlier, later in pairwise(rung)]
    alarm.rings(waiting(900.0, 0.1), 300.0)

    assert (gaps[0], gaps == sorted(gaps), max(gaps)) == (STILL_SECONDS, True, 60)
    assert alarm.rings(waiting(900.0, 900.0), 301.0)


def test_a_database_that_is_away_is_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stop = threading.Event()
    passes = []

    def away(*_: object) -> None:
        passes.append(1)
        if len(passes) == 3:
            stop.set()
        raise StoreError("away")

    monkeypatch.setattr(worker.reconcile, "once", away)
    monkeypatch.setattr(worker.reconcile, "EVERY_SECONDS", 0.01)
    worker.reconcile.run(Store(tmp_path / "data"), stop)

    assert len(passes) == 3
