"""An Outcome as bytes, as a jailed process hands it over: plain JSON and the outputs after it.

Whoever opens it trusts nothing in it, for what was jailed may have been taken over by the file it read.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, fields
from types import NoneType
from typing import Any, Final

from audits.matching import Candidate, Match, MatchState
from audits.outcome import Outcome, Settled, Summary
from rules.verdict import Severity

_LENGTH = struct.Struct(">I")
_COUNT: Final = (int,)
_TYPES: Final = {
    "agency": (str, NoneType),
    "year": (int, NoneType),
    "applicable": (bool,),
    "reason": (str,),
    "worst_sure": (str, NoneType),
}


def pack(outcome: Outcome) -> bytes:
    """The outcome as bytes."""
    head = {
        "state": outcome.state,
        "code": outcome.code,
        "reason": outcome.reason,
        "summary": asdict(outcome.summary) if outcome.summary else None,
        "match": asdict(outcome.match) if outcome.match else None,
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
            outputs[_of(form, str)] = data[at : at + _of(size, int)]
            at += size
        if at != len(data) or any(size < 0 for size in head["outputs"].values()):
            raise ValueError("lengths do not add up")
        summary = None if head["summary"] is None else _summary(head["summary"])
        match = None if head["match"] is None else _match(head["match"])
        return Outcome(Settled(head["state"]), _of(head["code"], str), _of(head["reason"], str), summary, outputs, match)
    except (struct.error, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("not an outcome") from error


def _summary(values: dict[str, Any]) -> Summary:
    names = [field.name for field in fields(Summary)]
    if list(values) != names:
        raise ValueError("not a summary")
    for name in names:
        _of(values[name], *_TYPES.get(name, _COUNT))
    worst = values["worst_sure"]
    return Summary(**values | {"worst_sure": None if worst is None else Severity(worst)})


def _match(values: dict[str, Any]) -> Match:
    candidates = [
        Candidate(_of(one["code"], str), _of(one["name"], str), float(_of(one["score"], int, float)))
        for one in values["candidates"]
    ]
    rests_on = [(_of(place, str), _of(words, str)) for place, words in values["rests_on"]]
    match = Match(MatchState(values["state"]), tuple(candidates), tuple(rests_on), _of(values["reason"], str))
    if (match.state is MatchState.MATCHED) != (len(candidates) == 1 and not match.reason):
        raise ValueError("not a match")
    return match


def _of(value: Any, *types: type) -> Any:
    if type(value) not in types:
        raise ValueError(f"{type(value).__name__} is none of {types}")
    return value
