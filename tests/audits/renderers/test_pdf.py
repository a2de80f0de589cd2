"""The PDF of an audit: its text, fonts, pages, links, bytes."""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pypdf
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audits.renderers import RENDERERS, pdf, pdf_tables
from audits.renderers.pdf_layout import HEIGHT, LEFT, RIGHT
from audits.renderers.terms import Terms
from reports_in.document import Source
from rules.examples import filing_of
from rules.filing import PartState, Row
from rules.verdict import Evidence, Place

needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")
HOSTILE = '<b>粗</b> A<B局 & &amp; ]]> <img src="/etc/passwd"/> <a href="javascript:alert(1)">链接</a> {{7*7}} (\\) file:///etc/passwd'


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def text_of(data: bytes) -> str:
    """Every page's text in reading order, as pdfium extracts it, without white space."""
    document = pypdfium2.PdfDocument(data)
    return bare("".join(page.get_textpage().get_text_bounded() for page in document))


def outside(data: bytes) -> list[tuple[float, ...]]:
    """The boxes of text that reach beyond the margins."""
    found = []
    for page in pypdfium2.PdfDocument(data):
        text = page.get_textpage()
        boxes = [text.get_rect(index) for index in range(text.count_rects())]
        found += [box for box in boxes if box[0] < LEFT - 3 or box[2] > RIGHT + 3 or box[1] < 30 or box[3] > HEIGHT - 30]
    return found


def fonts_of(data: bytes) -> dict[str, Any]:
    return {
        str(font["/BaseFont"]): font
        for page in pypdf.PdfReader(io.BytesIO(data)).pages
        for font in (entry.get_object() for entry in page["/Resources"]["/Font"].values())
    }


@pytest.mark.parametrize("count", [0, 1, 5, 20, 200])
def test_everything_a_finding_says_is_in_the_text(audit_of, count):
    audit = audit_of(count)
    text = text_of(pdf.render(audit))
    said = {
        part
        for item in audit.findings
        for part in (item.title, item.where, item.message, item.advice, item.basis, item.doubt or "")
    }
    said |= {evidence.quote for item in audit.findings for evidence in item.evidence}
    assert [part for part in said if bare(part) not in text] == []


@needs_poppler
def test_pdftotext_gives_exactly_what_was_written(audit_of, tmp_path):
    audit = audit_of(20)
    (tmp_path / "a.pdf").write_bytes(pdf.render(audit))
    command = [shutil.which("pdftotext") or "", "-raw", str(tmp_path / "a.pdf"), "-"]
    text = bare(subprocess.run(command, capture_output=True, check=True).stdout.decode())
    wanted = [bare(part) for item in audit.findings for part in (item.title, item.where, item.message, item.basis, item.advice)]
    assert [part for part in wanted if part not in text] == []


@needs_poppler
def test_pdffonts_finds_all_fonts_embedded_subset_and_mapped(audit_of, tmp_path):
    agency = replace(audit_of().filing.agency, value="㴔堃镇人民政府")
    (tmp_path / "a.pdf").write_bytes(pdf.render(audit_of(filing=replace(audit_of().filing, agency=agency))))
    command = [shutil.which("pdffonts") or "", str(tmp_path / "a.pdf")]
    lines = subprocess.run(command, capture_output=True, check=True).stdout.decode().splitlines()[2:]
    assert [line.split()[-5:-2] for line in lines] == [["yes", "yes", "yes"]] * 3


def test_no_font_but_ours_is_named(audit_of):
    names = sorted(name.split("+")[1] for name in fonts_of(pdf.render(audit_of(5))))
    assert names == ["NotoSansSC-Bold", "NotoSansSC-Regular"]


@pytest.mark.parametrize("count", [0, 5, 200])
def test_no_text_leaves_the_type_area(audit_of, count):
    assert outside(pdf.render(audit_of(count))) == []


