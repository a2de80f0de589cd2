"""Every promise of access is kept on both databases, by a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from access import LOCAL, Access
from audits.store import Store
from tests.access.people import MONDAY, Office
from tests.servers import Postgres

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'hecha.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.database(f"t{uuid4().hex}")


class Clock:
    """Seconds since 1970, moved by hand."""

    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, url: str) -> Iterator[Store]:
    opened = Store(tmp_path / "data", url)
    yield opened
    opened.close()


@pytest.fixture
def access(store: Store, clock: Clock) -> Access:
    return Access(store, clock)


@pytest.fixture
def office(store: Store, access: Access, clock: Clock) -> Office:
    """With second factors off, so that what a test is about is not buried under codes."""
    access.settings.change(LOCAL, "second_factor", "off")
    return Office(store, access, clock)
