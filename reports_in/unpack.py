"""Archives opened in a jail: their files come out under names of ours, in a folder of ours."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from reports_in.archives import Found, Litter, Member, Skipped, is_archive, members
from reports_in.errors import LimitExceeded, ReaderCrashed
from reports_in.jail import Died, Jail
from reports_in.limits import LIMITS

UNPACK_CPU_SECONDS = 1_800.0  # for a whole archive; what stalls is stopped much earlier
_HEAD = struct.Struct(">cI")
MEMBER, SKIPPED, LITTER = b"m", b"s", b"l"


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A file that was in an archive. ``name`` as ``Member`` has it; ``path`` is where its bytes are now."""

    name: str
    path: Path


def looks_packed(path: Path) -> bool:
    """Whether that file is an archive, by its content. False if it cannot be opened: whoever reads it says so."""
    try:
        with path.open("rb") as file:
            return is_archive(file, path.name)
    except OSError:
        return False


def unpack(path: Path, name: str, folder: Path) -> Iterator[Unpacked | Skipped | Litter]:
    """What is in the archive, its files put into ``folder``, which is made. Raises OSError if they cannot be written there.

    A process that dies over it costs what had not come out yet, and that is said.
    """
    folder.mkdir(parents=True, exist_ok=True)
    jail = Jail(_work, file_bytes=LIMITS.archive_file_bytes, cpu_seconds=UNPACK_CPU_SECONDS)
    count = 0
    try:
        for piece in jail.ask(json.dumps([str(path), name]).encode(), LIMITS.read_seconds):
            found = _received(piece)
            if isinstance(found, Member):
                place = folder / f"{count:06}"
                count += 1
                place.write_bytes(found.data)
                yield Unpacked(found.name, place)
            else:
                yield found
    except Died as died:
        kind = LimitExceeded if died.by_limit else ReaderCrashed
        rest = f"（此前已取出 {count} 个文件，其余的没有读到）"
        yield Skipped(name, kind.code, str(kind(name, died.fault.replace("解析", "解压") + rest, "请重新压缩后提交")))
    except (ValueError, KeyError, TypeError, struct.error):
        error = ReaderCrashed(name, "解压进程给出的结果无效", "请重新压缩后提交")
        yield Skipped(name, error.code, str(error))
    finally:
        jail.stop()


def _work(request: bytes) -> Iterable[bytes]:
    """In the child."""
    path, name = json.loads(request)
    with open(path, "rb") as file:
        for found in members(file, name):
            yield _sent(found)


def _sent(found: Found) -> bytes:
    if isinstance(found, Member):
        return _piece(MEMBER, [found.name], found.data)
    if isinstance(found, Skipped):
        return _piece(SKIPPED, [found.name, found.code, found.reason])
    return _piece(LITTER, [found.name])


def _piece(kind: bytes, texts: list[str], data: bytes = b"") -> bytes:
    head = json.dumps(texts).encode()
    return b"".join((_HEAD.pack(kind, len(head)), head, data))


def _received(piece: bytes) -> Found:
    """Raises ValueError and its like for what ``_sent`` does not write."""
    kind, length = _HEAD.unpack_from(piece)
    texts = json.loads(piece[_HEAD.size : _HEAD.size + length])
    if not isinstance(texts, list) or not all(type(text) is str for text in texts):
        raise ValueError("not a list of texts")
    if kind == MEMBER:
        (name,) = texts
        return Member(name, piece[_HEAD.size + length :])
    if kind == SKIPPED:
        name, code, reason = texts
        return Skipped(name, code, reason)
    (name,) = texts
    return Litter(name)
