"""Every promise of access is kept on both databases, by a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from access import LOCAL, Access
from audits.store import Store
from audits.store.tables import METADATA
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


@pytest.fixture(scope="session")
def shared(postgres: Postgres) -> str:
    """One for all tests: to make a database of its own for each takes longer than they do."""
    return postgres.database("shared")


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of a database with empty tables, or none."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'hecha.db'}"
    url: str = request.getfixturevalue("shared")
    store = Store(tmp_path / "emptied", url)
    with store.transactions.write() as db:
        db.execute(sa.text(f"truncate {', '.join(METADATA.tables)}"))
    store.close()
    return url


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
