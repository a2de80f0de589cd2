"""Whose report it is by the roster: matched, ambiguous or unknown, with a score and what it rests on. Never guessed.

A report is matched if its own words (agency, title), its page, its file name or its folders lead to one agency and nothing speaks for
another. Names are equal after folding, or the one shortens the other (市城管执法委, lost characters); a name with another character
in it is another name until a person says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from rapidfuzz import fuzz

from audits.align.folding import fold
from audits.align.naming import named_in_file, named_in_title, plain
from audits.roster import Agency, Roster
from rules.agencies import Body, agency_kind
from rules.filing import Filing

LISTED = "address_list"  # the place of a sign that an address was listed with
MOST_CANDIDATES = 8  # more are no help to a person
LEAST_SCORE = 60.0  # below it a name is no candidate
DERIVED = 98.0  # 青川县 for 青川县人民政府, 政府办 for 人民政府办公室
WITHOUT_REGION = 96.0  # 教育局, 县教育局 for 青川县教育局
SHORTENED = 95.0  # at most: one name shortens the other
LEAST_CODE = 5  # characters of a code that is looked for in file names: 2023 or 01 would be found in any
BRACKETED = re.compile(r"[（(\[【]([^（()）\]】]*)[)）\]】]")
SUBUNIT = re.compile(r"分局|支局|支队|大队|中队|分行|支行|分公司|分院|分校|分中心|派出所|工作站|机关")
ENDINGS = {
    "办": ("办公室", "办公厅", "办事处", "办"),
    "委": ("委员会", "委"),
    "府": ("人民政府", "政府"),
    "会": ("委员会", "会"),
}
RANKS = (("省", "自治区"), ("市", "州", "盟", "地区"), ("街道", "镇", "乡", "苏木"), ("县", "区", "旗"))
SAME = (
    ("人民政府办公室", "政府办公室", "政府办", "府办"),
    ("人民政府办公厅", "政府办公厅", "府办公厅"),
    ("管理委员会", "管委会"),
)


class MatchState(StrEnum):
    MATCHED = "matched"
    AMBIGUOUS = "ambiguous"  # several agencies may be meant, or one that is not certain: a person decides
    UNKNOWN = "unknown"  # no agency of the roster is meant, as far as we can tell: a person decides
    ASSIGNED = "assigned"  # a person has said whose it is
    OUTSIDE = "outside"  # a person has said that it is of no agency of the roster


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agency that may be meant, with 0..100 for how well its name fits. name is as the roster shows it."""

    code: str
    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said of whose report it is. agency None: none of the roster.

    is_firm  it was said of this very file. If it was said of the version before, what the report itself makes clear goes before.
    """

    agency: tuple[str, str] | None  # code and name
    is_firm: bool = True


@dataclass(frozen=True, slots=True)
class Match:
    """What the roster, or a person, says of one report.

    candidates  exactly one if matched or assigned, else what a person may choose from, best first.
    rests_on    place and words that led there, such as ("title", "教育局"), ("folder", "青川县"); of one assigned: what the roster saw.
    reason      in Chinese why a person has to decide, or what he said; "" if there is an agency.
    """

    state: MatchState
    candidates: tuple[Candidate, ...] = ()
    rests_on: tuple[tuple[str, str], ...] = ()
    reason: str = ""

    @property
    def agency(self) -> Candidate | None:
        return self.candidates[0] if self.state in (MatchState.MATCHED, MatchState.ASSIGNED) else None

    def in_json(self) -> dict[str, Any]:
        """As index.json and the JSON of an audit write it."""
        found = self.agency
        return {
            "state": self.state.value,
            "code": found.code if found else None,
            "name": found.name if found else None,
            "score": self.score,
            "candidates": [{"code": one.code, "name": one.name, "score": one.score} for one in self.candidates],
            "rests_on": [{"place": place, "words": words} for place, words in self.rests_on],
            "reason": self.reason,
        }

    @property
    def score(self) -> float:
        return self.candidates[0].score if self.candidates else 0.0


def as_said(found: Match | None, said: Said | None, roster: Roster | None = None) -> Match | None:
    """What a person said, before what the roster found. roster: to show the agency as it does, if it has it."""
    if said is None or (found is not None and found.state is MatchState.MATCHED and not said.is_firm):
        return found
    rests_on = found.rests_on if found is not None else ()
    if said.agency is None:
        return Match(MatchState.OUTSIDE, (), rests_on, "经人工认定，不是名单中单位的报告") if found is not None else None
    code, name = said.agency
    listed = roster.agencies.get(code) if roster is not None else None
    if roster is not None and listed is not None and listed.name == name:
        name = roster.shown(listed)
    return Match(MatchState.ASSIGNED, (Candidate(code, name, 100.0),), rests_on)


@dataclass(frozen=True, slots=True)
class Signs:
    """What tells whose report it is: names by the place where they stand, and all other words in which a region may be told.

    own      names that the report gives itself, the fullest first.
    outside  what page, file name and folders say, file name first.
    listed   whose report should be at its address, as the list of addresses says, by name or code; None if it says nothing.
    """

    own: tuple[tuple[str, str], ...]
    outside: tuple[tuple[str, str], ...]
    path: str
    listed: str | None = None


def signs_of(filing: Filing, publisher: str | None, name: str, listed: str | None = None) -> Signs:
    """The signs of a report. ``name`` is its path below the folder given; listed: see Signs."""
    stated = filing.agency
    own: dict[str, str] = {}
    if stated.value and stated.rests_on in ("title", "body"):
        own[stated.value] = stated.rests_on
    for place, other in stated.others:
        if place == "title":
            own.setdefault(other, place)
    title = named_in_title(filing.title.value) if filing.title.value else ""
    if title:
        own.setdefault(title, "title" if filing.title.at else "page_meta")
    outside = signs_of_name(name).outside
    if publisher:
        outside = (
            (*outside[:1], ("page_meta", publisher), *outside[1:])
            if _first_is_file(outside)
            else (("page_meta", publisher), *outside)
        )
    return Signs(tuple((place, words) for words, place in own.items()), outside, name, listed)


def signs_of_name(name: str, listed: str | None = None) -> Signs:
    """The signs that a file's path alone gives: what is left where the file cannot be read."""
    path = PurePosixPath(name)
    outside = [("file_name", named)] if (named := named_in_file(path.name)) else []
    outside += [("folder", named) for folder in reversed(path.parts[:-1]) if (named := named_in_file(folder) or plain(folder))]
    return Signs((), tuple(outside), name, listed)


