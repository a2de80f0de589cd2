"""归属: whose report it is. A person chooses among the candidates, searches the roster, or says that it is of none of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from access.actions import Action
from access.actor import Actor
from access.permissions import Permission
from audits.belonging import assign, belonging_of, unassign
from audits.errors import AssignedMeanwhile, AuditError
from audits.matching import Match, MatchState
from audits.store.assignments import Assigned
from audits.store.lines import ReportRow
from audits.wording import PLACES
from web.errors import BadRequest, NotFound
from web.here import Here, Services
from web.lists import query_of, seen_from, wanted_from
from web.render import page, redirect
from web.security import Guarded, requires, viewer
from web.wake import wake

router = APIRouter(route_class=Guarded)

MOST_FOUND = 50  # agencies of a search; who looks for more types another word
LONGEST_SEARCH = 100
UNPLACED = (MatchState.AMBIGUOUS, MatchState.UNKNOWN)
KINDS = {Assigned.AGENCY: "归到", Assigned.OUTSIDE: "认定为名单以外单位的报告", Assigned.UNDONE: "撤销认定的归属"}
Reader = Annotated[Actor, requires(Permission.REPORT_READ)]
Decider = Annotated[Actor, requires(Permission.REPORT_DECIDE)]


@router.get("/reports/{submission_id}/agency")
def show(request: Request, submission_id: str, actor: Reader, here: Here, text: str = "") -> Response:
    """What the roster finds, what people said, and the forms to say it."""
    row = _row(here, actor, submission_id)
    asked = " ".join(text.split())[:LONGEST_SEARCH]
    return page(
        request,
        "belonging/agency.html",
        **context(here, actor, row),
        row=row,
        text=asked,
        found=here.store.rosters.searched(viewer(actor), asked, MOST_FOUND) if actor.may(Permission.ROSTER_READ) else (),
        query=_query(request),
    )


@router.post("/reports/{submission_id}/agency")
def say(
    request: Request,
    submission_id: str,
    actor: Decider,
    here: Here,
    choice: Annotated[str, Form(max_length=400)] = "",
    reason: Annotated[str, Form(max_length=4000)] = "",
    seen: Annotated[str | None, Form()] = None,
) -> Response:
    """It is that agency's (id of its roster, and its code), or of none of the roster."""
    row = _row(here, actor, submission_id)
    back = f"/reports/{submission_id}{_query(request)}"
    if not choice:
        return redirect(request, f"/reports/{submission_id}/agency{_query(request)}", said="请先选一个单位", tone="bad")
    agency = None if choice == "outside" else _split(choice)
    try:
        with here.access.log.recorded(actor, Action.REPORT_ASSIGN, submission_id, region=row.region) as entry:
            entry.details |= {"to": agency[1] if agency else "outside", "before": row.agency_code or ""}
            waiting = assign(
                here.store,
                submission_id,
                agency,
                reason,
                account_id=actor.account_id,
                author=actor.name,
                scope=actor.scope,
                expected=seen_from(seen),
            )
    except AssignedMeanwhile:
        raise
    except AuditError as exc:
        return redirect(request, f"/reports/{submission_id}/agency{_query(request)}", said=str(exc), tone="bad")
    wake(waiting)
    return redirect(request, back, said=_said(here, submission_id, waiting), tone="good")


@router.post("/reports/{submission_id}/agency/undo")
def undo(
    request: Request,
    submission_id: str,
    actor: Decider,
    here: Here,
    reason: Annotated[str, Form(max_length=4000)] = "",
    seen: Annotated[str | None, Form()] = None,
) -> Response:
    """Take back what was said."""
    row = _row(here, actor, submission_id)
    asked: dict[str, Any] = {
        "account_id": actor.account_id,
        "author": actor.name,
        "scope": actor.scope,
        "expected": seen_from(seen),
    }
    try:
        with here.access.log.recorded(actor, Action.REPORT_ASSIGN, submission_id, region=row.region) as entry:
            entry.details |= {"to": "undone", "before": row.agency_code or ""}
            waiting = unassign(here.store, submission_id, reason, **asked)
    except AssignedMeanwhile:
        raise
    except AuditError as exc:
        return redirect(request, f"/reports/{submission_id}/agency{_query(request)}", said=str(exc), tone="bad")
    wake(waiting)
    if here.store.listing.row(viewer(actor), submission_id) is None:
        return redirect(request, "/reports", said="已撤销归属", tone="good")
    return redirect(request, f"/reports/{submission_id}{_query(request)}", said="已撤销归属", tone="good")


def context(here: Services, actor: Actor, row: ReportRow) -> dict[str, Any]:
    """For the part of a page that says whose report it is."""
    found = belonging_of(here.store, viewer(actor), row.submission_id)
    return {
        "belonging": found,
        "rests_on": _rests_on(found.match),
        "is_unplaced": row.match in UNPLACED,
        "has_roster": found.match is not None or found.held is not None,
        "can_assign": actor.may(Permission.REPORT_DECIDE) and actor.may(Permission.ROSTER_READ),
        "assigned_kinds": KINDS,
        "shown_name": row.agency or row.name,
    }


def _rests_on(match: Match | None) -> Sequence[str]:
    return [f"{PLACES.get(place, place)}“{words}”" for place, words in match.rests_on] if match is not None else []


def _said(here: Services, submission_id: str, waiting: Sequence[str]) -> str:
    held = here.store.assignments.of(submission_id)
    words = f"已归到 {held.agency}" if held is not None and held.agency else "已认定为名单以外单位的报告"
    return f"{words}；正在按它重新核查" if waiting else words


def _split(choice: str) -> tuple[str, str]:
    """Raises BadRequest."""
    roster_id, _, code = choice.partition(" ")
    if not roster_id or not code:
        raise BadRequest("没有选中单位；请刷新页面后重选")
    return roster_id, code


def _query(request: Request) -> str:
    return query_of(wanted_from(request.query_params), with_batch=True)


def _row(here: Services, actor: Actor, submission_id: str) -> ReportRow:
    """Raises NotFound for what he may not see."""
    row = here.store.listing.row(viewer(actor), submission_id)
    if row is None:
        raise NotFound
    return row
