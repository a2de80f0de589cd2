"""An audit restored from its JSON prints the same documents as the audit itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from audits.audit import audit
from audits.findings import Audit
from audits.recorded import audit_from
from audits.renderers import json_form, notice, pdf
from reports_in import read
from reports_in.errors import IntakeError, NeedsOcr
from rules.compile import load_pack

SAMPLES = sorted(path for path in (Path(__file__).parents[2] / "samples").rglob("*") if path.is_file())


def audited(path: Path) -> Audit:
    try:
        return audit(read(path, path.name), load_pack())
    except (NeedsOcr, IntakeError) as exc:
        pytest.skip(f"cannot be read here: {exc.code}")


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_pdf_json_and_notice_are_the_same_byte_for_byte(path: Path) -> None:
    whole = audited(path)
    written = json_form.render(whole)
    restored = audit_from(written)

    assert json_form.render(restored) == written
    assert pdf.render(restored) == pdf.render(whole)
    assert notice.render(restored) == notice.render(whole)


@pytest.mark.parametrize("written", [b"{}", b"[]", b"nothing", b'{"source": 1}'])
def test_anything_else_is_refused(written: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        audit_from(written)
