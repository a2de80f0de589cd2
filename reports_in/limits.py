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
    archive_file_bytes  of an archive as submitted; archive_bytes, archive_entries: unpacked, of all archives inside it together
    archive_depth   archives inside archives: 2 opens one inside another; what is packed deeper is left closed and named
    archive_ratio   unpacked to packed, of an archive or an entry that unpacks to more than 50 MB
    archive_name_bytes  of an entry's path; a longer one is shown cut, with its number
    temporary_bytes one file that a reader may write; answer_bytes: what a jailed reader may hand back
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
    archive_file_bytes: int = 2 * 1024 * 1024 * 1024
    archive_entries: int = 20_000
    archive_depth: int = 2
    archive_bytes: int = 4 * 1024 * 1024 * 1024
    archive_ratio: int = 100
    archive_name_bytes: int = 1_000
    read_seconds: float = 60.0
    office_seconds: float = 45.0  # of LibreOffice for one file; within read_seconds
    ocr_seconds: float = 600.0  # of CPU for a report whose pages are pictures; a page takes 5 to 8
    ocr_memory_bytes: int = 2 * 1024 * 1024 * 1024  # of address space; 0.7 GB of it are used
    scan_pages: int = 60  # of a report of pictures
    read_memory_bytes: int = 1024 * 1024 * 1024
    temporary_bytes: int = 64 * 1024 * 1024
    answer_bytes: int = 100 * 1024 * 1024


LIMITS = Limits()
