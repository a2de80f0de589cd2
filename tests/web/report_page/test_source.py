"""The source with its marks: every place that a finding names, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from audits.audit import audit
from audits.digest import Digest, digest_of
from audits.findings import Finding
from audits.renderers.source_form import Piece, SourceCell, SourceParagraph, SourceTable, SourceText, render, source_from
from reports_in import read
from reports_in.document import Source
from rules.compile import load_pack
from rules.verdict import Evidence, Place, Severity
from web.report_page.source import MOST_CELLS, Gap, MarkedSource, Run, ShownParagraph, ShownTable, marked_source

REPORTS = Path(__file__).parents[3] / "samples/reports"


def finding(number: int, *chars: tuple[int, int], severity: Severity = Severity.ERROR, doubt: str | None = None) -> Finding:
    evidence = tuple(Evidence("", Source(None, None, None, place)) for place in chars)
    return Finding(f"R-{number}", "R", severity, doubt, "", "", Place(), "", evidence, "", "", "", "")


def digest(findings: Sequence[Finding]) -> Digest:
    return Digest("", "", None, None, None, None, None, None, True, "", tuple(findings), (), {}, "", "")


def paragraphs(*texts: str) -> SourceText:
    start, blocks = 0, []
    for text in texts:
        blocks.append(SourceParagraph(Piece(text, start, None, None), None))
        start += len(text) + 1
    return SourceText("text/plain", tuple(blocks))


def marks(found: MarkedSource) -> list[tuple[str, tuple[int, ...]]]:
    runs: list[Run] = []
    for block in found.blocks:
        if isinstance(block, ShownParagraph):
            runs += block.runs
        elif isinstance(block, ShownTable):
            runs += [run for row in block.rows for cell in row for run in cell.runs]
    return [(run.text, run.numbers) for run in runs]


def test_text_is_cut_where_marks_begin_and_end() -> None:
    found = marked_source(paragraphs("甲乙丙丁戊"), digest([finding(1, (1, 3)), finding(2, (2, 4))]))

    assert marks(found) == [("甲", ()), ("乙", (1,)), ("丙", (1, 2)), ("丁", (2,)), ("戊", ())]


def test_a_place_over_several_paragraphs_is_marked_in_each_and_begins_in_the_first() -> None:
    found = marked_source(paragraphs("甲乙", "丙丁"), digest([finding(1, (1, 4))]))

    assert marks(found) == [("甲", ()), ("乙", (1,)), ("丙", (1,)), ("丁", ())]
    firsts = [run.first for block in found.blocks if isinstance(block, ShownParagraph) for run in block.runs]
    assert firsts == [(), (1,), (), ()]


def test_the_worst_of_several_decides_the_colour_and_doubt_needs_all() -> None:
    doubtful, sure = finding(1, (0, 2), severity=Severity.ERROR, doubt="？"), finding(2, (0, 1), severity=Severity.NOTICE)

    found = marked_source(paragraphs("甲乙"), digest([doubtful, sure]))

    runs = [run for block in found.blocks if isinstance(block, ShownParagraph) for run in block.runs]
    assert [(run.severity, run.is_doubtful) for run in runs] == [("error", False), ("error", True)]


def test_a_blank_cell_is_marked_as_a_whole() -> None:
    cells = (SourceCell(Piece("甲", 0, 1, None), 0, 0, 1, 1), SourceCell(Piece("", 2, 1, None), 0, 1, 1, 1))
    text = SourceText("text/html", (SourceTable(cells, 1, 2, False, 1),))

    assert marks(marked_source(text, digest([finding(1, (2, 2))]))) == [("甲", ()), ("", (1,))]


def test_gaps_between_cells_are_filled_and_spans_cover_what_is_below() -> None:
    cells = (
        SourceCell(Piece("甲", 0, None, None), 0, 0, 2, 1),
        SourceCell(Piece("乙", 2, None, None), 0, 2, 1, 1),
        SourceCell(Piece("丙", 4, None, None), 1, 1, 1, 1),
    )

    (table,) = marked_source(SourceText("", (SourceTable(cells, 2, 3, False, None),)), digest([])).blocks

    assert isinstance(table, ShownTable)
    texts = [["".join(run.text for run in cell.runs) for cell in row] for row in table.rows]
    assert texts == [["甲", "", "乙"], ["丙"]]


def test_of_a_very_long_text_the_surroundings_of_what_is_marked_are_shown() -> None:
    text = paragraphs(*["长" * 1_000] * 300)

    found = marked_source(text, digest([finding(1, (150 * 1_001, 150 * 1_001 + 5))]))

    assert [block.blocks for block in found.blocks if isinstance(block, Gap)] == [142, 145]
    assert found.found == {1}


def test_a_place_that_is_nowhere_in_the_text_is_not_found() -> None:
    assert marked_source(paragraphs("甲"), digest([finding(1, (500, 510))])).found == frozenset()


@pytest.mark.parametrize(
    "name", ["青禾县民政局2023年报.txt", "青禾县水务局2022.html", "桐坞街道2021年报.md", "澜汀区卫健局2023年报.txt"]
)
def test_nothing_of_the_text_is_lost_by_marking_it(name: str) -> None:
    document = read(REPORTS / name)
    text = source_from(render(document))

    shown = marked_source(text, digest_of(audit(document, load_pack())))

    plain = [
        piece.text
        for block in text.blocks
        for piece in ([cell.piece for cell in block.cells] if isinstance(block, SourceTable) else [block.piece])
    ]
    assert "".join(run for run, _ in marks(shown)) == "".join(plain)


def test_a_cell_that_reaches_over_everything_costs_no_more_than_the_cells_that_are_there() -> None:
    """Its places are not told one by one: a hundred thousand rows of two hundred columns are gigabytes."""
    cells = [SourceCell(Piece("a", 0, None, None), 0, 0, 100_000, 200)]
    cells += [SourceCell(Piece("b", row, None, None), row, 200, 1, 1) for row in range(100_000)]
    begun = time.process_time()
    found = marked_source(SourceText("text/html", (SourceTable(tuple(cells), 100_000, 201, False, None),)), digest([]))

    assert time.process_time() - begun < 5
    (table,) = found.blocks
    assert isinstance(table, ShownTable)
    assert [len(row) for row in table.rows[:3]] == [2, 1, 1]


def test_a_table_that_is_all_gaps_comes_to_an_end() -> None:
    cells = (SourceCell(Piece("a", 0, None, None), 0, 3_000_000, 1, 1),)
    found = marked_source(SourceText("text/html", (SourceTable(cells, 3_000_000, 1, False, None),)), digest([]))

    (table,) = found.blocks
    assert isinstance(table, ShownTable)
    assert sum(len(row) for row in table.rows) <= MOST_CELLS + 2
