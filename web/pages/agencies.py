"""单位名单: the rosters in force, imported here, and their agencies as a tree."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response

from access.actions import Action
from access.actor import Actor
from access.permissions import Permission
from audits.errors import RosterError, ScannerUnavailable
from audits.roster import FILE_BYTES
from reports_in.errors import IntakeError
from web.errors import BadRequest, NotFound
from web.here import Here, Services
from web.lists import page_from
from web.regions import asked_region, known_regions, region_from, written
from web.render import attachment, page, redirect
from web.security import Guarded, requires, viewer
from web.uploads.looks import shown_name

router = APIRouter(route_class=Guarded)

LONGEST_SEARCH = 200
LEVELS = {"province": "省级", "prefecture": "市级", "county": "县级", "township": "乡镇级"}
KINDS = {
    "government": "政府",
    "office": "政府办",
    "department": "部门",
    "street_office": "街道办",
    "zone": "开发区",
    "institution": "企事业单位",
}
SAMPLE = """编码,全称,别名,级别,类别,上级编码
QH,青禾县人民政府,青禾县政府,县级,政府,
QH01,青禾县教育局,县教育局,县级,部门,QH
QH02,麦垄镇人民政府,麦垄镇,乡镇级,政府,QH
"""
Reader = Annotated[Actor, requires(Permission.ROSTER_READ)]


@router.get("/agencies")
def agencies(request: Request, actor: Reader, here: Here, region: str = "", text: str = "") -> Response:
    """The rosters, and the agencies of those in force."""
    return _shown(request, actor, here, region, text)


def _shown(
    request: Request,
    actor: Actor,
    here: Services,
    region: str = "",
    text: str = "",
    faults: tuple[str, ...] = (),
    given_region: str | None = None,
) -> Response:
    within, text = asked_region(actor, region), text[:LONGEST_SEARCH]
    only = actor.scope.regions[0] if len(actor.scope.regions) == 1 else "/"
    return page(
        request,
        "agencies/agencies.html",
        status=400 if faults else 200,
        rosters=here.store.rosters.current(viewer(actor)),
        history=[one for one in here.store.rosters.history(viewer(actor)) if not one.is_current],
        found=here.store.listing.agencies(viewer(actor), within, text, page_from(request.query_params)),
        region=within,
        regions=known_regions(here, actor),
        text=text,
        faults=faults,
        given_region=written(only) if given_region is None else given_region,
        can_import=actor.may(Permission.ROSTER_IMPORT),
        holds=actor.scope.holds,
        level_names=LEVELS,
        kind_names=KINDS,
    )


@router.post("/agencies/import")
def import_roster(
    request: Request,
    actor: Annotated[Actor, requires(Permission.ROSTER_IMPORT, rate="upload", body=FILE_BYTES + (1 << 20))],
    here: Here,
    file: Annotated[UploadFile, File()],
    region: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Put a table in force for its region; what is wrong with it is said line by line, and nothing has changed then."""
    name = shown_name(file.filename or "agencies.csv")
    try:
        where = region_from(actor, region)
        with here.access.log.recorded(actor, Action.ROSTER_IMPORT, name, region=where) as entry:
            found = here.store.rosters.import_(file.file.read(), name, where, actor.account_id, actor.name)
            entry.details |= {"roster": found.id, "agencies": found.agencies}
    except RosterError as exc:
        return _shown(request, actor, here, faults=tuple(exc.faults), given_region=region)
    except (BadRequest, IntakeError, ScannerUnavailable) as exc:
        return _shown(request, actor, here, faults=(str(exc),), given_region=region)
    return redirect(request, "/coverage", said=f"名单已启用：{found.agencies} 个单位，应报送 {found.expected} 个", tone="good")


@router.post("/agencies/{roster_id}/remove")
def remove(
    request: Request, roster_id: str, actor: Annotated[Actor, requires(Permission.ROSTER_IMPORT)], here: Here
) -> Response:
    """Put a roster out of force; reports that it placed keep their names."""
    found = next((one for one in here.store.rosters.current(viewer(actor)) if one.id == roster_id), None)
    if found is None or not actor.scope.holds(found.region):
        raise NotFound
    with here.access.log.recorded(actor, Action.ROSTER_DELETE, found.name, region=found.region) as entry:
        entry.details["roster"] = roster_id
        here.store.rosters.remove(roster_id)
    return redirect(request, "/agencies", said=f"名单 {found.name} 已停用", tone="good")


@router.get("/agencies/sample.csv")
def sample(_: Reader) -> Response:
    """A table to begin with."""
    return attachment(SAMPLE.encode("utf-8-sig"), "单位名单样例.csv", "text/csv; charset=utf-8")
