"""What is counted over a batch: standings, rules, regions, years."""

from __future__ import annotations

from dataclasses import replace

import pytest

from audits.batch import REGION_UNKNOWN, Batch, RuleCount
from audits.digest import digest_of
from audits.outcome import Standing
from rules.verdict import Severity, State
from tests.audits.renderers.batches import UNREADABLE, batch, named, report
from tests.audits.renderers.conftest import made_up, not_applicable


def test_every_report_has_one_standing() -> None:
    doubted = replace(made_up(5).findings[0], doubt="拼接的行")
    made = batch(
        report(named(made_up(5), "青禾县教育局")),
        report(named(made_up(0), "青禾县民政局")),
        report(named(made_up(1, findings=(doubted,)), "青禾县水务局")),
        report(not_applicable()),
        UNREADABLE,
    )

    assert {standing: count for standing, count in made.standings.items() if count} == dict.fromkeys(
        (Standing.ERRORS, Standing.CLEAN, Standing.DOUBTFUL, Standing.NOT_APPLICABLE, Standing.UNREADABLE), 1
    )


def test_the_worst_is_who_has_most_that_is_certain() -> None:
    errors = [finding for finding in made_up(10).findings if finding.severity is Severity.ERROR]
    doubted = tuple(replace(finding, id=f"D{index}", doubt="存疑") for index, finding in enumerate(errors * 3))
    made = batch(
        report(named(made_up(0, findings=doubted), "甲县教育局")),
        report(named(made_up(0, findings=(replace(errors[0], doubt=None),)), "乙县教育局")),
    )

    assert [found.agency for found in made.audited] == ["乙县教育局", "甲县教育局"]


def test_regions_are_told_apart_where_their_names_first_differ() -> None:
    agencies = ("霁川市青禾县教育局", "霁川市云渡县司法局", "霁川市青禾县水务局", "霁川市财政局", "某某管理处")
    made = batch(*(report(named(made_up(0), agency)) for agency in agencies))

    assert {group.name: group.audited for group in made.by_region} == {
        "青禾县": 2,
        "云渡县": 1,
        "霁川市本级": 1,
        REGION_UNKNOWN: 1,
    }


def test_what_carries_doubt_counts_for_no_region() -> None:
    made = batch(report(named(made_up(5), "青禾县教育局")))

    assert [(group.errors, group.warnings, group.notices, group.with_errors) for group in made.by_region] == [(1, 2, 1, 1)]


@pytest.mark.parametrize(
    ("answered", "undetermined", "broken", "remark"),
    [
        (0, 0, 0, "本批均不适用"),
        (0, 3, 0, "本批均无法核验"),
        (5, 0, 0, "本批从未触发"),
        (5, 0, 5, "触发超过80%，请复核规则"),
        (5, 0, 4, ""),
        (1, 0, 1, ""),
    ],
)
def test_a_rule_that_stands_out_is_remarked(answered: int, undetermined: int, broken: int, remark: str) -> None:
    assert RuleCount("R", "", None, broken, 0, answered, undetermined, 0, broken, 0).remark == remark


def test_a_rule_counts_reports_once_by_its_best_answer() -> None:
    asked = made_up(5)
    mixed = {"APP-BALANCE": {State.HOLDS: 1, State.UNDETERMINED: 2}}
    lost = {"APP-BALANCE": {State.UNDETERMINED: 7}}
    made = Batch(
        (
            report(named(asked, "甲县教育局")),
            report(named(made_up(0, verdicts=mixed), "乙县教育局")),
            report(named(made_up(0, verdicts=lost), "丙县教育局")),
        )
    )
    counted = next(rule for rule in made.rules if rule.rule == "APP-BALANCE")

    assert (counted.broken, counted.answered, counted.undetermined, counted.findings) == (1, 2, 1, 1)


def test_an_agency_that_was_not_read_is_called_by_its_file() -> None:
    unknown = named(made_up(0), None)

    assert (report(unknown).agency, digest_of(unknown).agency) == (f"（{unknown.name}）", None)
