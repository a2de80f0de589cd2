"""Claims: the numbers that a report's prose states about itself, each with its place (rule catalogue section 9).

``claims_of`` takes every one of them, not the first hit only; the rules compare them with the tables and with each other.
"""

from __future__ import annotations

from dataclasses import dataclass

from reports_in.document import Source
from rules.filing import Filing, Number


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of a number in prose.

    subject      what is counted, such as "applications.received", "applications.handled", "applications.carried_in",
                 "applications.carried_out", "review.total", "litigation.total", "norm.made".
    value        None only if the sentence names the subject without a number ("全部办结").
    unit         as printed, "" if none.
    year         the year that the sentence gives; None if it gives none (then it speaks of the report's own year).
    scope        "own" (本级, 本机关), "all" (全市, 各单位) or "" (not said).
    approximate  余, 近, 约, 多.
    subset       a part of a total (其中, 上年结转的…), never compared with a total.
    zero         a statement of none (未收到, 没有发生, 0件).
    quote, at    the sentence as printed, and its place (chars is the sentence's range in the document's text).
    section      key of the section it stands in, "preamble" before the first.
    """

    subject: str
    value: Number | None
    unit: str
    quote: str
    at: Source
    section: str
    year: int | None = None
    scope: str = ""
    approximate: bool = False
    subset: bool = False
    zero: bool = False


def claims_of(filing: Filing) -> tuple[Claim, ...]:
    """Every claim of the filing's prose in reading order. Tables and headings are not prose."""
    return ()
