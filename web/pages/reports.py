"""报告: one report with its problems and their places, decisions, documents, versions; and the list of all reports."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import FileResponse, JSONResponse, Response

from access.actions import Action
from access.actor import Actor
from access.permissions import Permission
from audits import decisions
from audits.decision import Decided, Decision
from audits.documents import render_report
from audits.errors import AuditError, DecidedMeanwhile
from audits.findings import Finding
from audits.intake import Submitted
from audits.page_images import page_image
from audits.renderers.source_form import FORM, source_from
from audits.renderers.terms import Terms
from audits.service import changes_of, resubmit
from audits.single import NATIONAL
from audits.store import Result
from audits.store.lines import ReportRow
from audits.versions import Changes
from reports_in import sniff
from reports_in.errors import IntakeError
from reports_in.limits import LIMITS
from rules.compile import load_pack
from rules.errors import RuleError
from web.advice import advice_for
from web.cookies import form_token
from web.errors import BadRequest, Conflict, NotFound, wants_json
from web.here import Here, Services
from web.lists import page_from, query_of, seen_from, wanted_from, words
from web.pages import belonging
from web.render import environment, file, page, redirect
from web.report_page.problems import Problem, problems, tally
from web.report_page.recorded import Recorded, recorded_from
from web.report_page.source import MarkedSource, marked_source
from web.report_page.tables import ReadTable, read_tables
from web.security import Guarded, requires, viewer
from web.uploads.looks import look_at, shown_name
from web.wake import wake

SOMEBODY_DECIDED = "您打开页面以后，有人认定过其中的问题，没有全部确认；下面是现在的认定，看过再点“其余全部确认”"
router = APIRouter(route_class=Guarded)

FORMS = {"pdf": "核查报告（PDF）", "docx": "整改通知（Word）", "annotated": "原文批注（PDF）", "json": "数据（JSON）"}
MOST_PAGES = 12  # drawn for one view; each takes a tenth of a second the first time
Reader = Annotated[Actor, requires(Permission.REPORT_READ)]


@router.get("/reports")
def all_reports(request: Request, actor: Reader, here: Here) -> Response:
    """Every report that he may see, of whatever batch."""
    wanted = wanted_from(request.query_params)
    listing, who = here.store.listing, viewer(actor)
    return page(
        request,
        "batches/all.html",
        wanted=wanted,
        found=listing.reports(who, wanted, page_from(request.query_params)),
        facets=listing.facets(who, wanted),
        link=query_of(wanted, with_batch=True),
        **words(),
    )


@router.get("/reports/{submission_id}")
def report(request: Request, submission_id: str, actor: Reader, here: Here) -> Response:
    """One report, whichever version."""
    seen = _Seen.of(here, actor, submission_id)
    wanted = wanted_from(request.query_params)
    return page(
        request,
        "reports/report.html",
        **seen.context(),
        **_belonging(here, actor, seen.row),
        neighbours=here.store.listing.neighbours(viewer(actor), wanted, submission_id),
        query=query_of(wanted, with_batch=True),
        query_in_batch=query_of(wanted),
    )


@router.get("/reports/{submission_id}/preview")
def preview(
    request: Request, submission_id: str, actor: Annotated[Actor, requires(Permission.REPORT_DOWNLOAD)], here: Here
) -> Response:
    """The audit report as PDF, to be shown in a page of ours."""
    row = _row(here, actor, submission_id)
    document = render_report(here.store, submission_id, "pdf")
    here.access.log.append(actor, Action.REPORT_DOWNLOAD, submission_id, region=row.region, form="preview")
    return file(document.path, document.name, document.media_type, inline=True)


@router.get("/reports/{submission_id}/pages")
def pages(request: Request, submission_id: str, actor: Reader, here: Here) -> Response:
    """The pages of a PDF or scan as they look, with the places of the problems boxed: those with problems, and of a short one all."""
    seen = _Seen.of(here, actor, submission_id)
    if seen.recorded is None:
        raise NotFound
    every = sorted(seen.source.pages) if seen.source else []
    findings = seen.recorded.digest.findings
    marked = {item.at.page for finding in findings for item in finding.evidence if item.at and item.at.page}
    wanted = every if len(every) <= MOST_PAGES else [number for number in every if number in marked][:MOST_PAGES]
    drawn = [found for number in wanted if (found := page_image(here.store, seen.result, number)) is not None]
    first = {number: page.number for page in reversed(drawn) for number in page.boxes}
    return page(
        request,
        "reports/pages.html",
        row=seen.row,
        shown_name=_shown_name(seen.row),
        drawn=drawn,
        first_page=first,
        severities={number: finding.severity.value for number, finding in enumerate(findings, 1)},
        problem_base=f"/reports/{submission_id}",
        left_out=len(every) - len(wanted) if drawn else 0,
    )


@router.get("/reports/{submission_id}/pages/{number}")
def page_picture(submission_id: str, number: int, actor: Reader, here: Here) -> Response:
    """One of them as PNG."""
    _row(here, actor, submission_id)
    found = page_image(here.store, here.store.result(submission_id), number)
    if found is None:
        raise NotFound
    return FileResponse(found.picture, media_type="image/png", headers={"Cache-Control": "private, max-age=600"})


@router.get("/reports/{submission_id}/files/{form}")
def download(
    request: Request,
    submission_id: str,
    form: str,
    actor: Annotated[Actor, requires(Permission.REPORT_DOWNLOAD)],
    here: Here,
    deadline: str = "",
) -> Response:
    """A document of the report, or with ``original`` the file as it was submitted."""
    row = _row(here, actor, submission_id)
    if form == "original":
        result = here.store.result(submission_id)
        path = here.store.file(result.submission.sha256) if result.submission.sha256 else None
        if path is None or not path.is_file():
            raise NotFound("这份文件没有留存：提交时就打不开")
        name, media_type = PurePosixPath(row.name).name, "application/octet-stream"
    elif form in FORMS:
        document = render_report(here.store, submission_id, form, Terms(deadline=_day(deadline)))
        path, name, media_type = document.path, document.name, document.media_type
    else:
        raise NotFound
    here.access.log.append(actor, Action.REPORT_DOWNLOAD, submission_id, region=row.region, form=form)
    return file(path, name, media_type)


@router.get("/reports/{submission_id}/findings/{finding_id}")
def history(request: Request, submission_id: str, finding_id: str, actor: Reader, here: Here) -> Response:
    """Everything ever decided on one problem."""
    row = _row(here, actor, submission_id)
    recorded = _recorded(here, here.store.result(submission_id))
    if recorded is None or finding_id not in recorded.numbers:
        raise NotFound
    number = recorded.numbers[finding_id]
    return page(
        request,
        "reports/history.html",
        row=row,
        shown_name=_shown_name(row),
        number=number,
        finding=recorded.digest.findings[number - 1],
        history=decisions.history(here.store, submission_id, finding_id),
        **words(),
    )


@router.post("/reports/{submission_id}/decide")
def decide(
    request: Request,
    submission_id: str,
    actor: Annotated[Actor, requires(Permission.REPORT_DECIDE)],
    here: Here,
    decided: Annotated[str, Form()],
    finding: Annotated[str, Form()] = "",
    rest: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    expires: Annotated[str, Form()] = "",
    seen: Annotated[str | None, Form()] = None,
    rest_seen: Annotated[str, Form()] = "",
) -> Response:
    """Decide on one problem; with ``rest`` on all that are open and certain.

    seen  id of the decision that the page showed, see ``seen_from``; with ``rest`` what stood for those open: what another has decided since
    is shown before anything is recorded.
    rest_seen  what stands on the page for those open; the answer says what is to stand there after this decision of his own.
    """
    row = _row(here, actor, submission_id)
    query = query_of(wanted_from(request.query_params), with_batch=True)
    back = f"/reports/{submission_id}{query}"
    held = seen_from(seen)
    try:
        kind = Decided(decided)
        ids = _open_and_sure(here, submission_id) if rest else [finding]
        if rest and seen is not None and seen != _stands_for(ids):
            if wants_json(request):
                raise Conflict(SOMEBODY_DECIDED)
            return redirect(request, back, said=SOMEBODY_DECIDED, tone="bad")
        with here.access.log.recorded(actor, Action.FINDING_DECIDE, submission_id, region=row.region) as entry:
            entry.details |= {"decided": kind.value, "findings": ids[:20], "count": len(ids)}
            decisions.decide(
                here.store,
                submission_id,
                ids,
                kind,
                reason,
                account_id=actor.account_id,
                author=actor.name,
                expires=_day(expires) if kind is Decided.WAIVED else None,
                expected=dict.fromkeys(ids, "") if rest else {finding: held} if held is not None else None,
            )
    except DecidedMeanwhile as exc:
        if wants_json(request) or rest:
            raise
        asked = {"finding": finding, "decided": kind.value, "reason": reason, "expires": expires, "query": query}
        return _meanwhile(request, here, row, asked, exc)
    except ValueError as exc:
        raise BadRequest("不认识这种认定；请刷新页面后再试") from exc
    except AuditError as exc:
        if wants_json(request):
            raise
        return redirect(request, back, said=str(exc), tone="bad")
    shown = _Seen.of(here, actor, submission_id)
    if not wants_json(request):
        number = shown.recorded.numbers.get(finding) if shown.recorded else None
        return redirect(request, f"{back}#f{number}" if number else back, said=f"已认定 {len(ids)} 个问题" if rest else "")
    html = "".join(
        environment()
        .get_template("reports/one.html")
        .render(**shown.context(), problem=card, query=query, csrf=form_token(request))
        for card in shown.cards
        if card.finding.id == finding
    )
    figures = tally(shown.cards)
    left = _open_and_sure(here, submission_id)
    seen_now = _stands_for(left) if rest_seen in _before(left, finding) else rest_seen
    return JSONResponse({"card": html, "decided": figures.total - figures.open, "open": figures.open, "rest_seen": seen_now})


def _belonging(here: Services, actor: Actor, row: ReportRow) -> dict[str, Any]:
    """Whose report it is: the candidates are looked for only where a person has to choose."""
    if row.match in belonging.UNPLACED and row.state.is_settled:
        return {"held": None, "unplaced": belonging.context(here, actor, row)}
    held = here.store.assignments.of(row.submission_id) if row.match is not None else None
    return {"held": held, "unplaced": None}


def _meanwhile(request: Request, here: Services, row: ReportRow, asked: Mapping[str, str], exc: DecidedMeanwhile) -> Response:
    """What the other one decided, and the way to decide otherwise all the same."""
    recorded = _recorded(here, here.store.result(row.submission_id))
    if recorded is None or asked["finding"] not in recorded.numbers:
        raise NotFound
    number = recorded.numbers[asked["finding"]]
    return page(
        request,
        "reports/meanwhile.html",
        status=409,
        row=row,
        shown_name=_shown_name(row),
        number=number,
        finding=recorded.digest.findings[number - 1],
        held=exc.held[asked["finding"]],
        asked=asked,
        kind=Decided(asked["decided"]),
        why=str(exc),
        **words(),
    )


@router.get("/reports/{submission_id}/resubmit")
def resubmit_form(
    request: Request, submission_id: str, actor: Annotated[Actor, requires(Permission.BATCH_MANAGE)], here: Here
) -> Response:
    """Choose a corrected file."""
    row = _row(here, actor, submission_id)
    return page(request, "reports/resubmit.html", row=row, shown_name=_shown_name(row))


@router.post("/reports/{submission_id}/resubmit")
def resubmit_file(
    request: Request,
    submission_id: str,
    actor: Annotated[Actor, requires(Permission.BATCH_MANAGE, rate="upload", body=LIMITS.file_bytes + (1 << 20))],
    here: Here,
    given: Annotated[UploadFile, File(alias="file")],
) -> Response:
    """Take in a corrected report in the place of this one."""
    row = _row(here, actor, submission_id)
    name = shown_name(given.filename or "")
    here_again = f"/reports/{submission_id}/resubmit"
    with tempfile.NamedTemporaryFile(dir=here.store.folder, prefix=".unpacked-") as held:
        while piece := given.file.read(1 << 20):
            held.write(piece)
        held.flush()
        look = look_at(Path(held.name), name)
        if look.is_archive or look.code:
            words_ = "请选择一份年报，不是压缩包" if look.is_archive else look.reason
            return redirect(request, here_again, said=words_, tone="bad")
        try:
            with here.access.log.recorded(actor, Action.REPORT_RESUBMIT, submission_id, region=row.region) as entry:
                new_id = resubmit(here.store, submission_id, Submitted(Path(held.name), name))
                entry.details |= {"file": name, "new": new_id}
        except (AuditError, IntakeError) as exc:
            return redirect(request, here_again, said=str(exc), tone="bad")
    wake([new_id])
    return redirect(request, f"/reports/{new_id}", said="已收下，正在核查")


@dataclass(frozen=True)
class _Seen:
    """A report as somebody sees it. pages: those of the service."""

    actor: Actor
    pages: Container[str]
    row: ReportRow
    result: Result
    versions: Sequence[Result]
    recorded: Recorded | None
    source: MarkedSource | None
    tables: tuple[ReadTable, ...]
    cards: tuple[Problem, ...]
    changes: Changes | None
    changes_reason: str

    @classmethod
    def of(cls, here: Services, actor: Actor, submission_id: str) -> _Seen:
        """Raises NotFound."""
        row = _row(here, actor, submission_id)
        result = here.store.result(submission_id)
        versions = here.store.versions(submission_id)
        recorded = _recorded(here, result)
        if recorded is None:
            return cls(actor, here.pages, row, result, versions, None, None, (), (), None, "")
        source = _source(here, result, recorded)
        tables = read_tables(recorded)
        changed, why_not = _changes(here, row, versions)
        cards = problems(
            recorded,
            _decided(here, row, recorded),
            source.found if source else frozenset(),
            _in_tables(tables),
            _news(changed),
            _unwaivable(result, recorded),
        )
        return cls(actor, here.pages, row, result, versions, recorded, source, tables, cards, changed, why_not)

    def context(self) -> dict[str, Any]:
        """For the templates."""
        digest = self.recorded.digest if self.recorded else None
        whole = self.recorded.whole if self.recorded else None
        state, standing = self.row.state, self.row.standing
        sure_and_open = [card.finding.id for card in self.cards if card.decision is None and card.finding.doubt is None]
        names = words()
        return {
            **names,
            "row": self.row,
            "shown_name": _shown_name(self.row),
            "standing_words": names["standing_names"][standing] if standing else names["state_names"][state],
            "is_current": not self.versions or self.versions[-1].submission.id == self.row.submission_id,
            "recorded": self.recorded,
            "digest": digest,
            "cards": self.cards,
            "figures": tally(self.cards),
            "source": self.source,
            "tables": self.tables,
            "checked": whole["verdicts"] if whole else {},
            "rules": [rule for rule in whole["rules"] if _answered(rule)] if whole else [],
            "reading_notes": whole["notes"] if whole else [],
            "versions": self.versions,
            "changes": self.changes,
            "changes_reason": self.changes_reason,
            "downloads": self._downloads(),
            "has_pdf": self.recorded is not None and self.actor.may(Permission.REPORT_DOWNLOAD),
            "sure_and_open": len(sure_and_open),
            "seen_open": _stands_for(sure_and_open),
            "has_rules": "/rules" in self.pages and self.actor.may(Permission.RULE_READ),
            "has_drawn_pages": self._has_drawn_pages(),
            "has_notice": bool(self.cards) and self.actor.may(Permission.REPORT_DOWNLOAD),
            "can_decide": self.actor.may(Permission.REPORT_DECIDE),
            "can_manage": self.actor.may(Permission.BATCH_MANAGE) and self.row.state.is_settled,
            "can_retry": self.actor.may(Permission.QUEUE_RETRY) and bool(self.result.submission.sha256),
            "advice": advice_for(self.row.code),
        }

    def _has_drawn_pages(self) -> bool:
        media_type = self.recorded.whole["source"]["media_type"] if self.recorded else ""
        return self.source is not None and self.source.has_pages and media_type in (sniff.PDF, *sniff.IMAGES)

    def _downloads(self) -> list[tuple[str, str]]:
        if not self.actor.may(Permission.REPORT_DOWNLOAD):
            return []
        base = f"/reports/{self.row.submission_id}/files"
        found = []
        if self.recorded is not None:
            is_pdf = self.recorded.whole["source"]["media_type"] == sniff.PDF
            fits = {"pdf": True, "json": True, "docx": False, "annotated": is_pdf and bool(self.cards)}
            found = [(f"{base}/{form}", name) for form, name in FORMS.items() if fits[form]]
        if self.result.submission.sha256:
            found.append((f"{base}/original", "报送的原文件"))
        return found


def _row(here: Services, actor: Actor, submission_id: str) -> ReportRow:
    """Raises NotFound for what he may not see."""
    row = here.store.listing.row(viewer(actor), submission_id)
    if row is None:
        raise NotFound
    return row


def _recorded(here: Services, result: Result) -> Recorded | None:
    if "json" not in result.outputs:
        return None
    try:
        return recorded_from(here.store.file(result.outputs["json"]).read_bytes())
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise AuditError(f"{result.submission.name}：已存的核查数据读不到；请重新核查该文件") from exc


def _source(here: Services, result: Result, recorded: Recorded) -> MarkedSource | None:
    """None for what was audited before texts were kept."""
    if FORM not in result.outputs:
        return None
    try:
        return marked_source(source_from(here.store.file(result.outputs[FORM]).read_bytes()), recorded.digest)
    except (OSError, ValueError):
        return None


def _decided(here: Services, row: ReportRow, recorded: Recorded) -> Mapping[str, Decision]:
    return decisions.of_findings(here.store, recorded.digest.findings, here.store.region_of(row.submission_id))


def _open_and_sure(here: Services, submission_id: str) -> list[str]:
    recorded = _recorded(here, here.store.result(submission_id))
    held = decisions.of_report(here.store, submission_id)
    findings: Sequence[Finding] = recorded.digest.findings if recorded else ()
    return [finding.id for finding in findings if finding.doubt is None and finding.id not in held]


def _stands_for(ids: Sequence[str]) -> str:
    """For a form that is about all of these."""
    return hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()[:16]


def _before(left: Sequence[str], finding: str) -> set[str]:
    """What may have stood for those open before he decided on this one, if nobody else has decided on another since."""
    others = [one for one in left if one != finding]
    return {_stands_for(left), _stands_for(others), _stands_for([*others, finding])}


def _changes(here: Services, row: ReportRow, versions: Sequence[Result]) -> tuple[Changes | None, str]:
    if row.version < 2 or not versions or versions[-1].submission.id != row.submission_id:
        return None, ""
    found = changes_of(here.store, row.submission_id)
    return (found, "") if found.comparable else (None, found.reason)


def _news(found: Changes | None) -> dict[str, str]:
    if found is None:
        return {}
    return {finding.id: "still" for finding in found.still_open} | {finding.id: "new" for finding in found.new}


def _in_tables(tables: Sequence[ReadTable]) -> dict[int, str]:
    found: dict[int, str] = {}
    for table in tables:
        shown = {number for row in table.rows for box in row for number in box.numbers}
        found |= dict.fromkeys(sorted(shown | set(table.elsewhere)), table.key)
    return found


def _unwaivable(result: Result, recorded: Recorded) -> frozenset[str]:
    stored = result.submission.pack
    asked = {finding.rule for finding in recorded.digest.findings}
    try:
        rules = load_pack(Path(stored) if stored else NATIONAL).rules
    except RuleError:
        return frozenset(asked)
    return frozenset(rule for rule in asked if rule not in rules or not rules[rule].waivable)


def _answered(rule: Mapping[str, Any]) -> bool:
    return bool(rule["holds"] or rule["broken"] or rule["undetermined"])


def _shown_name(row: ReportRow) -> str:
    year = f" {row.year}年度" if row.year else ""
    return f"{row.agency}{year}" if row.agency else PurePosixPath(row.name).name


def _day(given: str) -> date | None:
    """Raises BadRequest unless it is a day or nothing."""
    if not given.strip():
        return None
    try:
        return date.fromisoformat(given.strip())
    except ValueError as exc:
        raise BadRequest("日期应写作 2027-01-31 的样子") from exc
