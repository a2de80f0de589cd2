"""Deciding on the findings of a report: what may be decided, what holds later, what is refused and with which code."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from audits.decision import Decided
from audits.decisions import decide, history, of_report, undo
from audits.errors import DecidedMeanwhile, DecisionError, NoSuchFinding, NotWaivable, ReasonMissing, WaiverEnded
from audits.intake import Submitted
from audits.outcome import Outcome, Settled
from audits.store import Queue, Store
from tests.audits.digests import written

TODAY = date(2026, 11, 21)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data")


def audited(store: Store, folder: Path, name: str, *rules: str, message: str = "不平") -> str:
    """The id of a report whose audit found those rules broken, each under the id ``<rule>-id``."""
    (folder / name).write_text(name)
    batch = store.add_batch("一批", [Submitted(folder / name, name)])
    claim = store.claim(Queue.AUDIT, 60.0)
    assert claim is not None
    whole = json.loads(written("甲局", 2023, *rules))
    for finding in whole["findings"]:
        finding["message"] = message
    outcome = Outcome(Settled.AUDITED, outputs={"json": json.dumps(whole).encode()})
    assert store.finish(claim, outcome, claim.submission.id, "national 1", "hecha 1")
    return store.results(batch)[0].submission.id


def say(store: Store, report: str, decided: Decided, *rules: str, reason: str = "", expires: date | None = None) -> None:
    ids = [f"{rule}-id" for rule in rules]
    decide(store, report, ids, decided, reason, account_id="a1", author="王", expires=expires, today=TODAY)


def test_a_decision_holds_for_the_finding_in_every_report_that_shows_it(store: Store, tmp_path: Path) -> None:
    first = audited(store, tmp_path, "a.txt", "APP-BALANCE", "APP-CARRY")
    second = audited(store, tmp_path, "b.txt", "APP-BALANCE")

    say(store, first, Decided.DISMISSED, "APP-BALANCE", reason="原件如此")

    assert [(item.decided, item.author, item.reason) for item in of_report(store, second).values()] == [
        (Decided.DISMISSED, "王", "原件如此")
    ]
    assert set(of_report(store, first)) == {"APP-BALANCE-id"}


def test_it_is_said_when_the_finding_says_something_else_than_when_it_was_decided(store: Store, tmp_path: Path) -> None:
    first = audited(store, tmp_path, "a.txt", "APP-BALANCE")
    second = audited(store, tmp_path, "b.txt", "APP-BALANCE", message="差50")

    say(store, first, Decided.CONFIRMED, "APP-BALANCE")

    assert not of_report(store, first)["APP-BALANCE-id"].said_otherwise
    assert of_report(store, second)["APP-BALANCE-id"].said_otherwise
    assert history(store, second, "APP-BALANCE-id")[0].said_otherwise


def test_a_waiver_that_has_ended_is_open_again(store: Store, tmp_path: Path) -> None:
    report = audited(store, tmp_path, "a.txt", "APP-BALANCE")

    say(store, report, Decided.WAIVED, "APP-BALANCE", reason="已报备", expires=date(2026, 12, 31))

    assert set(of_report(store, report, date(2026, 12, 31))) == {"APP-BALANCE-id"}
    assert of_report(store, report, date(2027, 1, 1)) == {}


def test_what_is_taken_back_is_open_again_and_the_history_says_by_whom(store: Store, tmp_path: Path) -> None:
    report = audited(store, tmp_path, "a.txt", "APP-BALANCE")
    say(store, report, Decided.CONFIRMED, "APP-BALANCE")

    undo(store, report, ["APP-BALANCE-id"], account_id="a2", author="李")

    assert of_report(store, report) == {}
    found = history(store, report, "APP-BALANCE-id")
    assert [(item.decided, item.author) for item in found] == [(Decided.CONFIRMED, "王"), (Decided.REOPENED, "李")]


@pytest.mark.parametrize(
    ("decided", "rule", "reason", "expires", "error"),
    [
        (Decided.DISMISSED, "APP-BALANCE", " ", None, ReasonMissing),
        (Decided.WAIVED, "APP-BALANCE", "", None, ReasonMissing),
        (Decided.WAIVED, "SECRET-MARK", "已报备", None, NotWaivable),
        (Decided.WAIVED, "NO-LONGER-A-RULE", "已报备", None, NotWaivable),
        (Decided.WAIVED, "APP-BALANCE", "已报备", date(2026, 11, 20), WaiverEnded),
        (Decided.CONFIRMED, "APP-BALANCE", "", date(2027, 1, 1), WaiverEnded),
        (Decided.CONFIRMED, "NOT-FOUND", "", None, NoSuchFinding),
    ],
)
def test_what_cannot_be_decided_is_refused_and_nothing_is_recorded(
    store: Store,
    tmp_path: Path,
    decided: Decided,
    rule: str,
    reason: str,
    expires: date | None,
    error: type[DecisionError],
) -> None:
    report = audited(store, tmp_path, "a.txt", "APP-BALANCE", "SECRET-MARK", "NO-LONGER-A-RULE")

    with pytest.raises(error):
        say(store, report, decided, "APP-BALANCE", rule, reason=reason, expires=expires)

    assert of_report(store, report) == {}


def test_a_report_that_is_not_audited_has_nothing_to_decide_on(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    batch = store.add_batch("一批", [Submitted(tmp_path / "a.txt", "a.txt")])
    report = store.results(batch)[0].submission.id

    with pytest.raises(NoSuchFinding):
        say(store, report, Decided.CONFIRMED, "APP-BALANCE")
    assert of_report(store, report) == {}


def test_who_decides_on_what_somebody_else_decided_meanwhile_is_told_and_nothing_is_recorded(
    store: Store, tmp_path: Path
) -> None:
    report = audited(store, tmp_path, "a.txt", "APP-BALANCE", "APP-CARRY")
    say(store, report, Decided.CONFIRMED, "APP-BALANCE")
    first = of_report(store, report)["APP-BALANCE-id"]
    both = {"APP-BALANCE-id": "", "APP-CARRY-id": ""}

    with pytest.raises(DecidedMeanwhile, match="王认定过这个问题") as raised:
        decide(store, report, both, Decided.DISMISSED, "不对", account_id="a2", author="李", today=TODAY, expected=both)
    assert {key: held and held.id for key, held in raised.value.held.items()} == {"APP-BALANCE-id": first.id}
    assert [one.id for one in of_report(store, report).values()] == [first.id]

    seen = both | {"APP-BALANCE-id": first.id}
    decide(store, report, both, Decided.DISMISSED, "不对", account_id="a2", author="李", today=TODAY, expected=seen)
    assert {one.author for one in of_report(store, report).values()} == {"李"}


def test_a_decision_taken_back_meanwhile_is_told_too_and_an_ended_waiver_holds_nothing(store: Store, tmp_path: Path) -> None:
    report = audited(store, tmp_path, "a.txt", "OVERVIEW-LENGTH")
    finding = "OVERVIEW-LENGTH-id"
    say(store, report, Decided.WAIVED, "OVERVIEW-LENGTH", reason="试点", expires=TODAY)
    waiver = of_report(store, report, TODAY)[finding]
    undo(store, report, [finding], account_id="a1", author="王")

    with pytest.raises(DecidedMeanwhile, match="被撤销了"):
        decide(store, report, [finding], Decided.CONFIRMED, account_id="a2", author="李", expected={finding: waiver.id})
    decide(
        store,
        report,
        [finding],
        Decided.WAIVED,
        "试点",
        account_id="a1",
        author="王",
        expires=date(2020, 1, 1),
        today=date(2019, 1, 1),
    )
    decide(store, report, [finding], Decided.CONFIRMED, account_id="a2", author="李", expected={finding: ""})
    assert of_report(store, report)[finding].author == "李"
