"""rows: rows left out, added, misnamed or moved."""

from __future__ import annotations

import pytest

from rules.examples import filing_of
from rules.kinds.rows import Rows
from rules.verdict import State

EITHER = {"other": ("other_1", "other_2", "other_3")}


def found(asks, table="applications", **spec):
    verdicts = Rows(asks, EITHER).check(filing_of({"tables": {table: spec}}))
    return [verdict for verdict in verdicts if verdict.state is State.BROKEN]


def test_a_missing_row_is_shown_between_its_neighbours():
    (verdict,) = found("missing", rows={"denied_2": "absent"})
    assert (verdict.place.row, [e.quote for e in verdict.evidence], verdict.doubt) == (
        "denied_2",
        ["1.属于国家秘密", "3.危及“三安全一稳定”"],
        None,
    )


def test_more_than_half_of_the_rows_missing_is_doubted():
    rows = {f"denied_{n}": "absent" for n in range(1, 9)} | {f"rejected_{n}": "absent" for n in range(1, 6)}
    assert {verdict.doubt for verdict in found("missing", rows=rows)} == {"缺行过半，可能为采集缺失，请核对原件"}


def test_a_row_that_may_be_the_missing_one_makes_both_findings_doubtful():
    spec = {"rows": {"denied_2": "absent"}, "extra": [{"label": "2.其他", "cells": [0] * 7, "after": "denied_1"}]}
    assert [bool(verdict.doubt) for asks in ("missing", "extra") for verdict in found(asks, **spec)] == [True, True]


@pytest.mark.parametrize(
    ("extra", "count"),
    [
        ({"label": "小计", "cells": [1]}, 1),
        ({"label": "小计"}, 1),
        ({"label": ""}, 0),
        ({"label": "三、本年度办理结果"}, 0),
        ({"label": "自然人"}, 0),
        ({"label": "申请人情况"}, 0),
        ({"label": "法人或其他组织"}, 0),
        ({"label": "注：数据截至年底"}, 0),
        ({"label": "填表人：某某"}, 0),
        ({"label": "（七）总计", "cells": [0] * 7, "repeats": "total", "same": True}, 0),
        ({"label": "（七）总计", "cells": [1] * 7, "repeats": "total"}, 1),
        ({"label": "（七）总计", "repeats": "total"}, 0),
    ],
)
def test_only_a_row_of_its_own_or_one_printed_twice_differently_is_too_many(extra, count):
    assert len(found("extra", extra=[extra])) == count


def test_a_row_split_by_a_page_break_is_doubted():
    (verdict,) = found("extra", extra=[{"label": "（七）总计", "cells": [1, "blank", 0, 0, 0, 0, 1], "repeats": "total"}])
    assert verdict.doubt is not None


@pytest.mark.parametrize(
    ("order", "moved"),
    [
        (["rules", "norm", "license", "penalty", "coercion", "charge"], []),
        (["norm", "rules", "license", "penalty", "coercion", "charge"], ["norm"]),
        (["license", "rules", "norm", "penalty", "coercion", "charge"], ["license"]),
        (["rules", "norm", "penalty", "coercion", "license", "charge"], ["license"]),
        (["rules", "charge"], []),
    ],
)
def test_as_few_rows_as_possible_are_called_moved(order, moved):
    assert [verdict.place.row for verdict in found("order", "disclosure", order=order)] == moved


def test_a_table_read_in_columns_is_not_blamed_on_the_agency():
    order = ["charge", "coercion", "penalty", "license", "norm", "rules"]
    assert all(verdict.doubt for verdict in found("order", "disclosure", order=order))


def test_a_misnamed_row_shows_both_labels():
    (verdict,) = found("label", labels={"denied_2": "2.其他法律法规禁止公开"})
    assert (verdict.expected, verdict.actual, verdict.facts["difference"]) == (
        "2.其他法律行政法规禁止公开",
        "2.其他法律法规禁止公开",
        "缺“行政”",
    )
