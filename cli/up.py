"""`hecha up`: the whole service on one machine with one command: Redis, workers, reconciler, schedule and web pages.

One supervisor starts them, starts again what ends, and stops them in an order that loses nothing. All data is in one folder,
and one `hecha up` works on it.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.acting import actor
from cli.chinese import Command, expected_errors
from cli.service import celery
from cli.web import about_addresses, address_of, certificate_for, check_address
from worker.settings import DATA_FOLDER, DATABASE_URL, redis_socket, socket_url

if TYPE_CHECKING:
    from audits.store import Store
    from cli.certificate import Certificate
    from worker.supervise import Program

log = logging.getLogger(__name__)

LOG_FILE = "hecha.log"
ANSWERING_SECONDS = 120.0  # for the web pages at their start, on a slow machine
CANNOT = 2  # the exit code of a command that said in one line why it cannot go on
GIVEN_UP = 8.0  # seconds of pause: it has ended three times in a row
NAMES = {
    "redis": "Redis",
    "worker": "核查进程",
    "worker for scans": "扫描件核查进程",
    "reconciler": "调和进程",
    "schedule": "巡查进程",
    "web": "网页",
}


@click.command(cls=Command)
@click.option(
    "--data",
    metavar="文件夹",
    type=click.Path(file_okay=False, path_type=Path),
    help="数据都放在哪个文件夹；不写则为 HECHA_DATA，没有设则为主目录下的 hecha-data",
)
@about_addresses
@click.option("--concurrency", metavar="个数", type=click.IntRange(min=1), help="同时核查几份；不写则比处理器核数多一")
@expected_errors
def up(
    data: Path | None,
    port: int,
    listen: str,
    certificate: Path | None,
    key: Path | None,
    proxies: Sequence[str],
    concurrency: int | None,
) -> None:
    """在一台机器上启动全部服务，直到被停止（Ctrl-C）。第一次启动时给出设置管理员的一次性链接。

    网页默认只在本机打开；--listen 对外开放时一律加密，没有给证书就自制一张。停止时先做完手头的报告。
    """
    from audits.store import Store
    from worker import folder, logs
    from worker.supervise import stop_on_signals, supervise

    data = (data or DATA_FOLDER).absolute()
    stop = stop_on_signals()
    signal.signal(signal.SIGHUP, lambda *_: stop.set())  # the terminal was closed
    folder.prepare(data, database=DATABASE_URL)
    check_address(listen, port)
    tls = certificate_for(data, listen, certificate, key)
    address = address_of(listen, port, tls)
    with folder.held(data, {"url": address}):
        store = Store(data, DATABASE_URL)  # brings an older one up to date, before anybody works on it
        web = ["web", "--port", str(port), "--listen", listen]
        web += [word for proxy in proxies for word in ("--proxy", proxy)]
        if certificate and key:
            web += ["--certificate", str(certificate), "--key", str(key)]
        programs = _programs(data, web, concurrency)
        gathered = logs.install_in(data / folder.LOGS / LOG_FILE)
        log.info("hecha %s started on %s", version("hecha"), data)
        _say(f"核查 {version('hecha')} 正在启动：{'、'.join(NAMES[name] for name in programs)}")
        _say(f"数据：{data}；日志：{data / folder.LOGS / LOG_FILE}")
        if folder.free_bytes(data) < folder.LITTLE_BYTES:
            _say(f"注意：磁盘只剩 {folder.free_bytes(data) >> 20} MB，批次多时会不够")
        threading.Thread(target=_tell, args=(listen, port, address, tls, store, stop), daemon=True).start()
        try:
            heard = _Heard(gathered)
            supervise(programs, stop, heard, partial(_ended, data, heard.last))
        finally:
            store.close()
            log.info("stopped")
    _say("已停止")


def _programs(data: Path, web: Sequence[str], concurrency: int | None) -> dict[str, Program]:
    """In the order of their start. Raises RedisMissing, FolderUnusable."""
    from audits.service import recognises_scans
    from worker import embedded_redis
    from worker.supervise import Program

    env = {"HECHA_DATA": str(data), "PYTHONUNBUFFERED": "1"}
    programs = {}
    if "HECHA_REDIS" not in os.environ:
        programs["redis"] = Program(embedded_redis.command(data), last=True)
        env["HECHA_REDIS"] = socket_url(redis_socket(data))
    processes = concurrency or len(os.sched_getaffinity(0)) + 1
    programs["worker"] = Program(celery("audit", processes), env)
    if recognises_scans():
        programs["worker for scans"] = Program(celery("ocr", 1), env)
    for name, words in {"reconciler": ["reconcile"], "schedule": ["schedule"], "web": web}.items():
        programs[name] = Program([sys.executable, "-m", "cli", *words], env)
    return programs


def _tell(listen: str, port: int, address: str, tls: Certificate | None, store: Store, stop: threading.Event) -> None:
    """Where the pages are, once they answer; and, if nobody can sign in yet, how the first one does."""
    end = time.monotonic() + ANSWERING_SECONDS
    while not _answers(listen, port):
        if stop.wait(0.2):
            return
        if time.monotonic() > end:
            _say("网页还没有应答，仍在等待；请看日志")
            end = float("inf")
    _say(f"网页：{address}/")
    if tls is not None:
        _say(f"证书指纹（SHA-256）：{tls.fingerprint}，{tls.ends:%Y-%m-%d} 到期；首次打开时请与浏览器显示的核对")
    link = first_link(store, address)
    if link:
        _say(f"第一次使用：请在浏览器打开下面的链接，设置系统管理员（只能用一次）：\n  {link}")
    _say("按 Ctrl-C 停止")
    stop.wait()
    _say("正在停止：先做完手头的报告……")


def first_link(store: Store, address: str) -> str:
    """By which the first administrators are made; "" if there are accounts. Links printed before work no more."""
    from access import Access

    secret = Access(store).entrance.setup_link(actor())
    return f"{address}/setup?key={secret}" if secret else ""


def _answers(listen: str, port: int) -> bool:
    place = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(listen, listen)  # noqa: S104
    with suppress(OSError), socket.create_connection((place, port), timeout=2):
        return True
    return False


class _Heard:
    """What the programs say goes to the log; the last of it is kept, to be told if one ends by itself."""

    def __init__(self, sink: Callable[[str, str], None]) -> None:
        self._sink = sink
        self.last: dict[str, str] = {}

    def __call__(self, program: str, line: str) -> None:
        self.last[program] = line
        self._sink(program, line)


def _ended(data: Path, last: Mapping[str, str], name: str, code: int, pause: float) -> None:
    """A program ended by itself. A Redis that does so again and again cannot read what it kept: it need not."""
    how = f"被信号 {-code} 结束" if code < 0 else f"退出码 {code}"
    _say(f"{NAMES[name]}意外结束（{how}），{pause:.0f} 秒后重新启动")
    if code == CANNOT and name in last:
        _say(f"  {last[name]}")
    if name == "redis" and pause >= GIVEN_UP:
        from worker.embedded_redis import set_aside

        if set_aside(data):
            log.warning("what Redis kept cannot be read; set aside")
            _say("Redis 读不了自己保存的通知，已另存一边，从空的开始；报告不会丢，由调和进程重新通知")


def _say(words: str) -> None:
    """To whoever watches; if nobody does any more, that is no reason to stop."""
    with suppress(OSError):
        click.echo(words)
