"""The Filing: what the rules may ask about. Nothing here knows a file format; every part keeps its place in the Document.

``audits.align`` makes it from a Document, ``rules.examples`` from the few lines of a rule's own example.
Four things are never the same: a cell that is not in the report (absent), printed with nothing in it (blank), printed with
something (filled: 0, 12, "/", "无"), or printed and lost on us (unreadable).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from reports_in.document import Paragraph, Source
from rules.agencies import AgencyKind, Body, ListedAgency, agency_kind

# Cell, Row and Header are named tuples: a report has two hundred cells, and a frozen dataclass costs three times as much to make.
Number = int | Decimal
T = TypeVar("T")


class CellState(StrEnum):
    ABSENT = "absent"
    BLANK = "blank"
    FILLED = "filled"
    UNREADABLE = "unreadable"


class Cell(NamedTuple):
    """One data cell of the template.

    raw    as printed, "" if absent or blank.
    value  the number; None if absent, blank, unreadable, or filled with something that is no number ("/", "无", "abc").
           An amount printed with its unit has the number as printed: ``73802895.90元`` is 73802895.90.
    at     None if absent.
    score  0..100, how well the row's printed label matches the template's; 0 if absent.
    doubt  why our own reading may be wrong, in Chinese; None if there is no doubt.
    """

    state: CellState
    raw: str = ""
    value: Number | None = None
    at: Source | None = None
    score: float = 0.0
    doubt: str | None = None


ABSENT_CELL = Cell(CellState.ABSENT)


class Row(NamedTuple):
    """A row of the template as found. ``label`` is as printed, pieces of a split label joined; "" if the row is absent."""

    key: str
    cells: Mapping[str, Cell]
    label: str = ""
    at: Source | None = None
    score: float = 0.0

    @property
    def present(self) -> bool:
        return self.at is not None


@dataclass(frozen=True, slots=True)
class ExtraRow:
    """A row inside a table that the template does not have, or has once and the report prints again.

    repeats  the key of the template row it prints again, else None.
    same     True if it repeats that row with the very same cells (a table cut by a page break does that).
    """

    label: str
    cells: tuple[Cell, ...]
    at: Source
    repeats: str | None = None
    same: bool = False


class Header(NamedTuple):
    """A column heading, block heading (第二十条第（一）项) or group heading of the template, as found.

    key       of the edition file, such as "item_1", "norm.made", "natural", "review.upheld".
    expected  the template's words; printed is "" and at None if it is not in the report.
    """

    key: str
    expected: str
    printed: str = ""
    at: Source | None = None
    score: float = 0.0

    @property
    def present(self) -> bool:
        return self.at is not None


class PartState(StrEnum):
    """Of a table or a section: not there; there with nothing in it; there."""

    ABSENT = "absent"
    EMPTY = "empty"
    PRESENT = "present"


@dataclass(frozen=True, slots=True)
class FilingTable:
    """One of the three tables. ``rows`` holds every row of the template in its order, absent ones too.

    order    the keys of the rows found, as printed.
    foreign  keys of rows that belong to the other edition (other in a 2021 table, other_1..3 in a 2019 one); they are in rows.
    is_image True if the section holds a picture where the table should be.
    """

    key: str
    state: PartState
    rows: Mapping[str, Row]
    headers: tuple[Header, ...] = ()
    extra: tuple[ExtraRow, ...] = ()
    order: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    at: Source | None = None
    is_image: bool = False

    def cell(self, row: str, column: str) -> Cell:
        """The cell, ABSENT_CELL for a row or column that this table does not have."""
        found = self.rows.get(row)
        return ABSENT_CELL if found is None else found.cells.get(column, ABSENT_CELL)


@dataclass(frozen=True, slots=True)
class Heading:
    """A line at section level (一、…) as printed, in reading order. Rows of tables and tables of contents are not headings.

    number  the ordinal printed (三、 gives 3), None if there is none or it is garbled (l六、 gives 6 with dirty True).
    title   the words without the number.
    key     the section it stands for, None if it is none of the six.
    score   0..100 against the template's heading.
    """

    text: str
    title: str
    number: int | None
    key: str | None
    score: float
    at: Source
    dirty: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """One of the six sections. ``paragraphs`` is its prose in order, headings of lower levels included, tables left out."""

    key: str
    state: PartState
    heading: str = ""
    at: Source | None = None
    paragraphs: tuple[Paragraph, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join(paragraph.text for paragraph in self.paragraphs)


@dataclass(frozen=True, slots=True)
class Stated(Generic[T]):
    """A fact about the whole report, with what it rests on: "title", "body", "file_name", "folder", "page_meta", "given".

    others holds what other places state differently; a disagreement is shown, never settled by guessing.
    """

    value: T | None
    rests_on: str | None = None
    quote: str = ""
    at: Source | None = None
    others: tuple[tuple[str, T], ...] = ()


@dataclass(frozen=True, slots=True)
class EditionEvidence:
    """A printed label that only one edition of the template has."""

    edition: str
    printed: str
    at: Source
    table: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of a number in prose.

    subject      what is counted; ``rules.claims.SUBJECTS`` lists them all.
    value        None only if the sentence names the subject without a number ("全部办结").
    unit         as printed, "" if none.
    year         the year that the sentence gives; None if it gives none (then it speaks of the report's own year).
    scope        "own" (本级, 本机关), "all" (全市, 各单位) or "" (not said).
    approximate  余, 近, 约, 多.
    subset       a part of a total (其中, 上年结转的…), never compared with a total.
    zero         a statement of none (未收到, 没有发生, 0件).
    quote, at    the sentence as printed, and its place (chars is the sentence's range in the document's text).
    section      key of the section it stands in, "preamble" before the first.
    clause       the few words of the sentence that say it (其中行政复议1项), for messages; folded, not as printed.
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
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Publication:
    """What a sweep saw of the report at the place where it is published.

    first_seen   the first day on which it was there: published by then, perhaps long before.
    absent_until the last day before on which somebody looked and it was not there; None if nobody had.
    before       the same report as it was there earlier, laid out; None if it is as it was first seen.
    before_seen  the last day on which it was seen as in ``before``.
    gone_since   the first day on which it was no longer there, twice in a row; None while it is.
    agency       whose report should be there, as the list of addresses says, by name or code; None if it says nothing.
    """

    first_seen: date
    absent_until: date | None = None
    before: Filing | None = field(default=None, repr=False)
    before_seen: date | None = None
    gone_since: date | None = None
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class Filing:
    """An annual report laid out by the template.

    agency      the full name that the body gives, else the title's.
    edition     "E2019" or "E2021", by which the tables were read; None if the year is out of scope and no table tells.
    edition_due the edition that the report's year calls for; None if there is none (before 2019) or the year is unknown.
    preamble    prose between the title and the first section.
    suspect     places around which the source seems to have lost content (EXTRACT-SUSPECT), with the reason.
    previous    the same agency's report of the year before, if we have it.
    listed      the agency in the office's own roster, if one was given and the report could be told to be its.
    publication what a sweep saw of it; None for a report that no sweep found.
    """

    title: Stated[str]
    agency: Stated[str]
    year: Stated[int]
    published: Stated[str]
    edition: str | None
    edition_due: str | None
    evidence: tuple[EditionEvidence, ...]
    sections: Mapping[str, Section]
    headings: tuple[Heading, ...]
    tables: Mapping[str, FilingTable]
    preamble: tuple[Paragraph, ...] = ()
    claims: tuple[Claim, ...] = ()
    suspect: tuple[tuple[Source, str], ...] = ()
    previous: Filing | None = field(default=None, repr=False)
    listed: ListedAgency | None = None
    publication: Publication | None = field(default=None, repr=False)

    @property
    def agency_kind(self) -> AgencyKind:
        """What body the agency is and of which rank: by the roster if it is listed there, else by its name."""
        told = agency_kind(self.agency.value)
        if self.listed is None:
            return told
        listed = self.listed.kind()
        body = told.body if listed.body is Body.UNKNOWN else listed.body
        return AgencyKind(body, listed.level or told.level, listed.region or told.region)

    def prose(self) -> tuple[tuple[str, Paragraph], ...]:
        """Every paragraph outside the tables with the key of its section ("preamble" before the first), in order."""
        parts = [("preamble", paragraph) for paragraph in self.preamble]
        for key, section in self.sections.items():
            parts.extend((key, paragraph) for paragraph in section.paragraphs)
        return tuple(parts)