def test_agency_text_is_shown_and_never_acts(audit_of):
    audit = audit_of(1)
    finding = replace(audit.findings[0], message=HOSTILE, evidence=(Evidence(HOSTILE, None),), actual=HOSTILE)
    filing = replace(audit.filing, agency=replace(audit.filing.agency, value=HOSTILE))
    data = pdf.render(replace(audit, findings=(finding,), filing=filing, name=HOSTILE))
    reader = pypdf.PdfReader(io.BytesIO(data))
    annotations = [annotation.get_object() for page in reader.pages for annotation in page.get("/Annots", [])]
    assert text_of(data).count(bare(HOSTILE)) >= 3
    assert {annotation["/Subtype"] for annotation in annotations} == {"/Link"}
    assert not [annotation for annotation in annotations if "/A" in annotation]
    assert b"/Image" not in data
    assert b"/JavaScript" not in data
    assert reader.metadata is not None
    assert HOSTILE in str(reader.metadata.title)


def test_rare_characters_are_drawn_and_impossible_ones_spelled_out_and_listed(audit_of):
    audit = audit_of(1)
    finding = replace(audit.findings[0], message="㴔堃䶮与𠮷、\u200b零宽")
    data = pdf.render(replace(audit, findings=(finding,)))
    text = text_of(data)
    assert "㴔堃䶮与〔U+20BB7〕、〔U+200B〕零宽" in text
    assert "字库外字符" in text
    assert "文中以编码代替：〔U+20BB7〕、〔U+200B〕" in text
    assert any(name.endswith("NotoSansSC-Rare") for name in fonts_of(data))


def test_the_verdict_comes_first_with_its_counts(audit_of):
    first = bare(pypdfium2.PdfDocument(pdf.render(audit_of(5)))[0].get_textpage().get_text_bounded())
    assert "发现问题5处，其中错误2处、警告2处、提示1处；有1处可能出自识读误差，已注明“人工核对”" in first
    assert "另有2项无法核验，既不计为通过，也不认定为问题" in first
    assert first.index("核查结论") < first.index("发现问题5处")


def test_without_findings_it_says_so_and_still_shows_what_was_checked(audit_of):
    text = text_of(pdf.render(audit_of(0)))
    assert "未发现问题" in text
    assert "共4条规则，其中2条有不符或无法核验的事项，1条全部符合，1条不适用于本报告" in text
    assert "收办不平衡APP-BALANCE4120" in text
    assert "经核验未发现下列问题（括号内为核验项数）核验内容核验内容核验内容行序错误（3项）" in text
    assert "不适用于本报告的规则（1条）：小数位不符列头。" in text


def test_what_could_not_be_checked_is_grouped_by_its_reason(audit_of):
    text = text_of(pdf.render(audit_of(0)))
    assert "“（一）予以公开”空白（2项）收办不平衡（APP-BALANCE）：第三部分申请情况表“商业企业”列、“总计”列" in text


def test_a_report_outside_both_editions_gets_one_page_that_says_why(old_report):
    data = pdf.render(old_report)
    text = text_of(data)
    assert len(pypdf.PdfReader(io.BytesIO(data)).pages) == 1
    assert "不适用2016年度报告适用2019年以前的旧体例，不适用。" in text
    assert "发现问题" not in text


def test_an_unknown_agency_and_year_are_said_to_be_unknown(audit_of):
    filing = audit_of().filing
    unknown = replace(filing, agency=replace(filing.agency, value=""), year=replace(filing.year, value=None))
    assert "报送单位（报送单位名称未能识别）报告年度（年度未能识别）" in text_of(pdf.render(audit_of(filing=unknown)))


def test_an_edition_of_2019_is_drawn_by_its_own_template(audit_of):
    text = text_of(pdf.render(audit_of(0, filing=filing_of({"edition": "E2019"}))))
    assert "政府集中采购" in text
    assert "其他对外管理服务事项" in text


