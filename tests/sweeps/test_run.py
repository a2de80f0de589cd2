"""A folder swept again and again: only what is new or changed is audited, and the digest says what became of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audits.decision import Decided
from audits.regions import ALL
from audits.service import audit_next, digest_of_result
from audits.store import Queue, Store, SubmissionState
from audits.store.decisions import About
from audits.store.lines import Viewer
from audits.store.sweeping import Run, RunState
from audits.store.tables import SWEPT
from sweeps import slots
from sweeps.digest import close_done, in_words, last_year, numbers
from sweeps.looking import Allowed, Course, Failed, Found, Look, Seen
from sweeps.run import run_next
from sweeps.schedules import changed, checked
from sweeps.sources import SOURCES, folder
from tests.servers import until

SAMPLES = Path(__file__).parents[2] / "samples" / "reports"
FAULTY = "青禾县民政局2023年报.txt"
CLEAN = "青禾县教育局2023年报.txt"
ALLOWED = Allowed(any_folder=True)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses; tests of a pause set it again."""
    monkeypatch.setattr(folder, "SETTLED_AFTER", 0.02)
    monkeypatch.setattr("sweeps.run.PAUSES", (0.0, 0.0))
    monkeypatch.setattr("sweeps.run.WITHDRAWN_AFTER", 0.0)


def swept(store: Store, schedule_id: str) -> Run:
    """One run from its moment to its digest, audited here."""
    slot = slots.open_now(store, schedule_id)
    while run_next(store, ALLOWED, lambda ids: None):
        pass
    while audit_next(store, Queue.AUDIT, 60):
        pass
    close_done(store)
    return store.sweeping.run(schedule_id, slot)


def add(store: Store, source: Mapping[str, Any], **wishes: Any) -> str:
    schedule = checked(store, "每周看一遍", "每周一 02:00", source, ALLOWED, owner="wang", **wishes)
    store.sweeping.add(schedule)
    return schedule.id


def test_only_what_changed_is_audited_and_the_digest_says_what_became_of_it(store: Store, tmp_path: Path) -> None:
    place = tmp_path / "报送"
    place.mkdir()
    for name in (FAULTY, CLEAN):
        shutil.copy(SAMPLES / name, place / name)
    schedule_id = add(store, {"kind": "folder", "path": str(place)})

    first = swept(store, schedule_id)
    again = swept(store, schedule_id)
    mended = (place / FAULTY).read_text("utf-8").replace("四、结转下年度继续办理\t\t\t2\t", "四、结转下年度继续办理\t\t\t1\t")
    assert mended != (place / FAULTY).read_text("utf-8")
    (place / FAULTY).write_text(mended, "utf-8")
    os.utime(place / FAULTY, ns=(1, 1))
    (place / "坏的.txt").write_bytes(b"")
    changed = swept(store, schedule_id)

    told = numbers(first.digest)
    assert (told["new"], told["problems"] > 0, again.batch_id, numbers(again.digest)["unchanged"]) == (2, True, None, 2)
    told = numbers(changed.digest)
    assert (told["new"], told["changed"], told["unchanged"], told["unreadable"]) == (1, 1, 1, 1)
    assert told["fixed"] > 0
    assert "已改好的问题" in in_words(changed.digest)
    assert changed.batch_id is not None
    assert store.batch_status(changed.batch_id).counts[SubmissionState.AUDITED] == 1


def test_a_file_that_is_gone_is_said_to_be_gone_and_nothing_is_audited(store: Store, tmp_path: Path) -> None:
    place = tmp_path / "报送"
    place.mkdir()
    shutil.copy(SAMPLES / CLEAN, place / CLEAN)
    schedule_id = add(store, {"kind": "folder", "path": str(place)})
    swept(store, schedule_id)
    (place / CLEAN).unlink()
    gone, withdrawn, after = (swept(store, schedule_id) for _ in range(3))

    assert [(run.digest or {})[key] for run, key in ((gone, "gone"), (withdrawn, "withdrawn"), (after, "withdrawn"))] == [
        [CLEAN],
        [CLEAN],
        [],
    ]


