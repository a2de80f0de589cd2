"""Errors of sweeps.

SweepError (an AuditError)
├── ScheduleUnusable    its time, its source or its rule pack is wrong: said when it is made, before it is kept
├── SourceRefused       where it looks is not allowed here
└── SourceUnavailable   the whole source cannot be looked at now: the run fails and is tried again
"""

from __future__ import annotations

from audits.errors import AuditError


class SweepError(AuditError):
    """A sweep that cannot be made or run. ``str()`` says in Chinese what is wrong and what to do."""

    code = "SWEEP"


class ScheduleUnusable(SweepError):
    code = "SWEEP_SCHEDULE"


class SourceRefused(SweepError):
    code = "SWEEP_SOURCE_REFUSED"


class SourceUnavailable(SweepError):
    code = "SWEEP_SOURCE_UNAVAILABLE"
