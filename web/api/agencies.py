"""Rosters and agencies: imported, listed, and who has reported for which year."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import File, Form, Query, UploadFile
from pydantic import Field

from access.actions import Action
from audits.outcome import Standing
from audits.store.lines import Coverage, Lateness
from reports_in.limits import LIMITS
from web.api.shared import (
    PLAIN,
    Asking,
    Model,
    PageNumber,
    PageOf,
    PageSize,
    Text,
    an_id,
    asking,
    region_for,
    resource,
)
from web.errors import NotFound
from web.uploads.looks import shown_name

router = resource()

YEARS_AT_ONCE = 10
RegionAsked = Annotated[str | None, Query(max_length=200, pattern=PLAIN, description="在这个地区之内")]
YearAsked = Annotated[int, Query(ge=1990, le=2100, description="年度")]


class Roster(Model):
    id: str
    name: str = Field(description="导入的文件名")
    region: str = Field(description="管哪个地区")
    author: str
    imported_at: datetime
    is_current: bool = Field(description="现在是否使用")
    agencies: int
    expected: int = Field(description="应报送的单位")


class Agency(Model):
    roster_id: str
    code: str
    name: str
    others: list[str] = Field(description="又称")
    level: str | None
    kind: str | None
    parent: str | None = Field(description="上级的代码")
    above: str = Field(description="上级的名称")
    region: str
    reports: bool = Field(description="是否应报送")
    depth: int


class Cell(Model):
    state: Coverage
    late: Lateness | None = Field(description="published 公布逾期；received 收到时已过期限，没写公布日期，是否逾期不明")
    submission_id: str | None
    standing: Standing | None
    count: int = Field(description="有几份")


class Row(Model):
    roster_id: str
    code: str
    name: str
    above: str
    region: str
    years: dict[int, Cell]
    undated: Cell | None = Field(description="年度不明的报告，列在这里，不列在各年度")


class Totals(Model):
    year: int
    expected: int
    states: dict[Coverage, int] = Field(
        description="waiting：有报告还在核查、不知是谁的，暂不算缺报；undated：有文件但年度不明，不算缺报"
    )
    late: int = Field(description="公布逾期的单位，按报告写明的公布日期")
    received_late: int = Field(description="收到时已过期限、没写公布日期的单位：是否逾期不明，不在 late 之内")
    waiting: int = Field(description="核查中的单位：submitted 与 waiting 之和")
    unsettled: int = Field(description="还在核查、不知是谁的报告有几份")


class Missing(Model):
    roster_id: str
    code: str
    name: str
    above: str
    region: str
    year: int
    remark: str = Field(description="可能的原因")


@router.get("/rosters", summary="单位名单")
def list_rosters(
    asked: Annotated[Asking, asking("roster.read")],
    all: Annotated[bool, Query(description="连同已不再使用的")] = False,
) -> list[Roster]:
    rosters = asked.here.store.rosters
    found = rosters.history(asked.viewer) if all else rosters.current(asked.viewer)
    return [Roster.model_validate(one) for one in found]


@router.post("/rosters", status_code=201, summary="导入单位名单，代替这个地区现在的名单")
def import_roster(
    asked: Annotated[Asking, asking("roster.import", rate="upload", body=LIMITS.file_bytes)],
    file: Annotated[UploadFile, File(description="agencies.csv，或同样列的表格")],
    region: Annotated[
        str | None, Form(max_length=200, pattern=r"^/([^/\x00-\x1f\x7f]+/)*$", description="地区；账号只负责一个地区时可不写")
    ] = None,
) -> Roster:
    """有错误时一行也不导入，全部错误一次列出。"""
    where = region_for(asked, region)
    name = shown_name(file.filename or "agencies.csv")
    with asked.here.access.log.recorded(asked.actor, Action.ROSTER_IMPORT, name, region=where) as entry:
        found = asked.here.store.rosters.import_(file.file.read(), name, where, asked.actor.account_id, asked.actor.name)
        entry.details |= {"roster": found.id, "agencies": found.agencies}
    return Roster.model_validate(found)


@router.delete("/rosters/{roster_id}", status_code=204, summary="停用单位名单")
def remove_roster(roster_id: Annotated[str, an_id("名单")], asked: Annotated[Asking, asking("roster.import")]) -> None:
    found = next((one for one in asked.here.store.rosters.current(asked.viewer) if one.id == roster_id), None)
    if found is None or not asked.actor.scope.holds(found.region):
        raise NotFound
    with asked.here.access.log.recorded(asked.actor, Action.ROSTER_DELETE, found.name, region=found.region) as entry:
        entry.details["roster"] = roster_id
        asked.here.store.rosters.remove(roster_id)


@router.get("/agencies", summary="名单里的单位，按上下级")
def list_agencies(
    asked: Annotated[Asking, asking("roster.read")],
    region: RegionAsked = None,
    text: Text = "",
    page: PageNumber = 1,
    size: PageSize = 50,
) -> PageOf[Agency]:
    return PageOf[Agency].model_validate(asked.here.store.listing.agencies(asked.viewer, region, text, page, size))


@router.get("/coverage", summary="报送情况：单位和年度")
def coverage(
    asked: Annotated[Asking, asking("roster.read")],
    year: Annotated[list[YearAsked], Query(min_length=1, max_length=YEARS_AT_ONCE, description="年度，可多个")],
    region: RegionAsked = None,
    text: Text = "",
    page: PageNumber = 1,
    size: PageSize = 50,
) -> PageOf[Row]:
    years = sorted(set(year))
    return PageOf[Row].model_validate(asked.here.store.listing.coverage(asked.viewer, years, region, text, page, size))


@router.get("/coverage/totals", summary="一个年度报送情况的合计")
def coverage_totals(asked: Annotated[Asking, asking("roster.read")], year: YearAsked, region: RegionAsked = None) -> Totals:
    return Totals.model_validate(asked.here.store.listing.coverage_totals(asked.viewer, year, region))


@router.get("/missing", summary="一个年度还没有报告的单位")
def missing(
    asked: Annotated[Asking, asking("roster.read")], year: YearAsked, region: RegionAsked = None, text: Text = ""
) -> list[Missing]:
    found = asked.here.store.listing.missing(asked.viewer, year, region, text)
    return [Missing.model_validate(one) for one in found]
