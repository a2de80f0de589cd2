"""`hecha backup` and `hecha restore`: everything the service knows in one file, and back from it."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audits.wording import BEIJING
from cli.acting import actor
from cli.chinese import COULD_NOT, Command, expected_errors
from worker.settings import DATA_FOLDER, DATABASE_URL

if TYPE_CHECKING:
    from audits.store.backup import Backup

MOST_NAMES = 5  # of files that are damaged or missing, on the screen


@click.command(cls=Command)
@click.argument("file", metavar="备份文件", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="备份文件已有时覆盖")
@expected_errors
def backup(file: Path, force: bool) -> None:
    """把全部数据（数据库和所有文件）备份成一个文件。不必停止服务；备份的是同一时刻的数据。

    备份文件里有年报、账号和口令的散列值，只有本用户可读；请妥善保管。数据文件夹以外的规则包和自己的证书不在其中。
    有文件缺失或与哈希不符时仍完成备份，逐个列出，退出码为 2。
    """
    from access import Access, Action
    from audits.store import Store
    from audits.store.backup import write

    if file.exists() and not force:
        raise click.UsageError(f"{file}：已有这个文件；换一个名字，或加 --force 覆盖", click.get_current_context())
    store = Store(DATA_FOLDER, DATABASE_URL)
    try:
        Access(store).log.append(actor(), Action.BACKUP_MAKE, str(file.absolute()))  # so that the backup has it, too
        made = write(store, file, _progress)
    finally:
        store.close()
    click.echo(f"已备份到 {file}（{file.stat().st_size >> 20} MB）：{_contents(made)}")
    for pack in made.packs:
        click.echo(f"注意：规则包 {pack} 不在数据文件夹里，请另行备份", err=True)
    _end(made)


@click.command(cls=Command)
@click.argument("file", metavar="备份文件", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--data",
    metavar="文件夹",
    type=click.Path(file_okay=False, path_type=Path),
    help="恢复到哪个文件夹，应为空；不写则为 HECHA_DATA，没有设则为主目录下的 hecha-data",
)
@expected_errors
def restore(file: Path, data: Path | None) -> None:
    """把备份恢复到空的数据文件夹。设了 HECHA_DATABASE 时数据库恢复到那里，也应是空的；SQLite 的备份可以恢复到 PostgreSQL。

    每个文件都按哈希核对。恢复后所有人需重新登录；备份时没做完的报告会接着核查。
    """
    from access import Access, Action
    from audits.store import Store
    from audits.store.backup import restore as put_back
    from worker import folder

    data = (data or DATA_FOLDER).absolute()
    folder.prepare(data, database=DATABASE_URL)
    with folder.held(data, {"url": "正在恢复备份"}):
        made = put_back(file, data, DATABASE_URL)
        store = Store(data, DATABASE_URL)
        Access(store).log.append(actor(), Action.BACKUP_RESTORE, str(file.absolute()), made_at=made.made_at)
        store.close()
    click.echo(f"已恢复到 {data}：{_contents(made)}；备份于 {_when(made.made_at)}，程序 {made.engine}")
    _end(made)


def _when(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(BEIJING):%Y-%m-%d %H:%M}"


def _contents(made: Backup) -> str:
    rows = made.rows
    return (
        f"批次 {rows.get('batches', 0)} 个，报告 {rows.get('submissions', 0)} 份，账号 {rows.get('accounts', 0)} 个，"
        f"文件 {made.files} 个（{made.bytes >> 20} MB）"
    )


def _end(made: Backup) -> None:
    for names, words in ((made.damaged, "与其哈希不符，已损坏"), (made.missing, "在数据文件夹里找不到")):
        if names:
            shown = "、".join(names[:MOST_NAMES]) + ("……" if len(names) > MOST_NAMES else "")
            click.echo(f"故障：{len(names)} 个文件{words}：{shown}", err=True)
    if made.damaged or made.missing:
        sys.exit(COULD_NOT)


def _progress(files: int, size: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r已备份 {files} 个文件（{size >> 20} MB）", nl=False, err=True)
