"""The folders of uploads: one each, under the data folder, with a file for every file handed in and a line that says what it is.

Nothing of it is a batch yet. What is not handed in within a while, or given up, is removed whole.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import time
import uuid
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from audits.errors import AuditError
from reports_in.limits import LIMITS
from web.security import SPARE_BYTES
from web.uploads.looks import HEAD, Look, look_at, refusal_of_start, shown_name

FOLDER = "uploads"
IDLE_SECONDS = 3 * 3600.0  # an upload without a sign of life for so long was given up
DONE_SECONDS = 24 * 3600.0  # its page still says what became of it; one that failed can be tried again
LOST_SECONDS = 60.0  # without a word: whoever took it in is gone
MOST_BYTES = LIMITS.archive_file_bytes  # of one upload
MOST_FILES = LIMITS.archive_entries
MOST_STAGED_BYTES = 2 * MOST_BYTES  # of one account, in all its uploads that are not taken in yet
PIECE_BYTES = 8 << 20
OTHERS = "您有太多没有提交完的文件；请先完成或放弃之前的提交"
ID = re.compile(r"[0-9a-f]{32}")


class UploadError(AuditError):
    """``str()`` is one line for whoever uploads."""

    code = "UPLOAD"


class NoSuchUpload(UploadError):
    code = "NO_SUCH_UPLOAD"


class UploadClosed(UploadError):
    """It is being taken in, or was."""

    code = "UPLOAD_CLOSED"


class WrongOffset(UploadError):
    """``expected`` is where the next piece has to begin."""

    code = "WRONG_OFFSET"

    def __init__(self, expected: int) -> None:
        super().__init__(f"这一段不从第 {expected} 字节开始；请从那里接着传")
        self.expected = expected


class UploadTooLarge(UploadError):
    code = "LIMIT_EXCEEDED"


@dataclass(frozen=True, slots=True)
class Details:
    """Of the batch that it shall become. pack is the folder's name; region a path; evidence: pieces of the pages in the PDFs; waivers:
    whether a list of waivers lies beside the files, see ``Upload.waivers``; address: where the upload came from."""

    account_id: str
    author: str
    title: str
    region: str
    year: int | None = None
    pack: str = "national"
    evidence: bool = False
    waivers: bool = False
    address: str = ""


@dataclass(frozen=True, slots=True)
class StagedFile:
    """One file handed in. state: ok, refused (it will be listed as unreadable), litter (it will be left out)."""

    number: int
    name: str
    size: int
    state: str
    kind: str
    code: str = ""
    reason: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """What becomes of an upload. state: open, working, done, failed; done and total count files while it is working; code and reason say
    why it failed."""

    state: str = "open"
    step: str = ""
    done: int = 0
    total: int = 0
    reason: str = ""
    at: float = 0.0
    code: str = ""


class Uploads:
    """All uploads under one data folder. Several processes may serve the same one."""

    def __init__(self, data: Path, most_bytes: int = MOST_BYTES) -> None:
        """most_bytes: of one upload."""
        self.folder = data / FOLDER
        self._most_bytes = most_bytes

    def open(self, details: Details) -> Upload:
        """A new one. Raises UploadTooLarge if the account has too much lying about that is not taken in."""
        self.sweep()
        if self._staged(details.account_id) >= MOST_STAGED_BYTES:
            raise UploadTooLarge(OTHERS)
        upload = Upload(self.folder / uuid.uuid4().hex, self._most_bytes)
        (upload.folder / "files").mkdir(parents=True)
        _write(upload.folder / "upload.json", asdict(details))
        return upload

    def find(self, upload_id: str, account_id: str) -> Upload:
        """Raises NoSuchUpload, for somebody else's too."""
        upload = Upload(self.folder / upload_id, self._most_bytes)
        if not ID.fullmatch(upload_id) or not upload.exists() or upload.details().account_id != account_id:
            raise NoSuchUpload("没有这次提交，或已过期；请重新提交")
        return replace(upload, left_bytes=MOST_STAGED_BYTES - self._staged(account_id, but=upload_id))

    def sweep(self, now: float | None = None) -> int:
        """Remove what was given up or is done with; returns how many."""
        clock = time.time() if now is None else now
        removed = 0
        for upload in self._all():
            idle = clock - upload.touched_at()
            if idle > (IDLE_SECONDS if upload.progress().state == "open" else DONE_SECONDS):
                upload.discard()
                removed += 1
        return removed

    def _all(self) -> Iterator[Upload]:
        with suppress(FileNotFoundError):
            for path in sorted(self.folder.iterdir()):
                if ID.fullmatch(path.name):
                    yield Upload(path)

    def _staged(self, account_id: str, but: str = "") -> int:
        """Bytes of the person's other uploads that are not taken in."""
        staged = 0
        for upload in self._all():
            with suppress(NoSuchUpload):
                if upload.id != but and upload.holds_files() and upload.details().account_id == account_id:
                    staged += upload.size()
        return staged


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload; its id is the name of its folder, and of the batch that it becomes.

    left_bytes  that the person's other uploads leave to this one.
    """

    folder: Path
    most_bytes: int = MOST_BYTES
    left_bytes: int = MOST_STAGED_BYTES

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def waivers(self) -> Path:
        """Where the list of waivers is, if one was given."""
        return self.folder / "waivers.yaml"

    def exists(self) -> bool:
        return (self.folder / "upload.json").is_file()

    def details(self) -> Details:
        """Raises NoSuchUpload if it is gone."""
        try:
            return Details(**json.loads((self.folder / "upload.json").read_bytes()))
        except (OSError, ValueError, TypeError) as exc:
            raise NoSuchUpload("没有这次提交，或已过期；请重新提交") from exc

    def change(self, details: Details) -> None:
        """Title, region and so on, as they were corrected before it is taken in."""
        self._require_open()
        _write(self.folder / "upload.json", asdict(details))

    # files

    def receive(self, number: int, name: str, offset: int, total: int, data: bytes) -> StagedFile | int:
        """Add a piece of file ``number``. Returns what the file is when it is whole, else how many bytes are there.

        A file that cannot be taken is refused at its first piece. Raises WrongOffset, UploadTooLarge, UploadClosed.
        """
        with self._held():
            return self._received(number, name, offset, total, data)

    def _received(self, number: int, name: str, offset: int, total: int, data: bytes) -> StagedFile | int:
        self._require_open()
        if not 0 <= number < MOST_FILES:
            raise UploadTooLarge(f"一次最多提交 {MOST_FILES:,} 个文件；请分几次提交")
        known = self.file(number)
        if known is not None:
            return known  # sent again because the answer was lost
        shown = shown_name(name)
        part = self._path(number).with_suffix(".part")
        held = part.stat().st_size if part.exists() else 0
        if offset != held:
            raise WrongOffset(held)
        if offset == 0:
            refused = refusal_of_start(data[:HEAD], shown, total)
            if refused is not None:
                return self._note(number, shown, total, refused)
            if self.size() + total > self.most_bytes:
                raise UploadTooLarge(f"一次提交的文件合计超过上限 {self.most_bytes >> 20:,} MB；请分几次提交")
            if self.size() + total > self.left_bytes:
                raise UploadTooLarge(OTHERS)
            if shutil.disk_usage(self.folder).free < total + SPARE_BYTES:
                raise UploadTooLarge("服务器磁盘空间不足，暂时不能提交；请联系系统管理员")
            self._count(total)
        if held + len(data) > total:
            raise UploadTooLarge(f"{shown}：收到的比声明的 {total} 字节多；请重新提交")
        with part.open("ab") as file:
            file.write(data)
        if held + len(data) < total:
            return held + len(data)
        os.replace(part, self._path(number))
        return self._note(number, shown, total, look_at(self._path(number), shown))

    def take(self, number: int, name: str, pieces: Iterable[bytes], total: int) -> StagedFile:
        """A whole file at once, from a form."""
        offset, found = 0, self.receive(number, name, 0, total, b"") if total == 0 else None
        for piece in pieces:
            if isinstance(found, StagedFile):
                break
            found = self.receive(number, name, offset, total, piece)
            offset += len(piece)
        if not isinstance(found, StagedFile):
            raise UploadError(f"{shown_name(name)}：没有传完；请重新提交")
        return found

    def file(self, number: int) -> StagedFile | None:
        """None if it is not there whole."""
        try:
            return StagedFile(**json.loads(self._path(number).with_suffix(".json").read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    def files(self) -> list[StagedFile]:
        """What is there whole, in order."""
        numbers = sorted(int(path.stem) for path in (self.folder / "files").glob("*.json"))
        return [found for number in numbers if (found := self.file(number)) is not None]

    def unfinished(self) -> dict[int, int]:
        """Bytes there of each file that is not whole yet."""
        return {int(path.stem): path.stat().st_size for path in sorted((self.folder / "files").glob("*.part"))}

    def remove(self, number: int) -> None:
        """Take a file back. One that is not there is no matter."""
        with self._held():
            self._require_open()
            for suffix in (".json", ".part", ""):
                path = self._path(number).with_suffix(suffix)
                if suffix != ".json" and path.exists():
                    self._count(-path.stat().st_size)
                path.unlink(missing_ok=True)

    def path_of(self, staged: StagedFile) -> Path:
        return self._path(staged.number)

    def size(self) -> int:
        """Bytes announced so far, without what was taken back."""
        sizes = array("q")
        with suppress(FileNotFoundError):
            sizes.frombytes((self.folder / "sizes").read_bytes())
        return sum(sizes)

    def _count(self, size: int) -> None:
        """In a file that is only appended to, and read without waiting for whoever holds the upload."""
        with (self.folder / "sizes").open("ab") as file:
            file.write(array("q", [size]).tobytes())

    @contextmanager
    def _held(self) -> Iterator[None]:
        """One at a time: pieces arrive at once, at several processes, and together must not be more than each may be alone."""
        with (self.folder / "lock").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def holds_files(self) -> bool:
        """False when it was taken in."""
        return (self.folder / "files").is_dir()

    def discard(self) -> None:
        """Remove everything of it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def drop_files(self) -> None:
        """Remove the files, which are in the store now; what became of the upload can still be asked."""
        for name in ("files", "unpacked"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        (self.folder / "lock").unlink(missing_ok=True)

    # what becomes of it

    def progress(self) -> Progress:
        try:
            found = Progress(**json.loads((self.folder / "progress.json").read_bytes()))
        except (OSError, ValueError, TypeError):
            return Progress()
        if found.state == "working" and time.time() - max(found.at, self._beat_at()) > LOST_SECONDS:
            return Progress("failed", reason="接收中断了（服务器可能重启过）；已传的文件都在，请再试一次", at=found.at)
        return found

    def beat(self) -> None:
        """Whoever takes it in is still there."""
        with suppress(OSError):
            (self.folder / "beat").touch()

    def _beat_at(self) -> float:
        try:
            return (self.folder / "beat").stat().st_mtime
        except OSError:
            return 0.0

    def say(self, state: str, step: str = "", done: int = 0, total: int = 0, reason: str = "", code: str = "") -> None:
        """For whoever takes it in."""
        _write(self.folder / "progress.json", asdict(Progress(state, step, done, total, reason, time.time(), code)))

    def touched_at(self) -> float:
        """When something was last done with it, in seconds since 1970."""
        times = [0.0]
        for path in (self.folder, self.folder / "files", self.folder / "progress.json"):
            with suppress(FileNotFoundError):
                times.append(path.stat().st_mtime)
        with suppress(FileNotFoundError):
            times += [entry.stat().st_mtime for entry in os.scandir(self.folder / "files") if entry.name.endswith(".part")]
        return max(times)

    def _path(self, number: int) -> Path:
        return self.folder / "files" / f"{number:06}"

    def _note(self, number: int, name: str, size: int, look: Look) -> StagedFile:
        state = "litter" if look.is_litter else "refused" if look.code else "ok"
        found = StagedFile(number, name, size, state, look.kind, look.code, look.reason, look.remark)
        if state != "ok":
            self._path(number).unlink(missing_ok=True)
        _write(self._path(number).with_suffix(".json"), asdict(found))
        return found

    def _require_open(self) -> None:
        if self.progress().state not in ("open", "failed"):
            raise UploadClosed("这次提交已经在处理，不能再改")


def _write(path: Path, value: dict[str, Any]) -> None:
    """Whole or not at all."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    temporary.write_text(json.dumps(value, ensure_ascii=False), "utf-8", "surrogateescape")
    os.replace(temporary, path)
