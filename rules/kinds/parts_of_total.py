"""parts_of_total (分项与合计): what the prose lists as the parts of a number must add up to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from rules.claims.comparable import clipped
from rules.claims.lists import OPENINGS, Listing, listings_of
from rules.filing import Filing
from rules.prose import Sentence, prose_of
from rules.verdict import Place, State, Verdict

CLAUSE = re.compile("[，；：（）]")
TOPIC = 24  # characters of the sentence that tell one list from another in the same section


@dataclass(frozen=True, slots=True)
class PartsOfTotal:
    """A list that closes with 其他 or 其余 must be the total; an open one may be less, and more only for a person to look at.

    Facts: total, sum, unit, gap, count (of parts), quote.
    """

    gives: ClassVar[frozenset[str]] = frozenset({"total", "sum", "unit", "gap", "count", "quote"})

    def check(self, filing: Filing) -> Iterator[Verdict]:
        found = False
        prose = prose_of(filing)
        for index in prose.text().lines_with(OPENINGS):
            sentence = prose.sentences[index]
            for listing in listings_of(sentence):
                found = True
                yield self._verdict(sentence, listing)
        if not found:
            yield Verdict(State.NOT_APPLICABLE, reason="正文没有可核对的分项列举")

    def _verdict(self, sentence: Sentence, listing: Listing) -> Verdict:
        place = Place(sentence.section, topic=sentence.words[: listing.words[0]][-TOPIC:])
        evidence = (sentence.evidence(),)
        if listing.adds_up:
            return Verdict(State.HOLDS, place, evidence)
        total = sum(listing.parts)
        return Verdict(
            State.BROKEN,
            place,
            evidence,
            {
                "total": listing.total,
                "sum": total,
                "unit": listing.unit,
                "gap": max(total, listing.total) - min(total, listing.total),
                "count": len(listing.parts),
                "quote": clipped(CLAUSE.split(sentence.words[: listing.words[0]])[-1] + sentence.words[slice(*listing.figure)]),
            },
            doubt=_doubt(listing),
            expected=f"{total}{listing.unit}",
            actual=f"{listing.total}{listing.unit}",
        )


def _doubt(listing: Listing) -> str | None:
    if not listing.closed:
        return "列举未以“其他”收尾，各项可能交叉，请人工核对"
    return "句中另有同一单位的数，列举可能是几数之和的分项，请人工核对" if listing.before else None
