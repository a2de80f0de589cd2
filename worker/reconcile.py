"""The reconciler: what lost workers and lost hints left is put right, again and again. Any number may run.

It looks every few seconds: leases that ended, hints that are due, batches whose last step nobody took. Hints of a submission come
at doubling intervals, which is slow after Redis has lost thousands; so it also looks whether a queue stands still, and wakes it.
From here the log of actions is forwarded, too (forwarding.py), and what is past its period goes (keeping.py).
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass

from audits.errors import AuditError
from audits.service import reconcile
from audits.store import FIRST_HINT_SECONDS, Queue, Store, Waiting
from worker import forwarding, keeping
from worker.tasks import hint_all

log = logging.getLogger(__name__)

EVERY_SECONDS = 2.0
STILL_SECONDS = 4.0  # something waits and nothing was taken up for so long: the hints are gone, or the workers are
LONGEST_PAUSE = 60.0  # between two attempts to wake a queue


@dataclass(slots=True)
class Alarm:
    """Says when to wake a queue: at once when it stands still, then at doubling intervals until something is taken up."""

    pause: float = STILL_SECONDS
    not_before: float = 0.0

    def rings(self, waiting: Waiting, now: float) -> bool:
        idle = float("inf") if waiting.idle is None else waiting.idle
        if waiting.oldest is None or min(idle, waiting.oldest) < STILL_SECONDS:
            self.pause, self.not_before = STILL_SECONDS, 0.0
            return False
        if now < self.not_before:
            return False
        self.not_before = now + self.pause
        self.pause = min(2 * self.pause, LONGEST_PAUSE)
        return True


def run(store: Store, stop: threading.Event) -> None:
    """Reconcile until told to stop. A database that is away is waited for."""
    alarms = {queue: Alarm() for queue in Queue}
    forwarding.start(store, stop)
    keeping.start(store, stop)
    while not stop.is_set():
        try:
            once(store, alarms)
        except AuditError as exc:
            log.warning("not reconciled: %s", exc)
        stop.wait(EVERY_SECONDS)


def once(store: Store, alarms: dict[Queue, Alarm]) -> None:
    """One pass. Raises StoreError."""
    now = time.monotonic()
    still = [waiting.queue for waiting in store.queues() if alarms[waiting.queue].rings(waiting, now)]
    due = reconcile(store, FIRST_HINT_SECONDS, still)
    if due:
        log.info("hinting again at %s", ", ".join(f"{len(ids)} of {queue}" for queue, ids in due.items()))
        hint_all(due)