def test_the_same_file_twice_is_audited_once_and_known_at_both_places(store: Store, tmp_path: Path) -> None:
    place = tmp_path / "报送"
    (place / "又一处").mkdir(parents=True)
    for path in (place / CLEAN, place / "又一处" / CLEAN):
        shutil.copy(SAMPLES / CLEAN, path)
    schedule_id = add(store, {"kind": "folder", "path": str(place)})
    first, again = swept(store, schedule_id), swept(store, schedule_id)

    assert first.batch_id is not None
    assert (store.batch_status(first.batch_id).total, numbers(again.digest)["unchanged"]) == (1, 2)


def test_a_folder_that_is_away_fails_the_run_after_three_tries_and_says_nothing_is_gone(store: Store, tmp_path: Path) -> None:
    place = tmp_path / "报送"
    place.mkdir()
    shutil.copy(SAMPLES / CLEAN, place / CLEAN)
    schedule_id = add(store, {"kind": "folder", "path": str(place)})
    swept(store, schedule_id)
    place.rename(tmp_path / "挪走了")
    failed = swept(store, schedule_id)

    assert (failed.state.value, failed.attempt, "文件夹打不开" in failed.reason) == ("failed", 3, True)
    assert [item.gone_at for item in store.sweeping.swept(schedule_id).values()] == [None]


class Website:
    """Stands in for published addresses: pages by address, None for one that does not answer."""

    def __init__(self) -> None:
        self.pages: dict[str, str | None] = {}
        self.agencies: dict[str, str] = {}

    def check(self, spec: Mapping[str, Any], allowed: Allowed) -> dict[str, Any]:
        return dict(spec)

    def words(self, spec: Mapping[str, Any]) -> str:
        return "网址"

    def look(self, spec: Mapping[str, Any], seen: Mapping[str, Seen], into: Path, allowed: Allowed, course: Course) -> Look:
        found, failed = [], []
        for number, (address, page) in enumerate(self.pages.items()):
            if page is None:
                failed.append(Failed(address, "NO_ANSWER", "没有回应"))
            else:
                path = into / str(number)
                path.write_text(page, "utf-8")
                found.append(Found(address, f"{number}.html", path, sha(page), agency=self.agencies.get(address)))
        return Look(tuple(found), tuple(failed))


def sha(page: str) -> str:
    import hashlib

    return hashlib.sha256(page.encode()).hexdigest()


@pytest.fixture
def website(monkeypatch: pytest.MonkeyPatch) -> Website:
    site = Website()
    monkeypatch.setitem(SOURCES, "addresses", site)
    return site


ROSTER = "编码,全称,别名,级别,类别,上级编码\n01,青禾县水务局,,县级,部门,\n02,青禾县财政局,,县级,部门,\n"
PAGE = (SAMPLES / "青禾县水务局2022.html").read_text("utf-8", errors="replace")


def findings(store: Store, run: Run) -> set[str]:
    assert run.batch_id is not None
    return {
        finding.rule
        for result in store.results(run.batch_id)
        if "json" in result.outputs
        for finding in digest_of_result(store, result).findings
    }


def test_a_page_around_the_same_report_is_no_change_and_a_changed_figure_is_a_finding(store: Store, website: Website) -> None:
    website.pages["http://a/1"] = PAGE
    schedule_id = add(store, {"kind": "addresses"})
    first = swept(store, schedule_id)
    website.pages["http://a/1"] = PAGE.replace("</body>", "<p>浏览次数：1234</p></body>")
    restyled = swept(store, schedule_id)
    figure = PAGE.replace("<td>0</td>", "<td>7</td>", 1)
    assert figure != PAGE
    website.pages["http://a/1"] = figure
    changed = swept(store, schedule_id)

    assert "PUB-CHANGED" not in findings(store, first)
    assert (restyled.batch_id, (restyled.digest or {})["restyled"]) == (None, ["http://a/1"])
    assert (changed.digest or {})["changed"] == ["http://a/1"]
    assert "PUB-CHANGED" in findings(store, changed)


