"""Batches: submitted, watched, cancelled, tried again, audited again, deleted, taken home."""

from __future__ import annotations

import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

from fastapi import File, Form, Query, Response, UploadFile
from fastapi.responses import FileResponse
from pydantic import Field
from starlette.background import BackgroundTask

from access.actions import Action
from access.errors import Forbidden
from access.permissions import Permission
from audits.documents import export_batch
from audits.errors import AuditError, ScannerUnavailable
from audits.outcome import Standing
from audits.renderers.terms import Terms
from audits.service import RETRIED, audit_again, cancel_batch
from audits.store import SubmissionState
from audits.store.lines import BatchRow
from audits.waivers import load_waivers
from rules.compile import load_pack
from web.api.shared import (
    ID,
    PLAIN,
    Asked,
    Asking,
    BatchId,
    Count,
    Model,
    PageNumber,
    PageOf,
    PageSize,
    Text,
    asking,
    pack_named,
    region_for,
    resource,
)
from web.errors import NotFound
from web.exports.folder import remove_of_batch
from web.uploads import quota
from web.uploads.looks import shown_name
from web.uploads.staging import (
    MOST_BYTES,
    MOST_FILES,
    PIECE_BYTES,
    Details,
    NoSuchUpload,
    Progress,
    UploadError,
    Uploads,
    UploadTooLarge,
)
from web.uploads.taking_in import start
from web.wake import wake

router = resource(MOST_FILES)

WAIVERS_BYTES = 1 << 20
FORM_BYTES = 64 << 20  # what the form around the files may add
TAKING_SECONDS = 60.0  # to wait for the batch to be recorded; it goes on if that takes longer
LOOK_SECONDS = 0.1
STALE_SECONDS = 24 * 3600.0  # an export that was left behind by a crash
EXPORTS = ".export-"
Form_ = Literal["pdf", "json", "docx", "annotated", "xlsx", "csv", "jsonl", "summary", "zip"]


class Batch(Model):
    id: str
    title: str
    owner: str = Field(description="提交的账号或系统用户", validation_alias="owner_name")
    region: str
    pack: str = Field(description="规则包；空为自带的全国规则包")
    received_at: datetime
    is_done: bool = Field(description="全部有了结果，连同整批的比对")
    total: int = Field(description="几份报告")
    settled: int = Field(description="几份已有结果")
    counts: dict[SubmissionState, int] = Field(description="各状态几份")
    standings: dict[Standing, int] = Field(description="各结论几份")
    errors: int = Field(description="错误共几处")
    warnings: int = Field(description="警告共几处")
    notices: int = Field(description="提示共几处")
    doubtful: int = Field(description="其中需人工核对的几处")
    undecided: int = Field(description="无法核验的几处")
    worst: Standing | None = Field(description="最严重的结论")


class Taken(Model):
    id: str = Field(description="批次编号")
    is_recorded: bool = Field(description="false：文件已收下，仍在解压和保存；稍后按编号查看")
    reports: int = Field(default=0, description="几份报告")
    skipped: int = Field(default=0, description="跳过的隐藏文件、锁文件等")
    duplicates: int = Field(default=0, description="内容与别的文件相同，只核查一次")


class Retry(Asked):
    unreadable: bool = Field(default=False, description="读不了的也重试")
    reports: list[Annotated[str, Field(pattern=ID)]] = Field(
        default_factory=list, max_length=20_000, description="只重试这些报告；空为全部"
    )


class Reaudit(Asked):
    pack: str = Field(max_length=64, pattern=PLAIN, description="规则包的名称")


@router.get("/batches", summary="列出批次，新的在前")
def list_batches(
    asked: Annotated[Asking, asking("report.read")], text: Text = "", page: PageNumber = 1, size: PageSize = 50
) -> PageOf[Batch]:
    return PageOf[Batch].model_validate(asked.here.store.listing.batches(asked.viewer, text, page, size))


