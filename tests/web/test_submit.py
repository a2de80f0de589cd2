"""Submitting: files come in piece by piece, are looked at, and become a batch, all or none."""

from __future__ import annotations

import io
import json
import os
import shutil
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import web.pages.submit
import web.uploads.quota
import web.uploads.staging
from access import LOCAL, Role
from audits.retention import Periods, clean
from audits.store import Store
from audits.store.lines import EVERYBODY
from reports_in.limits import LIMITS
from tests.web.audited import CLEAN, FAULTY, REPORTS, submitted
from tests.web.people import Browser, Office
from web.uploads.looks import shown_name
from web.uploads.quota import stored_bytes
from web.uploads.staging import DONE_SECONDS, IDLE_SECONDS, LOST_SECONDS, Details, Upload, Uploads, UploadTooLarge, WrongOffset
from web.uploads.taking_in import take_in

COUNTY = "/霁川市/青禾县/"
JSON = {"accept": "application/json"}


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch, office: Office) -> None:
    """Takes in within the request, and wakes nobody."""

    def start(upload: Upload, data: Path, url: str) -> None:
        upload.say("working")
        take_in(office.store, upload, lambda store, batch: None)

    monkeypatch.setattr(web.pages.submit, "start", start)


def opened(browser: Browser) -> str:
    answer = browser.post("/submit/uploads", headers=JSON)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def put(browser: Browser, upload: str, number: int, name: str, data: bytes, offset: int = 0, total: int | None = None) -> Any:
    query: dict[str, str | int] = {"name": name, "offset": offset, "total": len(data) if total is None else total}
    return browser.put(f"/submit/uploads/{upload}/files/{number}", params=query, content=data, headers=JSON)


def commit(browser: Browser, upload: str, **fields: str) -> Any:
    form = {"title": "一批", "year": "", "region": "", "pack": "national"} | fields
    return browser.post(f"/submit/uploads/{upload}/commit", data=form, headers=JSON)


