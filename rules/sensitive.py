"""Numbers that belong to a person: identity cards, bank cards, mobile phones. Found by their own check digits, masked for print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

IDENTITY = re.compile(
    r"(?<![\dA-Za-z])[1-8]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])"
)
BANK_CARD = re.compile(r"(?<![\dA-Za-z.])62\d{14,17}(?![\dA-Za-z.])")  # 62: cards issued in China
MOBILE = re.compile(r"(?<![\dA-Za-z.\-])1[3-9]\d{9}(?![\dA-Za-z.])")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
NO_PHONE = ("元", "件", "条", "号文", "万")  # what follows a figure that only looks like a phone number


@dataclass(frozen=True, slots=True)
class Sensitive:
    """kind is "identity", "bank_card" or "mobile"; text[start:end] is the number."""

    kind: str
    start: int
    end: int


def sensitive_in(text: str) -> Iterator[Sensitive]:
    """Every such number in folded words or in text as printed."""
    if not LONG_FIGURE.search(text):
        return
    for match in IDENTITY.finditer(text):
        if _is_identity(match[0]):
            yield Sensitive("identity", *match.span())
    for match in BANK_CARD.finditer(text):
        if _is_card(match[0]):
            yield Sensitive("bank_card", *match.span())
    for match in MOBILE.finditer(text):
        if not text.startswith(NO_PHONE, match.end()):
            yield Sensitive("mobile", *match.span())


LONG_FIGURE = re.compile(r"\d\d{10}")  # not \d{11}: what begins with a single character is searched three times as fast
EVERY = 5  # of eleven digits in a row at least two stand at places that it divides, one after the other
TWO_DIGITS = re.compile(r"\d\d")


def has_long_figure(text: str) -> bool:
    """Whether LONG_FIGURE is anywhere in a long text: first only every fifth character is looked at, which takes a fifth of the time."""
    for match in TWO_DIGITS.finditer(text[::EVERY]):
        at = match.start() * EVERY
        if LONG_FIGURE.search(text, max(0, at - 10), at + EVERY + 11):
            return True
    return False


def mask(text: str) -> str:
    """The text with the middle of every such number starred out: 138****0000."""
    if not LONG_FIGURE.search(text):
        return text
    for found in sorted(sensitive_in(text), key=lambda found: found.start, reverse=True):
        number = text[found.start : found.end]
        text = text[: found.start] + number[:3] + "*" * (len(number) - 7) + number[-4:] + text[found.end :]
    return text


def _is_identity(number: str) -> bool:
    return CHECKS[sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS, strict=False)) % 11] == number[-1].upper()


def _is_card(number: str) -> bool:
    """Luhn's check."""
    digits = [int(digit) for digit in reversed(number)]
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
