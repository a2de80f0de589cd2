"""Patterns of rule files: compiled by RE2, which answers in linear time whatever a pattern says.

They run over folded words (rules.prose): full-width brackets, commas and semicolons, half-width digits, no blanks. A match never
crosses a sentence's end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from re import _parser as syntax  # type: ignore[attr-defined]  # Python's own reading of a pattern; only to find its fixed words
from typing import Any

import re2

from rules.errors import FieldError
from rules.needles import WATCHED

MEMORY = 64 << 20  # bytes for what RE2 has worked out about a pattern; the 8 MB it takes by itself are used up and thrown away
SHORTEST_NEEDLE = 2  # a single character is nearly always there
COMMON = frozenset("，。；：、（）“”《》〔〕 的-.")  # characters that no text is without: no needles
MOST_NEEDLES = 8  # with more to look for one by one, RE2 is as quick
CODE = re.compile(r"\\x\{([0-9A-Fa-f]+)\}")  # how RE2 writes a character by its number
MOST_SPELLED = 24  # words that a pattern may be spelled out into; looking for them in a sentence is still quicker than RE2
PLAIN_FLAGS = re.UNICODE.value  # set for every pattern; any other changes what its words match


@dataclass(frozen=True, slots=True)
class Pattern:
    """Several patterns as one. ``needles``: words of which one must be there for a match; empty if none can be told.

    Looking for a needle costs a twentieth of asking RE2, and most rules ask for words that most reports do not have.
    spelled  every word that the pattern stands for, where it stands for a few words only (问题|不足|短[板处]); else empty. Then they
             alone tell whether it matches.
    watched  whether the needles are among those that are looked for in every report (rules.needles).
    """

    compiled: Any
    needles: tuple[str, ...]
    spelled: tuple[str, ...] = ()
    watched: bool = False

    def may_be_where(self, occurring: frozenset[str]) -> bool:
        """False if there can be no match in a text of which that is known (``rules.needles.Occurring``)."""
        return not (self.watched and occurring.isdisjoint(self.needles))

    def is_in(self, words: str) -> bool:
        """Whether it matches anywhere in a few words."""
        for needle in self.spelled:
            if needle in words:
                return True
        if self.spelled:
            return False
        for needle in self.needles:
            if needle in words:
                break
        else:
            if self.needles:
                return False
        return self.compiled.search(words.encode()) is not None

    def search(self, encoded: bytes) -> Any:
        return self.compiled.search(encoded)

    def finditer(self, encoded: bytes) -> Iterator[Any]:
        matches: Iterator[Any] = self.compiled.finditer(encoded)
        return matches

    def without(self, encoded: bytes) -> bytes:
        """The words with every match taken out."""
        kept, end = [], 0  # not re2's own sub, which takes the replacement apart anew for every match
        for match in self.compiled.finditer(encoded):
            kept.append(encoded[end : match.start()])
            end = match.end()
        return b"".join((*kept, encoded[end:])) if kept else encoded


@cache
def any_of(patterns: tuple[str, ...]) -> Pattern:
    """One pattern that matches what any of these match, over UTF-8. Ask ``check_patterns`` first."""
    options = re2.Options()
    options.never_nl = True
    options.log_errors = False
    options.max_mem = MEMORY
    compiled = re2.compile("|".join(f"(?:{pattern})" for pattern in patterns).encode(), options)
    needles = needles_of(patterns, SHORTEST_NEEDLE)
    words = [_spelled(pattern) for pattern in patterns]
    spelled = tuple(dict.fromkeys(word for listed in words for word in listed)) if all(words) else ()
    return Pattern(compiled, needles if len(needles) <= MOST_NEEDLES else (), spelled if len(spelled) <= MOST_SPELLED else ())


@cache
def rare(patterns: tuple[str, ...]) -> Pattern:
    """The same as ``any_of``, for what few reports have: its needles are looked for in every report together with those of all other
    such patterns, in one pass. To be called when a rule is made, before any report is asked about.

    Without that, RE2 walks through every report for every such pattern; and it works its automata out as it goes, which in a report
    with new words takes it longer than all the rest of the rules.
    """
    pattern = any_of(patterns)
    needles = needles_of(patterns, 1)  # to look for one more costs nothing
    if not needles:
        return pattern
    WATCHED.add(needles)
    return replace(pattern, needles=needles, watched=True)


def needles_of(patterns: Iterable[str], shortest: int) -> tuple[str, ...]:
    """Words of so many characters of which every match of any of the patterns holds one; empty if one of them fixes none."""
    found = [_needles(pattern, shortest) for pattern in patterns]
    if not all(found):
        return ()
    every = dict.fromkeys(needle for needles in found for needle in needles)
    return tuple(needle for needle in every if not any(other in needle and other != needle for other in every))


@cache
def certain(patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Words each of which any of these matches: those that some of them stand for. Where one is found, RE2 need not be asked."""
    return tuple(dict.fromkeys(word for pattern in patterns for word in _spelled(pattern)))


