"""What a supervisor said of a finding (认定), as it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Decided(StrEnum):
    """What a supervisor said of a finding (认定)."""

    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    WAIVED = "waived"
    REOPENED = "reopened"  # took the one before back; in histories only: such a finding has no decision


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on a finding, by whom and when. It holds for the finding's id, through re-runs and resubmissions.

    message         SHA-256 of what the finding said then; said_otherwise: that it says something else now.
    expires         the last day of a waiver; None: no end. A waiver that has ended is no decision any more.
    submission_id   where it was taken; region, agency, year, rule: of the finding.
    decided_at      seconds since 1970.
    """

    id: str
    finding_id: str
    decided: Decided
    reason: str
    account_id: str
    author: str
    decided_at: float
    message: str
    expires: date | None = None
    submission_id: str = ""
    region: str = "/"
    agency: str = ""
    year: int | None = None
    rule: str = ""
    said_otherwise: bool = False

    def holds_on(self, day: date) -> bool:
        """On the last day of a waiver it still does."""
        return self.expires is None or day <= self.expires
