"""The moments at which sweeps are due become rows, once each, however many schedulers look, freeze or come back late.

What counts as now is the database's clock, so that schedulers on several machines agree. A clock that is set back makes nothing
due twice, for the rows are there; one that is set forward makes due what would have been due then.
"""

from __future__ import annotations

from itertools import takewhile

from audits.regions import ALL
from audits.store import Store
from audits.store.sweeping import RunState, Schedule
from sweeps.when import times

LATE_SECONDS = 60.0  # so much after its moment a run is late, no more: what comes after is a missed one that is made up for
MOST_AT_ONCE = 500  # rows for moments that were missed; what is older is not written down
WHY = "错过：到时没有巡查进程在运行"


def open_due(store: Store) -> int:
    """Write the rows of the moments that have come; returns how many are new. Any number may call this at any time."""
    now, last, opened = store.sweeping.now(), store.sweeping.last_slots(), 0
    for schedule in store.sweeping.schedules(ALL):
        if schedule.paused_at is None:
            slots = _due(schedule, max(schedule.starts_at, last.get(schedule.id, 0.0)), now)
            if slots:
                opened += store.sweeping.open_slots(schedule.id, slots, WHY)
    return opened


def _due(schedule: Schedule, after: float, now: float) -> dict[float, RunState]:
    """The moments since then, each with what is to become of it."""
    passed = list(takewhile(lambda due: due <= now, times(schedule.when, after)))[-MOST_AT_ONCE:]
    if schedule.missed == "all":
        return dict.fromkeys(passed, RunState.DUE)
    slots = dict.fromkeys(passed, RunState.SKIPPED)
    if passed and (schedule.missed == "latest" or now - passed[-1] <= float(schedule.missed) * 3600 + LATE_SECONDS):
        slots[passed[-1]] = RunState.DUE
    return slots


def open_now(store: Store, schedule_id: str) -> float:
    """Make it due now, beside its moments; returns the moment of the run. What is at work is done first.

    If a run waits, for its turn or to be tried again, that one is it: two looks at once would tell no more than one.
    """
    store.sweeping.schedule(schedule_id)
    waiting = store.sweeping.hasten(schedule_id)
    if waiting is not None:
        return waiting
    now = store.sweeping.now()
    store.sweeping.open_slots(schedule_id, {now: RunState.DUE})
    return now
