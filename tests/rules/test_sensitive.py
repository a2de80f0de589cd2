"""Numbers that belong to a person are told from other long figures, and masked."""

from __future__ import annotations

import pytest

from rules.sensitive import has_long_figure, mask, sensitive_in


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("证件110101199003070011。", ["identity"]),
        ("证件11010119900307001１。", []),
        ("证件110101199003070012。", []),
        ("卡号6222020000000000000。", ["bank_card"]),
        ("卡号6222020000000000001。", []),
        ("手机13800000000。", ["mobile"]),
        ("金额13800000000元。", []),
        ("电话0517-13800000000。", []),
        ("代码11320800014296541K。", []),
        ("10203120001200000", []),
    ],
)
def test_only_numbers_that_pass_their_check_are_found(text, kinds):
    assert [found.kind for found in sensitive_in(text)] == kinds


def test_the_middle_is_starred_out():
    assert mask("电话13800000000，证件110101199003070011。") == "电话138****0000，证件110***********0011。"


def test_a_text_without_them_stays_as_it_is():
    assert mask("电话0517-80000000。") == "电话0517-80000000。"


@pytest.mark.parametrize("before", range(12))
@pytest.mark.parametrize("digits", [1, 6, 10, 11, 12, 18])
def test_a_long_figure_is_found_wherever_it_begins_and_whatever_stands_around(before, digits):
    text = f"{'本' * before}{'7' * digits}年1{'机关' * 3}2024年12月31日"
    assert has_long_figure(text) == (digits > 10)
