"""Rosters: imported whole or not at all, in force for their region, and nobody is said to be missing who may have reported."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from audits.errors import RosterError, StoreError
from audits.matching import MatchState
from audits.outcome import Settled
from audits.regions import Scope
from audits.store import EVERYBODY, Coverage, CoverageCell, Lateness, Queue, Store, Viewer, Wanted, rosters
from tests.audits.store.listed import Report, ambiguous, batch_of, matched, settle

EAST, WEST = "/青川省/东河市/", "/青川省/西山市/"
TABLE = """编码,全称,别名,级别,类别,上级编码
E0,市直部门,,,分组,
E1,东河市教育局,市教体局,市级,部门,E0
E2,东河市水利局,,市级,部门,E0
E3,清水县人民政府,,县级,政府,
E4,清水县财政局,,县级,部门,E3
"""
EASTERNER = Viewer(Scope((EAST,)))


def imported(store: Store, table: str = TABLE, region: str = EAST) -> str:
    return store.rosters.import_(table.encode(), "名单.csv", region, "a", "甲").id


def cells(store: Store, year: int, viewer: Viewer = EVERYBODY) -> dict[str, CoverageCell]:
    return {row.name: row.years[year] for row in store.listing.coverage(viewer, [year]).items}


def states(store: Store, year: int = 2023) -> dict[str, Coverage]:
    return {name: cell.state for name, cell in cells(store, year).items()}


def test_an_imported_roster_is_listed_with_its_agencies_in_their_regions(store: Store) -> None:
    roster_id = imported(store)

    (roster,) = store.rosters.current(EVERYBODY)
    assert (roster.id, roster.name, roster.region, roster.agencies, roster.expected) == (roster_id, "名单.csv", EAST, 5, 4)
    found = store.listing.agencies(EVERYBODY).items
    assert [(one.code, one.depth, one.above, one.region) for one in found] == [
        ("E0", 0, "", EAST),
        ("E1", 1, "市直部门", EAST),
        ("E2", 1, "市直部门", EAST),
        ("E3", 0, "", f"{EAST}清水县/"),
        ("E4", 1, "清水县人民政府", f"{EAST}清水县/"),
    ]
    assert (found[1].others, found[1].level, found[1].kind, found[0].reports) == (
        ("市教体局",),
        "prefecture",
        "department",
        False,
    )
    assert store.file(roster.sha256).read_text() == TABLE


def test_agencies_are_searched_by_any_name_and_code(store: Store) -> None:
    imported(store)

    found = [
        [one.code for one in store.listing.agencies(EVERYBODY, text=text).items] for text in ("教体", "清水 财政", "e3", "无")
    ]
    assert found == [["E1"], ["E4"], ["E3"], []]
    assert [one.code for one in store.listing.agencies(EVERYBODY, f"{EAST}清水县/").items] == ["E3", "E4"]


def test_a_roster_with_faults_says_all_of_them_and_changes_nothing(store: Store) -> None:
    before = imported(store)

    with pytest.raises(RosterError) as raised:
        imported(store, "编码,全称\nA,\nB,甲局\nB,乙局\n")

    assert [fault[:4] for fault in raised.value.faults] == ["第2行“", "第4行“"]
    assert [one.id for one in store.rosters.current(EVERYBODY)] == [before]


def test_a_new_roster_takes_the_place_of_its_regions_old_one_alone(store: Store) -> None:
    old, other = imported(store), imported(store, "编码,全称\nW1,西山市教育局\n", WEST)
    new = imported(store, "编码,全称\nE1,东河市教育局\n")

    assert [one.id for one in store.rosters.current(EVERYBODY)] == [new, other]
    assert [(one.id, one.is_current) for one in store.rosters.history(EASTERNER)] == [(new, True), (old, False)]
    assert [one.code for one in store.listing.agencies(EVERYBODY).items] == ["E1", "W1"]


def test_the_roster_of_the_smallest_region_around_is_in_force(store: Store) -> None:
    province = imported(store, "编码,全称\nP1,青川省教育厅\n", "/青川省/")
    city = imported(store)

    found = [store.rosters.in_force(region) for region in (EAST, f"{EAST}清水县/", WEST, "/", "/别省/", "/青川省/东河市区/")]
    assert [one.id if one else None for one in found] == [city, city, province, None, None, province]


def test_a_report_points_to_the_agency_that_was_matched(store: Store, tmp_path: Path) -> None:
    imported(store)
    batch_of(store, tmp_path, EAST, [Report("a.txt", "东河市教育局", match=matched("E1", "东河市教育局"))])

    (row,) = store.listing.reports(EVERYBODY, Wanted(agency_code="E1")).items
    assert (row.agency, row.match, row.region) == ("东河市教育局", MatchState.MATCHED, EAST)
    assert store.listing.reports(EVERYBODY, Wanted(text="教体局")).total == 1


def test_what_came_in_before_the_roster_is_placed_by_it(store: Store, tmp_path: Path) -> None:
    reports = [
        Report("a.txt", "东河市教育局"),
        Report("清水县财政局2023年报.pdf", settled=Settled.UNREADABLE),
        Report("b.txt", "东河市渔业局"),
        Report("c.txt", "财政局"),
    ]
    batch_of(store, tmp_path, EAST, reports)
    batch_of(store, tmp_path, WEST, [Report("w.txt", "东河市教育局")])
    imported(store)

    found = {row.name: (row.agency_code, row.match) for row in store.listing.reports(EVERYBODY, Wanted()).items}
    assert found == {
        "a.txt": ("E1", MatchState.MATCHED),
        "清水县财政局2023年报.pdf": ("E4", MatchState.MATCHED),
        "b.txt": (None, MatchState.AMBIGUOUS),
        "c.txt": ("E4", MatchState.MATCHED),
        "w.txt": (None, None),
    }
    assert states(store) == {
        "东河市教育局": Coverage.AUDITED,
        "东河市水利局": Coverage.MISSING,
        "清水县人民政府": Coverage.MISSING,
        "清水县财政局": Coverage.AUDITED,
    }


def test_a_roster_taken_out_of_force_places_nothing_any_more(store: Store, tmp_path: Path) -> None:
    roster_id = imported(store)
    batch_of(store, tmp_path, EAST, [Report("a.txt", "东河市教育局", match=matched("E1", "东河市教育局"))])
    store.rosters.remove(roster_id)

    (row,) = store.listing.reports(EVERYBODY, Wanted()).items
    assert (row.agency, row.agency_code, row.match) == ("东河市教育局", None, None)
    assert (store.rosters.current(EVERYBODY), store.listing.agencies(EVERYBODY).total) == ([], 0)
    with pytest.raises(StoreError, match="已不再使用"):
        store.rosters.remove(roster_id)


def test_a_citys_own_roster_speaks_for_the_city_also_about_a_provinces_batch(store: Store, tmp_path: Path) -> None:
    imported(store, "编码,全称\nP1,东河市教育局\nP2,西山市教育局\n", "/青川省/")
    batch_of(store, tmp_path, "/青川省/", [Report("a.txt", "东河市教育局", match=matched("P1", "东河市教育局"))])
    imported(store, "编码,全称\nE1,东河市教育局\nE2,东河市水利局\n")
    batch_of(store, tmp_path, "/青川省/", [Report("b.txt", "东河市教育局", 2022, match=matched("P1", "东河市教育局"))])

    assert [row.agency_code for row in store.listing.reports(EVERYBODY, Wanted()).items] == ["E1", "E1"]
    assert states(store) == {
        "西山市教育局": Coverage.MISSING,
        "东河市教育局": Coverage.AUDITED,
        "东河市水利局": Coverage.MISSING,
    }


# how it stands


def test_each_agency_stands_by_the_best_of_what_came_in_for_the_year(store: Store, tmp_path: Path) -> None:
    imported(store)
    reports = [
        Report("a.txt", "东河市教育局", match=matched("E1", "东河市教育局")),
        Report("a2.txt", settled=Settled.FAILED, match=matched("E1", "东河市教育局")),
        Report("b.txt", settled=Settled.UNREADABLE, match=matched("E2", "东河市水利局")),
        Report("c.txt", settled=Settled.FAILED, match=matched("E3", "清水县人民政府")),
        Report("d.txt", "清水县财政局", None, match=matched("E4", "清水县财政局")),
    ]
    batch_of(store, tmp_path, EAST, reports[:2] + reports[4:])
    batch_of(store, tmp_path, EAST, reports[2:4], year=2023)

    assert states(store) == {
        "东河市教育局": Coverage.AUDITED,
        "东河市水利局": Coverage.UNREADABLE,
        "清水县人民政府": Coverage.FAILED,
        "清水县财政局": Coverage.UNDATED,
    }
    assert store.listing.missing(EVERYBODY, 2023) == []


def test_a_file_of_which_nobody_knows_the_year_is_shown_once_apart_and_its_agency_is_missing_in_no_year(
    store: Store, tmp_path: Path
) -> None:
    imported(store)
    reports = [
        Report("a.txt", "东河市教育局", 2022, match=matched("E1", "东河市教育局")),
        Report("a2.pdf", settled=Settled.UNREADABLE, match=matched("E1", "东河市教育局")),
        Report("a3.txt", "东河市教育局", None, match=matched("E1", "东河市教育局")),
        Report("b.pdf", settled=Settled.UNREADABLE, match=matched("E2", "东河市水利局")),
    ]
    batch_of(store, tmp_path, EAST, reports)

    rows = {row.name: row for row in store.listing.coverage(EVERYBODY, [2022, 2023]).items}
    found = {name: [cell.state for cell in rows[name].years.values()] for name in ("东河市教育局", "东河市水利局")}
    assert found == {
        "东河市教育局": [Coverage.AUDITED, Coverage.UNDATED],
        "东河市水利局": [Coverage.UNDATED, Coverage.UNDATED],
    }
    assert all(cell.submission_id is None for cell in rows["东河市水利局"].years.values())
    undated = {name: (row.undated.state, row.undated.count) if row.undated else None for name, row in rows.items()}
    assert undated == {
        "东河市教育局": (Coverage.AUDITED, 2),
        "东河市水利局": (Coverage.UNREADABLE, 1),
        "清水县人民政府": None,
        "清水县财政局": None,
    }
    assert [row.code for row in store.listing.missing(EVERYBODY, 2023)] == ["E3", "E4"]


def test_nobody_is_missing_while_reports_are_audited_that_may_be_his(store: Store, tmp_path: Path) -> None:
    imported(store)
    done = Report("a.txt", "东河市教育局", match=matched("E1", "东河市教育局"))
    batch_of(store, tmp_path, EAST, [done, Report("b.txt"), Report("c.txt")], waiting=2)
    during = store.listing.coverage_totals(EVERYBODY, 2023)
    seen = states(store)
    listed = store.listing.missing(EVERYBODY, 2023)
    settle(store, Report("b.txt", "东河市水利局", match=matched("E2", "东河市水利局")))
    settle(store, Report("c.txt", "清水县人民政府", match=matched("E3", "清水县人民政府")))

    assert (set(seen.values()), listed) == ({Coverage.AUDITED, Coverage.WAITING}, [])
    assert (during.waiting, during.unsettled, during.states[Coverage.MISSING]) == (3, 2, 0)
    assert [row.code for row in store.listing.missing(EVERYBODY, 2023)] == ["E4"]
    assert store.listing.coverage_totals(EVERYBODY, 2023).unsettled == 0


def test_what_is_audited_for_another_year_or_elsewhere_keeps_nobody_from_being_missing(store: Store, tmp_path: Path) -> None:
    imported(store)
    batch_of(store, tmp_path, EAST, [Report("a.txt")], waiting=1, year=2022)
    batch_of(store, tmp_path, WEST, [Report("b.txt")], waiting=1)
    batch_of(store, tmp_path, f"{EAST}清水县/", [Report("c.txt")], waiting=1, year=2021)

    assert set(states(store, 2023).values()) == {Coverage.MISSING}
    assert set(states(store, 2022).values()) == {Coverage.WAITING}
    county = Viewer(Scope((f"{EAST}清水县/",)))
    assert [cell.state for cell in cells(store, 2021, county).values()] == [Coverage.WAITING, Coverage.WAITING]
    assert store.listing.coverage_totals(county, 2022).states[Coverage.MISSING] == 2  # he cannot see that batch


def test_a_missing_one_says_what_may_explain_it(store: Store, tmp_path: Path) -> None:
    imported(store)
    reports = [
        Report("a.txt", "东河市教育局", 2022, match=matched("E1", "东河市教育局")),
        Report("b.txt", "局", match=ambiguous(("E2", "东河市水利局"), ("E4", "清水县财政局"))),
        Report("c.txt", "局", 2022, match=ambiguous(("E2", "东河市水利局"), ("E3", "清水县人民政府"))),
    ]
    batch_of(store, tmp_path, EAST, reports)

    found = {row.name: row.remark for row in store.listing.missing(EVERYBODY, 2023)}
    assert found == {
        "东河市教育局": "只有2022年度的",
        "东河市水利局": "“b.txt”可能是它的，待认定",
        "清水县人民政府": "",
        "清水县财政局": "“b.txt”可能是它的，待认定",
    }
    assert {name: cell.remark for name, cell in cells(store, 2023).items()} == found


def test_a_report_is_late_by_what_it_says_and_else_by_when_it_came(store: Store, tmp_path: Path) -> None:
    imported(store)
    reports = [
        Report("a.txt", "东河市教育局", 2023, published="2024-02-01", match=matched("E1", "东河市教育局")),
        Report("b.txt", "东河市水利局", 2023, match=matched("E2", "东河市水利局")),
        Report("c.txt", "清水县人民政府", 2023, published="2024-03-31", match=matched("E3", "清水县人民政府")),
    ]
    batch_of(store, tmp_path, EAST, reports)

    assert {name: cell.late for name, cell in cells(store, 2023).items()} == {
        "东河市教育局": Lateness.PUBLISHED,
        "东河市水利局": Lateness.RECEIVED,
        "清水县人民政府": None,
        "清水县财政局": None,
    }


def test_a_report_received_in_time_is_not_late_and_neither_is_its_correction(store: Store, tmp_path: Path) -> None:
    imported(store)
    of_future = Report("a.txt", "东河市教育局", 2090, match=matched("E1", "东河市教育局"))
    batch_of(store, tmp_path, EAST, [of_future])

    assert (cells(store, 2090)["东河市教育局"].late, cells(store, 2090)["东河市教育局"].count) == (None, 1)


def test_an_agency_for_which_no_law_names_a_day_is_never_late(store: Store, tmp_path: Path) -> None:
    imported(store, "编码,全称,级别,类别\nT1,东河市清泉镇人民政府,乡级,政府\n")
    report = Report("a.txt", "清泉镇", 2020, published="2022-01-01", match=matched("T1", "东河市清泉镇人民政府"))
    batch_of(store, tmp_path, EAST, [report])

    assert [cell.late for cell in cells(store, 2020).values()] == [None]


def test_totals_and_the_list_of_the_missing_say_the_same_as_the_cells(store: Store, tmp_path: Path) -> None:
    imported(store)
    reports = [
        Report("a.txt", "东河市教育局", 2023, published="2024-02-01", match=matched("E1", "东河市教育局")),
        Report("a2.txt", "东河市教育局", 2022, match=matched("E1", "东河市教育局")),
        Report("b.txt", settled=Settled.UNREADABLE, match=matched("E2", "东河市水利局")),
        Report("c.txt", "清水县人民政府", None, match=matched("E3", "清水县人民政府")),
    ]
    batch_of(store, tmp_path, EAST, reports)

    for viewer in (EVERYBODY, Viewer(Scope((f"{EAST}清水县/",)))):
        for year in (2022, 2023, 2024):
            found = list(cells(store, year, viewer).values())
            totals = store.listing.coverage_totals(viewer, year)
            assert totals.expected == len(found)
            assert dict(totals.states) == {state: sum(cell.state is state for cell in found) for state in Coverage}
            assert totals.late == sum(cell.late is Lateness.PUBLISHED for cell in found)
            assert totals.received_late == sum(cell.late is Lateness.RECEIVED for cell in found)
            assert len(store.listing.missing(viewer, year)) == totals.states[Coverage.MISSING]


def test_totals_of_every_state_are_those_of_the_cells_while_reports_wait(store: Store, tmp_path: Path) -> None:
    imported(store)
    reports = [
        Report("a.txt", "东河市教育局", 2023, match=matched("E1", "东河市教育局")),
        Report("b.pdf", settled=Settled.UNREADABLE, match=matched("E2", "东河市水利局")),
        Report("c.txt"),
    ]
    batch_of(store, tmp_path, EAST, reports, waiting=1)

    for year in (2022, 2023):
        found = list(cells(store, year).values())
        totals = store.listing.coverage_totals(EVERYBODY, year)
        assert dict(totals.states) == {state: sum(cell.state is state for cell in found) for state in Coverage}


def test_a_viewer_sees_agencies_of_its_own_region_alone(store: Store, tmp_path: Path) -> None:
    imported(store)
    batch_of(store, tmp_path, EAST, [Report("a.txt", "清水县财政局", match=matched("E4", "清水县财政局"))])
    county, west = Viewer(Scope((f"{EAST}清水县/",))), Viewer(Scope((WEST,)))

    assert [row.code for row in store.listing.agencies(county).items] == ["E3", "E4"]
    assert [row.code for row in store.listing.coverage(county, [2023]).items] == ["E3", "E4"]
    assert [row.code for row in store.listing.missing(county, 2023)] == ["E3"]
    assert [row.code for row in store.listing.missing(EASTERNER, 2023, text="教体")] == ["E1"]
    assert (store.listing.agencies(west).total, store.listing.coverage(west, [2023]).total) == (0, 0)
    assert (store.listing.missing(west, 2023), store.listing.coverage_totals(west, 2023).expected) == ([], 0)
    assert (store.rosters.current(county), store.rosters.history(west)) == ([], [])
    assert [(node.path, node.agencies, node.has_more) for node in store.listing.regions(county, EAST)] == [
        (f"{EAST}清水县/", 2, False)
    ]
    assert [(node.path, node.agencies, node.has_more) for node in store.listing.regions(EVERYBODY)] == [("/青川省/", 4, True)]


def test_what_is_audited_while_a_roster_comes_is_placed_when_its_batch_is_done(store: Store, tmp_path: Path) -> None:
    report = Report("a.txt", "东河市教育局")
    batch_id = batch_of(store, tmp_path, EAST, [report], waiting=1)
    claim = store.claim(Queue.AUDIT, 600.0)
    assert claim is not None
    imported(store)
    assert store.finish(claim, report.outcome(), "key", "国家 1", "1", roster_id=None)
    before = states(store)["东河市教育局"]
    store.complete(batch_id, lambda _: {})

    assert (before, states(store)["东河市教育局"]) == (Coverage.WAITING, Coverage.AUDITED)


def test_what_is_too_much_for_one_who_waits_is_placed_later(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_of(store, tmp_path, EAST, [Report("a.txt", "东河市教育局"), Report("b.txt", "东河市水利局")])
    monkeypatch.setattr(rosters, "PLACED_NOW", 1)
    imported(store)
    before = states(store)["东河市教育局"]
    store.rosters.catch_up()

    assert (before, states(store)["东河市教育局"]) == (Coverage.WAITING, Coverage.AUDITED)


def test_an_import_that_is_not_recorded_after_all_places_nothing(store: Store, tmp_path: Path) -> None:
    batch_of(store, tmp_path, EAST, [Report("a.txt", "东河市教育局")])
    with suppress(ZeroDivisionError), store._database.together():
        imported(store)
        _ = 1 / 0

    (row,) = store.listing.reports(EVERYBODY, Wanted()).items
    assert (store.rosters.current(EVERYBODY), row.match) == ([], None)
