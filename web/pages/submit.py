"""提交: files, folders and archives come in piece by piece, are looked at, and become a batch, all or none."""

from __future__ import annotations

import json
import struct
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from access.actions import Action
from access.actor import Actor
from access.permissions import Permission
from audits.errors import AuditError
from audits.regions import EVERYWHERE, parts_of, path_of
from audits.store.lines import Wanted
from reports_in.limits import LIMITS
from reports_in.system_words import in_words
from web.errors import BadRequest, NotFound, TooLarge, wants_json
from web.here import Here, Services
from web.lists import pack_choices, packs_of
from web.render import page, redirect
from web.security import Guarded, requires, sent_bytes, viewer
from web.uploads import quota
from web.uploads.staging import (
    MOST_FILES,
    PIECE_BYTES,
    Details,
    NoSuchUpload,
    StagedFile,
    Upload,
    UploadError,
    Uploads,
    UploadTooLarge,
    WrongOffset,
)
from web.uploads.taking_in import start

router = APIRouter(route_class=Guarded)

FIRST_YEAR, LAST_YEAR = 1990, 2100
LONGEST_TITLE = 200
UNTITLED = "未命名批次"
Submitter = Annotated[Actor, requires(Permission.REPORT_SUBMIT)]


@router.get("/submit")
def form(request: Request, actor: Submitter, here: Here) -> Response:
    """The page."""
    _uploads(here).sweep()
    regions = [_written(region) for region in actor.scope.regions if region != EVERYWHERE]
    near = here.store.listing.facets(viewer(actor), Wanted()).regions
    known = list(dict.fromkeys([*regions, *(_written(region) for region in near)]))
    only = actor.scope.regions[0] if len(actor.scope.regions) == 1 else EVERYWHERE
    return page(
        request,
        "submit/submit.html",
        details=Details(actor.account_id, actor.shown, "", _written(only)),
        regions=known or [_written(EVERYWHERE)],
        may_go_below=not actor.own_only,
        region_hint="不填为全部地区" if actor.scope.is_everywhere else "如 福建省/福州市",
        packs=pack_choices(here.store.folder),
        piece_bytes=PIECE_BYTES // 2,
        most_files=MOST_FILES,
        most_bytes=_most_bytes(here),
        file_mb=LIMITS.file_bytes >> 20,
    )


@router.post("/submit")
def submit_form(
    request: Request,
    actor: Annotated[Actor, requires(Permission.REPORT_SUBMIT, rate="upload", body=LIMITS.archive_file_bytes + (64 << 20))],
    here: Here,
    files: Annotated[list[UploadFile], File()],
    title: Annotated[str, Form()] = "",
    year: Annotated[str, Form()] = "",
    region: Annotated[str, Form()] = "",
    pack: Annotated[str, Form()] = "national",
    evidence: Annotated[str, Form()] = "",
) -> Response:
    """Everything at once, from a browser without scripts."""
    given = [one for one in files if one.filename]
    if not given:
        return redirect(request, "/submit", said="请先选择文件", tone="bad")
    details = _details(here, actor, title or given[0].filename or UNTITLED, year, region, pack, evidence)
    quota.check(here.store, here.access, actor.account_id)
    upload = _uploads(here).open(details)
    try:
        for number, one in enumerate(given):
            pieces = iter(lambda source=one.file: source.read(PIECE_BYTES), b"")  # type: ignore[misc]
            upload.take(number, one.filename or "", pieces, one.size or 0)
        _commit(here, actor, upload, details)
    except AuditError as exc:
        upload.discard()
        return redirect(request, "/submit", said=str(exc), tone="bad")
    return redirect(request, f"/submit/uploads/{upload.id}")


@router.post("/submit/uploads")
def open_upload(
    request: Request, actor: Annotated[Actor, requires(Permission.REPORT_SUBMIT, rate="upload")], here: Here
) -> Response:
    """Begin an upload."""
    quota.check(here.store, here.access, actor.account_id)
    region = actor.scope.regions[0] if actor.scope.regions else ""
    upload = _uploads(here).open(Details(actor.account_id, actor.shown, UNTITLED, region))
    return JSONResponse({"id": upload.id}, 201)


