"""aspects, statements and length: what counts as told, in how many ways agencies tell it."""

from __future__ import annotations

import pytest

from rules.compile import load_pack
from rules.examples import filing_of
from rules.kinds.aspects import Aspect, Aspects
from rules.kinds.statements import Statements
from rules.verdict import Severity, State, Verdict

RULES = load_pack().rules


def broken(rule: str, *lines: str, section: str = "overview", **spec: object) -> list[Verdict]:
    filing = filing_of({"sections": {section: list(lines)}} | spec)
    return [verdict for verdict in RULES[rule].check(filing) if verdict.state is State.BROKEN]


FIVE = (
    "（一）主动公开",
    "公开12条。",
    "（二）依申请公开",
    "未收到。",
    "（三）政府信息管理",
    "有序。",
    "（四）平台建设",
    "有序。",
    "（五）监督保障",
    "有序。",
)


@pytest.mark.parametrize(
    "lines",
    [
        FIVE,
        ("1、主动公开：有序。", "2、依申请公开：有序。", "3、信息管理：有序。", "4、平台：有序。", "5、监督：有序。"),
        ("一是积极推进主动公开。二是及时规范办理依申请公开。三是落实信息审核制度。四是建好网站平台。五是强化监督保障。",),
        (
            "（一）重点领域信息公开情况",
            "有序。",
            "（二）政府信息依申请公开办理情况",
            "有序。",
            "（三）政府信息管理和平台建设情况",
            "有序。",
            "（四）监督保障方面",
            "有序。",
        ),
        (
            "（一）主动公开",
            "公开12条，发布前均经保密审查。",
            "（二）依申请公开",
            "未收到。",
            "（三）平台载体建设方面",
            "有序。",
            "（四）强化监督保障",
            "有序。",
        ),
        (
            "( 一 )主动公开工作情况。有序。",
            "2、依申请公开信息情况。有序。",
            "(三)、信息管理情况。有序。",
            "(四)公开平台建设方面。有序。",
            "(五)监督保障方面。有序。",
        ),
    ],
)
def test_aspects_told_in_any_way_are_found(lines):
    assert broken("OVERVIEW-PART-MISSING", *lines) == []


@pytest.mark.parametrize(
    ("left_out", "name"),
    [(0, "主动公开"), (2, "依申请公开"), (4, "政府信息管理"), (6, "政府信息公开平台建设"), (8, "监督保障")],
)
def test_an_aspect_left_out_is_named(left_out, name):
    lines = [*FIVE[:left_out], *FIVE[left_out + 2 :]]
    if name == "主动公开":
        lines = [line.replace("公开12条。", "") for line in lines]
    (verdict,) = broken("OVERVIEW-PART-MISSING", *lines)
    assert (verdict.place.section, verdict.place.topic) == ("overview", name)


def test_the_two_aspects_of_the_law_are_graver():
    severities = {v.place.topic: v.severity for v in broken("OVERVIEW-PART-MISSING", *FIVE[:2], *FIVE[8:])}
    assert severities == {"依申请公开": Severity.ERROR, "政府信息管理": None, "政府信息公开平台建设": None}


def test_the_headings_there_are_shown():
    (verdict,) = broken("OVERVIEW-PART-MISSING", *FIVE[:2], *FIVE[4:])
    assert [evidence.quote for evidence in verdict.evidence] == [
        "（一）主动公开",
        "（三）政府信息管理",
        "（四）平台建设",
        "（五）监督保障",
    ]


def test_nothing_is_extra_beside_headings_of_the_five():
    assert broken("OVERVIEW-EXTRA", "（一）基本情况", "有序。", *FIVE) == []


@pytest.mark.parametrize(
    "line",
    [
        "本年度政府信息依申请公开收取信息处理费为0，无其他需要报告的事项。",
        "未收取任何费用。",
        "全年没有产生信息公开处理费。",
        "1.政府信息公开收费情况：无。2.其他事项：无。",
        "依申请提供政府信息不收费。",
        "发出收费通知0件。",
    ],
)
def test_any_word_on_fees_is_a_report_on_fees(line):
    assert broken("FEE-NOT-REPORTED", line, section="other_matters") == []


