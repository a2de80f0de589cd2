"""Sweeps: schedules over folders, object stores and published addresses, their runs and digests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import Field

from access.actions import Action
from audits.store.sweeping import Run as Ran
from audits.store.sweeping import RunState, Schedule
from sweeps import schedules, slots
from sweeps.allowed import allowed_here
from sweeps.sources import source_of
from web.api.shared import PLAIN, Asked, Asking, Model, Region, Year, an_id, asking, pack_named, region_for, resource
from web.errors import NotFound

router = resource()

SweepId = Annotated[str, an_id("巡查")]


class Wanted(Asked):
    title: str = Field(min_length=1, max_length=100, pattern=PLAIN, description="名称")
    when: str = Field(
        min_length=1, max_length=100, pattern=PLAIN, description="什么时候：cron（0 2 * * 1）或“每周一 02:00”这样的话"
    )
    source: dict[str, Any] = Field(description="看哪里：kind 为 folder、s3、addresses，其余字段随之而定")
    region: Region | None = Field(default=None, description="地区；账号只负责一个地区时可不写")
    pack: str = Field(default="national", max_length=64, pattern=PLAIN, description="规则包")
    year: Year | None = Field(default=None, description="报告年度；不写则从报告中判定")
    missed: str = Field(
        default="latest",
        pattern=r"^(latest|all|[1-9]\d{0,3})$",
        description="错过的：latest 补做最近一次，all 逐次补做，或补做几小时以内的",
    )


class Sweep(Model):
    id: str
    title: str
    when: str = Field(description="cron")
    words: str = Field(description="写的时候的说法")
    source: dict[str, Any]
    looks_at: str = Field(description="看哪里，一行中文")
    region: str
    pack: str
    year: int | None
    missed: str
    paused: bool
    created_at: datetime
    next: list[datetime] = Field(description="接下来几次；暂停时为空")


class Run(Model):
    slot: datetime = Field(description="应做的时刻")
    state: RunState
    attempt: int
    batch_id: str | None = Field(description="这次交去核查的批次；没有变化时为 null")
    code: str = Field(description="没做成的原因代码，见错误代码；没有出错时为空")
    reason: str = Field(description="没做成的原因")
    retry_at: datetime | None = Field(description="没做成的再试的时间")
    started_at: datetime | None
    ended_at: datetime | None
    digest: dict[str, Any] | None = Field(description="摘要：新出现、已改好、仍存在、缺少、没看成的")


class Due(Model):
    slot: datetime = Field(description="这次巡查的时刻")


@router.get("/sweeps", summary="巡查")
def list_sweeps(asked: Annotated[Asking, asking("sweep.read")]) -> list[Sweep]:
    return [_shown(asked, one) for one in asked.here.store.sweeping.schedules(asked.actor.scope)]


@router.post("/sweeps", status_code=201, summary="新建巡查")
def create(wanted: Wanted, asked: Annotated[Asking, asking("sweep.manage")]) -> Sweep:
    new = _checked(asked, wanted)
    with asked.here.access.log.recorded(asked.actor, Action.SWEEP_CREATE, new.title, region=new.region) as entry:
        entry.details |= {"sweep": new.id, "when": new.words, "source": source_of(new.source).words(new.source)}
        asked.here.store.sweeping.add(new)
    return _shown(asked, new)


@router.get("/sweeps/{sweep_id}", summary="一个巡查")
def show_sweep(sweep_id: SweepId, asked: Annotated[Asking, asking("sweep.read")]) -> Sweep:
    return _shown(asked, _schedule(asked, sweep_id))


@router.put("/sweeps/{sweep_id}", summary="修改巡查；看过的不重看")
def change(sweep_id: SweepId, wanted: Wanted, asked: Annotated[Asking, asking("sweep.manage")]) -> Sweep:
    found = _schedule(asked, sweep_id)
    new = _checked(asked, wanted)
    with asked.here.access.log.recorded(asked.actor, Action.SWEEP_CHANGE, new.title, region=found.region) as entry:
        entry.details |= {"sweep": sweep_id, "when": new.words, "source": source_of(new.source).words(new.source)}
        kept = schedules.changed(asked.here.store, sweep_id, new)
    return _shown(asked, kept)


@router.post("/sweeps/{sweep_id}/pause", summary="暂停")
def pause(sweep_id: SweepId, asked: Annotated[Asking, asking("sweep.manage")]) -> Sweep:
    found = _schedule(asked, sweep_id)
    with asked.here.access.log.recorded(asked.actor, Action.SWEEP_CHANGE, found.title, region=found.region) as entry:
        entry.details |= {"sweep": sweep_id, "paused": True}
        schedules.pause(asked.here.store, sweep_id)
    return _shown(asked, _schedule(asked, sweep_id))


@router.post("/sweeps/{sweep_id}/resume", summary="恢复；暂停期间的不补做")
def resume(sweep_id: SweepId, asked: Annotated[Asking, asking("sweep.manage")]) -> Sweep:
    found = _schedule(asked, sweep_id)
    with asked.here.access.log.recorded(asked.actor, Action.SWEEP_CHANGE, found.title, region=found.region) as entry:
        entry.details |= {"sweep": sweep_id, "paused": False}
        schedules.resume(asked.here.store, sweep_id)
    return _shown(asked, _schedule(asked, sweep_id))


@router.post("/sweeps/{sweep_id}/run", status_code=202, summary="现在就巡查一次")
def run_now(sweep_id: SweepId, asked: Annotated[Asking, asking("sweep.manage", rate="upload")]) -> Due:
    found = _schedule(asked, sweep_id)
    with asked.here.access.log.recorded(asked.actor, Action.SWEEP_RUN, found.title, region=found.region) as entry:
        entry.details["sweep"] = sweep_id
        slot = slots.open_now(asked.here.store, sweep_id)
    return Due(slot=_moment(slot))


@router.delete("/sweeps/{sweep_id}", status_code=204, summary="删除巡查；已做的各次和摘要保留")
def delete(sweep_id: SweepId, asked: Annotated[Asking, asking("sweep.manage")]) -> None:
    found = _schedule(asked, sweep_id)
    with asked.here.access.log.recorded(asked.actor, Action.SWEEP_DELETE, found.title, region=found.region) as entry:
        entry.details["sweep"] = sweep_id
        asked.here.store.sweeping.delete(sweep_id)


@router.get("/sweeps/{sweep_id}/runs", summary="各次巡查和摘要，新的在前")
def runs(
    sweep_id: SweepId,
    asked: Annotated[Asking, asking("sweep.read")],
    size: Annotated[int, Query(ge=1, le=200, description="列几次")] = 50,
) -> list[Run]:
    _schedule(asked, sweep_id)
    return [_run(one) for one in asked.here.store.sweeping.runs(sweep_id, size)]


def _schedule(asked: Asking, sweep_id: str) -> Schedule:
    found = next((one for one in asked.here.store.sweeping.schedules(asked.actor.scope) if one.id == sweep_id), None)
    if found is None:
        raise NotFound
    return found


def _checked(asked: Asking, wanted: Wanted) -> Schedule:
    return schedules.checked(
        asked.here.store,
        wanted.title,
        wanted.when,
        wanted.source,
        allowed_here(),
        owner=asked.actor.account_id,
        region=region_for(asked, wanted.region),
        pack=str(pack_named(asked, wanted.pack)) if wanted.pack != "national" else "national",
        year=wanted.year,
        missed=wanted.missed,
    )


def _shown(asked: Asking, schedule: Schedule) -> Sweep:
    due = [] if schedule.paused_at is not None else schedules.next_times(schedule.when, asked.here.store.sweeping.now())
    return Sweep(
        id=schedule.id,
        title=schedule.title,
        when=schedule.when,
        words=schedule.words,
        source=dict(schedule.source),
        looks_at=source_of(schedule.source).words(schedule.source),
        region=schedule.region,
        pack=schedule.pack,
        year=schedule.year,
        missed=schedule.missed,
        paused=schedule.paused_at is not None,
        created_at=_moment(schedule.created_at),
        next=[_moment(moment) for moment in due],
    )


def _run(run: Ran) -> Run:
    return Run(
        slot=_moment(run.slot),
        state=run.state,
        attempt=run.attempt,
        batch_id=run.batch_id,
        code=run.code,
        reason=run.reason,
        retry_at=None if run.not_before is None else _moment(run.not_before),
        started_at=None if run.started_at is None else _moment(run.started_at),
        ended_at=None if run.ended_at is None else _moment(run.ended_at),
        digest=None if run.digest is None else dict(run.digest),
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
