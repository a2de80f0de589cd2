"""title and agency_name: what a title names, in how many ways agencies write it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.compile import load_pack
from rules.examples import filing_of
from rules.filing import Stated
from rules.kinds.title import is_abbreviation, title_agency
from rules.verdict import State

TITLE_FORM = load_pack().rules["TITLE-FORM"]


def state_of(title: str) -> State:
    (verdict,) = TITLE_FORM.check(filing_of({"title": title}))
    return verdict.state


@pytest.mark.parametrize(
    "title",
    [
        "临江市人民政府2025年政府信息公开工作年度报告",
        "2022年临江市政府信息公开工作年度报告",
        "东街街道2023年度政府信息公开工作年度报告",
        "临江经济开发区管委会2023年政府信息公开 工作年度报告",
        "临江县公安局2019年政府信息公开年度工作报告",
        "临江县2019年政府信息公开年度工作的报告",
        "临江县人民政府(县人民政府办公室)2019年政府信息公开工作年度报告",
        "2023年度政府信息公开工作年度报告（临江县统计局）",
        "临江县财政局二〇二三年政府信息公开工作年度报告",
        "临江县财政局2023年政府信息公开工作年报",
    ],
)
def test_titles_in_common_use_hold(title):
    assert state_of(title) is State.HOLDS


@pytest.mark.parametrize(
    "title",
    [
        "临江县小关乡人民政府2022年信息公开工作年度报告",
        "临江市教育局2019年度政府信息公开工作报告",
        "临江自治区审计厅2025年政务信息公开工作开展年度报告",
        "临江县自然资源局关于2021年度政府信息公开情况的报告",
        "2023年政府信息公开工作年度报告",
        "东街街道办事处政府信息公开工作年度报告",
    ],
)
def test_titles_that_lack_an_element_are_broken(title):
    assert state_of(title) is State.BROKEN


def test_a_title_that_only_the_page_or_the_file_gives_is_not_judged():
    filing = filing_of({})
    (verdict,) = TITLE_FORM.check(replace(filing, title=Stated("2023年政府信息公开工作年度报告", "page_meta")))
    assert verdict.state is State.UNDETERMINED


@pytest.mark.parametrize(
    ("title", "agency"),
    [
        ("临江县自然资源局关于2021年度政府信息公开情况的报告", "临江县自然资源局"),
        ("2022年临江市政府信息公开工作年度报告", "临江市"),
        ("临江县人民政府信息公开工作年度报告", "临江县人民政府"),
        ("园区党政办2023年政府信息公开工作年度报告", "园区党政办"),
        ("2023年政府信息公开工作年度报告（临江县统计局）", "临江县统计局"),
        ("2023年政府信息公开工作年度报告", ""),
    ],
)
def test_the_agency_is_what_is_left_of_a_title(title, agency):
    assert title_agency(title) == agency


def test_an_abbreviation_keeps_the_order_of_characters():
    assert (is_abbreviation("县教育局", "临江县教育局"), is_abbreviation("局教育", "临江县教育局")) == (True, False)
