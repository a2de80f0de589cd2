"""One run of a sweep: look at the source, and hand in what is new or has changed as a batch.

A run is claimed with a lease and a token. The batch's id follows from the run's, so that a run that was lost after its batch was
handed in makes no second one. Several may be done at once, each in a thread of its own.
"""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from audits.audit import lay_out
from audits.errors import AuditError, StoreError
from audits.intake import Capture, Submitted, collect_named
from audits.retention import SWEEPING
from audits.service import submit_batch
from audits.store import Store, Submission
from audits.store.sweeping import Run, Schedule, SweptAt
from reports_in import read
from reports_in.errors import Infected, IntakeError
from reports_in.jail import Died, Jail
from reports_in.limits import LIMITS
from reports_in.system_words import in_words
from rules.compile import find_pack
from rules.published import content
from sweeps.digest import still_open, who_is_missing
from sweeps.errors import ScheduleUnusable, SourceRefused
from sweeps.looking import Allowed, Course, Failed, Found, Interrupted, Look, Seen
from sweeps.sources import source_of
from sweeps.when import zone

log = logging.getLogger(__name__)

LEASE_SECONDS = 120.0  # renewed while the look goes on
PAUSES = (
    60.0,
    600.0,
)  # seconds before a run whose source did not answer is tried again: a server that restarts, a share that is mounted
ATTEMPTS = 1 + len(PAUSES)  # a run that took its scheduler down, or whose source did not answer, so often is failed
WITHDRAWN_AFTER = 3600.0  # seconds between two looks that find nothing: less may be one and the same disturbance
PUBLISHED = ("addresses",)  # kinds of source that show what the public sees; files in a folder are no publication

Hint = Callable[[Sequence[str]], object]
Entered = Callable[[Schedule, Infected], object]  # a file that the virus scanner refused, in the log of actions


def _nobody(schedule: Schedule, found: Infected) -> None:
    """Enters nothing."""


@dataclass(slots=True)
class _Sorted:
    """What a look found, told apart; by address."""

    new: list[Found] = field(default_factory=list)
    changed: list[Found] = field(default_factory=list)
    new_year: list[Found] = field(default_factory=list)  # a later year's report is now where its forerunner was
    same: list[Found] = field(default_factory=list)
    restyled: list[Found] = field(default_factory=list)  # other bytes, the same report
    replaced: set[str] = field(default_factory=set)  # of the changed: where another year's report is now, or was none before
    returned: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    years: dict[str, tuple[int, int]] = field(default_factory=dict)  # of the reports then and now, where they differ

    @property
    def to_audit(self) -> tuple[Found, ...]:
        return (*self.new, *self.new_year, *self.changed)


def run_next(
    store: Store, allowed: Allowed, hint: Hint, lease_seconds: float = LEASE_SECONDS, entered: Entered = _nobody
) -> bool:
    """Do the next run that is due, whoever's it is. False if none is. Raises StoreError if the store cannot be used."""
    run = claim(store, lease_seconds)
    if run is not None:
        do(store, run, allowed, hint, lease_seconds, entered=entered)
    return run is not None


def claim(store: Store, lease_seconds: float = LEASE_SECONDS) -> Run | None:
    """The next run that is due, for whoever asks first. Raises StoreError."""
    return store.sweeping.claim(lease_seconds, ATTEMPTS)


def do(
    store: Store,
    run: Run,
    allowed: Allowed,
    hint: Hint,
    lease_seconds: float = LEASE_SECONDS,
    stop: threading.Event | None = None,
    entered: Entered = _nobody,
) -> None:
    """Do a run that was claimed. One that fails is tried again later; one that is stopped is due again. Raises StoreError."""
    over = (stop,) if stop is not None else ()
    try:
        schedule = store.sweeping.schedule(run.schedule_id)
        with (
            _renewed(store, run, lease_seconds) as lost,
            tempfile.TemporaryDirectory(prefix=SWEEPING, dir=store.folder) as folder,
        ):
            batch_id = _do(store, schedule, run, allowed, Path(folder), Course(_turns(store), (*over, lost)), entered)
    except Interrupted:
        log.info("sweep %s was broken off", run.schedule_id)
        store.sweeping.give_back(run)
        return
    except AuditError as exc:
        _failed(store, run, exc.code, str(exc), for_good=isinstance(exc, SourceRefused | ScheduleUnusable))
        return
    except OSError as exc:
        _failed(store, run, "SWEEP_DISK", f"取来的文件存不下（{in_words(exc)}）；请检查数据文件夹所在的磁盘")
        return
    except Exception as exc:
        log.exception("sweep %s failed", run.schedule_id)
        _failed(store, run, "INTERNAL", f"程序内部出错（{type(exc).__name__}）；请把日志交维护人员")
        return
    if batch_id is not None:
        hint(store.waiting(batch_id))


