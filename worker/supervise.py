"""Keep programs running: one that ends is started again, after a pause that grows while it keeps ending.

A Celery worker ends itself in some restarts of Redis (measured: one in eleven), so this is part of the product.
"""

from __future__ import annotations

import ctypes
import logging
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

log = logging.getLogger(__name__)

FIRST_PAUSE = 2.0  # seconds
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0  # one that ran so long starts with the first pause again
GRACE_SECONDS = 45.0  # for reports that are being audited when we are told to stop
POLL_SECONDS = 0.2
PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class _Kept:
    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = 0.0

    def look(self, now: float) -> None:
        """Start it if it is due; note its end if it has ended."""
        if self.process is None:
            if now >= self.due:
                self.process, self.started = _start(self.command), now
            return
        code = self.process.poll()
        if code is None:
            return
        if now - self.started >= STEADY_SECONDS:
            self.pause = FIRST_PAUSE
        log.warning("%s ended with code %s; it is started again in %.0f s", self.name, code, self.pause)
        self.process, self.due = None, now + self.pause
        self.pause = min(2 * self.pause, LONGEST_PAUSE)


def supervise(programs: Mapping[str, Sequence[str]], stop: threading.Event) -> None:
    """Run the programs until ``stop`` is set; then ask them to end, and kill what has not ended after GRACE_SECONDS."""
    kept = [_Kept(name, command) for name, command in programs.items()]
    try:
        while not stop.is_set():
            for program in kept:
                program.look(time.monotonic())
            stop.wait(POLL_SECONDS)
    finally:
        _end([program.process for program in kept if program.process is not None])


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set. Call from the main thread."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """In a session of its own: Ctrl-C reaches it through us, once. It is told to end if we are killed."""
    return subprocess.Popen(command, start_new_session=True, preexec_fn=_end_with_parent)  # noqa: S603  # commands of ours


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("process %d did not end; killed", process.pid)
            process.kill()
            process.wait()
