"""What an audit, and what a whole batch, can be written as. A new form is one file and one line here.

RENDERERS        forms of one report: ``render(audit, terms, source) -> bytes``; b"" where there is nothing to write: no notice to an
                 agency without problems, no annotated copy of what is no PDF. ``source`` is the file audited, None if it is not at hand.
BATCH_RENDERERS  forms of a batch: the file's name, and ``render(batch, out)``, which writes to a seekable binary file.
PACKED           the one that packs all other outputs: asked for alone, it stands for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, BinaryIO, NamedTuple, Protocol

from audits.batch import Batch
from audits.findings import Audit
from audits.renderers import csv_form, json_form, jsonl, notice, pdf, summary
from audits.renderers.terms import PLAIN, Terms


class Render(Protocol):
    def __call__(self, audit: Audit, terms: Terms = PLAIN, source: bytes | None = None) -> bytes: ...


class BatchForm(NamedTuple):
    file_name: str
    render: Callable[[Batch, BinaryIO], None]


def _late(module: str) -> Callable[..., Any]:
    """Its ``render``, imported at the first call: what it needs is large, and few batches ask for it."""
    return lambda *given: import_module(module).render(*given)


RENDERERS: dict[str, Render] = {
    "pdf": pdf.render,
    "json": json_form.render,
    "docx": notice.render,
    "annotated": _late("audits.renderers.annotated"),
}
BATCH_RENDERERS: dict[str, BatchForm] = {
    "xlsx": BatchForm("批次汇总.xlsx", _late("audits.renderers.xlsx")),
    "csv": BatchForm("问题清单.csv", csv_form.render),
    "jsonl": BatchForm("核查结果.jsonl", jsonl.render),
    "summary": BatchForm("批次汇总报告.pdf", summary.render),
}
PACKED = "zip"
FORMS = (*RENDERERS, *BATCH_RENDERERS, PACKED)


class Wanted(NamedTuple):
    """The forms asked for, sorted out. ``loose`` is False if they are wanted in the ZIP alone."""

    each: tuple[str, ...]
    batch: tuple[str, ...]
    packed: bool
    loose: bool


def wanted(forms: Sequence[str]) -> Wanted:
    """Sort the forms into those of a report and those of the batch, as asked. The ZIP alone means everything, and only in it."""
    packed, loose = PACKED in forms, set(forms) != {PACKED}
    asked = forms if loose else FORMS
    return Wanted(
        tuple(form for form in asked if form in RENDERERS),
        tuple(form for form in asked if form in BATCH_RENDERERS),
        packed,
        loose,
    )
