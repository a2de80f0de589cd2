"""`hecha log list`: the log of actions looked through, here and over the API of a server."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import cli.user
from access import LOCAL, Access, Action
from audits.store import Store
from cli.main import main
from tests.cli.test_remote import served  # noqa: F401  # a fixture
from tests.web.api.conftest import Programs


@pytest.fixture
def access(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Access:
    monkeypatch.setattr(cli.user, "DATA_FOLDER", tmp_path / "data")
    monkeypatch.setattr(cli.user, "DATABASE_URL", "")
    return Access(Store(tmp_path / "data"))


def listed(*words: str) -> tuple[list[str], Result]:
    """The numbers of the entries that are listed."""
    result = CliRunner().invoke(main, ["log", "list", *words])
    return [line.split()[0] for line in result.stdout.splitlines() if line[:1].isdigit()], result


def test_entries_are_listed_newest_first_by_person_action_result_day_and_text(access: Access) -> None:
    account, _ = access.accounts.create(LOCAL, "wang", "王芳")  # 1
    actor = type(LOCAL)(account.id, "wang", "王芳", None, LOCAL.scope, LOCAL.permissions, "session")
    access.log.append(actor, Action.REPORT_DOWNLOAD, "甲局.pdf")  # 2
    access.log.append(actor, Action.ACCESS_DENIED, "GET /users", result="denied")  # 3

    assert listed("--person", "Wang")[0] == ["3", "2"]
    assert listed("--action", "report.download")[0] == listed("--action", "下载")[0] == ["2"]
    assert listed("--result", "denied")[0] == ["3"]
    assert listed("--text", "甲局")[0] == ["2"]
    assert listed("--since", "2999-01-01")[0] == []
    assert listed("--before", "3")[0] == ["2", "1"]
    assert listed("--most", "1", "--before", "4")[1].stderr == "共 1 条；更早的加 --before 3\n"
    assert listed("--person", "ang")[0] == []


def test_to_look_is_in_the_log_and_an_action_that_is_none_is_told_with_those_there_are(access: Access) -> None:
    listed("--person", "wang", "--text", "甲")
    entry = access.log.entries()[0]
    unknown = listed("--action", "fly")[1]

    assert (entry.action, entry.object, entry.who.startswith("本机命令行")) == ("log.read", "wang、甲", True)
    assert (unknown.exit_code, "account.grant（授予角色和地区）" in unknown.stderr) == (2, True)


def test_the_log_of_a_server_is_listed_and_checked_by_whom_it_lets(
    served: Programs,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HECHA_TOKEN", served.token("audit_admin"))
    auditor = served.office.account("audit_admin").login
    numbers, result = listed("--person", auditor, "--action", "session.open")
    verified = CliRunner().invoke(main, ["audit-verify"])
    refused = CliRunner().invoke(main, ["log", "purge", "2020-01-01"])
    monkeypatch.setenv("HECHA_TOKEN", served.token("supervisor"))
    forbidden = listed()[1]

    assert (result.exit_code, len(numbers)) == (0, 1), result.output
    assert (verified.exit_code, "操作日志完整" in verified.stdout) == (0, True)
    assert (refused.exit_code, "不能通过服务做" in refused.stderr) == (2, True)
    assert (forbidden.exit_code, forbidden.stderr.startswith("[FORBIDDEN]")) == (2, True)
