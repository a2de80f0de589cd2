"""整改通知: what it says, what an office's own template may do, that agency text stays text."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import docx
import pytest

from audits.digest import digest_of
from audits.errors import TemplateError
from audits.findings import Audit
from audits.renderers import docx_template, notice
from audits.renderers.terms import Terms
from rules.verdict import Evidence, Severity
from tests.audits.renderers.batches import named

Make = Callable[..., Audit]
HOSTILE = '{{单位}} <w:p/> </w:t> {{#需整改}} &amp; { INCLUDETEXT "c:\\\\x" } =1+1'


def lines_of(data: bytes) -> list[str]:
    return [paragraph.text for paragraph in docx.Document(io.BytesIO(data)).paragraphs]


def own_template(path: Path, *paragraphs: list[str] | str) -> Path:
    """A template as Word leaves it: each paragraph is cut into the runs given."""
    document = docx.Document()
    for runs in paragraphs:
        paragraph = document.add_paragraph()
        for run in [runs] if isinstance(runs, str) else runs:
            paragraph.add_run(run)
    document.save(str(path))
    return path


def test_the_notice_names_agency_year_number_deadline_and_date(audit_of: Make) -> None:
    terms = Terms(issued=date(2024, 3, 1), deadline=date(2024, 3, 29))
    lines = lines_of(notice.render(named(audit_of(5), "青禾县教育局"), terms))
    whole = "\n".join(lines)

    assert lines[0] == "关于2023年度政府信息公开工作年度报告\n有关问题的整改通知"
    assert "青禾县教育局：" in lines
    assert ("核查编号：HC-2023-3F3F3F3F" in whole, "请于2024年3月29日前完成" in whole, lines[-1]) == (
        True,
        True,
        "2024年3月1日",
    )


def test_without_dates_their_places_are_left_to_be_filled_in(audit_of: Make) -> None:
    lines = lines_of(notice.render(named(audit_of(5), "青禾县教育局")))

    assert (lines[-1].split(), "请于　　　　年　　月　　日前完成" in "\n".join(lines)) == (["年", "月", "日"], True)


def test_what_is_certain_comes_first_and_what_may_be_misread_is_to_be_verified(audit_of: Make) -> None:
    audit = named(audit_of(5), "青禾县教育局")
    lines = lines_of(notice.render(audit))
    rectify, verify = lines.index("一、需要整改的问题"), lines.index("二、需要核实的事项")
    certain = [f.message for f in audit.findings if f.doubt is None and f.severity is not Severity.NOTICE]
    doubtful = [f.message for f in audit.findings if f.doubt is not None]

    assert [line.removeprefix("情况：") for line in lines[rectify:verify] if line.startswith("情况：")] == certain
    assert [line.removeprefix("情况：") for line in lines[verify:] if line.startswith("情况：")] == doubtful
    assert "发现需要整改的问题3处（错误1处、警告2处），另有1处事项需要你单位核实" in "\n".join(lines)
    assert "另有提示1处，供改进参考，见所附核查报告。" in lines


def test_only_doubtful_problems_accuse_nobody(audit_of: Make) -> None:
    findings = tuple(replace(finding, doubt="拼接的行") for finding in audit_of(5).findings)
    whole = "\n".join(lines_of(notice.render(named(audit_of(5, findings=findings), "青禾县教育局"))))

    assert ("需要整改的问题" in whole, "一、需要核实的事项" in whole, "发现需要整改" in whole) == (False, True, False)


@pytest.mark.parametrize("kept", [(), (Severity.NOTICE,)])
def test_without_errors_and_warnings_there_is_no_notice(audit_of: Make, kept: tuple[Severity, ...]) -> None:
    findings = tuple(finding for finding in audit_of(5).findings if finding.severity in kept)

    assert notice.render(audit_of(5, findings=findings)) == b""


def test_agency_text_is_text_and_never_a_placeholder_a_field_or_markup(audit_of: Make) -> None:
    finding = replace(audit_of(1).findings[0], message=HOSTILE, evidence=(Evidence(HOSTILE, None),))
    data = notice.render(named(audit_of(1, findings=(finding,)), HOSTILE))
    xml = zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml")

    assert f"情况：{HOSTILE}" in lines_of(data)
    assert f"{HOSTILE}：" in lines_of(data)
    assert (xml.count(b"instrText"), xml.count(b"fldSimple")) == (0, 0)


def test_control_characters_line_breaks_and_long_texts_are_written(audit_of: Make) -> None:
    finding = replace(audit_of(1).findings[0], message="甲\x00\x0b\ud800\n乙", advice="长" * 5_000)
    lines = lines_of(notice.render(named(audit_of(1, findings=(finding,)), "㴔堃𠮷局")))

    assert "情况：甲〔U+0000〕〔U+000B〕〔U+D800〕\n乙" in lines
    assert "㴔堃𠮷局：" in lines
    assert [line for line in lines if line.endswith("长…（共 5000 字）")] != []


def test_the_same_audit_gives_the_same_bytes(audit_of: Make) -> None:
    assert notice.render(audit_of(5)) == notice.render(audit_of(5))


def test_an_audit_done_earlier_gives_the_same_notice(audit_of: Make) -> None:
    assert notice.notice(digest_of(audit_of(5))) == notice.render(audit_of(5))


# an office's own template


def test_placeholders_cut_into_runs_are_filled_and_keep_the_look_of_their_first_run(audit_of: Make, tmp_path: Path) -> None:
    template = own_template(tmp_path / "t.docx", ["致：{", "{单", "位}} 的", "{{ 年度 }}", "通知"])
    document = docx.Document(str(template))
    document.paragraphs[0].runs[0].bold = True
    document.save(str(template))
    filled = docx.Document(io.BytesIO(notice.render(named(audit_of(1), "青禾县教育局"), Terms(notice_template=template))))

    assert filled.paragraphs[0].text == "致：青禾县教育局 的2023年度通知"
    assert [run.text for run in filled.paragraphs[0].runs if run.bold] == ["致：青禾县教育局"]


def test_blocks_are_repeated_also_inside_tables_and_headers(audit_of: Make, tmp_path: Path) -> None:
    document = docx.Document()
    cell = document.add_table(1, 1).cell(0, 0)
    cell.text = "{{#需整改}}"
    for text in ("{{序号}} {{问题}}", "{{/需整改}}", "共{{概况}}"):
        cell.add_paragraph(text)
    document.sections[0].header.paragraphs[0].text = "{{单位}}"
    document.save(str(tmp_path / "t.docx"))
    data = notice.render(named(audit_of(5), "青禾县教育局"), Terms(notice_template=tmp_path / "t.docx"))
    filled = docx.Document(io.BytesIO(data))

    assert [p.text for p in filled.tables[0].cell(0, 0).paragraphs][:3] == [
        "1 收办不平衡",
        "2 行名与格式不符",
        "3 正文收件数与表不一致",
    ]
    assert filled.sections[0].header.paragraphs[0].text == "青禾县教育局"


def test_a_line_whose_placeholders_are_all_empty_is_left_out(audit_of: Make, tmp_path: Path) -> None:
    template = own_template(tmp_path / "t.docx", "{{#需整改}}", "应为：{{应为}}", "{{/需整改}}", "完")
    findings = (replace(audit_of(1).findings[0], expected=""),)

    assert lines_of(notice.render(audit_of(1, findings=findings), Terms(notice_template=template))) == ["完"]


@pytest.mark.parametrize(
    ("paragraphs", "words"),
    [
        (["{{单位名}}"], "没有叫“单位名”的占位符"),
        (["{{#需整改}}", "{{问题}}"], "没有配对"),
        (["{{/需整改}}"], "没有配对"),
        (["甲 {{#需整改}} 乙"], "要独占一个段落"),
        (["{{#需核实}}", "{{整改人}}", "{{/需核实}}"], "没有叫“整改人”的占位符"),
    ],
)
def test_a_template_that_cannot_be_filled_is_refused_before_the_batch(
    tmp_path: Path, paragraphs: list[str], words: str
) -> None:
    with pytest.raises(TemplateError, match=words):
        notice.check(own_template(tmp_path / "t.docx", *paragraphs))


@pytest.mark.parametrize("data", [b"", b"PK\x05\x06" + bytes(18), b"hello"])
def test_what_is_no_word_document_is_no_template(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "t.docx").write_bytes(data)

    with pytest.raises(TemplateError, match="另存为 DOCX"):
        notice.check(tmp_path / "t.docx")


def test_our_own_template_can_be_filled() -> None:
    notice.check(notice.TEMPLATE)

    assert docx_template.load(notice.TEMPLATE).name == "整改通知.docx"


@pytest.mark.skipif(
    shutil.which("soffice") is None or shutil.which("pdftotext") is None, reason="LibreOffice or poppler is missing"
)
def test_libreoffice_prints_every_problem(audit_of: Make, tmp_path: Path) -> None:
    audit = named(audit_of(20), "青禾县教育局")
    (tmp_path / "a.docx").write_bytes(notice.render(audit, Terms(deadline=date(2024, 3, 29))))
    home = f"-env:UserInstallation={(tmp_path / 'home').as_uri()}"
    command = ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(tmp_path / "a.docx")]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    text = subprocess.run(["pdftotext", "-raw", str(tmp_path / "a.pdf"), "-"], check=True, capture_output=True).stdout.decode()
    plain = "".join(text.split())
    grave = [finding for finding in audit.findings if finding.severity is not Severity.NOTICE]

    assert [f.message for f in grave if "".join(f.message.split()) not in plain] == []
    assert "{{" not in text
