"""7z, as 7-Zip writes it for documents: LZMA, LZMA2, bzip2, deflate or stored, solid or not, the header packed or not.

An own reader of the container, over the standard library's decoders: the Python library for it is under the LGPL, and what
agencies send must be readable where nothing can be installed. What it does not know (PPMd, BCJ2) is said per entry.
Format: 7zFormat.txt of the LZMA SDK, which is in the public domain.
"""

from __future__ import annotations

import bz2
import lzma
import stat
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from reports_in.errors import Encrypted, LimitExceeded
from reports_in.unpackers.entry import PIECE_BYTES, Budget, Entry, Kind, damaged, nothing
from reports_in.unpackers.squeezed import DICTIONARY_BYTES, READ_BYTES, Inflate, Stream

HEADER_BYTES = 64 * 1024 * 1024
START = struct.Struct("<6s2xIQQI")  # signature, CRC of the rest, offset, size and CRC of the header
END, HEADER, MAIN_STREAMS, FILES, PACK, UNPACK, SUBSTREAMS, SIZES, DIGESTS, FOLDERS, FOLDER_SIZES, COUNTS = (
    *(0x00, 0x01, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D),
)
EMPTY_STREAMS, EMPTY_FILES, NAMES, ATTRIBUTES, PACKED_HEADER = 0x0E, 0x0F, 0x11, 0x15, 0x17
STORED, DELTA, LZMA2, LZMA, DEFLATE, BZIP2, AES = b"\0", b"\3", b"\x21", b"\3\1\1", b"\4\1\x08", b"\4\2\2", b"\6\xf1\7\1"
BRANCHES: Mapping[bytes, int] = {
    b"\3\3\1\3": lzma.FILTER_X86,
    b"\3\3\2\5": lzma.FILTER_POWERPC,
    b"\3\3\4\1": lzma.FILTER_IA64,
    b"\3\3\5\1": lzma.FILTER_ARM,
    b"\3\3\7\1": lzma.FILTER_ARMTHUMB,
    b"\3\3\x08\5": lzma.FILTER_SPARC,
    b"\4": lzma.FILTER_X86,
    b"\5": lzma.FILTER_POWERPC,
    b"\6": lzma.FILTER_IA64,
    b"\7": lzma.FILTER_ARM,
    b"\x08": lzma.FILTER_ARMTHUMB,
    b"\x09": lzma.FILTER_SPARC,
}
DIRECTORY, REPARSE_POINT, UNIX_MODE = 0x10, 0x400, 0x8000  # attributes, as Windows has them and as p7zip adds to them


class Malformed(Exception):
    """The header does not follow the format."""


@dataclass(slots=True)
class Folder:
    """One packed stream and the files that it unpacks to, one after the other. ``coders`` in the order of unpacking."""

    coders: list[tuple[bytes, bytes]]
    offset: int = 0
    packed: int = 0
    size: int = 0
    crc: int | None = None
    is_simple: bool = True
    sizes: list[int] = field(default_factory=list)
    crcs: list[int | None] = field(default_factory=list)

    @property
    def is_encrypted(self) -> bool:
        return any(method == AES for method, _ in self.coders)


@dataclass(slots=True)
class File:
    """An entry as the header lists it. attributes are Windows' own, Unix mode in the upper half."""

    name: str = ""
    has_stream: bool = True
    is_folder: bool = False
    attributes: int = 0


def entries(file: BinaryIO, name: str, budget: Budget) -> Iterator[Entry]:
    """The entries of a 7z archive. Raises Encrypted, Damaged, LimitExceeded."""
    try:
        folders, files = _header(file, name, budget)
    except (Malformed, IndexError, struct.error, UnicodeDecodeError, OverflowError, MemoryError) as error:
        raise damaged(name, "7z 的目录读不出来") from error
    streams = ((folder, place) for folder in folders for place in range(len(folder.sizes)))
    opened: tuple[Folder, Stream] | None = None
    for item in files:
        budget.enter()
        if not item.has_stream:
            yield Entry(item.name, Kind.FOLDER if item.is_folder else _kind(item), nothing)
            continue
        found = next(streams, None)
        if found is None:
            raise damaged(name, f"{item.name[-60:]} 没有数据")
        folder, place = found
        fault = _fault(folder)
        if fault or folder.is_encrypted:
            yield Entry(item.name, _kind(item), nothing, encrypted=folder.is_encrypted, fault=fault)
            continue
        if opened is None or opened[0] is not folder:
            opened = folder, Stream(_unpacked(file, folder, name, budget))
        taken = [0]
        size, crc, stream = folder.sizes[place], folder.crcs[place], opened[1]
        yield Entry(item.name, _kind(item), _reader(stream, size, crc, taken, name))
        for _ in _pieces(stream, size - taken[0], name):  # what was not read stands before the next one
            pass