def archive(files: Mapping[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return held.getvalue()


def staged(store: Store) -> list[Path]:
    folder = store.folder / "uploads"
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.exists() else []


@pytest.mark.usefixtures("at_once")
def test_files_become_a_batch_of_their_region_year_and_owner(office: Office) -> None:
    browser = office.client(Role.SUPERVISOR, "/霁川市/")
    upload = opened(browser)
    for number, name in enumerate((FAULTY, CLEAN)):
        assert put(browser, upload, number, f"县直/{name}", (REPORTS / name).read_bytes()).json()["state"] == "ok"

    answer = commit(browser, upload, title="青禾县 2023", year="2023", region="霁川市/青禾县", evidence="1")

    batch = office.store.listing.batches(EVERYBODY).items[0]
    submissions = [result.submission for result in office.store.results(upload)]
    assert (answer.status_code, batch.id, batch.title, batch.region) == (202, upload, "青禾县 2023", COUNTY)
    assert [(one.name, one.year) for one in submissions] == [(f"县直/{FAULTY}", 2023), (f"县直/{CLEAN}", 2023)]
    assert office.store.asked(upload).evidence
    assert batch.owner == office.account(Role.SUPERVISOR, ("/霁川市/",)).id
    assert [path.name for path in staged(office.store)] == ["progress.json", "sizes", "upload.json"]


def test_a_file_may_come_in_pieces_and_goes_on_where_it_broke_off(office: Office) -> None:
    browser = office.client(Role.SUPERVISOR)
    upload = opened(browser)
    data = (REPORTS / FAULTY).read_bytes()

    first = put(browser, upload, 0, FAULTY, data[:1000], 0, len(data)).json()
    gap = put(browser, upload, 0, FAULTY, data[2000:], 2000, len(data))
    again = put(browser, upload, 0, FAULTY, data[:1000], 0, len(data))
    rest = put(browser, upload, 0, FAULTY, data[1000:], 1000, len(data)).json()
    repeated = put(browser, upload, 0, FAULTY, data[1000:], 1000, len(data)).json()

    assert first == {"state": "partial", "received": 1000}
    assert [(answer.status_code, answer.json()["expected"]) for answer in (gap, again)] == [(409, 1000), (409, 1000)]
    assert rest["state"] == "ok"
    assert repeated == rest
    assert (office.store.folder / "uploads" / upload / "files/000000").read_bytes() == data


def together(files: Sequence[tuple[int, str, bytes]]) -> bytes:
    told = json.dumps([{"number": number, "name": name, "size": len(data)} for number, name, data in files]).encode()
    return struct.pack(">I", len(told)) + told + b"".join(data for _, _, data in files)


def test_small_files_come_together_and_each_is_looked_at(office: Office) -> None:
    browser = office.client(Role.SUPERVISOR)
    upload = opened(browser)
    begun = (REPORTS / CLEAN).read_bytes()
    put(browser, upload, 2, CLEAN, begun[:10], 0, len(begun))
    body = together([(0, FAULTY, (REPORTS / FAULTY).read_bytes()), (1, "空.txt", b""), (2, CLEAN, begun)])

    answers = [browser.post(f"/submit/uploads/{upload}/files", content=body, headers=JSON).json() for _ in range(2)]

    assert [one["state"] for one in answers[0]["files"]] == ["ok", "refused", "partial"]
    assert answers[0]["files"][2]["received"] == 10
    assert answers[1] == answers[0]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0\0",
        together([(0, "甲.txt", b"12345")])[:-1],
        together([(0, "甲.txt", b"1")]) + b"2",
        b"\0\0\0\x02[]x",
        b"\xff" * 9,
    ],
)
def test_files_that_did_not_come_whole_are_refused(office: Office, body: bytes) -> None:
    browser = office.client(Role.SUPERVISOR)
    upload = opened(browser)

    answer = browser.post(f"/submit/uploads/{upload}/files", content=body, headers=JSON)

    assert answer.status_code == 400
    assert Upload(office.store.folder / "uploads" / upload).files() == []


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("空.txt", b"", "EMPTY_FILE"),
        ("程序.txt", b"MZ\x90\0" + b"\0" * 100, "UNKNOWN_FORMAT"),
        ("幻灯片.pdf", archive({"[Content_Types].xml": b"", "ppt/presentation.xml": b""}), "UNKNOWN_FORMAT"),
        ("加密.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "ENCRYPTED"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_at_once(office: Office, name: str, data: bytes, code: str) -> None:
    browser = office.client(Role.SUPERVISOR)

    said = put(browser, opened(browser), 0, name, data).json()

    assert (said["state"], said["code"]) == ("refused", code)
    assert said["reason"].startswith(f"{name}：")


def test_a_file_too_large_is_refused_at_its_first_piece_and_an_archive_may_be_larger(office: Office) -> None:
    browser = office.client(Role.SUPERVISOR)
    upload = opened(browser)

    text = put(browser, upload, 0, "大.txt", b"x" * 1000, 0, LIMITS.file_bytes + 1).json()
    packed = put(browser, upload, 1, "大.zip", b"PK\x03\x04" + b"x" * 1000, 0, LIMITS.file_bytes + 1).json()

    assert (text["state"], text["code"], packed["state"]) == ("refused", "LIMIT_EXCEEDED", "partial")


def test_an_upload_has_a_limit_as_a_whole(office: Office) -> None:
    office.access.settings.change(LOCAL, "upload_mb", 1)
    browser = office.client(Role.SUPERVISOR)
    upload = opened(browser)
    put(browser, upload, 0, "甲.txt", b"x" * 600_000)

    answer = put(browser, upload, 1, "乙.txt", b"x" * 600_000)

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "TOO_LARGE")


def test_an_account_has_a_quota(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web.uploads.quota, "stored_bytes", lambda store, account: 60 << 30)

    answer = office.client(Role.SUPERVISOR).post("/submit/uploads", headers=JSON)

    assert answer.status_code == 422
    assert "50 GB" in answer.json()["error"]["message"]


def test_more_than_was_announced_is_refused(office: Office) -> None:
    browser = office.client(Role.SUPERVISOR)

    assert put(browser, opened(browser), 0, "甲.txt", b"x" * 100, 0, 50).status_code == 413


