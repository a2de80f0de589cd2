"""A stand-in for clamd: speaks its protocol on a socket of either kind, and fails as it is told to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

# the file by which scanners are tested, never written out whole: a scanner would take this file away
EICAR = b"".join((b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$", b"EICAR-STANDARD-", b"ANTIVIRUS-TEST-FILE!$H+H*"))
SIGNATURE = "Eicar-Test-Signature"
VERSION = b"ClamAV 1.4.6/27500/Fri Nov 20 08:12:01 2026"


@dataclass
class FakeClamd:
    """scanned: what came, whole. The rest says how it behaves.

    longest     bytes that it takes of one file; it answers and hangs up beyond.
    drops_over  it hangs up in the middle of files that hold these bytes, without a word; for all if they are b"".
    verdict     what it says of every file, instead of looking.
    pong        what it says to PING; None: nothing, ever.
    is_mute     it takes files and never answers.
    """

    address: str
    scanned: list[bytes] = field(default_factory=list)
    longest: int = 1 << 30
    drops_over: bytes | None = None
    verdict: bytes | None = None
    pong: bytes | None = b"PONG"
    version: bytes = VERSION
    is_mute: bool = False
    connections: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def serve(self, listening: socket.socket) -> None:
        while not self.stop.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError), connection.makefile("rb") as came:
            command = b""
            while not command.endswith(b"\0"):
                piece = came.read(1)
                if not piece:
                    return
                command += piece
            said = {b"zPING\0": self.pong, b"zVERSION\0": self.version}.get(command, b"")
            if command == b"zINSTREAM\0":
                said = self._scan(came)
            if said is None:
                self.stop.wait(600)
            elif said:
                connection.sendall(said + b"\0")

    def _scan(self, came: object) -> bytes | None:
        """b"" to hang up, None to say nothing."""
        data = b""
        while size := int.from_bytes(came.read(4)):  # type: ignore[attr-defined]
            data += came.read(size)  # type: ignore[attr-defined]
            if len(data) > self.longest:
                return b"INSTREAM size limit exceeded. ERROR"
            if self.drops_over is not None and self.drops_over in data:
                return b""
        self.scanned.append(data)
        if self.is_mute:
            return None
        if self.verdict is not None:
            return self.verdict
        return f"stream: {SIGNATURE} FOUND".encode() if EICAR in data else b"stream: OK"


@contextmanager
def fake_clamd(folder: Path, kind: str = "unix") -> Iterator[FakeClamd]:
    """One that listens in the folder, or on a port of this machine."""
    listening = socket.socket(socket.AF_UNIX if kind == "unix" else socket.AF_INET)
    if kind == "unix":
        listening.bind(str(folder / "clamd.ctl"))
        address = f"unix:{folder / 'clamd.ctl'}"
    else:
        listening.bind(("127.0.0.1", 0))
        address = f"tcp:127.0.0.1:{listening.getsockname()[1]}"
    listening.listen(64)
    fake = FakeClamd(address)
    threading.Thread(target=fake.serve, args=(listening,), daemon=True).start()
    try:
        yield fake
    finally:
        fake.stop.set()
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        (folder / "clamd.ctl").unlink(missing_ok=True)
