"""ZIP, with the names that Windows in China gives, and with an eye on what a ZIP should not be.

The standard library reads the directory; before that its size is checked, after that overlaps, which Python before 3.11.8
does not notice (CVE-2024-0450). A ZIP whose end is missing is read by its local headers as far as it goes.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from reports_in.unpackers.entry import PIECE_BYTES, Budget, Entry, Kind, damaged
from reports_in.unpackers.names import decoded
from reports_in.unpackers.squeezed import READ_BYTES, Inflate

END = b"PK\x05\x06"
END_64 = b"PK\x06\x06"
DIRECTORY_ENTRY = b"PK\x01\x02"
LOCAL = b"PK\x03\x04"
END_REACH = 65_557  # the end record and the longest comment after it
DIRECTORY_BYTES = 32 * 1024 * 1024  # 20,000 entries with names and extra fields of 1.6 KB each
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
UTF_8, ENCRYPTED, SIZES_LATER = 0x800, 0x1, 0x8
UNICODE_PATH = 0x7075
_LOCAL = struct.Struct("<4s2xHH4xIIIHH")  # signature, flags, method, CRC, packed, size, lengths of name and extra


def entries(file: BinaryIO, name: str, budget: Budget) -> Iterator[Entry]:
    """The entries of a ZIP. Raises Damaged and LimitExceeded, before the first entry where it can be known then."""
    if not _has_directory(file, name, budget):
        yield from _salvaged(file, name, budget)
        return
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError, struct.error) as error:
        file.seek(0)
        if not file.read(4) == LOCAL:
            raise damaged(name, "目录读不出来") from error
        yield from _salvaged(file, name, budget)
        return
    infos = archive.infolist()
    budget.check_entries(len(infos))
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise damaged(name, "其中的文件互相重叠，正常压缩包不会如此")
        end = info.header_offset + _LOCAL.size + info.compress_size
    for info in infos:
        budget.enter()
        shown = entry_name(info)
        fault = "" if info.compress_type in METHODS else "压缩方法不支持"
        yield Entry(
            shown,
            _kind(info),
            lambda info=info: _read(archive, info, name, budget),  # type: ignore[misc]
            encrypted=bool(info.flag_bits & ENCRYPTED),
            fault=fault,
        )


def entry_name(info: zipfile.ZipInfo) -> str:
    """The name: UTF-8 where the entry says so, else UTF-8 if the bytes are, else GB18030.

    The standard library reads bytes that are not said to be UTF-8 as cp437, in which every byte is a character: so they can
    be had back.
    """
    name = info.orig_filename
    if not info.flag_bits & UTF_8:
        raw = name.encode("cp437", "replace")
        name = _unicode_path(info.extra, raw) or decoded(raw)
    return name.replace("\\", "/")


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    """The name in UTF-8 that some programs add, if it was made for this name."""
    while len(extra) >= 4:
        tag, length = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + length], extra[4 + length :]
        if tag == UNICODE_PATH and len(field) > 5 and struct.unpack_from("<I", field, 1)[0] == zlib.crc32(raw):
            try:
                return field[5:].decode()
            except UnicodeDecodeError:
                return None
    return None


def directory(file: BinaryIO) -> tuple[int, int, int] | None:
    """How many entries the directory says it has, how long it is and where it starts. None if there is none.

    That of an archive packed inside a file that was cut short is not taken for this one's.
    """
    file.seek(0)
    begins = file.read(4)
    size = file.seek(0, 2)
    file.seek(max(0, size - END_REACH))
    tail = file.read(END_REACH)
    end = at = tail.rfind(END)
    if at < 0 or at + 22 > len(tail):
        return None
    count, length, offset = struct.unpack_from("<HII", tail, at + 10)
    if (record := tail.rfind(END_64, 0, at)) >= 0 and record + 56 <= len(tail):
        count, length, offset = struct.unpack_from("<QQQ", tail, record + 32)
        end = record
    start = size - len(tail) + end - length
    return None if start < 0 or (begins == LOCAL and start != offset) else (count, length, start)


def is_office(file: BinaryIO) -> bool:
    """Whether the directory has what every office document's has: asked of files too large to be read whole."""
    found = directory(file)
    if found is None or found[1] > DIRECTORY_BYTES:
        return False
    file.seek(found[2])
    listed = file.read(found[1])
    return any(part in listed for part in (b"[Content_Types].xml", b"OFD.xml", b"META-INF/manifest.xml"))


