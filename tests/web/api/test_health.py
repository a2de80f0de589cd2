"""Whether the service is alive and ready, and its figures."""

from __future__ import annotations

import re

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

import web.api.health
from audits.errors import StoreError
from audits.store import Store
from tests.web.api.conftest import HERE, Programs


def anybody(programs: Programs, address: str = "192.0.2.9", **headers: str) -> TestClient:
    app = programs.office.app
    return TestClient(app, "http://127.0.0.1", client=(address, 5), headers=headers, raise_server_exceptions=False)


def away(*_: object) -> float:
    raise StoreError("weg")


def test_everybody_may_ask_whether_it_is_alive_and_learns_nothing_else(read_only: Programs) -> None:
    assert anybody(read_only).get("/healthz").json() == {"status": "ok"}
    assert set(anybody(read_only).get("/readyz").json()) == {"status", "database", "disk", "redis", "scanner"}
    assert anybody(read_only).get("/readyz").json()["scanner"] == "off"


def test_without_redis_it_is_ready_all_the_same(read_only: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web.api.health, "REDIS_URL", "redis://127.0.0.1:1/0")
    answer = anybody(read_only).get("/readyz")

    assert (answer.status_code, answer.json()["status"], answer.json()["redis"]) == (200, "degraded", "away")


def test_without_its_database_or_a_disk_it_is_not_ready(read_only: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Store, "clock", away)
        database = anybody(read_only).get("/readyz")
    monkeypatch.setattr(web.api.health, "free_bytes", lambda _: 1)
    disk = anybody(read_only).get("/readyz")

    assert (database.status_code, database.json()["database"], anybody(read_only).get("/healthz").status_code) == (
        503,
        "away",
        200,
    )
    assert (disk.status_code, disk.json()["disk"]) == (503, "full")


def test_figures_are_for_this_machine_and_for_tokens_that_may_read_them(programs: Programs) -> None:
    token = {"authorization": f"Bearer {programs.token('system_admin')}"}
    other = {"authorization": f"Bearer {programs.token('supervisor')}"}

    assert anybody(programs).get("/metrics").status_code == 401
    assert anybody(programs, "127.0.0.1").get("/metrics").status_code == 200
    assert anybody(programs, "127.0.0.1", **{"x-forwarded-for": "192.0.2.1"}).get("/metrics").status_code == 401
    assert anybody(programs, **token).get("/metrics").status_code == 200
    assert anybody(programs, **other).get("/metrics").status_code == 403


def test_figures_tell_how_queues_reports_and_requests_stand(programs: Programs) -> None:
    programs.program("viewer", HERE).get("/batches")
    programs.program("viewer", HERE).get("/made-up-by-a-stranger")

    text = anybody(programs, "127.0.0.1").get("/metrics").text

    figures = {
        (sample.name, tuple(sorted(sample.labels.values()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert figures["hecha_submissions", ("audited",)] == 4
    assert figures["hecha_submissions", ("unreadable",)] == 1
    assert figures["hecha_queue_waiting", ("audit",)] == 0
    assert figures["hecha_batches", ("done",)] == 2
    assert figures["hecha_database_up", ()] == 1
    assert figures["hecha_http_request_seconds_count", ("/api/v1/batches", "200", "GET")] == 1
    assert not re.search("made-up", text)


def test_with_the_database_away_the_figures_say_so(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Store, "queues", away)

    text = anybody(programs, "127.0.0.1").get("/metrics").text

    assert "hecha_database_up 0.0" in text
    assert "hecha_disk_free_bytes" in text