def _reader(stream: Stream, size: int, crc: int | None, taken: list[int], name: str) -> Callable[[], Iterator[bytes]]:
    def read() -> Iterator[bytes]:
        found = 0
        for piece in _pieces(stream, size, name):
            taken[0] += len(piece)
            found = zlib.crc32(piece, found)
            yield piece
        if crc is not None and found != crc:
            raise damaged(name, "解压结果与校验不符")

    return read


def _pieces(stream: Stream, size: int, name: str) -> Iterator[bytes]:
    while size > 0:
        piece = stream.read(min(size, PIECE_BYTES))
        if not piece:
            raise damaged(name, "数据不完整，中途断了")
        size -= len(piece)
        yield piece


def _kind(item: File) -> Kind:
    mode = item.attributes >> 16 if item.attributes & UNIX_MODE else 0
    if item.attributes & REPARSE_POINT or stat.S_ISLNK(mode):
        return Kind.LINK
    if item.attributes & DIRECTORY:
        return Kind.FOLDER
    return Kind.FILE if not mode or stat.S_ISREG(mode) else Kind.DEVICE


def _fault(folder: Folder) -> str:
    known = {STORED, DELTA, LZMA, LZMA2, DEFLATE, BZIP2, AES, *BRANCHES}
    return "" if folder.is_simple and all(method in known for method, _ in folder.coders) else "压缩方法不支持"


def _unpacked(file: BinaryIO, folder: Folder, name: str, budget: Budget) -> Iterator[bytes]:
    """What the folder's stream unpacks to, counted."""
    pieces = _packed(file, folder)
    coders = list(folder.coders)
    while coders:
        method, properties = coders.pop(0)
        if method in (LZMA, LZMA2):
            chain = [_lzma_filter(method, properties, name)]
            while coders and (coders[0][0] in BRANCHES or coders[0][0] == DELTA):
                chain.insert(0, _branch_filter(*coders.pop(0)))
            pieces = _through(lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=chain), pieces, folder.size, name)
        elif method == BZIP2:
            pieces = _through(bz2.BZ2Decompressor(), pieces, folder.size, name)
        elif method == DEFLATE:
            pieces = _through(Inflate(-15), pieces, folder.size, name)
        elif method != STORED:
            raise damaged(name, "压缩方法不支持")
    for piece in pieces:
        budget.spend(len(piece))
        yield piece


def _packed(file: BinaryIO, folder: Folder) -> Iterator[bytes]:
    at, left = folder.offset, folder.packed
    while left > 0:
        file.seek(at)
        data = file.read(min(READ_BYTES, left))
        if not data:
            return
        at += len(data)
        left -= len(data)
        yield data


def _through(
    decoder: lzma.LZMADecompressor | bz2.BZ2Decompressor | Inflate, pieces: Iterator[bytes], size: int, name: str
) -> Iterator[bytes]:
    """Unpack until the stream's size is reached: LZMA has no end mark here."""
    left = size
    while left > 0 and not decoder.eof:
        data = next(pieces, b"") if decoder.needs_input else b""
        try:
            found = decoder.decompress(data, min(left, PIECE_BYTES))
        except (lzma.LZMAError, zlib.error, OSError, EOFError, ValueError) as error:
            raise damaged(name, "数据解不开") from error
        if not found and not data and decoder.needs_input:
            return  # cut short: whoever reads notices
        left -= len(found)
        if found:
            yield found


