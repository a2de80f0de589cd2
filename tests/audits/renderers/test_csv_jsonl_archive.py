"""CSV, JSON Lines and the ZIP of everything."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from audits.batch import Batch
from audits.findings import Audit
from audits.renderers import csv_form, json_form, jsonl
from audits.renderers.archive import pack
from tests.audits.renderers.batches import UNREADABLE, batch, named, report

Make = Callable[..., Audit]
HOSTILE = '<script>alert(1)</script> " onclick="x {{7*7}} </td> &amp; ../../x'


def csv_of(made: Batch) -> bytes:
    out = io.BytesIO()
    csv_form.render(made, out)
    return out.getvalue()


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_the_csv_has_a_row_for_each_problem_and_a_byte_order_mark(audit_of: Make) -> None:
    data = csv_of(batch(report(named(audit_of(5), "甲局")), UNREADABLE))
    rows = rows_of(data)

    assert data.startswith(b"\xef\xbb\xbf")
    assert [row["问题"] for row in rows] == [finding.title for finding in audit_of(5).findings]
    assert {row["单位"] for row in rows} == {"甲局"}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "＝1+1", "－1", "  =1"])
def test_what_could_be_a_formula_has_an_apostrophe_before_it(audit_of: Make, text: str) -> None:
    finding = replace(audit_of(1).findings[0], message=text, actual=text)
    (row,) = rows_of(csv_of(batch(report(named(audit_of(1, findings=(finding,)), text)))))

    assert [row[name] for name in ("说明", "实为")] == [f"'{text}"] * 2
    assert row["单位"].startswith("'")


def test_quotation_marks_and_line_breaks_come_back_as_they_were(audit_of: Make) -> None:
    finding = replace(audit_of(1).findings[0], message='他说"甲,乙"\n丙')
    (row,) = rows_of(csv_of(batch(report(named(audit_of(1, findings=(finding,)), "甲局")))))

    assert row["说明"] == '他说"甲,乙"\n丙'


def test_json_lines_are_the_audits_one_a_line(audit_of: Make, tmp_path: Path) -> None:
    audits = [named(audit_of(count), f"{count}局") for count in (0, 5)]
    out = io.BytesIO()
    jsonl.render(batch(report(audits[0], tmp_path), UNREADABLE, report(audits[1], tmp_path)), out)

    assert [json.loads(line) for line in out.getvalue().splitlines()] == [
        json.loads(json_form.render(audit)) for audit in audits
    ]


def packed(made: Batch, folder: Path, **whole: str) -> bytes:
    for found in made.reports:
        for name in found.files.values():
            (folder / name).write_bytes(b"%PDF")
    for name in whole.values():
        (folder / name).write_bytes(b"PK")
    out = io.BytesIO()
    pack(made, whole, folder, out)
    return out.getvalue()


@pytest.fixture
def archive(audit_of: Make, tmp_path: Path) -> zipfile.ZipFile:
    made = batch(report(named(audit_of(5), "青禾县教育局"), pdf="青禾县教育局-2023.pdf"), UNREADABLE)
    return zipfile.ZipFile(io.BytesIO(packed(made, tmp_path, xlsx="批次汇总.xlsx")))


def test_the_zip_has_every_output_and_three_indexes_under_flagged_utf8_names(archive: zipfile.ZipFile) -> None:
    assert archive.namelist() == ["index.html", "目录.csv", "index.json", "全批/批次汇总.xlsx", "各单位/青禾县教育局-2023.pdf"]
    assert [bool(entry.flag_bits & 0x800) for entry in archive.infolist() if not entry.filename.isascii()] == [True] * 3
    assert archive.testzip() is None


def test_every_index_leads_to_the_outputs_and_names_who_has_none(archive: zipfile.ZipFile) -> None:
    index = json.loads(archive.read("index.json"))
    listed = archive.read("目录.csv").decode("utf-8-sig")
    page = archive.read("index.html").decode()

    assert [entry["files"] for entry in index["reports"]] == [{"pdf": "各单位/青禾县教育局-2023.pdf"}, {}]
    assert index["batch"] == {"xlsx": "全批/批次汇总.xlsx"}
    assert ("各单位/青禾县教育局-2023.pdf" in listed, "ENCRYPTED" in listed) == (True, True)
    assert ("%E9%9D%92%E7%A6%BE" in page, "请去掉密码后重新提交" in page) == (True, True)


def test_the_page_runs_nothing_and_shows_hostile_names_as_text(audit_of: Make, tmp_path: Path) -> None:
    made = batch(report(named(audit_of(1), HOSTILE), pdf="a.pdf"), title=HOSTILE)
    page = zipfile.ZipFile(io.BytesIO(packed(made, tmp_path))).read("index.html").decode()
    tags: set[str] = set()
    attributes: set[str] = set()
    texts: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.add(tag)
            attributes.update(name for name, _ in attrs)

        def handle_data(self, data: str) -> None:
            texts.append(data)

    Reader().feed(page)
    assert not tags & {"script", "img", "iframe", "link", "object"}
    assert attributes <= {"href", "lang", "charset", "class"}
    assert " ".join(HOSTILE.split()) in texts
    assert re.findall(r"https?://", page) == []


def test_the_same_outputs_give_the_same_zip(audit_of: Make, tmp_path: Path) -> None:
    made = batch(report(named(audit_of(5), "甲局"), pdf="a.pdf"))

    assert packed(made, tmp_path) == packed(made, tmp_path)
