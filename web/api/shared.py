"""What the resources share: their base model, the shape of a fault, pages of lists, and who is asking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

from fastapi import APIRouter, Depends, Query
from fastapi import Path as InPath
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, Field

from access import Actor, Permission
from access.errors import Forbidden
from audits.store.lines import Viewer
from web.errors import NotFound
from web.here import Here, Services
from web.lists import packs_of
from web.security import SMALL_BODY, Guarded, requires, viewer

Item = TypeVar("Item")

MOST_PAGES = 1_000_000
PLAIN = r"^[^\x00-\x1f\x7f]*$"  # no controls: a database may refuse them, and nobody types them
ID = r"^[0-9a-f]{32}$"
BEARER = HTTPBearer(auto_error=False, scheme_name="token", description="在网页“我的账号”里创建的接口令牌")


class Model(BaseModel):
    """What is answered: made from the frozen models below, by the names of their fields."""

    model_config = ConfigDict(from_attributes=True)


class Asked(BaseModel):
    """What is sent to us: a key that nobody knows is a mistake, and said to be one."""

    model_config = ConfigDict(extra="forbid")


class Fault(Model):
    code: str = Field(description="错误代码，程序按它判断；列表见 docs/api.md")
    message: str = Field(description="一行中文：出了什么问题，怎么办")
    request_id: str = Field(description="这次请求的编号，便于在日志中查找")


class Refused(Model):
    error: Fault


class PageOf(Model, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    total: int = Field(description="共有多少条")
    page: int = Field(description="第几页，从 1 起")
    pages: int = Field(description="共几页")
    is_more: bool = Field(default=False, description="实际比 total 多，没有数完")


class Count(Model):
    count: int = Field(description="做了多少份")


Text = Annotated[str, Query(max_length=200, pattern=PLAIN, description="包含这些词的，用空格隔开")]
PageNumber = Annotated[int, Query(ge=1, le=MOST_PAGES, description="第几页，从 1 起")]
PageSize = Annotated[int, Query(ge=1, le=200, description="每页几条")]
Region = Annotated[
    str, Field(max_length=200, pattern=r"^/([^/\x00-\x1f\x7f]+/)*$", description="地区，如 /福建省/福州市/；/ 为全部")
]
Year = Annotated[int, Field(ge=1990, le=2100, description="年度")]
Reason = Annotated[str, Field(max_length=2000, description="理由")]


def an_id(what: str) -> Any:
    """The parameter of a path that names one of those."""
    return InPath(pattern=ID, description=f"{what}的编号")


BatchId = Annotated[str, an_id("批次")]
ReportId = Annotated[str, an_id("报告")]

DESCRIBED: Mapping[int, str] = {
    400: "请求本身有误",
    401: "没有令牌，或令牌无效、已过期、已吊销",
    403: "没有这项权限",
    404: "没有，或不在权限范围内（两者不作区分）",
    409: "现在的状态下不能这样做",
    413: "超过上限",
    422: "内容缺失或格式不对",
    429: "过于频繁；Retry-After 是几秒后可以再试",
    503: "数据库暂时不可用",
}


def resource(most_files: int = 1) -> APIRouter:
    """For a resource: guarded, with the shape of its faults told. most_files: in one request."""
    responses: dict[int | str, dict[str, Any]] = {
        status: {"model": Refused, "description": words} for status, words in DESCRIBED.items()
    }
    return APIRouter(
        route_class=Guarded, dependencies=[Depends(BEARER)], responses=responses, form_limits={"max_files": most_files}
    )


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, and what he can reach. ``viewer`` is what lists are cut by."""

    actor: Actor
    here: Services

    @property
    def viewer(self) -> Viewer:
        return viewer(self.actor)


def asking(permission: Permission | str, *, rate: str = "", body: int = SMALL_BODY) -> Any:
    """The dependency that gives an ``Asking`` to who has the permission."""

    needed = requires(permission, rate=rate, body=body)

    def made(here: Here, actor: Actor = needed) -> Asking:
        return Asking(actor, here)

    return Depends(made)


def region_for(asking: Asking, region: str | None) -> str:
    """Where a batch or a roster is to belong: within the scope, and said if the scope leaves a choice. Raises Forbidden."""
    regions = asking.actor.scope.regions
    if region is None and len(regions) == 1:
        return regions[0]
    if region is None or not asking.actor.scope.holds(region):
        raise Forbidden("请写明 region，并在您负责的地区之内")
    return region


def pack_named(asking: Asking, name: str) -> Path:
    """One of ours or of the data folder, by its name: nobody names other folders of this machine. Raises NotFound."""
    packs = packs_of(asking.here.store.folder)
    if name not in packs:
        raise NotFound(f"没有规则包 {name}；可用 {'、'.join(packs)}")
    return packs[name]
