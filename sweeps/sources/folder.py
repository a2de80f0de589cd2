"""A folder on this machine or a share mounted here: every file below it, unless somebody is still writing it.

Folders are opened one inside the other, never by their whole path, so that nobody can put a link in the way while we look.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from reports_in import display_name
from reports_in.archives import is_archive
from reports_in.limits import LIMITS
from reports_in.litter import is_litter
from reports_in.system_words import in_words
from sweeps.errors import ScheduleUnusable, SourceRefused, SourceUnavailable
from sweeps.looking import Allowed, Course, Failed, Found, Look, Seen

SETTLED_AFTER = 1.0  # seconds between the two looks at a file that is new or has changed
MOST_FILES = 200_000
DEEPEST = 40  # folders inside folders; as many are open at once
CHUNK_BYTES = 1 << 20
FULL: Final = (errno.ENOSPC, errno.EDQUOT)  # where we copy to: no fault of the file
GONE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ESTALE)  # of a file: it vanished while we looked


@dataclass(frozen=True, slots=True)
class _File:
    """way  the path below the folder, "/" between its parts, as the operating system wants it."""

    way: str
    bytes: int
    mtime_ns: int
    device: int

    @property
    def address(self) -> str:
        """The way in characters that can be kept and shown, whatever bytes are in it."""
        return _printable(self.way)

    @property
    def seen(self) -> dict[str, int]:
        return {"bytes": self.bytes, "mtime_ns": self.mtime_ns, "device": self.device}

    def is_as(self, seen: Mapping[str, Any]) -> bool:
        return (seen.get("bytes"), seen.get("mtime_ns")) == (self.bytes, self.mtime_ns)


@dataclass(slots=True)
class _Listing:
    files: list[_File] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)  # folders that could not be read to the end, each with its "/"


class Folder:
    """See Source. The address of a file is its path below the folder."""

    def check(self, spec: Mapping[str, Any], allowed: Allowed) -> dict[str, Any]:
        said = spec.get("path")
        if not isinstance(said, str) or not said.strip():
            raise ScheduleUnusable("没有写明巡查哪个文件夹")
        path = _allowed(said.strip(), allowed)
        try:
            os.close(_open_folder(str(path)))
        except OSError as exc:
            raise ScheduleUnusable(f"{path}：文件夹打不开（{in_words(exc)}）；请核对路径和权限") from exc
        trusted = {"trusted": True} if allowed.any_folder else {}  # whoever keeps it may read the folder anyway
        return {"kind": "folder", "path": str(path), **trusted}

    def look(
        self,
        spec: Mapping[str, Any],
        seen: Mapping[str, Seen],
        into: Path,
        allowed: Allowed,
        course: Course | None = None,
    ) -> Look:
        root = _allowed(spec["path"], replace(allowed, any_folder=True) if spec.get("trusted") is True else allowed)
        try:
            opened = _open_folder(str(root))
        except OSError as exc:
            raise SourceUnavailable(f"{root}：文件夹打不开（{in_words(exc)}）；请核对路径、权限，网络文件夹是否已连接") from exc
        try:
            return _look(opened, seen, into, course or Course())
        except _RootUnreadable as exc:
            raise SourceUnavailable(f"{root}：文件夹读不了（{exc}）；请核对权限，网络文件夹是否已连接") from exc
        finally:
            os.close(opened)

    def words(self, spec: Mapping[str, Any]) -> str:
        return f"文件夹 {display_name(str(spec['path']))}"


class _RootUnreadable(Exception):
    """Of nothing in the folder can be said that it is gone."""


def _allowed(said: str, allowed: Allowed) -> Path:
    """The folder if sweeps may look there: below a root that is allowed, and not by way of a link. Raises SourceRefused."""
    path = Path(said)
    if "\0" in said or not path.is_absolute() or ".." in path.parts:
        raise SourceRefused(f"{display_name(said)}：请写完整路径，以 / 开头，不含 ..")
    roots = [root for root in allowed.folders if path.is_relative_to(root)]
    if not roots and not allowed.any_folder:
        where = "、".join(map(str, allowed.folders)) or "（没有）"
        raise SourceRefused(f"{path}：不在允许巡查的文件夹之内：{where}；由运维人员在 HECHA_SWEEP_FOLDERS 中设定")
    real = Path(os.path.realpath(path))
    if not any(real == Path(os.path.realpath(root)) / path.relative_to(root) for root in roots or [path.parent]):
        raise SourceRefused(f"{path}：路径中有符号链接；请写它所指的文件夹")
    return path


def _open_folder(name: str, within: int | None = None) -> int:
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=within)


def _look(root: int, seen: Mapping[str, Seen], into: Path, course: Course) -> Look:
    listing = _Listing()
    complete = _list(root, "", 0, listing)
    if not listing.files and not listing.failed:
        _expect_nothing(root, seen)
    listing.files.sort(key=lambda file: file.address)
    found: list[Found] = []
    failed = listing.failed
    left: list[str] = []
    fresh: list[_File] = []
    for file in listing.files:
        before = seen.get(file.address)
        if before is not None and file.is_as(before.seen):
            found.append(_found(file, before.sha256, None))
        elif (refusal := _too_large(root, file)) is not None:
            failed.append(refusal)
        else:
            fresh.append(file)
    if fresh:
        time.sleep(SETTLED_AFTER)
    for number, file in enumerate(fresh):
        course.go_on()
        try:
            sha256 = _copied(root, file, into / f"{number:06d}")
        except OSError as exc:
            if exc.errno in FULL:
                raise
            if exc.errno not in GONE:  # what vanished is neither found nor failed
                failed.append(Failed(file.address, "FILE_UNAVAILABLE", f"文件打不开（{in_words(exc)}）；请核对读取权限"))
            continue
        if sha256 is None:
            left.append(file.address)
            continue
        before = seen.get(file.address)
        if before is not None and before.sha256 == sha256:
            (into / f"{number:06d}").unlink()
            found.append(_found(file, sha256, None))
        else:
            found.append(_found(file, sha256, into / f"{number:06d}"))
    named = {item.address for item in failed}
    failed += [  # what lies in a folder that is closed now: nothing is known of it
        Failed(address, "FILE_UNAVAILABLE", "所在的文件夹读不了；请核对读取权限")
        for address in seen
        if address not in named and address.startswith(tuple(listing.closed))
    ]
    found.sort(key=lambda item: item.address)
    return Look(tuple(found), tuple(failed), complete, tuple(left))


def _expect_nothing(root: int, seen: Mapping[str, Seen]) -> None:
    """Raise _RootUnreadable if the files lay on another disk at the last look: their share is not mounted here now."""
    devices = {item.seen.get("device") for item in seen.values() if not item.gone}
    if devices and os.fstat(root).st_dev not in devices:
        raise _RootUnreadable("里面什么也没有，磁盘也不是上次的那个")


def _list(folder: int, prefix: str, depth: int, listing: _Listing) -> bool:
    """Put what is below an open folder into the listing. False if there are too many files to list all."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
    except OSError as exc:
        if not prefix:
            raise _RootUnreadable(in_words(exc)) from exc
        _closed(listing, prefix.rstrip("/"), in_words(exc))
        return True
    for name in names:
        address = prefix + name
        if is_litter(name):
            continue
        try:
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISREG(found.st_mode):
                if len(listing.files) >= MOST_FILES:
                    listing.failed.append(
                        Failed(
                            _printable(address), "LIMIT_EXCEEDED", f"文件夹里超过 {MOST_FILES:,} 份文件；请分成几个文件夹巡查"
                        )
                    )
                    return False
                listing.files.append(_File(address, found.st_size, found.st_mtime_ns, found.st_dev))
            elif stat.S_ISDIR(found.st_mode):
                if depth >= DEEPEST:
                    _closed(listing, address, f"文件夹套了 {DEEPEST} 层以上")
                    continue
                inner = _open_folder(name, folder)
                try:
                    if not _list(inner, f"{address}/", depth + 1, listing):
                        return False
                finally:
                    os.close(inner)
        except OSError as exc:
            if exc.errno == errno.ELOOP or exc.errno in GONE:  # made a link of, or vanished, since it was listed
                continue
            _closed(listing, address, in_words(exc))
    return True


