"""The log of actions, for the audit administrator: read, checked, taken away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import Query
from fastapi.responses import StreamingResponse
from pydantic import Field

from access.actions import Action
from access.entry import Result
from access.log import LogWanted
from web.api.shared import PLAIN, Asked, Asking, Model, Text, asking, resource
from web.render import disposition

router = resource()

MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}
Day = date | None


class Entry(Model):
    number: int
    at: datetime
    account_id: str | None
    who: str
    address: str
    action: str
    action_shown: str
    object: str
    region: str
    result: Result
    details: str = Field(description="JSON，没有时为空")
    hash: str


class Verify(Asked):
    head: str = Field(
        default="", max_length=200, pattern=PLAIN, description="上次校验给出的 head；写了则连同它之后有没有被改一起查"
    )


class Verified(Model):
    is_whole: bool
    count: int
    first: int
    last: int
    head: str = Field(description="请记下，下次校验时给出")
    faults: list[str]


@router.get("/log", summary="操作日志，新的在前")
def entries(
    asked: Annotated[Asking, asking("log.read")],
    text: Text = "",
    action: Action | None = None,
    result: Result | None = None,
    account: Annotated[str | None, Query(max_length=32, pattern=PLAIN, description="只看这个账号的")] = None,
    login: Annotated[str, Query(max_length=64, pattern=PLAIN, description="只看登录名是这个的人做的")] = "",
    since: Annotated[Day, Query(description="从这一天起（北京时间）")] = None,
    until: Annotated[Day, Query(description="到这一天止")] = None,
    before: Annotated[int | None, Query(ge=1, le=2**53, description="从这个序号之前接着列")] = None,
    size: Annotated[int, Query(ge=1, le=500, description="列几条")] = 100,
) -> list[Entry]:
    """查阅本身也记入日志。"""
    log = asked.here.access.log
    log.append(asked.actor, Action.LOG_READ, "、".join(filter(None, (login, action, result, text))))
    wanted = replace(_wanted(text, action, result, account, since, until), login=login)
    return [Entry.model_validate(one) for one in log.entries(wanted, before, size)]


@router.post("/log/verify", summary="校验操作日志：有没有被改、删、换次序")
def verify(wanted: Verify, asked: Annotated[Asking, asking("log.read")]) -> Verified:
    found = asked.here.access.log.verify(wanted.head)
    result: Result = "ok" if found.is_whole else "failed"
    asked.here.access.log.append(asked.actor, Action.LOG_VERIFY, result=result, count=found.count, faults=len(found.faults))
    return Verified.model_validate(found)


@router.get(
    "/log/export",
    summary="导出操作日志，旧的在前",
    response_class=StreamingResponse,
    responses={200: {"content": {media: {"schema": {"type": "string"}} for media in MEDIA_TYPES.values()}}},
)
def export(
    asked: Annotated[Asking, asking("log.export", rate="export")],
    form: Literal["csv", "jsonl"] = "csv",
    text: Text = "",
    action: Action | None = None,
    result: Result | None = None,
    since: Annotated[Day, Query(description="从这一天起（北京时间）")] = None,
    until: Annotated[Day, Query(description="到这一天止")] = None,
) -> StreamingResponse:
    pieces = asked.here.access.log.export(asked.actor, form, _wanted(text, action, result, None, since, until))
    headers = {"Content-Disposition": disposition(f"操作日志.{form}")}
    return StreamingResponse(pieces, media_type=MEDIA_TYPES[form], headers=headers)


def _wanted(text: str, action: Action | None, result: Result | None, account: str | None, since: Day, until: Day) -> LogWanted:
    return LogWanted(text.strip(), action, result, account, since, until)
