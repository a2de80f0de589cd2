"""Several schedulers race for the same moments while one is killed, one is frozen and the database's clock is set wrong.

``race`` starts them and says what became of every moment; run as a program, this file is one of them.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from audits.store import Store
from audits.store.sweeping import Run, Schedule
from audits.store.tables import RUNS, DatabaseClock
from sweeps import slots
from sweeps.looking import Allowed
from tests.servers import until
from worker import schedule

ROOT = Path(__file__).parents[2]
HOUR = 3600.0
SCHEDULES = 4
RACERS = 3
HELD_SECONDS = 0.4  # a look takes so long, that whoever is killed or frozen is in the middle of some
CLOCKS = {  # with what the clock is wrong by at the moment: see ``_set_clock``
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0 + (select seconds from skew))",
    "postgresql": "(extract(epoch from clock_timestamp())::double precision + (select seconds from skew))",
}


@dataclass(frozen=True, slots=True)
class Raced:
    """missed, twice: moments that were not done exactly once; tries: how often a look was begun."""

    moments: int
    missed: tuple[float, ...]
    twice: tuple[float, ...]
    tries: int
    seconds: float

    @property
    def is_clean(self) -> bool:
        return not self.missed and not self.twice


def race(folder: Path, url: str, moments: int, step: float, frozen: float, lease: float) -> Raced:
    """So many moments, ``step`` seconds apart, of several schedules. A third in, the clock goes back by an hour for a while; one scheduler
    is frozen for ``frozen`` seconds and another one killed; before the end the clock goes forward by an hour."""
    store = Store(folder / "data", url)
    looked_at = folder / "looked at"
    looked_at.mkdir()
    began = store.sweeping.now() + 2.0
    _set_clock(store, None)
    for number in range(SCHEDULES):
        store.sweeping.add(_schedule(number, looked_at, began))
    logs = [folder / f"{number}.log" for number in range(RACERS + 1)]

    def racer(number: int) -> subprocess.Popen[bytes]:
        arguments = [store.folder, url, began, step, moments, lease, logs[number]]
        return subprocess.Popen([sys.executable, "-m", "tests.sweeps.racing", *map(str, arguments)], cwd=ROOT)

    def done() -> list[tuple[str, float]]:
        lines = [line.split() for log in logs if log.exists() for line in log.read_text().splitlines()]
        return [(schedule_id, float(slot)) for schedule_id, slot in lines]

    begun = time.monotonic()
    racers = [racer(number) for number in range(RACERS)]
    try:
        until(lambda: len(done()) > moments / 5, "the first runs", seconds=300)
        _set_clock(store, -HOUR)
        time.sleep(2 * lease)
        _set_clock(store, 0.0)
        racers[0].send_signal(signal.SIGSTOP)
        time.sleep(frozen / 2)
        racers[1].kill()
        racers.append(racer(RACERS))
        time.sleep(frozen / 2)
        racers[0].send_signal(signal.SIGCONT)
        until(lambda: len(done()) > moments * 0.7, "most of the runs", seconds=300 + moments * step)
        _set_clock(store, HOUR)
        time.sleep(lease)
        _set_clock(store, 0.0)
        until(lambda: len(set(done())) >= moments, "the last runs", seconds=300 + moments * step)
        time.sleep(2 * lease)  # whoever comes late comes now
    finally:
        for process in racers:
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()
    with store.transactions.read() as db:
        rows = db.execute(sa.select(RUNS.c.schedule_id, RUNS.c.slot, RUNS.c.state, RUNS.c.attempt)).all()
    store.close()
    states = {(row.schedule_id, row.slot): row.state for row in rows}
    due = [(_id(number % SCHEDULES), slot) for number, slot in enumerate(_grid(began, step, moments))]
    times = Counter(done())
    return Raced(
        moments=len(due),
        missed=tuple(one[1] for one in due if states.get(one) != "done" or times[one] == 0),
        twice=tuple(one[1] for one, many in times.items() if many > 1),
        tries=sum(row.attempt for row in rows),
        seconds=time.monotonic() - begun,
    )


def _grid(began: float, step: float, moments: int) -> list[float]:
    return [began + number * step for number in range(1, moments + 1)]


def _id(number: int) -> str:
    return f"race{number}"


def _schedule(number: int, folder: Path, began: float) -> Schedule:
    source = {"kind": "folder", "path": str(folder), "trusted": True}
    return Schedule(_id(number), "赛", str(number), "随时", source, "national", None, "/", "wang", "all", began, began)


def _set_clock(store: Store, seconds: float | None) -> None:
    """None makes the table that says it."""
    with store.transactions.write() as db:
        if seconds is None:
            db.execute(sa.text("create table skew (seconds double precision not null)"))
            db.execute(sa.text("insert into skew values (0)"))
        else:
            db.execute(sa.text("update skew set seconds = :seconds"), {"seconds": seconds})


def _wrong_clock(dialect: str) -> None:
    compiles(DatabaseClock, dialect)(lambda *_, **__: CLOCKS[dialect])


def main(folder: str, url: str, began: str, step: str, moments: str, lease: str, log: str) -> None:
    """One scheduler as it is, but for its moments and its clock; it notes every run that it recorded."""
    grid = _grid(float(began), float(step), int(moments))

    def times(when: str, after: float) -> Iterator[float]:
        return (slot for number, slot in enumerate(grid) if number % SCHEDULES == int(when) and slot > after)

    vars(slots)["times"] = times
    for dialect in CLOCKS:
        _wrong_clock(dialect)
    store = Store(Path(folder), url)
    recorded = store.sweeping.looked
    with open(log, "a") as noted:

        def looked(run: Run, *what: Any) -> bool:
            time.sleep(HELD_SECONDS)
            is_ours = recorded(run, *what)
            if is_ours:
                noted.write(f"{run.schedule_id} {run.slot!r}\n")
                noted.flush()
            return is_ours

        vars(store.sweeping)["looked"] = looked
        schedule.run(store, Allowed(), threading.Event(), 0.05, float(lease))


if __name__ == "__main__":
    main(*sys.argv[1:])