@pytest.mark.usefixtures("at_once")
def test_what_cannot_be_read_is_recorded_with_the_batch_and_litter_is_named(office: Office) -> None:
    browser = office.client(Role.SUPERVISOR)
    upload = opened(browser)
    put(browser, upload, 0, "空.txt", b"")
    put(browser, upload, 1, "~$锁.docx", b"x")
    put(browser, upload, 2, CLEAN, (REPORTS / CLEAN).read_bytes())
    put(browser, upload, 3, "再来一份.txt", (REPORTS / CLEAN).read_bytes())

    commit(browser, upload)

    found = {result.submission.name: result.submission.code for result in office.store.results(upload)}
    skipped, duplicates = office.store.left_out(upload)
    assert found == {"空.txt": "EMPTY_FILE", CLEAN: ""}
    assert (skipped, [item.name for item in duplicates]) == (("~$锁.docx",), ["再来一份.txt"])


@pytest.mark.usefixtures("at_once")
def test_archives_are_opened_and_each_file_in_them_is_a_report(office: Office) -> None:
    browser = office.client(Role.SUPERVISOR)
    upload = opened(browser)
    packed = archive({f"县/{FAULTY}": (REPORTS / FAULTY).read_bytes(), "县/乙.txt": "乙".encode()})
    assert put(browser, upload, 0, "全县.zip", packed).json()["kind"] == "压缩包"

    commit(browser, upload)

    names = [result.submission.name for result in office.store.results(upload)]
    assert names == [f"全县.zip/县/{FAULTY}", "全县.zip/县/乙.txt"]


def test_taken_in_twice_one_batch_comes_of_it(office: Office) -> None:
    upload = Uploads(office.store.folder).open(Details("somebody", "某人", "一批", "/"))
    upload.receive(0, CLEAN, 0, 2, b"\xe7\x94")
    woken: list[str] = []
    upload.say("working")

    for _ in range(2):
        take_in(office.store, upload, lambda store, batch: woken.append(batch))

    assert [batch.id for batch in office.store.batches()] == [upload.id]
    assert upload.progress().state == "done"


def test_an_upload_whose_process_died_can_be_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = Uploads(tmp_path).open(Details("a", "甲", "一批", "/"))
    upload.say("working")
    now = time.time()

    alive = upload.progress().state
    monkeypatch.setattr("web.uploads.staging.time.time", lambda: now + LOST_SECONDS + 1)
    dead = upload.progress()
    upload.receive(0, "甲.txt", 0, 1, b"x")

    assert (alive, dead.state) == ("working", "failed")
    assert "再试一次" in dead.reason


