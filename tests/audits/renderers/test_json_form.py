"""The JSON form: its shape, its numbers, its bytes."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from audits.renderers import RENDERERS, json_form
from reports_in.document import Source
from rules.claims import Claim
from rules.editions import editions
from rules.examples import filing_of
from rules.verdict import State

SCHEMA = json.loads((Path(json_form.__file__).parent / "audit.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
LARGE = 10**12


def read(data: bytes) -> Any:
    return json.loads(data, parse_float=Decimal)


@pytest.mark.parametrize("count", [0, 1, 5, 200])
def test_an_audit_is_what_the_schema_says(audit_of, count):
    assert [error.message for error in VALIDATOR.iter_errors(json.loads(RENDERERS["json"](audit_of(count))))] == []


def test_the_schema_refuses_a_cell_that_is_absent_and_has_a_value(audit_of):
    form = json.loads(json_form.render(audit_of()))
    form["tables"]["applications"]["partial"]["natural"]["value"] = 0
    assert not VALIDATOR.is_valid(form)


def test_names_asked_for_are_there_in_their_order(audit_of):
    form = read(json_form.render(audit_of()))
    asked = {
        "hecha": ["format", "engine", "pack", "template"],
        "source": ["name", "sha256", "media_type"],
        "report": ["title", "agency", "year", "edition", "published"],
        "verdicts": ["asked", "holds", "broken", "undetermined", "not_applicable"],
    }
    assert {key: list(form[key])[: len(names)] for key, names in asked.items()} == asked


def test_every_row_of_the_edition_is_there_with_the_absent_ones(audit_of):
    tables = read(json_form.render(audit_of()))["tables"]
    edition = editions()["E2021"]
    assert {key: list(rows) for key, rows in tables.items()} == {key: list(table.rows) for key, table in edition.tables.items()}
    assert {cell["state"] for cell in tables["applications"]["partial"].values()} == {"absent"}
    assert list(tables["litigation"]["review"]) == ["upheld", "corrected", "other", "pending", "total"]


def test_absent_blank_unreadable_and_words_are_told_apart_and_none_is_zero(audit_of):
    rows = read(json_form.render(audit_of()))["tables"]["applications"]
    seen = [
        (cell["state"], cell["raw"], cell["value"])
        for cell in (
            rows["partial"]["natural"],
            rows["granted"]["business"],
            rows["denied_2"]["natural"],
            rows["denied_2"]["research"],
            rows["denied_2"]["business"],
        )
    ]
    assert seen == [
        ("absent", "", None),
        ("blank", "", None),
        ("unreadable", "", None),
        ("filled", "/", None),
        ("filled", "0", 0),
    ]


@pytest.mark.parametrize("raw", ["73802895.90元", "0.10", "251000.000", "1036", "-3"])
def test_an_amount_keeps_the_digits_printed(audit_of, raw):
    audit = audit_of(filing=filing_of({"tables": {"disclosure": {"rows": {"charge": [raw]}}}}))
    cell = read(json_form.render(audit))["tables"]["disclosure"]["charge"]["amt"]
    assert (str(cell["value"]), cell["raw"]) == (raw.removesuffix("元"), raw)


def test_words_that_look_like_our_mark_of_a_decimal_stay_words(audit_of):
    audit = audit_of(name="decimal:12.50")
    assert read(json_form.render(audit))["source"]["name"] == "decimal:12.50"


def test_verdicts_add_up_to_what_was_asked(audit_of):
    assert read(json_form.render(audit_of()))["verdicts"] == {
        "asked": 14,
        "holds": 9,
        "broken": 2,
        "undetermined": 2,
        "not_applicable": 1,
    }


def test_a_finding_says_all_that_the_audit_says(audit_of):
    audit = audit_of(1)
    finding = audit.findings[0]
    assert read(json_form.render(audit))["findings"][0] == {
        "id": finding.id,
        "rule": "APP-BALANCE",
        "severity": "error",
        "doubt": None,
        "title": "收办不平衡",
        "where": "第三部分申请情况表“自然人”列",
        "place": {"section": "applications", "table": "applications", "row": None, "column": "natural", "topic": None},
        "message": "新收与上年结转合计 31，总计与结转下年度合计 30，差 1",
        "evidence": [
            {"quote": "29", "at": {"page": None, "line": 45, "box": None, "chars": [4500, 4503]}},
            {"quote": "28", "at": {"page": None, "line": 67, "box": None, "chars": [6700, 6703]}},
        ],
        "expected": "31",
        "actual": "30",
        "basis": finding.basis,
        "advice": finding.advice,
        "arithmetic": "29+2 ≠ 28+2，差1",
    }


def test_a_report_outside_both_editions_has_empty_tables_and_says_why(old_report):
    form = json.loads(json_form.render(old_report))
    assert (form["applicable"], form["sections"], form["tables"], form["hecha"]["template"], VALIDATOR.is_valid(form)) == (
        False,
        [],
        {"disclosure": {}, "applications": {}, "litigation": {}},
        None,
        True,
    )
    assert form["reason"].endswith("不适用")


def test_claims_keep_their_place_and_number(audit_of):
    claim = Claim(
        "applications.received", 31, "件", "收到申请31件", Source(2, None, (1.5, 2.0, 3.0, 4.25), (5, 12)), "overview"
    )
    audit = audit_of()
    form = read(json_form.render(replace(audit, filing=replace(audit.filing, claims=(claim,)))))
    got = form["claims"][0]
    box = [Decimal("1.5"), Decimal("2.0"), Decimal("3.0"), Decimal("4.25")]
    assert (got["subject"], got["value"], got["at"]) == (
        "applications.received",
        31,
        {"page": 2, "line": None, "box": box, "chars": [5, 12]},
    )


def test_the_same_audit_gives_the_same_bytes_readable_as_they_are(audit_of):
    first, second = json_form.render(audit_of()), json_form.render(audit_of())
    assert first == second
    assert "政府信息公开".encode() in first
    assert first.endswith(b"}\n")


def test_each_finding_stands_on_its_own_line(audit_of):
    text = json_form.render(audit_of(200)).decode()
    assert sum(line.startswith('{"id": ') for line in text.splitlines()) == 200


@given(text=st.text(st.characters(), max_size=60), number=st.decimals(-LARGE, LARGE, allow_nan=False, places=3))
def test_any_text_and_number_can_be_written_and_read_back(text, number):
    line = json_form._line({"text": text, "number": number})
    back = json.loads(line.encode("utf-8", "backslashreplace"), parse_float=Decimal)
    assert back == {"text": text, "number": number}


def test_counts_of_states_need_not_all_be_there(audit_of):
    audit = audit_of(0, verdicts={"A": {State.HOLDS: 1}}, titles={})
    assert read(json_form.render(audit))["rules"] == [
        {"rule": "A", "title": "", "holds": 1, "broken": 0, "undetermined": 0, "not_applicable": 0}
    ]
