"""The commands over a server's API print what they print of the data folder."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from click.testing import CliRunner, Result

import cli.batch
import cli.sweep
import cli.user
from cli import certificate
from cli.main import main
from tests.servers import PATIENCE, listening, until
from tests.web.api.conftest import ELSEWHERE, FAULTY, GOOD, HERE, SAMPLES, UNREADABLE, Programs, without_processes


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Programs]:
    """An office that answers on a port of this machine, whose address the commands know; what is handed in is audited at once."""
    without_processes(monkeypatch)
    programs = Programs(tmp_path / "data")
    place = listening()
    port = place.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(programs.office.app, log_config=None))
    threads = [
        threading.Thread(target=server.run, args=([place],)),
        threading.Thread(target=_work, args=(programs, stop := threading.Event())),
    ]
    for thread in threads:
        thread.start()
    until(lambda: server.started, "the server answers")
    monkeypatch.setenv("HECHA_SERVER", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("HECHA_TOKEN", programs.token("supervisor", HERE))
    yield programs
    server.should_exit = True
    stop.set()
    for thread in threads:
        thread.join(PATIENCE)


def _work(programs: Programs, stop: threading.Event) -> None:
    while not stop.wait(0.2):
        programs.work()


def hecha(*args: str | Path) -> Result:
    return CliRunner().invoke(main, list(map(str, args)))


def submitted(*args: str | Path) -> str:
    result = hecha("batch", "submit", *args)
    assert result.exit_code in (0, 2), result.output
    return result.stdout.strip()


def test_a_batch_goes_there_and_comes_back(served: Programs, tmp_path: Path) -> None:
    result = hecha("batch", "submit", SAMPLES / GOOD, SAMPLES / UNREADABLE, "--title", "教育", "--wait")
    batch = result.stdout.strip()
    status = hecha("batch", "status", batch, "--reports")
    download = hecha("batch", "download", batch, "--out", tmp_path / "out")

    assert (result.exit_code, "教育：2/2（已核查 1，读不了 1）" in result.stderr) == (2, True)
    assert (status.exit_code, status.stdout.splitlines()[0]) == (0, "教育：2/2（已核查 1，读不了 1）")
    assert [line.split("  ")[1:3] for line in status.stdout.splitlines()[1:]] == [["已核查", GOOD], ["读不了", UNREADABLE]]
    assert download.exit_code == 2
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "index.json",
        "青禾县教育局-2023.json",
        "青禾县教育局-2023.pdf",
    ]


def test_what_is_fetched_over_the_server_is_what_the_data_folder_gives(
    served: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = [
        hecha("batch", "status", served.here, "--reports"),
        hecha("batch", "download", served.here, "--out", tmp_path / "a"),
    ]
    monkeypatch.delenv("HECHA_SERVER")
    monkeypatch.setattr(cli.batch, "DATA_FOLDER", tmp_path / "data")
    here = [
        hecha("batch", "status", served.here, "--reports"),
        hecha("batch", "download", served.here, "--out", tmp_path / "b"),
    ]

    assert [result.exit_code for result in there] == [result.exit_code for result in here]
    assert [result.stdout.replace("/a", "/b") for result in there] == [result.stdout for result in here]
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert [(tmp_path / "a" / name).read_bytes() for name in names] == [(tmp_path / "b" / name).read_bytes() for name in names]


def test_a_folder_goes_with_the_ways_to_its_files_and_without_litter(served: Programs, tmp_path: Path) -> None:
    (tmp_path / "in" / "甲 科").mkdir(parents=True)
    for name, content in {"一.txt": "甲" * 300, "甲 科/二.txt": "乙" * 300, ".hidden": "", "甲 科/同.txt": "甲" * 300}.items():
        (tmp_path / "in" / name).write_text(content, "utf-8")

    result = hecha("batch", "submit", tmp_path / "in")

    names = {found.submission.name for found in served.store.results(result.stdout.strip())}
    assert names == {"一.txt", "甲 科/二.txt"}
    assert "已收下 2 个文件，跳过 1 个隐藏文件、锁文件等，内容重复的 1 个只核查一次" in result.stderr


def test_more_files_than_can_be_open_at_once_go_in_one_batch(served: Programs, tmp_path: Path) -> None:
    (tmp_path / "many").mkdir()
    for number in range(1_500):
        (tmp_path / "many" / f"{number:04}.bin").write_bytes(b"\0%d" % number)  # nothing to read: that is quick

    batch = submitted(tmp_path / "many")
    hecha("batch", "cancel", batch)  # nobody has to audit them

    assert served.store.batch_status(batch).total == 1_500


def test_batches_are_listed_cancelled_retried_audited_again_and_deleted(served: Programs) -> None:
    batch = submitted(SAMPLES / GOOD, "--title", "一", "--wait")

    listed = [line.split("  ")[3] for line in hecha("batch", "list").stdout.splitlines()]
    again = hecha("batch", "reaudit", batch, "--pack", "suqian", "--wait")

    assert listed == ["一：1/1（已核查 1）", "青禾：3/3（已核查 2，读不了 1）"]
    assert hecha("batch", "cancel", batch).stdout == "取消 0 份\n"
    assert hecha("batch", "retry", served.here, "--unreadable", UNREADABLE).stdout == "重试 1 份\n"
    assert (again.exit_code, again.stdout.strip() != batch) == (0, True)
    assert hecha("batch", "delete", batch).exit_code == 2
    assert hecha("batch", "delete", batch, "--yes").stdout == "已删除\n"
    assert hecha("batch", "status", batch).exit_code == 2


def test_a_corrected_report_is_told_apart_from_the_one_before(served: Programs, tmp_path: Path) -> None:
    corrected = tmp_path / "更正.txt"
    corrected.write_bytes((SAMPLES / FAULTY).read_bytes() + b"\n")
    batch = submitted(SAMPLES / FAULTY, "--wait")

    result = hecha("batch", "resubmit", batch, FAULTY, corrected, "--wait")

    assert result.exit_code == 0, result.output
    told = [line.split(" ")[0] for line in result.stdout.splitlines()[1:] if not line.startswith(" ")]
    assert told == ["已改好", "仍存在", "新出现", "无法判定是否改好"]
    assert hecha("batch", "changes", batch, "更正.txt").stdout.splitlines() == result.stdout.splitlines()[1:]


def test_a_batch_of_another_region_does_not_exist(served: Programs) -> None:
    result = hecha("batch", "status", served.elsewhere)
    outside = hecha("batch", "submit", SAMPLES / GOOD, "--region", ELSEWHERE)

    assert (result.exit_code, result.stderr.startswith("[NOT_FOUND]")) == (2, True)
    assert (outside.exit_code, outside.stderr.startswith("[FORBIDDEN]")) == (2, True)


def test_a_roster_is_imported(served: Programs, tmp_path: Path) -> None:
    table = tmp_path / "agencies.csv"
    table.write_text("code,name\nA1,青禾县教育局\nA2,青禾县财政局\n", "utf-8")

    result = hecha("agencies", "import", table)

    assert result.stdout == "已导入单位名单（青禾县）：应报送单位 2 个，共 2 行\n"


def test_a_report_is_said_to_be_somebodys_over_the_server(served: Programs, tmp_path: Path) -> None:
    table = tmp_path / "agencies.csv"
    table.write_text("code,name\nA1,青禾县教改局\nA2,青禾县财政局\n", "utf-8")
    hecha("agencies", "import", table)
    listed = hecha("agencies", "unplaced")
    report = served.report(served.here, GOOD)
    unreasoned = hecha("agencies", "assign", report, "--outside")
    said = hecha("agencies", "assign", report, "A2", "--reason", "看过原件")
    undone = hecha("agencies", "assign", report, "--undo", "--reason", "看错了")

    assert f"{report}  {GOOD}：" in listed.stdout
    assert re.search(r"^    A1  青禾县教改局（\d+(\.\d)?分）$", listed.stdout, re.M)
    assert (unreasoned.exit_code, unreasoned.stderr[:16]) == (2, "[REASON_MISSING]")
    assert (said.stdout, undone.stdout) == ("已归到 青禾县财政局（A2）\n", "已撤销归属\n")
    assert [one.reason for one in served.store.assignments.history(report)] == ["看过原件", "看错了"]


def test_waivers_and_evidence_go_with_the_batch(served: Programs, tmp_path: Path) -> None:
    waivers = tmp_path / "豁免.yaml"
    waivers.write_text("waivers:\n- {rule: TYPO, agency: x, reason: y, owner: z, expires: 2099-12-31}\n", "utf-8")
    batch = submitted(SAMPLES / GOOD, "--waivers", waivers, "--evidence")

    asked = served.store.asked(batch)
    assert (asked.evidence, asked.waivers is not None) == (True, True)


def test_people_are_created_and_granted_over_the_server_as_on_the_machine(
    served: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HECHA_TOKEN", served.token("system_admin"))
    added = hecha("user", "add", "lihua", "--name", "李华")
    monkeypatch.setenv("HECHA_TOKEN", served.token("security_admin"))
    granted = hecha("user", "role", "lihua", "viewer", "--region", "青禾县")
    there = [hecha("user", "list").stdout, hecha("user", "show", "lihua").stdout]
    monkeypatch.delenv("HECHA_SERVER")
    monkeypatch.setattr(cli.user, "DATA_FOLDER", tmp_path / "data")
    here = [hecha("user", "list").stdout, hecha("user", "show", "lihua").stdout]

    assert added.exit_code == 0, added.output
    assert re.search(r"/welcome\?key=\S{20,}", added.stdout)
    assert granted.stdout == "lihua：只读人员，青禾县\n"
    assert there == here


def test_what_the_api_does_not_offer_is_said(served: Programs) -> None:
    result = hecha("user", "setup-link")

    assert (result.exit_code, "服务器本机" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("server", "token", "code", "words"),
    [
        ("http://10.0.0.5:8080", "t", "SERVER", "不加密"),
        ("ftp://10.0.0.5", "t", "SERVER", "不是服务的地址"),
        ("https://127.0.0.1:1", "", "TOKEN", "HECHA_TOKEN"),
        ("http://127.0.0.1:1", "t", "SERVER", "连不上"),
    ],
)
def test_a_server_that_cannot_be_used_is_one_line(
    monkeypatch: pytest.MonkeyPatch, server: str, token: str, code: str, words: str
) -> None:
    monkeypatch.setenv("HECHA_TOKEN", token)
    result = hecha("batch", "--server", server, "list")

    assert (result.exit_code, result.stderr.startswith(f"[{code}]"), words in result.stderr) == (2, True, True)


def test_a_token_that_is_none_is_refused_in_the_servers_words(served: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HECHA_TOKEN", "hecha_nonsense")

    assert hecha("batch", "list").stderr.startswith("[NOT_SIGNED_IN]")


def test_a_server_with_its_own_certificate_is_trusted_when_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = Programs(tmp_path / "data")
    made, place = certificate.own(tmp_path, "127.0.0.1"), listening()
    port = place.getsockname()[1]
    config = uvicorn.Config(programs.office.app, log_config=None, ssl_certfile=made.path, ssl_keyfile=made.key)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([place],))
    thread.start()
    try:
        until(lambda: server.started, "the server answers")
        monkeypatch.setenv("HECHA_SERVER", f"https://127.0.0.1:{port}")
        monkeypatch.setenv("HECHA_TOKEN", programs.token("viewer", HERE))
        distrusted = hecha("batch", "list")
        monkeypatch.setenv("HECHA_CERTIFICATE", str(made.path))
        trusted = hecha("batch", "list")
    finally:
        server.should_exit = True
        thread.join(PATIENCE)

    assert (distrusted.exit_code, "HECHA_CERTIFICATE" in distrusted.stderr) == (2, True)
    assert (trusted.exit_code, "青禾" in trusted.stdout) == (0, True)


def test_a_sweep_is_made_and_looked_at_there_as_here(served: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "swept").mkdir()
    monkeypatch.setenv("HECHA_SWEEP_FOLDERS", str(tmp_path / "swept"))

    added = hecha("sweep", "add", "--title", "每周", "--when", "每周一 02:00", "--folder", tmp_path / "swept")
    sweep = added.stdout.strip()
    edited = hecha("sweep", "edit", sweep, "--title", "每周公开专栏")
    paused, resumed, run = (hecha("sweep", what, sweep).stdout for what in ("pause", "resume", "run"))
    there = [hecha("sweep", "list").stdout, hecha("sweep", "show", sweep).stdout]
    monkeypatch.delenv("HECHA_SERVER")
    monkeypatch.setattr(cli.sweep, "DATA_FOLDER", tmp_path / "data")
    here = [hecha("sweep", "list").stdout, hecha("sweep", "show", sweep).stdout]

    assert edited.stdout.startswith("已修改")
    assert added.exit_code == 0, added.output
    assert (paused, resumed, "已排入" in run) == ("已暂停\n", "已恢复\n", True)
    assert there == here
    assert "每周公开专栏（每周一 02:00）" in there[0]


def test_the_office_of_the_server_says_where_sweeps_may_look(served: Programs, tmp_path: Path) -> None:
    result = hecha("sweep", "add", "--title", "每周", "--when", "每周一 02:00", "--folder", tmp_path)

    assert (result.exit_code, result.stderr.startswith("[SWEEP")) == (2, True)
