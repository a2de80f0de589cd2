"""years (年度): results of the year are told of the report's own year, and the period stated is that year.

Titles, quotations and document numbers are no statements. A date that the page has damaged is undetermined, never wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from rules.filing import Filing
from rules.kinds.doubts import year_doubt
from rules.patterns import any_of, check_patterns, found_in
from rules.prose import Hit, Sentence, prose_of, without_quoted
from rules.verdict import Evidence, Place, State, Verdict

NO_YEAR = "未能判定报告年度"
FIRST_YEAR = 2008  # the regulation's first; an earlier year in a report is history
MOST_QUOTES = 5
RANGE = re.compile(
    r"(?P<y1>\d{4,6})年(?P<m1>\d{1,2})月(?:(?P<d1>\d{1,2})日)?(?:起|始|开始)?，?(?:至|到|—+|-+|－|~|～|―)+"
    r"(?:(?P<y2>\d{4,6})年)?(?P<m2>\d{1,2})月(?:(?P<d2>\d{1,2})日|底)?"
)
YEARS = re.compile(r"20(?=(\d\d))")
DAMAGED = re.compile(r"自?(?:20\d{3,}|20\d\d年?\d*月?\d*)日?起?(?:至|到|—|-)")


@dataclass(frozen=True, slots=True)
class StatedYear:
    """``results`` find a statement of results with its year (20xx) as their only group; ``unless`` in its sentence and ``not_here`` in the
    words found excuse it. Asked once per section and wrong year.

    Facts: printed (the year found), year (the report's), quote (the first place).
    """

    results: tuple[str, ...]
    unless: tuple[str, ...] = ()
    not_here: tuple[str, ...] = ()
    future: tuple[str, ...] = ()
    gives: ClassVar[frozenset[str]] = frozenset({"printed", "year", "quote"})

    def __post_init__(self) -> None:
        for key in ("results", "unless", "not_here", "future"):
            check_patterns(key, getattr(self, key))

    def check(self, filing: Filing) -> Iterator[Verdict]:
        year = filing.year.value
        if year is None:
            yield Verdict(State.UNDETERMINED, reason=NO_YEAR)
            return
        wrong: dict[tuple[str, int], list[Hit]] = {}
        text = prose_of(filing).text(quoted=False)
        # most reports name no year but their own, and to take the year out of a match is what RE2 is slowest at
        others = [match.start() for match in YEARS.finditer(text.words) if f"20{match[1]}" != str(year)]
        for hit in text.find(any_of(self.results), text.lines_at(others)) if others else ():
            printed = int(next(group for group in hit.groups if group))
            if self._is_wrong(printed, year, hit):
                wrong.setdefault((hit.sentence.section, printed), []).append(hit)
        for (section, printed), hits in wrong.items():
            yield self._broken(filing, Place(section, topic=str(printed)), printed, year, hits)
        if not wrong:
            yield Verdict(State.HOLDS)

    def _is_wrong(self, printed: int, year: int, hit: Hit) -> bool:
        if printed == year or printed < FIRST_YEAR:
            return False
        words = without_quoted(hit.context)
        if f"{year}年" in words or found_in(self.unless, words) or found_in(self.not_here, hit.words):
            return False
        return not (printed > year and found_in(self.future, words))

    def _broken(self, filing: Filing, place: Place, printed: int, year: int, hits: list[Hit]) -> Verdict:
        doubt = year_doubt(filing)
        if all(f"{year}年" in hit.sentence.passage.words for hit in hits):
            doubt = doubt or "同一段落另写有本年度，可能是与往年并列叙述"
        evidence = tuple(_around(hit) for hit in hits[:MOST_QUOTES])
        facts = {"printed": printed, "year": year, "quote": evidence[0].quote}
        return Verdict(State.BROKEN, place, evidence, facts, doubt=doubt, expected=f"{year}年", actual=f"{printed}年")


def _around(hit: Hit) -> Evidence:
    start = hit.start + 1 if hit.words[0] in "，。；：、）" else hit.start
    return hit.sentence.evidence(start, hit.end)


@dataclass(frozen=True, slots=True)
class Period:
    """The period stated in a sentence that one of ``about`` marks runs from 1 January to 31 December of the report's year.

    Facts: printed (the period as printed), wanted.
    """

    about: tuple[str, ...]
    unless: tuple[str, ...] = ()
    gives: ClassVar[frozenset[str]] = frozenset({"printed", "wanted"})

    def __post_init__(self) -> None:
        check_patterns("about", self.about)
        check_patterns("unless", self.unless)

    def check(self, filing: Filing) -> Iterator[Verdict]:
        year = filing.year.value
        if year is None:
            yield Verdict(State.UNDETERMINED, reason=NO_YEAR)
            return
        told: dict[int, Hit] = {}  # the first mention in each sentence
        for hit in prose_of(filing).text(quoted=False).find(any_of(self.about)):
            if not found_in(self.unless, hit.sentence.words):
                told.setdefault(id(hit.sentence), hit)
        verdicts = [verdict for hit in told.values() for verdict in _period(hit.sentence, hit.start, year, filing)]
        yield from verdicts
        if not verdicts:
            yield Verdict(State.NOT_APPLICABLE, reason="报告未写统计期限")


def _period(sentence: Sentence, start: int, year: int, filing: Filing) -> Iterator[Verdict]:
    """At most one verdict: on the first period from there on."""
    place = Place(sentence.section)
    match = RANGE.search(sentence.bare, max(0, start - 30))
    if match is None:
        damaged = DAMAGED.search(sentence.bare, start)
        if damaged:
            evidence = (sentence.evidence(damaged.start(), damaged.end()),)
            yield Verdict(State.UNDETERMINED, place, evidence, reason="统计期限的日期字样残缺，无法辨认")
        return
    evidence = (sentence.evidence(*match.span()),)
    if len(match["y1"]) > 4 or len(match["y2"] or "") > 4:
        yield Verdict(State.UNDETERMINED, place, evidence, reason="统计期限的年份位数异常，可能是笔误或识别造成")
        return
    first = (int(match["y1"]), int(match["m1"]), int(match["d1"] or 1))
    last = (int(match["y2"] or match["y1"]), int(match["m2"]), int(match["d2"] or 31))
    if first == (year, 1, 1) and last == (year, 12, 31):
        yield Verdict(State.HOLDS, place, evidence)
        return
    wanted = f"{year}年1月1日至{year}年12月31日"
    facts = {"printed": match[0], "wanted": wanted}
    yield Verdict(State.BROKEN, place, evidence, facts, doubt=year_doubt(filing), expected=wanted, actual=match[0])
