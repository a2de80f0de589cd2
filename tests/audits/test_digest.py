"""A digest says the same whether it was made of the audit or of the JSON written then."""

from __future__ import annotations

from pathlib import Path

import pytest

from audits.audit import audit
from audits.digest import digest_from, digest_of
from audits.renderers import json_form
from reports_in import read
from rules.compile import load_pack
from rules.verdict import Severity

SAMPLES = sorted(Path(__file__).parents[2].glob("samples/reports/*"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_json_of_an_audit_gives_the_digest_of_the_audit(path: Path) -> None:
    try:
        document = read(path, path.name)
    except Exception as exc:
        pytest.skip(f"no report: {exc}")
    audited = audit(document, load_pack())

    assert digest_from(json_form.render(audited)) == digest_of(audited)


def test_what_is_certain_and_what_is_doubtful_are_told_apart() -> None:
    path = next(path for path in SAMPLES if "农业农村局" in path.name)
    digest = digest_of(audit(read(path, path.name), load_pack()))

    assert len(digest.sure(*Severity)) + len(digest.doubtful()) == len(digest.findings)
    assert [finding.doubt is None for finding in digest.doubtful()] == [False] * len(digest.doubtful())
