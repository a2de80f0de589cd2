"""`hecha batch`: hand a batch to the service and fetch what comes back. Works on the data folder; Redis only wakes workers.

The store and Celery are imported where they are used: `hecha audit` starts without either.
"""

from __future__ import annotations

import getpass
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audits.errors import AuditError
from audits.intake import Submitted, collect
from audits.outcome import Settled
from audits.regions import EVERYWHERE, path_of
from audits.renderers.notice import check as check_template
from audits.renderers.terms import Terms
from audits.wording import BEIJING
from cli import remote, show
from cli.acting import enter_infected, recorded
from cli.audit import FORMS_HELP, Forms, about_documents
from cli.chinese import COULD_NOT, Group, expected_errors
from cli.clean import in_words
from rules.compile import find_pack, load_pack
from worker.settings import DATA_FOLDER, DATABASE_URL

if TYPE_CHECKING:
    from audits.store import BatchStatus, Queue, Result, Store
    from audits.store.removal import Removed
    from audits.versions import Changes

STATES = {
    "received": "待核查",
    "auditing": "核查中",
    "audited": "已核查",
    "unreadable": "读不了",
    "failed": "核查失败",
    "cancelled": "已取消",
}
LOOK_SECONDS = 1.0  # between two looks at a batch that is waited for
PACK_HELP = "用哪个规则包：文件夹，或自带规则包的名称"


@remote.reaches_a_server
@click.group(cls=Group)
def batch() -> None:
    """把一批报告交给后台服务核查，查看进度，取消、重试，取回结果。"""


@batch.command()
@click.argument("paths", nargs=-1, required=True, metavar="路径...", type=click.Path(exists=True, path_type=Path))
@click.option("--title", metavar="名称", help="批次名称；不写则用第一个路径的名字")
@click.option("--year", metavar="年度", type=click.IntRange(1990, 2100), help="指定报告年度，不再从报告中判定")
@click.option("--pack", metavar="规则包", default="national", help=f"{PACK_HELP}；不写则为 national")
@click.option(
    "--region", metavar="地区", help="是哪个地区的，写作 福建省/福州市；不写则为全部地区（通过服务提交时为账号的地区）"
)
@click.option(
    "--waivers",
    metavar="文件",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="豁免清单（YAML），核查当天已到期的不用",
)
@click.option("--evidence", is_flag=True, help="核查报告附原文截图，框出问题所在（仅 PDF 年报）")
@click.option("--user", metavar="用户", help="算谁提交的（几个人的批次轮流核查）；不写则为当前系统用户")
@click.option("--wait", is_flag=True, help="等到全部有结果，显示进度；有文件没能核查时退出码为 2")
@expected_errors
def submit(
    paths: Sequence[Path],
    title: str | None,
    year: int | None,
    pack: str,
    region: str | None,
    waivers: Path | None,
    evidence: bool,
    user: str | None,
    wait: bool,
) -> None:
    """提交一批报告（文件、文件夹或压缩包），打印批次号。"""
    from audits.service import submit_batch

    where = None if region is None else path_of(region.split("/"))
    if (there := remote.server()) is not None:
        given = collect(paths)
        if not given.files:
            raise click.UsageError("给出的文件夹里没有可核查的文件", click.get_current_context())
        batch_id, reports, left_out, twice = there.submit(
            given, title or paths[0].resolve().name, year, pack, where, waivers, evidence
        )
        _say_taken(batch_id, reports, left_out + len(given.skipped), twice + len(given.duplicates))
        if wait:
            _watch(there, batch_id)
        return
    folder = find_pack(pack)
    load_pack(folder)  # one that cannot be loaded is said now, not once for every report
    store = _store()
    with tempfile.TemporaryDirectory(prefix=".unpacked-", dir=store.folder) as unpacked:
        collected = collect(paths, Path(unpacked))
        if not collected.files:
            raise click.UsageError("给出的文件夹里没有可核查的文件", click.get_current_context())
        title = title or paths[0].resolve().name
        owner = _user() if user is None else user
        with recorded(store, "batch.submit", region=where or EVERYWHERE) as entry:
            batch_id = entry.object = submit_batch(
                store,
                title,
                collected.files,
                year,
                collected.skipped,
                collected.duplicates,
                owner=owner,
                pack=folder,
                region=where or EVERYWHERE,
                waivers=waivers,
                evidence=evidence,
                entered=lambda found: enter_infected(store, found, region=where or EVERYWHERE),
            )
            entry.details |= {"title": title, "files": len(collected.files), "owner": owner}
    _say_taken(batch_id, len(collected.files), len(collected.skipped), len(collected.duplicates))
    _wake(store.waiting(batch_id))
    if wait:
        _wait(store, batch_id)


