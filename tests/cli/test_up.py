"""`hecha up` for real: set up by its link, a batch handed in and audited, its programs killed, stopped, started again."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest

from reports_in import read
from tests.servers import PATIENCE, alive, free_port, until
from tests.worker.processes import SHORT_LEASE
from worker.folder import held
from worker.settings import redis_socket

BIN = Path(sys.executable).parent
SAMPLES = Path(__file__).parents[2] / "samples" / "reports"
GOOD = ("青禾县教育局2023年报.txt", "石盘乡2020年.txt", "青禾县民政局2023年报.txt", "澜汀区卫健局2023年报.txt")
PASSWORD = "Qinghe-2026-核查"


class Up:
    """`hecha up` in a process of its own, and what it printed."""

    def __init__(self, data: Path, port: int, *args: str, **settings: str) -> None:
        self.data, self.port, self.lines = data, port, list[str]()
        command = [BIN / "hecha", "up", "--data", data, "--port", str(port), "--concurrency", "2", *args]
        self.process = subprocess.Popen(
            command, env=environment(data) | settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def wait_until_ready(self) -> None:
        until(lambda: any("按 Ctrl-C 停止" in line for line in self.lines), f"ready: {self.lines}")

    @property
    def link(self) -> str | None:
        found = re.search(r"http\S+/setup\?key=\S+", "\n".join(self.lines))
        return found[0] if found else None

    def program(self, mark: str) -> psutil.Process | None:
        """The one of its children whose command has the mark."""
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess):  # a zombie counts as none
                if mark in " ".join(child.cmdline()):
                    return child
        return None

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(2 * PATIENCE)  # its programs finish what they are at


def environment(data: Path) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("HECHA_")}
    return {**plain, "HECHA_DATA": str(data), "HECHA_LEASE_SECONDS": SHORT_LEASE}


def hecha(data: Path, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / "hecha", *args], env=environment(data) | env, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    running = Up(tmp_path / "数据 一", free_port())
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.stop()


def csrf(page: httpx2.Response) -> str:
    found = re.search(r'name="csrf" (?:content|value)="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def set_up(link: str, base: str) -> httpx2.Client:
    """Follow the link, make the owner of a small office, sign in."""
    browser = httpx2.Client(base_url=base, timeout=PATIENCE, follow_redirects=True)
    page = browser.get(link)
    form = {"kind": "one", "login": "wang", "name": "王芳", "password": PASSWORD, "again": PASSWORD, "csrf": csrf(page)}
    form["key"] = link.partition("key=")[2]
    assert browser.post("/setup", data=form).status_code == 200
    page = browser.get("/login")
    page = browser.post("/login", data={"login": "wang", "password": PASSWORD, "csrf": csrf(page)})
    browser.headers["x-csrf-token"] = csrf(page)
    return browser


def submit(browser: httpx2.Client, count: int, mark: str) -> str:
    files = [
        ("files", (f"{mark}{number}.txt", (SAMPLES / GOOD[number % 4]).read_bytes() + b"\n" * (number + 1), "text/plain"))
        for number in range(count)
    ]
    answer = browser.post("/api/v1/batches", files=files, data={"title": mark, "region": "/"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def standing(browser: httpx2.Client, batch: str) -> dict[str, Any]:
    try:
        answer = browser.get(f"/api/v1/batches/{batch}")
        return dict(answer.json()) if answer.status_code == 200 else {}
    except httpx2.TransportError:  # the pages were killed
        return {}


@pytest.mark.integration
def test_a_batch_is_audited_whatever_is_killed_and_all_is_there_after_a_restart(up: Up, tmp_path: Path) -> None:
    base = f"http://127.0.0.1:{up.port}"
    assert up.link is not None
    browser = set_up(up.link, base)
    assert httpx2.get(up.link).status_code == 404  # it works once

    first = submit(browser, 3, "一批")
    until(lambda: standing(browser, first).get("is_done") is True, "the first batch")
    assert standing(browser, first)["counts"]["audited"] == 3

    second = submit(browser, 40, "二批")
    for mark in ("hecha.audit", "redis-server", "reconcile", "cli web"):
        until(lambda mark=mark: up.program(mark) is not None, f"{mark} runs: {up.lines}")
        victim = up.program(mark)
        assert victim is not None
        victim.kill()
        until(lambda mark=mark, victim=victim: up.program(mark) not in (None, victim), f"{mark} is back")
    until(lambda: standing(browser, second).get("is_done") is True, f"the second batch: {up.lines}")
    assert standing(browser, second)["counts"]["audited"] == 40
    until(lambda: sum("意外结束" in line for line in up.lines) >= 4, f"every end is told: {up.lines}")

    seen = hecha(up.data, "doctor").stdout
    assert "[正常] Redis" in seen
    assert f"[正常] 网页：{base}" in seen

    assert [path for path in up.data.rglob("*") if path.stat().st_mode & 0o077 and not path.is_symlink()] == []

    children = psutil.Process(up.process.pid).children(recursive=True)
    assert up.stop() == 0
    until(lambda: up.lines[-1] == "已停止", f"it is told: {up.lines}")
    until(lambda: not alive(children), "all have ended")

    again = Up(up.data, up.port)
    try:
        again.wait_until_ready()
        assert again.link is None
        assert standing(browser, second)["counts"]["audited"] == 40  # the session, too, is still there
    finally:
        again.stop()


@pytest.mark.integration
def test_nothing_of_reports_and_no_secret_is_in_the_log(up: Up) -> None:
    assert up.link is not None
    browser = set_up(up.link, f"http://127.0.0.1:{up.port}")
    batch = submit(browser, 4, "日志")
    until(lambda: standing(browser, batch).get("is_done") is True, "the batch")
    up.stop()

    log = "".join(path.read_text("utf-8") for path in (up.data / "logs").iterdir())
    lines = {line.strip() for name in GOOD for line in read(SAMPLES / name).text.splitlines()}
    texts = [line for line in lines if len(line) > 8]
    assert texts
    assert [line for line in texts if line in log] == []
    assert [secret for secret in (PASSWORD, up.link.partition("key=")[2], *browser.cookies.values()) if secret in log] == []
    assert len(set(re.findall(f"batch={batch} report=([0-9a-f]{{32}})", log))) == 4


def test_two_do_not_work_on_the_same_data(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with held(tmp_path / "data", {"url": "http://127.0.0.1:9"}):
        result = hecha(tmp_path / "data", "up", "--port", str(free_port()))

    assert (result.returncode, result.stderr.startswith("[ALREADY_RUNNING]"), "http://127.0.0.1:9" in result.stderr) == (
        2,
        True,
        True,
    )


def test_the_folder_is_free_again_when_its_holder_is_gone(tmp_path: Path) -> None:
    with held(tmp_path, {"url": "a"}):
        pass
    with held(tmp_path, {"url": "b"}):
        assert (tmp_path / "hecha.lock").read_text("utf-8").count("b") == 1


@pytest.mark.parametrize("data", ["/dev/null/data", "/proc/data"])
def test_a_folder_that_cannot_be_written_is_one_line(data: str, tmp_path: Path) -> None:
    result = hecha(tmp_path, "up", "--data", data, "--port", str(free_port()))

    assert (result.returncode, result.stderr.count("\n"), result.stderr.startswith("[FOLDER]")) == (2, 1, True)


def test_without_any_redis_it_is_said_what_to_install(tmp_path: Path) -> None:
    result = hecha(tmp_path, "up", "--port", str(free_port()), PATH=str(tmp_path))

    assert (result.returncode, result.stderr.startswith("[REDIS_MISSING]"), "apt install redis-server" in result.stderr) == (
        2,
        True,
        True,
    )


def test_data_of_a_newer_program_are_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "hecha.db")) as db:
        db.execute("create table alembic_version (version_num varchar(32))")
        db.execute("insert into alembic_version values ('9999')")
        db.commit()

    result = hecha(tmp_path, "up", "--port", str(free_port()))

    assert (result.returncode, "更新版本的核查" in result.stderr) == (2, True)


def test_an_older_database_is_brought_up_to_date(tmp_path: Path) -> None:
    from audits.store.database import REVISIONS, Database

    Database(f"sqlite:///{tmp_path / 'hecha.db'}", REVISIONS[0]).close()
    running = Up(tmp_path, free_port())
    try:
        running.wait_until_ready()
        assert running.link is not None
    finally:
        running.stop()


def test_the_socket_of_redis_has_room_in_any_folder(tmp_path: Path) -> None:
    long = tmp_path / ("很长的名字" * 10)

    assert redis_socket(tmp_path / "data") == tmp_path / "data" / "redis" / "redis.sock"
    assert len(os.fsencode(redis_socket(long))) <= 107
    assert redis_socket(long) != redis_socket(long / "x")


@pytest.mark.integration
def test_a_program_that_cannot_start_says_why_where_it_is_seen(tmp_path: Path) -> None:
    up = Up(tmp_path / "data", free_port(), HECHA_SWEEP_ALLOW="10.0.0.1:81")
    try:
        until(lambda: any("HECHA_SWEEP_ALLOW 中的“10.0.0.1:81”" in line for line in up.lines), f"the reason: {up.lines}")
        said = next(line for line in up.lines if "HECHA_SWEEP_ALLOW" in line)
    finally:
        up.stop()

    assert up.lines[up.lines.index(said) - 1].startswith("巡查进程意外结束（退出码 2）")
