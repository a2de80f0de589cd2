"""What the store gives its callers: frozen, and without a trace of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from audits.intake import Capture
from audits.matching import Match
from audits.outcome import Settled, Summary


class SubmissionState(StrEnum):
    RECEIVED = "received"
    AUDITING = "auditing"  # held by a token until the lease ends
    AUDITED = Settled.AUDITED
    UNREADABLE = Settled.UNREADABLE
    FAILED = Settled.FAILED
    CANCELLED = "cancelled"  # by a person, before it was settled

    @property
    def is_settled(self) -> bool:
        return self not in (SubmissionState.RECEIVED, SubmissionState.AUDITING)


class Queue(StrEnum):
    """Who works on it: scans take a thousand times as long as text and must not stand in its way."""

    AUDIT = "audit"
    OCR = "ocr"


@dataclass(frozen=True, slots=True)
class Submission:
    """One report of a batch on its way.

    sha256    of the file submitted, "" if it could not be opened at all.
    pack      folder of the rule pack, "" for our own.
    version   counts from 1 at one place of the batch; ``replaces`` is the id of the version before.
    previous  hash and name of the same agency's report of the year before, which it is audited beside; None without.
    capture   what a sweep saw of it where it is published, None if it was handed in.
    audit     key of what was recorded for it, None if nothing was.
    """

    id: str
    batch_id: str
    position: int
    version: int
    replaces: str | None
    owner: str
    name: str
    sha256: str
    year: int | None
    pack: str
    previous: tuple[str, str] | None
    capture: Capture | None
    queue: Queue
    state: SubmissionState
    attempt: int
    code: str
    reason: str
    audit: str | None


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to settle a submission, as long as nobody else has claimed it since."""

    submission: Submission
    token: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """An audit that is in the store. ``outputs`` holds the hash of each form's bytes, see ``Store.file``; match: see Outcome."""

    key: str
    pack: str
    engine: str
    summary: Summary | None
    outputs: Mapping[str, str]
    match: Match | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """A submission, and what was recorded for it, if anything."""

    submission: Submission
    audit: Recorded | None

    @property
    def summary(self) -> Summary | None:
        return self.audit.summary if self.audit else None

    @property
    def outputs(self) -> Mapping[str, str]:
        return self.audit.outputs if self.audit else {}


@dataclass(frozen=True, slots=True)
class BatchStatus:
    """counts has every state, zeros included, of the newest version of each report.

    received_at  seconds since 1970.
    is_done      all is settled, and what belongs to the whole batch was seen to.
    """

    id: str
    title: str
    owner: str
    pack: str
    received_at: float
    is_done: bool
    counts: Mapping[SubmissionState, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def settled(self) -> int:
        return sum(count for state, count in self.counts.items() if state.is_settled)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How a queue stands. oldest: seconds since the first of those that wait came; idle: since something was last taken up.

    Both None if there is nothing to say it of.
    """

    queue: Queue
    count: int
    oldest: float | None
    idle: float | None
