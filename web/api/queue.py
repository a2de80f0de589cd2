"""The queue of what could not be audited: nothing is dropped, everything can be tried again."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from access.actions import Action
from audits.store import SubmissionState
from web.api.reports import Report
from web.api.shared import ID, Asked, Asking, Count, PageNumber, PageOf, PageSize, asking, resource
from web.errors import NotFound
from web.wake import wake

router = resource()
TRIED_AGAIN = (SubmissionState.FAILED, SubmissionState.UNREADABLE, SubmissionState.CANCELLED)


class Again(Asked):
    reports: list[Annotated[str, Field(pattern=ID)]] = Field(min_length=1, max_length=1_000, description="报告的编号")


@router.get("/failed", summary="没能核查的报告：读不了的和核查失败的")
def failed(asked: Annotated[Asking, asking("queue.read")], page: PageNumber = 1, size: PageSize = 50) -> PageOf[Report]:
    return PageOf[Report].model_validate(asked.here.store.listing.failed(asked.viewer, page, size))


@router.post("/failed/retry", summary="重试这些报告")
def retry(wanted: Again, asked: Annotated[Asking, asking("queue.retry")]) -> Count:
    rows = [asked.here.store.listing.row(asked.viewer, one) for one in dict.fromkeys(wanted.reports)]
    if None in rows:
        raise NotFound
    by_batch: dict[str, list[str]] = {}
    for row in rows:
        if row is not None:
            by_batch.setdefault(row.batch_id, []).append(row.submission_id)
    again: list[str] = []
    with asked.here.access.log.recorded(asked.actor, Action.QUEUE_RETRY, f"{len(rows)} 份报告") as entry:
        for batch_id, ids in by_batch.items():
            again += asked.here.store.retry(batch_id, TRIED_AGAIN, ids)
        entry.details |= {"reports": again}
    wake(again)
    return Count(count=len(again))
