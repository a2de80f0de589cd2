"""Rows of the database as the models that callers get."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from audits.intake import Capture
from audits.matching import Candidate, Match, MatchState
from audits.outcome import Summary
from audits.store.models import Queue, Recorded, Result, Submission, SubmissionState
from audits.store.tables import AUDITS, SUBMISSIONS
from rules.verdict import Severity

_S = SUBMISSIONS.c
COLUMNS = (
    *(_S[name] for name in ("id", "batch_id", "position", "version", "replaces", "owner", "name", "sha256", "year", "pack")),
    *(
        _S[name]
        for name in (
            "previous_sha256",
            "previous_name",
            "publication",
            "queue",
            "state",
            "attempt",
            "code",
            "reason",
            "audit_key",
        )
    ),
)


def with_audits() -> sa.Select[Any]:
    """Submissions, each with what was recorded for it; for ``result``."""
    recorded = [column for column in AUDITS.c if column.name not in ("sha256", "audited_at")]
    renamed = [column.label(f"audit_{column.name}") for column in recorded if column.name != "key"]
    return sa.select(*COLUMNS, *renamed).outerjoin_from(SUBMISSIONS, AUDITS, AUDITS.c.key == _S.audit_key)


def results_of(db: sa.Connection, batch_id: str) -> list[Result]:
    query = with_audits().where(_S.batch_id == batch_id, _S.is_current).order_by(_S.position)
    return [result_in(row) for row in db.execute(query)]


def result_in(row: sa.Row[Any]) -> Result:
    if row.audit_key is None:
        return Result(submission_in(row), None)
    match = match_in(row.audit_match)
    recorded = Recorded(
        row.audit_key, row.audit_pack, row.audit_engine, _summary_in(row.audit_summary), row.audit_outputs, match
    )
    return Result(submission_in(row), recorded)


def recorded_in(row: sa.Row[Any]) -> Recorded:
    return Recorded(row.key, row.pack, row.engine, _summary_in(row.summary), row.outputs, match_in(row.match))


def _summary_in(values: dict[str, Any] | None) -> Summary | None:
    if not values:
        return None
    worst = values["worst_sure"]
    return Summary(**values | {"worst_sure": None if worst is None else Severity(worst)})


def match_in(values: dict[str, Any] | None) -> Match | None:
    """From what ``asdict`` made of it."""
    if values is None:
        return None
    candidates = tuple(Candidate(**one) for one in values["candidates"])
    return Match(MatchState(values["state"]), candidates, tuple(map(tuple, values["rests_on"])), values["reason"])


def _capture_in(values: dict[str, Any] | None) -> Capture | None:
    if values is None:
        return None
    return Capture(**values | {"before": tuple(values["before"]) if values["before"] else None})


def submission_in(row: sa.Row[Any]) -> Submission:
    return Submission(
        id=row.id,
        batch_id=row.batch_id,
        position=row.position,
        version=row.version,
        replaces=row.replaces,
        owner=row.owner,
        name=row.name,
        sha256=row.sha256,
        year=row.year,
        pack=row.pack,
        previous=(row.previous_sha256, row.previous_name) if row.previous_sha256 else None,
        capture=_capture_in(row.publication),
        queue=Queue(row.queue),
        state=SubmissionState(row.state),
        attempt=row.attempt,
        code=row.code,
        reason=row.reason,
        audit=row.audit_key,
    )
