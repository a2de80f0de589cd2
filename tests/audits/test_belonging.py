"""Saying whose report it is: what it changes at once and after the audit that follows, where it holds, who may, and how it is undone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from audits.belonging import agency_named, assign, belonging_of, unassign
from audits.documents import export_batch, render_report
from audits.errors import AssignedMeanwhile, NoSuchAgency, NotYours, ReasonMissing
from audits.intake import Submitted
from audits.matching import MatchState
from audits.regions import ALL, Scope
from audits.service import audit_next, resubmit, submit_batch
from audits.store import EVERYBODY, Coverage, Queue, Store, SubmissionState, Viewer, Wanted
from audits.store.assignments import Assigned
from audits.store.lines import ReportRow

SAMPLE = (Path(__file__).parents[2] / "samples/reports/青禾县民政局2023年报.txt").read_text("utf-8")
CITY, COUNTY, OTHER = "/霁川市/", "/霁川市/青禾县/", "/霁川市/云渡县/"
ROSTER = "编码,全称,级别,类别,上级编码\nQH,青禾县人民政府,县级,政府,\nQH01,青禾县民政局,县级,部门,QH\nQH02,青禾县民宗局,县级,部门,QH\nQH03,麦垄镇人民政府,乡级,政府,QH\n"
ODD = "青禾县民改局"  # as no roster calls it
CIVIL, FAITH = "QH01", "QH02"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "data")
    made.rosters.import_(ROSTER.encode(), "名单.csv", COUNTY, "a", "甲")
    return made


def text_of(agency: str, year: int) -> str:
    return SAMPLE.replace("青禾县民政局", agency).replace("2023", str(year))


def submitted(store: Store, folder: Path, files: dict[str, str], region: str = COUNTY) -> str:
    given = []
    for name, text in files.items():
        path = folder / f"{len(text)}-{name}"
        path.write_text(text, "utf-8")
        given.append(Submitted(path, name))
    batch = submit_batch(store, "一批", given, region=region)
    audit_all(store)
    return batch


def audit_all(store: Store) -> None:
    while audit_next(store, Queue.AUDIT, 300.0):
        pass


def row_of(store: Store, batch: str, name: str) -> ReportRow:
    return next(row for row in store.listing.reports(EVERYBODY, Wanted(batch_id=batch)).items if row.name == name)


def key(store: Store, code: str) -> tuple[str, str]:
    found = agency_named(store, EVERYBODY, code)
    return found.roster_id, found.code


def to(store: Store, report: str, code: str | None, reason: str = "看过原件", **more: Any) -> None:
    """Say it, and let the audit that follows be done."""
    asked = {"account_id": "a1", "author": "王", "scope": ALL} | more
    assign(store, report, key(store, code) if code else None, reason, **asked)
    audit_all(store)


def back(store: Store, report: str, **more: Any) -> None:
    unassign(store, report, "看错了", **{"account_id": "a2", "author": "李", "scope": ALL} | more)
    audit_all(store)


def states(store: Store, year: int) -> dict[str, Coverage]:
    return {row.code: row.years[year].state for row in store.listing.coverage(EVERYBODY, [year]).items}


def rules_in(store: Store, report: str) -> set[str]:
    whole = json.loads(store.file(store.result(report).outputs["json"]).read_bytes())
    return {finding["rule"] for finding in whole["findings"]}


def test_the_candidates_are_shown_with_their_scores_and_why_a_person_has_to_choose(store: Store, tmp_path: Path) -> None:
    batch = submitted(store, tmp_path, {"甲.txt": text_of(ODD, 2022)})
    found = belonging_of(store, EVERYBODY, row_of(store, batch, "甲.txt").submission_id)

    assert found.match is not None
    assert (found.match.state, ODD in found.match.reason, found.held, found.beyond) == (MatchState.AMBIGUOUS, True, None, 0)
    assert next((one.code, one.name, one.above, one.region) for one in found.choices) == (
        CIVIL,
        "青禾县民政局",
        "青禾县人民政府",
        COUNTY,
    )
    scores = [one.score or 0 for one in found.choices]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 60


def test_what_a_person_says_counts_in_coverage_lists_documents_and_last_years_comparison(store: Store, tmp_path: Path) -> None:
    batch = submitted(store, tmp_path, {"旧.txt": text_of(ODD, 2022), "新.txt": text_of("青禾县民政局", 2023)})
    old, new = (row_of(store, batch, name).submission_id for name in ("旧.txt", "新.txt"))
    before = (states(store, 2022)[CIVIL], store.listing.reports(EVERYBODY, Wanted(unplaced=True)).total, rules_in(store, new))
    to(store, old, CIVIL)

    row = row_of(store, batch, "旧.txt")
    assert before[:2] == (Coverage.MISSING, 1)
    assert (row.match, row.agency, row.agency_code, row.state) == (
        MatchState.ASSIGNED,
        "青禾县民政局",
        CIVIL,
        SubmissionState.AUDITED,
    )
    assert states(store, 2022)[CIVIL] is Coverage.AUDITED
    assert CIVIL not in [one.code for one in store.listing.missing(EVERYBODY, 2022)]
    assert store.listing.totals(EVERYBODY).unplaced == store.listing.reports(EVERYBODY, Wanted(unplaced=True)).total == 0
    assert store.result(new).submission.previous == (store.result(old).submission.sha256, "旧.txt")
    assert "DUP-TABLE" in rules_in(store, new) - before[2]
    whole = json.loads(render_report(store, old, "json").path.read_bytes())
    assert (whole["roster"]["state"], whole["roster"]["code"], whole["report"]["agency"]) == ("assigned", CIVIL, ODD)
    export_batch(store, batch, tmp_path / "out", ("csv", "pdf"))
    index = json.loads((tmp_path / "out/index.json").read_text("utf-8"))
    assert [one["agency"] for one in index["reports"]] == ["青禾县民政局", "青禾县民政局"]
    assert store.batch_status(batch).is_done


def test_undone_it_is_nobodys_again_and_last_year_is_compared_with_nothing(store: Store, tmp_path: Path) -> None:
    batch = submitted(store, tmp_path, {"旧.txt": text_of(ODD, 2022), "新.txt": text_of("青禾县民政局", 2023)})
    old, new = (row_of(store, batch, name).submission_id for name in ("旧.txt", "新.txt"))
    before = (row_of(store, batch, "旧.txt"), rules_in(store, new), store.result(old).audit)
    to(store, old, CIVIL)
    back(store, old)

    now = row_of(store, batch, "旧.txt")
    assert (now.match, now.agency, now.agency_code, now.region) == (before[0].match, ODD, None, before[0].region)
    assert (rules_in(store, new), store.result(old).audit, store.result(new).submission.previous) == (*before[1:], None)
    assert [(one.kind, one.author, one.reason) for one in store.assignments.history(old)] == [
        (Assigned.AGENCY, "王", "看过原件"),
        (Assigned.UNDONE, "李", "看错了"),
    ]
    assert store.assignments.of(old) is None
    with pytest.raises(NoSuchAgency):
        back(store, old)


def test_decisions_on_its_problems_stay(store: Store, tmp_path: Path) -> None:
    from audits.decision import Decided
    from audits.decisions import decide, of_report

    batch = submitted(store, tmp_path, {"甲.txt": text_of(ODD, 2022)})
    report = row_of(store, batch, "甲.txt").submission_id
    whole = json.loads(store.file(store.result(report).outputs["json"]).read_bytes())
    decide(store, report, [whole["findings"][0]["id"]], Decided.CONFIRMED, account_id="a1", author="王")
    to(store, report, CIVIL)

    assert list(of_report(store, report)) == [whole["findings"][0]["id"]]


def test_it_holds_for_the_same_bytes_wherever_they_are_and_come_again(store: Store, tmp_path: Path) -> None:
    text = text_of(ODD, 2022)
    first = submitted(store, tmp_path, {"甲.txt": text})
    second = submitted(store, tmp_path, {"乙.txt": text}, CITY)
    to(store, row_of(store, first, "甲.txt").submission_id, CIVIL)
    third = submitted(store, tmp_path, {"丙.txt": text})
    elsewhere = submitted(store, tmp_path, {"丁.txt": text}, OTHER)

    found = [
        row_of(store, *one).agency_code
        for one in ((first, "甲.txt"), (second, "乙.txt"), (third, "丙.txt"), (elsewhere, "丁.txt"))
    ]
    assert found == [CIVIL, CIVIL, CIVIL, None]
    assert row_of(store, second, "乙.txt").region == COUNTY


def test_broken_files_look_alike_and_are_told_by_their_names_too(store: Store, tmp_path: Path) -> None:
    first = submitted(store, tmp_path, {"甲局.pdf": "%PDF-1.4 broken"})
    report = row_of(store, first, "甲局.pdf")
    to(store, report.submission_id, FAITH)
    second = submitted(store, tmp_path, {"甲局.pdf": "%PDF-1.4 broken", "乙局.docx": "%PDF-1.4 broken "})
    third = submitted(store, tmp_path, {"乙局.pdf": "%PDF-1.4 broken"})

    assert report.state is SubmissionState.UNREADABLE
    assert (row_of(store, first, "甲局.pdf").agency_code, row_of(store, second, "甲局.pdf").agency_code) == (FAITH, FAITH)
    assert row_of(store, third, "乙局.pdf").agency_code is None
    (row,) = [one for one in store.listing.coverage(EVERYBODY, [2022]).items if one.code == FAITH]
    assert (row.years[2022].state, row.undated and row.undated.state) == (Coverage.UNDATED, Coverage.UNREADABLE)


def test_a_corrected_version_has_it_from_the_one_before_unless_it_says_whose_it_is(store: Store, tmp_path: Path) -> None:
    batch = submitted(store, tmp_path, {"甲.txt": text_of(ODD, 2022), "乙.txt": text_of(ODD, 2021)})
    first, second = (row_of(store, batch, name).submission_id for name in ("甲.txt", "乙.txt"))
    to(store, first, CIVIL)
    to(store, second, CIVIL)
    for report, text in ((first, text_of(ODD, 2022) + "\n更正"), (second, text_of("青禾县民宗局", 2021))):
        path = tmp_path / f"{report}.txt"
        path.write_text(text, "utf-8")
        resubmit(store, report, Submitted(path, f"{report}.txt"))
    audit_all(store)

    found = [(row.agency_code, row.match) for report in (first, second) for row in [row_of(store, batch, f"{report}.txt")]]
    assert found == [(CIVIL, MatchState.ASSIGNED), (FAITH, MatchState.MATCHED)]


def test_it_outlives_another_audit_and_another_roster_but_not_its_agency(store: Store, tmp_path: Path) -> None:
    from audits.service import audit_again
    from rules.compile import PACKS

    batch = submitted(store, tmp_path, {"甲.txt": text_of(ODD, 2022)})
    to(store, row_of(store, batch, "甲.txt").submission_id, CIVIL)
    again = audit_again(store, batch, PACKS / "national")
    audit_all(store)
    found = [row_of(store, again, "甲.txt").agency_code]
    for table in (ROSTER.replace("QH01", "N1"), ROSTER.replace("青禾县民政局", "青禾县水务局"), ROSTER):
        store.rosters.import_(table.encode(), "名单.csv", COUNTY, "a", "甲")
        found.append(row_of(store, batch, "甲.txt").agency_code)

    assert found == [CIVIL, "N1", None, CIVIL]


def test_a_report_of_no_agency_of_the_roster_waits_for_nobody(store: Store, tmp_path: Path) -> None:
    batch = submitted(store, tmp_path, {"甲.txt": text_of(ODD, 2022)})
    report = row_of(store, batch, "甲.txt").submission_id
    to(store, report, None, "不在本县")

    assert (row_of(store, batch, "甲.txt").match, store.listing.totals(EVERYBODY).unplaced) == (MatchState.OUTSIDE, 0)
    assert states(store, 2022)[CIVIL] is Coverage.MISSING
    assert store.listing.missing(EVERYBODY, 2022)[1].remark == ""


def test_even_what_the_roster_knew_can_be_put_right(store: Store, tmp_path: Path) -> None:
    batch = submitted(store, tmp_path, {"甲.txt": text_of("青禾县民政局", 2022)})
    to(store, row_of(store, batch, "甲.txt").submission_id, FAITH)

    assert (states(store, 2022)[CIVIL], states(store, 2022)[FAITH]) == (Coverage.MISSING, Coverage.AUDITED)


def test_a_reason_is_wanted_for_what_is_no_candidate(store: Store, tmp_path: Path) -> None:
    batch = submitted(store, tmp_path, {"甲.txt": text_of(ODD, 2022)})
    report = row_of(store, batch, "甲.txt").submission_id
    for code in (None, "QH03"):
        with pytest.raises(ReasonMissing):
            to(store, report, code, "  ")

    to(store, report, CIVIL, "")
    assert row_of(store, batch, "甲.txt").agency_code == CIVIL


def test_one_assigns_only_within_ones_regions(store: Store, tmp_path: Path) -> None:
    store.rosters.import_("编码,全称\nYD01,云渡县民政局\n".encode(), "云渡.csv", OTHER, "a", "甲")
    batch = submitted(store, tmp_path, {"甲.txt": text_of(ODD, 2022), "乙.txt": text_of("民改局", 2021)}, CITY)
    named, nameless = (row_of(store, batch, name) for name in ("甲.txt", "乙.txt"))
    county = Scope((COUNTY,))
    before = [store.assignments.of(one.submission_id) for one in (named, nameless)]

    with pytest.raises(NoSuchAgency):
        to(store, named.submission_id, "YD01", scope=county)
    with pytest.raises(NotYours):
        to(store, nameless.submission_id, None, "不是我们的", scope=county)
    assert [store.assignments.of(one.submission_id) for one in (named, nameless)] == before == [None, None]
    to(store, named.submission_id, CIVIL, scope=county)
    assert row_of(store, batch, "甲.txt").agency_code == CIVIL


def test_one_cannot_push_a_report_out_of_ones_regions_by_undoing(store: Store, tmp_path: Path) -> None:
    batch = submitted(store, tmp_path, {"乙.txt": text_of("民改局", 2021)}, CITY)
    report = row_of(store, batch, "乙.txt")
    to(store, report.submission_id, CIVIL)
    assert (report.region, row_of(store, batch, "乙.txt").region) == (CITY, COUNTY)

    with pytest.raises(NotYours):
        back(store, report.submission_id, scope=Scope((COUNTY,)))
    assert row_of(store, batch, "乙.txt").agency_code == CIVIL
    back(store, report.submission_id)
    assert row_of(store, batch, "乙.txt").region == CITY


def test_a_report_that_is_nobodys_lies_where_its_own_name_says_and_else_in_its_batchs_region(
    store: Store, tmp_path: Path
) -> None:
    store.rosters.import_(ROSTER.encode(), "名单.csv", CITY, "a", "甲")
    submitted(store, tmp_path, {"甲.txt": text_of(ODD, 2022), "乙.txt": text_of("民改局", 2021)}, CITY)

    seen = {
        region: sorted(row.name for row in store.listing.reports(Viewer(Scope((region,))), Wanted(unplaced=True)).items)
        for region in (CITY, COUNTY, OTHER)
    }
    assert seen == {CITY: ["乙.txt", "甲.txt"], COUNTY: ["甲.txt"], OTHER: []}


def test_two_people_at_once_are_told_of_each_other(store: Store, tmp_path: Path) -> None:
    batch = submitted(store, tmp_path, {"甲.txt": text_of(ODD, 2022)})
    report = row_of(store, batch, "甲.txt").submission_id
    to(store, report, CIVIL, expected="")
    held = store.assignments.of(report)
    assert held is not None

    with pytest.raises(AssignedMeanwhile, match="王刚才已把这份报告归到“青禾县民政局”"):
        to(store, report, FAITH, expected="")
    assert store.assignments.of(report) == held
    to(store, report, FAITH, expected=held.id)
    assert row_of(store, batch, "甲.txt").agency_code == FAITH


def test_a_code_that_several_rosters_have_is_asked_back(store: Store) -> None:
    store.rosters.import_("编码,全称\nQH01,云渡县民政局\n".encode(), "云渡.csv", OTHER, "a", "甲")

    with pytest.raises(NoSuchAgency, match="几个地区"):
        agency_named(store, EVERYBODY, CIVIL)
    assert agency_named(store, Viewer(Scope((OTHER,))), CIVIL).name == "云渡县民政局"
