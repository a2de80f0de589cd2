"""phrases (用语): words that a report must not contain, sentence by sentence. Asked once; broken once per section and wording."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from rules.filing import Filing, Heading
from rules.patterns import check_patterns, found_in, rare
from rules.prose import Hit, fold, prose_of
from rules.verdict import Evidence, Place, State, Verdict

MOST_QUOTES = 5
PREAMBLE = "preamble"


VEIL = "（涉及个人信息，不复述）"


@dataclass(frozen=True, slots=True)
class Phrases:
    """``find`` finds the words; ``unless`` anywhere in their sentence, or ``not_here`` in the words found, excuses them.

    sections  where to look; everywhere if none is named.
    quoted    whether words inside 《》, quotation marks and 〔〕 count.
    in_title  whether the report's title is looked at too.
    headings  whether headings of section level are looked at too.
    labels    whether table labels that only an edition other than the due one has count as well.
    veiled    whether the words found are a person's own and must not be printed again: only their place is shown.
    Facts: printed (the words found), sentence, count.
    """

    find: tuple[str, ...]
    unless: tuple[str, ...] = ()
    not_here: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    quoted: bool = True
    headings: bool = False
    labels: bool = False
    in_title: bool = False
    veiled: bool = False
    gives: ClassVar[frozenset[str]] = frozenset({"printed", "sentence", "count"})

    def __post_init__(self) -> None:
        for key in ("find", "unless", "not_here"):
            check_patterns(key, getattr(self, key))
        rare(self.find)

    def check(self, filing: Filing) -> Iterator[Verdict]:
        broken = False
        for (section, printed), found in self._found(filing).items():
            broken = True
            evidence = tuple(_around(hit) if isinstance(hit, Hit) else hit for hit in found[:MOST_QUOTES])
            if self.veiled:
                printed, evidence = VEIL, tuple(Evidence(VEIL, item.at) for item in evidence)
            facts = {"printed": printed, "sentence": evidence[0].quote, "count": len(found)}
            yield Verdict(State.BROKEN, Place(section, topic=printed), evidence, facts, actual=printed)
        if self.labels:
            for label in filing.evidence:
                if label.edition != filing.edition_due and filing.edition == filing.edition_due:
                    broken = True
                    facts = {"printed": label.printed, "sentence": label.printed, "count": 1}
                    place = Place(table=label.table, topic=label.printed)
                    yield Verdict(State.BROKEN, place, (Evidence(label.printed, label.at),), facts, actual=label.printed)
        if not broken:
            yield Verdict(State.HOLDS)

    def _found(self, filing: Filing) -> dict[tuple[str, str], list[Hit | Evidence]]:
        """By section and words: where they stand. Quoted only when they are shown, for there may be very many."""
        found: dict[tuple[str, str], list[Hit | Evidence]] = {}
        for hit in prose_of(filing).text(self.sections, self.quoted).find(rare(self.find)):
            if not self._is_excused(hit):
                found.setdefault((hit.sentence.section, hit.words), []).append(hit)
        if self.in_title and filing.title.value and filing.title.at is not None:
            words = fold(filing.title.value)
            pattern = rare(self.find)
            match = pattern.search(words.encode()) if pattern.is_in(words) else None  # it is not: told without RE2
            if match is not None and not found_in(self.unless, words):
                found.setdefault(("title", match.group().decode()), []).append(Evidence(filing.title.value, filing.title.at))
        if self.headings:
            for section, heading in _headings(filing):
                words = fold(heading.text.strip())
                if found_in(self.find, words) and not found_in(self.unless, words):
                    found.setdefault((section, words), []).append(Evidence(heading.text, heading.at))
        return found

    def _is_excused(self, hit: Hit) -> bool:
        return found_in(self.unless, hit.context) or found_in(self.not_here, hit.words)


def _headings(filing: Filing) -> Iterator[tuple[str, Heading]]:
    section = PREAMBLE
    for heading in filing.headings:
        section = heading.key or section
        yield section, heading


def _around(hit: Hit) -> Evidence:
    """The sentence if it is short, else the words around."""
    length = len(hit.sentence.words)
    if length <= 80:
        return hit.sentence.evidence()
    return hit.sentence.evidence(max(0, hit.start - 30), min(length, hit.end + 30))