def _failed(store: Store, run: Run, code: str, reason: str, *, for_good: bool = False) -> None:
    """for_good: nothing will be otherwise before somebody has changed something."""
    log.warning("sweep %s failed at try %d: %s", run.schedule_id, run.attempt, reason)
    last = for_good or run.attempt >= ATTEMPTS
    store.sweeping.fail(run, code, reason, again_after=None if last else PAUSES[run.attempt - 1])


@contextmanager
def _renewed(store: Store, run: Run, lease_seconds: float) -> Iterator[threading.Event]:
    """While inside, the lease does not end; unless this process is frozen, and then it should. The event says that it has."""
    over, lost = threading.Event(), threading.Event()

    def renew() -> None:
        while not over.wait(lease_seconds / 4):
            with suppress(StoreError):
                if not store.sweeping.renew(run, lease_seconds):
                    lost.set()
                    return

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield lost
    finally:
        over.set()
        thread.join()


def _turns(store: Store) -> Callable[[str, float], float]:
    """Turns that all processes take from the database; while it is away, each waits for its pause alone."""

    def turn(host: str, pause: float) -> float:
        try:
            return store.sweeping.turn(host, pause)
        except StoreError as exc:
            log.warning("no turn from the database: %s", exc)
            return pause

    return turn


def _do(
    store: Store, schedule: Schedule, run: Run, allowed: Allowed, folder: Path, course: Course, entered: Entered
) -> str | None:
    """The id of the run's batch, None if there was nothing to audit or the run was lost meanwhile."""
    source = source_of(schedule.source)
    swept = store.sweeping.swept(schedule.id)
    seen = {address: Seen(item.sha256, item.seen, item.gone_at is not None) for address, item in swept.items()}
    into = folder / "found"
    into.mkdir()
    look = source.look(schedule.source, seen, into, allowed, course)
    now = store.sweeping.now()
    listed = _listed(schedule.source)
    found = _told_apart(store, look, swept, listed, now)
    published = schedule.source["kind"] in PUBLISHED
    of_source = hashlib.sha256(json.dumps(schedule.source, sort_keys=True).encode()).hexdigest()
    absent = _Absent(store, schedule, run, of_source)
    submitted = list(_to_submit(store, found, swept, published, now, absent))
    batch_id = uuid.uuid5(uuid.NAMESPACE_OID, f"{schedule.id} {run.slot!r}").hex
    at: dict[str, Submission] = {}
    places: list[str] = []
    if submitted:
        unpacked = folder / "unpacked"
        unpacked.mkdir()
        places, at = _hand_in(store, schedule, run, batch_id, submitted, unpacked, entered)
    rows = list(_rows(look, found, swept, at, now, absent))
    whose = {line["address"]: line.get("agency") for line in schedule.source.get("lines", ())}
    digest = {
        "new": [item.address for item in found.new],
        "new_year": [item.address for item in found.new_year],
        "years": found.years,
        "changed": [item.address for item in found.changed],
        "restyled": [item.address for item in found.restyled],
        "unchanged": len(found.same),
        "returned": found.returned,
        "gone": found.gone,
        "withdrawn": found.withdrawn,
        "left": list(look.left),
        "failed": [_told(item, whose) for item in look.failed],
        "absent": [_told(item, whose) for item in look.absent if item.address not in {*found.gone, *found.withdrawn}],
        "agencies": {item.address: item.agency for item in found.to_audit if item.agency},
        "places": places,
        "before": {address: swept[address].submission_id for address in at if address in swept},
        "complete": look.complete,
        "source": of_source,
    }
    if not places:  # nothing will be summed up later
        digest |= who_is_missing(store, schedule, run.slot) | still_open(store, schedule.id)
    if not store.sweeping.looked(run, batch_id if places else None, rows, digest):
        log.warning("sweep %s came back after its lease had ended; discarded", schedule.id)
        return None
    return batch_id if places else None


def _told(item: Failed, whose: Mapping[str, str | None]) -> dict[str, str | None]:
    return {"address": item.address, "agency": whose.get(item.address), "code": item.code, "reason": item.reason}


