"""`hecha worker` and `hecha reconcile`: the two programs that the service consists of, besides Redis and a database."""

from __future__ import annotations

import os
import sys

import click

from cli.chinese import Command, expected_errors
from worker import logs
from worker.settings import DATA_FOLDER, DATABASE_URL


@click.command(cls=Command)
@click.option(
    "--concurrency",
    metavar="个数",
    type=click.IntRange(min=1),
    help="同时核查几份；不写则比处理器核数多一，因为总有一份在等磁盘",
)
@click.option(
    "--queue",
    type=click.Choice(["audit", "ocr", "all"]),
    default="all",
    show_default=False,
    help="做哪一类：audit 普通年报，ocr 扫描件（另排一队，不耽误普通年报），all 都做；不写则为 all",
)
@expected_errors
def worker(concurrency: int | None, queue: str) -> None:
    """启动后台核查进程，直到被停止。进程意外结束会自动重新启动；停止时先做完手头的报告。"""
    from audits.service import recognises_scans
    from worker.self_check import refuse_to_start_if_unfit
    from worker.supervise import stop_on_signals, supervise

    logs.install()
    stop = stop_on_signals()
    refuse_to_start_if_unfit()
    programs = {}
    if queue in ("audit", "all"):
        programs["worker"] = celery("audit", concurrency or len(os.sched_getaffinity(0)) + 1)
    if queue == "ocr" or (queue == "all" and recognises_scans()):
        programs["worker for scans"] = celery("ocr", 1 if queue == "all" else concurrency or 1)
    supervise(programs, stop)


def celery(queue: str, processes: int) -> list[str]:
    """The command of a Celery worker; its name is unique, so that several may run on one machine."""
    options = ["--pool", "prefork", "--concurrency", str(processes), "--without-gossip", "--without-mingle"]
    name = f"{queue}-{os.getpid()}@%h"
    return [
        sys.executable,
        "-m",
        "celery",
        "--quiet",
        "-A",
        "worker.app",
        "worker",
        *options,
        "--queues",
        f"hecha.{queue}",
        "-n",
        name,
    ]


@click.command(cls=Command)
@expected_errors
def reconcile() -> None:
    """启动调和进程，直到被停止：核查进程中断、通知丢失时，由它把报告重新交出去。可以同时开几个。"""
    from audits.store import Store
    from worker import reconcile
    from worker.supervise import stop_on_signals

    logs.install()
    stop = stop_on_signals()
    reconcile.run(Store(DATA_FOLDER, DATABASE_URL), stop)
