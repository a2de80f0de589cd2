"""The fixture of the tests that need real servers."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worker.processes import COMPOSE, Service, answers, until


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command, *args = COMPOSE["services"]["redis"]["command"]
    (tmp_path / "redis").mkdir()
    server = subprocess.Popen(
        [command, *args, "--port", str(port), "--bind", "127.0.0.1", "--dir", tmp_path / "redis"], stdout=subprocess.DEVNULL
    )
    running = Service(tmp_path, port)
    try:
        until(lambda: answers(running.url), "redis-server answers")
        yield running
    finally:
        running.kill_workers()
        server.kill()
        server.wait()
