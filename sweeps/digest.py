"""What a run of a sweep brought: new, fixed, still open, missing, failed. Written once, when the run's batch is done."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from audits.digest import Digest
from audits.errors import AuditError
from audits.outcome import Settled
from audits.regions import Scope
from audits.service import digest_of_result
from audits.store import Result, Store
from audits.store.lines import Viewer
from audits.store.sweeping import Known, Run, Schedule
from audits.versions import changes
from audits.waivers import same_name
from sweeps.when import zone

log = logging.getLogger(__name__)

MOST_NAMED = 500  # missing agencies, and reports with open problems; the numbers are of all
NUMBERS = {
    "new": "新出现的年报",
    "new_year": "新年度的年报",
    "changed": "内容有变的年报",
    "withdrawn": "撤下的年报",
    "unchanged": "没有变化的年报",
    "absent": "没有内容的网址",
    "failed": "没能看到的地址",
    "problems": "新发现的问题",
    "fixed": "已改好的问题",
    "unsure": "说不准是否已改的问题",
    "open": "仍存在的问题",
    "unreadable": "读不了的文件",
    "still_unreadable": "仍读不了的文件",
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
        except Exception as exc:  # of one run: the others are summed up all the same
            log.exception("run %s of sweep %s could not be summed up", run.slot, run.schedule_id)
            fault = f"程序内部出错（{type(exc).__name__}）；请把日志交维护人员"
            closed += store.sweeping.close(run, {**(run.digest or {}), "fault": fault})
    return closed


def summed_up(store: Store, run: Run) -> dict[str, Any]:
    """What the look found (sweeps/run.py), with what became of each report.

    reports  address, submission, state, code and reason, agency, and the ids of its new, fixed, open and unsure findings.
    """
    looked = dict(run.digest or {})
    assert run.batch_id is not None
    places: Sequence[str] = looked.get("places", ())
    before: Mapping[str, str | None] = looked.get("before", {})
    agencies: Mapping[str, str] = looked.get("agencies", {})
    reports = [
        _report(store, address, result, before.get(address), agencies.get(address))
        for result in store.results(run.batch_id)
        if (address := _at(places, result.submission.position)) is not None  # one added by hand since is nobody's here
    ]
    schedule = store.sweeping.schedule(run.schedule_id)
    found_now = {finding for report in reports for finding in report["problems"]}
    known = still_open(store, schedule.id, found_now, run.batch_id)
    return {**looked, "reports": reports, **who_is_missing(store, schedule, run.slot), **known}


def who_is_missing(store: Store, schedule: Schedule, moment: float) -> dict[str, Any]:
    """Agencies of the rosters in force of whom no report has come for the schedule's year, else for the year before that moment.

    missing_by  "year" or "last_year"; None if there is no roster, so that nobody can be said to be missing.
    """
    year = schedule.year or last_year(moment)
    viewer = Viewer(Scope((schedule.region,)))
    rows = store.listing.missing(viewer, year)
    has_roster = bool(rows) or store.rosters.in_force(schedule.region) is not None or bool(store.rosters.current(viewer))
    return {
        "missing": [row.name for row in rows[:MOST_NAMED]],
        "missing_total": len(rows),
        "missing_year": year,
        "missing_by": None if not has_roster else "year" if schedule.year else "last_year",
    }


def last_year(moment: float) -> int:
    """The year that is reported on at that moment, where nobody says which."""
    return datetime.fromtimestamp(moment, zone()).year - 1


def still_open(store: Store, schedule_id: str, found_now: Collection[str] = (), batch_id: str | None = None) -> dict[str, Any]:
    """Of all reports that the schedule knows, the problems that nobody has dismissed or waived and that this run did not find.

    open_total, open_in: how many, in how many reports; open_reports: the worst of these. still_unreadable: files that could not be
    read before and are there as they were, if they are not in the run's own batch.
    """
    swept = store.sweeping.swept(schedule_id)
    at = {address: item.submission_id for address, item in swept.items() if item.submission_id}
    gone = {item.submission_id for item in swept.values() if item.gone_at is not None}
    known = store.sweeping.known(schedule_id)
    batch_of = {report.first: report.batch_id for report in known}
    places = store.sweeping.places(schedule_id, set(batch_of.values()))
    here = {(address, batch_of.get(submission)) for address, submission in at.items()}
    first_ids = frozenset(at.values())

    def is_known(report: Known) -> bool:
        """Not one of an address that has been audited anew since, in another batch."""
        return report.first in first_ids or (_at(places.get(report.batch_id, ()), report.position), report.batch_id) in here

    there = [report for report in known if is_known(report)]
    unreadable = [report for report in there if report.code and report.batch_id != batch_id and report.first not in gone]
    left = [(report, sum(one not in found_now for one in report.open)) for report in there]
    left = sorted((item for item in left if item[1]), key=lambda item: (-item[1], item[0].name))
    return {
        "open_total": sum(count for _, count in left),
        "open_in": len(left),
        "open_reports": [
            {"submission": report.submission_id, "name": report.name, "agency": report.agency, "open": count}
            for report, count in left[:MOST_NAMED]
        ],
        "still_unreadable": [
            {"submission": report.submission_id, "name": report.name, "code": report.code, "reason": report.reason}
            for report in unreadable
        ],
    }


def _at(places: Sequence[str], position: int) -> str | None:
    """The address of a report; None if the look did not hand it in."""
    return (places[position] or None) if position < len(places) else None


def _report(store: Store, address: str, result: Result, before_id: str | None, listed: str | None) -> dict[str, Any]:
    submission, summary = result.submission, result.summary
    stated = summary.agency if summary else None
    told: dict[str, Any] = {
        "address": address,
        "submission": submission.id,
        "name": submission.name,
        "state": submission.state.value,
        "code": submission.code,
        "reason": submission.reason,
        "agency": stated,
        "listed": listed,
        "is_listed_otherwise": _otherwise(listed, stated),
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


def _otherwise(listed: str | None, stated: str | None) -> bool:
    """Whether the list of addresses says another agency than the report, as far as names alone can tell: not by a code."""
    if not listed or not stated or not any("\u4e00" <= char <= "\u9fff" for char in listed):
        return False
    one, other = same_name(listed), same_name(stated)
    return one not in other and other not in one


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
        "new_year": len(told.get("new_year", ())),
        "changed": len(told.get("changed", ())),
        "withdrawn": len(told.get("withdrawn", ())),
        "unchanged": int(told.get("unchanged", 0)) + len(told.get("restyled", ())),
        "absent": len(told.get("absent", ())),
        "failed": len(told.get("failed", ())),
        "problems": sum(len(report["problems"]) for report in reports),
        "fixed": sum(len(report["fixed"]) for report in reports),
        "unsure": sum(len(report["unsure"]) for report in reports),
        "open": int(told.get("open_total", sum(len(report["open"]) for report in reports))),
        "unreadable": sum(report["state"] in ("unreadable", "failed") for report in reports),
        "still_unreadable": len(told.get("still_unreadable", ())),
        "missing": int(told.get("missing_total", 0)),
    }


def in_words(digest: Mapping[str, Any] | None) -> str:
    """The digest in one line of Chinese: only what is not nothing."""
    said = [f"{NUMBERS[name]} {number}" for name, number in numbers(digest).items() if number]
    return "，".join(said) or "没有变化"
