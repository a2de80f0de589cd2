"""`hecha clean`: it says what would go, and takes it away with --yes alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli.clean
from audits.store import Store
from cli.main import main


def test_it_lists_and_removes_with_yes_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli.clean, "DATA_FOLDER", tmp_path)
    store = Store(tmp_path)
    lost = store.file(store.put_bytes(b"x" * 3000))
    os.utime(lost, (0, 0))

    told = CliRunner().invoke(main, ["clean"])
    assert (told.exit_code, lost.exists()) == (0, True)
    assert "原件保存期限：永久；核查结果保存期限：永久" in told.stdout
    assert "将删除无主文件：文件 1 个（2.9 KB）" in told.stdout

    done = CliRunner().invoke(main, ["clean", "--yes"])
    assert (done.exit_code, lost.exists(), "已删除无主文件：文件 1 个（2.9 KB）" in done.stdout) == (0, False, True)
    assert "将删除" not in CliRunner().invoke(main, ["clean", "--yes"]).stdout


def test_months_must_be_some(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli.clean, "DATA_FOLDER", tmp_path)

    assert CliRunner().invoke(main, ["clean", "--reports-months", "0"]).exit_code == 2
