"""What lies under a prefix of an S3-compatible store; told apart from the last look by entity tag and size."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from audits.errors import StoreError
from audits.store.s3 import MISSING, connect
from reports_in import display_name
from reports_in.archives import SUFFIXES as SQUEEZED
from reports_in.limits import LIMITS
from reports_in.litter import is_litter
from sweeps.errors import ScheduleUnusable, SourceRefused, SourceUnavailable
from sweeps.looking import Allowed, Course, Failed, Found, Interrupted, Look, Seen

MOST_OBJECTS = 200_000
CHUNK_BYTES = 1 << 20
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
ARCHIVES = (".zip", ".7z", ".tar", *(suffix for suffixes in SQUEEZED.values() for suffix in suffixes))
REPLACED = ("PreconditionFailed", "412")


class Prefix:
    """See Source. The address of a file is its key below the prefix."""

    def check(self, spec: Mapping[str, Any], allowed: Allowed) -> dict[str, Any]:
        bucket, prefix = str(spec.get("bucket") or "").strip(), str(spec.get("prefix") or "").strip().strip("/")
        if not BUCKET.fullmatch(bucket):
            raise ScheduleUnusable("没有写明巡查哪个存储桶，或名称不规范")
        _expect_allowed(bucket, allowed)
        return {"kind": "s3", "bucket": bucket, "prefix": f"{prefix}/" if prefix else ""}

    def look(
        self,
        spec: Mapping[str, Any],
        seen: Mapping[str, Seen],
        into: Path,
        allowed: Allowed,
        course: Course | None = None,
    ) -> Look:
        course = course or Course()
        bucket, prefix = spec["bucket"], spec["prefix"]
        _expect_allowed(bucket, allowed)
        found: list[Found] = []
        failed: list[Failed] = []
        left: list[str] = []
        complete = True
        try:
            client = connect()
            for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                for item in page.get("Contents", ()):
                    course.go_on()
                    address = item["Key"].removeprefix(prefix)
                    if not address or address.endswith("/") or is_litter(address):
                        continue
                    if len(found) + len(failed) >= MOST_OBJECTS:
                        complete = False
                        failed.append(Failed(address, "LIMIT_EXCEEDED", f"超过 {MOST_OBJECTS:,} 份文件；请分成几项巡查"))
                        break
                    looked = _look_at(client, bucket, item, address, seen.get(address), into / f"{len(found):06d}")
                    if isinstance(looked, Found):
                        found.append(looked)
                    elif isinstance(looked, Failed):
                        failed.append(looked)
                    else:
                        left.append(address)
                if not complete:
                    break
        except StoreError as exc:
            raise SourceUnavailable(str(exc)) from exc
        except (OSError, Interrupted):
            raise  # an OSError is of our own disk; the client's errors about the network are none
        except Exception as exc:  # the client's own errors have no common base that can be named before it is imported
            raise SourceUnavailable(
                f"s3://{bucket}/{prefix}：对象存储用不了（{_code(exc)}）；请检查地址、密钥、存储桶和网络"
            ) from exc
        return Look(tuple(found), tuple(failed), complete, tuple(left))

    def words(self, spec: Mapping[str, Any]) -> str:
        return f"对象存储 s3://{spec['bucket']}/{spec['prefix']}"


def _expect_allowed(bucket: str, allowed: Allowed) -> None:
    if bucket not in allowed.buckets:
        raise SourceRefused(f"存储桶 {bucket} 不在允许巡查之列；由运维人员在 HECHA_SWEEP_BUCKETS 中设定")


def _look_at(
    client: Any, bucket: str, item: Mapping[str, Any], address: str, before: Seen | None, to: Path
) -> Found | Failed | None:
    """None if it was replaced or removed since it was listed: the next look will tell."""
    name = display_name(address)
    state = {"etag": item["ETag"], "bytes": item["Size"]}
    if before is not None and before.seen == state:
        return Found(address, name, None, before.sha256, state)
    most = LIMITS.archive_file_bytes if address.lower().endswith(ARCHIVES) else LIMITS.file_bytes
    if item["Size"] > most:
        size = item["Size"] / 1024 / 1024
        return Failed(address, "LIMIT_EXCEEDED", f"文件有 {size:,.0f} MB，超过上限 {most // 1024 // 1024:,} MB")
    digest = hashlib.sha256()
    try:
        body = client.get_object(Bucket=bucket, Key=item["Key"], IfMatch=item["ETag"])["Body"]
    except Exception as exc:
        if _code(exc) in (*MISSING, *REPLACED):
            return None
        if _code(exc) in ("AccessDenied", "403", "InvalidObjectState"):
            return Failed(address, "FILE_UNAVAILABLE", f"文件取不到（{_code(exc)}）；请核对读取权限")
        raise
    with to.open("wb") as copy:
        for chunk in body.iter_chunks(CHUNK_BYTES):
            digest.update(chunk)
            copy.write(chunk)
    if before is not None and before.sha256 == digest.hexdigest():
        to.unlink()
        return Found(address, name, None, before.sha256, state)
    return Found(address, name, to, digest.hexdigest(), state)


def _code(exc: Exception) -> str:
    return str(getattr(exc, "response", {}).get("Error", {}).get("Code", "")) or type(exc).__name__
