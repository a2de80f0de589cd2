"""What the shells call: submit a batch, audit what waits, see how things stand, take up what was left. Results: documents.py."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from audits.audit import ENGINE
from audits.digest import Digest, digest_from
from audits.errors import AuditError, StoreError
from audits.intake import Capture, Duplicate, Submitted
from audits.matching import as_said, signs_of_name
from audits.outcome import Outcome, Settled
from audits.previous import previous_in
from audits.regions import EVERYWHERE
from audits.scanning import Entered
from audits.single import KEPT, NATIONAL, NOTHING_ELSE, Asked, Captured, audit_in_jail, measure_of
from audits.store import AskedOfBatch, BatchStatus, Claim, Queue, Result, Store, Submission, SubmissionState
from audits.store.rosters import matcher_of
from audits.versions import Changes, changes
from audits.waivers import load_waivers
from reports_in.errors import Infected, NeedsOcr
from reports_in.ocr import is_installed
from reports_in.system_words import in_words
from rules.compile import PACK_FILE, PACKS, load_pack
from rules.errors import RuleError

log = logging.getLogger(__name__)

FINISH_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 8.0)  # seconds; a finished audit is worth waiting for a database that restarts
RETRIED = (SubmissionState.FAILED, SubmissionState.CANCELLED)  # what a retry takes up unless told otherwise
HINTS_AT_ONCE = 2_000  # of a pass of the reconciler: the rest is due at the next
WAKING = 64  # submissions hinted at to set a queue going that stands still

About = Callable[[Submission], AbstractContextManager[None]]


def submit_batch(
    store: Store,
    title: str,
    files: Iterable[Submitted],
    year: int | None = None,
    skipped: Sequence[str] = (),
    duplicates: Sequence[Duplicate] = (),
    owner: str = "",
    pack: Path = NATIONAL,
    region: str = EVERYWHERE,
    waivers: Path | None = None,
    evidence: bool = False,
    batch_id: str | None = None,
    entered: Entered = lambda found: None,
) -> str:
    """Record the batch; returns its id. Whoever calls this then hints the workers: ``store.waiting`` says at what.

    skipped, duplicates  what of the batch is no report of its own, see audits/intake.py: kept for its index.
    owner                whose turn it is when it is audited.
    region               whose reports these are, see audits/regions.py; by the roster in force there their agencies are told.
    waivers              a file as audits/waivers.py reads it. Raises RuleError for what is wrong in it.
    evidence             PDFs show the pieces of the source's pages that findings quote.
    batch_id             of the new batch, if whoever asks has to know it beforehand.
    entered              called with every file that the virus scanner refuses, to enter it in the log of actions.

    Raises ScannerUnavailable, and Infected or NotScanned for the waivers.
    """
    kept = None
    if waivers is not None:
        load_waivers(waivers, load_pack(pack))
        try:
            kept = store.take_bytes(waivers.read_bytes(), waivers.name)
        except Infected as found:
            entered(found)
            raise
    of = (_stored(pack), region, kept, evidence, batch_id)
    batch_id = store.add_batch(title, files, year, skipped, duplicates, owner, *of, entered)
    complete(store, batch_id)  # of an empty batch, or one with nothing to read, nothing will ever be settled
    log.info("batch %s received", batch_id)
    return batch_id


def audit_again(store: Store, batch_id: str, pack: Path, owner: str = "") -> str:
    """Hold the batch's files against another pack, as a new batch; returns its id. What is there already is not audited again."""
    rules, waivers = (
        load_pack(pack),
        store.asked(batch_id).waivers,
    )  # what cannot be loaded is refused before anything is recorded
    if waivers is not None:
        load_waivers(store.file(waivers), rules)
    new_id = store.add_again(batch_id, _stored(pack), owner)
    complete(store, new_id)
    return new_id


