"""整改通知 to one agency as a Word document: what it has to put right, what it has to verify, until when.

Once a supervisor has decided on any problem of the report, the notice names the confirmed ones alone. Before that, errors and warnings
that are certain come first, what may be our misreading is listed apart and asked to be verified, notices are counted only; and it says
that nothing was decided yet. The words and the look are the template's, which an office may replace by its own.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from audits.decision import Decided
from audits.digest import Digest, digest_of
from audits.findings import Audit, Finding, is_doubtful
from audits.renderers import docx_template
from audits.renderers.cells import quotes
from audits.renderers.terms import PLAIN, Terms
from audits.wording import SEVERITIES
from rules.verdict import Place, Severity

TEMPLATE = Path(__file__).parent / "templates" / "整改通知.docx"
GRAVE = (Severity.ERROR, Severity.WARNING)
QUOTES = 5  # quotations printed of one problem; a sum over a whole column has more, and the audit report shows them
BLANK_DAY = "　　　　年　　月　　日"


def render(audit: Audit, terms: Terms = PLAIN, source: bytes | None = None) -> bytes:
    """The notice; b"" if there is nothing to put right or to verify."""
    return notice(digest_of(audit), terms)


def notice(digest: Digest, terms: Terms = PLAIN) -> bytes:
    """The same from a digest, for audits done earlier."""
    if not _to_rectify(digest) and not _to_verify(digest):
        return b""
    return docx_template.load(terms.notice_template or TEMPLATE).fill(_values(digest, terms))


def check(template: Path) -> None:
    """Raises TemplateError, now rather than in the middle of a batch, if that template cannot be filled."""
    sample = Finding("", "", Severity.ERROR, None, "", "", Place(), "", (), "", "", "", "")
    blank = Digest("", "", None, None, None, None, None, None, True, "", (sample,), (), {}, "", "")
    values = _values(blank, PLAIN)
    docx_template.load(template).fill({**values, "有需核实": "是", "需核实": values["需整改"]})


def _to_rectify(digest: Digest) -> list[Finding]:
    return _confirmed(digest, sure=True) if digest.decisions else list(digest.sure(*GRAVE))


def _to_verify(digest: Digest) -> list[Finding]:
    if digest.decisions:
        return _confirmed(digest, sure=False)
    return [finding for finding in digest.doubtful() if finding.severity in GRAVE]


def _confirmed(digest: Digest, *, sure: bool) -> list[Finding]:
    """Of those confirmed, the sure ones, or those that came out differently and doubtful since."""
    return [
        finding
        for finding in digest.findings
        if finding.id in digest.decisions
        and digest.decisions[finding.id].decided is Decided.CONFIRMED
        and is_doubtful(finding, digest.decisions) is not sure
    ]


def _about_decisions(digest: Digest) -> str:
    """Whether a person stands behind what is listed."""
    if not digest.decisions:
        return "以下内容由系统核查得出，尚未逐项认定；如有异议，请在反馈中说明。"
    return "以下问题均经监督人员认定。"


def _values(digest: Digest, terms: Terms) -> docx_template.Values:
    """Everything that a template may name; docs/outputs.md lists it."""
    rectify, verify = _to_rectify(digest), _to_verify(digest)
    hints = 0 if digest.decisions else sum(finding.severity is Severity.NOTICE for finding in digest.findings)
    counts = "、".join(
        f"{SEVERITIES[level]}{count}处"
        for level in Severity
        if (count := sum(finding.severity is level for finding in rectify))
    )
    parts = [f"发现需要整改的问题{len(rectify)}处（{counts}）"] if rectify else []
    parts += [f"{'另有' if rectify else '有'}{len(verify)}处事项需要你单位核实"] if verify else []
    agency = " ".join((digest.called or "").split())
    return {
        "单位": agency or "（报送单位名称未能识别）",
        "年度": f"{digest.year}年度" if digest.year is not None else "",
        "报告标题": digest.title or "",
        "编号": f"HC-{digest.year or '0000'}-{digest.sha256[:8].upper()}",
        "概况": "，".join(parts),
        "认定说明": _about_decisions(digest),
        "得分": digest.score,
        "得分说明": f"按考核评分表，该报告自动评分为{_score(digest.score)}，以人工核定为准。"
        if digest.score not in ("", "0")
        else "",
        "期限": _day(terms.deadline),
        "日期": _day(terms.issued),
        "有需整改": "是" if rectify else "",
        "整改标题": "一、需要整改的问题",
        "需整改": [_problem(number, finding) for number, finding in enumerate(rectify, 1)],
        "有需核实": "是" if verify else "",
        "核实标题": f"{'二' if rectify else '一'}、需要核实的事项",
        "需核实": [_problem(number, finding) for number, finding in enumerate(verify, 1)],
        "提示说明": f"另有提示{hints}处，供改进参考，见所附核查报告。" if hints else "",
        "文件": digest.name,
        "规则包": digest.pack,
        "引擎": digest.engine,
    }


def _score(score: str) -> str:
    """93.5/100 as 93.5分（满分100分）, -6.5 as 扣6.5分."""
    total, _, full = score.partition("/")
    return f"{total}分（满分{full}分）" if full else f"扣{total.removeprefix('-')}分"


def _problem(number: int, finding: Finding) -> docx_template.Values:
    return {
        "序号": str(number),
        "问题": finding.title,
        "程度": SEVERITIES[finding.severity],
        "规则": finding.rule,
        "位置": finding.where,
        "说明": finding.message,
        "原文": quotes(finding, QUOTES),
        "应为": finding.expected,
        "实为": finding.actual,
        "依据": finding.basis,
        "建议": finding.advice,
        "核对原因": finding.doubt or "",
    }


def _day(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else BLANK_DAY
