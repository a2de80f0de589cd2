"""`hecha clean`: what is past its period of keeping, and what crashes left behind. Says what would go; removes it with --yes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.acting import recorded
from cli.chinese import Command, expected_errors
from worker.settings import DATA_FOLDER, DATABASE_URL

if TYPE_CHECKING:
    from audits.store.removal import Removed


@click.command(cls=Command)
@click.option("--yes", is_flag=True, help="真的删除；不写则只列出会删除什么")
@click.option(
    "--originals-months", metavar="月数", type=click.IntRange(1, 1200), help="核查完这么多个月的批次，删除原件，保留核查结果"
)
@click.option("--reports-months", metavar="月数", type=click.IntRange(1, 1200), help="核查完这么多个月的批次，整批删除")
@expected_errors
def clean(yes: bool, originals_months: int | None, reports_months: int | None) -> None:
    """清理：过了保存期限的批次、异常中断留下的无主文件、久未取用的打印件。先列出，加 --yes 才删除。

    保存期限以系统设置为准（默认永久保存），写了月数的以所写为准。认定、单位名单和操作日志不在清理之列。
    """
    from audits.retention import Periods, periods
    from audits.retention import clean as carry_out
    from audits.store import Store

    store = Store(DATA_FOLDER, DATABASE_URL)
    kept = periods(store)
    kept = Periods(originals_months or kept.originals, reports_months or kept.reports)
    if yes:  # before it begins: it takes many transactions, and what a crash leaves is taken up by the next cleaning
        with recorded(store, "data.clean") as entry:
            entry.details |= {"originals_months": kept.originals, "reports_months": kept.reports}
    found = carry_out(store, kept, only_count=not yes)
    verb = "已删除" if yes else "将删除"
    click.echo(f"原件保存期限：{_period(kept.originals)}；核查结果保存期限：{_period(kept.reports)}")
    for words, removed in (
        ("过期批次的原件", found.originals),
        ("过期的批次", found.reports),
        ("无主文件", found.orphans),
        ("临时文件和打印件", found.leftovers),
    ):
        click.echo(f"{verb}{words}：{in_words(removed)}")
    whole = found.whole()
    if not yes and (whole.files or whole.submissions):
        click.echo("确认无误后加 --yes 删除；删除后不能恢复", err=True)


def in_words(removed: Removed) -> str:
    """批次 1 个，报告 12 份，文件 36 个（1.5 MB）; 无 if there is nothing."""
    parts = [
        f"{name} {count} {unit}"
        for name, count, unit in (("批次", removed.batches, "个"), ("报告", removed.submissions, "份"))
        if count
    ]
    if removed.files:
        parts.append(f"文件 {removed.files} 个（{_size(removed.bytes)}）")
    if removed.waiting:
        parts.append(f"另有 {removed.waiting} 个刚存入的文件，稍后自动删除")
    return "，".join(parts) or "无"


def _period(months: int | None) -> str:
    return f"{months} 个月" if months else "永久"


def _size(count: int) -> str:
    size, units = float(count), ["B", "KB", "MB", "GB"]
    while size >= 1024 and len(units) > 1:
        size, units = size / 1024, units[1:]
    return f"{size:.0f} {units[0]}" if units[0] == "B" else f"{size:.1f} {units[0]}"
