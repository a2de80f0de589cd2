"""Bytes in, Document out. The table of readers is here; a new format is one file in readers/ and one line below."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from reports_in.document import Document

Reader = Callable[[bytes, str], Document]

READERS: dict[str, Reader] = {}


def read(path: Path, name: str | None = None) -> Document:
    """The document in that file. ``name`` is what messages call it. Raises IntakeError."""
    return read_bytes(path.read_bytes(), name or path.name)


def read_bytes(data: bytes, name: str) -> Document:
    """The document in those bytes, its type found by content. Raises IntakeError."""
    raise NotImplementedError
