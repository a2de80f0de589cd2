"""punctuation (标点): brackets, quotation marks and title marks pair up; half-width marks are not mixed in. Asked once per paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import ClassVar, Literal

from rules.filing import Filing
from rules.kinds.doubts import garbled, loss_near
from rules.prose import Passage, Prose, prose_of
from rules.verdict import Place, State, Verdict

TABLE_SECTIONS = ("disclosure", "applications", "litigation")  # what stands there beside the table may be pieces of it
PAIRS = (("“", "”"), ("《", "》"), ("（", "）"))
ENUMERATOR = re.compile(r"(?:^|[。；：，、！”）])(?:\d{1,2}|[一二三四五六七八九十]{1,2}|[a-zA-Z])）")
NESTED = re.compile(r"《[^《》]*《[^《》]*》[^《》]*》")
HALF_WIDTH = re.compile(r"[,;:](?<=[\u4e00-\u9fff].)(?=[\u4e00-\u9fff])")  # begins with the mark: searched much faster
MOST_HALF_WIDTH = 4
QUOTE = 60


@dataclass(frozen=True, slots=True)
class Punctuation:
    """fault is "unbalanced", "nested_title" or "half_width". Facts: where (line), mark, count, quote."""

    fault: Literal["unbalanced", "nested_title", "half_width"]
    gives: ClassVar[frozenset[str]] = frozenset({"where", "mark", "count", "quote"})

    def check(self, filing: Filing) -> Iterator[Verdict]:
        passages = _outside_tables(prose_of(filing))
        ask = {"unbalanced": _unbalanced, "nested_title": _nested, "half_width": _half_width}[self.fault]
        broken = False
        for passage, start, end, mark, count in ask(passages):
            broken = True
            evidence = passage.evidence(start, min(end, start + QUOTE))
            line = evidence.at.line if evidence.at else None
            where = f"第{line}行" if line is not None else "正文"
            facts = {"where": where, "mark": mark, "count": count, "quote": evidence.quote}
            place = Place(passage.section, topic=passage.words[start : start + 12])
            doubt = garbled(passage.words) or loss_near(filing, evidence.at)
            yield Verdict(State.BROKEN, place, (evidence,), facts, doubt=doubt, actual=mark)
        if not broken:
            yield Verdict(State.HOLDS)


@lru_cache(maxsize=4)  # three rules ask about the same report
def _outside_tables(prose: Prose) -> tuple[Passage, ...]:
    return tuple(passage for passage in prose.passages if passage.section not in TABLE_SECTIONS)


Fault = tuple[Passage, int, int, str, int]


def _unbalanced(passages: tuple[Passage, ...]) -> Iterator[Fault]:
    for opening, closing in PAIRS:
        uneven = [p for p in passages if p.words.count(opening) != p.words.count(closing)]
        for _, group in groupby(uneven, attrgetter("section")):
            wrong = [(p, gap) for p in group if (gap := _gap(p.words, opening, closing))]
            if sum(gap for _, gap in wrong) == 0:
                continue  # a quotation may run over paragraphs
            for passage, gap in wrong:
                mark = opening if gap > 0 else closing
                at = _odd_one(passage.words, opening, closing)
                yield passage, max(0, at - QUOTE // 2), len(passage.words), f"{mark}多{abs(gap)}个", abs(gap)


def _gap(words: str, opening: str, closing: str) -> int:
    gap = words.count(opening) - words.count(closing)
    return gap + len(ENUMERATOR.findall(words)) if gap and closing == "）" else gap


def _odd_one(words: str, opening: str, closing: str) -> int:
    """Where the first mark stands that has no partner."""
    open_at: list[int] = []
    for at, char in enumerate(words):
        if char == opening:
            open_at.append(at)
        elif char == closing:
            if not open_at:
                return at
            open_at.pop()
    return open_at[0] if open_at else 0


def _nested(passages: tuple[Passage, ...]) -> Iterator[Fault]:
    for passage in passages:
        if passage.words.count("《") > 1:
            for match in NESTED.finditer(passage.words):
                yield passage, match.start(), match.end(), "《》", 1


def _half_width(passages: tuple[Passage, ...]) -> Iterator[Fault]:
    counts = [_half_width_marks(passage.raw) for passage in passages]
    mixed = [count > MOST_HALF_WIDTH for count in counts]
    if not any(mixed):
        return
    full = sum("，" in passage.raw for passage, is_mixed in zip(passages, mixed, strict=True) if not is_mixed)
    if full <= sum(mixed):
        return  # the whole text is half-width: the page's conversion, not the agency's hand
    for passage, count, is_mixed in zip(passages, counts, mixed, strict=True):
        if is_mixed:
            yield passage, 0, len(passage.words), ",;:", count


def _half_width_marks(raw: str) -> int:
    """Between two Chinese characters."""
    marks = raw.count(",") + raw.count(";") + raw.count(":")
    return len(HALF_WIDTH.findall(raw)) if marks > MOST_HALF_WIDTH else 0
