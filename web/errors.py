"""What is answered when something is wrong: a page for people, JSON for programs, both with a code and the request's id.

Problem          the base; ``status`` is HTTP's
├── NotFound     does not exist, or is outside what the person may see: the two are not told apart
├── BadRequest   what was sent cannot be understood
├── Conflict     it was changed by somebody else meanwhile, or cannot be done in this state
├── TooLarge     longer than this address takes
├── NotEncrypted it came over plain http, and not from the machine itself
├── WrongHost    it came to this machine alone, under a name that is not this machine's
└── NotFromHere  a form that was not sent from a page of ours, or from one of an earlier sign-in
"""

from __future__ import annotations

import logging
import time
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from access.actions import Action
from access.actor import anonymous
from access.errors import (
    AccessError,
    Forbidden,
    LinkInvalid,
    NotSignedIn,
    TooMany,
    WrongCredentials,
)
from audits.errors import AssignedMeanwhile, AuditError, DecidedMeanwhile, ScannerUnavailable, StoreError
from reports_in.errors import IntakeError
from rules.errors import RuleError
from web.cookies import signed_in
from web.here import address_of, services
from web.render import page

log = logging.getLogger(__name__)

LIMIT_TOLD_SECONDS = 60.0


class Problem(Exception):
    """``str()`` is one Chinese line with what to do."""

    status = 500
    code = "INTERNAL"


class NotFound(Problem):
    status = 404
    code = "NOT_FOUND"

    def __init__(self, words: str = "这里没有您要找的内容：可能已删除，也可能不在您的权限范围内") -> None:
        super().__init__(words)


class BadRequest(Problem):
    status = 400
    code = "BAD_REQUEST"


class Conflict(Problem):
    status = 409
    code = "CONFLICT"


class TooLarge(Problem):
    status = 413
    code = "TOO_LARGE"


class NotEncrypted(Problem):
    status = 403
    code = "TLS_REQUIRED"

    def __init__(self) -> None:
        super().__init__("只接受加密连接；请把地址开头的 http:// 改成 https:// 再打开")


class WrongHost(Problem):
    status = 421
    code = "WRONG_HOST"

    def __init__(self) -> None:
        super().__init__(
            "请用 http://127.0.0.1 或 http://localhost 打开；经反向代理的，请让代理用 https，并在启动时写上 --proxy"
        )


class NotFromHere(Problem):
    status = 403
    code = "NOT_FROM_HERE"

    def __init__(self) -> None:
        super().__init__("这次提交不是从本系统的页面发出的，或页面打开太久已经失效；请返回刷新页面后再试")


STATUSES: dict[type[Exception], int] = {  # of errors from below; the nearest base counts
    NotSignedIn: 401,
    Forbidden: 403,
    WrongCredentials: 401,
    TooMany: 429,
    LinkInvalid: 404,
    AccessError: 422,
    DecidedMeanwhile: 409,
    AssignedMeanwhile: 409,
    StoreError: 503,
    ScannerUnavailable: 503,
    AuditError: 422,
    IntakeError: 422,
    RuleError: 422,
}
TITLES = {
    400: "请求有误",
    401: "请先登录",
    403: "不能这样做",
    404: "没有找到",
    405: "不支持这种操作",
    409: "现在不能这样做",
    408: "等得太久",
    413: "内容太大",
    421: "地址不对",
    422: "填写有误",
    429: "操作过于频繁",
    500: "系统出错",
    503: "暂时无法服务",
}
HTTP_WORDS = {
    404: (NotFound.code, str(NotFound())),
    405: ("METHOD_NOT_ALLOWED", "这个地址不支持这种操作；请从页面上的按钮或链接进入"),
    408: ("TOO_SLOW", "提交的内容传得太慢，已中断；请检查网络后重试"),
    413: (TooLarge.code, "提交的内容超过了这里允许的大小；请分几次提交"),
}


def install(app: FastAPI) -> None:
    """Have the app answer every error as said above."""
    app.add_exception_handler(Problem, _expected)
    for kind in STATUSES:
        app.add_exception_handler(kind, _expected)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(OperationalError, _database_away)


