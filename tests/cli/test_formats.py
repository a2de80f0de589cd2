"""`hecha audit --format ...`: every form on real samples, and the options that documents to be sent out need."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner, Result

from audits.renderers import FORMS
from cli.main import main

SAMPLES = Path(__file__).parents[2] / "samples" / "reports"

OTHER = SAMPLES / "青禾县教育局2023年报.txt"


def hecha(*args: str | Path) -> Result:
    return CliRunner().invoke(main, ["audit", *map(str, args)])


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture(scope="module")
def report() -> Path:
    return SAMPLES / "霁川市住建局2023年度.txt"


def test_every_form_is_written_under_its_name(report: Path, tmp_path: Path) -> None:
    done = hecha(report, OTHER, "--out", tmp_path, "--format", ",".join(FORMS), "--jobs", "1")
    index = json.loads((tmp_path / "index.json").read_text("utf-8"))

    assert (done.exit_code, f"核查结果在：{tmp_path}" in done.stdout) == (1, True)
    assert {"批次汇总.xlsx", "问题清单.csv", "核查结果.jsonl", "批次汇总报告.pdf", "全部结果.zip"} <= names(tmp_path)
    assert set(index["reports"][0]["files"]) == {"pdf", "json", "docx"}
    assert set(index["reports"][1]["files"]) == {"pdf", "json"}  # nothing to put right, so no notice
    assert set(index["batch"]) == {"xlsx", "csv", "jsonl", "summary", "zip"}


def test_a_form_of_the_batch_leaves_no_files_that_nobody_asked_for(report: Path, tmp_path: Path) -> None:
    done = hecha(report, "--out", tmp_path, "--format", "csv", "--jobs", "1")

    assert names(tmp_path) == {"index.json", "问题清单.csv"}
    assert "核查结果在" in done.stdout


def test_the_zip_alone_packs_everything(report: Path, tmp_path: Path) -> None:
    hecha(report, "--out", tmp_path, "--format", "zip", "--jobs", "1")

    assert names(tmp_path) == {"index.json", "全部结果.zip"}
    assert len(zipfile.ZipFile(tmp_path / "全部结果.zip").namelist()) == 3 + 4 + 3


def test_the_notice_bears_the_deadline_and_the_date(report: Path, tmp_path: Path) -> None:
    hecha(report, "--out", tmp_path, "--format", "docx", "--deadline", "2024-03-29", "--date", "2024-03-01", "--jobs", "1")
    (notice,) = tmp_path.glob("*-整改通知.docx")
    text = "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(notice.read_bytes())).paragraphs)

    assert ("2024年3月29日前" in text, text.endswith("2024年3月1日")) == (True, True)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--format", "pdf,doc"], f"doc；可用的格式：{','.join(FORMS)}"),
        (["--format", ","], "空；可用的格式"),
        (["--deadline", "3月29日"], "应为 2024-03-29 这样的日期"),
        (["--date", "2024-02-30"], "应为 2024-03-29 这样的日期"),
    ],
)
def test_what_cannot_be_understood_is_said_in_one_line(report: Path, tmp_path: Path, options: list[str], words: str) -> None:
    done = hecha(report, "--out", tmp_path / "out", *options)

    assert (done.exit_code, words in done.stderr, done.stderr.count("\n")) == (2, True, 1)


def test_a_template_that_cannot_be_filled_stops_before_the_batch(report: Path, tmp_path: Path) -> None:
    template = docx.Document()
    template.add_paragraph("{{单位名称}}")
    template.save(str(tmp_path / "t.docx"))
    done = hecha(report, "--out", tmp_path / "out", "--format", "docx", "--notice-template", tmp_path / "t.docx")

    assert (done.exit_code, "t.docx：没有叫“单位名称”的占位符" in done.stderr, (tmp_path / "out").exists()) == (2, True, False)


def test_the_results_are_the_same_on_every_run(report: Path, tmp_path: Path) -> None:
    for run in ("1", "2"):
        hecha(report, OTHER, "--out", tmp_path / run, "--format", "docx,xlsx,csv,jsonl,summary,zip", "--jobs", run)

    assert [(path.name, path.read_bytes()) for path in sorted((tmp_path / "1").iterdir())] == [
        (path.name, path.read_bytes()) for path in sorted((tmp_path / "2").iterdir())
    ]
