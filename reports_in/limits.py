"""Every limit of intake in one place. A file beyond one is refused with LimitExceeded, never cut in silence.

The figures are those of a generous real report times ten or more; the largest real report seen has 60 pages.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """bytes, characters, counts; seconds are of wall clock."""

    file_bytes: int = 50 * 1024 * 1024
    text_chars: int = 3_000_000
    line_chars: int = 1_000_000
    blocks: int = 100_000
    cells: int = 200_000
    columns: int = 200
    nesting: int = 1_000
    pages: int = 500
    image_pixels: int = 100_000_000
    archive_entries: int = 20_000
    archive_depth: int = 2
    archive_bytes: int = 4 * 1024 * 1024 * 1024
    archive_ratio: int = 100
    read_seconds: float = 60.0
    read_memory_bytes: int = 1024 * 1024 * 1024


LIMITS = Limits()
