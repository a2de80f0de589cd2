"""Headings as agencies print them, and lines that look like headings and are none."""

import pytest

from audits.align import align
from bench.corpus.invent import invent
from bench.corpus.layouts import print_as
from reports_in import read_bytes
from rules.filing import Filing, PartState

TITLE = "青川县水利局2022年政府信息公开工作年度报告\n"
SIX = [
    "一、总体情况",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "六、其他需要报告的事项",
]
PROSE = "本机关认真落实各项要求，全年工作平稳有序，公开信息及时准确，未出现差错和投诉。"


def filing(lines: list[str]) -> Filing:
    return align(read_bytes((TITLE + "\n".join(lines)).encode(), "x.txt"))


def report(**replaced: str) -> list[str]:
    """The six headings, each with a line of prose; section number (s1 ...) to its heading as printed, "" to drop it."""
    lines = []
    for number, heading in enumerate(SIX, 1):
        printed = replaced.get(f"s{number}", heading)
        lines += [printed] if printed else []
        lines.append(PROSE)
    return lines


def keys(found: Filing) -> list[str | None]:
    return [heading.key for heading in found.headings]


ALL = ["overview", "disclosure", "applications", "litigation", "problems", "other_matters"]


@pytest.mark.parametrize(
    "printed",
    [
        {"s1": "—、总体情况"},
        {"s1": "一、 总体情况"},
        {"s1": "一.总体情况"},
        {"s1": "## 一、总体情况"},
        {"s1": "一、2022年政府信息公开总体情况"},
        {"s1": "一、概述"},
        {"s1": "一、政府信息公开工作的基本情况"},
        {"s1": "总体情况"},
        {"s2": "二、主动公开情况"},
        {"s3": "三、行政机关收到和处理政府信息公开申请的情况"},
        {"s4": "四、因政府信息公开工作被申请行政复议、提起行政诉讼情况"},
        {"s4": "四、政府信息公开行政法复议、行政诉讼情况"},
        {"s4": "四、复议、诉讼和申诉情况"},
        {"s5": "五、政府信息公开工作存在的主要问题及改进情况"},
        {"s5": "五、存在问题及改进情况"},
        {"s6": "六、其它需要报告的事项"},
        {"s6": "六、其他事项"},
        {"s6": "l六、其他需要报告的事项"},
        {f"s{i}": heading.replace("、", ". ", 1) for i, heading in enumerate(SIX, 1)},
        {f"s{i}": f"{i}、{heading[2:]}" for i, heading in enumerate(SIX, 1)},
        {f"s{i}": f"（{heading[0]}）{heading[2:]}" for i, heading in enumerate(SIX, 1)},
        {f"s{i}": f"{heading}。" for i, heading in enumerate(SIX, 1)},
    ],
)
def test_wordings_in_use_stand_for_their_section(printed: dict[str, str]) -> None:
    assert keys(filing(report(**printed))) == ALL


def test_a_heading_that_shares_its_line_with_the_text_is_parted_from_it() -> None:
    lines = [f"{heading}。{PROSE}" for heading in SIX]
    found = filing(lines)
    assert (keys(found), found.sections["overview"].text) == (ALL, PROSE)


def test_a_page_of_one_line_still_has_its_sections() -> None:
    assert keys(filing(["".join(f"{heading} {PROSE} " for heading in SIX)])) == ALL


def test_a_table_of_contents_is_no_heading() -> None:
    contents = [f"{heading}……{number}" for number, heading in enumerate(SIX, 1)]
    assert keys(filing(contents + report())) == ALL
    assert keys(filing(SIX + report())) == ALL


def test_a_list_of_parts_in_the_preamble_is_no_heading() -> None:
    preamble = "本报告由" + "、".join(heading[2:] for heading in SIX) + "六部分组成。"
    assert keys(filing([preamble, *report()])) == ALL


@pytest.mark.parametrize(
    "line",
    [
        "一、提高认识，加强领导，切实把政府信息公开工作作为转变作风的重要抓手来落实。",
        "（一）主动公开情况",
        "无其他需要报告的事项",
        "没有其他需要报告的事项。",
        "本年度无其他需要报告的事项",
        "1.加强组织领导",
        "一是加强领导；二是强化培训。",
        "三、本年度办理结果\t（一）予以公开\t0\t0\t0\t0\t0\t0\t0",
        "四、结转下年度继续办理\t0\t0\t0\t0\t0\t0\t0",
    ],
)
def test_other_numbered_lines_are_no_headings(line: str) -> None:
    lines = report()
    lines.insert(1, line)
    assert keys(filing(lines)) == ALL


def test_a_seventh_heading_is_kept_as_one_that_stands_for_no_section() -> None:
    lines = report()
    lines.insert(-2, "二、下一步打算")
    assert [heading.text for heading in filing(lines).headings if heading.key is None] == ["二、下一步打算"]


def test_an_aspect_numbered_like_a_section_is_not_that_section() -> None:
    lines = report()
    lines[1:1] = ["一、主动公开情况", PROSE, "二、依申请公开情况", PROSE]
    assert [heading.key for heading in filing(lines).headings if heading.key] == ALL


def test_sections_that_are_missing_or_empty_are_told_apart() -> None:
    lines = [line for line in report(s3="") if line]
    del lines[lines.index(SIX[4]) + 1]
    found = filing(lines)
    states = (found.sections["applications"].state, found.sections["problems"].state, found.sections["overview"].state)
    assert states == (PartState.ABSENT, PartState.EMPTY, PartState.PRESENT)


def test_a_heading_printed_twice_is_listed_twice() -> None:
    lines = report()
    lines.insert(0, SIX[0])
    assert keys(filing(lines)) == ["overview", *ALL]


@pytest.mark.parametrize("numbered", [True, False])
def test_headings_and_a_none_that_begin_with_a_tab_stand_where_they_are_printed(numbered: bool) -> None:
    lines = report(**{} if numbered else {f"s{number}": heading[2:] for number, heading in enumerate(SIX, 1)})
    lines[-1] = "无。"

    found = filing([f"\t{line}" for line in lines])

    assert keys(found) == ALL
    assert found.sections["other_matters"].state is PartState.PRESENT


@pytest.mark.parametrize(("layout", "seed"), [("tabs-page-numbers", 21), ("cells", 20)])
def test_a_sentence_is_no_label_of_a_table_and_none_below_a_heading_is_no_figure(layout: str, seed: int) -> None:
    printed = print_as(layout, invent(seed))
    found = align(read_bytes(printed.printed.data, printed.printed.name))
    wanted = {key: [words.text for words in invent(seed).prose[key]] for key in ("problems", "other_matters")}
    got = {key: [paragraph.text for paragraph in found.sections[key].paragraphs] for key in wanted}
    assert {key: [text for text in texts if text in got[key]] for key, texts in wanted.items()} == wanted
