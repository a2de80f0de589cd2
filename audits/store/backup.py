"""A backup: every row and every file of the store in one tar, taken while the service works, put back into an empty place.

Rows are read in one transaction, so they are of one moment; files come before them, so whatever a row points to is in the backup.
The rows are written as JSON, not as one database or the other keeps them: a backup of SQLite is put back into PostgreSQL, too.

    hecha-backup.json       what made it, and of what
    files/ab/ab01...        by the SHA-256 of their bytes, which is checked on the way in and on the way out
    tables/<name>.jsonl.gz  a row a line
    complete.json           counts and hashes; a backup without it was cut off
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import math
import os
import re
import shutil
import tarfile
import tempfile
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa

from audits.audit import ENGINE
from audits.errors import BackupError
from audits.store.database import REVISIONS, Database
from audits.store.files import Files, FileStore
from audits.store.removal import NAMING
from audits.store.store import Store, open_files
from audits.store.tables import (
    ACCOUNTS,
    AUDITS,
    BATCHES,
    ENTRIES,
    LINKS,
    METADATA,
    ROSTERS,
    SCHEDULES,
    SESSIONS,
    SUBMISSIONS,
    SWEPT,
)
from reports_in.system_words import in_words
from rules.compile import PACKS

FORMAT = 1
HEAD, COMPLETE = "hecha-backup.json", "complete.json"
FILE_NAME = re.compile(r"files/([0-9a-f]{2})/(\1[0-9a-f]{62})")
TABLE_NAME = re.compile(r"tables/([a-z_]+)\.jsonl\.gz")
ROWS_AT_ONCE = 1_000
MOST_TOLD_BYTES = 64 << 20  # of what a backup says of itself
MOST_ROW_BYTES = 64 << 20  # a row is unpacked as a whole; ours have some kilobytes
CHUNK_BYTES = 1 << 20
UNFINISHED = ".restore-"
OF_NO_ACCOUNT = ("hecha.lock", "logs", "redis", "certificate")  # what a folder may hold and still count as empty

TELLING = (BATCHES, ACCOUNTS, ENTRIES, SCHEDULES, ROSTERS)  # a database in which somebody has done anything has a row in one
NOT_PUT_BACK = (SESSIONS.name, LINKS.name)  # what lets somebody in at that moment
# an archive that a sweep found is known by its hash, and was opened and not kept
KEPT = tuple(column for column in NAMING if column is not SWEPT.c.sha256)
PACKS_NAMED = sa.union(sa.select(BATCHES.c.pack), sa.select(SCHEDULES.c.pack))

Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Backup:
    """What is in a backup.

    damaged  files whose bytes are not what their name says.
    missing  files that rows name and nobody has.
    packs    folders of rule packs that batches were audited by, which are not part of it.
    """

    made_at: str
    engine: str
    rows: Mapping[str, int]
    files: int
    bytes: int
    damaged: Sequence[str] = ()
    missing: Sequence[str] = ()
    packs: Sequence[str] = ()


@dataclass(slots=True)
class _Packed:
    """The files that are in the backup so far."""

    bytes: int = 0
    names: set[str] = field(default_factory=set)
    damaged: list[str] = field(default_factory=list)


def write(store: Store, to: Path, told: Told | None = None) -> Backup:
    """Write a backup of the store as it is now; people go on working. Raises BackupError; then there is no file ``to``.

    told  is called now and then with the number of files and bytes so far.
    """
    partial = to.with_name(f".{to.name}.{uuid.uuid4().hex[:8]}")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                backup = _write(store, tar, to.parent, told)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, to)
    except OSError as exc:
        raise BackupError(f"{to}：备份写不下去（{in_words(exc)}）；请检查磁盘空间和权限") from exc
    finally:
        partial.unlink(missing_ok=True)
    return backup


def _write(store: Store, tar: tarfile.TarFile, beside: Path, told: Told | None) -> Backup:
    made_at = datetime.now(UTC).astimezone().isoformat(timespec="seconds")
    head = {"format": FORMAT, "engine": ENGINE, "revision": REVISIONS[-1], "made_at": made_at}
    _add_json(tar, HEAD, head)
    packed = _Packed()
    for sha256, _ in store.files.sizes(math.inf):
        _pack(tar, packed, sha256, store.file(sha256))
        if told is not None and len(packed.names) % 100 == 0:
            told(len(packed.names), packed.bytes)
    counts, digests, named, kept, packs = _pack_rows(store, tar, beside)
    missing = []
    for sha256 in sorted(named - packed.names):  # came while the others were packed
        if not _pack(tar, packed, sha256, store.file(sha256)) and sha256 in kept:
            missing.append(sha256)
    _add_json(
        tar,
        COMPLETE,
        {
            "rows": counts,
            "tables": digests,
            "files": len(packed.names),
            "bytes": packed.bytes,
            "damaged": packed.damaged,
            "missing": missing,
        },
    )
    return Backup(made_at, ENGINE, counts, len(packed.names), packed.bytes, packed.damaged, missing, packs)


def _pack(tar: tarfile.TarFile, packed: _Packed, sha256: str, path: Path) -> bool:
    """False if there is no such file: it was deleted meanwhile."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return False
    with file:
        info = tarfile.TarInfo(f"files/{sha256[:2]}/{sha256}")
        info.size = os.fstat(file.fileno()).st_size
        hashed = _Hashed(file)
        tar.addfile(info, hashed)
    packed.names.add(sha256)
    packed.bytes += info.size
    if hashed.digest.hexdigest() != sha256:
        packed.damaged.append(sha256)
    return True


