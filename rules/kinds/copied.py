"""copied (雷同): how much of a section's prose stands in last year's report too. Asked once.

Sentence by sentence, after the years, figures and the agency's name are taken out: a sentence counts as repeated if last year's
report has one that is all but the same. Without last year's report it is undetermined.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from rapidfuzz import fuzz, process

from rules.errors import FieldError
from rules.filing import Filing
from rules.kinds.gaps import NO_PREVIOUS
from rules.patterns import any_of, check_patterns
from rules.prose import Sentence, prose_of
from rules.verdict import Place, State, Verdict

ALL_BUT_THE_SAME = 90.0
SHORT = 80  # characters; a text this short is repeated only if nearly all of it is
SHORT_SHARE = 95
LEAST_SENTENCE = 8  # characters; shorter ones are set phrases and headings
MOST_COMPARED = 1_000_000  # pairs; beyond it, only what is the same to the letter counts
MOST_QUOTES = 3
VARIABLE = re.compile(r"20\d\d年度?|\d[\d，.]*|[（(][一二三四五六七八九十\d]+[）)]")


@dataclass(frozen=True, slots=True)
class Copied:
    """Broken from ``share`` per cent on. ``ignore`` are set phrases that everybody writes. Facts: percent, previous (the year)."""

    sections: tuple[str, ...]
    share: int
    ignore: tuple[str, ...] = ()
    gives: ClassVar[frozenset[str]] = frozenset({"percent", "previous"})

    def __post_init__(self) -> None:
        check_patterns("ignore", self.ignore)
        if not 0 < self.share <= 100:
            raise FieldError("share", f"{self.share} 不是百分数")

    def check(self, filing: Filing) -> Iterator[Verdict]:
        place = Place(self.sections[0] if len(self.sections) == 1 else None)
        earlier = filing.previous
        if earlier is None:
            yield Verdict(State.UNDETERMINED, reason=NO_PREVIOUS)
            return
        now, then = self._sentences(filing), self._sentences(earlier)
        total = sum(len(words) for words in now)
        if not total or not then:
            yield Verdict(State.NOT_APPLICABLE, place, reason="本年或上年没有可比对的文字")
            return
        near = list(then) if len(now) * len(then) <= MOST_COMPARED else []
        repeated = [words for words in now if words in then or _has_like(words, near)]
        percent = round(100 * sum(len(words) for words in repeated) / total)
        facts = {"percent": percent, "previous": earlier.year.value or "上"}
        if percent < (self.share if total >= SHORT else SHORT_SHARE):
            yield Verdict(State.HOLDS, place, facts=facts)
            return
        longest = sorted(repeated, key=len, reverse=True)[:MOST_QUOTES]
        evidence = tuple(now[words].evidence() for words in longest)
        yield Verdict(State.BROKEN, place, evidence, facts, expected=f"低于{self.share}%", actual=f"{percent}%")

    def _sentences(self, filing: Filing) -> dict[str, Sentence]:
        """Sentences by what is left of them to compare."""
        name = filing.agency.value or ""
        found: dict[str, Sentence] = {}
        for sentence in prose_of(filing).text(self.sections).sentences:
            words = sentence.words.replace(name, "") if name else sentence.words
            words = VARIABLE.sub("", words)
            if self.ignore:
                words = any_of(self.ignore).without(words.encode()).decode()
            if len(words) >= LEAST_SENTENCE:
                found.setdefault(words, sentence)
        return found


def _has_like(words: str, others: list[str]) -> bool:
    return process.extractOne(words, others, scorer=fuzz.ratio, score_cutoff=ALL_BUT_THE_SAME) is not None
