"""What of the rows somebody may see: THE place where data scope is enforced. Every query of a list begins with one of these."""

from __future__ import annotations

import sqlalchemy as sa

from audits.regions import Scope
from audits.store.lines import Viewer
from audits.store.searching import StartsWith, Unindexed
from audits.store.tables import AGENCIES, BATCHES, ROSTERS, SUBMISSIONS

AFTER_SLASH = chr(ord("/") + 1)


def reports(
    viewer: Viewer, *, all_versions: bool = False, by_region: bool = False, by_others: bool = False
) -> sa.ColumnElement[bool]:
    """Of SUBMISSIONS, the newest versions.

    by_region  said so that they are looked up by their region; by_others: by what else is asked of them.
    """
    conditions = [_within(SUBMISSIONS.c.region, viewer.scope, by_range=by_region)]
    if not all_versions:
        conditions.append(Unindexed(SUBMISSIONS.c.is_current) == sa.true() if by_others else SUBMISSIONS.c.is_current)
    if viewer.owner is not None:
        conditions.append(SUBMISSIONS.c.owner == viewer.owner)
    return sa.and_(*conditions)


def batches(viewer: Viewer) -> sa.ColumnElement[bool]:
    within = _within(BATCHES.c.region, viewer.scope)
    return within if viewer.owner is None else sa.and_(within, BATCHES.c.owner == viewer.owner)


def agencies(viewer: Viewer) -> sa.ColumnElement[bool]:
    """Of the rosters in force; who sees only his own batches sees no roster."""
    if viewer.owner is not None:
        return sa.false()
    return sa.and_(AGENCIES.c.in_force, _within(AGENCIES.c.region, viewer.scope))


def rosters(viewer: Viewer) -> sa.ColumnElement[bool]:
    return sa.false() if viewer.owner is not None else _within(ROSTERS.c.region, viewer.scope)


def _within(column: sa.ColumnElement[str], scope: Scope, *, by_range: bool = False) -> sa.ColumnElement[bool]:
    if scope.is_everywhere:
        return sa.true()
    if by_range:  # paths end with a slash: what begins with one comes before what begins with the next character
        return sa.or_(sa.false(), *(sa.and_(column >= one, column < one[:-1] + AFTER_SLASH) for one in scope.regions))
    return sa.or_(sa.false(), *(StartsWith(column, sa.literal(region)) for region in scope.regions))