def test_absent_tables_and_pictures_of_tables_are_named_as_such(audit_of):
    filing = audit_of().filing
    tables = dict(filing.tables)
    tables["disclosure"] = replace(tables["disclosure"], state=PartState.ABSENT)
    tables["litigation"] = replace(tables["litigation"], state=PartState.ABSENT, is_image=True)
    text = text_of(pdf.render(audit_of(0, filing=replace(filing, tables=tables))))
    assert "报告中没有这张表" in text
    assert "该部分为图片，未能读取其中的表" in text


def test_a_row_of_the_other_edition_is_drawn_too(audit_of):
    filing = audit_of().filing
    table = filing.tables["applications"]
    granted = table.rows["granted"]
    foreign = Row("other", granted.cells, "（六）其他处理（旧）" + "长" * 5000, granted.at, 100.0)
    tables = {**filing.tables, "applications": replace(table, rows={**table.rows, "other": foreign}, foreign=("other",))}
    data = pdf.render(audit_of(0, filing=replace(filing, tables=tables)))
    assert "（六）其他处理（旧）长长" in text_of(data)
    assert outside(data) == []


def test_every_problem_in_a_table_is_linked_to_its_cell_and_back(audit_of):
    audit = audit_of(5)
    reader = pypdf.PdfReader(io.BytesIO(pdf.render(audit)))
    ids = {page.indirect_reference.idnum: index for index, page in enumerate(reader.pages)}  # type: ignore[union-attr]
    jumps = {
        (index, ids[annotation.get_object()["/Dest"][0].idnum])
        for index, page in enumerate(reader.pages)
        for annotation in page.get("/Annots", [])
    }
    pages = [bare(page.extract_text()) for page in reader.pages]
    problem = next(index for index, text in enumerate(pages) if "该格空白；没有此类申请的应填0" in text)
    table = next(index for index, text in enumerate(pages) if "表二收到和处理" in text)
    assert {(problem, table), (table, problem)} <= jumps


def test_chapters_and_problems_are_bookmarks(audit_of):
    outline = pypdf.PdfReader(io.BytesIO(pdf.render(audit_of(2)))).outline
    chapters = [item["/Title"] for item in outline if not isinstance(item, list)]
    below = [item for item in outline if isinstance(item, list)]
    assert chapters == ["一、核查结论", "二、发现的问题", "三、报告内容识读结果", "四、核查范围", "五、无法核验的事项", "附录"]
    assert [entry["/Title"] for entry in below[0] if not isinstance(entry, list)] == ["错误（2处）"]
    assert [entry["/Title"] for entry in below[0][1]] == ["1. 收办不平衡", "2. 横向合计不符"]


def test_document_properties_and_language_are_set_and_no_date_is_made_up(audit_of):
    reader = pypdf.PdfReader(io.BytesIO(pdf.render(audit_of())))
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author, reader.metadata.subject) == (
        "青川市临江区人民政府办公室2023年度政府信息公开工作年度报告核查报告",
        "核查 Hecha",
        "政府信息公开工作年度报告核查",
    )
    assert reader.metadata.creation_date is None
    assert reader.trailer["/Root"]["/Lang"] == "zh-CN"


def test_it_is_dated_only_if_a_date_is_given(audit_of):
    assert "出具日期2024年3月1日" in text_of(pdf.render(audit_of(), Terms(issued=date(2024, 3, 1))))
    assert "出具日期" not in text_of(pdf.render(audit_of()))


def test_source_hash_edition_pack_and_engine_are_printed(audit_of):
    text = text_of(pdf.render(audit_of()))
    assert [
        part for part in ("3f" * 32, "国办公开办函〔2021〕30号（E2021）", "national1.0", "hecha0.1.0") if part not in text
    ] == []


def test_labels_printed_otherwise_are_listed_beside_the_official_ones(audit_of):
    text = text_of(pdf.render(audit_of(0)))
    assert "2.其他法律行政法规禁止公开2.其他法律法规禁止公开100" in text
    assert "（官方格式没有此行）小计—" in text


