"""Patterns of rule files: compiled by RE2, which answers in linear time whatever a pattern says.

They run over folded words (rules.prose): full-width brackets, commas and semicolons, half-width digits, no blanks. A match never
crosses a paragraph's end.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import re2

from rules.errors import FieldError


@cache
def any_of(patterns: tuple[str, ...]) -> Any:
    """One pattern that matches what any of these match, over UTF-8. Ask ``check_patterns`` first."""
    options = re2.Options()
    options.never_nl = True
    options.log_errors = False
    return re2.compile("|".join(f"(?:{pattern})" for pattern in patterns).encode(), options)


def check_patterns(key: str, patterns: Iterable[str]) -> None:
    """Raise FieldError for the first one that cannot be compiled."""
    for index, pattern in enumerate(patterns):
        try:
            any_of((pattern,))
        except re2.error as exc:
            raise FieldError((key, index), f"{pattern!r} is no pattern that RE2 knows: {exc}") from exc


def found_in(patterns: tuple[str, ...], words: str) -> bool:
    """Whether any of the patterns occurs in a few words; False for no patterns."""
    return bool(patterns) and any_of(patterns).search(words.encode()) is not None
