"""`hecha user`, `setting`, `log` and `audit-verify` on a data folder of their own."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

import cli.user
from access import LOCAL, Access, Permission, Role
from audits.store import Store
from audits.store.tables import ENTRIES
from cli.main import main

PASSWORD = "kV7#mQ2p!x9"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    monkeypatch.setattr(cli.user, "DATA_FOLDER", folder)
    monkeypatch.setattr(cli.user, "DATABASE_URL", "")
    return folder


@pytest.fixture
def access(data: Path) -> Access:
    return Access(Store(data))


def hecha(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def key(result: Result) -> str:
    """The secret of the link that was printed."""
    found = re.search(r"\?key=([\w-]{43})$", result.stdout, re.MULTILINE)
    assert found, result.output
    return found[1]


def test_a_person_is_added_with_role_and_regions_and_sets_his_own_password(access: Access) -> None:
    link = key(hecha("user", "add", "wang", "--name", "王芳", "--role", "supervisor", "--region", "福建省/福州市"))
    access.entrance.use_link(link, PASSWORD, "10.0.0.1")

    listed = hecha("user", "list").stdout

    assert access.accounts.by_login("wang").regions == ("/福建省/福州市/",)
    assert [word in listed for word in ("王芳", "监督人员", "福建省福州市", "正常")] == [True] * 4


def test_a_person_who_cannot_be_granted_what_was_asked_is_not_added_either(access: Access) -> None:
    result = hecha("user", "add", "wang", "--name", "王芳", "--role", "owner")

    assert (result.exit_code, result.stderr.startswith("[ACCOUNT] "), access.accounts.all()) == (2, True, ())


def test_the_set_up_link_is_printed_until_there_is_an_administrator(access: Access) -> None:
    first, second = key(hecha("user", "setup-link")), key(hecha("user", "setup-link"))
    assert [access.entrance.is_setup_link(link) for link in (first, second)] == [False, True]
    hecha("user", "add", "wang", "--name", "王芳", "--role", "viewer")
    assert key(hecha("user", "setup-link"))
    hecha("user", "add", "zhao", "--name", "赵", "--role", "system_admin")

    assert hecha("user", "setup-link").exit_code == 2


def test_role_and_regions_are_changed_one_without_the_other(access: Access) -> None:
    hecha("user", "add", "wang", "--name", "王芳", "--role", "supervisor", "--region", "福建省")
    hecha("user", "role", "wang", "viewer")
    assert (access.accounts.by_login("wang").role, access.accounts.by_login("wang").regions) == (Role.VIEWER, ("/福建省/",))
    hecha("user", "regions", "wang", "/", "江西省/南昌市")
    assert access.accounts.by_login("wang").regions == ("/", "/江西省/南昌市/")
    hecha("user", "role", "wang", "none")

    assert (access.accounts.by_login("wang").role, access.accounts.by_login("wang").regions) == (None, ())


def test_a_person_is_disabled_enabled_reset_and_shown(access: Access) -> None:
    link = key(hecha("user", "add", "wang", "--name", "王芳", "--role", "viewer"))
    access.entrance.use_link(link, PASSWORD, "10.0.0.1")
    assert (hecha("user", "disable", "wang").exit_code, access.accounts.by_login("wang").is_disabled) == (0, True)
    assert "停用" in hecha("user", "show", "wang").stdout
    assert (hecha("user", "enable", "wang").exit_code, access.accounts.by_login("wang").is_disabled) == (0, False)

    again = key(hecha("user", "reset-password", "wang"))

    assert access.entrance.open_link(again).login == "wang"
    assert not access.accounts.by_login("wang").has_password


def test_a_token_is_printed_alone_on_stdout_works_and_is_revoked(access: Access) -> None:
    hecha("user", "add", "wang", "--name", "王芳", "--role", "supervisor", "--region", "/")
    secret = hecha("user", "tokens", "add", "wang", "--title", "脚本", "--permission", "report.read").stdout.strip()
    actor = access.tokens.actor(secret)
    assert actor is not None
    assert actor.permissions == {Permission.REPORT_READ}
    refused = hecha("user", "tokens", "add", "wang", "--title", "脚本", "--permission", "log.read")
    assert (refused.exit_code, "[TOKEN]" in refused.stderr) == (2, True)

    listed = hecha("user", "tokens", "list", "wang").stdout
    hecha("user", "tokens", "revoke", actor.session_id)

    assert (actor.session_id in listed, secret in listed, access.tokens.actor(secret)) == (True, False, None)


def test_a_person_that_is_not_there_is_said_so(data: Path) -> None:
    for words in (("disable", "nobody"), ("show", "nobody"), ("role", "nobody", "viewer"), ("tokens", "list", "nobody")):
        result = hecha("user", *words)
        assert (result.exit_code, result.stderr) == (2, "[ACCOUNT] 没有账号 nobody\n")


def test_settings_are_listed_with_their_words_and_changed_within_bounds(access: Access) -> None:
    assert "lockout_failures = 5　连续失败几次锁定" in hecha("setting", "list").stdout
    assert hecha("setting", "set", "lockout_failures", "4").stdout == "lockout_failures = 4\n"
    assert hecha("setting", "set", "lockout_failures", "99").exit_code == 2
    assert hecha("setting", "set", "small_office", "on").stdout == "small_office = true\n"
    assert "没有设置" in hecha("setting", "set", "nothing", "1").stderr


def test_audit_verify_prints_a_hash_to_note_down_and_finds_what_was_changed(access: Access, data: Path) -> None:
    for number in range(5):
        hecha("setting", "set", "session_hours", str(number + 5))
    whole = hecha("audit-verify")
    head = whole.stdout.splitlines()[1].removeprefix("校验值：")
    assert (whole.exit_code, whole.stdout.splitlines()[0]) == (0, "操作日志完整：共 5 条（第 1 至 5 条）")
    assert hecha("audit-verify", "--head", head).exit_code == 0
    assert hecha("audit-verify", "--head", f"5:{'0' * 64}").exit_code == 2

    with Store(data).transactions.write() as db:
        db.execute(ENTRIES.update().where(ENTRIES.c.number == 3).values(who="别人"))
    broken = hecha("audit-verify")

    assert (broken.exit_code, broken.stderr.splitlines()[0]) == (2, "第 3 条：内容或次序被改动，与校验值不符")


def test_every_command_is_entered_as_one_on_this_machine_with_its_user(access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "operator")
    hecha("setting", "set", "session_hours", "8")
    monkeypatch.setattr("getpass.getuser", _no_name)
    hecha("audit-verify")

    newest, oldest = access.log.entries()
    assert (oldest.who, oldest.action, oldest.address) == ("本机命令行（operator）", "setting.change", "本机")
    assert (newest.action, re.fullmatch(r"本机命令行（\d+）", newest.who) is not None) == ("log.verify", True)


def _no_name() -> str:
    raise KeyError("uid not found")


def test_the_log_is_exported_and_nothing_is_written_over(access: Access, tmp_path: Path) -> None:
    hecha("setting", "set", "session_hours", "8")
    out = tmp_path / "log.csv"

    assert hecha("log", "export", str(out)).exit_code == 0
    with out.open(encoding="utf-8-sig", newline="") as file:
        assert [row["操作"] for row in csv.DictReader(file)] == ["修改设置", "导出操作日志"]
    again = hecha("log", "export", str(out))
    assert (again.exit_code, "已经存在" in again.stderr) == (2, True)
    assert hecha("log", "export", str(tmp_path / "log.txt")).exit_code == 2
    assert hecha("log", "export", str(tmp_path / "later.jsonl"), "--since", "2999-01-01").exit_code == 0
    assert (tmp_path / "later.jsonl").read_bytes() == b""


def test_young_entries_are_not_purged_and_old_ones_are(access: Access, data: Path) -> None:
    Access(Store(data), clock=lambda: 1.0e9).settings.change(LOCAL, "session_hours", 8)  # in 2001
    assert hecha("log", "purge", "2999-01-01").exit_code == 2

    assert hecha("log", "purge", "2010-01-01").stdout == "清理了 1 条\n"
    with Store(data).transactions.read() as db:
        assert db.scalar(sa.select(sa.func.min(ENTRIES.c.number))) == 2
    assert hecha("audit-verify").exit_code == 0


def test_forwarding_says_what_is_missing(access: Access) -> None:
    assert "没有设置日志服务器" in hecha("log", "forward").stderr
    hecha("setting", "set", "syslog", "tcp://127.0.0.1:1")
    result = hecha("log", "forward")

    assert (result.exit_code, "连不上" in result.stderr) == (2, True)
