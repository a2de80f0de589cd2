"""Documents once a supervisor has decided: what was set aside accuses nobody, what was confirmed says by whom."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import docx
import openpyxl
import pypdfium2
import pytest

from audits.decided import decided, summary_after
from audits.decision import Decided, Decision
from audits.digest import digest_from, digest_of
from audits.findings import Audit
from audits.outcome import Standing, summary_of
from audits.recorded import audit_from
from audits.renderers import csv_form, json_form, notice, pdf, summary, xlsx
from audits.score import score
from rules.scoring import Item, Sheet
from tests.audits.renderers.batches import batch, named, report

Make = Callable[..., Audit]
AT = 1_795_226_700.0  # 2026-11-21 10:05 in Beijing
SHEET = Sheet({"balance": Item("勾稽", Decimal(5), ("APP-BALANCE",))}, Decimal(100))


def decision(finding_id: str, how: Decided, reason: str = "", **more: object) -> Decision:
    plain = Decision(f"d-{finding_id}", finding_id, how, reason, "a1", "王监督", AT, "")
    return replace(plain, **more)  # type: ignore[arg-type]


@pytest.fixture
def half(audit_of: Make) -> Audit:
    """Five problems: the first confirmed, the second (doubtful) dismissed, the third waived, two open."""
    audit = named(audit_of(5), "青禾县教育局")
    first, second, third = (finding.id for finding in audit.findings[:3])
    taken = [
        decision(first, Decided.CONFIRMED, "与台账不符"),
        decision(second, Decided.DISMISSED, "原件为28"),
        decision(third, Decided.WAIVED, "已报备", expires=date(2027, 1, 31)),
    ]
    return decided(audit, {item.finding_id: item for item in taken})


def text_of(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    return "".join("".join(page.get_textpage().get_text_bounded() for page in document).split())


def test_the_pdf_counts_what_was_decided_and_says_by_whom_when_and_why(half: Audit) -> None:
    text = text_of(pdf.render(half))

    assert "系统提出问题5处；经监督人员认定，确认1处、不成立1处、豁免1处，待认定2处" in text
    assert "列出成立和待认定的问题3处" in text
    assert "认定确认；理由：与台账不符（王监督，2026年11月21日10:05）" in text
    assert "不成立；原因：原件为28（王监督，2026年11月21日10:05）" in text
    assert "豁免；原因：已报备（王监督，2026年11月21日10:05，豁免至2027年1月31日）" in text


def test_what_was_set_aside_keeps_its_number_and_stands_in_a_chapter_of_its_own(half: Audit) -> None:
    text = text_of(pdf.render(half))
    problems, aside = text.index("二、发现的问题"), text.index("三、认定为不成立或豁免的问题")
    as_read = text.index("四、报告内容识读结果")
    dismissed = half.findings[1]

    assert "".join(dismissed.message.split()) not in text[problems:aside]
    assert f"2.{dismissed.title}（{dismissed.rule}）" in text[aside:as_read]


def test_no_cell_is_marked_for_what_was_set_aside(audit_of: Make) -> None:
    audit = audit_of(5)
    every = {finding.id: decision(finding.id, Decided.DISMISSED, "不成立") for finding in audit.findings}
    whole = decided(audit, every)
    text = text_of(pdf.render(whole))

    assert whole.standing() == ()
    assert "没有成立或待认定的问题" in text
    assert len(json.loads(json_form.render(whole))["findings"]) == 5


def test_a_report_nobody_decided_on_is_printed_as_before(audit_of: Make) -> None:
    audit = audit_of(5)

    assert pdf.render(decided(audit, {})) == pdf.render(audit)
    assert "认定，" not in text_of(pdf.render(audit))


def test_a_decision_on_another_text_asks_to_be_looked_at_again(audit_of: Make) -> None:
    audit = audit_of(1)
    key = audit.findings[0].id
    text = text_of(pdf.render(decided(audit, {key: decision(key, Decided.CONFIRMED, said_otherwise=True)})))

    assert "认定之后该问题的内容有变化，请复核" in text


def test_the_json_carries_decisions_there_and_back(half: Audit) -> None:
    written = json_form.render(half)

    assert [item["decided"] for item in json.loads(written)["decisions"]] == ["confirmed", "dismissed", "waived"]
    assert json.loads(written)["decisions"][0]["decided_at"] == "2026-11-21T10:05:00+08:00"
    assert json_form.render(audit_from(written)) == written
    assert pdf.render(audit_from(written)) == pdf.render(half)
    assert digest_from(written).set_aside() == digest_of(half).set_aside()


def test_the_notice_prints_confirmed_problems_only_once_anything_was_decided(half: Audit) -> None:
    lines = [paragraph.text for paragraph in docx.Document(io.BytesIO(notice.render(half))).paragraphs]
    told = [line.removeprefix("情况：") for line in lines if line.startswith("情况：")]

    assert told == [half.findings[0].message]
    assert "以下问题均经监督人员认定。" in lines
    assert not any("需要核实的事项" in line for line in lines)


def test_before_any_decision_the_notice_says_that_there_was_none(audit_of: Make) -> None:
    whole = "\n".join(p.text for p in docx.Document(io.BytesIO(notice.render(named(audit_of(5), "甲局")))).paragraphs)

    assert "以下内容由系统核查得出，尚未逐项认定" in whole


def test_a_doubtful_problem_that_was_confirmed_is_to_be_put_right(audit_of: Make) -> None:
    audit = named(audit_of(5), "甲局")
    doubtful = next(finding for finding in audit.findings if finding.doubt is not None)
    sure = decided(audit, {doubtful.id: decision(doubtful.id, Decided.CONFIRMED)})
    changed = decided(audit, {doubtful.id: decision(doubtful.id, Decided.CONFIRMED, said_otherwise=True)})

    def heads(whole: Audit) -> list[str]:
        lines = [p.text for p in docx.Document(io.BytesIO(notice.render(whole))).paragraphs]
        return [line for line in lines if line.startswith("一、")]

    assert (heads(sure), heads(changed)) == (["一、需要整改的问题"], ["一、需要核实的事项"])


def test_where_everything_was_dismissed_there_is_no_notice(audit_of: Make) -> None:
    audit = audit_of(5)
    every = {finding.id: decision(finding.id, Decided.DISMISSED, "不成立") for finding in audit.findings}

    assert notice.render(decided(audit, every)) == b""


def test_the_score_takes_nothing_off_for_what_was_set_aside_and_all_for_what_was_confirmed(audit_of: Make) -> None:
    audit = audit_of(5)
    balance = audit.findings[0]
    scored = replace(audit, score=score(audit.findings, SHEET))
    dismissed = decided(scored, {balance.id: decision(balance.id, Decided.DISMISSED, "不成立")}, SHEET)
    doubted = replace(scored, findings=(replace(balance, doubt="存疑"),))
    doubted = replace(doubted, score=score(doubted.findings, SHEET))
    confirmed = decided(doubted, {balance.id: decision(balance.id, Decided.CONFIRMED)}, SHEET)

    assert [whole.score.total for whole in (scored, dismissed, doubted, confirmed) if whole.score] == [95, 100, 100, 95]
    assert "认定为不成立和豁免的问题不扣分" in text_of(pdf.render(dismissed))


def test_lists_count_what_stands(half: Audit) -> None:
    before, after = summary_of(replace(half, decisions={})), summary_after(summary_of(half), digest_of(half))

    assert (before.errors, after.errors, before.doubtful, after.doubtful) == (2, 1, 1, 0)
    every = {finding.id: decision(finding.id, Decided.DISMISSED, "不成立") for finding in half.findings}
    assert summary_after(before, digest_of(decided(half, every))).standing is Standing.CLEAN


def test_workbook_and_csv_name_the_decision_beside_every_problem(half: Audit) -> None:
    out, table = io.BytesIO(), io.BytesIO()
    xlsx.render(batch(report(half)), out)
    csv_form.render(batch(report(half)), table)
    book = openpyxl.load_workbook(out)
    problems = list(book["问题清单"].iter_rows(values_only=True))
    heads = problems[0]
    rows = list(csv.DictReader(io.StringIO(table.getvalue().decode("utf-8-sig"))))

    assert [row[heads.index("认定")] for row in problems[1:]] == ["确认", "不成立", "豁免", None, None]
    assert [row["认定"] for row in rows] == ["确认", "不成立", "豁免", "", ""]
    assert rows[2]["认定理由"] == "已报备（至2027-01-31）"
    assert (rows[0]["认定人"], rows[0]["认定时间"]) == ("王监督", "2026年11月21日10:05")
    totals = {row[0]: row[1] for row in book["总览"].iter_rows(values_only=True)}
    assert (totals["错误（处）"], totals["认定：不成立（处）"], totals["待认定（处）"]) == (1, 1, 2)


def test_the_summary_counts_what_stands_and_tells_what_was_decided(half: Audit) -> None:
    out = io.BytesIO()
    summary.render(batch(report(half)), out)
    text = text_of(out.getvalue())

    assert "系统提出问题5处，经监督人员认定，确认1处、不成立1处、豁免1处，待认定2处" in text
    assert "共3处" in text


def test_agency_and_author_text_is_text(half: Audit, tmp_path: Path) -> None:
    key = half.findings[0].id
    hostile = decided(half, {key: decision(key, Decided.CONFIRMED, '=1+1 {{单位}} <w:p/> "', author="<b>王</b>")})
    out = io.BytesIO()
    xlsx.render(batch(report(hostile, tmp_path)), out)

    assert "<b>王</b>" in text_of(pdf.render(hostile))
    sheet = openpyxl.load_workbook(out)["问题清单"]
    column = next(cell.column for cell in sheet[1] if cell.value == "认定理由")
    assert sheet.cell(2, column).data_type == "s"
