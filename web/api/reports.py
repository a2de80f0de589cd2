"""Reports: lists with filters, the audit of one, its documents, decisions on its findings, and its newer versions."""

from __future__ import annotations

import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import File, Query, UploadFile
from fastapi.responses import FileResponse
from pydantic import Field

from access.actions import Action
from audits import decisions
from audits.belonging import agency_named, assign, belonging_of, unassign
from audits.decision import Decided
from audits.documents import MEDIA_TYPES, render_report
from audits.intake import Submitted
from audits.matching import MatchState
from audits.outcome import Standing
from audits.renderers.terms import Terms
from audits.service import changes_of, resubmit
from audits.store import SubmissionState
from audits.store.assignments import Assigned
from audits.store.lines import Order, ReportRow, Wanted
from reports_in.limits import LIMITS
from rules.verdict import Severity
from web.api.shared import (
    ID,
    PLAIN,
    Asked,
    Asking,
    Model,
    PageNumber,
    PageOf,
    PageSize,
    Reason,
    ReportId,
    Text,
    asking,
    resource,
)
from web.errors import Conflict, NotFound
from web.uploads.looks import look_at, shown_name
from web.uploads.staging import UploadError
from web.wake import wake

router = resource()

PIECE_BYTES = 1 << 20
FORMS = ("pdf", "docx", "annotated", "json")
BINARY = {"schema": {"type": "string", "format": "binary"}}
DATA = {"schema": {"type": "object"}}
DOCUMENT: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA_TYPES[form]: DATA if form == "json" else BINARY for form in FORMS}}
}


class Report(Model):
    id: str = Field(validation_alias="submission_id")
    batch_id: str
    batch_title: str = Field(description="看不到所在批次时为空")
    position: int = Field(description="在批次里的次序，从 0 起")
    name: str = Field(description="提交时的文件名")
    agency: str | None = Field(description="单位，按单位名单，否则按报告里写的")
    agency_code: str | None = Field(description="单位名单里的代码")
    match: MatchState | None = Field(
        description="归属：matched 名单对上，ambiguous、unknown 待确认，assigned 人工认定，outside 认定为名单以外"
    )
    region: str
    year: int | None
    state: SubmissionState
    standing: Standing | None = Field(description="结论；没有结果前为 null")
    errors: int
    warnings: int
    notices: int
    doubtful: int = Field(description="其中需人工核对的")
    undecided: int = Field(description="无法核验的")
    open: int = Field(description="还没有认定的问题")
    code: str = Field(description="没能核查的错误代码")
    reason: str = Field(description="没能核查的原因")
    version: int = Field(description="第几版，从 1 起")
    published: str | None = Field(description="公布日期，报告里写明的")
    received_at: datetime
    settled_at: datetime | None


class Taken(Model):
    """A decision that was taken."""

    id: str = Field(description="认定的编号，下一次认定时写进 expected")
    finding_id: str
    decided: Decided
    reason: str
    author: str
    decided_at: datetime
    expires: date | None = Field(description="豁免的最后一天；null 为长期")
    said_otherwise: bool = Field(description="这处问题现在的内容与认定时不同")


class Decide(Asked):
    findings: list[Annotated[str, Field(min_length=1, max_length=400, pattern=PLAIN)]] = Field(
        min_length=1, max_length=500, description="问题的编号，见核查数据 findings 的 id"
    )
    decided: Decided = Field(description="confirmed 确认，dismissed 不成立，waived 豁免，reopened 撤回之前的认定")
    reason: Reason = ""
    expires: date | None = Field(default=None, description="豁免到哪一天为止；不写为长期")
    expected: dict[Annotated[str, Field(max_length=400)], Annotated[str, Field(max_length=32)] | None] | None = Field(
        default=None,
        max_length=500,
        description="您看到的现在有效的认定：问题的编号 -> 认定的编号，没有认定写 null；与实际不符的答 409 DECIDED_MEANWHILE，一个也不记。"
        "不写则不比对",
    )


class Choice(Model):
    """An agency to which a report may be assigned."""

    roster_id: str
    code: str
    name: str
    above: str = Field(description="上级的名称")
    region: str
    score: float | None = Field(description="名称相符的程度，0 到 100")


class Sign(Model):
    place: str
    words: str


class Assignment(Model):
    """What a person said of whose report it is."""

    id: str = Field(description="下一次认定时写进 expected")
    kind: Assigned = Field(description="agency 归到单位，outside 名单以外的单位，undone 撤销")
    code: str
    agency: str
    reason: str
    author: str
    assigned_at: datetime