def _has_directory(file: BinaryIO, name: str, budget: Budget) -> bool:
    """Whether there is a directory at the end. Its size is looked at before anybody lists it."""
    found = directory(file)
    if found is None:
        return False
    count, length, start = found
    budget.check_entries(count)
    if length > DIRECTORY_BYTES:
        budget.check_entries(length // 46)
        raise damaged(name, "目录大得不正常")
    file.seek(start)
    budget.check_entries(file.read(length).count(DIRECTORY_ENTRY))  # the count that it states may be a lie
    return True


def _kind(info: zipfile.ZipInfo) -> Kind:
    mode = info.external_attr >> 16
    if info.create_system == 3 and stat.S_IFMT(mode):  # Unix
        if stat.S_ISLNK(mode):
            return Kind.LINK
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            return Kind.DEVICE
    return Kind.FOLDER if info.orig_filename.endswith(("/", "\\")) else Kind.FILE


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, budget: Budget) -> Iterator[bytes]:
    what = entry_name(info)[-60:]
    try:
        with archive.open(info) as file:
            while piece := file.read(PIECE_BYTES):
                budget.spend(len(piece))
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise damaged(name, f"{what} 解不开或校验不符") from error


def _salvaged(file: BinaryIO, name: str, budget: Budget) -> Iterator[Entry]:
    """What can be had of a ZIP without directory, by the header before each file. Ends with Damaged: files may be missing."""
    at, found = 0, 0
    while (at := _find(file, LOCAL, at)) >= 0:
        file.seek(at)
        head = file.read(_LOCAL.size)
        if len(head) < _LOCAL.size:
            break
        _, flags, method, crc, packed, size, name_length, extra_length = _LOCAL.unpack(head)
        raw = file.read(name_length)
        start = at + _LOCAL.size + name_length + extra_length
        budget.enter()
        found += 1
        shown = (raw.decode("utf-8", "replace") if flags & UTF_8 else decoded(raw)).replace("\\", "/")
        stated = None if flags & SIZES_LATER else (packed, size, crc)
        span = [start + packed if stated else start]
        yield Entry(
            shown,
            Kind.FOLDER if shown.endswith("/") else Kind.FILE,
            lambda start=start, method=method, stated=stated, span=span: _inflated(  # type: ignore[misc]
                file, start, method, stated, span, name, budget
            ),
            encrypted=bool(flags & ENCRYPTED),
            fault="" if method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) else "压缩方法不支持",
        )
        at = max(span[0], start)
    raise damaged(name, f"末尾的目录缺失，文件不完整：只找到 {found} 个文件，其余的已丢失")


def _inflated(
    file: BinaryIO,
    start: int,
    method: int,
    stated: tuple[int, int, int] | None,
    span: list[int],
    name: str,
    budget: Budget,
) -> Iterator[bytes]:
    """The bytes of a salvaged file; where it ends is put into ``span``. ``stated`` is packed size, size and CRC if known."""
    if stated is None and method == zipfile.ZIP_STORED:
        raise damaged(name, "不知道其中的文件到哪里为止")
    file.seek(start)
    left = stated[0] if stated else 1 << 62
    crc, size = 0, 0
    decoder = Inflate(-15) if method == zipfile.ZIP_DEFLATED else None
    while left > 0 and not (decoder and decoder.eof):
        data = file.read(min(READ_BYTES, left))
        if not data:
            raise damaged(name, "数据不完整，中途断了")
        left -= len(data)
        pieces = iter((data,)) if decoder is None else _decoded(decoder, data, name)
        for piece in pieces:
            budget.spend(len(piece))
            crc, size = zlib.crc32(piece, crc), size + len(piece)
            yield piece
    if decoder is not None:
        if not decoder.eof:
            raise damaged(name, "数据不完整，中途断了")
        if stated is None:
            span[0] = file.tell() - len(decoder.unused_data)
    if stated is not None and (size, crc) != stated[1:]:
        raise damaged(name, "解压结果与校验不符")


def _decoded(decoder: Inflate, data: bytes, name: str) -> Iterator[bytes]:
    try:
        yield decoder.decompress(data, PIECE_BYTES)
        while not decoder.needs_input and not decoder.eof:
            yield decoder.decompress(b"", PIECE_BYTES)
    except zlib.error as error:
        raise damaged(name, "数据解不开") from error


def _find(file: BinaryIO, what: bytes, start: int) -> int:
    """Where those bytes stand next in the file; -1 if nowhere."""
    file.seek(start)
    held = b""
    while piece := file.read(PIECE_BYTES):
        held += piece
        if (at := held.find(what)) >= 0:
            return file.tell() - len(held) + at
        held = held[-len(what) + 1 :]
    return -1
