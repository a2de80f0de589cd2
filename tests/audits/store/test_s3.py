"""Files in an S3-compatible store, played by a server of its own process: what holds for a folder holds there."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from audits.errors import StoreError
from audits.intake import Submitted
from audits.outcome import Outcome, Settled
from audits.store import Queue, Store, s3
from audits.store.backup import files_named, restore, write
from audits.store.files import Files, FileStore
from audits.store.s3 import S3Files
from audits.store.tables import REMOVALS
from tests.servers import PATIENCE, free_port, until

pytestmark = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("boto3", "moto", "flask"))), reason="moto's server is not installed"
)
GRACE = 60.0


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: _answers(address), "moto's server answers")
        yield address
    finally:
        running.terminate()
        running.wait(PATIENCE)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/moto-api/", timeout=10):
            return True
    except OSError:
        return False


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty private bucket, as s3://..., with all that the environment has to say."""
    for name, value in {"ENDPOINT": server, "ACCESS_KEY": "test", "SECRET_KEY": "test"}.items():
        monkeypatch.setenv(f"HECHA_S3_{name}", value)
    name = f"b{os.urandom(6).hex()}"
    s3.connect().create_bucket(Bucket=name)
    return f"s3://{name}/hecha"


@pytest.fixture(params=["folder", "s3"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    if request.param == "folder":
        return Files(tmp_path / "files")
    return S3Files(request.getfixturevalue("bucket"), tmp_path / "cache")


def test_what_is_stored_is_read_back_by_its_hash(files: FileStore, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"from a file" * 200_000)
    first, second = files.put_bytes(b"bytes"), files.put_file(tmp_path / "a")

    assert first == hashlib.sha256(b"bytes").hexdigest()
    assert [files.path(sha256).read_bytes() for sha256 in (first, second)] == [b"bytes", b"from a file" * 200_000]
    assert (files.has(first), files.size(second), files.has(""), files.size("0" * 64)) == (True, 2_200_000, False, None)
    files.copy_out(first, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"bytes"
    assert dict(files.sizes(time.time() + GRACE)) == {first: 5, second: 2_200_000}
    assert list(files.unfinished(time.time() + GRACE)) == []


def test_what_is_not_there_is_a_path_that_does_not_exist(files: FileStore, tmp_path: Path) -> None:
    assert not files.path("0" * 64).exists()
    with pytest.raises(OSError, match="No such file"):
        files.copy_out("0" * 64, tmp_path / "copy")


def test_a_file_that_cannot_be_read_stores_nothing(files: FileStore, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        files.put_file(tmp_path / "gone")

    assert dict(files.sizes(time.time() + GRACE)) == {}


def test_an_empty_file_is_a_file_too(files: FileStore, tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")

    assert files.path(files.put_file(tmp_path / "empty")).read_bytes() == b""


def test_what_was_stored_lately_is_not_removed_and_the_rest_is(files: FileStore) -> None:
    sha256 = files.put_bytes(b"bytes")

    assert files.remove(sha256, time.time() - GRACE) is None
    assert files.has(sha256)
    assert files.remove(sha256, time.time() + GRACE) == 5
    assert (files.has(sha256), files.path(sha256).exists(), files.remove(sha256, time.time() + GRACE)) == (False, False, 0)


def test_another_machine_reads_what_this_one_stored_and_keeps_it_at_hand(bucket: str, tmp_path: Path) -> None:
    here, there = S3Files(bucket, tmp_path / "here"), S3Files(bucket, tmp_path / "there")
    sha256 = here.put_bytes(b"bytes")

    assert there.path(sha256).read_bytes() == b"bytes"
    here.remove(sha256, time.time() + GRACE)
    assert there.path(sha256).exists()


def test_what_comes_back_changed_is_refused(bucket: str, tmp_path: Path) -> None:
    files = S3Files(bucket, tmp_path / "cache")
    sha256 = hashlib.sha256(b"true").hexdigest()
    name = bucket.split("/")[2]
    s3.connect().put_object(Bucket=name, Key=f"hecha/{sha256[:2]}/{sha256}", Body=b"false")

    with pytest.raises(StoreError, match="内容不符"):
        files.path(sha256)
    assert list((tmp_path / "cache").rglob("*")) == []


def test_the_cache_gives_up_first_what_was_read_longest_ago(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "CACHE_BYTES", 20)
    monkeypatch.setattr(s3, "LOOK_EVERY", 1)
    files = S3Files(bucket, tmp_path / "cache")
    stored = []
    for number in range(4):
        stored.append(files.put_bytes(b"%09d" % number))
        for age, sha256 in enumerate(reversed(stored)):
            place = tmp_path / "cache" / sha256[:2] / sha256
            if place.exists():
                os.utime(place, times=(then := time.time() - 2 * s3.READING_SECONDS - age, then))
    kept = [(tmp_path / "cache" / sha256[:2] / sha256).exists() for sha256 in stored]

    assert (kept[0], kept[-1]) == (False, True)
    assert files.path(stored[0]).read_bytes() == b"000000000"


def test_a_store_that_cannot_be_reached_or_has_no_such_bucket_is_one_line(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StoreError, match="对象存储用不了"):
        S3Files("s3://no-such-bucket", tmp_path)
    with pytest.raises(StoreError, match="存储桶"):
        S3Files("s3://", tmp_path)
    monkeypatch.setenv("HECHA_S3_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(StoreError, match="对象存储用不了"):
        S3Files(bucket, tmp_path)


def test_a_batch_is_audited_and_deleted_with_its_files_there(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HECHA_FILES", bucket)
    store = Store(tmp_path / "data")
    (tmp_path / "a.txt").write_text("a")
    batch = store.add_batch("一批", [Submitted(tmp_path / "a.txt", "a.txt")])
    claim = store.claim(Queue.AUDIT, 60.0)
    assert claim is not None
    assert store.file(claim.submission.sha256).read_text() == "a"
    assert store.finish(claim, Outcome(Settled.AUDITED, outputs={"json": b"{}"}), "k", "national 1", "hecha 1")
    assert store.recorded("k") is not None
    assert len(dict(store.files.sizes(time.time() + GRACE))) == 2
    assert not (tmp_path / "data" / "files").exists()

    assert store.removal.batch(batch).waiting == 2
    with store.transactions.write() as db:
        db.execute(REMOVALS.update().values(asked_at=0.0))
    assert store.removal.finish(grace=-GRACE).files == 2
    assert dict(store.files.sizes(time.time() + GRACE)) == {}


def test_what_must_not_be_kept_is_neither_there_nor_in_the_cache(bucket: str, tmp_path: Path) -> None:
    files = S3Files(bucket, tmp_path / "cache")
    (tmp_path / "a.txt").write_text("a")
    asked: list[tuple[bytes, str]] = []

    def refused(copy: Path, sha256: str) -> None:
        asked.append((copy.read_bytes(), sha256))
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        files.put_file(tmp_path / "a.txt", refused)

    assert asked == [(b"a", hashlib.sha256(b"a").hexdigest())]
    assert not files.has(asked[0][1])
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []


def test_a_place_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HECHA_FILES", "ftp://somewhere")

    with pytest.raises(StoreError, match="s3://"):
        Store(tmp_path)


def test_a_backup_of_files_in_the_store_comes_back_there_and_in_a_folder(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("甲", "utf-8")
    monkeypatch.setenv("HECHA_FILES", bucket)
    store = Store(tmp_path / "one")
    store.add_batch("一批", [Submitted(tmp_path / "a.txt", "a.txt")])
    made = write(store, tmp_path / "it.tar")
    monkeypatch.setenv("HECHA_FILES", f"{bucket}/again")
    there = restore(tmp_path / "it.tar", tmp_path / "two")
    two = Store(tmp_path / "two")
    monkeypatch.delenv("HECHA_FILES")
    here = restore(tmp_path / "it.tar", tmp_path / "three")

    with two.snapshot() as db:
        (named,) = files_named(db)
    assert (made.files, there.missing, here.missing) == (1, [], [])
    assert two.file(named).read_text("utf-8") == "甲"
    assert Store(tmp_path / "three").file(named).read_text("utf-8") == "甲"