class Belongs(Model):
    """Whose report it is."""

    match: MatchState | None = Field(
        description="现在算什么：matched 名单对上，ambiguous、unknown 待确认，assigned 人工认定，outside 名单以外"
    )
    agency: str | None
    agency_code: str | None
    reason: str = Field(description="按名单为什么不能确定")
    rests_on: list[Sign] = Field(description="按名单的依据：在哪里、写的什么")
    candidates: list[Choice] = Field(description="名单中相近的单位，最像的在前；只列您的地区范围内的")
    beyond: int = Field(description="另有几个候选不在您的地区范围内")
    assignment: Assignment | None = Field(description="现在有效的人工认定")
    history: list[Assignment] = Field(description="全部人工认定，旧的在前")


Code = Annotated[str, Field(min_length=1, max_length=100, pattern=PLAIN)]


class Assign(Asked):
    code: Code | None = Field(description="单位的编码；null：不是名单中任何单位的")
    roster_id: Annotated[str, Field(pattern=ID)] | None = Field(
        default=None, description="哪份名单的；几个地区的名单有同样的编码时要写"
    )
    reason: Reason = ""
    expected: Annotated[str, Field(max_length=32)] | None = Field(
        default=None,
        description="您看到的现在有效的认定的编号，没有则为空字符串；与实际不符的答 409 ASSIGNED_MEANWHILE。不写则不比对",
    )


class Finding(Model):
    id: str
    rule: str
    where: str
    message: str


class Changes(Model):
    comparable: bool
    reason: str = Field(description="不能比较的原因")
    fixed: list[Finding] = Field(description="已改好")
    still_open: list[Finding] = Field(description="仍存在")
    new: list[Finding] = Field(description="新出现")
    unsure: list[Finding] = Field(description="无法判定是否改好")


class NewVersion(Model):
    id: str = Field(description="新一版的编号")


@router.get("/reports", summary="列出报告，可筛选，问题最重的在前")
def list_reports(
    asked: Annotated[Asking, asking("report.read")],
    batch: Annotated[str | None, Query(pattern=ID, description="只看这个批次")] = None,
    state: SubmissionState | None = None,
    standing: Standing | None = None,
    severity: Annotated[Severity | None, Query(description="有这种程度的问题")] = None,
    rule: Annotated[str | None, Query(max_length=60, pattern=PLAIN, description="有这条规则的问题")] = None,
    region: Annotated[str | None, Query(max_length=200, pattern=PLAIN, description="在这个地区之内")] = None,
    agency: Annotated[str | None, Query(max_length=60, pattern=PLAIN, description="单位代码")] = None,
    match: MatchState | None = None,
    year: Annotated[int | None, Query(ge=1990, le=2100)] = None,
    doubtful: Annotated[bool | None, Query(description="有（没有）需人工核对的问题")] = None,
    open: Annotated[bool, Query(description="只看有问题还没有认定的")] = False,
    unplaced: Annotated[bool, Query(description="只看待确认归属的：名单和人都没有说是谁的")] = False,
    text: Text = "",
    order: Order = "worst",
    page: PageNumber = 1,
    size: PageSize = 50,
) -> PageOf[Report]:
    wanted = Wanted(batch, state, standing, severity, rule, region, agency, match, year, text, order, doubtful, open, unplaced)
    return PageOf[Report].model_validate(asked.here.store.listing.reports(asked.viewer, wanted, page, size))


class Facets(Model):
    """Of the reports that a list with these filters shows, each counted without its own filter."""

    total: int
    states: dict[SubmissionState, int]
    standings: dict[Standing, int]
    regions: dict[str, int] = Field(description="下一级地区")
    years: dict[int, int]
    unknown_year: int
    rules: dict[str, int] = Field(description="查出问题的规则，报告多的在前")


class Totals(Model):
    batches: int
    open_batches: int = Field(description="还没有做完的批次")
    reports: int
    states: dict[SubmissionState, int]
    standings: dict[Standing, int]
    errors: int
    warnings: int
    notices: int
    doubtful: int
    undecided: int
    unplaced: int = Field(description="待确认归属的：名单里找不到是谁的，也没有人认定")


@router.get("/totals", summary="看得到的全部报告的合计")
def totals(asked: Annotated[Asking, asking("report.read")]) -> Totals:
    return Totals.model_validate(asked.here.store.listing.totals(asked.viewer))