def audit_next(store: Store, queue: Queue, lease_seconds: float, about: About = lambda _: nullcontext()) -> bool:
    """Audit the next submission of the queue, whosever turn it is. False if nothing waits.

    about  is entered with the submission while it is worked on: log lines of that time are about it.

    Safe to call any number of times, anywhere: the rows decide. Raises StoreError if the store cannot be used; what was claimed
    then waits again at once, or when its lease has ended.
    """
    claim = store.claim(queue, lease_seconds)
    if claim is None:
        return False
    with about(claim.submission):
        if _settle(store, claim):
            log.info("submission %s is settled", claim.submission.id)
            complete(store, claim.submission.batch_id)
        else:
            log.warning("submission %s was finished after its lease was lost; discarded", claim.submission.id)
    return True


def _settle(store: Store, claim: Claim) -> bool:
    """False if the claim was lost."""
    submission = claim.submission
    pack = _folder(submission.pack)
    try:
        of_batch = store.asked(submission.batch_id)
        roster = of_batch.roster
        asked = replace(_asked(store, of_batch), said=store.assignments.said(submission))
        key = audit_key(submission, pack, asked)
        if store.recorded(key) is not None:
            return _insist(lambda: store.finish_as_recorded(claim, key, roster.id if roster else None))
        previous = submission.previous and Submitted(store.file(submission.previous[0]), submission.previous[1])
        later = submission.queue is Queue.AUDIT and recognises_scans()
        file = store.file(submission.sha256)
        outcome = audit_in_jail(
            file,
            submission.name,
            KEPT,
            submission.year,
            pack,
            previous or None,
            scans_later=later,
            asked=asked,
            captured=_captured(store, submission.capture),
        )
        if later and outcome.code == NeedsOcr.code:
            return store.move(claim, Queue.OCR)
        if outcome.state is not Settled.AUDITED:  # it was handed in, whoever's it is
            matcher = matcher_of(asked.roster) if asked.roster is not None else None
            listed = submission.capture.agency if submission.capture is not None else None
            told = matcher.match(signs_of_name(submission.name, listed)) if matcher is not None else None
            outcome = replace(outcome, match=as_said(told, asked.said, matcher.roster if matcher is not None else None))
        label = load_pack(pack).label
    except RuleError as exc:
        outcome, key, label = Outcome(Settled.FAILED, exc.code, f"{submission.name}：规则包无法使用：{exc}"), "", ""
    except StoreError:
        _give_back(store, claim)
        raise
    try:
        return _insist(lambda: store.finish(claim, outcome, key, label, ENGINE, roster.id if roster else None))
    except StoreError:
        _give_back(store, claim)
        raise


def _insist(record: Callable[[], bool]) -> bool:
    """Record what took a while to find out, even if the database or the disk is away for some seconds."""
    for pause in FINISH_PAUSES:
        try:
            return record()
        except StoreError as exc:
            log.warning("not recorded yet: %s", exc)
            time.sleep(pause)
    return record()


def _give_back(store: Store, claim: Claim) -> None:
    with suppress(StoreError):  # a full disk may take this write and not that one; if neither, the lease runs out
        store.release(claim)


def _captured(store: Store, capture: Capture | None) -> Captured | None:
    """With the file of the earlier capture, if it is still kept."""
    if capture is None:
        return None
    before = capture.before and Submitted(store.file(capture.before[0]), capture.before[1])
    return Captured(capture, before if before and before.path.exists() else None)


def _asked(store: Store, of_batch: AskedOfBatch) -> Asked:
    """What the batch's reports are held against today."""
    return Asked(
        store.file(of_batch.roster.sha256) if of_batch.roster is not None else None,
        store.file(of_batch.waivers) if of_batch.waivers is not None else None,
        today().isoformat() if of_batch.waivers is not None else "",
        of_batch.evidence,
    )


def today() -> date:
    return datetime.now(UTC).astimezone().date()


def audit_key(submission: Submission, pack: Path, beside: Asked = NOTHING_ELSE) -> str:
    """The name of the answer: same file, rules and program, and whatever else is printed in it. Asked twice, it is audited once."""
    asked = [submission.sha256, submission.name, submission.year, submission.previous, fingerprint(pack), ENGINE, KEPT]
    asked += [
        beside.roster.name if beside.roster is not None else "",
        beside.evidence,
    ]  # a file of the store is named for its hash
    if submission.capture is not None:
        asked += [json.dumps(asdict(submission.capture))]
    if beside.said is not None:
        asked += [json.dumps(asdict(beside.said))]
    if beside.waivers is not None:
        asked += map(repr, measure_of(str(pack), "", str(beside.waivers), beside.day).waivers)
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


