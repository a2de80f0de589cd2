"""Batches for pages to show: reports of the samples, handed in by somebody and audited for good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from access import Account
from audits.intake import Submitted
from audits.service import audit_next, submit_batch
from audits.store import Queue, Result
from tests.web.people import Office

REPORTS = Path(__file__).parents[2] / "samples/reports"
FAULTY = "青禾县民政局2023年报.txt"  # five errors, one notice
CLEAN = "青禾县教育局2023年报.txt"
DOUBTFUL = "青禾县农业农村局2022（县网下载）.html"
NO_REPORT = "霁川市商务局年报（链接失效）.html"
NO_DOCUMENT = "云渡县司法局2023年报.txt"
OLD = "霁川市档案局2016年度报告.txt"
SOME = (FAULTY, CLEAN, DOUBTFUL, NO_REPORT, OLD)


def submitted(
    office: Office,
    owner: Account,
    names: Sequence[str] = SOME,
    region: str = "/",
    title: str = "一批年报",
    files: Mapping[str, str] | None = None,
) -> str:
    """A batch of samples, and of other texts by name, that waits. Returns its id."""
    given = [Submitted(REPORTS / name, name) for name in names]
    folder = office.store.folder / "given"
    folder.mkdir(exist_ok=True)
    for number, (name, text) in enumerate((files or {}).items()):
        path = folder / str(number)
        path.write_text(text, "utf-8")
        given.append(Submitted(path, name))
    return submit_batch(office.store, title, given, owner=owner.id, region=region)


def audit_all(office: Office) -> None:
    """Until nothing waits, as a worker would."""
    while audit_next(office.store, Queue.AUDIT, 300.0):
        pass


def audited(office: Office, owner: Account, names: Sequence[str] = SOME, region: str = "/", title: str = "一批年报") -> str:
    """A batch that is done. Returns its id."""
    batch = submitted(office, owner, names, region, title)
    audit_all(office)
    return batch


def result_of(office: Office, batch: str, name: str) -> Result:
    return next(result for result in office.store.results(batch) if result.submission.name == name)


def id_of(office: Office, batch: str, name: str) -> str:
    return result_of(office, batch, name).submission.id
