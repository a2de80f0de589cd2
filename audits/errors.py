"""Errors of auditing.

AuditError           the base
├── StoreError       the store cannot be read or written, or does not know what was asked for
├── OutputError      the folder for the outputs cannot be written
├── ScannerUnavailable  the office wants every file scanned for viruses, and its scanner does not answer
├── BackupError      a backup cannot be written, or cannot be put back
├── RosterError      the roster of agencies has faults
├── DecisionError    a decision on a finding cannot be taken
│   ├── NoSuchFinding    the report has no such finding, or is not audited
│   ├── ReasonMissing    only a confirmation goes without a reason
│   ├── NotWaivable      the rule cannot be waived
│   ├── WaiverEnded      the waiver would have ended before today
│   └── DecidedMeanwhile somebody else decided after the one who decides had looked
├── AssignmentError      a report cannot be said to be that agency's
│   ├── NoSuchAgency     the roster in force has none of that code, or it is out of the region of who asks
│   ├── NotYours         the report would come to lie out of the region of who asks
│   └── AssignedMeanwhile  somebody else said whose it is after the one who asks had looked
├── NothingToWrite   there is no such document of that report: no notice to an agency without problems
└── RenderError      a form of output could not be written
    └── TemplateError    an office's own template cannot be filled
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from audits.decision import Decision


class AuditError(Exception):
    """We could not do our work. ``str()`` is one Chinese line with what to do."""

    code = "AUDIT"


class StoreError(AuditError):
    code = "STORE"


class OutputError(AuditError):
    code = "OUTPUT"


class ScannerUnavailable(AuditError):
    """Nothing of what was handed in is recorded; handed in again, all of it will be."""

    code = "SCANNER_UNAVAILABLE"


class BackupError(AuditError):
    code = "BACKUP"


class RosterError(AuditError):
    """``faults`` is everything that is wrong in the file, each with its line and column."""

    code = "ROSTER"

    def __init__(self, name: str, faults: Sequence[str]) -> None:
        more = f"（另有{len(faults) - 1}处，可用 hecha agencies check 全部列出）" if len(faults) > 1 else ""
        super().__init__(f"{name}：{faults[0]}{more}")
        self.faults = tuple(faults)


class DecisionError(AuditError):
    code = "DECISION"


class NoSuchFinding(DecisionError):
    code = "NO_SUCH_FINDING"


class ReasonMissing(DecisionError):
    code = "REASON_MISSING"


class NotWaivable(DecisionError):
    code = "NOT_WAIVABLE"


class WaiverEnded(DecisionError):
    code = "WAIVER_ENDED"


class DecidedMeanwhile(DecisionError):
    """``held`` is what holds now, by finding, of those on which somebody else has decided; None: he has taken it back."""

    code = "DECIDED_MEANWHILE"

    def __init__(self, message: str, held: Mapping[str, Decision | None]) -> None:
        super().__init__(message)
        self.held = dict(held)


class AssignmentError(AuditError):
    code = "ASSIGNMENT"


class NoSuchAgency(AssignmentError):
    code = "NO_SUCH_AGENCY"


class NotYours(AssignmentError):
    code = "NOT_YOURS"


class AssignedMeanwhile(AssignmentError):
    code = "ASSIGNED_MEANWHILE"


class NothingToWrite(AuditError):
    code = "NOTHING_TO_WRITE"


class RenderError(AuditError):
    code = "RENDER"


class TemplateError(RenderError):
    code = "TEMPLATE"
