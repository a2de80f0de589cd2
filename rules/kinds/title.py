"""title (标题): the elements that a report's title must name, and whether it names the agency in full. Asked once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from rules.agencies import Body, agency_kind
from rules.filing import Filing
from rules.patterns import check_patterns, found_in
from rules.prose import fold
from rules.verdict import Evidence, Place, State, Verdict

PLACE = Place("title")
SUBJECT = re.compile(r"(?:政府|政务)?信息公开|政务公开|政府信息")
YEAR = re.compile(r"(?:20\d\d|二[〇零○Oo0][〇零○一二三四五六七八九]{2})[-—]?年?度?")
AGENCY = "机关名称"
LEAST_NAME = 2  # characters; the shortest thing that can name an agency


@dataclass(frozen=True, slots=True)
class Element:
    """``pattern`` finds it; ``damaged`` finds what is left of it when the page has lost characters."""

    name: str
    pattern: str
    damaged: str = ""


@dataclass(frozen=True, slots=True)
class Title:
    """Every element must be in the title, and an agency's name before or after them.

    Facts: printed (the title), missing (names of the elements), wanted (the title as it should be).
    """

    elements: tuple[Element, ...]
    gives: ClassVar[frozenset[str]] = frozenset({"printed", "missing", "wanted"})

    def __post_init__(self) -> None:
        check_patterns("elements", (element.pattern for element in self.elements))
        check_patterns("elements", (element.damaged for element in self.elements))

    def check(self, filing: Filing) -> Iterator[Verdict]:
        title = printed_title(filing)
        if title is None:
            yield Verdict(State.UNDETERMINED, PLACE, reason="正文中未见标题，可能标题在网页栏目上而未采入")
            return
        missing = [element for element in self.elements if not found_in((element.pattern,), title)]
        names = [element.name for element in missing]
        if len(title_agency(title)) < LEAST_NAME:
            names.insert(0, AGENCY)
        evidence = (Evidence(filing.title.quote or title, filing.title.at),)
        if not names:
            yield Verdict(State.HOLDS, PLACE, evidence)
            return
        wanted = f"{filing.agency.value or '（机关名称）'}{filing.year.value or '（年份）'}年政府信息公开工作年度报告"
        damaged = any(element.damaged and found_in((element.damaged,), title) for element in missing)
        yield Verdict(
            State.BROKEN,
            PLACE,
            evidence,
            {"printed": title, "missing": "”“".join(names), "wanted": wanted},
            doubt="标题似有个别字在采集中丢失" if damaged else None,
            expected=wanted,
            actual=title,
        )


@dataclass(frozen=True, slots=True)
class AgencyName:
    """fault is "short_in_title" (the title shortens the name that the body gives) or "inconsistent" (two names that do not agree).

    Facts: printed (the name found) and name (the full name, or the other one).
    """

    fault: Literal["short_in_title", "inconsistent"]
    gives: ClassVar[frozenset[str]] = frozenset({"printed", "name"})

    def check(self, filing: Filing) -> Iterator[Verdict]:
        if self.fault == "short_in_title":
            yield self._short(filing)
        else:
            yield self._inconsistent(filing)

    def _short(self, filing: Filing) -> Verdict:
        title, name = printed_title(filing), filing.agency.value
        if title is None or name is None or filing.agency.rests_on != "body":
            return Verdict(State.NOT_APPLICABLE, PLACE, reason="正文未写机关全称，无从比较")
        printed = title_agency(title)
        is_short = LEAST_NAME <= len(printed) < len(name) and is_abbreviation(printed, name)
        if not is_short or agency_kind(printed).region:
            return Verdict(State.HOLDS, PLACE)
        evidence = (
            Evidence(filing.title.quote or title, filing.title.at),
            Evidence(filing.agency.quote or name, filing.agency.at),
        )
        return Verdict(State.BROKEN, PLACE, evidence, {"printed": printed, "name": name}, expected=name, actual=printed)

    def _inconsistent(self, filing: Filing) -> Verdict:
        name = filing.agency.value
        if name is None:
            return Verdict(State.UNDETERMINED, PLACE, reason="未能认出机关名称")
        for place, other in filing.agency.others:
            known = agency_kind(other).body is not Body.UNKNOWN
            if place in ("title", "body") and known and not (is_abbreviation(other, name) or is_abbreviation(name, other)):
                evidence = (Evidence(filing.agency.quote or name, filing.agency.at), Evidence(other, filing.title.at))
                return Verdict(
                    State.BROKEN,
                    PLACE,
                    evidence,
                    {"printed": other, "name": name},
                    expected="前后一致",
                    actual=f"{name}；{other}",
                )
        return Verdict(State.HOLDS, PLACE)


def printed_title(filing: Filing) -> str | None:
    """The title as the text prints it, without blanks; None if the text has none (a page's or file's name is no title)."""
    if filing.title.value is None or filing.title.at is None:
        return None
    return re.sub(r"\s+", "", fold(filing.title.value))


def title_agency(title: str) -> str:
    """The agency that a title names: what is left of it without the year and the fixed words."""
    match = SUBJECT.search(title)
    before = title[: match.start()] if match else title
    if match and before.endswith("人民"):
        before += "政府"  # 某县人民政府信息公开工作年度报告
    name = YEAR.sub("", before).removesuffix("关于").removesuffix("度").strip("-—_（）()“”《》.：，、 ")
    if len(name) < LEAST_NAME:
        tail = re.search(r"报告[（(]([^（()）]{2,})[）)]$", title)  # …年度报告（某某局）
        return tail[1] if tail else ""
    return name


def is_abbreviation(short: str, full: str) -> bool:
    """True if all characters of the one stand in the other in the same order."""
    rest = iter(full)
    return all(char in rest for char in short)
