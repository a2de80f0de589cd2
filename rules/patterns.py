"""Patterns of rule files: compiled by RE2, which answers in linear time whatever a pattern says.

They run over folded words (rules.prose): full-width brackets, commas and semicolons, half-width digits, no blanks. A match never
crosses a sentence's end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from re import _parser as syntax  # type: ignore[attr-defined]  # Python's own reading of a pattern; only to find its fixed words
from typing import Any

import re2

from rules.errors import FieldError

MEMORY = 64 << 20  # bytes for what RE2 has worked out about a pattern; the 8 MB it takes by itself are used up and thrown away
SHORTEST_NEEDLE = 2  # a single character is nearly always there
MOST_NEEDLES = 8  # with more, RE2 is as quick


@dataclass(frozen=True, slots=True)
class Pattern:
    """Several patterns as one. ``needles``: words of which one must be there for a match; empty if none can be told.

    Looking for a needle costs a twentieth of asking RE2, and most rules ask for words that most reports do not have.
    """

    compiled: Any
    needles: tuple[str, ...]

    def may_match(self, words: str) -> bool:
        return not self.needles or any(needle in words for needle in self.needles)

    def search(self, encoded: bytes) -> Any:
        return self.compiled.search(encoded)

    def finditer(self, encoded: bytes) -> Iterator[Any]:
        matches: Iterator[Any] = self.compiled.finditer(encoded)
        return matches

    def without(self, encoded: bytes) -> bytes:
        """The words with every match taken out."""
        rest: bytes = self.compiled.sub(b"", encoded)
        return rest


@cache
def any_of(patterns: tuple[str, ...]) -> Pattern:
    """One pattern that matches what any of these match, over UTF-8. Ask ``check_patterns`` first."""
    options = re2.Options()
    options.never_nl = True
    options.log_errors = False
    options.max_mem = MEMORY
    compiled = re2.compile("|".join(f"(?:{pattern})" for pattern in patterns).encode(), options)
    found = [_needles(pattern) for pattern in patterns]
    needles = tuple(dict.fromkeys(needle for needles in found for needle in needles)) if all(found) else ()
    return Pattern(compiled, needles if len(needles) <= MOST_NEEDLES else ())


def check_patterns(key: str, patterns: Iterable[str]) -> None:
    """Raise FieldError for the first one that cannot be compiled."""
    for index, pattern in enumerate(patterns):
        try:
            any_of((pattern,))
        except re2.error as exc:
            raise FieldError((key, index), f"{pattern!r} is no pattern that RE2 knows: {exc}") from exc


def found_in(patterns: tuple[str, ...], words: str) -> bool:
    """Whether any of the patterns occurs in a few words; False for no patterns."""
    if not patterns:
        return False
    pattern = any_of(patterns)
    return pattern.may_match(words) and pattern.search(words.encode()) is not None


def _needles(pattern: str) -> tuple[str, ...]:
    """Words of which every match of the pattern holds one; empty if the pattern fixes none."""
    try:
        return _fixed(syntax.parse(pattern)) or ()
    except (syntax.error, RecursionError, OverflowError):  # what only RE2 understands
        return ()


def _fixed(parts: Sequence[Any]) -> tuple[str, ...] | None:
    """Of all that the parts of a sequence fix, what is longest at its shortest: that is found least often."""
    choices: list[tuple[str, ...]] = []
    run = ""
    for kind, value in [*parts, (None, None)]:
        if kind is syntax.LITERAL:
            run += chr(value)
            continue
        if len(run) >= SHORTEST_NEEDLE:
            choices.append((run,))
        run = ""
        inner = _inside(kind, value)
        if inner is not None:
            choices.append(inner)
    return max(choices, key=lambda needles: min(map(len, needles)), default=None)


def _inside(kind: Any, value: Any) -> tuple[str, ...] | None:
    """What a group, a choice or a repetition fixes."""
    if kind is syntax.SUBPATTERN:
        return _fixed(value[3])
    if kind is syntax.BRANCH:
        branches = [_fixed(branch) for branch in value[1]]
        return tuple(needle for branch in branches if branch for needle in branch) if all(branches) else None
    if kind in (syntax.MAX_REPEAT, syntax.MIN_REPEAT) and value[0] >= 1:
        return _fixed(value[2])
    return None
