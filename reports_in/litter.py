"""Names of what computers leave beside people's files: nobody submits it, in a folder or in an archive."""

from __future__ import annotations

# Left by Windows, macOS, Office, WPS and browsers. Compared in lower case.
LITTER = frozenset({"thumbs.db", "desktop.ini", "ehthumbs.db", "__macosx", "$recycle.bin", "system volume information"})
LITTER_PREFIXES = (".", "~$", "~wrl", ".~")  # hidden files; lock and recovery files of Word and WPS
LITTER_SUFFIXES = (".tmp", ".temp", ".part", ".crdownload", ".lnk", ".swp", ".bak~", "~")


def is_litter(name: str) -> bool:
    """Whether a path, "/" between its parts, is of such a file or lies in such a folder."""
    return any(
        part.lower() in LITTER or part.startswith(LITTER_PREFIXES) or part.lower().endswith(LITTER_SUFFIXES)
        for part in name.split("/")
    )