def _listed(source: Mapping[str, Any]) -> frozenset[str] | None:
    """The addresses that the source names one by one; None if what it looks at is whatever there is."""
    return frozenset(line["address"] for line in source["lines"]) if "lines" in source else None


def _told_apart(
    store: Store, look: Look, swept: Mapping[str, SweptAt], listed: frozenset[str] | None, looked_at: float
) -> _Sorted:
    """listed: nothing is said of an address that was taken off the list."""
    told = _Sorted()
    for item in look.found:
        before = swept.get(item.address)
        if before is None:
            told.new.append(item)
            continue
        if before.gone_at is not None:
            told.returned.append(item.address)
        if item.path is None or item.sha256 == before.sha256:
            told.same.append(item)
            continue
        then = _laid_out(store.file(before.sha256), before.name) if before.sha256 else None  # "": it was refused and not kept
        now = _laid_out(item.path, item.name)
        if then is not None and then == now:
            told.restyled.append(item)
            continue
        is_same = then is not None and now is not None and then.year == now.year
        if not is_same:
            told.replaced.add(item.address)
        if then is not None and now is not None and then.year and now.year and not is_same:
            told.years[item.address] = (then.year, now.year)
        is_later = item.address in told.years and told.years[item.address][0] < told.years[item.address][1]
        (told.new_year if is_later else told.changed).append(item)
    if look.complete:
        there = {item.address for item in look.found} | {item.address for item in look.failed} | set(look.left)
        for address, before in swept.items():
            if address not in there and not before.is_withdrawn and (listed is None or address in listed):
                is_over = before.gone_at is not None and looked_at - before.gone_at >= WITHDRAWN_AFTER
                (told.withdrawn if is_over else told.gone).append(address)
    return told


@dataclass(frozen=True, slots=True)
class _Print:
    """Equal for two captures of the same report, whatever has changed around it. year None: it does not say."""

    content: str
    year: int | None


def _laid_out(path: Path, name: str) -> _Print | None:
    """None if it is no report that can be read."""
    try:
        with _ONE_AT_A_TIME:
            told = json.loads(b"".join(_JAIL.ask(json.dumps([str(path), name]).encode(), LIMITS.read_seconds)))
    except Died as died:
        log.warning("a capture could not be laid out: %s", died.fault)
        return None
    return _Print(*told) if told else None


def _fingerprint(request: bytes) -> Iterable[bytes]:
    """In the child."""
    path, name = json.loads(request)
    try:
        filing = lay_out(read(Path(path), name))
        told = [content(filing).fingerprint, filing.year.value]
    except (IntakeError, OSError):
        told = []
    return (json.dumps(told).encode(),)


_JAIL = Jail(_fingerprint)
_ONE_AT_A_TIME = threading.Lock()  # a jail serves one thread


def _to_submit(
    store: Store, found: _Sorted, swept: Mapping[str, SweptAt], published: bool, now: float, absent: _Absent
) -> Iterable[tuple[str, Submitted]]:
    """The files to audit with the address of each. A report that was withdrawn is audited as it was, to say so."""
    for item in found.to_audit:
        assert item.path is not None
        before = swept.get(item.address)
        capture = None
        if published:
            until = absent.until(item.address) if before is None else None
            capture = Capture(first_seen=_day(now), absent_until=_day(until) if until else None, agency=item.agency)
            if before is not None and item.address not in found.replaced:
                capture = Capture(
                    first_seen=_day(before.first_seen_at),
                    absent_until=_day(before.absent_until) if before.absent_until else None,
                    before=(before.sha256, before.name),
                    before_seen=_day(before.seen_at),
                    agency=item.agency,
                )
        yield item.address, Submitted(item.path, item.name, capture=capture)
    for address in found.withdrawn if published else ():
        before = swept[address]
        assert before.gone_at is not None
        capture = Capture(
            first_seen=_day(before.first_seen_at),
            absent_until=_day(before.absent_until) if before.absent_until else None,
            gone_since=_day(before.gone_at),
            agency=before.agency,
        )
        if before.sha256 and store.file(before.sha256).exists():
            yield address, Submitted(store.file(before.sha256), before.name, capture=capture)


