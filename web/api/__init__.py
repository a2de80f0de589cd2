"""The JSON API for programs, under /api/v1: what the pages do, by the same permissions and within the same scope.

One file a resource; each has a ``router`` and is listed in ROUTERS. A token goes into ``Authorization: Bearer``, made by its owner
on the pages. The OpenAPI document is at /api/v1/openapi.json, the guide in docs/api.md; /healthz, /readyz and /metrics, for whoever
keeps the service running, are in health.py.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, FastAPI

from web.api import agencies, batches, document, health, log, me, people, queue, reports, rules, settings, sweeps
from web.api.measuring import Measured, Measures

BASE = "/api/v1"
ROUTERS: Mapping[str, APIRouter] = {
    "当前账号": me.router,
    "批次": batches.router,
    "报告": reports.router,
    "失败队列": queue.router,
    "单位和报送情况": agencies.router,
    "巡查": sweeps.router,
    "规则": rules.router,
    "账号": people.router,
    "操作日志": log.router,
    "设置": settings.router,
}


def install(app: FastAPI) -> None:
    """Have the app answer under /api/v1, and say how it is."""
    for tag, router in ROUTERS.items():
        app.include_router(router, prefix=BASE, tags=[tag])
    app.include_router(document.router, prefix=BASE, include_in_schema=False)
    app.include_router(health.router, include_in_schema=False)
    app.state.measures = Measures(app.state.services.store)
    app.add_middleware(Measured, measures=app.state.measures)
    document.describe(app)
