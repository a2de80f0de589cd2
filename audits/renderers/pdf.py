"""The audit report of one agency as a PDF that an office can send out.

Verdict and counts first; problems by severity; the three tables as read, faults marked; what was checked; what could not be
checked; appendix. Nothing is computed here and no clock is read: the same audit gives the same bytes.
"""

from __future__ import annotations

import unicodedata
from datetime import date
from itertools import takewhile

from audits.decision import Decided
from audits.findings import Audit, is_doubtful
from audits.matching import Match, MatchState
from audits.renderers.evidence import Pages, pages_of
from audits.renderers.pdf_file import write
from audits.renderers.pdf_layout import BLACK, LEFT, MEASURE, RIGHT, Book, Row, Style
from audits.renderers.pdf_pieces import (
    BODY,
    INDENT,
    INK,
    NUMERALS,
    RULE,
    SMALL,
    SMALL_BOLD,
    SMALL_GREY,
    STRONG,
    SYMBOLS,
    TEXT,
    Column,
    Entry,
    Words,
    chapter,
    field,
    ledger,
    masthead,
    number_ranges,
    other_tiles,
    paragraph,
    running_heads,
    say,
    severity_tile,
    subhead,
    tiles,
)
from audits.renderers.pdf_problems import draw_problems
from audits.renderers.pdf_reasons import draw_score, draw_set_aside, draw_waived
from audits.renderers.pdf_tables import Mark, draw_tables, marks_of
from audits.renderers.terms import PLAIN, Terms
from audits.wording import SEVERITIES, STATES, WHOLE, decided_in_words, place_in_file
from rules.editions import Edition, editions
from rules.filing import PartState, Stated
from rules.verdict import Severity, State

HEADING = "政府信息公开工作年度报告核查报告"
PARTS = {PartState.PRESENT: "有", PartState.EMPTY: "无内容", PartState.ABSENT: "缺"}
RESTS_ON = {
    "title": "标题",
    "body": "正文",
    "file_name": "文件名",
    "folder": "文件夹名",
    "page_meta": "网页信息",
    "given": "人工指定",
}
FACT_COLUMN = 62.0
GRID = 3  # rules on one line of the grid of those that hold
SHORT_AGENCY = 60  # characters of an agency's name in running text; the first page has it whole


def render(audit: Audit, terms: Terms = PLAIN, source: bytes | None = None) -> bytes:
    """The report as PDF; if the terms ask for it and the source is a PDF, with pieces of its pages."""
    edition = editions().get(audit.filing.edition or "")
    report = _Report(audit, terms.issued)
    pages = pages_of(source, audit.notes) if terms.evidence else None
    report.head(edition)
    if edition is not None and audit.applicable:
        report.compose(edition, pages)
    else:
        report.refuse()
    report.appendix(edition)
    running_heads(report.book, f"{report.agency}{report.year}{HEADING}")
    return write(report.book, report.properties())


