"""Who of the rosters has to report, and how it stands with their reports (报送情况), year by year.

An agency without a report is MISSING, which is said of nobody who may have handed one in: not of an agency with a file of which
nobody knows the year, not while reports are being audited that may be its; and a report that may be the agency's is said beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

import sqlalchemy as sa

from audits.deadlines import last_days
from audits.matching import MatchState
from audits.outcome import Standing
from audits.regions import parts_of
from audits.store import visible
from audits.store.database import Database
from audits.store.decisions import near
from audits.store.lines import (
    AgencyRow,
    Coverage,
    CoverageCell,
    CoverageRow,
    CoverageTotals,
    Lateness,
    MissingRow,
    Page,
    RegionNode,
    Viewer,
)
from audits.store.models import SubmissionState
from audits.store.pages import PAGE, page_of, window
from audits.store.rows import match_in
from audits.store.searching import Holds, StartsWith, words_of
from audits.store.tables import AGENCIES, BATCHES, ROSTERS, SUBMISSIONS

MOST_REMARKED = 3  # files named in one remark
_A = AGENCIES.c
_S = SUBMISSIONS.c
Key = tuple[str, str]  # roster and code
Unplaced = tuple[str, int | None]  # a file's name, and its year if known
RANKS = {state: rank for rank, state in enumerate(reversed(Coverage), 1)}
OF_RANK = {rank: state for state, rank in RANKS.items()}
OF_STATE = {
    SubmissionState.AUDITED: Coverage.AUDITED,
    SubmissionState.UNREADABLE: Coverage.UNREADABLE,
    SubmissionState.FAILED: Coverage.FAILED,
}
UNSETTLED = (SubmissionState.RECEIVED, SubmissionState.AUDITING)


class AgencyLists:
    """The half of ``store.listing`` that begins with agencies."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def agencies(
        self, viewer: Viewer, region: str | None = None, text: str = "", page: int = 1, size: int = PAGE
    ) -> Page[AgencyRow]:
        """The agencies of the rosters in force, each after those above it."""
        condition = sa.and_(*_asked(viewer, region, text))
        first, size = window(page, size)
        query = _agencies(_A.others, _A.level, _A.kind, _A.parent, _A.depth, _A.reports).where(condition)
        with self._database.read() as db:
            total = db.scalar(sa.select(sa.func.count()).select_from(AGENCIES).where(condition)) or 0
            rows = db.execute(query.offset(first).limit(size)).all()
        found = [
            AgencyRow(
                roster_id=row.roster_id,
                code=row.code,
                name=row.name,
                others=tuple(row.others),
                level=row.level,
                kind=row.kind,
                parent=row.parent,
                above=row.above or "",
                region=row.region,
                depth=row.depth,
                reports=row.reports,
            )
            for row in rows
        ]
        return page_of(found, total, page, size)

    def regions(self, viewer: Viewer, below: str = "/") -> Sequence[RegionNode]:
        """The regions directly below that one in which the viewer may see an agency or a report."""
        found: dict[str, list[int]] = {}
        with self._database.read() as db:
            for index, region, walked, condition in (
                (0, _A.region, _A.in_force, sa.and_(visible.agencies(viewer), _A.reports)),
                (1, _S.region, _S.is_current, visible.reports(viewer)),
            ):
                for path, inside in regions_below(db, region, walked, below):
                    if not any(path.startswith(one) or one.startswith(path) for one in viewer.scope.regions):
                        continue  # nothing of it would be counted
                    count = db.scalar(sa.select(sa.func.count()).where(inside, condition)) or 0
                    deeper = sa.select(sa.literal(1)).where(inside, region > path, condition).limit(1)
                    node = found.setdefault(path, [0, 0, 0])
                    node[index] = count
                    node[2] |= db.scalar(deeper) or 0
        return [
            RegionNode(path, parts_of(path)[-1], agencies, reports, has_more=bool(more))
            for path, (agencies, reports, more) in sorted(found.items())
            if agencies or reports
        ]

    def coverage(
        self,
        viewer: Viewer,
        years: Sequence[int],
        region: str | None = None,
        text: str = "",
        page: int = 1,
        size: int = PAGE,
    ) -> Page[CoverageRow]:
        """The agencies of which a report is expected, and how it stands with each of the years."""
        condition = sa.and_(_A.reports, *_asked(viewer, region, text))
        first, size = window(page, size)
        with self._database.read() as db:
            unsettled = _unsettled(db, viewer)  # first: what is settled meanwhile is then found below
            total = db.scalar(sa.select(sa.func.count()).select_from(AGENCIES).where(condition)) or 0
            rows = db.execute(_agencies(_A.deadline, ROSTERS.c.is_placed).where(condition).offset(first).limit(size)).all()
            keys = [(row.roster_id, row.code) for row in rows]
            handed = _handed_in(db, viewer, keys)
            perhaps = _perhaps(db, viewer)
        found = []
        for row in rows:
            theirs, maybe = handed.get((row.roster_id, row.code), ()), perhaps.get((row.roster_id, row.code), ())
            cells = {year: _cell(theirs, maybe, row, year, unsettled) for year in years}
            found.append(CoverageRow(row.roster_id, row.code, row.name, row.above or "", row.region, cells, _undated(theirs)))
        return page_of(found, total, page, size)

    def coverage_totals(self, viewer: Viewer, year: int, region: str | None = None) -> CoverageTotals:
        """How many agencies stand how with that year's report."""
        with self._database.read() as db:
            unsettled = _unsettled(db, viewer)
        best = _best(viewer, year, _asked(viewer, region, ""), unsettled).subquery()
        late = sa.func.sum(sa.case((best.c.late == 2, 1), else_=0))
        received = sa.func.sum(sa.case((best.c.late == 1, 1), else_=0))
        query = sa.select(best.c.rank, sa.func.count(), late, received).group_by(best.c.rank)
        states = dict.fromkeys(Coverage, 0)
        figures = [0, 0]
        with self._database.read() as db:
            for rank, count, *lates in db.execute(query):
                states[OF_RANK[rank]] += count
                figures = [one + int(other) for one, other in zip(figures, lates, strict=True)]
        within = [one for one in unsettled if one.may_be_of(year) and (region is None or _are_near(one.region, region))]
        late_ones, received_late = figures
        return CoverageTotals(year, sum(states.values()), states, late_ones, received_late, sum(one.count for one in within))

    def missing(self, viewer: Viewer, year: int, region: str | None = None, text: str = "") -> Sequence[MissingRow]:
        """Every agency without a report for that year, in the order of the rosters; none that may have handed one in."""
        with self._database.read() as db:
            unsettled = _unsettled(db, viewer)
        best = _best(viewer, year, _asked(viewer, region, text), unsettled).subquery()
        none = sa.select(best.c.roster_id, best.c.code).where(best.c.rank == RANKS[Coverage.MISSING]).subquery()
        query = _agencies().join(none, sa.and_(none.c.roster_id == _A.roster_id, none.c.code == _A.code))
        others = sa.select(_S.roster_id, _S.agency_code, _S.report_year).where(
            visible.reports(viewer), _S.roster_id.is_not(None), _S.agency_code.is_not(None), _S.report_year != year
        )
        with self._database.read() as db:
            rows = db.execute(query).all()
            perhaps = _perhaps(db, viewer)
            years: dict[Key, set[int]] = {}
            for roster_id, code, other in db.execute(others.distinct()).tuples():
                years.setdefault((roster_id, code), set()).add(other)
        return [
            MissingRow(
                roster_id=row.roster_id,
                code=row.code,
                name=row.name,
                above=row.above or "",
                region=row.region,
                year=year,
                remark=_remark(years.get((row.roster_id, row.code), ()), perhaps.get((row.roster_id, row.code), ()), year),
            )
            for row in rows
        ]


