"""`hecha doctor` says what this machine has."""

from __future__ import annotations

import os
import ssl
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
import redis
from click.testing import CliRunner

import audits.renderers
import audits.store.store
import cli.doctor
import worker.folder
from access import LOCAL, Access, Action, Role
from audits.errors import StoreError
from audits.intake import Submitted
from audits.store import Store
from audits.store.files import Files
from audits.store.tables import ENTRIES
from cli import certificate
from cli.main import main
from sweeps.looking import Allowed
from sweeps.schedules import checked
from worker import redis_check
from worker.redis_check import Fitness


def doctor() -> tuple[int, str]:
    result = CliRunner().invoke(main, ["doctor"])
    return result.exit_code, result.stdout


def test_the_python_of_a_distribution_that_mended_its_zipfile_is_not_blamed_for_its_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
        raise zipfile.BadZipFile("Overlapped entries")

    monkeypatch.setattr(cli.doctor.platform, "python_version", lambda: "3.11.2")
    monkeypatch.setattr(zipfile.ZipFile, "read", refused)
    mended = doctor()[1].splitlines()[0]
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda archive, entry: b"-")
    old = doctor()[1].splitlines()[0]

    assert mended == "[正常] Python：3.11.2"
    assert old.startswith("[注意] Python：3.11.2；zipfile 有已知缺陷（CVE-2024-0450）")


def test_without_redis_all_that_an_audit_needs_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: str) -> Fitness:
        raise redis.ConnectionError

    monkeypatch.setattr(redis_check, "fitness", away)
    code, shown = doctor()

    assert (code, "故障" in shown, "[正常] 字体和PDF" in shown, "[注意] Redis" in shown) == (0, False, True, True)


def test_a_redis_that_would_lose_hints_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_check, "fitness", lambda _: Fitness("7.0", "淘汰策略是 allkeys-lru"))

    code, shown = doctor()

    assert (code, "[故障] Redis：淘汰策略是 allkeys-lru" in shown) == (2, True)


def test_a_check_that_breaks_is_a_fault_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("no glyphs")

    monkeypatch.setitem(audits.renderers.RENDERERS, "pdf", broken)
    code, shown = doctor()

    assert (code, "[故障] 字体和PDF：ValueError：no glyphs" in shown, "Redis：" in shown) == (2, True, True)


def test_a_password_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli.doctor, "REDIS_URL", "redis://:geheim@127.0.0.1:1/0")

    _, shown = doctor()

    assert ("geheim" in shown, "redis://127.0.0.1:1/0" in shown) == (False, True)


def test_a_queue_that_nobody_serves_is_told_and_one_that_moves_is_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cli.doctor, "DATA_FOLDER", tmp_path / "data")
    (tmp_path / "a.txt").write_text("a")
    store = Store(tmp_path / "data")
    store.add_batch("一批", [Submitted(tmp_path / "a.txt", "a.txt")])
    _, moving = doctor()
    monkeypatch.setattr(cli.doctor, "STUCK_SECONDS", -1.0)
    _, stuck = doctor()

    assert "[正常] 数据文件夹" in moving
    assert "年报待核查 1 份" in moving
    assert "[注意] 数据文件夹" in stuck
    assert "无人接手" in stuck


def line(shown: str, what: str) -> str:
    return next(line for line in shown.splitlines() if line.partition("] ")[2].startswith(f"{what}："))


@pytest.mark.parametrize(("free", "mark"), [(100 << 20, "故障"), (1 << 30, "注意"), (50 << 30, "正常")])
def test_a_disk_that_fills_is_told_before_it_is_full(monkeypatch: pytest.MonkeyPatch, free: int, mark: str) -> None:
    monkeypatch.setattr(worker.folder, "free_bytes", lambda _: free)

    assert line(doctor()[1], "磁盘空间").startswith(f"[{mark}]")


def test_a_clock_that_was_put_back_is_a_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cli.doctor, "DATA_FOLDER", tmp_path / "data")
    (tmp_path / "a.txt").write_text("a")
    Store(tmp_path / "data").add_batch("一批", [Submitted(tmp_path / "a.txt", "a.txt")])
    right = line(doctor()[1], "时钟")
    real = time.time
    monkeypatch.setattr(cli.doctor, "RELEASED", 0.0)
    monkeypatch.setattr(cli.doctor, "time", SimpleNamespace(time=lambda: real() - 86_400))
    monkeypatch.setattr(Store, "clock", lambda _: real() - 86_400)
    back = line(doctor()[1], "时钟")

    assert (right[:4], back[:4], "往回调" in back) == ("[正常]", "[故障]", True)


def test_a_database_server_with_another_time_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cli.doctor, "DATA_FOLDER", tmp_path / "data")
    Store(tmp_path / "data").close()
    monkeypatch.setattr(Store, "clock", lambda _: time.time() + 300)

    assert "相差 300 秒" in line(doctor()[1], "时钟")


