"""The Redis of `hecha up`: on a socket of its user's, append-only; what it cannot read does not keep it from starting."""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import redis

import cli.up
from tests.servers import PATIENCE, until
from worker import embedded_redis
from worker.errors import FolderUnusable
from worker.redis_check import fitness
from worker.settings import redis_socket, socket_url

pytestmark = pytest.mark.integration


class Running:
    def __init__(self, data: Path) -> None:
        self.data, self.url = data, socket_url(redis_socket(data))
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(embedded_redis.command(self.data), stdout=subprocess.DEVNULL)

    def answers(self) -> bool:
        with suppress(redis.RedisError), redis.Redis.from_url(self.url) as client:
            return bool(client.ping())
        return False

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(PATIENCE)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    server = Running(tmp_path / "数据 一")
    yield server
    server.stop()


def test_it_is_fit_to_carry_hints_and_keeps_them_over_a_restart(running: Running) -> None:
    running.start()
    until(running.answers, "Redis answers")
    with redis.Redis.from_url(running.url) as client:
        client.rpush("hecha.audit", "a hint")
    found = fitness(running.url)
    running.stop()
    running.start()
    until(running.answers, "Redis answers again")

    assert (found.refusal, found.warnings) == (None, ())
    with redis.Redis.from_url(running.url) as client:
        assert client.lrange("hecha.audit", 0, -1) == [b"a hint"]


def test_nobody_else_on_the_machine_reaches_it(running: Running) -> None:
    running.start()
    until(running.answers, "Redis answers")
    socket = redis_socket(running.data)

    assert (stat.S_IMODE(socket.stat().st_mode), stat.S_IMODE(socket.parent.stat().st_mode)) == (0o600, 0o700)


def test_what_it_cannot_read_is_set_aside_after_it_has_failed_three_times(
    running: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    running.start()
    until(running.answers, "Redis answers")
    with redis.Redis.from_url(running.url) as client:
        client.rpush("hecha.audit", *(str(number) for number in range(1000)))
    kept = running.data / "redis" / embedded_redis.KEPT
    until(lambda: sum(path.stat().st_size for path in kept.glob("*.aof")) > 1000, "it is on disk")
    running.stop()
    for path in kept.glob("*.aof"):
        path.write_bytes(b"garbage\n" * 100)
    running.start()
    assert running.process is not None
    assert running.process.wait(PATIENCE) != 0

    cli.up._ended(running.data, {}, "redis", 1, 4.0)
    assert "另存一边" not in capsys.readouterr().out
    cli.up._ended(running.data, {}, "redis", 1, 8.0)
    assert "另存一边" in capsys.readouterr().out
    running.start()
    until(running.answers, "Redis answers")


def test_a_folder_that_others_may_write_is_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "redis").mkdir(mode=0o777)
    (tmp_path / "redis").chmod(0o777)

    with pytest.raises(FolderUnusable):
        embedded_redis.command(tmp_path)
