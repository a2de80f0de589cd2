"""A stated change is recalculated from the two reports, where both are there."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from rules.errors import FieldError
from rules.examples import filing_of
from rules.kinds.yearly_change import YearlyChange
from rules.verdict import State

KIND = YearlyChange("applications.change", "applications.new.total", Decimal("0.5"))
TEXT = "（二）依申请公开。收到政府信息公开申请29件，同比增长45%。"


def report(year: int, new: Any, text: str = TEXT) -> dict[str, Any]:
    sections = {"overview": [text], "problems": ["无。"], "other_matters": ["无。"]}
    return {"year": year, "sections": sections, "tables": {"applications": {"rows": {"new": new}}}}


@pytest.mark.parametrize(
    ("before", "now", "state"),
    [
        (20, 29, State.HOLDS),
        (21, 29, State.BROKEN),
        (0, 29, State.NOT_APPLICABLE),
        ("blank", 29, State.UNDETERMINED),
        (20, "blank", State.UNDETERMINED),
    ],
)
def test_the_change_is_that_of_the_tables(before: Any, now: Any, state: State) -> None:
    verdicts = KIND.check(filing_of(report(2023, now) | {"previous": report(2022, before, "无。")}))
    assert [verdict.state for verdict in verdicts] == [state]


def test_without_last_years_report_nothing_can_be_said() -> None:
    verdicts = list(KIND.check(filing_of(report(2023, 29))))
    assert [(verdict.state, verdict.reason) for verdict in verdicts] == [(State.UNDETERMINED, "未提供上年报告")]


def test_an_unknown_subject_is_refused() -> None:
    with pytest.raises(FieldError):
        YearlyChange("applications.grow", "applications.new.total", Decimal(1))
