"""What pages ask for: lists, counts and neighbours of batches and reports, each within what its viewer may see.

Data scope is enforced in visible.py and nowhere else: every query begins with it. What is out of scope is in no item, count or facet,
and cannot be told from what does not exist.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from audits.decision import Decided
from audits.matching import Match, MatchState
from audits.outcome import Standing
from audits.regions import ALL, EVERYWHERE, Scope, parts_of, path_of
from audits.store import visible
from audits.store.coverage import AgencyLists, regions_below
from audits.store.database import Database
from audits.store.decisions import holding, open_of
from audits.store.figures import counted, kept
from audits.store.lines import (
    BatchRow,
    Facets,
    Neighbours,
    Page,
    ReportRow,
    RuleFigures,
    Totals,
    Viewer,
    Wanted,
)
from audits.store.models import Result, SubmissionState
from audits.store.pages import PAGE, page_of, window
from audits.store.projection import gravities
from audits.store.rows import match_in, result_in, with_audits
from audits.store.searching import Holds, NextPart, StartsWith, Unindexed, words_of
from audits.store.tables import ACCOUNTS, BATCHES, DECISIONS, FINDINGS, SUBMISSIONS
from rules.verdict import Severity

RULES_OF = 2_000  # reports whose findings are looked through for the facet of rules: more take too long while one waits
MOST_FOUND = 2_000  # reports with a word or by a rule that are counted; "2000+"
MANY = 20_000  # reports of a region, that are still sorted rather than walked through in an order that is there already
SLOW_SECONDS, KEPT_SECONDS = 0.5, 60.0  # what rules found in a nation's reports takes seconds to count: not every time
FEW = 2_000  # of 140,000: so many lie too far apart to be found by walking

_S = SUBMISSIONS.c
_B = BATCHES.c
_F = FINDINGS.c
_D = DECISIONS.c
NOT_AUDITED = (SubmissionState.UNREADABLE, SubmissionState.FAILED)
OF_SEVERITY = {Severity.ERROR: _S.errors, Severity.WARNING: _S.warnings, Severity.NOTICE: _S.notices}
KEYS: Mapping[str, tuple[tuple[sa.ColumnElement[Any], bool], ...]] = {  # of each order: columns, and whether they fall
    "worst": ((_S.gravity, True), (_S.id, True)),
    "name": ((_S.search, False), (_S.id, False)),
    "newest": ((_S.received_at, True), (_S.id, True)),
    "position": ((_S.batch_id, False), (_S.position, False)),
}
SHOWN = (
    *(_S[name] for name in ("id", "batch_id", "position", "name", "agency", "agency_code", "match", "region", "report_year")),
    *(_S[name] for name in ("state", "standing", "errors", "warnings", "notices", "doubtful", "undecided", "audit_key")),
    *(_S[name] for name in ("code", "reason", "version", "published", "received_at", "settled_at")),
)


class Listing(AgencyLists):
    """Reached as ``store.listing``. Every method is one transaction that only reads."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._statistics: dict[Viewer, tuple[float, Sequence[RuleFigures]]] = {}

    # batches

    def batches(self, viewer: Viewer, text: str = "", page: int = 1, size: int = PAGE) -> Page[BatchRow]:
        """The batches, newest first; with ``text`` those whose title, region or owner has it."""
        condition = visible.batches(viewer)
        for word in text.split():
            owner = sa.func.coalesce(ACCOUNTS.c.name, _B.owner)
            condition = sa.and_(
                condition, sa.or_(*(Holds(column, sa.literal(word)) for column in (_B.title, _B.region, owner)))
            )
        source = sa.outerjoin(BATCHES, ACCOUNTS, ACCOUNTS.c.id == _B.owner)
        query = sa.select(BATCHES, ACCOUNTS.c.name.label("owner_name")).select_from(source).where(condition)
        with self._database.read() as db:
            total = db.scalar(sa.select(sa.func.count()).select_from(source).where(condition)) or 0
            first, size = window(page, size)
            rows = db.execute(query.order_by(_B.received_at.desc(), _B.id).offset(first).limit(size)).all()
            return page_of(_batch_rows(db, rows), total, page, size)

    def batch(self, viewer: Viewer, batch_id: str) -> BatchRow | None:
        """None if there is none of that id that the viewer may see."""
        source = sa.outerjoin(BATCHES, ACCOUNTS, ACCOUNTS.c.id == _B.owner)
        query = sa.select(BATCHES, ACCOUNTS.c.name.label("owner_name")).select_from(source)
        with self._database.read() as db:
            rows = db.execute(query.where(visible.batches(viewer), _B.id == batch_id)).all()
            return next(iter(_batch_rows(db, rows)), None)

    # reports

    def reports(self, viewer: Viewer, wanted: Wanted, page: int = 1, size: int = PAGE) -> Page[ReportRow]:
        """The reports wanted, in the order wanted. Where too many have a word or a rule, they are not all counted."""
        first, size = window(page, size)
        with self._database.read() as db:
            plan = plan_of(db, viewer, wanted)
            if plan.are_found:
                chosen = sa.select(_S.id).where(plan.condition).order_by(*_ordering(wanted.order, few=True))
                everything, is_more = db.scalars(chosen).all(), False
                total, ids = len(everything), everything[first : first + size]
            else:
                total, is_more = plan.count(db)
                few = plan.are_few or total <= FEW
                chosen = sa.select(_S.id).where(plan.condition).order_by(*_ordering(wanted.order, few=few))
                ids = db.scalars(chosen.offset(first).limit(size)).all()
            return page_of(_report_rows(db, viewer, ids), total, page, size, is_more=is_more)

    def failed(self, viewer: Viewer, page: int = 1, size: int = PAGE, batch_id: str | None = None) -> Page[ReportRow]:
        """The reports that could not be audited, of one batch or all, what was settled last first."""
        first, size = window(page, size)
        with self._database.read() as db:
            condition = sa.and_(plan_of(db, viewer, Wanted(batch_id=batch_id)).condition, _S.state.in_(NOT_AUDITED))
            total = db.scalar(sa.select(sa.func.count()).select_from(SUBMISSIONS).where(condition)) or 0
            chosen = sa.select(_S.id).where(condition).order_by(_S.settled_at.desc(), _S.id).offset(first).limit(size)
            return page_of(_report_rows(db, viewer, db.scalars(chosen).all()), total, page, size)

    def row(self, viewer: Viewer, submission_id: str) -> ReportRow | None:
        """One report as lists show it, whichever version; None if the viewer may see none of that id."""
        with self._database.read() as db:
            seen = db.scalars(sa.select(_S.id).where(visible.reports(viewer, all_versions=True), _S.id == submission_id)).all()
            return next(iter(_report_rows(db, viewer, seen)), None)

    def report(self, viewer: Viewer, submission_id: str) -> Result | None:
        """What is recorded for a report, whichever version; None if the viewer may see none of that id."""
        query = with_audits().where(visible.reports(viewer, all_versions=True), _S.id == submission_id)
        with self._database.read() as db:
            row = db.execute(query).one_or_none()
        return None if row is None else result_in(row)

    def match(self, viewer: Viewer, submission_id: str) -> Match | None:
        """Why the roster did not know whose report it is, and whose it may be; None if it knew, or if there is no roster."""
        query = sa.select(_S.told).where(visible.reports(viewer, all_versions=True), _S.id == submission_id)
        with self._database.read() as db:
            return match_in(db.scalar(query))

    def neighbours(self, viewer: Viewer, wanted: Wanted, submission_id: str) -> Neighbours:
        """The reports before and after that one in the list. It need not be in the list any more itself."""
        keys = KEYS[wanted.order]
        seen = sa.and_(visible.reports(viewer, all_versions=True), _S.id == submission_id)
        with self._database.read() as db:
            at = db.execute(sa.select(*(column for column, _ in keys)).where(seen)).one_or_none()
            if at is None:
                return Neighbours(None, None)
            plan = plan_of(db, viewer, wanted)
            found = []
            for backwards in (True, False):
                query = sa.select(_S.id).where(plan.condition, _beyond(keys, at, backwards), _S.id != submission_id)
                ordering = _ordering(wanted.order, backwards=backwards, few=plan.are_few)
                found.append(db.scalar(query.order_by(*ordering).limit(1)))
        return Neighbours(*found)

    # counts

    def facets(self, viewer: Viewer, wanted: Wanted) -> Facets:
        """How many reports every further choice would leave."""
        chosen = replace(wanted, state=None, standing=None, year=None)
        base = wanted.region or common_region(viewer.scope)
        states: Counter[SubmissionState] = Counter()
        standings: Counter[Standing] = Counter()
        years: Counter[int | None] = Counter()
        regions: Counter[str] = Counter()
        total = 0
        with self._database.read() as db:
            plan = plan_of(db, viewer, chosen)
            columns = _grouped(plan, _S.state, _S.standing, _S.report_year)
            at_once = plan.are_few or plan.some is not None or db.dialect.name == "postgresql"  # which groups without sorting
            if at_once:
                columns.append(NextPart(_S.region, sa.literal_column(str(len(base)))))
            query = sa.select(sa.func.count(), *columns).where(plan.counted).group_by(*columns)
            for count, state, standing, year, *part in db.execute(query):
                of_state, of_standing, of_year = (
                    wanted.state in (None, state),
                    wanted.standing in (None, standing),
                    wanted.year in (None, year),
                )
                if of_standing and of_year:
                    states[SubmissionState(state)] += count
                if of_state and of_year and standing:
                    standings[Standing(standing)] += count
                if of_state and of_standing:
                    years[year] += count
                if of_state and of_standing and of_year:
                    total += count
                    if part and part[0]:
                        regions[path_of((*parts_of(base), part[0]))] += count
            if not at_once:
                regions.update(dict(_by_region(db, viewer, wanted, base)))
            same = replace(wanted, rule=None)
            rules, rules_of = _by_rule(db, plan if same == chosen else plan_of(db, viewer, same))
        return Facets(
            total=total,
            states={state: states[state] for state in SubmissionState if states[state]},
            standings={standing: standings[standing] for standing in Standing if standings[standing]},
            regions=dict(sorted(regions.items())),
            years=dict(sorted(years.items(), key=lambda item: -(item[0] or 0))),
            rules=rules,
            rules_of=rules_of,
            is_more=plan.some is not None,
        )

    def totals(self, viewer: Viewer) -> Totals:
        """The figures of the dashboard."""
        sums = [
            sa.func.coalesce(sa.func.sum(_S[name]), 0) for name in ("errors", "warnings", "notices", "doubtful", "undecided")
        ]
        unplaced = sa.func.coalesce(sa.func.sum(sa.case((_S.match.in_(UNPLACED), 1), else_=0)), 0)
        states: Counter[SubmissionState] = Counter()
        standings: Counter[Standing] = Counter()
        figures = [0] * 6
        with self._database.read() as db:
            plan = plan_of(db, viewer, Wanted())
            columns = _grouped(plan, _S.state, _S.standing)
            query = sa.select(*columns, sa.func.count(), *sums, unplaced).where(plan.condition).group_by(*columns)
            for state, standing, count, *found in db.execute(query):
                states[SubmissionState(state)] += count
                if standing:
                    standings[Standing(standing)] += count
                figures = [one + int(other) for one, other in zip(figures, found, strict=True)]
            is_open = sa.func.coalesce(sa.func.sum(sa.case((_B.closed_at.is_(None), 1), else_=0)), 0)
            batches, open_batches = db.execute(sa.select(sa.func.count(), is_open).where(visible.batches(viewer))).one()
        return Totals(
            batches,
            int(open_batches),
            states.total(),
            {state: states[state] for state in SubmissionState},
            {standing: standings[standing] for standing in Standing},
            *figures,
        )

    def rule_statistics(self, viewer: Viewer, batch_id: str | None = None) -> Sequence[RuleFigures]:
        """What each rule found in the reports that the viewer may see, or in those of one batch; most reports first.

        Of very many reports it may be a minute old.
        """
        kept = self._statistics.get(viewer)
        if batch_id is None and kept is not None and time.monotonic() - kept[0] < KEPT_SECONDS:
            return kept[1]
        begun = time.monotonic()
        with self._database.read() as db:
            found = _rule_figures(db, plan_of(db, viewer, Wanted(batch_id=batch_id)).condition)
        if batch_id is None and time.monotonic() - begun > SLOW_SECONDS:
            self._statistics = {**self._statistics, viewer: (time.monotonic(), found)}
        return found


