"""Which reports of a batch are each other's last year."""

from __future__ import annotations

import pytest

from audits.outcome import Outcome, Settled, Summary
from audits.previous import previous_in


def report(agency: str | None, year: int | None, applicable: bool = True) -> Outcome:
    return Outcome(Settled.AUDITED, summary=Summary(agency, year, applicable, "", 0, 0, 0, 0, 0, None))


NEWER = report("临江县水利局", 2023)


@pytest.mark.parametrize(
    ("others", "previous"),
    [
        ([report("临江县水利局", 2022)], {0: 1}),
        ([report("临江县　水利局", 2022)], {0: 1}),
        ([report("临江县水利局", 2021)], {}),
        ([report("临江县水务局", 2022)], {}),
        ([report("青川市临江县水利局", 2022)], {}),
        ([report("临江县水利局", 2022), report("临江县水利局", 2022)], {}),
        ([report("临江县水利局", 2022), report("临江县水利局", 2021)], {0: 1, 1: 2}),
        ([report("临江县水利局", 2022, applicable=False)], {}),
        ([report(None, 2022), report("临江县水利局", None)], {}),
        ([Outcome(Settled.UNREADABLE, "EMPTY", "空文件")], {}),
    ],
)
def test_last_year_is_the_same_agency_one_year_before_and_nobody_else(others, previous):
    assert previous_in([NEWER, *others]) == previous


def test_two_reports_of_one_year_have_the_same_last_year():
    assert previous_in([NEWER, NEWER, report("临江县水利局", 2022)]) == {0: 2, 1: 2}
