"""Claims: the numbers that a report's prose states about itself, each with its place (rule catalogue section 9).

``claims_of`` takes every one of them, not the first hit only; the rules compare them with the tables and with each other.
A newcomer reads ``words.py`` (a sentence as a string of word kinds), ``reading.py`` (a sentence clause by clause), then ``bindings.py``
(how a figure is bound to what it counts).
"""

from __future__ import annotations

from rules.claims.bindings import BINDING
from rules.claims.reading import read_claims
from rules.claims.subjects import SUBJECTS
from rules.filing import Claim, Filing


def claims_of(filing: Filing) -> tuple[Claim, ...]:
    """Every claim of the filing's prose in reading order. Tables and headings are not prose."""
    return read_claims(filing, BINDING)


__all__ = ["SUBJECTS", "Claim", "claims_of"]
