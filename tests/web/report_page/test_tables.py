"""The three tables as read: whole rows of the official form, every fault marked somewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from audits.single import audit_file
from web.report_page.problems import compared, problems
from web.report_page.recorded import Recorded, recorded_from
from web.report_page.tables import ReadTable, numbers_in, read_tables

REPORTS = Path(__file__).parents[3] / "samples/reports"
NAMES = (
    "青禾县民政局2023年报.txt",
    "青禾县农业农村局2022（县网下载）.html",
    "霁川市住建局2023年度.txt",
    "石盘乡2020年.txt",
    "澜汀区财政局2019.md",
)


def recorded(name: str) -> Recorded:
    return recorded_from(audit_file(REPORTS / name, name, ("json",)).outputs["json"])


def widths(table: ReadTable) -> set[int]:
    """How many columns each row covers, cells that reach down from rows above included."""
    held: dict[int, int] = {}
    found = set()
    for index, row in enumerate(table.rows):
        found.add(sum(box.column_span for box in row) + held.get(index, 0))
        for box in row:
            for below in range(index + 1, index + box.row_span):
                held[below] = held.get(below, 0) + box.column_span
    return found


@pytest.mark.parametrize("name", NAMES)
def test_rows_of_a_table_are_equally_wide(name: str) -> None:
    for table in read_tables(recorded(name)):
        assert len(widths(table)) == 1, table.key


@pytest.mark.parametrize("name", NAMES)
def test_every_problem_of_a_table_is_marked_in_it_once_first(name: str) -> None:
    audit = recorded(name)
    tables = read_tables(audit)

    in_tables = {audit.numbers[finding.id] for finding in audit.digest.findings if finding.place.table}
    firsts = [number for table in tables for row in table.rows for box in row for number in box.first]
    elsewhere = [number for table in tables for number in table.elsewhere]
    assert numbers_in(tables) == in_tables
    assert sorted([*firsts, *elsewhere]) == sorted(in_tables)


@pytest.mark.parametrize("name", NAMES)
def test_every_cell_that_was_read_is_shown_as_it_was_printed(name: str) -> None:
    audit = recorded(name)

    for table in read_tables(audit):
        shown = [box.text for row in table.rows for box in row if box.state == "filled"]
        cells = [cell for row in audit.whole["tables"][table.key].values() for cell in row.values()]
        assert sorted(shown) == sorted(" ".join(cell["raw"].split()) for cell in cells if cell["state"] == "filled")


def test_a_report_that_no_edition_covers_has_no_tables() -> None:
    assert read_tables(recorded("霁川市档案局2016年度报告.txt")) == ()


def test_two_texts_that_are_alike_show_where_they_differ() -> None:
    theirs, ours = compared("2.其他法律行政法规禁止公开", "2.其他法律法规禁止公开")

    assert [part.text for part in theirs if part.differs] == ["行政"]
    assert "".join(part.text for part in ours) == "2.其他法律法规禁止公开"
    assert not any(part.differs for part in compared("14", "15")[0])


def test_faults_that_belong_together_are_explained_once() -> None:
    cards = problems(recorded(NAMES[0]), {}, frozenset(), {}, {}, frozenset())

    explained = [card.number for card in cards if card.causes and not card.causes[0].startswith("见第")]
    referred = {card.causes[0] for card in cards if card.causes and card.causes[0].startswith("见第")}
    assert explained
    assert referred <= {f"见第 {number} 项，系同一处差错" for number in explained}
