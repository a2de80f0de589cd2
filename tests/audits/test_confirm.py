"""Doubts of OCR: lifted where both sums through a cell hold, kept everywhere else; findings on recognised text say so."""

from __future__ import annotations

from dataclasses import replace

from audits.align import align
from audits.audit import audit
from audits.confirm import SCANNED, confirmed, with_scan_doubts
from audits.findings import Finding
from bench.corpus.layouts import case
from reports_in import read_bytes
from reports_in.document import Document
from rules.compile import load_pack
from rules.filing import Cell, CellState, Filing

DOUBT = "扫描识别置信度60%"


def document() -> Document:
    printed = case("html", 3).printed
    return read_bytes(printed.data, printed.name)


def with_cell(filing: Filing, row: str, column: str, **changes: object) -> Filing:
    table = filing.tables["applications"]
    old = table.rows[row]
    cell = old.cells[column]._replace(**changes)  # type: ignore[arg-type]
    rows = {**table.rows, row: old._replace(cells={**old.cells, column: cell})}
    return replace(filing, tables={**filing.tables, "applications": replace(table, rows=rows)})


def cell_of(filing: Filing, row: str, column: str) -> Cell:
    return filing.tables["applications"].cell(row, column)


def test_a_doubt_is_lifted_where_both_sums_hold() -> None:
    filing = align(document())
    for row, column in (("new", "natural"), ("granted", "total"), ("total", "total"), ("carried_out", "business")):
        unsure = with_cell(filing, row, column, doubt=DOUBT)
        assert cell_of(confirmed(unsure), row, column) == cell_of(filing, row, column)


def test_a_broken_sum_lifts_nothing_and_no_value_is_changed() -> None:
    filing = align(document())
    value = cell_of(filing, "granted", "business").value
    assert value is not None
    wrong = with_cell(filing, "granted", "business", value=value + 7, raw=str(value + 7), doubt=DOUBT)
    beside = with_cell(wrong, "granted", "total", doubt=DOUBT)
    below = with_cell(beside, "total", "business", doubt=DOUBT)
    for row, column in (("granted", "business"), ("granted", "total"), ("total", "business")):
        assert cell_of(confirmed(below), row, column) == cell_of(below, row, column)


def test_another_doubt_than_that_of_ocr_is_not_lifted() -> None:
    filing = with_cell(align(document()), "new", "natural", doubt="列位置据合计关系推定")
    assert confirmed(filing) == filing


def test_a_value_with_dirt_around_it_is_not_confirmed_by_a_sum() -> None:
    filing = align(document())
    dirty = with_cell(filing, "new", "natural", raw=f"{cell_of(filing, 'new', 'natural').raw}.", doubt=DOUBT)
    assert cell_of(confirmed(dirty), "new", "natural").doubt == DOUBT


def test_a_blank_cell_stays_what_it_is() -> None:
    blank = with_cell(
        align(document()), "new", "ngo", state=CellState.BLANK, raw="", value=None, doubt="扫描件此格空白但有墨迹"
    )
    assert confirmed(blank) == blank


def findings(text: str) -> tuple[Document, Filing, list[Finding]]:
    read = read_bytes(text.encode(), "年报.txt")
    result = audit(read, load_pack())
    return read, result.filing, list(result.findings)


def test_findings_on_recognised_text_say_that_a_person_must_look() -> None:
    read, filing, found = findings("示例县财政局2023年政府信息公开工作年度报告\n\n一、总体情况\n全年公开信息10条。\n")
    assert any(finding.doubt is None for finding in found)
    assert with_scan_doubts(found, filing, read) == found
    scanned = replace(read, recognised=frozenset({None}))  # type: ignore[arg-type]  # a text has no pages
    doubted = with_scan_doubts(found, filing, scanned)
    assert all(finding.doubt for finding in doubted)
    assert SCANNED in [finding.doubt for finding in doubted]
