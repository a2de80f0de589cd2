"""Keep programs running: one that ends is started again, after a pause that grows while it keeps ending.

A Celery worker ends itself in some restarts of Redis (measured: one in eleven), so this is part of the product.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

log = logging.getLogger(__name__)

FIRST_PAUSE = 2.0  # seconds
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0  # one that ran so long starts with the first pause again
GRACE_SECONDS = 45.0  # for reports that are being audited when we are told to stop
POLL_SECONDS = 0.2
PR_SET_PDEATHSIG = 1

Sink = Callable[[str, str], None]
Ended = Callable[[str, int, float], None]


@dataclass(frozen=True, slots=True)
class Program:
    """What is kept running.

    env   beside our own environment.
    last  it is told to end only when all others have ended: they need it to finish what they are at.
    """

    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    last: bool = False


@dataclass(slots=True)
class _Kept:
    name: str
    program: Program
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = 0.0

    def look(self, now: float, sink: Sink | None, ended: Ended | None) -> None:
        """Start it if it is due; note its end if it has ended."""
        if self.process is None:
            if now >= self.due:
                self.process, self.started = _start(self.name, self.program, sink), now
            return
        code = self.process.poll()
        if code is None:
            return
        if now - self.started >= STEADY_SECONDS:
            self.pause = FIRST_PAUSE
        log.warning("%s ended with code %s; it is started again in %.0f s", self.name, code, self.pause)
        if ended is not None:
            ended(self.name, code, self.pause)
        self.process, self.due = None, now + self.pause
        self.pause = min(2 * self.pause, LONGEST_PAUSE)


def supervise(
    programs: Mapping[str, Sequence[str] | Program],
    stop: threading.Event,
    sink: Sink | None = None,
    ended: Ended | None = None,
) -> None:
    """Run the programs until ``stop`` is set; then ask them to end, and kill what has not ended after GRACE_SECONDS.

    sink   gets every line that a program prints, with the program's name; without it they print where we do.
    ended  is told of a program that ended by itself: its name, its exit code, and in how many seconds it is started again.
    """
    kept = [_Kept(name, it if isinstance(it, Program) else Program(it)) for name, it in programs.items()]
    try:
        while not stop.is_set():
            for one in kept:
                one.look(time.monotonic(), sink, ended)
            stop.wait(POLL_SECONDS)
    finally:
        for last in (False, True):
            _end([one.process for one in kept if one.process is not None and one.program.last is last])


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set. Call from the main thread."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _start(name: str, program: Program, sink: Sink | None) -> subprocess.Popen[bytes]:
    """In a session of its own: Ctrl-C reaches it through us, once. It is told to end if we are killed."""
    process = subprocess.Popen(  # noqa: S603  # commands of ours
        program.command,
        env={**os.environ, **program.env},
        start_new_session=True,
        preexec_fn=_end_with_parent,
        stdout=None if sink is None else subprocess.PIPE,
        stderr=None if sink is None else subprocess.STDOUT,
    )
    if sink is not None and process.stdout is not None:
        threading.Thread(target=_pass_on, args=(name, process.stdout, sink), daemon=True).start()
    return process


def _pass_on(name: str, lines: IO[bytes], sink: Sink) -> None:
    """Until the last process that holds the other end has closed it."""
    with lines:
        for line in lines:
            sink(name, line.decode("utf-8", "replace").rstrip("\r\n"))


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
