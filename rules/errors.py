"""Errors of rules.

RuleError            the base
├── PackError        a pack or rule file is wrong: file, line, column, key, allowed words
├── FieldError       a kind refuses the value of one of a rule's own keys; the compiler turns it into a PackError with its place
└── ExpressionError  an expression is outside the small language of rules/expressions.py
"""

from __future__ import annotations


class RuleError(Exception):
    """A rule or pack that cannot be used. ``str()`` names the file, the line and what is allowed."""

    code = "RULE"


class PackError(RuleError):
    """``line`` and ``column`` count from 1; None where the whole file is meant."""

    code = "PACK"

    def __init__(self, message: str, file: str = "", line: int | None = None, column: int | None = None) -> None:
        self.message = message
        self.file = file
        self.line = line
        self.column = column
        place = ":".join(str(part) for part in (file, line, column) if part not in ("", None))
        super().__init__(f"{place}: {message}" if place else message)


class FieldError(RuleError):
    """Raised by a kind while it is made. ``path`` leads from the rule's key to the part that is wrong."""

    code = "FIELD"

    def __init__(self, path: tuple[str | int, ...] | str, message: str) -> None:
        self.path = (path,) if isinstance(path, str) else path
        super().__init__(message)


class ExpressionError(RuleError):
    """``column`` counts from 1 inside the expression."""

    code = "EXPRESSION"

    def __init__(self, message: str, column: int = 1) -> None:
        self.column = column
        super().__init__(message)
