"""percentages (百分比): a percentage must be that of the two numbers printed right before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar

from rules.claims.lists import Share, shares_of
from rules.filing import Filing, Number
from rules.prose import Sentence, prose_of
from rules.verdict import Place, Severity, State, Verdict


@dataclass(frozen=True, slots=True)
class Percentages:
    """Off by more than a unit of the last printed digit is broken; by up to one (cut off, not rounded) a notice.

    Where the percentage may be meant of other numbers of the sentence too, it is compared with all of them and a difference is doubtful.
    Facts: percent, expected, part, whole, quote.
    """

    gives: ClassVar[frozenset[str]] = frozenset({"percent", "expected", "part", "whole", "quote"})

    def check(self, filing: Filing) -> Iterator[Verdict]:
        found = False
        prose = prose_of(filing)
        for index in prose.text().lines_with("%％"):
            sentence = prose.sentences[index]
            for share in shares_of(sentence):
                found = True
                yield self._verdict(sentence, share)
        if not found:
            yield Verdict(State.NOT_APPLICABLE, reason="正文没有分子分母都写明的百分比")

    def _verdict(self, sentence: Sentence, share: Share) -> Verdict:
        place = Place(sentence.section, topic=sentence.words[slice(*share.words)][-24:])
        evidence = (sentence.evidence(),)
        unit = Decimal(1).scaleb(int(share.percent.as_tuple().exponent))
        gaps = [abs(share.percent - _percent(*pair)) for pair in ((share.part, share.whole), *share.others)]
        if min(gaps) <= unit / 2:
            return Verdict(State.HOLDS, place, evidence)
        expected = _percent(share.part, share.whole).quantize(unit, ROUND_HALF_UP)
        return Verdict(
            State.BROKEN,
            place,
            evidence,
            {
                "percent": f"{share.percent}%",
                "expected": f"{expected}%",
                "part": share.part,
                "whole": share.whole,
                "quote": sentence.evidence(*share.words).quote,
            },
            doubt="句中有多个数可作分母，请人工核对" if share.others else None,
            severity=Severity.NOTICE if min(gaps) <= unit else None,
            expected=f"{expected}%",
            actual=f"{share.percent}%",
        )


def _percent(part: Number, whole: Number) -> Decimal:
    return Decimal(part) * 100 / Decimal(whole)
