"""numbering and enumeration: what runs on, what restarts, what is a fault."""

from __future__ import annotations

import pytest

from rules.examples import filing_of
from rules.kinds.enumeration import Enumeration
from rules.kinds.numbering import Numbering
from rules.verdict import State, Verdict

SECTIONS = ("overview", "problems")


def faults(kind: Numbering | Enumeration, section: str, *lines: str) -> list[Verdict]:
    spec = {"sections": {"overview": ["公开信息12条。"], "problems": ["解读不足，将改进。"]} | {section: list(lines)}}
    return [verdict for verdict in kind.check(filing_of(spec)) if verdict.state is State.BROKEN]


def test_the_gap_is_shown_by_the_headings_around_it():
    (verdict,) = faults(Numbering("gap", SECTIONS), "overview", "（一）公开", "内容。", "（三）申请", "内容。")
    assert [evidence.quote for evidence in verdict.evidence] == ["（一）公开", "（三）申请"]
    assert (verdict.place.section, verdict.facts["before"], verdict.facts["after"]) == ("overview", "（一）", "（三）")


@pytest.mark.parametrize(
    "lines",
    [
        ("（一）公开", "1.网站", "2.公报", "（二）申请", "1.受理", "2.答复"),
        ("（一）公开", "（1）网站", "（2）公报", "（二）申请", "（1）受理"),
        ("一、公开", "（一）网站", "（二）公报", "二、申请", "（一）受理"),
        ("（一）公开", "内容见三）项。", "（二）申请", "（四）平台"),
        ("（一）公开", "2.5万人次参加。", "（二）申请"),
        ("1.公开", "2.申请", "3.管理"),
        ("（一）公开", "2、申请", "（三）管理", "4、平台", "（五）监督"),
        ("（一）公开", "第（三）项内容。", "（三）项以外的内容。", "（二）申请"),
    ],
)
def test_levels_count_by_themselves(lines):
    found = [v for fault in ("gap", "repeat") for v in faults(Numbering(fault, SECTIONS), "overview", *lines)]  # type: ignore[arg-type]
    assert found == []


def test_sections_count_by_themselves():
    assert faults(Numbering("repeat", SECTIONS), "problems", "（一）问题", "不足。", "（二）改进", "改进。") == []


def test_an_arabic_gap_is_found_too():
    (verdict,) = faults(Numbering("gap", SECTIONS), "problems", "1.加强培训。", "2.完善制度。", "4.丰富解读。")
    assert (verdict.facts["before"], verdict.facts["after"]) == ("2.", "4.")


def test_the_same_ordinal_right_after_itself_is_a_repetition():
    (verdict,) = faults(
        Numbering("repeat", SECTIONS),
        "problems",
        "（一）存在的主要问题和不足之处，具体情况如下所列，一是解读。",
        "（一）改进措施。",
    )
    assert verdict.facts["after"] == "（一）"


@pytest.mark.parametrize(
    "line",
    [
        "一是公开；二是申请；三是管理。",
        "一是公开，其中：一是网站；三是公报。二是申请。",
        "一是公开；第二，申请；三是管理。",
        "存在三个方面问题：一是公开；二是申请；三是管理。",
        "围绕公开等三个方面，一是公开；二是申请。",
    ],
)
def test_complete_lists_are_left_alone(line):
    assert faults(Enumeration(), "problems", line) == []


def test_an_item_left_out_is_named():
    (verdict,) = faults(Enumeration(), "problems", "一是公开；二是申请；四是管理。")
    assert verdict.facts["missing"] == "三是"