@cache
def fingerprint(pack: Path) -> str:
    """Of the files of the pack and of those that it extends: an edited rule is another rule, whatever the version says."""
    digest = hashlib.sha256()
    for path in sorted(pack.glob("**/*.yaml")):
        digest.update(f"{path.relative_to(pack)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    for base in load_pack(pack).bases:
        beside = pack.parent / base.id
        digest.update(fingerprint(beside if (beside / PACK_FILE).is_file() else PACKS / base.id).encode())
    return digest.hexdigest()


@cache
def recognises_scans() -> bool:
    """Whether a queue for scans is worth having here."""
    return is_installed()


def complete(store: Store, batch_id: str) -> None:
    """See to what belongs to the whole batch if its last submission is settled. Safe to call at any time."""
    store.complete(batch_id, _beside_last_year)


def _beside_last_year(results: Sequence[Result]) -> Mapping[str, str]:
    audited = [result for result in results if result.audit is not None]
    pairs = previous_in([Outcome(Settled.AUDITED, summary=result.summary) for result in audited])
    return {audited[index].submission.id: audited[before].submission.id for index, before in pairs.items()}


def reconcile(store: Store, first_hint_seconds: float, standing_still: Iterable[Queue] = ()) -> Mapping[Queue, Sequence[str]]:
    """Put right what lost workers and lost hints left; returns the ids to hint at now, by queue.

    standing_still  queues to be set going although no hint is due. Any number may call this at any time.
    """
    failed, lost = store.fail_worn_out(), store.put_back_expired()
    if failed or lost:
        log.warning("%d submissions failed after too many lost workers, %d wait again", failed, lost)
    store.decisions.end_waivers(today())
    store.rosters.catch_up()
    for batch_id in store.unfinished():
        complete(store, batch_id)
    gone = store.removal.finish()
    if gone.files:
        log.info("%d files of deleted reports removed", gone.files)
    found = {queue: list(ids) for queue, ids in store.due_hints(HINTS_AT_ONCE, first_hint_seconds).items()}
    for queue in standing_still:
        for woken, ids in store.oldest_waiting(queue, WAKING, first_hint_seconds).items():
            found.setdefault(woken, []).extend(ids)
    return found


def batch_status(store: Store, batch_id: str) -> BatchStatus:
    """How many of its reports stand where. Raises StoreError for an unknown batch."""
    return store.batch_status(batch_id)


def cancel_batch(store: Store, batch_id: str) -> int:
    """Stop what is not settled; what is audited stays. Returns how many were cancelled."""
    cancelled = store.cancel(batch_id)
    complete(store, batch_id)
    return cancelled


def resubmit(store: Store, submission_id: str, submitted: Submitted) -> str:
    """Take in a corrected report in the place of that submission; returns the id of the new one.

    Raises Infected, NotScanned, ScannerUnavailable: what is there stays then.
    """
    new_id = store.add_version(submission_id, submitted)
    complete(store, store.submission(new_id).batch_id)
    return new_id


def changes_of(store: Store, submission_id: str) -> Changes:
    """What the newest audited version of the report changed against the audited one before it."""
    audited = [result for result in store.versions(submission_id) if "json" in result.outputs]
    if len(audited) < 2:
        return Changes(comparable=False, reason="没有两个已核查的版本可比")
    before, after = audited[-2:]
    return changes(digest_of_result(store, before), digest_of_result(store, after))


def digest_of_result(store: Store, result: Result) -> Digest:
    """What was recorded of the audit. Raises AuditError if it is not kept any more."""
    try:
        return digest_from(store.file(result.outputs["json"]).read_bytes())
    except OSError as exc:
        raise AuditError(f"{result.submission.name}：已存的核查数据读不到（{in_words(exc)}）；请重新核查该文件") from exc


def _stored(pack: Path) -> str:
    return "" if pack.resolve() == NATIONAL.resolve() else str(pack.resolve())


def _folder(stored: str) -> Path:
    return Path(stored) if stored else NATIONAL
