"""Rosters (名单) that offices have imported: which agencies have to report, and whose reports those are that came in.

One roster is in force for a region; where a smaller region within has one of its own, that one speaks for it. A submission that a
roster knows points to the agency of the roster in force, whichever was imported first, the report or the roster.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from audits.deadlines import deadline
from audits.errors import RosterError, StoreError
from audits.matching import Match, Matcher, MatchState, Signs, as_said, signs_of_name
from audits.regions import below
from audits.roster import Agency, Roster, read_roster
from audits.scanning import Scanning
from audits.store import projection
from audits.store.assignments import Holding, Placing, holding, row_of
from audits.store.database import Database
from audits.store.files import FileStore
from audits.store.lines import AgencyChoice, RosterRow, Viewer
from audits.store.models import SubmissionState
from audits.store.projection import Listed, Whereabouts
from audits.store.rows import match_in
from audits.store.searching import Holds, StartsWith, searched, words_of
from audits.store.tables import AGENCIES, AUDITS, BATCHES, ROSTERS, SUBMISSIONS, DatabaseClock
from audits.store.visible import agencies as visible_agencies
from audits.store.visible import rosters as visible_rosters
from rules.agencies import agency_kind

PLACED_NOW = 10_000  # submissions, while the one who imports a roster waits: some seconds
PLACED_AT_ONCE = 500  # submissions in one transaction: others write in between
_A = AGENCIES.c
_B = BATCHES.c
_R = ROSTERS.c
_S = SUBMISSIONS.c
SETTLED = (SubmissionState.AUDITED, SubmissionState.UNREADABLE, SubmissionState.FAILED)
PLACED = ("region", "agency", "agency_code", "roster_id", "match", "told", "search")


@dataclass(frozen=True, slots=True)
class InForce:
    """The roster that is in force for a region. sha256: of its table, see ``Store.file``."""

    id: str
    sha256: str
    region: str


class Rosters:
    """Reached as ``store.rosters``."""

    def __init__(self, database: Database, files: FileStore, scanning: Scanning) -> None:
        self._database = database
        self._files = files
        self._scanning = scanning

    def import_(self, data: bytes, name: str, region: str, account_id: str, author: str) -> RosterRow:
        """Put a table of agencies in force for that region, in the place of the one before; submissions are placed by it.

        Raises RosterError with everything that is wrong in it; nothing has changed then. An import of the same table changes nothing
        but its date. Raises Infected, NotScanned, ScannerUnavailable if it must not be kept.
        """
        self._scanning.pass_bytes(data, name)
        roster = _read(data, name)
        row = {
            "id": uuid.uuid4().hex,
            "name": name,
            "sha256": self._files.put_bytes(data),
            "region": region,
            "account_id": account_id,
            "author": author,
        }
        agencies = list(_lines(row["id"], roster, region))
        with self._database.write() as db:
            _one_at_a_time(db)
            _retire(db, sa.and_(_R.region == region, _R.is_current), is_placed=True)
            db.execute(ROSTERS.insert().values({**row, "is_current": True, "imported_at": DatabaseClock()}))
            db.execute(AGENCIES.insert(), agencies)
            _set_in_force(db, region)
        self._database.afterwards(lambda: self.catch_up(PLACED_NOW))
        return self._row(row["id"])

    def remove(self, roster_id: str) -> None:
        """Take a roster out of force; what it placed is placed by the roster of the region around it, if there is one.

        Raises StoreError if it is not in force.
        """
        with self._database.write() as db:
            _one_at_a_time(db)
            region = db.scalar(sa.select(_R.region).where(_R.id == roster_id, _R.is_current))
            if region is None:
                raise StoreError(f"{roster_id}：没有这份名单，或已不再使用；请刷新后重试")
            _retire(db, _R.id == roster_id, is_placed=False)
            _set_in_force(db, region)
        self._database.afterwards(lambda: self.catch_up(PLACED_NOW))

    def in_force(self, region: str) -> InForce | None:
        """The roster that speaks for reports of that region; None if there is none."""
        with self._database.read() as db:
            return in_force(db, region)

    def current(self, viewer: Viewer) -> Sequence[RosterRow]:
        """The rosters in force for regions that the viewer may see."""
        with self._database.read() as db:
            return [
                _shown(row) for row in db.execute(_rows().where(visible_rosters(viewer), _R.is_current).order_by(_R.region))
            ]

    def history(self, viewer: Viewer) -> Sequence[RosterRow]:
        """Every import that the viewer may see, newest first; of those that are out of force without the count of their agencies."""
        with self._database.read() as db:
            return [_shown(row) for row in db.execute(_rows().where(visible_rosters(viewer)).order_by(_R.imported_at.desc()))]

    def _row(self, roster_id: str) -> RosterRow:
        with self._database.read() as db:
            return _shown(db.execute(_rows().where(_R.id == roster_id)).one())

    # whose reports those are that came in before the roster

    def catch_up(self, most: int | None = None) -> None:
        """Place the reports of regions whose rosters came or went and nobody has done it yet; with ``most`` only where there are no
        more than so many. Any number may call this at any time: what is too much for one who waits, the reconciler does."""
        with self._database.read() as db:
            left = db.execute(sa.select(_R.id, _R.region).where(~_R.is_placed).order_by(_R.imported_at)).all()
        for roster_id, region in left:
            of_region = sa.select(sa.literal(1)).join_from(SUBMISSIONS, BATCHES, _B.id == _S.batch_id).where(_near(region))
            with self._database.read() as db:
                many = most is not None and (db.scalar(_count(of_region.limit(most + 1))) or 0) > most
            if not many:
                self.place(region)
                with self._database.write() as db:
                    db.execute(ROSTERS.update().where(_R.id == roster_id).values(is_placed=True))

    def place(self, region: str) -> int:
        """Say anew whose reports those of that region are, by the roster in force now. Returns how many are another's, or were nobody's.

        Safe to call at any time. What is being audited is placed when it is done.
        """
        return sum(map(self._place_batch, self._batches(_near(region))))

    def is_overtaken(self, batch_id: str) -> bool:
        """Whether a report of the batch was placed by another roster than the one in force, or by none."""
        with self._database.read() as db:
            region = db.scalar(sa.select(_B.region).where(_B.id == batch_id))
            roster = in_force(db, region) if region is not None else None
            other = _S.roster_id.is_distinct_from(roster.id if roster is not None else None)
            placed = sa.select(sa.literal(1)).where(_S.batch_id == batch_id, _S.is_current, _S.state.in_(SETTLED), other)
            return db.scalar(placed.limit(1)) is not None

    def place_batch(self, batch_id: str) -> int:
        """The same for the reports of one batch: a roster may have come while they were audited."""
        return sum(map(self._place_batch, self._batches(_B.id == batch_id)))

    def _batches(self, which: sa.ColumnElement[bool]) -> Sequence[sa.Row[Any]]:
        with self._database.read() as db:
            return db.execute(sa.select(_B.id, _B.title, _B.region).where(which).order_by(_B.received_at.desc(), _B.id)).all()

    def _place_batch(self, batch: sa.Row[Any]) -> int:
        with self._database.read() as db:
            roster = in_force(db, batch.region)
        matcher = matcher_of(self._files.path(roster.sha256)) if roster is not None else None
        changed = 0
        after = ""
        while rows := self._settled(batch.id, after):
            changed += self._place(rows, Whereabouts(batch.title, batch.region), roster, matcher)
            after = rows[-1].id
        return changed

    def placing(self, regions: Iterable[str]) -> Placing:
        """For submissions of batches of these regions: what says whose they are by the rosters in force now and what people said."""
        with self._database.read() as db:
            rosters = {region: in_force(db, region) for region in regions}
        matchers = {one.id: matcher_of(self._files.path(one.sha256)) for one in rosters.values() if one is not None}

        def place(db: sa.Connection, row: sa.Row[Any], batch: Whereabouts, held: Holding | None) -> Mapping[str, Any]:
            roster = rosters.get(batch.region)
            return _values(db, row, batch, roster, matchers[roster.id] if roster is not None else None, held)

        return place

    def told(self, submission_id: str) -> tuple[Match | None, InForce | None]:
        """What the roster in force finds of whose report it is, whatever people said; None without a roster. And that roster."""
        with self._database.read() as db:
            row = row_of(db, submission_id)
            roster = in_force(db, row.batch_region)
        if roster is None:
            return None, None
        return _found(row, matcher_of(self._files.path(roster.sha256))), roster

    def choices(self, viewer: Viewer, submission_id: str) -> tuple[Match | None, Sequence[AgencyChoice], int]:
        """What the roster in force finds of whose report it is; its candidates as agencies that the viewer may see, best first; and how
        many there are that he may not see."""
        match, roster = self.told(submission_id)
        found: list[AgencyChoice] = []
        beyond = 0
        with self._database.read() as db:
            for candidate in match.candidates if match is not None and roster is not None else ():
                row = agency_in_force(db, roster.id, candidate.code) if roster is not None else None
                if row is not None:
                    seen = _choices(db, viewer, _A.roster_id == row.roster_id, _A.code == row.code)
                    found += [_choice(one, candidate.score) for one in seen]
                    beyond += not seen
        return match, found, beyond

    def named(self, viewer: Viewer, code: str) -> Sequence[AgencyChoice]:
        """The agencies of that code of which a report is expected; rosters of different regions may use the same codes."""
        with self._database.read() as db:
            return [_choice(row, None) for row in _choices(db, viewer, _A.code == code)]

    def searched(self, viewer: Viewer, text: str, most: int) -> Sequence[AgencyChoice]:
        """The first agencies whose name, other names, region or code have these words."""
        words = [Holds(_A.search, sa.literal(word)) for word in words_of(text)]
        with self._database.read() as db:
            return [_choice(row, None) for row in _choices(db, viewer, *words, most=most)] if words else []

    def _settled(self, batch_id: str, after: str) -> Sequence[sa.Row[Any]]:
        columns = [
            _S[name]
            for name in ("id", "name", "sha256", "batch_id", "position", "version", "publication", "audit_key", *PLACED)
        ]
        query = sa.select(*columns, AUDITS.c.summary.label("summary"), AUDITS.c.match.label("matched"))
        query = query.outerjoin_from(SUBMISSIONS, AUDITS, AUDITS.c.key == _S.audit_key)
        query = query.where(_S.batch_id == batch_id, _S.state.in_(SETTLED), _S.id > after)
        with self._database.read() as db:
            return db.execute(query.order_by(_S.id).limit(PLACED_AT_ONCE)).all()

    def _place(self, rows: Sequence[sa.Row[Any]], batch: Whereabouts, roster: InForce | None, matcher: Matcher | None) -> int:
        changed = []
        with self._database.read() as db:
            held = holding(db, rows, batch.region)
            for row in rows:
                values = _values(db, row, batch, roster, matcher, held.get(row.id))
                if any(getattr(row, name) != values[name] for name in PLACED if name != "told"):
                    was = {"of_id": row.id, "of_audit": row.audit_key}
                    changed.append({**was, **{f"new_{name}": values[name] for name in PLACED}})
        if changed:
            with self._database.write() as db:
                db.execute(PLACE, changed)
        return len(changed)


PLACE = (  # unless it was audited anew in the meantime
    SUBMISSIONS.update()
    .where(
        _S.id == sa.bindparam("of_id"),
        sa.or_(*(_S.state == state for state in SETTLED)),  # in_() cannot be run for many rows at once
        _S.audit_key.is_not_distinct_from(sa.bindparam("of_audit", type_=sa.String())),
    )
    .values({_S[name]: sa.bindparam(f"new_{name}", type_=_S[name].type) for name in PLACED})
)
_ROSTER: sa.BindParameter[str] = sa.bindparam("of_roster")
LISTED = sa.select(AGENCIES).where(_A.roster_id == _ROSTER, _A.code == sa.bindparam("of_code"))
NAMESAKE = sa.select(AGENCIES).where(
    _A.name == sa.bindparam("of_name"), _A.region == sa.bindparam("of_region"), _A.in_force, _A.reports
)
IN_FORCE = (
    sa.select(_R.id, _R.sha256, _R.region)
    .where(_R.is_current, StartsWith(sa.bindparam("of_region", type_=sa.String()), _R.region))
    .order_by(sa.func.length(_R.region).desc())
    .limit(1)
)


def in_force(db: sa.Connection, region: str) -> InForce | None:
    row = db.execute(IN_FORCE, {"of_region": region}).one_or_none()
    return None if row is None else InForce(row.id, row.sha256, row.region)


def listed_in(db: sa.Connection, roster_id: str | None, match: Match | None) -> Listed | None:
    """The agency that was matched, by the roster in force for the agency's own region if that one has it too."""
    if roster_id is None or match is None or match.agency is None:
        return None
    row = agency_in_force(db, roster_id, match.agency.code)
    return None if row is None else Listed(row.roster_id, row.code, row.name, row.others, row.region)


