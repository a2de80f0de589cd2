"""What the PDF says beside the problems: which cell may be wrong where sums are broken, what is waived, and the score."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from audits.findings import Audit, Deduction, Finding
from audits.renderers.pdf_layout import LEFT, Book, Row
from audits.renderers.pdf_pieces import BODY, INDENT, SMALL_GREY, STRONG, TEXT, chapter, field, paragraph, say, subhead
from audits.wording import decision_in_words

MOST_SHOWN = 8  # repairs of one fault in print; the JSON has them all
FIELD_COLUMN = 52.0


def likely_causes(audit: Audit, finding: Finding) -> list[str]:
    """The lines beside the first finding of a fault: every smallest change that mends it; beside the others, where they stand."""
    for explanation in audit.explanations:
        if finding.id not in explanation.findings:
            continue
        numbers = [number for number, other in audit.standing() if other.id in explanation.findings]
        if audit.findings[numbers[0] - 1].id != finding.id:
            return [f"见第{numbers[0]}项，系同一处差错"]
        if not explanation.repairs:
            return [explanation.reason]
        several = len(explanation.repairs) > 1
        lines = []
        for number, repair in enumerate(explanation.repairs[:MOST_SHOWN], 1):
            support = f"［{'；'.join(repair.support)}］" if repair.support else ""
            lines.append(f"（{number}）{repair.words}{support}" if several else f"{repair.words}{support}")
        lines[0] = f"{explanation.where}：{lines[0]}"
        if len(explanation.repairs) > MOST_SHOWN:
            lines.append(f"另有{len(explanation.repairs) - MOST_SHOWN}种可能，见数据文件")
        if several:
            lines.append(f"以上{len(explanation.repairs)}种改动格数相同，由填报单位核对台账后确定")
        return lines
    return []


def draw_causes(book: Book, lines: Sequence[str], x: float) -> list[Row]:
    """Which cell may be wrong: a hint, not a finding."""
    rows: list[Row] = []
    for index, line in enumerate(lines):
        rows += field(book, "" if index else "可能原因", line, x, FIELD_COLUMN, TEXT)
    return rows


def draw_waived(book: Book, audit: Audit, title: str) -> None:
    """The chapter of what has been waived: counted apart, never hidden."""
    chapter(book, title, "waived", follow=150)
    say(book, "下列事项由主管单位予以豁免，不计入上述问题。", SMALL_GREY)
    for number, waived in enumerate(audit.waived, 1):
        finding = waived.finding
        rows = [
            row._replace(lead=True) for row in paragraph(book, f"{number}. {finding.title}（{finding.rule}）", STRONG, LEFT)
        ]
        said = {
            "位置": finding.where,
            "问题": finding.message,
            "豁免理由": waived.reason,
            "责任人": waived.owner,
            "有效期至": waived.expires,
        }
        for name, value in said.items():
            rows += field(book, name, value, LEFT + 12, FIELD_COLUMN, TEXT)
        book.space(5)
        book.flow(rows, whole=200)


def draw_set_aside(book: Book, audit: Audit, title: str) -> None:
    """The chapter of what a decision has taken out of the problems: under its number, with who decided and why."""
    chapter(book, title, "set-aside", follow=130)
    say(book, "下列事项经监督人员认定为不成立或予以豁免，不计入上述问题；序号与核查时一致。", SMALL_GREY)
    for number, finding in audit.set_aside():
        heading = paragraph(book, f"{number}. {finding.title}（{finding.rule}）", STRONG, LEFT)
        rows = [row._replace(lead=True) for row in heading]
        decision = audit.decisions[finding.id]
        for name, value in {"位置": finding.where, "问题": finding.message, "认定": decision_in_words(decision)}.items():
            rows += field(book, name, value, LEFT + 12, FIELD_COLUMN, TEXT)
        book.space(5)
        book.flow(rows, whole=200)


def draw_score(book: Book, audit: Audit) -> None:
    """The score by the pack's sheet; nothing without one."""
    score = audit.score
    if score is None:
        return
    subhead(book, "考核评分")
    if score.total is None:
        words = f"按规则包评分表，自动扣{_points(score.lost)}分（评分表未定满分，只计扣分）。"
    else:
        words = f"按规则包评分表，满分{_points(score.full or Decimal(0))}分，自动扣{_points(score.lost)}分，得{_points(score.total)}分。"
    say(book, words + ("认定为不成立和豁免的问题不扣分。" if audit.set_aside() else ""), BODY, INDENT)
    numbers = {finding.id: number for number, finding in enumerate(audit.findings, 1)}
    rows: list[Row] = []
    for name, deductions in (("已扣分", score.deducted), ("待人工核定", score.proposed)):
        for index, deduction in enumerate(deductions):
            rows += field(book, "" if index else name, _deduction(deduction, numbers), LEFT, 62.0, TEXT)
    book.flow(rows)


def _deduction(deduction: Deduction, numbers: dict[str, int]) -> str:
    named = "、".join(str(numbers[found]) for found in deduction.findings if found in numbers)
    return f"{deduction.title}，{_points(deduction.points)}分{f'（问题{named}）' if named else ''}"


def _points(points: Decimal) -> str:
    """0.5, 10: without a tail of zeros."""
    text = f"{points:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
