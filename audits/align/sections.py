"""Find the section headings among the prose, and give every paragraph to its section."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rapidfuzz import fuzz

from audits.align.chain import Pair, best_chain
from audits.align.folding import fold, has_words
from reports_in.document import Paragraph, Source
from rules.editions import Edition, TemplateSection
from rules.filing import Heading, PartState, Section
from rules.headings import ReadHeading, read_heading, section_of

LONGEST_HEADING = 60  # printed characters; "四、因政府信息公开工作被申请行政复议、提起行政诉讼情况" has 27
KEYED_SCORE = 85.0  # a heading with a wrong number or none must read like the template's
NUMBERED_SCORE = 60.0  # one with the right number may be worded freely
CONTENTS_LINE = re.compile(r"(?:[…‥]+|[.·．\-_]{3,}|\t|\s{3,})\s*\d{1,3}\s*$")
SENTENCE_END = re.compile(r"[。；;！!？?]")
LEVEL_TWO = re.compile(r"^\s*[（(]\s*([一二三四五六])\s*[)）]\s*(.+)$", re.S)


@dataclass(frozen=True, slots=True)
class Layout:
    """Headings in reading order, sections by key, prose before the first heading."""

    headings: tuple[Heading, ...]
    sections: dict[str, Section]
    preamble: tuple[Paragraph, ...]


def lay_out(prose: Sequence[Paragraph], edition: Edition, tables: dict[str, tuple[Source | None, bool]]) -> Layout:
    """Sections of the prose. ``tables`` says for each table where it starts and whether anything is in it:
    a section with a table is not empty."""
    paragraphs = _split_run_in(prose)
    found = _candidates(paragraphs)
    found = _without_contents(found, paragraphs)
    chosen = _best_of(found, edition)
    headings = tuple(heading for _, heading in found)
    own: dict[str, list[Paragraph]] = {}
    heading_at = dict(found)
    current: str | None = None
    preamble: list[Paragraph] = []
    for index, paragraph in enumerate(paragraphs):
        heading = heading_at.get(index)
        if heading is not None and heading.key is not None:
            current = heading.key
            continue
        if current is None:
            preamble.append(paragraph)
        else:
            own.setdefault(current, []).append(paragraph)
    sections: dict[str, Section] = {}
    for key in edition.sections:
        heading = chosen.get(key)
        if heading is None:
            sections[key] = Section(key, PartState.ABSENT)
            continue
        body = tuple(own.get(key, ()))
        at, filled = tables.get(key, (None, False))
        empty = not (filled or at is not None) and not any(has_words(paragraph.text) for paragraph in body)
        sections[key] = Section(key, PartState.EMPTY if empty else PartState.PRESENT, heading.text, heading.at, body)
    return Layout(headings, sections, tuple(preamble))


def _candidates(paragraphs: Sequence[Paragraph]) -> list[tuple[int, Heading]]:
    found: list[tuple[int, Heading]] = []
    for index, paragraph in enumerate(paragraphs):
        text = paragraph.text.strip()
        if 0 < len(text) <= LONGEST_HEADING and (heading := _heading(text)) is not None:
            read, key, score = heading
            found.append((index, Heading(text, read.title, read.number, key, score, paragraph.source, read.dirty)))
    keyed = {heading.key for _, heading in found if heading.key}
    if len(keyed) < 3:
        found = _bracketed(paragraphs, found, keyed)
    return found


@lru_cache(maxsize=4096)  # headings are the same in many reports
def _heading(text: str) -> tuple[ReadHeading, str | None, float] | None:
    """The section-level heading that a line is, the key of the section it stands for, and its score; None if it is none."""
    if LEVEL_TWO.match(text):
        return None
    read = read_heading(text)
    arabic = read.number is not None and text.lstrip("#* ")[:1].isdigit()
    words = fold(read.title)
    if len(words) < 2:
        return None
    if SENTENCE_END.search(read.title.rstrip("。；;")):
        return None
    section, score = section_of(read.title)
    if section is not None and _stands_for(section, score, read, arabic, words):
        return read, section.key, score
    if read.number is not None and not arabic and not read.dirty and len(words) <= 25 and not text.endswith("。"):
        return read, None, score
    return None


def _stands_for(section: TemplateSection, score: float, read: ReadHeading, arabic: bool, words: str) -> bool:
    """Whether the words are sure enough to be the section's heading, given the number printed before them."""
    own = [fold(wording) for wording in (section.heading, *section.allowed)]
    canonical = max(fuzz.ratio(words, wording) for wording in own)
    right_number = read.number == section.number
    if read.number is None:
        # without an ordinal only the template's own words count: 主动公开情况 is also the name of an aspect of the overview
        return words in own
    if arabic:
        return right_number and canonical >= 90
    if score >= KEYED_SCORE and (canonical >= KEYED_SCORE or right_number):
        return True
    core = right_number and any(word in words for word in section.core)
    free = section.key in ("overview", "problems", "litigation", "other_matters") and len(words) <= 24
    return core and (score >= NUMBERED_SCORE or free)


