"""The batch on a few pages, for people who would rather look than read: totals, who is worst, what is wrong most often, who could not be read."""

from __future__ import annotations

from typing import BinaryIO

from audits.batch import Batch, Group, Report
from audits.renderers.pdf_charts import DOUBTFUL, PLAIN, SURE, Bar, draw_bars
from audits.renderers.pdf_file import write
from audits.renderers.pdf_layout import LEFT, MEASURE, RIGHT, Book
from audits.renderers.pdf_pieces import (
    BODY,
    INDENT,
    NUMERALS,
    RULE,
    SMALL,
    SMALL_BOLD,
    SMALL_GREY,
    TEXT,
    Column,
    Entry,
    Words,
    chapter,
    field,
    ledger,
    masthead,
    other_tiles,
    running_heads,
    say,
    severity_tile,
    tiles,
)
from audits.wording import DECIDED, SEVERITIES, STANDINGS
from rules.verdict import Severity

HEADING = "政府信息公开工作年度报告核查汇总"
FACT_COLUMN = 62.0
WORST_BARS, WORST_LINES = 12, 200  # agencies drawn as bars, and listed; the workbook has all
RULE_BARS, GROUP_BARS = 15, 20
FILES_LISTED, NAMES_LISTED, RULES_NAMED = 300, 2_000, 24


def render(batch: Batch, out: BinaryIO) -> None:
    """The batch as a PDF of a few pages: totals, worst first, charts, what is missing."""
    summary = _Summary(batch)
    summary.head()
    summary.totals()
    summary.agencies()
    summary.problems()
    if batch.left_out or batch.not_applicable:
        summary.not_audited()
    if batch.not_submitted is not None:
        summary.not_submitted(batch.not_submitted, batch.not_known)
    summary.rules()
    running_heads(summary.book, summary.title)
    engines = "；".join(batch.packs)
    out.write(write(summary.book, {"Title": summary.title, "Subject": HEADING, "Author": "核查 Hecha", "Keywords": engines}))


