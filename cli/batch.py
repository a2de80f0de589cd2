"""`hecha batch`: hand a batch to the service and fetch what comes back. Works on the data folder; Redis only wakes workers.

The store and Celery are imported where they are used: `hecha audit` starts without either.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audits.intake import collect
from audits.outcome import Settled
from audits.renderers.notice import check as check_template
from audits.renderers.terms import Terms
from cli import show
from cli.audit import FORMS_HELP, Forms, about_documents
from cli.chinese import COULD_NOT, Group, expected_errors
from worker.settings import DATA_FOLDER

if TYPE_CHECKING:
    from audits.store import Store

STATES = {"received": "待核查", "auditing": "核查中", "audited": "已核查", "unreadable": "读不了", "failed": "核查失败"}


@click.group(cls=Group)
def batch() -> None:
    """把一批报告交给后台服务核查，查看进度，取回结果。"""


@batch.command()
@click.argument("paths", nargs=-1, required=True, metavar="路径...", type=click.Path(exists=True, path_type=Path))
@click.option("--title", metavar="名称", help="批次名称；不写则用第一个路径的名字")
@click.option("--year", metavar="年度", type=click.IntRange(1990, 2100), help="指定报告年度，不再从报告中判定")
@expected_errors
def submit(paths: Sequence[Path], title: str | None, year: int | None) -> None:
    """提交一批报告（文件、文件夹或压缩包），打印批次号。"""
    from audits.service import submit_batch

    store = _store()
    with tempfile.TemporaryDirectory(prefix=".unpacked-", dir=store.folder) as unpacked:
        collected = collect(paths, Path(unpacked))
        if not collected.files:
            raise click.UsageError("给出的文件夹里没有可核查的文件", click.get_current_context())
        batch_id = submit_batch(
            store, title or paths[0].resolve().name, collected.files, year, collected.skipped, collected.duplicates
        )
    click.echo(batch_id)
    skipped = f"，跳过 {len(collected.skipped)} 个隐藏文件、锁文件等" if collected.skipped else ""
    skipped += f"，内容重复的 {len(collected.duplicates)} 个只核查一次" if collected.duplicates else ""
    click.echo(f"已收下 {len(collected.files)} 个文件{skipped}", err=True)
    _wake(store.waiting(batch_id), batch_id)


@batch.command()
@click.argument("batch_id", metavar="批次号")
@expected_errors
def status(batch_id: str) -> None:
    """查看一个批次的进度。全部有了结果时退出码为 0，否则为 1。"""
    from audits.service import batch_status

    found = batch_status(_store(), batch_id)
    counts = "，".join(f"{STATES[state]} {count}" for state, count in found.counts.items() if count)
    click.echo(f"{found.title}：{found.settled}/{found.total}（{counts or '空批次'}）")
    sys.exit(0 if found.is_done else 1)


@batch.command()
@click.argument("batch_id", metavar="批次号")
@expected_errors
def resume(batch_id: str) -> None:
    """让后台接着做：重新通知尚未核查的，以及核查进程中断且租约到期的。"""
    from audits.service import take_up

    waiting = take_up(_store(), batch_id)
    click.echo(f"重新通知 {len(waiting)} 份")
    _wake(waiting, batch_id)


@batch.command()
@click.argument("batch_id", metavar="批次号")
@click.option(
    "--out", required=True, metavar="文件夹", type=click.Path(file_okay=False, path_type=Path), help="必填。核查报告放在哪里"
)
@click.option("--format", "forms", type=Forms(), default="pdf,json", help=FORMS_HELP)
@about_documents
@expected_errors
def download(
    batch_id: str,
    out: Path,
    forms: tuple[str, ...],
    deadline: date | None,
    issued: date | None,
    notice_template: Path | None,
) -> None:
    """取回一个批次已有的结果。文件名与 hecha audit 相同；还没做完的以后可再取。"""
    from audits.service import batch_status, write_results

    if notice_template:
        check_template(notice_template)
    store = _store()
    lines = write_results(store, batch_id, out, forms, Terms(issued, deadline, notice_template))
    found = batch_status(store, batch_id)
    skipped, duplicates = store.left_out(batch_id)
    show.batch(show.console(), lines, skipped, out, duplicates)
    if not found.is_done:
        click.echo(f"还有 {found.total - found.settled} 份没有做完", err=True)
    sys.exit(COULD_NOT if any(line.outcome.state is not Settled.AUDITED for line in lines) else 0)


def _store() -> Store:
    from audits.store import Store

    return Store(DATA_FOLDER)


def _wake(job_ids: Sequence[str], batch_id: str) -> None:
    from worker.tasks import hint

    if not hint(job_ids):
        click.echo(f"连不上 Redis，批次已保存；Redis 恢复后执行 hecha batch resume {batch_id}", err=True)
