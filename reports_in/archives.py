"""Archives in, their files out, one by one: ZIP, 7z, tar, gzip, bzip2, xz, and RAR where the system can.

Nothing is extracted under a name from the archive. What is not taken is said with its reason, what is broken is read as far
as it goes and the rest is said to be missing: nothing is lost in silence. Archives in archives share one budget.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from reports_in import display_name, sniff
from reports_in.errors import Damaged, Encrypted, IntakeError, LimitExceeded, UnknownFormat, UnsafeEntry
from reports_in.limits import LIMITS
from reports_in.litter import is_litter
from reports_in.unpackers import rar, seven_zip, squeezed, tar
from reports_in.unpackers import zip as zip_format
from reports_in.unpackers.entry import Budget, Entry, Kind, damaged
from reports_in.unpackers.names import Names, leads_outside, shortened
from reports_in.unpackers.squeezed import Stream

HEAD = 512  # where every archive format has shown itself


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive. ``name`` is unique in the archive and shows the way to it: ``batch.zip/县/报告.docx``."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something of an archive that could not be taken, or the archive itself. ``reason`` is a whole line in Chinese."""

    name: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Litter:
    """A file that computers leave beside people's files; only counted."""

    name: str


Found = Member | Skipped | Litter

SUFFIXES = {sniff.GZIP: (".gz", ".tgz"), sniff.BZIP2: (".bz2", ".tbz2", ".tbz"), sniff.XZ: (".xz", ".txz")}
MAGIC = tuple(magic for magic, media_type in sniff.MAGIC if media_type in sniff.ARCHIVES) + sniff.ZIP_MAGIC


def is_archive(file: BinaryIO, name: str) -> bool:
    """Whether that file is an archive by its content: an office document, though a ZIP inside, is none."""
    return _archive_type(file, name) is not None


def members(file: BinaryIO, name: str) -> Iterator[Found]:
    """What is in the archive, in its order. ``name`` is what it is called; every name found begins with it.

    Never raises for what the archive holds. The file is sought in; archives inside it are held in temporary files.
    """
    size = file.seek(0, io.SEEK_END)
    if size > LIMITS.archive_file_bytes:
        yield _skipped(LimitExceeded(name, f"压缩包超过上限 {LIMITS.archive_file_bytes >> 20} MB", "请分成几个压缩包提交"))
        return
    yield from _Walk(name, size).archive(file, name, depth=1)


