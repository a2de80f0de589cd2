"""The data folder as a whole: fit to be worked in, and worked in by one `hecha up` only."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from reports_in.system_words import in_words
from worker.errors import AlreadyRunning, FolderUnusable
from worker.self_check import network_share

LOCK = "hecha.lock"
LOGS = "logs"
OTHERS = 0o077
HELD = ("hecha.db", "files", "cache", "uploads", "exports", "printed", "logs", "redis", "certificate", "certificate/hecha.key")
LITTLE_BYTES = 2 << 30  # free disk below which one is warned: a batch of thousands and its PDFs may take so much


def prepare(folder: Path, *, database: str = "") -> None:
    """Make the folder if it is missing. Raises FolderUnusable if it cannot be written, or if SQLite would be damaged there."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        trial = folder / f".trial-{uuid.uuid4().hex}"
        trial.write_bytes(b"")
        trial.unlink()
    except OSError as exc:
        raise FolderUnusable(
            f"{folder}：数据文件夹不能写（{in_words(exc)}）；请检查权限和磁盘空间，或用 --data 换一个"
        ) from exc
    share = network_share(folder)
    if share and not database:
        raise FolderUnusable(f"{folder}：在网络共享（{share}）上，SQLite 在那里会损坏数据；请用 --data 换成本机磁盘上的文件夹")


def open_to_others(folder: Path) -> Sequence[str]:
    """What in the folder other users of this machine may read or change; nothing if they may not enter the folder."""
    if not folder.stat().st_mode & OTHERS:
        return ()
    return [name for name in (".", *HELD) if (folder / name).exists() and (folder / name).stat().st_mode & OTHERS]


def free_bytes(folder: Path) -> int:
    """On the disk of the folder, or of the nearest one above it that is there."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


@contextmanager
def held(folder: Path, about: Mapping[str, str]) -> Iterator[None]:
    """Nobody else holds the folder meanwhile. ``about`` is what ``holder`` tells others. Raises AlreadyRunning.

    The lock is the system's: it ends with the process, however that ends.
    """
    try:
        file = (folder / LOCK).open("a+", encoding="utf-8")
    except OSError as exc:
        raise FolderUnusable(f"{folder}：数据文件夹不能写（{in_words(exc)}）；请检查权限，或用 --data 换一个") from exc
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            other = _told(file.name)
            where = f"（进程 {other['pid']}，{other['url']}）" if other.get("url") else ""
            raise AlreadyRunning(
                f"{folder}：已有一个 hecha up 在使用这个数据文件夹{where}；不必再启动，或用 --data 换一个"
            ) from exc
        _tell(file.fileno(), {"pid": str(os.getpid()), **about})
        try:
            yield
        finally:
            _tell(file.fileno(), {})


def holder(folder: Path) -> Mapping[str, str] | None:
    """What whoever holds the folder told of itself; None if nobody does."""
    try:
        with (folder / LOCK).open("r", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _told(folder / LOCK)
    except OSError:
        return None
    return None


def _tell(descriptor: int, about: Mapping[str, str]) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(about).encode() if about else b"", 0)


def _told(path: Path | str) -> Mapping[str, str]:
    try:
        found = json.loads(Path(path).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
