"""Who may call a route. Every route says it, and what says nothing is refused.

    router = APIRouter(route_class=Guarded)

    @router.post("/batches/{batch_id}/cancel")
    def cancel(batch_id: str, actor: Annotated[Actor, requires("batch.manage")], here: Here) -> Response: ...

A ``Guarded`` route asks before it reads a byte of the body: is the request from a page of ours, who is it, may he, not too
often, not too long. Then the body is read, and a form's token looked at. A route of another class is asked the same things a
little later, after at most SMALL_BODY.
"""

from __future__ import annotations

import hmac
import json
import shutil
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.responses import RedirectResponse, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from access.actions import Action
from access.actor import Actor
from access.errors import Forbidden, NotSignedIn
from access.permissions import Permission
from audits.store.lines import Viewer
from web.cookies import TOKEN_FIELD, TOKEN_HEADER, form_token, signed_in
from web.errors import BadRequest, NotEncrypted, NotFromHere, TooLarge, WrongHost, wants_json
from web.here import FORWARDED, Services, address_of, is_loopback, services
from web.navigation import home_of

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
SMALL_BODY = 1 << 20  # bytes of a form or a JSON body; who takes more says so
SPARE_BYTES = 1 << 30  # left free on the disk for what auditing writes
NO_TEXT = (
    "里面有不能用的字符（空字符）；请重新输入"  # PostgreSQL keeps no text with a NUL in it, and no name of anything has one
)
MUST = {"password": "/account/password", "second_factor": "/account/second-factor"}


@dataclass(frozen=True, slots=True)
class Requires:
    """What a route asks of whoever calls it; ``permission`` None: nothing, it is for everybody."""

    permission: Permission | None
    rate: str
    body: int

    async def __call__(self, request: Request) -> Actor | None:
        actor = await admit(request, self)
        await _check_form(request)
        return actor


def requires(permission: Permission | str, *, rate: str = "", body: int = SMALL_BODY) -> Any:
    """The signed-in person, who has this permission; otherwise the request ends with 401 (pages: to the sign-in page) or 403.

    rate  what is counted, of ``access.limits``: too many are answered with 429.
    body  bytes that a request may have.
    """
    return Depends(Requires(Permission(permission), rate, body))


def for_everybody(*, rate: str = "", body: int = SMALL_BODY) -> Any:
    """Says that a route needs no sign-in. The actor is None."""
    return Depends(Requires(None, rate, body))


class Guarded(APIRoute):
    """A route whose ``requires`` is asked before its body is read; without one it answers 403."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        asked = asked_by(self.dependant)

        async def guarded(request: Request) -> Response:
            if asked is None:
                raise Forbidden("这个地址没有声明所需权限，不能访问；请告诉系统管理员")
            try:
                await admit(request, asked)
            except Forbidden:
                if target := _instead(request):
                    return RedirectResponse(target, 303)
                raise
            await _check_json(request)
            return await handle(request)

        return guarded


def asked_by(dependant: Dependant) -> Requires | None:
    """What a route says it requires."""
    for below in dependant.dependencies:
        found = below.call if isinstance(below.call, Requires) else asked_by(below)
        if found is not None:
            return found
    return None


async def admit(request: Request, asked: Requires) -> Actor | None:
    """The person, if he may. Asking twice is safe.

    Raises NotSignedIn, Forbidden, TooMany, TooLarge, NotFromHere, NotEncrypted, WrongHost.
    """
    state = request.state
    if getattr(state, "admitted_by", None) == asked:
        return state.actor  # type: ignore[no-any-return]
    here = services(request)
    if request.url.scheme != "https":
        _check_plain(request, here)
    token = _bearer(request)
    if request.method not in SAFE_METHODS and token is None:
        _check_origin(request)
    actor = await run_in_threadpool(_actor, request, here, token)
    state.actor = actor
    if asked.permission is not None and actor is None:
        raise NotSignedIn
    if "\0" in request.scope["path"] or b"%00" in request.scope["query_string"]:
        raise BadRequest(NO_TEXT)
    if asked.permission is not None and actor is not None and not actor.may(asked.permission):
        if not _instead(request):  # nobody is refused who only opens the front page, or is to set his password first
            await run_in_threadpool(_log_refusal, request, here, actor)
        actor.require(asked.permission)
    if asked.rate:
        who = actor.account_id if actor else address_of(request)
        await run_in_threadpool(here.access.limits.take, asked.rate, who)
    _check_length(request, asked.body, here.store.folder)
    state.body_limit = asked.body
    state.admitted_by = asked
    return actor


async def sent_bytes(request: Request) -> bytes:
    """The body as it is. A form has been read for its token by now, and no route that wants bytes wants one: BadRequest."""
    if _is_form(request):
        raise BadRequest("这里只收文件内容，不收表单；请从网页提交")
    return await request.body()


def viewer(actor: Actor) -> Viewer:
    """What lists show this person: his regions; a clerk only what he submitted himself."""
    return Viewer(actor.scope, actor.account_id if actor.own_only else None)


def _actor(request: Request, here: Services, token: str | None) -> Actor | None:
    if token is not None:
        return here.access.tokens.actor(token, address_of(request))
    return signed_in(request)


def _bearer(request: Request) -> str | None:
    """Tokens are for programs, which know only /api and /metrics."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not request.url.path.startswith(("/api/", "/metrics")):
        return None
    return token.strip()


