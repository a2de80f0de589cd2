"""Rows of older databases get what lists show and search, from the summaries that were recorded with their audits."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from audits.outcome import Summary
from audits.store import projection
from audits.store.searching import searched
from rules.verdict import Severity

AT_ONCE = 500
ROWS = sa.text(
    "select s.id, s.name, s.state, s.year, b.title, a.summary from submissions s join batches b on b.id = s.batch_id"
    " left join audits a on a.key = s.audit_key where s.id > :after order by s.id limit :most"
)
SHOWN = ("agency", "report_year", "standing", "gravity", "errors", "warnings", "notices", "doubtful", "undecided", "search")
FILL = sa.text(f"update submissions set {', '.join(f'{name} = :{name}' for name in SHOWN)} where id = :id")  # noqa: S608


def fill_in(db: sa.Connection) -> None:
    """Every submission that there is. Their findings stay unlisted until they are audited again."""
    after = ""
    while rows := db.execute(ROWS, {"after": after, "most": AT_ONCE}).all():
        db.execute(FILL, [_shown(row) | {"id": row.id} for row in rows])
        after = rows[-1].id


def _shown(row: sa.Row[Any]) -> dict[str, Any]:
    values = json.loads(row.summary) if isinstance(row.summary, str) else row.summary
    shown: dict[str, Any] = dict.fromkeys(SHOWN, 0) | {"agency": None, "report_year": row.year, "standing": ""}
    if values:
        worst = values["worst_sure"]
        summary = Summary(**values | {"worst_sure": None if worst is None else Severity(worst)})
        shown |= {name: value for name, value in projection.audited(summary, ()).items() if name in SHOWN}
        shown["agency"] = summary.agency
    elif row.state in projection.STANDINGS:
        shown |= projection.settled(row.state)
    return shown | {"search": searched(shown["agency"], row.name, row.title)}