class _Walk:
    """One archive as submitted and all that is inside it."""

    def __init__(self, name: str, size: int) -> None:
        self._budget = Budget(name, size)
        self._names = Names()

    def archive(self, file: BinaryIO, name: str, depth: int) -> Iterator[Found]:
        taken = 0
        try:
            for entry in self._entries(file, name):
                for found in self._entry(entry, name, depth):
                    taken += isinstance(found, Member)
                    yield found
        except IntakeError as error:
            yield self._broken_off(error, name, taken)
        except Exception as error:  # a parser of a hostile format: whatever it stumbles over, the archive is broken
            yield self._broken_off(damaged(name, f"读取中断（{type(error).__name__}）"), name, taken)

    def _broken_off(self, error: IntakeError, name: str, taken: int) -> Skipped:
        rest = f"（此前已取出 {taken} 个文件，其余的没有读到）" if taken else ""
        return _skipped(type(error)(name, error.fault + rest, error.advice))

    def _entries(self, file: BinaryIO, name: str) -> Iterator[Entry]:
        media_type = _archive_type(file, name)
        file.seek(0)
        if media_type == sniff.ZIP:
            yield from zip_format.entries(file, name, self._budget)
        elif media_type == sniff.SEVEN_ZIP:
            yield from seven_zip.entries(file, name, self._budget)
        elif media_type == sniff.RAR:
            yield from rar.entries(file, name, self._budget)
        elif media_type == sniff.TAR:
            yield from tar.entries(Stream(self._counted(file)), name, self._budget)
        elif media_type in squeezed.MAGIC:
            stream = Stream(squeezed.unsqueezed(file, media_type, name, self._budget))
            if sniff.sniff(stream.peek(HEAD), "") == sniff.TAR:
                yield from tar.entries(stream, name, self._budget)
            else:
                self._budget.enter()
                yield Entry(_unsqueezed_name(name, media_type), Kind.FILE, lambda: iter(lambda: stream.read(1 << 20), b""))
        else:
            raise UnknownFormat(name, "不是能打开的压缩包", "请改用 ZIP 压缩后提交")

    def _counted(self, file: BinaryIO) -> Iterator[bytes]:
        while piece := file.read(1 << 20):
            self._budget.spend(len(piece))
            yield piece

    def _entry(self, entry: Entry, archive: str, depth: int) -> Iterator[Found]:
        inner = display_name(entry.name)
        if entry.kind is Kind.FOLDER:
            return
        name = self._names.free(shortened(f"{archive}/{inner}", LIMITS.archive_name_bytes))
        fault = _refusal(entry, name)
        if fault is None and is_litter(inner.lstrip("/")):
            yield Litter(name)
        elif fault is not None:
            yield _skipped(fault)
        else:
            yield from self._content(entry, name, depth)

    def _content(self, entry: Entry, name: str, depth: int) -> Iterator[Found]:
        """The entry as a member, or what is in it if it is an archive itself."""
        with tempfile.SpooledTemporaryFile(max_size=LIMITS.file_bytes) as held:
            try:
                self._copy(entry, name, held)
            except IntakeError as error:
                if isinstance(error, LimitExceeded) and error.name != name:
                    raise  # the budget of the whole is spent
                yield _skipped(type(error)(name, error.fault, error.advice))
                return
            file: BinaryIO = held  # type: ignore[assignment]
            media_type = _archive_type(file, name)
            if media_type is None:
                if file.seek(0, io.SEEK_END) > LIMITS.file_bytes:
                    yield _skipped(_too_large(name))
                    return
                file.seek(0)
                yield Member(name, file.read())
            elif depth >= LIMITS.archive_depth:
                yield _skipped(
                    LimitExceeded(name, f"压缩包套了 {LIMITS.archive_depth} 层以上，没有打开", "请解压一层后重新提交")
                )
            else:
                if media_type == sniff.RAR:
                    held.rollover()  # its library wants a descriptor
                yield from self.archive(file, name, depth + 1)

    def _copy(self, entry: Entry, name: str, held: tempfile.SpooledTemporaryFile[bytes]) -> None:
        """An archive inside may be larger than a report."""
        size, limit = 0, LIMITS.file_bytes
        for piece in entry.read():
            if size == 0 and (piece.startswith(MAGIC) or piece[257:262] == b"ustar"):
                limit = LIMITS.archive_file_bytes
            size += len(piece)
            if size > limit:
                raise _too_large(name)
            held.write(piece)


def _archive_type(file: BinaryIO, name: str) -> str | None:
    """The archive format of that file; None if it is something else."""
    file.seek(0)
    head = file.read(HEAD)
    if not head.startswith(MAGIC) and head[257:262] != b"ustar":
        return None
    if file.seek(0, io.SEEK_END) <= LIMITS.file_bytes:
        file.seek(0)
        media_type = sniff.sniff(file.read(), name)
    elif head.startswith(sniff.ZIP_MAGIC):  # not read whole: it may be an archive, but no report
        media_type = sniff.DOCX if zip_format.is_office(file) else sniff.ZIP
    else:
        media_type = sniff.sniff(head, name)
    return media_type if media_type in sniff.ARCHIVES else None


def _refusal(entry: Entry, name: str) -> IntakeError | None:
    """Why an entry is not taken, by what the archive says of it."""
    if leads_outside(entry.name):
        return UnsafeEntry(name, "文件名指向压缩包之外", "请重新压缩后提交")
    if entry.kind is Kind.LINK:
        return UnsafeEntry(name, "是链接，不是文件", "请提交文件本身")
    if entry.kind is Kind.DEVICE:
        return UnsafeEntry(name, "是设备等特殊文件", "请提交文件本身")
    if entry.encrypted:
        return Encrypted(name, "设有密码", "请去掉密码重新压缩后提交")
    if entry.fault:
        return Damaged(name, entry.fault, "请改用 ZIP 默认设置压缩后提交")
    return None


def _unsqueezed_name(name: str, media_type: str) -> str:
    """What a file is called that was packed alone: the archive's name without its suffix."""
    last = name.rpartition("/")[2]
    for suffix in SUFFIXES[media_type]:
        if last.lower().endswith(suffix) and len(last) > len(suffix):
            return last[: -len(suffix)]
    return last


def _too_large(name: str) -> LimitExceeded:
    return LimitExceeded(name, f"文件超过上限 {LIMITS.file_bytes >> 20} MB", "请只提交年报本身，或压缩其中的图片后重新提交")


def _skipped(error: IntakeError) -> Skipped:
    return Skipped(error.name, error.code, str(error))
