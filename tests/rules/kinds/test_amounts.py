"""amounts: decimals and unit of a sum of money, by the head of its own column."""

from __future__ import annotations

import pytest

from rules.examples import filing_of
from rules.kinds.amounts import Amounts
from rules.verdict import State


def states(asks, raw, head=None, **more):
    headers = {} if head is None else {"headers": {"item_8.amt": head}}
    spec = {"tables": {"disclosure": {"rows": {"charge": [raw]}, **headers}}, **more}
    return [(verdict.state, verdict.doubt is not None) for verdict in Amounts(asks).check(filing_of(spec))]


FOUR = "本年收费金额（单位：万元，保留4位小数）"


@pytest.mark.parametrize(
    ("raw", "head", "state"),
    [
        ("12.3400", FOUR, State.HOLDS),
        ("0", FOUR, State.HOLDS),
        ("0.0", FOUR, State.HOLDS),
        ("12.34", FOUR, State.BROKEN),
        ("12", FOUR, State.BROKEN),
        ("12.345678", FOUR, State.BROKEN),
        ("123400元", FOUR, State.HOLDS),
        ("12.34", "本年收费金额(单位:万元,保留 ４ 位小数)", State.BROKEN),
        ("12.34", "本年收费金额（单位：万元，保留小数点后两位）", State.HOLDS),
        ("12.345", "本年收费金额（单位：万元，保留两位小数）", State.BROKEN),
        ("12.34", "本年收费金额（单位：万元）", State.NOT_APPLICABLE),
        ("12.34", "absent", State.NOT_APPLICABLE),
        ("blank", FOUR, State.UNDETERMINED),
        ("/", FOUR, State.UNDETERMINED),
    ],
)
def test_decimals_are_asked_for_only_by_the_printed_head(raw, head, state):
    assert [found for found, _ in states("decimals", raw, head)] == [state]


@pytest.mark.parametrize(
    ("raw", "head", "agency", "expected"),
    [
        ("12.5", None, "临江县水利局", (State.HOLDS, False)),
        ("9999.9", None, "临江县水利局", (State.HOLDS, False)),
        ("251000元", None, "临江县水利局", (State.BROKEN, False)),
        ("25.1万元", None, "临江县水利局", (State.HOLDS, False)),
        ("251000", None, "临江县水利局", (State.BROKEN, True)),
        ("251000", None, "海东省人民政府", (State.HOLDS, False)),
        ("251000", None, "海东省人民政府办公厅", (State.HOLDS, False)),
        ("251000", None, "水运总局", (State.UNDETERMINED, False)),
        ("73802895.90", None, "海东省人民政府", (State.BROKEN, False)),
        ("251000", "本年收费金额（单位：元）", "临江县水利局", (State.NOT_APPLICABLE, False)),
        ("blank", None, "临江县水利局", (State.UNDETERMINED, False)),
    ],
)
def test_a_large_amount_is_suspect_only_without_a_witness(raw, head, agency, expected):
    assert states("unit", raw, head, agency=agency) == [expected]


@pytest.mark.parametrize(("before", "state"), [("200000", State.HOLDS), ("25.1", State.BROKEN), ("0", State.BROKEN)])
def test_last_year_is_the_witness(before, state):
    previous = {"year": 2022, "tables": {"disclosure": {"rows": {"charge": [before]}}}}
    assert states("unit", "251000", agency="临江县水利局", previous=previous)[0][0] is state
