"""Errors of rules.

RuleError            the base
├── PackError        a pack or rule file is wrong: file, line, column, key, allowed words
└── ExpressionError  an expression is outside the small language of rules/expressions.py
"""

from __future__ import annotations


class RuleError(Exception):
    """A rule or pack that cannot be used. ``str()`` names the file, the line and what is allowed."""

    code = "RULE"


class PackError(RuleError):
    code = "PACK"


class ExpressionError(RuleError):
    code = "EXPRESSION"
