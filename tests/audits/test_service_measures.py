"""What a batch's reports are held against: the roster in force for its region, its waivers, its wish for evidence. Real audits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

import audits.service
from audits.digest import digest_from
from audits.errors import StoreError
from audits.intake import Submitted
from audits.matching import MatchState
from audits.service import audit_again, audit_key, audit_next, submit_batch
from audits.single import NATIONAL, Asked, leave_jail
from audits.store import EVERYBODY, Queue, ReportRow, Store, Wanted
from rules.compile import PACKS
from rules.errors import RuleError

SAMPLES = Path(__file__).parents[2] / "samples"
REPORT = "青禾县民政局2023年报.txt"
ROSTER = (SAMPLES / "agencies.csv").read_bytes()
TODAY = date(2026, 11, 20)
WAIVERS = """waivers:
- {{rule: {rule}, agency: {agency}, reason: 历史口径, owner: 监督科, expires: "{expires}"}}
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(audits.service, "today", lambda: TODAY)
    opened = Store(tmp_path / "data")
    yield opened
    opened.close()
    leave_jail()


def audited(store: Store, *names: str, **how: object) -> dict[str, ReportRow]:
    """A batch of samples, audited, by name."""
    batch_id = submit_batch(store, "一批", [Submitted(SAMPLES / "reports" / name, name) for name in names], **how)  # type: ignore[arg-type]
    while audit_next(store, Queue.AUDIT, 600.0):
        pass
    return {row.name: row for row in store.listing.reports(EVERYBODY, Wanted(batch_id=batch_id)).items}


def imported(store: Store, region: str = "/") -> None:
    store.rosters.import_(ROSTER, "agencies.csv", region, "a", "甲")


def test_an_audit_says_whose_report_it_is_and_lists_its_findings(store: Store) -> None:
    imported(store)
    row = audited(store, REPORT)[REPORT]

    result = store.listing.report(EVERYBODY, row.submission_id)
    assert result is not None
    digest = digest_from(store.file(result.outputs["json"]).read_bytes())
    assert (row.agency, row.match, row.agency_code is not None) == ("青禾县民政局", MatchState.MATCHED, True)
    assert (row.open, row.problems) == (len(digest.findings), len(digest.findings))
    rules = {one.rule for one in store.listing.rule_statistics(EVERYBODY, row.batch_id)}
    assert rules == {finding.rule for finding in digest.findings} != set()


def test_without_a_roster_for_its_region_a_report_is_nobodys(store: Store) -> None:
    imported(store, "/别省/")

    row = audited(store, REPORT, region="/青川省/")[REPORT]
    assert (row.agency, row.match, row.agency_code, row.region) == ("青禾县民政局", None, None, "/青川省/青禾县/")


def test_a_file_that_cannot_be_read_is_somebodys_by_its_name(store: Store, tmp_path: Path) -> None:
    imported(store)
    (tmp_path / "empty").write_bytes(b"")
    batch_id = submit_batch(store, "一批", [Submitted(tmp_path / "empty", REPORT)])
    audit_next(store, Queue.AUDIT, 600.0)

    (row,) = store.listing.reports(EVERYBODY, Wanted(batch_id=batch_id)).items
    assert (row.agency, row.match, row.code) == ("青禾县民政局", MatchState.MATCHED, "EMPTY_FILE")


def test_an_answer_is_another_one_under_another_roster_and_the_same_under_the_same(store: Store) -> None:
    first = audited(store, REPORT)[REPORT]
    imported(store)
    second, third = audited(store, REPORT)[REPORT], audited(store, REPORT)[REPORT]

    keys = [store.submission(row.submission_id).audit for row in (first, second, third)]
    assert (keys[0] != keys[1], keys[1] == keys[2]) == (True, True)
    assert (third.agency_code, third.problems, third.open) == (second.agency_code, second.problems, second.open)


def test_waivers_of_a_batch_hold_until_they_expire(store: Store, tmp_path: Path) -> None:
    plain = audited(store, REPORT)[REPORT]
    rule = store.listing.rule_statistics(EVERYBODY, plain.batch_id)[0].rule
    kept, over = tmp_path / "kept.yaml", tmp_path / "over.yaml"
    kept.write_text(WAIVERS.format(rule=rule, agency="青禾县民政局", expires=TODAY), "utf-8")
    over.write_text(WAIVERS.format(rule=rule, agency="青禾县民政局", expires=TODAY - timedelta(days=1)), "utf-8")

    waived, not_waived = audited(store, REPORT, waivers=kept)[REPORT], audited(store, REPORT, waivers=over)[REPORT]
    assert waived.problems < plain.problems == not_waived.problems
    assert store.submission(not_waived.submission_id).audit == store.submission(plain.submission_id).audit


def test_waivers_with_a_fault_are_refused_before_anything_is_recorded(store: Store, tmp_path: Path) -> None:
    (tmp_path / "w.yaml").write_text(WAIVERS.format(rule="NO-SUCH-RULE", agency="甲", expires=TODAY), "utf-8")

    with pytest.raises(RuleError, match="NO-SUCH-RULE"):
        audited(store, REPORT, waivers=tmp_path / "w.yaml")
    assert store.batches() == []


def test_another_pack_takes_region_waivers_and_evidence_along(store: Store, tmp_path: Path) -> None:
    waivers = tmp_path / "w.yaml"
    waivers.write_text(WAIVERS.format(rule="FEE-NOT-REPORTED", agency="青禾县民政局", expires=TODAY), "utf-8")
    old = audited(store, REPORT, region="/青川省/", waivers=waivers, evidence=True)[REPORT]

    new_id = audit_again(store, old.batch_id, PACKS / "wuwei")
    before, after = store.asked(old.batch_id), store.asked(new_id)
    assert replace(after, roster=None) == replace(before, roster=None)
    assert (before.region, before.evidence, before.waivers is not None) == ("/青川省/", True, True)


def test_evidence_is_part_of_the_answer(store: Store) -> None:
    row = audited(store, REPORT)[REPORT]
    submission = store.submission(row.submission_id)

    assert audit_key(submission, NATIONAL) != audit_key(submission, NATIONAL, Asked(evidence=True))


def test_a_batch_may_be_given_its_id_beforehand_and_only_once(store: Store) -> None:
    row = audited(store, REPORT, batch_id="f" * 32)[REPORT]

    assert row.batch_id == "f" * 32
    with pytest.raises(StoreError):
        audited(store, REPORT, batch_id="f" * 32)
