"""Two numbers of one thing conflict; numbers of two things do not."""

from __future__ import annotations

from typing import Any

import pytest

from rules.errors import FieldError
from rules.examples import filing_of
from rules.kinds.claims_conflict import ClaimsConflict
from rules.verdict import Place, State, Verdict

EITHER = ("applications.new.total", "applications.new.total + applications.carried_in.total")
KIND = ClaimsConflict(
    ("applications.received", "review.total", "information.published"),
    {"applications.received": EITHER},
    ("information.published",),
)


def check(*overview: str, **spec: Any) -> list[Verdict]:
    sections = {"overview": list(overview), "problems": ["无。"], "other_matters": ["无。"]}
    return list(KIND.check(filing_of({"sections": sections, **spec})))


def test_both_sentences_are_the_evidence_in_the_order_of_the_report() -> None:
    verdict = check("（一）主动公开。行政复议0件。", "（二）依申请公开。收到政府信息公开申请2件，其中行政复议1件。")[0]
    assert (verdict.state, verdict.place, [evidence.quote for evidence in verdict.evidence]) == (
        State.BROKEN,
        Place("overview", topic="review.total"),
        ["行政复议0件。", "收到政府信息公开申请2件，其中行政复议1件。"],
    )


def test_a_third_mention_that_agrees_with_the_first_is_not_evidence_twice() -> None:
    verdict = check("（二）依申请公开。收到政府信息公开申请2件。", "共收到依申请公开3件。", "全年收到政府信息公开申请2件。")[0]
    assert len(verdict.evidence) == 2


@pytest.mark.parametrize(
    "other",
    [
        "2022年收到政府信息公开申请9件。",
        "全市收到政府信息公开申请90件。",
        "收到政府信息公开申请近3件。",
        "通过网站收到政府信息公开申请1件。",
    ],
)
def test_numbers_of_another_year_circle_or_part_do_not_conflict(other: str) -> None:
    verdicts = check("（二）依申请公开。收到政府信息公开申请2件。", other)
    assert [verdict.state for verdict in verdicts] == [State.NOT_APPLICABLE]


def test_with_and_without_what_last_year_left_is_no_conflict() -> None:
    tables = {"applications": {"rows": {"new": 12, "carried_in": 2}}}
    verdicts = check("（二）依申请公开。收到政府信息公开申请12件。", "共收到政府信息公开申请14件。", tables=tables)
    assert [verdict.state for verdict in verdicts] == [State.HOLDS]


def test_what_last_year_left_must_be_known_to_tell() -> None:
    tables = {"applications": {"rows": {"new": 12, "carried_in": "blank"}}}
    verdicts = check("（二）依申请公开。收到政府信息公开申请12件。", "共收到政府信息公开申请14件。", tables=tables)
    assert [verdict.state for verdict in verdicts] == [State.UNDETERMINED]


def test_numbers_in_different_units_are_of_different_things_where_that_may_be() -> None:
    verdicts = check("（一）主动公开。全年主动公开政府信息422条。", "全年主动公开政府信息90件。")
    assert [verdict.state for verdict in verdicts] == [State.NOT_APPLICABLE]


def test_two_totals_of_published_items_are_for_a_person_to_look_at() -> None:
    verdict = check("（一）主动公开。全年主动公开政府信息422条。", "全年主动公开政府信息350条。")[0]
    assert (verdict.state, verdict.doubt is not None) == (State.BROKEN, True)


def test_an_unknown_subject_is_refused() -> None:
    with pytest.raises(FieldError):
        ClaimsConflict(("review.totals",))
