"""Calling the roll (报送情况): who of the roster has a report in the batch, who has two, who has none, and what a person must place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audits.matching import Match, Matcher, MatchState, signs_of_name
from audits.outcome import Outcome
from audits.roster import Agency, Roster


@dataclass(frozen=True, slots=True)
class Handed:
    """A file of the batch, with whose it is by the roster.

    year      None if it could not be told, or if the file could not be read.
    was_read  False for a file that nobody could audit: it is told by its name alone, and was handed in all the same.
    """

    name: str
    year: int | None
    match: Match
    was_read: bool = True


@dataclass(frozen=True, slots=True)
class Missing:
    """An agency without a report for the year. ``remark`` says in Chinese what may explain it; "" if nothing does."""

    agency: Agency
    shown: str
    above: str
    remark: str = ""

    @property
    def words(self) -> str:
        return f"{self.shown}（{self.remark}）" if self.remark else self.shown


@dataclass(frozen=True, slots=True)
class Repeated:
    """Several reports of one agency for one year: versions of one, or one of them is another's."""

    agency: Agency
    shown: str
    year: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RollCall:
    """expected and handed_in count agencies, for ``year``: the one that most reports of the batch are about.

    unread counts those of handed_in of which no file could be read.
    """

    year: int | None
    expected: int
    handed_in: int
    unread: int
    unplaced: tuple[Handed, ...]
    missing: tuple[Missing, ...]
    repeated: tuple[Repeated, ...]

    def missing_by_parent(self) -> Mapping[str, Sequence[Missing]]:
        """By the name of the agency above, "" for those at the top; in the roster's order."""
        found: dict[str, list[Missing]] = {}
        for missing in self.missing:
            found.setdefault(missing.above, []).append(missing)
        return found

    def in_json(self) -> dict[str, Any]:
        return {
            "year": self.year,
            "expected": self.expected,
            "handed_in": self.handed_in,
            "unread": self.unread,
            "unplaced": [{"source": handed.name, **handed.match.in_json()} for handed in self.unplaced],
            "missing": [
                {"code": item.agency.code, "name": item.agency.name, "parent": item.agency.parent, "remark": item.remark}
                for item in self.missing
            ],
            "repeated": [
                {"code": item.agency.code, "name": item.agency.name, "year": item.year, "sources": list(item.names)}
                for item in self.repeated
            ],
        }


def handed_in(matcher: Matcher, outcomes: Iterable[tuple[str, Outcome]]) -> tuple[Handed, ...]:
    """The files of a batch by name and outcome. A file that was not audited is told by its name."""
    found = []
    for name, outcome in outcomes:
        if outcome.summary is not None and outcome.match is not None:
            found.append(Handed(name, outcome.summary.year, outcome.match))
        else:
            found.append(Handed(name, None, matcher.match(signs_of_name(name)), was_read=False))
    return tuple(found)


def call_roll(roster: Roster, files: Sequence[Handed]) -> RollCall:
    """Who has handed in what for the year that most of the files are about; of years equally common, for the latest."""
    placed = [
        (handed, roster.agencies[found.code])
        for handed in files
        if (found := handed.match.agency) is not None and found.code in roster.agencies
    ]
    years = Counter(handed.year for handed, _ in placed if handed.year is not None)
    year = max(years, key=lambda one: (years[one], one)) if years else None
    by_agency: dict[str, list[Handed]] = {}
    for handed, agency in placed:
        by_agency.setdefault(agency.code, []).append(handed)
    expected = [agency for _, agency in roster.tree() if agency.reports]
    in_time = {agency.code for agency in expected if any(_counts(handed, year) for handed in by_agency.get(agency.code, ()))}
    unread = [code for code in in_time if not any(handed.was_read and _counts(handed, year) for handed in by_agency[code])]
    perhaps: dict[str, list[str]] = {}
    unplaced = tuple(handed for handed in files if handed.was_read and handed.match.agency is None)
    for handed in files:
        if handed.match.state is MatchState.AMBIGUOUS:
            for candidate in handed.match.candidates:
                perhaps.setdefault(candidate.code, []).append(handed.name)
    return RollCall(
        year=year,
        expected=len(expected),
        handed_in=len(in_time),
        unread=len(unread),
        unplaced=unplaced,
        missing=tuple(
            Missing(
                agency,
                roster.shown(agency),
                _above(roster, agency),
                _remark(by_agency.get(agency.code, ()), perhaps.get(agency.code, ())),
            )
            for agency in expected
            if agency.code not in in_time
        ),
        repeated=tuple(_repeated(roster, by_agency)),
    )


def _counts(handed: Handed, year: int | None) -> bool:
    """A file that cannot be read is somebody's report all the same: nobody is said to have handed in nothing."""
    return handed.year == year or not handed.was_read


def _above(roster: Roster, agency: Agency) -> str:
    return roster.agencies[agency.parent].name if agency.parent is not None else ""


def _remark(files: Sequence[Handed], perhaps: Sequence[str]) -> str:
    years = sorted({handed.year for handed in files if handed.year is not None})
    unknown = [handed.name for handed in files if handed.year is None]
    parts = [f"只有{'、'.join(map(str, years))}年度的"] if years else []
    parts += [f"“{name}”年度不明" for name in unknown]
    parts += [f"“{name}”可能是它的，待认定" for name in perhaps]
    return "；".join(parts)


def _repeated(roster: Roster, by_agency: Mapping[str, Sequence[Handed]]) -> Iterable[Repeated]:
    for agency in roster.agencies.values():
        years: dict[int, list[str]] = {}
        for handed in by_agency.get(agency.code, ()):
            if handed.year is not None:
                years.setdefault(handed.year, []).append(handed.name)
        for year, names in sorted(years.items()):
            if len(names) > 1:
                yield Repeated(agency, roster.shown(agency), year, tuple(names))
