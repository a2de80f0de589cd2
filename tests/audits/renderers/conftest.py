"""Made-up audits for the renderers: fictional agencies, findings written by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from audits.findings import Audit, Finding, Undecided
from audits.wording import place_in_words
from reports_in.document import ReadingNote, Source
from rules.editions import editions
from rules.examples import filing_of
from rules.verdict import Evidence, Place, Severity, State

EDITION = editions()["E2021"]
BASIS = "国办公开办函〔2021〕30号，第三部分表头勾稽句：第一项加第二项之和，等于第三项加第四项之和"
ADVICE = "核对依申请公开台账，按实际办理情况更正该列数据，重新计算合计后再报送。"
FILING: dict[str, Any] = {
    "tables": {
        "applications": {
            "rows": {
                "new": [29, 0, 0, 0, 0, 0, 29],
                "carried_in": [2, 0, 0, 0, 0, 0, 2],
                "granted": [12, "blank", 0, 0, 0, 0, 12],
                "partial": "absent",
                "denied_2": ["unreadable", 0, "/", {"raw": "1", "doubt": "该格数字由图像识别"}, 0, 0, 0],
                "total": [28, 0, 0, 0, 0, 0, 447228],
            },
            "labels": {"denied_2": "2.其他法律法规禁止公开"},
            "extra": [{"label": "小计", "cells": [1, "无"]}],
        },
        "disclosure": {"rows": {"charge": ["73802895.90元"]}},
        "litigation": {"rows": {"direct": "absent"}},
    },
    "sections": {"other_matters": "absent"},
}


def line(number: int, page: int | None = None) -> Source:
    return Source(page, number, None, (number * 100, number * 100 + 3))


def finding(rule: str, severity: Severity, title: str, place: Place, message: str, *evidence: Evidence, **more: Any) -> Finding:
    given = {"doubt": None, "expected": "", "actual": "", "basis": BASIS, "advice": ADVICE} | more
    where = place_in_words(place, EDITION)
    return Finding(
        f"{rule}-0000", rule, severity, title=title, where=where, place=place, message=message, evidence=evidence, **given
    )


FINDINGS = (
    finding(
        "APP-BALANCE",
        Severity.ERROR,
        "收办不平衡",
        Place("applications", "applications", None, "natural"),
        "新收与上年结转合计 31，总计与结转下年度合计 30，差 1",
        Evidence("29", line(45)),
        Evidence("28", line(67)),
        expected="31",
        actual="30",
        arithmetic="29+2 ≠ 28+2，差1",
    ),
    finding(
        "APP-ROW-SUM",
        Severity.ERROR,
        "横向合计不符",
        Place("applications", "applications", "total", "total"),
        "（七）总计印作447228，各列之和为28，差447200",
        Evidence("447228", line(67)),
        doubt="该行由两行拼接而成，请对照原文核实",
    ),
    finding(
        "ROW-LABEL-VARIANT",
        Severity.WARNING,
        "行名与格式不符",
        Place("applications", "applications", "denied_2"),
        "该行印作“2.其他法律法规禁止公开”，缺“行政”二字",
        Evidence("2.其他法律法规禁止公开", line(52)),
        expected="2.其他法律行政法规禁止公开",
        actual="2.其他法律法规禁止公开",
    ),
    finding(
        "TXT-VS-TABLE-RECEIVED",
        Severity.WARNING,
        "正文收件数与表不一致",
        Place("overview", topic="applications.received"),
        "正文称收到申请31件，表二新收为29件",
        Evidence(
            "2023年，本机关共收到政府信息公开申请31件，均在法定期限内答复，未发生因政府信息公开引起的行政复议。", line(12, 3)
        ),
        expected="29",
        actual="31",
    ),
    finding(
        "CELL-BLANK",
        Severity.NOTICE,
        "应填未填",
        Place("applications", "applications", "granted", "business"),
        "该格空白；没有此类申请的应填0",
        Evidence("", line(47)),
        expected="0",
        actual="空白",
    ),
)


def made_up(count: int = 5, **changes: Any) -> Audit:
    """An audit with that many findings."""
    chosen = [FINDINGS[index % len(FINDINGS)] for index in range(count)]
    findings = [replace(item, id=f"{item.id}-{index}") for index, item in enumerate(chosen)]
    findings.sort(key=lambda item: list(Severity).index(item.severity))
    audit = Audit(
        name="临江区2023年报.txt",
        sha256="3f" * 32,
        media_type="text/plain",
        filing=filing_of(FILING),
        applicable=True,
        reason="",
        findings=tuple(findings),
        undecided=(
            Undecided("APP-BALANCE", "收办不平衡", "第三部分申请情况表“商业企业”列", "“（一）予以公开”空白"),
            Undecided("APP-BALANCE", "收办不平衡", "第三部分申请情况表“总计”列", "“（一）予以公开”空白"),
        ),
        verdicts={
            "APP-BALANCE": {State.HOLDS: 4, State.BROKEN: 1, State.UNDETERMINED: 2},
            "CELL-BLANK": {State.HOLDS: 2, State.BROKEN: 1},
            "DECIMALS": {State.NOT_APPLICABLE: 1},
            "ROW-ORDER": {State.HOLDS: 3},
        },
        notes=(ReadingNote("ENCODING", "文件未声明编码，按 GB18030 读取"),),
        pack="national 1.0",
        engine="hecha 0.1.0",
        titles={"APP-BALANCE": "收办不平衡", "CELL-BLANK": "应填未填", "DECIMALS": "小数位不符列头", "ROW-ORDER": "行序错误"},
    )
    return replace(audit, **changes)


def not_applicable() -> Audit:
    filing = filing_of({"agency": "青川市档案局"})
    bare = replace(filing, edition=None, edition_due=None, tables={}, sections={}, headings=(), claims=())
    reason = "2016年度报告适用2019年以前的旧体例，不适用"
    return made_up(0, filing=bare, applicable=False, reason=reason, undecided=(), verdicts={})


@pytest.fixture
def audit_of() -> Callable[..., Audit]:
    return made_up


@pytest.fixture
def old_report() -> Audit:
    return not_applicable()
