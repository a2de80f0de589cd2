"""`hecha sweep` and `hecha schedule`: looks at folders and published addresses that come back by themselves.

On the machine itself any folder may be swept: whoever calls can read it anyway.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import acting, remote
from cli.chinese import COULD_NOT, Command, Group, expected_errors
from worker.settings import DATA_FOLDER, DATABASE_URL

if TYPE_CHECKING:
    from audits.store import Store
    from audits.store.sweeping import Run, Schedule, Sweeping
    from cli.remote_sweeps import RemoteSweeping
    from sweeps.looking import Allowed

STATES = {
    "due": "等待",
    "running": "正在查看",
    "auditing": "核查中",
    "done": "完成",
    "failed": "失败",
    "skipped": "错过",
}
SHOWN_PROBLEMS = 20
SWEEP = click.argument("sweep_id", metavar="巡查编号")


@remote.reaches_a_server
@click.group(cls=Group)
def sweep() -> None:
    """定时巡查：按时查看文件夹、对象存储或已公布的网址，只核查新的和有变化的年报，说明新出现、已改好、仍存在和缺报的。"""


@sweep.command()
@click.option("--title", metavar="名称", required=True, help="必填。巡查的名称")
@click.option("--when", metavar="时间", required=True, help="必填。如“每周一 02:00”“工作日 6 点”，或 cron（0 2 * * 1）")
@click.option(
    "--folder", metavar="文件夹", type=click.Path(exists=True, file_okay=False, path_type=Path), help="巡查一个文件夹"
)
@click.option("--s3", metavar="桶/前缀", help="巡查对象存储里的一个前缀")
@click.option(
    "--addresses",
    metavar="文件",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="巡查一批网址：每行“单位编码或名称,网址”，或只写网址",
)
@click.option("--year", metavar="年度", type=click.IntRange(1990, 2100), help="指定报告年度，不再从报告中判定")
@click.option("--pack", metavar="规则包", default="national", help="用哪个规则包；不写则为 national")
@click.option("--region", metavar="地区", default="/", help="属于哪个地区，写作 福建省/福州市；不写则为全部地区")
@click.option(
    "--missed",
    metavar="办法",
    default="latest",
    help="错过了怎么办：latest 补做最近一次（不写则为它），all 逐次补做，或写小时数（只补做这么久以内的）",
)
@expected_errors
def add(
    title: str,
    when: str,
    folder: Path | None,
    s3: str | None,
    addresses: Path | None,
    year: int | None,
    pack: str,
    region: str,
    missed: str,
) -> None:
    """新建一个巡查，打印编号和接下来的几次时间。"""
    from audits.regions import path_of
    from sweeps.schedules import checked, next_times

    given = [option for option in (folder, s3, addresses) if option is not None]
    if len(given) != 1:
        raise click.UsageError("--folder、--s3、--addresses 须写一个，且只写一个")
    if (there := _there()) is not None:
        more = {"region": None if region == "/" else path_of(region.split("/")), "year": year, "pack": pack, "missed": missed}
        made = there.add(title, when, _source(folder, s3, addresses), **more)
        click.echo(made.id)
        for moment in next_times(made.when, there.now()):
            click.echo(f"  {_time(moment)}", err=True)
        return
    store = _store()
    wanted = checked(
        store,
        title,
        when,
        _source(folder, s3, addresses),
        _allowed(),
        owner=acting.actor().name,
        region=path_of(region.split("/")),
        pack=pack,
        year=year,
        missed=missed,
    )
    with acting.recorded(store, "sweep.create", wanted.title, region=wanted.region):
        store.sweeping.add(wanted)
    click.echo(wanted.id)
    for moment in next_times(wanted.when, store.sweeping.now()):
        click.echo(f"  {_time(moment)}", err=True)


@sweep.command()
@SWEEP
@click.option("--title", metavar="名称", help="新名称")
@click.option("--when", metavar="时间", help="如“每周一 02:00”“工作日 6 点”，或 cron（0 2 * * 1）")
@click.option(
    "--folder", metavar="文件夹", type=click.Path(exists=True, file_okay=False, path_type=Path), help="改看这个文件夹"
)
@click.option("--s3", metavar="桶/前缀", help="改看对象存储里的这个前缀")
@click.option(
    "--addresses", metavar="文件", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="改看这批网址：整份替换"
)
@click.option("--year", metavar="年度", type=click.IntRange(1990, 2100), help="指定报告年度")
@click.option("--any-year", is_flag=True, help="不再指定报告年度，从报告中判定")
@click.option("--pack", metavar="规则包", help="用哪个规则包")
@click.option("--region", metavar="地区", help="属于哪个地区，写作 福建省/福州市；全部地区写作 /")
@click.option("--missed", metavar="办法", help="错过了怎么办：latest、all，或小时数")
@expected_errors
def edit(
    sweep_id: str,
    title: str | None,
    when: str | None,
    folder: Path | None,
    s3: str | None,
    addresses: Path | None,
    year: int | None,
    any_year: bool,
    pack: str | None,
    region: str | None,
    missed: str | None,
) -> None:
    """修改一个巡查；没有写的不变，看过的不重看，打印接下来的几次时间。"""
    from audits.regions import path_of
    from sweeps.schedules import changed, checked, next_times

    given = [option for option in (folder, s3, addresses) if option is not None]
    if len(given) > 1:
        raise click.UsageError("--folder、--s3、--addresses 只能写一个")
    if any_year and year is not None:
        raise click.UsageError("--year 和 --any-year 只能写一个")
    sweeping = _sweeping()
    kept = sweeping.schedule(sweep_id)
    more: dict[str, Any] = {
        "region": kept.region if region is None else path_of(region.split("/")),
        "pack": pack or kept.pack,
        "year": None if any_year else year or kept.year,
        "missed": missed or kept.missed,
    }
    source = _source(folder, s3, addresses) if given else kept.source
    if (there := _there()) is not None:
        new = there.change(sweep_id, title or kept.title, when or kept.words, source, **more)
    else:
        store = _store()
        wanted = checked(store, title or kept.title, when or kept.words, source, _allowed(), owner=kept.owner, **more)
        with _changed(store, sweep_id):
            new = changed(store, sweep_id, wanted if given else replace(wanted, source=kept.source))
    click.echo("已修改")
    for moment in next_times(new.when, sweeping.now()):
        click.echo(f"  {_time(moment)}", err=True)


@sweep.command("list")
@expected_errors
def list_() -> None:
    """列出全部巡查：下一次时间和上一次的结果。"""
    from audits.regions import ALL
    from sweeps.digest import in_words
    from sweeps.schedules import next_times

    sweeping = _sweeping()
    found = sweeping.schedules(ALL)
    for schedule in found:
        last = next(iter(sweeping.runs(schedule.id, 1)), None)
        due = "已暂停" if schedule.paused_at else f"下一次 {_time(next_times(schedule.when, sweeping.now(), 1)[0])}"
        click.echo(f"{schedule.id}  {schedule.title}（{schedule.words}）  {due}")
        if last is not None:
            result = in_words(last.digest) if last.digest else last.reason
            click.echo(f"    {_time(last.slot)}  {STATES[last.state]}  {result}")
    if not found:
        click.echo("还没有巡查；可用 hecha sweep add 新建", err=True)


@sweep.command()
@SWEEP
@expected_errors
def show(sweep_id: str) -> None:
    """一个巡查的全部情况：查看哪里、什么时候、历次结果。"""
    from sweeps.digest import in_words
    from sweeps.schedules import missed_in_words, next_times
    from sweeps.sources import source_of

    sweeping = _sweeping()
    schedule = sweeping.schedule(sweep_id)
    year = f"{schedule.year}年度" if schedule.year else "年度以报告为准，缺报的按上一年度列出"
    for line in (
        schedule.title,
        f"查看：{source_of(schedule.source).words(schedule.source)}",
        f"时间：{schedule.words}；错过了：{missed_in_words(schedule.missed)}",
        f"规则包 {schedule.pack}；{year}；{'已暂停' if schedule.paused_at else '启用'}",
        "接下来：" + "、".join(map(_time, next_times(schedule.when, sweeping.now()))),
    ):
        click.echo(line)
    for run in sweeping.runs(sweep_id):
        click.echo(f"{_time(run.slot)}  {STATES[run.state]}  {in_words(run.digest) if run.digest else run.reason}")


@sweep.command()
@SWEEP
@expected_errors
def pause(sweep_id: str) -> None:
    """暂停一个巡查。"""
    from sweeps.schedules import pause as pause_it

    if (there := _there()) is not None:
        there.do(sweep_id, "pause")
    else:
        store = _store()
        with _changed(store, sweep_id):
            pause_it(store, sweep_id)
    click.echo("已暂停")


@sweep.command()
@SWEEP
@expected_errors
def resume(sweep_id: str) -> None:
    """恢复一个暂停的巡查；暂停期间的不补做。"""
    from sweeps.schedules import resume as resume_it

    if (there := _there()) is not None:
        there.do(sweep_id, "resume")
    else:
        store = _store()
        with _changed(store, sweep_id):
            resume_it(store, sweep_id)
    click.echo("已恢复")


@sweep.command()
@SWEEP
@expected_errors
def delete(sweep_id: str) -> None:
    """删除一个巡查；历次结果和已核查的报告保留。"""
    if (there := _there()) is not None:
        there.delete(sweep_id)
    else:
        store = _store()
        schedule = store.sweeping.schedule(sweep_id)
        with acting.recorded(store, "sweep.delete", schedule.title, region=schedule.region):
            store.sweeping.delete(sweep_id)
    click.echo("已删除")


@sweep.command()
@SWEEP
@click.option("--wait", is_flag=True, help="在这里立即做，等到核查完，打印结果；不写则由巡查进程去做")
@expected_errors
def run(sweep_id: str, wait: bool) -> None:
    """现在就巡查一次，不影响定时。"""
    from sweeps.slots import open_now

    if (there := _there()) is not None:
        slot = there.run_now(sweep_id)
    else:
        store = _store()
        schedule = store.sweeping.schedule(sweep_id)
        with acting.recorded(store, "sweep.run", schedule.title, region=schedule.region):
            slot = open_now(store, sweep_id)
    if not wait:
        click.echo(f"{_time(slot)} 的一次已排入；巡查进程（hecha schedule）会去做")
        return
    if there is not None:
        schedule, done = there.schedule(sweep_id), _done_there(there, sweep_id, slot)
    else:
        done = _until_done(store, sweep_id, slot)
    _print_digest(schedule, done)
    sys.exit(COULD_NOT if done.state == "failed" else 0)


@sweep.command()
@SWEEP
@click.option("--json", "as_json", is_flag=True, help="打印为 JSON")
@expected_errors
def digest(sweep_id: str, as_json: bool) -> None:
    """最近一次巡查的结果。"""
    from audits.errors import AuditError

    sweeping = _sweeping()
    schedule = sweeping.schedule(sweep_id)
    done = next((item for item in sweeping.runs(sweep_id) if item.state.is_settled and item.state != "skipped"), None)
    if done is None:
        raise AuditError(f"{schedule.title}：还没有做完的巡查")
    if as_json:
        click.echo(json.dumps({"slot": done.slot, "state": done.state, "digest": done.digest}, ensure_ascii=False))
    else:
        _print_digest(schedule, done)


@click.command(cls=Command)
@expected_errors
def schedule() -> None:
    """启动巡查进程，直到被停止：到时间就查看、提交核查、写出结果。可以同时开几个，一次巡查不会做两遍。"""
    from sweeps.allowed import allowed_here
    from worker import logs
    from worker import schedule as scheduler
    from worker.supervise import stop_on_signals

    logs.install()
    stop = stop_on_signals()
    scheduler.run(_store(), allowed_here(), stop)


def _source(folder: Path | None, s3: str | None, addresses: Path | None) -> Mapping[str, Any]:
    if folder is not None:
        return {"kind": "folder", "path": str(folder.absolute())}
    if s3 is not None:
        bucket, _, prefix = s3.removeprefix("s3://").partition("/")
        return {"kind": "s3", "bucket": bucket, "prefix": prefix}
    assert addresses is not None
    try:
        return {"kind": "addresses", "text": addresses.read_text("utf-8-sig")}
    except UnicodeDecodeError:
        return {"kind": "addresses", "text": addresses.read_text("gb18030", errors="replace")}


def _allowed() -> Allowed:
    from sweeps.allowed import allowed_here

    return replace(allowed_here(), any_folder=True)


def _there() -> RemoteSweeping | None:
    """The sweeps of the server that was named, None for the data folder."""
    from cli.remote_sweeps import RemoteSweeping

    server = remote.server()
    return None if server is None else RemoteSweeping(server)


def _sweeping() -> Sweeping | RemoteSweeping:
    """To look at."""
    return _there() or _store().sweeping


def _done_there(there: RemoteSweeping, sweep_id: str, slot: float) -> Run:
    """The server's own processes do it."""
    while True:
        found = next((run for run in there.runs(sweep_id) if abs(run.slot - slot) < 0.001), None)
        if found is not None and found.state.is_settled:
            return found
        time.sleep(1.0)


