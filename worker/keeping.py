"""What is past its period of keeping goes by itself, every few hours, if an office has set a period; so does what can be printed again.

Files that a crash left without a row are looked for by ``hecha clean`` alone, which looks through all of them.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace

from access import LOCAL, Access, Action
from audits.errors import AuditError
from audits.retention import Periods, clear_leftovers, expired_originals, expired_reports, periods
from audits.store import Store

log = logging.getLogger(__name__)

EVERY_SECONDS = 6 * 3600.0
FIRST_SECONDS = 300.0  # a service that has just started has better things to do
KEEPER = replace(LOCAL, name="定时清理")


def start(store: Store, stop: threading.Event) -> threading.Thread:
    """Go on until told to stop, beside other work. Any number may run."""
    thread = threading.Thread(target=_run, args=(store, stop), name="keeping", daemon=True)
    thread.start()
    return thread


def _run(store: Store, stop: threading.Event) -> None:
    pause = FIRST_SECONDS
    while not stop.wait(pause):
        pause = EVERY_SECONDS
        try:
            keep(store, time.time())
        except (AuditError, OSError) as exc:
            log.warning("not cleaned, tried again later: %s", exc)


def keep(store: Store, now: float) -> None:
    """One pass. Each batch goes together with its entry in the log of actions. Raises StoreError."""
    kept = periods(store)
    for batch_id in expired_originals(store, kept, now):
        _remove(store, batch_id, kept, whole=False)
    for batch_id in expired_reports(store, kept, now):
        _remove(store, batch_id, kept, whole=True)
    clear_leftovers(store)


def _remove(store: Store, batch_id: str, kept: Periods, *, whole: bool) -> None:
    months = kept.reports if whole else kept.originals
    with Access(store).log.recorded(KEEPER, Action.DATA_CLEAN, batch_id, region=store.asked(batch_id).region) as entry:
        entry.details |= {"what": "reports" if whole else "originals", "months": months}
        removed = store.removal.batch(batch_id) if whole else store.removal.originals(batch_id)
        entry.details |= {"submissions": removed.submissions}
