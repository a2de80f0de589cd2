"""headings: what is said of the words, and what is left alone."""

from __future__ import annotations

import pytest

from rules.examples import filing_of
from rules.kinds.headings import Headings
from rules.verdict import Severity, State, Verdict

SIX = [
    "一、总体情况",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "六、其他需要报告的事项",
]


def broken(kind: Headings, headings: list[str]) -> list[Verdict]:
    return [verdict for verdict in kind.check(filing_of({"headings": headings})) if verdict.state is State.BROKEN]


def with_fourth(text: str) -> list[str]:
    return [*SIX[:3], text, *SIX[4:]]


@pytest.mark.parametrize(
    "text",
    [
        "四、政府信息公开行政复议和行政诉讼情况",
        "四、政府信息公开行政复议及行政诉讼情况",
        "四、 政府信息公开行政复议、行政诉讼情况",
        "四.政府信息公开行政复议、诉讼情况",
        "四、因政府信息公开工作被申请行政复议、提起行政诉讼情况",
        "四、政府信息公开⾏政复议、⾏政诉讼情况",
        "四、政府信息公开行政复议、行政诉讼情况（表四）",
    ],
)
def test_allowed_differences_are_no_finding(text):
    assert broken(Headings("renamed"), with_fourth(text)) == []


@pytest.mark.parametrize(
    ("text", "difference"),
    [
        ("四、政府信息公开行政复议、行政诉情况", "缺“讼”"),
        ("四、政府信息公开行政复议、行政诉讼的有关情况", "多“的有关”"),
        ("四、被申请行政复议、提起行政诉讼情况", "缺“政府信息公开”，多“被申请”，多“提起”"),
    ],
)
def test_the_differing_characters_are_named(text, difference):
    (verdict,) = broken(Headings("renamed"), with_fourth(text))
    assert verdict.facts["difference"] == difference


def test_lost_characters_are_in_doubt():
    (verdict,) = broken(Headings("renamed"), with_fourth("四、政府信息公开\ufffd政复议、行政诉讼情况"))
    assert verdict.doubt is not None


def test_a_dirty_ordinal_is_a_notice_in_doubt():
    (verdict,) = broken(Headings("misnumbered"), [*SIX[:5], "l五、其他需要报告的事项"])
    assert (verdict.severity, verdict.doubt is not None) == (Severity.NOTICE, True)


@pytest.mark.parametrize(
    "text", ["一、解读材料形式较为单一，图解类的解读占比不高，群众看不懂。", "1、存在的短板", "（一）存在的短板"]
)
def test_sentences_and_lower_levels_are_no_sections(text):
    assert broken(Headings("extra"), [*SIX[:5], text, SIX[5]]) == []


def test_a_foreign_heading_is_placed_in_the_section_around_it():
    (verdict,) = broken(Headings("extra"), [*SIX[:5], "三、下一步打算", SIX[5]])
    assert (verdict.place.section, verdict.place.topic) == ("problems", "下一步打算")


@pytest.mark.parametrize(
    "text",
    [
        "三、本年度办理结果",
        "四、结转下年度继续办理",
        "三、（四）无",
        "三、办理结果",
        "三、本年度办理结□",
        "一、本年新收政府信息公开申请数量",
    ],
)
def test_rows_of_the_tables_and_pieces_of_them_are_no_sections(text):
    assert broken(Headings("extra"), [*SIX[:3], text, *SIX[3:]]) == []


LOWER = [SIX[0], "一、主动公开情况", *SIX[1:]]


@pytest.mark.parametrize("fault", ["renamed", "misnumbered"])
def test_a_lower_heading_like_a_section_is_not_that_section(fault):
    assert broken(Headings(fault), LOWER) == []