def test_a_report_is_withdrawn_when_it_is_gone_twice_and_not_when_the_site_does_not_answer(
    store: Store, website: Website
) -> None:
    website.pages = {"http://a/1": PAGE}
    schedule_id = add(store, {"kind": "addresses"})
    swept(store, schedule_id)
    website.pages = {"http://a/1": None}
    silent = [swept(store, schedule_id) for _ in range(3)]
    website.pages = {}
    gone, withdrawn = swept(store, schedule_id), swept(store, schedule_id)

    assert [numbers(run.digest)["failed"] for run in silent] == [1, 1, 1]
    assert ((gone.digest or {})["gone"], gone.batch_id) == (["http://a/1"], None)
    assert (withdrawn.digest or {})["withdrawn"] == ["http://a/1"]
    assert "PUB-CHANGED" in findings(store, withdrawn)


def test_a_run_lost_after_its_batch_was_handed_in_makes_no_second_batch(
    store: Store, website: Website, monkeypatch: pytest.MonkeyPatch
) -> None:
    website.pages = {"http://a/1": PAGE}
    schedule_id = add(store, {"kind": "addresses"})
    real = store.sweeping.looked
    lost = iter([True])
    monkeypatch.setattr(
        store.sweeping, "looked", lambda *args: False if next(lost, False) else real(*args)
    )  # as if its lease had ended
    slot = slots.open_now(store, schedule_id)
    run_next(store, ALLOWED, lambda ids: None, lease_seconds=0.2)
    until(lambda: run_next(store, ALLOWED, lambda ids: None), "its lease has ended, and another does it")
    while run_next(store, ALLOWED, lambda ids: None):
        pass

    batches = store.batches()
    assert (len(batches), store.sweeping.run(schedule_id, slot).batch_id) == (1, batches[0].id)


def listing(website: Website, **pages: str | None) -> dict[str, Any]:
    """A source that names its addresses, as a list of published addresses does; what is on none is not there."""
    return {"kind": "addresses", "lines": [{"address": f"http://a/{name}", "agency": None} for name in pages]}


def test_an_address_taken_off_the_list_is_not_said_to_be_withdrawn(store: Store, website: Website) -> None:
    website.pages = {"http://a/1": PAGE}
    schedule_id = add(store, listing(website, **{"1": PAGE}))
    swept(store, schedule_id)
    schedule = store.sweeping.schedule(schedule_id)
    wanted = checked(store, "少看一处", "每周一 02:00", listing(website, **{"2": None}), ALLOWED, owner="wang")
    changed(store, schedule.id, wanted)
    website.pages = {}
    later = [swept(store, schedule_id) for _ in range(3)]

    assert [run.batch_id for run in later] == [None, None, None]
    assert [((run.digest or {})["gone"], (run.digest or {})["withdrawn"]) for run in later] == [([], [])] * 3


def test_another_folder_is_no_folder_of_which_everything_is_gone(store: Store, tmp_path: Path) -> None:
    for name in ("甲", "乙"):
        (tmp_path / name).mkdir()
    shutil.copy(SAMPLES / CLEAN, tmp_path / "甲" / CLEAN)
    schedule_id = add(store, {"kind": "folder", "path": str(tmp_path / "甲")})
    swept(store, schedule_id)
    source = {"kind": "folder", "path": str(tmp_path / "乙")}
    changed(store, schedule_id, checked(store, "另一处", "每周一 02:00", source, ALLOWED, owner="wang"))

    assert (swept(store, schedule_id).digest or {})["gone"] == []


def test_only_a_look_that_found_nothing_at_the_address_says_that_the_report_was_absent(store: Store, website: Website) -> None:
    website.pages = {"http://a/1": None}
    schedule_id = add(store, listing(website, **{"1": None, "2": None}))
    swept(store, schedule_id)  # 1 did not answer, 2 was not there
    website.pages = {"http://a/1": PAGE, "http://a/2": PAGE.replace("</body>", "<p>又一处</p></body>")}
    found = swept(store, schedule_id)
    wanted = listing(website, **{"1": None, "2": None, "3": None})
    changed(store, schedule_id, checked(store, "多看一处", "每周一 02:00", wanted, ALLOWED, owner="wang"))
    website.pages["http://a/3"] = PAGE.replace("</body>", "<p>第三处</p></body>")
    swept(store, schedule_id)  # nobody has looked at 3 before

    assert found.batch_id is not None
    captures = [result.submission.capture for result in store.results(found.batch_id)]
    assert [capture is not None and capture.absent_until is not None for capture in captures] == [False, True]
    known = store.sweeping.swept(schedule_id)
    assert [known[f"http://a/{n}"].absent_until is not None for n in (1, 2, 3)] == [False, True, False]


