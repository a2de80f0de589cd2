"""The scheduler: moments that have come become runs, runs are done, digests written. Any number may run, on any machine.

Looks go on beside each other, so that one at a long list of addresses keeps nobody else waiting; so does the summing up.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from audits.errors import AuditError
from audits.store import Store
from sweeps.digest import close_done
from sweeps.looking import Allowed
from sweeps.run import LEASE_SECONDS, claim, do
from sweeps.slots import open_due
from worker.refusals import entering
from worker.tasks import hint

log = logging.getLogger(__name__)

EVERY_SECONDS = 2.0
LOOKS_AT_ONCE = 16  # of this process; most of the time each waits for a site


def run(
    store: Store,
    allowed: Allowed,
    stop: threading.Event,
    every_seconds: float = EVERY_SECONDS,
    lease_seconds: float = LEASE_SECONDS,
) -> None:
    """Go on until told to stop. A database that is away is waited for; looks that are at work are broken off, and due again."""
    with (
        ThreadPoolExecutor(LOOKS_AT_ONCE, thread_name_prefix="look") as looks,
        ThreadPoolExecutor(1, thread_name_prefix="digest") as digests,
    ):
        at_work, entered = _AtWork(), entering(store)
        while not stop.is_set():
            try:
                open_due(store)
                while len(at_work) < LOOKS_AT_ONCE and (run := claim(store, lease_seconds)) is not None:
                    at_work.add(looks.submit(do, store, run, allowed, hint, lease_seconds, stop, entered))
            except AuditError as exc:
                log.warning("no sweeps now: %s", exc)
            if at_work.summing is None:
                at_work.summing = digests.submit(close_done, store)
            stop.wait(every_seconds)
            at_work.clear_up()


@dataclass(slots=True)
class _AtWork:
    looks: list[Future[None]] = field(default_factory=list)
    summing: Future[int] | None = None

    def __len__(self) -> int:
        return len(self.looks)

    def add(self, look: Future[None]) -> None:
        self.looks.append(look)

    def clear_up(self) -> None:
        """Forget what is done; say what could not be recorded."""
        for look in self.looks:
            _tell(look)
        self.looks = [look for look in self.looks if not look.done()]
        if self.summing is not None and self.summing.done():
            _tell(self.summing)
            self.summing = None


def _tell(future: Future[Any]) -> None:
    if future.done() and (fault := future.exception()) is not None:
        traceback = None if isinstance(fault, AuditError) else fault
        log.warning("not recorded, and done again later: %s", fault, exc_info=traceback)
