"""Files by the hash of their content: written once, whole or not at all, never changed. Here in a folder; s3.py keeps them elsewhere."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Protocol

from audits.errors import StoreError
from reports_in.system_words import in_words

CHUNK_BYTES = 1 << 20
HASH = re.compile(r"[0-9a-f]{64}")
UNFINISHED = "."  # how the names of files begin that are not whole yet

Passed = Callable[[Path, str], object]  # asked with a whole copy and its SHA-256 before it is kept; raises if it must not be


class FileStore(Protocol):
    """Where files are kept by the SHA-256 of their bytes. Several processes may share one."""

    @property
    def shown(self) -> str:
        """Where that is, without a password."""

    def path(self, sha256: str) -> Path:
        """Where the bytes with that hash can be read on this machine. If they are nowhere, a path that does not exist."""

    def has(self, sha256: str) -> bool:
        """Whether they are kept."""

    def size(self, sha256: str) -> int | None:
        """How many bytes; None if they are not kept."""

    def put_bytes(self, data: bytes) -> str:
        """Store the bytes; returns their SHA-256. Storing them again only makes them young. Raises StoreError."""

    def put_file(self, path: Path, passed: Passed | None = None) -> str:
        """Store a copy of the file; returns its SHA-256. Hash and copy are of one reading: a file still growing is no matter.

        Raises OSError if it cannot be read, StoreError if the copy cannot be written, and what ``passed`` raises: nothing is kept then.
        """

    def copy_out(self, sha256: str, to: Path) -> None:
        """Raises OSError."""

    def remove(self, sha256: str, unless_since: float) -> int | None:
        """Remove the file unless it was stored, or stored again, after that moment: then somebody may be about to point to it.

        Returns its bytes, 0 if it is not there; None if it stays. Raises StoreError.
        """

    def sizes(self, before: float) -> Iterator[tuple[str, int]]:
        """Hash and bytes of every file that nobody has stored since that moment."""

    def unfinished(self, before: float) -> Iterator[Path]:
        """Files on this machine that are no use any more: what crashes left before that moment, in the middle of writing."""


class Files:
    """In a folder."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError if the folder cannot be made."""
        self._folder = folder
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # the data folder is nobody else's on this machine
        folder.mkdir(mode=0o700, exist_ok=True)

    @property
    def shown(self) -> str:
        return str(self._folder)

    def path(self, sha256: str) -> Path:
        """Where the bytes with that hash are, or would be. What is no hash is nowhere: a row may say what it likes."""
        return self._folder / sha256[:2] / sha256 if HASH.fullmatch(sha256) else self._folder / "none"

    def has(self, sha256: str) -> bool:
        return bool(sha256) and self.path(sha256).exists()

    def size(self, sha256: str) -> int | None:
        try:
            return self.path(sha256).stat().st_size if sha256 else None
        except FileNotFoundError:
            return None

    def put_bytes(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        if not self._touched(sha256):
            temporary = self._temporary()
            try:
                temporary.write_bytes(data)
                self._settle(temporary, sha256)
            except OSError as exc:
                temporary.unlink(missing_ok=True)
                raise StoreError(f"{self._folder}：写不进数据文件夹（{in_words(exc)}）；请检查磁盘空间") from exc
        return sha256

    def put_file(self, path: Path, passed: Passed | None = None) -> str:
        temporary = self._temporary()
        with path.open("rb") as source:
            source.peek(1)  # a file that cannot be read says so here, before anything is written
            try:
                sha256 = written(iter(partial(source.read, CHUNK_BYTES), b""), temporary)
                if passed is not None:
                    passed(temporary, sha256)
                self._settle(temporary, sha256)
            except OSError as exc:
                raise StoreError(f"{self._folder}：存不下 {path.name}（{in_words(exc)}）；请检查磁盘空间") from exc
            finally:
                temporary.unlink(missing_ok=True)  # still there if it is not kept
        return sha256

    def copy_out(self, sha256: str, to: Path) -> None:
        shutil.copyfile(self.path(sha256), to)

    def remove(self, sha256: str, unless_since: float) -> int | None:
        """Its name goes first: whoever stores it from then on writes it anew, and whoever did just before has made it young."""
        place, gone = self.path(sha256), self._temporary()
        try:
            if place.stat().st_mtime > unless_since:
                return None
            os.replace(place, gone)
            found = gone.stat()
            if found.st_mtime > unless_since:
                os.replace(gone, place)
                return None
            gone.unlink()
        except FileNotFoundError:
            return 0
        except OSError as exc:
            raise StoreError(f"{place}：删不掉（{in_words(exc)}）；请检查权限") from exc
        return found.st_size

    def sizes(self, before: float) -> Iterator[tuple[str, int]]:
        for path in self._folder.glob("[0-9a-f][0-9a-f]/*"):
            found = path.stat()
            if found.st_mtime <= before:
                yield path.name, found.st_size

    def unfinished(self, before: float) -> Iterator[Path]:
        for path in self._folder.glob(f"{UNFINISHED}*"):
            if path.is_file() and path.stat().st_mtime <= before:
                yield path

    def _touched(self, sha256: str) -> bool:
        """Made young, so that no cleaning takes it away before a row points to it. False if it is not there."""
        try:
            os.utime(self.path(sha256))
        except FileNotFoundError:
            return False
        except OSError:  # another user's, or on a disk that cannot be written: it is there all the same
            return self.path(sha256).exists()
        return True

    def _temporary(self) -> Path:
        return self._folder / f"{UNFINISHED}{uuid.uuid4().hex}"

    def _settle(self, temporary: Path, sha256: str) -> None:
        """Force the bytes to disk, then give them their name: under that name there are all of them or none."""
        place = self.path(sha256)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        place.parent.mkdir(exist_ok=True)
        os.replace(temporary, place)
        _sync_folder(place.parent)


def written(chunks: Iterable[bytes], to: Path) -> str:
    """Write them into a new file. Returns their SHA-256: hash and copy are of one reading."""
    digest = hashlib.sha256()
    with to.open("wb") as copy:
        for chunk in chunks:
            digest.update(chunk)
            copy.write(chunk)
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