def test_the_report_of_another_year_at_the_same_address_was_not_published_when_its_forerunner_was(
    store: Store, website: Website
) -> None:
    website.pages = {"http://a/1": "<html><body><p>栏目建设中，敬请期待。</p></body></html>"}
    schedule_id = add(store, {"kind": "addresses"})
    swept(store, schedule_id)
    website.pages = {"http://a/1": PAGE}
    first = swept(store, schedule_id)
    website.pages = {"http://a/1": PAGE.replace("2022", "2023")}
    second = swept(store, schedule_id)
    figure = PAGE.replace("2022", "2023").replace("<td>0</td>", "<td>7</td>", 1)
    website.pages = {"http://a/1": figure}
    third = swept(store, schedule_id)

    captures = []
    for run in (first, second, third):
        assert run.batch_id is not None
        captures.append(store.results(run.batch_id)[0].submission.capture)
    assert [capture is not None and capture.before is not None for capture in captures] == [False, False, True]
    assert "PUB-CHANGED" not in findings(store, second)
    assert "PUB-CHANGED" in findings(store, third)


def test_a_first_day_is_that_of_the_report_and_not_of_the_page_before_it(store: Store, website: Website) -> None:
    website.pages = {"http://a/1": PAGE}
    schedule_id = add(store, {"kind": "addresses"})
    swept(store, schedule_id)
    with store.transactions.write() as db:
        db.execute(SWEPT.update().values(first_seen_at=86400.0))
    website.pages = {"http://a/1": PAGE.replace("2022", "2023")}
    run = swept(store, schedule_id)

    assert run.batch_id is not None
    capture = store.results(run.batch_id)[0].submission.capture
    assert capture is not None
    assert capture.first_seen > "2026"
    assert store.sweeping.swept(schedule_id)["http://a/1"].first_seen_at > 86400.0


def test_the_report_of_a_later_year_at_the_same_address_is_listed_as_such(store: Store, website: Website) -> None:
    website.pages = {"http://a/1": PAGE.replace("2022", "2021"), "http://a/2": PAGE.replace("2022", "2023")}
    schedule_id = add(store, {"kind": "addresses"})
    swept(store, schedule_id)
    website.pages = {"http://a/1": PAGE, "http://a/2": PAGE}
    found = swept(store, schedule_id)
    told = found.digest or {}

    assert (told["new_year"], told["changed"], told["years"]) == (
        ["http://a/1"],
        ["http://a/2"],  # the later one is gone: that is no new year's report
        {"http://a/1": [2021, 2022], "http://a/2": [2023, 2022]},
    )
    assert "新年度的年报 1" in in_words(told)
    assert "PUB-CHANGED" not in findings(store, found)


