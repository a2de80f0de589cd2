"""headings (部分标题): the words and ordinals of the lines printed at section level. Asked once per heading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, lru_cache
from typing import ClassVar, Literal

from rapidfuzz import fuzz, process

from rules.editions import Edition, TemplateSection, editions
from rules.filing import Filing, Heading
from rules.headings import bare
from rules.kinds.doubts import garbled, heading_doubt, loss_near
from rules.kinds.sections import edition_of, heading_in_place_of, section_headings, section_name
from rules.prose import fold, read_lead
from rules.verdict import Evidence, Place, Severity, State, Verdict

CONNECTIVES = re.compile("以及|[及和与的]")
SHORTEST_HEADING = 2
LIKE_A_LABEL = 75.0  # a label of the tables with a character lost or misread
LONGEST_HEADING = 25  # a longer line with an ordinal is a sentence of the text
REMARK = re.compile(r"[（(][^（()）]*[）)]\s*$")


@dataclass(frozen=True, slots=True)
class Headings:
    """fault is what is looked for: "renamed" (other words), "misnumbered" (another ordinal) or "extra" (none of the six sections).

    Facts: printed (as printed), section (ordinal and heading of the template), difference (the characters that differ).
    """

    fault: Literal["renamed", "misnumbered", "extra"]
    gives: ClassVar[frozenset[str]] = frozenset({"printed", "section", "difference"})

    def check(self, filing: Filing) -> Iterator[Verdict]:
        edition = edition_of(filing)
        ask = {"renamed": _renamed, "misnumbered": _misnumbered, "extra": _extra}[self.fault]
        yield from ask(filing, edition)


def _renamed(filing: Filing, edition: Edition) -> Iterator[Verdict]:
    for heading in section_headings(filing):
        section = edition.sections[str(heading.key)]
        if _plain(heading.title) in _plain_wordings((section.heading, *section.allowed)):
            yield Verdict(State.HOLDS, Place(section.key))
        else:
            has_core = any(word in heading.title for word in section.core)
            yield _other_words(heading, section, None if has_core else Severity.WARNING)
    for section in edition.sections.values():
        instead = heading_in_place_of(filing, section)
        if instead is not None:
            yield _other_words(instead, section, Severity.WARNING)


def _other_words(heading: Heading, section: TemplateSection, severity: Severity | None) -> Verdict:
    printed = heading.text.strip()
    facts = {"printed": printed, "section": section_name(section), "difference": _difference(heading.title, section.heading)}
    return Verdict(
        State.BROKEN,
        Place(section.key, topic=bare(heading.title)),
        (Evidence(heading.text, heading.at),),
        facts,
        doubt=garbled(heading.text) if heading.dirty else heading_doubt(heading),
        severity=severity,
        expected=section_name(section),
        actual=printed,
    )


@cache
def _plain_wordings(wordings: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(_plain, wordings))


@lru_cache(maxsize=1024)  # most reports print the same six
def _plain(title: str) -> str:
    """The words that count: no marks, no blanks, no connectives, no remark in brackets at the end."""
    return CONNECTIVES.sub("", bare(fold(REMARK.sub("", title)))).replace("其它", "其他")


def _difference(printed: str, expected: str) -> str:
    """缺“主要”，多“措施”: the characters that differ."""
    ours, theirs = bare(fold(printed)), bare(expected)
    parts = []
    for tag, i, j, k, m in SequenceMatcher(None, theirs, ours, autojunk=False).get_opcodes():
        if tag in ("delete", "replace"):
            parts.append(f"缺“{theirs[i:j]}”")
        if tag in ("insert", "replace"):
            parts.append(f"多“{ours[k:m]}”")
    return "，".join(parts) or "标点或顿号不同"


def _misnumbered(filing: Filing, edition: Edition) -> Iterator[Verdict]:
    for heading in section_headings(filing):
        section = edition.sections[str(heading.key)]
        if heading.number is None or heading.number == section.number:
            yield Verdict(State.HOLDS, Place(section.key))
            continue
        yield Verdict(
            State.BROKEN,
            Place(section.key, topic=bare(heading.text)),
            (Evidence(heading.text, heading.at),),
            {"printed": heading.text.strip(), "section": section_name(section), "difference": ""},
            doubt=heading_doubt(heading),
            severity=Severity.NOTICE if heading.dirty else None,
            expected=section_name(section),
            actual=heading.text.strip(),
        )


def _extra(filing: Filing, edition: Edition) -> Iterator[Verdict]:
    standing_in = {id(heading_in_place_of(filing, section)) for section in edition.sections.values()}
    sections = {id(heading) for heading in section_headings(filing)}
    around: str | None = None
    counted: dict[str | None, int] = {}
    for heading in filing.headings:
        if id(heading) in sections:
            around = heading.key
            continue
        if heading.key is not None:  # of a lower level, though it reads like a section
            counted[around] = heading.number or 0
            continue
        if id(heading) in standing_in or not _is_heading(heading):
            continue
        # 一、二、… run through inside one section is the agency's lower level, not a seventh section
        is_lower_level = heading.number == counted.get(around, 0) + 1
        if is_lower_level and heading.number is not None:
            counted[around] = heading.number
        yield Verdict(
            State.BROKEN,
            Place(around or "preamble", topic=bare(heading.title)),
            (Evidence(heading.text, heading.at),),
            {"printed": heading.text.strip(), "section": "", "difference": ""},
            doubt=heading_doubt(heading) or loss_near(filing, heading.at),
            severity=Severity.NOTICE if is_lower_level else None,
            expected="只有格式规定的六个部分",
            actual=heading.text.strip(),
        )
    if not any(heading.key is None for heading in filing.headings):
        yield Verdict(State.HOLDS)


def _is_heading(heading: Heading) -> bool:
    lead = read_lead(fold(heading.text.strip()))
    title = heading.title.strip()
    if lead is None or lead.style != "han" or len(title) > LONGEST_HEADING or title.endswith(("。", "；", ";")):
        return False
    return read_lead(fold(title)) is None and not _is_of_a_table(bare(fold(title)))


def _is_of_a_table(words: str) -> bool:
    """Whether the words are a label of the tables, or a piece of one: a row (三、本年度办理结果) is no section."""
    if len(words) < SHORTEST_HEADING or any(words in label or (len(label) > 3 and label in words) for label in _labels()):
        return True
    return process.extractOne(words, _labels(), scorer=fuzz.ratio, score_cutoff=LIKE_A_LABEL) is not None


@cache
def _labels() -> tuple[str, ...]:
    labels = {
        bare(label)
        for edition in editions().values()
        for table in edition.tables.values()
        for row in table.rows.values()
        for label in (row.label, *row.under, *(column.label for column in row.columns))
    }
    return tuple(sorted(labels))
