"""Equality (勾稽等式): cells that add up to nothing, for whoever looks for the wrong one among them (``audits.locate``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rules.verdict import Place

Address = tuple[str, str, str]  # table, row, column


@dataclass(frozen=True, slots=True, eq=False)
class Equality:
    """``sum(factor * cell for terms) + sum(factor * cell for before) == 0``, before being cells of last year's report.

    A kind makes it once for all reports that are laid out alike, and gives the same object again: it is told from others, and
    what is worked out from it is remembered, by what it is and not by what it says.
    """

    place: Place
    terms: Mapping[Address, int]
    before: Mapping[Address, int]
