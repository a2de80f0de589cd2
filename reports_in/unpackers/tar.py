"""tar, read as a stream from start to end: nothing is sought, no link is followed, nothing is extracted."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import Any, cast

from reports_in.errors import IntakeError
from reports_in.unpackers.entry import PIECE_BYTES, Budget, Entry, Kind, damaged
from reports_in.unpackers.names import decoded
from reports_in.unpackers.squeezed import Stream


def entries(stream: Stream, name: str, budget: Budget) -> Iterator[Entry]:
    """The entries of a tar, whose bytes are counted by whoever made the stream. Raises Damaged where it breaks off."""
    try:
        # latin-1 keeps the bytes of names; pax headers are UTF-8 by definition and come decoded
        with tarfile.open(fileobj=cast(Any, stream), mode="r|", encoding="latin-1", errors="strict") as archive:
            for member in archive:
                budget.enter()
                archive.members.clear()  # type: ignore[attr-defined]  # else it keeps all of them
                yield Entry(_name(member), _kind(member), lambda member=member: _read(archive, member, name))  # type: ignore[misc]
    except IntakeError:
        raise
    except (tarfile.TarError, EOFError, ValueError, OverflowError, OSError, RecursionError) as error:
        raise damaged(name, "tar 结构中途断了或不对") from error
    if stream.tail.strip(b"\0"):
        raise damaged(name, "没有结尾标记，其后可能还有文件")


def _name(member: tarfile.TarInfo) -> str:
    if "path" in member.pax_headers:
        return member.name
    return decoded(member.name.encode("latin-1", "replace"))


def _kind(member: tarfile.TarInfo) -> Kind:
    if member.isfile():
        return Kind.FILE
    if member.isdir():
        return Kind.FOLDER
    return Kind.LINK if member.issym() or member.islnk() else Kind.DEVICE


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo, name: str) -> Iterator[bytes]:
    file = archive.extractfile(member)
    left = member.size
    while file is not None and left > 0:
        try:
            piece = file.read(min(left, PIECE_BYTES))
        except (tarfile.TarError, EOFError, OSError) as error:
            raise damaged(name, f"{member.name[-60:]} 的数据不完整") from error
        if not piece:
            raise damaged(name, "数据不完整，中途断了")
        left -= len(piece)
        yield piece
