"""Which of many words occur in a text, told in one pass: an Aho-Corasick automaton over all that was ever to be watched for.

Its cost is linear in the text, whatever the words and whatever the text; and it is made once, not worked out while texts are read.
"""

from __future__ import annotations

from collections.abc import Iterable

from ahocorasick_rs import BytesAhoCorasick, Implementation


class Needles:
    """Words to be watched for. They come with the rules that are read, and stay."""

    def __init__(self) -> None:
        self._words: dict[str, None] = {}
        self._ready: tuple[tuple[str, ...], BytesAhoCorasick] | None = None  # both at once: threads may ask while another adds

    def add(self, words: Iterable[str]) -> None:
        if any(word not in self._words for word in words):
            self._words.update(dict.fromkeys(words))
            self._ready = None

    @property
    def count(self) -> int:
        """How many there are: what was told of a text when there were fewer is to be asked anew."""
        return len(self._words)

    def found_in(self, text: str) -> frozenset[str]:
        """The words that occur in the text."""
        ready = self._ready
        if ready is None:
            words = tuple(self._words)
            if not words:
                return frozenset()
            # over bytes, and not as a full table: that is as quick by itself, but fills the cache that the rest of the audit lives in
            automaton = BytesAhoCorasick([word.encode() for word in words], implementation=Implementation.ContiguousNFA)
            ready = self._ready = words, automaton
        words, automaton = ready
        found = automaton.find_matches_as_indexes(text.encode(), overlapping=True)
        return frozenset([words[index] for index, _, _ in found])


WATCHED = Needles()


class Occurring:
    """What occurs in one text of all that is watched for: told when first asked, and again when there is more to watch for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._told: tuple[int, frozenset[str]] = (0, frozenset())

    @property
    def words(self) -> frozenset[str]:
        count = WATCHED.count
        if self._told[0] != count:
            self._told = count, WATCHED.found_in(self._text)
        return self._told[1]
