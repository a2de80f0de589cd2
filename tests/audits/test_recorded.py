"""An audit restored from its JSON prints the same documents as the audit itself."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from audits.audit import audit
from audits.digest import digest_from
from audits.documents import render_report
from audits.errors import RenderError
from audits.findings import Audit
from audits.intake import Submitted
from audits.recorded import audit_from
from audits.renderers import json_form, notice, pdf
from audits.renderers.terms import Terms
from audits.service import audit_next, submit_batch
from audits.store import Queue, Store
from reports_in import read
from reports_in.errors import IntakeError, NeedsOcr
from rules.compile import load_pack
from web.report_page.recorded import recorded_from

SAMPLES = sorted(path for path in (Path(__file__).parents[2] / "samples").rglob("*") if path.is_file())
WHOLE = next(path for path in SAMPLES if path.name.startswith("青禾县教育局"))


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


@pytest.mark.parametrize(
    "number",
    [b"1e999999999", b"-1e-999999999", b"9" * 41, b"NaN", b"Infinity", b"[" * 100_000],
    ids=lambda it: it[:12].decode(),
)
def test_a_number_that_takes_for_ever_is_refused_at_once(number: bytes) -> None:
    """Whoever took over the process that read a report could else keep the web server busy for as long as it runs."""
    written = json_form.render(audited(WHOLE))
    key = b'"sha256"'
    hostile = written.replace(key, b'"more": ' + number + b", " + key, 1)
    assert hostile != written

    for restored in (audit_from, digest_from, recorded_from):
        with pytest.raises(ValueError, match=r"."):
            restored(hostile)


@pytest.mark.parametrize("raw", [["a"], {"a": 1}, 5])
def test_what_is_of_another_kind_than_we_write_is_one_line_when_it_is_printed(tmp_path: Path, raw: object) -> None:
    store = Store(tmp_path)
    batch = submit_batch(store, "一批", [Submitted(WHOLE, "年报.txt")])
    audit_next(store, Queue.AUDIT, 60)
    (result,) = store.results(batch)
    path = store.file(result.outputs["json"])
    whole = json.loads(path.read_bytes())
    whole["tables"]["applications"]["denied_8"]["other"]["raw"] = raw
    path.write_text(json.dumps(whole))

    with pytest.raises(RenderError, match="已存的核查数据不完整"):
        render_report(store, result.submission.id, "pdf", Terms(issued=date(2026, 11, 21)))
