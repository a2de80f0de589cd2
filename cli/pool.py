"""A process pool in which a crash costs one item and nothing else.

``concurrent.futures`` gives up on everything that waits when one of its processes dies, and cannot say which item killed it.
Here every process has its own pipe and reports item by item, so the parent always knows what each of them is at.
"""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Generic, TypeVar

Item = TypeVar("Item")
Done = TypeVar("Done")

CHUNK = 8  # items handed over at a time: fewer trips, and still little to share out again at the end
FORK = multiprocessing.get_context("fork")  # children share the rules and fonts that the parent has loaded


@dataclass(frozen=True, slots=True)
class Crashed:
    """The process that worked on the item died twice, or had to be stopped. ``fault`` says how, in Chinese."""

    fault: str


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    pipe: Connection
    indexes: deque[int] = field(default_factory=deque)  # handed over and not yet reported; the first is being worked on
    since: float = 0.0


class Pool(Generic[Item, Done]):
    """Runs ``work`` on every item in ``jobs`` forked processes. ``begin`` is called first in each of them.

    An item whose process dies is tried once more, alone in a new process; one that takes longer than ``seconds`` is given up.
    """

    def __init__(
        self,
        work: Callable[[int, Item], Done],
        items: Sequence[Item],
        jobs: int,
        seconds: float,
        begin: Callable[[], None] = lambda: None,
    ) -> None:
        self._work = work
        self._items = items
        self._seconds = seconds
        self._begin = begin
        self._jobs = max(1, min(jobs, len(items)))
        size = max(1, min(CHUNK, len(items) // (2 * self._jobs)))
        self._chunks = deque(range(start, min(start + size, len(items))) for start in range(0, len(items), size))
        self._workers: list[_Worker] = []
        self._tried: set[int] = set()

    def run(self) -> Generator[tuple[int, Done | Crashed]]:
        """Index and result of every item, as they get done. Closing the iterator stops the processes."""
        try:
            while self._chunks or any(worker.indexes for worker in self._workers):
                self._hand_out()
                busy = [worker for worker in self._workers if worker.indexes]
                ready = wait([worker.pipe for worker in busy], timeout=self._patience(busy))
                for worker in busy:
                    if worker.pipe in ready:
                        yield from self._take(worker)
                    elif time.monotonic() - worker.since > self._seconds:
                        yield self._give_up(worker)
        finally:
            for worker in self._workers:
                self._stop(worker)

    def _hand_out(self) -> None:
        for worker in self._workers:
            if self._chunks and not worker.indexes:
                self._send(worker)
        while self._chunks and len(self._workers) < self._jobs:
            self._workers.append(self._start())
            self._send(self._workers[-1])

    def _send(self, worker: _Worker) -> None:
        chunk = self._chunks.popleft()
        worker.indexes.extend(chunk)
        worker.since = time.monotonic()
        with suppress(OSError):  # it died while idle: its pipe will say so at the next wait
            worker.pipe.send(list(chunk))

    def _patience(self, busy: list[_Worker]) -> float:
        oldest = min(worker.since for worker in busy)
        return max(0.0, oldest + self._seconds - time.monotonic()) + 0.01

    def _take(self, worker: _Worker) -> Iterator[tuple[int, Done | Crashed]]:
        """What the worker has to say; a pipe at its end says that the process is gone."""
        try:
            done: Done = worker.pipe.recv()
        except (EOFError, OSError):
            yield from self._bury(worker)
        else:
            worker.since = time.monotonic()
            yield worker.indexes.popleft(), done

    def _bury(self, worker: _Worker) -> Iterator[tuple[int, Crashed]]:
        self._stop(worker)
        self._workers.remove(worker)
        suspect = worker.indexes.popleft()
        if worker.indexes:
            self._chunks.appendleft(range(worker.indexes[0], worker.indexes[-1] + 1))
        if suspect in self._tried:
            yield suspect, Crashed(f"解析进程崩溃（{_cause(worker.process.exitcode)}）")
        else:
            self._tried.add(suspect)
            self._chunks.appendleft(range(suspect, suspect + 1))

    def _give_up(self, worker: _Worker) -> tuple[int, Crashed]:
        self._stop(worker)
        self._workers.remove(worker)
        stuck = worker.indexes.popleft()
        if worker.indexes:
            self._chunks.appendleft(range(worker.indexes[0], worker.indexes[-1] + 1))
        return stuck, Crashed(f"解析超过{self._seconds:.0f}秒仍未完成，已停止")

    def _start(self) -> _Worker:
        ours, theirs = FORK.Pipe()
        inherited = [ours, *(worker.pipe for worker in self._workers)]
        process = FORK.Process(target=self._serve, args=(theirs, inherited), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _serve(self, pipe: Connection, inherited: list[Connection]) -> None:
        """In the child: work on what comes until the parent hangs up."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
        for connection in inherited:
            connection.close()  # else a sibling would keep the pipe open after the parent is gone
        self._begin()
        while True:
            try:
                chunk: list[int] = pipe.recv()
            except EOFError:
                return
            for index in chunk:
                pipe.send(self._work(index, self._items[index]))

    def _stop(self, worker: _Worker) -> None:
        worker.process.kill()
        worker.process.join()
        worker.pipe.close()


def _cause(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        return f"信号{-exitcode} {signal.Signals(-exitcode).name}"
    return f"退出码{exitcode}"
