"""Regions as people write and choose them in forms, within what they may see."""

from __future__ import annotations

from access.actor import Actor
from audits.regions import EVERYWHERE, parts_of, path_of
from web.errors import BadRequest
from web.here import Services
from web.security import viewer


def written(region: str) -> str:
    """福建省/福州市, as people type it; "" for everywhere."""
    return "/".join(parts_of(region))


def region_from(actor: Actor, said: str) -> str:
    """The region that a form says; where it says none, the only one of whoever fills it in. Raises BadRequest if it is not his."""
    path = path_of(part for words in said.replace("\\", "/").split("/") for part in words.split())
    if not said.strip() and len(actor.scope.regions) == 1:
        path = actor.scope.regions[0]
    if not actor.scope.holds(path):
        allowed = "、".join(written(one) or "全部地区" for one in actor.scope.regions) or "无"
        raise BadRequest(f"地区“{written(path) or '全部地区'}”不在您的权限范围内；您可以填的是：{allowed}")
    return path


def asked_region(actor: Actor, said: str) -> str | None:
    """The region that a list is to be confined to; None for all that may be seen."""
    path = path_of(said.split("/"))
    return path if path != EVERYWHERE and len(said) <= 200 else None


def known_regions(here: Services, actor: Actor) -> list[str]:
    """Regions to choose from, as written: his own, and those directly below."""
    own = [region for region in actor.scope.regions if region != EVERYWHERE]
    below = [node.path for region in actor.scope.regions for node in here.store.listing.regions(viewer(actor), region)]
    return list(dict.fromkeys(written(region) for region in (*own, *below)))
