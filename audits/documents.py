"""Hand out documents as things stand now: what was recorded of an audit, with what has been decided on its findings since.

Nothing is read again: a document is printed from the audit's JSON, in this process; what shows pages of the file submitted is printed in
a jail. The same audit, decisions and terms give the same bytes, so they are kept by what they depend on.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from audits.audit import ENGINE
from audits.decided import decided, summary_after
from audits.decision import Decision
from audits.decisions import compared
from audits.digest import digest_of
from audits.errors import AuditError, NothingToWrite, RenderError
from audits.findings import Audit
from audits.outcome import Outcome, Settled
from audits.outputs import ENDINGS, OutputFolder, Published, stem_for
from audits.recorded import audit_from
from audits.regions import Scope
from audits.renderers import RENDERERS, json_form
from audits.renderers.terms import PLAIN, Terms
from audits.single import FORMS, NATIONAL
from audits.store import Result, Store, SubmissionState
from audits.store.lines import Coverage, Viewer
from audits.store.removal import PRINTED
from reports_in.jail import Died, Jail
from reports_in.limits import LIMITS
from reports_in.system_words import in_words
from rules.compile import load_pack
from rules.errors import RuleError
from rules.scoring import Sheet

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "json": "application/json",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "annotated": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "summary": "application/pdf",
    "zip": "application/zip",
}
NOTHING = {"docx": "没有需要整改或核实的问题，不出整改通知", "annotated": "原文不是 PDF，或没有可以标注的问题，不出批注"}
RENDER_SECONDS = 60.0  # for one document with pages of its source


@dataclass(frozen=True, slots=True)
class Document:
    """A document to be sent out; ``name`` is what it should be called, and may be changed by nobody."""

    path: Path
    name: str
    media_type: str


def render_report(store: Store, submission_id: str, form: str, terms: Terms = PLAIN, today: date | None = None) -> Document:
    """One form of one report as it stands now: pdf, json, docx or annotated.

    Raises NothingToWrite where there is none (no notice to an agency without problems), RenderError, StoreError.
    """
    result = store.result(submission_id)
    if form not in RENDERERS or "json" not in result.outputs:
        raise NothingToWrite(f"{result.submission.name}：没有这种文件（{form}）")
    decisions = store.decisions.of_submission(submission_id)
    printer = _Printer(store, result.submission.batch_id, terms, today)
    path, outcome = printer.printed(result, form, decisions)
    if path is None:
        raise NothingToWrite(f"{result.submission.name}：{NOTHING.get(form, '没有内容')}")
    stem = stem_for(result.submission.name, outcome.summary)
    return Document(path, stem + ENDINGS.get(form, f".{form}"), MEDIA_TYPES[form])


def export_batch(
    store: Store,
    batch_id: str,
    out: Path,
    forms: Sequence[str] = FORMS,
    terms: Terms = PLAIN,
    *,
    only: Collection[str] | None = None,
    today: date | None = None,
) -> Sequence[Published]:
    """Write the forms of what is settled into the folder, under the names that ``hecha audit`` gives. Returns what was written.

    only  ids of submissions: the others are left out.

    Who is missing is said of whole batches for which a roster is in force, as things stand now: an agency that handed in with another
    batch has handed in.
    """
    published = []
    printer = _Printer(store, batch_id, terms, today)
    decisions = store.decisions.of_batch(batch_id)
    with OutputFolder(out, forms) as folder:
        for position, result in enumerate(store.results(batch_id)):
            submission = result.submission
            if not submission.state.is_settled or submission.state is SubmissionState.CANCELLED:
                continue
            if only is not None and submission.id not in only:
                continue
            staged, outcome = {}, _outcome(result)
            for form in folder.forms if result.audit is not None else ():
                path, outcome = printer.printed(result, form, decisions.get(submission.id, {}))
                if path is not None:
                    staged[form] = folder.staging / f"{position}.{form}"
                    shutil.copyfile(path, staged[form])
            published.append(folder.publish(submission.name, outcome, staged))
        skipped, duplicates = store.left_out(batch_id)
        missing, not_known = None, 0
        if only is None and (folder.wanted.batch or folder.wanted.packed):
            missing, not_known = _missing(store, batch_id, published)
        folder.publish_batch(store.batch_status(batch_id).title, skipped, missing, not_known)
        folder.write_index(skipped, duplicates)
    return published


def _missing(store: Store, batch_id: str, published: Sequence[Published]) -> tuple[tuple[str, ...] | None, int]:
    """Agencies of the batch's region without a report for the year that most of its reports are about, None without a roster; and of
    how many that cannot be said yet."""
    asked = store.asked(batch_id)
    years = Counter(line.outcome.summary.year for line in published if line.outcome.summary is not None)
    years.pop(None, None)
    if asked.roster is None or not years:
        return None, 0
    year = max(years, key=lambda one: (years[one], one or 0)) or 0
    within = Viewer(Scope((asked.region,)))
    states = store.listing.coverage_totals(within, year, asked.region).states
    rows = store.listing.missing(within, year, asked.region)
    named = tuple(f"{row.name}（{row.remark}）" if row.remark else row.name for row in rows)
    return named, states[Coverage.WAITING] + states[Coverage.UNDATED]


class _Printer:
    """Prints forms of a batch's reports on the same terms. What it has printed is kept in the store's folder until it is cleaned."""

    def __init__(self, store: Store, batch_id: str, terms: Terms, today: date | None) -> None:
        self.store = store
        self.recorded_terms = replace(PLAIN, evidence=store.asked(batch_id).evidence)
        self.terms = (
            self.recorded_terms if terms == PLAIN else replace(terms, evidence=terms.evidence or self.recorded_terms.evidence)
        )
        self.today = today or date.today()
        self.folder = store.folder / PRINTED

    def printed(self, result: Result, form: str, taken: Mapping[str, Decision]) -> tuple[Path | None, Outcome]:
        """Where the form is, None if there is nothing to write; and what becomes of the report with these decisions."""
        outcome = _outcome(result)
        held = {key: decision for key, decision in taken.items() if decision.holds_on(self.today)}
        if not held and form in result.outputs and (self.terms == self.recorded_terms or form == "json"):
            return self.store.file(result.outputs[form]), outcome
        if result.audit is None or "json" not in result.outputs:
            return None, outcome
        whole: Audit | None = None
        if held:
            whole = self._decided(result, held)
            if outcome.summary is not None:
                outcome = replace(outcome, summary=summary_after(outcome.summary, digest_of(whole)))
        place = (
            self.folder
            / result.audit.key[:2]
            / result.audit.key
            / f"{self._key(form, result.submission.sha256, held, whole)}.{form}"
        )
        if not place.exists():
            _settle(place, self._print(result, form, whole or self._audit(result)))
        return (place if place.stat().st_size else None), outcome

    def _audit(self, result: Result) -> Audit:
        name = result.submission.name
        try:
            return audit_from(self.store.file(result.outputs["json"]).read_bytes())
        except OSError as exc:
            raise AuditError(f"{name}：已存的核查数据读不到（{in_words(exc)}）；请重新核查该文件") from exc
        except ValueError as exc:
            raise RenderError(f"{name}：已存的核查数据不完整；请重新核查该文件") from exc

    def _decided(self, result: Result, held: Mapping[str, Decision]) -> Audit:
        whole = self._audit(result)
        by_id = {finding.id: finding for finding in whole.findings}
        told = {key: compared(decision, by_id[key]) for key, decision in held.items() if key in by_id}
        return decided(whole, told, _sheet(result.submission.pack, whole.pack))

    def _key(self, form: str, original: str, held: Mapping[str, Decision], whole: Audit | None) -> str:
        """Of everything that the bytes depend on beside the audit itself."""
        template = self.terms.notice_template
        asked = [
            ENGINE,
            form,
            sorted(decision.id for decision in held.values()),
            str(self.terms.issued),
            str(self.terms.deadline),
            hashlib.sha256(template.read_bytes()).hexdigest() if template else "",
            self.terms.evidence and bool(original),
            str(whole.score.total) if whole and whole.score else "",
        ]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:32]

    def _print(self, result: Result, form: str, audit: Audit) -> bytes:
        original = result.submission.sha256  # "" once it was deleted: its pages cannot be shown any more
        if original and (form == "annotated" or (form == "pdf" and self.terms.evidence)):
            file = self.store.file(original)
            with _JAIL_LOCK:
                return _print_with_pages(audit, form, self.terms, file)
        try:
            with _FONTS_LOCK:
                return RENDERERS[form](audit, self.terms, None)
        except (TypeError, AttributeError, LookupError, ArithmeticError) as exc:  # what was recorded is not what we write
            raise RenderError(f"{audit.name}：已存的核查数据不完整；请重新核查该文件") from exc


_JAIL_LOCK, _FONTS_LOCK = threading.Lock(), threading.Lock()  # the web answers in threads, which share both


def _outcome(result: Result) -> Outcome:
    submission = result.submission
    return Outcome(Settled(submission.state.value), submission.code, submission.reason, result.summary)


def _sheet(stored: str, label: str) -> Sheet | None:
    """The scoring sheet by which the audit was scored; None if the pack has changed since or cannot be loaded."""
    try:
        pack = load_pack(Path(stored) if stored else NATIONAL)
    except RuleError:
        return None
    return pack.scoring if pack.label == label else None


def _settle(place: Path, data: bytes) -> None:
    """Under its name there is all of it or nothing. It can be printed again at any time, so it is not forced to disk."""
    temporary = place.with_name(f".{uuid.uuid4().hex}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(data)
        os.replace(temporary, place)
    except OSError as exc:
        temporary.unlink(missing_ok=True)
        raise RenderError(f"{place.parent}：写不进去（{in_words(exc)}）；请检查磁盘空间") from exc


def _print_with_pages(audit: Audit, form: str, terms: Terms, source: Path) -> bytes:
    asked = {"form": form, "source": str(source), "issued": terms.issued.isoformat() if terms.issued else None}
    request = json.dumps(asked).encode() + b"\n" + json_form.render(audit)
    try:
        return b"".join(_JAIL.ask(request, RENDER_SECONDS + LIMITS.read_seconds))
    except Died as died:
        raise RenderError(f"{audit.name}：原文页面画不出来（{died.fault}）；可改取不带截图的报告") from died


def _print_jailed(request: bytes) -> Iterable[bytes]:
    """In the child."""
    head, _, written = request.partition(b"\n")
    asked = json.loads(head)
    terms = Terms(issued=date.fromisoformat(asked["issued"]) if asked["issued"] else None, evidence=True)
    return (RENDERERS[asked["form"]](audit_from(written), terms, Path(asked["source"]).read_bytes()),)


_JAIL = Jail(_print_jailed)
