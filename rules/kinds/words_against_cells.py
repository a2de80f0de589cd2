"""words_against_cells: words of the prose that say something happened, beside cells that say it did not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from rules.errors import FieldError
from rules.filing import Filing
from rules.kinds.gaps import in_words
from rules.kinds.keys import split_cell
from rules.labels import column_label, row_label
from rules.patterns import check_patterns, found_in
from rules.prose import prose_of
from rules.verdict import Evidence, Place, State, Verdict


@dataclass(frozen=True, slots=True)
class Told:
    """words and unless are patterns over a sentence, cells the ones that cannot all be 0 if it is true."""

    words: tuple[str, ...]
    cells: tuple[str, ...]
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WordsAgainstCells:
    """Asked of every sentence of the section. ``doubt`` says why it may be no contradiction; "" if it is one for sure.

    Facts: quote, cells.
    """

    section: str
    told: tuple[Told, ...]
    doubt: str = ""
    addresses: tuple[tuple[tuple[str, str, str], ...], ...] = field(init=False, repr=False)
    gives: ClassVar[frozenset[str]] = frozenset({"quote", "cells"})

    def __post_init__(self) -> None:
        for index, told in enumerate(self.told):
            if not told.cells:
                raise FieldError(("told", index, "cells"), "至少写一个单元格")
            check_patterns("told", (*told.words, *told.unless))
        addresses = tuple(
            tuple(split_cell(("told", index, "cells", place), cell) for place, cell in enumerate(told.cells))
            for index, told in enumerate(self.told)
        )
        object.__setattr__(self, "addresses", addresses)

    def check(self, filing: Filing) -> Iterator[Verdict]:
        edition = filing.edition or ""
        found = False
        for passage in prose_of(filing).of(self.section):
            for told, addresses in zip(self.told, self.addresses, strict=True):
                if not found_in(told.words, passage.words):
                    continue
                for sentence in prose_of(filing).sentences:
                    if (
                        sentence.passage is not passage
                        or not found_in(told.words, sentence.bare)
                        or found_in(told.unless, sentence.bare)
                    ):
                        continue
                    found = True
                    table, row, column = addresses[0]
                    place = Place(self.section, table, row, column, topic=told.cells[0])
                    cells = [
                        (f"{row_label(edition, t, r)}·{column_label(edition, t, c, r)}", filing.tables[t].cell(r, c))
                        for t, r, c in addresses
                    ]
                    missing = [cell for cell in cells if cell[1].value is None]
                    evidence = (
                        sentence.evidence(),
                        *(Evidence(f"{label} {cell.raw}", cell.at) for label, cell in cells if cell.at),
                    )
                    if any(cell.value for _, cell in cells):
                        yield Verdict(State.HOLDS, place, evidence)
                    elif missing:
                        yield Verdict(State.UNDETERMINED, place, evidence, reason=in_words(missing))
                    else:
                        facts = {"quote": sentence.words, "cells": "、".join(f"“{label}”" for label, _ in cells)}
                        yield Verdict(State.BROKEN, place, evidence, facts, doubt=self.doubt or None)
        if not found:
            yield Verdict(State.NOT_APPLICABLE, reason="未见相应表述")