def test_a_long_quotation_is_cut_and_counted_and_torn_over_pages(audit_of):
    audit = audit_of(1)
    finding = replace(audit.findings[0], evidence=(Evidence("长" * 200_000, None), Evidence("x" * 3_000, None)))
    data = pdf.render(replace(audit, findings=(finding,)))
    text = text_of(data)
    assert "长…（共200000字）" in text
    assert "x…（共3000字）" in text
    assert outside(data) == []


def test_a_long_raw_cell_and_label_stay_in_their_boxes(audit_of):
    filing = filing_of(
        {
            "tables": {
                "applications": {
                    "rows": {"new": ["12345678901234567890件", 0, 0, 0, 0, 0, "无" * 3000]},
                    "labels": {"new": "行" * 3000},
                }
            }
        }
    )
    assert outside(pdf.render(audit_of(0, filing=filing))) == []


def test_problems_stay_whole_if_they_are_not_long(audit_of):
    audit = audit_of(30)
    pages = [bare(page.get_textpage().get_text_bounded()) for page in pypdfium2.PdfDocument(pdf.render(audit))]
    body = [text for text in pages if "依据" in text and "建议" in text]
    assert [text.count("位置") - ("报告中的标题内容位置" in text) for text in body] == [text.count("建议") for text in body]


def test_quoted_cells_bear_the_number_of_their_problem_and_a_quoted_row_bears_it_at_its_label(audit_of):
    audit = audit_of(1)
    table = audit.filing.tables["applications"]
    new, total = table.rows["new"], table.rows["total"]
    evidence = (Evidence("29", new.cells["natural"].at), Evidence(total.label, total.at))
    place = Place("applications", "applications")
    marked = pdf_tables.marks_of(replace(audit, findings=(replace(audit.findings[0], place=place, evidence=evidence),)))
    assert {("applications", "new", "natural"), ("applications", "total", None)} <= set(marked)
    assert ("applications", "new", "business") not in marked


def test_a_quoted_cell_is_named(audit_of):
    audit = audit_of(1)
    cell = audit.filing.tables["applications"].rows["total"].cells["total"]
    finding = replace(
        audit.findings[0], place=Place("applications", "applications", "total"), evidence=(Evidence("447228", cell.at),)
    )
    assert "原文总计“447228”" in text_of(pdf.render(replace(audit, findings=(finding,))))


