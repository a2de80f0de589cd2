"""New entries of the log of actions are sent to the log server of the setting ``syslog``, every few seconds, if there is one."""

from __future__ import annotations

import logging
import threading

from access import Access
from audits.errors import AuditError
from audits.store import Store

log = logging.getLogger(__name__)

EVERY_SECONDS = 15.0


def start(store: Store, stop: threading.Event, every_seconds: float = EVERY_SECONDS) -> threading.Thread:
    """Go on until told to stop, beside other work: a log server that does not answer must not hold that up."""
    thread = threading.Thread(target=_run, args=(Access(store), stop, every_seconds), name="forwarding", daemon=True)
    thread.start()
    return thread


def _run(access: Access, stop: threading.Event, every_seconds: float) -> None:
    while not stop.wait(every_seconds):
        try:
            access.log.forward()
        except (AuditError, OSError) as exc:
            log.warning("log of actions not forwarded, tried again later: %s", exc)
        except Exception:  # whatever it is: if this thread ended, nobody would notice that nothing is forwarded any more
            log.exception("log of actions not forwarded, tried again later")