def _lzma_filter(method: bytes, properties: bytes, name: str) -> dict[str, int]:
    if method == LZMA2:
        bits = properties[0]
        chosen = {"id": lzma.FILTER_LZMA2, "dict_size": 0xFFFFFFFF if bits >= 40 else (2 | (bits & 1)) << (bits // 2 + 11)}
    else:
        packed, dictionary = struct.unpack_from("<BI", properties)
        chosen = {
            "id": lzma.FILTER_LZMA1,
            "dict_size": max(dictionary, 4096),
            "lc": packed % 9,
            "lp": packed // 9 % 5,
            "pb": packed // 45,
        }
    if chosen["dict_size"] > DICTIONARY_BYTES:
        raise LimitExceeded(name, f"解压所需内存超过上限 {DICTIONARY_BYTES >> 20} MB", "请改用 ZIP 压缩后提交")
    return chosen


def _branch_filter(method: bytes, properties: bytes) -> dict[str, int]:
    if method == DELTA:
        return {"id": lzma.FILTER_DELTA, "dist": properties[0] + 1}
    return {"id": BRANCHES[method]}


class Bytes:
    """A header, read from start to end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        if size < 0 or self._at + size > len(self._data):
            raise Malformed
        self._at += size
        return self._data[self._at - size : self._at]

    def byte(self) -> int:
        return self.take(1)[0]

    def number(self) -> int:
        """As 7z writes numbers: the leading ones of the first byte say how many bytes follow."""
        first = self.byte()
        value, mask = 0, 0x80
        for place in range(8):
            if not first & mask:
                return value | (first & (mask - 1)) << (8 * place)
            value |= self.byte() << (8 * place)
            mask >>= 1
        return value

    def count(self) -> int:
        """A number of things that take part of a byte each at least."""
        value = self.number()
        if value > 8 * len(self._data):
            raise Malformed
        return value

    def bits(self, count: int) -> list[bool]:
        data = self.take((count + 7) // 8)
        return [bool(data[place // 8] & 0x80 >> place % 8) for place in range(count)]

    def bits_or_all(self, count: int) -> list[bool]:
        return [True] * count if self.byte() else self.bits(count)

    def digests(self, count: int) -> list[int | None]:
        return [struct.unpack("<I", self.take(4))[0] if known else None for known in self.bits_or_all(count)]


def _header(file: BinaryIO, name: str, budget: Budget) -> tuple[list[Folder], list[File]]:
    file.seek(0)
    _, crc, offset, size, header_crc = START.unpack(file.read(START.size))
    file.seek(12)
    if zlib.crc32(file.read(20)) != crc or size > HEADER_BYTES:
        raise Malformed
    if size == 0:
        return [], []
    file.seek(START.size + offset)
    data = file.read(size)
    for _ in range(4):  # a packed header may unpack to a packed one
        if len(data) != size or zlib.crc32(data) != header_crc:
            raise Malformed
        header = Bytes(data)
        kind = header.byte()
        if kind != PACKED_HEADER:
            break
        (folder,) = _streams(header)
        if folder.is_encrypted:
            raise Encrypted(name, "压缩包设有密码", "请去掉密码重新压缩后提交")
        if _fault(folder) or folder.size > HEADER_BYTES:
            raise Malformed
        data = b"".join(_unpacked(file, folder, name, budget))
        size, header_crc = folder.size, zlib.crc32(data) if folder.crc is None else folder.crc
    if kind != HEADER:
        raise Malformed
    folders: list[Folder] = []
    files: list[File] = []
    while (part := header.number()) != END:
        if part == MAIN_STREAMS:
            folders = _streams(header)
        elif part == FILES:
            files = _files(header, budget)
        else:
            raise Malformed
    return folders, files


def _streams(header: Bytes) -> list[Folder]:
    folders: list[Folder] = []
    offset, packed = START.size, []
    is_counted = False
    while (part := header.number()) != END:
        if part == PACK:
            offset += header.number()
            count = header.count()
            while (inner := header.number()) != END:
                if inner == SIZES:
                    packed = [header.number() for _ in range(count)]
                elif inner == DIGESTS:
                    header.digests(count)
                else:
                    raise Malformed
        elif part == UNPACK:
            folders = _folders(header)
        elif part == SUBSTREAMS:
            _substreams(header, folders)
            is_counted = True
        else:
            raise Malformed
    sizes = iter(packed)
    for folder in folders:
        folder.offset = offset
        streams = folder.packed  # so far the number of its packed streams
        folder.packed = sum(next(sizes) for _ in range(streams)) if streams else 0
        offset += folder.packed
        if not is_counted:
            folder.sizes, folder.crcs = [folder.size], [folder.crc]
    return folders


def _folders(header: Bytes) -> list[Folder]:
    if header.number() != FOLDERS:
        raise Malformed
    count = header.count()
    if header.byte():
        raise Malformed  # kept elsewhere: never seen in the wild
    made = [_folder(header) for _ in range(count)]
    if header.number() != FOLDER_SIZES:
        raise Malformed
    for folder, outputs, last in made:
        folder.size = [header.number() for _ in range(outputs)][last]
    part = header.number()
    if part == DIGESTS:
        for (folder, _, _), crc in zip(made, header.digests(count), strict=True):
            folder.crc = crc
        part = header.number()
    if part != END:
        raise Malformed
    return [folder for folder, _, _ in made]


def _folder(header: Bytes) -> tuple[Folder, int, int]:
    """A folder, how many outputs its coders have, which of them is the folder's. Coders are put into the order of unpacking."""
    coders, inputs, outputs = [], 0, 0
    is_simple = True
    for _ in range(_few(header)):
        flags = header.byte()
        method = header.take(flags & 0x0F)
        more = (_few(header), _few(header)) if flags & 0x10 else (1, 1)
        is_simple &= more == (1, 1)
        inputs, outputs = inputs + more[0], outputs + more[1]
        coders.append((method, header.take(header.number()) if flags & 0x20 else b""))
    binds = {}
    for _ in range(outputs - 1):
        into = header.number()
        binds[into] = header.number()  # this coder's input is that coder's output
    streams = inputs - len(binds)
    if streams > 1:
        for _ in range(streams):
            header.number()
    if is_simple:
        first = next((place for place in range(len(coders)) if place not in binds), 0)
        after = {output: into for into, output in binds.items()}
        order = [first]
        while order[-1] in after and len(order) <= len(coders):
            order.append(after[order[-1]])
        if sorted(order) != list(range(len(coders))):
            raise Malformed
        return Folder([coders[place] for place in order], packed=streams), outputs, order[-1]
    return Folder(coders, packed=streams, is_simple=False), outputs, 0


def _few(header: Bytes) -> int:
    value = header.number()
    if value > 32:
        raise Malformed
    return value


def _substreams(header: Bytes, folders: list[Folder]) -> None:
    counts = [1] * len(folders)
    part = header.number()
    if part == COUNTS:
        counts = [header.number() for _ in folders]
        part = header.number()
    if sum(counts) > HEADER_BYTES:
        raise Malformed
    is_sized = part == SIZES
    for folder, count in zip(folders, counts, strict=True):
        folder.sizes = [header.number() for _ in range(count - 1)] if is_sized else []
        if count:
            folder.sizes.append(folder.size - sum(folder.sizes))
        if len(folder.sizes) != count or any(size < 0 for size in folder.sizes):
            raise Malformed
        folder.crcs = [folder.crc] if count == 1 else [None] * count
    if is_sized:
        part = header.number()
    while part != END:
        if part != DIGESTS:
            raise Malformed
        unknown = [folder for folder in folders if not (len(folder.sizes) == 1 and folder.crc is not None)]
        crcs = iter(header.digests(sum(len(folder.sizes) for folder in unknown)))
        for folder in unknown:
            folder.crcs = [next(crcs) for _ in folder.sizes]
        part = header.number()


def _files(header: Bytes, budget: Budget) -> list[File]:
    count = header.number()
    budget.check_entries(count)
    files = [File() for _ in range(count)]
    without: list[File] = []
    while (part := header.number()) != END:
        inner = Bytes(header.take(header.number()))
        if part == EMPTY_STREAMS:
            without = [item for item, is_empty in zip(files, inner.bits(count), strict=True) if is_empty]
            for item in without:
                item.has_stream, item.is_folder = False, True
        elif part == EMPTY_FILES:
            for item, is_file in zip(without, inner.bits(len(without)), strict=True):
                item.is_folder = not is_file
        elif part == NAMES:
            if inner.byte():
                raise Malformed
            for item in files:
                name = bytearray()
                while (unit := inner.take(2)) != b"\0\0":
                    name += unit
                item.name = name.decode("utf-16-le", "replace").replace("\\", "/")
        elif part == ATTRIBUTES:
            known = inner.bits_or_all(count)
            if inner.byte():
                raise Malformed
            for item, is_known in zip(files, known, strict=True):
                if is_known:
                    (item.attributes,) = struct.unpack("<I", inner.take(4))
    return files
