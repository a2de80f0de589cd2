"""Batches for the renderers, made of the fictional audits of conftest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from audits.batch import Batch, Report
from audits.digest import digest_from, digest_of
from audits.findings import Audit
from audits.outcome import Outcome, Settled, summary_of
from audits.renderers import json_form

UNREADABLE = Report("坏文件.doc", Outcome(Settled.UNREADABLE, "ENCRYPTED", "坏文件.doc：有密码；请去掉密码后重新提交"))


def named(audit: Audit, agency: str | None, year: int | None = 2023) -> Audit:
    filing = audit.filing
    filing = replace(filing, agency=replace(filing.agency, value=agency), year=replace(filing.year, value=year))
    return replace(audit, filing=filing, name=f"{agency}年报.txt")


def report(audit: Audit, folder: Path | None = None, **files: str) -> Report:
    """Audited; with a folder its JSON form stands there."""
    outcome = Outcome(Settled.AUDITED, summary=summary_of(audit))
    if folder is None:
        return Report(audit.name, outcome, digest_of(audit), None, files)
    path = folder / f"{audit.name}.json"
    path.write_bytes(json_form.render(audit))
    return Report(audit.name, outcome, digest_from(path.read_bytes()), path, files)


def batch(*reports: Report, title: str = "2023年度第一批", missing: Sequence[str] | None = None) -> Batch:
    return Batch(tuple(reports), title, ("~$年报.docx",), None if missing is None else tuple(missing))
