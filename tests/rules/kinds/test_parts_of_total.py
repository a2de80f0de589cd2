"""Which lists are held to their total, and which are left alone."""

from __future__ import annotations

import pytest

from rules.examples import filing_of
from rules.kinds.parts_of_total import PartsOfTotal
from rules.verdict import State, Verdict

CASES = {
    "公布信息100条，其中机构类25条，规划类35条，其他类40条。": (State.HOLDS, False),
    "公布信息100条（其中机构类25条，规划类35条，其他类39条）。": (State.BROKEN, False),
    "公布信息100条，其中机构类25条，规划类35条，其余39条。": (State.BROKEN, False),
    "公布信息100条，包括机构类25条、规划类35条、其他41条。": (State.BROKEN, False),
    "公布信息100条，其中机构类25条，规划类35条。": (State.HOLDS, False),
    "公布信息100条，其中机构类65条，规划类45条。": (State.BROKEN, True),
    "公布信息100条，其中机构类65条，规划类45余条，其他1条。": (State.NOT_APPLICABLE, False),
    "公布信息约100条，其中机构类65条，规划类45条，其他1条。": (State.NOT_APPLICABLE, False),
    "公布信息100条，其中机构类65条，其中简介20条，规划类30条，其他5条。": (State.NOT_APPLICABLE, False),
    "公布信息100条，其中机构类65条，图解3期，规划类30条，其他5条。": (State.NOT_APPLICABLE, False),
    "答复申请20件，其中予以公开5件，其他处理2件。": (State.HOLDS, False),
    "收到申请20件，其中自然人18件，法人2件，网上提交12件，信函提交8件。": (State.HOLDS, False),
    "发布信息1,200条，其中新闻1,100条，公告50条，其他50条。": (State.HOLDS, False),
    "发布信息100条，其中新闻占60%，公告30条，其他10条。": (State.NOT_APPLICABLE, False),
    "发布信息100条，较上年增加30条，其中新闻60条。": (State.NOT_APPLICABLE, False),
    "发布信息100条。其中新闻60条，公告50条，其他10条。": (State.NOT_APPLICABLE, False),
    "发布新闻60条，公告50条，其他10条。": (State.NOT_APPLICABLE, False),
    "收到申请59件，上年结转办理2件，其中结转下年7件，其余54件均已办结。": (State.HOLDS, False),
    "收到申请59件，上年结转办理2件，其中结转下年7件，其余50件均已办结。": (State.BROKEN, True),
    "发布80条财政信息，其中专项30条，其他40条。": (State.BROKEN, False),
    "共发布信息90条，编发简报80条，其中专项30条，其他50条。": (State.HOLDS, False),
    "收取费用100元，其中检索费40元，复制费50元，其他20元。": (State.BROKEN, False),
}


def check(text: str) -> list[Verdict]:
    filing = filing_of({"sections": {"overview": [text], "problems": ["无。"], "other_matters": ["无。"]}})
    return list(PartsOfTotal().check(filing))


@pytest.mark.parametrize("text", CASES)
def test_a_list_is_held_to_its_total_where_it_is_meant_to_be_all_of_it(text: str) -> None:
    assert [(verdict.state, verdict.doubt is not None) for verdict in check(text)] == [CASES[text]]


def test_a_list_in_brackets_is_held_to_its_own_total() -> None:
    text = "公布信息100条，其中机构类65条（其中简介20条、其他44条），规划类30条，其他5条。"
    assert [verdict.state for verdict in check(text)] == [State.HOLDS, State.BROKEN]


def test_the_facts_are_the_sum_and_the_total() -> None:
    facts = check("公布信息100条（其中机构类25条，规划类35条，其他类39条）。")[0].facts
    assert facts == {"total": 100, "sum": 99, "unit": "条", "gap": 1, "count": 3, "quote": "公布信息100条"}


def test_every_list_of_a_sentence_is_asked_about() -> None:
    text = "发布信息10条（其中新闻4条，其他5条），解读8篇（其中文字3篇，其他5篇）。"
    assert [verdict.state for verdict in check(text)] == [State.BROKEN, State.HOLDS]
