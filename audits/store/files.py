"""Files by the hash of their content, in a folder: written once, whole or not at all, never changed."""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from itertools import chain
from pathlib import Path

from audits.errors import StoreError

CHUNK_BYTES = 1 << 20


class Files:
    """Files by the SHA-256 of their bytes: written once, never changed. Several processes may share the folder."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError if the folder cannot be made."""
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, sha256: str) -> Path:
        """Where the bytes with that hash are, or would be."""
        return self._folder / sha256[:2] / sha256

    def put_bytes(self, data: bytes) -> str:
        """Store the bytes; returns their SHA-256. Storing the same bytes again changes nothing. Raises StoreError."""
        sha256 = hashlib.sha256(data).hexdigest()
        if not self.path(sha256).exists():
            temporary = self._temporary()
            try:
                temporary.write_bytes(data)
                self._settle(temporary, sha256)
            except OSError as exc:
                temporary.unlink(missing_ok=True)
                raise StoreError(f"{self._folder}：写不进数据文件夹（{exc.strerror}）；请检查磁盘空间") from exc
        return sha256

    def put_file(self, path: Path) -> str:
        """Store a copy of the file; returns its SHA-256. Hash and copy are of one reading: a file still growing is no matter.

        Raises OSError if it cannot be read, StoreError if the copy cannot be written.
        """
        digest = hashlib.sha256()
        temporary = self._temporary()
        with path.open("rb") as source:
            chunks = iter(lambda: source.read(CHUNK_BYTES), b"")
            first = next(chunks, b"")  # a file that cannot be read says so here, before anything is written
            try:
                with temporary.open("wb") as copy:
                    for chunk in chain((first,), chunks):
                        digest.update(chunk)
                        copy.write(chunk)
                self._settle(temporary, digest.hexdigest())
            except OSError as exc:
                temporary.unlink(missing_ok=True)
                raise StoreError(f"{self._folder}：存不下 {path.name}（{exc.strerror}）；请检查磁盘空间") from exc
        return digest.hexdigest()

    def copy_out(self, sha256: str, to: Path) -> None:
        shutil.copyfile(self.path(sha256), to)

    def _temporary(self) -> Path:
        return self._folder / f".{uuid.uuid4().hex}"

    def _settle(self, temporary: Path, sha256: str) -> None:
        """Force the bytes to disk, then give them their name: under that name there are all of them or none."""
        place = self.path(sha256)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        place.parent.mkdir(exist_ok=True)
        os.replace(temporary, place)
        _sync_folder(place.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
