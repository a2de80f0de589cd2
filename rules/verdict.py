"""What a rule answers, once for every instance it was asked about."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from reports_in.document import Source

# Place, Evidence and Verdict are named tuples, not dataclasses: a report gets some 230 verdicts, and a frozen dataclass costs three
# times as much to make and ten times as much to look up by.
NO_FACTS: Mapping[str, object] = {}


class State(StrEnum):
    HOLDS = "holds"
    BROKEN = "broken"
    UNDETERMINED = "undetermined"  # 无法核验: never counts as passed, never accuses
    NOT_APPLICABLE = "not_applicable"


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


class Place(NamedTuple):
    """What a verdict is about, in the template's keys. All None means the report as a whole.

    topic tells apart what lies in one place: the text of a heading, the subject of a claim, one of the five aspects. It is made of
    what is printed, never of a line or row number, so that a finding keeps its id when lines move.
    """

    section: str | None = None
    table: str | None = None
    row: str | None = None
    column: str | None = None
    topic: str | None = None


class Evidence(NamedTuple):
    """Words of the report, as printed, and where they stand."""

    quote: str
    at: Source | None


class Verdict(NamedTuple):
    """One answer.

    facts     what the rule's message may name: {left}, {gap}, {printed} ...; plain strings and numbers.
    reason    why it could not be decided or does not apply, in Chinese; "" otherwise.
    doubt     why a broken verdict may be our misreading (人工核对), None if it is not.
    severity  set where this instance is milder or graver than the rule says.
    expected, actual  in words or figures, for the reader; "" where they make no sense.
    arithmetic        the calculation that does not come out, written out: "12+2 ≠ 13+2，差1"; "" where nothing was calculated.
    """

    state: State
    place: Place = Place()
    evidence: tuple[Evidence, ...] = ()
    facts: Mapping[str, object] = NO_FACTS
    reason: str = ""
    doubt: str | None = None
    severity: Severity | None = None
    expected: str = ""
    actual: str = ""
    arithmetic: str = ""
