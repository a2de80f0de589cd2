"""`hecha log` and `hecha audit-verify`: the log of actions, looked through, taken out, checked, purged, forwarded.

On the machine itself; looking and checking also over the API of a server.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table
from rich.text import Text

from cli import acting, remote, show
from cli.chinese import COULD_NOT, Command, Group, expected_errors
from cli.user import opened
from reports_in.system_words import in_words

if TYPE_CHECKING:
    from access import Action
    from access.entry import Result

DAY = click.DateTime(["%Y-%m-%d"])
SINCE = click.option("--since", metavar="日期", type=DAY, help="从哪一天起，如 2026-01-01")
UNTIL = click.option("--until", metavar="日期", type=DAY, help="到哪一天为止（含）")
MOST = 500  # entries at once


@remote.reaches_a_server
@click.group("log", cls=Group)
def log() -> None:
    """操作日志：谁、何时、从哪里、对什么做了什么、结果如何。查阅、导出、清理、转发；校验用 hecha audit-verify。"""


@log.command("list")
@click.option("--person", metavar="登录名", default="", help="只列这个人做的")
@click.option("--action", metavar="操作", default="", help="只列这种操作，写代码或中文，如 account.grant 或 授予角色和地区")
@click.option("--result", type=click.Choice(["ok", "denied", "failed"]), help="只列成功的、被拒的、失败的")
@click.option("--text", metavar="文字", default="", help="只列操作人、来源、对象、地区、详情里有这些字的")
@SINCE
@UNTIL
@click.option("--most", metavar="条数", type=click.IntRange(1, MOST), default=50, help="最多列几条；不写则为 50")
@click.option("--before", metavar="序号", type=click.IntRange(1), help="从这个序号之前接着列")
@expected_errors
def list_(
    person: str,
    action: str,
    result: Result | None,
    text: str,
    since: datetime | None,
    until: datetime | None,
    most: int,
    before: int | None,
) -> None:
    """查阅操作日志，新的在前。查阅本身也记入日志。"""
    from access import Action, LogWanted

    wanted = LogWanted(
        text=text,
        action=_action(action),
        result=result,
        login=person,
        since=since.date() if since else None,
        until=until.date() if until else None,
    )
    access = opened()
    found = access.log.entries(wanted, before, most)
    if remote.server() is None:  # a server enters it by itself
        access.log.append(acting.actor(), Action.LOG_READ, "、".join(filter(None, (person, action, result, text))))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("序号", "时间", "操作人", "来源", "操作", "对象", "结果", "详情"):
        table.add_column(heading, overflow="fold")
    for entry in found:
        at = entry.at[:19].replace("T", " ")
        row = (
            str(entry.number),
            at,
            entry.who,
            entry.address,
            entry.action_shown,
            entry.object,
            entry.result_shown,
            entry.details,
        )
        table.add_row(*map(Text, row))
    show.console().print(table)
    more = f"；更早的加 --before {found[-1].number}" if len(found) == most else ""
    click.echo(f"共 {len(found)} 条{more}", err=True)


def _action(written: str) -> Action | None:
    """By its code or its Chinese words."""
    from access import Action

    if not written:
        return None
    for known in Action:
        if written in (known.value, known.shown):
            return known
    raise click.UsageError(
        f"没有操作“{written}”；可用 {'、'.join(f'{known.value}（{known.shown}）' for known in Action)}",
        click.get_current_context(),
    )


@log.command()
@click.argument("out", metavar="文件", type=click.Path(dir_okay=False, path_type=Path))
@SINCE
@UNTIL
@expected_errors
def export(out: Path, since: datetime | None, until: datetime | None) -> None:
    """导出到文件：.csv 用表格软件打开，.jsonl 每行一条、带校验值。"""
    from access import LogWanted

    if out.suffix not in (".csv", ".jsonl"):
        raise click.UsageError("文件名应以 .csv 或 .jsonl 结尾", click.get_current_context())
    wanted = LogWanted(since=since.date() if since else None, until=until.date() if until else None)
    pieces = opened().log.export(acting.actor(), "csv" if out.suffix == ".csv" else "jsonl", wanted)
    try:
        with out.open("xb") as file:
            for piece in pieces:
                file.write(piece)
    except OSError as exc:
        click.echo(f"{out}：写不了（{in_words(exc)}）", err=True)
        sys.exit(COULD_NOT)
    click.echo(f"已导出到 {out}")


@log.command()
@click.argument("before", metavar="日期", type=DAY)
@expected_errors
def purge(before: datetime) -> None:
    """清理某一天之前的；保留期（设置 log_keep_days，默认三年）以内的清理不了。清理本身也记入日志。"""
    count = opened().log.purge(acting.actor(), before.date())
    click.echo(f"清理了 {count} 条")


@log.command()
@expected_errors
def forward() -> None:
    """把新的操作日志转发到日志服务器（设置 syslog）；可由定时任务每分钟运行一次，中断后接着发。"""
    access = opened()
    if not access.settings.text("syslog"):
        click.echo("没有设置日志服务器；请先 hecha setting set syslog udp://主机:514", err=True)
        sys.exit(COULD_NOT)
    try:
        click.echo(f"转发了 {access.log.forward()} 条")
    except OSError as exc:
        click.echo(f"日志服务器连不上（{in_words(exc)}）；没有发出去的下次再发", err=True)
        sys.exit(COULD_NOT)


@click.command("audit-verify", cls=Command)
@click.option("--head", metavar="校验值", default="", help="以前校验时记下的“序号:校验值”，用来发现整条链被重做")
@expected_errors
def audit_verify(head: str) -> None:
    """校验操作日志：逐条核对校验链，改动、缺失、插入、调换次序都能发现。

    退出码：0 完整；2 有问题。请把打印的校验值另外记下（如写在登记本上），下次用 --head 核对。
    """
    from access import Action

    access = opened()
    found = access.log.verify(head)
    if remote.server() is None:
        access.log.append(acting.actor(), Action.LOG_VERIFY, found.head, result="ok" if found.is_whole else "failed")
    for fault in found.faults:
        click.echo(fault, err=True)
    if not found.is_whole:
        click.echo(f"操作日志有 {len(found.faults)} 处问题；请保留现场，不要清理，并报告单位的网络安全负责人", err=True)
        sys.exit(COULD_NOT)
    click.echo(f"操作日志完整：共 {found.count} 条（第 {found.first} 至 {found.last} 条）")
    click.echo(f"校验值：{found.head}")
