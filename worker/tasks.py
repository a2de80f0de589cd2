"""The tasks. Thin shells: arguments are ids, the work is in audits/service.py."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cache

from kombu.exceptions import OperationalError

from audits.errors import AuditError
from audits.service import run_job
from audits.store import Store
from worker.app import CHUNK, LEASE_SECONDS, app
from worker.logs import bound
from worker.settings import DATA_FOLDER

log = logging.getLogger(__name__)


@app.task(name="hecha.audit_jobs", ignore_result=True)  # type: ignore[untyped-decorator]
def audit_jobs(job_ids: list[str]) -> None:
    """A hint that these jobs may be waiting. Lost or delivered twice, it changes nothing: the job rows decide."""
    for job_id in job_ids:
        with bound(job=job_id):
            try:
                run_job(_store(), job_id, LEASE_SECONDS)
            except AuditError:
                log.exception("job not settled; it waits for the next hint")


def hint(job_ids: Sequence[str]) -> bool:
    """Tell the workers, in chunks, without insisting. False if Redis cannot be reached: the jobs wait in the store."""
    try:
        for start in range(0, len(job_ids), CHUNK):
            audit_jobs.apply_async((list(job_ids[start : start + CHUNK]),), retry=False)
    except OperationalError as exc:
        log.warning("no hint published: %s", exc)
        return False
    return True


@cache
def _store() -> Store:
    """This process's own: opened by the first task, that is after the fork."""
    return Store(DATA_FOLDER)
