"""aspects (总体情况五方面): the overview tells of each aspect that the format names, under a heading of its own or not.

An aspect is told of where a heading names it, or where a sentence, a 一是-clause among them, says something that only this aspect
is about. In an overview without any such structure, a mere word of it is enough.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import ClassVar, Literal

from rules.filing import Filing, PartState
from rules.kinds.doubts import division_doubt, garbled, loss_near
from rules.patterns import any_of, certain, check_patterns, found_in
from rules.prose import Hit, Passage, Prose, prose_of
from rules.verdict import Evidence, Place, Severity, State, Verdict

SECTION = "overview"
STRUCTURED = 2  # aspects named by headings; with fewer the overview is told in one piece
OPENING = 14  # characters of a long paragraph that tell what it is about
PLENTY = 3  # times the fewest characters: no need to count them
LONGEST_TITLE = 40
MOST_QUOTES = 8
MOST_CERTAIN = 8  # words; to look for more through an overview takes as long as RE2
MILDER = {Severity.ERROR: Severity.WARNING, Severity.WARNING: Severity.NOTICE, Severity.NOTICE: Severity.NOTICE}
HAN = re.compile(r"[\u4e00-\u9fff]+")
TITLE_END = re.compile("[。：；]")
FIGURE = re.compile(r"\d[余多]?(?:万|余)*(?:件|条|份|篇|次|期|场|项)(?!方面)")
ZERO = re.compile(r"(?:未|没有|无)(?:收到|接到|受理|发生|产生|出现|有)|0(?:件|项|条|宗)")


@dataclass(frozen=True, slots=True)
class Aspect:
    """titles    in a heading or an opening: this part is about the aspect.
    told      in any sentence: something that only this aspect is about.
    words     in an overview without structure: enough to say that it is not left out.
    called    its proper name: a sentence that only calls several aspects by name tells of none.
    severity  of leaving it out, if other than the rule's.
    """

    name: str
    titles: tuple[str, ...]
    told: tuple[str, ...]
    words: tuple[str, ...] = ()
    called: tuple[str, ...] = ()
    severity: Severity | None = None

    @property
    def everything(self) -> tuple[str, ...]:
        return (*self.told, *self.titles, *self.words)


@dataclass(frozen=True, slots=True)
class Aspects:
    """fault is "missing" (asked per aspect), "thin" (per aspect with a heading of its own) or "extra" (per other heading).

    milder_for  editions of which the aspects are custom, not text: what they leave out is one degree milder ("missing").
    opening   headings that may stand besides the aspects ("extra"); least is the fewest characters ("thin").
    Facts: aspect, length, printed.
    """

    fault: Literal["missing", "thin", "extra"]
    aspects: tuple[Aspect, ...]
    opening: tuple[str, ...] = ()
    least: int = 0
    milder_for: tuple[str, ...] = ()
    named_by: Callable[[str], tuple[Aspect, ...]] = field(
        init=False, repr=False, compare=False
    )  # the aspects that a title names
    gives: ClassVar[frozenset[str]] = frozenset({"aspect", "length", "printed"})

    def __post_init__(self) -> None:
        for aspect in self.aspects:
            for patterns in (aspect.titles, aspect.told, aspect.words):
                check_patterns("aspects", patterns)
            for patterns in (aspect.told, aspect.everything):
                any_of(patterns)  # compiled here: it takes milliseconds, which are not for the first report that needs them
        check_patterns("opening", self.opening)
        # most reports of a batch have the same titles; by the title alone, since to hash the patterns too costs as much as to ask them
        object.__setattr__(self, "named_by", lru_cache(maxsize=1024)(partial(_named, self.aspects)))

    def check(self, filing: Filing) -> Iterator[Verdict]:
        if filing.sections[SECTION].state is not PartState.PRESENT:
            yield Verdict(State.NOT_APPLICABLE, Place(SECTION), reason="未检出总体情况或其内容为空，另有规则处理")
            return
        prose = prose_of(filing)
        ask = {"missing": self._missing, "thin": self._thin, "extra": self._extra}[self.fault]
        yield from ask(filing, prose)

    def _missing(self, filing: Filing, prose: Prose) -> Iterator[Verdict]:
        named = {aspect.name for heading in _headings(prose) for aspect in self.named_by(heading)}
        for aspect in self.aspects:
            place = Place(SECTION, topic=aspect.name)
            patterns = aspect.told if len(named) >= STRUCTURED else aspect.everything
            if aspect.name in named or self._is_told(prose, aspect, patterns):
                yield Verdict(State.HOLDS, place)
                continue
            yield Verdict(
                State.BROKEN,
                place,
                _outline(prose),
                {"aspect": aspect.name},
                doubt=self._doubt(filing, prose),
                severity=self._severity(aspect, filing),
                expected=f"写明“{aspect.name}”情况",
                actual="小标题和正文中均未见",
            )

    def _is_told(self, prose: Prose, aspect: Aspect, patterns: tuple[str, ...]) -> bool:
        """Whether a sentence tells of it: one that only lists the aspects' names announces them and tells of none."""
        text, pattern = prose.text((SECTION,)), any_of(patterns)
        # as most reports tell of it: RE2 takes ten times as long to say so, unless it is only asked about a few sentences
        for word in () if pattern.needles else certain(patterns)[:MOST_CERTAIN]:
            at = text.words.find(word)
            if at >= 0 and not self._names_several(text.sentences[text.lines_at((at,))[0]].words):
                return True
        hits = text.find(pattern)
        return any(not (found_in(aspect.called, hit.words) and self._is_list(_clause(hit))) for hit in hits)

    def _is_list(self, words: str) -> bool:
        return not FIGURE.search(words) and self._names_several(words)

    def _names_several(self, words: str) -> bool:
        return sum(found_in(aspect.called, words) for aspect in self.aspects) > 1

    def _doubt(self, filing: Filing, prose: Prose) -> str | None:
        at = filing.sections[SECTION].at
        return (
            garbled(prose.text((SECTION,)).words)
            or division_doubt(filing)
            or loss_near(filing, at)
            or _loss_within(filing, prose)
        )

    def _severity(self, aspect: Aspect, filing: Filing) -> Severity | None:
        severity = aspect.severity or Severity.WARNING
        return MILDER[severity] if filing.edition in self.milder_for else aspect.severity

    def _thin(self, filing: Filing, prose: Prose) -> Iterator[Verdict]:
        asked = False
        for title, body in _parts(prose.of(SECTION)):
            name = _title(title)
            about = self.named_by(name)
            if len(about) != 1:
                continue
            asked = True
            words = title.title[len(name) :] + "".join(passage.words for passage in body)
            place = Place(SECTION, topic=about[0].name)
            if len(words) > PLENTY * self.least:
                yield Verdict(State.HOLDS, place)
                continue
            length = sum(map(len, HAN.findall(words)))
            if length >= self.least or ZERO.search(words):
                yield Verdict(State.HOLDS, place)
            else:
                facts = {"aspect": about[0].name, "length": length, "printed": title.words[:LONGEST_TITLE]}
                evidence = (title.evidence(), *(passage.evidence() for passage in body[:1]))
                yield Verdict(State.BROKEN, place, evidence, facts, expected=f"不少于{self.least}字", actual=f"{length}字")
        if not asked:
            yield Verdict(State.NOT_APPLICABLE, Place(SECTION), reason="总体情况未分小标题")

    def _extra(self, filing: Filing, prose: Prose) -> Iterator[Verdict]:
        titles = [title for title, _ in _parts(prose.of(SECTION))]
        known = [bool(self.named_by(_title(title))) for title in titles]
        if sum(known) < STRUCTURED:
            yield Verdict(State.NOT_APPLICABLE, Place(SECTION), reason="总体情况未按五方面分小标题")
            return
        extra = [t for t, is_known in zip(titles, known, strict=True) if not is_known and not found_in(self.opening, _title(t))]
        for title in extra:
            printed = _title(title)
            facts: Mapping[str, object] = {"printed": f"{title.lead.printed if title.lead else ''}{printed}"}
            yield Verdict(
                State.BROKEN, Place(SECTION, topic=printed), (title.evidence(0, LONGEST_TITLE),), facts, actual=printed
            )
        if not extra:
            yield Verdict(State.HOLDS, Place(SECTION))