class _Summary:
    def __init__(self, batch: Batch) -> None:
        self.book = Book()
        self.batch = batch
        self.title = f"{self.book.clean(batch.title)}　{HEADING}".strip()
        self.chapters = 0

    def chapter(self, title: str, name: str, follow: float = 80.0) -> None:
        self.chapters += 1
        chapter(self.book, f"{NUMERALS[self.chapters - 1]}、{title}", name, follow)

    def head(self) -> None:
        book, batch = self.book, self.batch
        masthead(book, HEADING)
        years = "、".join(group.name for group in batch.by_year)
        facts = {"批次": batch.title, "报告年度": years, "核查依据": "；".join(batch.packs)}
        for name, value in facts.items():
            book.flow(field(book, name, value, LEFT, FACT_COLUMN, TEXT))
        book.y += 6
        book.stroke([(LEFT, book.y, RIGHT, book.y)], RULE, 0.5)

    def totals(self) -> None:
        book, batch = self.book, self.batch
        self.chapter("总体情况", "totals")
        parts = [f"共收到{len(batch.reports)}个文件，核查{len(batch.audited)}份报告"]
        if batch.not_applicable:
            parts.append(f"{len(batch.not_applicable)}份不适用现行格式")
        if batch.left_out:
            parts.append(f"{len(batch.left_out)}个文件未能核查")
        if batch.not_submitted:
            parts.append(f"{len(batch.not_submitted)}个单位未报送")
        total = sum(map(batch.count, Severity))
        found = f"发现问题{total}处" if total else "未发现问题"
        if batch.decided:
            found = f"系统提出问题{sum(batch.decided.values())}处，{_decided(batch)}；以下所列为成立和待认定的问题，共{total}处"
        if batch.doubtful:
            found += f"，其中{batch.doubtful}处可能出自识读误差，须人工核对"
        if batch.undecided:
            found += f"；另有{batch.undecided}项无法核验，既不计为通过，也不认定为问题"
        say(book, f"{'，'.join(parts)}。{found}。", BODY, INDENT)
        book.y += 8
        tiles(book, [*map(severity_tile, Severity, map(batch.count, Severity)), *other_tiles(batch.doubtful, batch.undecided)])
        book.space(4)
        share = len(batch.reports) or 1
        bars = [
            Bar(STANDINGS[standing], (count,), f"{count}份（{count / share:.0%}）")
            for standing, count in batch.standings.items()
            if count
        ]
        draw_bars(book, "各份报告的结论", (PLAIN,), bars)
        say(book, "问题是否成立，由监督人员核定。结论按确定的问题判定：只有须人工核对的问题的，列为“待人工核对”。", SMALL_GREY)

    def agencies(self) -> None:
        book, batch = self.book, self.batch
        if not batch.audited:
            return
        self.chapter("问题较多的单位", "agencies", follow=160)
        worst = [report for report in batch.audited if report.digest and report.digest.standing()]
        if not worst:
            say(book, "各单位均未发现问题。", BODY, INDENT)
            return
        shades = (*SURE.values(), DOUBTFUL)
        bars = [Bar(_named(report), _lengths(report), str(sum(_lengths(report)))) for report in worst[:WORST_BARS]]
        draw_bars(book, "问题最多的单位（处）" if len(worst) > WORST_BARS else "各单位的问题（处）", shades, bars)
        score = 54 if batch.has_scores else 0
        columns = (
            Column(0, 30, "名次"),
            Column(30, 196 - score, "单位"),
            *([Column(226 - score, score, "得分")] if score else []),
            Column(226, 40, "年度"),
            Column(266, 62, "结论"),
            *(Column(328 + 30 * index, 30, name) for index, name in enumerate(SEVERITIES.values())),
            Column(418, 26, "核对"),
            Column(444, MEASURE - 444, "未核"),
        )
        entries = [
            Entry([Words(str(rank)), *_line(report, scored=batch.has_scores)])
            for rank, report in enumerate(worst[:WORST_LINES], 1)
        ]
        ledger(book, "问题由重到轻", columns, entries)
        scores = "得分：按规则包评分表自动计算，以人工核定为准。" if batch.has_scores else ""
        more = f"其余{len(worst) - WORST_LINES}个单位见汇总表。" if len(worst) > WORST_LINES else ""
        say(
            book,
            f"先比确定的错误、警告、提示，再比全部问题。核对：其中须人工核对的处数；未核：无法核验的项数。{scores}{more}",
            SMALL_GREY,
        )

    def problems(self) -> None:
        book, batch = self.book, self.batch
        fired = [rule for rule in batch.rules if rule.broken or rule.doubtful]
        if not fired:
            return
        self.chapter("问题的分布", "problems", follow=160)
        shades = (PLAIN._replace(name="确定"), DOUBTFUL._replace(name="只有须人工核对的"))
        bars = [
            Bar(
                rule.title or rule.rule,
                (rule.broken, rule.doubtful),
                f"{rule.broken + rule.doubtful}家，{rule.findings + rule.doubtful_findings}处",
            )
            for rule in fired[:RULE_BARS]
        ]
        head = f"涉及单位最多的{RULE_BARS}种问题（单位数）" if len(fired) > RULE_BARS else "各种问题涉及的单位数"
        draw_bars(book, head, shades, bars)
        if len(batch.by_year) > 1:
            self.groups("各年度每份报告的平均问题数（确定的）", batch.by_year)
        if len(batch.by_region) > 1:
            self.groups("各地区每份报告的平均问题数（确定的）", batch.by_region)

    def groups(self, title: str, groups: tuple[Group, ...]) -> None:
        bars = []
        for group in groups[:GROUP_BARS]:
            found = (group.errors, group.warnings, group.notices)
            note = f"{group.audited}份，{group.with_errors}份有错误"
            bars.append(Bar(group.name, [count / group.audited for count in found], note))
        draw_bars(self.book, title, tuple(SURE.values()), bars)
        if len(groups) > GROUP_BARS:
            say(self.book, f"其余{len(groups) - GROUP_BARS}个见汇总表。", SMALL_GREY)

    def not_audited(self) -> None:
        book, batch = self.book, self.batch
        self.chapter("未能核查的文件", "left-out")
        if batch.left_out:
            say(book, "下列文件没有核查结果，请按所列办法重新提交；不能视为没有问题。", SMALL_GREY)
        columns = (Column(0, 160, "提交的文件"), Column(160, 62, "结论"), Column(222, MEASURE - 222, "原因和办法"))
        reports = (*batch.left_out, *batch.not_applicable)
        entries = [
            Entry((Words(report.name), Words(STANDINGS[report.standing], SMALL_BOLD), Words(_reason(report))))
            for report in reports[:FILES_LISTED]
        ]
        ledger(book, "", columns, entries)
        if len(reports) > FILES_LISTED:
            say(book, f"其余{len(reports) - FILES_LISTED}个见汇总表。", SMALL_GREY)

    def not_submitted(self, agencies: tuple[str, ...], not_known: int) -> None:
        self.chapter("未报送的单位", "not-submitted")
        if not_known:
            say(self.book, f"另有{not_known}个单位的报告可能还在核查，或年度不明，不列为未报送。", BODY, INDENT)
        if not agencies:
            say(self.book, "没有能确定未报送的单位。" if not_known else "名册中的单位均已报送。", BODY, INDENT)
            return
        shown = "、".join(self.book.clean(agency, 80) for agency in agencies[:NAMES_LISTED])
        more = f"等（其余{len(agencies) - NAMES_LISTED}个见汇总表）" if len(agencies) > NAMES_LISTED else ""
        self.book.flow(self.book.rows(f"名册中下列{len(agencies)}个单位没有报告：{shown}{more}。", TEXT, LEFT, MEASURE))

    def rules(self) -> None:
        """What a rule author should look at."""
        book, batch = self.book, self.batch
        if not batch.rules:
            return
        self.chapter("规则触发情况", "rules")
        remarks: dict[str, list[str]] = {}
        for rule in batch.rules:
            remarks.setdefault(rule.remark, []).append(rule.title or rule.rule)
        say(
            book,
            f"本批共用{len(batch.rules)}条规则，其中{sum(bool(r.broken or r.doubtful) for r in batch.rules)}条发现了问题。",
            TEXT,
        )
        for remark, titles in remarks.items():
            if remark:
                names = "、".join(book.clean(title, 80) for title in titles[:RULES_NAMED])
                more = "等，见汇总表" if len(titles) > RULES_NAMED else ""
                book.flow(book.rows(f"{remark}的（{len(titles)}条）：{names}{more}。", SMALL, LEFT, MEASURE))


