"""Lay a Document out by the template: Document in, Filing out."""

from __future__ import annotations

from reports_in.document import Document
from rules.filing import Filing


def align(document: Document, year: int | None = None) -> Filing:
    """The filing that the document holds. ``year`` overrides what the document says of its year."""
    raise NotImplementedError
