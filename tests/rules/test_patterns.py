"""Patterns: the words that are looked for first never hide a match."""

from __future__ import annotations

import pytest

from rules.patterns import any_of, found_in


@pytest.mark.parametrize(
    ("pattern", "needles"),
    [
        ("集中采购(?:项目)?[^，]{0,8}\\d", ("集中采购",)),
        ("甲乙|丙丁戊", ("甲乙", "丙丁戊")),
        ("(?:全市|各单位)[^。]{0,20}公开", ("全市", "各单位")),
        ("(?:甲乙)?\\d+", ()),
        ("[甲乙]丙", ()),
        ("(?:甲乙)+", ("甲乙",)),
        ("(?:甲乙)*丙", ()),
    ],
)
def test_needles_are_what_every_match_holds(pattern, needles):
    assert any_of((pattern,)).needles == needles


def test_one_pattern_without_needles_takes_them_from_all():
    assert any_of(("甲乙", "\\d丙")).needles == ()


@pytest.mark.parametrize(("words", "found"), [("其中甲乙3", True), ("其中丙丁4", True), ("其中甲丁", False)])
def test_any_of_several_is_found(words, found):
    assert found_in(("甲乙\\d", "丙丁\\d"), words) is found


def test_no_patterns_find_nothing():
    assert found_in((), "甲") is False
