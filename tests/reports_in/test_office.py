"""LibreOffice behind our readers: what it writes as .doc we read ourselves; RTF, Word 95 and .xls it turns into what we read.

``make test`` installs LibreOffice; without it these tests fail, they are not skipped.
"""

import subprocess

import psutil
import pytest

from audits.align import align
from bench.corpus.formats.xlsx import workbook
from bench.corpus.layouts import case
from bench.layouts import Outcome, compare
from reports_in import office, read_bytes
from reports_in.errors import Damaged, LimitExceeded, ToolMissing
from reports_in.jail import Jail
from reports_in.limits import LIMITS, Limits
from tests.reports_in.checks import notes, ranges_fit, shape
from tests.reports_in.readers.word_files import DOWN, GOES_ON, docx, lvl, numbered, numbering, p, r, span, tbl, tc, tr
from tests.servers import until

LAYOUTS = (
    "docx",
    "docx-split",
    "docx-paragraphs",
    "docx-numbered",
    "docx-changes",
    "docx-nested",
    "docx-cut",
    "docx-blank-cells",
)
REPORTS = [(layout, seed) for layout in LAYOUTS for seed in range(3)]
BY = 'w:id="1" w:author="a" w:date="2025-01-10T09:00:00Z"'
BOX = (
    '<w:r><w:pict><v:shape id="s1" type="#_x0000_t202" style="position:absolute;width:300pt;height:60pt"><v:textbox><w:txbxContent>'
    f"{p('框中题')}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
)
LIST = numbering(lvl(0, "chineseCounting", "%1、"), lvl(1, "decimal", "（%2）"))
FEATURES = {
    "merged": p("题")
    + tbl(tr(tc("项目", DOWN), tc("合计", span(2))), tr(tc("", GOES_ON), "甲", "乙"), tr("新收", "0", "12"), columns=3)
    + p("末"),
    "numbered": p("题", numbered()) + p("节", numbered(1)) + p("节", numbered(1)) + p("题", numbered()) + p("末"),
    "changed": p(f"<w:ins {BY}>{r('12')}</w:ins><w:del {BY}><w:r><w:delText>8</w:delText></w:r></w:del>" + r("件")) + p("末"),
    "hidden": p(r("显") + r("隐", "<w:vanish/>") + r("示")) + p("末"),
    "boxed": p(BOX) + p("正文") + p("末"),
    "nested": tbl(tr(tc(p("上") + tbl(tr("1", "2"), tr("3", "4"), columns=2) + p())), columns=1) + p("末"),
    "linked": p(
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> HYPERLINK "http://a.example" </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>' + r("公开网") + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    + p("末"),
}


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    """The same documents as Word 97 files, all written in one run of LibreOffice."""
    folder = tmp_path_factory.mktemp("office")
    for layout, seed in REPORTS:
        (folder / f"{layout}-{seed}.docx").write_bytes(case(layout, seed).printed.data)
    for name, body in FEATURES.items():
        (folder / f"feature-{name}.docx").write_bytes(docx(body, numbering=LIST))
    program = office.available()
    assert program is not None, "LibreOffice is missing: `make test` installs it"
    command = [
        program,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
        "doc:MS Word 97",
    ]
    subprocess.run(
        [*command, "--outdir", str(folder), *map(str, folder.glob("*.docx"))], check=True, capture_output=True, timeout=600
    )
    return folder


@pytest.mark.parametrize(("layout", "seed"), REPORTS)
def test_every_cell_of_a_word_97_report_is_read_by_our_own_reader(layout, seed, converted):
    document = read_bytes((converted / f"{layout}-{seed}.doc").read_bytes(), "report.doc")
    readings = compare(case(layout, seed), align(document))
    assert ({reading.outcome for reading in readings}, "CONVERTED" in notes(document)) == ({Outcome.RIGHT}, False)


@pytest.mark.parametrize("name", FEATURES)
def test_a_word_97_file_reads_as_its_docx_does(name, converted):
    old, new = ((converted / f"feature-{name}{suffix}").read_bytes() for suffix in (".doc", ".docx"))
    read_old, read_new = read_bytes(old, "a.doc"), read_bytes(new, "a.docx")
    assert (shape(read_old), ranges_fit(read_old), "CONVERTED" in notes(read_old)) == (shape(read_new), True, False)


RTF = (
    rb"{\rtf1\ansi\ansicpg936\uc1 \u19968?\u12289?\u24635?\u20307?\par "
    rb"\trowd\cellx1000\cellx2000\intbl 1\cell 2\cell\row\pard\par end\par}"
)


def test_rtf_is_read_by_way_of_libreoffice():
    document = read_bytes(RTF, "年报.rtf")
    assert (document.media_type, notes(document), shape(document)) == (
        "application/rtf",
        ["CONVERTED"],
        ["一、总体", [["1", "2"]], "end"],
    )


@pytest.mark.parametrize("data", [RTF[:-1], RTF[:60], RTF.replace(b"end", rb"end\}")[:-1], rb"{\rtf1 a\}"])
def test_rtf_cut_off_is_damaged(data):
    with pytest.raises(Damaged, match="不全"):
        read_bytes(data, "年报.rtf")


def test_an_old_workbook_is_read_by_way_of_libreoffice(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(workbook([["2023年政府信息公开工作年度报告"], ["新收", 12], ["结转", 0]]))
    command = [
        str(office.available()),
        f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
        "xls",
    ]
    subprocess.run(
        [*command, "--outdir", str(tmp_path), str(tmp_path / "a.xlsx")], check=True, capture_output=True, timeout=600
    )
    document = read_bytes((tmp_path / "a.xls").read_bytes(), "a.xls")
    assert shape(document) == ["2023年政府信息公开工作年度报告", [["新收", "12"], ["结转", "0"]]]


@pytest.mark.parametrize(("data", "name"), [(RTF, "年报.rtf")])
def test_without_libreoffice_the_error_says_what_to_do(data, name, monkeypatch):
    monkeypatch.setattr(office, "available", lambda: None)
    with pytest.raises(ToolMissing, match="安装 LibreOffice"):
        read_bytes(data, name)


@pytest.mark.parametrize("kind", [kind for kind in office.KINDS if kind != office.RICH_TEXT])
def test_what_libreoffice_cannot_open_is_damaged_and_never_read_as_stray_bytes(kind):
    with pytest.raises(Damaged, match="打不开"):
        office.read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5_000), "坏文件", kind, "application/x-any")


