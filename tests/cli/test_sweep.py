"""`hecha sweep edit` over a data folder: what is not said stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import cli.sweep
from audits.store import Store
from cli.main import main


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    monkeypatch.setattr(cli.sweep, "DATA_FOLDER", tmp_path / "data")
    (tmp_path / "swept").mkdir()
    words = (
        "--title",
        "每周",
        "--when",
        "每周一 02:00",
        "--region",
        "霁川市",
        "--year",
        "2024",
        "--folder",
        str(tmp_path / "swept"),
    )
    return sweep("add", *words).stdout.strip()


def sweep(*words: str) -> Result:
    return CliRunner().invoke(main, ["sweep", *words])


def test_what_is_not_said_stays_as_it_is(made: str, tmp_path: Path) -> None:
    before = Store(tmp_path / "data").sweeping.schedule(made)
    result = sweep("edit", made, "--when", "工作日 6 点")
    after = Store(tmp_path / "data").sweeping.schedule(made)

    assert (result.exit_code, result.stdout.splitlines()[0], after.words) == (0, "已修改", "工作日 6 点")
    kept = ("title", "source", "region", "year", "missed", "pack", "created_at")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]


def test_a_year_is_taken_away_and_another_folder_looked_at(made: str, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    sweep("edit", made, "--any-year", "--title", "每月", "--folder", str(tmp_path / "other"))
    after = Store(tmp_path / "data").sweeping.schedule(made)

    assert (after.year, after.title, after.source["path"]) == (None, "每月", str(tmp_path / "other"))


@pytest.mark.parametrize(
    ("words", "said"),
    [(("--when", "有空时"), "有空时"), (("--year", "2024", "--any-year"), "只能写一个"), (("--pack", "没有的"), "没有的")],
)
def test_what_cannot_be_is_refused_and_nothing_is_changed(made: str, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    before = Store(tmp_path / "data").sweeping.schedule(made)
    result = sweep("edit", made, *words)

    assert (result.exit_code, said in result.stderr) == (2, True)
    assert Store(tmp_path / "data").sweeping.schedule(made) == before
