"""Lay a Document out by the template: Document in, Filing out. The heart of Hecha.

In this order: printed rows (lines.py), the edition by the report's year with the tables' evidence, the tables (tables.py: one best
monotone chain of labels, then the figures), the headings and sections of what is left (sections.py), who and when (identity.py).
It is written for what agencies do, not for particular files; what cannot be told is left unreadable or in doubt, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from audits.align.evidence import edition_evidence
from audits.align.folding import fold
from audits.align.identity import LONGEST_TITLE, REPORT_WORDS, published_of, title_of, year_of
from audits.align.lines import PROSE_LENGTH, Piece, PrintedRow, is_section_heading, printed_rows
from audits.align.naming import agency_of
from audits.align.sections import Layout, lay_out
from audits.align.tables import Reading, read_tables
from audits.align.targets import is_table_word, targets_of
from reports_in.document import Document, Paragraph, Source, Table
from rules.editions import Edition, edition_for, editions
from rules.filing import EditionEvidence, Filing, FilingTable, PartState, Section, Stated
from rules.headings import read_heading, section_of

FEWEST_VOTES = 3
LONG_LABEL = 4
SHORTEST_PROSE = 4
FEWEST_LABELS = 2  # of a table, in a section's text, that say that it is printed there
FEWEST_CELLS = 30  # of the tables, one a line: among so many some must be printed twice


def align(document: Document, year: int | None = None) -> Filing:
    """The filing that the document holds. ``year`` overrides what the document says of its year."""
    rows = printed_rows(document)
    evidence = edition_evidence(rows)
    paragraphs = tuple(block for block in document.blocks if isinstance(block, Paragraph))
    first = _first_heading(paragraphs)
    title = title_of(paragraphs, first, document)
    stated = year_of(title, paragraphs, document, year)
    due = edition_for(stated.value) if stated.value is not None else None
    edition_id = _edition(stated.value, due, evidence)
    edition = editions()[edition_id or next(reversed(list(editions())))]
    reading = read_tables(rows, edition)
    prose = _prose(document, rows, reading, title)
    layout = lay_out(
        prose, edition, {key: (table.at, table.state is PartState.PRESENT) for key, table in reading.tables.items()}
    )
    after_title = [paragraph for _, paragraph in _all_prose(layout)]
    agency = agency_of(title, after_title, document)
    return Filing(
        title=title,
        agency=agency,
        year=stated,
        published=published_of(paragraphs[:first], document),
        edition=edition_id,
        edition_due=due.id if due else None,
        evidence=evidence,
        sections=layout.sections,
        headings=layout.headings,
        tables=_with_pictures(reading.tables, layout.sections, edition, document),
        preamble=layout.preamble,
        suspect=_thinned(rows, reading),
    )


def is_report(filing: Filing) -> bool:
    """False for a page that holds no annual report: no table, fewer than two of the six headings, no title."""
    tables = sum(table.state is not PartState.ABSENT for table in filing.tables.values())
    headings = len({heading.key for heading in filing.headings if heading.key})
    return tables > 0 or headings >= 2 or (headings >= 1 and filing.title.value is not None) or _titled_prose(filing)


def _titled_prose(filing: Filing) -> bool:
    """An old-style report (2018 and before) has a title with a year and some prose, and none of today's parts; a list of reports
    has the titles of many."""
    paragraphs = [paragraph.text for _, paragraph in filing.prose()]
    titles = sum(REPORT_WORDS.search(text) is not None and len(text) <= LONGEST_TITLE for text in paragraphs)
    prose = sum(len(text) for text in paragraphs if len(text) > PROSE_LENGTH)
    return filing.title.value is not None and filing.year.rests_on in ("title", "given") and prose >= 200 and titles <= 3


def _edition(year: int | None, due: Edition | None, evidence: Sequence[EditionEvidence]) -> str | None:
    """The edition by which to read the tables: what they print decides, the year and the edition due where they are silent."""
    votes = [item.edition for item in evidence if item.table == "disclosure"] or [item.edition for item in evidence]
    ranked = sorted(dict.fromkeys(votes), key=votes.count, reverse=True)
    if year is not None and due is None and len(votes) < FEWEST_VOTES:
        return None  # a report of before 2019: a word or two is no table of today's
    if ranked and (len(ranked) == 1 or votes.count(ranked[0]) > votes.count(ranked[1])):
        return ranked[0]
    if due is not None:
        return due.id
    return ranked[0] if ranked and year is None else None


def _first_heading(paragraphs: Sequence[Paragraph]) -> int:
    """Index of the first paragraph that reads like a section heading; the title stands before it."""
    for index, paragraph in enumerate(paragraphs):
        text = paragraph.text.strip()
        if len(text) <= 40 and "……" not in text and "...." not in text:  # a line of the contents: the title may follow
            read = read_heading(text)
            if read.number is not None:
                section, score = section_of(read.title)
                if section is not None and section.number == read.number and score >= 85:
                    return index
    return len(paragraphs)


def _prose(document: Document, rows: Sequence[PrintedRow], reading: Reading, title: Stated[str]) -> list[Paragraph]:
    """Paragraphs outside the tables, after the title."""
    whole = _whole_tables(document, rows, reading)
    taken = _table_pieces(rows, reading, whole)
    start = title.at.chars[0] if title.at is not None else -1
    title_words = fold(title.value or "")
    prose: list[Paragraph] = []
    for number, block in enumerate(document.blocks):
        if isinstance(block, Paragraph):
            if block.source.chars[0] in taken or block.source.chars[0] < start:
                continue
            if not prose and (words := fold(block.text)) and words in title_words:
                continue
            prose.append(block)
        elif number not in whole:
            for cell in block.cells:
                begin = cell.source.chars[0]
                if begin not in taken and begin >= start and _says_something(cell.text):
                    prose.append(Paragraph(cell.text.strip(), cell.source))
    return prose


def _says_something(text: str) -> bool:
    """True for words of a cell outside the tables that may be prose; 无 is all that many a section says."""
    words = fold(text)
    return len(words) >= SHORTEST_PROSE or words in ("无", "没有")


def _whole_tables(document: Document, rows: Sequence[PrintedRow], reading: Reading) -> set[int]:
    """The blocks of which every row belongs to a table of the report: nothing in them is prose."""
    used: dict[int, int] = {}
    for row in rows:
        if row.index in reading.used and not row.stream:
            used[row.block] = used.get(row.block, 0) + 1
    return {
        number for number, count in used.items() if isinstance(block := document.blocks[number], Table) and block.rows == count
    }


def _table_pieces(rows: Sequence[PrintedRow], reading: Reading, whole: Set[int]) -> set[int]:
    """Where blocks that belong to tables start, but for whole ones. In a run of one-cell lines a section heading may stand before
    the table."""
    edition = next(iter(editions()))
    furniture = targets_of(edition).furniture
    taken: set[int] = set()
    for row in rows:
        if row.index not in reading.used or (row.block in whole and not row.stream):
            continue
        for text, source, _, _ in (*_own_values(row), *_own_labels(row)):
            if "\n" in text:  # a cell dumped over several lines covers several blocks
                taken.update(range(*source.chars))
            else:
                taken.add(source.chars[0])
    for row in rows:
        if row.index in reading.used:
            continue
        for word, piece in zip(row.words, row.labels, strict=True):
            if len(word) > 4 and word in furniture:
                taken.add(piece.source.chars[0])
    return taken


def _own_values(row: PrintedRow) -> list[Piece]:
    """The values that belong to the table: 六、其他需要报告的事项 with 无。 below it is a section and its words."""
    if row.stream and row.labels and is_section_heading(row.labels[-1].text):
        return [piece for piece in row.values if not _is_sentence(piece)]
    return row.values


def _is_sentence(piece: Piece) -> bool:
    """No label of the template has a full stop."""
    return piece.text.endswith(("。", "！"))


def _own_labels(row: PrintedRow) -> list[Piece]:
    """The label pieces that belong to the table: in a run of one-cell lines, those from its first word to its last between headings."""
    if not row.stream:
        return row.labels
    own: list[Piece] = []
    segment: list[Piece] = []
    for piece in [*row.labels, None]:
        if (
            piece is not None
            and len(piece.text) <= PROSE_LENGTH
            and not is_section_heading(piece.text)
            and not _is_sentence(piece)
        ):
            segment.append(piece)
            continue
        words = [place for place, part in enumerate(segment) if is_table_word(part.text)]
        last = len(segment) - 1 if piece is None and row.values else words[-1] if words else -1
        first = words[0] if words else last
        own.extend(segment[max(first, 0) : last + 1])
        segment = []
    return own


def _all_prose(layout: Layout) -> list[tuple[str, Paragraph]]:
    parts = [("preamble", paragraph) for paragraph in layout.preamble]
    for key, section in layout.sections.items():
        parts.extend((key, paragraph) for paragraph in section.paragraphs)
    return parts


def _thinned(rows: Sequence[PrintedRow], reading: Reading) -> tuple[tuple[Source, str], ...]:
    """The tables of a dump of one cell a line in which no line stands twice: the template repeats its heads and nearly every report its
    noughts, so a collector has dropped the lines that it had seen before, and what seems blank need not be."""
    seen: set[str] = set()
    for row in rows:
        if row.stream and row.index in reading.used:
            for piece in (*row.labels, *row.values):
                if piece.text in seen:
                    return ()
                seen.add(piece.text)
    if len(seen) < FEWEST_CELLS:
        return ()
    reason = "各行文字均只出现一次，相同的数字可能已被采集程序略去"
    return tuple((table.at, reason) for table in reading.tables.values() if table.at is not None)


def _with_pictures(
    tables: dict[str, FilingTable], sections: Mapping[str, Section], edition: Edition, document: Document
) -> dict[str, FilingTable]:
    """A picture where a table should be is said, so that a missing table is not taken for an unfilled one. Words of the table in its
    section are no picture."""
    if not any(note.code == "IMAGE" for note in document.notes):
        return tables
    found = dict(tables)
    for key, table in tables.items():
        words = fold(sections[edition.tables[key].section].text)
        printed = sum(
            len(fold(row.label)) >= LONG_LABEL and fold(row.label) in words for row in edition.tables[key].rows.values()
        )
        if table.state is PartState.ABSENT and printed < FEWEST_LABELS:
            found[key] = replace(table, is_image=True)
    return found
