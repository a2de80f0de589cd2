"""Audit one file and render it, whatever the file holds: the step that the command line's pool and the workers share.

Kept apart from service.py so that the command line needs no database to start.
"""

from __future__ import annotations

import logging
import resource
from collections.abc import Sequence
from pathlib import Path

from audits.audit import audit
from audits.outcome import Outcome, Settled, summary_of
from audits.renderers import RENDERERS, fonts
from reports_in import read
from reports_in.errors import IntakeError, NotAReport
from reports_in.limits import LIMITS
from rules.compile import load_pack
from rules.filing import Filing, PartState

log = logging.getLogger(__name__)

FORMS = ("pdf", "json")  # what a job of the service renders; the command line may ask for fewer
REPORT_SECONDS = 2 * LIMITS.read_seconds  # for one report, reading and rendering: beyond it, something hangs


def audit_file(path: Path, name: str, forms: Sequence[str] = FORMS, year: int | None = None) -> Outcome:
    """Read, audit and render one report. Never raises for what the file holds: a bad file must not stop the others."""
    try:
        document = read(path, name)
        result = audit(document, load_pack(), year)
        if not _is_report(result.filing):
            raise NotAReport(name, "不是政府信息公开工作年度报告：没有年报标题、六个部分和三张表", "请提交年报本身的网页或文件")
        outputs = {form: RENDERERS[form](result) for form in forms}
    except IntakeError as exc:
        return Outcome(Settled.UNREADABLE, exc.code, str(exc))
    except MemoryError:
        return Outcome(Settled.FAILED, "OUT_OF_MEMORY", f"{name}：核查所需内存超过上限；请拆分文件或联系维护人员")
    except Exception as exc:
        log.exception("audit failed")
        fault = f"{name}：程序内部出错（{type(exc).__name__}）；请把该文件和日志交维护人员"
        return Outcome(Settled.FAILED, "INTERNAL", fault)
    return Outcome(Settled.AUDITED, summary=summary_of(result), outputs=outputs)


def _is_report(filing: Filing) -> bool:
    """Is there anything of an annual report in it? A login page or an error page is no report with everything missing."""
    states = [section.state for section in filing.sections.values()] + [table.state for table in filing.tables.values()]
    return any(state is not PartState.ABSENT for state in states) or "报告" in (filing.title.value or "")


def warm_up() -> None:
    """Load rules, templates and fonts now, so that processes forked from this one share them."""
    load_pack()
    fonts.load()


def confine_memory() -> None:
    """Cap this process's address space at what it has plus the reading limit: a runaway report ends itself, not the machine."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    ceiling = pages * resource.getpagesize() + LIMITS.read_memory_bytes
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (ceiling if hard == resource.RLIM_INFINITY else min(ceiling, hard), hard))
