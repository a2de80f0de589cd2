"""Does one file hold several annual reports? Read as one, the figures of the second would be held against those of the first."""

from __future__ import annotations

import re
from itertools import pairwise

from audits.align.folding import fold
from audits.align.identity import LONGEST_TITLE_LINE, REPORT_WORDS, TITLE_END
from reports_in.document import Document, Paragraph
from rules.headings import read_heading, section_of

FIRST_SECTION = "overview"
SURE = 90.0  # of 100: how well a heading must fit
SECTIONS = 3  # that a report has passed before another one may begin
# a row of the applications table: a table of contents repeats every heading, but no row
TABLE_ROW = re.compile(r"新\s*收\s*政\s*府\s*信\s*息\s*公\s*开\s*申\s*请")


def titles_of_several(document: Document) -> tuple[str, ...]:
    """The titles of the reports in the file, if there are two or more different ones, each with sections and table of its own."""
    if len(TABLE_ROW.findall(document.text)) < 2:
        return ()
    starts: list[tuple[int, str]] = []
    passed: set[str] = set()
    title = ""
    for block in document.blocks:
        if not isinstance(block, Paragraph) or len(block.text) > LONGEST_TITLE_LINE:
            continue
        text = block.text.strip()
        if REPORT_WORDS.search(text) and TITLE_END.search(text):
            title = text
        elif (key := _section(text)) is not None:
            if key == FIRST_SECTION and title and (not starts or len(passed) >= SECTIONS):
                starts.append((block.source.chars[0], title))
                passed, title = set(), ""
            passed.add(key)
    ends = [*(start for start, _ in starts), len(document.text)]
    whole = [
        title
        for (start, end), (_, title) in zip(pairwise(ends), starts, strict=True)
        if TABLE_ROW.search(document.text, start, end)
    ]
    titles = {fold(title): title for title in whole}
    return tuple(titles.values()) if len(titles) > 1 else ()


def _section(text: str) -> str | None:
    """The key of the section that a line opens."""
    section, score = section_of(read_heading(text).title)
    return section.key if section is not None and score >= SURE else None
