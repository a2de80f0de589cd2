"""Claims: the numbers that a report's prose states about itself, each with its place (rule catalogue section 9).

``claims_of`` takes every one of them, not the first hit only; the rules compare them with the tables and with each other.
A newcomer reads ``model.py``, then ``words.py`` (a sentence as a string of word kinds), then ``reading.py`` (how figures are bound).
"""

from __future__ import annotations

from rules.claims.model import SUBJECTS, Claim
from rules.claims.reading import claims_of

__all__ = ["SUBJECTS", "Claim", "claims_of"]