def _store() -> Store:
    from audits.store import Store

    return Store(DATA_FOLDER, DATABASE_URL)


def _changed(store: Store, sweep_id: str) -> Any:
    kept = store.sweeping.schedule(sweep_id)
    return acting.recorded(store, "sweep.change", kept.title, region=kept.region)


def _until_done(store: Store, sweep_id: str, slot: float) -> Run:
    """Do it here and now; what workers there are do the auditing, and this process what they leave."""
    import time

    from audits.service import audit_next, recognises_scans
    from audits.store import Queue
    from sweeps.digest import close_done
    from sweeps.run import run_next
    from worker.refusals import entering

    lease, entered = 120.0, entering(store)
    said = None
    while True:
        while run_next(store, _allowed(), lambda ids: None, entered=entered):
            pass
        while audit_next(store, Queue.AUDIT, lease) or (recognises_scans() and audit_next(store, Queue.OCR, lease)):
            pass
        close_done(store)
        found = store.sweeping.run(sweep_id, slot)
        if found.state.is_settled:
            return found
        if found.not_before is not None and found.not_before != said:
            said = found.not_before
            click.echo(f"[{found.code}] {found.reason}；{_time(said)} 再试", err=True)
        time.sleep(1.0)


def _print_digest(schedule: Schedule, run: Run) -> None:
    from sweeps.digest import in_words

    click.echo(f"{schedule.title}  {_time(run.slot)}  {STATES[run.state]}")
    if run.reason:
        click.echo(f"[{run.code}] {run.reason}" if run.code else run.reason)
    told = run.digest or {}
    click.echo(in_words(told) if run.digest else "")
    for words, key in (
        ("新出现", "new"),
        ("新年度", "new_year"),
        ("有变化", "changed"),
        ("撤下", "withdrawn"),
        ("这次不在", "gone"),
        ("正在写入，下次再看", "left"),
    ):
        for address in told.get(key, ()):
            click.echo(f"  {words}  {address}")
    for words, key in (("没能看到", "failed"), ("没有内容", "absent")):
        for item in told.get(key, ()):
            who = f"{item['agency']}  " if item.get("agency") else ""
            click.echo(f"  {words}  {who}{item['address']}  [{item['code']}] {item['reason']}")
    for report in told.get("reports", ()):
        if report["code"]:
            click.echo(f"  {report['name']}  [{report['code']}] {report['reason']}")
        elif report["problems"] or report["fixed"]:
            who = report["agency"] or report["name"]
            click.echo(
                f"  {who}  新发现 {len(report['problems'])}，已改好 {len(report['fixed'])}，仍存在 {len(report['open'])}"
            )
        if report.get("is_listed_otherwise"):
            click.echo(f"  单位不符  {report['address']}：清单上是“{report['listed']}”，报告写的是“{report['agency']}”")
    for report in told.get("still_unreadable", ())[:SHOWN_PROBLEMS]:
        click.echo(f"  仍读不了  {report['name']}  [{report['code']}] {report['reason']}")
    for report in told.get("open_reports", ())[:SHOWN_PROBLEMS]:
        click.echo(f"  {report['agency'] or report['name']}  以前发现的 {report['open']} 个仍存在")
    if told.get("missing_total"):
        named = "、".join(told["missing"][:SHOWN_PROBLEMS])
        why = "（没有指定年度，按上一年度）" if told.get("missing_by") == "last_year" else ""
        click.echo(f"  {told['missing_year']}年度还没有报告的单位 {told['missing_total']} 个{why}：{named}")
    elif told and told.get("missing_by", "year") is None:
        click.echo("  没有导入单位名单，列不出还没有报告的单位")


def _time(moment: float) -> str:
    from sweeps.when import zone

    return f"{datetime.fromtimestamp(moment, zone()):%Y-%m-%d %H:%M}"
