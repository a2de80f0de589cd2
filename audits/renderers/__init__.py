"""What an audit can be written as: form -> ``render(audit) -> bytes``. A new form is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable

from audits.findings import Audit
from audits.renderers import json_form, pdf

RENDERERS: dict[str, Callable[[Audit], bytes]] = {
    "json": json_form.render,
    "pdf": pdf.render,
}
