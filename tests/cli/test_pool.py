"""The process pool: a crash costs one item, a hang costs its time, the number of processes changes nothing."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from cli.pool import Crashed, Pool
from reports_in.jail import ask_for_time
from tests.servers import PATIENCE

ITEMS = tuple(range(40))


def pool(work: Callable[[int, int], int], jobs: int = 2, seconds: float = PATIENCE) -> Pool[int]:
    return Pool(lambda index, item: str(work(index, item)).encode(), ITEMS, jobs, seconds)


def done(work: Callable[[int, int], int], jobs: int = 2, seconds: float = PATIENCE) -> dict[int, int | Crashed]:
    return {index: int(found) if isinstance(found, bytes) else found for index, found in pool(work, jobs, seconds).run()}


@pytest.mark.parametrize("jobs", [1, 2, 7, 100])
def test_every_item_is_done_once_whatever_the_number_of_processes(jobs: int) -> None:
    found = list(pool(lambda _, item: item * item, jobs).run())

    assert sorted(found) == [(item, b"%d" % (item * item)) for item in ITEMS]


def test_no_items_are_no_work() -> None:
    assert list(Pool(lambda _, item: b"", (), 2, 30.0).run()) == []


def test_an_item_that_kills_its_process_costs_nothing_but_itself() -> None:
    def work(_: int, item: int) -> int:
        if item == 13:
            os.kill(os.getpid(), signal.SIGKILL)
        return item

    assert done(work) == {item: item for item in ITEMS} | {13: Crashed("解析进程崩溃（信号9 SIGKILL）")}


def test_an_item_whose_process_died_is_tried_once_more_alone(tmp_path: Path) -> None:
    seen = tmp_path / "seen"

    def work(_: int, item: int) -> int:
        if item == 13 and not seen.exists():
            seen.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return item

    assert done(work) == {item: item for item in ITEMS}


def test_several_items_that_kill_their_processes_are_each_named() -> None:
    def work(_: int, item: int) -> int:
        if item in (0, 1, 39):
            os._exit(3)
        return item

    fault = Crashed("解析进程崩溃（退出码3）")

    assert done(work) == {item: item for item in ITEMS} | {0: fault, 1: fault, 39: fault}


def test_an_item_that_never_ends_is_given_up_and_the_rest_is_done() -> None:
    def work(_: int, item: int) -> int:
        while item == 5:
            time.sleep(1)
        return item

    assert done(work, seconds=4.0) == {item: item for item in ITEMS} | {  # enough for the others on a busy machine
        5: Crashed("解析超过4秒仍未完成，已停止", by_limit=True)
    }


def test_an_item_that_eats_memory_is_stopped_and_the_rest_is_done() -> None:
    def work(_: int, item: int) -> int:
        return len(bytearray(2 << 30)) if item == 5 else item

    assert done(work) == {item: item for item in ITEMS} | {5: Crashed("解析所需内存超过1 GB，已停止", by_limit=True)}


def test_an_item_that_asks_for_time_gets_it() -> None:
    def work(_: int, item: int) -> int:
        if item == 5:
            ask_for_time(100)
            time.sleep(5)
        return item

    assert done(work, seconds=4.0) == {item: item for item in ITEMS}


def test_closing_leaves_no_process_behind() -> None:
    before = psutil.Process().children()
    running = pool(lambda _, item: time.sleep(item) or item, 3).run()
    next(running)

    running.close()

    _, left = psutil.wait_procs([child for child in psutil.Process().children() if child not in before], PATIENCE)
    assert left == []