def wants_json(request: Request) -> bool:
    """Programs ask under /api, or say so; our own script says so, too."""
    return request.url.path.startswith("/api/") or "application/json" in request.headers.get("accept", "")


def answer(request: Request, status: int, code: str, words: str, headers: dict[str, str] | None = None) -> Response:
    """The error as a page or as JSON: ``{"error": {"code", "message", "request_id"}}``."""
    request_id = str(getattr(request.state, "request_id", ""))
    if wants_json(request):
        error = {"code": code, "message": words, "request_id": request_id}
        return JSONResponse({"error": error}, status, headers=headers)
    title = TITLES.get(status, TITLES[500])
    return page(
        request, "errors/error.html", status=status, headers=headers, title=title, code=code, words=words, request_id=request_id
    )


async def _expected(request: Request, exc: Exception) -> Response:
    if isinstance(exc, Problem):
        return answer(request, exc.status, exc.code, str(exc))
    status = next(STATUSES[kind] for kind in type(exc).__mro__ if kind in STATUSES)
    if isinstance(exc, NotSignedIn) and not wants_json(request):
        return to_sign_in(request)
    headers = None
    if isinstance(exc, TooMany):
        headers = {"Retry-After": str(exc.retry_after)}
        await run_in_threadpool(log_limit, request)
    if status >= 500:
        log.error("%s: %s", type(exc).__name__, exc)
    if status == 401 and headers is None:
        headers = {"WWW-Authenticate": "Bearer"}
    return answer(request, status, str(getattr(exc, "code", "ERROR")), str(exc), headers)


def log_limit(request: Request) -> None:
    """Enter in the log of actions that somebody does something too often: once a minute, for he may go on all day."""
    here = services(request)
    address = address_of(request)
    actor = getattr(request.state, "actor", None) or anonymous(address)
    told: dict[str, float] = here.told
    who, now = actor.account_id or address, time.monotonic()
    if now - told.get(who, -LIMIT_TOLD_SECONDS) < LIMIT_TOLD_SECONDS:
        return
    for old in [key for key, at in told.items() if now - at >= LIMIT_TOLD_SECONDS]:
        del told[old]
    told[who] = now
    here.access.log.append(actor, Action.LIMIT_REACHED, f"{request.method} {request.url.path}", result="denied")


def to_sign_in(request: Request) -> Response:
    """To the page for signing in, and from there back to the page that was asked for."""
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    wanted = f"?next={quote(target)}" if request.method == "GET" and target != "/" else ""
    return RedirectResponse(f"/login{wanted}", 303)


async def _http(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)
    if not hasattr(request.state, "actor"):  # no route has asked; the page has his navigation all the same
        request.state.actor = await run_in_threadpool(signed_in, request)
    code, words = HTTP_WORDS.get(exc.status_code, (f"HTTP_{exc.status_code}", TITLES.get(exc.status_code, str(exc.detail))))
    return answer(request, exc.status_code, code, words, dict(exc.headers) if exc.headers else None)


async def _invalid(request: Request, exc: Exception) -> Response:
    """Names the fields alone: what was typed into them may be a password."""
    assert isinstance(exc, RequestValidationError)
    fields = dict.fromkeys(".".join(str(part) for part in error["loc"][1:]) or str(error["loc"][0]) for error in exc.errors())
    words = f"以下内容缺失或格式不对：{'、'.join(fields)}；请检查后重新提交"
    return answer(request, 422, "INVALID", words)


async def _database_away(request: Request, exc: Exception) -> Response:
    log.error("database: %s", str(getattr(exc, "orig", exc)).splitlines()[0] if str(exc) else type(exc).__name__)
    return answer(request, 503, "DATABASE", "数据库暂时连接不上；数据没有丢失，请稍后再试", {"Retry-After": "10"})


async def unexpected(request: Request, _: Exception) -> Response:
    """What nobody foresaw. Frame calls it, so that this answer, too, has all headers and its id."""
    words = "系统遇到意外情况，这次操作没有完成；请把下面的编号告诉系统管理员，便于在日志中查找"
    return answer(request, 500, Problem.code, words)
