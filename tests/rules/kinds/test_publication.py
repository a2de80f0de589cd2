"""What the rules on publication say beyond their examples: which days count, and what of a page is no change of the report."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.compile import load_pack
from rules.errors import FieldError
from rules.examples import filing_of
from rules.kinds.publication import PublishedInTime
from rules.published import content, differences
from rules.verdict import State

LATE, CHANGED = load_pack().rules["PUB-LATE"], load_pack().rules["PUB-CHANGED"]


def states(rule, **spec):
    return [verdict.state for verdict in rule.check(filing_of(spec))]


def test_a_page_that_states_two_days_was_published_by_the_earlier_one():
    spec = {"agency": "青川县水利局", "published": "2024-05-06"}
    filing = filing_of(spec)
    both = type(filing.published)("2024-05-06", "page_meta", "2024-05-06", None, (("body", "2024-01-10"),))

    assert [verdict.state for verdict in LATE.check(replace(filing, published=both))] == [State.HOLDS]


@pytest.mark.parametrize("printed", ["2024-02-31", "", "去年", "2024/05/06"])
def test_what_is_no_day_is_no_date(printed):
    assert states(LATE, agency="青川县水利局", published=printed) == [State.UNDETERMINED]


@pytest.mark.parametrize(
    ("agency", "state"),
    [
        ("青川县水利局", State.BROKEN),
        ("青川县人民政府", State.HOLDS),
        ("青川县人民政府办公室", State.UNDETERMINED),
        ("青川县竹园镇人民政府", State.UNDETERMINED),
        ("青川县竹园镇财政所", State.UNDETERMINED),
        ("临江区江东街道办事处", State.UNDETERMINED),
        ("青川县第一中学", State.UNDETERMINED),
        ("青川经济开发区管理委员会", State.UNDETERMINED),
        ("水上运动", State.UNDETERMINED),
    ],
)
def test_only_whose_deadline_the_law_sets_can_be_late(agency, state):
    assert states(LATE, agency=agency, published="2024-03-15") == [state]


@pytest.mark.parametrize(
    "deadlines", [{"department": ("02-30",)}, {"bureau": ("01-31",)}, {"office": ("03-31", "01-31")}, {"office": ()}]
)
def test_a_deadline_that_means_nothing_is_refused(deadlines):
    with pytest.raises(FieldError):
        PublishedInTime(deadlines)


def test_a_figure_read_with_doubt_is_no_change():
    doubtful = {"tables": {"applications": {"rows": {"new": {"natural": {"raw": "7", "doubt": "字迹不清"}}}}}}

    assert not differences(filing_of({}), filing_of(doubtful))
    assert not differences(filing_of(doubtful), filing_of({}))


def test_a_sentence_moved_to_another_section_is_no_change():
    moved = "本机关全年组织业务培训2次，覆盖全部业务科室。"
    before = filing_of({"sections": {"problems": ["一是解读形式单一。", moved]}})
    after = filing_of(
        {"sections": {"problems": ["一是解读形式单一。"], "other_matters": ["本机关本年度收取信息处理费0元。", moved]}}
    )

    found = differences(before, after)
    assert [
        sentence.words
        for part in (*found.added.values(), *found.removed.values())
        for sentence in part
        if "培训2次" in sentence.words
    ] == []


def test_the_fingerprint_is_that_of_the_report_and_not_of_its_page():
    page = ["本机关本年度收取信息处理费0元。"]
    one = content(filing_of({"sections": {"other_matters": [*page, "浏览次数：17。", "上一篇：通知"]}})).fingerprint
    two = content(filing_of({"sections": {"other_matters": [*page, "阅读量：3021。", "下一篇：公告"]}})).fingerprint
    other = content(filing_of({"sections": {"other_matters": ["本机关本年度收取信息处理费20元。"]}})).fingerprint

    assert one == two != other


def test_every_part_that_changed_is_a_finding_of_its_own():
    verdicts = [
        verdict.place.section
        for verdict in CHANGED.check(
            filing_of(
                {
                    "tables": {"applications": {"rows": {"new": 5}}, "litigation": {"rows": {"review": 1}}},
                    "sections": {"problems": ["一是公开目录不够细化。", "下一步将细化公开目录。"]},
                    "publication": {"first_seen": "2024-01-20", "before_seen": "2024-02-20", "before": {}},
                }
            )
        )
    ]
    assert verdicts == ["applications", "litigation", "problems"]


def test_another_year_at_the_same_address_is_told_with_doubt():
    spec = {"year": 2024, "tables": {"applications": {"rows": {"new": 5}}}}
    spec["publication"] = {"first_seen": "2024-01-20", "before_seen": "2025-01-02", "before": {"year": 2023}}

    assert all(verdict.doubt for verdict in CHANGED.check(filing_of(spec)))
