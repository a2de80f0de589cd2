"""Who the token acts for."""

from __future__ import annotations

from fastapi import Request
from pydantic import Field

from access import Actor
from access.errors import NotSignedIn
from web.api.shared import Model, resource
from web.security import for_everybody

router = resource()


class Me(Model):
    login: str
    name: str
    role: str | None = Field(description="角色；还没有授予时为 null")
    regions: list[str] = Field(description="能看到的地区")
    permissions: list[str] = Field(description="这个令牌现在能做的事")
    via: str = Field(description="token 令牌，session 网页登录")


@router.get("/me", dependencies=[for_everybody()], summary="我是谁，能做什么")
def me(request: Request) -> Me:
    actor: Actor | None = request.state.actor
    if actor is None:
        raise NotSignedIn
    return Me(
        login=actor.login,
        name=actor.name,
        role=actor.role,
        regions=list(actor.scope.regions),
        permissions=sorted(actor.permissions),
        via=actor.via,
    )
