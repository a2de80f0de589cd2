"""The sample batch: samples/README.md says what is planted where, and it is found there; clean reports stay clean."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from audits.audit import audit
from audits.findings import Audit
from audits.intake import collect
from reports_in import read
from reports_in.errors import IntakeError
from rules.compile import load_pack
from rules.verdict import Severity

SAMPLES = Path(__file__).parents[2] / "samples"
TABLE = re.findall(r"^\| ([^|]+\.\w+) \| [^|]+ \| ([^|]+) \|$", (SAMPLES / "README.md").read_text("utf-8"), re.MULTILINE)
PLANTED = {name: re.findall(r"`([A-Z0-9-]+)`", words) for name, words in TABLE if "`" in words and "读不了" not in words}
CLEAN = [name for name, words in TABLE if words == "没有问题"]


@cache
def audited(name: str) -> Audit:
    return audit(read(SAMPLES / "reports" / name), load_pack())


def rules_broken(name: str, *severities: Severity) -> set[str]:
    return {finding.rule for finding in audited(name).findings if finding.severity in severities}


def test_the_table_names_every_file_of_the_batch() -> None:
    found = collect([SAMPLES / "reports"])

    assert {name for name, _ in TABLE} == {submitted.name for submitted in found.files} | set(found.skipped)


@pytest.mark.parametrize(("name", "rule"), [(name, rule) for name, rules in PLANTED.items() for rule in rules])
def test_what_is_planted_is_found(name: str, rule: str) -> None:
    assert rule in rules_broken(name, *Severity)


@pytest.mark.parametrize("name", CLEAN)
def test_a_clean_report_is_told_of_no_error_and_no_warning(name: str) -> None:
    found = audited(name)

    assert [(f.rule, f.where, f.message) for f in found.findings if f.severity is not Severity.NOTICE] == []
    assert found.applicable


@pytest.mark.parametrize("name", PLANTED)
def test_a_faulty_report_is_accused_of_no_error_that_was_not_planted(name: str) -> None:
    assert rules_broken(name, Severity.ERROR) <= set(PLANTED[name])


@pytest.mark.parametrize("name", [*PLANTED, *CLEAN])
def test_agency_and_year_are_those_of_the_report(name: str) -> None:
    filing = audited(name).filing
    title = filing.title.value or ""

    assert title == f"{filing.agency.value}{filing.year.value}年政府信息公开工作年度报告"


def test_the_report_of_the_old_form_is_asked_nothing() -> None:
    found = audited("霁川市档案局2016年度报告.txt")

    assert (found.applicable, found.findings, found.filing.year.value) == (False, (), 2016)


def test_the_file_that_is_no_text_is_refused() -> None:
    with pytest.raises(IntakeError, match="程序文件"):
        read(SAMPLES / "reports" / "云渡县司法局2023年报.txt")
