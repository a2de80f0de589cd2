"""sections (六个部分): whether the six sections are there, filled, in order, and each once. Asked once per section."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Literal

from rules.editions import Edition, TemplateSection, editions
from rules.filing import Filing, Heading, PartState
from rules.headings import bare
from rules.kinds.doubts import heading_doubt, loss_anywhere, loss_near
from rules.verdict import Evidence, Place, State, Verdict

FEW_SECTIONS = 3  # with fewer than this found, more likely our reading failed than that the agency left them all out
CONTENTS_KEYS = 4  # this many sections printed twice are a table of contents or a page's navigation, not a fault
SURE_SCORE = 90.0  # a second heading that fits worse may be a heading of a lower level
NUMERALS = "一二三四五六"


@dataclass(frozen=True, slots=True)
class Sections:
    """fault is what is looked for: "missing", "empty", "order" or "duplicate".

    Facts: section (ordinal and heading of the template); other (the section it stands before), count, lines.
    """

    fault: Literal["missing", "empty", "order", "duplicate"]
    gives: ClassVar[frozenset[str]] = frozenset({"section", "other", "count", "lines"})

    def check(self, filing: Filing) -> Iterator[Verdict]:
        edition = edition_of(filing)
        ask = {"missing": _missing, "empty": _empty, "order": _order, "duplicate": _duplicate}[self.fault]
        yield from ask(filing, edition)


def edition_of(filing: Filing) -> Edition:
    """The edition by which the filing was read. A rule is asked only of a filing that has one."""
    return editions()[str(filing.edition)]


def heading_in_place_of(filing: Filing, section: TemplateSection) -> Heading | None:
    """An unknown heading that carries the ordinal of this absent section and stands where it should stand."""
    if filing.sections[section.key].state is not PartState.ABSENT:
        return None
    numbers = {s.key: s.number for s in edition_of(filing).sections.values()}
    for index, heading in enumerate(filing.headings):
        if heading.key is not None or heading.number != section.number:
            continue
        before = [numbers[h.key] for h in filing.headings[:index] if h.key is not None]
        after = [numbers[h.key] for h in filing.headings[index + 1 :] if h.key is not None]
        if all(number < section.number for number in before) and all(number > section.number for number in after):
            return heading
    return None


def section_headings(filing: Filing) -> tuple[Heading, ...]:
    """The headings that stand for sections. 一、主动公开情况 beside 二、主动公开政府信息情况 is a heading of a lower level: where one
    heading of a section carries its ordinal, one with another ordinal and other words does not count."""
    sections = edition_of(filing).sections
    settled = {h.key for h in filing.headings if h.key is not None and h.number == sections[h.key].number}
    return tuple(
        heading
        for heading in filing.headings
        if heading.key is not None
        and not (
            heading.key in settled
            and heading.number not in (None, sections[heading.key].number)
            and bare(heading.title) != bare(sections[heading.key].heading)
        )
    )


def section_name(section: TemplateSection) -> str:
    """一、总体情况: as the template prints it."""
    return f"{NUMERALS[section.number - 1]}、{section.heading}"


def _missing(filing: Filing, edition: Edition) -> Iterator[Verdict]:
    found = sum(part.state is not PartState.ABSENT for part in filing.sections.values())
    doubt = loss_anywhere(filing)
    if found < FEW_SECTIONS:
        doubt = doubt or f"六个部分的标题只认出{found}个，可能是采集或识别不全"
    for section in edition.sections.values():
        place = Place(section.key)
        if filing.sections[section.key].state is not PartState.ABSENT:
            yield Verdict(State.HOLDS, place)
            continue
        instead = heading_in_place_of(filing, section)
        if instead is not None:
            reason = f"该部分位置上的标题是“{instead.text.strip()}”，能否视为本部分需人工判断"
            yield Verdict(State.UNDETERMINED, place, (Evidence(instead.text, instead.at),), reason=reason)
            continue
        name = section_name(section)
        own = doubt or _beheaded(filing, section.key) or _only_numbered(filing, section)
        yield Verdict(State.BROKEN, place, facts={"section": name}, doubt=own, expected=name, actual="未见")


def _beheaded(filing: Filing, key: str) -> str | None:
    """If the section's table is there without its first row, the heading was lost together with it."""
    table = filing.tables.get(key)
    if table is None or table.state is not PartState.PRESENT or next(iter(table.rows.values())).present:
        return None
    return "该部分表格的开头也未见，标题可能在采集中一并丢失"