def agency_in_force(db: sa.Connection, roster_id: str, code: str) -> sa.Row[Any] | None:
    """The row of the agency that this roster has under that code, by the roster in force for the agency's region if that has it too."""
    row = db.execute(LISTED, {"of_roster": roster_id, "of_code": code}).one_or_none()
    if row is not None and not row.in_force:
        namesakes = db.execute(NAMESAKE, {"of_name": row.name, "of_region": row.region}).all()
        row = namesakes[0] if len(namesakes) == 1 else row
    return row


@lru_cache(maxsize=4)
def matcher_of(path: Path) -> Matcher:
    """For a table that was accepted once, by the hash that names it."""
    return Matcher(read_roster(path))


def _values(
    db: sa.Connection,
    row: sa.Row[Any],
    batch: Whereabouts,
    roster: InForce | None,
    matcher: Matcher | None,
    held: Holding | None,
) -> dict[str, Any]:
    """The columns of a submission that say whose it is."""
    said = held.said if held is not None else None
    match = as_said(_found(row, matcher), said, matcher.roster if matcher is not None else None)
    roster_id = roster.id if roster is not None else None
    is_assigned = held is not None and match is not None and match.state is MatchState.ASSIGNED
    listed = held.listed if held is not None and is_assigned else listed_in(db, roster_id, match)
    return projection.placed(batch, row.name, _agency(row), roster_id, match, listed)


