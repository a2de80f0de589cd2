"""Real servers for tests and benchmarks, each in a folder of its own and on a free port: redis-server and PostgreSQL."""

from __future__ import annotations

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import redis
import yaml

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
PATIENCE = 120.0  # seconds for what takes a few on an idle machine
LOWEST_PORT = 12_000  # below are the ports that programs have by habit
_GIVEN: set[int] = set()


class NotInTime(AssertionError):
    """What should have become true has not."""


def until(true: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Wait until it is true. Raises NotInTime with ``what``."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise NotInTime(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.05)


def alive(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Those of them that have not ended; a zombie has, if nobody has asked yet how."""
    found = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def spent_seconds() -> float:
    """Of CPU, by this process and all that it has started: how much work something is, whatever else the machine does."""
    total = 0.0
    for process in (psutil.Process(), *psutil.Process().children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            total += sum(process.cpu_times()[:4])  # its own, and of those that it has seen end
    return total


def listening() -> socket.socket:
    """A socket that listens on a port of this machine: to be handed to a server of our own, so that nobody takes the port before."""
    return socket.create_server(("127.0.0.1", 0))


def free_port() -> int:
    """For a server that has to be told its port. It stays free until the server has it, also while the server is away: it lies
    below those that the system gives to whoever connects somewhere (who would even meet himself there), and is given once."""
    first_of_the_system = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = random.SystemRandom().randrange(LOWEST_PORT, max(first_of_the_system, LOWEST_PORT + 1000))
        with socket.socket() as trial, suppress(OSError):
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(("", port))
            if port not in _GIVEN:
                _GIVEN.add(port)
                return port


class Redis:
    """redis-server with the words of docker-compose.yml."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command, *args = COMPOSE["services"]["redis"]["command"]
        here = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        self._process = subprocess.Popen([command, *args, *here], stdout=subprocess.DEVNULL)
        until(self.answers, "redis-server answers")

    def answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False

    def pids(self) -> list[int]:
        return [] if self._process is None else [self._process.pid]

    def kill(self, *, forget: bool = False) -> None:
        """kill -9; with ``forget`` its data is gone, too."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        if forget:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir()


class Postgres:
    """A PostgreSQL server that runs as nobody special: it refuses to run as root."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hecha-pg-"))
        self.port = free_port()
        self.url = f"postgresql://hecha@127.0.0.1:{self.port}/postgres"
        self._process: subprocess.Popen[bytes] | None = None
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        settings = ["--auth", "trust", "--username", "hecha", "--encoding", "UTF8", "--locale", "C", "--no-sync"]
        made = self._run([_program("initdb"), "--pgdata", "data", *settings], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output = made.communicate()[0]
        if made.returncode:
            raise RuntimeError(output.decode())

    def _run(self, command: Sequence[object], **streams: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen([str(word) for word in command], cwd=self.folder, **self._as, **streams)

    def start(self) -> None:
        command = [
            _program("postgres"),
            "-D",
            "data",
            "-p",
            str(self.port),
            "-k",
            self.folder,
            "-c",
            "listen_addresses=127.0.0.1",
        ]
        with (self.folder / "log").open("ab") as log:
            self._process = self._run(command, stdout=log, stderr=log)
        until(self.answers, f"PostgreSQL answers; see {self.folder / 'log'}")

    def answers(self) -> bool:
        ready = [_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(ready, check=False).returncode == 0

    def stop(self) -> None:
        """At once, as in a power cut of that machine."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
            self._process = None

    def database(self, name: str) -> str:
        """A new, empty database; returns its URL."""
        createdb = [_program("createdb"), "-h", "127.0.0.1", "-p", str(self.port), "-U", "hecha", name]
        subprocess.run(createdb, check=True)
        return f"postgresql://hecha@127.0.0.1:{self.port}/{name}"

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def _program(name: str) -> str:
    """Debian keeps PostgreSQL's programs out of PATH."""
    found = shutil.which(name) or max(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), default=None)
    if found is None:
        raise FileNotFoundError(f"{name} is not installed; make test installs it (Debian package postgresql)")
    return found
