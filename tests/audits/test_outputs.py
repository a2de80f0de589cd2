"""Names of outputs: safe on every system, unique, the same every time."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

import pytest

from audits.errors import OutputError
from audits.outcome import Outcome, Settled, Summary
from audits.outputs import OutputFolder, stage, stem_for
from audits.renderers import json_form
from tests.audits.renderers.batches import named
from tests.audits.renderers.conftest import made_up


def summary(agency: str | None, year: int | None = 2023) -> Summary:
    return Summary(agency, year, True, "", 0, 0, 0, 0, 0, None)


def audited(agency: str | None, year: int | None = 2023) -> Outcome:
    return Outcome(Settled.AUDITED, summary=summary(agency, year))


def publish(out: Path, *outcomes: Outcome, name: str = "a.txt") -> list[str]:
    with OutputFolder(out) as folder:
        published = [
            folder.publish(name, outcome, stage(folder.staging, str(index), {"pdf": str(index).encode()}))
            for index, outcome in enumerate(outcomes)
        ]
        folder.write_index()
    return [line.files["pdf"] for line in published]


@pytest.mark.parametrize(
    ("agency", "year", "stem"),
    [
        ("青禾县教育局", 2023, "青禾县教育局-2023"),
        ("青禾县教育局", None, "青禾县教育局"),
        (None, 2023, "县直_教育局年报-2023"),
        ("../../etc/passwd", 2023, "etc_passwd-2023"),
        ('a/b\\c:d*e?f"g<h>i|j', 2023, "a_b_c_d_e_f_g_h_i_j-2023"),
        ("桐梓县人民政府\n（县人民政府办公室）", 2023, "桐梓县人民政府_（县人民政府办公室）-2023"),
        ("局\u202etxt.exe\u200b", 2023, "局txt.exe-2023"),
        ("con", None, "_con"),
        ("LPT1.局", None, "_LPT1.局"),
        ("...", None, "report"),
    ],
)
def test_the_stem_is_safe_whatever_the_agency_is_called(agency: str | None, year: int | None, stem: str) -> None:
    assert stem_for("县直 教育局年报.txt", summary(agency, year)) == stem


def test_a_long_name_is_cut_between_characters_and_keeps_its_year() -> None:
    stem = stem_for("a.txt", summary("局" * 200))

    assert (stem.endswith("局-2023"), len(f"{stem}-99999.json".encode()) <= 255) == (True, True)


def test_equal_names_are_numbered_in_the_order_of_the_batch(tmp_path: Path) -> None:
    found = publish(tmp_path, audited("甲局"), audited("甲局"), audited("甲局-2023", None), audited("乙局"), audited("甲局"))

    assert found == ["甲局-2023.pdf", "甲局-2023-2.pdf", "甲局-2023-3.pdf", "乙局-2023.pdf", "甲局-2023-4.pdf"]


def test_names_that_differ_only_by_case_do_not_overwrite_each_other_on_windows(tmp_path: Path) -> None:
    assert publish(tmp_path, audited("A局"), audited("a局")) == ["A局-2023.pdf", "a局-2023-2.pdf"]


def test_no_report_takes_the_name_of_the_index(tmp_path: Path) -> None:
    assert publish(tmp_path, audited("Index", None)) == ["Index-2.pdf"]


def test_nothing_but_the_outputs_and_the_index_stays_in_the_folder(tmp_path: Path) -> None:
    publish(tmp_path, audited("甲局"))

    assert sorted(path.name for path in tmp_path.iterdir()) == ["index.json", "甲局-2023.pdf"]


def test_the_index_leads_from_the_file_submitted_to_its_outputs_or_its_reason(tmp_path: Path) -> None:
    with OutputFolder(tmp_path) as folder:
        folder.publish("好.txt", audited("甲局"), stage(folder.staging, "0", {"pdf": b""}))
        folder.publish("坏.txt", Outcome(Settled.UNREADABLE, "EMPTY_FILE", "坏.txt：空的；请重交"), {})
        index = json.loads(folder.write_index(("~$好.docx",)).read_text())

    assert [(line["source"], line["state"], line["code"], line["reason"], line["files"]) for line in index["reports"]] == [
        ("好.txt", "audited", "", "", {"pdf": "甲局-2023.pdf"}),
        ("坏.txt", "unreadable", "EMPTY_FILE", "坏.txt：空的；请重交", {}),
    ]
    assert index["skipped"] == ["~$好.docx"]


def test_a_folder_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "out").touch()

    with pytest.raises(OutputError, match="无法写入输出文件夹"):
        OutputFolder(tmp_path / "out").__enter__()


def test_an_output_whose_place_is_taken_by_a_folder_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "甲局-2023.pdf").mkdir()

    with pytest.raises(OutputError, match=r"甲局-2023\.pdf：写不进去"):
        publish(tmp_path, audited("甲局"))


def with_json(out: Path, *forms: str) -> Path:
    audit = named(made_up(5), "青禾县教育局")
    rendered = {"pdf": b"%PDF", "json": json_form.render(audit), "docx": b"PK"}
    outcome = Outcome(Settled.AUDITED, summary=summary("青禾县教育局"))
    with OutputFolder(out, forms) as folder:
        staged = stage(folder.staging, "0", {form: rendered[form] for form in folder.forms if form in rendered})
        folder.publish("a.txt", outcome, staged)
        folder.publish_batch("第一批")
        folder.write_index()
    return out


def names(out: Path) -> set[str]:
    return {path.name for path in out.iterdir()}


def test_only_what_was_asked_for_is_in_the_folder(tmp_path: Path) -> None:
    assert names(with_json(tmp_path, "xlsx", "docx")) == {"index.json", "批次汇总.xlsx", "青禾县教育局-2023-整改通知.docx"}


def test_the_zip_asked_for_alone_holds_everything_and_leaves_nothing_loose(tmp_path: Path) -> None:
    with_json(tmp_path, "zip")
    packed = {PurePosixPath(name).name for name in ZipFile(tmp_path / "全部结果.zip").namelist()}

    assert names(tmp_path) == {"index.json", "全部结果.zip"}
    assert {"批次汇总.xlsx", "问题清单.csv", "核查结果.jsonl", "批次汇总报告.pdf", "青禾县教育局-2023.pdf"} <= packed


def test_the_zip_beside_other_forms_holds_those(tmp_path: Path) -> None:
    with_json(tmp_path, "pdf", "csv", "zip")
    packed = {PurePosixPath(name).name for name in ZipFile(tmp_path / "全部结果.zip").namelist()}

    assert packed == {"index.html", "index.json", "目录.csv", "问题清单.csv", "青禾县教育局-2023.pdf"}
    assert json.loads((tmp_path / "index.json").read_text())["batch"] == {"csv": "问题清单.csv", "zip": "全部结果.zip"}


def test_a_json_that_cannot_be_read_back_costs_its_report_only(tmp_path: Path) -> None:
    with OutputFolder(tmp_path, ["csv"]) as folder:
        for index, written in enumerate((b"{", b'{"source": 1}', json_form.render(named(made_up(1), "乙局")))):
            folder.publish(f"{index}.txt", audited("乙局"), stage(folder.staging, str(index), {"json": written}))
        folder.publish_batch()

    assert (tmp_path / "问题清单.csv").read_text("utf-8-sig").count("乙局") == 1


def test_a_notice_of_an_earlier_audit_goes_when_there_is_nothing_to_put_right_any_more(tmp_path: Path) -> None:
    for staged in ({"pdf": b"1", "docx": b"1"}, {"pdf": b"2"}):
        with OutputFolder(tmp_path, ["pdf", "docx"]) as folder:
            folder.publish("a.txt", audited("甲局"), stage(folder.staging, "0", staged))

    assert names(tmp_path) == {"甲局-2023.pdf"}


def test_a_revised_report_gains_and_loses_outputs_under_its_own_name(tmp_path: Path) -> None:
    with OutputFolder(tmp_path, ["pdf", "docx"]) as folder:
        for index, forms in enumerate((["pdf"], ["pdf", "docx"])):
            folder.publish("a.txt", audited("甲局"), stage(folder.staging, str(index), dict.fromkeys(forms, b"1")))
        folder.revise(0, audited("甲局"), stage(folder.staging, "r0", {"pdf": b"2", "docx": b"2"}))
        folder.revise(1, audited("甲局"), stage(folder.staging, "r1", {"pdf": b"2"}))

    assert names(tmp_path) == {"甲局-2023.pdf", "甲局-2023-整改通知.docx", "甲局-2023-2.pdf"}
