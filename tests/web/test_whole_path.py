"""From the browser's requests to a decided report, with a real Redis and real worker processes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from access import Role
from tests.servers import until
from tests.web.audited import CLEAN, FAULTY, NO_REPORT, REPORTS
from tests.web.people import office
from tests.web.test_submit import archive, commit, opened, put
from tests.worker.processes import Service

JSON = {"accept": "application/json"}


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    running = Service(tmp_path)
    try:
        running.redis.start()
        running.start_worker(1)
        monkeypatch.setenv("HECHA_REDIS", running.redis.url)  # for the process that takes uploads in
        yield running
    finally:
        running.stop()


@pytest.mark.integration
def test_a_dropped_archive_is_audited_decided_and_downloaded(service: Service) -> None:
    made = office(service.data)
    browser = made.client(Role.SUPERVISOR)
    upload = opened(browser)
    packed = archive({f"青禾县/{name}": (REPORTS / name).read_bytes() for name in (FAULTY, CLEAN, NO_REPORT)})
    for offset in range(0, len(packed), 5_000):
        put(browser, upload, 0, "青禾县.zip", packed[offset : offset + 5_000], offset, len(packed))

    assert commit(browser, upload, title="青禾县 2023").status_code == 202
    until(lambda: browser.get(f"/submit/uploads/{upload}", headers=JSON).json()["progress"]["state"] == "done", "taken in")
    until(lambda: browser.get(f"/batches/{upload}/progress").json()["done"], f"audited; see {service.log}")

    shown = browser.get(f"/batches/{upload}").text
    worst = f"/reports/{made.store.results(upload)[0].submission.id}"
    assert shown.index("青禾县民政局") < shown.index("青禾县教育局")
    assert NO_REPORT in browser.get(f"/failed?batch={upload}").text
    assert browser.get(f"{worst}/preview").content.startswith(b"%PDF")
    finding = browser.get(worst).text.split('data-finding="')[1].split('"')[0]
    assert browser.post(f"{worst}/decide", data={"finding": finding, "decided": "confirmed"}).status_code == 303

    to = browser.post("/downloads", data={"batch": upload, "form": "zip"}).headers["location"]
    until(lambda: browser.get(f"{to}/file").status_code == 200, "export made")
    names = zipfile.ZipFile(io.BytesIO(browser.get(f"{to}/file").content)).namelist()
    assert any(name.endswith("青禾县民政局-2023.pdf") for name in names)