@batch.command("list")
@click.option("--user", metavar="用户", help="只列这个用户的；网页上提交的写登录名")
@expected_errors
def list_batches(user: str | None) -> None:
    """列出各批次，新的在前。"""
    there = remote.server()
    found, names = _batches_here(user) if there is None else (there.batches(user), {})
    for one in found:
        when = datetime.fromtimestamp(one.received_at, BEIJING)
        owner = f"  {names.get(one.owner, one.owner)}" if one.owner else ""
        click.echo(f"{one.id}  {when:%Y-%m-%d %H:%M}{owner}  {_standing(one)}")


def _batches_here(user: str | None) -> tuple[Sequence[BatchStatus], Mapping[str, str]]:
    """Those of the data folder, and the names of the people who have an account."""
    from access import Access

    store = _store()
    people = Access(store).accounts.all()
    owner = next((person.id for person in people if user is not None and person.login == user), user)
    return store.batches(owner=owner), {person.id: person.name for person in people}


@batch.command()
@click.argument("batch_id", metavar="批次号")
@click.option("--reports", is_flag=True, help="再列出每份报告")
@expected_errors
def status(batch_id: str, reports: bool) -> None:
    """查看一个批次的进度。全部有了结果时退出码为 0，否则为 1。"""
    there = remote.server()
    found = _store().batch_status(batch_id) if there is None else there.status(batch_id)
    click.echo(_standing(found))
    if reports:
        for result in _results(there, batch_id):
            click.echo(_report(result))
    sys.exit(0 if found.is_done else 1)


@batch.command()
@click.argument("batch_id", metavar="批次号")
@expected_errors
def cancel(batch_id: str) -> None:
    """取消一个批次里还没有结果的报告；已有的结果保留。"""
    from audits.service import cancel_batch

    if (there := remote.server()) is not None:
        count = there.cancel(batch_id)
    else:
        store = _store()
        with recorded(store, "batch.cancel", batch_id) as entry:
            entry.details["count"] = count = cancel_batch(store, batch_id)
    click.echo(f"取消 {count} 份")


@batch.command()
@click.argument("batch_id", metavar="批次号")
@click.argument("names", nargs=-1, metavar="[文件名...]")
@click.option("--unreadable", is_flag=True, help="读不了的也重试（例如装好文字识别组件之后）")
@click.option("--wait", is_flag=True, help="等到全部有结果，显示进度")
@expected_errors
def retry(batch_id: str, names: Sequence[str], unreadable: bool, wait: bool) -> None:
    """重试核查失败的和已取消的报告；写了文件名则只重试这些。"""
    from audits.service import RETRIED
    from audits.store import SubmissionState

    if (there := remote.server()) is not None:
        ids = [_find(there.results(batch_id), batch_id, name).submission.id for name in names]
        click.echo(f"重试 {there.retry(batch_id, ids, unreadable=unreadable)} 份")
        if wait:
            _watch(there, batch_id)
        return
    store = _store()
    states = (*RETRIED, SubmissionState.UNREADABLE) if unreadable else RETRIED
    ids = [_find(store.results(batch_id), batch_id, name).submission.id for name in names]
    with recorded(store, "batch.retry", batch_id) as entry:
        again = store.retry(batch_id, states, ids)
        entry.details["count"] = len(again)
    click.echo(f"重试 {len(again)} 份")
    _wake(again)
    if wait:
        _wait(store, batch_id)


@batch.command()
@click.argument("batch_id", metavar="批次号")
@click.option("--pack", metavar="规则包", required=True, help=f"必填。{PACK_HELP}")
@click.option("--wait", is_flag=True, help="等到全部有结果，显示进度")
@expected_errors
def reaudit(batch_id: str, pack: str, wait: bool) -> None:
    """用另一个规则包再核查一个批次，成为新的批次；打印新批次号。原批次不变。"""
    from audits.service import audit_again

    if (there := remote.server()) is not None:
        new_id = there.reaudit(batch_id, pack)
        click.echo(new_id)
        if wait:
            _watch(there, new_id)
        return
    store = _store()
    with recorded(store, "batch.reaudit", batch_id) as entry:
        entry.details["new"] = new_id = audit_again(store, batch_id, find_pack(pack), _user())
    click.echo(new_id)
    _wake(store.waiting(new_id))
    if wait:
        _wait(store, new_id)


