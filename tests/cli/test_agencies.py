"""`hecha agencies check` and `hecha audit --roster` on the sample batch."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.agencies import agencies
from cli.audit import audit

SAMPLES = Path(__file__).parents[2] / "samples"
HEAD = "编码,全称,别名,级别,类别,上级编码\n"


def check(path: Path) -> Result:
    return CliRunner().invoke(agencies, ["check", str(path)])


def test_a_good_roster_is_shown_as_a_tree() -> None:
    result = check(SAMPLES / "agencies.csv")
    assert (result.exit_code, "\n  QH00　青禾县人民政府（政府，县级）\n    QH01　" in result.output) == (0, True)
    assert "没有错误：应报送单位 19 个" in result.output


def test_every_fault_of_a_roster_has_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEAD + "1,甲局,,,,7\n1,乙局\n", encoding="utf-8")
    result = check(path)
    assert (result.exit_code, result.stderr.splitlines()) == (
        2,
        ["[ROSTER] a.csv：第2行“上级编码”列：上级“7”不在名单里", "[ROSTER] a.csv：第3行“编码”列：编码“1”与第2行重复"],
    )


def test_columns_that_are_not_used_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("编码,全称,电话\n1,甲局,123\n", encoding="utf-8")
    assert "未使用的列：电话" in check(path).output


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, object], Path]:
    out = tmp_path_factory.mktemp("out")
    arguments = [str(SAMPLES / "reports"), "--out", str(out), "--format", "json", "--jobs", "1"]
    result = CliRunner().invoke(audit, [*arguments, "--roster", str(SAMPLES / "agencies.csv")])
    return result.output, json.loads((out / "index.json").read_text("utf-8")), out


def test_table_index_and_json_carry_the_rosters_name_and_code(audited: tuple[str, dict[str, object], Path]) -> None:
    output, index, out = audited
    reports = index["reports"]
    assert isinstance(reports, list)
    entry = next(report for report in reports if report["source"].startswith("麦垄镇2022"))
    written = json.loads((out / entry["files"]["json"]).read_text("utf-8"))
    assert "青禾县麦垄镇人民政府（QH05）" in output
    assert (entry["agency"], entry["roster"]["code"], written["roster"]["code"]) == ("青禾县麦垄镇人民政府", "QH05", "QH05")


def test_the_roll_is_called_for_the_year_of_most_reports(audited: tuple[str, dict[str, object], Path]) -> None:
    output, index, _ = audited
    roll = index["roster"]
    assert isinstance(roll, dict)
    assert (roll["year"], roll["expected"], roll["handed_in"], roll["unread"], roll["unplaced"]) == (2023, 19, 6, 2, [])
    assert "霁川市人民政府办公室（只有2021年度的）" in output


def test_a_roster_with_faults_stops_the_audit_before_it_begins(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEAD, encoding="utf-8")
    result = CliRunner().invoke(audit, [str(SAMPLES / "reports"), "--out", str(tmp_path / "o"), "--roster", str(path)])
    assert (result.exit_code, "[ROSTER] a.csv" in result.stderr, (tmp_path / "o").exists()) == (2, True, False)


def test_a_report_of_the_data_folder_is_said_to_be_somebodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import cli.agencies
    from access import Access
    from audits.intake import Submitted
    from audits.service import audit_next, submit_batch
    from audits.store import Queue, Store

    monkeypatch.setattr(cli.agencies, "DATA_FOLDER", tmp_path)
    monkeypatch.setattr(cli.agencies, "DATABASE_URL", "")
    monkeypatch.setattr(cli.agencies, "_wake", lambda _: None)
    store = Store(tmp_path)
    name = "青禾县教育局2023年报.txt"
    submit_batch(store, "一批", [Submitted(SAMPLES / "reports" / name, name)])
    audit_next(store, Queue.AUDIT, 300.0)
    table = tmp_path / "a.csv"
    table.write_text(HEAD + "A1,青禾县教改局\nA2,青禾县财政局\n", "utf-8")
    run = CliRunner()
    run.invoke(agencies, ["import", str(table)])
    listed = run.invoke(agencies, ["unplaced"]).output
    report = listed.split()[0]
    outputs = [
        run.invoke(agencies, ["assign", report, *words.split()]).output
        for words in ("A1", "A1 --outside", "--outside --reason 不在本县", "--undo", "A9", "--undo")
    ]

    assert "待确认归属 1 份" in listed
    assert outputs[0] == "已归到 青禾县教改局（A1）\n"
    assert "三者之一" in outputs[1]
    assert outputs[2:4] == ["已认定为名单以外单位的报告\n", "已撤销归属\n"]
    assert all("[NO_SUCH_AGENCY]" in line for line in outputs[4:])
    entries = [(entry.action, entry.result) for entry in Access(store).log.entries(limit=5)]
    assert entries.count(("report.assign", "ok")) == 3