def _clause(hit: Hit) -> str:
    """The words around the hit up to the next semicolons: 一是主动公开……；二是依申请公开…… tells of each."""
    words = hit.sentence.words
    end = words.find("；", hit.end)
    return words[words.rfind("；", 0, hit.start) + 1 : len(words) if end < 0 else end]


def _named(aspects: tuple[Aspect, ...], title: str) -> tuple[Aspect, ...]:
    return tuple(aspect for aspect in aspects if found_in(aspect.titles, title))


def _headings(prose: Prose) -> Iterator[str]:
    """The titles of the overview's own headings, numbered or standing on a line of their own."""
    for passage in prose.of(SECTION):
        if passage.lead is not None:
            yield _title(passage)
        elif len(passage.words) <= LONGEST_TITLE and passage.words[-1] not in "。；，":
            yield passage.words


def _outline(prose: Prose) -> tuple[Evidence, ...]:
    """The overview's own headings, else how it begins."""
    passages = prose.of(SECTION)
    headed = [passage for passage in passages if passage.lead and passage.lead.style != "clause"]
    return tuple(passage.evidence(0, LONGEST_TITLE) for passage in headed[:MOST_QUOTES] or passages[:1])


def _parts(passages: tuple[Passage, ...]) -> Iterator[tuple[Passage, list[Passage]]]:
    """The overview cut at its own headings, all of one style: (heading, what follows)."""
    styles = [passage.lead.style for passage in passages if passage.lead and passage.lead.style != "clause"]
    if not styles:
        return
    style = "paren_han" if "paren_han" in styles else styles[0]
    title: Passage | None = None
    body: list[Passage] = []
    for passage in passages:
        if passage.lead is not None and passage.lead.style == style:
            if title is not None:
                yield title, body
            title, body = passage, []
        elif title is not None:
            body.append(passage)
    if title is not None:
        yield title, body


def _title(passage: Passage) -> str:
    """The heading that opens a passage, without its ordinal: up to the first full stop or colon."""
    words = passage.title
    end = TITLE_END.search(words)
    words = words[: end.start()] if end else words
    return words if len(words) <= LONGEST_TITLE else words[:OPENING]


def _loss_within(filing: Filing, prose: Prose) -> str | None:
    return (
        next((doubt for passage in prose.of(SECTION) if (doubt := loss_near(filing, passage.first))), None)
        if filing.suspect
        else None
    )
