"""stated_year and period: whose year a sentence speaks of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.compile import load_pack
from rules.examples import filing_of
from rules.verdict import State, Verdict

RULES = load_pack().rules


def answers(rule: str, section: str, *lines: str, **spec: object) -> list[Verdict]:
    filing = filing_of({"year": 2023, "sections": {section: list(lines)}} | spec)
    return [verdict for verdict in RULES[rule].check(filing) if verdict.state in (State.BROKEN, State.UNDETERMINED)]


@pytest.mark.parametrize(
    "line",
    [
        "2023年，共收到申请2件，比2022年减少3件。",
        "2022年收到申请5件，2023年收到申请2件。",
        "上年结转申请2件，均为2022年收到的申请，已答复2件。",
        "落实2022年制定的公开目录，公开信息12条。",
        "2022年度政府信息公开工作年度报告发布后，收到意见2条。",
        "自2019年以来，累计公开信息3000条。",
        "2021年至2023年，公开规划信息12条。",
        "落实《2022年政务公开工作要点》《2021—2025年规划》，公开信息12条。",
        "“2022年，某单位公开信息0条”的问题已整改。",
        "2020年5月1日起施行的标准目录涉及事项12项，公开率100%。",
        "2024年，将主动公开信息200条。",
        "依据国办公开办函〔2021〕30号，公开信息12条。",
        "2008年5月1日条例施行。",
        "公开2022年度决算信息12条。",
        "2022年财政决算、2023年财政预算公开信息12条。",
        "截至2023年12月31日，公开信息12条。",
    ],
)
def test_other_years_lawfully_named_are_left_alone(line):
    assert answers("YEAR-MISMATCH", "overview", line) == []


@pytest.mark.parametrize(
    "line",
    [
        "2022年，本机关主动公开信息120条。",
        "（一）主动公开情况。2022年全年通过网站发布信息120条。",
        "截至2022年12月31日，网站公开信息120条。",
        "2022年度，共收到政府信息公开申请3件。",
        "２０２２ 年，共收到政府信息公开申请 3 件。",
    ],
)
def test_results_told_of_another_year_are_an_error(line):
    (verdict,) = answers("YEAR-MISMATCH", "overview", line)
    assert (verdict.facts["printed"], verdict.facts["year"], verdict.doubt) == (2022, 2023, None)


def test_a_wrong_year_told_twice_in_a_section_is_one_finding_with_two_quotes():
    (verdict,) = answers("YEAR-MISMATCH", "overview", "2022年，公开信息120条。", "2022年，收到申请3件。")
    assert [evidence.quote for evidence in verdict.evidence] == ["2022年，公开信息120条", "2022年，收到申请3件"]


def test_beside_the_right_year_in_one_paragraph_it_is_in_doubt():
    (verdict,) = answers("YEAR-MISMATCH", "overview", "2023年，我局推进公开。2022年，公开信息120条。")
    assert verdict.doubt is not None


def test_a_year_from_the_file_name_is_in_doubt():
    filing = filing_of({"sections": {"overview": ["2022年，公开信息120条。"]}})
    (verdict,) = RULES["YEAR-MISMATCH"].check(replace(filing, year=replace(filing.year, rests_on="file_name")))
    assert verdict.doubt is not None


@pytest.mark.parametrize(
    "line",
    [
        "本报告所列数据的统计期限自2023年1月1日起至2023年12月31日止。",
        "统计期限自 2023 年 1 月 1 日至 12 月 31 日。",
        "统计期限：2023年1月1日—2023年12月31日。",
        "统计期为2023年1月至12月。",
        "数据统计截至12月底。",
        "按财政年统计，统计期限自2023年4月1日起至2024年3月31日止。",
    ],
)
def test_a_whole_year_in_any_form_is_no_finding(line):
    assert answers("PERIOD-WRONG", "overview", "公开信息12条。", preamble=[line]) == []


@pytest.mark.parametrize(
    "line",
    [
        "统计期限自202311日起至20231231日止。",
        "统计期限自20231月1日起至202312月31日止。",
        "统计期限自2023年1月1日至202023年12月31日。",
    ],
)
def test_a_damaged_date_is_never_an_error(line):
    assert [v.state for v in answers("PERIOD-WRONG", "overview", "公开信息12条。", preamble=[line])] == [State.UNDETERMINED]


@pytest.mark.parametrize(
    "line",
    ["统计期限自2022年1月1日起至2022年12月31日止。", "统计期为2023年1月至11月。", "统计期限为2023年1月1日至2023年12月30日。"],
)
def test_another_period_is_an_error(line):
    assert [v.state for v in answers("PERIOD-WRONG", "overview", "公开信息12条。", preamble=[line])] == [State.BROKEN]
