"""工作台: what wants attention first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from access.actor import Actor
from access.permissions import Permission
from audits.store.lines import Coverage, Wanted
from audits.store.sweeping import RunState
from sweeps.digest import in_words
from web.here import Here, Services
from web.lists import words
from web.render import page
from web.security import Guarded, requires, viewer

router = APIRouter(route_class=Guarded)

SHOWN = 8
MOST_SWEEPS = 100  # looked at
RUN_WORDS = {
    RunState.DUE: "等待运行",
    RunState.RUNNING: "正在查看",
    RunState.AUDITING: "正在核查",
    RunState.FAILED: "没有成功",
    RunState.SKIPPED: "错过，没有补做",
}


@dataclass(frozen=True, slots=True)
class Missing:
    """How many agencies have not reported for the year that is due."""

    year: int
    number: int


@dataclass(frozen=True, slots=True)
class Swept:
    """The last run of a sweep, in words."""

    title: str
    at: float
    words: str
    is_bad: bool


@router.get("/")
def dashboard(request: Request, actor: Annotated[Actor, requires(Permission.REPORT_READ)], here: Here) -> Response:
    """Problems that nobody has decided yet, what failed, what runs, who is missing."""
    listing, who = here.store.listing, viewer(actor)
    batches = listing.batches(who, size=50).items
    return page(
        request,
        "dashboard/dashboard.html",
        totals=listing.totals(who),
        worst=listing.reports(who, Wanted(open_only=True), size=SHOWN).items,
        batches=batches[:SHOWN],
        running=[batch for batch in batches if not batch.is_done][:SHOWN],
        missing=_missing(here, actor),
        sweeps=_sweeps(here, actor),
        pages=here.pages,
        can_submit=actor.may(Permission.REPORT_SUBMIT),
        **words(),
    )


def _sweeps(here: Services, actor: Actor) -> list[Swept]:
    """Their last runs, newest first."""
    if not actor.may(Permission.SWEEP_READ) or actor.own_only:
        return []
    found = []
    for schedule in here.store.sweeping.schedules(actor.scope)[:MOST_SWEEPS]:
        for run in here.store.sweeping.runs(schedule.id, limit=1):
            words_ = in_words(run.digest) if run.state is RunState.DONE else RUN_WORDS[run.state]
            bad = run.state is RunState.FAILED
            found.append(Swept(schedule.title, run.slot, f"{words_}：{run.reason}" if bad and run.reason else words_, bad))
    return sorted(found, key=lambda one: -one.at)[:SHOWN]


def _missing(here: Services, actor: Actor) -> Missing | None:
    """Of the year before this one; None without a roster."""
    who = viewer(actor)
    if not actor.may(Permission.ROSTER_READ) or not here.store.rosters.current(who):
        return None
    year = date.today().year - 1
    return Missing(year, here.store.listing.coverage_totals(who, year).states.get(Coverage.MISSING, 0))
