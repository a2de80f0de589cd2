"""The scheduler: moments that have come become runs, runs are done, digests written. Any number may run, on any machine."""

from __future__ import annotations

import logging
import threading

from audits.errors import AuditError
from audits.store import Store
from sweeps.digest import close_done
from sweeps.looking import Allowed
from sweeps.run import LEASE_SECONDS, run_next
from sweeps.slots import open_due
from worker.tasks import hint

log = logging.getLogger(__name__)

EVERY_SECONDS = 2.0


def run(
    store: Store,
    allowed: Allowed,
    stop: threading.Event,
    every_seconds: float = EVERY_SECONDS,
    lease_seconds: float = LEASE_SECONDS,
) -> None:
    """Go on until told to stop. A database that is away is waited for; a look that is at work is finished first."""
    while not stop.is_set():
        try:
            once(store, allowed, stop, lease_seconds)
        except AuditError as exc:
            log.warning("no sweeps now: %s", exc)
        stop.wait(every_seconds)


def once(store: Store, allowed: Allowed, stop: threading.Event, lease_seconds: float = LEASE_SECONDS) -> None:
    """One pass. Raises StoreError."""
    open_due(store)
    while not stop.is_set() and run_next(store, allowed, hint, lease_seconds):
        pass
    close_done(store)