def _first_is_file(outside: Sequence[tuple[str, str]]) -> bool:
    return bool(outside) and outside[0][0] == "file_name"


@dataclass(frozen=True)
class Matcher:
    """Finds agencies of one roster; make it once for a batch."""

    roster: Roster

    def __post_init__(self) -> None:
        _ = self._index  # now, so that processes forked from this one share it

    def match(self, signs: Signs) -> Match:
        """The agency whose report it is, or the candidates for a person."""
        by_code = self._by_code(signs.path)
        named = [*signs.own, *(item for item in signs.outside if item[0] == "file_name")]
        meant = self._meant(signs.listed) if signs.listed else []
        listed = ((LISTED, signs.listed or ""),) if meant else ()
        signs_in_turn = named or (*listed, *signs.outside)
        told = next(
            ((sign, found) for sign in signs_in_turn if (found := meant if sign in listed else self._named(sign[1]))), None
        )
        if told is None:
            return self._not_named(signs, by_code, named, meant)
        (place, words), found = told
        left, context = self._by_region(found, signs, (place, words))
        both = [item for item in left if item[0] in [agency for agency, _ in meant]]
        if len(left) > 1 and len(both) == 1:
            left, context = both, (*context, *listed)
        rests_on = ((place, words), *context)
        if len(left) != 1:
            return Match(
                MatchState.AMBIGUOUS, self._listed(left), rests_on, f"名单里有{len(left)}个单位与“{words}”相符，分不清是哪一个"
            )
        agency, _ = left[0]
        doubt = self._doubt(agency, words, place, signs, by_code, meant)
        if doubt is not None:
            reason, others = doubt
            return Match(MatchState.AMBIGUOUS, self._listed([*left, *others]), rests_on, reason)
        return Match(MatchState.MATCHED, self._listed(left), rests_on)

    # names

    @cached_property
    def _index(self) -> Mapping[str, tuple[tuple[Agency, float], ...]]:
        """Agencies by every folded form of their names, with what the form is worth."""
        found: dict[str, dict[str, tuple[Agency, float]]] = {}
        for agency in self.roster.agencies.values():
            if not agency.reports:
                continue
            for form, score in self._forms(agency):
                held = found.setdefault(form, {})
                if agency.code not in held or held[agency.code][1] < score:
                    held[agency.code] = (agency, score)
        return {form: tuple(held.values()) for form, held in found.items()}

    def _forms(self, agency: Agency) -> Iterable[tuple[str, float]]:
        for name in (agency.name, *agency.others):
            own = fold(name)
            for form, score in ((own, 100.0), *((form, DERIVED) for form in _other_forms(own))):
                yield form, score
                yield from ((shorter, min(score, WITHOUT_REGION)) for shorter in _without_regions(form))
        if not agency_kind(agency.name).region:
            for region in self._regions[agency.code]:
                yield fold(region + agency.name), DERIVED

    @cached_property
    def _regions(self) -> Mapping[str, tuple[str, ...]]:
        """The regions of every agency, its own and those of the agencies above it."""
        found = {}
        for agency in self.roster.agencies.values():
            names = (agency, *self.roster.above(agency))
            found[agency.code] = tuple(dict.fromkeys(region for one in names for region in agency_kind(one.name).region))
        return found

    def _meant(self, words: str) -> list[tuple[Agency, float]]:
        """The agencies that a list of addresses means, by their code or name."""
        agency = self.roster.agencies.get(words.strip())
        return [(agency, 100.0)] if agency is not None and agency.reports else self._named(words)

    def _named(self, words: str) -> list[tuple[Agency, float]]:
        """The agencies that the words name: equal, without their brackets, without the regions above them, shortened."""
        without = BRACKETED.sub("", words)
        for form in dict.fromkeys((fold(words), fold(without))):
            if form in self._index:
                return self._consistent(words, self._index[form], is_whole=True)
        region = agency_kind(without).region
        rest = fold(without)
        for unit in region:
            rest = rest.removeprefix(fold(unit))
            if rest in self._index:
                kept = self._consistent(words, self._index[rest])
                if kept:
                    return [(agency, min(score, DERIVED)) for agency, score in kept]
        return self._shortened(fold(without), words)

    def _consistent(
        self, words: str, found: Iterable[tuple[Agency, float]], *, is_whole: bool = False
    ) -> list[tuple[Agency, float]]:
        """Those that are not of another region than the words say, nor of a wider one: 青川县教育局 is not the city's bureau.

        is_whole  the words are the whole of the name found: a name that the roster gives may tell any region.
        """
        said = agency_kind(words).region
        return [
            (agency, score)
            for agency, score in found
            if not _of_another(said, self._regions[agency.code])
            and ((is_whole and score == 100.0) or not _narrower(said, self._regions[agency.code]))
        ]

    def _shortened(self, form: str, words: str) -> list[tuple[Agency, float]]:
        """Agencies whose name the words shorten, or that shorten the words, and that are of the same kind."""
        if len(form) < 3:
            return []
        kind = agency_kind(words).body
        found: dict[str, tuple[Agency, float]] = {}
        for name, held in self._index.items():
            short, full = sorted((form, name), key=len)
            if not _ends_alike(short, full) or not _shortens(short, full) or SUBUNIT.findall(short) != SUBUNIT.findall(full):
                continue
            for agency, worth in self._consistent(words, held):
                body = _body(agency)
                score = min(SHORTENED, fuzz.ratio(form, name))
                whole = len(name) > len(form) or worth >= DERIVED  # 公安分局 is in the name of many
                alike = whole and score >= LEAST_SCORE and (Body.UNKNOWN in (kind, body) or kind is body)
                if alike and (agency.code not in found or found[agency.code][1] < score):
                    found[agency.code] = (agency, score)
        return list(found.values())

    def _alike(self, words: str) -> list[tuple[Agency, float]]:
        """Agencies whose names look like the words: candidates for a person, never a match."""
        form = fold(words)
        best: dict[str, tuple[Agency, float]] = {}
        for name, held in self._index.items():
            score = fuzz.ratio(form, name, score_cutoff=LEAST_SCORE)
            if score:
                for agency, _ in held:
                    if agency.code not in best or best[agency.code][1] < score:
                        best[agency.code] = (agency, min(score, SHORTENED))
        return list(best.values())

    # what else speaks for or against

    def _by_region(
        self, found: list[tuple[Agency, float]], signs: Signs, used: tuple[str, str]
    ) -> tuple[list[tuple[Agency, float]], tuple[tuple[str, str], ...]]:
        """Of several agencies those for which other names, page and folders tell the region or the agency above; with these words."""
        if len(found) == 1:
            return found, ()
        context = [item for item in (*signs.own, *signs.outside, *_folders(signs.path)) if item != used]
        spoken: dict[str, tuple[str, str]] = {}
        for agency, _ in found:
            others = {region for other, _ in found if other is not agency for region in self._regions[other.code]}
            own = [region for region in self._regions[agency.code] if region not in others]
            above = {fold(name) for one in self.roster.above(agency) for name in (one.name, one.code, *one.others)}
            for item in context:
                words = fold(item[1])
                if any(fold(_short(region)) in words for region in own) or words in above or words == fold(agency.code):
                    spoken.setdefault(agency.code, item)
        left = [(agency, score) for agency, score in found if agency.code in spoken]
        if len(left) == 1:
            return left, (spoken[left[0][0].code],)
        return (left or found), tuple(dict.fromkeys(spoken.values()))

    def _by_code(self, path: str) -> list[tuple[Agency, float]]:
        """Agencies whose code stands by itself in the file's or a folder's name."""
        tokens = set(re.findall(r"[0-9A-Za-z]+", path))
        found = [self.roster.agencies[token] for token in sorted(tokens) if token in self.roster.agencies]
        return [
            (agency, 100.0)
            for agency in found
            if agency.reports and len(agency.code) >= LEAST_CODE and not _is_date(agency.code)
        ]

    def _doubt(
        self,
        agency: Agency,
        words: str,
        place: str,
        signs: Signs,
        by_code: list[tuple[Agency, float]],
        meant: list[tuple[Agency, float]],
    ) -> tuple[str, list[tuple[Agency, float]]] | None:
        """Why the one agency found may not be meant, with the agencies that speak against it."""
        against = [item for item in by_code if item[0] is not agency]
        who = "网址清单" if place == LISTED else "报告"
        if against:
            return f"{who}写“{words}”，文件路径中的编码却是“{against[0][0].code}”", against
        if signs.listed and place != LISTED:
            is_other = bool(meant) and not any(other is agency or _of_one_house(other, agency) for other, _ in meant)
            if is_other or (not meant and _of_another(agency_kind(signs.listed).region, self._regions[agency.code])):
                return f"报告写“{words}”，网址清单上却是“{signs.listed}”", meant
        if place in ("page_meta", "folder"):
            if _body(agency) in (Body.GOVERNMENT, Body.OFFICE) or self.roster.below(agency.code):
                return f"只有{'网页来源' if place == 'page_meta' else '文件夹名'}“{words}”，它也可能只是发布者或上级", []
            return None
        if place == LISTED or not agency_kind(words).region:
            for _, name in signs.outside:
                if _of_another(agency_kind(name).region, self._regions[agency.code]):
                    return f"{who}写“{words}”，却与“{name}”在一处，可能是其他地区的同名单位", []
        if place == "file_name":
            return (f"名单里没有报告所写的“{signs.own[0][1]}”，文件名却是“{words}”", []) if signs.own else None
        for where, name in signs.outside:
            if where != "file_name":
                continue
            named, _ = self._by_region(self._named(name), signs, (where, name))
            sure = bool(named) and min(score for _, score in named) >= WITHOUT_REGION
            if sure and not any(other is agency or _of_one_house(other, agency) for other, _ in named):
                return f"报告写“{words}”，文件名却是“{name}”", named
        return None

    def _not_named(
        self,
        signs: Signs,
        by_code: list[tuple[Agency, float]],
        named: Sequence[tuple[str, str]],
        meant: list[tuple[Agency, float]],
    ) -> Match:
        """No name leads to an agency: its code may, else there are only candidates."""
        if meant and named:
            place, words = named[0]
            who = "文件名" if place == "file_name" else "报告"
            reason = f"网址清单上是“{signs.listed}”，{who}写的却是名单里没有的“{words}”"
            return Match(
                MatchState.AMBIGUOUS, self._listed([*meant, *by_code]), ((place, words), (LISTED, signs.listed or "")), reason
            )
        if len(by_code) == 1 and not signs.own:
            return Match(MatchState.MATCHED, self._listed(by_code), (("file_name", signs.path),))
        if not named and not by_code:
            return Match(MatchState.UNKNOWN, reason="报告、网页和文件名都没有写明单位")
        place, words = named[0] if named else ("file_name", signs.path)
        candidates = [*by_code, *(found for _, one in named for found in self._alike(one))]
        if not candidates:
            return Match(MatchState.UNKNOWN, (), ((place, words),), f"名单里没有“{words}”")
        return Match(MatchState.AMBIGUOUS, self._listed(candidates), ((place, words),), f"名单里没有“{words}”，只有相近的")

    def _listed(self, found: Iterable[tuple[Agency, float]]) -> tuple[Candidate, ...]:
        """Best first, each once, ties by code: the same roster and report give the same list."""
        best: dict[str, Candidate] = {}
        for agency, score in found:
            if agency.code not in best or best[agency.code].score < score:
                best[agency.code] = Candidate(agency.code, self.roster.shown(agency), round(score, 1))
        return tuple(sorted(best.values(), key=lambda candidate: (-candidate.score, candidate.code))[:MOST_CANDIDATES])


