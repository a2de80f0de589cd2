"""What a batch looks like in a terminal: progress while it runs, then the table, the files left out, the totals."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from audits.batch import RuleCount
from audits.intake import Duplicate
from audits.outcome import Settled, Standing, Summary
from audits.outputs import Published
from audits.wording import STANDINGS

DUPLICATES_SHOWN = 20
PLAIN_WIDTH = 132  # where there is no terminal to ask: a log file, a pipe
BAR_SECONDS = 0.1
PLAIN_SECONDS = 2.0  # between two lines of progress in a log
STYLES = {
    Standing.ERRORS: "bold red",
    Standing.WARNINGS: "yellow",
    Standing.NOTICES: "cyan",
    Standing.DOUBTFUL: "magenta",
    Standing.CLEAN: "green",
    Standing.NOT_APPLICABLE: "dim",
}


def console(*, stderr: bool = False) -> Console:
    """A console as wide as the terminal; without one, wide enough that a table is not torn."""
    made = Console(stderr=stderr, highlight=False, soft_wrap=False)
    return made if made.is_terminal else Console(stderr=stderr, highlight=False, width=PLAIN_WIDTH)


@contextmanager
def progress(total: int, what: str) -> Iterator[Callable[[int], None]]:
    """A bar in a terminal, a line every few seconds elsewhere; on stderr, so that a redirected table stays clean."""
    screen = console(stderr=True)
    if screen.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        # refreshed by us: a thread of rich's own would be forked into the pool with whatever locks it holds
        with Progress(*columns, console=screen, auto_refresh=False) as bar:
            task = bar.add_task(what, total=total)
            yield _every(BAR_SECONDS, total, lambda done: bar.update(task, completed=done, refresh=True))
    else:
        yield _every(PLAIN_SECONDS, total, lambda done: screen.print(f"{what} {done}/{total}"))


def _every(seconds: float, total: int, say: Callable[[int], None]) -> Callable[[int], None]:
    """Say how many are done, at most once in so many seconds, and when all are."""
    said = time.monotonic()

    def advance(done: int) -> None:
        nonlocal said
        if done == total or time.monotonic() - said >= seconds:
            said = time.monotonic()
            say(done)

    return advance


def batch(
    screen: Console,
    lines: Sequence[Published],
    skipped: Sequence[str],
    out: Path,
    duplicates: Sequence[Duplicate] = (),
    rules: Sequence[RuleCount] = (),
) -> None:
    """Everything a supervisor should know at the end, worst first."""
    audited = [line for line in lines if line.outcome.summary is not None]
    if audited:
        screen.print(_table(audited))
    left_out = [line for line in lines if line.outcome.summary is None]
    if left_out:
        screen.print(f"[bold red]以下 {len(left_out)} 个文件没有核查：[/]")
        for line in left_out:
            screen.print(Text(f"  [{line.outcome.code}] {line.outcome.reason}"), soft_wrap=True)
    if duplicates:
        screen.print(f"以下 {len(duplicates)} 个文件与另一个内容完全相同，只核查一次：")
        for duplicate in duplicates[:DUPLICATES_SHOWN]:
            screen.print(Text(f"  {duplicate.name} 同 {duplicate.same_as}"), soft_wrap=True)
        if len(duplicates) > DUPLICATES_SHOWN:
            screen.print(f"  其余 {len(duplicates) - DUPLICATES_SHOWN} 个见 index.json", soft_wrap=True)
    for text in (*_totals(lines, skipped), *_about_rules(rules)):
        screen.print(text, soft_wrap=True)  # rich would break a line at its blanks only
    if any(line.files or line.json for line in lines):
        screen.print(f"核查结果在：[bold]{escape(str(out.resolve()))}[/]（清单 index.json）", soft_wrap=True)


def _table(lines: Sequence[Published]) -> Table:
    table = Table(header_style="bold")
    table.add_column("单位", overflow="fold", ratio=1)
    for heading in ("年度", "结论"):
        table.add_column(heading, no_wrap=True)
    waived = any(line.outcome.summary and line.outcome.summary.waived for line in lines)
    for heading in ("错误", "警告", "提示", "人工核对", "无法核验", *(["已豁免"] if waived else [])):
        table.add_column(heading, justify="right", no_wrap=True)
    times = Counter((line.outcome.summary.agency, line.outcome.summary.year) for line in lines if line.outcome.summary)
    for line in sorted(lines, key=_gravity):
        summary = line.outcome.summary
        assert summary is not None
        figures: tuple[int, ...] = (summary.errors, summary.warnings, summary.notices, summary.doubtful, summary.undecided)
        figures += (summary.waived,) if waived else ()
        shown = [Text(str(figure), style="" if figure else "dim") for figure in figures]
        shown = shown if summary.applicable else [Text("–")] * len(figures)
        agency = summary.agency or "（单位未识别）"
        if summary.agency is None or times[summary.agency, summary.year] > 1:
            agency += f"　{line.name}"  # else two lines of the table could not be told apart
        listed = line.outcome.match.agency if line.outcome.match is not None else None
        if listed is not None:
            agency += f"（{listed.code}）"
        verdict = Text(STANDINGS[summary.standing], style=STYLES[summary.standing])
        table.add_row(Text(agency), str(summary.year or "不明"), verdict, *shown)
    return table


def _gravity(line: Published) -> tuple[int, ...]:
    summary = line.outcome.summary
    assert summary is not None
    return (not summary.applicable, -summary.errors, -summary.warnings, -summary.notices, -summary.doubtful, -summary.undecided)


def _totals(lines: Sequence[Published], skipped: Sequence[str]) -> Iterator[str]:
    summaries = [line.outcome.summary for line in lines if line.outcome.summary is not None]
    asked = [summary for summary in summaries if summary.applicable]
    parts = [f"共 {len(lines)} 个文件：核查 {len(asked)} 份"]
    if asked:
        parts[0] += f"（{_verdicts(asked)}）"
    if len(asked) < len(summaries):
        parts.append(f"不适用 {len(summaries) - len(asked)} 份")
    for state, words in ((Settled.UNREADABLE, "读不了"), (Settled.FAILED, "核查失败")):
        count = sum(line.outcome.state is state for line in lines)
        if count:
            parts.append(f"[bold red]{words} {count} 份[/]")
    yield "，".join(parts)
    yield (
        f"发现问题：错误 {sum(s.errors for s in asked)} 处，警告 {sum(s.warnings for s in asked)} 处，提示 {sum(s.notices for s in asked)} 处；"
        f"其中需人工核对 {sum(s.doubtful for s in asked)} 处；另有无法核验 {sum(s.undecided for s in asked)} 处"
    )
    waived = sum(summary.waived for summary in asked)
    if waived:
        yield f"另有已豁免 {waived} 处，不计入上述问题"
    if skipped:
        yield f"另跳过隐藏文件、锁文件、系统文件和链接 {len(skipped)} 个"


def _about_rules(rules: Sequence[RuleCount]) -> Iterator[str]:
    """What a rule author should look at; the whole lists are in index.json."""
    often = [rule for rule in rules if rule.often]
    never = sum(rule.never for rule in rules)
    skipped = sum(rule.skipped for rule in rules)
    if often:
        names = "、".join(f"{rule.title}（{rule.rule}）" for rule in often)
        yield f"触发超过八成报告的规则 {len(often)} 条，请复核规则是否合适：{names}"
    if never or skipped:
        yield f"[dim]从未触发的规则 {never} 条，均未能核验或不适用的 {skipped} 条（名单见 index.json）[/]"


def _verdicts(asked: Sequence[Summary]) -> str:
    counted = Counter(summary.standing for summary in asked)
    return "、".join(f"{words} {counted[standing]} 份" for standing, words in STANDINGS.items() if counted[standing])
