"""Places in plain Chinese."""

from __future__ import annotations

import pytest

from audits.wording import column_label, place_in_words, quoted, row_label
from rules.editions import editions
from rules.verdict import Place

E2019, E2021 = editions().values()


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (Place(), "全文"),
        (Place("title"), "标题"),
        (Place("preamble"), "前言"),
        (Place("overview", topic="applications.received"), "第一部分“总体情况”"),
        (Place("applications", "applications"), "第三部分申请情况表"),
        (Place(table="applications", row="total"), "第三部分申请情况表“（七）总计”行"),
        (Place(table="applications", row="total", column="natural"), "第三部分申请情况表“（七）总计”行“自然人”列"),
        (Place("disclosure", "disclosure", column="made"), "第二部分主动公开情况表“本年制发件数”列"),
        (
            Place("disclosure", "disclosure", "charge", "amt"),
            "第二部分主动公开情况表“行政事业性收费”行“本年收费金额（单位：万元）”列",
        ),
        (Place("overview", "litigation", "review", "total"), "第一部分“总体情况”与第四部分复议诉讼情况表“行政复议”行“总计”列"),
        (Place("no_such_section"), "全文"),
    ],
)
def test_a_place_is_said_as_a_supervisor_would(place, words):
    assert place_in_words(place, E2021) == words


@pytest.mark.parametrize(
    ("quote", "shown"),
    [
        ("收到申请41件。", "“收到申请41件。”"),
        ("“（七）总计”行“总计”列 38", "“（七）总计”行“总计”列 38"),
        ("“行政许可”行 12", "“行政许可”行 12"),
        ("“十四五”期间", "““十四五”期间”"),
        ("", "（空白）"),
    ],
)
def test_evidence_is_put_in_quotation_marks_once(quote, shown):
    assert quoted(quote) == shown


def test_a_row_of_the_other_edition_has_its_label_there():
    assert row_label(E2021.tables["applications"], "other") == "（六）其他处理"
    assert row_label(E2019.tables["applications"], "other_3") == "3.其他"


def test_an_unknown_key_is_said_as_it_is():
    assert (row_label(E2021.tables["litigation"], "x"), column_label(E2021.tables["litigation"], None, "y")) == ("x", "y")
