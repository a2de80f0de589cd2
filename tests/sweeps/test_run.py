"""A folder swept again and again: only what is new or changed is audited, and the digest says what became of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from audits.service import audit_next
from audits.store import Queue, Store, SubmissionState
from audits.store.sweeping import Run
from audits.store.tables import SWEPT
from sweeps import slots
from sweeps.digest import close_done, in_words, numbers
from sweeps.looking import Allowed, Course, Failed, Found, Look, Seen
from sweeps.run import run_next
from sweeps.schedules import changed, checked
from sweeps.sources import SOURCES, folder

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
                found.append(Found(address, f"{number}.html", path, sha(page)))
        return Look(tuple(found), tuple(failed))


def sha(page: str) -> str:
    import hashlib

    return hashlib.sha256(page.encode()).hexdigest()


@pytest.fixture
def website(monkeypatch: pytest.MonkeyPatch) -> Website:
    site = Website()
    monkeypatch.setitem(SOURCES, "addresses", site)
    return site


PAGE = (SAMPLES / "青禾县水务局2022.html").read_text("utf-8", errors="replace")


def findings(store: Store, run: Run) -> set[str]:
    from audits.service import digest_of_result

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
    import time

    time.sleep(0.3)
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
