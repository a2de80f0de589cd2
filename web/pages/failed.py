"""失败队列: what could not be read or audited, why, and what to do about it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from access.actions import Action
from access.actor import Actor
from access.permissions import Permission
from audits.service import RETRIED
from audits.store import SubmissionState
from web.advice import advice_for
from web.errors import NotFound
from web.here import Here
from web.lists import page_from, words
from web.pages.batches import seen_batch
from web.render import page, redirect
from web.security import Guarded, requires, viewer
from web.wake import wake

router = APIRouter(route_class=Guarded)

AGAIN = (*RETRIED, SubmissionState.UNREADABLE)
MOST_AT_ONCE = 200


@router.get("/failed")
def failed(request: Request, actor: Annotated[Actor, requires(Permission.QUEUE_READ)], here: Here, batch: str = "") -> Response:
    """What could not be audited, newest first; with ``batch`` of that batch alone."""
    found = here.store.listing.failed(viewer(actor), page_from(request.query_params), batch_id=batch or None)
    return page(
        request,
        "failed/failed.html",
        found=found,
        batch=seen_batch(here, actor, batch) if batch else None,
        advice_for=advice_for,
        can_retry=actor.may(Permission.QUEUE_RETRY),
        can_manage=actor.may(Permission.BATCH_MANAGE),
        **words(),
    )


@router.post("/failed/retry")
def retry(
    request: Request,
    actor: Annotated[Actor, requires(Permission.QUEUE_RETRY)],
    here: Here,
    submission: Annotated[list[str], Form()] = [],  # noqa: B006  # FastAPI copies it
    batch: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "",
) -> Response:
    """Let those chosen wait again."""
    rows = [here.store.listing.row(viewer(actor), one) for one in dict.fromkeys(submission[:MOST_AT_ONCE])]
    if any(row is None for row in rows):
        raise NotFound
    chosen: dict[str, list[str]] = {}
    regions: dict[str, str] = {}
    for row in rows:
        if row is not None:
            chosen.setdefault(row.batch_id, []).append(row.submission_id)
            regions[row.batch_id] = row.region
    again: list[str] = []
    for batch_id, ids in chosen.items():
        with here.access.log.recorded(actor, Action.QUEUE_RETRY, batch_id, region=regions[batch_id]) as entry:
            found = here.store.retry(batch_id, AGAIN, ids)
            entry.details["count"] = len(found)
        again += found
    wake(again)
    to = (
        f"/reports/{submission[0]}"
        if back == "report" and submission
        else f"/failed?batch={batch}"
        if batch in chosen
        else "/failed"
    )
    if not submission:
        return redirect(request, to, said="请先选中要重试的报告", tone="warn")
    left = len(rows) - len(again)
    more = f"；另有 {left} 份提交时就打不开，要重新报送" if left else ""
    return redirect(request, to, said=f"重试 {len(again)} 份{more}", tone="warn" if left else "good")
