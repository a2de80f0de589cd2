"""System settings: what an office may want otherwise. Each setting says who may change it."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from access.actor import Actor
from access.errors import SettingFault
from access.permissions import Permission
from access.settings import SETTINGS
from web.errors import NotFound
from web.here import Here
from web.render import page, redirect
from web.security import Guarded, requires

router = APIRouter(route_class=Guarded, prefix="/settings", tags=["settings"])
Reader = Annotated[Actor, requires(Permission.SETTING_READ)]


@router.get("")
def settings(request: Request, _: Reader, here: Here) -> Response:
    groups = [(group, list(items)) for group, items in groupby(here.access.settings.all(), key=lambda item: item[0].group)]
    return page(request, "settings/settings.html", groups=groups)


@router.post("/{name}")
def change(
    request: Request, name: str, actor: Reader, here: Here, value: Annotated[str, Form(max_length=4000)] = ""
) -> Response:
    if name not in SETTINGS:
        raise NotFound
    try:
        here.access.settings.change(actor, name, value)
    except SettingFault as exc:
        return redirect(request, f"/settings#{name}", said=str(exc), tone="bad")
    return redirect(request, f"/settings#{name}", said=f"已修改：{SETTINGS[name].title}")
