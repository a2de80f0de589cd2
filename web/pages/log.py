"""The log of actions, for the audit administrator: look, filter, check the chain, take it away."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response, StreamingResponse

from access.actions import Action
from access.actor import Actor
from access.entry import RESULTS
from access.errors import LogFault
from access.log import LogWanted
from access.permissions import Permission, Role
from audits.regions import shown
from audits.wording import DECIDED, FORM_NAMES
from web.errors import BadRequest
from web.here import Here
from web.render import disposition, page
from web.security import Guarded, requires

router = APIRouter(route_class=Guarded, prefix="/log", tags=["log"])
Reader = Annotated[Actor, requires(Permission.LOG_READ)]
PAGE = 100
KEYS = {  # of details, as people read them; another one is shown as it is
    "account": "账号",
    "accounts": "账号",
    "after": "改后",
    "agencies": "单位数",
    "batch": "批次编号",
    "before": "改前",
    "count": "数量",
    "days": "天数",
    "decided": "认定",
    "export": "导出编号",
    "failures": "连续失败次数",
    "fault": "错误代码",
    "faults": "异常数",
    "file": "文件",
    "files": "文件数",
    "findings": "问题",
    "form": "形式",
    "forms": "形式",
    "id": "编号",
    "locks": "锁定",
    "name": "名称",
    "new": "新编号",
    "pack": "规则包",
    "permissions": "权限",
    "regions": "地区",
    "paused": "暂停",
    "reports": "报告数",
    "role": "角色",
    "roster": "名单",
    "rows": "行数",
    "second_factor": "用动态口令",
    "sessions": "结束会话数",
    "sha256": "文件指纹",
    "signature": "病毒名称",
    "small_office": "一人兼任",
    "source": "看哪里",
    "sweep": "巡查编号",
    "title": "名称",
    "to": "认定为",
    "tokens": "吊销令牌数",
    "up_to": "至序号",
    "waivers": "附豁免清单",
    "what": "哪一项",
    "when": "什么时候",
    "year": "年度",
}
FORMS = FORM_NAMES | {
    "json": "数据（JSON）",
    "jsonl": "数据（JSON Lines）",
    "zip": "全部（ZIP）",
    "preview": "网页上看核查报告",
    "original": "报送的原文件",
}
VALUES = {  # of some details: what stands for one of a few things, in words
    "decided": {decided.value: words for decided, words in DECIDED.items()},
    "form": FORMS,
    "forms": FORMS,
    "to": {"outside": "名单以外的单位", "undone": "撤销归属"},
    "what": {"password": "口令", "code": "动态口令", "changed": "其间账号有变"},
}


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
        in_words=details_in_words,
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


def details_in_words(details: str) -> str:
    """名称：报送脚本；天数：90."""
    if not details.startswith("{"):
        return details
    try:
        return _in_words(json.loads(details))
    except ValueError:  # too long, and cut
        return details


def _in_words(value: object) -> str:
    if isinstance(value, dict):
        ordered = sorted(value, key=lambda key: key == "after")  # what was before is read before it
        return "；".join(f"{_name_of(key)}：{_in_words(_said(key, value[key]))}" for key in ordered)
    if isinstance(value, list):
        return "、".join(_in_words(item) for item in value) or "无"
    if isinstance(value, bool):
        return "是" if value else "否"
    if value in (None, ""):
        return "无"
    if value in list(Role):
        return Role(str(value)).shown
    return shown(value) if isinstance(value, str) and value.startswith("/") else str(value)


def _name_of(key: str) -> str:
    return Role(key).shown if key in list(Role) else KEYS.get(key, key)


def _said(key: str, value: object) -> object:
    """The words for what stands for one of a few things."""
    if isinstance(value, list):
        return [_said(key, item) for item in value]
    return VALUES.get(key, {}).get(value, value) if isinstance(value, str) else value


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
