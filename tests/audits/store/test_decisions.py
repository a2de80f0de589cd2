"""Decisions: appended, never lost; of those on one finding at most one is current."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from audits.decision import Decided, Decision
from audits.intake import Submitted
from audits.outcome import Found, Outcome, Settled
from audits.store import Queue, Store
from audits.store.decisions import About
from audits.store.tables import DECISIONS
from rules.verdict import Severity


def about(finding_id: str, region: str = "/") -> About:
    return About(finding_id, region, "甲局", 2023, "APP-BALANCE", "m" * 64, "s" * 32)


def take(store: Store, finding_id: str, decided: Decided, region: str = "/", author: str = "王") -> Decision:
    return store.decisions.take([about(finding_id, region)], decided, "原件如此", "a1", author)[0]


def test_a_decision_keeps_who_when_why_and_what_it_was_about(store: Store) -> None:
    before = take(store, "f", Decided.CONFIRMED)
    taken = store.decisions.take([about("f")], Decided.WAIVED, "已报备", "a1", "王", date(2027, 1, 31))[0]

    assert store.decisions.current(["f", "other"], "/") == {"f": taken}
    assert (taken.decided, taken.reason, taken.author, taken.expires) == (Decided.WAIVED, "已报备", "王", date(2027, 1, 31))
    assert (taken.rule, taken.agency, taken.year, taken.message) == ("APP-BALANCE", "甲局", 2023, "m" * 64)
    assert store.decisions.history("f", "/") == [before, taken]
    assert before.decided_at <= taken.decided_at


def test_what_is_taken_back_is_open_and_stays_in_the_history(store: Store) -> None:
    take(store, "f", Decided.DISMISSED)
    take(store, "f", Decided.REOPENED, author="李")

    assert store.decisions.current(["f"], "/") == {}
    assert [(item.decided, item.author) for item in store.decisions.history("f", "/")] == [
        (Decided.DISMISSED, "王"),
        (Decided.REOPENED, "李"),
    ]


@pytest.mark.parametrize(
    ("region", "holds"),
    [("/福建省/", True), ("/福建省/福州市/鼓楼区/", True), ("/", True), ("/广东省/", False), ("/福建省/福州/", False)],
)
def test_a_decision_counts_within_its_region_and_around_it_and_nowhere_else(store: Store, region: str, holds: bool) -> None:
    take(store, "f", Decided.CONFIRMED, region="/福建省/福州市/")

    assert ("f" in store.decisions.current(["f"], region)) is holds
    assert bool(store.decisions.history("f", region)) is holds


def test_an_agency_of_the_same_name_elsewhere_is_decided_on_its_own(store: Store) -> None:
    take(store, "f", Decided.CONFIRMED, region="/福建省/")
    take(store, "f", Decided.DISMISSED, region="/广东省/")

    assert store.decisions.current(["f"], "/福建省/")["f"].decided is Decided.CONFIRMED
    assert store.decisions.current(["f"], "/广东省/")["f"].decided is Decided.DISMISSED


def test_of_many_who_decide_at_once_exactly_one_is_current_and_all_are_on_record(
    store: Store, tmp_path: Path, url: str
) -> None:
    start = threading.Barrier(4)

    def decide(author: str, decided: Decided) -> None:
        own = Store(tmp_path / "data", url)
        start.wait()
        for _ in range(5):
            own.decisions.take([about("g"), about("f")], decided, "", "a", author)
        own.close()

    threads = [
        threading.Thread(target=decide, args=(author, decided))
        for author, decided in zip("甲乙丙丁", (Decided.CONFIRMED, Decided.DISMISSED) * 2, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for finding_id in ("f", "g"):
        history = store.decisions.history(finding_id, "/")
        with store.transactions.read() as db:
            current = db.scalars(
                sa.select(DECISIONS.c.id).where(DECISIONS.c.finding_id == finding_id, DECISIONS.c.is_current)
            ).all()
        assert (len(history), len(current)) == (20, 1)
        assert store.decisions.current([finding_id], "/")[finding_id].id == current[0]


def test_more_findings_than_fit_into_one_query_are_all_looked_up(store: Store) -> None:
    ids = [f"f{number}" for number in range(1203)]
    store.decisions.take([about(finding_id) for finding_id in ids], Decided.CONFIRMED, "", "a", "王")

    assert set(store.decisions.current(ids, "/")) == set(ids)


def test_the_decisions_of_a_batch_are_told_by_report_and_only_those_near_it(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "b.txt").write_text("b")
    files = [Submitted(tmp_path / name, name) for name in ("a.txt", "b.txt")]
    batch = store.add_batch("一批", files, region="/福建省/")
    for found in (("f", "g"), ("h",)):
        claim = store.claim(Queue.AUDIT, 60.0)
        assert claim is not None
        findings = tuple(Found(one, "APP-BALANCE", Severity.ERROR, False) for one in found)
        outcome = Outcome(Settled.AUDITED, outputs={"json": b"{}"}, findings=findings)
        assert store.finish(claim, outcome, claim.submission.id, "national 1", "hecha 1")
    first, second = (result.submission.id for result in store.results(batch))
    taken = take(store, "g", Decided.CONFIRMED, region="/福建省/福州市/")
    take(store, "h", Decided.DISMISSED, region="/广东省/")

    assert store.decisions.of_batch(batch) == {first: {"g": taken}}
    assert store.decisions.of_submission(first) == {"g": taken}
    assert store.decisions.of_submission(second) == {}
