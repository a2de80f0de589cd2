"""publication (公布): when the report was published, and what became of it since.

The day that a page states is one by which the report was published, for it may be the day of an update or of a move to a new site: it
shows that a report was in time, but that it was late only with doubt. What a sweep saw itself (``filing.publication``) is certain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from rules.agencies import AgencyKind, Body, Level
from rules.errors import FieldError
from rules.filing import Filing, Stated
from rules.kinds.doubts import year_doubt
from rules.kinds.years import NO_YEAR
from rules.labels import TABLES, cell_label
from rules.patterns import check_patterns, found_in
from rules.published import Differences, differences
from rules.verdict import Evidence, Place, State, Verdict

TOWNSHIP = "township"
WHOSE = (*(body.value for body in Body), TOWNSHIP)
IN_CHINESE = {
    Body.GOVERNMENT.value: "人民政府",
    Body.OFFICE.value: "政府办公厅（室）",
    Body.DEPARTMENT.value: "部门",
    Body.STREET_OFFICE.value: "街道办事处",
    Body.ZONE.value: "开发区管理机构",
    Body.INSTITUTION.value: "企事业单位",
    Body.UNKNOWN.value: "类别不明的机关",
    TOWNSHIP: "乡镇机关",
}
NO_DATE = "未见公布日期"
MAY_BE_ANOTHER_DAY = "网页所示日期可能是更新或迁移的日期，不一定是首次公布的日期"
LAST_MONTHS = 10  # a report dated before October of its own year is dated wrongly rather than published early
MOST_QUOTES = 5
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class PublishedInTime:
    """``deadlines``: days (MM-DD) of the year after the report's, by kind of agency or "township". Two days mean that it depends on
    what the text of the rule says whose report it is: in time up to the first, late after the second, undetermined between them.

    Facts: published, deadline. Where no day is stated and a sweep had looked in vain, published is 不早于 the day of that look.
    """

    deadlines: Mapping[str, tuple[str, ...]]
    gives: ClassVar[frozenset[str]] = frozenset({"published", "deadline"})

    def __post_init__(self) -> None:
        for whose, days in self.deadlines.items():
            if whose not in WHOSE:
                raise FieldError(("deadlines", whose), f"不认识的机关类别 {whose!r}；可用：{', '.join(WHOSE)}")
            if not days or sorted(days) != list(days):
                raise FieldError(("deadlines", whose), "写一个日期，或按先后写几个")
            for day in days:
                if _day(2023, day) is None:
                    raise FieldError(("deadlines", whose), f"{day!r} 不是日期；请写作 MM-DD，并加引号")

    def check(self, filing: Filing) -> Iterator[Verdict]:
        year = filing.year.value
        if year is None:
            yield Verdict(State.UNDETERMINED, reason=NO_YEAR)
            return
        whose = _whose(filing.agency_kind)
        days = [found for day in self.deadlines.get(whose, ()) if (found := _day(year + 1, day))]
        if not days:
            yield Verdict(State.UNDETERMINED, reason=f"{IN_CHINESE[whose]}的公布期限由地方规定，规则包未写")
            return
        stated, seen = _stated(filing.published), filing.publication
        known = [*stated, *([seen.first_seen] if seen is not None else [])]
        absent = seen.absent_until if seen is not None else None
        if any(day <= days[0] for day in known):
            yield Verdict(State.HOLDS)
        elif stated and min(stated) > days[-1]:
            was_seen = absent is not None and absent > days[-1]  # on that day it may have come after the look
            yield self._late(filing, _words(min(stated)), days[-1], None if was_seen else MAY_BE_ANOTHER_DAY)
        elif stated:
            yield Verdict(
                State.UNDETERMINED,
                reason=f"{IN_CHINESE[whose]}的报告可能适用不同的期限，{_words(min(stated))}公布是否逾期需人工判定",
            )
        elif seen is not None and absent is not None and absent > days[-1]:
            doubt = f"{_words(absent)}访问该网址尚无此报告，但可能先在别处公布过"
            yield self._late(filing, f"不早于{_words(absent)}（据巡查推断，报告未写）", days[-1], doubt)
        elif seen is not None:
            yield Verdict(State.UNDETERMINED, reason=f"未写公布日期；{_words(seen.first_seen)}首次见到，何时公布不明")
        else:
            yield Verdict(State.UNDETERMINED, reason=NO_DATE)

    def _late(self, filing: Filing, published: str, deadline: date, doubt: str | None) -> Verdict:
        facts = {"published": published, "deadline": _words(deadline)}
        return Verdict(
            State.BROKEN,
            Place(topic="published"),
            _evidence(filing),
            facts,
            doubt=doubt or year_doubt(filing),
            expected=f"不晚于{facts['deadline']}",
            actual=facts["published"],
        )


@dataclass(frozen=True, slots=True)
class PublishedAfterYear:
    """A report is published when the year it reports on has ended. Facts: published, ends."""

    gives: ClassVar[frozenset[str]] = frozenset({"published", "ends"})

    def check(self, filing: Filing) -> Iterator[Verdict]:
        year = filing.year.value
        if year is None:
            yield Verdict(State.UNDETERMINED, reason=NO_YEAR)
            return
        stated, seen = _stated(filing.published), filing.publication
        ends = date(year, 12, 31)
        early = [day for day in stated if day <= ends]
        if seen is not None and seen.first_seen <= ends:
            by = f"不晚于{_words(seen.first_seen)}（巡查当日已见到）"
            yield self._early(filing, _words(min(early)) if early and min(early) <= seen.first_seen else by, ends, None)
        elif not stated:
            yield Verdict(State.UNDETERMINED, reason=NO_DATE)
        elif not early:
            yield Verdict(State.HOLDS)
        elif max(early).year < year:
            yield Verdict(State.UNDETERMINED, reason=f"网页所示日期{_words(max(early))}早于报告年度，不是本报告的公布日期")
        else:
            doubt: str | None = None
            if len(early) < len(stated):
                doubt = "网页载有不同的公布日期"
            elif min(early).month < LAST_MONTHS:
                doubt = "网页所示日期与报告年度相距较远，可能不是本报告的公布日期"
            yield self._early(filing, _words(min(early)), ends, doubt)

    def _early(self, filing: Filing, published: str, ends: date, doubt: str | None) -> Verdict:
        facts = {"published": published, "ends": _words(ends)}
        return Verdict(
            State.BROKEN,
            Place(topic="published"),
            _evidence(filing),
            facts,
            doubt=doubt or year_doubt(filing),
            expected=f"{ends.year + 1}年1月1日以后",
            actual=facts["published"],
        )


@dataclass(frozen=True, slots=True)
class ChangedAfterPublication:
    """A report once published stays as it is, unless it says what was corrected and when: ``corrections`` are marks of such a note.

    Asked once for every table and section that changed, and once whether the report is still there. Facts: since (the day on which it
    was seen otherwise), change (in words).
    """

    corrections: tuple[str, ...]
    gives: ClassVar[frozenset[str]] = frozenset({"since", "change"})

    def __post_init__(self) -> None:
        check_patterns("corrections", self.corrections)

    def check(self, filing: Filing) -> Iterator[Verdict]:
        seen = filing.publication
        if seen is None or (seen.before is None and seen.gone_since is None):
            yield Verdict(State.NOT_APPLICABLE, reason="没有此前采集的版本可比")
            return
        if seen.gone_since is not None:
            change = f"原网址自{_words(seen.gone_since)}起已没有这份报告，疑已撤下"
            facts = {"since": _words(seen.first_seen), "change": change}
            moved = "网站改版后报告可能移到了别的网址"
            yield Verdict(State.BROKEN, Place(topic="gone"), (), facts, doubt=moved)
            return
        assert seen.before is not None
        found = differences(seen.before, filing)
        if not found:
            yield Verdict(State.HOLDS)
            return
        note = next((s for part in found.added.values() for s in part if found_in(self.corrections, s.words)), None)
        if note is not None:
            yield Verdict(State.HOLDS, Place(note.section), (note.evidence(),))
            return
        since = _words(seen.before_seen or seen.first_seen)
        doubt = None
        if (seen.before.year.value, seen.before.edition) != (filing.year.value, filing.edition):
            doubt = "两次采集的报告年度或格式不同，可能不是同一份报告"
        yield from self._of_tables(filing, found, since, doubt)
        yield from self._of_prose(found, since, doubt)

    def _of_tables(self, filing: Filing, found: Differences, since: str, doubt: str | None) -> Iterator[Verdict]:
        for table, name in TABLES.items():
            if table in found.tables:
                facts = {"since": since, "change": f"{name}只在其中一次采集到"}
                yield Verdict(State.BROKEN, Place(table, topic="table"), (), facts, doubt=doubt or "该表可能是其中一次未能读出")
                continue
            changed = [cell for cell in found.cells if cell.address[0] == table]
            if not changed:
                continue
            named = [
                f"{cell_label(filing.edition or '', *cell.address)}由{_shown(cell.before)}改为{_shown(cell.after)}"
                for cell in changed[:MOST_NAMED]
            ]
            more = f"等{len(changed)}格有变" if len(changed) > MOST_NAMED else ""
            facts = {"since": since, "change": f"{name}{'，'.join(named)}{more}"}
            evidence = tuple(cell.evidence for cell in changed[:MOST_QUOTES])
            yield Verdict(State.BROKEN, Place(table, table, topic="changed"), evidence, facts, doubt=doubt)

    def _of_prose(self, found: Differences, since: str, doubt: str | None) -> Iterator[Verdict]:
        for section in dict.fromkeys((*found.added, *found.removed)):
            added, removed = found.added.get(section, ()), found.removed.get(section, ())
            words = [f"新增或改写{len(added)}句" if added else "", f"删去或改写{len(removed)}句" if removed else ""]
            change = f"{_part(section)}正文{'、'.join(word for word in words if word)}"
            evidence = tuple(sentence.evidence() for sentence in added[:MOST_QUOTES])
            gone = [Evidence(f"（原文）{sentence.evidence().quote}", None) for sentence in removed[:MOST_QUOTES]]
            yield Verdict(
                State.BROKEN,
                Place(section, topic="changed"),
                (*evidence, *gone),
                {"since": since, "change": change},
                doubt=doubt,
            )


def _whose(kind: AgencyKind) -> str:
    if kind.level is Level.TOWNSHIP and kind.body in (Body.GOVERNMENT, Body.DEPARTMENT, Body.OFFICE):
        return TOWNSHIP
    return kind.body.value


def _stated(published: Stated[str]) -> list[date]:
    """The days that the report's page states; what is no day is left out."""
    found = []
    for text in (published.value, *(other for _, other in published.others)):
        try:
            found.append(date.fromisoformat(text or ""))
        except ValueError:
            continue
    return found


def _evidence(filing: Filing) -> tuple[Evidence, ...]:
    return (Evidence(filing.published.quote, filing.published.at),) if filing.published.quote else ()


def _day(year: int, text: str) -> date | None:
    try:
        return date.fromisoformat(f"{year}-{text}")
    except ValueError:
        return None


def _words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _shown(printed: str) -> str:
    return printed or "空白"


def _part(section: str) -> str:
    names = {"preamble": "前言", "overview": "第一部分", "disclosure": "第二部分", "applications": "第三部分"}
    names |= {"litigation": "第四部分", "problems": "第五部分", "other_matters": "第六部分"}
    return names.get(section, section)
