"""Which files of the paths we were given are reports to read: archives are opened, litter is left out, the same file is taken once."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from audits.errors import OutputError
from reports_in import display_name
from reports_in.archives import Litter, Skipped
from reports_in.errors import EmptyFile
from reports_in.limits import LIMITS
from reports_in.litter import is_litter
from reports_in.system_words import in_words
from reports_in.unpack import looks_packed, unpack


@dataclass(frozen=True, slots=True)
class Capture:
    """What a sweep saw of a report at its address: days are YYYY-MM-DD, as in Publication (rules/filing.py).

    before  hash and name of the file as it was there before; None if it is as it was first seen.
    agency  whose report the list of addresses says it is, by name or code; None if it says nothing.
    """

    first_seen: str
    absent_until: str | None = None
    before: tuple[str, str] | None = None
    before_seen: str | None = None
    gone_since: str | None = None
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """A file to audit.

    name     what messages and outputs call it: its path below the folder that was given, or the way to it in an archive.
    refusal  code and reason if it could not be taken out of its archive; ``path`` is then the archive's.
    capture  what a sweep saw of it where it is published; None for a file that was handed in.
    """

    path: Path
    name: str
    refusal: tuple[str, str] | None = None
    capture: Capture | None = None


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A file with the very bytes of another one of the batch, which stands for both."""

    name: str
    same_as: str


@dataclass(frozen=True, slots=True)
class Collected:
    """``files`` in a fixed order; ``skipped`` names the litter, links and special files that were left out."""

    files: tuple[Submitted, ...]
    skipped: tuple[str, ...]
    duplicates: tuple[Duplicate, ...] = ()


def collect(paths: Iterable[Path], unpacked: Path | None = None) -> Collected:
    """The files under those paths. A file named twice is taken once; a file given by itself is never taken for litter.

    Archives are opened and their files put into ``unpacked``, which must last as long as the files are wanted; without it an
    archive is a file like any other. Raises OutputError if they cannot be put there.
    """
    files: dict[Path, Submitted] = {}
    skipped: list[str] = []
    for given in paths:
        if given.is_dir():
            for path in _walk(given):
                name = _printable(path.relative_to(given))
                if is_litter(name) or path.is_symlink() or not path.is_file():
                    skipped.append(name)
                else:
                    files.setdefault(path.resolve(), Submitted(path, name))
        else:
            files.setdefault(given.resolve(), Submitted(given, _printable(Path(given.name))))
    found = list(files.values()) if unpacked is None else list(_opened(files.values(), unpacked, skipped))
    distinct, duplicates = _told_apart(found)
    return Collected(tuple(distinct), tuple(skipped), tuple(duplicates))


def collect_named(files: Iterable[Submitted], unpacked: Path) -> Collected:
    """The same for files whose names are not those of their paths, as they come over the network. Files are taken as they are given,
    so that whoever gives them sees how far it is. Raises OutputError if archives cannot be unpacked."""
    skipped: list[str] = []

    def kept() -> Iterator[Submitted]:
        for submitted in files:
            if submitted.refusal is None and is_litter(submitted.name):
                skipped.append(submitted.name)
            else:
                yield submitted

    distinct, duplicates = _told_apart(list(_opened(kept(), unpacked, skipped)))
    return Collected(tuple(distinct), tuple(skipped), tuple(duplicates))


def _walk(folder: Path) -> Iterator[Path]:
    """Every file below in a fixed order. Folders that are links come out as they are and are not entered."""
    for parent, folders, names in os.walk(folder):
        folders.sort()
        links = [name for name in folders if Path(parent, name).is_symlink()]
        for name in sorted([*names, *links]):
            yield Path(parent, name)


def _printable(path: Path) -> str:
    """The path as text that every database and terminal takes. Names in GBK, as old Windows tools leave them, are decoded."""
    raw = os.fsencode(path)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("gb18030", errors="replace")
    return display_name(text)


def _opened(files: Iterable[Submitted], unpacked: Path, skipped: list[str]) -> Iterator[Submitted]:
    """The files, in place of each archive what is in it."""
    for number, submitted in enumerate(files):
        if submitted.refusal is not None or not submitted.path.is_file() or not looks_packed(submitted.path):
            yield submitted
            continue
        is_empty = True
        try:
            for found in unpack(submitted.path, submitted.name, unpacked / str(number)):
                if isinstance(found, Litter):
                    skipped.append(found.name)
                    continue
                is_empty = False
                if isinstance(found, Skipped):
                    yield Submitted(submitted.path, found.name, (found.code, found.reason))
                else:
                    yield Submitted(found.path, found.name)
        except OSError as exc:
            raise OutputError(f"{unpacked}：压缩包里的文件写不进去（{in_words(exc)}）；请检查磁盘空间") from exc
        if is_empty:
            error = EmptyFile(submitted.name, "压缩包里没有文件", "请核对后重新提交")
            yield Submitted(submitted.path, submitted.name, (error.code, str(error)))


def _told_apart(files: list[Submitted]) -> tuple[list[Submitted], list[Duplicate]]:
    """The files without those whose bytes came before. Only files of equal size are read for it; empty ones have no bytes."""
    sizes = [_size(submitted) for submitted in files]
    common = Counter(sizes)
    first: dict[bytes, str] = {}
    distinct, duplicates = [], []
    for submitted, size in zip(files, sizes, strict=True):
        digest = _digest(submitted.path) if 0 < size <= LIMITS.file_bytes and common[size] > 1 else None
        if digest is not None and first.setdefault(digest, submitted.name) != submitted.name:
            duplicates.append(Duplicate(submitted.name, first[digest]))
        else:
            distinct.append(submitted)
    return distinct, duplicates


def _size(submitted: Submitted) -> int:
    """In bytes; 0 for what is not to be compared."""
    try:
        return submitted.path.stat().st_size if submitted.refusal is None and submitted.path.is_file() else 0
    except OSError:
        return 0


def _digest(path: Path) -> bytes | None:
    """None if it cannot be read: that is said by whoever audits it."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return None