def _found(row: sa.Row[Any], matcher: Matcher | None) -> Match | None:
    return matcher.match(_signs(row)) if matcher is not None else None


def _own(row: sa.Row[Any]) -> list[tuple[str, str]]:
    """What the report calls itself, by what its match rested on."""
    told = match_in(row.matched)
    return [item for item in told.rests_on if item[0] in ("title", "body")] if told is not None else []


def _agency(row: sa.Row[Any]) -> str | None:
    """The agency by the report, as far as it is recorded. One that a person named is not what it says."""
    told = match_in(row.matched)
    if told is not None and told.state is MatchState.ASSIGNED:
        return next((words for _, words in _own(row)), None)
    return row.summary["agency"] if row.summary else None


def _signs(row: sa.Row[Any]) -> Signs:
    """What tells whose the report is, as far as it is recorded."""
    agency = _agency(row)
    own = _own(row) or ([("body", agency)] if agency else [])
    listed = (row.publication or {}).get("agency")
    return Signs(tuple(own), signs_of_name(row.name).outside, row.name, listed)


def _read(data: bytes, name: str) -> Roster:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roster.csv"
        path.write_bytes(data)
        try:
            return read_roster(path)
        except RosterError as exc:
            raise RosterError(name, exc.faults) from exc


def _lines(roster_id: str, roster: Roster, region: str) -> Iterator[dict[str, Any]]:
    regions: dict[str, str] = {}
    for position, (depth, agency) in enumerate(roster.tree()):
        around = regions[agency.parent] if agency.parent is not None else region
        regions[agency.code] = below(around, agency_kind(agency.name).region)
        yield {**_line(agency, regions[agency.code]), "roster_id": roster_id, "position": position, "depth": depth}


