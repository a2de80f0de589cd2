"""Kinds that ask how a report speaks of itself: self_reference, generic_text, listed_parts; and lost_content."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from reports_in.document import Source
from rules.filing import Filing, PartState
from rules.kinds.sections import NUMERALS
from rules.patterns import any_of, check_patterns, found_in, rare
from rules.prose import ORDINALS, Hit, Sentence, Text, prose_of
from rules.verdict import Evidence, Place, State, Verdict

FIGURE = re.compile(r"\d+(?!\d|年|月|日|号|令)")
PARTS = re.compile(r"([一二三四五六七八九十]|\d{1,2})个?(?:大)?(?:部分|方面)(?:组成|构成|内容)?")
REPORT = re.compile("报告|年报|全文|本文")  # what a sentence about the report's own parts speaks of
FEWEST_LISTED = 3
ANNOUNCING = ("preamble", "overview")  # where a report says of which parts it is made


@dataclass(frozen=True, slots=True)
class SelfReference:
    """A report calls its agency by one kind of name: 我局 and 我镇 do not go together.

    ``names`` gives each way of speaking with the words that only look like it (我局限). Facts: one, other (the two found).
    """

    names: Mapping[str, tuple[str, ...]]
    gives: ClassVar[frozenset[str]] = frozenset({"one", "other"})

    def __post_init__(self) -> None:
        for name in self.names:
            rare((name,))

    def check(self, filing: Filing) -> Iterator[Verdict]:
        text = prose_of(filing).text(quoted=False)
        occurring = text.occurring.words
        found: dict[str, list[Hit]] = {}
        for name, lookalikes in self.names.items():
            pattern = rare((name,))
            if pattern.may_be_where(occurring):
                hits = [hit for hit in text.find(pattern) if not _is_part_of(lookalikes, hit)]
                if hits:
                    found[name] = hits
        if len(found) < 2:
            yield Verdict(
                State.HOLDS if found else State.NOT_APPLICABLE, reason="" if found else "正文没有“我局”“我镇”一类自称"
            )
            return
        (one, hits), (other, others) = sorted(found.items(), key=lambda item: -len(item[1]))[:2]
        evidence = tuple(hit.sentence.evidence(max(0, hit.start - 15), hit.end + 15) for hit in (*hits[:1], *others[:3]))
        facts = {"one": one, "other": other}
        yield Verdict(
            State.BROKEN, Place(topic=f"{one}{other}"), evidence, facts, expected="自称一致", actual=f"{one}；{other}"
        )


def _is_part_of(lookalikes: tuple[str, ...], hit: Hit) -> bool:
    around = hit.sentence.words[max(0, hit.start - 2) : hit.end + 2]
    return any(word in around for word in lookalikes)


@dataclass(frozen=True, slots=True)
class GenericText:
    """The overview names neither the agency nor any figure and speaks of agencies in general (``phrases``).

    ``own`` are the words by which an agency speaks of itself. Facts: printed (the general words found).
    """

    phrases: tuple[str, ...]
    own: tuple[str, ...]
    gives: ClassVar[frozenset[str]] = frozenset({"printed"})

    def __post_init__(self) -> None:
        check_patterns("phrases", self.phrases)
        check_patterns("own", self.own)
        rare(self.phrases)

    def check(self, filing: Filing) -> Iterator[Verdict]:
        place = Place("overview")
        if filing.sections["overview"].state is not PartState.PRESENT:
            yield Verdict(State.NOT_APPLICABLE, place, reason="未检出总体情况或其内容为空，另有规则处理")
            return
        prose = prose_of(filing)
        hits = prose.text().find(
            rare(self.phrases)
        )  # in the whole: most reports have none, and the overview need not be cut out
        hit = next((hit for hit in hits if hit.sentence.section == "overview"), None)
        if hit is None or self._speaks_of_itself(prose.text(("overview",)), filing.agency.value or ""):
            yield Verdict(State.HOLDS, place)
            return
        yield Verdict(
            State.BROKEN,
            place,
            (hit.sentence.evidence(),),
            {"printed": hit.words},
            expected="写本机关的情况和数据",
            actual=hit.words,
        )

    def _speaks_of_itself(self, text: Text, name: str) -> bool:
        named = bool(name) and name[:4] in text.words
        return named or FIGURE.search(text.words) is not None or text.has(any_of(self.own))


@dataclass(frozen=True, slots=True)
class ListedParts:
    """What the preamble says of the report's parts is true: how many there are, and how many it lists.

    ``listing`` marks the sentence, ``parts`` recognises each of the six by its key. Facts: said, listed, present.
    """

    listing: tuple[str, ...]
    parts: Mapping[str, tuple[str, ...]]
    gives: ClassVar[frozenset[str]] = frozenset({"said", "listed", "present"})

    def __post_init__(self) -> None:
        check_patterns("listing", self.listing)
        for key, patterns in self.parts.items():
            check_patterns(f"parts.{key}", patterns)

    def check(self, filing: Filing) -> Iterator[Verdict]:
        hits = prose_of(filing).text().find(any_of(self.listing))
        hit = next((hit for hit in hits if hit.sentence.section in ANNOUNCING and REPORT.search(hit.context)), None)
        if hit is None:
            yield Verdict(State.NOT_APPLICABLE, Place("preamble"), reason="前言未列部分名称")
            return
        yield self._answer(filing, hit.sentence)

    def _answer(self, filing: Filing, sentence: Sentence) -> Verdict:
        words = sentence.words
        place = Place(sentence.section, topic="部分数")
        listed = sum(found_in(patterns, words) for patterns in self.parts.values())
        present = sum(part.state is not PartState.ABSENT for part in filing.sections.values())
        said = PARTS.search(words)
        number = 0 if said is None else int(said[1]) if said[1].isdigit() else ORDINALS.get(said[1], 0)
        open_ended = (said is not None and words[: said.start()].endswith("等")) or "等几" in words or "等部分" in words
        facts: dict[str, object] = {
            "said": NUMERALS[number - 1] if 0 < number <= 6 else number,
            "listed": listed,
            "present": present,
        }
        evidence = (sentence.evidence(),)
        if (
            number
            and listed >= (number - 1 if open_ended else FEWEST_LISTED)
            and listed != number
            and not self._others(words, listed)
        ):
            return Verdict(State.BROKEN, place, evidence, facts, expected=f"{number}个部分", actual=f"列出{listed}个")
        if number and number != present and present == len(filing.sections):
            return Verdict(State.BROKEN, place, evidence, facts, expected=f"{present}个部分", actual=f"称{number}个部分")
        return Verdict(State.HOLDS, place, evidence)

    def _others(self, words: str, listed: int) -> bool:
        """Whether the list may name more than the six, so that our count of it is not sure."""
        return words.count("、") + words.count("；") + words.count("，") > listed + 4


@dataclass(frozen=True, slots=True)
class LostContent:
    """One verdict for every place around which the source seems to have lost content. Facts: where, reason."""

    gives: ClassVar[frozenset[str]] = frozenset({"where", "reason"})

    def check(self, filing: Filing) -> Iterator[Verdict]:
        for at, reason in filing.suspect:
            section = _section_at(filing, at)
            facts = {"where": _where(at), "reason": reason}
            yield Verdict(State.BROKEN, Place(section, topic=reason), (Evidence("", at),), facts, actual=reason)
        if not filing.suspect:
            yield Verdict(State.HOLDS)


def _where(at: Source) -> str:
    if at.line is not None:
        return f"第{at.line}行"
    return f"第{at.page}页" if at.page is not None else "正文中有一处"


def _section_at(filing: Filing, at: Source) -> str | None:
    """The last section that begins before that place."""
    begun = [(part.at.chars[0], key) for key, part in filing.sections.items() if part.at and part.at.chars[0] <= at.chars[0]]
    return max(begun)[1] if begun else None
