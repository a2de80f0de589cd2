"""The tasks. Thin shells: arguments are ids, the work is in audits/service.py."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cache

from kombu.exceptions import OperationalError

from audits.errors import AuditError
from audits.service import audit_next
from audits.store import Queue, Store, Submission
from worker.app import CHUNKS, LEASE_SECONDS, app, queue_name
from worker.logs import bound
from worker.settings import DATA_FOLDER, DATABASE_URL

log = logging.getLogger(__name__)

ONCE_MORE = {"max_retries": 1, "interval_start": 0.0, "interval_step": 0.0}  # on a connection that died since it was last used


@app.task(name="hecha.audit_jobs", ignore_result=True)  # type: ignore[untyped-decorator]
def audit_jobs(job_ids: list[str], queue: str = Queue.AUDIT) -> None:
    """A hint that these submissions may be waiting. Lost or delivered twice, it changes nothing: the rows decide.

    It wakes the worker for as many as it names; which ones are audited is a matter of turn, so that nobody's thousands keep
    another waiting.
    """
    with bound(hint=uuid.uuid4().hex[:8]):
        try:
            for _ in job_ids:
                if not audit_next(store(), Queue(queue), LEASE_SECONDS[Queue(queue)], _about):
                    return
        except AuditError:
            log.exception("the store cannot be used; what waits is hinted at again")


def _about(submission: Submission) -> AbstractContextManager[None]:
    return bound(batch=submission.batch_id, report=submission.id)


def hint(job_ids: Sequence[str], queue: Queue = Queue.AUDIT) -> bool:
    """Tell the workers, in chunks, without insisting. False if Redis cannot be reached: the submissions wait in the store."""
    size = CHUNKS[queue]
    try:
        for start in range(0, len(job_ids), size):
            chunk = list(job_ids[start : start + size])
            audit_jobs.apply_async((chunk, queue.value), queue=queue_name(queue), retry=True, retry_policy=ONCE_MORE)
    except OperationalError as exc:
        log.warning("no hint published: %s", exc)
        return False
    return True


def hint_all(job_ids: Mapping[Queue, Sequence[str]]) -> bool:
    """False if a hint could not be published."""
    arrived = [hint(ids, queue) for queue, ids in job_ids.items()]
    return all(arrived)


@cache
def store() -> Store:
    """This process's own: opened by the first task, that is after the fork."""
    return Store(DATA_FOLDER, DATABASE_URL)
