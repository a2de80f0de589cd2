"""Files by the hash of their content in an S3-compatible store, and a cache of them on this machine for whoever reads them.

``HECHA_FILES=s3://bucket/prefix`` turns it on. The bucket is ours alone and private; it is never listed to find a file, only to clean.
A file is stored by one request that succeeds whole or not at all, so nobody ever reads half of one, and what was written to the cache
is in the store before any row points to it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from audits.errors import StoreError
from audits.store.files import CHUNK_BYTES, HASH, UNFINISHED, Passed, written
from reports_in.system_words import in_words

CACHE_BYTES = 4 << 30  # beyond it, what was read longest ago goes first
UNREAD_SECONDS = 7 * 24 * 3600.0  # what nobody on this machine has read for so long leaves its cache
READING_SECONDS = 3600.0  # what was asked for so recently may still be read: it stays in the cache
LOOK_EVERY = 500  # files written to the cache between two looks at its size
MISSING = ("404", "NoSuchKey", "NotFound")


class S3Files:
    """See FileStore. Opened before a fork, it connects anew in each process."""

    def __init__(self, where: str, cache: Path) -> None:
        """``where`` is s3://bucket/prefix; address and keys come from the environment. Raises StoreError, and OSError for the cache."""
        self._bucket, _, prefix = where.removeprefix("s3://").partition("/")
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        if not self._bucket:
            raise StoreError(f"{where}：应写作 s3://存储桶/前缀")
        self.shown = where
        self._cache = cache
        cache.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        cache.mkdir(mode=0o700, exist_ok=True)
        self._connected: tuple[int, Any] | None = None
        self._written = 0
        self._ask("head_bucket")

    def path(self, sha256: str) -> Path:
        place = self._cached(sha256)
        try:
            os.utime(place)
            return place
        except FileNotFoundError:
            pass
        temporary = self._temporary()
        try:
            found = self._ask("get_object", sha256)
            if found is None:
                return place
            if written(found["Body"].iter_chunks(CHUNK_BYTES), temporary) != sha256:
                raise StoreError(f"{self.shown}：取到的文件 {sha256[:12]} 内容不符；请检查对象存储")
            self._keep(temporary, sha256)
        except OSError as exc:
            raise StoreError(f"{self._cache}：缓存写不进去（{in_words(exc)}）；请检查磁盘空间") from exc
        finally:
            temporary.unlink(missing_ok=True)
        return place

    def has(self, sha256: str) -> bool:
        return self.size(sha256) is not None

    def size(self, sha256: str) -> int | None:
        found = self._ask("head_object", sha256) if sha256 else None
        return None if found is None else int(found["ContentLength"])

    def put_bytes(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        self._ask("put_object", sha256, Body=data)  # even if it is there: it becomes young, see Files
        temporary = self._temporary()
        try:
            temporary.write_bytes(data)
            self._keep(temporary, sha256)
        except OSError as exc:
            temporary.unlink(missing_ok=True)
            raise StoreError(f"{self._cache}：缓存写不进去（{in_words(exc)}）；请检查磁盘空间") from exc
        return sha256

    def put_file(self, path: Path, passed: Passed | None = None) -> str:
        temporary = self._temporary()
        with path.open("rb") as source:
            source.peek(1)  # a file that cannot be read says so here, before anything is written
            try:
                sha256 = written(iter(partial(source.read, CHUNK_BYTES), b""), temporary)
                if passed is not None:
                    passed(temporary, sha256)
                with temporary.open("rb") as body:
                    self._ask("put_object", sha256, Body=body)
                self._keep(temporary, sha256)
            except OSError as exc:
                raise StoreError(f"{self._cache}：存不下 {path.name}（{in_words(exc)}）；请检查磁盘空间") from exc
            finally:
                temporary.unlink(missing_ok=True)
        return sha256

    def copy_out(self, sha256: str, to: Path) -> None:
        shutil.copyfile(self.path(sha256), to)

    def remove(self, sha256: str, unless_since: float) -> int | None:
        """Unlike in a folder, one stored again in the very moment between asking its age and removing it is lost."""
        found = self._ask("head_object", sha256)
        if found is not None and found["LastModified"].timestamp() > unless_since:
            return None
        self._cached(sha256).unlink(missing_ok=True)
        if found is None:
            return 0
        self._ask("delete_object", sha256)
        return int(found["ContentLength"])

    def sizes(self, before: float) -> Iterator[tuple[str, int]]:
        pages = self._client().get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        try:
            for page in pages:
                for found in page.get("Contents", ()):
                    if found["LastModified"].timestamp() <= before:
                        yield found["Key"].rpartition("/")[2], found["Size"]
        except Exception as exc:
            raise self._fault(exc) from exc

    def unfinished(self, before: float) -> Iterator[Path]:
        """Of the cache: what a crash left half written, and what nobody has read for long."""
        for path in self._cache.glob(f"{UNFINISHED}*"):
            if path.is_file() and path.stat().st_mtime <= before:
                yield path
        for path in self._cache.glob("[0-9a-f][0-9a-f]/*"):
            if path.stat().st_mtime <= time.time() - UNREAD_SECONDS:
                yield path

    def _cached(self, sha256: str) -> Path:
        return self._cache / sha256[:2] / sha256 if HASH.fullmatch(sha256) else self._cache / "none"

    def _temporary(self) -> Path:
        return self._cache / f"{UNFINISHED}{uuid.uuid4().hex}"

    def _keep(self, temporary: Path, sha256: str) -> None:
        place = self._cached(sha256)
        place.parent.mkdir(exist_ok=True)
        os.replace(temporary, place)
        self._written += 1
        if self._written % LOOK_EVERY == 0:
            self._shrink()

    def _shrink(self) -> None:
        """Down to nine tenths of what it may hold, but for what may be read just now."""
        found = sorted((path.stat().st_mtime, path.stat().st_size, path) for path in self._cache.glob("[0-9a-f][0-9a-f]/*"))
        over = sum(size for _, size, _ in found) - CACHE_BYTES
        if over <= 0:
            return
        over += CACHE_BYTES // 10
        for read_at, size, path in found:
            if over <= 0 or read_at > time.time() - READING_SECONDS:
                return
            path.unlink(missing_ok=True)
            over -= size

    def _ask(self, what: str, sha256: str = "", **more: Any) -> Any:
        """The answer; None if there is no such file. Raises StoreError."""
        if sha256:
            more["Key"] = f"{self._prefix}{sha256[:2]}/{sha256}"
        try:
            return getattr(self._client(), what)(Bucket=self._bucket, **more)
        except Exception as exc:
            code = str(getattr(exc, "response", {}).get("Error", {}).get("Code", ""))
            if sha256 and code in MISSING:
                return None
            raise self._fault(exc) from exc

    def _fault(self, exc: Exception) -> StoreError:
        if isinstance(exc, StoreError):
            return exc
        code = getattr(exc, "response", {}).get("Error", {}).get("Code", "") or type(exc).__name__
        return StoreError(f"{self.shown}：对象存储用不了（{code}）；请检查地址、密钥、存储桶和网络，然后重试")

    def _client(self) -> Any:
        """One for each process: connections do not survive a fork."""
        if self._connected is None or self._connected[0] != os.getpid():
            self._connected = (os.getpid(), connect())
        return self._connected[1]


def connect() -> Any:
    """A client of the store that the environment names. Raises StoreError if the component is not installed."""
    try:
        import boto3
        from botocore.config import Config
    except ImportError as exc:
        raise StoreError("没有安装对象存储组件；请运行 pip install 'hecha[s3]'，或不设 HECHA_FILES") from exc
    config = Config(
        connect_timeout=5,
        read_timeout=30,
        retries={"mode": "standard", "max_attempts": 4},
        request_checksum_calculation="when_required",  # many compatible servers know no newer checksums
        response_checksum_validation="when_required",
        s3={"addressing_style": os.environ.get("HECHA_S3_ADDRESSING") or "path"},
    )
    given = {"aws_access_key_id": "HECHA_S3_ACCESS_KEY", "aws_secret_access_key": "HECHA_S3_SECRET_KEY"}
    keys = {name: os.environ[variable] for name, variable in given.items() if os.environ.get(variable)}
    region = os.environ.get("HECHA_S3_REGION") or "us-east-1"
    session = boto3.session.Session()
    return session.client(
        "s3", endpoint_url=os.environ.get("HECHA_S3_ENDPOINT") or None, region_name=region, config=config, **keys
    )
