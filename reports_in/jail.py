"""Work on what strangers sent, done in a child process that can harm nobody: confined, watched, stopped.

A Jail is one forked child with one kind of work. It serves requests one after the other, so that the cost of a fork is
shared; whoever gives it several is told which of them it died of, and gives the rest to another. The child's answers are
bytes: nothing of it is ever unpickled, for it may no longer be ours.

Works inside Celery's daemonic processes too, where multiprocessing refuses to start anything.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from reports_in.confinement import Guard, allow_cpu, allow_memory, confine
from reports_in.limits import LIMITS

Work = Callable[[bytes], Iterable[bytes]]

SERVED = 200  # requests of one child, so that a leak or a crooked cache does not live long
GROWN_BYTES = 256 * 1024 * 1024  # a child that has grown so much is replaced after the answer
RECEIVE_BYTES = 1 << 20
OUT_OF_MEMORY = 71  # exit code

_REQUEST = struct.Struct(">I")
_FRAME = struct.Struct(">cI")  # what follows, and how long it is
PIECE, END, LAST = b"p", b"e", b"l"  # LAST ends an answer and says that the child leaves
MORE_TIME = b"t"  # of no length: the number in its place is the seconds asked for


class Died(Exception):
    """The child is gone before its answer was whole. ``fault`` says how, in Chinese.

    by_limit  it was stopped for taking too long or too much. Else it crashed, and what it served before may be to blame:
              worth asking once more.
    """

    def __init__(self, fault: str, *, by_limit: bool) -> None:
        super().__init__(fault, by_limit)
        self.fault = fault
        self.by_limit = by_limit


class Jail:
    """``work`` answers one request with pieces of bytes.

    guard  in the child: what keeps it off the network.

    The child is forked by the first request and again after it died or left: memory shared then is what the parent has loaded.
    """

    def __init__(
        self,
        work: Work,
        memory_bytes: int = LIMITS.read_memory_bytes,
        file_bytes: int = LIMITS.temporary_bytes,
        cpu_seconds: float = 4 * LIMITS.read_seconds,  # of all its threads: what stops it is the clock of whoever asked
    ) -> None:
        self._work = work
        self._memory_bytes = memory_bytes
        self._file_bytes = file_bytes
        self._cpu_seconds = cpu_seconds
        self._pid = 0
        self._at_fork = 0  # bytes of memory that the child began with
        self._owner = 0  # the process that forked the child: after a fork of its own, the other half has no child
        self._socket: socket.socket | None = None
        self._received = bytearray()
        self._leaving = False
        self._extra_seconds = 0.0
        self.guard = Guard.NONE

    def fileno(self) -> int:
        """For select: readable when there is something to take. -1 without a child."""
        return -1 if self._socket is None else self._socket.fileno()

    @property
    def extra_seconds(self) -> float:
        """What the request now served has been granted beyond the time that whoever asked allows."""
        return self._extra_seconds

    @property
    def is_leaving(self) -> bool:
        """Whether the child has said that it takes no further request; what it was sent beyond is to be sent again."""
        return self._leaving

    def send(self, request: bytes) -> None:
        """Queue a request; a child that has died says so to ``take``."""
        if self._socket is None or self._owner != os.getpid():
            self._fork()
        assert self._socket is not None
        with suppress(OSError):
            self._socket.sendall(_REQUEST.pack(len(request)) + request)

    def take(self) -> list[tuple[bytes, bool]]:
        """The pieces that have come, each with whether its answer ends there. Call when readable. Raises Died."""
        assert self._socket is not None
        try:
            data = self._socket.recv(RECEIVE_BYTES)
        except OSError:
            data = b""
        if not data:
            raise self._died()
        self._received += data
        found = []
        at = 0
        while len(self._received) >= at + _FRAME.size:
            kind, length = _FRAME.unpack_from(self._received, at)
            if kind == MORE_TIME:
                self._extra_seconds = min(float(length), LIMITS.ocr_seconds)
                at += _FRAME.size
                continue
            if length > LIMITS.answer_bytes or kind not in (PIECE, END, LAST):
                raise self.stop_for(f"解析结果超过{_size(LIMITS.answer_bytes)}，已停止")
            end = at + _FRAME.size + length
            if len(self._received) < end:
                break
            found.append((bytes(self._received[at + _FRAME.size : end]), kind != PIECE))
            at = end
            self._leaving = kind == LAST
            if kind != PIECE:
                self._extra_seconds = 0.0
        del self._received[:at]
        return found

    def ask(self, request: bytes, seconds: float) -> Iterator[bytes]:
        """The pieces of the answer. ``seconds`` may pass until each. Raises Died, after which the next request starts anew."""
        self.send(request)
        clock = time.monotonic()
        while True:
            allowed = seconds + self._extra_seconds
            readable, _, _ = select.select([self], [], [], max(0.0, clock + allowed - time.monotonic()))
            if not readable:
                raise self.stop_for(too_long(allowed))
            for piece, is_end in self.take():
                if piece or not is_end:
                    clock = time.monotonic()
                    yield piece
                if is_end:
                    if self._leaving:
                        self.stop()
                    return

    def stop_for(self, fault: str) -> Died:
        """Stop the child because a limit was passed; returns the error to raise."""
        self.stop()
        return Died(fault, by_limit=True)

    def stop(self) -> None:
        """End the child and all that it started. Safe to call at any time; the next request forks a new one."""
        self._end()

    def _end(self) -> tuple[int, int]:
        """The child's wait status and the most memory it had, in bytes."""
        status, peak = 0, 0
        if self._socket is not None:
            self._socket.close()
        if self._pid and self._owner == os.getpid():
            started = _descendants(self._pid)
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._pid, signal.SIGKILL)  # while it is not yet reaped its group is ours
            for pid in started:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                _, status, usage = os.wait4(self._pid, 0)
                peak = usage.ru_maxrss * 1024
        self._socket, self._pid, self._leaving, self._extra_seconds = None, 0, False, 0.0
        self._received.clear()
        return status, peak

    def _died(self) -> Died:
        """How a child ended whose socket is at its end; one that only hung up is killed by us."""
        for _ in range(100):  # it closes its socket a moment before it can be waited for
            with suppress(ChildProcessError):
                if os.waitid(os.P_PID, self._pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                    break
            time.sleep(0.001)
        status, peak = self._end()
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == OUT_OF_MEMORY:
            return Died(too_big(self._memory_bytes), by_limit=True)
        if not os.WIFSIGNALED(status):
            return Died(f"解析进程崩溃（退出码{os.WEXITSTATUS(status)}）", by_limit=False)
        number = os.WTERMSIG(status)
        if number == signal.SIGXCPU:
            return Died(too_long(self._cpu_seconds), by_limit=True)
        fault = f"解析进程崩溃（信号{number} {signal.Signals(number).name}）"
        if peak - self._at_fork > self._memory_bytes * 0.8:
            return Died(f"{too_big(self._memory_bytes)}（信号{number}）", by_limit=True)
        return Died(fault, by_limit=False)

    def _fork(self) -> None:
        if self._owner == os.getpid():
            self._end()
        else:  # we are a fork of the owner: the child is not ours to end
            self._socket, self._pid, self._leaving, self._extra_seconds = None, 0, False, 0.0
            self._received.clear()
        ours, theirs = socket.socketpair()
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        self._at_fork = _resident_bytes()
        pid = os.fork()
        if pid == 0:
            self._in_child(theirs, parent)
        theirs.close()
        with suppress(OSError):  # the child does it too: whoever comes first
            os.setpgid(pid, pid)
        self._socket, self._pid, self._owner = ours, pid, parent

    def _in_child(self, theirs: socket.socket, parent: int) -> None:
        """Serve until the parent hangs up. Never returns."""
        code = os.EX_SOFTWARE
        try:
            with suppress(OSError):
                os.setpgid(0, 0)
            self.guard = confine({theirs.fileno()}, self._file_bytes)
            if os.getppid() == parent:
                _CHANNELS.append(theirs)
                _serve(theirs, self._work, self._memory_bytes, self._cpu_seconds)
                code = 0
        except BrokenPipeError:  # nobody waits for the answer any more
            code = 0
        except MemoryError:
            code = OUT_OF_MEMORY
        except BaseException as error:
            with suppress(BaseException):
                sys.stderr.write(f"jail: {type(error).__name__}: {error}\n")
                sys.stderr.flush()
        finally:
            os._exit(code)


def ask_for_time(seconds: float) -> None:
    """Tell whoever waits for a jailed process that this request takes so many seconds more, up to ``LIMITS.ocr_seconds``.

    Does nothing in a process that is not jailed.
    """
    for channel in _CHANNELS:
        channel.sendall(_FRAME.pack(MORE_TIME, int(seconds)))


_CHANNELS: list[socket.socket] = []  # in the child: the one to its parent


def too_long(seconds: float) -> str:
    """The fault of a report that was stopped by the clock."""
    return f"解析超过{seconds:.0f}秒仍未完成，已停止"


def too_big(memory_bytes: int = LIMITS.read_memory_bytes) -> str:
    """The fault of a report that was stopped for the memory it took."""
    return f"解析所需内存超过{_size(memory_bytes)}，已停止"


def network_guard() -> Guard:
    """What a jailed process on this machine is guarded by: asked of one."""
    jail = Jail(lambda _: [jail.guard.encode()])
    try:
        return Guard(b"".join(jail.ask(b"", LIMITS.read_seconds)).decode())
    finally:
        jail.stop()


def _serve(channel: socket.socket, work: Work, memory_bytes: int, cpu_seconds: float) -> None:
    at_first = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    for served in range(1, SERVED + 1):
        head = _exactly(channel, _REQUEST.size)
        if not head:
            return
        request = _exactly(channel, _REQUEST.unpack(head)[0])
        allow_memory(memory_bytes)
        allow_cpu(cpu_seconds)
        for piece in work(request):
            channel.sendall(_FRAME.pack(PIECE, len(piece)))
            channel.sendall(piece)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - at_first
        is_last = served == SERVED or grown > GROWN_BYTES
        channel.sendall(_FRAME.pack(LAST if is_last else END, 0))
        if is_last:
            return


def _exactly(channel: socket.socket, length: int) -> bytes:
    """So many bytes, or none at the end."""
    parts = bytearray()
    while len(parts) < length:
        more = channel.recv(length - len(parts))
        if not more:
            return b""
        parts += more
    return bytes(parts)


def _resident_bytes() -> int:
    """The memory that this process has now; a child begins with as much."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


def _descendants(pid: int) -> list[int]:
    """What a process has started, and what that has, whatever group it put itself into."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        with suppress(OSError), open(f"/proc/{(parent := waiting.pop())}/task/{parent}/children") as children:
            waiting += (started := [int(child) for child in children.read().split()])
            found += started
    return found


def _size(count: int) -> str:
    return f"{count >> 30} GB" if count >= 1 << 30 else f"{count >> 20} MB"
