"""Faults at full size: ``python -m bench.faults [--reports 500] [--only redis] [--database sqlite]``.

Each fault is done several times in the middle of a batch that real Celery workers audit over a real Redis and a real database.
Printed per fault: reports, lost, settled twice, failed, outputs that are not whole, audited again, time, and how soon after the
last fault the next report was settled. The bar: nothing lost, twice, failed or broken, and work flows again within 10 s.

The last one is of sweeps: three schedulers race for 200 moments while one is killed, one frozen for 10 s, and the clock is an hour
wrong in both directions. "reports" are then moments, and "again" looks that were begun once more. The bar: none lost, none twice.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import Postgres
from tests.sweeps.racing import Raced, race
from tests.worker.faults import FAULTS, Fault, Rig, SmallDisk, Verdict, copies, endure
from tests.worker.processes import Service

RECOVERED_SECONDS = 10.0
DATABASES = ("sqlite", "postgresql")
DISK_BYTES_A_REPORT = 400_000  # files, outputs and rows, with room to spare
PATIENCE = 1_800.0
SCHEDULERS = "schedulers race"
MOMENTS = 200
STEP_SECONDS = 0.5
FROZEN_SECONDS = 10.0
LEASE_SECONDS = 3.0
REPORT_LEASE = "4"  # seconds of a report's: what is recovered from is the shorter time the shorter it is


@contextmanager
def rig(folder: Path, database: str, small_disk: int = 0) -> Iterator[Rig]:
    """A running service; with its data on a disk of so many megabytes if asked."""
    postgres = Postgres() if database == "postgresql" else None
    disk = SmallDisk(folder / "data", small_disk) if small_disk else None
    running = None
    try:
        if postgres is not None:
            postgres.start()
        if disk is not None and not disk.is_possible:
            raise PermissionError("a disk of a few megabytes needs root and the right to mount")
        running = Rig(Service(folder, postgres.database("hecha") if postgres else "", REPORT_LEASE), postgres)
        running.service.redis.start()
        running.start()
        yield running
    finally:
        if running is not None:
            running.service.stop()
        if disk is not None:
            disk.remove()
        if postgres is not None:
            postgres.remove()


def measured(fault: Fault, database: str, reports: int) -> Verdict:
    folder = Path(tempfile.mkdtemp(prefix="hecha-faults-"))
    small_disk = max(48, reports * DISK_BYTES_A_REPORT >> 20) if fault.name == "disk full" else 0
    try:
        with rig(folder, database, small_disk) as running:
            given = copies(folder / "reports", reports)
            return endure(running, given, fault.hurt, fault.many_times, fault.many_seconds, PATIENCE)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def raced(database: str) -> Raced:
    folder = Path(tempfile.mkdtemp(prefix="hecha-schedulers-"))
    postgres = Postgres() if database == "postgresql" else None
    try:
        if postgres is not None:
            postgres.start()
        url = postgres.database("hecha") if postgres is not None else f"sqlite:///{folder / 'hecha.db'}"
        return race(folder, url, MOMENTS, STEP_SECONDS, FROZEN_SECONDS, LEASE_SECONDS)
    finally:
        if postgres is not None:
            postgres.remove()
        shutil.rmtree(folder, ignore_errors=True)


def main(argv: list[str] | None = None) -> int:
    """Print the table. Returns 1 if a bar is missed, else 0."""
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description="what faults leave of a batch")
    parser.add_argument("--reports", type=int, default=500, help="per fault")
    parser.add_argument("--only", default="", help="faults whose name holds this word")
    parser.add_argument("--database", choices=DATABASES, help="one of the two; else both")
    arguments = parser.parse_args(argv)
    print(
        f"{'fault':24}{'times':>6}{'database':>12}{'reports':>9}{'lost':>6}{'twice':>7}{'failed':>8}{'broken':>8}{'again':>7}"
        f"{'seconds':>9}{'recovered s':>13}",
        flush=True,
    )
    missed = False
    for fault in FAULTS.values():
        if arguments.only not in fault.name:
            continue
        for database in DATABASES if arguments.database is None else [arguments.database]:
            try:
                found = measured(fault, database, arguments.reports)
            except PermissionError as why:
                print(f"{fault.name:24}{fault.many_times:6}{database:>12}  not measured: {why}", flush=True)
                continue
            missed |= not found.is_clean or found.recovered > RECOVERED_SECONDS
            print(
                f"{fault.name:24}{fault.many_times:6}{database:>12}{found.reports:9}{found.lost:6}{found.twice:7}{found.failed:8}"
                f"{found.broken:8}{found.again:7}{found.seconds:9.0f}{found.recovered:13.1f}",
                flush=True,
            )
    for database in DATABASES if arguments.database is None else [arguments.database]:
        if arguments.only in SCHEDULERS:
            moments = raced(database)
            missed |= not moments.is_clean
            print(
                f"{SCHEDULERS:24}{1:6}{database:>12}{moments.moments:9}{len(moments.missed):6}{len(moments.twice):7}{0:8}{0:8}"
                f"{moments.tries - moments.moments:7}{moments.seconds:9.0f}{'':>13}",
                flush=True,
            )
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
