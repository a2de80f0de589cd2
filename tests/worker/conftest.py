"""The fixtures of the tests that need real servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import Postgres
from tests.worker.processes import Service


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Over SQLite."""
    running = Service(tmp_path)
    try:
        running.redis.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    """A server of the test's own, to be stopped and started."""
    server = Postgres()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def office(tmp_path: Path, postgres: Postgres) -> Iterator[Service]:
    """Over PostgreSQL, as in an office."""
    running = Service(tmp_path, postgres.database("hecha"))
    try:
        running.redis.start()
        yield running
    finally:
        running.stop()