def _only_numbered(filing: Filing, section: TemplateSection) -> str | None:
    """If a line holds the section's ordinal and nothing else, its words were lost: collectors drop links and marked words."""
    ordinal = NUMERALS[section.number - 1]
    for _, paragraph in filing.prose():
        text = paragraph.text.strip()
        if text[:1] == ordinal and text[1:].strip() in ("、", "．", "."):
            return f"原文有一行只剩序号“{text}”，标题文字可能在采集中丢失"
    return None


def _empty(filing: Filing, edition: Edition) -> Iterator[Verdict]:
    for section in edition.sections.values():
        part = filing.sections[section.key]
        place = Place(section.key)
        if section.key in filing.tables:
            yield Verdict(State.NOT_APPLICABLE, place, reason="该部分以表格报告，无表由缺表规则判定")
        elif part.state is PartState.ABSENT:
            yield Verdict(State.NOT_APPLICABLE, place, reason="未检出该部分")
        elif part.state is PartState.EMPTY:
            evidence = (Evidence(part.heading, part.at),) if part.at else ()
            yield Verdict(
                State.BROKEN,
                place,
                evidence,
                {"section": section_name(section)},
                doubt=loss_near(filing, part.at) or loss_anywhere(filing),
                expected="有内容，确无事项的写“无”",
                actual="标题之下无文字、无表格",
            )
        else:
            yield Verdict(State.HOLDS, place)


def _order(filing: Filing, edition: Edition) -> Iterator[Verdict]:
    first: dict[str, Heading] = {}
    for heading in section_headings(filing):
        first.setdefault(str(heading.key), heading)
    printed = list(first)
    numbers = [edition.sections[key].number for key in printed]
    kept = _longest_rising(numbers)
    for index, key in enumerate(printed):
        if index in kept:
            yield Verdict(State.HOLDS, Place(key))
            continue
        # the pair that stands the wrong way round: ours and the nearest section in its right place
        wrong = [other for other in kept if (other < index) != (numbers[other] < numbers[index])]
        other = min(wrong, key=lambda at: abs(at - index))
        earlier, later = (key, printed[other]) if index < other else (printed[other], key)
        yield Verdict(
            State.BROKEN,
            Place(key),
            tuple(Evidence(first[k].text, first[k].at) for k in (earlier, later)),
            {"section": section_name(edition.sections[earlier]), "other": section_name(edition.sections[later])},
            doubt=heading_doubt(first[earlier], first[later]),
            expected="按一至六的顺序",
            actual="、".join(NUMERALS[number - 1] for number in numbers),
        )


def _longest_rising(numbers: list[int]) -> list[int]:
    """Places of one longest rising run: what is outside it is out of order."""
    if all(one < other for one, other in pairwise(numbers)):
        return list(range(len(numbers)))
    runs: list[list[int]] = []
    for index, number in enumerate(numbers):
        before = max((run for run in runs if numbers[run[-1]] < number), key=len, default=[])
        runs.append([*before, index])
    return max(runs, key=len, default=[])


def _duplicate(filing: Filing, edition: Edition) -> Iterator[Verdict]:
    found: dict[str, list[Heading]] = {key: [] for key in edition.sections}
    for heading in section_headings(filing):
        found[str(heading.key)].append(heading)
    is_contents = sum(len(headings) > 1 for headings in found.values()) >= CONTENTS_KEYS
    for key, headings in found.items():
        place = Place(key)
        if len(headings) < 2:
            yield Verdict(State.HOLDS if headings else State.NOT_APPLICABLE, place, reason="" if headings else "未检出该部分")
            continue
        evidence = tuple(Evidence(heading.text, heading.at) for heading in headings)
        if is_contents:
            yield Verdict(State.UNDETERMINED, place, evidence, reason="多个部分的标题成组重复，可能是目录或网页栏目")
            continue
        doubt = heading_doubt(*headings)
        if any(heading.score < SURE_SCORE for heading in headings[1:]):
            doubt = doubt or "重复的标题文字不尽相同，可能是下一层标题"
        lines = [str(heading.at.line) for heading in headings if heading.at.line is not None]
        facts = {
            "section": section_name(edition.sections[key]),
            "count": len(headings),
            "lines": f"（第{'、'.join(lines)}行）" if lines else "",
        }
        yield Verdict(State.BROKEN, place, evidence, facts, doubt=doubt, expected="出现1次", actual=f"出现{len(headings)}次")