@pytest.mark.usefixtures("at_once")
def test_a_batch_that_could_not_be_taken_in_is_tried_again_without_sending_it_anew(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = office.client(Role.SUPERVISOR)
    upload = opened(browser)
    put(browser, upload, 0, CLEAN, (REPORTS / CLEAN).read_bytes())
    Upload(office.store.folder / "uploads" / upload).say("failed", reason="磁盘满了")
    shown = browser.get(f"/submit/uploads/{upload}").text

    answer = browser.post(f"/submit/uploads/{upload}/commit", data={"again": "1"})

    assert "磁盘满了" in shown
    assert answer.status_code == 303
    assert browser.get(f"/submit/uploads/{upload}").headers["location"] == f"/batches/{upload}"
    assert office.store.batch_status(upload).title == "未命名批次"


@pytest.mark.usefixtures("at_once")
def test_what_is_taken_in_is_not_changed_any_more(office: Office) -> None:
    browser = office.client(Role.SUPERVISOR)
    upload = opened(browser)
    put(browser, upload, 0, CLEAN, (REPORTS / CLEAN).read_bytes())
    commit(browser, upload)

    answers = [put(browser, upload, 1, "晚了.txt", b"x"), commit(browser, upload)]

    assert [answer.json()["error"]["code"] for answer in answers] == ["UPLOAD_CLOSED", "UPLOAD"]


def test_what_is_given_up_leaves_nothing_on_disk(office: Office) -> None:
    browser = office.client(Role.SUPERVISOR)
    upload = opened(browser)
    put(browser, upload, 0, CLEAN, b"x" * 1000, 0, 2000)
    assert staged(office.store)

    browser.post(f"/submit/uploads/{upload}/abandon")

    assert staged(office.store) == []
    assert browser.get(f"/submit/uploads/{upload}", headers=JSON).status_code == 404


def test_a_file_taken_back_is_gone(office: Office) -> None:
    browser = office.client(Role.SUPERVISOR)
    upload = opened(browser)
    put(browser, upload, 0, CLEAN, (REPORTS / CLEAN).read_bytes())

    browser.delete(f"/submit/uploads/{upload}/files/0", headers=JSON)

    assert commit(browser, upload).json()["error"]["message"] == "没有可核查的文件；请先选择文件"


def test_uploads_without_a_sign_of_life_are_removed(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    given_up, done = (uploads.open(Details("a", "甲", title, "/")) for title in ("一", "二"))
    done.say("done")
    now = done.progress().at

    assert uploads.sweep(now + IDLE_SECONDS - 60) == 0
    assert uploads.sweep(now + IDLE_SECONDS + 60) == 1
    assert (given_up.exists(), done.exists()) == (False, True)
    assert uploads.sweep(now + DONE_SECONDS + 60) == 1
    assert list(uploads.folder.iterdir()) == []


def test_the_upload_of_another_is_not_found(office: Office) -> None:
    upload = opened(office.client(Role.SUPERVISOR))
    other = office.client(Role.SUPERVISOR, login="another")

    answers = [
        other.get(f"/submit/uploads/{upload}", headers=JSON),
        put(other, upload, 0, "甲.txt", b"x"),
        commit(other, upload),
        other.post(f"/submit/uploads/{upload}/abandon", headers=JSON),
        other.delete(f"/submit/uploads/{upload}/files/0", headers=JSON),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5


@pytest.mark.parametrize("upload", ["../../etc", "0" * 31, "0" * 32, "%2e%2e"])
def test_an_upload_that_does_not_exist_is_not_found(office: Office, upload: str) -> None:
    assert office.client(Role.SUPERVISOR).get(f"/submit/uploads/{upload}", headers=JSON).status_code in (404, 405)


@pytest.mark.parametrize("region", ["别处省", "/", "霁川市"])
def test_nobody_hands_in_for_a_region_that_is_not_his(office: Office, region: str) -> None:
    browser = office.client(Role.SUPERVISOR, COUNTY, "/云渡县/")
    upload = opened(browser)
    put(browser, upload, 0, CLEAN, b"x" * 10)

    answer = commit(browser, upload, region=region)

    assert answer.status_code == 422
    assert "不在您的权限范围内" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("field", "value"), [("year", "二零二三"), ("year", "99999"), ("pack", "../../etc"), ("pack", "nothing")]
)
def test_a_year_or_pack_that_cannot_be_is_refused(office: Office, field: str, value: str) -> None:
    browser = office.client(Role.SUPERVISOR)
    upload = opened(browser)
    put(browser, upload, 0, CLEAN, b"x" * 10)

    assert commit(browser, upload, **{field: value}).status_code == 422


@pytest.mark.usefixtures("at_once")
def test_a_browser_without_scripts_sends_all_at_once(office: Office) -> None:
    browser = office.client(Role.SUPERVISOR)
    files = [("files", (name, (REPORTS / name).read_bytes(), "text/plain")) for name in (FAULTY, CLEAN)]

    answer = browser.post("/submit", data={"title": "", "pack": "national"}, files=files)

    upload = answer.headers["location"].rpartition("/")[2]
    assert [result.submission.name for result in office.store.results(upload)] == [FAULTY, CLEAN]


def test_who_may_only_read_hands_in_nothing(office: Office) -> None:
    viewer = office.client(Role.VIEWER)

    assert [viewer.get("/submit").status_code, viewer.post("/submit/uploads").status_code] == [403, 403]


def test_uploads_are_counted(office: Office) -> None:
    office.access.settings.change(LOCAL, "upload_per_minute", 2)
    browser = office.client(Role.SUPERVISOR)

    answers = [browser.post("/submit/uploads", headers=JSON) for _ in range(4)]

    assert [answer.status_code for answer in answers][-1] == 429
    assert int(answers[-1].headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("县/局.txt", "县/局.txt"),
        ("..\\..\\windows\\x.txt", "windows/x.txt"),
        ("/etc/passwd", "etc/passwd"),
        ("a\u202ecod.exe", "acod.exe"),
        ("", "未命名文件"),
        ("./.", "未命名文件"),
    ],
)
def test_names_from_browsers_are_shown_and_lead_nowhere(given: str, shown: str) -> None:
    assert shown_name(given) == shown


def test_looking_at_a_file_imports_no_parser() -> None:
    code = (
        "import sys; from pathlib import Path; from web.uploads.looks import look_at\nbefore = set(sys.modules)\n"
        f"for path in sorted(Path({str(REPORTS)!r}).iterdir()): look_at(path, path.name)\n"
        "parsers = ('lxml', 'pypdfium2', 'selectolax', 'olefile', 'pypdf', 'docx', 'openpyxl', 'py7zr', 'reports_in.readers')\n"
        "print(sorted(name for name in set(sys.modules) - before if name.startswith(parsers)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )

    assert done.stdout.strip() == "[]"


def test_an_upload_given_up_is_among_what_is_cleaned(office: Office) -> None:
    upload = Uploads(office.store.folder).open(Details("a", "甲", "一批", "/"))
    os.utime(upload.folder, (0, 0))

    clean(office.store, Periods())

    assert not upload.folder.exists()


def test_what_an_account_has_handed_in_is_counted_once_for_each_file(office: Office) -> None:
    account = office.account(Role.SUPERVISOR)
    for _ in range(2):
        submitted(office, account, (FAULTY, CLEAN))

    assert stored_bytes(office.store, account.id) == sum((REPORTS / name).stat().st_size for name in (FAULTY, CLEAN))
    assert stored_bytes(office.store, "somebody else") == 0


def test_many_at_once_are_together_no_more_than_one_may_be_alone(tmp_path: Path) -> None:
    upload = Uploads(tmp_path, most_bytes=1000).open(Details("a", "甲", "一批", COUNTY))

    def send(number: int) -> bool:
        try:
            upload.receive(number, f"{number}.txt", 0, 100, b"x")
        except UploadTooLarge:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(send, range(40))).count(True) == 10


def test_a_piece_sent_twice_at_once_is_written_once(tmp_path: Path) -> None:
    upload = Uploads(tmp_path).open(Details("a", "甲", "一批", COUNTY))

    def send(_: int) -> None:
        with suppress(WrongOffset):
            upload.receive(0, "甲.txt", 0, 100_000, b"x" * 50_000)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(8)))

    assert upload.unfinished() == {0: 50_000}


