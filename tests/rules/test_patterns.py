"""Patterns: the words that are looked for first never hide a match."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.examples import filing_of
from rules.patterns import any_of, certain, found_in, rare
from rules.prose import prose_of


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
        ("20\\d\\d年(?:底|初)", ()),
        ("(?i)abc|甲乙", ()),
        ("(?i:abc)甲乙", ("甲乙",)),
    ],
)
def test_needles_are_what_every_match_holds(pattern, needles):
    assert any_of((pattern,)).needles == needles


def test_one_pattern_without_needles_takes_them_from_all():
    assert any_of(("甲乙", "\\d丙")).needles == ()


@pytest.mark.parametrize(("words", "found"), [("其中甲乙3", True), ("其中丙丁4", True), ("其中甲丁", False)])
def test_any_of_several_is_found(words, found):
    assert found_in(("甲乙\\d", "丙丁\\d"), words) is found


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("问题|短[板处]", ("问题", "短板", "短处")),
        ("(?:全|本)年(?:度)?", ("全年度", "全年", "本年度", "本年")),
        ("(收)到", ("收到",)),
        ("(?i)abc", ()),
        ("(?i:abc)", ()),
        ("(?m:^)甲", ()),
        ("甲*", ()),
        ("甲?", ()),
        ("[^甲]乙", ()),
        ("[a-c]", ()),
        ("甲{2}", ()),
        ("\\d件", ()),
    ],
)
def test_a_pattern_for_a_few_words_is_spelled_out(pattern, words):
    assert any_of((pattern,)).spelled == words


def test_a_pattern_for_many_words_is_left_to_re2():
    assert any_of(("[一二三四五六七]、[一二三四五六七]",)).spelled == ()


def test_what_some_of_the_patterns_spell_out_is_certain():
    assert certain(("问题|短板", "\\d件", "全[年市]", "(?m:^)甲", "问题")) == ("问题", "短板", "全年", "全市")
    assert all(found_in(("\\d件", "全[年市]"), f"在{word}内") for word in certain(("\\d件", "全[年市]")))


@settings(max_examples=300)
@given(
    st.lists(
        st.sampled_from(["甲", "乙", "[甲丙]", "(?:乙|丙丁)", "(?:丁)?", "\\d", "(?:甲乙|丙)", "20"]), min_size=1, max_size=4
    ),
    st.text("甲乙丙丁20 ", max_size=12),
)
def test_looking_for_words_first_changes_no_answer(parts, words):
    pattern = "".join(parts)
    assert found_in((pattern, "戊己"), words) == bool(re.search(pattern, words))


@pytest.mark.parametrize(
    ("pattern", "needles"),
    [
        ("[甲乙]丙{2}", ("甲", "乙")),
        ("(?:甲乙)*丙", ("丙",)),
        ("[×X]{2,4}[年月]", ("×", "X")),
        ("丙[\\x{4e00}-\\x{9fff}]", ("丙",)),
        ("甲乙|丙甲乙丁", ("甲乙",)),  # what holds the longer holds the shorter
        ("请(?:甲|乙丙)审[定阅]?", ("请甲审", "请乙丙审")),  # what holds the longer holds the shorter
        ("（(?:甲|请在?填)[^）]*）", ("（甲", "（请在填", "（请填")),
        ("(?:甲|乙)?\\d(?:丙|(?i:x))", ()),
        ("[甲乙丙丁戊][甲乙丙丁戊]己", ("甲己", "乙己", "丙己", "丁己", "戊己")),  # more together than are worth it
        ("的{2}，", ()),  # no text is without
        ("\\d[0-9]", ()),
    ],
)
def test_a_single_character_is_enough_for_what_is_watched_for(pattern, needles):
    found = rare((pattern,))
    assert (found.needles, found.watched) == (needles, bool(needles))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(["甲", "乙", "[甲丙]", "(?:乙|丙丁)", "(?:丁)?", "\\d", "(?:甲乙|丙)", "20", "的"]),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(["甲", "[乙丙]", "(?:丁|的)", "\\d"]),
    st.text("甲乙丙丁20的。“”", max_size=20),
)
def test_watching_for_words_changes_no_answer(parts, last, words):
    patterns = ("".join([*parts, last]), "戊己")
    prose = prose_of(filing_of({"sections": {"overview": [f"头{words}"]}}))
    for text in (prose.text(), prose.text(("overview",)), prose.text(quoted=False)):
        plain = [(hit.sentence, hit.start, hit.end) for hit in text.find(any_of(patterns))]
        assert [(hit.sentence, hit.start, hit.end) for hit in text.find(rare(patterns))] == plain
        assert text.has(rare(patterns)) == text.has(any_of(patterns))


@pytest.mark.parametrize(("words", "rest"), [("甲乙丙", "甲丙"), ("乙甲乙", "甲"), ("甲", "甲"), ("", "")])
def test_what_matches_is_taken_out(words, rest):
    assert any_of(("乙",)).without(words.encode()).decode() == rest


def test_no_patterns_find_nothing():
    assert found_in((), "甲") is False
