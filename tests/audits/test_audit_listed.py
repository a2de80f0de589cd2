"""What the roster says of an agency's body and rank goes before what its name tells, in every rule that asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from audits.audit import audit
from audits.matching import Matcher
from audits.roster import Agency, Roster
from reports_in import read_bytes
from rules.agencies import Body, Level
from rules.compile import load_pack

SAMPLE = Path(__file__).parents[2] / "samples" / "reports" / "青禾县教育局2023年报.txt"


def rules_of(agency: Agency, text: str, old: str, new: str) -> set[str]:
    document = read_bytes(text.replace(old, new).encode(), "a.txt")
    result = audit(document, load_pack(), matcher=Matcher(Roster({agency.code: agency})))
    assert result.match is not None
    assert result.match.agency is not None
    return {finding.rule for finding in result.findings}


@pytest.mark.parametrize(("level", "is_broken"), [(Level.COUNTY, True), (Level.PREFECTURE, False)])
def test_the_rosters_rank_decides_who_may_make_regulations(level: Level, is_broken: bool) -> None:
    """霁川 is a city of which nobody knows whether it has districts: only the roster tells."""
    agency = Agency("1", "霁川市人民政府", body=Body.GOVERNMENT, level=level)
    text = SAMPLE.read_text("utf-8").replace("青禾县教育局", "霁川市人民政府")
    found = rules_of(agency, text, "规章\t0\t0\t0", "规章\t2\t0\t9")
    assert ("RULES-NO-POWER" in found) is is_broken


def test_the_rosters_kind_decides_what_a_government_must_report() -> None:
    text = SAMPLE.read_text("utf-8")
    for word in ("考核", "评议", "责任追究"):
        text = text.replace(word, "培训")
    as_told = rules_of(Agency("1", "青禾县教育局"), text, "", "")
    as_listed = rules_of(Agency("1", "青禾县教育局", body=Body.GOVERNMENT), text, "", "")
    assert as_listed - as_told == {"OVERVIEW-GOV-ASSESSMENT-MISSING"}
