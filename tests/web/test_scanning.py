"""With a virus scanner: whatever way a file comes in, one with a hit is refused and told, and the others are audited."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import audits.scanning
import web.api.batches
import web.pages.submit
from access import Action, Entry, LogWanted, Role
from audits.store.lines import EVERYBODY, Coverage
from tests.clamd import EICAR, SIGNATURE, FakeClamd, fake_clamd
from tests.servers import until
from tests.web.audited import CLEAN, FAULTY, REPORTS, audit_all, id_of, submitted
from tests.web.people import Browser, Office
from tests.web.people import office as new_office
from tests.web.test_submit import JSON, archive, commit, opened, put
from web.uploads import taking_in
from web.uploads.staging import Upload

HIT = "青禾县司法局2023年报.txt"
VIRUS = "年报".encode() + EICAR
SHA256 = hashlib.sha256(VIRUS).hexdigest()
ROSTER = "编码,全称\nQH01,青禾县民政局\nQH02,青禾县教育局\nQH03,青禾县司法局\nQH04,青禾县统计局\n"


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeClamd]:
    monkeypatch.setattr(audits.scanning, "PAUSES", (0.01,) * 4)
    with fake_clamd(tmp_path) as found:
        monkeypatch.setenv("HECHA_CLAMD", found.address)
        yield found


@pytest.fixture(name="office")
def scanning_office(fake: FakeClamd, tmp_path: Path) -> Office:
    return new_office(tmp_path / "data")


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch, office: Office) -> None:
    """Takes in within the request, as the process of its own does, and wakes nobody."""
    monkeypatch.setattr(taking_in, "_wake", lambda store, batch: None)

    def start(upload: Upload, data: Path, url: str) -> None:
        upload.say("working")
        taking_in._taken_in(data, upload)

    monkeypatch.setattr(web.pages.submit, "start", start)
    monkeypatch.setattr(web.api.batches, "start", start)


def packed() -> bytes:
    return archive(
        {f"青禾县/{name}": (REPORTS / name).read_bytes() for name in (FAULTY, CLEAN)}
        | {f"青禾县/{HIT}": VIRUS}
    )  # fmt: skip


def entries(office: Office, action: Action = Action.FILE_INFECTED) -> list[Entry]:
    return list(office.access.log.entries(LogWanted(action=action)))


def told(entry: Entry) -> dict[str, Any]:
    return dict(json.loads(entry.details))


def holds_virus(folder: Path) -> list[str]:
    return [str(path) for path in folder.rglob("*") if path.is_file() and EICAR in path.read_bytes()]


def test_of_an_archive_with_one_hit_the_others_are_audited_and_every_page_tells_of_it(office: Office) -> None:
    """Through the process that takes uploads in, and on to the pages."""
    browser = office.client(Role.SUPERVISOR, "/霁川市/")
    person = office.account(Role.SUPERVISOR, ("/霁川市/",))
    office.store.rosters.import_(ROSTER.encode(), "名单.csv", "/霁川市/", person.id, "甲")
    upload = opened(browser)
    assert put(browser, upload, 0, "青禾县.zip", packed()).json()["state"] == "ok"
    assert commit(browser, upload, title="青禾县 2023", year="2023", region="霁川市").status_code == 202
    until(lambda: browser.get(f"/submit/uploads/{upload}", headers=JSON).json()["progress"]["state"] == "done", "taken in", 60)
    audit_all(office)

    name = f"青禾县.zip/青禾县/{HIT}"
    hit = id_of(office, upload, name)
    states = {
        result.submission.name: (result.submission.state.value, result.submission.code)
        for result in office.store.results(upload)
    }
    assert states == {
        f"青禾县.zip/青禾县/{FAULTY}": ("audited", ""),
        f"青禾县.zip/青禾县/{CLEAN}": ("audited", ""),
        name: ("unreadable", "INFECTED"),
    }
    for address in (f"/reports/{hit}", f"/failed?batch={upload}", f"/batches/{upload}"):
        assert HIT in browser.get(address).text
    for address in (f"/reports/{hit}", f"/failed?batch={upload}"):
        shown = browser.get(address).text
        assert f"病毒扫描命中“{SIGNATURE}”" in shown
        assert "不要打开原件；报告网络安全负责人，请报送单位查杀后重新报送" in shown
    assert browser.get(f"/reports/{hit}/original").status_code == 404

    totals = office.store.listing.coverage_totals(EVERYBODY, 2023, "/霁川市/").states
    assert {state: count for state, count in totals.items() if count} == {
        Coverage.AUDITED: 2,
        Coverage.UNREADABLE: 1,
        Coverage.MISSING: 1,
    }
    (entry,) = entries(office)
    assert (entry.account_id, entry.address, entry.object, entry.region, entry.result) == (
        person.id,
        "127.0.0.1",
        name,
        "/霁川市/",
        "denied",
    )
    assert told(entry) == {"batch": upload, "sha256": SHA256, "signature": SIGNATURE}
    assert entry.who == f"{person.name}（{person.login}）"
    assert office.access.log.verify().is_whole
    listed = office.client(Role.OWNER).get("/log", params={"action": "file.infected"}).text
    assert all(words in listed for words in ("拦下带病毒的文件", HIT, SHA256, f"病毒名称：{SIGNATURE}", "批次编号"))
    assert holds_virus(office.store.folder) == []


@pytest.mark.usefixtures("at_once")
def test_without_scripts_it_is_the_same(office: Office) -> None:
    browser = office.client(Role.SUPERVISOR)
    files = [("files", (FAULTY, (REPORTS / FAULTY).read_bytes())), ("files", (HIT, VIRUS))]

    answer = browser.post("/submit", data={"title": "一批", "year": "", "region": "", "pack": "national"}, files=files)

    batch = answer.headers["location"].rpartition("/")[2]
    assert [result.submission.code for result in office.store.results(batch)] == ["", "INFECTED"]
    assert [told(entry)["batch"] for entry in entries(office)] == [batch]


@pytest.mark.usefixtures("at_once")
def test_over_the_api_it_is_the_same(office: Office) -> None:
    browser = office.client(Role.SUPERVISOR)

    taken = browser.post("/api/v1/batches", files={"files": ("青禾县.zip", packed())}, data={"region": "/"}).json()
    found = browser.get("/api/v1/reports", params={"batch": taken["id"], "state": "unreadable"}).json()["items"]

    assert (taken["is_recorded"], taken["reports"]) == (True, 3)
    assert [(one["code"], SIGNATURE in one["reason"]) for one in found] == [("INFECTED", True)]
    assert [told(entry)["batch"] for entry in entries(office)] == [taken["id"]]


@pytest.mark.usefixtures("at_once")
def test_without_the_scanner_the_upload_waits_with_its_files_and_can_be_tried_again(office: Office, fake: FakeClamd) -> None:
    browser = office.client(Role.SUPERVISOR)
    upload = opened(browser)
    put(browser, upload, 0, "青禾县.zip", packed())
    fake.pong, fake.drops_over = b"", b""

    commit(browser, upload)
    progress = browser.get(f"/submit/uploads/{upload}", headers=JSON).json()["progress"]
    shown = browser.get(f"/submit/uploads/{upload}").text
    assert (progress["state"], progress["code"]) == ("failed", "SCANNER_UNAVAILABLE")
    assert "病毒扫描服务不可用" in shown
    assert "再试一次" in shown
    assert office.store.batches() == []

    fake.pong, fake.drops_over = b"PONG", None
    browser.post(f"/submit/uploads/{upload}/commit", data={"again": "1"})
    assert sorted(result.submission.code for result in office.store.results(upload)) == ["", "", "INFECTED"]
    assert holds_virus(office.store.folder) == []


@pytest.mark.usefixtures("at_once")
def test_a_program_is_told_that_there_is_no_scanner_then_and_when_it_asks_later(office: Office, fake: FakeClamd) -> None:
    browser = office.client(Role.SUPERVISOR)
    fake.pong, fake.drops_over = b"", b""

    answer = browser.post("/api/v1/batches", files={"files": (FAULTY, (REPORTS / FAULTY).read_bytes())}, data={"region": "/"})
    (upload,) = (path.name for path in (office.store.folder / "uploads").iterdir())
    later = browser.get(f"/api/v1/batches/{upload}")
    others = office.client(Role.SUPERVISOR, login="another").get(f"/api/v1/batches/{upload}")

    assert [(one.status_code, one.json()["error"]["code"]) for one in (answer, later)] == [(503, "SCANNER_UNAVAILABLE")] * 2
    assert others.status_code == 404
    assert office.store.batches() == []


def corrected(office: Office) -> tuple[Browser, str]:
    """A supervisor, and a report that may be corrected."""
    browser = office.client(Role.SUPERVISOR)
    batch = submitted(office, office.account(Role.SUPERVISOR), [CLEAN])
    audit_all(office)
    return browser, id_of(office, batch, CLEAN)


def test_a_correction_with_a_hit_is_refused_on_the_page_and_the_report_stays(office: Office) -> None:
    browser, report = corrected(office)

    answer = browser.post(f"/reports/{report}/resubmit", files={"file": (HIT, VIRUS)})
    shown = browser.get(answer.headers["location"]).text

    assert f"{HIT}：病毒扫描命中“{SIGNATURE}”" in shown
    assert [version.submission.id for version in office.store.versions(report)] == [report]
    assert [(one.action, one.result) for one in office.access.log.entries(limit=2)] == [
        ("file.infected", "denied"),
        ("report.resubmit", "failed"),
    ]
    assert (entries(office)[0].object, told(entries(office)[0])) == (HIT, {"sha256": SHA256, "signature": SIGNATURE})
    assert holds_virus(office.store.folder) == []


def test_a_correction_with_a_hit_is_refused_over_the_api_and_the_report_stays(office: Office) -> None:
    browser, report = corrected(office)

    answer = browser.post(f"/api/v1/reports/{report}/versions", files={"file": (HIT, VIRUS)})

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "INFECTED")
    assert [version.submission.id for version in office.store.versions(report)] == [report]
    assert len(entries(office)) == 1


def test_a_correction_without_the_scanner_is_to_be_sent_again(office: Office, fake: FakeClamd) -> None:
    browser, report = corrected(office)
    fake.pong, fake.drops_over = b"", b""

    page = browser.post(f"/reports/{report}/resubmit", files={"file": (CLEAN, b"new")})
    shown = browser.get(page.headers["location"]).text
    program = browser.post(f"/api/v1/reports/{report}/versions", files={"file": (CLEAN, b"new")})

    assert "病毒扫描服务不可用" in shown
    assert (program.status_code, program.json()["error"]["code"]) == (503, "SCANNER_UNAVAILABLE")
    assert [version.submission.id for version in office.store.versions(report)] == [report]


def test_a_roster_with_a_hit_is_refused_on_the_page_and_over_the_api(office: Office) -> None:
    browser = office.client(Role.SUPERVISOR)
    given = {"file": ("名单.csv", ROSTER.encode() + EICAR)}

    page = browser.post("/agencies/import", files=given, data={"region": ""})
    program = browser.post("/api/v1/rosters", files=given, data={"region": "/"})

    assert (page.status_code, f"名单.csv：病毒扫描命中“{SIGNATURE}”" in page.text) == (400, True)
    assert (program.status_code, program.json()["error"]["code"]) == (422, "INFECTED")
    assert office.store.rosters.in_force("/") is None
    assert [entry.object for entry in entries(office)] == ["名单.csv", "名单.csv"]


@pytest.mark.usefixtures("at_once")
def test_a_list_of_waivers_with_a_hit_is_refused_and_so_is_its_batch(office: Office) -> None:
    browser = office.client(Role.SUPERVISOR)
    files = {"files": (FAULTY, (REPORTS / FAULTY).read_bytes()), "waivers": ("豁免.yaml", b"waivers: []  # " + EICAR)}

    answer = browser.post("/api/v1/batches", files=files, data={"region": "/"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "INFECTED")
    assert (office.store.batches(), len(entries(office))) == ([], 1)


def test_whoever_keeps_the_service_running_sees_whether_the_scanner_answers(office: Office, fake: FakeClamd) -> None:
    def seen() -> tuple[object, ...]:
        answer = office.anonymous().get("/readyz")
        figures = office.anonymous().get("/metrics").text.splitlines()
        return answer.status_code, answer.json()["scanner"], [line for line in figures if line.startswith("hecha_scanner_up")]

    there = seen()
    fake.pong = b""
    away = seen()

    assert (there, away) == ((200, "ok", ["hecha_scanner_up 1.0"]), (200, "away", ["hecha_scanner_up 0.0"]))
    assert office.anonymous().get("/readyz").json()["status"] == "degraded"
