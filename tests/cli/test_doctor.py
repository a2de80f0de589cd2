"""`hecha doctor` says what this machine has."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis
from click.testing import CliRunner

import audits.renderers
import cli.doctor
from audits.intake import Submitted
from audits.store import Store
from cli.main import main
from worker import redis_check
from worker.redis_check import Fitness


def doctor() -> tuple[int, str]:
    result = CliRunner().invoke(main, ["doctor"])
    return result.exit_code, result.stdout


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
