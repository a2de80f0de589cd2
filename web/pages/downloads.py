"""下载: everything of a batch as one ZIP, workbook or summary, made in the background."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from access.actions import Action
from access.actor import Actor
from access.permissions import Permission
from audits.documents import MEDIA_TYPES
from audits.store.lines import BatchRow
from web.errors import BadRequest, NotFound
from web.exports.folder import Asked, Export, find_export, open_export
from web.exports.making import start
from web.here import Here, Services
from web.render import file, page, redirect
from web.security import Guarded, requires, viewer

router = APIRouter(route_class=Guarded)

EXPORTS = {
    "zip": "全部核查报告和汇总（ZIP）",
    "xlsx": "批次汇总表（Excel）",
    "summary": "批次汇总报告（PDF）",
    "csv": "问题清单（CSV）",
    "jsonl": "全部数据（JSON）",
}
Exporter = Annotated[Actor, requires(Permission.REPORT_EXPORT)]


@router.post("/downloads")
def ask(
    request: Request,
    actor: Annotated[Actor, requires(Permission.REPORT_EXPORT, rate="export")],
    here: Here,
    batch: Annotated[str, Form()],
    form: Annotated[str, Form()],
) -> Response:
    """Begin to make one."""
    found = _batch(here, actor, batch)
    if form not in EXPORTS:
        raise BadRequest("没有这种文件；请从页面上的菜单里选")
    with here.access.log.recorded(actor, Action.REPORT_EXPORT, batch, region=found.region) as entry:
        export = open_export(here.store.folder, Asked(actor.account_id, batch, form))
        entry.details |= {"form": form, "export": export.id}
    start(export, here.store.folder, here.store.transactions.url.render_as_string(hide_password=False))
    return redirect(request, f"/downloads/{export.id}")


@router.get("/downloads/{export_id}")
def waiting(request: Request, export_id: str, actor: Exporter, here: Here) -> Response:
    """How far it is; then the link to the file."""
    export, asked, batch = _export(here, actor, export_id)
    progress = export.progress()
    is_there = progress.state == "done" and export.file.is_file()
    return page(
        request,
        "downloads/export.html",
        batch=batch,
        export_id=export_id,
        progress=progress,
        form=asked.form,
        words=EXPORTS[asked.form],
        file_name=progress.file_name,
        bytes=export.file.stat().st_size if is_there else 0,
    )


@router.get("/downloads/{export_id}/file")
def download(request: Request, export_id: str, actor: Exporter, here: Here) -> Response:
    """The file."""
    export, asked, batch = _export(here, actor, export_id)
    progress = export.progress()
    if progress.state != "done" or not export.file.is_file():
        raise NotFound("这个文件还没有生成好，或已过期；请从批次页重新下载")
    here.access.log.append(actor, Action.REPORT_DOWNLOAD, batch.id, region=batch.region, form=asked.form)
    return file(export.file, progress.file_name, MEDIA_TYPES[asked.form])


def _export(here: Services, actor: Actor, export_id: str) -> tuple[Export, Asked, BatchRow]:
    """His own, of a batch that he may still see."""
    found = find_export(here.store.folder, export_id, actor.account_id)
    if found is None:
        raise NotFound
    return *found, _batch(here, actor, found[1].batch_id)


def _batch(here: Services, actor: Actor, batch_id: str) -> BatchRow:
    found = here.store.listing.batch(viewer(actor), batch_id)
    if found is None:
        raise NotFound
    return found