def _closed(listing: _Listing, way: str, reason: str) -> None:
    """Most often a folder."""
    address = _printable(way)
    listing.closed.append(f"{address}/")
    listing.failed.append(Failed(address, "FILE_UNAVAILABLE", f"读不了（{reason}）；请核对读取权限"))


def _found(file: _File, sha256: str, path: Path | None) -> Found:
    return Found(file.address, file.address, path, sha256, file.seen)


def _printable(way: str) -> str:
    return os.fsencode(way).decode("utf-8", "backslashreplace")


def _too_large(root: int, file: _File) -> Failed | None:
    """An archive may be larger than a report."""
    if file.bytes <= LIMITS.file_bytes:
        return None
    most = LIMITS.file_bytes
    try:
        with _opened(root, file.way) as copy:
            if is_archive(copy, file.address):
                most = LIMITS.archive_file_bytes
    except OSError:
        return None  # said where it is copied
    if file.bytes <= most:
        return None
    return Failed(
        file.address, "LIMIT_EXCEEDED", f"文件有 {file.bytes / 1024 / 1024:,.0f} MB，超过上限 {most // 1024 // 1024:,} MB"
    )


def _opened(root: int, way: str) -> Any:
    """A regular file below the folder, no part of its way a link. Raises OSError."""
    *folders, name = way.split("/")
    within = os.dup(root)
    try:
        for folder in folders:
            inner = _open_folder(folder, within)
            os.close(within)
            within = inner
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=within)
    finally:
        os.close(within)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise FileNotFoundError(errno.ENOENT, "no longer a file", way)
    return os.fdopen(file, "rb")


def _copied(root: int, file: _File, to: Path) -> str | None:
    """The hash of the file's bytes, which are put there; None if it is being written: not as it was listed, before or after."""
    digest = hashlib.sha256()
    with _opened(root, file.way) as source, to.open("wb") as copy:
        if not _as_listed(source.fileno(), file):
            to.unlink()
            return None
        for chunk in _chunks(source, file.bytes):
            digest.update(chunk)
            copy.write(chunk)
        if not _as_listed(source.fileno(), file):
            to.unlink()
            return None
    return digest.hexdigest()


def _chunks(source: Any, most: int) -> Iterator[bytes]:
    while most > 0 and (chunk := source.read(min(CHUNK_BYTES, most))):
        most -= len(chunk)
        yield chunk


def _as_listed(descriptor: int, file: _File) -> bool:
    found = os.fstat(descriptor)
    return (found.st_size, found.st_mtime_ns) == (file.bytes, file.mtime_ns)