def regions_below(
    db: sa.Connection, region: sa.ColumnElement[str], walked: sa.ColumnElement[bool], below: str
) -> Iterator[tuple[str, sa.ColumnElement[bool]]]:
    """The regions directly below that one, each with what holds of the rows in it: from one to the next in the index of
    ``walked`` and ``region``, however many rows lie between."""
    last = below[:-1] + visible.AFTER_SLASH
    after = below
    while True:
        found = db.scalar(sa.select(region).where(walked, region > after, region < last).order_by(region).limit(1))
        if found is None:
            return
        path = found[: found.index("/", len(below)) + 1]
        after = path[:-1] + visible.AFTER_SLASH
        yield path, sa.and_(region >= path, region < after)


def _asked(viewer: Viewer, region: str | None, text: str) -> list[sa.ColumnElement[bool]]:
    found = [visible.agencies(viewer), *(Holds(_A.search, sa.literal(word)) for word in words_of(text))]
    if region is not None:
        found.append(StartsWith(_A.region, sa.literal(region)))
    return found


def _agencies(*more: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """In the order of the rosters, each with the name of the agency above it."""
    parent = AGENCIES.alias()
    query = sa.select(_A.roster_id, _A.code, _A.name, _A.region, parent.c.name.label("above"), *more)
    query = query.join_from(AGENCIES, ROSTERS, ROSTERS.c.id == _A.roster_id)
    query = query.outerjoin(parent, sa.and_(parent.c.roster_id == _A.roster_id, parent.c.code == _A.parent))
    return query.order_by(ROSTERS.c.region, _A.roster_id, _A.position)


# one agency's report for one year: in Python for the agencies of a page, in SQL where all are counted


def _handed_in(db: sa.Connection, viewer: Viewer, keys: Sequence[Key]) -> Mapping[Key, Sequence[sa.Row[Any]]]:
    """All versions of what came in for those agencies."""
    found: dict[Key, list[sa.Row[Any]]] = {}
    if keys:
        names = ("id", "roster_id", "agency_code", "report_year", "state", "standing", "published", "received_at", "is_current")
        query = sa.select(*(_S[name] for name in names)).where(
            visible.reports(viewer, all_versions=True),
            _S.roster_id.in_({roster_id for roster_id, _ in keys}),
            _S.agency_code.in_({code for _, code in keys}),
        )
        for row in db.execute(query.order_by(_S.received_at, _S.id)):
            found.setdefault((row.roster_id, row.agency_code), []).append(row)
    return found


def _cell(
    handed: Sequence[sa.Row[Any]], perhaps: Sequence[Unplaced], agency: sa.Row[Any], year: int, unsettled: Sequence[Unsettled]
) -> CoverageCell:
    of_year = [row for row in handed if row.is_current and row.report_year == year]
    if of_year:
        best = max(of_year, key=lambda row: (RANKS[_state(row)], row.received_at, row.id))
        return CoverageCell(
            state=_state(best),
            late=_late([row for row in handed if row.report_year == year], agency.deadline, year),
            submission_id=best.id,
            standing=Standing(best.standing) if best.standing else None,
            count=len(of_year),
        )
    others = {row.report_year for row in handed if row.is_current and row.report_year is not None}
    state = Coverage.MISSING
    if _undated(handed) is not None:
        state = Coverage.UNDATED
    elif not agency.is_placed or any(one.may_be_of(year) and _are_near(one.region, agency.region) for one in unsettled):
        state = Coverage.WAITING
    return CoverageCell(state, remark=_remark(others, perhaps, year))


def _undated(handed: Sequence[sa.Row[Any]]) -> CoverageCell | None:
    found = [row for row in handed if row.is_current and row.report_year is None]
    if not found:
        return None
    best = max(found, key=lambda row: (RANKS[_state(row)], row.received_at, row.id))
    standing = Standing(best.standing) if best.standing else None
    return CoverageCell(_state(best), submission_id=best.id, standing=standing, count=len(found))


def _state(row: sa.Row[Any]) -> Coverage:
    return OF_STATE.get(SubmissionState(row.state), Coverage.SUBMITTED)


def _late(handed: Sequence[sa.Row[Any]], day: str | None, year: int) -> Lateness | None:
    """By what was published or received first, whichever version it was: who hands in a correction is not late."""
    if day is None or not handed or min(row.received_at for row in handed) < _ends(year, day):
        return None
    published = [row.published for row in handed if row.published is not None]
    if not published:
        return Lateness.RECEIVED
    return Lateness.PUBLISHED if min(published) > f"{year + 1}-{day}" else None


def _ends(year: int, day: str) -> float:
    """When the last day in time is over, by this machine's calendar."""
    return (datetime.fromisoformat(f"{year + 1}-{day}") + timedelta(days=1)).astimezone().timestamp()


def _best(
    viewer: Viewer, year: int, agencies: Iterable[sa.ColumnElement[bool]], unsettled: Sequence[Unsettled]
) -> sa.Select[Any]:
    """The same of every agency: ``rank``, and ``late``: 2 published late, 1 received late, 0 not."""
    has_year = _S.report_year == year
    rank = sa.case(
        (_S.report_year.is_(None), RANKS[Coverage.UNDATED]),
        (_S.state == SubmissionState.AUDITED, RANKS[Coverage.AUDITED]),
        (_S.state == SubmissionState.UNREADABLE, RANKS[Coverage.UNREADABLE]),
        (_S.state == SubmissionState.FAILED, RANKS[Coverage.FAILED]),
        else_=RANKS[Coverage.SUBMITTED],
    )
    handed = sa.and_(
        _S.roster_id == _A.roster_id,
        _S.agency_code == _A.code,
        visible.reports(viewer, all_versions=True),
        sa.or_(has_year, _S.report_year.is_(None)),
    )
    received = sa.func.min(sa.case((has_year, _S.received_at)))
    published = sa.func.min(sa.case((has_year, _S.published)))
    ends = sa.case({day: _ends(year, day) for day in sorted(last_days())}, value=_A.deadline)
    last = sa.literal(f"{year + 1}-") + _A.deadline
    best = sa.func.max(sa.case((_S.is_current, rank)))
    late = sa.case(
        (sa.or_(best.is_(None), _A.deadline.is_(None), received.is_(None), received < ends), 0),
        (published.is_(None), 1),
        (published > last, 2),
        else_=0,
    )
    regions = dict.fromkeys(one.region for one in unsettled if one.may_be_of(year))
    waits = sa.or_(~ROSTERS.c.is_placed, *(near(_A.region, sa.literal(region)) for region in regions))
    none = sa.case((waits, RANKS[Coverage.WAITING]), else_=RANKS[Coverage.MISSING])
    query = sa.select(_A.roster_id, _A.code, sa.func.coalesce(best, none).label("rank"), late.label("late"))
    query = query.join_from(AGENCIES, ROSTERS, ROSTERS.c.id == _A.roster_id).outerjoin(SUBMISSIONS, handed)
    query = query.where(_A.reports, *agencies)
    return query.group_by(_A.roster_id, _A.code, _A.deadline, _A.region, ROSTERS.c.is_placed)


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Reports of a region that are being audited, and nobody knows yet whose they are. year: if it was given; None: any."""

    region: str
    year: int | None
    count: int

    def may_be_of(self, year: int) -> bool:
        return self.year in (None, year)


def _unsettled(db: sa.Connection, viewer: Viewer) -> Sequence[Unsettled]:
    """What waits for its first audit, and what was audited in a batch that is not done and met no roster: one may have come since."""
    unplaced = sa.and_(visible.reports(viewer), _S.agency_code.is_(None))
    never = sa.and_(unplaced, _S.state.in_(UNSETTLED), _S.audit_key.is_(None))
    met_none = sa.and_(unplaced, _S.state.in_(tuple(OF_STATE)), _S.match == "")
    open_ones = sa.select(BATCHES.c.id).where(BATCHES.c.closed_at.is_(None))
    count = sa.func.count()
    found: dict[tuple[str, int | None], int] = {}
    for query in (
        sa.select(_S.region, _S.report_year, count).where(never),
        sa.select(_S.region, _S.report_year, count).where(_S.batch_id.in_(open_ones), met_none),
    ):
        for region, year, number in db.execute(query.group_by(_S.region, _S.report_year)).tuples():
            found[region, year] = found.get((region, year), 0) + number
    return [Unsettled(region, year, number) for (region, year), number in found.items()]


def _are_near(one: str, other: str) -> bool:
    """The same as ``near``."""
    return one.startswith(other) or other.startswith(one)


def _perhaps(db: sa.Connection, viewer: Viewer) -> Mapping[Key, Sequence[Unplaced]]:
    """Files of which a person has to say whose they are, with their years if known, by the agencies whose they may be."""
    found: dict[Key, list[Unplaced]] = {}
    query = sa.select(_S.name, _S.roster_id, _S.told, _S.report_year).where(
        visible.reports(viewer, by_others=True), _S.match == MatchState.AMBIGUOUS
    )
    for row in db.execute(query.order_by(_S.id)):
        match = match_in(row.told)
        for candidate in match.candidates if match is not None else ():
            found.setdefault((row.roster_id, candidate.code), []).append((row.name, row.report_year))
    return found


def _remark(years: Iterable[int], perhaps: Sequence[Unplaced], year: int) -> str:
    names = [name for name, of in perhaps if of in (None, year)]
    parts = [f"只有{'、'.join(map(str, sorted(years)))}年度的"] if years else []
    if names:
        shown = "".join(f"“{PurePosixPath(name).name}”" for name in names[:MOST_REMARKED])
        parts.append(f"{shown}{f'等{len(names)}份' if len(names) > MOST_REMARKED else ''}可能是它的，待认定")
    return "；".join(parts)
