"""Words that say something happened are held against cells that say it did not."""

from __future__ import annotations

from typing import Any

import pytest

from rules.errors import FieldError
from rules.examples import filing_of
from rules.kinds.words_against_cells import Told, WordsAgainstCells
from rules.verdict import State

TOLD = Told(("申请才公开",), ("applications.new.total", "applications.carried_in.total"), ("避免",))
KIND = WordsAgainstCells("problems", (TOLD,), doubt="请人工判断")


@pytest.mark.parametrize(
    ("text", "rows", "state"),
    [
        ("有的信息经申请才公开。", {}, State.BROKEN),
        ("有的信息经申请才公开。", {"carried_in": 1}, State.HOLDS),
        ("有的信息经申请才公开。", {"new": "blank"}, State.UNDETERMINED),
        ("避免信息经申请才公开。", {}, State.NOT_APPLICABLE),
        ("公开不够及时。", {}, State.NOT_APPLICABLE),
    ],
)
def test_words_are_held_against_cells(text: str, rows: dict[str, Any], state: State) -> None:
    filing = filing_of({"sections": {"problems": [text]}, "tables": {"applications": {"rows": rows}}})
    assert [verdict.state for verdict in KIND.check(filing)] == [state]


def test_the_doubt_of_the_rule_is_the_findings() -> None:
    filing = filing_of({"sections": {"problems": ["一是有的信息经申请才公开。"]}})
    verdict = next(iter(KIND.check(filing)))
    assert (verdict.doubt, verdict.evidence[0].quote) == ("请人工判断", "一是有的信息经申请才公开。")


@pytest.mark.parametrize(
    "told", [Told(("a(",), ("applications.new.total",)), Told(("甲",), ("applications.new",)), Told(("甲",), ())]
)
def test_a_pattern_or_a_cell_that_is_none_is_refused(told: Told) -> None:
    with pytest.raises(FieldError):
        WordsAgainstCells("problems", (told,))
