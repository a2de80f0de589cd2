"""What an audit leaves behind goes with its last reference: no circles, which would keep every report until the collector comes."""

from __future__ import annotations

import gc

import pytest

from audits.audit import audit
from audits.renderers import RENDERERS
from bench.corpus.layouts import case
from reports_in import read_bytes
from rules.compile import load_pack
from rules.prose import KEPT


@pytest.mark.parametrize("layout", ["tabs", "html-article", "docx"])
def test_an_audit_leaves_no_circle_for_the_collector(layout: str) -> None:
    printed = case(layout, 7).printed
    pack = load_pack()

    def to_json() -> int:
        return len(RENDERERS["json"](audit(read_bytes(printed.data, printed.name), pack)))

    assert to_json()  # the first one fills what stays: compiled patterns, remembered words
    gc.collect()
    gc.disable()
    try:
        for _ in range(KEPT + 1):  # so many that the first one is let go
            assert to_json()
        assert gc.collect() == 0
    finally:
        gc.enable()
