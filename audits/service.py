"""What the shells call: submit a batch, run a job, see how a batch stands, take up what was left, hand out its results."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from audits.audit import ENGINE
from audits.digest import digest_from
from audits.errors import StoreError
from audits.intake import Duplicate, Submitted
from audits.outcome import Outcome, Settled
from audits.outputs import OutputFolder, Published, stage
from audits.renderers.notice import notice
from audits.renderers.terms import PLAIN, Terms
from audits.single import FORMS, audit_in_jail
from audits.store import BatchStatus, JobState, Store
from rules.compile import load_pack

log = logging.getLogger(__name__)


def submit_batch(
    store: Store,
    title: str,
    files: Iterable[Submitted],
    year: int | None = None,
    skipped: Sequence[str] = (),
    duplicates: Sequence[Duplicate] = (),
) -> str:
    """Record the batch; returns its id. Whoever calls this then hints the workers: ``store.waiting`` says at what.

    skipped, duplicates  what of the batch is no report of its own, see audits/intake.py: kept for its index.
    """
    batch_id = store.add_batch(title, files, year, skipped, duplicates)
    log.info("batch %s received", batch_id)
    return batch_id


def run_job(store: Store, job_id: str, lease_seconds: float) -> bool:
    """Audit the job's report if it is ours to audit. False if somebody else has it, it is settled, or we came too late.

    Safe to call any number of times, anywhere, for the same job: the rows decide.
    """
    claim = store.claim(job_id, lease_seconds)
    if claim is None:
        return False
    outcome = audit_in_jail(store.file(claim.job.sha256), claim.job.name, FORMS, claim.job.year)
    try:
        recorded = store.finish(claim, outcome, load_pack().label, ENGINE)
    except StoreError:
        with suppress(StoreError):  # a full disk may take this write and not that one; if neither, the lease runs out
            store.release(claim)
        raise
    if not recorded:
        log.warning("finished after the lease was lost; discarded")
    return recorded


def batch_status(store: Store, batch_id: str) -> BatchStatus:
    """How many of its reports stand where. Raises StoreError for an unknown batch."""
    return store.batch_status(batch_id)


def take_up(store: Store, batch_id: str) -> Sequence[str]:
    """Ids of the jobs to hint at again: lost hints, lost workers. Those that lost their worker too often are failed first.

    A person asks for this now (`hecha batch resume`); nothing in this version asks by itself.
    """
    store.batch_status(batch_id)
    store.quarantine(batch_id)
    return store.waiting(batch_id)


def write_results(
    store: Store, batch_id: str, out: Path, forms: Sequence[str] = FORMS, terms: Terms = PLAIN
) -> Sequence[Published]:
    """Write the outputs of what is settled, under the names that ``hecha audit`` gives. Returns what was written, in order.

    Notices are written now, from the recorded audits: their deadline is known only when they are sent.
    """
    published = []
    with OutputFolder(out, forms) as folder:
        for position, result in enumerate(store.results(batch_id)):
            job = result.job
            if job.state in (JobState.RECEIVED, JobState.AUDITING):
                continue
            staged = {}
            for form in folder.forms:
                if form in result.outputs:
                    staged[form] = folder.staging / f"{position}.{form}"
                    store.copy_out(result.outputs[form], staged[form])
            if "docx" in folder.forms and "json" in result.outputs:
                written = notice(digest_from(store.file(result.outputs["json"]).read_bytes()), terms)
                staged |= stage(folder.staging, str(position), {"docx": written} if written else {})
            outcome = Outcome(Settled(job.state), job.code, job.reason, result.summary)
            published.append(folder.publish(job.name, outcome, staged))
        skipped, duplicates = store.left_out(batch_id)
        folder.publish_batch(store.batch_status(batch_id).title, skipped)
        folder.write_index(skipped, duplicates)
    return published
