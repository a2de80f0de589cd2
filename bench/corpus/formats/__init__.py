"""Writers: a page in, bytes out, with the cells that this way of printing destroys. One file per format."""

from __future__ import annotations

from dataclasses import dataclass

from bench.corpus.page import Spot


@dataclass(frozen=True, slots=True)
class Printed:
    """lost holds the cells whose content cannot be told any more from the bytes by anyone."""

    data: bytes
    name: str
    lost: frozenset[Spot] = frozenset()
