"""The audit report of one agency as a PDF that an office can send out.

Verdict and counts first; problems by severity; the three tables as read, faults marked; what was checked; what could not be
checked; appendix. Nothing is computed here and no clock is read: the same audit gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from audits.findings import Audit, Evidence, Finding
from audits.renderers.pdf_file import write
from audits.renderers.pdf_layout import BLACK, BOTTOM, LEFT, MEASURE, RIGHT, TOP, Book, Row, Run, Style
from audits.renderers.pdf_tables import GREY, INK, PALE, RULE, TINT, Mark, draw_tables, marks_of, place_in_file
from rules.editions import Edition, editions
from rules.filing import PartState
from rules.verdict import Severity, State

NAMES = {Severity.ERROR: "错误", Severity.WARNING: "警告", Severity.NOTICE: "提示"}
SYMBOLS = {Severity.ERROR: "■", Severity.WARNING: "▲", Severity.NOTICE: "○"}
NUMERALS = "一二三四五六七八九"
STATES = {State.HOLDS: "符合", State.BROKEN: "不符", State.UNDETERMINED: "无法核验", State.NOT_APPLICABLE: "不适用"}
PARTS = {PartState.PRESENT: "有", PartState.EMPTY: "有标题，无内容", PartState.ABSENT: "缺"}
RED = "0.70 0.10 0.10"
DOUBT = "0.36 0.20 0.50"

TITLE = Style(21, 30, BLACK, bold=True)
CHAPTER = Style(13.5, 22, BLACK, bold=True)
SUBHEAD = Style(11, 18, BLACK, bold=True)
BODY = Style(10.5, 17.5)
TEXT = Style(9.4, 14.6)
STRONG = Style(10.2, 15.6, BLACK, bold=True)
SMALL = Style(8.0, 12.2)
SMALL_GREY = Style(8.0, 12.2, GREY)
SMALL_BOLD = Style(8.0, 12.2, BLACK, bold=True)
FIELD = Style(8.6, 14.6, GREY)
RUNNING = Style(7.8, 10, GREY)
NUMBER_COLUMN, FIELD_COLUMN = 24.0, 50.0
WHOLE_CARD = 300.0  # a problem lower than this is not torn over two pages
SHORT_QUOTE = 16  # characters; quotes all this short share their lines


def render(audit: Audit, issued: date | None = None) -> bytes:
    """The report as PDF. ``issued`` is printed as its date; without it the report bears none."""
    book = Book()
    report = _Report(book, audit, issued)
    if audit.applicable:
        report.compose()
    else:
        report.compose_not_applicable()
    report.finish()
    return write(book, report.properties())


class _Entry(NamedTuple):
    """A line of a ledger: its cells, what the line links to, and the name by which it is linked to."""

    cells: list[tuple[str, Style]]
    link: str = ""
    anchor: str = ""


class _Report:
    def __init__(self, book: Book, audit: Audit, issued: date | None) -> None:
        self.book = book
        self.audit = audit
        self.issued = issued
        self.edition: Edition | None = editions().get(audit.filing.edition or "")
        self.agency = book.clean((audit.filing.agency.value or "").strip()) or "（报送单位名称未能识别）"
        year = audit.filing.year.value
        self.year = f"{year}年度" if year is not None else "（年度未能识别）"
        self.chapters = 0
        self.marks = marks_of(audit)
        self.section_marks = _section_marks(audit)

    def compose(self) -> None:
        self.head()
        self.verdict()
        self.problems()
        self.as_read()
        self.checked()
        self.undecided()
        self.appendix()

    def compose_not_applicable(self) -> None:
        self.head()
        self.chapter("核查结论", "verdict")
        self.say("不适用", Style(15, 26, BLACK, bold=True))
        self.say(f"{self.book.clean(self.audit.reason)}。", BODY, 21)
        self.say("本次未对该报告提出任何核验，本页不构成对报告内容的评价。", BODY, 21)
        self.appendix()

    def properties(self) -> dict[str, str]:
        return {
            "Title": f"{self.agency}{self.year}政府信息公开工作年度报告核查报告",
            "Subject": "政府信息公开工作年度报告核查",
            "Author": "核查 Hecha",
            "Creator": self.audit.engine,
            "Producer": f"{self.audit.engine} (reportlab)",
            "Keywords": f"{self.audit.pack}; sha256 {self.audit.sha256}",
        }

    # first page

    def head(self) -> None:
        book = self.book
        book.new_page()
        book.y = TOP + 6
        book.centred(LEFT, RIGHT, book.y + 18, "政府信息公开工作年度报告核查报告", TITLE)
        book.y += 34
        book.stroke([(LEFT, book.y, RIGHT, book.y)], RED, 1.8)
        book.stroke([(LEFT, book.y + 3.4, RIGHT, book.y + 3.4)], RED, 0.6)
        book.y += 16
        filing = self.audit.filing
        facts = [("报送单位", self.agency), ("报告年度", self.year)]
        if filing.title.value:
            facts.append(("报告标题", filing.title.value))
        if self.edition is not None:
            facts.append(("适用格式", f"{self.edition.document}（{self.edition.id[1:]}年版）"))
        if filing.published.value:
            facts.append(("公布日期", filing.published.value))
        facts.append(("核查文件", self.audit.name))
        facts.append(("核查依据", f"规则包 {self.audit.pack}，引擎 {self.audit.engine}"))
        if self.issued is not None:
            facts.append(("出具日期", f"{self.issued.year}年{self.issued.month}月{self.issued.day}日"))
        rows: list[Row] = []
        for name, value in facts:
            rows += self.field(name, value, LEFT, 62, TEXT)
        book.flow(rows)
        book.y += 6
        book.stroke([(LEFT, book.y, RIGHT, book.y)], RULE, 0.5)

    def verdict(self) -> None:
        audit, book = self.audit, self.book
        self.chapter("核查结论", "verdict")
        counts = {state: sum(rule.get(state, 0) for rule in audit.verdicts.values()) for state in State}
        asked = sum(counts.values())
        doubts = sum(finding.doubt is not None for finding in audit.findings)
        opening = f"对{self.agency}{self.year}政府信息公开工作年度报告，依据{len(audit.verdicts)}条规则作{asked}项核验，"
        if audit.findings:
            each = "、".join(f"{NAMES[level]}{audit.count(level)}处" for level in Severity if audit.count(level))
            found = f"发现问题{len(audit.findings)}处，其中{each}"
        else:
            found = "未发现问题"
        parts = [opening + found]
        if doubts:
            parts.append(f"有{doubts}处可能出自识读误差，已注明“人工核对”，请对照原文核实后再作结论")
        if counts[State.UNDETERMINED]:
            parts.append(f"另有{counts[State.UNDETERMINED]}项无法核验，既不计为通过，也不认定为问题")
        self.say("；".join(parts) + "。", BODY, 21)
        book.y += 8
        self.tiles(
            [(SYMBOLS[level], NAMES[level], audit.count(level), INK[level], TINT[level]) for level in Severity]
            + [("◇", "人工核对", doubts, DOUBT, "0.94 0.92 0.97"), ("—", "无法核验", counts[State.UNDETERMINED], GREY, PALE)]
        )
        if audit.findings:
            self.overview()

    def tiles(self, tiles: list[tuple[str, str, int, str, str]]) -> None:
        book, gap, height = self.book, 8.0, 50.0
        width = (MEASURE - gap * (len(tiles) - 1)) / len(tiles)
        book.need(height)
        for index, (symbol, name, count, ink, tint) in enumerate(tiles):
            x = LEFT + index * (width + gap)
            book.fill(x, book.y, width, height, tint if count else PALE)
            book.fill(x, book.y, width, 2.2, ink if count else RULE)
            colour = ink if count else GREY
            book.centred(x, x + width, book.y + 26, str(count), Style(17, 20, colour, bold=True))
            book.centred(x, x + width, book.y + 41, f"{symbol} {name}", Style(8.6, 11, colour))
        book.y += height + 12

    def overview(self) -> None:
        """Problems of the same rule and severity on one line, with their numbers."""
        groups: dict[tuple[Severity, str], list[int]] = {}
        for number, finding in enumerate(self.audit.findings, 1):
            groups.setdefault((finding.severity, finding.title), []).append(number)
        columns = ((0.0, 46.0, "程度"), (46.0, 262.0, "问题"), (308.0, 34.0, "处数"), (342.0, MEASURE - 342.0, "序号"))
        rows = []
        for (severity, title), numbers in groups.items():
            shown = _ranges(numbers)
            style = Style(SMALL.size, SMALL.leading, INK[severity])
            cells = [
                (f"{SYMBOLS[severity]} {NAMES[severity]}", style),
                (title, SMALL),
                (str(len(numbers)), SMALL),
                (shown, SMALL),
            ]
            rows.append(_Entry(cells, f"f{numbers[0]}"))
        self.ledger("问题一览", columns, rows)

    # problems

    def problems(self) -> None:
        audit, book = self.audit, self.book
        self.chapter("发现的问题", "problems")
        if not audit.findings:
            self.say("未发现问题。已核验的事项见后文“核查范围”，未能核验的事项见“无法核验的事项”。", BODY, 21)
            return
        number = ordinal = 0
        for level in Severity:
            findings = [finding for finding in audit.findings if finding.severity is level]
            if not findings:
                continue
            head = f"（{NUMERALS[ordinal]}）{SYMBOLS[level]} {NAMES[level]}（{len(findings)}处）"
            ordinal += 1
            book.space(4)
            name = f"level-{level.value}"
            style = Style(SUBHEAD.size, SUBHEAD.leading, INK[level], bold=True)
            book.bookmark(f"{NAMES[level]}（{len(findings)}处）", name, 1)
            heading = Row(22, (Run(LEFT, 14, head, style, anchor=name),), lead=True)
            for index, finding in enumerate(findings):
                number += 1
                self.problem(number, finding, heading if index == 0 else None)

    def problem(self, number: int, finding: Finding, heading: Row | None) -> None:
        book, x = self.book, LEFT + NUMBER_COLUMN
        limit = RIGHT - x
        tag = f"{NAMES[finding.severity]}　{finding.rule}"
        style = Style(FIELD.size, FIELD.leading, INK[finding.severity])
        tag_width = book.width(tag, style)
        titles = book.rows(book.clean(finding.title), STRONG, x, limit - tag_width - 12)
        first = titles[0]
        number_style = Style(STRONG.size, STRONG.leading, INK[finding.severity], bold=True)
        runs = (
            Run(LEFT, first.runs[0].down, f"{number}", number_style, anchor=f"f{number}"),
            *first.runs,
            Run(RIGHT - tag_width, first.runs[0].down, tag, style),
        )
        rows = [Row(first.height, runs, lead=True), *titles[1:]]
        rows += self.field("位置", finding.where, x, FIELD_COLUMN, TEXT, link=self.target(number, finding))
        rows += self.field("问题", finding.message, x, FIELD_COLUMN, TEXT)
        rows += self.quotes(finding.evidence, x)
        rows += self.compared(finding, x)
        rows += self.field("依据", finding.basis, x, FIELD_COLUMN, TEXT)
        rows += self.field("建议", finding.advice, x, FIELD_COLUMN, TEXT)
        if finding.doubt is not None:
            style = Style(TEXT.size, TEXT.leading, DOUBT)
            rows += self.field("◇ 人工核对", finding.doubt, x, FIELD_COLUMN + 6, style, head=DOUBT)
        if heading is not None:
            total = heading.height + sum(row.height for row in rows)
            book.need(total if total < WHOLE_CARD else heading.height + sum(row.height for row in rows[:4]))
            book.flow([heading])
        book.flow(rows, bar=INK[finding.severity], whole=WHOLE_CARD)
        book.space(11)
        book.bookmark(book.shortened(f"{number}. {book.clean(finding.title)}", BODY, 320), f"f{number}", 2)

    def target(self, number: int, finding: Finding) -> str:
        if finding.place.table is not None:
            return f"c{number}"
        return f"s-{finding.place.section}" if finding.place.section else ""

    def quotes(self, evidence: tuple[Evidence, ...], x: float) -> list[Row]:
        """The words of the report in quotation marks, each with its place; short ones share their lines."""
        quoted = [(_quoted(item.quote), place_in_file(item.at)) for item in evidence]
        texts = [f"{quote}（{place}）" if place else quote for quote, place in quoted]
        if all(len(item.quote) <= SHORT_QUOTE for item in evidence):
            texts = ["；".join(texts)] if texts else []
        rows: list[Row] = []
        for index, text in enumerate(texts):
            rows += self.field("原文" if index == 0 else "", text, x, FIELD_COLUMN, TEXT)
        return rows

    def compared(self, finding: Finding, x: float) -> list[Row]:
        """Expected and actual, on one line if they are short."""
        expected, actual = finding.expected, finding.actual
        if not expected and not actual:
            return []
        half = (RIGHT - x) / 2
        if all("\n" not in text and self.book.width(text, TEXT) < half - FIELD_COLUMN - 8 for text in (expected, actual)):
            left = self.field("应为", expected or "—", x, FIELD_COLUMN, TEXT)
            right = self.field("实为", actual or "—", x + half, FIELD_COLUMN, TEXT)
            if len(left) == len(right) == 1:
                return [Row(left[0].height, left[0].runs + right[0].runs)]
        rows = self.field("应为", expected, x, FIELD_COLUMN, TEXT) if expected else []
        return rows + (self.field("实为", actual, x, FIELD_COLUMN, TEXT) if actual else [])

    # tables and sections as read

    def as_read(self) -> None:
        assert self.edition is not None
        self.chapter("报告内容识读结果", "as-read")
        self.say("以下为系统从报告中读出的章节和数据，供对照原文复核。", SMALL_GREY)
        self.book.space(4)
        self.sections()
        draw_tables(self.book, self.audit, self.edition, self.marks)

    def sections(self) -> None:
        assert self.edition is not None
        rows = []
        for key, template in self.edition.sections.items():
            section = self.audit.filing.sections.get(key)
            state = section.state if section else PartState.ABSENT
            printed = section.heading.strip() if section and section.heading else "—"
            place = place_in_file(section.at) if section else ""
            marks = self.section_marks.get(key, [])
            numbers = "、".join(str(mark.number) for mark in marks[:8]) + ("…" if len(marks) > 8 else "")
            ink = Style(SMALL.size, SMALL.leading, INK[marks[0].severity], bold=True) if marks else SMALL
            cells = [
                (f"{NUMERALS[template.number - 1]}、{template.heading}", SMALL),
                (printed, SMALL),
                (PARTS[state], SMALL),
                (place, SMALL),
                (numbers, ink),
            ]
            rows.append(_Entry(cells, f"f{marks[0].number}" if marks else "", f"s-{key}"))
        columns = (
            (0.0, 172.0, "官方标题"),
            (172.0, 172.0, "报告中的标题"),
            (344.0, 44.0, "内容"),
            (388.0, 48.0, "位置"),
            (436.0, MEASURE - 436.0, "问题"),
        )
        self.ledger("六个部分", columns, rows)

    # what was checked, what could not be

    def checked(self) -> None:
        self.chapter("核查范围", "checked")
        audit = self.audit
        self.say(f"规则包 {self.book.clean(audit.pack)}，共{len(audit.verdicts)}条规则。各规则的核验次数如下。", SMALL_GREY)
        rows = []
        for rule, counts in audit.verdicts.items():
            numbers = [counts.get(state, 0) for state in STATES]
            cells = [(rule, SMALL), (audit.titles.get(rule, ""), SMALL)]
            for state, count in zip(STATES, numbers, strict=True):
                loud = state is State.BROKEN and count
                cells.append((str(count) if count else "·", SMALL_BOLD if loud else SMALL))
            rows.append(_Entry(cells))
        columns = (
            (0.0, 134.0, "规则"),
            (134.0, 185.0, "核验内容"),
            *((319.0 + 38.0 * index, 38.0, name) for index, name in enumerate(STATES.values())),
        )
        self.ledger("", columns, rows)

    def undecided(self) -> None:
        self.chapter("无法核验的事项", "undecided")
        items = self.audit.undecided
        if not items:
            self.say("没有无法核验的事项。", BODY, 21)
            return
        self.say("下列事项因报告中的数据缺失、空白或无法辨认而不能判断，不计为通过，也不认定为问题。", SMALL_GREY)
        groups: dict[str, dict[str, list[str]]] = {}
        for item in items:
            groups.setdefault(item.reason, {}).setdefault(f"{item.title}（{item.rule}）", []).append(item.where)
        for reason, rules in groups.items():
            total = sum(len(places) for places in rules.values())
            rows = [row._replace(lead=True) for row in self.paragraph(f"{reason}（{total}项）", STRONG, LEFT)]
            for rule, places in rules.items():
                rows += self.paragraph(f"{rule}：{'；'.join(dict.fromkeys(places))}", TEXT, LEFT + 12)
            self.book.space(5)
            self.book.flow(rows, whole=120)

    # appendix

    def appendix(self) -> None:
        audit, book = self.audit, self.book
        self.chapter("附录", "appendix", numbered=False)
        self.subhead("来源与版本")
        template = f"{self.edition.document}（{self.edition.id}）" if self.edition else "—"
        facts = [
            ("核查文件", audit.name),
            ("文件类型", audit.media_type),
            ("SHA-256", audit.sha256),
            ("官方格式", template),
            ("规则包", audit.pack),
            ("引擎", audit.engine),
        ]
        rows: list[Row] = []
        for name, value in facts:
            rows += self.field(name, value, LEFT, 62, SMALL, head_size=8.0)
        book.flow(rows, whole=200)
        self.stated()
        if audit.notes:
            self.subhead("阅读文件时的说明")
            for note in audit.notes:
                book.flow(self.paragraph(f"{note.message}（{note.code}）", SMALL, LEFT), whole=60)
        if self.edition is not None:
            self.labels(self.edition)
        if book.missing:
            self.subhead("字库外字符")
            shown = "、".join(f"〔U+{ord(char):04X}〕" for char in book.missing)
            text = f"下列字符在所附字库中没有字形或不可见，正文中以编码代替：{shown}"
            book.flow(self.paragraph(text, SMALL, LEFT))

    def stated(self) -> None:
        """Where agency, year and title were taken from, and what other places say instead."""
        filing = self.audit.filing
        rests = {
            "Title": "标题",
            "body": "正文",
            "file_name": "文件名",
            "folder": "文件夹",
            "page_meta": "网页信息",
            "given": "人工指定",
        }
        rows: list[Row] = []
        for name, fact in (("报送单位", filing.agency), ("报告年度", filing.year)):
            if fact.value is None:
                continue
            text = f"{fact.value}，取自{rests.get(fact.rests_on or '', fact.rests_on or '—')}"
            text += "".join(f"；{rests.get(place, place)}作“{value}”" for place, value in fact.others)
            rows += self.field(name, text, LEFT, 62, SMALL, head_size=8.0)
        self.book.flow(rows, whole=200)

    def labels(self, edition: Edition) -> None:
        """Rows whose printed label differs from the template's, with the score of the match."""
        rows = []
        for key, template in edition.tables.items():
            table = self.audit.filing.tables.get(key)
            for name, row in table.rows.items() if table else ():
                official = template.rows[name].label if name in template.rows else ""
                if row.present and row.label.strip() != official:
                    cells = [(official or "（另一版格式的行）", SMALL), (row.label, SMALL), (f"{row.score:.0f}", SMALL)]
                    rows.append(_Entry(cells))
        self.subhead("行名识别")
        if not rows:
            self.say("各表已读出的行，其行名与官方格式一致。", SMALL)
            return
        self.say("行名与官方格式不一致、仍按下列对应关系识读的行（相似度满分100）：", SMALL_GREY)
        columns = ((0.0, 205.0, "官方行名"), (205.0, 216.0, "报告中的行名"), (421.0, MEASURE - 421.0, "相似度"))
        self.ledger("", columns, rows)

    # the pieces that all chapters are made of

    def chapter(self, title: str, name: str, *, numbered: bool = True) -> None:
        book = self.book
        book.space(16)
        book.need(90)
        if numbered:
            title = f"{NUMERALS[self.chapters]}、{title}"
            self.chapters += 1
        book.anchor(name, book.y)
        book.bookmark(title, name, 0)
        book.text(LEFT, book.y + 15, title, CHAPTER)
        book.y += CHAPTER.leading + 3

    def subhead(self, title: str) -> None:
        book = self.book
        book.space(8)
        book.need(SUBHEAD.leading + 40)
        book.text(LEFT, book.y + 13, title, SUBHEAD)
        book.y += SUBHEAD.leading + 1

    def say(self, text: str, style: Style, indent: float = 0.0) -> None:
        self.book.flow(self.paragraph(text, style, LEFT, indent))

    def paragraph(self, text: str, style: Style, x: float, indent: float = 0.0) -> list[Row]:
        return self.book.rows(self.book.clean(text), style, x, RIGHT - x, indent)

    def field(
        self,
        name: str,
        value: str,
        x: float,
        column: float,
        style: Style,
        *,
        link: str = "",
        head: str = "",
        head_size: float = 0,
    ) -> list[Row]:
        """A name in grey and beside it the value, wrapped in a column of its own."""
        if not value:
            return []
        rows = self.book.rows(self.book.clean(value), style, x + column, RIGHT - x - column)
        first = rows[0]
        named = Style(head_size or FIELD.size, style.leading, head or FIELD.colour)
        runs = first.runs
        if link:
            runs = tuple(run._replace(link=link) for run in runs)
        rows[0] = Row(first.height, (Run(x, first.runs[0].down, name, named), *runs) if name else runs)
        return rows

    def ledger(self, title: str, columns: Sequence[tuple[float, float, str]], entries: Iterable[_Entry]) -> None:
        """A table of lines, columns given as (x, width, head); its head is printed again on every page."""
        book = self.book
        first = True
        for entry in entries:
            cells = [
                book.lines(book.clean(text), style, width - 6)
                for (text, style), (_, width, _) in zip(entry.cells, columns, strict=True)
            ]
            height = max(len(lines) for lines in cells) * SMALL.leading + 4.5
            pages = len(book.pages)
            book.need(height + (20 if title else 0) + 20 if first else height)
            if first and title:
                book.text(LEFT, book.y + 11, title, Style(10.0, 15.0, BLACK, bold=True))
                book.y += 18
            if first or len(book.pages) != pages:
                self.ledger_head(columns)
            first = False
            top = book.y
            if entry.anchor:
                book.anchor(entry.anchor, top - 40)
            if entry.link:
                book.link(LEFT, top, RIGHT, top + height, entry.link)
            for (x, _, _), lines, (_, style) in zip(columns, cells, entry.cells, strict=True):
                for index, (line, _) in enumerate(lines):
                    book.text(LEFT + x + 3, top + 11 + index * style.leading, line, style)
            book.y += height
            book.stroke([(LEFT, book.y, RIGHT, book.y)], "0.85 0.85 0.87", 0.4)
        book.space(10)

    def ledger_head(self, columns: Sequence[tuple[float, float, str]]) -> None:
        book = self.book
        book.fill(LEFT, book.y, MEASURE, 17, PALE)
        book.stroke([(LEFT, book.y, RIGHT, book.y), (LEFT, book.y + 17, RIGHT, book.y + 17)], RULE, 0.6)
        for x, _, head in columns:
            book.text(LEFT + x + 3, book.y + 11.6, head, SMALL_BOLD)
        book.y += 17

    def finish(self) -> None:
        """Running heads and page numbers, once it is known how many pages there are."""
        book = self.book
        pages = list(book.pages)
        running = book.shortened(f"{self.agency}{self.year}政府信息公开工作年度报告核查报告", RUNNING, MEASURE)
        for number, page in enumerate(pages, 1):
            book.pages = [page]
            if number > 1:
                book.text(LEFT, TOP - 26, running, RUNNING)
                book.stroke([(LEFT, TOP - 19, RIGHT, TOP - 19)], RULE, 0.4)
            book.centred(LEFT, RIGHT, BOTTOM + 30, f"第 {number} 页　共 {len(pages)} 页", RUNNING)
        book.pages = pages


def _section_marks(audit: Audit) -> dict[str, list[Mark]]:
    marks: dict[str, list[Mark]] = {}
    for number, finding in enumerate(audit.findings, 1):
        if finding.place.section is not None and finding.place.table is None:
            found = marks.setdefault(finding.place.section, [])
            found.append(Mark(number, finding.severity, not found))
    return marks


def _quoted(text: str) -> str:
    return f"“{text.strip()}”" if text.strip() else "（空白）"


def _ranges(numbers: list[int]) -> str:
    """1、3—5、9"""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][-1] == number - 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return "、".join(f"{part[0]}—{part[-1]}" if len(part) > 2 else "、".join(map(str, part)) for part in parts)
