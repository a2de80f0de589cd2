"""The store: batches, their submissions and audits in a database, files by content hash in a folder beside it.

The database is the truth; a queue carries only ids, and a message lost or doubled changes nothing:
1. ``add_batch`` writes the batch and all its submissions in one transaction, before anybody is told (outbox);
2. ``claim`` is one conditional UPDATE: of many who try, one gets the submission, with a token and a lease;
3. ``finish`` is one transaction that only the holder of the token can complete; a late finisher is fenced out;
4. what a lost worker held is put back by the reconciler when its lease has ended (worker/reconcile.py).

listing.py answers what pages ask (``store.listing``), within what its viewer may see; rosters.py knows who has to report.
models.py and lines.py are what callers get; tables.py the rows, which stay in this package; database.py knows SQLite from PostgreSQL.
"""

from audits.store.again import FIRST_HINT_SECONDS
from audits.store.lines import (
    EVERYBODY,
    AgencyRow,
    BatchRow,
    Coverage,
    CoverageCell,
    CoverageRow,
    CoverageTotals,
    Facets,
    Lateness,
    MissingRow,
    Neighbours,
    Page,
    RegionNode,
    ReportRow,
    RosterRow,
    RuleFigures,
    Totals,
    Viewer,
    Wanted,
)
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
from audits.store.store import MAX_ATTEMPTS, AskedOfBatch, Store

__all__ = [
    "EVERYBODY",
    "FIRST_HINT_SECONDS",
    "MAX_ATTEMPTS",
    "AgencyRow",
    "AskedOfBatch",
    "BatchRow",
    "BatchStatus",
    "Claim",
    "Coverage",
    "CoverageCell",
    "CoverageRow",
    "CoverageTotals",
    "Facets",
    "Lateness",
    "MissingRow",
    "Neighbours",
    "Page",
    "Queue",
    "Recorded",
    "RegionNode",
    "ReportRow",
    "Result",
    "RosterRow",
    "RuleFigures",
    "Store",
    "Submission",
    "SubmissionState",
    "Totals",
    "Viewer",
    "Waiting",
    "Wanted",
]
