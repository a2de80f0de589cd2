"""corrections (错别字): words that are a known slip, with the right ones. Asked once; broken once per section and slip.

Slips come as patterns, as words that must not be doubled, or as fixed phrases of which one character is lost, wrong or exchanged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from rules.filing import Filing
from rules.patterns import Pattern, check_patterns, found_in, rare
from rules.prose import Hit, prose_of
from rules.verdict import Place, State, Verdict

MOST_QUOTES = 5
AROUND = 20


@dataclass(frozen=True, slots=True)
class Slip:
    """``unless`` in its sentence excuses it; ``only_with`` must be in its sentence too, if given."""

    find: str
    right: str
    unless: tuple[str, ...] = ()
    only_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Corrections:
    """Facts: printed (the slip), right (what it should be), sentence."""

    slips: tuple[Slip, ...] = ()
    doubled: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    gives: ClassVar[frozenset[str]] = frozenset({"printed", "right", "sentence"})
    rights: Mapping[str, str] = field(init=False, repr=False)  # by what is wrong
    wrong: tuple[str, ...] = field(init=False, repr=False)
    patterns: tuple[tuple[Slip | None, Pattern], ...] = field(
        init=False, repr=False, compare=False
    )  # None: of all that is in rights

    def __post_init__(self) -> None:
        check_patterns("slips", (slip.find for slip in self.slips))
        for slip in self.slips:
            check_patterns("slips", (*slip.unless, *slip.only_with))
        rights = {f"{word}{word}": word for word in self.doubled}
        rights |= {wrong: phrase for phrase in self.phrases for wrong in _one_off(phrase)}
        object.__setattr__(self, "rights", rights)
        object.__setattr__(self, "wrong", tuple(rights))
        patterns: list[tuple[Slip | None, Pattern]] = [(slip, rare((slip.find,))) for slip in self.slips]
        if rights:
            patterns.append((None, rare(self.wrong)))
        object.__setattr__(self, "patterns", tuple(patterns))

    def check(self, filing: Filing) -> Iterator[Verdict]:
        found: dict[tuple[str, str, str], list[Hit]] = {}
        text = prose_of(filing).text()
        occurring = text.occurring.words
        for slip, pattern in self.patterns:
            if not pattern.may_be_where(occurring):
                continue  # nearly always, and quicker seen here than by looking for none
            for hit in text.find(pattern):
                if slip is None or not _is_excused(slip, hit.context):
                    right = self.rights[hit.words] if slip is None else slip.right
                    found.setdefault((hit.sentence.section, hit.words, right), []).append(hit)
        for (section, printed, right), hits in found.items():
            around = [hit.sentence.evidence(max(0, hit.start - AROUND), hit.end + AROUND) for hit in hits[:MOST_QUOTES]]
            facts = {"printed": printed, "right": right, "sentence": around[0].quote}
            yield Verdict(State.BROKEN, Place(section, topic=printed), tuple(around), facts, expected=right, actual=printed)
        if not found:
            yield Verdict(State.HOLDS)


def _is_excused(slip: Slip, context: str) -> bool:
    return found_in(slip.unless, context) or (bool(slip.only_with) and not found_in(slip.only_with, context))


def _one_off(phrase: str) -> Iterator[str]:
    """The phrase with one inner character lost, or two neighbours exchanged."""
    for at in range(1, len(phrase) - 1):
        yield phrase[:at] + phrase[at + 1 :]
        swapped = phrase[:at] + phrase[at + 1] + phrase[at] + phrase[at + 2 :]
        if swapped != phrase and at + 2 <= len(phrase) - 1:
            yield swapped
