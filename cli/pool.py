"""Several jails at work on one list of items: a crash costs one item and nothing else.

Every jail has its own pipe and reports item by item, so the parent always knows what each of them is at: the one that a
child died of is known, the rest of its chunk is handed to another.
"""

from __future__ import annotations

import select
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from reports_in.jail import Died, Jail, too_long

Item = TypeVar("Item")

CHUNK = 8  # items handed over at a time: fewer trips, and still little to share out again at the end
INDEX_BYTES = 4


@dataclass(frozen=True, slots=True)
class Crashed:
    """The process that worked on the item died twice, or had to be stopped. ``fault`` says how, in Chinese."""

    fault: str
    by_limit: bool = False


@dataclass(slots=True)
class _Worker:
    jail: Jail
    indexes: deque[int] = field(default_factory=deque)  # handed over and not yet reported; the first is being worked on
    answer: bytearray = field(default_factory=bytearray)
    since: float = 0.0


class Pool(Generic[Item]):
    """Runs ``work`` on every item in ``jobs`` jails and passes on the bytes that it returns.

    An item whose process dies is tried once more, alone in a new process; one that takes longer than ``seconds`` or more
    memory than a jail has is given up.
    """

    def __init__(self, work: Callable[[int, Item], bytes], items: Sequence[Item], jobs: int, seconds: float) -> None:
        self._work = work
        self._items = items
        self._seconds = seconds
        self._jobs = max(1, min(jobs, len(items)))
        size = max(1, min(CHUNK, len(items) // (2 * self._jobs)))
        self._chunks = deque(range(start, min(start + size, len(items))) for start in range(0, len(items), size))
        self._workers = [_Worker(Jail(self._serve)) for _ in range(self._jobs)]
        self._tried: set[int] = set()

    def run(self) -> Generator[tuple[int, bytes | Crashed]]:
        """Index and result of every item, as they get done. Closing the iterator stops the processes."""
        try:
            while self._chunks or any(worker.indexes for worker in self._workers):
                for worker in self._workers:
                    if self._chunks and not worker.indexes:
                        self._send(worker)
                busy = [worker for worker in self._workers if worker.indexes]
                ready, _, _ = select.select([worker.jail for worker in busy], [], [], self._patience(busy))
                for worker in busy:
                    if worker.jail in ready:
                        yield from self._take(worker)
                    elif time.monotonic() > self._deadline(worker):
                        yield self._give_up(worker)
        finally:
            for worker in self._workers:
                worker.jail.stop()

    def _send(self, worker: _Worker) -> None:
        chunk = self._chunks.popleft()
        if chunk[0] in self._tried:
            worker.jail.stop()  # this time what came before it can be no excuse
        worker.indexes.extend(chunk)
        worker.since = time.monotonic()
        for index in chunk:
            worker.jail.send(index.to_bytes(INDEX_BYTES))

    def _serve(self, request: bytes) -> Iterable[bytes]:
        """In the child."""
        index = int.from_bytes(request)
        return (self._work(index, self._items[index]),)

    def _patience(self, busy: list[_Worker]) -> float:
        return max(0.0, min(map(self._deadline, busy)) - time.monotonic()) + 0.01

    def _deadline(self, worker: _Worker) -> float:
        return worker.since + self._seconds + worker.jail.extra_seconds

    def _take(self, worker: _Worker) -> Iterator[tuple[int, bytes | Crashed]]:
        """What the worker has to say; it may be its death."""
        try:
            pieces = worker.jail.take()
        except Died as died:
            yield from self._bury(worker, died)
            return
        for piece, is_end in pieces:
            worker.answer += piece
            if is_end:
                worker.since = time.monotonic()
                yield worker.indexes.popleft(), bytes(worker.answer)
                worker.answer.clear()
        if worker.jail.is_leaving:
            worker.jail.stop()
            self._hand_back(worker)

    def _bury(self, worker: _Worker, died: Died) -> Iterator[tuple[int, Crashed]]:
        suspect = worker.indexes.popleft()
        self._hand_back(worker)
        if died.by_limit or suspect in self._tried:
            yield suspect, Crashed(died.fault, died.by_limit)
        else:
            self._tried.add(suspect)
            self._chunks.appendleft(range(suspect, suspect + 1))

    def _give_up(self, worker: _Worker) -> tuple[int, Crashed]:
        allowed = self._seconds + worker.jail.extra_seconds
        worker.jail.stop()
        stuck = worker.indexes.popleft()
        self._hand_back(worker)
        return stuck, Crashed(too_long(allowed), by_limit=True)

    def _hand_back(self, worker: _Worker) -> None:
        """What it was sent and has not begun is for whoever is free."""
        worker.answer.clear()
        if worker.indexes:
            self._chunks.appendleft(range(worker.indexes[0], worker.indexes[-1] + 1))
            worker.indexes.clear()
