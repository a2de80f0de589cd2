"""Take batches and reports out again, for good: their rows, audits that nothing points to any more, files that nothing names any more.

Crash-safe in this order: one transaction deletes the rows and notes which files they named; each of these files goes when no row names
it, and its note after it. What a crash interrupts is taken up by whoever calls ``finish`` next.

A file may be named again at any moment, by a submission on its way whose row is not written yet. So one that was stored, or stored
again, less than GRACE_SECONDS ago stays until then.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from audits.errors import StoreError
from audits.store.database import Database
from audits.store.files import FileStore
from audits.store.tables import (
    AUDITS,
    BATCHES,
    LEFT_OUT,
    REMOVALS,
    ROSTERS,
    RUNS,
    SUBMISSIONS,
    SWEPT,
    DatabaseClock,
)

GRACE_SECONDS = 600.0  # longer than taking in a batch waits between storing its first file and writing its rows
AT_ONCE = 500  # in one statement: SQLite has a limit on parameters
PRINTED = "printed"  # folder of documents printed on demand, by audit
EXPORTS, ASKED = "exports", "asked.json"  # folder of what was put together for downloads, each with what it is of (web/exports)
Item = TypeVar("Item")
_S = SUBMISSIONS.c
# every column that names a file that is to be kept; AUDITS.outputs names more, as the values of its JSON. What a sweep last saw at
# an address is what the next look is held against, and the capture before is what its report was
_CAPTURED_BEFORE = _S.publication["before"][0].as_string()
NAMING = (_S.sha256, _S.previous_sha256, ROSTERS.c.sha256, BATCHES.c.waivers, SWEPT.c.sha256, _CAPTURED_BEFORE)
_FILES_OF = (_S.id, _S.sha256, _S.previous_sha256, _S.publication, _S.audit_key)


@dataclass(frozen=True, slots=True)
class Removed:
    """What was taken out, for the log: no name of a report is in it.

    batches, submissions, audits  rows; every version of a report counts as a submission.
    files, bytes                  gone from where files are kept.
    waiting                       files that nothing names and that are too young yet: they go with a later cleaning.
    """

    batches: int = 0
    submissions: int = 0
    audits: int = 0
    files: int = 0
    bytes: int = 0
    waiting: int = 0

    def __add__(self, other: Removed) -> Removed:
        return Removed(
            self.batches + other.batches,
            self.submissions + other.submissions,
            self.audits + other.audits,
            self.files + other.files,
            self.bytes + other.bytes,
            other.waiting,
        )


class _Unwanted(Exception):
    """Only asked what would happen: the transaction is rolled back."""


class Removal:
    """Reached as ``store.removal``. ``folder`` is the store's own."""

    def __init__(self, database: Database, files: FileStore, folder: Path) -> None:
        self._database = database
        self._files = files
        self._printed = folder / PRINTED
        self._exports = folder / EXPORTS

    def batch(self, batch_id: str, *, only_count: bool = False) -> Removed:
        """Delete the batch with all its reports. Raises StoreError for an unknown one.

        only_count  says what would go, and deletes nothing. Inside of a transaction of the caller's, the files go after it, and
        are not counted.
        """
        return self._take_out(lambda db: _rows_of_batches(db, [batch_id]), [batch_id], only_count=only_count)

    def report(self, submission_id: str, *, only_count: bool = False) -> Removed:
        """Delete the report at that submission's place of its batch, all versions of it. Raises StoreError for an unknown one."""
        return self._take_out(lambda db: _versions_of(db, submission_id), [], only_count=only_count)

    def batches_closed_before(self, moment: float, *, with_originals: bool = False) -> Sequence[str]:
        """Ids of batches that were done with before that moment, oldest first; all, or those that have files submitted still."""
        query = sa.select(BATCHES.c.id).where(BATCHES.c.closed_at < moment).order_by(BATCHES.c.closed_at, BATCHES.c.id)
        if with_originals:
            query = query.where(sa.exists().where(_S.batch_id == BATCHES.c.id, _S.sha256 != ""))
        with self._database.read() as db:
            return db.scalars(query).all()

    def originals(self, batch_id: str, *, only_count: bool = False) -> Removed:
        """Delete the files submitted with a batch that is done, and keep what was found in them. They cannot be read again."""
        names = sa.and_(_S.batch_id == batch_id, _S.sha256 != "")
        removed = Removed()
        named: set[str] = set()
        keys: set[str] = set()
        try:
            with self._database.write() as db:
                if db.scalar(sa.select(BATCHES.c.id).where(BATCHES.c.id == batch_id, BATCHES.c.closed_at.is_not(None))) is None:
                    return removed
                captured: dict[str, dict[str, Any]] = {}
                for row in db.execute(sa.select(*_FILES_OF).where(names)):
                    named |= _files_of(row)
                    keys.add(row.audit_key or "")
                    if row.publication and row.publication["before"]:
                        captured[row.id] = row.publication | {"before": None}
                for submission_id, publication in captured.items():
                    db.execute(SUBMISSIONS.update().where(_S.id == submission_id).values(publication=publication))
                values = {"sha256": "", "previous_sha256": None, "previous_name": None}
                removed = Removed(submissions=db.execute(SUBMISSIONS.update().where(names).values(values)).rowcount)
                _note(db, named)
                if only_count:
                    removed += self._weighed(_unnamed(db, named))
                    raise _Unwanted
        except _Unwanted:
            return removed
        return removed + (self._database.afterwards(lambda: self._remove_files(keys, (), named)) or Removed())

    def finish(self, among: Collection[str] | None = None, grace: float = GRACE_SECONDS) -> Removed:
        """Remove the noted files that no row names: those among these, or all that were noted longer ago than ``grace``.

        Any number may call this at any time.
        """
        noted = sa.select(REMOVALS.c.sha256)
        if among is None:
            noted = noted.where(REMOVALS.c.asked_at < DatabaseClock() - grace)
        with self._database.read() as db:
            asked = set(db.scalars(noted))
            asked &= asked if among is None else set(among)
            unnamed = _unnamed(db, asked)
        done = asked - unnamed
        files = size = waiting = 0
        for sha256 in sorted(unnamed):
            found = self._files.remove(sha256, time.time() - grace)
            if found is None:
                waiting += 1
                continue
            files, size = files + bool(found), size + found
            done.add(sha256)
        for some in _some(sorted(done), AT_ONCE):
            with self._database.write() as db:
                db.execute(REMOVALS.delete().where(REMOVALS.c.sha256.in_(some)))
        return Removed(files=files, bytes=size, waiting=waiting)

    def orphans(self, older_seconds: float) -> Mapping[str, int]:
        """Files that no row names, with their bytes: a crash left them, that long ago or longer. Looks through all files."""
        found = dict(self._files.sizes(time.time() - older_seconds))
        with self._database.read() as db:
            return {sha256: found[sha256] for some in _some(sorted(found), 50_000) for sha256 in _unnamed(db, set(some))}

    def remove_orphans(self, orphans: Iterable[str]) -> Removed:
        """Remove these, unless a row names them by now."""
        asked = set(orphans)
        with self._database.write() as db:
            _note(db, asked)
        return self.finish(asked)

    def printed(self, older_seconds: float) -> Iterator[tuple[Path, int]]:
        """Folders of printed documents, with their bytes: of audits that are gone, or not asked for so long."""
        with self._database.read() as db:
            known = set(db.scalars(sa.select(AUDITS.c.key)))
        before = time.time() - older_seconds
        for folder in self._printed.glob("??/*"):
            found = [path.stat() for path in folder.iterdir()]
            if folder.name not in known or all(max(one.st_mtime, one.st_atime) < before for one in found):
                yield folder, sum(one.st_size for one in found)

    def _take_out(self, chosen: Callable[[sa.Connection], list[str]], batches: list[str], *, only_count: bool) -> Removed:
        removed = Removed()
        named: set[str] = set()
        keys: list[str] = []
        touched: set[str] = set()
        try:
            with self._database.write() as db:
                ids = chosen(db)
                for some in _some(ids, AT_ONCE):
                    touched |= set(db.scalars(sa.select(_S.batch_id).where(_S.id.in_(some)).distinct()))
                named, sources = _delete_submissions(db, ids)
                keys, outputs = _delete_audits(db, sources)
                named |= outputs
                for batch_id in batches:
                    named |= _delete_batch(db, batch_id)
                removed = Removed(len(batches), len(ids), len(keys))
                _note(db, named)
                if only_count:
                    removed += self._weighed(_unnamed(db, named))
                    raise _Unwanted
        except _Unwanted:
            return removed
        return removed + (self._database.afterwards(lambda: self._remove_files(keys, touched, named)) or Removed())

    def _remove_files(self, keys: Iterable[str], batch_ids: Collection[str], named: Collection[str]) -> Removed:
        """keys: of audits whose printed documents and pictures of pages go; what is still wanted is printed again."""
        for key in filter(None, keys):
            shutil.rmtree(self._printed / key[:2] / key, ignore_errors=True)
        self._remove_exports(batch_ids)
        return self.finish(named)

    def _remove_exports(self, batch_ids: Collection[str]) -> None:
        """What was put together of these batches holds what was deleted: whoever wants it asks for it again."""
        for asked in self._exports.glob(f"*/{ASKED}"):
            with suppress(OSError, ValueError, AttributeError):
                if json.loads(asked.read_bytes()).get("batch_id") in batch_ids:
                    shutil.rmtree(asked.parent, ignore_errors=True)

    def _weighed(self, hashes: Iterable[str]) -> Removed:
        sizes = [size for size in map(self._files.size, hashes) if size is not None]
        return Removed(files=len(sizes), bytes=sum(sizes))


