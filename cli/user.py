"""`hecha user` and `hecha setting`: people and settings, on the machine itself or over the API of a server.

Whoever may write the data folder may do all of this, so it is the way back in when no administrator can sign in any more. Each
command is entered in the log as one on this machine, with the user of the operating system.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, cast

import click
from rich.table import Table
from rich.text import Text

from audits.wording import BEIJING
from cli import acting, remote, show
from cli.chinese import COULD_NOT, Group, expected_errors
from worker.settings import DATA_FOLDER, DATABASE_URL

if TYPE_CHECKING:
    from access import Access, Account, Actor, Role
    from access.accounts import Accounts
    from access.settings import Value

ROLES = ("system_admin", "security_admin", "audit_admin", "supervisor", "viewer", "clerk", "owner", "none")
ROLES_HELP = (
    "system_admin 系统管理员、security_admin 安全管理员、audit_admin 审计管理员、supervisor 监督人员、viewer 只读人员、"
    "clerk 填报单位、owner 负责人（一人兼任，须先打开设置 small_office）、none 没有角色"
)
REGION_HELP = "可以看的地区，写作 福建省/福州市，全部地区写作 /；可写多个"
LOGIN = click.argument("login", metavar="登录名")


@remote.reaches_a_server
@click.group(cls=Group)
def user() -> None:
    """账号：创建、授权、停用、解锁、重置口令，令牌和会话。在服务器本机上操作，全部记入操作日志。"""


@user.command("list")
@click.option("--text", metavar="文字", default="", help="只列登录名或姓名里有这些字的")
@expected_errors
def list_(text: str) -> None:
    """列出账号。"""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("登录名", "姓名", "角色", "地区", "状态", "最近登录"):
        table.add_column(heading, overflow="fold")
    accounts = opened().accounts.all(text)
    for account in accounts:
        cells = (account.login, account.name, _role(account), _regions(account), _state(account), _time(account.seen_at))
        table.add_row(*map(Text, cells))
    show.console().print(table)
    click.echo(f"共 {len(accounts)} 个账号", err=True)


@user.command("show")
@LOGIN
@expected_errors
def show_(login: str) -> None:
    """一个账号的全部情况：角色、地区、会话、令牌。"""
    access = opened()
    account = access.accounts.by_login(login)
    lines = [
        f"{account.name}（{account.login}），编号 {account.id}",
        f"角色：{_role(account)}；地区：{_regions(account)}；状态：{_state(account)}",
        f"动态口令：{'已启用' if account.has_second_factor else '没有启用'}",
        f"创建于 {_time(account.created_at)}，最近登录 {_time(account.seen_at)}",
    ]
    lines += [f"会话 {item.public_id}：{item.address}，{_time(item.seen_at)}" for item in access.sessions.of(account.id)]
    lines += _tokens(access, account)
    for line in lines:
        click.echo(line)


@user.command()
@LOGIN
@click.option("--name", metavar="姓名", required=True, help="显示给别人看的姓名")
@click.option("--role", type=click.Choice(ROLES), default="none", metavar="角色", help=ROLES_HELP)
@click.option("--region", "regions", metavar="地区", multiple=True, help=REGION_HELP)
@expected_errors
def add(login: str, name: str, role: str, regions: Sequence[str]) -> None:
    """创建账号，打印一次性链接：本人打开链接自己设口令。"""
    access, actor = opened(), acting.actor()
    with access.together():
        account, secret = access.accounts.create(actor, login, name)
        if role != "none":
            access.accounts.grant(actor, account.id, _wanted(role), [_region(region) for region in regions])
    click.echo(f"已创建账号 {account.login}；请把链接交给本人设口令（只能用一次，{_hours(access)} 小时内有效）：")
    click.echo(_link("welcome", secret))


@user.command()
@LOGIN
@click.argument("role", type=click.Choice(ROLES), metavar="角色")
@click.option("--region", "regions", metavar="地区", multiple=True, help=f"{REGION_HELP}；不写则不变")
@expected_errors
def role(login: str, role: str, regions: Sequence[str]) -> None:
    """授予角色（和地区）；下一次操作就生效。角色变了要重新登录。

    角色：system_admin、security_admin、audit_admin、supervisor、viewer、clerk、owner、none。
    """
    access = opened()
    account = access.accounts.by_login(login)
    sees = role in ("supervisor", "viewer", "clerk", "owner")
    kept = account.regions if sees else ()
    wanted = [_region(region) for region in regions] or list(kept)
    access.accounts.grant(acting.actor(), account.id, _wanted(role), wanted)
    click.echo(f"{account.login}：{_role(access.accounts.get(account.id))}，{_regions(access.accounts.get(account.id))}")


@user.command()
@LOGIN
@click.argument("regions", metavar="地区...", nargs=-1)
@expected_errors
def regions(login: str, regions: Sequence[str]) -> None:
    """改可以看的地区，如 福建省/福州市，全部地区写作 /；一个也不写则什么都看不到。下一次操作就生效。"""
    access = opened()
    account = access.accounts.by_login(login)
    access.accounts.grant(acting.actor(), account.id, account.role, [_region(region) for region in regions])
    click.echo(f"{account.login}：{_regions(access.accounts.get(account.id))}")


@user.command("reset-password")
@LOGIN
@expected_errors
def reset_password(login: str) -> None:
    """原口令、动态口令、会话、令牌全部作废，打印设新口令的一次性链接。"""
    access = opened()
    secret = access.accounts.reset(acting.actor(), access.accounts.by_login(login).id)
    click.echo(f"{login}：已重置；请把链接交给本人设新口令（只能用一次，{_hours(access)} 小时内有效）：")
    click.echo(_link("welcome", secret))


def _changes(name: str, about: str, said: str, change: Callable[[Accounts, Actor, str], object]) -> None:
    """A command that does one thing to an account, and says so."""

    @user.command(name, help=about)
    @LOGIN
    @expected_errors
    def _(login: str) -> None:
        accounts = opened().accounts
        change(accounts, acting.actor(), accounts.by_login(login).id)
        click.echo(f"{login}：{said}")


_changes("disable", "停用账号：立即结束它的会话，令牌不再有效。", "已停用", lambda them, actor, of: them.disable(actor, of))
_changes("enable", "重新启用账号。", "已启用", lambda them, actor, of: them.enable(actor, of))
_changes("unlock", "解除连续登录失败造成的锁定。", "已解锁", lambda them, actor, of: them.unlock(actor, of))
_changes(
    "reset-second-factor",
    "手机丢了：作废动态口令，下次登录时重新设置。",
    "动态口令已作废",
    lambda them, actor, of: them.reset_second_factor(actor, of),
)


@user.command("setup-link")
@expected_errors
def setup_link() -> None:
    """还没有管理员时，打印初始设置的一次性链接；以前打印的不再有效。"""
    access = opened()
    secret = access.entrance.setup_link(acting.actor())
    if secret is None:
        click.echo("已经有管理员了，不能再做初始设置；管理员登录不了时，可用 hecha user reset-password", err=True)
        sys.exit(COULD_NOT)
    click.echo(f"请打开链接设置三名管理员，或由一名负责人兼任（只能用一次，{_hours(access)} 小时内有效）：")
    click.echo(_link("setup", secret))


@user.command("end-sessions")
@LOGIN
@expected_errors
def end_sessions(login: str) -> None:
    """结束一个账号的全部会话，要重新登录。"""
    access, actor = opened(), acting.actor()
    sessions = access.sessions.of(access.accounts.by_login(login).id)
    for session in sessions:
        access.sessions.end_by(actor, session.public_id)
    click.echo(f"{login}：结束了 {len(sessions)} 个会话")


@user.group(cls=Group)
def tokens() -> None:
    """接口令牌：程序凭它登录，只有账号的一部分权限，到期失效。"""


@tokens.command("list")
@LOGIN
@expected_errors
def list_tokens(login: str) -> None:
    """列出一个账号的令牌。"""
    access = opened()
    for line in _tokens(access, access.accounts.by_login(login)):
        click.echo(line)


@tokens.command("add")
@LOGIN
@click.option("--title", metavar="名称", required=True, help="谁用它做什么")
@click.option("--permission", "permissions", metavar="权限", multiple=True, required=True, help="如 report.read；可写多个")
@click.option("--days", metavar="天数", type=click.IntRange(min=1), default=30, help="多少天后失效；不写则为 30")
@expected_errors
def add_token(login: str, title: str, permissions: Sequence[str], days: int) -> None:
    """给一个账号创建令牌，打印出来；以后不再显示。"""
    access = opened()
    account = access.accounts.by_login(login)
    actor = replace(
        acting.actor(), account_id=account.id, login=account.login, permissions=access.accounts.permissions_of(account)
    )
    token, secret = access.tokens.create(actor, title, permissions, days)
    click.echo(f"令牌“{token.title}”（编号 {token.id}），{_time(token.expires_at)} 到期；只显示这一次：", err=True)
    click.echo(secret)


@tokens.command()
@click.argument("token_id", metavar="令牌编号")
@expected_errors
def revoke(token_id: str) -> None:
    """吊销令牌。"""
    opened().tokens.revoke(acting.actor(), token_id)
    click.echo("已吊销")


@remote.reaches_a_server
@click.group(cls=Group)
def setting() -> None:
    """设置：登录和口令策略、会话、限制、操作日志的保留和转发。"""


@setting.command("list")
@expected_errors
def list_settings() -> None:
    """列出全部设置、现在的值和说明。"""
    group = ""
    for item, value in opened().settings.all():
        if item.group != group:
            group = item.group
            click.echo(f"{group}：")
        choices = "；可选 " + "、".join(f"{key} {words}" for key, words in item.choices.items()) if item.choices else ""
        click.echo(f"  {item.name} = {_value(value)}　{item.title}：{item.help}{choices}")


@setting.command("set")
@click.argument("name", metavar="名称")
@click.argument("value", metavar="值")
@expected_errors
def set_setting(name: str, value: str) -> None:
    """改一个设置；几秒内对所有进程生效。"""
    new = opened().settings.change(acting.actor(), name, value)
    click.echo(f"{name} = {_value(new)}")


def opened() -> Access:
    """Of the data folder; or of the server that was named, as far as its API goes."""
    from access import Access
    from audits.store import Store

    if (there := remote.server()) is not None:
        from cli.remote_access import RemoteAccess

        return cast("Access", RemoteAccess(there))
    return Access(Store(DATA_FOLDER, DATABASE_URL))


def _wanted(role: str) -> Role | None:
    from access import Role

    return None if role == "none" else Role(role)


def _value(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value) or "（空）"


def _region(written: str) -> str:
    from audits.regions import path_of

    return path_of(written.split("/"))


def _role(account: Account) -> str:
    return account.role.shown if account.role else "未授权"


def _regions(account: Account) -> str:
    from audits.regions import shown

    return "、".join(map(shown, account.regions)) or "—"


def _state(account: Account) -> str:
    if account.is_disabled:
        return "停用"
    if account.locked_until is not None:
        return f"锁定至 {_time(account.locked_until)}"
    return "正常" if account.has_password else "未设口令"


def _tokens(access: Access, account: Account) -> list[str]:
    lines = []
    for token in access.tokens.of(account.id):
        state = "已吊销" if token.revoked_at else f"{_time(token.expires_at)} 到期"
        used = f"，最近使用 {_time(token.used_at)}" if token.used_at else ""
        lines.append(f"令牌 {token.id}：{token.title}，{'、'.join(token.permissions)}，{state}{used}")
    return lines


def _time(at: float | None) -> str:
    return "—" if at is None else f"{datetime.fromtimestamp(at, BEIJING):%Y-%m-%d %H:%M}"


def _hours(access: Access) -> int:
    return access.settings.number("link_hours")


def _link(page: str, secret: str) -> str:
    """Only the administrator knows by which address people reach the server."""
    return f"  {os.environ.get('HECHA_ADDRESS', 'http://127.0.0.1:8080').rstrip('/')}/{page}?key={secret}"