def _line(agency: Agency, region: str) -> dict[str, Any]:
    kind = agency.listed.kind()
    return {
        "code": agency.code,
        "name": agency.name,
        "others": list(agency.others),
        "level": kind.level.value if kind.level is not None else None,
        "kind": kind.body.value,
        "parent": agency.parent,
        "region": region,
        "reports": agency.reports,
        "deadline": deadline(kind),
        "in_force": True,
        "search": searched(region, agency.name, *agency.others, agency.code),
    }


def _one_at_a_time(db: sa.Connection) -> None:
    """Two imports at once would both find the same roster to replace. SQLite has one writer anyway."""
    if db.dialect.name == "postgresql":
        db.execute(sa.text("lock table rosters in share row exclusive mode"))


def _near(region: str) -> sa.ColumnElement[bool]:
    """Of BATCHES: of that region, or of one around it that may hold reports of it."""
    return sa.or_(StartsWith(_B.region, sa.literal(region)), StartsWith(sa.literal(region), _B.region))


def _count(of: sa.Select[tuple[int]]) -> sa.Select[tuple[int]]:
    return sa.select(sa.func.count()).select_from(of.subquery())


def _retire(db: sa.Connection, which: sa.ColumnElement[bool], *, is_placed: bool) -> None:
    ids = db.scalars(sa.select(_R.id).where(which)).all()
    db.execute(AGENCIES.delete().where(_A.roster_id.in_(ids)))
    db.execute(ROSTERS.update().where(_R.id.in_(ids)).values(is_current=False, is_placed=is_placed))


