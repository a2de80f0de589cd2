"""private (个人信息): numbers that belong to a person must not be in a report. Asked once; broken once per section. Quotes are masked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from rules.filing import Filing
from rules.prose import prose_of
from rules.sensitive import LONG_FIGURE, mask, sensitive_in
from rules.verdict import Evidence, Place, State, Verdict

MOST_QUOTES = 5
AROUND = 12


@dataclass(frozen=True, slots=True)
class Private:
    """Facts: where (line or page), masked (the first number), count."""

    numbers: tuple[Literal["identity", "bank_card", "mobile"], ...]
    gives: ClassVar[frozenset[str]] = frozenset({"where", "masked", "count"})

    def check(self, filing: Filing) -> Iterator[Verdict]:
        found: dict[str, list[tuple[str, Evidence]]] = {}
        if LONG_FIGURE.search(prose_of(filing).words):
            for sentence in prose_of(filing).sentences:
                for number in sensitive_in(sentence.words):
                    if number.kind in self.numbers:
                        evidence = sentence.evidence(max(0, number.start - AROUND), number.end)
                        masked = mask(sentence.words[number.start : number.end])
                        quote = replace(
                            evidence, quote=f"{sentence.words[max(0, number.start - AROUND) : number.start]}{masked}"
                        )
                        found.setdefault(sentence.section, []).append((masked, quote))
        for section, hits in found.items():
            masked, first = hits[0]
            facts = {"where": _where(first), "masked": masked, "count": len(hits)}
            yield Verdict(State.BROKEN, Place(section), tuple(quote for _, quote in hits[:MOST_QUOTES]), facts, actual=masked)
        if not found:
            yield Verdict(State.HOLDS)


def _where(evidence: Evidence) -> str:
    at = evidence.at
    if at is not None and at.line is not None:
        return f"第{at.line}行"
    return f"第{at.page}页" if at is not None and at.page is not None else "正文"
