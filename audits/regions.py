"""Regions (行政区划) as paths, and what part of them somebody may see.

A region is written as the names of its parts, widest first, between slashes: ``/福建省/福州市/平潭县/``; ``/`` is everywhere.
So a region lies within another if its path begins with the other's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

EVERYWHERE = "/"


def path_of(parts: Iterable[str]) -> str:
    """The path of a region of these parts, widest first. Blanks and slashes in a part are left out, empty parts too."""
    plain = ("".join(part.replace("/", "").split()) for part in parts)
    return "".join(["/", *(f"{part}/" for part in plain if part)])


def parts_of(path: str) -> tuple[str, ...]:
    return tuple(part for part in path.split("/") if part)


def shown(path: str) -> str:
    """As people read it: 福建省福州市; 全部地区 for everywhere."""
    return "".join(parts_of(path)) or "全部地区"


def below(base: str, parts: Sequence[str]) -> str:
    """The region of an agency whose name tells ``parts``, in a batch handed in for ``base``. Always ``base`` or within it.

    A name tells less than the whole path (福州市教育局 is silent about its province), or more (福建省福州市教育局); where the
    two overlap they are laid over each other.
    """
    known = parts_of(base)
    for start in range(len(known)):
        overlap = min(len(known) - start, len(parts))
        if tuple(parts[:overlap]) == known[start : start + overlap]:
            return path_of((*known, *parts[overlap:])) if len(parts) > len(known) - start else base
    return path_of((*known, *parts))


@dataclass(frozen=True, slots=True)
class Scope:
    """The regions that somebody may see, with all that lies within them. No regions: nothing at all."""

    regions: tuple[str, ...]

    @property
    def is_everywhere(self) -> bool:
        return EVERYWHERE in self.regions

    def holds(self, region: str) -> bool:
        """Whether the region lies within one of these."""
        return any(region.startswith(allowed) for allowed in self.regions)


ALL = Scope((EVERYWHERE,))
NONE = Scope(())
