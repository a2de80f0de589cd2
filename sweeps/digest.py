"""What a run of a sweep brought: new, fixed, still open, missing, failed. Written once, when the run's batch is done."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from audits.digest import Digest
from audits.errors import AuditError
from audits.outcome import Settled
from audits.regions import Scope
from audits.service import digest_of_result
from audits.store import Result, Store
from audits.store.lines import Viewer
from audits.store.sweeping import Run, Schedule
from audits.versions import changes
from sweeps.when import zone

log = logging.getLogger(__name__)

MOST_NAMED = 500  # missing agencies; the number is of all
NUMBERS = {
    "new": "新出现的年报",
    "changed": "内容有变的年报",
    "withdrawn": "撤下的年报",
    "unchanged": "没有变化的年报",
    "failed": "没能看到的地址",
    "problems": "新发现的问题",
    "fixed": "已改好的问题",
    "open": "仍存在的问题",
    "unreadable": "读不了的文件",
    "missing": "还没有报告的单位",
}


def close_done(store: Store) -> int:
    """Sum up the runs whose batch is done; returns how many. Any number may call this at any time."""
    closed = 0
    for run in store.sweeping.being_audited():
        assert run.batch_id is not None
        try:
            if store.batch_status(run.batch_id).is_done:
                closed += store.sweeping.close(run, summed_up(store, run))
        except AuditError as exc:  # the batch was deleted meanwhile, or its files are away
            log.warning("run %s of sweep %s could not be summed up: %s", run.slot, run.schedule_id, exc)
            closed += store.sweeping.close(run, {**(run.digest or {}), "fault": str(exc)})
    return closed


def summed_up(store: Store, run: Run) -> dict[str, Any]:
    """What the look found (sweeps/run.py), with what became of each report.

    reports  address, submission, state, code and reason, agency, and the ids of its new, fixed and open findings.
    """
    looked = dict(run.digest or {})
    assert run.batch_id is not None
    places: Sequence[str] = looked.get("places", ())
    before: Mapping[str, str | None] = looked.get("before", {})
    results = store.results(run.batch_id)
    reports = [
        _report(store, address, result, before.get(address))
        for address, result in zip(places, results, strict=False)  # one added by hand since is nobody's here
    ]
    schedule = store.sweeping.schedule(run.schedule_id)
    return {**looked, "reports": reports, **who_is_missing(store, schedule, run.slot)}


def who_is_missing(store: Store, schedule: Schedule, moment: float) -> dict[str, Any]:
    """Agencies of the rosters in force of whom no report has come for the schedule's year, else for the year before that moment."""
    year = schedule.year or datetime.fromtimestamp(moment, zone()).year - 1
    rows = store.listing.missing(Viewer(Scope((schedule.region,))), year)
    return {"missing": [row.name for row in rows[:MOST_NAMED]], "missing_total": len(rows), "missing_year": year}


def _report(store: Store, address: str, result: Result, before_id: str | None) -> dict[str, Any]:
    submission, summary = result.submission, result.summary
    told: dict[str, Any] = {
        "address": address,
        "submission": submission.id,
        "name": submission.name,
        "state": submission.state.value,
        "code": submission.code,
        "reason": submission.reason,
        "agency": summary.agency if summary else None,
        "year": summary.year if summary else None,
        "problems": [],
        "fixed": [],
        "open": [],
        "unsure": [],
    }
    if submission.state.value != Settled.AUDITED:
        return told
    now = digest_of_result(store, result)
    then = _earlier(store, before_id)
    compared = changes(then, now) if then is not None else None
    if compared is None or not compared.comparable:
        return told | {"problems": _ids(now)}
    return told | {
        "problems": [finding.id for finding in compared.new],
        "fixed": [finding.id for finding in compared.fixed],
        "open": [finding.id for finding in compared.still_open],
        "unsure": [finding.id for finding in compared.unsure],
    }


def _ids(digest: Digest) -> list[str]:
    return [finding.id for finding in digest.findings]


def _earlier(store: Store, submission_id: str | None) -> Digest | None:
    """The audit of the capture before; None if there was none, or it is not kept any more."""
    if submission_id is None:
        return None
    try:
        found = [result for result in store.versions(submission_id) if result.submission.id == submission_id]
        return digest_of_result(store, found[0]) if found and "json" in found[0].outputs else None
    except AuditError:
        return None


def numbers(digest: Mapping[str, Any] | None) -> dict[str, int]:
    """The figures of a digest by the names of NUMBERS; all zero for none."""
    told = digest or {}
    reports: Sequence[Mapping[str, Any]] = told.get("reports", ())
    return {
        "new": len(told.get("new", ())),
        "changed": len(told.get("changed", ())),
        "withdrawn": len(told.get("withdrawn", ())),
        "unchanged": int(told.get("unchanged", 0)) + len(told.get("restyled", ())),
        "failed": len(told.get("failed", ())),
        "problems": sum(len(report["problems"]) for report in reports),
        "fixed": sum(len(report["fixed"]) for report in reports),
        "open": sum(len(report["open"]) for report in reports),
        "unreadable": sum(report["state"] in ("unreadable", "failed") for report in reports),
        "missing": int(told.get("missing_total", 0)),
    }


def in_words(digest: Mapping[str, Any] | None) -> str:
    """The digest in one line of Chinese: only what is not nothing."""
    said = [f"{NUMBERS[name]} {number}" for name, number in numbers(digest).items() if number]
    return "，".join(said) or "没有变化"
