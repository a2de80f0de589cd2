"""A client of clamd, ClamAV's scanning daemon: files go there through its socket, and it says what it found in them.

Of its protocol three commands are spoken, each on a connection of its own, as null-terminated lines (``z``): PING, VERSION and
INSTREAM, which takes a file in pieces that say their length and needs no folder that both programs can read.
"""

from __future__ import annotations

import os
import re
import select
import socket
import time
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from reports_in import display_name
from reports_in.system_words import in_words

PORT = 3310  # where clamd listens if nothing is said
CONNECT_SECONDS = 5.0
SCAN_SECONDS = 180.0  # for one file, with the wait for its turn: clamd itself gives one up after 120
PIECE_BYTES = 256 << 10
LONGEST_ANSWER = 4096
LONGEST_PATH = 107  # bytes, of a socket
LONGEST_NAME = 200  # characters of a signature's name
DATED = "%a %b %d %H:%M:%S %Y"
_FOUND = re.compile(r"stream: (.+) FOUND", re.DOTALL)
_HOST = re.compile(r"\[([0-9A-Fa-f:.]+)\]|([\w.-]+)", re.ASCII)


class ClamdError(Exception):
    """What happened, in Chinese, without a full stop."""


class Unreachable(ClamdError):
    """Nobody answers at that address, or not as clamd does."""


class BrokenOff(ClamdError):
    """It answered, and ended in the middle of the file, or said something that is no verdict."""


class TooSlow(ClamdError):
    """It took the file and did not answer in time."""


class TooLong(ClamdError):
    """It takes no file of that length (its StreamMaxLength)."""


@dataclass(frozen=True, slots=True)
class Address:
    """Either a socket of this machine by its path, or host and port."""

    path: str = ""
    host: str = ""
    port: int = 0

    def __str__(self) -> str:
        if self.path:
            return f"unix:{self.path}"
        return f"tcp:[{self.host}]:{self.port}" if ":" in self.host else f"tcp:{self.host}:{self.port}"


def address_from(written: str) -> Address:
    """``unix:/run/clamav/clamd.ctl`` or ``tcp:host:port``; also with slashes as in an address of the web, ``local:`` for ``unix:``, the path
    or host and port alone, and ``tcp:host`` for the usual port. Raises ValueError for anything else."""
    plain = written.strip()
    scheme, _, rest = plain.partition(":")
    if scheme.lower() in ("unix", "local"):
        return _of_path(rest)
    if plain.startswith("/"):
        return _of_path(plain)
    if scheme.lower() == "tcp":
        return _of_host(rest.removeprefix("//").rstrip("/"), f":{PORT}")
    return _of_host(plain, "")


def _of_path(path: str) -> Address:
    if not path.startswith("/") or path.endswith("/") or "\0" in path or len(os.fsencode(path)) > LONGEST_PATH:
        raise ValueError(f"no address: {path!r}")
    return Address(path="/" + path.lstrip("/"))


def _of_host(written: str, otherwise: str) -> Address:
    found = _HOST.match(written)
    port = (written[found.end() :] or otherwise) if found else ""
    if found is None or not re.fullmatch(r":[0-9]{1,5}", port, re.ASCII) or not 0 < int(port[1:]) < 1 << 16:
        raise ValueError(f"no address: {written!r}")
    return Address(host=found[1] or found[2], port=int(port[1:]))


