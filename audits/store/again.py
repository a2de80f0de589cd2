"""Have submissions wait again, and their batches be compared and closed again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from audits.store.models import SubmissionState
from audits.store.tables import BATCHES, DatabaseClock

FIRST_HINT_SECONDS = 30.0  # a submission that still waits is hinted at again after so long, then twice as long, and so on


def waiting() -> dict[Any, Any]:
    """Values of a submission that waits, whoever held it."""
    return {
        "state": SubmissionState.RECEIVED,
        "token": None,
        "lease_until": None,
        "hint_at": DatabaseClock() + FIRST_HINT_SECONDS,
        "code": "",
        "reason": "",
    }


def reopen(db: sa.Connection, batch_ids: Sequence[str]) -> None:
    db.execute(BATCHES.update().where(BATCHES.c.id.in_(batch_ids)).values(compared_at=None, closed_at=None, figures=None))
