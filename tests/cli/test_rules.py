"""`hecha rules`: what rule authors see."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from audits.outputs import OutputFolder
from bench.corpus.invent import invent
from bench.corpus.layouts import print_as
from cli.main import main
from cli.rules import changes_from
from rules.compile import load_pack


def hecha(*args: object):
    return CliRunner().invoke(main, [str(arg) for arg in args])


def report(folder: Path, year: int) -> Path:
    invented = invent(1, year)
    folder.mkdir(exist_ok=True)
    (folder / f"{year}.txt").write_bytes(print_as("tabs-own", invented, invented.page()).printed.data)
    return folder


def local(folder: Path, more: str = "") -> Path:
    folder.mkdir()
    (folder / "pack.yaml").write_text(f"id: local\ntitle: 地方\nversion: 1\nextends: [national]\n{more}", "utf-8")
    return folder


def test_every_rule_is_listed_with_where_it_comes_from():
    found = hecha("rules", "list", "wuwei")
    assert found.exit_code == 0
    assert all(rule in found.output for rule in load_pack().rules)
    assert next(line for line in found.output.splitlines() if "OVERVIEW-LENGTH" in line).count("本包改动") == 1


def test_a_rule_is_shown_with_its_basis_and_examples():
    found = hecha("rules", "show", "APP-BALANCE")
    assert all(words in found.output for words in ("## 依据", "## 误报与说明", "收办不平衡", "one_request_lost：不符"))


def test_an_unknown_rule_is_answered_with_those_like_it():
    found = hecha("rules", "show", "BALANCE")
    assert (found.exit_code, "APP-BALANCE" in found.output) == (2, True)


def test_our_packs_pass_their_own_examples():
    assert [hecha("rules", "test", name).exit_code for name in ("wuwei", "suqian")] == [0, 0]


def test_an_example_that_the_rule_answers_otherwise_is_said(tmp_path):
    folder = local(tmp_path / "p")
    assert hecha("rules", "new", "LOCAL-BALANCE", "--like", "APP-BALANCE", "--pack", folder).exit_code == 0
    path = folder / "LOCAL-BALANCE.yaml"
    path.write_text(path.read_text("utf-8").replace("state: holds", "state: broken", 1), "utf-8")
    load_pack.cache_clear()  # in life every command is a process of its own
    found = hecha("rules", "test", folder)
    assert found.exit_code == 1
    assert "LOCAL-BALANCE 例子 all_zero" in found.output


def test_a_new_rule_can_be_used_as_it_is_written(tmp_path):
    found = hecha("rules", "new", "LOCAL-LENGTH", "--like", "OVERVIEW-LENGTH", "--pack", tmp_path / "mine")
    assert found.exit_code == 0, found.output
    assert [hecha("rules", command, tmp_path / "mine").exit_code for command in ("lint", "test")] == [0, 0]


@pytest.mark.parametrize("name", ["local length", "../X", "小写"])
def test_a_rule_id_that_is_none_is_refused(tmp_path, name):
    assert hecha("rules", "new", name, "--like", "OVERVIEW-LENGTH", "--pack", tmp_path / "mine").exit_code == 2
    assert not (tmp_path / "mine").exists()


def test_a_wrong_pack_is_one_line_with_its_place(tmp_path):
    found = hecha("rules", "lint", local(tmp_path / "p", "overrides:\n  TIPO: {reason: 甲}\n"))
    assert found.exit_code == 2
    assert "pack.yaml:6:3: 所扩展的规则包里没有规则 'TIPO'" in found.output


def test_what_is_worth_a_second_look_is_said(tmp_path):
    found = hecha("rules", "lint", local(tmp_path / "p", "overrides:\n  TYPO: {severity: warning, reason: 甲}\n"))
    assert (found.exit_code, "overrides.TYPO 没有改变什么" in found.output) == (1, True)


def test_diff_shows_what_appears_vanishes_and_changes_severity(tmp_path):
    reports = tmp_path / "reports"
    reports.mkdir()
    invented = invent(1, 2023)
    text = print_as("tabs-own", invented, invented.page()).printed.data.decode()
    (reports / "a.txt").write_text(text.replace("属于国家秘密", "涉及国家秘密"), "utf-8")
    assert hecha("rules", "diff", "national", "national", "--on", reports).exit_code == 0
    stricter = local(
        tmp_path / "p",
        "overrides:\n  ROW-LABEL-VARIANT: {severity: warning, reason: 甲}\n  OVERVIEW-LENGTH: {default: on, reason: 乙, parameters: {most: 10}, examples: {none: {state: not_applicable, filing: {sections: {overview: absent}}}}}\n",
    )
    found = hecha("rules", "diff", "national", stricter, "--on", reports)
    assert found.exit_code == 1
    assert "多出 1 处" in found.output
    assert "程度改变 1 处" in found.output
    assert "提示 → 警告" in found.output
    back = hecha("rules", "diff", stricter, "national", "--on", reports)
    assert "消失 1 处" in back.output


@pytest.mark.parametrize("answer", [b"", b"{", b"[[1, 2, 3, 4, 5]]", b'[["a"]]', b'{"a": 1}', b"12"])
def test_an_answer_of_a_jailed_process_is_not_trusted(answer):
    assert changes_from(answer) is None


def test_reports_of_two_years_are_audited_beside_each_other(tmp_path):
    reports = report(report(tmp_path / "in", 2022), 2023)
    found = hecha("audit", reports, "--out", tmp_path / "out", "--format", "json")
    told = {year: json.loads(next((tmp_path / "out").glob(f"*-{year}.json")).read_text("utf-8")) for year in (2022, 2023)}
    assert found.exit_code in (0, 1), found.output
    reasons = {year: {item["reason"] for item in told[year]["undecided"]} for year in told}
    assert "未提供上年报告" in reasons[2022]
    assert "未提供上年报告" not in reasons[2023]
    assert "DUP-TABLE" in {finding["rule"] for finding in told[2023]["findings"]}
    index = json.loads((tmp_path / "out" / "index.json").read_text("utf-8"))
    assert [entry["warnings"] > 0 for entry in index["reports"]] == [False, True]


def test_a_local_pack_and_waivers_are_named_and_counted(tmp_path):
    reports = report(report(tmp_path / "in", 2022), 2023)
    agency = invent(1, 2023).agency
    waivers = tmp_path / "waivers.yaml"
    line = "- {{rule: {}, agency: {}, reason: 机构改革, owner: 监督科, expires: {}}}\n"
    waivers.write_text(
        "waivers:\n" + line.format("DUP-TABLE", agency, "2026-12-31") + line.format("DUP-YEAR", agency, "2025-12-31"), "utf-8"
    )
    found = hecha(
        "audit",
        reports,
        "--out",
        tmp_path / "out",
        "--format",
        "json",
        "--pack",
        "suqian",
        "--waivers",
        waivers,
        "--date",
        "2026-11-20",
    )
    told = json.loads(next((tmp_path / "out").glob("*-2023.json")).read_text("utf-8"))
    assert told["hecha"]["pack"].startswith("suqian ")
    assert [waived["finding"]["rule"] for waived in told["waived"]] == ["DUP-TABLE"]
    assert (told["score"]["lost"], told["score"]["deducted"][0]["item"]) == (0.5, "repeated")
    assert "1 条已到期" in found.output
    assert "已豁免 1 处" in found.output


def test_forms_of_the_batch_are_made_of_each_reports_own_result(tmp_path):
    reports = report(report(tmp_path / "in", 2022), 2023)
    (reports / "other.txt").write_bytes((reports / "2022.txt").read_bytes().replace(b"2022", b"2020"))
    hecha("audit", reports, "--out", tmp_path / "out", "--format", "pdf,jsonl")
    told = [json.loads(line) for line in next((tmp_path / "out").glob("*.jsonl")).read_text("utf-8").splitlines()]
    years = sorted(line["report"]["year"] for line in told if "report" in line)
    assert years == [2020, 2022, 2023]


def test_a_stop_while_years_are_compared_leaves_every_report_complete(tmp_path, monkeypatch):
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(OutputFolder, "revise", stop)
    found = hecha("audit", report(report(tmp_path / "in", 2022), 2023), "--out", tmp_path / "out", "--format", "json")
    assert found.exit_code == 0
    assert "比对没有做完" in found.output
    index = json.loads((tmp_path / "out" / "index.json").read_text("utf-8"))
    assert [(tmp_path / "out" / entry["files"]["json"]).is_file() for entry in index["reports"]] == [True, True]
