"""How findings are matched with the hand-made labels; all data here is ours."""

from __future__ import annotations

from typing import Any

import pytest

from bench.gold import Entry, finding_lines

CELL = {"state": "filled", "raw": "3", "value": 3, "at": {"line": 40}, "doubt": None}
ANSWER = {
    "tables": {"litigation": {"review": {"total": CELL}}},
    "sections": [{"key": "overview", "at": {"line": 5}}, {"key": "disclosure", "at": {"line": 20}}],
}


def finding(rule: str, lines: tuple[int, ...] = (), **place: str) -> dict[str, Any]:
    return {"rule": rule, "place": place, "evidence": [{"quote": "甲", "at": {"line": line}} for line in lines]}


def entry(*rules: str, lines: tuple[tuple[int, int], ...] = (), place: dict[str, str] | None = None) -> Entry:
    return Entry(rules, lines, place or {}, "", True)


@pytest.mark.parametrize(
    ("written", "found", "expected"),
    [
        (entry("TYPO", lines=((10, 12),)), finding("TYPO", (12,)), True),
        (entry("TYPO", lines=((10, 12),)), finding("TYPO", (13,)), False),
        (entry("TYPO", lines=((10, 12), (30, 30))), finding("TYPO", (7, 30)), True),
        (entry("SEC-EXTRA", "NUMBERING-DUP", lines=((9, 9),)), finding("NUMBERING-DUP", (9,)), True),
        (entry("SEC-EXTRA", lines=((9, 9),)), finding("NUMBERING-DUP", (9,)), False),
        (entry("LIT-TOTAL", lines=((40, 40),)), finding("LIT-TOTAL", table="litigation", row="review"), True),
        (entry("LIT-TOTAL", lines=((41, 41),)), finding("LIT-TOTAL", table="litigation", row="review"), False),
        (entry("SEC-EMPTY", lines=((6, 9),)), finding("SEC-EMPTY", section="overview"), True),
        (entry("SEC-EMPTY", lines=((6, 9),)), finding("SEC-EMPTY", (15,), section="overview"), False),
        (entry("UNIT", place={"row": "procure", "column": "amt"}), finding("UNIT", row="procure", column="amt"), True),
        (entry("UNIT", place={"row": "procure", "column": "amt"}), finding("UNIT", row="procure", column="n"), False),
        (entry("UNIT"), finding("UNIT", (99,)), True),
    ],
)
def test_a_finding_matches_where_the_entry_says(written: Entry, found: dict[str, Any], expected: bool) -> None:
    assert written.matches(found, ANSWER) is expected


def test_a_quote_over_two_lines_points_at_both() -> None:
    found = {"rule": "X", "place": {}, "evidence": [{"quote": "甲\n乙", "at": {"line": 7}}]}
    assert finding_lines(found, ANSWER) == [(7, 8)]