def _rows_of_batches(db: sa.Connection, batch_ids: Sequence[str]) -> list[str]:
    for batch_id in batch_ids:
        if db.scalar(sa.select(BATCHES.c.id).where(BATCHES.c.id == batch_id)) is None:
            raise StoreError(f"{batch_id}：没有这个批次；请核对批次号")
    return list(db.scalars(sa.select(_S.id).where(_S.batch_id.in_(batch_ids))))


def _versions_of(db: sa.Connection, submission_id: str) -> list[str]:
    place = db.execute(sa.select(_S.batch_id, _S.position).where(_S.id == submission_id)).one_or_none()
    if place is None:
        raise StoreError(f"{submission_id}：没有这份报告；请核对编号")
    db.execute(BATCHES.update().where(BATCHES.c.id == place.batch_id).values(figures=None))
    return list(db.scalars(sa.select(_S.id).where(_S.batch_id == place.batch_id, _S.position == place.position)))


def _delete_submissions(db: sa.Connection, ids: Sequence[str]) -> tuple[set[str], set[tuple[str, str]]]:
    """Returns the files that they named, and of which audits they may have been the last: key and source."""
    named: set[str] = set()
    sources: set[tuple[str, str]] = set()
    for some in _some(ids, AT_ONCE):
        mine = _S.id.in_(some)
        for row in db.execute(sa.select(*_FILES_OF).where(mine)):
            named |= _files_of(row)
            sources.add((row.audit_key or "", row.sha256))
        db.execute(SUBMISSIONS.update().where(_S.replaces.in_(some)).values(replaces=None))
        db.execute(SWEPT.update().where(SWEPT.c.submission_id.in_(some)).values(submission_id=None))
    for some in _some(ids, AT_ONCE):
        db.execute(SUBMISSIONS.delete().where(_S.id.in_(some)))
    return named, sources


