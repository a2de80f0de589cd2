"""headers and tables: what of the printed frame is there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.examples import filing_of
from rules.kinds.headers import Headers
from rules.kinds.tables import Tables
from rules.verdict import State


def broken(kind, **spec):
    return [verdict for verdict in kind.check(filing_of(spec)) if verdict.state is State.BROKEN]


def test_heads_over_figures_are_doubted_together_with_the_note():
    gone = {"ngo": "absent", "legal": "absent", "corner": "absent"}
    (verdict,) = broken(Headers("missing"), tables={"applications": {"headers": gone}})
    assert (verdict.facts["headers"], verdict.doubt is not None) == ("“勾稽关系说明”、“社会公益组织”、“法律服务机构”", True)


@pytest.mark.parametrize(("line", "doubted"), [(None, False), (30, True)])
def test_a_missing_note_is_certain_where_the_format_states_the_cells(line, doubted):
    filing = filing_of({"tables": {"applications": {"headers": {"corner": "absent"}}}})
    table = filing.tables["applications"]
    table = replace(table, at=table.at._replace(line=line))
    filing = replace(filing, tables={**filing.tables, "applications": table})
    (verdict,) = (verdict for verdict in Headers("missing").check(filing) if verdict.state is State.BROKEN)
    assert (verdict.doubt is not None) is doubted


@pytest.mark.parametrize("key", ["review", "review.upheld", "after_review.total"])
def test_a_group_that_holds_figures_is_not_surely_without_its_head(key):
    (verdict,) = broken(Headers("missing"), tables={"litigation": {"headers": {key: "absent"}}})
    assert verdict.doubt is not None


def test_a_column_that_is_not_there_at_all_is_certainly_without_its_head():
    spec = {"rows": {"review": {"pending": "absent"}}, "headers": {"review.pending": "absent"}}
    (verdict,) = broken(Headers("missing"), tables={"litigation": spec})
    assert (verdict.facts["headers"], verdict.doubt) == ("“尚未审结”", None)


def test_the_heads_of_a_block_that_is_not_there_are_not_missed_again():
    gone = {"rows": {"license": "absent"}, "headers": {"item_5": "absent", "item_5.n": "absent"}}
    assert broken(Headers("missing"), tables={"disclosure": gone}) == []


def test_a_table_printed_without_any_head_is_doubted():
    heads = ("corner", "natural", "business", "research", "ngo", "legal", "other", "total")
    found = broken(Headers("missing"), tables={"applications": {"headers": dict.fromkeys(heads, "absent")}})
    assert [verdict.doubt is not None for verdict in found] == [True]


@pytest.mark.parametrize(
    ("printed", "difference"),
    [
        ("本年收费金额（单位：元）", "单位“元”应为“万元”"),
        ("收费金额（单位：万元）", "缺“本年”"),
        ("本年收费金额（单位：亿元）", "单位“亿元”应为“万元”"),
    ],
)
def test_another_word_or_another_unit_in_a_head_is_shown(printed, difference):
    (verdict,) = broken(Headers("variant"), tables={"disclosure": {"headers": {"item_8.amt": printed}}})
    assert (verdict.facts["difference"], verdict.place.topic) == (difference, "item_8.amt")


@pytest.mark.parametrize("section", [["申请情况详见附件。"], ["具体数据见下图。"], ["点击下载附表。"]])
def test_a_section_that_points_elsewhere_makes_a_missing_table_doubtful(section):
    (verdict,) = broken(Tables("missing"), tables={"applications": {"state": "absent"}}, sections={"applications": section})
    assert verdict.doubt is not None


def test_labels_of_a_table_left_in_the_prose_make_its_absence_doubtful():
    gone = {"litigation": {"state": "absent"}}
    spilled = ["行政复议", "行政诉讼", "结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    doubts = [
        broken(Tables("missing"), tables=gone, sections={"litigation": text})[0].doubt is not None
        for text in (spilled, ["本年度发生行政复议案件2件，结果维持2件。"], [])
    ]
    assert doubts == [True, False, False]


def test_a_missing_section_is_not_blamed_twice_for_its_table():
    assert broken(Tables("missing"), tables={"applications": {"state": "absent"}}, sections={"applications": "absent"}) == []


def test_zeros_are_figures_and_slashes_too():
    assert [broken(Tables("empty"), tables={"litigation": {"all": cell}}) for cell in (0, "/")] == [[], []]


def test_without_a_sign_of_a_picture_nothing_is_said_about_pictures():
    states = [verdict.state for verdict in Tables("image").check(filing_of({"tables": {"litigation": {"state": "absent"}}}))]
    assert states == [State.HOLDS, State.HOLDS, State.UNDETERMINED]
