"""Until when an agency's report has to be published, as the national rule on late publication has it."""

from __future__ import annotations

from functools import cache

from rules.agencies import AgencyKind, Level
from rules.compile import PACKS, load_pack
from rules.kinds.publication import TOWNSHIP, PublishedInTime


def deadline(kind: AgencyKind) -> str | None:
    """The last day in time, MM-DD of the year after the report's; None for agencies for which no law names one."""
    days = _deadlines().get(TOWNSHIP if kind.level is Level.TOWNSHIP else kind.body.value, ())
    return days[-1] if days else None


def last_days() -> frozenset[str]:
    """Every day that ``deadline`` gives."""
    return frozenset(days[-1] for days in _deadlines().values())


@cache
def _deadlines() -> dict[str, tuple[str, ...]]:
    kinds = (rule.kind for rule in load_pack(PACKS / "national").rules.values())
    return next((dict(kind.deadlines) for kind in kinds if isinstance(kind, PublishedInTime)), {})
