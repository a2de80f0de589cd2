"""What is layout in a label and what is another word."""

from __future__ import annotations

import pytest

from rules.editions import editions
from rules.kinds.variants import variant

PARTIAL = "（二）部分公开（区分处理的，只计这一情形，不计其他情形）"
SAME = [
    ("规章", "规章"),
    ("行政 许可", "行政许可"),
    ("商业\n企业", "商业企业"),
    ("结果　维持", "结果维持"),
    ("结果\u00a0维持", "结果维持"),
    ("(一) 予以公开", "（一）予以公开"),
    ("（ 一 ）予以公开", "（一）予以公开"),
    ("【一】予以公开", "（一）予以公开"),
    ("(七)总计", "（七）总计"),
    ("1、属于国家秘密", "1.属于国家秘密"),
    ("1．属于国家秘密", "1.属于国家秘密"),
    ("1 .属于国家秘密", "1.属于国家秘密"),
    ("(1)属于国家秘密", "1.属于国家秘密"),
    ("①属于国家秘密", "1.属于国家秘密"),
    ("属于国家秘密", "1.属于国家秘密"),
    ('3.危及"三安全一稳定"', "3.危及“三安全一稳定”"),
    ("3.危及三安全一稳定", "3.危及“三安全一稳定”"),
    ("一、 本年新收政府信息公开申请数量", "一、本年新收政府信息公开申请数量"),
    ("一.本年新收政府信息公开申请数量", "一、本年新收政府信息公开申请数量"),
    ("本年新收政府信息公开申请数量", "一、本年新收政府信息公开申请数量"),
    ("(二)部分公开(区分处理的,只计这一情形,不计其他情形)", PARTIAL),
    ("（二）部分公开", PARTIAL),
    ("部分公开", PARTIAL),
    ("本年增减", "本年增/减"),
    ("第二十条 第(一)项", "第二十条第（一）项"),
    ("本年收费金额（单位：万元，保留4位小数）", "本年收费金额（单位：万元）"),
    ("本年收费金额(单位:万元)", "本年收费金额（单位：万元）"),
    ("本年收费金额", "本年收费金额（单位：万元）"),
    ("本年收费金额（单位：万元", "本年收费金额（单位：万元）"),
    ("采购总金额（单位：万元，保留4位小数）", "采购总金额"),
    ("⾏政许可", "行政许可"),
    ("⺠事", "民事"),
    ("", "行政许可"),
]
OTHER = [
    ("2.其他法律法规禁止公开", "2.其他法律行政法规禁止公开", "缺“行政”"),
    ("2.其他法律行政止公开", "2.其他法律行政法规禁止公开", "缺“法规禁”"),
    ("检测评估", "监测评估", "“检”应为“监”"),
    ("规范性文件", "行政规范性文件", "缺“行政”"),
    ("1.本机关不掌握相关的政府信息", "1.本机关不掌握相关政府信息", "多“的”"),
    ("现行有效件数（历史累计）", "现行有效件数", "多“历史累计”"),
    ("四、结转下一年度继续办理", "四、结转下年度继续办理", "多“一”"),
    ("4.属于国家秘密", "1.属于国家秘密", "序号“4”应为“1”"),
    ("其它处理", "其他处理", "“它”应为“他”"),
    ("结果纠正", "结果维持", "“纠正”应为“维持”"),
]
DAMAGED = [
    ("本年新", "本年新公开数量"),
    (
        "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其",
        "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请",
    ),
    ("5.要求行政机关确认或重新出具", "5.要求行政机关确认或重新出具已获取信息"),
    (
        "2.申请人逾期未按收费通知要求他处理缴纳费用、行政机关不再处理其政府信息公开申请",
        "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请",
    ),
    (
        "（本列数据的勾稽关系为：第一项加第二项之和，等于 申请人情况 第三项加第四项之和）",
        "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）",
    ),
    ("行政\ufffd可", "行政许可"),
    ("行政□可", "行政许可"),
    ("3.补后申容仍明", "3.补正后申请内容仍不明确"),
]


@pytest.mark.parametrize(("printed", "expected"), SAME)
def test_layout_is_no_variant(printed, expected):
    assert variant(printed, expected) is None


@pytest.mark.parametrize(("printed", "expected", "difference"), OTHER)
def test_another_word_is_shown_with_the_characters_that_differ(printed, expected, difference):
    found = variant(printed, expected)
    assert found is not None
    assert found.difference == difference


@pytest.mark.parametrize(("printed", "expected"), DAMAGED)
def test_a_damaged_label_is_doubted(printed, expected):
    found = variant(printed, expected)
    assert found is not None
    assert found.doubt is not None


def test_a_small_slip_is_not_doubted():
    found = variant("2.其他法律法规禁止公开", "2.其他法律行政法规禁止公开")
    assert found is not None
    assert found.doubt is None


def test_a_wrong_number_alone_may_come_from_automatic_numbering():
    found = variant("1.重复申请", "2.重复申请")
    assert found is not None
    assert (found.difference, found.doubt is not None) == ("序号“1”应为“2”", True)


def test_merged_cells_glued_in_front_are_layout():
    assert (
        variant("三、本年度办理结果（三）不予公开 1.属于国家秘密", "1.属于国家秘密", ("三、本年度办理结果", "（三）不予公开"))
        is None
    )


@pytest.mark.parametrize("edition", ["E2019", "E2021"])
def test_every_label_of_the_template_equals_itself_in_other_layouts(edition):
    rows = [row for table in editions()[edition].tables.values() for row in table.rows.values()]
    layouts = (" ".join, "\n".join, lambda label: label.translate(str.maketrans("（），：", "(),:")), "　{}　".format)
    assert [
        row.label for row in rows for layout in layouts if variant(layout(row.label), row.label, row.under) is not None
    ] == []
