"""Audit one file and render it, whatever the file holds: the step that the command line's pool and the workers share.

``audit_file`` does it in this process, which should be a jail (reports_in/jail.py), as those of the pool are;
``audit_in_jail`` does it in one of its own, kept from one report to the next. Kept apart from service.py so that the command line needs no database to start.
"""

from __future__ import annotations

import gc
import json
import logging
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from audits import handover
from audits.align import is_report
from audits.audit import audit, lay_out
from audits.intake import Capture, Submitted
from audits.matching import Matcher, Said
from audits.outcome import Outcome, Settled, found_in, summary_of
from audits.renderers import RENDERERS, fonts, source_form
from audits.renderers.terms import PLAIN, Terms
from audits.roster import read_roster
from audits.several import titles_of_several
from audits.waivers import Waiver, load_waivers
from reports_in import read
from reports_in.errors import IntakeError, LimitExceeded, NotAReport, ReaderCrashed, SeveralReports
from reports_in.jail import Died, Jail, too_big
from reports_in.limits import LIMITS
from reports_in.ocr import left_for_later
from rules.compile import PACKS, load_pack
from rules.filing import Publication

log = logging.getLogger(__name__)

FORMS = ("pdf", "json")  # what is handed out unless somebody asks for other forms
KEPT = (*FORMS, source_form.FORM)  # what a job of the service renders: the pages show the text that was read, too
NATIONAL = PACKS / "national"
REPORT_SECONDS = 2 * LIMITS.read_seconds  # for one report, reading and rendering: beyond it, something hangs


@dataclass(frozen=True, slots=True)
class Measure:
    """What reports are held against: a pack by its folder, the waivers that have not expired, and the roster of agencies if any."""

    pack: Path = NATIONAL
    waivers: tuple[Waiver, ...] = ()
    matcher: Matcher | None = None


