"""All processes that look ask a host at one pace: its next turn is taken from the database."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from audits.errors import StoreError
from audits.store import Store
from audits.store.tables import HOSTS
from sweeps.looking import Course
from sweeps.run import _turns
from tests.servers import until

ASKING = """
import sys, time
from pathlib import Path
from audits.store import Store
from sweeps.looking import Course
from sweeps.run import _turns
course = Course(_turns(Store(Path(sys.argv[1]), sys.argv[2])))
log = open(sys.argv[3], "a")
log.write(f"{time.monotonic()!r}\\n")
for _ in range(int(sys.argv[4])):
    course.wait_for_turn("a.example.cn", 0.2)
    log.write(f"{time.monotonic()!r}\\n"); log.flush()
"""


def test_turns_of_a_host_come_one_after_the_other_and_other_hosts_do_not_wait(store: Store) -> None:
    pause = 200.0
    turns = [store.sweeping.turn("a.example.cn", pause) for _ in range(3)]

    assert [round(seconds / pause) for seconds in turns] == [0, 1, 2]
    assert store.sweeping.turn("b.example.cn", pause) < 1


def test_a_turn_that_a_clock_set_back_put_far_ahead_is_not_waited_for(store: Store) -> None:
    store.sweeping.turn("a.example.cn", 1.0)
    with store.transactions.write() as db:
        db.execute(sa.update(HOSTS).values(next_at=HOSTS.c.next_at + 3600))

    assert store.sweeping.turn("a.example.cn", 1.0) < 1


@pytest.mark.integration
def test_processes_that_ask_the_same_host_keep_its_pause_between_them(tmp_path: Path, store: Store, url: str) -> None:
    logs = [tmp_path / f"{number}.log" for number in range(3)]
    command = [sys.executable, "-c", ASKING, str(store.folder), url]
    racers = [subprocess.Popen([*command, str(log), "6"], cwd=Path(__file__).parents[2]) for log in logs]
    try:
        until(lambda: all(racer.poll() is not None for racer in racers), "all to have asked")
    finally:
        for racer in racers:
            racer.kill()
            racer.wait()
    noted = [[float(line) for line in log.read_text().split()] for log in logs]
    begun, last = min(times[0] for times in noted), max(times[-1] for times in noted)

    assert ([len(times) for times in noted], last - begun > 17 * 0.2 - 0.05) == ([1 + 6] * 3, True)


def test_a_database_that_is_away_does_not_end_the_pace(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> float:
        raise StoreError("away")

    monkeypatch.setattr(store.sweeping, "turn", away)
    begun = time.monotonic()
    Course(_turns(store)).wait_for_turn("a.example.cn", 0.2)

    assert time.monotonic() - begun >= 0.2


def test_a_turn_is_waited_for_from_when_it_is_told_however_long_it_took_to_ask() -> None:
    told = 0.0

    def turn(host: str, pause: float) -> float:
        nonlocal told
        time.sleep(0.3)  # a database that is slow
        told = time.monotonic()
        return 0.2

    Course(turn).wait_for_turn("a.example.cn", 0.2)

    assert time.monotonic() - told >= 0.2
