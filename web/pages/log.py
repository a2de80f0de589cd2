"""The log of actions, for the audit administrator: look, filter, check the chain, take it away."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response, StreamingResponse

from access.actions import Action
from access.actor import Actor
from access.errors import LogFault
from access.log import RESULTS, LogWanted
from access.permissions import Permission
from web.errors import BadRequest
from web.here import Here
from web.render import disposition, page
from web.security import Guarded, requires

router = APIRouter(route_class=Guarded, prefix="/log", tags=["log"])
Reader = Annotated[Actor, requires(Permission.LOG_READ)]
PAGE = 100


@router.get("")
def log(
    request: Request,
    actor: Reader,
    here: Here,
    text: str = "",
    action: str = "",
    result: str = "",
    since: str = "",
    until: str = "",
    before: int | None = None,
) -> Response:
    wanted = _wanted(text, action, result, since, until)
    if before is None:
        here.access.log.append(actor, Action.LOG_READ, "、".join(str(value) for value in asdict(wanted).values() if value))
    found = here.access.log.entries(wanted, before, PAGE + 1)
    return page(
        request,
        "log/log.html",
        entries=found[:PAGE],
        next_before=found[PAGE - 1].number if len(found) > PAGE else None,
        total=here.access.log.count(wanted),
        wanted=wanted,
        actions=Action,
        results=RESULTS,
        any_filter=wanted != LogWanted(),
        before=before,
        keep_days=here.access.settings.number("log_keep_days"),
    )


@router.post("/verify")
def verify(request: Request, actor: Reader, here: Here, head: Annotated[str, Form(max_length=200)] = "") -> Response:
    try:
        found = here.access.log.verify(head.strip())
    except LogFault as exc:
        raise BadRequest(str(exc)) from exc
    here.access.log.append(
        actor, Action.LOG_VERIFY, result="ok" if found.is_whole else "failed", count=found.count, faults=len(found.faults)
    )
    return page(request, "log/verified.html", found=found, head=head)


@router.get("/export")
def export(
    actor: Annotated[Actor, requires(Permission.LOG_EXPORT, rate="export")],
    here: Here,
    form: Literal["csv", "jsonl"] = "csv",
    text: str = "",
    action: str = "",
    result: str = "",
    since: str = "",
    until: str = "",
) -> Response:
    pieces = here.access.log.export(actor, form, _wanted(text, action, result, since, until))
    media_type = "text/csv; charset=utf-8" if form == "csv" else "application/x-ndjson"
    headers = {"Content-Disposition": disposition(f"操作日志.{form}")}
    return StreamingResponse(pieces, media_type=media_type, headers=headers)


def _wanted(text: str, action: str, result: str, since: str, until: str) -> LogWanted:
    """What a form asks for. Raises BadRequest."""
    if action and action not in list(Action):
        raise BadRequest("没有这种操作；请从列表中选")
    if result and result not in RESULTS:
        raise BadRequest("没有这种结果；请从列表中选")
    return LogWanted(
        text=text.strip(),
        action=Action(action) if action else None,
        result=next((known for known in RESULTS if known == result), None),
        since=_day(since),
        until=_day(until),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as exc:
        raise BadRequest("日期写作 2026-11-21") from exc
