"""The kinds of rule. A kind is one file with a frozen dataclass: its fields are the keys a rule of that kind may write,
its ``check(filing)`` answers once per instance. A kind holds no law; the law is in the YAML."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from rules.filing import Filing
from rules.kinds.amounts import Amounts
from rules.kinds.aspects import Aspects
from rules.kinds.balance import Balance
from rules.kinds.balance_across_years import BalanceAcrossYears
from rules.kinds.cells import Cells
from rules.kinds.claim_units import ClaimUnits
from rules.kinds.claims_against_cells import ClaimsAgainstCells
from rules.kinds.claims_conflict import ClaimsConflict
from rules.kinds.claims_stated import ClaimsStated
from rules.kinds.copied import Copied
from rules.kinds.corrections import Corrections
from rules.kinds.edition_used import EditionUsed
from rules.kinds.enumeration import Enumeration
from rules.kinds.formula import Formula
from rules.kinds.headers import Headers
from rules.kinds.headings import Headings
from rules.kinds.idle import Idle
from rules.kinds.jumps import Jumps
from rules.kinds.numbering import Numbering
from rules.kinds.parts_of_total import PartsOfTotal
from rules.kinds.percentages import Percentages
from rules.kinds.phrases import Phrases
from rules.kinds.private import Private
from rules.kinds.publication import ChangedAfterPublication, PublishedAfterYear, PublishedInTime
from rules.kinds.punctuation import Punctuation
from rules.kinds.reserved import Reserved
from rules.kinds.rows import Rows
from rules.kinds.same_figures import SameFigures
from rules.kinds.sections import Sections
from rules.kinds.share import Share
from rules.kinds.statements import Length, Statements
from rules.kinds.tables import Tables
from rules.kinds.title import AgencyName, Title
from rules.kinds.wording import GenericText, ListedParts, LostContent, SelfReference
from rules.kinds.words_against_cells import WordsAgainstCells
from rules.kinds.yearly_change import YearlyChange
from rules.kinds.years import Period, StatedYear
from rules.verdict import Verdict


class Kind(Protocol):
    """A kind may also say ``gives``: the names of the facts that its verdicts hold. A message that names another is refused.

    A wrong value among its keys is refused in ``__post_init__`` with ``FieldError``, which the compiler turns into file and line.
    """

    def check(self, filing: Filing) -> Iterable[Verdict]:
        """One verdict for every instance that the rule is asked about in this filing."""
        ...


KINDS: dict[str, type[Kind]] = {
    "agency_name": AgencyName,
    "amounts": Amounts,
    "aspects": Aspects,
    "balance": Balance,
    "balance_across_years": BalanceAcrossYears,
    "claims_against_cells": ClaimsAgainstCells,
    "claim_units": ClaimUnits,
    "claims_stated": ClaimsStated,
    "parts_of_total": PartsOfTotal,
    "percentages": Percentages,
    "yearly_change": YearlyChange,
    "words_against_cells": WordsAgainstCells,
    "claims_conflict": ClaimsConflict,
    "cells": Cells,
    "changed_after_publication": ChangedAfterPublication,
    "edition_used": EditionUsed,
    "enumeration": Enumeration,
    "formula": Formula,
    "generic_text": GenericText,
    "headers": Headers,
    "headings": Headings,
    "idle": Idle,
    "jumps": Jumps,
    "length": Length,
    "listed_parts": ListedParts,
    "lost_content": LostContent,
    "numbering": Numbering,
    "period": Period,
    "phrases": Phrases,
    "reserved": Reserved,
    "rows": Rows,
    "same_figures": SameFigures,
    "sections": Sections,
    "self_reference": SelfReference,
    "share": Share,
    "stated_year": StatedYear,
    "statements": Statements,
    "tables": Tables,
    "title": Title,
    "corrections": Corrections,
    "private": Private,
    "published_after_year": PublishedAfterYear,
    "published_in_time": PublishedInTime,
    "punctuation": Punctuation,
    "copied": Copied,
}
