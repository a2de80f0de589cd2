"""How much an account has handed in so far."""

from __future__ import annotations

import sqlalchemy as sa

from audits.store import Store
from audits.store.tables import SUBMISSIONS


def stored_bytes(store: Store, account_id: str) -> int:
    """Bytes of the files of all his submissions that are kept, each once."""
    files = sa.select(SUBMISSIONS.c.sha256).where(SUBMISSIONS.c.owner == account_id, SUBMISSIONS.c.sha256 != "").distinct()
    with store.transactions.read() as db:
        hashes = db.scalars(files).all()
    total = 0
    for sha256 in hashes:
        try:
            total += store.file(sha256).stat().st_size
        except OSError:
            continue
    return total
