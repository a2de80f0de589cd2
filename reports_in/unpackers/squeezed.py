"""gzip, bzip2 and xz: a stream of bytes, in which there is a tar or one file."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Protocol

from reports_in.sniff import BZIP2, GZIP, XZ
from reports_in.unpackers.entry import PIECE_BYTES, Budget, damaged

READ_BYTES = 1 << 16
DICTIONARY_BYTES = 512 * 1024 * 1024  # the most memory an xz stream may ask for


class Decoder(Protocol):
    """What the three modules' decompressors have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def needs_input(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class Inflate:
    """zlib's decompressor with the face of the other two."""

    def __init__(self, window_bits: int) -> None:
        self._inner = zlib.decompressobj(window_bits)
        self._waiting = b""

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._waiting

    def decompress(self, data: bytes, max_length: int) -> bytes:
        found = self._inner.decompress(self._waiting + data, max_length)
        self._waiting = self._inner.unconsumed_tail
        return found


MAGIC = {GZIP: b"\x1f\x8b", BZIP2: b"BZh", XZ: b"\xfd7zXZ\0"}


def new_decoder(media_type: str) -> Decoder:
    """For one stream of gzip, bzip2 or xz; one is needed for each."""
    if media_type == GZIP:
        return Inflate(31)
    return bz2.BZ2Decompressor() if media_type == BZIP2 else lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=DICTIONARY_BYTES)


def unsqueezed(file: BinaryIO, media_type: str, name: str, budget: Budget) -> Iterator[bytes]:
    """The bytes of all streams in the file, counted. What follows the last stream is no part of it. Raises Damaged at a cut."""
    waiting = b""
    while True:
        decoder = new_decoder(media_type)
        while not decoder.eof:
            if decoder.needs_input:
                waiting = waiting or file.read(READ_BYTES)
                if not waiting:
                    raise damaged(name, "数据不完整，中途断了")
            try:
                piece = decoder.decompress(waiting if decoder.needs_input else b"", PIECE_BYTES)
            except (zlib.error, lzma.LZMAError, OSError, EOFError) as error:
                raise damaged(name, "数据解不开") from error
            waiting = b""
            if piece:
                budget.spend(len(piece))
                yield piece
        waiting = decoder.unused_data or file.read(READ_BYTES)
        if not waiting.startswith(MAGIC[media_type]):
            return


class Stream:
    """Pieces of bytes as a file to read from, start to end. ``tail`` is the last block that was read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._waiting = b""
        self.tail = b""

    def peek(self, size: int) -> bytes:
        """The next bytes, which stay to be read."""
        while len(self._waiting) < size and (piece := next(self._pieces, b"")):
            self._waiting += piece
        return self._waiting[:size]

    def read(self, size: int = -1) -> bytes:
        parts = []
        left = size if size >= 0 else 1 << 62
        while left > 0:
            if not self._waiting:
                self._waiting = next(self._pieces, b"")
                if not self._waiting:
                    break
            part, self._waiting = self._waiting[:left], self._waiting[left:]
            parts.append(part)
            left -= len(part)
        found = b"".join(parts)
        self.tail = (self.tail + found)[-512:]
        return found