def _hand_in(
    store: Store,
    schedule: Schedule,
    run: Run,
    batch_id: str,
    submitted: Sequence[tuple[str, Submitted]],
    unpacked: Path,
    entered: Entered,
) -> tuple[list[str], dict[str, Submission]]:
    """Make the batch, or find it made by a run that was lost.

    Returns the address of each of its submissions in order, "" if it is none of these any more, and where each address is audited:
    one whose bytes are those of another is audited there.
    """
    apart = _named_apart(submitted)
    address_of = {item.name: address for address, item in apart}
    captures = {item.name: item.capture for _, item in apart}

    def outer(name: str) -> str:
        """What was submitted; an archive's report is called by the way to it."""
        return next((known for known in (name, *map(str, Path(name).parents)) if known in address_of), "")

    try:
        store.batch_status(batch_id)
    except StoreError:  # it is not there: this is the first who comes so far
        collected = collect_named([item for _, item in apart], unpacked)
        submit_batch(
            store,
            f"{schedule.title} {datetime.fromtimestamp(run.slot, zone()):%Y-%m-%d %H:%M}",
            [replace(item, capture=captures[outer(item.name)]) for item in collected.files],
            schedule.year,
            collected.skipped,
            collected.duplicates,
            owner=schedule.owner,
            pack=find_pack(schedule.pack),
            region=schedule.region,
            batch_id=batch_id,
            entered=lambda found: entered(schedule, found),
        )
    results = store.results(batch_id)
    places = [address_of.get(outer(result.submission.name), "") for result in results]
    at = {address: result.submission for address, result in zip(places, results, strict=True) if address}
    for double in store.left_out(batch_id)[1]:
        twin = at.get(address_of.get(outer(double.same_as), ""))
        if twin is not None and outer(double.name):
            at.setdefault(address_of[outer(double.name)], twin)
    return places, at


def _named_apart(submitted: Sequence[tuple[str, Submitted]]) -> list[tuple[str, Submitted]]:
    """Two addresses may end in the same file name; then the later ones are numbered."""
    taken: dict[str, int] = {}
    apart = []
    for address, item in submitted:
        taken[item.name] = taken.get(item.name, 0) + 1
        name = Path(item.name)
        numbered = name if taken[item.name] == 1 else name.with_stem(f"{name.stem}（{taken[item.name]}）")
        apart.append((address, replace(item, name=str(numbered))))
    return apart


def _rows(
    look: Look,
    found: _Sorted,
    swept: Mapping[str, SweptAt],
    at: Mapping[str, Submission],
    now: float,
    absent: _Absent,
) -> Iterable[SweptAt]:
    """What is known of each address after this look."""
    audited = {item.address for item in found.to_audit}
    for item in look.found:
        before = swept.get(item.address)
        if item.address in audited and item.address not in at:
            continue  # its batch was made before it came: the next look finds it again
        is_archive = item.address in audited and at[item.address].name != item.name
        audited_as = item.sha256 if item.address not in audited or is_archive else at[item.address].sha256
        first = before if item.address not in found.replaced else None
        kept = before.sha256 if before is not None and item.address not in audited else audited_as
        yield SweptAt(
            address=item.address,
            name=item.name if item.address in audited or before is None else before.name,
            agency=item.agency,
            sha256=kept,
            seen=item.seen,
            submission_id=at[item.address].id if item.address in at else before.submission_id if before else None,
            absent_until=first.absent_until if first else None if before else absent.until(item.address),
            first_seen_at=first.first_seen_at if first else now,
            seen_at=now,
            gone_at=None,
            is_withdrawn=False,
        )
    for address in found.gone:
        first_gone = swept[address].gone_at
        yield replace(swept[address], gone_at=now if first_gone is None else first_gone)
    for address in found.withdrawn:
        yield replace(
            swept[address], is_withdrawn=True, submission_id=at[address].id if address in at else swept[address].submission_id
        )


class _Absent:
    """When the schedule last looked at an address and nothing was there. A look at another list of addresses, or one that got no
    answer there, shows nothing."""

    def __init__(self, store: Store, schedule: Schedule, run: Run, of_source: str) -> None:
        self._looks = [
            (earlier.started_at, _unknown_in(earlier.digest))
            for earlier in store.sweeping.runs(schedule.id)
            if earlier.slot < run.slot
            and earlier.started_at is not None
            and earlier.digest is not None
            and earlier.digest.get("complete")
            and earlier.digest.get("source") == of_source
        ]

    def until(self, address: str) -> float | None:
        return next((started_at for started_at, unknown in self._looks if address not in unknown), None)


def _unknown_in(digest: Mapping[str, Any]) -> frozenset[str]:
    return frozenset((*(item["address"] for item in digest.get("failed", ())), *digest.get("left", ())))


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment, zone()).date().isoformat()