@router.get("/reports/facets", summary="再按状态、结论、地区、年度、规则筛选，各有几份")
def facets(
    asked: Annotated[Asking, asking("report.read")],
    batch: Annotated[str | None, Query(pattern=ID, description="只看这个批次")] = None,
    region: Annotated[str | None, Query(max_length=200, pattern=PLAIN, description="在这个地区之内")] = None,
    year: Annotated[int | None, Query(ge=1990, le=2100)] = None,
    text: Text = "",
) -> Facets:
    found = asked.here.store.listing.facets(asked.viewer, Wanted(batch_id=batch, region=region, year=year, text=text))
    return Facets(
        total=found.total,
        states=dict(found.states),
        standings=dict(found.standings),
        regions=dict(found.regions),
        years={known: count for known, count in found.years.items() if known is not None},
        unknown_year=found.years.get(None, 0),
        rules=dict(found.rules),
    )


@router.get("/reports/{report_id}", summary="一份报告")
def show_report(report_id: ReportId, asked: Annotated[Asking, asking("report.read")]) -> Report:
    return Report.model_validate(_row(asked, report_id))


@router.get("/reports/{report_id}/versions", summary="同一份报告的各版，旧的在前")
def versions(report_id: ReportId, asked: Annotated[Asking, asking("report.read")]) -> list[Report]:
    _row(asked, report_id)
    ids = [result.submission.id for result in asked.here.store.versions(report_id)]
    rows = [asked.here.store.listing.row(asked.viewer, one) for one in ids]
    return [Report.model_validate(row) for row in rows if row is not None]


