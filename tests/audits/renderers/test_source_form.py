"""The text kept beside an audit: all of it, at its places, with nobody's numbers in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from audits.renderers.source_form import SourceParagraph, SourceTable, render, source_from
from reports_in import read, read_bytes
from reports_in.limits import LIMITS

REPORTS = Path(__file__).parents[3] / "samples/reports"
SAMPLES = ("云渡县市场监管局2022年报.txt", "澜汀区财政局2019.md", "青禾县水务局2022.html")


@pytest.mark.parametrize("name", SAMPLES)
def test_every_piece_is_what_stands_at_its_place_in_the_document(name: str) -> None:
    document = read(REPORTS / name)

    kept = source_from(render(document))

    pieces = [block.piece for block in kept.blocks if isinstance(block, SourceParagraph)]
    pieces += [cell.piece for block in kept.blocks if isinstance(block, SourceTable) for cell in block.cells]
    assert pieces
    assert [piece.text for piece in pieces] == [document.text[piece.start : piece.start + len(piece.text)] for piece in pieces]


def test_a_persons_number_is_starred_out_and_nothing_moves() -> None:
    text = "一、总体情况\n联系人电话13800000000，收到申请3件。\n"

    kept = source_from(render(read_bytes(text.encode(), "某局2023年报.txt")))

    shown = [block.piece for block in kept.blocks if isinstance(block, SourceParagraph)]
    assert [(piece.text, piece.start) for piece in shown] == [("一、总体情况", 0), ("联系人电话138****0000，收到申请3件。", 7)]


@pytest.mark.parametrize("written", [b"[]", b'{"format":"other"}', b"no json", b'{"format":"hecha-source/1","blocks":[1]}'])
def test_anything_else_is_refused(written: bytes) -> None:
    with pytest.raises(ValueError, match=r"not hecha-source/1|Expecting value"):
        source_from(written)


@pytest.mark.parametrize(
    "block",
    [
        '["a", -1, null, null, null]',
        '["a", 1.5, null, null, null]',
        '["a", 0, "1", null, null]',
        "[5, 0, null, null, null]",
        '[[["a", 0, null, null, 0, 0, "9", 1]], 1, 1, "grid", null]',
        '[[[["a"], 0, null, null, 0, 0, 1, 1]], 1, 1, "grid", null]',
        '[[], null, 1, "grid", null]',
        "[" * 100_000,
    ],
    ids=lambda block: block[:40],
)
def test_what_a_process_taken_over_writes_is_refused(block: str) -> None:
    written = f'{{"format":"hecha-source/1","media_type":"text/html","recognised":[],"blocks":[{block}]}}'
    with pytest.raises(ValueError, match=r"."):
        source_from(written.encode())


def test_a_table_is_no_longer_than_a_text_may_be() -> None:
    written = '{"format":"hecha-source/1","media_type":"text/html","recognised":[],"blocks":[[[],999999999999,1,"grid",null]]}'
    (table,) = source_from(written.encode()).blocks

    assert isinstance(table, SourceTable)
    assert table.rows == LIMITS.text_chars
