"""Which of many words occur in a text, told in one pass: an Aho-Corasick automaton over all that was ever to be watched for.

Its cost is linear in the text, whatever the words and whatever the text; and it is made once, not worked out while texts are read.
"""

from __future__ import annotations

from collections.abc import Iterable

from ahocorasick_rs import AhoCorasick, Implementation


class Needles:
    """Words to be watched for. They come with the rules that are read, and stay."""

    def __init__(self) -> None:
        self._words: dict[str, None] = {}
        self._ready: tuple[tuple[str, ...], AhoCorasick] | None = None  # both at once: threads may ask while another adds

    def add(self, words: Iterable[str]) -> None:
        if any(word not in self._words for word in words):
            self._words.update(dict.fromkeys(words))
            self._ready = None

    @property
    def count(self) -> int:
        """How many there are: what was told of a text when there were fewer is to be asked again."""
        return len(self._words)

    def found_in(self, text: str) -> frozenset[str]:
        """The words that occur in the text."""
        ready = self._ready
        if ready is None:
            words = tuple(self._words)
            if not words:
                return frozenset()
            ready = self._ready = words, AhoCorasick(words, implementation=Implementation.DFA)
        words, automaton = ready
        return frozenset([words[index] for index, _, _ in automaton.find_matches_as_indexes(text, overlapping=True)])


WATCHED = Needles()
