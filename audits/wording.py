"""Say a place in plain Chinese: 第三部分申请情况表“（七）总计”行“自然人”列."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache

from audits.decision import Decided, Decision
from audits.findings import Finding
from audits.outcome import Standing
from reports_in.document import Source
from rules.editions import Edition, TemplateRow, TemplateTable, editions
from rules.verdict import Place, Severity, State

TABLES = {"disclosure": "主动公开情况表", "applications": "申请情况表", "litigation": "复议诉讼情况表"}
NUMERALS = "一二三四五六"
WHOLE = "全文"
CELL_NAME = re.compile(r"“[^”]*”行(?:“[^”]*”列)? ")  # as rules name cells, before what stands in them
SEVERITIES = {Severity.ERROR: "错误", Severity.WARNING: "警告", Severity.NOTICE: "提示"}
FORM_NAMES = {
    "pdf": "核查报告",
    "json": "数据",
    "docx": "整改通知",
    "annotated": "原文批注",
    "xlsx": "汇总表",
    "csv": "问题清单",
    "jsonl": "全部数据",
    "summary": "汇总报告",
}
STATES = {State.HOLDS: "符合", State.BROKEN: "不符", State.UNDETERMINED: "无法核验", State.NOT_APPLICABLE: "不适用"}
DECIDED = {Decided.CONFIRMED: "确认", Decided.DISMISSED: "不成立", Decided.WAIVED: "豁免", Decided.REOPENED: "撤销认定"}
PLACES = {  # where words stand that tell whose a report is
    "title": "标题",
    "body": "正文",
    "page_meta": "网页信息",
    "file_name": "文件名",
    "folder": "文件夹",
    "address_list": "地址清单",
}
BEIJING = timezone(timedelta(hours=8))  # documents tell times as they were there, whatever machine writes them
STANDINGS = {
    Standing.ERRORS: "有错误",
    Standing.WARNINGS: "有警告",
    Standing.NOTICES: "有提示",
    Standing.DOUBTFUL: "待人工核对",
    Standing.CLEAN: "未发现问题",
    Standing.NOT_APPLICABLE: "不适用",
    Standing.UNREADABLE: "读不了",
    Standing.FAILED: "核查失败",
}


def place_in_words(place: Place, edition: Edition) -> str:
    """The place as a supervisor would say it; 全文 for the report as a whole. Prose held against a table names both."""
    return _in_words(place.section, place.table, place.row, place.column, edition.id)


@lru_cache(maxsize=4096)  # the same few hundred places in every report of a batch
def _in_words(section: str | None, table_key: str | None, row: str | None, column: str | None, edition_id: str) -> str:
    edition = editions()[edition_id]
    table = edition.tables.get(table_key) if table_key else None
    if table is None:
        return _section_in_words(section, edition) or WHOLE
    words = f"{_part(table.section, edition)}{TABLES[table.key]}"
    if row is not None:
        words += f"“{row_label(table, row)}”行"
    if column is not None:
        words += f"“{column_label(table, row, column)}”列"
    prose = _section_in_words(section, edition) if section != table.section else ""
    return f"{prose}与{words}" if prose else words


def place_in_file(at: Source | None) -> str:
    """Page or line of a place, as printed after a quotation; "" if the file has neither."""
    if at is None:
        return ""
    page = f"第{at.page}页" if at.page is not None else ""
    return page + (f"第{at.line}行" if at.line is not None else "")


def quoted(quote: str) -> str:
    """A piece of evidence in quotation marks; （空白） for ""; a cell whose labels have their own marks as it is."""
    if not quote:
        return "（空白）"
    return quote if CELL_NAME.match(quote) else f"“{quote}”"


def decision_in_words(decision: Decision) -> str:
    """What was decided, why, by whom and when, in one line: 不成立；原因：原件如此（王某，2026年11月21日10:05）."""
    reason = f"；{'理由' if decision.decided is Decided.CONFIRMED else '原因'}：{decision.reason}" if decision.reason else ""
    until = f"，豁免至{day_in_words(decision.expires)}" if decision.expires else ""
    otherwise = "。认定之后该问题的内容有变化，请复核" if decision.said_otherwise else ""
    return f"{DECIDED[decision.decided]}{reason}（{decision.author}，{moment(decision.decided_at)}{until}）{otherwise}"


def decided_in_words(findings: Sequence[Finding], decisions: Mapping[str, Decision]) -> str:
    """How many were decided how: 经监督人员认定，确认3处、不成立1处，待认定2处."""
    counts = Counter(decisions[finding.id].decided if finding.id in decisions else None for finding in findings)
    told = "、".join(f"{words}{counts[decided]}处" for decided, words in DECIDED.items() if counts[decided])
    return f"经监督人员认定，{told}" + (f"，待认定{counts[None]}处" if counts[None] else "")


def moment(seconds: float) -> str:
    """Seconds since 1970 as a reader in China tells them."""
    at = datetime.fromtimestamp(seconds, BEIJING)
    return f"{day_in_words(at.date())}{at:%H:%M}"


def day_in_words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _section_in_words(key: str | None, edition: Edition) -> str:
    if key is not None and key in edition.sections:
        return f"{_part(key, edition)}“{edition.sections[key].heading}”"
    return {"preamble": "前言", "title": "标题"}.get(key or "", "")


def _part(key: str, edition: Edition) -> str:
    return f"第{NUMERALS[edition.sections[key].number - 1]}部分"


def row_label(table: TemplateTable, key: str) -> str:
    """The row's official label, from the other edition if only that has the row; the key itself if none has."""
    row = _row(table, key)
    return row.label if row else key


def column_label(table: TemplateTable, row: str | None, key: str) -> str:
    """The column's official label. Columns of the disclosure table differ from row to row; without a row the first one that has the key."""
    rows = [_row(table, row)] if row is not None else list(table.rows.values())
    columns = [column for found in rows if found is not None for column in found.columns]
    return next((column.label for column in columns if column.key == key), key)


def _row(table: TemplateTable, key: str) -> TemplateRow | None:
    tables = (table, *(edition.tables[table.key] for edition in editions().values()))
    return next((found.rows[key] for found in tables if key in found.rows), None)