def check_patterns(key: str, patterns: Iterable[str]) -> None:
    """Raise FieldError for the first one that cannot be compiled."""
    for index, pattern in enumerate(patterns):
        try:
            any_of((pattern,))
        except re2.error as exc:
            raise FieldError((key, index), f"{pattern!r} 不是 RE2 能用的正则表达式: {exc}") from exc


def found_in(patterns: tuple[str, ...], words: str) -> bool:
    """Whether any of the patterns occurs in a few words; False for no patterns."""
    if not patterns:
        return False
    return any_of(patterns).is_in(words)


def _needles(pattern: str, shortest: int) -> tuple[str, ...]:
    """Words of which every match of the pattern holds one; empty if the pattern fixes none."""
    try:
        parsed = syntax.parse(CODE.sub(lambda code: re.escape(chr(int(code[1], 16))), pattern))
        return () if parsed.state.flags & re.IGNORECASE else _fixed(parsed, shortest) or ()
    except (syntax.error, RecursionError, OverflowError):  # what only RE2 understands
        return ()


def _fixed(parts: Sequence[Any], shortest: int) -> tuple[str, ...] | None:
    """Of all that the parts of a sequence fix, what is longest at its shortest: that is found least often.

    Parts that stand for a few words go together: 请(?:领导|局长)审 fixes 请领导审 and 请局长审, and not 请, which is in every 申请. But
    only where words are watched for, whose number does not matter; else only what is one word.
    """
    most = MOST_SPELLED if shortest == 1 else 1
    choices: list[tuple[str, ...]] = []
    run: tuple[str, ...] = ("",)
    for kind, value in [*parts, (None, None)]:
        words = _choice(kind, value)
        if words is not None and len(run) * len(words) <= most:
            run = tuple(before + word for before in run for word in words)
            continue
        if _tell(run, shortest):
            choices.append(run)
        run = words if words is not None and len(words) <= most else ("",)
        inner = _inside(kind, value, shortest)
        if inner is not None:
            choices.append(inner)
    return max(choices, key=lambda needles: min(map(len, needles)), default=None)


def _tell(words: tuple[str, ...], shortest: int) -> bool:
    return all(len(word) >= shortest and not word.isdigit() and word not in COMMON for word in words)  # 20 is in every sentence


def _inside(kind: Any, value: Any, shortest: int) -> tuple[str, ...] | None:
    """What a group, a choice or a repetition fixes."""
    if kind is syntax.SUBPATTERN:
        return None if value[1] & re.IGNORECASE else _fixed(value[3], shortest)
    if kind is syntax.BRANCH:
        branches = [_fixed(branch, shortest) for branch in value[1]]
        return tuple(needle for branch in branches if branch for needle in branch) if all(branches) else None
    if kind in (syntax.MAX_REPEAT, syntax.MIN_REPEAT) and value[0] >= 1:
        return _fixed(value[2], shortest)
    if (
        kind is syntax.IN
        and shortest == 1
        and len(value) <= MOST_NEEDLES
        and all(inner is syntax.LITERAL for inner, _ in value)
    ):
        chars = tuple(chr(code) for _, code in value)
        return None if any(char.isdigit() or char in COMMON for char in chars) else chars
    return None


def _spelled(pattern: str) -> tuple[str, ...]:
    """The words that the pattern stands for; empty if they are many, or if it says more than words (where a line begins, any digit)."""
    try:
        parsed = syntax.parse(pattern)
    except (syntax.error, RecursionError, OverflowError):  # what only RE2 understands
        return ()
    words = None if parsed.state.flags & ~PLAIN_FLAGS else _spell(parsed)
    return words if words and all(words) else ()  # a pattern that also matches nothing matches anywhere


def _spell(parts: Sequence[Any]) -> tuple[str, ...] | None:
    words: tuple[str, ...] = ("",)
    for kind, value in parts:
        choice = _choice(kind, value)
        if choice is None or len(words) * len(choice) > MOST_SPELLED:
            return None
        words = tuple(word + more for word in words for more in choice)
    return words


def _choice(kind: Any, value: Any) -> tuple[str, ...] | None:
    """What one part stands for; None if that is not a few words."""
    if kind is syntax.LITERAL:
        return (chr(value),)
    if kind is syntax.IN and all(inner is syntax.LITERAL for inner, _ in value):
        return tuple(chr(code) for _, code in value)
    if kind is syntax.SUBPATTERN and not value[1] and not value[2]:  # without flags of its own
        return _spell(value[3])
    if kind is syntax.BRANCH:
        branches = [_spell(branch) for branch in value[1]]
        return None if None in branches else tuple(word for branch in branches if branch for word in branch)
    if kind in (syntax.MAX_REPEAT, syntax.MIN_REPEAT) and tuple(value[:2]) == (0, 1):
        words = _spell(value[2])
        return None if words is None else (*words, "")
    return None