class _Report:
    def __init__(self, audit: Audit, issued: date | None) -> None:
        self.book = Book()
        self.audit = audit
        self.issued = issued
        self.agency = self.book.clean(" ".join((audit.filing.agency.value or "").split())) or "（报送单位名称未能识别）"
        year = audit.filing.year.value
        self.year = f"{year}年度" if year is not None else "（年度未能识别）"
        self.chapters = 0

    def compose(self, edition: Edition, pages: Pages | None) -> None:
        self.verdict()
        draw_problems(self.book, self.audit, edition, self.numbered("发现的问题"), "problems", pages)
        if self.audit.set_aside():
            draw_set_aside(self.book, self.audit, self.numbered("认定为不成立或豁免的问题"))
        if self.audit.waived:
            draw_waived(self.book, self.audit, self.numbered("已豁免的事项"))
        self.as_read(edition)
        self.checked()
        self.undecided()

    def refuse(self) -> None:
        self.chapter("核查结论", "verdict")
        say(self.book, "不适用", Style(15, 26, BLACK, bold=True))
        say(self.book, f"{self.audit.reason}。", BODY, INDENT)
        say(self.book, "本次未对该报告提出任何核验，本页不构成对报告内容的评价。", BODY, INDENT)

    def chapter(self, title: str, name: str, follow: float = 60.0) -> None:
        chapter(self.book, self.numbered(title), name, follow)

    def numbered(self, title: str) -> str:
        self.chapters += 1
        return f"{NUMERALS[self.chapters - 1]}、{title}"

    def properties(self) -> dict[str, str]:
        return {
            "Title": f"{self.agency}{self.year}{HEADING}",
            "Subject": "政府信息公开工作年度报告核查",
            "Author": "核查 Hecha",
            "Creator": self.audit.engine,
            "Producer": f"{self.audit.engine} (reportlab)",
            "Keywords": f"{self.audit.pack}; sha256 {self.audit.sha256}",
        }

    # first page

    def head(self, edition: Edition | None) -> None:
        book, filing = self.book, self.audit.filing
        masthead(book, HEADING)
        issued = self.issued
        facts = {
            "报送单位": self.agency,
            "报告年度": self.year,
            "报告标题": filing.title.value or "",
            "适用格式": f"{edition.document}（{edition.id[1:]}年版）" if edition else "",
            "公布日期": filing.published.value or "",
            "核查文件": self.audit.name,
            "核查依据": f"规则包 {self.audit.pack}，引擎 {self.audit.engine}",
            "出具日期": f"{issued.year}年{issued.month}月{issued.day}日" if issued else "",
        }
        book.flow(self.facts(facts, TEXT))
        book.y += 6
        book.stroke([(LEFT, book.y, RIGHT, book.y)], RULE, 0.5)

    def facts(self, facts: dict[str, str], style: Style) -> list[Row]:
        return [row for name, value in facts.items() for row in field(self.book, name, value, LEFT, FACT_COLUMN, style)]

    def verdict(self) -> None:
        audit = self.audit
        self.chapter("核查结论", "verdict")
        counts = {state: sum(rule.get(state, 0) for rule in audit.verdicts.values()) for state in State}
        standing = [finding for _, finding in audit.standing()]
        doubts = sum(is_doubtful(finding, audit.decisions) for finding in standing)
        agency = self.agency if len(self.agency) <= SHORT_AGENCY else f"{self.agency[:SHORT_AGENCY]}…"
        asked = (
            f"对{agency}{self.year}政府信息公开工作年度报告，依据{len(audit.verdicts)}条规则作{sum(counts.values())}项核验，"
        )
        each = "、".join(f"{SEVERITIES[level]}{audit.count(level)}处" for level in Severity if audit.count(level))
        if audit.decisions:
            parts = [f"{asked}系统提出问题{len(audit.findings)}处；{decided_in_words(audit.findings, audit.decisions)}"]
            parts.append(f"以下列出成立和待认定的问题{len(standing)}处，其中{each}" if standing else "没有成立或待认定的问题")
        elif standing:
            parts = [f"{asked}发现问题{len(standing)}处，其中{each}"]
        else:
            parts = [f"{asked}未发现问题"]
        if doubts:
            parts.append(f"有{doubts}处可能出自识读误差，已注明“人工核对”，请对照原文核实后再作结论")
        if counts[State.UNDETERMINED]:
            parts.append(f"另有{counts[State.UNDETERMINED]}项无法核验，既不计为通过，也不认定为问题")
        if audit.waived:
            parts.append(f"另有{len(audit.waived)}处已豁免，单独列出，不计入上述问题")
        say(self.book, "；".join(parts) + "。", BODY, INDENT)
        self.book.y += 8
        tiles(
            self.book,
            [*map(severity_tile, Severity, map(audit.count, Severity)), *other_tiles(doubts, counts[State.UNDETERMINED])],
        )
        if standing:
            self.overview()
        draw_score(self.book, audit)
        say(self.book, f"本报告由系统依据规则自动核查生成，{_settled(audit)}。", SMALL_GREY)

    def overview(self) -> None:
        """Problems of the same rule and severity on one line, with their numbers."""
        groups: dict[tuple[Severity, str], list[int]] = {}
        for number, finding in self.audit.standing():
            groups.setdefault((finding.severity, finding.title), []).append(number)
        columns = (Column(0, 46, "程度"), Column(46, 190, "问题"), Column(236, 34, "处数"), Column(270, MEASURE - 270, "序号"))
        entries: list[Entry] = []
        for (level, title), numbers in groups.items():
            name = Words(f"{SYMBOLS[level]} {SEVERITIES[level]}", SMALL._replace(colour=INK[level]))
            cells = (name, Words(title), Words(str(len(numbers))), Words(number_ranges(numbers)))
            entries.append(Entry(cells, f"f{numbers[0]}"))
        ledger(self.book, "问题一览", columns, entries)

    # tables and sections as read

    def as_read(self, edition: Edition) -> None:
        self.chapter("报告内容识读结果", "as-read", follow=190)
        say(self.book, "以下为系统从报告中读出的章节和数据，供对照原文复核。", SMALL_GREY)
        self.book.space(4)
        self.sections(edition)
        draw_tables(self.book, self.audit, edition, marks_of(self.audit))

    def sections(self, edition: Edition) -> None:
        marks = _section_marks(self.audit)
        columns = (
            Column(0, 160, "官方标题"),
            Column(160, 158, "报告中的标题"),
            Column(318, 38, "内容"),
            Column(356, 48, "位置"),
            Column(404, MEASURE - 404, "问题序号"),
        )
        entries = []
        for key, template in edition.sections.items():
            section = self.audit.filing.sections.get(key)
            found = marks.get(key, [])
            official = f"{NUMERALS[template.number - 1]}、{template.heading}"
            printed = section.heading.strip() if section else ""
            faulted = bool(printed) and any(
                printed in item.quote for mark in found for item in self.audit.findings[mark.number - 1].evidence
            )
            ink = SMALL_BOLD._replace(colour=INK[found[0].severity]) if found else SMALL
            cells = (
                Words(official),
                Words(printed or "—", official=official if faulted else ""),
                Words(PARTS[section.state if section else PartState.ABSENT]),
                Words(place_in_file(section.at if section else None)),
                Words(number_ranges([mark.number for mark in found]), ink),
            )
            entries.append(Entry(cells, f"f{found[0].number}" if found else "", f"s-{key}"))
        ledger(self.book, "六个部分", columns, entries)

    # what was checked, what could not be

    def checked(self) -> None:
        """Rules with something broken or undecided one by one, those that hold in a grid, those that do not apply in a sentence."""
        audit = self.audit
        unused = [rule for rule, counts in audit.verdicts.items() if set(counts) <= {State.NOT_APPLICABLE}]
        loud = [rule for rule, counts in audit.verdicts.items() if counts.get(State.BROKEN) or counts.get(State.UNDETERMINED)]
        quiet = [rule for rule in audit.verdicts if rule not in unused and rule not in loud]
        self.chapter("核查范围", "checked", follow=110)
        parts = ((loud, "有不符或无法核验的事项"), (quiet, "全部符合"), (unused, "不适用于本报告"))
        aside = "下列项数为系统核查时的，含认定为不成立或豁免的。" if audit.set_aside() else ""
        told = "，".join(f"{len(rules)}条{words}" for rules, words in parts if rules)
        say(self.book, f"规则包 {audit.pack}，共{len(audit.verdicts)}条规则，其中{told}。{aside}", SMALL_GREY)
        self.book.space(4)
        if loud:
            self.loud_rules(loud)
        if quiet:
            self.quiet_rules(quiet)
        if unused:
            names = "、".join(self.book.clean(audit.titles.get(rule, rule)) for rule in unused)
            self.book.flow(self.book.rows(f"不适用于本报告的规则（{len(unused)}条）：{names}。", SMALL, LEFT, MEASURE))

    def loud_rules(self, rules: list[str]) -> None:
        columns = (
            Column(0, 155, "核验内容"),
            Column(155, 164, "规则"),
            *(Column(319 + 38 * index, 38, name) for index, name in enumerate(STATES.values())),
        )
        entries = []
        for rule in rules:
            cells = [Words(self.audit.titles.get(rule, "")), Words(rule)]
            for state in STATES:
                count = self.audit.verdicts[rule].get(state, 0)
                style = SMALL_BOLD if state is State.BROKEN else SMALL
                cells.append(Words(str(count), style if count else SMALL_GREY))
            entries.append(Entry(cells))
        ledger(self.book, "有不符或无法核验的规则（项数）", columns, entries)

    def quiet_rules(self, rules: list[str]) -> None:
        names = [f"{self.audit.titles.get(rule, rule)}（{self.audit.verdicts[rule].get(State.HOLDS, 0)}项）" for rule in rules]
        names += [""] * (-len(names) % GRID)
        width = MEASURE / GRID
        columns = [Column(index * width, width, "核验内容") for index in range(GRID)]
        entries = [Entry([Words(name) for name in names[start : start + GRID]]) for start in range(0, len(names), GRID)]
        ledger(self.book, "经核验未发现下列问题（括号内为核验项数）", columns, entries)

    def undecided(self) -> None:
        book, items = self.book, self.audit.undecided
        self.chapter("无法核验的事项", "undecided")
        if not items:
            say(book, "没有无法核验的事项。", BODY, INDENT)
            return
        say(book, "下列事项因报告中的数据缺失、空白或无法辨认而不能判断，不计为通过，也不认定为问题。", SMALL_GREY)
        groups: dict[str, dict[str, list[str]]] = {}
        for item in items:
            groups.setdefault(item.reason, {}).setdefault(f"{item.title}（{item.rule}）", []).append(item.where)
        for reason, rules in groups.items():
            total = sum(len(places) for places in rules.values())
            rows = [row._replace(lead=True) for row in paragraph(book, f"{reason}（{total}项）", STRONG, LEFT)]
            whole = [
                rule for rule, places in rules.items() if set(places) == {WHOLE}
            ]  # of the report: one line for all of them
            if whole:
                rows += book.rows("、".join(whole), TEXT, LEFT + 12, MEASURE - 12)
            for rule, places in rules.items():
                if rule not in whole:
                    rows += book.rows(f"{rule}：{_places_in_words(places, book)}", TEXT, LEFT + 12, MEASURE - 12)
            book.space(5)
            book.flow(rows, whole=120)

    # appendix

    def appendix(self, edition: Edition | None) -> None:
        audit, book = self.audit, self.book
        chapter(book, "附录", "appendix", follow=160)
        subhead(book, "来源与版本")
        facts = {
            "核查文件": audit.name,
            "文件类型": audit.media_type,
            "SHA-256": audit.sha256,
            "官方格式": f"{edition.document}（{edition.id}）" if edition else "—",
            "规则包": audit.pack,
            "引擎": audit.engine,
            "报告标题": _origin(audit.filing.title) if audit.filing.title.others else "",
            "报送单位": _origin(audit.filing.agency),
            "单位名单": _by_roster(audit.match),
            "报告年度": _origin(audit.filing.year),
            "公布日期": _origin(audit.filing.published),
        }
        book.flow(self.facts(facts, SMALL), whole=200)
        if audit.notes:
            subhead(book, "阅读文件时的说明")
            for note in audit.notes:
                book.flow(paragraph(book, f"{note.message}（{note.code}）", SMALL, LEFT), whole=60)
        if edition is not None:
            self.labels(edition)
        if book.missing:
            subhead(book, "字库外字符")
            shown = "、".join(f"〔U+{ord(char):04X}〕" for char in book.missing)
            book.flow(book.rows(f"下列字符在所附字库中没有字形或不可见，文中以编码代替：{shown}", SMALL, LEFT, MEASURE))

    def labels(self, edition: Edition) -> None:
        """Row labels and column heads whose characters are not the template's, with the score of the match."""
        entries: dict[tuple[str, str], Entry] = {}
        for key, template in edition.tables.items():
            table = self.audit.filing.tables.get(key)
            if table is None:
                continue
            official = {name: row.label for name, row in template.rows.items()}
            pairs = [(official.get(row.key, ""), row.label, row.score) for row in table.rows.values() if row.present]
            pairs += [(header.expected, header.printed, header.score) for header in table.headers if header.present]
            pairs += [("", row.label, 0.0) for row in table.extra]
            for expected, printed, score in pairs:
                if _folded(printed) != _folded(expected):
                    match = f"{score:.0f}" if expected else "—"
                    cells = (Words(expected or "（官方格式没有此行）"), Words(printed.strip()), Words(match))
                    entries.setdefault((expected, printed), Entry(cells))
        subhead(self.book, "行名与列名的识别")
        if not entries:
            say(self.book, "各表已读出的行名、列名与官方格式一致（不计空格和全角、半角）。", SMALL)
            return
        text = "下列行名、列名与官方格式的文字不一致（不计空格和全角、半角），按所列对应关系识读，相似度满分为100。"
        say(self.book, text, SMALL_GREY)
        columns = (Column(0, 208, "官方格式"), Column(208, 213, "报告"), Column(421, MEASURE - 421, "相似度"))
        ledger(self.book, "", columns, list(entries.values()))


