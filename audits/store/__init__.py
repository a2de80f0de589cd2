"""The store: batches, their submissions and audits in a database, files by content hash in a folder beside it.

The database is the truth; a queue carries only ids, and a message lost or doubled changes nothing:
1. ``add_batch`` writes the batch and all its submissions in one transaction, before anybody is told (outbox);
2. ``claim`` is one conditional UPDATE: of many who try, one gets the submission, with a token and a lease;
3. ``finish`` is one transaction that only the holder of the token can complete; a late finisher is fenced out;
4. what a lost worker held is put back by the reconciler when its lease has ended (worker/reconcile.py).

models.py is what callers get; tables.py the rows, which stay in this package; database.py knows SQLite from PostgreSQL.
"""

from audits.store.models import (
    BatchStatus,
    Claim,
    Queue,
    Recorded,
    Result,
    Submission,
    SubmissionState,
    Waiting,
)
from audits.store.store import FIRST_HINT_SECONDS, MAX_ATTEMPTS, Store

__all__ = [
    "FIRST_HINT_SECONDS",
    "MAX_ATTEMPTS",
    "BatchStatus",
    "Claim",
    "Queue",
    "Recorded",
    "Result",
    "Store",
    "Submission",
    "SubmissionState",
    "Waiting",
]
