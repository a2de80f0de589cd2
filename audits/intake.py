"""Which files of the paths we were given are reports to read, and which are the litter that computers leave in folders."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from reports_in import display_name

# Left by Windows, macOS, Office, WPS and browsers; nobody submits them. Compared in lower case.
LITTER = frozenset({"thumbs.db", "desktop.ini", "ehthumbs.db", "__macosx", "$recycle.bin", "system volume information"})
LITTER_PREFIXES = (".", "~$", "~wrl", ".~")  # hidden files; lock and recovery files of Word and WPS
LITTER_SUFFIXES = (".tmp", ".temp", ".part", ".crdownload", ".lnk", ".swp", ".bak~", "~")


@dataclass(frozen=True, slots=True)
class Submitted:
    """A file to audit. ``name`` is what messages and outputs call it: its path below the folder that was given."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Collected:
    """``files`` in a fixed order; ``skipped`` names the litter, links and special files that were left out."""

    files: tuple[Submitted, ...]
    skipped: tuple[str, ...]


def collect(paths: Iterable[Path]) -> Collected:
    """The files under those paths. A file named twice is taken once; a file given by itself is never taken for litter."""
    files: dict[Path, Submitted] = {}
    skipped: list[str] = []
    for given in paths:
        if given.is_dir():
            for path in _walk(given):
                name = _printable(path.relative_to(given))
                if _is_litter(Path(name)) or path.is_symlink() or not path.is_file():
                    skipped.append(name)
                else:
                    files.setdefault(path.resolve(), Submitted(path, name))
        else:
            files.setdefault(given.resolve(), Submitted(given, _printable(Path(given.name))))
    return Collected(tuple(files.values()), tuple(skipped))


def _walk(folder: Path) -> Iterator[Path]:
    """Every file below in a fixed order. Folders that are links come out as they are and are not entered."""
    for parent, folders, names in os.walk(folder):
        folders.sort()
        links = [name for name in folders if Path(parent, name).is_symlink()]
        for name in sorted([*names, *links]):
            yield Path(parent, name)


def _printable(path: Path) -> str:
    """The path as text that every database and terminal takes. Names in GBK, as old Windows tools leave them, are decoded."""
    raw = os.fsencode(path)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("gb18030", errors="replace")
    return display_name(text)


def _is_litter(name: Path) -> bool:
    return any(
        part.lower() in LITTER or part.startswith(LITTER_PREFIXES) or part.lower().endswith(LITTER_SUFFIXES)
        for part in name.parts
    )