@router.get(
    "/reports/{report_id}/audit",
    summary="核查数据（JSON），连同现在的认定",
    response_class=FileResponse,
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
def show_audit(report_id: ReportId, asked: Annotated[Asking, asking("report.read")]) -> FileResponse:
    """格式见 docs/json.md；与 hecha audit 写下的 JSON 相同。"""
    _audited(asked, report_id)
    return FileResponse(render_report(asked.here.store, report_id, "json").path, media_type="application/json")


@router.get(
    "/reports/{report_id}/document", summary="核查报告、整改通知、原文批注", response_class=FileResponse, responses=DOCUMENT
)
def download(
    report_id: ReportId,
    asked: Annotated[Asking, asking("report.download")],
    form: Annotated[Literal["pdf", "docx", "annotated", "json"], Query(description="哪一种文件")] = "pdf",
    issued: Annotated[date | None, Query(description="文书日期")] = None,
    deadline: Annotated[date | None, Query(description="整改期限")] = None,
) -> FileResponse:
    row = _audited(asked, report_id)
    document = render_report(asked.here.store, report_id, form, Terms(issued, deadline))
    asked.here.access.log.append(asked.actor, Action.REPORT_DOWNLOAD, report_id, region=row.region, form=form)
    return FileResponse(document.path, media_type=document.media_type, filename=document.name)


@router.get("/reports/{report_id}/decisions", summary="现在有效的认定")
def list_decisions(report_id: ReportId, asked: Annotated[Asking, asking("report.read")]) -> list[Taken]:
    _row(asked, report_id)
    return [Taken.model_validate(taken) for taken in decisions.of_report(asked.here.store, report_id).values()]


@router.post("/reports/{report_id}/decisions", status_code=201, summary="认定问题：全部记下，或一个也不记")
def decide(report_id: ReportId, wanted: Decide, asked: Annotated[Asking, asking("report.decide")]) -> list[Taken]:
    row = _row(asked, report_id)
    actor = asked.actor
    with asked.here.access.log.recorded(actor, Action.FINDING_DECIDE, report_id, region=row.region) as entry:
        entry.details |= {"decided": wanted.decided, "findings": wanted.findings}
        taken = decisions.decide(
            asked.here.store,
            report_id,
            wanted.findings,
            wanted.decided,
            wanted.reason,
            account_id=actor.account_id,
            author=actor.name,
            expires=wanted.expires,
            expected={key: seen or "" for key, seen in wanted.expected.items()} if wanted.expected is not None else None,
        )
    return [Taken.model_validate(one) for one in taken]


@router.get("/reports/{report_id}/decisions/history", summary="一处问题的全部认定，旧的在前")
def history(
    report_id: ReportId,
    finding: Annotated[str, Query(max_length=400, pattern=PLAIN, description="问题的编号")],
    asked: Annotated[Asking, asking("report.read")],
) -> list[Taken]:
    _audited(asked, report_id)
    return [Taken.model_validate(one) for one in decisions.history(asked.here.store, report_id, finding)]


@router.get("/reports/{report_id}/agency", summary="这份报告是哪个单位的：候选、依据、人工认定")
def show_agency(report_id: ReportId, asked: Annotated[Asking, asking("report.read")]) -> Belongs:
    return _belongs(asked, report_id)


@router.put("/reports/{report_id}/agency", summary="认定这份报告是哪个单位的")
def assign_agency(report_id: ReportId, wanted: Assign, asked: Annotated[Asking, asking("report.decide")]) -> Belongs:
    """报送情况随即按它算，报告按这个单位重新核查。不在候选里的单位、名单以外的要写理由。单位和认定后报告所在的地区须在您的地区范围内。"""
    row, actor, store = _row(asked, report_id), asked.actor, asked.here.store
    with asked.here.access.log.recorded(actor, Action.REPORT_ASSIGN, report_id, region=row.region) as entry:
        entry.details |= {"to": wanted.code or "outside", "before": row.agency_code or ""}
        chosen = agency_named(store, asked.viewer, wanted.code, wanted.roster_id) if wanted.code is not None else None
        waiting = assign(
            store,
            report_id,
            (chosen.roster_id, chosen.code) if chosen is not None else None,
            wanted.reason,
            account_id=actor.account_id,
            author=actor.name,
            scope=actor.scope,
            expected=wanted.expected,
        )
    wake(waiting)
    return _belongs(asked, report_id)


@router.delete("/reports/{report_id}/agency", status_code=204, summary="撤销人工认定的归属")
def unassign_agency(
    report_id: ReportId,
    asked: Annotated[Asking, asking("report.decide")],
    reason: Annotated[str, Query(max_length=2000, pattern=PLAIN, description="理由")] = "",
    expected: Annotated[str | None, Query(max_length=32, pattern=PLAIN, description="您看到的现在有效的认定的编号")] = None,
) -> None:
    row, actor = _row(asked, report_id), asked.actor
    with asked.here.access.log.recorded(actor, Action.REPORT_ASSIGN, report_id, region=row.region) as entry:
        entry.details |= {"to": "undone", "before": row.agency_code or ""}
        waiting = unassign(
            asked.here.store,
            report_id,
            reason,
            account_id=actor.account_id,
            author=actor.name,
            scope=actor.scope,
            expected=expected,
        )
    wake(waiting)


@router.post("/reports/{report_id}/versions", status_code=201, summary="重新报送：顶替现在这一版，旧的保留")
def add_version(
    report_id: ReportId,
    asked: Annotated[Asking, asking("batch.manage", rate="upload", body=LIMITS.file_bytes + (1 << 20))],
    file: Annotated[UploadFile, File(description="更正后的年报，一个文件")],
) -> NewVersion:
    row = _row(asked, report_id)
    store = asked.here.store
    if store.versions(report_id)[-1].submission.id != report_id or not row.state.is_settled:
        raise Conflict("这份报告还在核查，或已有更新的版本；请用最新一版的编号")
    name = shown_name(file.filename or "")
    with tempfile.TemporaryDirectory(prefix=".unpacked-", dir=store.folder) as folder:
        path = Path(folder) / "file"
        with path.open("wb") as copy:
            while piece := file.file.read(PIECE_BYTES):
                copy.write(piece)
        look = look_at(path, name)
        if look.is_archive:
            raise UploadError(f"{name}：重新报送只收一个文件，不收压缩包；请解压后提交")
        with asked.here.access.log.recorded(asked.actor, Action.REPORT_RESUBMIT, report_id, region=row.region) as entry:
            new_id = resubmit(store, report_id, Submitted(path, name, (look.code, look.reason) if look.code else None))
            entry.details |= {"new": new_id, "name": name}
    wake([new_id])
    return NewVersion(id=new_id)


@router.get("/reports/{report_id}/changes", summary="与上一版相比：已改好、仍存在、新出现")
def changes(report_id: ReportId, asked: Annotated[Asking, asking("report.read")]) -> Changes:
    _row(asked, report_id)
    return Changes.model_validate(changes_of(asked.here.store, report_id))


def _belongs(asked: Asking, report_id: str) -> Belongs:
    row = _row(asked, report_id)
    found = belonging_of(asked.here.store, asked.viewer, report_id)
    return Belongs(
        match=row.match,
        agency=row.agency,
        agency_code=row.agency_code,
        reason=found.match.reason if found.match is not None else "",
        rests_on=[Sign(place=place, words=words) for place, words in (found.match.rests_on if found.match is not None else ())],
        candidates=[Choice.model_validate(one) for one in found.choices],
        beyond=found.beyond,
        assignment=Assignment.model_validate(found.held) if found.held is not None else None,
        history=[Assignment.model_validate(one) for one in found.history],
    )


def _row(asked: Asking, report_id: str) -> ReportRow:
    found = asked.here.store.listing.row(asked.viewer, report_id)
    if found is None:
        raise NotFound
    return found


def _audited(asked: Asking, report_id: str) -> ReportRow:
    found = _row(asked, report_id)
    if found.state is not SubmissionState.AUDITED:
        raise NotFound("这份报告没有核查结果：还在核查，或没能核查")
    return found
