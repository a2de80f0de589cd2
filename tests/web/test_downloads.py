"""Everything of a batch as one file, made in the background."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

import web.pages.downloads
from access import LOCAL, Role
from tests.servers import until
from tests.web.audited import CLEAN, FAULTY, audited
from tests.web.people import Browser, office
from web.exports.folder import Asked, Export, Progress, open_export
from web.exports.making import make


class Filled:
    def __init__(self, folder: Path) -> None:
        self.office = office(folder)
        self.supervisor = self.office.client(Role.SUPERVISOR)
        self.batch = audited(self.office, self.office.account(Role.SUPERVISOR), (FAULTY, CLEAN), title="青禾县")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    return Filled(tmp_path_factory.mktemp("filled"))


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch, filled: Filled) -> None:
    def start(export: Export, data: Path, url: str) -> None:
        asked = export.asked()
        assert asked is not None
        make(filled.office.store, export, asked)

    monkeypatch.setattr(web.pages.downloads, "start", start)


def ask(browser: Browser, batch: str, form: str) -> str:
    answer = browser.post("/downloads", data={"batch": batch, "form": form})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_all_of_a_batch_comes_as_one_archive_made_by_a_process_of_its_own(filled: Filled) -> None:
    address = ask(filled.supervisor, filled.batch, "zip")

    until(lambda: "正在生成" not in filled.supervisor.get(address).text, "export made")

    answer = filled.supervisor.get(f"{address}/file")
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert any(name.endswith("青禾县民政局-2023.pdf") for name in names)
    assert any(name.endswith(".xlsx") for name in names)
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert filled.office.access.log.entries(limit=1)[0].action == "report.download"


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(("form", "begins"), [("xlsx", b"PK"), ("summary", b"%PDF"), ("csv", b"\xef\xbb\xbf"), ("jsonl", b"{")])
def test_each_form_is_made(filled: Filled, form: str, begins: bytes) -> None:
    answer = filled.supervisor.get(f"{ask(filled.supervisor, filled.batch, form)}/file")

    assert answer.content.startswith(begins)


@pytest.mark.usefixtures("at_once")
def test_the_export_of_another_is_not_found(filled: Filled) -> None:
    address = ask(filled.supervisor, filled.batch, "csv")
    other = filled.office.client(Role.SUPERVISOR, login="another")

    assert [other.get(address).status_code, other.get(f"{address}/file").status_code] == [404, 404]


def test_nobody_exports_what_he_does_not_see_or_may_not(filled: Filled) -> None:
    stranger, viewer = filled.office.client(Role.SUPERVISOR, "/别处省/"), filled.office.client(Role.VIEWER)

    form = {"batch": filled.batch, "form": "zip"}
    assert [one.post("/downloads", data=form).status_code for one in (stranger, viewer)] == [404, 403]


def test_an_export_that_is_not_done_has_no_file_and_one_that_failed_says_why(filled: Filled) -> None:
    account = filled.office.account(Role.SUPERVISOR)
    export = open_export(filled.office.store.folder, Asked(account.id, filled.batch, "zip"))

    before = filled.supervisor.get(f"/downloads/{export.id}/file").status_code
    export.say(Progress("failed", reason="磁盘满了"))

    assert before == 404
    assert "磁盘满了" in filled.supervisor.get(f"/downloads/{export.id}").text


def test_a_form_that_does_not_exist_is_refused(filled: Filled) -> None:
    assert filled.supervisor.post("/downloads", data={"batch": filled.batch, "form": "exe"}).status_code == 400


def test_exports_are_counted(tmp_path: Path) -> None:
    made = office(tmp_path)
    made.access.settings.change(LOCAL, "export_per_minute", 1)
    browser = made.client(Role.SUPERVISOR)

    answers = [browser.post("/downloads", data={"batch": "0" * 32, "form": "csv"}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [404, 429, 429]


def test_what_was_exported_of_a_deleted_batch_is_gone(tmp_path: Path) -> None:
    made = office(tmp_path)
    browser, account = made.client(Role.SUPERVISOR), made.account(Role.SUPERVISOR)
    batch = audited(made, account, (CLEAN,), title="要删的")
    export = open_export(made.store.folder, Asked(account.id, batch, "zip"))
    make(made.store, export, Asked(account.id, batch, "zip"))
    assert export.file.exists()

    browser.post(f"/batches/{batch}/delete", data={"title": "要删的"})

    assert not export.folder.exists()
