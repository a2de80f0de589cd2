"""What a resubmission changed is said only of two versions of one report, and 已改好 only of what surely is."""

from __future__ import annotations

import pytest

from audits.digest import Digest, digest_from
from audits.versions import changes
from tests.audits.digests import written

BEFORE = digest_from(written("甲局", 2023, "A", "B"))


def test_findings_are_told_apart_by_their_ids() -> None:
    found = changes(BEFORE, digest_from(written("甲局", 2023, "B", "C")))

    assert [[item.rule for item in items] for items in (found.fixed, found.still_open, found.new, found.unsure)] == [
        ["A"],
        ["B"],
        ["C"],
        [],
    ]


@pytest.mark.parametrize(
    "after",
    [
        digest_from(written("甲局", 2023, "B", undecided=["A"])),
        digest_from(written("甲局", 2023, "B", pack="national 2")),
        digest_from(written("甲局", 2023, "B", engine="hecha 2")),
    ],
    ids=["its rule could not be decided", "another pack", "another program"],
)
def test_what_is_gone_without_being_checked_alike_is_not_called_mended(after: Digest) -> None:
    found = changes(BEFORE, after)

    assert ([item.rule for item in found.fixed], [item.rule for item in found.unsure]) == ([], ["A"])


@pytest.mark.parametrize("after", [digest_from(written("乙局", 2023)), digest_from(written("甲局", 2022))])
def test_reports_of_another_agency_or_year_are_no_versions_of_each_other(after: Digest) -> None:
    found = changes(BEFORE, after)

    assert (found.comparable, found.fixed, "不是同一单位同一年度" in found.reason) == (False, (), True)
