"""A rule file that is wrong is refused with its file, line, column and the words allowed there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.compile import compile_rule, load_pack
from rules.errors import PackError
from rules.examples import filing_of
from rules.strict_yaml import parse_yaml
from rules.verdict import State

RULE = """\
id: APP-TEST
title: 收办不平衡
kind: balance
severity: error
basis: 试验
over: applications.columns
left: [new, carried_in]
right: [total, carried_out]
message: 左{left}，右{right}
advice: 核对
examples:
  one: {state: holds, cells: {new: 0, carried_in: 0, total: 0, carried_out: 0}}
"""
FORMULA = RULE.replace("kind: balance", "kind: formula").replace(
    "over: applications.columns\nleft: [new, carried_in]\nright: [total, carried_out]\n",
    "over: disclosure\nrows: [norm]\nholds: made - repealed <= valid\n",
).replace("左{left}，右{right}", "净增{made}")  # fmt: skip
# what is changed in the rule, and what the error says
WRONG = [
    ("kind: balance", "kind: balanse", "r.yaml:3:7: 不认识的规则类型 kind 'balanse'；可用："),
    ("kind: balance", "kind: [balance]", "r.yaml:3:7: 键 'kind' 应为文字，不是列表；如果是文字，请加引号"),
    ("severity: error", "severity: fatal", "r.yaml:4:11: 键 'severity'：'fatal' 不在可用值之内：error, warning, notice"),
    ("severity: error", "severity: no", "r.yaml:4:11: 键 'severity'：'no' 不在可用值之内：error, warning, notice"),
    ("title: 收办不平衡", "title: 2021", "r.yaml:2:8: 键 'title' 应为文字，不是'2021'；如果是文字，请加引号"),
    ("title: 收办不平衡", "title:", "r.yaml:2:7: 键 'title' 应为文字，不是空"),
    ("id: APP-TEST", "id: APP-OTHER", "r.yaml:1:5: id 'APP-OTHER' 应与文件名 'APP-TEST' 相同"),
    ("advice: 核对\n", "", "r.yaml:1:1: 缺少键 'advice'；规则必须有："),
    ("advice: 核对", "advise: 核对\nadvice: 核对", "r.yaml:10:1: 不认识的键 'advise'；Balance 的键有：alternatives, left, over, right, "),
    ("left: [new, carried_in]\n", "", "r.yaml:1:1: 缺少键 'left'，Balance 必须有它"),
    ("left: [new, carried_in]", "left: new", "r.yaml:7:7: 键 'left' 应为列表，不是'new'"),
    ("left: [new, carried_in]", "left: [new, 3]", "r.yaml:7:13: 键 'left.1' 应为文字，不是'3'；如果是文字，请加引号"),
    ("left: [new, carried_in]", "left: [new, caried_in]", "r.yaml:7:13: 不认识的行 'caried_in'；可用：new, carried_in, granted, "),
    ("over: applications.columns", "over: applicants.columns", "r.yaml:6:7: 不认识的表 'applicants'；可用：disclosure, applications, litigation"),
    ("over: applications.columns", "over: applications.cells", "r.yaml:6:7: 'applications.cells' 应写成 <表>.columns 或 <表>.rows"),
    ("over: applications.columns", "over: litigation.rows", "r.yaml:7:8: 不认识的列 'new'；可用：upheld, corrected, other, pending, total"),
    ("左{left}", "左{lift}", "r.yaml:9:10: 键 'message'：没有 'lift' 这一项；这类规则给出：carried_in, carried_out, gap, label, left, new, right, total"),
    ("左{left}", "左{left.real}", "r.yaml:9:10: 键 'message'：占位符只写 {name} 这样的名字"),
    ("左{left}", "左{left[0]}", "r.yaml:9:10: 键 'message'：占位符只写 {name} 这样的名字"),
    ("左{left}", "左{left!r}", "r.yaml:9:10: 键 'message'：占位符只写 {name} 这样的名字"),
    ("左{left}", "左{left:>999999999}", "r.yaml:9:10: 键 'message'：占位符只写 {name} 这样的名字"),
    ("左{left}", "左{}", "r.yaml:9:10: 键 'message'：占位符只写 {name} 这样的名字"),
    ("左{left}", "左{left", "r.yaml:9:10: 键 'message'："),
    ("basis: 试验", "basis: 试验\neditions: [E2021, E2022]", "r.yaml:6:19: 不认识的格式版本 'E2022'；可用：E2019, E2021"),
    ("basis: 试验", "basis: 试验\nyears: {from: 2021, until: 2023}", "r.yaml:6:21: 不认识的键 'until'；Years 的键有：from, to"),
    ("basis: 试验", "basis: 试验\nyears: {from: 二〇二一}", "r.yaml:6:15: 键 'years.from' 应为整数，不是'二〇二一'"),
    ("basis: 试验", "basis: 试验\ndefault: false", "r.yaml:6:10: 键 'default'：false 不在可用值之内：on, off"),
    ("basis: 试验", "basis: 试验\nagencies: [ministry]", "r.yaml:6:12: 键 'agencies.0'：'ministry' 不在可用值之内：government, office, "),
    ("basis: 试验", "basis: 试验\nsupersedes: APP-ROW-SUM", "r.yaml:6:13: 键 'supersedes' 应为列表，不是'APP-ROW-SUM'"),
    ("state: holds, cells", "state: hold, cells", "r.yaml:12:16: 示例的 state 应为：holds, broken, undetermined, not_applicable"),
    ("state: holds, cells", "state: holds, cell", "r.yaml:12:23: 不认识的键 'cell'；示例的键有：state, cells, of, filing, "),
    ("state: holds, cells", "state: holds, filing: {}, cells", "r.yaml:12:8: 示例里 cells 与 filing 只写一种"),
]  # fmt: skip
WRONG_FORMULAS = [
    ("made - repealed <= valid", "made - repealed <= vald", "r.yaml:8:8: 'made - repealed <= vald': 不认识的名字 'vald'；可用：made, opened, repealed, stock, valid"),
    ("made - repealed <= valid", "made.real > 0", "r.yaml:8:8: 'made.real > 0': Attribute 不能用；可用 + - * /"),
    ("made - repealed <= valid", "12", "r.yaml:8:8: 键 'holds' 应为文字，不是'12'"),
    ("rows: [norm]", "rows: [norms]", "r.yaml:7:8: 不认识的行 'norms'；可用：rules, norm, "),
    ("rows: [norm]", "rows: [norm]\ncells: {a: disclosure.norm.made}", "over 与 rows 一起写，或只写 cells"),
    ("over: disclosure\nrows: [norm]\nholds: made - repealed <= valid", "cells: {a: disclosure.norm}\nholds: a > 0", "r.yaml:6:12: 单元格写作 表.行.列"),
    ("over: disclosure\nrows: [norm]\nholds: made - repealed <= valid", "cells: {a: disclosure.norm.amt}\nholds: a > 0", "r.yaml:6:12: 不认识的列 'amt'；可用："),
]  # fmt: skip


def refusal(text: str) -> str:
    with pytest.raises(PackError) as caught:
        compile_rule(parse_yaml(text, "r.yaml"), "APP-TEST")
    return str(caught.value)


@pytest.mark.parametrize(("said", "instead", "message"), WRONG)
def test_a_wrong_rule_is_refused_where_it_is_wrong(said, instead, message):
    assert said in RULE
    assert refusal(RULE.replace(said, instead, 1)).startswith(message)


@pytest.mark.parametrize(("said", "instead", "message"), WRONG_FORMULAS)
def test_a_wrong_formula_is_refused_where_it_is_wrong(said, instead, message):
    assert said in FORMULA
    assert message in refusal(FORMULA.replace(said, instead, 1))


@pytest.mark.parametrize("text", ["", "just text", "- a\n- b", "12"])
def test_a_file_that_is_no_mapping_is_refused(text):
    assert refusal(text) == "r.yaml:1:1: 应为“键: 值”的形式"


@given(st.sampled_from(RULE.splitlines()), st.text(alphabet="abnew:{}[],-&*! '\"\n0.x", max_size=12), st.integers(0, 12))
def test_a_rule_damaged_anywhere_is_read_or_refused_but_never_crashes(line, damage, place):
    text = RULE.replace(line, line[:place] + damage + line[place:], 1)
    try:
        outcome = compile_rule(parse_yaml(text, "r.yaml"), "APP-TEST").id
    except PackError as exc:
        outcome = exc.file
    assert outcome in ("APP-TEST", "r.yaml")


def compiled(more: str = ""):
    return compile_rule(parse_yaml(RULE + more, "r.yaml"), "APP-TEST")


def states(rule, **filing) -> set[State]:
    return {verdict.state for verdict in rule.check(filing_of(filing))}


def test_a_rule_is_asked_only_of_its_editions():
    rule = compiled("editions: [E2021]\n")
    assert (states(rule, edition="E2021"), states(rule, edition="E2019")) == ({State.HOLDS}, {State.NOT_APPLICABLE})


def test_a_rule_is_asked_only_of_its_years():
    rule = compiled("years: {from: 2022, to: 2023}\n")
    assert [states(rule, year=year) for year in (2021, 2022, 2023, 2024)] == [
        {State.NOT_APPLICABLE},
        {State.HOLDS},
        {State.HOLDS},
        {State.NOT_APPLICABLE},
    ]


def test_a_rule_of_certain_years_cannot_be_decided_without_a_year():
    assert states(compiled("years: {from: 2022}\n"), year=None) == {State.UNDETERMINED}


def test_a_rule_is_asked_only_of_its_bodies_and_undetermined_where_the_body_is_unknown():
    rule = compiled("agencies: [government]\n")
    asked = ["临江县人民政府", "临江县水利局", "水上运动"]
    assert [states(rule, agency=name) for name in asked] == [{State.HOLDS}, {State.NOT_APPLICABLE}, {State.UNDETERMINED}]


def test_a_pack_asks_of_each_report_what_its_rules_ask_by_themselves():
    pack = load_pack()
    specs = [
        {"year": year, "agency": name} for year in (2019, 2020, 2024, None) for name in ("青川市人民政府", "青川市教育局", "甲")
    ]
    for spec in [*specs, *specs]:
        filing = filing_of(spec)
        asked = pack.asked(filing)
        assert [rule for rule, _ in asked] == list(pack.rules.values())
        assert all(rule.check(filing) == (instead,) for rule, instead in asked if instead is not None)
        alone = [rule.why_not_asked(filing.edition, filing.year.value, filing.agency_kind.body) for rule in pack.rules.values()]
        assert [instead for _, instead in asked] == alone


def test_a_rule_that_is_off_is_not_asked():
    assert states(compiled("default: off\n")) == {State.NOT_APPLICABLE}


def test_a_message_is_filled_and_nothing_else_in_it_is_interpreted():
    rule = compile_rule(parse_yaml(RULE.replace("左{left}，右{right}", '"{{左}}{left}%s，右{right}"'), "r.yaml"), "APP-TEST")
    verdicts = rule.check(filing_of({"tables": {"applications": {"rows": {"new": {"legal": 2}}}}}))
    assert [rule.message_for(verdict) for verdict in verdicts if verdict.state is State.BROKEN] == ["{左}2%s，右0"]


def write_pack(folder, head="id: local\ntitle: 地方\nversion: 2026.10\nextends: []\n", **rules):
    folder.joinpath("pack.yaml").write_text(head, "utf-8")
    for name, text in rules.items():
        folder.joinpath(f"{name.replace('_', '-')}.yaml").write_text(text, "utf-8")
    return folder


def test_a_pack_keeps_its_version_as_written_and_its_rules_by_id(tmp_path):
    pack = load_pack(write_pack(tmp_path, APP_TEST=RULE))
    assert (pack.label, list(pack.rules)) == ("local 2026.10", ["APP-TEST"])


def test_a_pack_that_supersedes_an_unknown_rule_is_refused(tmp_path):
    write_pack(tmp_path, APP_TEST=RULE + "supersedes: [APP-TEST, APP-NONE]\n")
    with pytest.raises(PackError, match=r"APP-TEST\.yaml:13:24: 本规则包里没有规则 'APP-NONE'"):
        load_pack(tmp_path)


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("id: local\ntitle: 地方\n", "pack.yaml:1:1: 缺少键 'version'"),
        (
            "id: local\ntitle: 地方\nversion: 1\nextend: []\n",
            "pack.yaml:4:1: 不认识的键 'extend'；可用：id, title, version, extends, years, notes, overrides, scoring",
        ),
        ("[]", "pack.yaml:1:1: 应为“键: 值”的形式"),
    ],
)
def test_a_wrong_pack_head_is_refused(tmp_path, head, message):
    with pytest.raises(PackError) as caught:
        load_pack(write_pack(tmp_path, head))
    assert str(caught.value).endswith(message)


def test_a_folder_without_a_pack_is_refused(tmp_path):
    with pytest.raises(PackError, match=r"pack\.yaml: 读不了"):
        load_pack(tmp_path)