def test_two_looks_shortly_after_each_other_are_not_enough_to_say_that_a_report_is_withdrawn(
    store: Store, website: Website, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweeps.run.WITHDRAWN_AFTER", 3600.0)
    website.pages = {"http://a/1": PAGE}
    schedule_id = add(store, {"kind": "addresses"})
    swept(store, schedule_id)
    website.pages = {}
    soon = [swept(store, schedule_id) for _ in range(2)]
    with store.transactions.write() as db:
        db.execute(SWEPT.update().values(gone_at=SWEPT.c.gone_at - 3601))
    later = swept(store, schedule_id)

    assert [((run.digest or {})["gone"], (run.digest or {})["withdrawn"]) for run in (*soon, later)] == [
        (["http://a/1"], []),
        (["http://a/1"], []),
        ([], ["http://a/1"]),
    ]


def dismiss_one(store: Store, run: Run) -> None:
    result = store.results(run.batch_id or "")[0]
    finding = digest_of_result(store, result).findings[0]
    about = About(finding.id, "/", "甲局", 2023, finding.rule, "m" * 64, result.submission.id)
    store.decisions.take([about], Decided.DISMISSED, "原件如此", "a1", "王")


def test_what_is_still_open_is_counted_over_all_reports_that_are_known(store: Store, tmp_path: Path) -> None:
    place = tmp_path / "报送"
    place.mkdir()
    shutil.copy(SAMPLES / FAULTY, place / FAULTY)
    schedule_id = add(store, {"kind": "folder", "path": str(place)})
    first = swept(store, schedule_id)
    unchanged = swept(store, schedule_id)
    shutil.copy(SAMPLES / CLEAN, place / CLEAN)
    other = swept(store, schedule_id)
    problems = numbers(first.digest)["problems"]
    dismiss_one(store, first)
    decided = swept(store, schedule_id)

    assert problems > 1
    assert [numbers(run.digest)["open"] for run in (first, unchanged, decided)] == [
        0,
        problems,
        problems - 1 + numbers(other.digest)["problems"],
    ]
    assert numbers(other.digest)["open"] == problems
    assert [(one["name"], one["open"]) for one in (unchanged.digest or {})["open_reports"]] == [(FAULTY, problems)]


def test_a_deleted_schedule_keeps_its_runs_and_forgets_what_it_saw(store: Store, tmp_path: Path) -> None:
    place = tmp_path / "报送"
    place.mkdir()
    shutil.copy(SAMPLES / CLEAN, place / CLEAN)
    schedule_id = add(store, {"kind": "folder", "path": str(place)})
    swept(store, schedule_id)
    store.sweeping.delete(schedule_id)

    assert (store.sweeping.swept(schedule_id), [run.state.value for run in store.sweeping.runs(schedule_id)]) == ({}, ["done"])


def test_a_look_that_fails_is_tried_again_after_a_pause_that_grows(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweeps.run.PAUSES", (60.0, 600.0))
    place = tmp_path / "报送"
    place.mkdir()
    schedule_id = add(store, {"kind": "folder", "path": str(place)})
    place.rename(tmp_path / "挪走了")
    slot = slots.open_now(store, schedule_id)
    pauses, tries = [], []
    for _ in range(3):
        begun = store.sweeping.now()
        tries.append([run_next(store, ALLOWED, lambda ids: None) for _ in range(2)])
        failed = store.sweeping.run(schedule_id, slot)
        pauses.append(failed.not_before and (failed.not_before - store.sweeping.now(), failed.not_before - begun))
        assert slots.open_now(store, schedule_id) == slot or failed.state is RunState.FAILED  # somebody does not want to wait

    (first_least, first_most), (second_least, second_most), last = pauses
    assert (tries, last) == ([[True, False]] * 3, None)
    assert first_least <= 60 <= first_most < 300 <= second_least <= 600 <= second_most
    assert (failed.state, failed.attempt, failed.code) == (RunState.FAILED, 3, "SWEEP_SOURCE_UNAVAILABLE")


def test_a_source_that_is_not_allowed_any_more_is_not_tried_again(store: Store, tmp_path: Path) -> None:
    made = checked(
        store, "甲", "每周一 02:00", {"kind": "folder", "path": str(tmp_path)}, Allowed(folders=(tmp_path,)), owner="wang"
    )
    store.sweeping.add(made)
    slot = slots.open_now(store, made.id)
    run_next(store, Allowed(), lambda ids: None)
    failed = store.sweeping.run(made.id, slot)

    assert (failed.state, failed.attempt, failed.code) == (RunState.FAILED, 1, "SWEEP_SOURCE_REFUSED")


def test_what_a_try_that_failed_said_is_gone_when_the_next_one_works(store: Store, tmp_path: Path) -> None:
    place = tmp_path / "报送"
    place.mkdir()
    schedule_id = add(store, {"kind": "folder", "path": str(place)})
    place.rename(tmp_path / "挪走了")
    slot = slots.open_now(store, schedule_id)
    run_next(store, ALLOWED, lambda ids: None)
    between = store.sweeping.run(schedule_id, slot)
    (tmp_path / "挪走了").rename(place)
    run_next(store, ALLOWED, lambda ids: None)
    done = store.sweeping.run(schedule_id, slot)

    assert (between.code, done.state, done.code, done.reason) == ("SWEEP_SOURCE_UNAVAILABLE", RunState.DONE, "", "")


class Absent(Website):
    """Says of every address without a page that nothing is there."""

    def look(self, spec: Mapping[str, Any], seen: Mapping[str, Seen], into: Path, allowed: Allowed, course: Course) -> Look:
        looked = super().look(spec, seen, into, allowed, course)
        there = {item.address for item in looked.found}
        absent = (Failed(line["address"], "SWEEP_NOT_FOUND", "网站应答 404") for line in spec["lines"])
        return replace(looked, absent=tuple(item for item in absent if item.address not in there))


def test_an_address_at_which_nothing_ever_was_is_said(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Absent()
    monkeypatch.setitem(SOURCES, "addresses", site)
    site.pages = {"http://a/1": PAGE}
    schedule_id = add(store, listing(site, **{"1": None, "2": None}))
    first = swept(store, schedule_id)
    site.pages = {}
    later = [swept(store, schedule_id) for _ in range(3)]

    absent = [[item["address"] for item in (run.digest or {})["absent"]] for run in (first, *later)]
    assert absent == [["http://a/2"]] * 3 + [["http://a/1", "http://a/2"]]  # gone, withdrawn, and then no more than that
    assert numbers(first.digest)["absent"] == 1


def test_the_agency_that_an_address_is_listed_with_tells_whose_report_it_is_and_never_overrules_it(
    store: Store, website: Website
) -> None:
    store.rosters.import_(ROSTER.encode(), "名单.csv", "/", "1", "王")
    website.pages = {
        "http://a/1": PAGE,
        "http://a/2": PAGE.replace("</body>", "<p>又一处</p></body>"),
        "http://a/3": "<p>空</p>" * 200,
    }
    listed = {"1": "青禾县水务局", "2": "青禾县财政局", "3": "青禾县财政局"}
    lines = [{"address": f"http://a/{name}", "agency": agency} for name, agency in listed.items()]
    website.agencies = {f"http://a/{name}": agency for name, agency in listed.items()}
    run = swept(store, add(store, {"kind": "addresses", "lines": lines}))
    everything = Viewer(ALL)

    found = {}
    for one in (run.digest or {})["reports"]:
        row, match = store.listing.row(everything, one["submission"]), store.listing.match(everything, one["submission"])
        assert row is not None
        found[one["address"][-1]] = (row.agency_code, one["is_listed_otherwise"], match.reason if match else "")
    assert found == {
        "1": ("01", False, ""),
        "2": (None, True, "报告写“青禾县水务局”，网址清单上却是“青禾县财政局”"),
        "3": ("02", False, ""),
    }


def test_who_is_missing_is_said_of_last_year_where_the_schedule_names_none_and_of_nobody_without_a_roster(
    store: Store, tmp_path: Path
) -> None:
    place = tmp_path / "报送"
    place.mkdir()
    source = {"kind": "folder", "path": str(place)}
    without = swept(store, add(store, source)).digest or {}
    store.rosters.import_(ROSTER.encode(), "名单.csv", "/", "1", "王")
    given, none = swept(store, add(store, source, year=2022)).digest or {}, swept(store, add(store, source)).digest or {}
    last = last_year(store.sweeping.now())

    assert [(told["missing_by"], told["missing_year"], told["missing_total"]) for told in (without, given, none)] == [
        (None, last, 0),
        ("year", 2022, 2),
        ("last_year", last, 2),
    ]


def test_a_file_that_could_not_be_read_is_named_in_every_digest_until_it_is_another(store: Store, tmp_path: Path) -> None:
    place = tmp_path / "报送"
    place.mkdir()
    (place / "坏的.txt").write_bytes(b"")
    schedule_id = add(store, {"kind": "folder", "path": str(place)})
    first, again = swept(store, schedule_id), swept(store, schedule_id)
    shutil.copy(SAMPLES / CLEAN, place / "坏的.txt")
    mended = swept(store, schedule_id)
    (place / "又坏的.txt").write_bytes(b"")
    other = swept(store, schedule_id)
    (place / "又坏的.txt").unlink()
    swept(store, schedule_id)
    gone = swept(store, schedule_id)

    figures = [numbers(run.digest) for run in (first, again, mended, other, gone)]
    assert [(one["unreadable"], one["still_unreadable"]) for one in figures] == [(1, 0), (0, 1), (0, 0), (1, 0), (0, 0)]
    assert [item["code"] for item in (again.digest or {})["still_unreadable"]] == ["EMPTY_FILE"]