def _decided(batch: Batch) -> str:
    told = [f"{words}{batch.decided[how]}处" for how, words in DECIDED.items() if batch.decided.get(how)]
    still_open = batch.decided.get(None, 0)
    return f"经监督人员认定，{'、'.join(told)}" + (f"，待认定{still_open}处" if still_open else "")


def _lengths(report: Report) -> tuple[int, ...]:
    """Certain findings by severity, then the doubtful ones."""
    assert report.digest is not None
    return (*(len(report.digest.sure(level)) for level in Severity), len(report.digest.doubtful()))


def _named(report: Report) -> str:
    return f"{report.agency}（{report.year}）" if report.year else report.agency


def _line(report: Report, *, scored: bool) -> list[Words]:
    summary, digest = report.outcome.summary, report.digest
    assert summary is not None
    assert digest is not None
    counts = (summary.errors, summary.warnings, summary.notices, summary.doubtful, summary.undecided)
    return [
        Words(report.agency),
        *([Words(digest.score or "—")] if scored else []),
        Words(str(report.year or "不明")),
        Words(STANDINGS[report.standing]),
        *(Words(str(count), SMALL if count else SMALL_GREY) for count in counts),
    ]


def _reason(report: Report) -> str:
    if report.digest is not None:
        return report.digest.reason
    reason = report.outcome.reason.removeprefix(f"{report.name}：")
    return f"{reason}（{report.outcome.code}）" if report.outcome.code else reason