def _pack_rows(
    store: Store, tar: tarfile.TarFile, beside: Path
) -> tuple[dict[str, int], dict[str, str], set[str], set[str], Sequence[str]]:
    """All rows as of one moment; returns how many each table has, the hash of each member, the files that rows name, those of them that
    were kept for sure, and the packs."""
    counts: dict[str, int] = {}
    digests: dict[str, str] = {}
    with store.snapshot() as db:
        for table in METADATA.sorted_tables:
            with tempfile.TemporaryFile(dir=beside) as spool:
                with gzip.GzipFile(fileobj=spool, mode="wb", compresslevel=3, mtime=0) as packed:
                    counts[table.name] = 0
                    for row in db.execution_options(yield_per=ROWS_AT_ONCE).execute(_in_order(table)):
                        packed.write(json.dumps(dict(row._mapping), ensure_ascii=False).encode() + b"\n")
                        counts[table.name] += 1
                digests[table.name] = _add(tar, f"tables/{table.name}.jsonl.gz", spool)
        packs = [pack for pack in db.scalars(PACKS_NAMED) if pack and not (PACKS / pack).is_relative_to(PACKS)]
        return counts, digests, files_named(db), files_named(db, KEPT), sorted(packs)


def _in_order(table: sa.Table) -> sa.Select[Any]:
    """So that a row comes after the row of its own table that it points to: versions of a report follow each other."""
    first = [table.c.version] if table is SUBMISSIONS else []
    return sa.select(table).order_by(*first, *table.primary_key)


def files_named(db: sa.Connection, columns: Sequence[sa.ColumnElement[Any]] = NAMING) -> set[str]:
    """The hashes of all files that a row points to."""
    found: set[str] = set()
    for column in (*columns, AUDITS.c.outputs):
        for value in db.scalars(
            sa.select(column).where(column.is_not(None)).distinct() if not _is_json(column) else sa.select(column)
        ):
            found.update(value.values() if isinstance(value, dict) else [value])
    return found - {""}


def _is_json(column: sa.ColumnElement[Any]) -> bool:
    return isinstance(column.type, sa.JSON)


