"""Every sentence of sentences.yaml gives exactly the claims written beside it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from rules.claims import SUBJECTS, Claim
from rules.examples import filing_of

GROUPS = yaml.safe_load((Path(__file__).parent / "sentences.yaml").read_text("utf-8"))
CASES = [
    pytest.param(group, case, id=f"{name}-{index}")
    for name, group in GROUPS.items()
    for index, case in enumerate(group["sentences"])
]
LEAST = 200  # sentences, positive and negative


@pytest.mark.parametrize(("group", "case"), CASES)
def test_a_sentence_gives_exactly_the_claims_written_beside_it(group: dict[str, Any], case: dict[str, Any]) -> None:
    section = group.get("section", "overview")
    passage = group.get("heading", "（二）依申请公开。") + case.get("before", "") + case["say"]
    sections = {"overview": ["（一）主动公开。"], "problems": ["无。"], "other_matters": ["无。"]} | {section: [passage]}
    filing = filing_of({"agency": group.get("agency", "青川市临江区人民政府办公室"), "year": 2023, "sections": sections})
    assert [written(claim) for claim in filing.claims if claim.quote.endswith(case["say"])] == case["claims"]


def test_there_are_enough_sentences_with_and_without_claims() -> None:
    without = [case for case in CASES if not case.values[1]["claims"]]
    assert (len(CASES) >= LEAST, len(without) >= LEAST // 4) == (True, True)


def test_every_subject_is_shown() -> None:
    shown = {claim.split()[0] for case in CASES for claim in case.values[1]["claims"]}
    groups = {subject.split(".")[0] for subject in SUBJECTS}
    assert groups == {subject.split(".")[0] for subject in shown}


def written(claim: Claim) -> str:
    """As sentences.yaml writes it."""
    value = "-" if claim.value is None else f"{claim.value.normalize():f}" if isinstance(claim.value, Decimal) else claim.value
    flags = (("~", claim.approximate), ("part", claim.subset), ("none", claim.zero), (claim.scope, claim.scope))
    said = [word for word, true in flags if true]
    if claim.subject == "applications.change":
        said.append("%")
    if claim.year is not None:
        said.append(f"Y{claim.year}")
    return " ".join([claim.subject, str(value), claim.unit or "-", *said])
