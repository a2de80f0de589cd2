"""What a rule answers, once for every instance it was asked about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reports_in.document import Source


class State(StrEnum):
    HOLDS = "holds"
    BROKEN = "broken"
    UNDETERMINED = "undetermined"  # 无法核验: never counts as passed, never accuses
    NOT_APPLICABLE = "not_applicable"


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Place:
    """What a verdict is about, in the template's keys. All None means the report as a whole.

    topic tells apart what lies in one place: the text of a heading, the subject of a claim, one of the five aspects. It is made of
    what is printed, never of a line or row number, so that a finding keeps its id when lines move.
    """

    section: str | None = None
    table: str | None = None
    row: str | None = None
    column: str | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words of the report, as printed, and where they stand."""

    quote: str
    at: Source | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One answer.

    facts     what the rule's message may name: {left}, {gap}, {printed} ...; plain strings and numbers.
    reason    why it could not be decided or does not apply, in Chinese; "" otherwise.
    doubt     why a broken verdict may be our misreading (人工核对), None if it is not.
    severity  set where this instance is milder or graver than the rule says.
    expected, actual  in words or figures, for the reader; "" where they make no sense.
    """

    state: State
    place: Place = Place()
    evidence: tuple[Evidence, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    reason: str = ""
    doubt: str | None = None
    severity: Severity | None = None
    expected: str = ""
    actual: str = ""
