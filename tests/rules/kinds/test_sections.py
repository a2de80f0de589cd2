"""sections: places, evidence and doubts beyond what the rules' own examples show."""

from __future__ import annotations

from dataclasses import replace

from rules.examples import filing_of
from rules.filing import Heading
from rules.kinds.sections import Sections
from rules.verdict import State, Verdict

SIX = [
    "一、总体情况",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "六、其他需要报告的事项",
]


def broken(kind: Sections, **spec: object) -> list[Verdict]:
    return [verdict for verdict in kind.check(filing_of(spec)) if verdict.state is State.BROKEN]


def test_every_section_is_asked_about():
    assert len(list(Sections("missing").check(filing_of({})))) == 6


def test_a_missing_section_is_placed_at_its_key():
    (verdict,) = broken(Sections("missing"), sections={"other_matters": "absent"})
    assert (verdict.place.section, verdict.expected, verdict.actual) == ("other_matters", "六、其他需要报告的事项", "未见")


def test_one_section_far_out_of_place_is_one_fault():
    moved = [*SIX[1:], SIX[0]]
    assert [verdict.place.section for verdict in broken(Sections("order"), headings=moved)] == ["overview"]


def test_a_repeated_heading_shows_both_places():
    (verdict,) = broken(Sections("duplicate"), headings=[SIX[0], *SIX])
    assert [evidence.at.line for evidence in verdict.evidence if evidence.at] == [2, 8]


def test_a_repeated_heading_in_other_words_is_in_doubt():
    (verdict,) = broken(Sections("duplicate"), headings=[*SIX[:1], "一、本年度有关总体情况", *SIX[1:]])
    assert verdict.doubt is not None


def test_a_section_without_its_table_is_left_to_the_rules_of_tables():
    assert broken(Sections("empty"), sections={"litigation": "empty"}, tables={"litigation": {"state": "absent"}}) == []


def test_headings_read_with_dirt_are_in_doubt():
    filing = filing_of({"headings": [SIX[1], SIX[0], *SIX[2:]]})
    dirty = tuple(replace(heading, dirty=True) if isinstance(heading, Heading) else heading for heading in filing.headings)
    (verdict,) = [v for v in Sections("order").check(replace(filing, headings=dirty)) if v.state is State.BROKEN]
    assert verdict.doubt is not None


def test_a_lower_heading_like_a_section_is_no_repetition():
    lower = [SIX[0], "一、主动公开情况", *SIX[1:]]
    assert broken(Sections("duplicate"), headings=lower) + broken(Sections("order"), headings=lower) == []