UNPLACED = (MatchState.AMBIGUOUS, MatchState.UNKNOWN)


def today() -> str:
    """YYYY-MM-DD by this machine's calendar: waivers end with a day."""
    return datetime.now(UTC).astimezone().date().isoformat()


def common_region(scope: Scope) -> str:
    """The narrowest region that holds all of the scope."""
    shared: list[str] = []
    for parts in zip(*map(parts_of, scope.regions), strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return path_of(shared)


def _rule_figures(db: sa.Connection, condition: sa.ColumnElement[bool]) -> Sequence[RuleFigures]:
    joined = sa.join(SUBMISSIONS, FINDINGS, _F.audit_key == _S.audit_key)
    joined = joined.outerjoin(DECISIONS, holding(_F.finding_id, _S.region, today()))
    sure = sa.case((_F.is_doubtful, None), else_=_S.id)
    asked = (_F.is_doubtful, *(_D.decision == one for one in (Decided.CONFIRMED, Decided.DISMISSED, Decided.WAIVED)))
    query = sa.select(
        _F.rule,
        sa.func.min(sa.case({level.value: index for index, level in enumerate(Severity)}, value=_F.severity)),
        sa.func.count(sure.distinct()),
        sa.func.count(_S.id.distinct()),
        sa.func.count(),
        *(sa.func.sum(sa.case((one, 1), else_=0)) for one in asked),
    )
    query = query.select_from(joined).where(condition).group_by(_F.rule)
    rows = db.execute(query).all()
    found = [
        RuleFigures(rule, list(Severity)[severity], reports, either - reports, count, *(int(value) for value in rest))
        for rule, severity, reports, either, count, *rest in rows
    ]
    return sorted(found, key=lambda one: (-one.reports, -one.doubtful_reports, one.rule))


# what is wanted: how it is found fastest depends on how much of it there is


@dataclass(frozen=True, slots=True)
class Plan:
    """Which reports are meant, and what is known of how many they are.

    are_few    so few that they are sorted and grouped as they are found, instead of walking through an index of all.
    are_found  so few that they were looked up one by one, and counting them again would take as long.
    some       those among ``MOST_FOUND`` that have the words or the rule, if more have: they are not all counted.
    """

    condition: sa.ColumnElement[bool]
    are_few: bool
    are_found: bool = False
    some: sa.ColumnElement[bool] | None = None

    def count(self, db: sa.Connection) -> tuple[int, bool]:
        """How many they are, and whether there are more than that."""
        counted = sa.select(sa.literal(1)).select_from(SUBMISSIONS).where(self.condition)
        if self.some is None:
            return db.scalar(sa.select(sa.func.count()).select_from(SUBMISSIONS).where(self.condition)) or 0, False
        found = db.scalar(sa.select(sa.func.count()).select_from(counted.limit(MOST_FOUND + 1).subquery())) or 0
        return min(found, MOST_FOUND), found > MOST_FOUND

    @property
    def counted(self) -> sa.ColumnElement[bool]:
        """Those of which counts are given."""
        return self.condition if self.some is None else self.some


def plan_of(db: sa.Connection, viewer: Viewer, wanted: Wanted) -> Plan:
    """How to find what is wanted of what the viewer may see."""
    viewer = _seeing(db, viewer)
    plain = [*_filters(wanted), *_region_filter(wanted)]
    if wanted.standing is not None:
        plain.append(_S.standing == wanted.standing)
    hard = [*_words(wanted), *_rule(wanted)]
    if wanted.batch_id is not None or wanted.agency_code is not None:
        return Plan(sa.and_(visible.reports(viewer, by_others=True), *plain, *hard), are_few=True)
    scope = viewer.scope if wanted.region in (None, EVERYWHERE) else Scope((wanted.region,))
    if not scope.is_everywhere:
        within = Viewer(scope)
        some = sa.select(sa.literal(1)).select_from(SUBMISSIONS).where(visible.reports(within, by_region=True)).limit(MANY + 1)
        if (db.scalar(sa.select(sa.func.count()).select_from(some.subquery())) or 0) <= MANY:
            both = sa.and_(visible.reports(viewer), visible.reports(within, by_region=True))
            return Plan(sa.and_(both, *plain, *hard), are_few=True)
    if wanted.standing is not None:  # its reports stand together in the order of gravity
        first, last = gravities(wanted.standing)
        plain[-1] = sa.and_(_S.gravity >= first, _S.gravity <= last)
    if not hard:
        return Plan(sa.and_(visible.reports(viewer), *plain), are_few=False)
    ids = _found(db, viewer, wanted)
    among = sa.and_(visible.reports(viewer, by_others=True), _S.id.in_(ids[:MOST_FOUND]), *plain, *hard)
    if len(ids) <= MOST_FOUND:
        return Plan(among, are_few=True, are_found=True)
    return Plan(sa.and_(visible.reports(viewer), *plain, *hard), are_few=False, some=among)


def _found(db: sa.Connection, viewer: Viewer, wanted: Wanted) -> Sequence[str]:
    """Ids of reports that have the words or, without words, the rule; one more than ``MOST_FOUND`` if there are more."""
    if words := _words(wanted):
        query = sa.select(_S.id).where(visible.reports(viewer), *words)
    else:
        query = sa.select(_S.id).join_from(FINDINGS, SUBMISSIONS, _S.audit_key == _F.audit_key)
        query = query.where(_F.rule == wanted.rule, visible.reports(viewer, by_others=True))
    return list(dict.fromkeys(db.scalars(query.limit(MOST_FOUND + 1))))


def _seeing(db: sa.Connection, viewer: Viewer) -> Viewer:
    """The same; one whose region holds all that there is sees everything, and need not be asked about each report."""
    if viewer.scope.is_everywhere:
        return viewer
    first, last = (
        db.scalar(sa.select(_S.region).where(_S.is_current).order_by(order).limit(1)) for order in (_S.region, _S.region.desc())
    )
    for region in viewer.scope.regions:
        if first is not None and last is not None and first.startswith(region) and last.startswith(region):
            return Viewer(ALL, viewer.owner)
    return viewer


def _filters(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    """What the indexes of lists answer, but for the standing."""
    equal = {
        _S.batch_id: wanted.batch_id,
        _S.state: wanted.state,
        _S.agency_code: wanted.agency_code,
        _S.match: wanted.match,
        _S.report_year: wanted.year,
    }
    found: list[sa.ColumnElement[bool]] = [column == value for column, value in equal.items() if value is not None]
    if wanted.severity is not None:
        found.append(OF_SEVERITY[wanted.severity] > 0)
    if wanted.doubtful is not None:
        found.append(_S.doubtful > 0 if wanted.doubtful else _S.doubtful == 0)
    if wanted.open_only:
        found.append(_S.open > 0)
    if wanted.unplaced:
        found.append(_S.match.in_(UNPLACED))
    return found


def _region_filter(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    return [StartsWith(_S.region, sa.literal(wanted.region))] if wanted.region not in (None, EVERYWHERE) else []


def _words(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    return [Holds(_S.search, sa.literal(word)) for word in words_of(wanted.text)]


def _rule(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    return [sa.exists().where(_F.audit_key == _S.audit_key, _F.rule == wanted.rule)] if wanted.rule is not None else []


def _ordering(order: str, *, few: bool, backwards: bool = False) -> list[sa.ColumnElement[Any]]:
    """few: an expression that no index holds, lest the database walks through all reports in order to find a few."""
    found: list[sa.ColumnElement[Any]] = []
    for index, (column, falls) in enumerate(KEYS[order]):
        key = column if index or not few else Unindexed(column)
        found.append(key.desc() if falls is not backwards else key.asc())
    return found


def _beyond(keys: Sequence[tuple[sa.ColumnElement[Any], bool]], at: Sequence[Any], backwards: bool) -> sa.ColumnElement[bool]:
    """After that place in the order, or before it: two keys, compared in turn."""
    (first, falls), (second, second_falls) = keys
    down, second_down = falls is not backwards, second_falls is not backwards
    return sa.and_(
        first <= at[0] if down else first >= at[0],
        sa.or_(first != at[0], second < at[1] if second_down else second > at[1]),
    )


# counts that an index gives


def _grouped(plan: Plan, *columns: sa.ColumnElement[Any]) -> list[sa.ColumnElement[Any]]:
    """Columns to group by: few are found first, instead of reading through all that there are in this order."""
    return [Unindexed(column) for column in columns] if plan.are_few else list(columns)


def _by_region(db: sa.Connection, viewer: Viewer, wanted: Wanted, base: str) -> Iterator[tuple[str, int]]:
    """How many are in each region directly below."""
    filters = sa.and_(visible.reports(_seeing(db, viewer)), *_filters(wanted))
    if wanted.standing is not None:
        filters = sa.and_(filters, _S.standing == wanted.standing)
    for path, inside in regions_below(db, _S.region, _S.is_current, base):
        count = db.scalar(sa.select(sa.func.count()).select_from(SUBMISSIONS).where(inside, filters))
        if count:
            yield path, count


def _by_rule(db: sa.Connection, plan: Plan) -> tuple[dict[str, int], int]:
    """Reports by the rules that found something in them, and of how many reports at most."""
    worst = sa.select(_S.id, _S.audit_key).where(plan.counted, _S.audit_key.is_not(None))
    few = worst.order_by(*_ordering("worst", few=plan.are_few or plan.some is not None)).limit(RULES_OF).subquery()
    of_one = sa.select(_F.rule).where(_F.audit_key == few.c.audit_key)
    if db.dialect.name == "postgresql":  # which would rather read through all findings than look up those of 2,000 reports
        found = of_one.offset(0).lateral()
        each = sa.select(found.c.rule, few.c.id).select_from(sa.join(few, found, sa.true()))
    else:
        each = sa.select(_F.rule, few.c.id).join_from(few, FINDINGS, _F.audit_key == few.c.audit_key)
    once = each.distinct().subquery()
    counted = sa.select(once.c.rule, sa.func.count().label("count")).group_by(once.c.rule)
    return dict(db.execute(counted.order_by(sa.desc("count"), once.c.rule)).tuples().all()), RULES_OF


# rows as lines


def _shown(viewer: Viewer) -> sa.Select[Any]:
    title = sa.case((visible.batches(viewer), _B.title), else_="").label("batch_title")
    return sa.select(*SHOWN, title).join_from(SUBMISSIONS, BATCHES, _B.id == _S.batch_id)


def _report_rows(db: sa.Connection, viewer: Viewer, ids: Sequence[str]) -> list[ReportRow]:
    """Those reports, in that order."""
    found = {row.id: row for row in db.execute(_shown(viewer).where(_S.id.in_(ids)))} if ids else {}
    opened: dict[str, int] = {}
    if ids:
        left = open_of(_S.audit_key, _S.region, today()).correlate(SUBMISSIONS).scalar_subquery()
        opened = dict(db.execute(sa.select(_S.id, left).where(_S.id.in_(ids), _S.audit_key.is_not(None))).tuples().all())
    rows = [found[one] for one in ids]
    return [
        ReportRow(
            submission_id=row.id,
            batch_id=row.batch_id,
            batch_title=row.batch_title,
            position=row.position,
            name=row.name,
            agency=row.agency,
            agency_code=row.agency_code,
            match=MatchState(row.match) if row.match else None,
            region=row.region,
            year=row.report_year,
            state=SubmissionState(row.state),
            standing=Standing(row.standing) if row.standing else None,
            errors=row.errors,
            warnings=row.warnings,
            notices=row.notices,
            doubtful=row.doubtful,
            undecided=row.undecided,
            open=opened.get(row.id, 0),
            code=row.code,
            reason=row.reason,
            version=row.version,
            published=row.published,
            received_at=row.received_at,
            settled_at=row.settled_at,
        )
        for row in rows
    ]


def _batch_rows(db: sa.Connection, rows: Sequence[sa.Row[Any]]) -> list[BatchRow]:
    closed = {row.id: kept(row.figures) for row in rows if row.closed_at is not None and row.figures}
    figures = closed | counted(db, [row.id for row in rows if row.id not in closed])
    return [
        BatchRow(
            id=row.id,
            title=row.title,
            owner=row.owner,
            owner_name=row.owner_name or row.owner,
            region=row.region,
            pack=row.pack,
            received_at=row.received_at,
            is_done=row.closed_at is not None,
            counts={state: figures[row.id].states.get(state, 0) for state in SubmissionState},
            standings={standing: figures[row.id].standings.get(standing, 0) for standing in Standing},
            worst=next((standing for standing in WORST_FIRST if figures[row.id].standings.get(standing)), None),
            **figures[row.id].sums,
        )
        for row in rows
    ]


WORST_FIRST = (
    Standing.ERRORS,
    Standing.UNREADABLE,
    Standing.FAILED,
    Standing.WARNINGS,
    Standing.NOTICES,
    Standing.DOUBTFUL,
    Standing.NOT_APPLICABLE,
    Standing.CLEAN,
)
