"""The web server: pages for people, JSON for programs, and what holds for every answer."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from importlib.metadata import version

from fastapi import FastAPI, Request
from fastapi.routing import APIRoute
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from access import Access
from audits.store import Store
from web import api, errors
from web.errors import TooLarge
from web.here import Options, Services
from web.pages import AREAS
from web.render import STATIC
from web.security import SMALL_BODY
from worker.logs import bound

log = logging.getLogger("web.access")
CSP = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
HSTS = "max-age=31536000"
STALL_SECONDS = 60.0  # that a body may stand still, or be late
LEAST_RATE = 4096  # bytes a second that it makes beside: some old modem's
A_YEAR = "public, max-age=31536000, immutable"


def create_app(store: Store, options: Options | None = None) -> FastAPI:
    """The whole service over this store. Starts nothing by itself."""
    app = FastAPI(title="Hecha 核查", version=version("hecha"), docs_url=None, redoc_url=None, openapi_url=None)
    app.state.services = Services(store, Access(store), options or Options(), _opened())
    for router in AREAS.values():
        app.include_router(router, include_in_schema=False)
    api.install(app)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    errors.install(app)
    app.add_middleware(Frame)
    return app


def _opened() -> frozenset[str]:
    """Paths of the pages."""
    routes = [route for router in AREAS.values() for route in router.routes]
    return frozenset(route.path for route in routes if isinstance(route, APIRoute) and "GET" in (route.methods or ()))


class Frame:
    """Around every request: an id, the headers that bind the browser, a limit to the body, and a line in the log.

    The line tells method, path and status: no query, no cookie and no body, which may hold what nobody may read.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        state = scope.setdefault("state", {})
        state["request_id"] = request_id = secrets.token_hex(6)
        state["body_limit"] = SMALL_BODY
        answered = 0

        async def framed(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = message["status"]
                _put_headers(scope, MutableHeaders(scope=message), request_id, answered)
            await send(message)

        with bound(request=request_id):
            try:
                await self.app(scope, _limited(scope, receive), framed)
            except Exception as exc:
                log.exception("%s %s", scope["method"], _one_line(scope["path"]))
                if answered:
                    raise  # it is too late to say anything
                await (await errors.unexpected(Request(scope), exc))(scope, receive, framed)
            finally:
                actor = state.get("actor")
                log.info(
                    "%s %s %d %.0fms %s %s",
                    scope["method"],
                    _one_line(scope["path"]),
                    answered,
                    (time.perf_counter() - begun) * 1000,
                    scope["client"][0] if scope.get("client") else "-",
                    actor.login if actor else "-",
                )


def _limited(scope: Scope, receive: Receive) -> Receive:
    """Reads no more than the route takes, whatever length the request claims to have, and waits for it no longer than it is worth."""
    taken, is_whole, begun = 0, False, time.monotonic()

    async def limited() -> Message:
        nonlocal taken, is_whole
        if is_whole:
            return await receive()  # what comes now is the end of the connection, some day
        try:
            left = begun + STALL_SECONDS + taken / LEAST_RATE - time.monotonic()
            async with asyncio.timeout(min(max(left, 0.0), STALL_SECONDS)):
                message = await receive()
        except TimeoutError as exc:
            raise HTTPException(408) from exc
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            if taken > scope["state"]["body_limit"]:
                raise HTTPException(TooLarge.status)  # the one kind that FastAPI lets through while it reads a body
        return message

    return limited


def _put_headers(scope: Scope, headers: MutableHeaders, request_id: str, status: int) -> None:
    headers["X-Request-ID"] = request_id
    if scope["path"].startswith("/static/") and status < 400:
        headers["Cache-Control"] = A_YEAR if scope["query_string"].startswith(b"v=") else "no-cache"
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    if scope["scheme"] == "https":
        headers["Strict-Transport-Security"] = HSTS


def _one_line(text: str) -> str:
    """Nobody writes lines of his own into the log."""
    return text.encode("unicode_escape").decode() if not text.isprintable() else text