PLAIN_MEASURE = Measure()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is held against beside a pack, as files, so that it can be told a jailed process.

    day       on which the waivers of ``waivers`` have not expired, YYYY-MM-DD.
    evidence  see Terms.
    said      what a person said of whose report it is.
    """

    roster: Path | None = None
    waivers: Path | None = None
    day: str = ""
    evidence: bool = False
    said: Said | None = None


NOTHING_ELSE = Asked()


@dataclass(frozen=True, slots=True)
class Captured:
    """What a sweep saw of the report, with the file of the capture before this one if there was another and it is still kept."""

    capture: Capture
    before: Submitted | None = None


def audit_file(
    path: Path,
    name: str,
    forms: Sequence[str] = FORMS,
    year: int | None = None,
    terms: Terms = PLAIN,
    measure: Measure = PLAIN_MEASURE,
    previous: Submitted | None = None,
    captured: Captured | None = None,
    said: Said | None = None,
) -> Outcome:
    """Read, audit and render one report, beside the same agency's report of the year before if there is one.

    captured  if a sweep found it where it is published; said: what a person said of whose report it is.

    Never raises for what the file holds: a bad file must not stop the others.
    """
    try:
        document = read(path, name)
        if several := titles_of_several(document):
            advice = "请拆成每份年报一个文件后重新提交"
            raise SeveralReports(name, f"一个文件里有 {len(several)} 份年报（{'；'.join(several)}）", advice)
        before = lay_out(read(previous.path, previous.name)) if previous is not None else None
        published = _publication(captured) if captured is not None else None
        result = audit(document, load_pack(measure.pack), year, before, measure.waivers, measure.matcher, published, said)
        if not is_report(result.filing):
            raise NotAReport(name, "不是政府信息公开工作年度报告：没有年报标题、六个部分和三张表", "请提交年报本身的网页或文件")
        source = path.read_bytes() if terms.evidence or "annotated" in forms else None
        rendered = {form: RENDERERS[form](result, terms, source) for form in forms if form != source_form.FORM}
        if source_form.FORM in forms:
            rendered[source_form.FORM] = source_form.render(document)
    except IntakeError as exc:
        return Outcome(Settled.UNREADABLE, exc.code, str(exc))
    except MemoryError:
        return stopped(name, too_big(), by_limit=True)
    except Exception as exc:
        log.exception("audit failed")
        fault = f"{name}：程序内部出错（{type(exc).__name__}）；请把该文件和日志交维护人员"
        return Outcome(Settled.FAILED, "INTERNAL", fault)
    outputs = {form: data for form, data in rendered.items() if data}
    return Outcome(Settled.AUDITED, summary=summary_of(result), outputs=outputs, match=result.match, findings=found_in(result))


def _publication(captured: Captured) -> Publication:
    seen, before = captured.capture, captured.before
    days = (seen.first_seen, seen.absent_until, seen.before_seen, seen.gone_since)
    first, absent, before_seen, gone = (None if day is None else date.fromisoformat(day) for day in days)
    assert first is not None
    earlier = lay_out(read(before.path, before.name)) if before else None
    return Publication(first, absent, earlier, before_seen, gone, seen.agency)


def warm_up(measure: Measure = PLAIN_MEASURE) -> None:
    """Load rules, templates and fonts now, so that processes forked from this one share them.

    What stands then stays, and a report makes many small objects and no circles: the collector need not look through them often.
    """
    load_pack(measure.pack)
    fonts.load()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def stopped(name: str, fault: str, *, by_limit: bool) -> Outcome:
    """The outcome of a report whose process crashed or passed a limit of the jail."""
    if by_limit:
        error: IntakeError = LimitExceeded(name, fault, "请只提交年报本身，用原软件另存后重新提交，或联系维护人员")
    else:
        error = ReaderCrashed(name, fault, "请用原软件另存后重新提交，或联系维护人员")
    return Outcome(Settled.UNREADABLE, error.code, str(error))


def audit_in_jail(
    path: Path,
    name: str,
    forms: Sequence[str] = FORMS,
    year: int | None = None,
    pack: Path = NATIONAL,
    previous: Submitted | None = None,
    *,
    scans_later: bool = False,
    asked: Asked = NOTHING_ELSE,
    captured: Captured | None = None,
) -> Outcome:
    """As ``audit_file``, in a child of this process that serves one report after the other until one takes it down.

    scans_later  a report that would have to be recognised is NEEDS_OCR at once, instead of taking minutes.

    A crash in a child that had served others is tried once more in a fresh one.
    """
    before = [str(previous.path), previous.name] if previous is not None else None
    said = asdict(asked.said) if asked.said is not None else None
    beside = [str(asked.roster or ""), str(asked.waivers or ""), asked.day, asked.evidence, said]
    seen = _told(captured) if captured is not None else None
    request = json.dumps([str(path), name, list(forms), year, str(pack), before, scans_later, beside, seen]).encode()
    for _ in range(2):
        try:
            return handover.unpack(b"".join(_JAIL.ask(request, REPORT_SECONDS)))
        except Died as died:
            log.warning("the jailed process died: %s", died.fault)
            outcome = stopped(name, died.fault, by_limit=died.by_limit)
            if died.by_limit:
                break
        except ValueError:
            log.exception("the jailed process gave no outcome")
            _JAIL.stop()
            outcome = stopped(name, "解析进程给出的结果无效", by_limit=False)
    return outcome


def _told(captured: Captured) -> list[Any]:
    before = [str(captured.before.path), captured.before.name] if captured.before is not None else None
    return [asdict(captured.capture), before]


def leave_jail() -> None:
    """End this process's jailed child, if it has one; the next report gets a new one."""
    _JAIL.stop()


def _audit_request(request: bytes) -> Iterable[bytes]:
    """In the child."""
    path, name, forms, year, pack, before, scans_later, (roster, waivers, day, evidence, told), seen = json.loads(request)
    previous = Submitted(Path(before[0]), before[1]) if before is not None else None
    captured = None
    if seen is not None:
        earlier = Submitted(Path(seen[1][0]), seen[1][1]) if seen[1] is not None else None
        captured = Captured(Capture(**seen[0]), earlier)
    with left_for_later() if scans_later else nullcontext():
        terms, measure = Terms(evidence=True) if evidence else PLAIN, measure_of(pack, roster, waivers, day)
        said = Said(tuple(told["agency"]) if told["agency"] else None, told["is_firm"]) if told is not None else None
        return (handover.pack(audit_file(Path(path), name, forms, year, terms, measure, previous, captured, said)),)


@lru_cache(maxsize=8)
def measure_of(pack: str, roster: str, waivers: str, day: str) -> Measure:
    """From paths, "" for none: a child is asked about the same ones again and again."""
    matcher = Matcher(read_roster(Path(roster))) if roster else None
    written = load_waivers(Path(waivers), load_pack(Path(pack))) if waivers else ()
    return Measure(Path(pack), tuple(waiver for waiver in written if waiver.holds_on(date.fromisoformat(day))), matcher)


_JAIL = Jail(_audit_request)
