"""Errors of auditing.

AuditError           the base
├── StoreError       the store cannot be read or written, or does not know what was asked for
├── OutputError      the folder for the outputs cannot be written
└── RenderError      a form of output could not be written
    └── TemplateError    an office's own template cannot be filled
"""

from __future__ import annotations


class AuditError(Exception):
    """We could not do our work. ``str()`` is one Chinese line with what to do."""

    code = "AUDIT"


class StoreError(AuditError):
    code = "STORE"


class OutputError(AuditError):
    code = "OUTPUT"


class RenderError(AuditError):
    code = "RENDER"


class TemplateError(RenderError):
    code = "TEMPLATE"
