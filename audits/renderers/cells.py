"""What a problem, a report and so on say in the cells of a table, the same for workbook and CSV."""

from __future__ import annotations

import re

from audits.batch import Report
from audits.findings import Finding, is_doubtful
from audits.wording import DECIDED, SEVERITIES, moment, place_in_file, quoted

Value = str | int | None
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# A cell beginning like this is a formula to some program (ASVS 1.2.10); the full-width signs to Chinese and Japanese ones.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
PROBLEM_HEADS = (
    "序号",
    "单位",
    "年度",
    "程度",
    "人工核对",
    "规则",
    "问题",
    "位置",
    "说明",
    "原文",
    "应为",
    "实为",
    "建议",
    "依据",
    "认定",
    "认定理由",
    "认定人",
    "认定时间",
    "核对原因",
    "文件",
    "报告内序号",
    "问题编号",
)


def clean(text: str) -> str:
    """Without what XML cannot hold; the character is named in its place."""
    return UNPRINTABLE.sub(lambda found: f"〔U+{ord(found[0]):04X}〕", text.replace("\r\n", "\n"))


def safe_for_csv(value: Value) -> Value:
    """Text that no program takes for a formula: an apostrophe stands before one that could be."""
    if not isinstance(value, str):
        return value
    text = clean(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def problem(running: int, report: Report, number: int, finding: Finding) -> tuple[Value, ...]:
    """One problem, by PROBLEM_HEADS."""
    return (
        running,
        report.agency,
        report.year,
        SEVERITIES[finding.severity],
        "需核对" if report.digest and is_doubtful(finding, report.digest.decisions) else "",
        finding.rule,
        finding.title,
        finding.where,
        finding.message,
        quotes(finding),
        finding.expected,
        finding.actual,
        finding.advice,
        finding.basis,
        *_decision(report, finding),
        finding.doubt or "",
        report.name,
        number,
        finding.id,
    )


def _decision(report: Report, finding: Finding) -> tuple[Value, ...]:
    decision = report.digest.decisions.get(finding.id) if report.digest else None
    if decision is None:
        return ("", "", "", "")
    until = f"（至{decision.expires.isoformat()}）" if decision.expires else ""
    changed = "（认定之后内容有变化，请复核）" if decision.said_otherwise else ""
    return (DECIDED[decision.decided], decision.reason + until + changed, decision.author, moment(decision.decided_at))


def quotes(finding: Finding, most: int | None = None) -> str:
    """The words of the report, each in quotation marks with its page or line; of more than ``most`` the first ones and the last."""
    shown = []
    for item in finding.evidence:
        place = place_in_file(item.at)
        quote = quoted(item.quote.strip())
        if place or item.quote.strip():
            shown.append(f"{quote}（{place}）" if place else quote)
    if most is not None and len(shown) > most:
        return "；".join((*shown[: most - 1], "……", shown[-1])) + f"，共{len(shown)}处，见核查报告"
    return "；".join(shown)