@router.post(
    "/batches", status_code=201, summary="提交一批报告", responses={202: {"model": Taken, "description": "已收下，仍在保存"}}
)
def submit(
    asked: Annotated[Asking, asking("report.submit", rate="upload", body=MOST_BYTES + FORM_BYTES)],
    response: Response,
    files: Annotated[list[UploadFile], File(min_length=1, description="年报或压缩包，可多个")],
    title: Annotated[str, Form(max_length=200, pattern=PLAIN, description="批次名称；不写则为第一个文件的名字")] = "",
    region: Annotated[
        str | None, Form(max_length=200, pattern=r"^/([^/\x00-\x1f\x7f]+/)*$", description="地区；账号只负责一个地区时可不写")
    ] = None,
    year: Annotated[int | None, Form(ge=1990, le=2100, description="报告年度；不写则从报告中判定")] = None,
    pack: Annotated[str, Form(max_length=64, pattern=PLAIN, description="规则包")] = "national",
    waivers: Annotated[
        UploadFile | None, File(description="豁免清单（YAML），核查当天已到期的不用；须有 report.decide 权限")
    ] = None,
    evidence: Annotated[bool, Form(description="核查报告附原文截图（PDF 和扫描件）")] = False,
) -> Taken:
    """文件逐个按内容散列保存，登记后即开始核查；同样内容的文件只核查一次。"""
    folder = pack_named(asked, pack)
    if waivers is not None:
        asked.actor.require(Permission.REPORT_DECIDE)
    where = region_for(asked, region)
    quota.check(asked.here.store, asked.here.access, asked.actor.account_id)
    store, actor = asked.here.store, asked.actor
    named = title.strip() or files[0].filename or "未命名批次"
    details = Details(actor.account_id, actor.shown, named, where, year, pack, evidence, waivers is not None, actor.address)
    most = min(asked.here.access.settings.number("upload_mb") << 20, MOST_BYTES)
    upload = Uploads(store.folder, most).open(details)
    try:
        if waivers is not None:
            upload.waivers.write_bytes(waivers.file.read(WAIVERS_BYTES + 1))
            if upload.waivers.stat().st_size > WAIVERS_BYTES:
                raise UploadTooLarge(f"豁免清单超过 {WAIVERS_BYTES >> 20} MB；请核对是不是选错了文件")
            load_waivers(upload.waivers, load_pack(folder), shown_name(waivers.filename or "waivers.yaml"))
        for number, file in enumerate(files):
            size = file.size or 0
            upload.take(number, file.filename or "", _pieces(file), size)
        quota.check(store, asked.here.access, actor.account_id, upload.size())
        with asked.here.access.log.recorded(actor, Action.BATCH_SUBMIT, upload.id, region=where) as entry:
            entry.details |= {"title": named, "files": len(files), "waivers": waivers is not None}
        start(upload, store.folder, store.transactions.url.render_as_string(hide_password=False))
    except BaseException:
        upload.discard()
        raise
    end = time.monotonic() + TAKING_SECONDS
    while (progress := upload.progress()).state == "working" and time.monotonic() < end:
        time.sleep(LOOK_SECONDS)
    if progress.state == "failed":
        raise _fault(progress)
    if progress.state != "done":
        response.status_code = 202
        return Taken(id=upload.id, is_recorded=False)
    return _taken(asked, upload.id)


@router.get("/batches/{batch_id}", summary="一个批次的进度")
def show_batch(batch_id: BatchId, asked: Annotated[Asking, asking("report.read")]) -> Batch:
    """自己提交的、收下以后没能登记的，答复没能登记的原因。"""
    try:
        return Batch.model_validate(_batch(asked, batch_id))
    except NotFound:
        with suppress(NoSuchUpload):
            progress = Uploads(asked.here.store.folder).find(batch_id, asked.actor.account_id).progress()
            if progress.state == "failed":
                raise _fault(progress) from None
        raise


@router.post("/batches/{batch_id}/cancel", summary="取消还没有结果的报告")
def cancel(batch_id: BatchId, asked: Annotated[Asking, asking("batch.manage")]) -> Count:
    found = _batch(asked, batch_id)
    with asked.here.access.log.recorded(asked.actor, Action.BATCH_CANCEL, batch_id, region=found.region) as entry:
        count = cancel_batch(asked.here.store, batch_id)
        entry.details |= {"count": count}
    return Count(count=count)


@router.post("/batches/{batch_id}/retry", summary="重试失败的和已取消的报告")
def retry(batch_id: BatchId, asked: Annotated[Asking, asking("batch.manage")], wanted: Retry | None = None) -> Count:
    found = _batch(asked, batch_id)
    wanted = wanted or Retry()
    states = (*RETRIED, SubmissionState.UNREADABLE) if wanted.unreadable else RETRIED
    with asked.here.access.log.recorded(asked.actor, Action.BATCH_RETRY, batch_id, region=found.region) as entry:
        again = asked.here.store.retry(batch_id, states, wanted.reports)
        entry.details |= {"count": len(again)}
    wake(again)
    return Count(count=len(again))


