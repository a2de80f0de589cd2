"""A prefix of an S3-compatible store, played by the same server as in the tests of the store's own files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

import pytest

from audits.store.s3 import connect
from sweeps.errors import ScheduleUnusable, SourceRefused, SourceUnavailable
from sweeps.looking import Allowed, Look, Seen
from sweeps.sources.s3 import Prefix
from tests.audits.store import test_s3
from tests.audits.store.test_s3 import bucket, server  # noqa: F401

pytestmark = test_s3.pytestmark


@pytest.fixture
def name(bucket: str) -> str:  # noqa: F811
    return bucket.split("/")[2]


@pytest.fixture
def look(name: str, tmp_path: Path) -> Callable[..., Look]:
    def looking(seen: dict[str, Seen] | None = None, prefix: str = "年报") -> Look:
        allowed = Allowed(buckets=(name,))
        spec = Prefix().check({"kind": "s3", "bucket": name, "prefix": prefix}, allowed)
        return Prefix().look(spec, seen or {}, Path(mkdtemp(dir=tmp_path)), allowed)

    return looking


def put(name: str, key: str, body: bytes) -> None:
    connect().put_object(Bucket=name, Key=key, Body=body)


def remembered(look: Look) -> dict[str, Seen]:
    return {item.address: Seen(item.sha256, item.seen) for item in look.found}


def test_what_lies_under_the_prefix_is_found_and_nothing_beside_it(name: str, look: Callable[..., Look]) -> None:
    for key in ("年报/甲县/年报.txt", "年报/乙县.txt", "年报/", "年报/.hidden", "年报表/丙县.txt", "其他.txt"):
        put(name, key, key.encode())
    found = look().found
    assert [(item.address, item.name, item.path.read_text() if item.path else "") for item in found] == [
        ("乙县.txt", "乙县.txt", "年报/乙县.txt"),
        ("甲县/年报.txt", "甲县/年报.txt", "年报/甲县/年报.txt"),
    ]


def test_only_what_has_changed_is_fetched_again(name: str, look: Callable[..., Look], monkeypatch: pytest.MonkeyPatch) -> None:
    put(name, "年报/甲.txt", b"one")
    put(name, "年报/乙.txt", b"one")
    first = look()
    put(name, "年报/乙.txt", b"two")
    kept = {
        address: Seen("never fetched" if address == "甲.txt" else item.sha256, item.seen)
        for address, item in remembered(first).items()
    }
    again = look(kept)
    assert {item.address: (item.unchanged, item.sha256 == "never fetched") for item in again.found} == {
        "乙.txt": (False, False),
        "甲.txt": (True, True),
    }
    connect().delete_object(Bucket=name, Key="年报/乙.txt")
    assert [item.address for item in look(kept).found] == ["甲.txt"]


def test_an_object_beyond_the_limit_is_failed_unread(name: str, look: Callable[..., Look]) -> None:
    put(name, "年报/大.pdf", bytes(50 * 1024 * 1024 + 1))
    assert [(item.address, item.code) for item in look().failed] == [("大.pdf", "LIMIT_EXCEEDED")]


def test_a_store_that_is_away_says_so_and_not_that_everything_is_gone(
    name: str, look: Callable[..., Look], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = {"kind": "s3", "bucket": "no-such-bucket", "prefix": ""}
    with pytest.raises(SourceUnavailable, match="NoSuchBucket"):
        Prefix().look(spec, {}, Path(), Allowed(buckets=("no-such-bucket",)))
    monkeypatch.setenv("HECHA_S3_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(SourceUnavailable, match="对象存储用不了"):
        look()


def test_only_listed_buckets_are_looked_at() -> None:
    with pytest.raises(SourceRefused, match="HECHA_SWEEP_BUCKETS"):
        Prefix().check({"bucket": "other"}, Allowed(buckets=("reports",)))
    with pytest.raises(SourceRefused):
        Prefix().look({"bucket": "other", "prefix": ""}, {}, Path(), Allowed())
    for wrong in ("", "A B", "../x"):
        with pytest.raises(ScheduleUnusable):
            Prefix().check({"bucket": wrong}, Allowed(buckets=(wrong,)))
    kept = Prefix().check({"bucket": "reports", "prefix": "/a/b"}, Allowed(buckets=("reports",)))
    assert (kept["prefix"], Prefix().words(kept)) == ("a/b/", "对象存储 s3://reports/a/b/")
