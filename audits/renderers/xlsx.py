"""The batch as a workbook: overview, agencies, problems, agencies by rules, what was not audited, what could not be decided, rules.

Text is always written as text: no cell can become a formula, a link or a number. The same batch gives the same bytes.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import BinaryIO, NamedTuple

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from audits.batch import Batch, Report
from audits.decision import Decided
from audits.findings import is_doubtful
from audits.renderers.cells import PROBLEM_HEADS, clean, problem
from audits.wording import DECIDED, SEVERITIES, STANDINGS
from rules.verdict import Severity

MADE = datetime(2000, 1, 1)  # written into the file's properties: no clock is read
LONGEST = 32_000  # characters of one cell; the format's own limit is 32,767
CHART_RULES = 12
FONT = "微软雅黑"
LINE, HIGHEST = 13.5, 124.0  # points of one line of text, and of the highest row: what is longer is read in the edit line
A4_WIDTH = 240  # columns wider than this in all are too small to read on A4
A4, A3 = 9, 8  # as the format numbers paper
HASH = "SHA-256"  # nobody reads it: its column shows the beginning, on one line
FILLS = {"错误": "#F9DAD7", "警告": "#FDEFCF", "提示": "#E0EDFA", "需核对": "#EDE4F5"}
PROBLEM_WIDTHS = (6, 26, 7, 7, 9, 24, 22, 34, 44, 40, 18, 18, 44, 38, 9, 30, 12, 20, 30, 30, 8, 34)

ASIDE = ((Decided.CONFIRMED, "已确认"), (Decided.DISMISSED, "不成立"))  # beside what is waived, a column of its own

Value = str | int | float | date | None
Line = Sequence[Value]


class Look(NamedTuple):
    """The formats of the workbook."""

    title: Format
    head: Format
    turned: Format
    text: Format
    count: Format
    day: Format
    bold: Format
    hash: Format
    tints: dict[str, Format]


class Column(NamedTuple):
    head: str
    width: float


def render(batch: Batch, out: BinaryIO) -> None:
    """The batch as a workbook; its sheets in the order in which a supervisor asks."""
    with tempfile.TemporaryDirectory(prefix="hecha-xlsx-") as folder:
        # row by row through temporary files: a province's problems would not fit into memory as cells
        book = xlsxwriter.Workbook(
            out, {"constant_memory": True, "tmpdir": folder, "default_format_properties": {"font_name": FONT, "font_size": 10}}
        )
        book.set_properties({"title": f"{batch.title}年度报告核查汇总".strip(), "author": "核查 Hecha", "created": MADE})
        look = _look(book)
        _overview(book, look, batch)
        _agencies(book, look, batch)
        _problems(book, look, batch)
        _matrix(book, look, batch)
        _not_audited(book, look, batch)
        _undecided(book, look, batch)
        _waived(book, look, batch)
        _rules(book, look, batch)
        if batch.not_submitted is not None:
            _table(book, look, "未报送", (Column("序号", 8), Column("单位", 50)), enumerate(batch.not_submitted, 1))
        book.close()


def _look(book: xlsxwriter.Workbook) -> Look:
    edge = {"border": 1, "border_color": "#C9C9CE", "valign": "top"}
    head = edge | {"bold": True, "bg_color": "#E9EAEE", "valign": "vcenter", "text_wrap": True}
    return Look(
        title=book.add_format({"bold": True, "font_size": 16}),
        head=book.add_format(head),
        turned=book.add_format(head | {"rotation": 90, "valign": "bottom", "align": "center", "text_wrap": False}),
        text=book.add_format(edge | {"text_wrap": True}),
        count=book.add_format(edge | {"num_format": "0", "align": "center"}),
        day=book.add_format(edge | {"num_format": "yyyy-mm-dd", "align": "left"}),
        bold=book.add_format(edge | {"bold": True}),
        hash=book.add_format(edge),
        tints={name: book.add_format(edge | {"bg_color": colour}) for name, colour in FILLS.items()},
    )


def _overview(book: xlsxwriter.Workbook, look: Look, batch: Batch) -> None:
    sheet = book.add_worksheet("总览")
    _for_print(sheet, pages_high=1)
    sheet.set_portrait()
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 12)
    sheet.set_column(2, 2, 60)
    _text(sheet, 0, 0, f"{batch.title}　年度报告核查汇总".strip(), look.title)
    lines: list[tuple[str, int, str]] = [("提交的文件", len(batch.reports), "")]
    notes = {"不适用": "2018年度及以前的旧体例，未提出核验", "待人工核对": "发现的问题都可能出自识读误差，须对照原文"}
    lines += [
        (
            STANDINGS[standing],
            count,
            notes.get(STANDINGS[standing], "见“未核查”" if standing in ("unreadable", "failed") else ""),
        )
        for standing, count in batch.standings.items()
    ]
    lines += [
        (f"{SEVERITIES[level]}（处）", batch.count(level), f"其中须人工核对 {batch.count(level, sure=False)} 处")
        for level in Severity
    ]
    aside = {Decided.DISMISSED: "不计入上列处数", Decided.WAIVED: "不计入上列处数"}
    lines += [(f"认定：{words}（处）", batch.decided[decided], aside.get(decided, "")) for decided, words in _decided(batch)]
    if batch.decided:
        lines.append(("待认定（处）", batch.decided.get(None, 0), ""))
    lines.append(("无法核验（项）", batch.undecided, "不计为通过，也不认定为问题，见“无法核验”"))
    if batch.not_submitted is not None:
        lines.append(("未报送（单位）", len(batch.not_submitted), "见“未报送”"))
    if batch.not_known:
        lines.append(("报送情况未定（单位）", batch.not_known, "报告可能还在核查，或年度不明，不列为未报送"))
    for row, (name, count, note) in enumerate(lines, 2):
        _text(sheet, row, 0, name, look.bold)
        sheet.write_number(row, 1, count, look.count)
        _text(sheet, row, 2, note, look.text)
    row = len(lines) + 3
    _text(sheet, row, 0, "问题是否成立，由监督人员核定。" + "；".join(batch.packs))
    fired = [rule for rule in batch.rules if rule.broken or rule.doubtful][:CHART_RULES]
    if fired:
        chart = book.add_chart({"type": "bar", "subtype": "stacked"})
        for column, name, colour in ((3, "确定", "#8F2A24"), (4, "仅人工核对", "#C9B8DC")):
            chart.add_series(
                {
                    "name": name,
                    "categories": ["规则统计", 1, 1, len(fired), 1],
                    "values": ["规则统计", 1, column, len(fired), column],
                    "fill": {"color": colour},
                    "border": {"color": "#555555"},
                    "gap": 45,
                }
            )
        chart.set_title({"name": "涉及单位最多的问题（单位数）", "name_font": {"size": 12}})
        chart.set_y_axis({"reverse": True, "num_font": {"size": 9}})
        chart.set_x_axis({"major_gridlines": {"visible": True, "line": {"color": "#DDDDDD"}}, "num_format": "0", "min": 0})
        chart.set_legend({"position": "bottom"})
        chart.set_size({"width": 780, "height": 120 + 26 * len(fired)})
        sheet.insert_chart(row + 2, 0, chart)


def _decided(batch: Batch) -> list[tuple[Decided, str]]:
    return [(decided, words) for decided, words in DECIDED.items() if batch.decided.get(decided)]


def _agencies(book: xlsxwriter.Workbook, look: Look, batch: Batch) -> None:
    columns = (
        Column("单位", 34),
        Column("年度", 7),
        Column("结论", 12),
        *(Column(name, 7) for name in SEVERITIES.values()),
        Column("其中人工核对", 9),
        Column("无法核验", 9),
        Column("豁免", 7),
        *(Column(name, 8) for name in (*(words for _, words in ASIDE), "待认定")),
        Column("得分", 10),
        Column("公布日期", 12),
        Column("适用格式", 26),
        Column("提交的文件", 40),
        Column(HASH, 20),
    )

    def line(report: Report) -> Line:
        summary, digest = report.outcome.summary, report.digest
        assert summary is not None
        assert digest is not None
        decided = Counter(decision.decided for decision in digest.decisions.values())
        return (
            report.agency,
            report.year,
            STANDINGS[report.standing],
            summary.errors,
            summary.warnings,
            summary.notices,
            summary.doubtful,
            summary.undecided,
            len(digest.waived) + decided[Decided.WAIVED],
            *(decided[how] for how, _ in ASIDE),
            len(digest.findings) - decided.total(),
            digest.score,
            _day(digest.published),
            digest.template,
            report.name,
            digest.sha256,
        )

    _table(book, look, "各单位", columns, map(line, batch.audited))


def _problems(book: xlsxwriter.Workbook, look: Look, batch: Batch) -> None:
    columns = tuple(map(Column, PROBLEM_HEADS, PROBLEM_WIDTHS))
    lines = (problem(running, report, number, found) for running, (report, number, found) in enumerate(batch.findings(), 1))
    last = "认定时间" if batch.decided else "依据"  # what follows is for looking up, and would make the print too small to read
    _table(book, look, "问题清单", columns, lines, frozen=2, printed=PROBLEM_HEADS.index(last) + 1)


def _matrix(book: xlsxwriter.Workbook, look: Look, batch: Batch) -> None:
    """How often each rule was broken in each report: 2 for certain, 2? with doubt only, 2+1? both."""
    rules = [rule for rule in batch.rules if rule.broken or rule.doubtful]
    sheet = book.add_worksheet("单位×规则")
    _for_print(sheet)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 7)
    sheet.set_column(2, 1 + max(len(rules), 1), 5)
    sheet.set_row(0, 190)
    for column, head in enumerate(("单位", "年度")):
        _text(sheet, 0, column, head, look.head)
    for column, rule in enumerate(rules, 2):
        _text(sheet, 0, column, f"{rule.title}　{rule.rule}", look.turned)
    place = {rule.rule: column for column, rule in enumerate(rules, 2)}
    row = 0
    for row, report in enumerate(batch.audited, 1):
        _text(sheet, row, 0, report.agency, look.text)
        _number(sheet, row, 1, report.year, look)
        assert report.digest is not None
        found: dict[int, list[bool]] = {}
        levels: dict[int, str] = {}
        for _, finding in report.digest.standing():
            column = place[finding.rule]
            found.setdefault(column, []).append(not is_doubtful(finding, report.digest.decisions))
            levels.setdefault(column, SEVERITIES[finding.severity])
        for column in sorted(found):
            sure, doubted = found[column].count(True), found[column].count(False)
            if not doubted:
                sheet.write_number(row, column, sure, look.tints[levels[column]])
            elif sure:
                _text(sheet, row, column, f"{sure}+{doubted}?", look.tints[levels[column]])
            else:
                _text(sheet, row, column, f"{doubted}?", look.tints["需核对"])
    _text(sheet, row + 2, 0, "数字为处数，带“?”的须人工核对；底色为程度；空格为未发现。")
    sheet.freeze_panes(1, 2)
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, max(row, 1), 1 + len(rules))


def _not_audited(book: xlsxwriter.Workbook, look: Look, batch: Batch) -> None:
    columns = (
        Column("提交的文件", 44),
        Column("结论", 10),
        Column("代码", 22),
        Column("原因和办法", 80),
        Column("单位", 30),
        Column("年度", 7),
    )
    reports = (*batch.left_out, *batch.not_applicable)
    lines: list[Line] = [
        (
            report.name,
            STANDINGS[report.standing],
            report.outcome.code,
            report.outcome.reason or (report.digest.reason if report.digest else ""),
            report.agency if report.digest else "",
            report.year,
        )
        for report in reports
    ]
    lines += [(name, "跳过", "", "隐藏文件、锁文件、系统文件、临时文件或链接，不是报告", "", None) for name in batch.skipped]
    _table(book, look, "未核查", columns, lines)


def _undecided(book: xlsxwriter.Workbook, look: Look, batch: Batch) -> None:
    columns = (
        Column("单位", 30),
        Column("年度", 7),
        Column("规则", 26),
        Column("核验内容", 26),
        Column("位置", 44),
        Column("原因", 60),
    )
    lines = (
        (report.agency, report.year, item.rule, item.title, item.where, item.reason)
        for report in batch.audited
        if report.digest
        for item in report.digest.undecided
    )
    _table(book, look, "无法核验", columns, lines, frozen=2)


def _waived(book: xlsxwriter.Workbook, look: Look, batch: Batch) -> None:
    """Only if there is any: most offices waive nothing."""
    lines: list[Line] = [
        (
            report.agency,
            report.year,
            item.finding.rule,
            item.finding.title,
            item.finding.where,
            item.reason,
            item.owner,
            item.expires,
        )
        for report in batch.audited
        if report.digest
        for item in report.digest.waived
    ]
    if lines:
        heads = ("单位", "年度", "规则", "问题", "位置", "豁免理由", "豁免人", "到期")
        _table(book, look, "已豁免", tuple(map(Column, heads, (30, 7, 26, 26, 44, 50, 16, 12))), lines, frozen=2)


def _rules(book: xlsxwriter.Workbook, look: Look, batch: Batch) -> None:
    heads = (
        "规则",
        "核验内容",
        "程度",
        "确定有问题的单位",
        "仅人工核对的单位",
        "确定（处）",
        "人工核对（处）",
        "认定不成立或豁免（处）",
        "有结论的单位",
        "无法核验的单位",
        "不适用的单位",
        "触发率",
        "留意",
    )
    widths = (26, 30, 7, 11, 11, 9, 9, 11, 9, 9, 9, 9, 30)
    lines = (
        (
            rule.rule,
            rule.title,
            SEVERITIES[rule.severity] if rule.severity else "",
            rule.broken,
            rule.doubtful,
            rule.findings,
            rule.doubtful_findings,
            rule.set_aside,
            rule.answered,
            rule.undetermined,
            rule.not_applicable,
            f"{(rule.broken + rule.doubtful) / rule.answered:.0%}" if rule.answered else "—",
            rule.remark,
        )
        for rule in batch.rules
    )
    _table(book, look, "规则统计", tuple(map(Column, heads, widths)), lines, frozen=2)


def _table(
    book: xlsxwriter.Workbook,
    look: Look,
    name: str,
    columns: Sequence[Column],
    lines: Iterable[Line],
    *,
    frozen: int = 1,
    printed: int | None = None,
) -> None:
    """A sheet with one table: its head frozen and printed on every page, a filter on it. printed: only so many columns."""
    sheet = book.add_worksheet(name)
    _for_print(sheet, A3 if sum(column.width for column in columns[:printed]) > A4_WIDTH else A4)
    sheet.set_row(0, _height([column.head + "　" for column in columns], columns) + 4)
    for index, column in enumerate(columns):
        sheet.set_column(index, index, column.width)
        _text(sheet, 0, index, column.head, look.head)
    row = 0
    for row, line in enumerate(lines, 1):
        sheet.set_row(row, _height(line, columns))
        for index, value in enumerate(line):
            if isinstance(value, date):
                sheet.write_datetime(row, index, datetime(value.year, value.month, value.day), look.day)
            elif isinstance(value, str):
                _text(sheet, row, index, value, look.hash if columns[index].head == HASH else look.tints.get(value, look.text))
            else:
                _number(sheet, row, index, value, look)
    sheet.freeze_panes(1, frozen)
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, max(row, 1), len(columns) - 1)
    if printed is not None:
        sheet.print_area(0, 0, max(row, 1), printed - 1)


def _height(line: Line, columns: Sequence[Column]) -> float:
    """Points that the line needs with its texts wrapped: programs differ in whether they work it out themselves."""
    lines = 1
    for value, column in zip(line, columns, strict=True):
        if isinstance(value, str) and column.head != HASH:
            room = max(column.width - 1, 2)
            lines = max(lines, sum(1 + int((_columns(part) - 0.01) // room) for part in value.split("\n")))
    return min(4 + LINE * lines, HIGHEST)


def _columns(text: str) -> float:
    """How wide the text is in units of a sheet's column widths: a Chinese character is a little wider than two digits."""
    return sum(1.0 if char < "\u2000" else 1.9 for char in text)


def _for_print(sheet: Worksheet, paper: int = A4, pages_high: int = 0) -> None:
    sheet.set_landscape()
    sheet.set_paper(paper)
    sheet.fit_to_pages(1, pages_high)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer("&L&A&R第 &P 页　共 &N 页")


def _text(sheet: Worksheet, row: int, column: int, text: str, look: Format | None = None) -> None:
    """Text as text, whatever it begins with."""
    whole = clean(text)
    if not whole:
        sheet.write_blank(row, column, None, look)
        return
    sheet.write_string(row, column, whole if len(whole) <= LONGEST else f"{whole[:LONGEST]}…（共 {len(whole)} 字）", look)


def _number(sheet: Worksheet, row: int, column: int, value: float | None, look: Look) -> None:
    if value is None:
        sheet.write_blank(row, column, None, look.count)
    else:
        sheet.write_number(row, column, value, look.count)


def _day(text: str | None) -> date | str:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return text or ""
