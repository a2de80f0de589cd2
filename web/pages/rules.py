"""规则: what is held against reports, to be read, and what it has found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from access.actor import Actor
from access.permissions import Permission
from audits.store.lines import RuleFigures
from rules.compile import Pack, Rule, load_pack
from web.errors import NotFound
from web.here import Here, Services
from web.lists import pack_choices, packs_of
from web.render import page
from web.security import Guarded, requires, viewer

router = APIRouter(route_class=Guarded)

LONGEST_SEARCH = 100
Reader = Annotated[Actor, requires(Permission.RULE_READ)]


@router.get("/rules")
def rules(request: Request, actor: Reader, here: Here, pack: str = "national", text: str = "") -> Response:
    """Every rule of a pack, with what it has found in the reports that this person may see."""
    found, text = _pack(here, pack), text[:LONGEST_SEARCH].strip()
    return page(
        request,
        "rules/rules.html",
        pack=found,
        pack_name=pack,
        packs=pack_choices(here.store.folder),
        rules=list(_matching(found.rules.values(), text)),
        text=text,
        figures=_figures(here, actor),
        sees_reports=actor.may(Permission.REPORT_READ),
    )


@router.get("/rules/{rule_id}")
def rule(request: Request, rule_id: str, actor: Reader, here: Here, pack: str = "national") -> Response:
    """One rule: what it asks, on what basis, with its examples and what is known of its false alarms."""
    found = _pack(here, pack)
    shown = found.rules.get(rule_id)
    if shown is None:
        raise NotFound
    return page(
        request,
        "rules/rule.html",
        pack=found,
        pack_name=pack,
        rule=shown,
        changed=found.changed.get(rule_id),
        figures=_figures(here, actor).get(rule_id),
        instead_of=[found.rules[other] for other in shown.supersedes if other in found.rules],
        sees_reports=actor.may(Permission.REPORT_READ),
    )


def _pack(here: Services, name: str) -> Pack:
    folder = packs_of(here.store.folder).get(name)
    if folder is None:
        raise NotFound
    return load_pack(folder)


def _figures(here: Services, actor: Actor) -> Mapping[str, RuleFigures]:
    """What each rule found; of nobody's reports for who may not read them."""
    if not actor.may(Permission.REPORT_READ):
        return {}
    found: dict[str, RuleFigures] = {}
    for one in here.store.listing.rule_statistics(viewer(actor)):
        found.setdefault(one.rule, one)
    return found


def _matching(rules: Iterable[Rule], text: str) -> Iterable[Rule]:
    """Those with the words in their id, title, basis or message."""
    wanted = text.casefold()
    return (one for one in rules if wanted in " ".join((one.id, one.title, one.basis, one.message)).casefold())