def _settled(audit: Audit) -> str:
    """Who answers for the problems listed."""
    standing = [audit.decisions.get(finding.id) for _, finding in audit.standing()]
    if audit.decisions and all(found is not None and found.decided is Decided.CONFIRMED for found in standing):
        return "所列问题均经监督人员认定"
    return "未经认定的问题是否成立，由监督人员核定" if audit.decisions else "问题是否成立，由监督人员核定"


def _folded(label: str) -> str:
    return "".join(unicodedata.normalize("NFKC", label).split())


def _section_marks(audit: Audit) -> dict[str, list[Mark]]:
    marks: dict[str, list[Mark]] = {}
    for number, finding in audit.standing():
        table = audit.filing.tables.get(finding.place.table or "")
        if finding.place.section is not None and (table is None or finding.place.section != table.key):
            found = marks.setdefault(finding.place.section, [])
            found.append(Mark(number, finding.severity, not found))
    return marks


def _places_in_words(places: list[str], book: Book) -> str:
    """The places in one sentence, what they all begin with said once."""
    unique = [book.clean(place) for place in dict.fromkeys(places)]
    alike = takewhile(lambda chars: len(set(chars)) == 1, zip(*unique, strict=False))
    shared = "".join(chars[0] for chars in alike) if len(unique) > 1 else ""
    shared = shared[: shared.rfind("“")] if "“" in shared else ""
    listed = "、".join(place[len(shared) :] for place in unique)
    return f"{shared}{listed}"


def _by_roster(match: Match | None) -> str:
    """Whose report it is by the roster, and by what."""
    if match is None:
        return ""
    rests_on = "、".join(f"{RESTS_ON.get(place, place)}“{words}”" for place, words in match.rests_on)
    by = f"，依据{rests_on}" if rests_on else ""
    if match.state is MatchState.ASSIGNED and match.agency is not None:
        return f"{match.agency.name}（{match.agency.code}），经人工认定"
    if match.agency is not None:
        return f"{match.agency.name}（{match.agency.code}）{by}"
    if match.state is MatchState.OUTSIDE:
        return match.reason
    named = "、".join(f"{one.name}（{one.code}）" for one in match.candidates)
    return f"{match.reason}{f'；可能是{named}' if named else ''}{by}"


def _origin(fact: Stated[str] | Stated[int]) -> str:
    """Where agency or year were taken from, and what other places say instead."""
    if not fact.value:
        return ""
    others = "".join(f"；{RESTS_ON.get(place, place)}作“{value}”" for place, value in fact.others)
    return f"{fact.value}，取自{RESTS_ON.get(fact.rests_on or '', fact.rests_on or '—')}{others}"
