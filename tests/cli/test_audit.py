"""`hecha audit`: what it prints, what it leaves in the folder, how it exits. Most tests play the audit by a stand-in."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import cli.audit
from audits.outcome import Outcome, Settled, Summary
from audits.renderers.terms import Terms
from cli.main import main
from rules.verdict import Severity
from tests.servers import PATIENCE, until

SAMPLES = Path(__file__).parents[2] / "samples" / "reports"


def hecha(*args: str | Path) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


def audited(
    agency: str | None = "青禾县教育局",
    errors: int = 0,
    warnings: int = 0,
    notices: int = 0,
    doubtful: int = 0,
    *,
    applicable: bool = True,
) -> Outcome:
    sure = [Severity.ERROR] * errors + [Severity.WARNING] * warnings + [Severity.NOTICE] * notices
    worst = None if doubtful >= len(sure) else sure[0]
    summary = Summary(agency, 2023, applicable, "", errors, warnings, notices, doubtful, 0, worst)
    return Outcome(Settled.AUDITED, summary=summary, outputs={"pdf": b"%PDF", "json": b"{}"})


UNREADABLE = Outcome(Settled.UNREADABLE, "EMPTY_FILE", "b.txt：空文件；请重新提交")

Play = Callable[..., Path]


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """A folder of as many files as outcomes given; auditing the first gives the first outcome, and so on."""

    def prepare(*outcomes: Outcome | Callable[[], Outcome]) -> Path:
        folder = tmp_path / "in"
        folder.mkdir()
        for index in range(len(outcomes)):
            (folder / f"{index:04}.txt").touch()

        def stand_in(path: Path, name: str, forms: Sequence[str], year: int | None, terms: Terms, *_: object) -> Outcome:
            outcome = outcomes[int(path.stem)]
            return outcome() if callable(outcome) else outcome

        monkeypatch.setattr(cli.audit, "audit_file", stand_in)
        return folder

    return prepare


@pytest.mark.parametrize(
    ("outcomes", "fail_on", "code"),
    [
        ([audited()], "error", 0),
        ([audited(), audited(errors=1)], "error", 1),
        ([audited(warnings=3, notices=1)], "error", 0),
        ([audited(warnings=3, notices=1)], "warning", 1),
        ([audited(notices=1)], "warning", 0),
        ([audited(notices=1)], "notice", 1),
        ([audited(errors=9)], "none", 0),
        ([audited(errors=1, doubtful=1)], "error", 1),
        ([audited(errors=9), UNREADABLE], "error", 2),
        ([audited(), UNREADABLE], "none", 2),
        ([audited(applicable=False)], "notice", 0),
    ],
)
def test_the_exit_code_says_clean_found_or_not_audited(
    play: Play, tmp_path: Path, outcomes: list[Outcome], fail_on: str, code: int
) -> None:
    assert hecha("audit", play(*outcomes), "--out", tmp_path / "out", "--fail-on", fail_on).exit_code == code


def test_the_table_has_a_line_for_each_agency_worst_first(play: Play, tmp_path: Path) -> None:
    folder = play(
        audited("甲局"),
        audited("乙局", warnings=2),
        audited("丙局", errors=1, notices=4),
        audited("丁局", errors=1, doubtful=1),
    )

    lines = [
        line.split("│")[1:-1] for line in hecha("audit", folder, "--out", tmp_path / "out").stdout.splitlines() if "│" in line
    ]

    assert [[cell.strip() for cell in line] for line in lines] == [
        ["丙局", "2023", "有错误", "1", "0", "4", "0", "0"],
        ["丁局", "2023", "待人工核对", "1", "0", "0", "1", "0"],
        ["乙局", "2023", "有警告", "0", "2", "0", "0", "0"],
        ["甲局", "2023", "未发现问题", "0", "0", "0", "0", "0"],
    ]


def test_two_reports_of_one_agency_are_told_apart_by_their_files(play: Play, tmp_path: Path) -> None:
    shown = hecha("audit", play(audited("甲局"), audited("甲局")), "--out", tmp_path / "out").stdout

    assert ("甲局　0000.txt" in shown, "甲局　0001.txt" in shown) == (True, True)


def test_an_unreadable_file_is_one_line_with_its_code_and_reason(play: Play, tmp_path: Path) -> None:
    shown = hecha("audit", play(UNREADABLE, audited()), "--out", tmp_path / "out").stdout

    assert "  [EMPTY_FILE] b.txt：空文件；请重新提交\n" in shown


def test_totals_and_the_folder_of_the_outputs_are_said(play: Play, tmp_path: Path) -> None:
    folder = play(audited(errors=2), audited(), UNREADABLE, audited(applicable=False))
    (folder / "~$年报.docx").touch()

    shown = hecha("audit", folder, "--out", tmp_path / "out").stdout

    assert "共 4 个文件：核查 2 份（有错误 1 份、未发现问题 1 份），不适用 1 份，读不了 1 份\n" in shown
    assert "发现问题：错误 2 处，警告 0 处，提示 0 处；其中需人工核对 0 处" in shown
    assert "跳过隐藏文件、锁文件、系统文件和链接 1 个" in shown
    assert f"核查结果在：{tmp_path / 'out'}" in shown


def test_markup_in_a_name_is_shown_as_it_is(play: Play, tmp_path: Path) -> None:
    assert "[red]局[/]" in hecha("audit", play(audited("[red]局[/]")), "--out", tmp_path / "out").stdout


def test_only_the_formats_asked_for_are_written(tmp_path: Path) -> None:
    hecha("audit", SAMPLES / "青禾县教育局2023年报.txt", "--out", tmp_path, "--format", "json")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["index.json", "青禾县教育局-2023.json"]


def test_a_report_that_kills_its_process_is_reported_and_the_rest_is_audited(play: Play, tmp_path: Path) -> None:
    def die() -> Outcome:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError

    folder = play(audited("甲局"), die, audited("乙局"))

    result = hecha("audit", folder, "--out", tmp_path / "out", "--jobs", "1")

    assert result.exit_code == 2
    assert "[READER_CRASHED] 0001.txt：解析进程崩溃（信号9 SIGKILL）" in result.stdout
    assert "共 3 个文件：核查 2 份" in result.stdout


def test_an_output_that_cannot_be_written_fails_its_report_only(
    play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = play(audited("甲局"), audited("乙局"))
    real = cli.audit.stage

    def full(staging: Path, key: str, outputs: dict[str, bytes]) -> dict[str, Path]:
        if key == "0":
            raise OSError(28, "No space left on device")
        return real(staging, key, outputs)

    monkeypatch.setattr(cli.audit, "stage", full)
    result = hecha("audit", folder, "--out", tmp_path / "out")

    assert (result.exit_code, "[OUTPUT] 0000.txt：核查报告写不进输出文件夹（磁盘已满）" in result.stdout) == (
        2,
        True,
    )
    assert (tmp_path / "out" / "乙局-2023.pdf").exists()


def tree(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_results_are_the_same_whatever_the_number_of_processes(tmp_path: Path) -> None:
    for jobs in ("1", "5"):
        hecha("audit", SAMPLES, "--out", tmp_path / jobs, "--jobs", jobs)

    assert tree(tmp_path / "1") == tree(tmp_path / "5")


def test_auditing_again_into_the_same_folder_changes_nothing(tmp_path: Path) -> None:
    hecha("audit", SAMPLES, "--out", tmp_path / "out")
    before = tree(tmp_path / "out")

    hecha("audit", SAMPLES, "--out", tmp_path / "out")

    assert tree(tmp_path / "out") == before


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_leaves_what_is_finished_whole(tmp_path: Path, stop: signal.Signals) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    text = (SAMPLES / "青禾县教育局2023年报.txt").read_bytes()
    for number in range(1500):
        (folder / f"{number:04}.txt").write_bytes(text + b"\n%d" % number)
    hecha = Path(sys.executable).parent / "hecha"
    running = subprocess.Popen(
        [hecha, "audit", folder, "--out", out], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    until(lambda: running.poll() is not None or any(out.glob("*.pdf")), "something is finished")

    running.send_signal(stop)
    _, errors = running.communicate(timeout=2 * PATIENCE)

    index = json.loads((out / "index.json").read_text())["reports"]
    named = {name for line in index for name in line["files"].values()}
    assert (running.returncode, "已中断" in errors, 0 < len(index) < 1500) == (130, True, True)
    assert {path.name for path in out.iterdir()} == named | {"index.json"}
    assert [path.name for path in out.glob("*.pdf") if not path.read_bytes().rstrip().endswith(b"%%EOF")] == []
    assert all(json.loads(path.read_text("utf-8")) for path in out.glob("*.json"))


def huge_line(path: Path) -> None:
    with path.open("wb") as file:
        for _ in range(100):
            file.write(b"a" * 1024 * 1024)


def test_hopeless_files_each_get_their_reason_and_the_batch_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "1空.txt").touch()
    (folder / "2程序.txt").write_bytes(b"\x7fELF" + bytes(range(256)) * 16)
    huge_line(folder / "3一行.txt")
    for number, name in enumerate(
        ("霁川市档案局2016年度报告.txt", "霁川市商务局年报（链接失效）.html", "青禾县教育局2023年报.txt"), 4
    ):
        (folder / f"{number}{name}").write_bytes((SAMPLES / name).read_bytes())

    result = hecha("audit", folder, "--out", tmp_path / "out")

    index = json.loads((tmp_path / "out" / "index.json").read_text("utf-8"))["reports"]
    assert [(line["source"][0], line["state"], line["code"], line.get("applicable")) for line in index] == [
        ("1", "unreadable", "EMPTY_FILE", None),
        ("2", "unreadable", "UNKNOWN_FORMAT", None),
        ("3", "unreadable", "LIMIT_EXCEEDED", None),
        ("4", "audited", "", False),
        ("5", "unreadable", "NOT_A_REPORT", None),
        ("6", "audited", "", True),
    ]
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["audit"], "缺少参数"),
        (["audit", "/nowhere", "--out", "x"], "'/nowhere' 不存在"),
        (["audit", ".", "--out", "x", "--format", "pdf,xls"], "xls；可用的格式"),
        (["audit", ".", "--out", "x", "--jobs", "0"], "应为整数，不小于 1"),
        (["audit", ".", "--out", "x", "--fail-on", "all"], "应为 error、warning、notice、none 之一"),
        (["audit", ".", "--outs", "x"], "没有选项 --outs"),
        (["examine"], "没有命令 examine"),
    ],
)
def test_a_wrong_command_line_is_one_chinese_line_on_stderr(args: list[str], said: str) -> None:
    result = hecha(*args)

    assert (result.exit_code, said in result.stderr, result.stderr.count("\n")) == (2, True, 1)


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    result = hecha("audit", tmp_path, "--out", tmp_path / "out")

    assert (result.exit_code, "没有可核查的文件" in result.stderr) == (2, True)


def test_an_error_of_ours_is_one_line_on_stderr(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "out").touch()

    result = hecha("audit", tmp_path / "a.txt", "--out", tmp_path / "out" / "below")

    assert (result.exit_code, result.stderr.startswith("[OUTPUT] "), result.stderr.count("\n")) == (2, True, 1)


@pytest.mark.parametrize("command", [[], ["audit"], ["batch"], ["batch", "submit"], ["batch", "download"], ["doctor"]])
def test_help_pages_are_chinese(command: list[str]) -> None:
    shown = hecha(*command, "--help").stdout

    assert ("用法：" in shown, "显示本说明" in shown) == (True, True)
    assert [word for word in ("Usage", "Options", "Commands", "required", "default") if word in shown] == []
