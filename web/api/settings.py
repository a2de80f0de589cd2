"""Settings: what an office may want otherwise. Each says who may change it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path as InPath
from pydantic import Field

from access.settings import SETTINGS, Value
from access.settings import Setting as Known
from web.api.shared import Asked, Asking, Model, asking, resource
from web.errors import NotFound

router = resource()


class Setting(Model):
    name: str
    title: str
    help: str
    group: str
    value: bool | int | str
    default: bool | int | str
    choices: dict[str, str] | None = Field(description="可选的值和它们的意思；null 为随意")
    changes: str = Field(description="修改需要的权限")


class Changed(Asked):
    value: bool | int | Annotated[str, Field(max_length=4000)]


@router.get("/settings", summary="系统设置")
def list_settings(asked: Annotated[Asking, asking("setting.read")]) -> list[Setting]:
    return [_shown(setting, value) for setting, value in asked.here.access.settings.all()]


@router.put("/settings/{name}", summary="修改一项设置")
def change(
    name: Annotated[str, InPath(max_length=60, pattern=r"^[a-z_]+$", description="设置的名称")],
    wanted: Changed,
    asked: Annotated[Asking, asking("setting.read")],
) -> Setting:
    if name not in SETTINGS:
        raise NotFound
    return _shown(SETTINGS[name], asked.here.access.settings.change(asked.actor, name, wanted.value))


def _shown(setting: Known, value: Value) -> Setting:
    return Setting(
        name=setting.name,
        title=setting.title,
        help=setting.help,
        group=setting.group,
        value=value,
        default=setting.default,
        choices=dict(setting.choices) if setting.choices is not None else None,
        changes=setting.changes,
    )
