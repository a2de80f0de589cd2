"""巡查: what is looked at again and again, when, and what each look brought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from access.actions import Action
from access.actor import Actor
from access.permissions import Permission
from audits.store.sweeping import Run, RunState, Schedule
from sweeps import schedules, slots
from sweeps.allowed import allowed_here
from sweeps.digest import NUMBERS, in_words, last_year, numbers
from sweeps.errors import SweepError
from sweeps.sources import source_of
from web.errors import BadRequest, NotFound
from web.here import Here, Services
from web.lists import pack_choices, packs_of
from web.regions import known_regions, region_from, written
from web.render import page, redirect
from web.security import Guarded, requires, viewer

router = APIRouter(route_class=Guarded)

FIRST_YEAR, LAST_YEAR = 1990, 2100
STATES = {
    RunState.DUE: ("等待", "quiet"),
    RunState.RUNNING: ("正在查看", "info"),
    RunState.AUDITING: ("核查中", "info"),
    RunState.DONE: ("完成", "good"),
    RunState.FAILED: ("失败", "bad"),
    RunState.SKIPPED: ("错过", "warn"),
}
RETRY = ("等待再试", "warn")
KINDS = {"folder": "文件夹", "s3": "对象存储", "addresses": "已公布的网址"}
MISSED = (("latest", "补做最近一次"), ("all", "逐次补做"), ("6", "6 小时以内的补做一次"), ("24", "24 小时以内的补做一次"))
Reader = Annotated[Actor, requires(Permission.SWEEP_READ)]
Manager = Annotated[Actor, requires(Permission.SWEEP_MANAGE)]
Text = Annotated[str, Field(max_length=300)]
EMPTY = dict.fromkeys(("title", "when", "path", "bucket", "prefix", "lines", "year"), "") | {
    "pack": "national",
    "missed": "latest",
}
NOTHING: Mapping[str, Any] = {  # of a run that has not come so far
    **dict.fromkeys(("new", "new_year", "changed", "restyled", "gone", "withdrawn", "left", "failed", "absent", "missing"), ()),
    "still_unreadable": (),
    "fault": "",
    "years": {},
    "missing_total": 0,
    "missing_year": None,
    "missing_by": "year",
    "open_in": 0,
}
SECTIONS = {  # of the page of a run, by the figures that they explain
    **dict.fromkeys(("new", "new_year", "changed", "problems", "fixed", "unsure", "unreadable"), "#reports"),
    **{name: f"#{name}" for name in ("open", "failed", "absent", "withdrawn", "missing", "still_unreadable")},
}
TONES = {
    **dict.fromkeys(("problems", "failed", "unreadable"), "bad"),
    **dict.fromkeys(("withdrawn", "changed", "missing", "absent", "unsure", "still_unreadable"), "warn"),
    "fixed": "good",
}
MOST_REPORTS = 500  # of one run that are listed, the worst; all are in its batch
MOST_KNOWN = 200  # of reports that the run left as they were
LONG_FORM = 8 << 20  # a province's list of addresses


class Filled(BaseModel):
    """The form. look: it is only to be said what it would be."""

    title: Text = ""
    when: Text = ""
    kind: Text = ""
    path: Text = ""
    bucket: Text = ""
    prefix: Text = ""
    lines: Annotated[str, Field(max_length=2_000_000)] = ""
    region: Text = ""
    pack: Text = "national"
    year: Text = ""
    missed: Text = "latest"
    look: Text = ""


@router.get("/sweeps")
def sweeps(request: Request, actor: Reader, here: Here) -> Response:
    """All of them, with the next moment and what the last look brought."""
    now = here.store.sweeping.now()
    found = here.store.sweeping.schedules(actor.scope)
    return page(
        request,
        "sweeps/sweeps.html",
        schedules=found,
        next={one.id: schedules.next_times(one.when, now, 1) for one in found if one.paused_at is None},
        last={one.id: next(iter(here.store.sweeping.runs(one.id, 1)), None) for one in found},
        where={one.id: source_of(one.source).words(one.source) for one in found},
        in_words=in_words,
        standing=_standing,
        can_manage=actor.may(Permission.SWEEP_MANAGE),
    )


@router.get("/sweeps/new")
def new(request: Request, actor: Manager, here: Here) -> Response:
    """The form."""
    return _form(request, actor, here, {})


@router.post("/sweeps")
def create(
    request: Request,
    actor: Annotated[Actor, requires(Permission.SWEEP_MANAGE, body=LONG_FORM)],
    here: Here,
    asked: Annotated[Filled, Form()],
) -> Response:
    """Keep it; or with ``look`` only say what it would be: when it is due, and whether its source may be looked at."""
    wanted = _looked_over(request, actor, here, asked)
    if isinstance(wanted, Response):
        return wanted
    with here.access.log.recorded(actor, Action.SWEEP_CREATE, wanted.title, region=wanted.region) as entry:
        entry.details |= {"sweep": wanted.id, "when": wanted.words, "source": source_of(wanted.source).words(wanted.source)}
        here.store.sweeping.add(wanted)
    return redirect(request, f"/sweeps/{wanted.id}", said="巡查已建立", tone="good")


@router.get("/sweeps/{sweep_id}/edit")
def edit(request: Request, sweep_id: str, actor: Manager, here: Here) -> Response:
    """The form, filled in."""
    return _form(request, actor, here, _as_given(here, _schedule(here, actor, sweep_id)), sweep_id=sweep_id)


@router.post("/sweeps/{sweep_id}/edit")
def change(
    request: Request,
    sweep_id: str,
    actor: Annotated[Actor, requires(Permission.SWEEP_MANAGE, body=LONG_FORM)],
    here: Here,
    asked: Annotated[Filled, Form()],
) -> Response:
    """Keep it as it is wished now; what it has seen is not looked at anew."""
    found = _schedule(here, actor, sweep_id)
    wanted = _looked_over(request, actor, here, asked, sweep_id)
    if isinstance(wanted, Response):
        return wanted
    with here.access.log.recorded(actor, Action.SWEEP_CHANGE, wanted.title, region=found.region) as entry:
        entry.details |= {"sweep": sweep_id, "when": wanted.words, "source": source_of(wanted.source).words(wanted.source)}
        schedules.changed(here.store, sweep_id, wanted)
    return redirect(request, f"/sweeps/{sweep_id}", said="巡查已修改", tone="good")


@router.get("/sweeps/{sweep_id}")
def sweep(request: Request, sweep_id: str, actor: Reader, here: Here) -> Response:
    """One of them, with all its runs and the digest of the last."""
    found = _schedule(here, actor, sweep_id)
    runs = here.store.sweeping.runs(sweep_id)
    due = [] if found.paused_at is not None else schedules.next_times(found.when, here.store.sweeping.now())
    return page(
        request,
        "sweeps/sweep.html",
        schedule=found,
        where=source_of(found.source).words(found.source),
        missed=schedules.missed_in_words(found.missed),
        next=due,
        runs=runs,
        at_work=any(not run.state.is_settled for run in runs),
        in_words=in_words,
        standing=_standing,
        can_manage=actor.may(Permission.SWEEP_MANAGE),
    )


@router.get("/sweeps/{sweep_id}/runs/{slot}")
def run(request: Request, sweep_id: str, slot: str, actor: Reader, here: Here) -> Response:
    """The digest of one run."""
    found = _schedule(here, actor, sweep_id)
    one = _run(here.store.sweeping.runs(sweep_id, 1000), slot)
    batch = here.store.listing.batch(viewer(actor), one.batch_id) if one.batch_id else None
    return page(
        request,
        "sweeps/run.html",
        schedule=found,
        run=one,
        digest={**NOTHING, **(one.digest or {})},
        figures=numbers(one.digest),
        number_names=NUMBERS,
        reports=_reports(here, actor, one),
        still_open=_visible(here, actor, (one.digest or {}).get("open_reports", ())[:MOST_KNOWN]),
        still_unreadable=_visible(here, actor, (one.digest or {}).get("still_unreadable", ())[:MOST_KNOWN]),
        sections=SECTIONS,
        tones=TONES,
        audited=len((one.digest or {}).get("reports", ())),
        addresses={name: frozenset((one.digest or {}).get(name, ())) for name in ("new", "new_year", "changed", "withdrawn")},
        batch=batch,
        standing=_standing,
    )


@router.post("/sweeps/{sweep_id}/run")
def run_now(request: Request, sweep_id: str, actor: Manager, here: Here) -> Response:
    """Look now, beside the moments that were set."""
    found = _schedule(here, actor, sweep_id)
    with here.access.log.recorded(actor, Action.SWEEP_RUN, found.title, region=found.region) as entry:
        entry.details["sweep"] = sweep_id
        slots.open_now(here.store, sweep_id)
    return redirect(request, f"/sweeps/{sweep_id}", said="已排入，巡查进程马上去做", tone="good")


@router.post("/sweeps/{sweep_id}/pause")
def pause(request: Request, sweep_id: str, actor: Manager, here: Here) -> Response:
    """Not due any more until it is resumed."""
    found = _schedule(here, actor, sweep_id)
    with here.access.log.recorded(actor, Action.SWEEP_CHANGE, found.title, region=found.region) as entry:
        entry.details |= {"sweep": sweep_id, "paused": True}
        schedules.pause(here.store, sweep_id)
    return redirect(request, f"/sweeps/{sweep_id}", said="已暂停", tone="good")


@router.post("/sweeps/{sweep_id}/resume")
def resume(request: Request, sweep_id: str, actor: Manager, here: Here) -> Response:
    """Due again from now on."""
    found = _schedule(here, actor, sweep_id)
    with here.access.log.recorded(actor, Action.SWEEP_CHANGE, found.title, region=found.region) as entry:
        entry.details |= {"sweep": sweep_id, "paused": False}
        schedules.resume(here.store, sweep_id)
    return redirect(request, f"/sweeps/{sweep_id}", said="已恢复", tone="good")


@router.post("/sweeps/{sweep_id}/delete")
def delete(request: Request, sweep_id: str, actor: Manager, here: Here) -> Response:
    """It runs no more; what it handed in stays."""
    found = _schedule(here, actor, sweep_id)
    with here.access.log.recorded(actor, Action.SWEEP_DELETE, found.title, region=found.region) as entry:
        entry.details["sweep"] = sweep_id
        here.store.sweeping.delete(sweep_id)
    return redirect(request, "/sweeps", said=f"巡查“{found.title}”已删除；已核查的报告保留", tone="good")


def _form(
    request: Request,
    actor: Actor,
    here: Services,
    given: Mapping[str, str],
    fault: str = "",
    preview: Schedule | None = None,
    sweep_id: str = "",
) -> Response:
    """sweep_id  of the one that is changed, "" for a new one."""
    allowed = allowed_here()
    places = {"folder": bool(allowed.folders), "s3": bool(allowed.buckets), "addresses": allowed.addresses}
    only = actor.scope.regions[0] if len(actor.scope.regions) == 1 else "/"
    return page(
        request,
        "sweeps/new.html",
        status=400 if fault else 200,
        given={**EMPTY, "region": written(only), "kind": _first(places), **given},
        fault=fault,
        preview=preview,
        next=schedules.next_times(preview.when, here.store.sweeping.now()) if preview else [],
        where=source_of(preview.source).words(preview.source) if preview else "",
        kinds=KINDS,
        places=places,
        folders=allowed.folders,
        buckets=allowed.buckets,
        missed_choices=_missed_choices(given.get("missed", "")),
        sweep_id=sweep_id,
        packs=pack_choices(here.store.folder),
        regions=known_regions(here, actor),
        last_year=last_year(here.store.sweeping.now()),
    )


def _looked_over(request: Request, actor: Actor, here: Services, asked: Filled, sweep_id: str = "") -> Schedule | Response:
    """The schedule that is wished; the form once more if that cannot be kept, or is only to be looked at."""
    given = asked.model_dump(exclude={"look"})
    try:
        wanted = _checked(here, actor, given)
    except (SweepError, BadRequest) as exc:
        return _form(request, actor, here, given, fault=str(exc), sweep_id=sweep_id)
    return _form(request, actor, here, given, preview=wanted, sweep_id=sweep_id) if asked.look else wanted


def _missed_choices(chosen: str) -> Sequence[tuple[str, str]]:
    """With the one that was chosen elsewhere, if it is none of ours."""
    is_other = bool(schedules.HOURS.fullmatch(chosen)) and chosen not in dict(MISSED)
    return (*MISSED, (chosen, schedules.missed_in_words(chosen))) if is_other else MISSED


def _as_given(here: Services, schedule: Schedule) -> dict[str, str]:
    """What somebody would have to fill in to get that schedule."""
    source = schedule.source
    lines = [
        f"{line['agency']},{line['address']}" if line.get("agency") else line["address"] for line in source.get("lines", ())
    ]
    named = [name for name, path in packs_of(here.store.folder).items() if str(path) == schedule.pack]
    return {
        "title": schedule.title,
        "when": schedule.words,
        "kind": source["kind"],
        **{key: source.get(key, "") for key in ("path", "bucket", "prefix")},
        "lines": "\n".join(lines),
        "region": written(schedule.region),
        "pack": next(iter(named), "national"),
        "year": str(schedule.year or ""),
        "missed": schedule.missed,
    }


def _first(places: Mapping[str, bool]) -> str:
    return next((kind for kind, is_open in places.items() if is_open), "folder")


def _checked(here: Services, actor: Actor, given: Mapping[str, str]) -> Schedule:
    """Raises SweepError, BadRequest."""
    year = given["year"].strip()
    if year and not (year.isascii() and year.isdigit() and FIRST_YEAR <= int(year) <= LAST_YEAR):
        raise BadRequest("年度应为四位数字，或不填")
    if given["pack"] not in packs_of(here.store.folder):
        raise BadRequest("没有这个规则包；请刷新页面后再选")
    keys = {"folder": ("path",), "s3": ("bucket", "prefix"), "addresses": ()}.get(given["kind"], ())
    source: dict[str, Any] = {"kind": given["kind"], **{key: given[key].strip() for key in keys}}
    if given["kind"] == "addresses":
        source["text"] = given["lines"]
    pack = given["pack"]
    return schedules.checked(
        here.store,
        given["title"],
        given["when"],
        source,
        allowed_here(),
        owner=actor.account_id,
        region=region_from(actor, given["region"]),
        pack=pack if pack == "national" else str(packs_of(here.store.folder)[pack]),
        year=int(year) if year else None,
        missed=given["missed"],
    )


def _standing(run: Run) -> tuple[str, str]:
    """The words and the tone of a run's mark."""
    return RETRY if run.state is RunState.DUE and run.not_before is not None else STATES[run.state]


def _schedule(here: Services, actor: Actor, sweep_id: str) -> Schedule:
    found = next((one for one in here.store.sweeping.schedules(actor.scope) if one.id == sweep_id), None)
    if found is None:
        raise NotFound
    return found


def _run(runs: Sequence[Run], slot: str) -> Run:
    found = next((one for one in runs if f"{one.slot:.3f}" == slot), None)
    if found is None:
        raise NotFound
    return found


def _reports(here: Services, actor: Actor, run: Run) -> list[Mapping[str, Any]]:
    """What became of each report, worst first, of those that this person may see."""
    reports = (run.digest or {}).get("reports", ())
    worst = sorted(reports, key=lambda one: (not one["code"], -len(one["problems"]), -len(one["open"]), one["name"]))
    return _visible(here, actor, worst[:MOST_REPORTS])


def _visible(here: Services, actor: Actor, reports: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [one for one in reports if here.store.listing.row(viewer(actor), one["submission"]) is not None]
