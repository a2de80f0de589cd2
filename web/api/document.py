"""The OpenAPI document: which addresses there are, what they take and answer. For who is signed in, like everything else."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse

from access.errors import NotSignedIn
from web.security import Guarded, for_everybody

ABOUT = (
    "政府信息公开工作年度报告核查系统的接口。请求头带 `Authorization: Bearer 令牌`；令牌在网页“我的账号”里创建，"
    '权限和地区范围与账号相同或更小。时间一律为 ISO 8601（UTC）。错误一律为 `{"error": {"code", "message", "request_id"}}`。'
)
router = APIRouter(route_class=Guarded)


@router.get("/openapi.json", dependencies=[for_everybody()])
def openapi(request: Request) -> JSONResponse:
    """The document, for whoever is signed in."""
    if request.state.actor is None:
        raise NotSignedIn
    return JSONResponse(request.app.openapi())


def describe(app: FastAPI) -> None:
    """Have the app describe its API alone: the pages are none of it."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = get_openapi(title=app.title, version=app.version, description=ABOUT, routes=app.routes)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]  # FastAPI's own way