@router.post("/batches/{batch_id}/reaudit", status_code=201, summary="用另一个规则包再核查，成为新的批次")
def reaudit(batch_id: BatchId, wanted: Reaudit, asked: Annotated[Asking, asking("batch.manage")]) -> Taken:
    found = _batch(asked, batch_id)
    pack = pack_named(asked, wanted.pack)
    with asked.here.access.log.recorded(asked.actor, Action.BATCH_REAUDIT, batch_id, region=found.region) as entry:
        new_id = audit_again(asked.here.store, batch_id, pack, asked.actor.account_id)
        entry.details |= {"new": new_id, "pack": wanted.pack}
    wake(asked.here.store.waiting(new_id))
    return _taken(asked, new_id)


@router.delete("/batches/{batch_id}", status_code=204, summary="删除自己提交的批次，连同文件和结果")
def delete(batch_id: BatchId, asked: Annotated[Asking, asking("batch.manage")]) -> None:
    """删除后找不回来；认定的记录保留。"""
    found = _batch(asked, batch_id)
    with asked.here.access.log.recorded(asked.actor, Action.BATCH_DELETE, batch_id, region=found.region) as entry:
        if found.owner != asked.actor.account_id:
            raise Forbidden("只能删除自己提交的批次")
        entry.details |= {"title": found.title, "reports": found.total}
        asked.here.store.removal.batch(batch_id)
    remove_of_batch(asked.here.store.folder, batch_id)


@router.get(
    "/batches/{batch_id}/export",
    summary="取回整批的结果（ZIP）",
    response_class=FileResponse,
    responses={200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}},
)
def export(
    batch_id: BatchId,
    asked: Annotated[Asking, asking("report.export", rate="export")],
    form: Annotated[list[Form_], Query(description="要哪些文件，可多个", max_length=9)] = ["pdf", "json"],  # noqa: B006  # FastAPI copies it
    issued: Annotated[date | None, Query(description="文书日期")] = None,
    deadline: Annotated[date | None, Query(description="整改期限")] = None,
) -> FileResponse:
    """与 hecha audit 写下的文件夹相同：每份报告的文件、整批的文件和 index.json，连同当时的认定。没做完的以后可再取。"""
    found = _batch(asked, batch_id)
    folder = asked.here.store.folder
    _clear(folder)
    with asked.here.access.log.recorded(asked.actor, Action.REPORT_EXPORT, batch_id, region=found.region) as entry:
        entry.details |= {"forms": sorted(set(form))}
    place = Path(tempfile.mkdtemp(prefix=EXPORTS, dir=folder))
    try:
        export_batch(asked.here.store, batch_id, place / "out", tuple(dict.fromkeys(form)), Terms(issued, deadline))
        packed = place / "all.zip"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:  # most of it is compressed by itself
            for path in sorted((place / "out").iterdir()):
                archive.write(path, path.name)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    done = BackgroundTask(shutil.rmtree, place, ignore_errors=True)
    return FileResponse(packed, media_type="application/zip", filename=f"{found.title[:80]}.zip", background=done)


def _taken(asked: Asking, batch_id: str) -> Taken:
    skipped, duplicates = asked.here.store.left_out(batch_id)
    total = asked.here.store.batch_status(batch_id).total
    return Taken(id=batch_id, is_recorded=True, reports=total, skipped=len(skipped), duplicates=len(duplicates))


def _fault(progress: Progress) -> AuditError:
    """Why an upload did not become a batch."""
    fault = (ScannerUnavailable if progress.code == ScannerUnavailable.code else UploadError)(progress.reason)
    fault.code = progress.code or fault.code
    return fault


def _pieces(file: UploadFile) -> Iterator[bytes]:
    while piece := file.file.read(PIECE_BYTES):
        yield piece


def _batch(asked: Asking, batch_id: str) -> BatchRow:
    found = asked.here.store.listing.batch(asked.viewer, batch_id)
    if found is None:
        raise NotFound
    return found


def _clear(folder: Path) -> None:
    """What exports left behind whose server was ended in the middle."""
    for left in folder.glob(f"{EXPORTS}*"):
        if time.time() - left.stat().st_mtime > STALE_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
