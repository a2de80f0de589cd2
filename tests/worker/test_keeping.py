"""What is past its period goes by itself, and is entered in the log; where no period is set, nothing goes."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from access import Access, Action
from audits.intake import Submitted
from audits.outcome import Outcome, Settled
from audits.retention import ORIGINALS, REPORTS
from audits.store import Queue, Store
from audits.store.tables import SETTINGS
from worker.keeping import keep

MONTH = 31 * 24 * 3600.0


@pytest.fixture
def store(tmp_path: Path) -> Store:
    found = Store(tmp_path / "data")
    (tmp_path / "a.txt").write_text("a")
    batch = found.add_batch("一批", [Submitted(tmp_path / "a.txt", "a.txt")])
    claim = found.claim(Queue.AUDIT, 60.0)
    assert claim is not None
    assert found.finish(claim, Outcome(Settled.AUDITED, outputs={"json": b"{}"}), "k", "national 1", "hecha 1")
    found.complete(batch, lambda _: {})
    return found


def entries(store: Store) -> list[tuple[str, str]]:
    """Who, and what of the batch."""
    found = Access(store).log.entries()
    return [(entry.who, json.loads(entry.details)["what"]) for entry in found if entry.action == Action.DATA_CLEAN]


def set_periods(store: Store, originals: int, reports: int) -> None:
    with store.transactions.write() as db:
        db.execute(SETTINGS.insert(), [{"name": ORIGINALS, "value": originals}, {"name": REPORTS, "value": reports}])


def test_where_no_period_is_set_nothing_goes(store: Store) -> None:
    keep(store, time.time() + 1200 * MONTH)

    assert (len(store.batches()), entries(store)) == (1, [])


def test_originals_go_first_and_reports_later_each_once_and_entered(store: Store) -> None:
    set_periods(store, 1, 3)
    keep(store, time.time() + 0.5 * MONTH)
    assert entries(store) == []

    for _ in range(2):
        keep(store, time.time() + 2 * MONTH)
    (status,) = store.batches()
    assert store.results(status.id)[0].submission.sha256 == ""
    assert entries(store) == [("定时清理", "originals")]

    for _ in range(2):
        keep(store, time.time() + 4 * MONTH)
    assert store.batches() == []
    assert sorted(entries(store)) == [("定时清理", "originals"), ("定时清理", "reports")]