def test_a_conversion_that_hangs_is_stopped_with_all_its_processes(tmp_path, monkeypatch):
    program = tmp_path / "soffice"
    program.write_text(f"#!/bin/sh\nsleep 1000 &\necho $! > {tmp_path}/child\nsleep 1000\n")
    program.chmod(0o755)
    monkeypatch.setattr(office, "available", lambda: str(program))
    monkeypatch.setattr(office, "LIMITS", Limits(office_seconds=5.0))
    with pytest.raises(LimitExceeded, match="5 秒"):
        read_bytes(RTF, "年报.rtf")
    child = int((tmp_path / "child").read_text())
    until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE, "its child is gone")


def test_libreoffice_runs_inside_the_jail_too():
    jail = Jail(lambda data: [notes(read_bytes(data, "年报.rtf"))[0].encode()])
    try:
        assert b"".join(jail.ask(RTF, LIMITS.read_seconds)) == b"CONVERTED"
    finally:
        jail.stop()


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    read_bytes(RTF, "年报.rtf")
    of_ours = [one for one in psutil.process_iter(["cmdline"]) if str(tmp_path) in " ".join(one.info["cmdline"] or [])]
    assert (list(tmp_path.iterdir()), of_ours) == ([], [])


def test_a_conversion_takes_less_than_its_limit():
    assert LIMITS.office_seconds < LIMITS.read_seconds