def test_the_calculation_is_written_out_and_zeros_of_a_long_sum_are_counted_not_quoted(audit_of):
    audit = audit_of(1)
    evidence = [
        Evidence(f"{number}.事项 {int(number == 3)}", Source(None, 50 + number // 10, None, (0, 1))) for number in range(1, 23)
    ]
    finding = replace(audit.findings[0], evidence=tuple(evidence), arithmetic="1 ≠ 2，差1（另有21项为0）")
    text = text_of(pdf.render(replace(audit, findings=(finding,))))
    assert "算式1≠2，差1（另有21项为0）" in text
    assert "原文“3.事项1”（第50行）；其余21项均印为0" in text


def test_quotes_from_one_place_name_it_once(audit_of):
    audit = audit_of(1)
    evidence = tuple(
        Evidence(quote, Source(None, line, None, (0, 1))) for quote, line in (("甲 1", 4), ("乙 2", 4), ("丙 3", 5))
    )
    text = text_of(pdf.render(replace(audit, findings=(replace(audit.findings[0], evidence=evidence),))))
    assert "原文“甲1”、“乙2”（第4行）；“丙3”（第5行）" in text


def test_changed_characters_are_shown_for_words_of_the_report_only(audit_of):
    audit = audit_of(5)
    variant = audit.findings[2]
    made_words = replace(variant, expected="出现1次标题", actual="出现2次标题")
    texts = [text_of(pdf.render(replace(audit, findings=(finding,)))) for finding in (variant, made_words)]
    assert ["改动" in text for text in texts] == [True, False]


def test_a_place_that_the_tables_do_not_have_is_marked_at_the_caption(audit_of):
    audit = audit_of(1)
    finding = replace(audit.findings[0], place=Place("litigation", "litigation", "no_such_row"), evidence=())
    assert "表三政府信息公开行政复议、行政诉讼情况1" in text_of(pdf.render(replace(audit, findings=(finding,))))


def test_the_same_audit_gives_the_same_bytes(audit_of):
    assert pdf.render(audit_of(20)) == RENDERERS["pdf"](audit_of(20))


def test_another_process_gives_the_same_bytes(audit_of):
    made_up = Path(__file__).with_name("conftest.py")
    script = (
        "import hashlib, importlib.util, sys; from audits.renderers import pdf\n"
        f"spec = importlib.util.spec_from_file_location('made_up', {str(made_up)!r})\n"
        "module = importlib.util.module_from_spec(spec); spec.loader.exec_module(module)\n"
        "pdf.render(module.made_up(0, name='另一份㴔'))\n"  # what was written before must not matter
        "print(hashlib.sha256(pdf.render(module.made_up(20))).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, env=environment)
    assert done.stdout.decode().strip() == hashlib.sha256(pdf.render(audit_of(20))).hexdigest()


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")
@pytest.mark.parametrize("count", [0, 5])
def test_qpdf_finds_nothing_wrong(audit_of, tmp_path, count):
    (tmp_path / "a.pdf").write_bytes(pdf.render(audit_of(count)))
    done = subprocess.run([shutil.which("qpdf") or "", "--check", str(tmp_path / "a.pdf")], capture_output=True, check=False)
    assert (done.returncode, b"WARNING" in done.stdout + done.stderr) == (0, False)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(agency=st.text(max_size=80), quote=st.text(st.characters(), max_size=300))
def test_any_agency_name_and_quotation_can_be_written(audit_of, agency, quote):
    audit = audit_of(1)
    finding = replace(
        audit.findings[0], message=quote, title=quote[:60], evidence=(Evidence(quote, None),), doubt=agency, actual=quote
    )
    filing = replace(
        audit.filing, agency=replace(audit.filing.agency, value=agency), title=replace(audit.filing.title, value=quote)
    )
    data = pdf.render(replace(audit, findings=(finding,), filing=filing, name=agency))
    assert len(pypdf.PdfReader(io.BytesIO(data)).pages) >= 3
    assert outside(data) == []


CELLS = st.one_of(
    st.integers(-5, 10**13),
    st.sampled_from(["absent", "blank", "unreadable", "/", "１２", "12件", "9" * 60]),
    st.text(max_size=40),
    st.builds(lambda raw: {"raw": raw, "doubt": "识读存疑"}, st.text(max_size=5)),
)
ROWS = st.one_of(st.just("absent"), st.lists(CELLS, min_size=7, max_size=7))
PLACES = st.builds(
    Place,
    st.sampled_from([None, "overview", "applications", "preamble", "title", "nowhere"]),
    st.sampled_from([None, "applications", "disclosure", "litigation"]),
    st.sampled_from([None, "new", "total", "norm", "review", "nowhere"]),
    st.sampled_from([None, "natural", "total", "made", "corner", "nowhere"]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    edition=st.sampled_from(["E2019", "E2021"]),
    rows=st.dictionaries(st.sampled_from(["new", "granted", "denied_3", "total", "carried_out"]), ROWS),
    label=st.text(max_size=200),
    places=st.lists(PLACES, max_size=6),
)
def test_any_filing_and_any_places_of_findings_can_be_drawn(audit_of, edition, rows, label, places):
    filing = filing_of({"edition": edition, "tables": {"applications": {"rows": rows, "labels": {"new": label}}}})
    audit = audit_of(1, filing=filing)
    findings = tuple(replace(audit.findings[0], place=place) for place in places)
    data = pdf.render(replace(audit, findings=findings))
    assert outside(data) == []
    assert f"发现问题{len(places)}处" in text_of(data) or not places
