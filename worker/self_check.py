"""What a worker makes sure of before it starts: that nothing here would lose work in silence."""

from __future__ import annotations

import logging
from pathlib import Path

import redis

from worker import redis_check
from worker.settings import DATA_FOLDER, DATABASE_URL, REDIS_URL

log = logging.getLogger(__name__)

NETWORK_FILE_SYSTEMS = ("nfs", "cifs", "smb", "9p", "fuse.sshfs", "fuse.glusterfs", "ceph", "afs", "lustre")


def refuse_to_start_if_unfit() -> None:
    """End the program, with one line, if Redis would drop the queue or SQLite lies on a network share.

    A server that is merely away is waited for: it will come back.
    """
    try:
        found = redis_check.fitness(REDIS_URL)
    except redis.RedisError as exc:
        log.warning("Redis does not answer yet: %s", exc)
    else:
        for warning in found.warnings:
            log.warning("Redis: %s", warning)
        if found.refusal:
            raise SystemExit(f"Redis：{found.refusal}")
    share = network_share(DATA_FOLDER)
    if share and not DATABASE_URL:
        raise SystemExit(
            f"{DATA_FOLDER}：在网络共享（{share}）上，SQLite 在那里会损坏数据；请把 HECHA_DATA 放到本机磁盘，或用 HECHA_DATABASE 指定 PostgreSQL"
        )


def network_share(folder: Path, mounts: str | None = None) -> str | None:
    """The kind of network file system that the folder lies on, None if on none. mounts: as in /proc/self/mounts."""
    if mounts is None:
        try:
            mounts = Path("/proc/self/mounts").read_text("utf-8", "replace")
        except OSError:
            return None
    place = folder.absolute().resolve()
    best, kind = -1, ""
    for line in mounts.splitlines():
        _, point, file_system, *_ = line.split(" ")
        point = point.replace("\\040", " ")
        if place.is_relative_to(point) and len(point) >= best:  # a later mount at the same point hides the earlier one
            best, kind = len(point), file_system
    return kind if kind.startswith(NETWORK_FILE_SYSTEMS) else None