def test_uploads_of_one_person_are_limited_together_and_not_with_those_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web.uploads.staging, "MOST_STAGED_BYTES", 1000)
    uploads = Uploads(tmp_path)
    first, second, others = (uploads.open(Details(account, "甲", "一批", COUNTY)) for account in ("a", "a", "b"))
    first.receive(0, "甲.txt", 0, 900, b"x")

    with pytest.raises(UploadTooLarge, match="没有提交完"):
        uploads.find(second.id, "a").receive(0, "乙.txt", 0, 200, b"x")
    assert uploads.find(others.id, "b").receive(0, "丙.txt", 0, 200, b"x") == 1
    first.say("done")
    first.drop_files()
    assert uploads.find(second.id, "a").receive(0, "乙.txt", 0, 200, b"x") == 1


def test_what_is_handed_in_counts_towards_the_quota_before_it_is_taken_in(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = office.client(Role.SUPERVISOR)
    upload = opened(browser)
    put(browser, upload, 0, "甲.txt", b"x" * 100)
    monkeypatch.setattr(web.uploads.quota, "stored_bytes", lambda store, account: (50 << 30) - 50)

    assert commit(browser, upload).status_code == 422
    assert office.store.listing.batches(EVERYBODY).total == 0


@pytest.mark.parametrize("headers", [{"content-length": str(2 << 30)}, {"transfer-encoding": "chunked"}], ids=str)
def test_a_disk_that_a_body_would_fill_takes_none_of_it(
    office: Office, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2 << 30))
    answer = office.client(Role.SUPERVISOR).post("/submit", content=b"x", headers=headers | JSON)

    assert (answer.status_code, "磁盘空间不足" in answer.json()["error"]["message"]) == (413, True)


def test_what_goes_wrong_while_it_is_taken_in_is_logged_with_its_id(tmp_path: Path) -> None:
    Store(tmp_path).close()
    upload = Uploads(tmp_path).open(Details("a", "甲", "一批", COUNTY, pack="../../etc"))
    upload.receive(0, "甲.txt", 0, 1, b"x")
    command = [sys.executable, "-m", "web.uploads.taking_in", str(tmp_path), upload.id]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (ended.returncode, upload.progress().state) == (1, "failed")
    assert f"batch={upload.id}" in ended.stderr
    assert "an upload was not taken in" in ended.stderr