def _instead(request: Request) -> str:
    """Where one goes who opens a page and must do something first, or whose first page is another; "" if he is simply refused."""
    actor: Actor | None = getattr(request.state, "actor", None)
    if actor is None or request.method != "GET" or wants_json(request):
        return ""
    if actor.must:
        return MUST[actor.must]
    home = home_of(actor, services(request).pages)
    return home if request.url.path == "/" and home != "/" else ""


def _log_refusal(request: Request, here: Services, actor: Actor) -> None:
    here.access.log.append(actor, Action.ACCESS_DENIED, f"{request.method} {request.url.path}", result="denied")


def _check_plain(request: Request, here: Services) -> None:
    """Without TLS, by this machine's own names alone: a page from elsewhere that had its name point to this machine (DNS rebinding) would
    be of our origin to the browser."""
    if not here.options.is_local:
        raise NotEncrypted
    if not is_loopback(request.url.hostname or "") and not any(name in request.headers for name in FORWARDED):
        raise WrongHost


def _check_origin(request: Request) -> None:
    """Browsers say where a request comes from; what comes from elsewhere changes nothing here.

    Old ones, and all of them without TLS, say their origin alone, which is not to be compared behind a proxy that renames us.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise NotFromHere
        return
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise NotFromHere


def _check_length(request: Request, limit: int, folder: Path) -> None:
    """What is too long for the route, or for the disk that it is kept on while it comes in."""
    said = request.headers.get("content-length", "")
    length = int(said) if said.isascii() and said.isdigit() else limit if "transfer-encoding" in request.headers else 0
    if length > limit:
        raise TooLarge(f"提交的内容超过 {limit // (1 << 20)} MB；请分几次提交")
    if length > SMALL_BODY and shutil.disk_usage(folder).free < length + SPARE_BYTES:
        raise TooLarge("服务器磁盘空间不足，暂时不能提交；请联系系统管理员")


async def _check_form(request: Request) -> None:
    """A state is changed only by who has read a page of ours in this session."""
    if request.method in SAFE_METHODS:
        return
    given = request.headers.get(TOKEN_HEADER, "")
    if _is_form(request):
        form = await request.form()
        given = given or str(form.get(TOKEN_FIELD, ""))
        if any("\0" in value for _, value in form.multi_items() if isinstance(value, str)):
            raise BadRequest(NO_TEXT)
    if _bearer(request) is not None:
        return
    if not hmac.compare_digest(given.encode(), form_token(request).encode()):
        raise NotFromHere


async def _check_json(request: Request) -> None:
    """Raises BadRequest for a NUL in JSON, written as it is or as an escape."""
    if "json" not in request.headers.get("content-type", ""):
        return
    body = await request.body()
    if b"\0" in body or (b"\\u0000" in body and _has_nul(body)):
        raise BadRequest(NO_TEXT)


def _has_nul(body: bytes) -> bool:
    """What is no JSON has none: it is refused for that."""
    try:
        waiting = [json.loads(body)]
    except (ValueError, RecursionError):
        return False
    while waiting:
        one = waiting.pop()
        if isinstance(one, str) and "\0" in one:
            return True
        if isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one
    return False


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith(("multipart/form-data", "application/x-www-form-urlencoded"))
