"""What a jailed process hands over is what it found, or nothing."""

from __future__ import annotations

import json
import struct
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.handover import pack, unpack
from audits.matching import Candidate, Match, MatchState
from audits.outcome import Found, Outcome, Settled, Summary
from rules.verdict import Severity

SUMMARY = Summary("青禾县教育局", 2023, True, "", 1, 2, 3, 1, 0, Severity.ERROR, published="2024-03-29")
FINDINGS = (
    Found("APP-BALANCE-0123456789ab", "APP-BALANCE", Severity.ERROR, is_doubtful=False),
    Found("本地-01-0123456789ab", "本地-01", Severity.NOTICE, is_doubtful=True),
)
OUTCOMES = [
    Outcome(Settled.AUDITED, summary=SUMMARY, outputs={"pdf": b"%PDF", "json": b""}, findings=FINDINGS),
    Outcome(Settled.AUDITED, summary=Summary(None, None, False, "没有适用的格式", 0, 0, 0, 0, 0, None)),
    Outcome(Settled.UNREADABLE, "DAMAGED", "坏\ud800.pdf：文件已损坏"),
]
SUMMARY_SENT = asdict(SUMMARY)
HEAD: dict[str, Any] = {"state": "audited", "code": "", "reason": "", "summary": None, "match": None, "outputs": {}}


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_an_outcome_arrives_as_it_was(outcome: Outcome) -> None:
    assert unpack(pack(outcome)) == outcome


def sent(head: Any, rest: bytes = b"") -> bytes:
    encoded = json.dumps(head).encode()
    return struct.pack(">I", len(encoded)) + encoded + rest


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xff\xff\xff{}",
        sent([]),
        sent(HEAD | {"state": "approved"}),
        sent(HEAD | {"reason": 1}),
        sent(HEAD | {"outputs": {"pdf": 10}}, b"short"),
        sent(HEAD | {"outputs": {"pdf": -1}}),
        sent(HEAD | {"outputs": {}}, b"surplus"),
        sent(HEAD | {"summary": {}}),
        sent(HEAD | {"summary": dict.fromkeys(["agency", "year"], 1)}),
        sent(HEAD | {"summary": SUMMARY_SENT | {"published": "2024-03-29\n"}}),
        sent(HEAD | {"findings": {}}),
        sent(HEAD | {"findings": [["a", "A", "error"]]}),
        sent(HEAD | {"findings": [["a", "A", "grave", False]]}),
        sent(HEAD | {"findings": [["a", "A", "error", 0]]}),
        sent(HEAD | {"findings": [["a\n", "A", "error", False]]}),
        sent(HEAD | {"findings": [["", "A", "error", False]]}),
        sent(HEAD | {"findings": [["a", "A" * 201, "error", False]]}),
        sent(HEAD | {"findings": [["a", "A", "error", False]] * 100_001}),
        sent(HEAD | {"match": {"state": "matched", "candidates": [], "rests_on": [], "reason": ""}}),
        sent("[" * 100_000),
        struct.pack(">I", 100_000) + b"[" * 100_000,
    ],
)
def test_what_is_no_outcome_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # whatever is wrong with it
        unpack(data)


@given(st.sampled_from(OUTCOMES), st.integers(0, 200), st.binary(min_size=1, max_size=4))
def test_a_damaged_handover_is_an_outcome_or_refused(outcome: Outcome, at: int, damage: bytes) -> None:
    data = bytearray(pack(outcome))
    data[at : at + len(damage)] = damage
    try:
        found: Outcome | None = unpack(bytes(data))
    except ValueError:
        found = None

    assert found is None or isinstance(found.state, Settled)


MATCH = Match(MatchState.MATCHED, (Candidate("QH01", "青禾县教育局", 96.0),), (("title", "教育局"), ("folder", "青禾县")))
AMBIGUOUS = Match(MatchState.AMBIGUOUS, (Candidate("a", "甲局", 90.0), Candidate("b", "乙局", 80.5)), (), "分不清")


@pytest.mark.parametrize("match", [None, MATCH, AMBIGUOUS, Match(MatchState.UNKNOWN, reason="没有写明单位")])
def test_whose_report_it_is_comes_back_as_it_went(match: Match | None) -> None:
    outcome = Outcome(Settled.AUDITED, match=match)
    assert unpack(pack(outcome)).match == match


@pytest.mark.parametrize(
    "match",
    [
        Match(MatchState.MATCHED),
        Match(MatchState.MATCHED, AMBIGUOUS.candidates),
        Match(MatchState.MATCHED, MATCH.candidates, (), "x"),
    ],
)
def test_a_match_that_is_none_is_refused(match: Match) -> None:
    with pytest.raises(ValueError, match="not a match"):
        unpack(pack(Outcome(Settled.AUDITED, match=match)))


def test_the_least_outcome_is_one() -> None:
    assert unpack(sent(HEAD)) == Outcome(Settled.AUDITED)


TAKEN_OVER: dict[str, dict[str, Any]] = {  # what a process that a file has taken over might say, to make its parent stumble
    "an agency that no database keeps": {"summary": SUMMARY_SENT | {"agency": "甲\ud800局"}},
    "an agency with an end inside": {"summary": SUMMARY_SENT | {"agency": "甲\0局"}},
    "an agency without an end": {"summary": SUMMARY_SENT | {"agency": "甲" * 20_001}},
    "a year that is none": {"summary": SUMMARY_SENT | {"year": 10**30}},
    "a count beyond all integers": {"summary": SUMMARY_SENT | {"errors": 10**30}},
    "a count below nothing": {"summary": SUMMARY_SENT | {"warnings": -1}},
    "a reason without an end": {"reason": "x" * 20_001},
    "a reason with an end inside": {"reason": "a\0b"},
    "a code that is a sentence": {"code": "看这里"},
    "a form that leads elsewhere": {"outputs": {"../../x": 0}},
    "a form that is empty": {"outputs": {"": 0}},
    "a score beyond all numbers": {
        "match": {
            "state": "ambiguous",
            "candidates": [{"code": "a", "name": "甲", "score": 10**400}],
            "rests_on": [],
            "reason": "x",
        }
    },
    "a score that is no number": {
        "match": {
            "state": "ambiguous",
            "candidates": [{"code": "a", "name": "甲", "score": float("nan")}],
            "rests_on": [],
            "reason": "x",
        }
    },
    "a candidate that no database keeps": {
        "match": {
            "state": "matched",
            "candidates": [{"code": "a", "name": "\udc80", "score": 1.0}],
            "rests_on": [],
            "reason": "",
        }
    },
    "candidates without an end": {
        "match": {
            "state": "ambiguous",
            "candidates": [{"code": "a", "name": "甲", "score": 1}] * 10_001,
            "rests_on": [],
            "reason": "x",
        }
    },
}


@pytest.mark.parametrize("said", TAKEN_OVER.values(), ids=TAKEN_OVER)
def test_what_a_process_taken_over_says_is_refused_before_anybody_stumbles(said: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # whatever is wrong with it
        unpack(sent(HEAD | said))