def _other_forms(name: str) -> Iterable[str]:
    """What everybody says for such a name."""
    if name.endswith("人民政府"):
        place = name.removesuffix("人民政府")
        yield place + "政府"
        if agency_kind(place).body is Body.GOVERNMENT:
            yield place
    if name.endswith("街道办事处"):
        yield from (name.removesuffix("办事处"), name.removesuffix("事处"))
    if name.endswith("委员会"):
        yield name.removesuffix("员会")
    for forms in SAME:
        for form in forms:
            if name.endswith(form) and (form != "府办" or not name.endswith("政府办")):
                yield from (name.removesuffix(form) + other for other in forms if other != form)
                break


def _without_regions(name: str) -> Iterable[str]:
    """The name without the regions before it, and with the rank alone: 教育局, 县教育局. Nothing where no name is left."""
    rest = name
    for region in agency_kind(name).region:
        rest = rest.removeprefix(region)
        kind = agency_kind(rest)
        if len(rest) < 3 or (kind.body in (Body.GOVERNMENT, Body.STREET_OFFICE, Body.ZONE, Body.UNKNOWN) and not kind.region):
            return
        yield rest
        if not kind.region and region[-1] in "省市州盟县区旗镇乡":
            yield region[-1] + rest


def _ends_alike(short: str, full: str) -> bool:
    return full.endswith(ENDINGS.get(short[-1], (short[-1],)))


