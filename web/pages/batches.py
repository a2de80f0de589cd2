"""批次: the list of batches, and one batch with its progress, its reports, and what may be done with it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, Response

from access.actions import Action
from access.actor import Actor
from access.permissions import Permission
from audits.errors import AuditError
from audits.service import RETRIED, audit_again, cancel_batch
from audits.store.lines import BatchRow, Wanted
from rules.errors import RuleError
from web.errors import NotFound
from web.exports.folder import remove_of_batch
from web.here import Here, Services
from web.lists import pack_choices, pack_words, packs_of, page_from, query_of, wanted_from, words
from web.pages.downloads import EXPORTS
from web.render import environment, page, redirect
from web.security import Guarded, requires, viewer
from web.wake import wake

router = APIRouter(route_class=Guarded)

Reader = Annotated[Actor, requires(Permission.REPORT_READ)]
Manager = Annotated[Actor, requires(Permission.BATCH_MANAGE)]


@router.get("/batches")
def batches(request: Request, actor: Reader, here: Here, text: str = "") -> Response:
    """Every batch that he may see, newest first."""
    asked = " ".join(text.split())[:200]
    return page(
        request,
        "batches/list.html",
        found=here.store.listing.batches(viewer(actor), asked, page_from(request.query_params)),
        text=asked,
        pack_words=pack_words,
        can_submit=actor.may(Permission.REPORT_SUBMIT),
        **words(),
    )


@router.get("/batches/{batch_id}")
def batch(request: Request, batch_id: str, actor: Reader, here: Here) -> Response:
    """One batch with its reports, worst first."""
    found = seen_batch(here, actor, batch_id)
    wanted = wanted_from(request.query_params, batch_id)
    listing, who = here.store.listing, viewer(actor)
    skipped, duplicates = here.store.left_out(batch_id)
    query = query_of(wanted)
    return page(
        request,
        "batches/batch.html",
        batch=found,
        wanted=wanted,
        found=listing.reports(who, wanted, page_from(request.query_params)),
        facets=listing.facets(who, wanted),
        link=query_of(wanted, with_batch=True),
        is_filtered=bool(query),
        unplaced=listing.reports(who, Wanted(batch_id=batch_id, unplaced=True), size=1).total,
        skipped=skipped,
        duplicates=duplicates,
        pack_name=pack_words(found.pack),
        packs=pack_choices(here.store.folder),
        retriable=sum(found.counts[state] for state in RETRIED),
        exports=EXPORTS.items(),
        can_manage=actor.may(Permission.BATCH_MANAGE),
        can_delete=_may_delete(actor, found),
        can_export=actor.may(Permission.REPORT_EXPORT),
        **words(),
    )


@router.get("/batches/{batch_id}/progress")
def progress(request: Request, batch_id: str, actor: Reader, here: Here) -> Response:
    """How far it is, as figures and as the head of its page."""
    found = seen_batch(here, actor, batch_id)
    html = environment().get_template("batches/_standing.html").render(batch=found, request=request)
    counts = {state.value: count for state, count in found.counts.items()}
    return JSONResponse({"html": html, "total": found.total, "settled": found.settled, "done": found.is_done, "counts": counts})


@router.get("/batches/{batch_id}/rules")
def rules(request: Request, batch_id: str, actor: Reader, here: Here) -> Response:
    """What each rule found in it."""
    found = seen_batch(here, actor, batch_id)
    figures = here.store.listing.rule_statistics(viewer(actor), batch_id)
    return page(request, "batches/rules.html", batch=found, figures=figures, **words())


@router.post("/batches/{batch_id}/cancel")
def cancel(request: Request, batch_id: str, actor: Manager, here: Here) -> Response:
    """Stop what is not settled."""
    found = seen_batch(here, actor, batch_id)
    with here.access.log.recorded(actor, Action.BATCH_CANCEL, batch_id, region=found.region) as entry:
        entry.details["count"] = count = cancel_batch(here.store, batch_id)
    return redirect(request, f"/batches/{batch_id}", said=f"取消了 {count} 份" if count else "已经没有可取消的报告")


@router.post("/batches/{batch_id}/retry")
def retry(request: Request, batch_id: str, actor: Manager, here: Here) -> Response:
    """Let what failed, and what was cancelled, wait again."""
    found = seen_batch(here, actor, batch_id)
    with here.access.log.recorded(actor, Action.BATCH_RETRY, batch_id, region=found.region) as entry:
        again = here.store.retry(batch_id, RETRIED)
        entry.details["count"] = len(again)
    wake(again)
    return redirect(request, f"/batches/{batch_id}", said=f"重试 {len(again)} 份")


@router.post("/batches/{batch_id}/reaudit")
def reaudit(
    request: Request,
    batch_id: str,
    actor: Annotated[Actor, requires(Permission.BATCH_MANAGE, rate="upload")],
    here: Here,
    pack: Annotated[str, Form()],
) -> Response:
    """Hold its files against another pack, as a new batch."""
    found = seen_batch(here, actor, batch_id)
    folder = packs_of(here.store.folder).get(pack)
    if folder is None:
        raise NotFound("没有这个规则包；请刷新页面后再选")
    try:
        with here.access.log.recorded(actor, Action.BATCH_REAUDIT, batch_id, region=found.region) as entry:
            new_id = audit_again(here.store, batch_id, folder, actor.account_id)
            entry.details |= {"pack": pack, "new": new_id}
    except (AuditError, RuleError) as exc:
        return redirect(request, f"/batches/{batch_id}", said=str(exc), tone="bad")
    wake(here.store.waiting(new_id))
    return redirect(request, f"/batches/{new_id}", said="这是用所选规则包再核查的新批次")


@router.post("/batches/{batch_id}/delete")
def delete(request: Request, batch_id: str, actor: Manager, here: Here, title: Annotated[str, Form()] = "") -> Response:
    """Remove it with its files, texts and results; its name must be given."""
    found = seen_batch(here, actor, batch_id)
    if not _may_delete(actor, found):
        return redirect(request, f"/batches/{batch_id}", said="只能删除自己提交的批次", tone="bad")
    if " ".join(title.split()) != " ".join(found.title.split()):
        return redirect(request, f"/batches/{batch_id}", said="输入的名称与批次名称不一致，没有删除", tone="bad")
    try:
        with here.access.log.recorded(actor, Action.BATCH_DELETE, batch_id, region=found.region) as entry:
            entry.details |= {"title": found.title, "reports": found.total}
            here.store.removal.batch(batch_id)
    except AuditError as exc:
        return redirect(request, f"/batches/{batch_id}", said=str(exc), tone="bad")
    remove_of_batch(here.store.folder, batch_id)
    return redirect(request, "/batches", said=f"已删除批次“{found.title}”")


def seen_batch(here: Services, actor: Actor, batch_id: str) -> BatchRow:
    """Raises NotFound for what he may not see."""
    found = here.store.listing.batch(viewer(actor), batch_id)
    if found is None:
        raise NotFound
    return found


def _may_delete(actor: Actor, found: BatchRow) -> bool:
    return actor.may(Permission.BATCH_MANAGE) and found.owner == actor.account_id
