"""Lists, counts and searches: right by every road that there is to an answer, and never beyond what their viewer may see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from audits.decision import Decided
from audits.intake import Submitted
from audits.matching import MatchState
from audits.outcome import Settled, Standing
from audits.regions import NONE, Scope
from audits.store import EVERYBODY, Facets, Page, ReportRow, Store, SubmissionState, Viewer, Wanted, listing
from audits.store.decisions import About
from rules.verdict import Severity
from tests.audits.store.listed import Report, ambiguous, batch_of, settle

EAST, WEST = "/青川省/东河市/", "/青川省/西山市/"
EASTERNER, WESTERNER = Viewer(Scope((EAST,))), Viewer(Scope((WEST,)))
ROADS = {  # how many reports are few, many, found: each sets the queries going another way
    "few": {},
    "walking": {"MANY": 0, "FEW": 0},
    "found": {"MANY": 0, "FEW": 0, "MOST_FOUND": 10_000},
}


@pytest.fixture(params=ROADS)
def road(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in ROADS[request.param].items():
        monkeypatch.setattr(listing, name, value)
    return str(request.param)


REPORTS = {
    EAST: [
        Report("教育局.docx", "东河市教育局", 2023, "E:A-1 W:B-2"),
        Report("水利局.docx", "东河市水利局", 2023, "W:B-2 n:C-3"),
        Report("民政局2022.docx", "东河市民政局", 2022, "e:A-1"),
        Report("坏.pdf", settled=Settled.UNREADABLE),
        Report("清水县.docx", "清水县人民政府", 2023),
        Report("清水县教育局.docx", "清水县教育局", 2023, "E:A-1 E:A-1 E:D-4"),
        Report("年度不明.docx", "东河市司法局", None, "N:C-3"),
    ],
    WEST: [
        Report("西山教育局.docx", "西山市教育局", 2023, "E:A-1 W:Z-9"),
        Report("崩溃.docx", settled=Settled.FAILED),
        Report("双峰县.docx", "双峰县财政局", 2022, "W:B-2"),
    ],
}


@pytest.fixture
def batches(store: Store, tmp_path: Path) -> Mapping[str, str]:
    """One batch of each city, by region."""
    return {
        region: batch_of(store, tmp_path, region, reports, f"{region.split('/')[2]}2023年报", owner=region)
        for region, reports in REPORTS.items()
    }


def names(page: Page[ReportRow]) -> list[str]:
    return [row.name for row in page.items]


def all_of(store: Store, viewer: Viewer, wanted: Wanted) -> list[ReportRow]:
    """By pages of two."""
    first = store.listing.reports(viewer, wanted, 1, 2)
    found = list(first.items)
    number = 2
    while len(page := store.listing.reports(viewer, wanted, number, 2).items):
        found += page
        number += 1
    return found


# what a list holds


def test_a_list_begins_with_the_worst_and_pages_give_every_report_once(store: Store, batches: object, road: str) -> None:
    found = [row.name for row in all_of(store, EASTERNER, Wanted())]

    assert found == [
        *("清水县教育局.docx", "教育局.docx", "坏.pdf", "水利局.docx", "年度不明.docx", "民政局2022.docx", "清水县.docx")
    ]


def test_a_row_says_what_there_is_to_say(store: Store, batches: Mapping[str, str]) -> None:
    (row,) = store.listing.reports(EASTERNER, Wanted(text="水利局")).items

    assert (row.agency, row.year, row.region, row.standing) == ("东河市水利局", 2023, EAST, Standing.WARNINGS)
    assert (row.errors, row.warnings, row.notices, row.doubtful, row.undecided, row.open) == (0, 1, 1, 1, 1, 2)
    assert (row.batch_id, row.batch_title, row.state) == (batches[EAST], "东河市2023年报", SubmissionState.AUDITED)
    assert (row.problems, row.version, row.match) == (2, 1, None)


FILTERS: dict[str, tuple[Wanted, Callable[[ReportRow], bool]]] = {
    "state": (Wanted(state=SubmissionState.UNREADABLE), lambda row: row.state is SubmissionState.UNREADABLE),
    "standing": (Wanted(standing=Standing.ERRORS), lambda row: row.standing is Standing.ERRORS),
    "clean": (Wanted(standing=Standing.CLEAN), lambda row: row.standing is Standing.CLEAN),
    "failed": (Wanted(standing=Standing.FAILED), lambda row: row.standing is Standing.FAILED),
    "severity": (Wanted(severity=Severity.ERROR), lambda row: row.errors > 0),
    "rule": (Wanted(rule="B-2"), lambda row: row.name in ("教育局.docx", "水利局.docx", "双峰县.docx")),
    "rule of nobody": (Wanted(rule="X"), lambda row: False),
    "region": (Wanted(region=f"{EAST}清水县/"), lambda row: row.region.startswith(f"{EAST}清水县/")),
    "no region": (Wanted(region="/别处/"), lambda row: False),
    "year": (Wanted(year=2022), lambda row: row.year == 2022),
    "doubtful": (Wanted(doubtful=True), lambda row: row.doubtful > 0),
    "not doubtful": (Wanted(doubtful=False), lambda row: row.doubtful == 0),
    "open": (Wanted(open_only=True), lambda row: row.open > 0),
    "agency": (Wanted(text="教育局"), lambda row: "教育局" in (row.agency or "")),
    "region by name": (Wanted(text="清水"), lambda row: "清水" in row.name),
    "file": (Wanted(text="年度不明.docx"), lambda row: row.name == "年度不明.docx"),
    "title": (Wanted(text="西山市２０２３ 年报"), lambda row: row.region.startswith(WEST)),
    "two words": (Wanted(text=" 教育局  清水县 "), lambda row: row.agency == "清水县教育局"),
    "nothing": (Wanted(text="没有 教育局"), lambda row: False),
    "word and rule": (Wanted(text="教育局", rule="B-2"), lambda row: row.agency == "东河市教育局"),
    "word and standing": (Wanted(text="县", standing=Standing.CLEAN), lambda row: row.agency == "清水县人民政府"),
    "rule and year": (Wanted(rule="A-1", year=2022), lambda row: row.agency == "东河市民政局"),
}


def test_a_filter_leaves_what_it_says(store: Store, batches: object, road: str) -> None:
    everything = store.listing.reports(EVERYBODY, Wanted()).items

    for case, (wanted, fits) in FILTERS.items():
        page = store.listing.reports(EVERYBODY, wanted)
        assert [row.name for row in page.items] == [row.name for row in everything if fits(row)], case
        assert (page.total, page.is_more) == (len(page.items), False), case


def test_lists_of_one_batch_hold_it_alone(store: Store, batches: Mapping[str, str], road: str) -> None:
    assert store.listing.reports(EVERYBODY, Wanted(batch_id=batches[WEST])).total == 3


def test_a_list_may_stand_in_other_orders(store: Store, batches: Mapping[str, str], road: str) -> None:
    by_place = names(store.listing.reports(EVERYBODY, Wanted(batch_id=batches[EAST], order="position")))
    newest = names(store.listing.reports(EVERYBODY, Wanted(order="newest")))
    by_name = [row.agency for row in store.listing.reports(WESTERNER, Wanted(order="name")).items]

    assert by_place == [report.name for report in REPORTS[EAST]]
    assert set(newest[:3]) == {report.name for report in REPORTS[WEST]}
    assert by_name == [None, "西山市教育局", "双峰县财政局"]  # by region first


def test_neighbours_are_those_of_the_list(store: Store, batches: object, road: str) -> None:
    for order in ("worst", "name", "newest", "position"):
        for asked in ({}, {"text": "教育局"}, {"rule": "A-1"}, {"region": EAST}):
            wanted = Wanted(**asked, order=order)  # type: ignore[arg-type]
            ids = [row.submission_id for row in all_of(store, EVERYBODY, wanted)]

            found = [store.listing.neighbours(EVERYBODY, wanted, one) for one in ids]
            assert [one.next for one in found] == [*ids[1:], None], wanted
            assert [one.previous for one in found] == [None, *ids[:-1]], wanted


def test_too_many_hits_are_listed_all_and_counted_up_to_a_limit(
    store: Store, batches: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MANY", 0)
    monkeypatch.setattr(listing, "FEW", 0)
    monkeypatch.setattr(listing, "MOST_FOUND", 2)

    page = store.listing.reports(EVERYBODY, Wanted(text="教育局"))
    facets = store.listing.facets(EVERYBODY, Wanted(text="教育局"))
    assert (len(page.items), page.total, page.is_more) == (3, 2, True)
    assert (facets.total, facets.is_more, sum(facets.regions.values())) == (2, True, 2)


# counts


CHOICES = [
    Wanted(),
    Wanted(standing=Standing.ERRORS),
    Wanted(year=2023, standing=Standing.WARNINGS),
    Wanted(text="教育局"),
    Wanted(rule="A-1"),
    Wanted(rule="B-2", year=2023),
    Wanted(region=EAST),
    Wanted(state=SubmissionState.AUDITED, severity=Severity.ERROR),
]


def test_counts_say_what_each_further_choice_would_leave(store: Store, batches: object, road: str) -> None:
    for wanted in CHOICES:
        for viewer in (EVERYBODY, EASTERNER):
            seen = [row.name for row in store.listing.reports(viewer, wanted).items]
            assert store.listing.facets(viewer, wanted) == counted(store, viewer, wanted), (wanted, seen)


def counted(store: Store, viewer: Viewer, wanted: Wanted) -> Facets:
    """Choice by choice."""

    def left(**choice: Any) -> int:
        return len(store.listing.reports(viewer, replace(wanted, **choice)).items)

    base = wanted.region or ("/" if viewer is EVERYBODY else EAST)
    rows = store.listing.reports(viewer, wanted).items
    unknown = sum(row.year is None for row in store.listing.reports(viewer, replace(wanted, year=None)).items)
    years: dict[int | None, int] = {year: left(year=year) for year in (2023, 2022) if left(year=year)}
    return Facets(
        total=len(rows),
        states={one: left(state=one) for one in SubmissionState if left(state=one)},
        standings={one: left(standing=one) for one in Standing if left(standing=one)},
        regions=Counter(row.region[: row.region.index("/", len(base)) + 1] for row in rows if len(row.region) > len(base)),
        years=years | ({None: unknown} if unknown else {}),
        rules={rule: left(rule=rule) for rule in ("A-1", "B-2", "C-3", "D-4", "Z-9") if left(rule=rule)},
        rules_of=listing.RULES_OF,
    )


def test_totals_add_up(store: Store, batches: object, tmp_path: Path) -> None:
    batch_of(store, tmp_path, EAST, [Report("等待.txt")], waiting=1)

    totals = store.listing.totals(EVERYBODY)
    assert (totals.batches, totals.open_batches, totals.reports, totals.waiting, totals.not_audited) == (3, 1, 11, 1, 2)
    assert (totals.errors, totals.warnings, totals.notices, totals.doubtful, totals.undecided) == (6, 4, 2, 2, 8)
    assert {standing: count for standing, count in totals.standings.items() if count} == {
        Standing.ERRORS: 3,
        Standing.WARNINGS: 2,
        Standing.NOTICES: 1,
        Standing.DOUBTFUL: 1,
        Standing.CLEAN: 1,
        Standing.UNREADABLE: 1,
        Standing.FAILED: 1,
    }


def test_a_batch_says_what_its_reports_add_up_to_open_or_closed(store: Store, tmp_path: Path) -> None:
    two = [Report("a.txt", "甲局", problems="E:A w:B"), Report("b.txt", settled=Settled.UNREADABLE)]
    batch_id = batch_of(store, tmp_path, EAST, two, waiting=1)
    first = store.listing.batch(EVERYBODY, batch_id)
    settle(store, two[1])
    store.complete(batch_id, lambda _: {})
    then = store.listing.batch(EVERYBODY, batch_id)

    assert first is not None
    assert then is not None
    assert (first.is_done, first.settled, first.total, first.worst) == (False, 1, 2, Standing.ERRORS)
    assert (then.is_done, then.settled, then.total, then.errors, then.warnings, then.doubtful) == (True, 2, 2, 1, 1, 1)
    assert (then.standings[Standing.UNREADABLE], then.counts[SubmissionState.AUDITED]) == (1, 1)
    store.retry(batch_id, [SubmissionState.UNREADABLE])
    again = store.listing.batch(EVERYBODY, batch_id)
    assert again is not None
    assert (again.is_done, again.settled, again.standings[Standing.UNREADABLE]) == (False, 1, 0)


def test_batches_are_found_by_title_region_and_owner(store: Store, batches: Mapping[str, str]) -> None:
    found = [[row.id for row in store.listing.batches(EVERYBODY, text).items] for text in ("", "东河", "2023 西山", "别的")]

    assert found == [[batches[WEST], batches[EAST]], [batches[EAST]], [batches[WEST]], []]


def test_rules_say_how_often_they_found_something_and_what_was_decided(store: Store, batches: Mapping[str, str]) -> None:
    decide(store, "教育局.docx", Decided.DISMISSED)

    found = {one.rule: one for one in store.listing.rule_statistics(EVERYBODY)}
    assert (found["A-1"].reports, found["A-1"].doubtful_reports, found["A-1"].problems, found["A-1"].doubtful) == (3, 1, 5, 1)
    assert (found["A-1"].dismissed, found["A-1"].confirmed, found["B-2"].dismissed) == (1, 0, 1)
    assert [one.rule for one in store.listing.rule_statistics(EVERYBODY, batches[WEST])] == ["A-1", "B-2", "Z-9"]
    assert (found["C-3"].severity, found["B-2"].severity) == (Severity.NOTICE, Severity.WARNING)


def test_what_could_not_be_audited_is_a_list_of_its_own(store: Store, batches: Mapping[str, str]) -> None:
    everything = store.listing.failed(EVERYBODY)
    (row,) = store.listing.failed(WESTERNER).items

    assert {row.name for row in everything.items} == {"坏.pdf", "崩溃.docx"}
    assert (row.name, row.code, row.reason) == ("崩溃.docx", "BROKEN", "崩溃.docx：坏了")
    assert [row.name for row in store.listing.failed(EVERYBODY, batch_id=batches[EAST]).items] == ["坏.pdf"]


# decisions


def decide(store: Store, name: str, decided: Decided, expires: date | None = None) -> None:
    """On every finding of that report."""
    (row,) = (row for row in store.listing.reports(EVERYBODY, Wanted(text=name)).items if row.name == name)
    found = next(report for reports in REPORTS.values() for report in reports if report.name == name).findings()
    about = [About(one.id, row.region, row.agency or "", row.year, one.rule, "0" * 64, row.submission_id) for one in found]
    store.decisions.take(about, decided, "理由", "a", "甲", expires)


def test_what_is_decided_is_open_no_more(store: Store, batches: object) -> None:
    before = store.listing.reports(EVERYBODY, Wanted(open_only=True)).total
    decide(store, "教育局.docx", Decided.CONFIRMED)

    page = store.listing.reports(EVERYBODY, Wanted(open_only=True))
    (row,) = store.listing.reports(EVERYBODY, Wanted(text="东河市教育局")).items
    assert (before, page.total, "教育局.docx" in names(page), row.open) == (7, 6, False, 0)


def test_a_decision_taken_back_opens_the_problem_again(store: Store, batches: object) -> None:
    decide(store, "教育局.docx", Decided.CONFIRMED)
    decide(store, "教育局.docx", Decided.REOPENED)

    assert "教育局.docx" in names(store.listing.reports(EVERYBODY, Wanted(open_only=True)))


def test_a_waiver_that_has_ended_opens_the_problem_again(store: Store, batches: object) -> None:
    last = date.today() + timedelta(days=1)  # tomorrow: the day may end while we test
    decide(store, "教育局.docx", Decided.WAIVED, last)
    waived = "教育局.docx" in names(store.listing.reports(EVERYBODY, Wanted(open_only=True)))

    ended = store.decisions.end_waivers(last), store.decisions.end_waivers(last + timedelta(days=1))
    again = store.decisions.end_waivers(last + timedelta(days=1))
    assert (waived, ended, again) == (False, (0, 2), 0)
    assert "教育局.docx" in names(store.listing.reports(EVERYBODY, Wanted(open_only=True)))


def test_a_report_audited_later_finds_what_was_decided_before(store: Store, batches: object, tmp_path: Path) -> None:
    decide(store, "教育局.docx", Decided.CONFIRMED)
    batch_id = batch_of(store, tmp_path, EAST, [REPORTS[EAST][0]])

    assert store.listing.reports(EVERYBODY, Wanted(batch_id=batch_id, open_only=True)).total == 0


def test_a_decision_in_one_region_decides_nothing_in_another(store: Store, batches: object, tmp_path: Path) -> None:
    decide(store, "教育局.docx", Decided.CONFIRMED)
    elsewhere = batch_of(store, tmp_path, WEST, [REPORTS[EAST][0]])

    (row,) = store.listing.reports(EVERYBODY, Wanted(batch_id=elsewhere)).items
    assert (row.open, store.listing.reports(EVERYBODY, Wanted(batch_id=elsewhere, open_only=True)).total) == (2, 1)


# scope


def test_a_viewer_sees_its_own_region_and_nothing_of_another(store: Store, batches: Mapping[str, str], road: str) -> None:
    lists = store.listing
    east = {row.submission_id for row in lists.reports(EASTERNER, Wanted()).items}
    west = {row.submission_id for row in lists.reports(WESTERNER, Wanted()).items}

    assert (len(east), len(west), east & west) == (7, 3, set())
    assert all(lists.row(WESTERNER, one) is None for one in east)
    assert all(lists.report(WESTERNER, one) is None for one in east)
    assert all(lists.match(WESTERNER, one) is None for one in east)
    assert all(lists.neighbours(WESTERNER, Wanted(), one) == listing.Neighbours(None, None) for one in east)
    assert all(lists.row(WESTERNER, one) is not None and lists.report(WESTERNER, one) is not None for one in west)
    assert lists.batch(WESTERNER, batches[EAST]) is None
    assert [row.id for row in lists.batches(WESTERNER).items] == [batches[WEST]]
    assert lists.batches(WESTERNER, "东河").total == 0
    for wanted in (
        *(Wanted(batch_id=batches[EAST]), Wanted(region=EAST), Wanted(text="东河"), Wanted(rule="D-4"), Wanted(text="清水县")),
        *(Wanted(region=EAST, rule="A-1"), Wanted(text="东河", order="newest")),
    ):
        assert (lists.reports(WESTERNER, wanted).total, lists.facets(WESTERNER, wanted).total) == (0, 0)
        assert not lists.facets(WESTERNER, wanted).regions
    facets = lists.facets(WESTERNER, Wanted())
    assert (facets.total, set(facets.rules), dict(facets.regions)) == (3, {"A-1", "B-2", "Z-9"}, {f"{WEST}双峰县/": 1})
    assert (lists.totals(WESTERNER).reports, lists.totals(WESTERNER).batches, lists.totals(WESTERNER).errors) == (3, 1, 1)
    assert lists.failed(WESTERNER).total == 1
    assert lists.failed(WESTERNER, batch_id=batches[EAST]).total == 0
    assert {one.rule for one in lists.rule_statistics(WESTERNER)} == {"A-1", "B-2", "Z-9"}
    assert lists.rule_statistics(WESTERNER, batches[EAST]) == []
    assert [(node.path, node.reports) for node in lists.regions(WESTERNER)] == [("/青川省/", 3)]
    assert [(node.path, node.reports) for node in lists.regions(WESTERNER, "/青川省/")] == [(WEST, 3)]
    assert lists.regions(WESTERNER, EAST) == []


@pytest.mark.parametrize("viewer", [Viewer(NONE), Viewer(Scope((EAST,)), owner="nobody")])
def test_an_empty_scope_and_a_clerk_without_batches_see_nothing(
    store: Store, batches: Mapping[str, str], road: str, viewer: Viewer
) -> None:
    lists = store.listing
    (some, *_) = lists.reports(EVERYBODY, Wanted()).items

    assert [lists.reports(viewer, wanted).total for wanted in (Wanted(), Wanted(text="教育局"), Wanted(rule="A-1"))] == [
        0,
        0,
        0,
    ]
    assert (lists.batches(viewer).total, lists.batch(viewer, batches[EAST]), lists.row(viewer, some.submission_id)) == (
        0,
        None,
        None,
    )
    assert (lists.totals(viewer).reports, lists.totals(viewer).batches, lists.facets(viewer, Wanted()).total) == (0, 0, 0)
    assert (lists.failed(viewer).total, lists.rule_statistics(viewer), lists.regions(viewer)) == (0, [], [])
    assert (lists.agencies(viewer).total, lists.coverage(viewer, [2023]).total, lists.missing(viewer, 2023)) == (0, 0, [])
    assert (lists.coverage_totals(viewer, 2023).expected, store.rosters.current(viewer)) == (0, [])


def test_a_clerk_sees_what_it_submitted_within_its_region(store: Store, batches: Mapping[str, str]) -> None:
    own, elsewhere = Viewer(Scope((EAST,)), owner=EAST), Viewer(Scope((WEST,)), owner=EAST)

    assert (store.listing.reports(own, Wanted()).total, store.listing.reports(elsewhere, Wanted()).total) == (7, 0)


def test_a_smaller_region_sees_its_reports_of_a_greater_ones_batch_but_not_the_batch(
    store: Store, batches: Mapping[str, str]
) -> None:
    county = Viewer(Scope((f"{EAST}清水县/",)))

    page = store.listing.reports(county, Wanted())
    assert names(page) == ["清水县教育局.docx", "清水县.docx"]
    assert {row.batch_title for row in page.items} == {""}
    assert (store.listing.batches(county).total, store.listing.batch(county, batches[EAST])) == (0, None)


def test_who_may_see_a_batch_sees_all_of_it_whatever_its_reports_say(store: Store, tmp_path: Path) -> None:
    batch_id = batch_of(store, tmp_path, EAST, [Report("别处.txt", "西山市教育局"), Report("坏.txt", settled=Settled.FAILED)])

    assert store.listing.reports(EASTERNER, Wanted(batch_id=batch_id)).total == 2
    assert store.listing.reports(WESTERNER, Wanted()).total == 0


def test_a_region_whose_name_begins_like_another_is_another(store: Store, tmp_path: Path) -> None:
    batch_of(store, tmp_path, "/青川省/东河市新区/", [Report("a.txt", "甲局")])

    assert store.listing.reports(EASTERNER, Wanted()).total == 0


# versions


def test_lists_show_the_newest_version_and_older_ones_can_be_opened(store: Store, batches: object, tmp_path: Path) -> None:
    (row,) = store.listing.reports(EVERYBODY, Wanted(text="东河市教育局")).items
    (tmp_path / "new").write_text("corrected")
    new_id = store.add_version(row.submission_id, Submitted(tmp_path / "new", "教育局更正.docx"))
    waiting = store.listing.row(EVERYBODY, new_id)
    settle(store, Report("教育局更正.docx", "东河市教育局", 2023))

    assert waiting is not None
    assert (waiting.state, waiting.standing, waiting.region) == (SubmissionState.RECEIVED, None, EAST)
    assert names(store.listing.reports(EVERYBODY, Wanted(text="东河市教育局"))) == ["教育局更正.docx"]
    old = store.listing.row(EVERYBODY, row.submission_id)
    assert old is not None
    assert old.standing is Standing.ERRORS


def test_what_waits_and_what_is_cancelled_has_no_standing_and_comes_last(store: Store, tmp_path: Path) -> None:
    two = [Report("a.txt", "甲局"), Report("b.txt", "乙局")]
    batch_id = batch_of(store, tmp_path, EAST, two, waiting=1)
    waiting = store.listing.reports(EVERYBODY, Wanted()).items
    store.cancel(batch_id)

    cancelled = store.listing.reports(EVERYBODY, Wanted()).items
    assert [(row.name, row.standing) for row in waiting] == [("a.txt", Standing.CLEAN), ("b.txt", None)]
    assert [(row.name, row.standing) for row in cancelled] == [("a.txt", Standing.CLEAN), ("b.txt", None)]
    assert store.listing.facets(EVERYBODY, Wanted()).states[SubmissionState.CANCELLED] == 1


def test_a_report_that_the_roster_could_not_place_is_listed_so(store: Store, tmp_path: Path) -> None:
    match = ambiguous(("1", "甲局"), ("2", "乙局"))
    batch_of(store, tmp_path, EAST, [Report("a.txt", "局", match=match), Report("b.txt", "丙局")])

    (row,) = store.listing.reports(EVERYBODY, Wanted(match=MatchState.AMBIGUOUS)).items
    assert (row.name, row.match, store.listing.totals(EVERYBODY).unplaced) == ("a.txt", MatchState.AMBIGUOUS, 1)
    assert store.listing.match(EVERYBODY, row.submission_id) == match
