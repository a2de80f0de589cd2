"""Every rule of every pack is tested by its own examples."""

from __future__ import annotations

import string

import pytest

from rules.compile import PACKS, load_pack
from rules.examples import answer, differences, filing_of
from rules.kinds import KINDS
from rules.verdict import State


def rules_of(folder):
    """Those that the pack has itself or changes: what it inherits is tested once, where it stands."""
    pack = load_pack(folder)
    return [pack.rules[name] for name in (*pack.own, *pack.changed)]


RULES = {
    f"{folder.name}-{rule.id}": rule
    for folder in sorted(PACKS.iterdir())
    if (folder / "pack.yaml").exists()
    for rule in rules_of(folder)
}
CASES = [pytest.param(rule, name, id=f"{key}-{name}") for key, rule in RULES.items() for name in rule.examples]


@pytest.mark.parametrize(("rule", "name"), CASES)
def test_rule_answers_its_example_as_written(rule, name):
    assert differences(rule, rule.examples[name]) == []


@pytest.mark.parametrize("key", RULES)
def test_every_rule_is_shown_to_hold_and_to_break(key):
    assert {"holds", "broken"} <= {example["state"] for example in RULES[key].examples.values()}


DEPRIVED = [
    {"tables": {table: {"all": "unreadable"} for table in ("disclosure", "applications", "litigation")}},
    {"tables": {table: {"all": "unreadable"} for table in ("disclosure", "applications", "litigation")}, "edition": "E2019"},
    {"tables": {table: {"state": "absent"} for table in ("disclosure", "applications", "litigation")}},
    {"tables": {table: {"all": 9} for table in ("disclosure", "applications", "litigation")}, "agency": "水上运动"},
    {"year": None, "agency": "水上运动", "title": ""},
]


@pytest.mark.parametrize("key", RULES)
def test_a_rule_whose_inputs_can_be_missing_is_shown_undetermined(key):
    answers = {verdict.state for spec in DEPRIVED for verdict in RULES[key].check(filing_of(spec))}
    shown = {example["state"] for example in RULES[key].examples.values()}
    assert State.UNDETERMINED not in answers or "undetermined" in shown


@pytest.mark.parametrize(("rule", "name"), CASES)
def test_a_finding_gives_every_fact_its_texts_name_and_its_table_points_at_evidence(rule, name):
    broken = [verdict for verdict in answer(rule, rule.examples[name]).verdicts if verdict.state is State.BROKEN]
    asked = {part[1] for text in (rule.message, rule.advice) for part in string.Formatter().parse(text) if part[1]}
    assert [asked - verdict.facts.keys() for verdict in broken] == [set()] * len(broken)
    assert all(verdict.evidence for verdict in broken if verdict.place.table is not None)


@pytest.mark.parametrize(("rule", "name"), CASES)
def test_what_is_not_decided_says_why(rule, name):
    silent = [
        v
        for v in answer(rule, rule.examples[name]).verdicts
        if v.state in (State.UNDETERMINED, State.NOT_APPLICABLE) and not v.reason
    ]
    assert silent == []


def test_the_kinds_say_which_facts_they_give():
    assert [name for name, kind in KINDS.items() if not hasattr(kind, "gives")] == []
