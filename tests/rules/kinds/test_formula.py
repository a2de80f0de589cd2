"""formula: a condition over cells of this report and the last, decided as far as the figures allow."""

from __future__ import annotations

import pytest

from rules.errors import FieldError
from rules.examples import cells_of, filing_of
from rules.kinds.formula import Formula
from rules.verdict import State

STOCK = Formula(holds="made - repealed <= valid", over="disclosure", rows=("rules", "norm"))
RATE = Formula(
    holds="part / whole <= 0.5",
    cells={"part": "applications.granted.total", "whole": "applications.total.total"},
    when="whole >= 0",
    shows={"percent": "round(100 * part / whole, 1)"},
)
GROWTH = Formula(
    holds="now == 0 or now <= before * 10",
    cells={"now": "applications.new.total"},
    previous={"before": "applications.new.total"},
)


def rate(**cells):
    return RATE.check_cells(cells_of(cells))


def test_it_is_asked_once_for_every_row():
    verdicts = list(STOCK.check(filing_of({"tables": {"disclosure": {"rows": {"norm": [3, 0, 1]}}}})))
    assert [(verdict.place.row, verdict.state) for verdict in verdicts] == [("rules", State.HOLDS), ("norm", State.BROKEN)]


def test_a_finding_carries_its_figures_those_shown_and_the_row():
    verdict = rate(part=2, whole=3)
    assert (verdict.state, dict(verdict.facts)) == (
        State.BROKEN,
        {"part": 2, "whole": 3, "percent": "66.7", "label": ""},
    )


def test_a_missing_cell_is_named():
    verdict = rate(part="blank", whole=3)
    assert (verdict.state, verdict.reason) == (State.UNDETERMINED, "“（一）予以公开”行“总计”列空白")


def test_division_by_zero_is_undetermined():
    verdict = rate(part=0, whole=0)
    assert (verdict.state, verdict.reason) == (State.UNDETERMINED, "除数为0，无法计算")


def test_a_premise_that_fails_makes_it_not_applicable():
    assert rate(part=0, whole=-1).state is State.NOT_APPLICABLE


def test_last_year_is_asked_for_only_where_this_year_does_not_settle_it():
    busy = {"tables": {"applications": {"rows": {"new": {"total": 11}}}}}
    last = {"year": 2022, "tables": {"applications": {"rows": {"new": {"total": 1}}}}}
    states = [next(iter(GROWTH.check(filing_of(spec)))) for spec in ({}, busy, busy | {"previous": last})]
    assert [(verdict.state, verdict.reason) for verdict in states] == [
        (State.HOLDS, ""),
        (State.UNDETERMINED, "未提供上年报告"),
        (State.BROKEN, ""),
    ]


def test_a_blank_in_last_years_report_is_said_to_be_last_years():
    spec = {
        "tables": {"applications": {"rows": {"new": {"total": 11}}}},
        "previous": {"year": 2022, "tables": {"applications": {"rows": {"new": {"total": "blank"}}}}},
    }
    assert next(iter(GROWTH.check(filing_of(spec)))).reason == "上年报告“一、本年新收政府信息公开申请数量”行“总计”列空白"


@pytest.mark.parametrize(
    ("keys", "path"),
    [
        ({"holds": "a > 0"}, ("holds",)),
        ({"holds": "made > 0", "over": "disclosure", "rows": ("nobody",)}, ("rows", 0)),
        ({"holds": "made > b", "over": "disclosure", "rows": ("norm",)}, ("holds",)),
        ({"holds": "a > 0", "cells": {"a": "applications.new"}}, ("cells", "a")),
        ({"holds": "a > 0", "cells": {"a": "applications.new.sum"}}, ("cells", "a")),
        ({"holds": "a > b", "cells": {"a": "applications.new.total"}, "previous": {"b": "x.y.z"}}, ("previous", "b")),
        ({"holds": "a > 0", "cells": {"a": "applications.new.total"}, "shows": {"p": "a ** 2"}}, ("shows", "p")),
    ],
)
def test_a_wrong_key_is_refused_at_its_place(keys, path):
    with pytest.raises(FieldError) as caught:
        Formula(**keys)
    assert caught.value.path == path