def _set_in_force(db: sa.Connection, region: str) -> None:
    """Whose agencies of that region count, those of this roster or of one of a smaller region."""
    smaller, own = ROSTERS.alias(), ROSTERS.alias()
    speaks = sa.exists().where(
        own.c.id == _A.roster_id,
        smaller.c.is_current,
        smaller.c.region != own.c.region,
        StartsWith(smaller.c.region, own.c.region),
        StartsWith(_A.region, smaller.c.region),
    )
    around = sa.select(_R.id).where(_R.is_current, StartsWith(sa.literal(region), _R.region))
    of_region = sa.and_(_A.roster_id.in_(around), StartsWith(_A.region, sa.literal(region)))
    db.execute(AGENCIES.update().where(of_region).values(in_force=~speaks))


def _rows() -> sa.Select[Any]:
    counted = sa.select(
        _A.roster_id, sa.func.count().label("agencies"), sa.func.sum(sa.case((_A.reports, 1), else_=0)).label("expected")
    )
    counts = counted.group_by(_A.roster_id).subquery()
    columns = (counts.c.agencies, counts.c.expected)
    return sa.select(ROSTERS, *columns).outerjoin_from(ROSTERS, counts, counts.c.roster_id == _R.id)


def _choices(
    db: sa.Connection, viewer: Viewer, *conditions: sa.ColumnElement[bool], most: int | None = None
) -> Sequence[sa.Row[Any]]:
    parent = AGENCIES.alias()
    query = sa.select(_A.roster_id, _A.code, _A.name, _A.region, parent.c.name.label("above"))
    query = query.outerjoin_from(AGENCIES, parent, sa.and_(parent.c.roster_id == _A.roster_id, parent.c.code == _A.parent))
    query = query.where(visible_agencies(viewer), _A.reports, *conditions)
    return db.execute(query.order_by(_A.region, _A.position).limit(most)).all()


def _choice(row: sa.Row[Any], score: float | None) -> AgencyChoice:
    return AgencyChoice(row.roster_id, row.code, row.name, row.above or "", row.region, score)


def _shown(row: sa.Row[Any]) -> RosterRow:
    return RosterRow(
        id=row.id,
        name=row.name,
        region=row.region,
        sha256=row.sha256,
        author=row.author,
        imported_at=row.imported_at,
        is_current=row.is_current,
        agencies=int(row.agencies or 0),
        expected=int(row.expected or 0),
    )
