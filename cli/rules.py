"""`hecha rules`: look at, check, write and compare rules and packs."""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from audits.audit import audit_filing, lay_out
from audits.intake import Submitted, collect
from audits.single import REPORT_SECONDS
from audits.wording import SEVERITIES
from cli import show
from cli.chinese import COULD_NOT, Group, expected_errors
from cli.pool import Crashed, Pool
from reports_in import read
from reports_in.errors import IntakeError
from rules.compile import PACK_FILE, PACKS, Pack, find_pack, load_pack
from rules.examples import differences
from rules.lint import remarks
from rules.pages import page, pages
from rules.verdict import Severity

FOUND = 1  # exit code: something is wrong, or differs
RULE_ID = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)*")
HEAD = """\
id: {name}
title: {name}
version: 1
extends: [national]
"""

PACK_HELP = "规则包的文件夹，或自带规则包的名称"


@click.group(cls=Group)
def rules() -> None:
    """查看、检查、编写和比较规则与规则包。"""


@rules.command("list")
@click.argument("pack_name", metavar="[规则包]", default="national")
@expected_errors
def list_(pack_name: str) -> None:
    """列出规则包的全部规则。"""
    pack = load_pack(find_pack(pack_name))
    table = Table(header_style="bold", title=f"{pack.title}（{pack.label}）")
    for heading in ("规则", "名称", "程度", "适用", "默认", "来自"):
        table.add_column(heading, no_wrap=heading != "名称")
    for rule in pack.rules.values():
        origin = "本包" if rule.id in pack.own else "本包改动" if rule.id in pack.changed else "上级包"
        cells = (rule.id, rule.title, SEVERITIES[rule.severity], " ".join(rule.editions), "开" if rule.on else "关", origin)
        table.add_row(*map(Text, cells))
    show.console().print(table)


@rules.command("show")
@click.argument("rule_id", metavar="规则")
@click.option("--pack", "pack_name", metavar="规则包", default="national", help=f"{PACK_HELP}；不写则为 national")
@expected_errors
def show_(rule_id: str, pack_name: str) -> None:
    """打印一条规则的说明：报什么、依据、误报说明、参数和例子。"""
    pack = load_pack(find_pack(pack_name))
    if rule_id not in pack.rules:
        near = [name for name in pack.rules if rule_id.upper() in name]
        raise click.UsageError(f"规则包 {pack.id} 没有规则 {rule_id}" + (f"；是不是 {'、'.join(near)}" if near else ""))
    click.echo(page(pack.rules[rule_id], pack), nl=False)


@rules.command()
@click.argument("pack_name", metavar="[规则包]", default="national")
@expected_errors
def lint(pack_name: str) -> None:
    """检查规则包写得对不对：错误（文件、行、列、允许的写法）和值得再看的地方。有值得再看的退出码为 1，有错误为 2。"""
    pack = load_pack(find_pack(pack_name))
    found = remarks(pack)
    for remark in found:
        click.echo(remark)
    click.echo(f"{pack.label}：{len(pack.rules)} 条规则，没有错误，{len(found)} 处值得再看", err=True)
    sys.exit(FOUND if found else 0)


@rules.command()
@click.argument("pack_name", metavar="[规则包]", default="national")
@expected_errors
def test(pack_name: str) -> None:
    """用规则自带的例子检验规则。有不符的退出码为 1。"""
    pack = load_pack(find_pack(pack_name))
    names = [*pack.own, *pack.changed] if pack.bases else list(pack.rules)
    asked = wrong = 0
    for name in names:
        for example, spec in pack.rules[name].examples.items():
            asked += 1
            for difference in differences(pack.rules[name], spec):
                wrong += 1
                click.echo(f"{name} 例子 {example}：{difference}")
    click.echo(f"{pack.label}：{len(names)} 条规则，{asked} 个例子，不符 {wrong} 处", err=True)
    sys.exit(FOUND if wrong else 0)


@rules.command()
@click.argument("pack_name", metavar="[规则包]", default="national")
@click.option(
    "--out", required=True, metavar="文件夹", type=click.Path(file_okay=False, path_type=Path), help="必填。说明页放在哪里"
)
@expected_errors
def docs(pack_name: str, out: Path) -> None:
    """生成规则说明：每条规则一页、总表、供编辑器使用的 JSON Schema。"""
    pack = load_pack(find_pack(pack_name))
    out.mkdir(parents=True, exist_ok=True)
    written = pages(pack)
    for name, text in written.items():
        (out / name).write_text(text, "utf-8")
    click.echo(f"已写 {len(written)} 个文件：{out}", err=True)


