"""reserved, share and idle: rows for some bodies only, parts that are too large, powers never used."""

from __future__ import annotations

import pytest

from rules.agencies import Body, Level
from rules.errors import FieldError
from rules.examples import filing_of
from rules.kinds.idle import Idle
from rules.kinds.reserved import Reserved
from rules.kinds.share import Share
from rules.verdict import Severity, State

RULES = Reserved("disclosure", "rules", (Body.GOVERNMENT, Body.OFFICE), (Level.PROVINCE, Level.PREFECTURE), (Body.OFFICE,))
SHARE = Share("applications.total.total", {"unavailable_1": 70, "other_3": 30}, 20)
IDLE = Idle(("disclosure.license.n", "disclosure.penalty.n"), ("公安局",), ("penalty.decided",))


@pytest.mark.parametrize(
    ("agency", "state", "severity"),
    [
        ("海东省人民政府", State.HOLDS, None),
        ("海东省人民政府办公厅", State.HOLDS, None),
        ("苏州市人民政府", State.HOLDS, None),
        ("临江县人民政府", State.BROKEN, None),
        ("临江县人民政府办公室", State.BROKEN, Severity.WARNING),
        ("临江县水利局", State.BROKEN, None),
        ("临江县松林镇人民政府", State.BROKEN, None),
        ("松林街道办事处", State.BROKEN, None),
        ("临江经济开发区管理委员会", State.UNDETERMINED, None),
        ("水运总局", State.UNDETERMINED, None),
        ("", State.UNDETERMINED, None),
    ],
)
def test_rules_are_made_by_governments_of_provinces_and_prefectures(agency, state, severity):
    (verdict,) = RULES.check(filing_of({"agency": agency, "tables": {"disclosure": {"rows": {"rules": [1, 0, 1]}}}}))
    assert (verdict.state, verdict.severity) == (state, severity)


@pytest.mark.parametrize(
    ("cells", "state"), [([0, 0, 0], State.HOLDS), (["/", "—", "无"], State.HOLDS), (["blank", 0, 0], State.UNDETERMINED)]
)
def test_an_agency_without_the_power_may_write_nothing_there(cells, state):
    (verdict,) = RULES.check(filing_of({"agency": "临江县水利局", "tables": {"disclosure": {"rows": {"rules": cells}}}}))
    assert verdict.state is state


@pytest.mark.parametrize(
    ("part", "whole", "state"),
    [
        (21, 30, State.HOLDS),
        (22, 30, State.BROKEN),
        (19, 19, State.NOT_APPLICABLE),
        (20, 20, State.BROKEN),
        ("blank", 30, State.UNDETERMINED),
        (22, "blank", State.UNDETERMINED),
    ],
)
def test_a_share_is_looked_at_from_the_least_total_on(part, whole, state):
    rows = {"unavailable_1": {"total": part}, "total": {"total": whole}}
    verdict = next(iter(SHARE.check(filing_of({"tables": {"applications": {"rows": rows}}}))))
    assert verdict.state is state


def test_a_row_of_the_other_edition_is_not_asked_about():
    assert [verdict.place.row for verdict in SHARE.check(filing_of({"edition": "E2019"}))] == ["unavailable_1"]


@pytest.mark.parametrize(
    ("agency", "text", "state"),
    [
        ("临江县公安局", "本机关主动公开信息20条。", State.BROKEN),
        ("临江县档案馆", "本机关主动公开信息20条。", State.UNDETERMINED),
        ("临江县档案馆", "本机关作出行政处罚决定3件。", State.BROKEN),
        ("临江县档案馆", "本机关作出行政处罚决定0件。", State.UNDETERMINED),
        ("临江县档案馆", "全县作出行政处罚决定300件。", State.UNDETERMINED),
    ],
)
def test_zeros_are_suspect_only_beside_a_power_or_the_agencys_own_words(agency, text, state):
    (verdict,) = IDLE.check(filing_of({"agency": agency, "sections": {"overview": [text]}}))
    assert verdict.state is state


def test_one_decision_is_enough():
    (verdict,) = IDLE.check(filing_of({"agency": "临江县公安局", "tables": {"disclosure": {"rows": {"penalty": [1]}}}}))
    assert verdict.state is State.HOLDS


@pytest.mark.parametrize(
    "make",
    [
        lambda: Idle(("disclosure.license",), ("局",)),
        lambda: Idle(("disclosure.license.n",), ("局",), ("penalties",)),
        lambda: Share("applications.total", {}, 20),
        lambda: Share("applications.total.total", {"denied_9": 10}, 20),
        lambda: Reserved("disclosures", "rules", (), ()),
        lambda: Reserved("disclosure", "rulings", (), ()),
    ],
)
def test_unknown_keys_are_refused(make):
    with pytest.raises(FieldError):
        make()
