"""Two regions with a batch each, audited, and programs with tokens of people of every role."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient

import web.api.batches
from access import Role, roles
from access.permissions import Permission
from audits.intake import Submitted
from audits.service import audit_next, submit_batch
from audits.store import Queue, Store
from tests.web.people import Office, office
from web.uploads.staging import Upload
from web.uploads.taking_in import take_in

SAMPLES = Path(__file__).parents[3] / "samples" / "reports"
GOOD, FAULTY, UNREADABLE = "青禾县教育局2023年报.txt", "云渡县市场监管局2022年报.txt", "云渡县司法局2023年报.txt"
HERE, ELSEWHERE = "/青禾县/", "/云渡县/"
BASE = "/api/v1"


class Programs:
    """An office, and what its people's programs can call."""

    def __init__(self, folder: Path) -> None:
        self.office: Office = office(folder)
        self.store: Store = self.office.store
        self.here = self.batch("青禾", HERE, (GOOD, FAULTY, UNREADABLE))
        self.elsewhere = self.batch("云渡", ELSEWHERE, (GOOD, FAULTY))

    def batch(self, title: str, region: str, names: Sequence[str], owner: str = "somebody") -> str:
        files = [Submitted(SAMPLES / name, name) for name in names]
        batch = submit_batch(self.store, title, files, owner=owner, region=region)
        self.work()
        return batch

    def work(self) -> None:
        while audit_next(self.store, Queue.AUDIT, 60.0):
            pass

    def token(self, role: Role | str, *regions: str, permissions: Sequence[Permission | str] = ()) -> str:
        """Of a person of that role and these regions (all if none), for all that he may do unless told otherwise."""
        account = self.office.account(role, regions or ("/",))
        actor = self.office.access.sessions.actor(self.office.secret(account), "127.0.0.1")
        assert actor is not None
        granted = permissions or sorted(roles()[Role(role)].permissions - {Permission.ACCOUNT_SELF})
        return self.office.access.tokens.create(actor, "测试", granted, 30)[1]

    def program(self, role: Role | str | None, *regions: str) -> TestClient:
        """With the token; without one for None."""
        headers = {} if role is None else {"authorization": f"Bearer {self.token(role, *regions)}"}
        return TestClient(
            self.office.app,
            base_url=f"http://127.0.0.1{BASE}",
            headers=headers,
            client=("192.0.2.9", 5),
            raise_server_exceptions=False,
        )

    def report(self, batch: str, name: str = FAULTY) -> str:
        return next(result.submission.id for result in self.store.results(batch) if result.submission.name == name)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    without_processes(monkeypatch)
    return Programs(tmp_path)


@pytest.fixture(scope="module")
def read_only(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    """One office for tests that change nothing in it."""
    return Programs(tmp_path_factory.mktemp("programs"))


def without_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Uploads are taken in at once, and nobody is woken: what the process does is tested in test_uploads."""

    def start(upload: Upload, data: Path, url: str) -> None:
        upload.change(upload.details())
        take_in(Store(data, url), upload, lambda *_: None)

    monkeypatch.setattr(web.api.batches, "start", start)


def told(answer: httpx2.Response) -> tuple[int, str]:
    """Status and code of an error."""
    return answer.status_code, answer.json()["error"]["code"]
