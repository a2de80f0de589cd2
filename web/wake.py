"""Tell the workers that something waits. Celery is imported when it is first needed: a page that only reads starts without it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

log = logging.getLogger(__name__)


def wake(submission_ids: Sequence[str]) -> bool:
    """False if nobody could be told: they wait in the store, and the reconciler tells of them before long."""
    if not submission_ids:
        return True
    from worker import tasks

    return tasks.hint(submission_ids)
