"""How long things are kept: for ever unless an office says otherwise; what goes is said first."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from audits.intake import Submitted
from audits.retention import ORIGINALS, REPORTS, Periods, clean, clear_leftovers, months_before, periods
from audits.service import audit_next, submit_batch
from audits.single import leave_jail
from audits.store import Queue, Store
from audits.store.tables import SETTINGS

SAMPLE = Path(__file__).parents[2] / "samples" / "reports" / "青禾县民政局2023年报.txt"
MONTH = 31 * 24 * 3600.0


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data")


@pytest.fixture
def batch(store: Store) -> str:
    found = submit_batch(store, "一批", [Submitted(SAMPLE, SAMPLE.name)])
    assert audit_next(store, Queue.AUDIT, 60.0)
    leave_jail()
    for path in (store.folder / "files").rglob("*"):
        if path.is_file():
            os.utime(path, (0, 0))
    return found


def files(store: Store) -> int:
    return sum(1 for _ in (store.folder / "files").glob("??/*"))


def test_nothing_goes_by_itself(store: Store, batch: str) -> None:
    assert periods(store) == Periods(None, None)

    whole = clean(store, periods(store), now=time.time() + 1200 * MONTH).whole()

    assert (whole.submissions, whole.files, files(store)) == (0, 0, 4)


def test_the_periods_are_those_that_are_set(store: Store) -> None:
    with store.transactions.write() as db:
        db.execute(SETTINGS.insert(), [{"name": ORIGINALS, "value": 12}, {"name": REPORTS, "value": 0}])

    assert periods(store) == Periods(12, None)


def test_originals_go_after_their_period_and_reports_after_theirs(store: Store, batch: str) -> None:
    kept = Periods(originals=2, reports=5)
    assert clean(store, kept, now=time.time() + MONTH).whole().files == 0

    first = clean(store, kept, now=time.time() + 3 * MONTH)
    assert (first.originals.submissions, first.originals.files, files(store)) == (1, 1, 3)
    assert store.results(batch)[0].summary is not None

    second = clean(store, kept, now=time.time() + 6 * MONTH)
    assert (second.reports.batches, second.reports.files, files(store), store.batches()) == (1, 3, 0, [])


def test_what_would_go_is_told_and_stays(store: Store, batch: str) -> None:
    told = clean(store, Periods(reports=2), only_count=True, now=time.time() + 3 * MONTH)

    assert (told.reports.batches, told.reports.files, files(store)) == (1, 4, 4)
    assert clean(store, Periods(reports=2), now=time.time() + 3 * MONTH).reports == told.reports


def test_what_crashes_left_goes_once_it_is_old_enough(store: Store, batch: str) -> None:
    store.put_bytes(b"lost")
    unfinished = store.folder / "files" / ".0123"
    unfinished.write_bytes(b"half")
    unpacked = store.folder / ".unpacked-1"
    (unpacked / "a").mkdir(parents=True)
    printed = store.folder / "printed" / "ab" / ("ab" * 32)
    printed.mkdir(parents=True)
    (printed / "x.pdf").write_bytes(b"%PDF")
    young = clean(store, Periods())
    assert (young.orphans.files, young.leftovers.files, unfinished.exists()) == (0, 1, True)

    for path in (unfinished, unpacked, *(store.folder / "files").glob("??/*")):
        os.utime(path, (0, 0))
    old = clean(store, Periods())

    assert (old.orphans.files, old.leftovers.files, files(store)) == (1, 2, 4)
    assert not any(path.exists() for path in (unfinished, unpacked, printed))


@pytest.mark.parametrize(
    ("months", "then"), [(1, (2027, 2, 28)), (3, (2026, 12, 31)), (12, (2026, 3, 31)), (37, (2024, 2, 29))]
)
def test_months_are_counted_by_the_calendar(months: int, then: tuple[int, int, int]) -> None:
    moment = datetime(2027, 3, 31, 12, tzinfo=UTC).timestamp()

    assert months_before(moment, months) == datetime(*then, 12, tzinfo=UTC).timestamp()


def test_what_a_scheduler_that_was_killed_had_taken_down_goes_after_a_week(store: Store) -> None:
    lost, at_work = store.folder / ".sweep-1", store.folder / ".sweep-2"
    for path in (lost, at_work):
        (path / "found").mkdir(parents=True)
        (path / "found" / "1").write_bytes(b"x")
    then = time.time() - 8 * 24 * 3600
    os.utime(lost, (then, then))

    clear_leftovers(store)

    assert (lost.exists(), at_work.exists()) == (False, True)