@dataclass(frozen=True, slots=True)
class Version:
    """What runs there. signed_at: when its database of signatures was made; None if it has none of ClamAV's own."""

    program: str
    signed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Clamd:
    address: Address
    scan_seconds: float = SCAN_SECONDS

    def ping(self, seconds: float = CONNECT_SECONDS) -> None:
        """Raises Unreachable unless it is clamd that answers."""
        said = self._asked(b"PING", seconds)
        if said != "PONG":
            raise Unreachable(f"应答的不是 clamd（{_shown(said)}）")

    def version(self, seconds: float = CONNECT_SECONDS) -> Version:
        """Raises Unreachable."""
        program, _, rest = self._asked(b"VERSION", seconds).partition("/")
        _, _, day = rest.partition("/")
        try:  # by the daemon's own clock; a day more or less is no matter
            signed_at = datetime.strptime(day.strip(), DATED).replace(tzinfo=UTC)
        except ValueError:
            signed_at = None
        return Version(_shown(program), signed_at)

    def scan(self, file: BinaryIO) -> str | None:
        """The name of the signature that the file's bytes bear, None if they bear none.

        Raises Unreachable, BrokenOff, TooSlow, TooLong; OSError if the file cannot be read.
        """
        end = time.monotonic() + self.scan_seconds
        with closing(self._connected(CONNECT_SECONDS)) as connection:
            try:
                _send(connection, b"zINSTREAM\0", end)
                self._stream(connection, file, end)
            except TimeoutError as exc:
                raise TooSlow(f"{self.scan_seconds:.0f} 秒没有收下文件") from exc
            except _Lost:
                pass  # it does not want the rest, and may have said why
            said = self._answer(connection, end)
        if said == "stream: OK":
            return None
        if (found := _FOUND.fullmatch(said)) is not None:
            return _shown(found[1])
        if "size limit exceeded" in said:
            raise TooLong("文件超过它的 StreamMaxLength")
        raise BrokenOff(f"它答的是“{_shown(said)}”" if said else "它中途断开了连接")

    def _stream(self, connection: socket.socket, file: BinaryIO, end: float) -> None:
        early = select.poll()
        early.register(connection, select.POLLIN)
        while piece := file.read(PIECE_BYTES):
            if early.poll(0):
                return  # it has answered before the end: what is sent now may destroy the answer
            _send(connection, len(piece).to_bytes(4) + piece, end)
        _send(connection, (0).to_bytes(4), end)

    def _answer(self, connection: socket.socket, end: float) -> str:
        """As far as it came."""
        said = b""
        try:
            for piece in _received(connection, end):
                said += piece
                if b"\0" in said or len(said) > LONGEST_ANSWER:
                    break
        except TimeoutError as exc:
            raise TooSlow(f"{self.scan_seconds:.0f} 秒没有答复") from exc
        except OSError:
            pass  # cut off: what is there may be whole
        whole, ended, _ = said.partition(b"\0")
        return whole.decode("utf-8", "replace").strip() if ended else ""

    def _asked(self, command: bytes, seconds: float) -> str:
        """Raises Unreachable."""
        end = time.monotonic() + seconds
        with closing(self._connected(seconds)) as connection:
            try:
                _send(connection, b"z%b\0" % command, end)
            except (TimeoutError, _Lost) as exc:
                raise Unreachable("连接后没有应答") from exc
            try:
                said = self._answer(connection, end)
            except TooSlow as exc:
                raise Unreachable(f"{seconds:.0f} 秒没有应答") from exc
        if not said:
            raise Unreachable("连接后没有应答")
        return said

    def _connected(self, seconds: float) -> socket.socket:
        """Raises Unreachable."""
        try:
            if not self.address.path:
                return socket.create_connection((self.address.host, self.address.port), seconds)
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.settimeout(seconds)
                connection.connect(self.address.path)
            except BaseException:
                connection.close()
                raise
            return connection
        except OSError as exc:
            raise Unreachable(_why(exc)) from exc


class _Lost(Exception):
    """The other side takes nothing more."""


def _send(connection: socket.socket, data: bytes, end: float) -> None:
    """Raises TimeoutError, _Lost."""
    connection.settimeout(_left(end))
    try:
        connection.sendall(data)
    except TimeoutError:
        raise
    except OSError as exc:
        raise _Lost from exc


def _received(connection: socket.socket, end: float) -> Iterable[bytes]:
    """Raises TimeoutError, OSError."""
    while True:
        connection.settimeout(_left(end))
        piece = connection.recv(LONGEST_ANSWER)
        if not piece:
            return
        yield piece


def _left(end: float) -> float:
    """Raises TimeoutError: an answer that comes byte by byte does not go on for ever."""
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _why(exc: OSError) -> str:
    if isinstance(exc, TimeoutError):
        return "连接超时"
    if isinstance(exc, FileNotFoundError):
        return "没有这个套接字"
    if isinstance(exc, ConnectionRefusedError):
        return "连接被拒绝"
    if isinstance(exc, PermissionError):
        return "没有权限使用这个套接字"
    if isinstance(exc, socket.gaierror):
        return "找不到这台主机"
    return in_words(exc)


def _shown(said: str) -> str:
    """What another program said, fit for a line of ours."""
    with suppress(UnicodeError):
        said = display_name(said)
    return " ".join(said.split())[:LONGEST_NAME]
