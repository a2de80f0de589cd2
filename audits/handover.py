"""An Outcome as bytes, as a jailed process hands it over: plain JSON and the outputs after it.

Whoever opens it trusts nothing in it, for what was jailed may have been taken over by the file it read.
"""

from __future__ import annotations

import json
import math
import re
import struct
from dataclasses import asdict, fields
from types import NoneType
from typing import Any, Final

from audits.matching import Candidate, Match, MatchState
from audits.outcome import Found, Outcome, Settled, Summary
from rules.verdict import Severity

_LENGTH = struct.Struct(">I")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NAME: Final = re.compile(
    r"[^\x00-\x1f\x7f\ud800-\udfff]{1,200}"
)  # of a rule or finding; packs of an office name theirs as they like
_CODE: Final = re.compile(r"[A-Z_]{0,64}")
_FORM: Final = re.compile(r"[a-z]{1,32}")
_TEXT: Final = re.compile(r"[^\x00\ud800-\udfff]{0,20000}")  # as every database keeps it
_REASON: Final = re.compile(r"[^\x00]{0,20000}")  # names a file, whose name may be no Unicode
_MOST_CANDIDATES: Final = 10_000
_MOST_COUNTED: Final = 1_000_000
_YEARS: Final = range(1, 10_000)
_MOST_FINDINGS: Final = 100_000  # a report of a thousand pages has some hundreds
_TYPES: Final = {
    "agency": (str, NoneType),
    "year": (int, NoneType),
    "applicable": (bool,),
    "reason": (str,),
    "worst_sure": (str, NoneType),
    "published": (str, NoneType),
}  # all else of a summary is counts


def pack(outcome: Outcome) -> bytes:
    """The outcome as bytes."""
    head = {
        "state": outcome.state,
        "code": outcome.code,
        "reason": outcome.reason,
        "summary": asdict(outcome.summary) if outcome.summary else None,
        "match": asdict(outcome.match) if outcome.match else None,
        "findings": [[one.id, one.rule, one.severity, one.is_doubtful] for one in outcome.findings],
        "outputs": {form: len(data) for form, data in outcome.outputs.items()},
    }
    encoded = json.dumps(head, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return b"".join((_LENGTH.pack(len(encoded)), encoded, *outcome.outputs.values()))


def unpack(data: bytes) -> Outcome:
    """The outcome in those bytes. Raises ValueError for anything that ``pack`` does not write."""
    try:
        (length,) = _LENGTH.unpack_from(data)
        at = _LENGTH.size + length
        head: dict[str, Any] = json.loads(data[_LENGTH.size : at].decode("utf-8", "surrogatepass"))
        outputs = {}
        for form, size in head["outputs"].items():
            outputs[_text(form, _FORM)] = data[at : at + _of(size, int)]
            at += size
        if at != len(data) or any(size < 0 for size in head["outputs"].values()):
            raise ValueError("lengths do not add up")
        summary = None if head["summary"] is None else _summary(head["summary"])
        match = None if head["match"] is None else _match(head["match"])
        findings = _findings(head.get("findings", []))
        return Outcome(
            Settled(head["state"]),
            _text(head["code"], _CODE),
            _text(head["reason"], _REASON),
            summary,
            outputs,
            match,
            findings,
        )
    except (struct.error, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError("not an outcome") from error


def _summary(values: dict[str, Any]) -> Summary:
    names = [field.name for field in fields(Summary)]
    if list(values) != names:
        raise ValueError("not a summary")
    for name in names:
        value = _of(values[name], *_TYPES.get(name, (int,)))
        if type(value) is str:
            _text(value, _TEXT)
        elif type(value) is int and value not in (_YEARS if name == "year" else range(_MOST_COUNTED)):
            raise ValueError(f"{value} is no {name}")
    if values["published"] is not None and not _DAY.fullmatch(values["published"]):
        raise ValueError("not a day")
    worst = values["worst_sure"]
    return Summary(**values | {"worst_sure": None if worst is None else Severity(worst)})


def _findings(values: list[Any]) -> tuple[Found, ...]:
    if len(_of(values, list)) > _MOST_FINDINGS:
        raise ValueError("too many findings")
    found = []
    for finding_id, rule, severity, is_doubtful in values:
        if not (_NAME.fullmatch(_of(finding_id, str)) and _NAME.fullmatch(_of(rule, str))):
            raise ValueError("not a finding")
        found.append(Found(finding_id, rule, Severity(severity), _of(is_doubtful, bool)))
    return tuple(found)


def _match(values: dict[str, Any]) -> Match:
    if max(len(values["candidates"]), len(values["rests_on"])) > _MOST_CANDIDATES:
        raise ValueError("too many candidates")
    candidates = [
        Candidate(_text(one["code"], _TEXT), _text(one["name"], _TEXT), float(_of(one["score"], int, float)))
        for one in values["candidates"]
    ]
    if not all(math.isfinite(one.score) for one in candidates):
        raise ValueError("not a score")
    rests_on = [(_text(place, _TEXT), _text(words, _REASON)) for place, words in values["rests_on"]]
    match = Match(MatchState(values["state"]), tuple(candidates), tuple(rests_on), _text(values["reason"], _REASON))
    is_told = match.state in (MatchState.MATCHED, MatchState.ASSIGNED)
    if is_told != (len(candidates) == 1 and not match.reason):
        raise ValueError("not a match")
    return match


def _text(value: Any, form: re.Pattern[str]) -> str:
    if form.fullmatch(_of(value, str)) is None:
        raise ValueError("not a text that could be meant")
    return str(value)


def _of(value: Any, *types: type) -> Any:
    if type(value) not in types:
        raise ValueError(f"{type(value).__name__} is none of {types}")
    return value
