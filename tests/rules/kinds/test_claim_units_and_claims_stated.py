"""Numbers need the unit of what they count; some must be stated at all."""

from __future__ import annotations

import pytest

from rules.errors import FieldError
from rules.examples import filing_of
from rules.filing import Filing
from rules.kinds.claim_units import ClaimUnits
from rules.kinds.claims_stated import ClaimsStated
from rules.verdict import State

UNITS = ClaimUnits(
    {"applications.received": ("项",), "fee.charged": ("",)}, {"applications.received": "件", "fee.charged": "元"}
)
STATED = ClaimsStated(("fee.notices", "fee.charged"), "other_matters")


def filing(overview: str, other_matters: str = "无。") -> Filing:
    return filing_of(
        {"sections": {"overview": [f"（二）依申请公开。{overview}"], "problems": ["无。"], "other_matters": [other_matters]}}
    )


@pytest.mark.parametrize(
    ("overview", "other_matters", "states"),
    [
        ("收到政府信息公开申请2件。", "收取信息处理费0元。", [State.HOLDS, State.HOLDS]),
        ("收到政府信息公开申请2项。", "收取信息处理费为0。", [State.BROKEN, State.BROKEN]),
        ("未收到政府信息公开申请。", "未收取信息处理费。", [State.HOLDS, State.HOLDS]),
        ("规范办理。", "无。", [State.NOT_APPLICABLE]),
    ],
)
def test_a_number_has_the_unit_of_its_subject(overview: str, other_matters: str, states: list[State]) -> None:
    assert [verdict.state for verdict in UNITS.check(filing(overview, other_matters))] == states


def test_a_unit_used_twice_in_a_section_is_one_finding() -> None:
    verdicts = list(UNITS.check(filing("收到政府信息公开申请2项。共收到依申请公开2项。")))
    assert [(verdict.state, len(verdict.evidence)) for verdict in verdicts] == [(State.BROKEN, 2)]


@pytest.mark.parametrize(
    ("text", "state", "missing"),
    [
        ("发出收费通知0件，收取信息处理费0元。", State.HOLDS, None),
        ("未发出收费通知，未收取信息处理费。", State.HOLDS, None),
        ("收取信息处理费0元。", State.BROKEN, "信息处理费收费通知"),
    ],
)
def test_what_must_be_stated_is_stated_or_named(text: str, state: State, missing: str | None) -> None:
    verdict = next(iter(STATED.check(filing("规范办理。", text))))
    assert (verdict.state, verdict.facts.get("missing")) == (state, missing)


def test_a_section_that_is_not_there_states_nothing_either_way() -> None:
    verdicts = list(STATED.check(filing_of({"sections": {"other_matters": "absent"}})))
    assert [verdict.state for verdict in verdicts] == [State.UNDETERMINED]


def test_a_unit_without_the_right_one_beside_it_is_refused() -> None:
    with pytest.raises(FieldError):
        ClaimUnits({"fee.charged": ("",)}, {})