@router.get("/submit/uploads/{upload_id}")
def show_upload(request: Request, upload_id: str, actor: Submitter, here: Here) -> Response:
    """How far it is."""
    upload = _upload(here, actor, upload_id)
    progress = upload.progress()
    if wants_json(request):
        return JSONResponse({"id": upload.id, "progress": asdict(progress), "unfinished": upload.unfinished()})
    if progress.state == "done":
        return redirect(request, f"/batches/{upload.id}")
    if progress.state == "open":
        return redirect(request, "/submit")
    return page(
        request,
        "submit/waiting.html",
        upload_id=upload.id,
        details=upload.details(),
        progress=progress,
        faults=[one for one in upload.files() if one.state == "refused"],
    )


@router.put("/submit/uploads/{upload_id}/files/{number}")
async def put_piece(
    request: Request,
    upload_id: str,
    number: int,
    actor: Annotated[Actor, requires(Permission.REPORT_SUBMIT, body=PIECE_BYTES)],
    here: Here,
    name: str,
    offset: int,
    total: int,
) -> Response:
    """A piece of a file: the next one of it, else 409 says where that begins."""
    data = await sent_bytes(request)
    return await run_in_threadpool(_receive, here, actor, upload_id, number, name, offset, total, data)


def _receive(
    here: Services, actor: Actor, upload_id: str, number: int, name: str, offset: int, total: int, data: bytes
) -> Response:
    upload = _upload(here, actor, upload_id)
    if total < 0 or offset < 0:
        raise BadRequest("文件的大小不对；请重新选择文件")
    try:
        found = upload.receive(number, name, offset, total, data)
    except WrongOffset as exc:
        error = {"code": exc.code, "message": str(exc), "request_id": ""}
        return JSONResponse({"error": error, "expected": exc.expected}, 409)
    except UploadTooLarge as exc:
        raise TooLarge(str(exc)) from exc
    except OSError as exc:
        raise UploadError(f"服务器存不下这个文件（{in_words(exc)}）；请联系系统管理员") from exc
    if isinstance(found, StagedFile):
        return JSONResponse(asdict(found))
    return JSONResponse({"state": "partial", "received": found})


@router.post("/submit/uploads/{upload_id}/files")
async def put_several(
    request: Request,
    upload_id: str,
    actor: Annotated[Actor, requires(Permission.REPORT_SUBMIT, body=PIECE_BYTES)],
    here: Here,
) -> Response:
    """Several small files, whole: thousands of requests would take longer than the files. What became of each, in their order.

    The body is the length of a list as four bytes, the list as JSON (number, name and size of each file), and the files' bytes.
    """
    data = await sent_bytes(request)
    return await run_in_threadpool(_receive_several, here, actor, upload_id, data)


def _receive_several(here: Services, actor: Actor, upload_id: str, data: bytes) -> Response:
    upload = _upload(here, actor, upload_id)
    found: list[dict[str, Any]] = []
    for number, name, piece in _unpacked(data):
        try:
            taken = upload.receive(number, name, 0, len(piece), piece)
            found.append(asdict(taken) if isinstance(taken, StagedFile) else {"state": "partial", "received": taken})
        except WrongOffset as exc:
            found.append({"state": "partial", "received": exc.expected})
        except UploadTooLarge as exc:
            found.append({"state": "failed", "reason": str(exc)})
        except OSError as exc:
            raise UploadError(f"服务器存不下这些文件（{in_words(exc)}）；请联系系统管理员") from exc
    return JSONResponse({"files": found})


def _unpacked(data: bytes) -> list[tuple[int, str, bytes]]:
    """Raises BadRequest for anything that is not as it should be."""
    try:
        (length,) = struct.unpack_from(">I", data)
        at = 4 + length
        files = []
        for one in json.loads(data[4:at]):
            number, name, size = one["number"], one["name"], one["size"]
            if not isinstance(number, int) or not isinstance(name, str) or not isinstance(size, int) or size < 0:
                raise ValueError("not a list of files")
            files.append((number, name, data[at : at + size]))
            at += size
        if at != len(data):
            raise ValueError("lengths do not add up")
        return files
    except (struct.error, ValueError, KeyError, TypeError, RecursionError) as exc:
        raise BadRequest("收到的文件不完整；请重传") from exc


