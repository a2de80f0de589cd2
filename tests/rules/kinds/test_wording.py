"""phrases, wording, corrections, punctuation, private numbers and repetition."""

from __future__ import annotations

import pytest

from rules.compile import load_pack
from rules.examples import filing_of
from rules.verdict import State, Verdict

RULES = load_pack().rules


def broken(rule: str, *lines: str, section: str = "overview", **spec: object) -> list[Verdict]:
    filing = filing_of({"sections": {section: list(lines)}} | spec)
    return [verdict for verdict in RULES[rule].check(filing) if verdict.state is State.BROKEN]


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("EDITION-LEFTOVER", "及时公开政府集中采购目录、采购公告等信息12条。"),
        ("EDITION-LEFTOVER", "落实政府集中采购信息公开要求。"),
        ("CITE-STALE", "曾按国办公开办函〔2019〕60号编制，现按〔2021〕30号编制。"),
        ("CITE-STALE", "按照《政府信息公开工作年度报告格式》（国办公开办函〔2021〕30号）编制。"),
        ("OLD-LAW-CITED", "需要征求第三方意见的，第三方应当自收到征求意见书之日起15个工作日内提出意见。"),
        ("OLD-LAW-CITED", "平均办理时长由20个工作日缩短为15个工作日内答复。"),
        ("SCOPE-MIXED", "组织全市各单位开展培训3次。"),
        ("SELF-REF-MIXED", "我市政务公开有序，我局公开12条。"),
        ("PLACEHOLDER", "网址为http://xxgk.example.cn/xx/，公开12条。"),
        ("PLACEHOLDER", "申请人张××要求公开，已答复。"),
        ("SECRET-MARK", "严守保密规定，不公开属于国家秘密的信息；公开《办法（征求意见稿）》1件。"),
        ("TYPO", "申请截止日期为12月31日。"),
        ("TYPO", "临江县人民政府政府信息公开目录公布，达到目的的途径。"),
        ("FIXED-PHRASE", "坚持以习近平新时代中国特色社会主义思想为指导，落实国务院办公厅要求。"),
        ("PUNCT-UNBALANCED", "1）公开；2）受理；（3）答复。"),
        ("SENSITIVE-PHONE", "电话0517-80000000，投诉12345，邮编223001。"),
        ("SENSITIVE-ID", "统一社会信用代码11320800014296541K，批次20230101000000001。"),
        ("SENSITIVE-APPLICANT", "申请人王某，男，要求公开。"),
    ],
)
def test_lawful_words_are_left_alone(rule, line):
    assert broken(rule, line) == []


@pytest.mark.parametrize(
    ("rule", "line", "words"),
    [
        ("EDITION-LEFTOVER", "政府集中采购项目3个，采购总金额25.6万元。", "集中采购项目3个"),
        ("CITE-STALE", "按照国办公开办函[2019]60号要求编制。", "国办公开办函〔2019〕60号"),
        ("OLD-LAW-CITED", "收费及减免情况：无。", "收费及减免情况"),
        ("SCOPE-MIXED", "全县各部门共公开信息3200条。", "全县各部门共公开信息3200条"),
        ("PLACEHOLDER", "20XX年，公开信息12条。", "20XX年"),
        ("PLACEHOLDER", "X月X日召开会议。", "X月X日"),
        ("TYPO", "截止目前，公开12条。", "截止目前"),
        ("TYPO", "政府公开标准化工作有序。", "政府公开标准化"),
        ("FIXED-PHRASE", "坚持中国特色会主义道路。", "中国特色会主义"),
    ],
)
def test_faulty_words_are_quoted(rule, line, words):
    assert words in [verdict.facts["printed"] for verdict in broken(rule, line)]


def test_the_same_words_twice_in_a_section_are_one_finding():
    (verdict,) = broken("TYPO", "截止目前，公开12条。", "截止目前，收到1件。")
    assert len(verdict.evidence) == 2


def test_a_table_label_of_the_old_form_is_a_leftover():
    evidence = [
        {"edition": "E2021", "printed": "本年制发件数", "table": "disclosure"},
        {"edition": "E2019", "printed": "政府集中采购", "table": "disclosure"},
    ]
    (verdict,) = broken("EDITION-LEFTOVER", "公开12条。", evidence=evidence)
    assert verdict.place.table == "disclosure"


def test_private_numbers_are_masked_in_every_quote():
    (verdict,) = broken("SENSITIVE-PHONE", "联系人王女士，电话13800000000。")
    assert "13800000000" not in f"{verdict.evidence}{verdict.facts}{verdict.actual}"


def test_the_odd_mark_is_named():
    (verdict,) = broken("PUNCT-UNBALANCED", "落实“公开为常态，不公开为例外要求。")
    assert verdict.facts["mark"] == "“多1个"


def test_words_of_last_year_are_counted_by_their_length():
    previous = {"year": 2022, "sections": {"problems": ["解读材料形式单一，图解和视频较少，群众不易看懂，影响政策知晓。"]}}
    now = "解读材料形式单一，图解和视频较少，群众不易看懂，影响政策知晓。"
    new = "公开栏目更新滞后，部分栏目超过半年没有更新，下一步将按月检查并通报。"
    (verdict,) = RULES["PROBLEMS-COPIED"].check(filing_of({"sections": {"problems": [now, new]}, "previous": previous}))
    assert (verdict.state, verdict.facts["percent"]) == (State.HOLDS, 48)


def test_lost_content_is_placed_in_its_section():
    (verdict,) = broken("EXTRACT-SUSPECT", "公开12条。", suspect=["applications"])
    assert verdict.place.topic == "表格前后内容不连续"
