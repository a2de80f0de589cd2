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
    ("kind: balance", "kind: balanse", "r.yaml:3:7: unknown kind 'balanse'; use one of "),
    ("kind: balance", "kind: [balance]", "r.yaml:3:7: key 'kind' must be text, not a list; put it in quotes if it is meant as text"),
    ("severity: error", "severity: fatal", "r.yaml:4:11: key 'severity': 'fatal' is not one of error, warning, notice"),
    ("severity: error", "severity: no", "r.yaml:4:11: key 'severity': 'no' is not one of error, warning, notice"),
    ("title: 收办不平衡", "title: 2021", "r.yaml:2:8: key 'title' must be text, not '2021'; put it in quotes if it is meant as text"),
    ("title: 收办不平衡", "title:", "r.yaml:2:7: key 'title' must be text, not nothing"),
    ("id: APP-TEST", "id: APP-OTHER", "r.yaml:1:5: id 'APP-OTHER' must be the file's name, 'APP-TEST'"),
    ("advice: 核对\n", "", "r.yaml:1:1: key 'advice' is missing; a rule needs "),
    ("advice: 核对", "advise: 核对\nadvice: 核对", "r.yaml:10:1: unknown key 'advise'; Balance knows alternatives, left, over, right, "),
    ("left: [new, carried_in]\n", "", "r.yaml:1:1: key 'left' is missing; Balance needs it"),
    ("left: [new, carried_in]", "left: new", "r.yaml:7:7: key 'left' must be a list, not 'new'"),
    ("left: [new, carried_in]", "left: [new, 3]", "r.yaml:7:13: key 'left.1' must be text, not '3'; put it in quotes if it is meant as text"),
    ("left: [new, carried_in]", "left: [new, caried_in]", "r.yaml:7:13: unknown row 'caried_in'; use one of new, carried_in, granted, "),
    ("over: applications.columns", "over: applicants.columns", "r.yaml:6:7: unknown table 'applicants'; use one of disclosure, applications, litigation"),
    ("over: applications.columns", "over: applications.cells", "r.yaml:6:7: 'applications.cells' must be <table>.columns or <table>.rows"),
    ("over: applications.columns", "over: litigation.rows", "r.yaml:7:8: unknown column 'new'; use one of upheld, corrected, other, pending, total"),
    ("左{left}", "左{lift}", "r.yaml:9:10: key 'message': no fact 'lift'; this kind gives carried_in, carried_out, gap, label, left, new, right, total"),
    ("左{left}", "左{left.real}", "r.yaml:9:10: key 'message': a placeholder is a plain {name}"),
    ("左{left}", "左{left[0]}", "r.yaml:9:10: key 'message': a placeholder is a plain {name}"),
    ("左{left}", "左{left!r}", "r.yaml:9:10: key 'message': a placeholder is a plain {name}"),
    ("左{left}", "左{left:>999999999}", "r.yaml:9:10: key 'message': a placeholder is a plain {name}"),
    ("左{left}", "左{}", "r.yaml:9:10: key 'message': a placeholder is a plain {name}"),
    ("左{left}", "左{left", "r.yaml:9:10: key 'message': "),
    ("basis: 试验", "basis: 试验\neditions: [E2021, E2022]", "r.yaml:6:19: unknown edition 'E2022'; use one of E2019, E2021"),
    ("basis: 试验", "basis: 试验\nyears: {from: 2021, until: 2023}", "r.yaml:6:21: unknown key 'until'; Years knows from, to"),
    ("basis: 试验", "basis: 试验\nyears: {from: 二〇二一}", "r.yaml:6:15: key 'years.from' must be a whole number, not '二〇二一'"),
    ("basis: 试验", "basis: 试验\ndefault: false", "r.yaml:6:10: key 'default': false is not one of on, off"),
    ("basis: 试验", "basis: 试验\nagencies: [ministry]", "r.yaml:6:12: key 'agencies.0': 'ministry' is not one of government, office, "),
    ("basis: 试验", "basis: 试验\nsupersedes: APP-ROW-SUM", "r.yaml:6:13: key 'supersedes' must be a list, not 'APP-ROW-SUM'"),
    ("state: holds, cells", "state: hold, cells", "r.yaml:12:16: an example's state is one of holds, broken, undetermined, not_applicable"),
    ("state: holds, cells", "state: holds, cell", "r.yaml:12:23: unknown key 'cell'; an example knows state, cells, of, filing, "),
    ("state: holds, cells", "state: holds, filing: {}, cells", "r.yaml:12:8: an example has either cells or filing"),
]  # fmt: skip
WRONG_FORMULAS = [
    ("made - repealed <= valid", "made - repealed <= vald", "r.yaml:8:8: 'made - repealed <= vald': unknown name 'vald'; use one of made, opened, repealed, stock, valid"),
    ("made - repealed <= valid", "made.real > 0", "r.yaml:8:8: 'made.real > 0': Attribute is not in the language; use + - * /"),
    ("made - repealed <= valid", "12", "r.yaml:8:8: key 'holds' must be text, not '12'"),
    ("rows: [norm]", "rows: [norms]", "r.yaml:7:8: unknown row 'norms'; use one of rules, norm, "),
    ("rows: [norm]", "rows: [norm]\ncells: {a: disclosure.norm.made}", "write either over and rows, or cells"),
    ("over: disclosure\nrows: [norm]\nholds: made - repealed <= valid", "cells: {a: disclosure.norm}\nholds: a > 0", "r.yaml:6:12: a cell is written table.row.column"),
    ("over: disclosure\nrows: [norm]\nholds: made - repealed <= valid", "cells: {a: disclosure.norm.amt}\nholds: a > 0", "r.yaml:6:12: unknown column 'amt'; use one of "),
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
    assert refusal(text) == "r.yaml:1:1: must be a mapping of keys to values"


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
    with pytest.raises(PackError, match=r"APP-TEST\.yaml:13:24: no rule 'APP-NONE' in this pack"):
        load_pack(tmp_path)


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("id: local\ntitle: 地方\n", "pack.yaml:1:1: key 'version' is missing"),
        (
            "id: local\ntitle: 地方\nversion: 1\nextend: []\n",
            "pack.yaml:4:1: unknown key 'extend'; use id, title, version, extends, years, notes, overrides, scoring",
        ),
        ("[]", "pack.yaml:1:1: must be a mapping of keys to values"),
    ],
)
def test_a_wrong_pack_head_is_refused(tmp_path, head, message):
    with pytest.raises(PackError) as caught:
        load_pack(write_pack(tmp_path, head))
    assert str(caught.value).endswith(message)


def test_a_folder_without_a_pack_is_refused(tmp_path):
    with pytest.raises(PackError, match=r"pack\.yaml: cannot be read"):
        load_pack(tmp_path)