@router.delete("/submit/uploads/{upload_id}/files/{number}")
def remove_file(request: Request, upload_id: str, number: int, actor: Submitter, here: Here) -> Response:
    """Take a file back."""
    if 0 <= number < MOST_FILES:
        _upload(here, actor, upload_id).remove(number)
    return JSONResponse({"number": number, "state": "removed"})


@router.post("/submit/uploads/{upload_id}/abandon")
def abandon(request: Request, upload_id: str, actor: Submitter, here: Here) -> Response:
    """Give it up: nothing of it stays."""
    upload = _upload(here, actor, upload_id)
    if upload.progress().state in ("open", "failed"):
        upload.discard()
    return (
        JSONResponse({"state": "abandoned"}) if wants_json(request) else redirect(request, "/submit", said="已放弃，文件已删除")
    )


@router.post("/submit/uploads/{upload_id}/commit")
def commit(
    request: Request,
    upload_id: str,
    actor: Submitter,
    here: Here,
    title: Annotated[str, Form()] = "",
    year: Annotated[str, Form()] = "",
    region: Annotated[str, Form()] = "",
    pack: Annotated[str, Form()] = "national",
    evidence: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Make a batch of it, in the background; asked again after a fault, it goes on."""
    upload = _upload(here, actor, upload_id)
    details = upload.details() if again else _details(here, actor, title or UNTITLED, year, region, pack, evidence)
    if not any(one.state != "litter" for one in upload.files()):
        raise UploadError("没有可核查的文件；请先选择文件")
    _commit(here, actor, upload, details)
    if wants_json(request):
        return JSONResponse({"id": upload.id, "progress": asdict(upload.progress())}, 202)
    return redirect(request, f"/submit/uploads/{upload.id}")


def _commit(here: Services, actor: Actor, upload: Upload, details: Details) -> None:
    quota.check(here.store, here.access, actor.account_id, upload.size())
    with here.access.log.recorded(actor, Action.BATCH_SUBMIT, upload.id, region=details.region) as entry:
        entry.details |= {"title": details.title, "files": len(upload.files()), "year": details.year, "pack": details.pack}
        upload.change(details)
    start(upload, here.store.folder, here.store.transactions.url.render_as_string(hide_password=False))


def _details(here: Services, actor: Actor, title: str, year: str, region: str, pack: str, evidence: str) -> Details:
    """Raises UploadError for what cannot be."""
    plain_year = year.strip()
    if plain_year and not (plain_year.isascii() and plain_year.isdigit() and FIRST_YEAR <= int(plain_year) <= LAST_YEAR):
        raise UploadError("年度应写作四位数字，如 2026；不确定就不填")
    path = path_of(part for words in region.replace("\\", "/").split("/") for part in words.split())
    if not region.strip() and len(actor.scope.regions) == 1:
        path = actor.scope.regions[0]
    if not actor.scope.holds(path):
        allowed = "、".join(_written(one) for one in actor.scope.regions) or "无"
        raise UploadError(f"地区“{_written(path)}”不在您的权限范围内；您可以提交的是：{allowed}")
    if pack not in packs_of(here.store.folder):
        raise UploadError("没有这个规则包；请刷新页面后再选")
    shown = " ".join(title.split())[:LONGEST_TITLE] or UNTITLED
    asked = int(plain_year) if plain_year else None
    return Details(actor.account_id, actor.shown, shown, path, asked, pack, bool(evidence), address=actor.address)


def _uploads(here: Services) -> Uploads:
    return Uploads(here.store.folder, _most_bytes(here))


def _upload(here: Services, actor: Actor, upload_id: str) -> Upload:
    try:
        return _uploads(here).find(upload_id, actor.account_id)
    except NoSuchUpload as exc:
        raise NotFound(str(exc)) from exc


def _most_bytes(here: Services) -> int:
    return min(here.access.settings.number("upload_mb") << 20, LIMITS.archive_file_bytes)


def _written(region: str) -> str:
    """福建省/福州市, as people type it; "" for everywhere."""
    return "/".join(parts_of(region))
