"""Errors of auditing.

AuditError           the base
├── StoreError       the store cannot be read or written
└── RenderError      a form of output could not be written
"""

from __future__ import annotations


class AuditError(Exception):
    """We could not do our work. ``str()`` is one Chinese line with what to do."""

    code = "AUDIT"


class StoreError(AuditError):
    code = "STORE"


class RenderError(AuditError):
    code = "RENDER"
