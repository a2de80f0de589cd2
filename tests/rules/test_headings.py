"""Headings are read whatever their width, dirt or radicals."""

from __future__ import annotations

import pytest

from rules.headings import read_heading, section_of

LINES = [
    ("一、总体情况", 1, "总体情况", False),
    ("一. 总体情况", 1, "总体情况", False),
    ("## 三、收到和处理政府信息公开申请情况", 3, "收到和处理政府信息公开申请情况", False),
    ("⼆、主动公开政府信息情况", 2, "主动公开政府信息情况", False),
    ("⼀、总体情况", 1, "总体情况", False),
    ("—、总体情况", 1, "总体情况", True),
    ("l六、其他需要报告的事项", 6, "其他需要报告的事项", True),
    ("1、 总体情况", 1, "总体情况", False),
    ("第一部分 总体情况", 1, "总体情况", False),
    ("第六部分：其他需要报告的事项", 6, "其他需要报告的事项", False),
    ("１．总体情况", 1, "总体情况", False),
    ("总体情况", None, "总体情况", False),
    ("2023年工作情况", None, "2023年工作情况", False),
]


@pytest.mark.parametrize(("text", "number", "title", "dirty"), LINES)
def test_ordinal_and_words_are_read(text, number, title, dirty):
    read = read_heading(text)
    assert (read.number, read.title, read.dirty) == (number, title, dirty)


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("总体情况", "overview"),
        ("⾏政机关主动公开政府信息情况", "disclosure"),
        ("因政府信息公开工作被申请行政复议、提起行政诉讼情况", "litigation"),
        ("存在问题及改进措施", "problems"),
        ("其它需要报告事项", "other_matters"),
    ],
)
def test_words_lead_to_their_section(title, key):
    section, _ = section_of(title)
    assert section is not None
    assert section.key == key
