"""A local pack extends, changes, adds and scores; what is wrong in its pack.yaml is refused with line, column and the allowed words."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.compile import PACKS, find_pack, load_pack, shipped
from rules.errors import PackError
from rules.verdict import Severity

HEAD = "id: local\ntitle: 地方\nversion: 3\nextends: [national]\n"
OWN = (PACKS / "national" / "APP-BALANCE.yaml").read_text("utf-8").replace("id: APP-BALANCE", "id: LOCAL-BALANCE")


def write(folder: Path, more: str = "", head: str = HEAD, **rules: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "pack.yaml").write_text(head + more, "utf-8")
    for name, text in rules.items():
        (folder / f"{name.replace('_', '-')}.yaml").write_text(text, "utf-8")
    return folder


def test_it_has_what_it_extends_and_its_own(tmp_path):
    pack = load_pack(write(tmp_path, LOCAL_BALANCE=OWN))
    assert pack.rules.keys() == {*load_pack().rules, "LOCAL-BALANCE"}
    assert (pack.own, pack.label) == (("LOCAL-BALANCE",), f"local 3 + {load_pack().label}")


def test_it_changes_severity_switches_rules_and_says_why(tmp_path):
    more = "overrides:\n  TYPO: {severity: notice, reason: 甲}\n  DECIMALS: {default: off, reason: 乙}\n  FEE-DETAIL: {default: on, reason: 丙}\n"
    pack = load_pack(write(tmp_path, more))
    assert pack.rules["TYPO"].severity is Severity.NOTICE
    assert [pack.rules[name].on for name in ("DECIMALS", "FEE-DETAIL")] == [False, True]
    assert load_pack().rules["DECIMALS"].on
    assert pack.changed == {"TYPO": "甲", "DECIMALS": "乙", "FEE-DETAIL": "丙"}


def test_changed_parameters_bring_their_own_examples(tmp_path):
    examples = "examples: {none: {state: not_applicable, filing: {sections: {overview: absent}}}}"
    more = f"overrides:\n  OVERVIEW-LENGTH: {{default: on, reason: 甲, parameters: {{most: 500}}, {examples}}}\n"
    rule = load_pack(write(tmp_path, more)).rules["OVERVIEW-LENGTH"]
    assert (rule.kind.most, rule.parameters["most"], list(rule.examples)) == (500, 500, ["none"])


def test_a_pack_extends_one_beside_it(tmp_path):
    write(tmp_path / "province", "overrides:\n  TYPO: {severity: notice, reason: 甲}\n", HEAD.replace("local", "province"))
    pack = load_pack(write(tmp_path / "city", head=HEAD.replace("local", "city").replace("national", "province")))
    assert pack.rules["TYPO"].severity is Severity.NOTICE
    assert pack.label == f"city 3 + province 3 + {load_pack().label}"


@pytest.mark.parametrize(("year", "label"), [(2025, "wuwei"), (2024, "national"), (2026, "national"), (None, "national")])
def test_outside_its_years_what_it_extends_speaks_alone(year, label):
    pack = load_pack(PACKS / "wuwei").in_force(year)
    assert (pack.id, pack.rules["OVERVIEW-LENGTH"].on) == (label, label == "wuwei")


WRONG = [
    ("overrides:\n  TIPO: {reason: 甲}\n", "pack.yaml:6:3: 所扩展的规则包里没有规则 'TIPO'"),
    ("overrides:\n  TYPO: {severity: fatal, reason: 甲}\n", "pack.yaml:6:20: 键 'overrides.TYPO.severity'：'fatal' 不在可用值之内：error, warning, notice"),
    ("overrides:\n  TYPO: {severity: notice}\n", "pack.yaml:6:9: 缺少键 'reason'，Override 必须有它"),
    ("overrides:\n  TYPO: {of: 1, reason: 甲}\n", "pack.yaml:6:10: 不认识的键 'of'；Override 的键有：default, examples, parameters, reason, severity"),
    ("overrides:\n  OVERVIEW-LENGTH: {reason: 甲, parameters: {least: 5}}\n", "pack.yaml:6:45: 不认识的键 'least'；OVERVIEW-LENGTH 的键有：most, section"),
    ("overrides:\n  OVERVIEW-LENGTH: {reason: 甲, parameters: {most: 很多}}\n", "pack.yaml:6:51: 键 'overrides.OVERVIEW-LENGTH.parameters.most' 应为整数，不是'很多'"),
    ("overrides:\n  OVERVIEW-LENGTH: {reason: 甲, parameters: {most: 500}}\n", "pack.yaml:6:20: 改了参数（parameters）就要写自己的示例（examples）"),
    ("years: {since: 2025}\n", "pack.yaml:5:9: 不认识的键 'since'；Years 的键有：from, to"),
    ("scoring: {items: {a: {title: 甲, points: 0, rules: [TYPO]}}}\n", "0 应大于 0"),
    ("scoring: {items: {a: {title: 甲, points: 1, rules: [TIPO]}}}\n", "pack.yaml:5:52: 本规则包里没有规则 'TIPO'"),
    ("scoring: {items: {a: {title: 甲, points: 1}}}\n", "请写 by_itself: false"),
    ("scoring: {items: {a: {title: 甲, points: 一分, rules: [TYPO]}}}\n", "应为数，不是'一分'"),
    ("scoring: {items: {a: {title: 甲, points: 1, rules: [TYPO], unless: [b]}}}\n", "上面没有项目 'b'"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "message"), WRONG)
def test_what_is_wrong_is_refused_where_it_is_wrong(tmp_path, more, message):
    with pytest.raises(PackError) as caught:
        load_pack(write(tmp_path, more))
    assert message in str(caught.value)


def test_an_inherited_rule_is_changed_and_not_written_again(tmp_path):
    text = (PACKS / "national" / "TYPO.yaml").read_text("utf-8")
    with pytest.raises(PackError, match=r"TYPO\.yaml:1:5: 规则 'TYPO' 是继承来的，要改请写在 pack\.yaml 的 overrides 里"):
        load_pack(write(tmp_path, TYPO=text))


def test_an_unknown_base_is_refused_with_ours(tmp_path):
    with pytest.raises(
        PackError, match=r"pack\.yaml:4:11: 旁边没有规则包 'provincial'，自带的规则包里也没有（自带：national, "
    ):
        load_pack(write(tmp_path, head=HEAD.replace("national", "provincial")))


def test_a_pack_does_not_extend_itself(tmp_path):
    write(tmp_path / "a", head=HEAD.replace("national", "b"))
    write(tmp_path / "b", head=HEAD.replace("national", "a"))
    with pytest.raises(PackError, match="扩展了自己"):
        load_pack(tmp_path / "a")


def test_a_pack_is_found_by_folder_or_by_name(tmp_path):
    assert {load_pack(find_pack(name)).id for name in shipped()} == set(shipped())
    assert find_pack(str(write(tmp_path))) == tmp_path
    with pytest.raises(PackError, match="自带的有 national, suqian, wuwei"):
        find_pack(str(tmp_path / "nothing"))


def test_two_packs_that_speak_together_are_the_same_pack_every_time(tmp_path):
    write(tmp_path / "one", head=HEAD.replace("local", "one"))
    write(tmp_path / "two", head=HEAD.replace("local", "two"))
    both = "id: both\ntitle: 地方\nversion: 1\nextends: [one, two]\nyears: {from: 2025}\n"
    pack = load_pack(write(tmp_path / "both", head=both))
    assert pack.in_force(2025) is pack
    assert pack.in_force(2024) is pack.in_force(2023)
    assert pack.in_force(2024).id == "one+two"
