"""`hecha audit`: a batch on this machine, nothing installed and nothing running: a process pool over the files."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import click

from audits import handover
from audits.intake import Submitted, collect
from audits.matching import Matcher
from audits.outcome import Outcome, Settled
from audits.outputs import OutputFolder, Published, stage
from audits.previous import previous_in
from audits.renderers import FORMS
from audits.renderers.notice import check as check_template
from audits.renderers.terms import PLAIN, Terms
from audits.roll_call import RollCall, call_roll, handed_in
from audits.roster import read_roster
from audits.scanning import scanning_here
from audits.single import PLAIN_MEASURE, REPORT_SECONDS, Measure, audit_file, stopped, warm_up
from audits.waivers import load_waivers
from cli import show
from cli.agencies import show_roll
from cli.chinese import COULD_NOT, Command, expected_errors
from cli.pool import Crashed, Pool
from reports_in import load_readers
from reports_in.system_words import in_words
from rules.compile import find_pack, load_pack
from rules.verdict import Severity

FOUND = 1  # exit code: findings at or above --fail-on
INTERRUPTED = 130
STOPS = (signal.SIGINT, signal.SIGTERM)
LADDER = tuple(Severity)  # gravest first

Done = tuple[Outcome, dict[str, Path]]  # without the bytes of the outputs, which are in staging by form


class Forms(click.ParamType[tuple[str, ...]]):
    """A comma-separated choice of forms."""

    name = "格式"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        forms = tuple(dict.fromkeys(form.strip() for form in str(value).split(",") if form.strip()))
        unknown = [form for form in forms if form not in FORMS]
        if unknown or not forms:
            self.fail(f"{','.join(unknown) or '空'}；可用的格式：{','.join(FORMS)}", param, ctx)
        return forms


class Day(click.ParamType[date]):
    """A date as 2024-03-29."""

    name = "日期"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else datetime.strptime(str(value), "%Y-%m-%d").date()
        except ValueError:
            return self.fail(f"{value}；应为 2024-03-29 这样的日期", param, ctx)


FORMS_HELP = (
    "要哪几种结果，逗号分隔；不写则为 pdf,json。每份报告：pdf 核查报告，json 数据，docx 整改通知，annotated 原文批注（仅 PDF）；"
    "全批：xlsx 汇总表，csv 问题清单，jsonl 全部数据，summary 汇总报告，zip 打包（只写 zip 则全部打包）"
)


def about_documents(command: Callable[..., None]) -> Callable[..., None]:
    """The options that decide what documents to be sent out say: of the audit and of fetching a batch."""
    options = (
        click.option("--deadline", type=Day(), help="整改通知要求的完成期限；不写则留空待填"),
        click.option("--date", "issued", type=Day(), help="核查报告和整改通知的日期；不写则不印"),
        click.option(
            "--notice-template",
            metavar="文件",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="本单位的整改通知模板（DOCX）；不写则用自带的",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Work:
    """What a process of the pool does with one file: audit it, put its outputs into staging, report without their bytes."""

    staging: Path
    forms: Sequence[str]
    year: int | None
    terms: Terms = PLAIN
    measure: Measure = PLAIN_MEASURE
    previous: Sequence[Submitted] = ()  # for each report the one of the year before; empty in the first round

    def __call__(self, index: int, submitted: Submitted) -> bytes:
        if submitted.refusal is not None:
            return handover.pack(Outcome(Settled.UNREADABLE, *submitted.refusal))
        before = self.previous[index] if self.previous else None
        outcome = audit_file(submitted.path, submitted.name, self.forms, self.year, self.terms, self.measure, before)
        try:
            staged = stage(self.staging, str(index), outcome.outputs)
        except OSError as exc:
            reason = f"{submitted.name}：核查报告写不进输出文件夹（{in_words(exc)}）；请检查磁盘空间后重新核查"
            return handover.pack(Outcome(Settled.FAILED, "OUTPUT", reason))
        return handover.pack(replace(outcome, outputs=dict.fromkeys(staged, b"")))

    def done(self, index: int, submitted: Submitted, result: bytes | Crashed) -> Done:
        """What the process said, which is not trusted: where its outputs are, we know ourselves."""
        if isinstance(result, Crashed):
            return stopped(submitted.name, result.fault, by_limit=result.by_limit), {}
        try:
            outcome = handover.unpack(result)
            staged = {form: self.staging / f"{index}.{form}" for form in self.forms if form in outcome.outputs}
        except ValueError:
            return stopped(submitted.name, "解析进程给出的结果无效", by_limit=False), {}
        return replace(outcome, outputs={}), staged


@click.command(cls=Command)
@click.argument("paths", nargs=-1, required=True, metavar="路径...", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--out",
    required=True,
    metavar="文件夹",
    type=click.Path(file_okay=False, path_type=Path),
    help="必填。核查报告放在哪里；同名文件会被新的替换",
)
@click.option("--format", "forms", type=Forms(), default="pdf,json", help=FORMS_HELP)
@about_documents
@click.option("--evidence", is_flag=True, help="核查报告附原文截图，框出问题所在（限 PDF 和图片年报；文件变大，核查变慢）")
@click.option(
    "--jobs", metavar="个数", type=click.IntRange(min=1), help="同时用几个进程；不写则与处理器核数相同。多少不影响结果"
)
@click.option("--year", metavar="年度", type=click.IntRange(1990, 2100), help="指定报告年度，不再从报告中判定")
@click.option(
    "--pack",
    "pack_name",
    metavar="规则包",
    default="national",
    help="用哪个规则包：文件夹，或自带规则包的名称；不写则为 national",
)
@click.option(
    "--waivers",
    metavar="文件",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="豁免清单（YAML）；已到期的不用，到期与否按 --date 的日期，不写则按今天",
)
@click.option(
    "--roster",
    "roster_file",
    metavar="文件",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="单位名单（agencies.csv）：认定每份报告属于哪个单位，列出未报送的单位",
)
@click.option(
    "--fail-on",
    type=click.Choice([*(severity.value for severity in LADDER), "none"]),
    default="error",
    help="有这一级或更重的问题时退出码为 1：error 错误，warning 警告，notice 提示，none 从不；不写则为 error。需人工核对的也算",
)
@expected_errors
def audit(
    paths: Sequence[Path],
    out: Path,
    forms: tuple[str, ...],
    deadline: date | None,
    issued: date | None,
    notice_template: Path | None,
    evidence: bool,
    jobs: int | None,
    year: int | None,
    pack_name: str,
    waivers: Path | None,
    roster_file: Path | None,
    fail_on: str,
) -> None:
    """核查若干份年度报告（文件、文件夹或压缩包，含下级），每份得到一份核查报告。

    退出码：0 没有问题；1 有 --fail-on 规定的问题；2 有文件没能核查（优先于 1）。
    """
    terms = Terms(issued, deadline, notice_template, evidence)
    if notice_template:
        check_template(notice_template)
    measure = _measure(pack_name, waivers, issued or datetime.now(UTC).astimezone().date())
    matcher = Matcher(read_roster(roster_file)) if roster_file is not None else None
    measure = replace(measure, matcher=matcher)
    warm_up(measure)
    with OutputFolder(out, forms) as folder:
        collected = collect(paths, folder.staging / "unpacked")
        if not collected.files:
            raise click.UsageError("给出的文件夹里没有可核查的文件", click.get_current_context())
        collected = replace(collected, files=tuple(scanning_here().sifted(collected.files)))
        load_readers(submitted.name for submitted in collected.files)
        work = Work(folder.staging, folder.forms, year, terms, measure)
        jobs = jobs or len(os.sched_getaffinity(0))
        roll = None
        lines = _publish_as_done(Pool(work, collected.files, jobs, REPORT_SECONDS), work, collected.files, folder)
        if len(lines) == len(collected.files):
            lines = _beside_last_year(work, collected.files, lines, folder, jobs)
            roll = _roll(matcher, lines)
            missing = tuple(item.words for item in roll.missing) if roll is not None else None
            folder.publish_batch(paths[0].resolve().name if len(paths) == 1 else "", collected.skipped, missing)
        folder.write_index(collected.skipped, collected.duplicates, roll)
    show.batch(show.console(), lines, collected.skipped, out, collected.duplicates, folder.rules)
    if roll is not None:
        show_roll(show.console(), roll)
    if len(lines) < len(collected.files):
        click.echo(f"已中断：{len(collected.files)} 个文件中完成 {len(lines)} 个，已完成的核查报告完好", err=True)
        sys.exit(INTERRUPTED)
    sys.exit(exit_code(lines, fail_on))


def _publish_as_done(pool: Pool[Submitted], work: Work, files: Sequence[Submitted], folder: OutputFolder) -> list[Published]:
    """Every report, published in the batch's order so that names do not depend on which was done first.

    Stopped by Ctrl-C or SIGTERM, it publishes what is done and returns fewer.
    """
    lines: list[Published] = []
    waiting: dict[int, Done] = {}

    def publish(index: int) -> None:
        outcome, staged = waiting.pop(index)
        with _undivided():
            lines.append(folder.publish(files[index].name, outcome, staged))

    try:
        with _stoppable(), show.progress(len(files), "核查") as advance, closing(pool.run()) as results:
            for index, result in results:
                waiting[index] = work.done(index, files[index], result)
                while len(lines) in waiting:
                    publish(len(lines))
                advance(len(lines) + len(waiting))
    except KeyboardInterrupt:
        for index in sorted(waiting):
            publish(index)
    return lines


@contextmanager
def _stoppable() -> Iterator[None]:
    """A service manager's stop is answered like Ctrl-C."""
    terminate = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, terminate)


