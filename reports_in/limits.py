"""Every limit of intake in one place. A file beyond one is refused with LimitExceeded, never cut in silence.

The figures are those of a generous real report times ten or more; the largest real report seen has 60 pages.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """bytes, characters, counts; seconds are of wall clock.

    page_tags       tags of a web page; each costs its parser some 100 bytes
    tag_attributes  attributes of one tag; the parser's time grows with their square (200,000 took 100 s)
    open_tags       inline tags never closed; the parser opens all of them again in every paragraph (4,000 took 2.9 GB)
    """

    file_bytes: int = 50 * 1024 * 1024
    text_chars: int = 3_000_000
    line_chars: int = 1_000_000
    blocks: int = 100_000
    cells: int = 200_000
    columns: int = 200
    nesting: int = 1_000
    nested_tables: int = 100
    page_tags: int = 1_000_000
    tag_attributes: int = 2_000
    open_tags: int = 500
    pages: int = 500
    image_pixels: int = 100_000_000
    part_bytes: int = 64 * 1024 * 1024  # of one XML part of an office file, unpacked; of all parts read, twice that
    archive_entries: int = 20_000
    archive_depth: int = 2
    archive_bytes: int = 4 * 1024 * 1024 * 1024
    archive_ratio: int = 100
    read_seconds: float = 60.0
    read_memory_bytes: int = 1024 * 1024 * 1024


LIMITS = Limits()
