"""Words that are watched for: all that occur are told, overlapping ones too."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rules.needles import Needles

WORDS = st.lists(st.text("甲乙丙", min_size=1, max_size=4), max_size=8)


@given(WORDS, WORDS, st.text("甲乙丙丁\n", max_size=30))
def test_every_word_that_occurs_is_told_whenever_it_was_added(first, later, text):
    needles = Needles()
    needles.add(first)
    needles.found_in(text)
    needles.add(later)
    assert needles.found_in(text) == {word for word in (*first, *later) if word in text}


def test_words_already_known_change_nothing():
    needles = Needles()
    needles.add(["甲乙"])
    before = needles.count
    needles.add(["甲乙"])
    assert (before, needles.count) == (1, 1)
