"""What is kept how long (保存期限). Nothing goes by itself unless an office has set a period (worker/keeping.py);
``hecha clean`` says first what would go.

Two periods, in months from the day a batch was done with: originals are the files submitted, reports everything else of the batch, too.
Decisions stay: they hold no text of a report, and count again when it is submitted again. So do rosters and the log of actions.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from audits.store import Store
from audits.store.removal import EXPORTS, Removed
from audits.store.tables import SETTINGS

ORPHAN_SECONDS = 24 * 3600.0  # what a crash left is collected after so long: no upload takes a day
PRINTED_SECONDS = 30 * 24 * 3600.0  # documents printed on demand are kept so long after somebody asked for them
UNPACKED = ".unpacked-"  # folders in which archives are opened while they are taken in
SWEEPING = ".sweep-"  # folders of a look at a source while it goes on, which may take a day where there are many addresses
SWEEP_SECONDS = 7 * 24 * 3600.0
UPLOADS = "uploads"  # folder of what is handed in through the browser, until it is taken in
ORIGINALS, REPORTS = "keep_originals_months", "keep_reports_months"  # names of the settings; 0: for ever


@dataclass(frozen=True, slots=True)
class Periods:
    """Months, counted from when a batch was done with; None: for ever."""

    originals: int | None = None
    reports: int | None = None


@dataclass(frozen=True, slots=True)
class Cleaning:
    """What a cleaning removes, or would.

    originals  of batches older than their period: submissions lose their file, everything else stays.
    reports    whole batches older than theirs.
    orphans    files that no row names; leftovers: unfinished writings, documents printed or packed for somebody, unpacked archives.
    """

    originals: Removed
    reports: Removed
    orphans: Removed
    leftovers: Removed

    def whole(self) -> Removed:
        return self.originals + self.reports + self.orphans + self.leftovers


def periods(store: Store) -> Periods:
    """As they are set; nothing set keeps everything."""
    with store.transactions.read() as db:
        rows = dict(db.execute(sa.select(SETTINGS.c.name, SETTINGS.c.value)).tuples().all())
    return Periods(_months(rows.get(ORIGINALS)), _months(rows.get(REPORTS)))


def clean(store: Store, kept: Periods, *, only_count: bool = False, now: float | None = None) -> Cleaning:
    """Remove what is past its period, and what crashes left.

    only_count  says what would go and removes nothing. Files that batches of both kinds share are then counted twice.
    now         seconds since 1970; by the clock if not given.
    """
    moment = time.time() if now is None else now
    remove = store.removal
    return Cleaning(
        originals=_sum(remove.originals(one, only_count=only_count) for one in expired_originals(store, kept, moment)),
        reports=_sum(remove.batch(one, only_count=only_count) for one in expired_reports(store, kept, moment)),
        orphans=_orphans(store, only_count=only_count),
        leftovers=clear_leftovers(store, only_count=only_count),
    )


def expired_originals(store: Store, kept: Periods, now: float) -> Sequence[str]:
    """Ids of batches whose files are past their period and still there."""
    if kept.originals is None:
        return []
    return store.removal.batches_closed_before(months_before(now, kept.originals), with_originals=True)


def expired_reports(store: Store, kept: Periods, now: float) -> Sequence[str]:
    """Ids of batches that are past their period."""
    return [] if kept.reports is None else store.removal.batches_closed_before(months_before(now, kept.reports))


def months_before(moment: float, months: int) -> float:
    """The same day and hour so many months earlier; the last day of a month that is shorter."""
    then = datetime.fromtimestamp(moment, UTC)
    index = then.year * 12 + then.month - 1 - months
    year, month = divmod(index, 12)
    for day in range(then.day, then.day - 4, -1):
        try:
            return then.replace(year=year, month=month + 1, day=day).timestamp()
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def _months(value: object) -> int | None:
    value = json.loads(value) if isinstance(value, str) and value.isdigit() else value
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _sum(removed: Iterable[Removed]) -> Removed:
    return sum(removed, Removed())


def _orphans(store: Store, *, only_count: bool) -> Removed:
    orphans = store.removal.orphans(ORPHAN_SECONDS)
    if only_count:
        return Removed(files=len(orphans), bytes=sum(orphans.values()))
    return store.removal.remove_orphans(orphans) + store.removal.finish()


def clear_leftovers(store: Store, *, only_count: bool = False) -> Removed:
    """What can be made again or was never whole: of this machine, and nothing that a row names."""
    before = time.time() - ORPHAN_SECONDS
    found: list[tuple[Path, int]] = list(store.removal.printed(PRINTED_SECONDS))
    found += [(path, _weight(path)) for path in (store.folder / EXPORTS).glob("*") if path.stat().st_mtime <= before]
    found += [(path, _weight(path)) for path in (store.folder / UPLOADS).glob("*") if path.stat().st_mtime <= before]
    found += [(path, path.stat().st_size) for path in store.files.unfinished(before)]
    found += [(path, _weight(path)) for path in store.folder.glob(f"{UNPACKED}*") if path.stat().st_mtime <= before]
    lost = time.time() - SWEEP_SECONDS
    found += [(path, _weight(path)) for path in store.folder.glob(f"{SWEEPING}*") if path.stat().st_mtime <= lost]
    for path, _ in () if only_count else found:
        _remove(path)
    return Removed(files=len(found), bytes=sum(size for _, size in found))


def _weight(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