def _shortens(short: str, full: str) -> bool:
    """All characters of the one stand in the other, in order."""
    rest = iter(full)
    return len(short) >= 3 and all(char in rest for char in short)


def _short(region: str) -> str:
    """青川 for 青川县: what folders are called. A name of one character keeps its rank."""
    for rank in ("街道", "自治县", "自治州", "自治区", "省", "市", "县", "区", "州", "盟", "旗", "镇", "乡"):
        if region.endswith(rank) and len(region) - len(rank) >= 2:
            return region.removesuffix(rank)
    return region


def _of_another(said: Sequence[str], own: Sequence[str]) -> bool:
    """True if both tell a region of one rank and not the same one."""
    ours, theirs = _by_rank(own), _by_rank(said)
    return any(not ours[rank] & theirs[rank] for rank in ours.keys() & theirs.keys())


def _narrower(said: Sequence[str], own: Sequence[str]) -> bool:
    """True if a region is told that is of a lower rank than every one of these: an agency of 青川县 is none of 川北市's."""
    return bool(own) and _lowest(said) > _lowest(own)


def _lowest(regions: Sequence[str]) -> int:
    ladder = (RANKS[0], RANKS[1], RANKS[3], RANKS[2])
    return max((ladder.index(rank) for rank in _by_rank(regions)), default=-1)


def _by_rank(regions: Sequence[str]) -> dict[tuple[str, ...], set[str]]:
    found: dict[tuple[str, ...], set[str]] = {}
    for region in regions:
        for ends in RANKS:
            if region.endswith(ends):
                found.setdefault(ends, set()).add(region)
                break
    return found


def _body(agency: Agency) -> Body:
    return agency.listed.kind().body


def _of_one_house(one: Agency, other: Agency) -> bool:
    """A government and its own office: a file is called 青川县 whichever of them reports."""
    houses = (Body.GOVERNMENT, Body.OFFICE)
    return (
        _body(one) in houses and _body(other) in houses and agency_kind(one.name).region == agency_kind(other.name).region != ()
    )


def _folders(path: str) -> list[tuple[str, str]]:
    parts = PurePosixPath(path).parts
    return [("file_name", parts[-1]), *(("folder", part) for part in reversed(parts[:-1]))] if parts else []


def _is_date(code: str) -> bool:
    return re.fullmatch(r"20\d{2}(?:0[1-9]|1[0-2])(?:\d{2})?", code) is not None