def _files_of(row: sa.Row[Any]) -> set[str]:
    before = row.publication and row.publication["before"]
    return {sha256 for sha256 in (row.sha256, row.previous_sha256, before and before[0]) if sha256}


def _delete_audits(db: sa.Connection, sources: Collection[tuple[str, str]]) -> tuple[list[str], set[str]]:
    """Audits that nothing points to any more, and all older ones of a file that is nowhere submitted any more.

    Returns their keys, and the files that they named.
    """
    nobody = ~sa.exists().where(_S.audit_key == AUDITS.c.key)
    gone = ~sa.exists().where(_S.sha256 == AUDITS.c.sha256)
    keys: list[str] = []
    named: set[str] = set()
    for some in _some(sorted(sources), AT_ONCE // 2):
        by_key = AUDITS.c.key.in_([key for key, _ in some if key])
        by_source = sa.and_(AUDITS.c.sha256.in_([sha256 for _, sha256 in some if sha256]), gone)
        found = db.execute(sa.select(AUDITS.c.key, AUDITS.c.outputs).where(nobody, sa.or_(by_key, by_source))).all()
        for row in found:
            keys.append(row.key)
            named |= set(row.outputs.values())
        for keys_of_some in _some([row.key for row in found], AT_ONCE):
            db.execute(AUDITS.delete().where(AUDITS.c.key.in_(keys_of_some)))
    return keys, named


def _delete_batch(db: sa.Connection, batch_id: str) -> set[str]:
    waivers = db.scalar(sa.select(BATCHES.c.waivers).where(BATCHES.c.id == batch_id))
    db.execute(LEFT_OUT.delete().where(LEFT_OUT.c.batch_id == batch_id))
    db.execute(RUNS.update().where(RUNS.c.batch_id == batch_id).values(batch_id=None))
    db.execute(BATCHES.delete().where(BATCHES.c.id == batch_id))
    return {waivers} if waivers else set()


def _some(items: Sequence[Item], many: int) -> Iterator[Sequence[Item]]:
    return (items[start : start + many] for start in range(0, len(items), many))


def _note(db: sa.Connection, hashes: Collection[str]) -> None:
    for some in _some(sorted(hashes), AT_ONCE):
        db.execute(REMOVALS.delete().where(REMOVALS.c.sha256.in_(some)))
        now = db.execute(sa.select(DatabaseClock())).scalar_one()
        db.execute(REMOVALS.insert(), [{"sha256": sha256, "asked_at": now} for sha256 in some])


def _unnamed(db: sa.Connection, hashes: set[str]) -> set[str]:
    """Those that no row names. Looks through the outputs of all audits: a hash may be the output of several."""
    left = set(hashes)
    for column in NAMING:
        for some in _some(sorted(left), AT_ONCE):
            left -= set(db.scalars(sa.select(column).where(column.in_(some))))
    if left:
        for outputs in db.scalars(sa.select(AUDITS.c.outputs).execution_options(yield_per=2_000)):
            left.difference_update(outputs.values())
    return left
