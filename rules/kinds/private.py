"""private (个人信息): numbers that belong to a person must not be in a report. Asked once; broken once per section. Quotes are masked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Literal

from rules.filing import Filing
from rules.prose import Prose, Sentence, prose_of
from rules.sensitive import LONG_FIGURE, Sensitive, has_long_figure, mask, sensitive_in
from rules.verdict import Evidence, Place, State, Verdict

MOST_QUOTES = 5


@dataclass(frozen=True, slots=True)
class Private:
    """Facts: where (line or page), masked (the first number), count."""

    numbers: tuple[Literal["identity", "bank_card", "mobile"], ...]
    gives: ClassVar[frozenset[str]] = frozenset({"where", "masked", "count"})

    def check(self, filing: Filing) -> Iterator[Verdict]:
        found: dict[str, list[tuple[Sentence, Sensitive]]] = {}
        for sentence in _with_long_figures(prose_of(filing)):
            for number in sensitive_in(sentence.words):
                if number.kind in self.numbers:
                    found.setdefault(sentence.section, []).append((sentence, number))
        for section, hits in found.items():
            evidence = tuple(_masked(*hit) for hit in hits[:MOST_QUOTES])
            sentence, number = hits[0]
            masked = mask(sentence.words[number.start : number.end])
            facts = {"where": _where(evidence[0]), "masked": masked, "count": len(hits)}
            yield Verdict(State.BROKEN, Place(section), evidence, facts, actual=masked)
        if not found:
            yield Verdict(State.HOLDS)


@lru_cache(maxsize=4)  # two rules ask the same of the same report
def _with_long_figures(prose: Prose) -> tuple[Sentence, ...]:
    text = prose.text()
    return tuple(text.sentences[line] for line in text.lines_of(LONG_FIGURE)) if has_long_figure(text.words) else ()


def _masked(sentence: Sentence, number: Sensitive) -> Evidence:
    """The number alone: the words around it are a person's name and address as often as not."""
    return sentence.evidence(number.start, number.end)._replace(quote=mask(sentence.words[number.start : number.end]))


def _where(evidence: Evidence) -> str:
    at = evidence.at
    if at is not None and at.line is not None:
        return f"第{at.line}行"
    return f"第{at.page}页" if at is not None and at.page is not None else "正文"
