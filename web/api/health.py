"""Whether the service is alive and ready, and its figures, for whoever keeps it running."""

from __future__ import annotations

import redis
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from access import Action, Actor, Permission
from audits.errors import StoreError
from web.here import Here, address_of, is_loopback
from web.security import Guarded, for_everybody
from worker.folder import free_bytes
from worker.settings import REDIS_URL

router = APIRouter(route_class=Guarded, dependencies=[for_everybody()])

LEAST_BYTES = 200 << 20  # free disk below which nothing new can be taken in
REDIS_SECONDS = 1.0


@router.get("/healthz")
def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
def ready(here: Here) -> JSONResponse:
    """200 if requests can be served. Redis may be away: what is handed in waits in the database and is audited later. Without the
    virus scanner that was asked for nothing can be handed in, and all else goes on."""
    found = {"database": _database(here), "disk": _disk(here), "redis": _redis(), "scanner": _scanner(here)}
    unready = found["database"] != "ok" or found["disk"] != "ok"
    status = "unready" if unready else "degraded" if "away" in found.values() else "ok"
    return JSONResponse({"status": status, **found}, 503 if unready else 200)


@router.get("/metrics")
def metrics(request: Request, here: Here) -> Response:
    """For Prometheus: a program on this machine, or a token with system.read. Others are told so in a line, not by a page."""
    actor: Actor | None = request.state.actor
    if actor is None and not is_loopback(address_of(request)):
        return PlainTextResponse("no token\n", 401, {"WWW-Authenticate": "Bearer"})
    if actor is not None and not actor.may(Permission.SYSTEM_READ):
        here.access.log.append(actor, Action.ACCESS_DENIED, "GET /metrics", result="denied")
        return PlainTextResponse("not allowed\n", 403)
    return Response(request.app.state.measures.text(), media_type=CONTENT_TYPE_LATEST)


def _database(here: Here) -> str:
    try:
        here.store.clock()
    except StoreError:
        return "away"
    return "ok"


def _disk(here: Here) -> str:
    return "ok" if free_bytes(here.store.folder) >= LEAST_BYTES else "full"


def _scanner(here: Here) -> str:
    return {None: "off", True: "ok", False: "away"}[here.store.scanning.answers()]


def _redis() -> str:
    try:
        with redis.Redis.from_url(REDIS_URL, socket_connect_timeout=REDIS_SECONDS, socket_timeout=REDIS_SECONDS) as server:
            server.ping()
    except redis.RedisError:
        return "away"
    return "ok"
