"""`hecha batch` over a data folder, the hints caught: what Celery does with them is tested with real servers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import cli.batch
import worker.tasks
from audits.service import run_job
from audits.store import Store
from cli.main import main

SAMPLES = Path(__file__).parents[2] / "samples" / "reports"


class Hints(list[str]):
    """Every job id hinted at; ``arrive`` says whether Redis is there."""

    arrive = True

    def __call__(self, job_ids: Sequence[str]) -> bool:
        self.extend(job_ids if self.arrive else ())
        return self.arrive


@pytest.fixture
def hints(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Hints:
    caught = Hints()
    monkeypatch.setattr(worker.tasks, "hint", caught)
    monkeypatch.setattr(cli.batch, "DATA_FOLDER", tmp_path / "data")
    return caught


def batch(*args: str | Path) -> Result:
    return CliRunner().invoke(main, ["batch", *map(str, args)])


def test_submitting_prints_the_id_alone_on_stdout_and_hints_at_every_job(hints: Hints, tmp_path: Path) -> None:
    result = batch("submit", SAMPLES)

    batch_id = result.stdout.strip()
    assert (result.exit_code, Store(tmp_path / "data").waiting(batch_id)) == (0, list(hints))
    assert "已收下 15 个文件，跳过 1 个" in result.stderr


def test_without_redis_the_batch_is_kept_and_how_to_go_on_is_said(hints: Hints) -> None:
    hints.arrive = False
    result = batch("submit", SAMPLES)
    hints.arrive = True

    assert (result.exit_code, f"hecha batch resume {result.stdout.strip()}" in result.stderr) == (0, True)
    assert "重新通知 15 份" in batch("resume", result.stdout.strip()).stdout
    assert len(hints) == 15


def test_status_says_how_far_it_is_and_exits_0_when_done(hints: Hints, tmp_path: Path) -> None:
    batch_id = batch(
        "submit", SAMPLES / "青禾县教育局2023年报.txt", SAMPLES / "云渡县司法局2023年报.txt", "--title", "教育"
    ).stdout.strip()
    before = batch("status", batch_id)
    for job_id in hints:
        run_job(Store(tmp_path / "data"), job_id, 60.0)
    after = batch("status", batch_id)

    assert (before.exit_code, before.stdout) == (1, "教育：0/2（待核查 2）\n")
    assert (after.exit_code, after.stdout) == (0, "教育：2/2（已核查 1，读不了 1）\n")


def test_download_gives_what_is_done_and_says_what_is_not(hints: Hints, tmp_path: Path) -> None:
    batch_id = batch("submit", SAMPLES / "青禾县教育局2023年报.txt", SAMPLES / "石盘乡2020年.txt").stdout.strip()
    run_job(Store(tmp_path / "data"), hints[0], 60.0)

    result = batch("download", batch_id, "--out", tmp_path / "out", "--format", "pdf")

    assert (result.exit_code, "还有 1 份没有做完" in result.stderr) == (0, True)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["index.json", "青禾县教育局-2023.pdf"]


@pytest.mark.parametrize("command", [["status"], ["resume"], ["download", "--out", "out"]])
def test_an_unknown_batch_is_one_line(hints: Hints, command: list[str]) -> None:
    result = batch(*command, "nope")

    assert (result.exit_code, result.stderr) == (2, "[STORE] nope：没有这个批次；请核对批次号\n")
