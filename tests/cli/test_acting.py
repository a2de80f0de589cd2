"""What is done by commands on the machine itself is in the log of actions, like everything else."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import cli.batch
import cli.clean
import worker.tasks
from access import Access, Entry, LogWanted
from audits.store import Store
from cli.main import main

REPORT = "陆浑镇人民政府2023年政府信息公开工作年度报告\n\n一、总体情况\n一切正常。\n"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    for module in (cli.batch, cli.clean):
        monkeypatch.setattr(module, "DATA_FOLDER", folder)
        monkeypatch.setattr(module, "DATABASE_URL", "")
    monkeypatch.setattr(worker.tasks, "hint", lambda *_: True)
    monkeypatch.setattr("getpass.getuser", lambda: "operator")
    return folder


def hecha(*words: str | Path) -> str:
    """What was printed."""
    return CliRunner().invoke(main, [str(word) for word in words]).stdout.strip()


def entered(data: Path) -> list[Entry]:
    """Oldest first."""
    return list(reversed(Access(Store(data)).log.entries(LogWanted())))


def test_every_command_that_changes_a_batch_or_takes_results_out_is_one_entry(data: Path, tmp_path: Path) -> None:
    report, again = tmp_path / "2023.txt", tmp_path / "2023新.txt"
    report.write_text(REPORT, encoding="utf-8")
    again.write_text(REPORT + "完。\n", encoding="utf-8")
    batch = hecha("batch", "submit", report, "--region", "福建省")
    for words in (
        ("cancel", batch),
        ("resubmit", batch, report.name, again),
        ("cancel", batch),
        ("retry", batch),
        ("reaudit", batch, "--pack", "national"),
        ("download", batch, "--out", tmp_path / "out", "--format", "json"),
        ("delete", batch, "--yes"),
    ):
        hecha("batch", *words)
    hecha("clean", "--yes")

    found = entered(data)

    actions = ["submit", "cancel", "resubmit", "cancel", "retry", "reaudit", "export", "delete", "clean"]
    assert [entry.action.split(".")[1] for entry in found] == actions
    assert {(entry.who, entry.address, entry.result) for entry in found} == {("本机命令行（operator）", "本机", "ok")}
    assert (found[0].object, found[0].region) == (batch, "/福建省/")


def test_asking_what_would_be_deleted_and_looking_are_no_entries(data: Path, tmp_path: Path) -> None:
    report = tmp_path / "2023.txt"
    report.write_text(REPORT, encoding="utf-8")
    batch = hecha("batch", "submit", report)
    for words in (("batch", "delete", batch), ("batch", "status", batch), ("batch", "list"), ("clean",)):
        hecha(*words)

    assert [entry.action for entry in entered(data)] == ["batch.submit"]


def test_what_fails_is_entered_as_failed(data: Path) -> None:
    hecha("batch", "cancel", "nothing")
    hecha("batch", "download", "nothing", "--out", data)

    assert [(entry.action, entry.result) for entry in entered(data)] == [
        ("batch.cancel", "failed"),
        ("report.export", "failed"),
    ]
