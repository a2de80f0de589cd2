"""`hecha agencies` and what `hecha audit --roster` prints of the roll: who has handed in, who has not, what a person must place."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from audits.errors import RosterError
from audits.matching import Candidate
from audits.roll_call import Handed, RollCall
from audits.roster import read_roster
from cli import remote, show
from cli.acting import actor, recorded
from cli.chinese import COULD_NOT, Group, expected_errors
from rules.agencies import Body, Level
from worker.settings import DATA_FOLDER, DATABASE_URL

LEVELS = {Level.PROVINCE: "省级", Level.PREFECTURE: "市级", Level.COUNTY: "县级", Level.TOWNSHIP: "乡级"}
BODIES = {
    Body.GOVERNMENT: "政府",
    Body.OFFICE: "政府办公室",
    Body.DEPARTMENT: "部门",
    Body.STREET_OFFICE: "街道办事处",
    Body.ZONE: "开发区",
    Body.INSTITUTION: "事业单位",
    Body.UNKNOWN: "类别不明",
}
PLACES = {
    "title": "标题",
    "body": "正文",
    "page_meta": "网页信息",
    "file_name": "文件名",
    "folder": "文件夹",
    "address_list": "网址清单",
}
MOST_LINES = 50  # of each list on the screen; all of them are in index.json
NAMES_A_LINE = 8


@remote.reaches_a_server
@click.group(cls=Group)
def agencies() -> None:
    """单位名单（agencies.csv）：应报送年报的单位、别名、级别、类别和上下级。"""


@agencies.command()
@click.argument("path", metavar="文件", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(path: Path) -> None:
    """检查单位名单，列出全部错误；没有错误时列出单位的上下级和识别出的类别、级别。

    退出码：0 没有错误；2 有错误。
    """
    try:
        roster = read_roster(path)
    except RosterError as exc:
        for fault in exc.faults:
            click.echo(f"[{exc.code}] {path.name}：{fault}", err=True)
        sys.exit(COULD_NOT)
    screen = show.console()
    for depth, agency in roster.tree():
        kind = agency.listed.kind()
        words = f"{BODIES[kind.body]}，{LEVELS[kind.level] if kind.level else '级别不明'}" if agency.reports else "分组，不报送"
        others = f"；又称 {'、'.join(agency.others)}" if agency.others else ""
        screen.print(Text(f"{'  ' * depth}{agency.code}　{agency.name}（{words}{others}）"), soft_wrap=True)
    counts = Counter(agency.reports for agency in roster.agencies.values())
    screen.print(f"没有错误：应报送单位 {counts[True]} 个" + (f"，分组 {counts[False]} 个" if counts[False] else ""))
    if roster.ignored:
        screen.print(Text(f"未使用的列：{'、'.join(roster.ignored)}"))


@agencies.command("import")
@click.argument("path", metavar="文件", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--region", metavar="地区", help="管哪个地区，写作 福建省/福州市；不写则为全部地区（通过服务导入时为账号的地区）")
@expected_errors
def import_(path: Path, region: str | None) -> None:
    """导入单位名单，代替这个地区现在的名单；已交来的报告按它重新归属。有错误时一行也不导入。"""
    from audits.regions import EVERYWHERE, path_of, shown

    where = None if region is None else path_of(region.split("/"))
    if (there := remote.server()) is not None:
        made = there.import_roster(path, where)
        where, expected, total = made["region"], made["expected"], made["agencies"]
    else:
        from audits.store import Store

        store = Store(DATA_FOLDER, DATABASE_URL)
        where = where or EVERYWHERE
        with recorded(store, "roster.import", path.name, region=where) as entry:
            roster = store.rosters.import_(path.read_bytes(), path.name, where, "", actor().name)
            entry.details |= {"roster": roster.id, "agencies": roster.agencies}
        expected, total = roster.expected, roster.agencies
    click.echo(f"已导入单位名单（{shown(where)}）：应报送单位 {expected} 个，共 {total} 行")


@agencies.command()
@click.option("--batch", metavar="批次号", help="只看这一批的")
@expected_errors
def unplaced(batch: str | None) -> None:
    """列出待确认归属的报告：不知是名单中哪个单位的，各附候选单位、编码和相符程度（满分 100）。"""
    found = 0
    if (there := remote.server()) is not None:
        for item in there.unplaced(batch):
            told = there.belongs(item["id"])
            _say_unplaced(item["id"], item["name"], told["reason"], told["candidates"])
            found += 1
    else:
        from audits.store import EVERYBODY, Store, Wanted

        store, page = Store(DATA_FOLDER, DATABASE_URL), 1
        while True:
            listed = store.listing.reports(EVERYBODY, Wanted(batch_id=batch, unplaced=True, order="position"), page, 200)
            for row in listed.items:
                match, choices, _ = store.rosters.choices(EVERYBODY, row.submission_id)
                shown = [{"code": one.code, "name": one.name, "score": one.score} for one in choices]
                _say_unplaced(row.submission_id, row.name, match.reason if match is not None else "", shown)
                found += 1
            if page >= listed.pages:
                break
            page += 1
    click.echo(f"待确认归属 {found} 份" + ("；用 hecha agencies assign 报告编号 单位编码 认定" if found else ""))


@agencies.command()
@click.argument("report", metavar="报告编号")
@click.argument("code", metavar="[单位编码]", required=False)
@click.option("--roster", metavar="名单编号", help="哪份名单的编码；几个地区的名单有同样的编码时要写")
@click.option("--outside", is_flag=True, help="不是名单中任何单位的报告")
@click.option("--undo", is_flag=True, help="撤销认定的归属")
@click.option("--reason", metavar="理由", default="", help="归到候选以外的单位、认定为名单以外的，要写")
@expected_errors
def assign(report: str, code: str | None, roster: str | None, outside: bool, undo: bool, reason: str) -> None:
    """认定一份报告是名单中哪个单位的。报送情况随即按它算，报告按这个单位重新核查；问题的认定不变。"""
    if [code is not None, outside, undo].count(True) != 1:
        raise click.UsageError("请写单位编码、--outside、--undo 三者之一", click.get_current_context())
    said = "已撤销归属" if undo else "已认定为名单以外单位的报告"
    if (there := remote.server()) is not None:
        if undo:
            there.unassign(report, reason)
        else:
            told = there.assign(report, code, roster, reason)
            said = f"已归到 {told['assignment']['agency']}（{told['assignment']['code']}）" if code else said
    else:
        from audits import belonging
        from audits.regions import ALL
        from audits.store import EVERYBODY, Store

        store = Store(DATA_FOLDER, DATABASE_URL)
        with recorded(store, "report.assign", report, region=store.region_of(report)) as entry:
            entry.details |= {"to": "undone" if undo else code or "outside"}
            if undo:
                waiting = belonging.unassign(store, report, reason, account_id="", author=actor().name, scope=ALL)
            else:
                chosen = belonging.agency_named(store, EVERYBODY, code, roster) if code is not None else None
                agency = (chosen.roster_id, chosen.code) if chosen is not None else None
                waiting = belonging.assign(store, report, agency, reason, account_id="", author=actor().name, scope=ALL)
                said = f"已归到 {chosen.name}（{chosen.code}）" if chosen is not None else said
        _wake(waiting)
    click.echo(said)


def _wake(waiting: Sequence[str]) -> None:
    from worker import tasks  # imports Celery

    tasks.hint(waiting)


def _say_unplaced(report: str, name: str, reason: str, candidates: Sequence[Mapping[str, Any]]) -> None:
    click.echo(f"{report}  {name}：{reason}")
    for one in candidates:
        click.echo(f"    {one['code']}  {one['name']}（{one['score']:g}分）")


def show_roll(screen: Console, roll: RollCall) -> None:
    """Who has handed in what, for a supervisor; long lists are cut, with the number of what is left."""
    year = f"{roll.year}年度" if roll.year else "年度不明"
    unread = f"（其中 {roll.unread} 个单位的文件没能核查）" if roll.unread else ""
    screen.print(
        f"[bold]报送情况[/]（{year}，按单位名单）：应报送 {roll.expected} 个单位，已报送 {roll.handed_in} 个{unread}，未见 {len(roll.missing)} 个"
    )
    if roll.unplaced:
        screen.print(f"[bold magenta]以下 {len(roll.unplaced)} 份报告不能确定属于名单中哪个单位，请人工认定：[/]")
        _list(screen, [_unplaced(handed) for handed in roll.unplaced])
    if roll.missing:
        screen.print(f"[bold yellow]以下 {len(roll.missing)} 个单位未见{year}报告：[/]")
        lines = []
        for above, missing in roll.missing_by_parent().items():
            names = [item.words for item in missing]
            for at in range(0, len(names), NAMES_A_LINE):
                lines.append(f"{above or '（无上级）'}：{'、'.join(names[at : at + NAMES_A_LINE])}")
        _list(screen, lines)
    if roll.repeated:
        screen.print(f"以下 {len(roll.repeated)} 个单位同一年度有几份报告，可能是不同版本，请确认以哪份为准：")
        _list(screen, [f"{item.shown} {item.year}年度：{'、'.join(item.names)}" for item in roll.repeated])


def _list(screen: Console, lines: Sequence[str]) -> None:
    for line in lines[:MOST_LINES]:
        screen.print(Text(f"  {line}"), soft_wrap=True)
    if len(lines) > MOST_LINES:
        screen.print(f"  另有 {len(lines) - MOST_LINES} 行，见 index.json")


def _unplaced(handed: Handed) -> str:
    match = handed.match
    rests_on = "，".join(f"{PLACES.get(place, place)}“{words}”" for place, words in match.rests_on)
    candidates = f"；候选：{'、'.join(map(_candidate, match.candidates))}" if match.candidates else ""
    return f"{handed.name}：{match.reason}" + (f"（依据：{rests_on}）" if rests_on else "") + candidates


def _candidate(candidate: Candidate) -> str:
    return f"{candidate.name}（{candidate.code}，{candidate.score:g}分）"
