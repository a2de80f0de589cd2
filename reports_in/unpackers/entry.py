"""What every unpacker yields, and the budget that all of them draw on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from reports_in.builder import too_much
from reports_in.errors import Damaged, LimitExceeded
from reports_in.limits import LIMITS

PIECE_BYTES = 1 << 20  # decoders give no more at once, so that a bomb is noticed while it is small
SUSPECT_BYTES = 50 * 1024 * 1024  # what unpacks to less is no bomb, however well it is packed


class Kind(StrEnum):
    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of an archive.

    name   as the archive has it, decoded, "/" between folders; "" if the format keeps none. Never a path to open.
    fault  set if it cannot be read at all: the reason.
    read   its bytes piece by piece, once, before the next entry is asked for. Raises IntakeError, and Damaged at the end if
           it is not what the archive says it is.
    """

    name: str
    kind: Kind
    read: Callable[[], Iterator[bytes]]
    encrypted: bool = False
    fault: str = ""


class Budget:
    """What may still be unpacked of one file that was submitted, all archives inside it together. ``name`` is that file's."""

    def __init__(self, name: str, packed: int) -> None:
        self._name = name
        self._entries = LIMITS.archive_entries
        self._bytes = LIMITS.archive_bytes
        self._suspect = max(SUSPECT_BYTES, LIMITS.archive_ratio * packed)
        self._unpacked = 0

    def check_entries(self, count: int) -> None:
        """Raises LimitExceeded if so many more are too many: asked before an archive is listed, where it says how many it has."""
        if count > self._entries:
            raise too_much(self._name, "压缩包内的文件", LIMITS.archive_entries, "个")

    def enter(self) -> None:
        """Count an entry. Raises LimitExceeded."""
        self.check_entries(1)
        self._entries -= 1

    def spend(self, count: int) -> None:
        """Count bytes that really came out of a decoder. Raises LimitExceeded."""
        self._unpacked += count
        if self._unpacked > self._suspect:
            raise LimitExceeded(self._name, "压缩比异常，疑似压缩炸弹，已停止解压", "请核对来源，重新压缩后提交")
        if self._unpacked > self._bytes:
            raise too_much(self._name, "解压后的内容", LIMITS.archive_bytes >> 20, "MB")


def damaged(name: str, what: str) -> Damaged:
    """The error for an archive or entry whose structure is broken."""
    return Damaged(name, f"压缩包已损坏：{what}", "请重新压缩后提交，或直接提交其中的文件")


def nothing() -> Iterator[bytes]:
    """The content of an entry that has none."""
    return iter(())