class Pages(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def pages() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_pages_that_answer_are_told_from_those_that_do_not(pages: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HECHA_WEB", f"http://127.0.0.1:{pages.server_port}")
    well = line(doctor()[1], "网页")
    monkeypatch.setattr(Pages, "status", 503)
    unready = line(doctor()[1], "网页")
    monkeypatch.setenv("HECHA_WEB", "http://127.0.0.1:1")
    away = line(doctor()[1], "网页")

    assert (well[:4], unready[:4], away[:4], "应答 503" in unready) == ("[正常]", "[故障]", "[故障]", True)


@pytest.mark.parametrize(("days", "mark"), [(300, "正常"), (20, "注意"), (-2, "故障")])
def test_the_end_of_the_certificate_is_told_in_time(
    pages: HTTPServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, days: int, mark: str
) -> None:
    monkeypatch.setattr(certificate, "BACKDATED", timedelta(days=9))
    monkeypatch.setattr(certificate, "LASTS", timedelta(days=days, hours=1))
    certificate.own(tmp_path, "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate" / "hecha.crt", tmp_path / "certificate" / "hecha.key")
    pages.socket = context.wrap_socket(pages.socket, server_side=True)
    monkeypatch.setenv("HECHA_WEB", f"https://127.0.0.1:{pages.server_port}")

    assert line(doctor()[1], "网页").startswith(f"[{mark}]")


def test_a_sweep_that_nobody_is_there_for_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cli.doctor, "DATA_FOLDER", tmp_path / "data")
    store = Store(tmp_path / "data")
    (tmp_path / "swept").mkdir()
    allowed = Allowed(any_folder=True)
    source = {"kind": "folder", "path": str(tmp_path / "swept")}
    made = checked(store, "每周", "每天 3 点", source, allowed, owner="")
    store.sweeping.add(made)
    fresh = line(doctor()[1], "巡查")
    store.sweeping.change(replace(made, starts_at=made.starts_at - 2 * 86_400))
    overdue = line(doctor()[1], "巡查")

    assert (fresh, overdue[:4], "hecha schedule" in overdue) == ("[正常] 巡查：1 个", "[注意]", True)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(cli.doctor, "DATA_FOLDER", tmp_path / "data")
    return tmp_path / "data"


def test_a_folder_that_others_may_open_is_told(data: Path) -> None:
    Store(data).close()
    fresh = line(doctor()[1], "数据的权限")
    data.chmod(0o755)
    (data / "hecha.db").chmod(0o644)
    opened = line(doctor()[1], "数据的权限")
    for path in (data, *data.rglob("*")):
        path.chmod(path.stat().st_mode & ~0o077)
    shut = line(doctor()[1], "数据的权限")

    assert (fresh[:4], opened[:4], shut[:4]) == ("[正常]", "[注意]", "[正常]")
    assert f"{data / 'hecha.db'}" in opened


@pytest.mark.parametrize("command", ["restore", "backup", "user", "log"])
def test_what_commands_on_the_data_folder_write_is_nobody_elses(command: str) -> None:
    before = os.umask(0o022)
    try:
        CliRunner().invoke(main, [command, "--help"])
        assert os.umask(0o022) == 0o077
    finally:
        os.umask(before)


def test_a_folder_without_an_administrator_is_told(data: Path) -> None:
    access = Access(Store(data))
    without = line(doctor()[1], "账号")
    account, _ = access.accounts.create(LOCAL, "zhao", "赵")
    access.accounts.grant(LOCAL, account.id, Role.SYSTEM_ADMIN, [])
    with_one = line(doctor()[1], "账号")

    assert (without[:4], "hecha user setup-link" in without, with_one[:4]) == ("[注意]", True, "[正常]")


def test_an_entry_of_the_log_that_was_changed_is_a_fault(data: Path) -> None:
    store = Store(data)
    access = Access(store)
    for number in range(3):
        access.log.append(LOCAL, Action.BATCH_SUBMIT, f"第{number}批")
    whole = line(doctor()[1], "操作日志")
    with store.transactions.write() as db:
        db.execute(ENTRIES.update().where(ENTRIES.c.number == 2).values(who="别人"))
    code, shown = doctor()

    assert (whole, code) == ("[正常] 操作日志：最近 3 条完整；全部校验用 hecha audit-verify", 2)
    assert line(shown, "操作日志").startswith("[故障] 操作日志：第 2 条")


def test_an_object_store_is_tried_out_and_left_as_it_was(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HECHA_FILES", "s3://bucket")
    kept = Files(data / "elsewhere")
    monkeypatch.setattr(audits.store.store, "open_files", lambda _: kept)
    well = line(doctor()[1], "文件存储")
    monkeypatch.setattr(kept, "put_bytes", lambda _: "f" * 64)
    lost = line(doctor()[1], "文件存储")

    def refuse(_: bytes) -> str:
        raise StoreError("s3://bucket：对象存储用不了（AccessDenied）")

    monkeypatch.setattr(kept, "put_bytes", refuse)
    refused = line(doctor()[1], "文件存储")

    assert [found[:4] for found in (well, lost, refused)] == ["[正常]", "[故障]", "[故障]"]
    assert "AccessDenied" in refused


def test_a_certificate_of_our_own_is_looked_at_whether_or_not_the_pages_are_up(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificate, "LASTS", timedelta(days=20))
    certificate.own(data, "127.0.0.1")

    assert line(doctor()[1], "自制的证书").startswith("[注意]")


def test_a_redis_that_cannot_write_what_it_keeps_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Server:
        connection_pool = SimpleNamespace(connection_kwargs={"path": "/run/redis"})

        def __enter__(self) -> Server:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def info(self, section: str) -> dict[str, object]:
            told: dict[str, dict[str, object]] = {"server": {"redis_version": "7.2"}, "memory": {"used_memory": 1}}
            return told.get(section, {"aof_last_write_status": "err"})

        def config_get(self, name: str) -> dict[str, str]:
            return {"maxmemory-policy": "noeviction", "appendonly": "yes"}

    monkeypatch.setattr(redis.Redis, "from_url", lambda *_, **__: Server())

    assert "写不进去" in line(doctor()[1], "Redis")
