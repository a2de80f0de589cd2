"""The audit against the hand-labelled real reports, where these are on the machine."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from bench.gold import Score, report_files, score, shared_folder

SHARED = shared_folder()
PATHS = report_files(SHARED) if SHARED else []
pytestmark = pytest.mark.skipif(SHARED is None, reason="the labelled real reports (../shared or HECHA_SHARED) are not here")


@cache
def scored(path: Path) -> Score:
    assert SHARED is not None
    result = score(SHARED, path)
    if result.unread.startswith("UNKNOWN_FORMAT"):
        pytest.skip(f"no reader for this format: {result.unread}")
    return result


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_every_cell_of_a_labelled_report_is_read_as_printed(path: Path) -> None:
    result = scored(path)
    assert (result.unread, result.wrong_cells, result.cells_right) == ("", [], result.cells)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_year_edition_and_sections_of_a_labelled_report_are_found(path: Path) -> None:
    assert scored(path).facts_wrong == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_every_certain_finding_of_a_labelled_report_is_reported_at_its_place(path: Path) -> None:
    assert scored(path).missed == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_nothing_is_reported_that_must_not_be(path: Path) -> None:
    assert scored(path).false_alarms == []
