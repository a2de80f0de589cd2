"""Whatever is killed, restarted, away or full in the middle of a batch: every report is settled exactly once, and whole.

The small version of bench/faults.py: real Redis, real PostgreSQL, real Celery, fewer reports.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import Postgres
from tests.worker.faults import FAULTS, Rig, SmallDisk, Verdict, copies, endure
from tests.worker.processes import SHORT_LEASE, Service

REPORTS = 32
TRIES = 3  # on a busy machine all may be done before the fault is; then it is done amid a larger batch
pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """One service for all the faults that it survives: over PostgreSQL, as in an office."""
    postgres = Postgres()
    folder = tmp_path_factory.mktemp("service")
    try:
        postgres.start()
        running = Rig(Service(folder, postgres.database("hecha"), SHORT_LEASE), postgres)
        running.service.redis.start()
        running.start()
        yield running
        running.service.stop()
    finally:
        postgres.remove()


@pytest.mark.parametrize("name", [name for name in FAULTS if name != "disk full"])
def test_every_report_is_settled_exactly_once_over_postgresql(rig: Rig, tmp_path: Path, name: str) -> None:
    fault = FAULTS[name]
    for number in range(TRIES):
        folder = copies(tmp_path / f"reports{number}", REPORTS << number, mark=f"{name.replace(' ', '-')}{number}")

        found = endure(rig, folder, fault.hurt, fault.times, fault.seconds)

        assert (found.is_clean, found) == (True, found)
        if found.left:
            return
    pytest.fail(f"{TRIES} times the batch was done before the fault")


def test_every_report_is_settled_exactly_once_over_sqlite_on_a_disk_that_was_full(tmp_path: Path) -> None:
    disk = SmallDisk(tmp_path / "data", 48)
    if not disk.is_possible:
        pytest.skip("a disk of a few megabytes needs root and the right to mount")
    running = Rig(Service(tmp_path, lease_seconds=SHORT_LEASE))
    fault = FAULTS["disk full"]
    try:
        running.service.redis.start()
        running.start()
        found = endure(running, copies(tmp_path / "reports", REPORTS), fault.hurt, fault.times, fault.seconds)
    finally:
        running.service.stop()
        disk.remove()

    assert (found.is_clean, found) == (True, found)


def test_what_is_counted_would_be_seen() -> None:
    """A verdict is clean only if nothing is lost, twice, failed or broken."""
    clean = Verdict(60, 0, 0, 0, 0, 5, 1.0, 1.0, 20)

    assert [
        clean.is_clean,
        *(Verdict(60, *one, 0, 1.0, 1.0, 20).is_clean for one in ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1))),
    ] == [
        True,
        False,
        False,
        False,
        False,
    ]