@rules.command()
@click.argument("rule_id", metavar="规则")
@click.option("--like", "model", required=True, metavar="规则", help="必填。照哪条自带规则的样子写")
@click.option(
    "--pack",
    "folder",
    required=True,
    metavar="文件夹",
    type=click.Path(file_okay=False, path_type=Path),
    help="必填。放进哪个规则包；没有则新建一个，承接 national",
)
@expected_errors
def new(rule_id: str, model: str, folder: Path) -> None:
    """照一条自带规则的样子新写一条：得到一个能用的文件，再改成自己的。"""
    if not RULE_ID.fullmatch(rule_id):
        raise click.UsageError(f"规则编号 {rule_id} 应为大写字母、数字和连字符，如 LOCAL-LENGTH")
    source = PACKS / "national" / f"{model}.yaml"
    if model not in load_pack().rules:
        raise click.UsageError(f"没有规则 {model}；hecha rules list 列出全部")
    target = folder / f"{rule_id}.yaml"
    if target.exists():
        raise click.UsageError(f"{target} 已经有了")
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / PACK_FILE).exists():
        (folder / PACK_FILE).write_text(HEAD.format(name=folder.resolve().name), "utf-8")
    text = source.read_text("utf-8").replace(f"id: {model}", f"id: {rule_id}", 1)
    target.write_text(f"# 照 {model} 写成：标题、依据、参数、消息和例子都要改成自己的\n{text}", "utf-8")
    load_pack.cache_clear()
    load_pack(folder)
    click.echo(f"{target}\n改好后：hecha rules lint {folder}；hecha rules test {folder}")


@rules.command()
@click.argument("pack_a", metavar="规则包甲")
@click.argument("pack_b", metavar="规则包乙")
@click.option(
    "--on",
    "folder",
    required=True,
    metavar="路径",
    type=click.Path(exists=True, path_type=Path),
    help="必填。在哪些年度报告上比较（文件或文件夹）",
)
@click.option("--jobs", metavar="个数", type=click.IntRange(min=1), help="同时用几个进程；不写则与处理器核数相同")
@expected_errors
def diff(pack_a: str, pack_b: str, folder: Path, jobs: int | None) -> None:
    """比较两个规则包在同一批报告上的结果：乙比甲多出、消失、改变程度的问题。有差别退出码为 1。"""
    packs = (load_pack(find_pack(pack_a)), load_pack(find_pack(pack_b)))
    collected = collect((folder,))
    changes: list[Change] = []
    unread = 0
    pool = Pool(Compare(packs), collected.files, jobs or len(os.sched_getaffinity(0)), REPORT_SECONDS)
    with show.progress(len(collected.files), "比较") as advance, closing(pool.run()) as results:
        for count, (index, result) in enumerate(results, 1):
            told = None if isinstance(result, Crashed) else changes_from(result)
            if told is None:
                unread += 1
                click.echo(f"未能比较：{collected.files[index].name}", err=True)
            else:
                changes += told
            advance(count)
    _print_changes(changes, packs, len(collected.files) - unread)
    sys.exit(COULD_NOT if unread else FOUND if changes else 0)


@dataclass(frozen=True, slots=True)
class Change:
    """A finding that only one of the packs makes, or that both make with another severity. None where a pack does not make it."""

    agency: str
    rule: str
    where: str
    before: str | None
    after: str | None

    @property
    def what(self) -> str:
        return "多出" if self.before is None else "消失" if self.after is None else "程度改变"


@dataclass(frozen=True, slots=True)
class Compare:
    """What a process of the pool does with one file: read it once, ask both packs, say where they differ."""

    packs: tuple[Pack, Pack]

    def __call__(self, index: int, submitted: Submitted) -> bytes:
        try:
            if submitted.refusal is not None:
                return b"null"
            document = read(submitted.path, submitted.name)
        except IntakeError:
            return b"null"
        filing = lay_out(document)
        before, after = (
            {finding.id: finding for finding in audit_filing(filing, document, pack).findings} for pack in self.packs
        )
        agency = f"{filing.agency.value or submitted.name} {filing.year.value or ''}".strip()
        told = []
        for key in dict.fromkeys((*before, *after)):
            old, new = before.get(key), after.get(key)
            finding = old or new
            if finding is not None and (old is None or new is None or old.severity is not new.severity):
                told.append([agency, finding.rule, finding.where, old and old.severity, new and new.severity])
        return json.dumps(told).encode()


def changes_from(result: bytes) -> list[Change] | None:
    """None for a file that could not be read, or an answer that is none: what was jailed is not trusted."""
    try:
        told = json.loads(result)
        return None if told is None else [Change(*map(_text, line)) for line in told]  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return None


def _text(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError
    return value


def _print_changes(changes: Sequence[Change], packs: tuple[Pack, Pack], reports: int) -> None:
    screen = show.console()
    table = Table(header_style="bold")
    for heading in ("变化", "规则", "单位", "位置", "程度"):
        table.add_column(heading, overflow="fold")
    for change in sorted(changes, key=lambda change: (change.what, change.rule, change.agency, change.where)):
        levels = " → ".join(SEVERITIES[Severity(level)] if level else "—" for level in (change.before, change.after))
        table.add_row(*map(Text, (change.what, change.rule, change.agency, change.where, levels)))
    if changes:
        screen.print(table)
    counted = Counter(change.what for change in changes)
    words = "，".join(f"{what} {counted[what]} 处" for what in ("多出", "消失", "程度改变"))
    screen.print(f"{packs[0].id} 换成 {packs[1].id}，{reports} 份报告：{words}")
