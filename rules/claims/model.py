"""The Claim: one number that a report's prose states about the report's own subject, with its place."""

from __future__ import annotations

from dataclasses import dataclass

from reports_in.document import Source
from rules.filing import Number


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of a number in prose.

    subject      what is counted; ``SUBJECTS`` lists them all.
    value        None only if the sentence names the subject without a number ("全部办结").
    unit         as printed, "" if none.
    year         the year that the sentence gives; None if it gives none (then it speaks of the report's own year).
    scope        "own" (本级, 本机关), "all" (全市, 各单位) or "" (not said).
    approximate  余, 近, 约, 多.
    subset       a part of a total (其中, 上年结转的…), never compared with a total.
    zero         a statement of none (未收到, 没有发生, 0件).
    quote, at    the sentence as printed, and its place (chars is the sentence's range in the document's text).
    section      key of the section it stands in, "preamble" before the first.
    clause       the few words of the sentence that say it (其中行政复议1项), for messages; folded, not as printed.
    """

    subject: str
    value: Number | None
    unit: str
    quote: str
    at: Source
    section: str
    year: int | None = None
    scope: str = ""
    approximate: bool = False
    subset: bool = False
    zero: bool = False
    clause: str = ""


SUBJECTS = {
    "applications.received": "收到申请",
    "applications.new": "新收申请",
    "applications.processed": "办理申请",  # 收到并办理, 办理, or no verb at all: received and answered are not told apart
    "applications.handled": "办结申请",
    "applications.all_handled": "申请全部办结",
    "applications.carried_in": "上年结转申请",
    "applications.carried_out": "结转下年度申请",
    "applications.change": "申请数量同比",
    "applicants.natural": "自然人申请",
    "applicants.legal_persons": "法人或其他组织申请",
    "applicants.business": "商业企业申请",
    "applicants.research": "科研机构申请",
    "applicants.ngo": "社会公益组织申请",
    "applicants.legal": "法律服务机构申请",
    "applicants.all_natural": "申请人均为自然人",
    "results.granted": "予以公开",
    "results.partial": "部分公开",
    "results.granted+partial": "予以公开和部分公开",
    "results.denied": "不予公开",
    "results.unavailable": "无法提供",
    "results.rejected": "不予处理",
    "results.others": "其他处理",
    **{f"results.denied_{n}": "不予公开（细项）" for n in range(1, 9)},
    **{f"results.unavailable_{n}": "无法提供（细项）" for n in range(1, 4)},
    **{f"results.rejected_{n}": "不予处理（细项）" for n in range(1, 6)},
    **{
        f"{group}.{column}": f"{name}{words}"
        for group, name in (
            ("review", "行政复议"),
            ("litigation", "行政诉讼"),
            ("direct", "未经复议直接起诉"),
            ("after_review", "复议后起诉"),
        )
        for column, words in (
            ("total", ""),
            ("upheld", "结果维持"),
            ("corrected", "结果纠正"),
            ("other", "其他结果"),
            ("pending", "尚未审结"),
            ("all_upheld", "均维持"),
            ("settled_upheld", "审结的均维持"),
        )
    },
    "disputes.total": "行政复议和行政诉讼",
    "norm.made": "制发行政规范性文件",
    "norm.repealed": "废止行政规范性文件",
    "norm.valid": "现行有效行政规范性文件",
    "norm.opened": "公开行政规范性文件",
    "license.decided": "行政许可决定",
    "penalty.decided": "行政处罚决定",
    "coercion.decided": "行政强制决定",
    "charge.collected": "行政事业性收费",
    "fee.charged": "收取信息处理费",
    "fee.due": "信息处理费收费通知金额",
    "fee.notices": "信息处理费收费通知",
    "information.published": "主动公开政府信息",
}