class _Hashed:
    """A file that is hashed as it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data


def _add_json(tar: tarfile.TarFile, name: str, value: object) -> None:
    _add(tar, name, io.BytesIO((json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()))


def _add(tar: tarfile.TarFile, name: str, file: IO[bytes]) -> str:
    info = tarfile.TarInfo(name)
    info.size = file.seek(0, os.SEEK_END)
    file.seek(0)
    hashed = _Hashed(file)
    tar.addfile(info, hashed)
    return hashed.digest.hexdigest()


def restore(backup: Path, folder: Path, url: str = "") -> Backup:
    """Put a backup back into an empty folder (and, with ``url``, an empty PostgreSQL database). Raises BackupError, StoreError.

    Every file is held against its hash, every row is counted; sessions are left out, so that everybody signs in again. What a
    restore that was broken off left in the folder is removed by the next.
    """
    _require_empty(folder)
    staging = folder / f"{UNFINISHED}{uuid.uuid4().hex[:8]}"
    try:
        for left in folder.glob(f"{UNFINISHED}*"):
            shutil.rmtree(left)
        (staging / "files").mkdir(parents=True)
        found, revision, tables = _unpack(backup, staging)
        files = open_files(folder)
        if isinstance(files, Files):
            os.replace(staging / "files", folder / "files")
        else:
            for path in (staging / "files").glob("*/*"):
                files.put_file(path)
        try:
            _restore_rows(staging, url, revision, tables)
            missing = _named_but_missing(staging, url, files)
        except BaseException:
            shutil.rmtree(folder / "files", ignore_errors=True)
            raise
        if not url:
            os.replace(staging / "hecha.db", folder / "hecha.db")  # last: before it there is no data here
    except OSError as exc:
        raise BackupError(f"{folder}：恢复不下去（{in_words(exc)}）；请检查磁盘空间和权限，清空后重来") from exc
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return Backup(found["made_at"], found["engine"], found["rows"], found["files"], found["bytes"], found["damaged"], missing)


def _require_empty(folder: Path) -> None:
    try:
        inside = [path.name for path in folder.iterdir()] if folder.exists() else []
    except OSError as exc:
        raise BackupError(f"{folder}：打不开（{in_words(exc)}）；请核对路径和权限") from exc
    others = [name for name in inside if name not in OF_NO_ACCOUNT and not name.startswith(UNFINISHED)]
    if others:
        raise BackupError(f"{folder}：不是空的（有 {others[0]} 等）；恢复只写进空文件夹，以免盖掉现有数据，请换一个")


def _unpack(backup: Path, staging: Path) -> tuple[dict[str, Any], str, dict[str, Path]]:
    """The files to ``files/``, the tables to ``tables/``. Returns what the backup says of itself, its revision, its tables."""
    head: dict[str, Any] = {}
    complete: dict[str, Any] = {}
    tables: dict[str, Path] = {}
    digests: dict[str, str] = {}
    files = 0
    damaged: list[str] = []
    try:
        with tarfile.open(backup, "r|") as tar:
            for member in tar:
                stream = tar.extractfile(member) if member.isreg() and not member.issparse() else None
                if stream is None:
                    raise BackupError(f"{backup}：里面有不该有的 {member.name}；这不是完好的核查备份")
                if member.name == HEAD:
                    head = _said(member, stream)
                    _require_known(backup, head)
                elif member.name == COMPLETE:
                    complete = _said(member, stream)
                elif not head:
                    raise BackupError(f"{backup}：不是核查的备份文件")
                elif match := FILE_NAME.fullmatch(member.name):
                    files += 1
                    if _copy(stream, staging / member.name) != match[2]:
                        (staging / member.name).unlink()
                        damaged.append(match[2])
                elif match := TABLE_NAME.fullmatch(member.name):
                    tables[match[1]] = staging / member.name
                    digests[match[1]] = _copy(stream, staging / member.name)
                else:
                    raise BackupError(f"{backup}：里面有不该有的 {member.name}；这不是完好的核查备份")
    except (tarfile.TarError, EOFError, ValueError, RecursionError) as exc:
        raise BackupError(f"{backup}：备份文件不完整或已损坏（{exc}）；请换一份备份") from exc
    if not head:
        raise BackupError(f"{backup}：不是核查的备份文件")
    if not complete or (files, digests) != (complete["files"], complete["tables"]):
        raise BackupError(f"{backup}：备份文件不完整或已损坏；请换一份备份")
    new = sorted(set(damaged) - set(complete["damaged"]))
    if new:
        raise BackupError(f"{backup}：{len(new)} 个文件与其哈希不符（如 {new[0][:12]}…），备份文件已损坏；请换一份备份")
    return {**head, **complete}, str(head["revision"]), tables


def _said(member: tarfile.TarInfo, stream: IO[bytes]) -> dict[str, Any]:
    """What a backup says of itself. Raises ValueError."""
    if member.size > MOST_TOLD_BYTES:
        raise ValueError(f"{member.name} has {member.size} bytes")
    found = json.load(stream)
    if not isinstance(found, dict):
        raise ValueError(f"{member.name} is no object")
    return found


def _require_known(backup: Path, head: Mapping[str, Any]) -> None:
    if head.get("format") != FORMAT or head.get("revision") not in REVISIONS:
        raise BackupError(f"{backup}：是更新版本的核查（{head.get('engine')}）做的备份；请先升级程序")


def _copy(stream: IO[bytes], to: Path) -> str:
    """Returns the SHA-256 of what was copied, which is on disk then."""
    digest = hashlib.sha256()
    to.parent.mkdir(parents=True, exist_ok=True)
    with to.open("wb") as file:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _restore_rows(staging: Path, url: str, revision: str, tables: Mapping[str, Path]) -> None:
    """Into tables as they were when the backup was made, which are then brought up to date."""
    place = url or f"sqlite:///{staging / 'hecha.db'}"
    database = Database(place, revision)
    try:
        with database.write() as db:
            there = sa.MetaData()
            there.reflect(db)
            filled = next((table.name for table in TELLING if _has_rows(db, there, table.name)), None)
            if filled is not None:
                raise BackupError(f"{database.shown}：数据库不是空的（{filled} 里有数据）；恢复只写进空的数据库，请另建一个")
            for table in reversed(there.sorted_tables):
                if table.name in METADATA.tables:
                    db.execute(table.delete())  # what the migrations themselves put there
            for table in there.sorted_tables:
                if table.name in tables and table.name not in NOT_PUT_BACK:
                    _restore_table(db, table, tables[table.name])
    finally:
        database.close()
    Database(place).close()


def _restore_table(db: sa.Connection, table: sa.Table, written: Path) -> None:
    """Raises BackupError for rows that are none of its."""
    try:
        for rows in _by(ROWS_AT_ONCE, _rows(written)):
            db.execute(table.insert(), [_as_stored(table, row) for row in rows])
    except (KeyError, TypeError, ValueError, OverflowError) as exc:
        raise BackupError(f"{written.name}：备份里的这张表已损坏（{exc}）；请换一份备份") from exc


def _has_rows(db: sa.Connection, there: sa.MetaData, name: str) -> bool:
    return (
        name in there.tables
        and db.execute(sa.select(sa.literal(1)).select_from(there.tables[name]).limit(1)).first() is not None
    )


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    """Raises ValueError for what is no table of ours."""
    with gzip.open(path, "rb") as lines:
        try:
            while line := lines.readline(MOST_ROW_BYTES):
                if not line.endswith(b"\n") or not isinstance(row := json.loads(line), dict):
                    raise ValueError("not a row")
                yield row
        except (EOFError, RecursionError, zlib.error, gzip.BadGzipFile) as exc:
            raise ValueError(str(exc)) from exc


def _by(size: int, rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _as_stored(table: sa.Table, row: dict[str, Any]) -> dict[str, Any]:
    """Nothing stays nothing: without this a JSON column would hold the word null."""
    return {name: sa.null() if value is None and _is_json(table.c[name]) else value for name, value in row.items()}


def _named_but_missing(staging: Path, url: str, files: FileStore) -> list[str]:
    database = Database(url or f"sqlite:///{staging / 'hecha.db'}")
    try:
        with database.read() as db:
            return sorted(sha256 for sha256 in files_named(db, KEPT) if not files.has(sha256))
    finally:
        database.close()