def _bracketed(paragraphs: Sequence[Paragraph], found: list[tuple[int, Heading]], keyed: set[str]) -> list[tuple[int, Heading]]:
    """Reports that number their sections （一）（二）: taken only where the usual headings are missing and number and words agree."""
    added: list[tuple[int, Heading]] = []
    for index, paragraph in enumerate(paragraphs):
        text = paragraph.text.strip()
        match = LEVEL_TWO.match(text) if len(text) <= LONGEST_HEADING else None
        if match is None:
            continue
        section, score = section_of(match[2])
        number = "一二三四五六".index(match[1]) + 1
        if section is not None and section.number == number and score >= KEYED_SCORE and section.key not in keyed:
            added.append((index, Heading(text, match[2].strip(), number, section.key, score, paragraph.source)))
    if len({heading.key for _, heading in added}) + len(keyed) < 4:
        return found
    return sorted([*found, *added], key=lambda pair: pair[0])


def _without_contents(found: list[tuple[int, Heading]], paragraphs: Sequence[Paragraph]) -> list[tuple[int, Heading]]:
    """Leave out a table of contents: headings with page numbers, or a run of headings that all come again later."""
    kept = [
        (index, heading)
        for index, heading in found
        if not (CONTENTS_LINE.search(paragraphs[index].text) or CONTENTS_LINE.search(heading.title))
    ]
    keys = [heading.key for _, heading in kept]
    run: list[int] = []
    for place, (index, _) in enumerate(kept):
        if keys[place] is None or keys[place] in keys[:place]:
            break
        if run and index - kept[run[-1]][0] > 1:
            break
        run.append(place)
    later = set(keys[len(run) :])
    if len(run) >= 4 and all(keys[place] in later for place in run):
        return kept[len(run) :]
    return kept


def _best_of(found: Sequence[tuple[int, Heading]], edition: Edition) -> dict[str, Heading]:
    """For every section the heading that stands for it: the best chain in the template's order, then what it had to leave."""
    order = {key: index for index, key in enumerate(edition.sections)}
    pairs = []
    for place, (_, heading) in enumerate(found):
        if heading.key is not None:
            number = edition.sections[heading.key].number
            bonus = 0.3 if heading.number == number else 0.0
            pairs.append(Pair(place, place, order[heading.key], (heading.score / 100) ** 2 + bonus, heading.score))
    chosen = {}
    for pair in best_chain(pairs, len(order)):
        heading = found[pair.item][1]
        chosen[str(heading.key)] = heading
    for _, heading in found:
        if heading.key is not None:
            chosen.setdefault(heading.key, heading)
    return chosen


def _split_run_in(prose: Sequence[Paragraph]) -> list[Paragraph]:
    """Part a heading from text that shares its line: ``一、总体情况。2023年，…`` or ``…构成。 二、主动公开政府信息情况 …``."""
    paragraphs: list[Paragraph] = []
    for paragraph in prose:
        paragraphs.extend(_parts(paragraph))
    return paragraphs


def _parts(paragraph: Paragraph) -> list[Paragraph]:
    text = paragraph.text
    if len(text) <= LONGEST_HEADING and not SENTENCE_END.search(text) and "\n" not in text:
        return [paragraph]
    cuts = sorted(set(_cuts(text)))
    if not cuts:
        return [paragraph]
    bounds = [0, *cuts, len(text)]
    parts = []
    for start, end in pairwise(bounds):
        piece = text[start:end]
        lead = len(piece) - len(piece.lstrip())
        piece = piece.strip()
        if piece:
            first = paragraph.source.chars[0] + start + lead
            parts.append(paragraph._replace(text=piece, source=paragraph.source._replace(chars=(first, first + len(piece)))))
    return parts


INNER = re.compile(  # at the start or after a stop or a blank, asked after the figure: so the search is three times as fast
    r"([一二三四五六](?<![^。\s][一二三四五六])\s*[、.．]\s*)([^。；;，,：:\s、]{2,}(?:、[^。；;，,：:\s、]{2,})?)(?=[。\s：:]|$)"
)


def _cuts(text: str) -> list[int]:
    """Where an unmistakable section heading starts and ends inside a longer text."""
    cuts: list[int] = []
    for match in INNER.finditer(text):
        section, score = section_of(match[2])
        read = read_heading(match[0].strip())
        if section is None or score < 90 or read.number != section.number:
            continue
        if match.start() > 0:
            cuts.append(match.start())
        end = match.end()
        if end < len(text):
            cuts.append(end + 1 if text[end] in "。：:" else end)
    return [cut for cut in cuts if 0 < cut < len(text)]
