"""numbering (层次序号): （一）（二）…, 1. 2. … at the start of paragraphs run on without a gap and without going back.

Asked once per section. Each level counts by itself and starts anew under the next heading of a higher level. An ordinal that stands
inside a paragraph is no heading, but it explains a gap.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Literal, NamedTuple

from rules.filing import Filing, PartState
from rules.kinds.doubts import garbled, loss_near
from rules.prose import Lead, Passage, Prose, prose_of
from rules.verdict import Place, State, Verdict

LEVELS = ("han", "paren_han", "arabic", "paren_arabic")
BELOW = {level: LEVELS[index + 1 :] for index, level in enumerate(LEVELS)}
HAN = ("", *"一二三四五六七八九十", *(f"十{unit}" for unit in "一二三四五六七八九"), "二十")
NO_HEADING = ("项", "款", "条", "目", "章", "节", "点", "级", "类", "是")
QUOTE = 40  # of a long paragraph, enough to find it
HEADING_LENGTH = 20  # an unnumbered line this short without a stop may be a heading that lost its ordinal
STOPS = ("。", "；", "：", "，", "、", "！")
PARENT_LENGTH = 30  # an unnumbered line this short may head a list of its own


@dataclass(frozen=True, slots=True)
class Numbering:
    """fault is "gap" or "repeat". Facts: before and after (the ordinals on both sides), printed (the heading)."""

    fault: Literal["gap", "repeat"]
    sections: tuple[str, ...]
    gives: ClassVar[frozenset[str]] = frozenset({"before", "after", "printed"})

    def check(self, filing: Filing) -> Iterator[Verdict]:
        prose = prose_of(filing)
        for section in self.sections:
            if section in filing.sections and filing.sections[section].state is not PartState.PRESENT:
                yield Verdict(State.NOT_APPLICABLE, Place(section), reason="该部分没有内容")
                continue
            steps = [step for step in _steps(prose.of(section)) if self._is_fault(step, prose, section)]
            for step in steps:
                yield _broken(filing, section, step, garbled(prose.text((section,)).words) or self._renumbered(step))
            if not steps:
                yield Verdict(State.HOLDS, Place(section))

    def _is_fault(self, step: Step, prose: Prose, section: str) -> bool:
        before, after = step.before.number, step.after.number
        if self.fault == "repeat":
            return after <= before
        missing = set(range(before + 1, after)) - step.between if after > before + 1 else None
        if not missing:
            return False
        words = prose.text((section,)).words
        return not any(mark in words for number in missing for mark in _marks(number, step.after.style))

    def _renumbered(self, step: Step) -> str | None:
        """A lone 1. where one ordinal is missing, or a heading without any, may be it: copies number lists of Word's anew or not."""
        if self.fault != "gap" or step.after.number != step.before.number + 2:
            return None
        if step.between == {1}:
            return "两者之间有一处编号为“1”的标题，可能是自动编号在采集时变了样"
        return f"两者之间的“{step.bare}”没有编号，可能是自动编号在采集时丢失" if step.bare else None


class Step(NamedTuple):
    """Two headings of one level that follow each other within one run and do not count on by one. ``between`` are the ordinals of other
    styles between them: an agency that writes （一） 2、（三） has mixed its styles and left nothing out."""

    first: Passage
    before: Lead
    second: Passage
    after: Lead
    between: frozenset[int]
    bare: str = ""  # a short line without an ordinal between them that may be a heading


@lru_cache(maxsize=16)  # two rules ask about the same sections; passages are told apart by identity
def _steps(passages: tuple[Passage, ...]) -> tuple[Step, ...]:
    return tuple(_found_steps(passages))


def _found_steps(passages: tuple[Passage, ...]) -> Iterator[Step]:
    last: dict[str, tuple[Passage, Lead]] = {}
    ordinals: list[int] = []  # of all headings so far
    behind: dict[str, int] = {}  # how many they were with the last one of a level
    bare = ""
    headed: set[str] = set()  # the levels above whose next ordinal an unnumbered heading stands
    for passage in passages:
        lead, words = passage.lead, passage.words
        if lead is None:
            if last:
                size = len(words)
                if size <= PARENT_LENGTH or "：" in words[-PARENT_LENGTH:]:
                    headed = set(LEVELS)
                if size <= HEADING_LENGTH and words[-1:] not in STOPS:
                    bare = words.lstrip("-•*· ")
            continue
        style, number, _, end = lead
        if style not in BELOW or end == len(words) or words.startswith(NO_HEADING, end):
            continue
        before = last.get(style)
        if before is not None and number != before[1].number + 1:
            # 1 after 1, 2, 3 opens a new list; 1 right after a lone 1 repeats it, unless a line between heads the new list
            opens = number == 1 and (before[1].number > 1 or style in headed)
            if not opens:
                yield Step(*before, passage, lead, frozenset(ordinals[behind[style] :]), bare)
        bare = ""
        for lower in BELOW[style]:
            last.pop(lower, None)
        last[style] = (passage, lead)
        ordinals.append(number)
        behind[style] = len(ordinals)
        headed.discard(style)


def _marks(number: int, style: str) -> tuple[str, ...]:
    """How the missing ordinal may stand inside a paragraph, damaged brackets included."""
    han = HAN[number] if number < len(HAN) else str(number)
    if style == "paren_han":
        return (f"（{han}", f"{han}）", f"（{number}）")
    if style == "han":
        return (f"{han}、", f"{han}.", f"{han}．")
    if style == "arabic":
        return (f"{number}.", f"{number}、", f"{number}．", f"（{number}）")
    return (f"（{number}", f"{number}）")


def _broken(filing: Filing, section: str, step: Step, doubt: str | None) -> Verdict:
    first, second = (passage.evidence(0, min(len(passage.words), QUOTE)) for passage in (step.first, step.second))
    return Verdict(
        State.BROKEN,
        Place(section, topic=f"{step.before.printed}{step.after.printed}{step.second.title[:12]}"),
        (first, second),
        {"before": step.before.printed, "after": step.after.printed, "printed": step.second.words[:QUOTE]},
        doubt=doubt or loss_near(filing, first.at) or loss_near(filing, second.at),
        expected=f"{step.before.printed}之后为下一序号",
        actual=f"{step.before.printed}之后为{step.after.printed}",
    )