@batch.command()
@click.argument("batch_id", metavar="批次号")
@click.argument("name", metavar="原文件名")
@click.argument("path", metavar="新文件", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--wait", is_flag=True, help="等到有结果，并说明改好了哪些")
@expected_errors
def resubmit(batch_id: str, name: str, path: Path, wait: bool) -> None:
    """重新报送的年报顶替原来那一份（原来的保留）；核查后可用 changes 查看哪些已改、哪些未改、哪些是新的。"""
    from audits.service import resubmit as take_in

    if (there := remote.server()) is not None:
        new_id = there.resubmit(_find(there.results(batch_id), batch_id, name).submission.id, path)
        click.echo(new_id)
        if wait:
            _watch(there, batch_id, is_last=False)
            _print_changes(there.changes(new_id))
        return
    store = _store()
    old_id = _find(store.results(batch_id), batch_id, name).submission.id
    with recorded(store, "report.resubmit", old_id) as entry:
        new_id = take_in(store, old_id, Submitted(path, path.name))
        entry.details |= {"file": path.name, "new": new_id}
    click.echo(new_id)
    _wake([new_id])
    if wait:
        _wait(store, batch_id, is_last=False)
        _show_changes(store, new_id)


@batch.command("changes")
@click.argument("batch_id", metavar="批次号")
@click.argument("name", metavar="文件名")
@expected_errors
def show_changes(batch_id: str, name: str) -> None:
    """重新报送的年报与上一版相比：已改好、仍存在、新出现的问题。"""
    if (there := remote.server()) is not None:
        _print_changes(there.changes(_find(there.results(batch_id), batch_id, name).submission.id))
        return
    store = _store()
    _show_changes(store, _find(store.results(batch_id), batch_id, name).submission.id)


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
    from audits.documents import export_batch

    if notice_template:
        check_template(notice_template)
    terms = Terms(issued, deadline, notice_template)
    if (there := remote.server()) is not None:
        if notice_template:
            raise AuditError("通过服务取回时不能用自己的通知模板；请在服务器上用数据文件夹取回")
        lines, skipped, duplicates = there.download(batch_id, out, forms, terms)
        found = there.status(batch_id)
    else:
        store = _store()
        with recorded(store, "report.export", batch_id) as entry:
            store.batch_status(batch_id)
            entry.details |= {"forms": forms, "to": str(out)}
        lines = export_batch(store, batch_id, out, forms, terms)
        found = store.batch_status(batch_id)
        skipped, duplicates = store.left_out(batch_id)
    show.batch(show.console(), lines, skipped, out, duplicates)
    if not found.is_done:
        click.echo(f"还有 {found.total - found.settled} 份没有做完", err=True)
    sys.exit(COULD_NOT if any(line.outcome.state is not Settled.AUDITED for line in lines) else 0)


@batch.command()
@click.argument("batch_id", metavar="批次号")
@click.argument("name", metavar="[文件名]", required=False)
@click.option("--yes", is_flag=True, help="真的删除；不写则只说会删除什么")
@expected_errors
def delete(batch_id: str, name: str | None, yes: bool) -> None:
    """删除一个批次；写了文件名则只删除那一份报告（各版都删）。原件、核查结果一并删除，不能恢复；已作的认定保留。"""
    if (there := remote.server()) is not None:
        if name is not None or not yes:
            raise AuditError("通过服务只能删除整个批次，并须加 --yes；单份报告请在服务器上删除")
        there.delete(batch_id)
        click.echo("已删除")
        return
    store = _store()
    submission_id = None if name is None else _find(store.results(batch_id), batch_id, name).submission.id

    def remove(*, only_count: bool) -> Removed:
        if submission_id is None:
            return store.removal.batch(batch_id, only_count=only_count)
        return store.removal.report(submission_id, only_count=only_count)

    removed = remove(only_count=True)
    if yes:
        with recorded(store, "batch.delete", batch_id) as entry:
            entry.details |= {"report": submission_id or "", "reports": removed.submissions, "files": removed.files}
            remove(only_count=False)
    click.echo(f"{'已删除' if yes else '将删除'}：{in_words(removed)}")
    if not yes:
        click.echo("确认无误后加 --yes 删除；删除后不能恢复", err=True)
        sys.exit(1)


def _say_taken(batch_id: str, reports: int, skipped: int, duplicates: int) -> None:
    click.echo(batch_id)
    words = f"，跳过 {skipped} 个隐藏文件、锁文件等" if skipped else ""
    words += f"，内容重复的 {duplicates} 个只核查一次" if duplicates else ""
    click.echo(f"已收下 {reports} 个文件{words}", err=True)


def _store() -> Store:
    from audits.store import Store

    return Store(DATA_FOLDER, DATABASE_URL)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # in a container there may be no name for the number
        return ""


def _standing(found: BatchStatus) -> str:
    counts = "，".join(f"{STATES[state]} {count}" for state, count in found.counts.items() if count)
    return f"{found.title}：{found.settled}/{found.total}（{counts or '空批次'}）"


def _report(result: Result) -> str:
    submission = result.submission
    version = f"（第{submission.version}版）" if submission.version > 1 else ""
    reason = f"  [{submission.code}] {submission.reason}" if submission.code else ""
    return f"{submission.id}  {STATES[submission.state]}  {submission.name}{version}{reason}"


def _results(there: remote.Server | None, batch_id: str) -> Sequence[Result]:
    return _store().results(batch_id) if there is None else there.results(batch_id)


def _find(results: Sequence[Result], batch_id: str, name: str) -> Result:
    """The report of that name, or id, in the batch. Raises AuditError if it is not there, or not the only one."""
    found = [result for result in results if name in (result.submission.id, result.submission.name)]
    if not found:
        raise AuditError(f"{name}：这个批次里没有这份报告；可用 hecha batch status {batch_id} --reports 查看")
    if len(found) > 1:
        raise AuditError(
            f"{name}：这个批次里有 {len(found)} 份同名的报告；请用编号，见 hecha batch status {batch_id} --reports"
        )
    return found[0]


def _show_changes(store: Store, submission_id: str) -> None:
    from audits.service import changes_of

    _print_changes(changes_of(store, submission_id))


def _print_changes(found: Changes) -> None:
    if not found.comparable:
        raise AuditError(found.reason)
    for words, findings in (
        ("已改好", found.fixed),
        ("仍存在", found.still_open),
        ("新出现", found.new),
        ("无法判定是否改好", found.unsure),
    ):
        click.echo(f"{words} {len(findings)} 处")
        for finding in findings:
            click.echo(f"  [{finding.rule}] {finding.where}：{finding.message}")


def _wake(job_ids: Sequence[str] | Mapping[Queue, Sequence[str]]) -> None:
    from worker import tasks

    arrived = tasks.hint_all(job_ids) if isinstance(job_ids, Mapping) else tasks.hint(job_ids)
    if not arrived:
        click.echo("连不上 Redis，批次已保存；Redis 恢复后，调和进程（hecha reconcile）会通知后台接着做", err=True)


def _wait(store: Store, batch_id: str, *, is_last: bool = True) -> None:
    """Until the batch is done; exits with 2 if something in it could not be audited. What is lost meanwhile is put right here, too."""
    from audits.store import Queue
    from worker.reconcile import Alarm, once

    alarms = {queue: Alarm() for queue in Queue}

    def look() -> BatchStatus:
        once(store, alarms)
        return store.batch_status(batch_id)

    _until_done(look, store.batch_status(batch_id), is_last=is_last)


def _watch(there: remote.Server, batch_id: str, *, is_last: bool = True) -> None:
    """The same of a batch on a server, which puts right by itself what is lost."""
    _until_done(lambda: there.status(batch_id), there.status(batch_id), is_last=is_last)


def _until_done(look: Callable[[], BatchStatus], found: BatchStatus, *, is_last: bool) -> None:
    from audits.store import SubmissionState

    batch_id = found.id
    try:
        with show.progress(found.total, "核查") as advance:
            while not found.is_done:
                try:
                    found = look()
                except AuditError as exc:
                    click.echo(f"[{exc.code}] {exc}；继续等待", err=True)
                advance(found.settled)
                if not found.is_done:
                    time.sleep(LOOK_SECONDS)
    except KeyboardInterrupt:
        click.echo(f"不再等待；批次继续核查，可用 hecha batch status {batch_id} 查看", err=True)
        sys.exit(130)
    click.echo(_standing(found), err=True)
    if is_last:
        sys.exit(0 if found.counts[SubmissionState.AUDITED] == found.total else COULD_NOT)
