"""What the reports of a batch add up to: counted while it is open, kept with it once it is closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from audits.store.tables import SUBMISSIONS

SUMS = ("errors", "warnings", "notices", "doubtful", "undecided")
_S = SUBMISSIONS.c


@dataclass(slots=True)
class Figures:
    """Of the newest version of each report: how many are in which state and of which standing, and sums of their own figures."""

    states: dict[str, int] = field(default_factory=dict)
    standings: dict[str, int] = field(default_factory=dict)
    sums: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SUMS, 0))

    def in_json(self) -> dict[str, Any]:
        return {"states": self.states, "standings": self.standings, "sums": self.sums}


def kept(written: dict[str, Any]) -> Figures:
    """From what ``in_json`` gave."""
    return Figures(written["states"], written["standings"], written["sums"])


def counted(db: sa.Connection, batch_ids: Sequence[str]) -> dict[str, Figures]:
    """Of each of the batches."""
    found = {batch_id: Figures() for batch_id in batch_ids}
    if not found:
        return found
    sums = [sa.func.sum(_S[name]) for name in SUMS]
    query = sa.select(_S.batch_id, _S.state, _S.standing, sa.func.count(), *sums)
    query = query.where(_S.is_current, _S.batch_id.in_(batch_ids)).group_by(_S.batch_id, _S.state, _S.standing)
    for batch_id, state, standing, count, *values in db.execute(query):
        figures = found[batch_id]
        figures.states[state] = figures.states.get(state, 0) + count
        if standing:
            figures.standings[standing] = figures.standings.get(standing, 0) + count
        for name, value in zip(SUMS, values, strict=True):
            figures.sums[name] += int(value)
    return found
