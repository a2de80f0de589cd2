"""enumeration (列举): 一是…二是…三是… leaves nothing out, and “N个方面” counts what follows.

Asked once per paragraph that enumerates. A list that goes on in the next paragraphs is followed there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from rules.filing import Filing
from rules.kinds.numbering import HAN
from rules.prose import ORDINALS, Passage, prose_of
from rules.verdict import Place, State, Verdict

# after a mark or at the head; the class of figures stands first, since that is found ten times as fast as a choice
ITEM = re.compile(r"([一二三四五六七八九十](?<![^。；，：、！？）”].)[一二三四五六七八九十]?)是")
SAID = re.compile(r"(?<!等)([二两三四五六七八九十\d]{1,2})个方面[^。；等]{0,12}[：:，。]?一是")


@dataclass(frozen=True, slots=True)
class Enumeration:
    """Facts: said (how many the text announces, "" if it does not), listed (how many follow), missing (the item left out)."""

    gives: ClassVar[frozenset[str]] = frozenset({"said", "listed", "missing"})

    def check(self, filing: Filing) -> Iterator[Verdict]:
        passages = prose_of(filing).passages
        asked = False
        for index, passage in enumerate(passages):
            if "一是" not in passage.words:
                continue
            asked = True
            fault = _fault(passage, passages[index + 1 :])
            if fault is None:
                yield Verdict(State.HOLDS, Place(passage.section))
                continue
            facts, expected, actual = fault
            start = passage.words.index("一是")
            yield Verdict(
                State.BROKEN,
                Place(passage.section, topic=passage.words[start : start + 16]),
                (passage.evidence(max(0, start - 20), min(len(passage.words), start + 60)),),
                facts,
                expected=expected,
                actual=actual,
            )
        if not asked:
            yield Verdict(State.NOT_APPLICABLE, reason="正文没有“一是……二是……”式列举")


def _fault(passage: Passage, following: tuple[Passage, ...]) -> tuple[dict[str, object], str, str] | None:
    numbers = [ORDINALS.get(item, 0) for item in ITEM.findall(passage.words)]
    if 1 not in numbers or numbers.count(1) > 1:
        return None  # several lists in one paragraph, one inside the other: not for us to take apart
    said = SAID.search(passage.words) if "个方面" in passage.words else None
    if said is None and set(numbers).issuperset(range(1, max(numbers))):
        return None  # as most lists
    later = [p.lead.number for p in following if p.section == passage.section and p.lead and p.lead.style == "clause"]
    listed = max(numbers) if len(numbers) > 1 or not later else max(later)
    for number in range(2, max(numbers)):
        if number not in numbers and number not in later and not _said_otherwise(number, passage.words):
            name = f"{HAN[number]}是"
            return {"said": "", "listed": len(numbers), "missing": name}, "列举连续", f"缺“{name}”"
    if said and not later:
        announced = int(said[1]) if said[1].isdigit() else ORDINALS.get(said[1].replace("两", "二"), 0)
        if announced and announced != listed and len(numbers) == listed and listed > 1:
            return {"said": announced, "listed": listed, "missing": ""}, f"{announced}项", f"{listed}项"
    return None


def _said_otherwise(number: int, words: str) -> bool:
    """Another way to say the item, or a slip that leaves its ordinal legible."""
    han = HAN[number]
    return re.search(rf"[。；，：、]{han}[^、，。；]|第{han}|其{han}|再次|另外|此外|同时", words) is not None
