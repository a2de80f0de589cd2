"""Which claims are compared with the tables, with which cells, and where the finding stands."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from rules.errors import FieldError
from rules.examples import filing_of
from rules.kinds.claims_against_cells import ClaimsAgainstCells
from rules.verdict import Place, Severity, State, Verdict

RECEIVED = ClaimsAgainstCells(
    {"applications.received": ("applications.new.total", "applications.new.total + applications.carried_in.total")}
)
LITIGATION = ClaimsAgainstCells({"litigation.total": ("litigation.direct.total + litigation.after_review.total",)})
OFFICE = "青川市临江区人民政府办公室"


def check(kind: ClaimsAgainstCells, *overview: str, agency: str = OFFICE, **spec: Any) -> list[Verdict]:
    sections = {"overview": list(overview), "problems": ["无。"], "other_matters": spec.pop("other_matters", ["无。"])}
    return list(kind.check(filing_of({"agency": agency, "sections": sections, **spec})))


def rows(**values: Any) -> dict[str, Any]:
    return {"applications": {"rows": values}}


@pytest.mark.parametrize(
    ("agency", "text", "state"),
    [
        ("青川市临江区人民政府", "全区共收到政府信息公开申请9件。", State.BROKEN),
        ("青川市临江区人民政府", "区政府本级收到政府信息公开申请9件。", State.NOT_APPLICABLE),
        ("青川市临江区人民政府", "收到政府信息公开申请9件。", State.BROKEN),
        (OFFICE, "全区共收到政府信息公开申请9件。", State.NOT_APPLICABLE),
        (OFFICE, "我办收到政府信息公开申请9件。", State.BROKEN),
        ("临江区陶坊镇人民政府", "全镇收到政府信息公开申请9件。", State.BROKEN),
        ("临江区陶坊镇人民政府", "本机关收到政府信息公开申请9件。", State.BROKEN),
        ("临江区陶坊镇人民政府", "全区收到政府信息公开申请9件。", State.NOT_APPLICABLE),
        ("青川市临江区教育局", "全区教育系统收到政府信息公开申请9件。", State.NOT_APPLICABLE),
        ("青川市临江区教育局", "我局收到政府信息公开申请9件。", State.BROKEN),
        ("拾光书屋", "我局收到政府信息公开申请9件。", State.NOT_APPLICABLE),
        ("拾光书屋", "收到政府信息公开申请9件。", State.BROKEN),
    ],
)
def test_a_number_is_compared_if_the_tables_count_the_same_agencies(agency: str, text: str, state: State) -> None:
    verdicts = check(RECEIVED, "（二）依申请公开。" + text, agency=agency, tables=rows(new=5))
    assert [verdict.state for verdict in verdicts] == [state]


def test_parts_and_estimates_and_other_years_are_not_compared() -> None:
    text = "（二）依申请公开。2022年收到政府信息公开申请9件。收到政府信息公开申请近9件。通过网站收到政府信息公开申请9件。"
    assert [verdict.state for verdict in check(RECEIVED, text)] == [State.NOT_APPLICABLE]


def test_a_report_without_a_year_is_not_held_to_a_printed_year() -> None:
    verdicts = check(RECEIVED, "（二）依申请公开。2023年收到政府信息公开申请9件。", year=None, title="年度报告")
    assert [verdict.state for verdict in verdicts] == [State.NOT_APPLICABLE]


def test_each_claim_has_its_own_verdict_and_only_the_wrong_one_is_broken() -> None:
    verdicts = check(
        RECEIVED,
        "（二）依申请公开。收到政府信息公开申请5件。",
        "（五）监督保障。全年收到政府信息公开申请6件。",
        tables=rows(new=5),
    )
    assert [(verdict.state, verdict.evidence[0].quote) for verdict in verdicts] == [
        (State.HOLDS, "收到政府信息公开申请5件。"),
        (State.BROKEN, "全年收到政府信息公开申请6件。"),
    ]


def test_two_wrong_places_of_one_section_are_one_finding_with_both_sentences() -> None:
    verdicts = check(
        RECEIVED, "（二）依申请公开。收到政府信息公开申请8件。", "（五）监督保障。共收到依申请公开9件。", tables=rows(new=5)
    )
    quotes = [evidence.quote for evidence in verdicts[0].evidence]
    assert (len(verdicts), quotes[0], quotes[-1]) == (1, "收到政府信息公开申请8件。", "共收到依申请公开9件。")


def test_the_finding_stands_at_the_cell_and_says_the_section_of_the_sentence() -> None:
    verdict = check(RECEIVED, "（二）依申请公开。收到政府信息公开申请8件。", tables=rows(new=5))[0]
    assert verdict.place == Place("overview", "applications", "new", "total", "applications.received")


def test_a_sum_of_rows_stands_at_the_column_they_share() -> None:
    verdict = check(LITIGATION, "（二）依申请公开。因政府信息公开引发行政诉讼3件。")[0]
    assert (verdict.state, verdict.place) == (
        State.BROKEN,
        Place("overview", "litigation", None, "total", "litigation.total"),
    )


def test_the_evidence_is_the_sentence_and_the_cells() -> None:
    verdict = check(RECEIVED, "（二）依申请公开。收到政府信息公开申请8件。", tables=rows(new=5, carried_in=1))[0]
    assert [evidence.quote for evidence in verdict.evidence] == [
        "收到政府信息公开申请8件。",
        "“一、本年新收政府信息公开申请数量”行“总计”列 5",
        "“二、上年结转政府信息公开申请数量”行“总计”列 1",
    ]


def test_a_doubtful_cell_makes_the_finding_doubtful() -> None:
    cell = {"raw": "5", "doubt": "此格左移一列"}
    verdict = check(RECEIVED, "（二）依申请公开。收到政府信息公开申请8件。", tables=rows(new={"total": cell}))[0]
    assert (verdict.state, verdict.doubt) == (State.BROKEN, "此格左移一列")


def test_one_cell_that_agrees_is_enough_though_another_is_missing() -> None:
    verdict = check(RECEIVED, "（二）依申请公开。收到政府信息公开申请5件。", tables=rows(new=5, carried_in="blank"))[0]
    assert verdict.state is State.HOLDS


def test_a_cell_of_the_other_edition_is_passed_over() -> None:
    kind = ClaimsAgainstCells({"norm.repealed": ("disclosure.norm.repealed",)})
    verdict = check(kind, "（一）主动公开。废止规范性文件5件。", edition="E2019")[0]
    assert (verdict.state, verdict.reason) == (State.NOT_APPLICABLE, "表中没有相应的格")


@pytest.mark.parametrize(
    ("text", "cell", "state"),
    [
        ("125000元", "12.5", State.HOLDS),
        ("12.5万元", "12.5", State.HOLDS),
        ("12.50万元", "12.51", State.BROKEN),
        ("1.2亿元", "11600", State.HOLDS),
        ("1.2亿元", "11400", State.BROKEN),
        ("125000元", "125000元", State.HOLDS),
    ],
)
def test_money_is_compared_in_one_unit_within_what_is_rounded_off(text: str, cell: str, state: State) -> None:
    kind = ClaimsAgainstCells({"charge.collected": ("disclosure.charge.amt",)}, money=True, tolerance=Decimal("0.005"))
    tables = {"disclosure": {"rows": {"charge": [cell]}}}
    verdicts = check(kind, f"（一）主动公开。收取行政事业性收费{text}。", tables=tables)
    assert [verdict.state for verdict in verdicts] == [state]


def test_a_milder_subject_has_its_own_severity() -> None:
    kind = ClaimsAgainstCells({"norm.made": ("disclosure.norm.made",)}, milder={"norm.made": Severity.NOTICE})
    assert check(kind, "（一）主动公开。制发规范性文件5件。")[0].severity is Severity.NOTICE


@pytest.mark.parametrize(
    "against", [{"applications.recieved": ("applications.new.total",)}, {"norm.made": ("disclosure.norm.mad",)}]
)
def test_an_unknown_subject_or_cell_is_refused(against: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(FieldError):
        ClaimsAgainstCells(against)
