"""The workbook: what its sheets hold, that text stays text, that LibreOffice opens it."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from audits.batch import Batch
from audits.findings import Audit
from audits.renderers import xlsx
from rules.verdict import Evidence
from tests.audits.renderers.batches import UNREADABLE, batch, named, report

Make = Callable[..., Audit]
DANGEROUS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "=cmd|'/c calc'!A0",
    "＝1+1",
    "{=1}",
    "https://example.org/",
    "007",
    "1e5",
)


def book_of(made: Batch) -> Any:
    return openpyxl.load_workbook(io.BytesIO(written(made)))


def written(made: Batch) -> bytes:
    out = io.BytesIO()
    xlsx.render(made, out)
    return out.getvalue()


@pytest.fixture
def office_batch(audit_of: Make, old_report: Audit) -> Batch:
    reports = [report(named(audit_of(count), f"青禾县第{count}局")) for count in (0, 5, 20)]
    return batch(*reports, report(old_report), UNREADABLE, missing=["青禾县司法局"])


def test_every_question_of_a_supervisor_has_its_sheet(office_batch: Batch) -> None:
    assert book_of(office_batch).sheetnames == [
        "总览", "各单位", "问题清单", "单位×规则", "未核查", "无法核验", "规则统计", "未报送",
    ]  # fmt: skip


def test_without_a_roster_nobody_is_said_to_be_missing(office_batch: Batch) -> None:
    assert "未报送" not in book_of(replace(office_batch, not_submitted=None)).sheetnames


def test_every_problem_is_a_row_with_all_that_the_report_says_of_it(office_batch: Batch) -> None:
    sheet = book_of(office_batch)["问题清单"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    wanted = [(found.agency, finding.title, finding.message, finding.advice) for found, _, finding in office_batch.findings()]

    assert [(row[1], row[6], row[8], row[12]) for row in rows] == wanted
    assert [row[0] for row in rows] == list(range(1, 26))
    assert {row[4] for row in rows} == {None, "需核对"}


def test_lists_have_filters_and_frozen_heads(office_batch: Batch) -> None:
    book = book_of(office_batch)
    lists = [book[name] for name in book.sheetnames[1:]]

    assert [sheet.auto_filter.ref is not None for sheet in lists] == [True] * len(lists)
    assert [str(sheet.freeze_panes)[-1] for sheet in lists] == ["2"] * len(lists)


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_text_becomes_a_formula_a_link_or_a_number(audit_of: Make, text: str) -> None:
    finding = replace(audit_of(1).findings[0], message=text, evidence=(Evidence(text, None),), actual=text, expected=text)
    made = batch(report(named(audit_of(1, findings=(finding,)), text)), title=text)
    book = book_of(made)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    shown = text.replace("\r", "\n") if "\r" in text else text

    assert {cell.data_type for cell in cells} <= {"s", "n", "d", "inlineStr"}
    assert [cell.hyperlink for cell in cells if cell.hyperlink] == []
    assert book["问题清单"]["I2"].data_type in ("s", "inlineStr")
    assert str(book["问题清单"]["I2"].value).replace("_x000D_", "\n").replace("\r", "\n") == shown


def test_years_are_numbers_and_days_are_dates(audit_of: Make) -> None:
    audit = named(audit_of(1), "青禾县教育局")
    audit = replace(audit, filing=replace(audit.filing, published=replace(audit.filing.published, value="2024-01-31")))
    sheet = book_of(batch(report(audit)))["各单位"]

    assert (sheet["B2"].value, sheet["N2"].value) == (2023, datetime(2024, 1, 31))


def test_what_no_xml_can_hold_is_named_in_its_place(audit_of: Make) -> None:
    finding = replace(audit_of(1).findings[0], message="甲\x00乙\x0b丙\ud800丁\x1f")
    sheet = book_of(batch(report(named(audit_of(1, findings=(finding,)), "甲局"))))["问题清单"]

    assert sheet["I2"].value == "甲〔U+0000〕乙〔U+000B〕丙〔U+D800〕丁〔U+001F〕"


def test_a_cell_is_cut_where_the_format_ends_and_says_so(audit_of: Make) -> None:
    finding = replace(audit_of(1).findings[0], message="长" * 40_000)
    value = book_of(batch(report(named(audit_of(1, findings=(finding,)), "甲局"))))["问题清单"]["I2"].value

    assert (len(value) < 32_767, value.endswith("长…（共 40000 字）")) == (True, True)


def test_the_matrix_tells_what_is_certain_from_what_may_be_misread(audit_of: Make) -> None:
    first = audit_of(1).findings[0]
    findings = (first, replace(first, id="2", doubt="存疑"), replace(audit_of(2).findings[1], doubt="存疑"))
    sheet = book_of(batch(report(named(audit_of(0, findings=findings), "甲局"))))["单位×规则"]

    assert [cell.value for cell in sheet[2]][2:] == ["1+1?", "1?"]


def test_unreadable_and_old_reports_and_litter_are_listed_with_their_reasons(office_batch: Batch) -> None:
    rows = [[cell.value for cell in row][:4] for row in book_of(office_batch)["未核查"].iter_rows(min_row=2)]

    assert rows[0] == ["坏文件.doc", "读不了", "ENCRYPTED", "坏文件.doc：有密码；请去掉密码后重新提交"]
    assert [row[1] for row in rows] == ["读不了", "不适用", "跳过"]


def test_rules_that_never_fired_are_told(office_batch: Batch) -> None:
    rows = {row[0].value: row[12].value for row in book_of(office_batch)["规则统计"].iter_rows(min_row=2)}

    assert (rows["ROW-ORDER"], rows["DECIMALS"]) == ("本批从未触发", "本批均不适用")


def test_the_same_batch_gives_the_same_bytes(office_batch: Batch) -> None:
    assert written(office_batch) == written(office_batch)


def test_an_empty_batch_is_a_workbook_too() -> None:
    assert book_of(Batch(()))["总览"]["B3"].value == 0


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_it_and_prints_every_problem(office_batch: Batch, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(written(office_batch))
    home = f"-env:UserInstallation={(tmp_path / 'home').as_uri()}"
    sheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,3"
    command = ["soffice", home, "--headless", "--convert-to", sheet, "--outdir", str(tmp_path), str(tmp_path / "a.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    (printed,) = tmp_path.glob("*.csv")
    text = printed.read_text("utf-8")

    assert [finding.message for _, _, finding in office_batch.findings() if finding.message not in text] == []
    assert zipfile.ZipFile(tmp_path / "a.xlsx").testzip() is None