def test_fees_of_another_kind_elsewhere_are_no_report():
    (verdict,) = broken(
        "FEE-NOT-REPORTED",
        "（一）主动公开。公开行政事业性收费目录12条。",
        sections={"overview": ["公开行政事业性收费目录12条。"], "other_matters": ["无。"]},
    )
    assert verdict.severity is None


@pytest.mark.parametrize("line", ["无", "无。", "暂无。", "不存在问题。", "无明显问题。", "存在的主要问题及改进情况：无。"])
def test_words_for_none_are_no_problem_told(line):
    assert len(broken("PROBLEMS-EMPTY", line, section="problems")) == 1


@pytest.mark.parametrize(
    "line",
    [
        "公开的广度、深度有待拓展。",
        "人员力量较为薄弱。",
        "个别栏目更新不及时。",
        "离群众期盼还有差距。",
        "工作人员多为兼职，流动性大。",
        "需进一步提高公开质量。",
        "政策解读形式不够丰富。",
    ],
)
def test_shortcomings_in_any_words_are_problems(line):
    assert broken("PROBLEMS-EMPTY", line, section="problems") == []


@pytest.mark.parametrize(
    "line",
    [
        "解读不足。下步，我局加大培训。",
        "解读不足。今后要多做图解。",
        "解读不足。二是完善制度。",
        "解读不足。针对上述情况，已组织培训。",
        "解读不足。整改措施：增加图解。",
    ],
)
def test_measures_in_any_words_are_measures(line):
    assert broken("IMPROVE-MISSING", line, section="problems") == []


def test_what_a_government_lacks_is_listed_beside_its_heading():
    agency = {"agency": "小关镇人民政府"}
    (verdict,) = broken(
        "OVERVIEW-GOV-ASSESSMENT-MISSING", "（一）主动公开", "公开12条。", "（二）监督保障", "考核合格。", **agency
    )
    assert (verdict.facts["missing"], verdict.evidence[0].quote) == ("社会评议、责任追究", "（二）监督保障")


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        (("一、问题和改进情况", "人手少。将改进。"), State.HOLDS),
        (("一、问题和改进情况", "人手少。"), State.BROKEN),
        (("问题和改进情况，改进三处。",), State.HOLDS),
        (("问题和改进情况", "问题和措施情况", "问题和办法情况", "问题和打算情况", "有2条。"), State.HOLDS),
        (("问题和改进情况", "问题和措施情况", "问题和办法情况", "问题和打算情况", "有打算。"), State.HOLDS),
        (("问题和改进情况", "问题和措施情况", "问题和办法情况", "问题和打算情况"), State.BROKEN),
    ],
)
def test_a_word_counts_as_said_unless_every_place_of_it_is_ignored(lines, state):
    rule = Statements("problems", {"改进": ("改进|措施", "办法|打算", "\\d条")}, ignore=("问题和[^。，]{2}情况",))
    (verdict,) = rule.check(filing_of({"sections": {"problems": list(lines)}}))
    assert verdict.state is state


@pytest.mark.parametrize(
    ("lines", "missing"),
    [
        (("做好发布、审查、培训。",), {"甲", "乙", "丙"}),
        (("做好发布、审查、培训，发布3条。",), set()),
        (("做好发布、审查、培训。", "开展培训。"), {"甲", "乙"}),
        (("做好发布、审查、培训；开展培训。",), {"甲", "乙"}),
    ],
)
def test_a_list_of_the_aspects_by_name_tells_of_none_of_them(lines, missing):
    names = {"甲": "发布", "乙": "审查", "丙": "培训"}
    rule = Aspects("missing", tuple(Aspect(key, ("无此标题",), (word,), called=(word,)) for key, word in names.items()))
    verdicts = rule.check(filing_of({"sections": {"overview": list(lines)}}))
    assert {verdict.place.topic for verdict in verdicts if verdict.state is State.BROKEN} == missing
