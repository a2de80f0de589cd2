"""报送情况: who has reported for which year, who is late, who is missing."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from access.actions import Action
from access.actor import Actor
from access.permissions import Permission
from audits.regions import shown
from audits.renderers.cells import safe_for_csv
from audits.store.lines import Coverage, Lateness, MissingRow, Wanted
from web.here import Here, Services
from web.lists import page_from
from web.regions import asked_region, known_regions
from web.render import attachment, page
from web.security import Guarded, requires, viewer

router = APIRouter(route_class=Guarded)

YEARS_SHOWN = 3
FIRST_YEAR = 2008  # the first for which there were reports at all
LONGEST_SEARCH = 200
STATES = {
    Coverage.AUDITED: "已核查",
    Coverage.SUBMITTED: "核查中",
    Coverage.UNREADABLE: "读不了",
    Coverage.FAILED: "核查失败",
    Coverage.UNDATED: "年度不明",
    Coverage.WAITING: "核查中",
    Coverage.MISSING: "缺报",
}
LATE = {Lateness.PUBLISHED: "公布逾期", Lateness.RECEIVED: "收到时已过期限，公布日期不明"}
Reader = Annotated[Actor, requires(Permission.ROSTER_READ)]


@router.get("/coverage")
def coverage(request: Request, actor: Reader, here: Here, year: str = "", region: str = "", text: str = "") -> Response:
    """Agencies by years: the year asked for, and those before it."""
    asked, within = _year(year), asked_region(actor, region)
    sees, listing, text = viewer(actor), here.store.listing, text[:LONGEST_SEARCH]
    years = [asked - back for back in range(YEARS_SHOWN)]
    found = listing.coverage(sees, years, within, text, page_from(request.query_params))
    return page(
        request,
        "coverage/coverage.html",
        found=found,
        has_undated=any(row.undated for row in found.items),
        unplaced=_unplaced(here, actor, within),
        years=years,
        year=asked,
        latest=_latest(),
        region=within,
        regions=known_regions(here, actor),
        text=text,
        totals=listing.coverage_totals(sees, asked, within),
        has_rosters=bool(here.store.rosters.current(sees)),
        can_import=actor.may(Permission.ROSTER_IMPORT),
        coverage_names=STATES,
        late_names=LATE,
    )


@router.get("/coverage/missing")
def missing(request: Request, actor: Reader, here: Here, year: str = "", region: str = "", text: str = "") -> Response:
    """Who has not reported, in full."""
    asked, within = _year(year), asked_region(actor, region)
    rows = here.store.listing.missing(viewer(actor), asked, within, text[:LONGEST_SEARCH])
    return page(
        request,
        "coverage/missing.html",
        rows=rows,
        totals=here.store.listing.coverage_totals(viewer(actor), asked, within),
        year=asked,
        region=within,
        may_export=actor.may(Permission.REPORT_EXPORT),
    )


@router.get("/coverage/missing.csv")
def export(
    actor: Annotated[Actor, requires(Permission.REPORT_EXPORT, rate="export")], here: Here, year: str = "", region: str = ""
) -> Response:
    """The same as a table for a spreadsheet."""
    asked, within = _year(year), asked_region(actor, region)
    rows = here.store.listing.missing(viewer(actor), asked, within)
    name = f"{asked}年度缺报名单.csv"
    here.access.log.append(actor, Action.REPORT_EXPORT, name, region=within or "", rows=len(rows))
    return attachment(_as_csv(rows), name, "text/csv; charset=utf-8")


def _unplaced(here: Services, actor: Actor, region: str | None) -> int:
    """Reports of which a person has to say whose they are."""
    if not actor.may(Permission.REPORT_READ):
        return 0
    return here.store.listing.reports(viewer(actor), Wanted(unplaced=True, region=region), size=1).total


def _as_csv(rows: Sequence[MissingRow]) -> bytes:
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(["编码", "单位", "上级", "地区", "年度", "说明"])
    for row in rows:
        cells = (row.code, row.name, row.above, shown(row.region), str(row.year), row.remark)
        lines.writerow([safe_for_csv(cell) for cell in cells])
    return text.getvalue().encode("utf-8-sig")  # with the mark that spreadsheet programs tell it by


def _latest() -> int:
    """The newest year of which reports can be due."""
    return datetime.now().astimezone().year - 1


def _year(said: str) -> int:
    return int(said) if said.isascii() and said.isdigit() and FIRST_YEAR <= int(said) <= _latest() + 1 else _latest()
