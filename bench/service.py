"""Throughput of the service: ``python -m bench.service [--reports 400] [--only pdf] [--database postgresql]``.

Invented reports of each format go through real Celery and Redis in chunks: claimed, read in a jail, audited, written as PDF and
JSON, recorded. Printed: reports per second, from when the hints are out to the last settling; CPU ms per report of
all processes together, which a busy machine does not change; memory of all processes (proportional set size) after a tenth of
the batch, at its end, and at most.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from audits.intake import Submitted
from audits.service import submit_batch
from audits.store import Store
from bench.corpus.invent import invent
from bench.corpus.layouts import print_as
from tests.servers import Postgres
from tests.worker.processes import Service

# format -> layout, and the reports per second to reach on two free cores
FORMATS = {
    "text": ("tabs-own", 65.0),
    "html": ("html-article", 65.0),
    "docx": ("docx-split", 55.0),
    "pdf": ("pdf-split-rows", 30.0),
}
DISTINCT = 40  # reports invented; each is submitted under many names, and audited anew for every one
MEMORY_MIB = 1536
WARM_UP = 32
LOOK_SECONDS = 0.1
MEMORY_SECONDS = 2.0


@dataclass(slots=True)
class Line:
    """What is printed for one format."""

    reports: int
    per_second: float
    cpu_ms: float
    early_mib: int
    last_mib: int
    peak_mib: int


def files_of(form: str, folder: Path, count: int) -> list[Submitted]:
    """So many submissions of the invented reports of a format."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for seed in range(min(DISTINCT, count)):
        printed = print_as(FORMATS[form][0], invent(seed)).printed
        paths.append(folder / f"{seed:02}-{printed.name}")
        paths[-1].write_bytes(printed.data)
    return [Submitted(paths[number % len(paths)], f"{number:05}-{paths[number % len(paths)].name}") for number in range(count)]


def measured(service: Service, store: Store, form: str, folder: Path, count: int) -> Line:
    batch(service, store, files_of(form, folder / f"{form}-warm", WARM_UP), "warm-up")
    files = files_of(form, folder / form, count)
    cpu = cpu_seconds(service)
    per_second, memories = batch(service, store, files, form)
    early = memories[min(len(memories) - 1, len(memories) // 10)]
    return Line(count, per_second, (cpu_seconds(service) - cpu) * 1000 / count, early, memories[-1], max(memories))


def batch(service: Service, store: Store, files: list[Submitted], title: str) -> tuple[float, list[int]]:
    """Submit the files, wait for the end; returns reports per second once work flows, and what memory was in use, again and again."""
    batch_id = submit_batch(store, title, files, owner="bench")
    service.hint(store.waiting(batch_id))
    memories = [memory_mib(service)]
    begun, already = time.monotonic(), store.batch_status(batch_id).settled
    measured_at = begun
    while not (status := store.batch_status(batch_id)).is_done:
        time.sleep(LOOK_SECONDS)
        if time.monotonic() - measured_at > MEMORY_SECONDS:  # costs some CPU itself
            measured_at = time.monotonic()
            memories.append(memory_mib(service))
    seconds = time.monotonic() - begun
    assert status.settled == len(files)
    return (len(files) - already) / seconds, [*memories, memory_mib(service)]


def memory_mib(service: Service) -> int:
    total = 0
    for process in service.processes():
        with suppress(psutil.Error):
            total += process.memory_full_info().pss
    return total >> 20


def cpu_seconds(service: Service) -> float:
    """Of all its processes, and of those that have ended and been waited for."""
    total = 0.0
    for process in service.processes():
        with suppress(psutil.Error):
            total += sum(process.cpu_times()[:4])
    return total


def main(argv: list[str] | None = None) -> int:
    """Print the table. Returns 1 with --strict if a bar is missed, else 0."""
    parser = argparse.ArgumentParser(prog="python -m bench.service", description="reports per second through Celery and Redis")
    parser.add_argument("--reports", type=int, default=400, help="per format")
    parser.add_argument("--only", default="", help="formats whose name holds this word")
    parser.add_argument("--processes", type=int, default=3, help="of the worker; what hecha worker takes on two cores")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--strict", action="store_true", help="exit 1 if a bar is missed")
    arguments = parser.parse_args(argv)
    print(
        f"{'format':8}{'reports':>9}{'reports/s':>11}{'bar':>6}{'CPU ms/report':>15}{'MiB early':>11}{'at end':>8}{'peak':>6}",
        flush=True,
    )
    missed = False
    folder = Path(tempfile.mkdtemp(prefix="hecha-service-"))
    postgres = Postgres() if arguments.database == "postgresql" else None
    try:
        if postgres is not None:
            postgres.start()
        service = Service(folder, postgres.database("hecha") if postgres else "", lease_seconds="")
        try:
            service.redis.start()
            service.start_reconciler()
            service.start_worker(arguments.processes)
            store = service.store()
            for form, (_, bar) in FORMATS.items():
                if arguments.only in form:
                    line = measured(service, store, form, folder / "in", arguments.reports)
                    missed |= line.per_second < bar or line.peak_mib > MEMORY_MIB
                    print(
                        f"{form:8}{line.reports:9}{line.per_second:11.1f}{bar:6.0f}{line.cpu_ms:15.1f}{line.early_mib:11}{line.last_mib:8}"
                        f"{line.peak_mib:6}",
                        flush=True,
                    )
        finally:
            service.stop()
    finally:
        if postgres is not None:
            postgres.remove()
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if missed and arguments.strict else 0


if __name__ == "__main__":
    raise SystemExit(main())
