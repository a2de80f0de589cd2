"""RAR, where the system has libarchive (BSD; Debian's libarchive13): the format is secret, its own tool is not free.

Bound by ctypes, a dozen calls; run like all unpacking in a jail, for it is C over hostile bytes. It reads RAR 4 and 5; what it
cannot decode it says per entry.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import stat
from collections.abc import Iterator
from functools import cache
from typing import BinaryIO

from reports_in.errors import Encrypted, ToolMissing
from reports_in.unpackers.entry import PIECE_BYTES, Budget, Entry, Kind, damaged
from reports_in.unpackers.names import decoded

OK, WARN, EOF = 0, -20, 1
READ_BYTES = 1 << 16
UNREAD = (
    "是 RAR 压缩包，本机没有能读它的组件",
    "请解压后提交，或改用 ZIP 压缩；或由运维人员安装 libarchive（libarchive13）后重试",
)
SIGNATURES = {
    "archive_read_new": (ctypes.c_void_p, []),
    "archive_read_free": (ctypes.c_int, [ctypes.c_void_p]),
    "archive_read_support_filter_none": (ctypes.c_int, [ctypes.c_void_p]),
    "archive_read_support_format_rar": (ctypes.c_int, [ctypes.c_void_p]),
    "archive_read_support_format_rar5": (ctypes.c_int, [ctypes.c_void_p]),
    "archive_read_open_fd": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]),
    "archive_read_next_header": (ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p)]),
    "archive_read_data": (ctypes.c_ssize_t, [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]),
    "archive_entry_pathname_w": (ctypes.c_wchar_p, [ctypes.c_void_p]),
    "archive_entry_pathname": (ctypes.c_char_p, [ctypes.c_void_p]),
    "archive_entry_filetype": (ctypes.c_uint, [ctypes.c_void_p]),
    "archive_entry_hardlink": (ctypes.c_char_p, [ctypes.c_void_p]),
    "archive_entry_is_encrypted": (ctypes.c_int, [ctypes.c_void_p]),
    "archive_error_string": (ctypes.c_char_p, [ctypes.c_void_p]),
}


@cache
def libarchive() -> ctypes.CDLL | None:
    """The system's library; None if it has none."""
    found = ctypes.util.find_library("archive")
    for name in (found, "libarchive.so.13"):
        try:
            library = ctypes.CDLL(name) if name else None
            if library is None:
                continue
            for call, (result, arguments) in SIGNATURES.items():
                function = getattr(library, call)
                function.restype, function.argtypes = result, arguments
        except (OSError, AttributeError):
            continue
        return library
    return None


def entries(file: BinaryIO, name: str, budget: Budget) -> Iterator[Entry]:
    """The entries of a RAR archive. Raises ToolMissing, Encrypted, Damaged. The file needs a descriptor."""
    library = libarchive()
    if library is None:
        raise ToolMissing(name, *UNREAD)
    file.seek(0)
    archive = library.archive_read_new()
    try:
        library.archive_read_support_filter_none(archive)
        library.archive_read_support_format_rar(archive)
        library.archive_read_support_format_rar5(archive)
        if library.archive_read_open_fd(archive, file.fileno(), READ_BYTES) != OK:
            raise _fault(library, archive, name)
        while True:
            handle = ctypes.c_void_p()
            status = library.archive_read_next_header(archive, ctypes.byref(handle))
            if status == EOF:
                return
            if status < WARN:
                raise _fault(library, archive, name)
            budget.enter()
            yield Entry(
                _name(library, handle),
                _kind(library, handle),
                lambda: _read(library, archive, name, budget),
                encrypted=library.archive_entry_is_encrypted(handle) == 1,
            )
    finally:
        library.archive_read_free(archive)


def _name(library: ctypes.CDLL, handle: ctypes.c_void_p) -> str:
    wide = library.archive_entry_pathname_w(handle)
    name = wide if wide else decoded(library.archive_entry_pathname(handle) or b"")
    return str(name).replace("\\", "/")


def _kind(library: ctypes.CDLL, handle: ctypes.c_void_p) -> Kind:
    mode = library.archive_entry_filetype(handle)
    if library.archive_entry_hardlink(handle) or stat.S_ISLNK(mode):
        return Kind.LINK
    if stat.S_ISDIR(mode):
        return Kind.FOLDER
    return Kind.FILE if stat.S_ISREG(mode) else Kind.DEVICE


def _read(library: ctypes.CDLL, archive: int, name: str, budget: Budget) -> Iterator[bytes]:
    held = ctypes.create_string_buffer(PIECE_BYTES)
    while size := library.archive_read_data(archive, held, PIECE_BYTES):
        if size < 0:
            raise _fault(library, archive, name)
        budget.spend(size)
        yield held.raw[:size]


def _fault(library: ctypes.CDLL, archive: int, name: str) -> Exception:
    said = (library.archive_error_string(archive) or b"").decode("utf-8", "replace")
    if "ncrypt" in said or "passphrase" in said:
        return Encrypted(name, "压缩包设有密码", "请去掉密码重新压缩后提交")
    return damaged(name, f"数据解不开（{said[:80]}）")