@contextmanager
def _undivided() -> Iterator[None]:
    """No stop in here: a report is in the folder and in the index, or in neither."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)


def _beside_last_year(
    work: Work, files: Sequence[Submitted], lines: Sequence[Published], folder: OutputFolder, jobs: int
) -> list[Published]:
    """Audit once more, beside it, every report whose agency's report of the year before is in the batch too.

    A batch without such pairs costs nothing; what is interrupted here keeps its first, complete result.
    """
    pairs = previous_in([line.outcome for line in lines])
    found = list(lines)
    if not pairs:
        return found
    order = sorted(pairs)
    staging = work.staging / "again"  # what the first round has staged and not published is still needed
    staging.mkdir()
    again = replace(work, staging=staging, previous=tuple(files[pairs[index]] for index in order))
    pool = Pool(again, [files[index] for index in order], jobs, REPORT_SECONDS)
    try:
        with _stoppable(), show.progress(len(order), "与上年比对") as advance, closing(pool.run()) as results:
            for count, (at, result) in enumerate(results, 1):
                outcome, staged = again.done(at, files[order[at]], result)
                if outcome.state is Settled.AUDITED:
                    with _undivided():
                        found[order[at]] = folder.revise(order[at], outcome, staged)
                advance(count)
    except KeyboardInterrupt:
        click.echo("与上年报告的比对没有做完；未比对的报告按没有上年报告核查，结果完好", err=True)
    return found


def _measure(pack_name: str, waivers: Path | None, day: date) -> Measure:
    """Raises PackError. What has expired by that day is said and left out."""
    folder = find_pack(pack_name)
    written = load_waivers(waivers, load_pack(folder)) if waivers is not None else ()
    valid = tuple(waiver for waiver in written if waiver.holds_on(day))
    if len(valid) < len(written):
        click.echo(f"豁免清单中有 {len(written) - len(valid)} 条已到期，未采用", err=True)
    return Measure(folder, valid)


def _roll(matcher: Matcher | None, lines: Sequence[Published]) -> RollCall | None:
    """Who has handed in what; None without a roster."""
    if matcher is None:
        return None
    return call_roll(matcher.roster, handed_in(matcher, [(line.name, line.outcome) for line in lines]))


def exit_code(lines: Sequence[Published], fail_on: str) -> int:
    """2 if something could not be audited, else 1 if there is a finding that grave, else 0. A report 不适用 is no failure."""
    if any(line.outcome.summary is None for line in lines):
        return COULD_NOT
    grave = LADDER[: LADDER.index(Severity(fail_on)) + 1] if fail_on != "none" else ()
    worst = (line.outcome.summary.worst() for line in lines if line.outcome.summary)
    return FOUND if any(severity in grave for severity in worst) else 0
